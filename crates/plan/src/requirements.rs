//! What an image requires of driver and GPU (`NVIDIA_REQUIRE_*`), and whether this machine has it.
//!
//! Every road judges alike: a requirement that the driver meets only by minor-version compatibility is met,
//! and said; one that hangs on a fact that nobody knows is met too. The administrator may have the letter of
//! it counted instead (`strict-requirements`), or nothing of it (`disable-require`), and a container may ask
//! not to be checked (`NVIDIA_DISABLE_REQUIRE`): it only risks its own CUDA errors.

use crate::granted::{Check, Plan, Warning};
use crate::identifiers::Selected;
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::request::{ContainerFacts, Request, shortened, shortened_to};
use liftgate_cuda::{Facts, Property, Reading, Verdict, judge, unsatisfied_condition};
use liftgate_driver::{Gpu, Host, PlatformKind};
use serde::Serialize;
use std::collections::BTreeMap;

const REQUIRE: &str = "NVIDIA_REQUIRE_";
/// For lists of a Jetson's files, which are no requirement.
const JETPACK: &str = "NVIDIA_REQUIRE_JETPACK";
const DISABLE: &str = "NVIDIA_DISABLE_REQUIRE";
/// More than any image has.
const MOST: usize = 64;

/// Something that is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Requirement {
    /// The variable, or option, that requires it.
    pub by: String,
    /// The expression.
    pub expression: String,
}

impl ContainerFacts {
    /// Whether the environment has any requirement, checked or not.
    pub fn has_requirements(&self) -> bool {
        self.environment
            .iter()
            .any(|(name, _)| is_requirement(name))
    }
}

fn is_requirement(name: &str) -> bool {
    name.starts_with(REQUIRE) && !name.starts_with(JETPACK)
}

/// What a container requires. All of it has to hold.
pub(crate) fn of_container(
    container: &ContainerFacts,
    policy: &Policy,
    is_legacy_image: bool,
) -> Result<Vec<Requirement>, Refusal> {
    if policy.ignore_requirements || container.variable(DISABLE).is_some_and(is_true) {
        return Ok(Vec::new());
    }
    let mut required: BTreeMap<&str, String> = container
        .environment
        .iter()
        .filter(|(name, _)| is_requirement(name))
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    if is_legacy_image && let Some(version) = container.variable("CUDA_VERSION") {
        // Whole versions are in it, and drivers know none but major and minor.
        let mut parts = version.split('.');
        if let (Some(major), Some(minor)) = (parts.next(), parts.next()) {
            required.insert("CUDA_VERSION", format!("cuda>={major}.{minor}"));
        }
    }
    if required.len() > MOST {
        return Err(Refusal::new(
            Code::RequirementMalformed,
            format!("the container has {} requirements", required.len()),
            format!("it may have {MOST}; {DISABLE}=1 has none of them checked"),
        )
        .about("too many requirements"));
    }
    Ok(required
        .into_iter()
        .filter(|(_, expression)| !expression.is_empty())
        .map(|(by, expression)| Requirement {
            by: by.to_owned(),
            expression,
        })
        .collect())
}

/// As the reference reads its switch.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// Whether the requirements hang on what only NVML knows, and NVML was not asked.
pub fn needs_nvml(request: &Request, host: &Host, policy: &Policy) -> bool {
    host.nvml.is_none()
        && host.kernel_module.is_some()
        && request.requirements.iter().any(|requirement| {
            matches!(
                judge(&requirement.expression, &facts(host, None), reading(policy)),
                Ok(Verdict::Undecided { .. })
            )
        })
}

/// Holds what a container requires against a driver, where nothing else is known: in the hook of a specification,
/// which any engine may have injected. Returns what the user should know.
pub fn check_driver(
    container: &ContainerFacts,
    policy: &Policy,
    driver: &str,
) -> Result<Vec<String>, Refusal> {
    let facts = Facts {
        driver: Some(driver),
        ..Facts::default()
    };
    let mut plan = Plan::default();
    for requirement in of_container(container, policy, false)? {
        hold(&mut plan, &requirement, &facts, None, policy)?;
    }
    Ok(plan
        .warnings
        .into_iter()
        .map(|warning| warning.sentence)
        .collect())
}

/// Holds the requirements against the machine and each of the GPUs.
pub(crate) fn check(
    plan: &mut Plan,
    request: &Request,
    host: &Host,
    policy: &Policy,
    selected: &[Selected],
) -> Result<(), Refusal> {
    let mut gpus: Vec<Option<&Gpu>> = Vec::new();
    for selected in selected {
        let gpu = Some(&host.gpus[selected.position]);
        // Two MIG devices of one GPU.
        if !gpus.contains(&gpu) {
            gpus.push(gpu);
        }
    }
    if gpus.is_empty() {
        gpus.push(None);
    }
    for requirement in &request.requirements {
        let mut outcome = "met".to_owned();
        for gpu in &gpus {
            if let Some(other) = hold(plan, requirement, &facts(host, *gpu), *gpu, policy)? {
                outcome = other;
            }
        }
        plan.checks.push(Check {
            subject: format!("requirement {}", shortened(&requirement.by)),
            outcome: format!("{outcome}: {}", shortened(&requirement.expression)),
        });
    }
    Ok(())
}

/// Holds one requirement against one machine. Returns how it came out, if it is not just met.
fn hold(
    plan: &mut Plan,
    requirement: &Requirement,
    facts: &Facts<'_>,
    gpu: Option<&Gpu>,
    policy: &Policy,
) -> Result<Option<String>, Refusal> {
    match judge(&requirement.expression, facts, reading(policy)) {
        Ok(Verdict::Met) => Ok(None),
        Ok(Verdict::MetByMinorVersion { asked, driver_cuda }) => {
            by_minor_version(plan, requirement, &asked, driver_cuda);
            Ok(Some(format!(
                "{asked} is met by minor-version compatibility"
            )))
        }
        Ok(Verdict::Undecided { missing }) => {
            let missing: Vec<&str> = missing.iter().map(Property::name).collect();
            let missing = missing.join(" and ");
            Ok(Some(format!("taken for met, {missing} not being known")))
        }
        Ok(Verdict::Unmet { first }) => Err(unmet(requirement, &first, facts, gpu)),
        Err(invalid) => Err(Refusal::new(
            Code::RequirementMalformed,
            format!("a requirement of the container cannot be understood: {invalid}"),
            format!(
                "mend {}, or set {DISABLE}=1 to have none checked",
                shortened(&requirement.by)
            ),
        )
        .because(written(requirement))
        .about("invalid expression")),
    }
}

fn by_minor_version(plan: &mut Plan, by: &Requirement, asked: &str, driver: (u32, u32)) {
    let sentence = format!(
        "{} asks for {asked} and the driver has CUDA {}.{}: programs run by minor-version compatibility, but for code that is compiled when it runs (PTX, error 222) and newer features (error 36)",
        shortened(&by.by),
        driver.0,
        driver.1
    );
    if plan.warnings.iter().all(|known| known.sentence != sentence) {
        plan.warnings.push(Warning {
            code: "minor-version-compatibility",
            sentence,
        });
    }
}

fn reading(policy: &Policy) -> Reading {
    if policy.strict_requirements {
        Reading::Strict
    } else {
        Reading::MinorVersion
    }
}

fn facts<'a>(host: &'a Host, gpu: Option<&Gpu>) -> Facts<'a> {
    let nvml = host.nvml.as_ref();
    let of_gpu = gpu.and_then(|gpu| nvml?.of(gpu.bus));
    let tegra = host.tegra.as_ref().and_then(|gpu| {
        let (major, minor) = gpu.cuda.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    });
    // Elsewhere it is the version of another software.
    let is_nvidia = host.platform.kind() == PlatformKind::Nvidia;
    Facts {
        driver: host
            .kernel_module
            .as_ref()
            .filter(|_| is_nvidia)
            .map(|module| module.version.as_str()),
        cuda: nvml.and_then(|nvml| nvml.cuda).or(tegra),
        architecture: of_gpu.map(|gpu| gpu.architecture),
        brand: of_gpu.map(|gpu| gpu.brand.as_str()),
    }
}

fn unmet(by: &Requirement, first: &str, facts: &Facts<'_>, gpu: Option<&Gpu>) -> Refusal {
    let mut machine = Vec::new();
    if let Some(driver) = facts.driver {
        machine.push(format!("driver {driver}"));
    }
    let cuda = facts
        .cuda
        .or_else(|| facts.driver.and_then(liftgate_cuda::cuda_of_driver));
    if let Some((major, minor)) = cuda {
        machine.push(format!("CUDA {major}.{minor}"));
    }
    if let Some(gpu) = gpu {
        machine.push(format!("GPU {} ({})", gpu.index, gpu.model));
    }
    if let Some(brand) = facts.brand {
        machine.push(format!("brand {brand}"));
    }
    if let Some((major, minor)) = facts.architecture {
        machine.push(format!("compute capability {major}.{minor}"));
    }
    Refusal::new(
        Code::RequirementNotMet,
        format!("the image requires `{first}`, and this machine does not have it"),
        format!(
            "update the driver, or use an image made for an older one; {DISABLE}=1 starts the container all the same"
        ),
    )
    .because(written(by))
    .because(format!("this machine has {}", machine.join(", ")))
    .about(unsatisfied_condition(first))
}

fn written(requirement: &Requirement) -> String {
    shortened_to(
        &format!("{}={}", requirement.by, requirement.expression),
        300,
    )
}
