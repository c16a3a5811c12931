//! Specifications to be read by people, and what must hold of every one.

use crate::given_by_id;
use crate::machine::{Copy, skip};
use liftgate_cdi::Specification;
use liftgate_driver::{Extra, Host, MigName, NvmlFacts, Record, TegraGpu};
use liftgate_plan::{
    Code, ContainerSetup, Content, HookPart, HookStyle, Hooks, NameStrategy, Refusal,
    SpecificationOptions, specify, usual_capabilities,
};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

fn options() -> SpecificationOptions {
    SpecificationOptions {
        vendor: "nvidia.com".to_owned(),
        class: "gpu".to_owned(),
        names: vec![NameStrategy::Index, NameStrategy::Uuid],
        has_all: true,
        capabilities: usual_capabilities(),
        has_sockets: true,
        additional_groups: true,
        hooks: Hooks {
            program: PathBuf::from("/usr/bin/nvidia-cdi-hook"),
            style: HookStyle::One,
            disabled: Vec::new(),
            ldconfig: None,
            compat_root: None,
        },
    }
}

fn every() -> Content {
    Content::Gpus(vec!["all".to_owned()])
}

fn of(host: &Host, content: &Content) -> Result<Specification, Refusal> {
    specify(host, content, &options(), &[])
}

/// A host whose MIG devices have their names.
pub(crate) fn named(copy: &Copy) -> Host {
    let gpus = copy.machine.gpus().iter();
    let mig: Vec<MigName> = gpus
        .flat_map(|gpu| {
            gpu.mig.iter().map(|mig| MigName {
                bus: gpu.bus.parse().expect("an address"),
                gpu_instance: mig.gpu_instance,
                compute_instance: mig.compute_instance,
                index: u32::try_from(mig.index).expect("few"),
                uuid: mig.uuid.clone(),
                profile: Some(mig.profile.clone()),
                has_graphics: mig.profile.contains("+gfx"),
            })
        })
        .collect();
    let facts = NvmlFacts {
        mig,
        tegra: (copy.machine.name() == "orin-csv").then(|| TegraGpu {
            cuda: "12.6".to_owned(),
            is_orin: true,
        }),
        ..NvmlFacts::default()
    };
    Record::make(&copy.places(), &|_| Ok(facts.clone()))
        .expect("a record")
        .1
}

fn device_names(specification: &Specification) -> Vec<&str> {
    let devices = specification.devices.iter();
    devices.map(|device| device.name.as_str()).collect()
}

fn nodes<'a>(specification: &'a Specification, device: &str) -> Vec<&'a str> {
    let mut devices = specification.devices.iter();
    let device = devices
        .find(|known| known.name == device)
        .expect("a device");
    let nodes = device.edits.device_nodes.iter();
    nodes.map(|node| node.path.as_str()).collect()
}

#[test]
fn of_the_h200_machine() {
    let copy = Copy::of("h200-580");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let specification = of(&copy.host(), &every()).unwrap();
    insta::assert_snapshot!(copy.normalised(&specification.to_yaml()));
}

#[test]
fn of_the_ubuntu_machine_with_the_hooks_of_the_reference() {
    let copy = Copy::of("ubuntu-550");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let mut options = options();
    options.names = vec![NameStrategy::TypeIndex];
    options.hooks.style = HookStyle::Separate;
    options.hooks.program = PathBuf::from("/usr/bin/nvidia-ctk");
    options.hooks.ldconfig = Some(PathBuf::from("/sbin/ldconfig"));
    let specification = specify(&copy.host(), &every(), &options, &[]).unwrap();
    insta::assert_snapshot!(copy.normalised(&specification.to_yaml()));
}

/// A specification gives what the plan gives, device by device.
#[test]
fn a_device_is_the_plan_of_it() {
    for name in [
        "ubuntu-550",
        "h200-580",
        "dgx-h100-8",
        "a100-mig",
        "fedora-570",
        "debian-550",
    ] {
        let copy = Copy::of(name);
        let host = named(&copy);
        let specification = of(&host, &every()).unwrap();
        let common = &specification.edits;
        for device in &specification.devices {
            let plan = given_by_id(
                &host,
                &device.name,
                "compute,display,graphics,ngx,utility,video",
            )
            .unwrap();
            let mut planned: Vec<String> = plan
                .nodes
                .iter()
                .map(|node| node.path.to_string_lossy().into_owned())
                .collect();
            let written = common.device_nodes.iter().chain(&device.edits.device_nodes);
            let mut written: Vec<String> = written.map(|node| node.path.clone()).collect();
            planned.sort();
            written.sort();
            assert_eq!(written, planned, "{name} {}", device.name);
            let mounts: Vec<_> = plan
                .mounts
                .iter()
                .map(|mount| mount.container_path.to_string_lossy().into_owned())
                .collect();
            let of_specification: Vec<_> = common
                .mounts
                .iter()
                .map(|mount| mount.container_path.clone())
                .collect();
            assert_eq!(of_specification, mounts, "{name} {}", device.name);
            assert!(
                common.hooks[0].args.ends_with(&plan.setup.to_arguments()),
                "{name} {}",
                device.name
            );
        }
    }
}

#[test]
fn mig_devices_have_three_nodes_each() {
    let copy = Copy::of("a100-mig");
    let specification = of(&named(&copy), &every()).unwrap();
    assert_eq!(specification.version, "0.5.0");
    assert_eq!(
        device_names(&specification),
        [
            "0:0",
            "0:1",
            "0:2",
            "0:3",
            "0:4",
            "1",
            "GPU-3b5f8d2e-91c4-4a76-be03-6f7a2d9c5e18",
            "MIG-0d7a4f82-6c39-5e17-a2b8-94f03c6d0004",
            "MIG-5b53b6d1-3a1d-5b4c-9f6e-7d2c1b8a0003",
            "MIG-7e91c5a3-f208-5d64-b1c7-2a8e5d4f0005",
            "MIG-a28ad590-3fda-56dd-84fc-0a0b96ed0002",
            "MIG-c7384736-a75d-5afc-978f-d2f129440001",
            "all",
        ]
    );
    let mig = &copy.machine.gpus()[0].mig[1];
    let (gpu_instance, compute_instance) = (
        format!("/dev/nvidia-caps/nvidia-cap{}", mig.gpu_instance_node),
        format!("/dev/nvidia-caps/nvidia-cap{}", mig.compute_instance_node),
    );
    assert_eq!(
        nodes(&specification, "0:1"),
        ["/dev/nvidia1", &*gpu_instance, &*compute_instance]
    );
    let unnamed = of(&copy.host(), &every()).unwrap_err();
    assert_eq!(unnamed.code, Code::DeviceUnknown);
    assert!(unnamed.hint.contains("NVML"));
}

/// What changes its major with every load of its module is written without one.
#[test]
fn only_fixed_majors_are_written() {
    for name in ["ubuntu-550", "a100-mig"] {
        let copy = Copy::of(name);
        if !copy.has_nodes {
            return skip("device nodes, which take root");
        }
        let specification = of(&named(&copy), &every()).unwrap();
        let devices = specification.devices.iter().map(|device| &device.edits);
        for node in devices
            .chain([&specification.edits])
            .flat_map(|edits| &edits.device_nodes)
        {
            let is_fixed = !node.path.contains("uvm") && !node.path.contains("caps");
            assert_eq!(node.major.is_some(), is_fixed, "{}", node.path);
            assert_eq!(node.kind.is_some(), is_fixed, "{}", node.path);
        }
    }
}

#[test]
fn parts_of_the_hook_are_left_out_by_name() {
    let copy = Copy::of("h200-580");
    let host = copy.host();
    let with = |disabled: &[HookPart], style| {
        let mut options = options();
        options.hooks.disabled = disabled.to_vec();
        options.hooks.style = style;
        specify(&host, &every(), &options, &[]).unwrap().edits.hooks
    };
    let one = |disabled: &[HookPart]| with(disabled, HookStyle::One);
    let has = |hooks: &[liftgate_cdi::Hook], option: &str| {
        hooks
            .iter()
            .any(|hook| hook.args.iter().any(|argument| argument == option))
    };
    let whole = one(&[]);
    assert_eq!(whole.len(), 1);
    assert!(has(&whole, "--link") && has(&whole, "--library") && has(&whole, "--cover-params"));
    let less = one(&[
        HookPart::CreateSymlinks,
        HookPart::DisableDeviceNodeModification,
    ]);
    assert!(has(&less, "--library") && !has(&less, "--cover-params"));
    assert!(!has(&one(&[HookPart::UpdateLdcache]), "--library"));
    assert!(!has(
        &one(&[HookPart::CreateSymlinks, HookPart::UpdateLdcache]),
        "--link"
    ));
    assert_eq!(one(&HookPart::ALL), []);
    assert_eq!(with(&[HookPart::Chmod], HookStyle::Separate).len(), 5);
    assert_eq!(with(&HookPart::ALL, HookStyle::Separate), []);
}

/// Who wants no links still wants to find `libcuda.so.1`: what the cache names is there.
#[test]
fn without_links_the_cache_names_nothing_that_is_not_there() {
    for name in ["h200-580", "nixos", "orin-csv"] {
        let copy = Copy::of(name);
        let mut options = options();
        options.hooks.disabled = vec![HookPart::CreateSymlinks];
        let edits = specify(&copy.host(), &every(), &options, &[])
            .unwrap()
            .edits;
        let arguments = edits.hooks[0].args.iter().skip(2).map(OsStr::new);
        let setup = ContainerSetup::from_arguments(arguments).unwrap();
        let links: Vec<_> = setup.links.iter().map(|link| &*link.path).collect();
        let files: Vec<_> = edits
            .mounts
            .iter()
            .map(|mount| Path::new(&mount.container_path))
            .collect();
        for entry in &setup.loader_entries {
            assert!(
                links.contains(&&*entry.path) || files.contains(&&*entry.path),
                "{name}: {entry:?}"
            );
        }
        let is_there = |link: &str| links.iter().any(|path| path.ends_with(link));
        assert!(is_there("libcuda.so.1"), "{name}: {links:?}");
        assert!(!is_there("libcuda.so"), "{name}: {links:?}");
        assert!(!is_there("nvidia-smi"), "{name}: {links:?}");
    }
}

#[test]
fn a_gpu_that_does_not_answer_makes_no_smaller_specification() {
    let copy = Copy::of("dgx-h100-8");
    std::fs::write(
        copy.proc(&format!(
            "driver/nvidia/gpus/{}/information",
            copy.machine.gpus()[2].bus
        )),
        "",
    )
    .unwrap();
    let host = copy.host();
    assert_eq!(of(&host, &every()).unwrap_err().code, Code::GpuNotReadable);
    let some = Content::Gpus(vec!["0".to_owned(), "1".to_owned()]);
    assert_eq!(
        device_names(&of(&host, &some).unwrap()).len(),
        5,
        "two, by two names, and all"
    );
}

#[test]
fn names_that_would_break_every_engine_are_refused() {
    let copy = Copy::of("h200-580");
    for (vendor, class) in [
        ("a", "gpu"),
        ("nvidia.com", "g"),
        ("", ""),
        ("a b", "gpu"),
        ("nvidia.com-", "gpu"),
    ] {
        let mut options = options();
        (options.vendor, options.class) = (vendor.to_owned(), class.to_owned());
        let refusal = specify(&copy.host(), &every(), &options, &[]).unwrap_err();
        assert_eq!(
            refusal.code,
            Code::SpecificationMalformed,
            "{vendor}/{class}"
        );
    }
}

#[test]
fn nothing_of_a_kind_is_no_specification() {
    let copy = Copy::of("h200-580");
    let mut host = copy.host();
    host.read_extras(&copy.places(), &Extra::ALL, true);
    let refused = |content: Content| of(&host, &content).unwrap_err().code;
    for extra in Extra::ALL {
        assert_eq!(refused(Content::Extra(extra)), Code::NothingToSpecify);
    }
    let channels =
        |ids: &[&str]| Content::ImexChannels(ids.iter().map(|id| (*id).to_owned()).collect());
    assert_eq!(refused(channels(&["all"])), Code::NothingToSpecify);
    assert_eq!(refused(channels(&["3"])), Code::ImexChannelUnknown);
    assert_eq!(
        refused(channels(&["channelall"])),
        Code::ImexChannelMalformed
    );
    assert_eq!(refused(Content::Management), Code::NothingToSpecify);
}

#[test]
fn none_is_a_device_of_its_own() {
    let copy = Copy::of("h200-580");
    let none = of(&copy.host(), &Content::Gpus(vec!["none".to_owned()])).unwrap();
    assert_eq!(device_names(&none), ["none"]);
    assert_eq!(none.devices[0].edits.env, ["NVCT_EMPTY_DEVICE="]);
    assert_eq!(none.version, "0.3.0", "of what it holds, nothing is newer");
}

/// Under WSL there is one device; its files are where Windows has put them.
#[test]
fn of_wsl() {
    let copy = Copy::of("wsl2");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let specification = of(&copy.host(), &every()).unwrap();
    assert_eq!(device_names(&specification), ["all"]);
    insta::assert_snapshot!(copy.normalised(&specification.to_yaml()));
}

/// On a Jetson, what its lists name.
#[test]
fn of_a_jetson() {
    let copy = Copy::of("orin-csv");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let specification = of(&named(&copy), &every()).unwrap();
    assert_eq!(device_names(&specification), ["0", "all"]);
    insta::assert_snapshot!(copy.normalised(&specification.to_yaml()));
    let mut by_uuid = options();
    by_uuid.names = vec![NameStrategy::Uuid];
    let refusal = specify(&copy.host(), &every(), &by_uuid, &[]).unwrap_err();
    assert_eq!(refusal.code, Code::SpecificationMalformed);
}

/// Links to a GPU's nodes are the GPU's: each device has a hook for its own, and the device that is all of them
/// one for all.
#[test]
fn links_to_the_nodes_of_a_device_are_made_by_its_hook() {
    let copy = Copy::of("ubuntu-550");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let directory = copy.dev("dri/by-path");
    std::fs::create_dir_all(&directory).unwrap();
    let gpus: Vec<_> = copy.machine.gpus().iter().take(2).collect();
    for gpu in &gpus {
        let link = directory.join(format!("pci-{}-card", gpu.bus));
        std::os::unix::fs::symlink(format!("../{}", gpu.drm[0]), link).unwrap();
    }
    let link = |at: usize| {
        let bus = &gpus[at].bus;
        format!("../{}::/dev/dri/by-path/pci-{bus}-card", gpus[at].drm[0])
    };
    let arguments = |style: HookStyle, disabled: &[HookPart], name: &str| -> Vec<Vec<String>> {
        let mut options = options();
        options.hooks.style = style;
        options.hooks.disabled = disabled.to_vec();
        let made = specify(&copy.host(), &every(), &options, &[]).unwrap();
        let device = made.devices.iter().find(|device| device.name == name);
        let hooks = &device.expect("the device").edits.hooks;
        hooks.iter().map(|hook| hook.args[1..].to_vec()).collect()
    };
    assert_eq!(
        arguments(HookStyle::One, &[], "0"),
        [["container-setup".to_owned(), "--link".to_owned(), link(0)]]
    );
    assert_eq!(
        arguments(HookStyle::Separate, &[], "1"),
        [["create-symlinks".to_owned(), "--link".to_owned(), link(1)]]
    );
    let all = arguments(HookStyle::One, &[], "all");
    assert_eq!(all.len(), 1);
    assert!(all[0].contains(&link(0)) && all[0].contains(&link(1)));
    assert!(arguments(HookStyle::One, &[], "2").is_empty());
    assert!(arguments(HookStyle::One, &[HookPart::CreateSymlinks], "0").is_empty());
    // Who is given no screen is given no links to what is not there.
    let mut plain = options();
    plain.capabilities = liftgate_driver::Capabilities::of(&[liftgate_driver::Capability::Compute]);
    let made = specify(&copy.host(), &every(), &plain, &[]).unwrap();
    assert!(
        made.devices
            .iter()
            .all(|device| device.edits.hooks.is_empty())
    );
}
