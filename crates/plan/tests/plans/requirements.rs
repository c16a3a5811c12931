//! What images require, from the environment to the plan.

use crate::machine::Copy;
use liftgate_driver::{GpuKind, Host, NvmlAnswer};
use liftgate_plan::{
    Asked, Code, ContainerFacts, Plan, Policy, Refusal, Request, check_driver, needs_nvml, plan,
};

fn facts(environment: &[(&str, &str)]) -> ContainerFacts {
    ContainerFacts {
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..ContainerFacts::default()
    }
}

fn request(environment: &[(&str, &str)], policy: &Policy) -> Request {
    match Asked::by(&facts(environment), policy).expect("a request") {
        Asked::For(request) => request,
        Asked::Nothing { reason, .. } => panic!("{reason}"),
    }
}

fn planned(host: &Host, value: &str, policy: &Policy) -> Result<Plan, Refusal> {
    let environment = [
        ("NVIDIA_VISIBLE_DEVICES", "all"),
        ("NVIDIA_REQUIRE_CUDA", value),
    ];
    plan(&request(&environment, policy), host, policy)
}

fn code(answer: Result<Plan, Refusal>) -> Result<Vec<&'static str>, Code> {
    answer
        .map(|plan| plan.warnings.iter().map(|warning| warning.code).collect())
        .map_err(|refusal| refusal.code)
}

fn with_nvml(mut host: Host, brand: &str, architecture: (u32, u32)) -> Host {
    host.nvml = Some(NvmlAnswer {
        cuda: Some((12, 4)),
        gpus: host
            .gpus
            .iter()
            .map(|gpu| GpuKind {
                bus: gpu.bus,
                brand: brand.to_owned(),
                architecture,
            })
            .collect(),
        unknown: None,
    });
    host
}

const MINOR: &str = "minor-version-compatibility";

#[test]
fn met_by_minor_version_and_not_met() {
    let host = Copy::of("h200-580").host();
    let usual = Policy::default();
    let strict = Policy {
        strict_requirements: true,
        ..Policy::default()
    };
    for (value, plain, letter) in [
        ("", Ok(vec![]), Ok(vec![])),
        ("cuda>=12.4", Ok(vec![]), Ok(vec![])),
        ("cuda>=13.0", Ok(vec![]), Ok(vec![])),
        ("cuda>=13.9", Ok(vec![MINOR]), Err(Code::RequirementNotMet)),
        (
            "cuda>=14.0",
            Err(Code::RequirementNotMet),
            Err(Code::RequirementNotMet),
        ),
        ("cuda>=14.0 driver>=580", Ok(vec![]), Ok(vec![])),
        (
            "cuda>=13.0,driver<580",
            Err(Code::RequirementNotMet),
            Err(Code::RequirementNotMet),
        ),
        (
            "cuda",
            Err(Code::RequirementMalformed),
            Err(Code::RequirementMalformed),
        ),
    ] {
        assert_eq!(code(planned(&host, value, &usual)), plain, "{value}");
        assert_eq!(code(planned(&host, value, &strict)), letter, "{value}");
    }
}

#[test]
fn brand_and_architecture_hang_on_nvml() {
    let host = Copy::of("ubuntu-550").host();
    let policy = Policy::default();
    let asked = |value: &str| {
        let environment = [("NVIDIA_VISIBLE_DEVICES", "0"), ("NVIDIA_REQUIRE_X", value)];
        request(&environment, &policy)
    };
    for value in [
        "brand=tesla",
        "arch>=9.0",
        "cuda>=13.0 brand=tesla,driver>=550",
    ] {
        let request = asked(value);
        assert!(needs_nvml(&request, &host, &policy), "{value}");
        // Nobody knows: not a reason to refuse.
        assert!(plan(&request, &host, &policy).is_ok(), "{value}");
        let known = with_nvml(host.clone(), "Tesla", (9, 0));
        assert!(!needs_nvml(&request, &known, &policy), "{value}");
        assert!(plan(&request, &known, &policy).is_ok(), "{value}");
        let other = with_nvml(host.clone(), "GeForce", (8, 6));
        let refusal = plan(&request, &other, &policy).unwrap_err();
        assert_eq!(refusal.code, Code::RequirementNotMet, "{value}");
    }
    for value in [
        "cuda>=12.0 brand=tesla",
        "driver>=550",
        "cuda>=99,brand=tesla",
    ] {
        assert!(!needs_nvml(&asked(value), &host, &policy), "{value}");
    }
}

#[test]
fn where_requirements_come_from() {
    let policy = Policy::default();
    let expressions = |environment: &[(&str, &str)], policy: &Policy| {
        let mut all = vec![("NVIDIA_VISIBLE_DEVICES", "all")];
        all.extend(environment);
        request(&all, policy)
            .requirements
            .into_iter()
            .map(|requirement| format!("{}: {}", requirement.by, requirement.expression))
            .collect::<Vec<_>>()
    };
    let two = [
        ("NVIDIA_REQUIRE_Z", "brand=z"),
        ("NVIDIA_REQUIRE_CUDA", "cuda>=1"),
        ("NVIDIA_REQUIRE_CUDA", "cuda>=2"),
        ("NVIDIA_REQUIRE_EMPTY", ""),
        ("NVIDIA_REQUIRE_JETPACK", "csv-mounts=all"),
        ("NVIDIA_REQUIRE_JETPACK_HOST_MOUNTS", "base-only"),
        ("CUDA_VERSION", "9.0.176"),
    ];
    let both = ["NVIDIA_REQUIRE_CUDA: cuda>=2", "NVIDIA_REQUIRE_Z: brand=z"];
    assert_eq!(expressions(&two, &policy), both);
    for (value, is_off) in [("1", true), ("true", true), ("yes", false), ("", false)] {
        let mut all = two.to_vec();
        all.push(("NVIDIA_DISABLE_REQUIRE", value));
        let expected: &[&str] = if is_off { &[] } else { &both };
        assert_eq!(expressions(&all, &policy), expected, "{value}");
    }
    let off = Policy {
        ignore_requirements: true,
        ..Policy::default()
    };
    assert_eq!(expressions(&two, &off), Vec::<String>::new());
    // An image of the first generation says its CUDA version, and means to require it.
    let legacy = request(&[("CUDA_VERSION", "9.0.176")], &policy);
    assert_eq!(legacy.requirements[0].expression, "cuda>=9.0");
    let many: Vec<(String, String)> = (0..65)
        .map(|number| (format!("NVIDIA_REQUIRE_{number}"), "cuda>=1".to_owned()))
        .chain([("NVIDIA_VISIBLE_DEVICES".to_owned(), "all".to_owned())])
        .collect();
    let container = ContainerFacts {
        environment: many,
        ..ContainerFacts::default()
    };
    let refusal = Asked::by(&container, &policy).unwrap_err();
    assert_eq!(refusal.code, Code::RequirementMalformed);
}

#[test]
fn the_references_words_are_kept() {
    let host = Copy::of("ubuntu-550").host();
    let refusal = planned(&host, "cuda>=13.1 brand=x,driver<1", &Policy::default()).unwrap_err();
    assert_eq!(
        refusal.subject.as_deref(),
        Some(
            "unsatisfied condition: cuda>=13.1, please update your driver to a newer version, or use an earlier cuda container"
        )
    );
    insta::assert_snapshot!(refusal, @r"
    error[requirement-not-met]: the image requires `cuda>=13.1`, and this machine does not have it
      because: NVIDIA_REQUIRE_CUDA=cuda>=13.1 brand=x,driver<1
      because: this machine has driver 550.54.15, CUDA 12.4, GPU 0 (NVIDIA A10)
      hint: update the driver, or use an image made for an older one; NVIDIA_DISABLE_REQUIRE=1 starts the container all the same
    ");
}

#[test]
fn a_driver_alone_is_judged_as_a_machine_is() {
    let policy = Policy::default();
    let check = |value: &str| {
        check_driver(
            &facts(&[("NVIDIA_REQUIRE_CUDA", value)]),
            &policy,
            "550.54.15",
        )
        .map(|notes| notes.len())
        .map_err(|refusal| refusal.code)
    };
    assert_eq!(check("cuda>=12.4"), Ok(0));
    assert_eq!(check("cuda>=12.9"), Ok(1));
    assert_eq!(check("brand=tesla"), Ok(0));
    assert_eq!(check("cuda>=13.0"), Err(Code::RequirementNotMet));
    assert_eq!(check("cuda>=13.0 brand=tesla"), Ok(0));
    assert_eq!(check("x>=13.0"), Err(Code::RequirementMalformed));
}

/// Newer CUDA libraries of the image are for GPUs that are meant for them.
#[test]
fn newer_cuda_is_not_for_every_gpu() {
    let outcome = |machine: &str| {
        let host = Copy::of(machine).host();
        let plan = planned(&host, "", &Policy::default()).expect("a plan");
        let check = plan
            .checks
            .iter()
            .find(|check| check.subject == "newer CUDA in the image");
        let outcome = check.expect("a decision").outcome.clone();
        (outcome, plan.setup.cuda_compat.unsupported_minors)
    };
    let (of_geforce, minors) = outcome("fedora-570");
    assert!(of_geforce.starts_with("not used: "), "{of_geforce}");
    assert_eq!(minors, [0, 1]);
    let (of_server, minors) = outcome("ubuntu-550");
    assert!(of_server.starts_with("used if "), "{of_server}");
    assert_eq!(minors, Vec::<u32>::new());
}
