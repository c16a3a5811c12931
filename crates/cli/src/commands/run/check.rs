//! Image against driver, before the engine is called: what the runtime would refuse is refused here, in its words.

use super::gpus::Wish;
use super::query::Engine;
use super::road::{DRIVER_CAPABILITIES, VISIBLE_DEVICES, Wanted};
use crate::commands::explain::{Findings, decide_by};
use crate::commands::explanation::Outcome;
use crate::ui::Ui;
use liftgate_config::Mode;
use liftgate_plan::{Code, ContainerFacts, GrantedGpu, Plan, Policy, Refusal};
use serde_json::Value;
use std::ffi::OsStr;

/// What an image says that matters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Image {
    pub(super) environment: Vec<(String, String)>,
    pub(super) architecture: String,
}

impl Image {
    /// Reads an element of what `image inspect` prints.
    fn of_inspection(image: &Value) -> Self {
        let environment = image["Config"]["Env"].as_array().into_iter().flatten();
        let pairs = environment.filter_map(|entry| entry.as_str()?.split_once('='));
        Self {
            environment: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            architecture: image["Architecture"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Asks the engine for it; nothing is pulled.
    pub(super) fn find(engine: &Engine, name: &OsStr, ui: &mut Ui) -> Option<Self> {
        let reason = match engine.image(name) {
            Ok(Some(image)) => return Some(Self::of_inspection(&image)),
            Ok(None) => "it is not on this machine yet".to_owned(),
            Err(error) => error,
        };
        let name = liftgate_plan::shortened(&name.to_string_lossy());
        ui.note(format!(
            "note: the image `{name}` cannot be checked against the driver before it is started: {reason}"
        ));
        None
    }

    /// Programs of another architecture do not run.
    pub(super) fn mismatch(&self, engines: &str) -> Option<String> {
        let own = super::engine::architecture(&self.architecture);
        if own.is_empty() || engines.is_empty() || own == engines {
            return None;
        }
        Some(format!(
            "the image is for {} and the engine's machine is {engines}: without an emulator its programs end with `exec format error`; take the image for {engines}, if there is one (--platform linux/{engines} pulls it)",
            liftgate_plan::shortened(&own)
        ))
    }
}

/// What the container will say, as the runtime would read it: later entries count.
pub(super) fn container(
    image: &Image,
    options: Vec<(String, String)>,
    wish: &Wish,
    wanted: &Wanted,
    is_privileged: bool,
) -> ContainerFacts {
    let mut environment = image.environment.clone();
    environment.extend(options);
    environment.push((VISIBLE_DEVICES.to_owned(), wanted.list()));
    if !wish.capabilities.is_empty() {
        environment.push((DRIVER_CAPABILITIES.to_owned(), wish.capabilities.join(",")));
    }
    ContainerFacts {
        environment,
        is_privileged,
        ..ContainerFacts::default()
    }
}

/// A warning that says nothing of this container: it would be told at every start. `liftgate explain` tells it.
const OF_THE_MACHINE: &str = "driver-file-unrecognised";

/// A number of GPUs is asked for by their indices; that one of them is not there is not what somebody wrote.
pub(super) fn counted(refusal: Refusal, wanted: &Wanted) -> Refusal {
    match wanted {
        Wanted::Count(count) if refusal.code == Code::DeviceUnknown => Refusal {
            sentence: format!("this machine has fewer GPUs than the {count} that are asked for"),
            hint: "ask for fewer, or for all".to_owned(),
            ..refusal
        },
        _ => refusal,
    }
}

/// What the check found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) plan: Option<Box<Plan>>,
    /// The GPUs of this machine.
    pub(super) gpus: Option<usize>,
    /// Whether the runtime and the hook ignore requests of containers that are not privileged.
    pub(super) is_ignored: bool,
}

/// Holds the container against this machine. Who asks is the user, whom the engine obeys already: that `config.toml` ignores
/// what images ask for, or has the runtime look names up in specifications, is another matter.
pub(super) fn check(container: &ContainerFacts, ui: &mut Ui) -> Result<Checked, Refusal> {
    let loaded = liftgate_plan::load_configuration(None)?;
    let mut policy = Policy::from_config(&loaded.config)?;
    let is_ignored = !policy.accept_environment_when_unprivileged && !container.is_privileged;
    policy.accept_environment_when_unprivileged = true;
    if policy.mode == Mode::Cdi {
        policy.mode = Mode::Auto;
    }
    let mut findings = Findings::default();
    let outcome = decide_by(&policy, container, &loaded.config, &mut findings)?;
    let plan = match outcome {
        Outcome::Granted { plan, .. } => plan,
        Outcome::Refused { refusal } => return Err(refusal),
        Outcome::NothingAsked { .. } => None,
    };
    let warnings = plan.iter().flat_map(|plan| &plan.warnings);
    for warning in warnings.filter(|warning| warning.code != OF_THE_MACHINE) {
        ui.warning(&warning.sentence);
    }
    Ok(Checked {
        plan,
        gpus: findings.host.map(|host| host.gpus),
        is_ignored,
    })
}

/// The names of what was granted; what the user wrote, where that is a name of its own and not the beginning of one.
pub(super) fn names(wanted: Wanted, plan: Option<&Plan>) -> Wanted {
    match plan {
        Some(plan) if matches!(wanted, Wanted::Named(_)) && !plan.gpus.is_empty() => {
            Wanted::Named(plan.gpus.iter().map(names_of).collect())
        }
        _ => wanted,
    }
}

fn names_of(gpu: &GrantedGpu) -> Vec<String> {
    let (uuid, index) = match &gpu.mig {
        None => (gpu.uuid.clone(), Some(gpu.index.to_string())),
        Some(mig) => (
            mig.uuid.clone(),
            mig.index.map(|index| format!("{}:{index}", gpu.index)),
        ),
    };
    let mut names: Vec<String> = uuid.into_iter().chain(index).collect();
    if names.is_empty() {
        names.clone_from(&gpu.asked_as);
    }
    // As it was asked for, if that is one of its names.
    names.sort_by_key(|name| !gpu.asked_as.contains(name));
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn images_are_read_whatever_they_say() {
        let inspection = json!({
            "Architecture": "arm64",
            "Config": {"Env": ["PATH=/bin", "A=b=c", "broken", 3, "NVIDIA_REQUIRE_CUDA=cuda>=12.4"]}
        });
        let image = Image::of_inspection(&inspection);
        assert_eq!(image.environment.len(), 3);
        assert_eq!(image.environment[1], ("A".to_owned(), "b=c".to_owned()));
        assert!(
            image
                .mismatch("amd64")
                .unwrap()
                .contains("exec format error")
        );
        assert_eq!((image.mismatch("arm64"), image.mismatch("")), (None, None));
        for nothing in [
            json!(null),
            json!([]),
            json!({"Config": null}),
            json!({"Config": {"Env": {}}, "Architecture": []}),
        ] {
            assert_eq!(Image::of_inspection(&nothing), Image::default());
        }
        assert_eq!(Image::default().mismatch("amd64"), None);
    }

    #[test]
    fn what_the_command_line_says_counts() {
        let image = Image {
            environment: vec![
                ("NVIDIA_VISIBLE_DEVICES".into(), "all".into()),
                ("A".into(), "1".into()),
            ],
            ..Image::default()
        };
        let wish = Wish::parse(&["0,1,capabilities=utility".to_owned()]).unwrap();
        let facts = container(
            &image,
            vec![("A".into(), "2".into())],
            &wish,
            &Wanted::from(&wish.devices),
            false,
        );
        for (name, value) in [
            ("A", "2"),
            (VISIBLE_DEVICES, "0,1"),
            (DRIVER_CAPABILITIES, "utility"),
        ] {
            assert_eq!(facts.variable(name), Some(value));
        }
    }
}
