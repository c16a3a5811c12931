//! Which of an engine's ways to hand over GPUs is taken, and the options that take it.
//!
//! Docker: `--gpus` where the daemon serves it; a device of a CDI specification that it knows; the runtime `nvidia`. Podman: a device
//! of a specification, or the runtime. The same request names the same GPUs on each.

use super::engine::{Facts, KIND, Kind, Presence};
use super::gpus::{Devices, Wish};
use std::collections::BTreeSet;
use std::ffi::OsString;

/// The GPUs that are to be handed over; of each the names that mean it, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    None,
    Count(u32),
    Named(Vec<Vec<String>>),
}

impl From<&Devices> for Wanted {
    /// By the names that the user wrote.
    fn from(devices: &Devices) -> Self {
        match devices {
            Devices::All => Self::All,
            Devices::None | Devices::Count(0) => Self::None,
            Devices::Count(count) => Self::Count(*count),
            Devices::Named(names) => {
                Self::Named(names.iter().map(|name| vec![name.clone()]).collect())
            }
        }
    }
}

/// A way to hand over GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    /// Docker's `--gpus`.
    Gpus,
    /// `--device nvidia.com/gpu=…`.
    Specification,
    /// `nvidia-container-runtime`.
    Runtime,
    /// None is needed.
    Without,
}

/// The options to be added, and what the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) road: Road,
    pub(crate) options: Vec<OsString>,
    pub(crate) notes: Vec<String>,
}

/// There is no way: a sentence and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoWay {
    pub(crate) sentence: String,
    pub(crate) hint: String,
}

/// What the user's own options say that matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UsersOptions {
    /// `--runtime`.
    pub(crate) runtime: Option<String>,
    /// Whether `SELinux` labels are seen to: `--security-opt label=…`, `--privileged`.
    pub(crate) has_label: bool,
}

/// The runtime's name in Docker.
const RUNTIME: &str = "nvidia";
pub(crate) const VISIBLE_DEVICES: &str = "NVIDIA_VISIBLE_DEVICES";
pub(crate) const DRIVER_CAPABILITIES: &str = "NVIDIA_DRIVER_CAPABILITIES";

/// `--gpus` is there.
const GPUS_FLAG: (u32, u32) = (19, 3);
/// `--gpus` is a CDI device first.
const GPUS_BY_SPECIFICATION: (u32, u32) = (29, 2);
/// `--device nvidia.com/gpu=…` is there.
const DOCKER_SPECIFICATIONS: (u32, u32) = (25, 0);
const PODMAN_SPECIFICATIONS: (u32, u32) = (4, 1);

/// Chooses the way.
pub(crate) fn choose(
    wish: &Wish,
    wanted: &Wanted,
    facts: &Facts,
    user: &UsersOptions,
) -> Result<Way, NoWay> {
    let mut way = Way {
        road: Road::Without,
        options: Vec::new(),
        notes: Vec::new(),
    };
    if *wanted == Wanted::None {
        // An image that sets the variable would get GPUs where the default runtime is NVIDIA's.
        way.variable(VISIBLE_DEVICES, "void");
        return Ok(way);
    }
    if facts.is_desktop {
        return Err(NoWay {
            sentence: "Docker Desktop runs containers in a virtual machine, which has no GPU"
                .to_owned(),
            hint:
                "use the engine of this machine: `docker context use default`, or --engine podman"
                    .to_owned(),
        });
    }
    let specified = wanted.specified(&facts.specified);
    match facts.kind {
        Kind::Docker => choose_docker(&mut way, wanted, specified, facts, user)?,
        Kind::Podman => choose_podman(&mut way, wanted, specified, facts, user)?,
    }
    if !wish.capabilities.is_empty() {
        if way.road == Road::Specification {
            way.notes.push("a CDI specification has its parts of the driver written in it; `capabilities=` is passed on for the programs inside to read".to_owned());
        }
        way.variable(DRIVER_CAPABILITIES, &wish.capabilities.join(","));
    }
    if facts.labels && !user.has_label {
        way.add("--security-opt=label=disable");
        way.notes.push("SELinux keeps containers from device nodes, so --security-opt=label=disable is added; a label option of your own is left alone".to_owned());
    }
    Ok(way)
}

fn choose_docker(
    way: &mut Way,
    wanted: &Wanted,
    specified: Option<Vec<String>>,
    facts: &Facts,
    user: &UsersOptions,
) -> Result<(), NoWay> {
    if let Some(name) = &user.runtime
        && name.contains(RUNTIME)
    {
        way.runtime(wanted);
        return Ok(());
    }
    let flag = gpus_flag(facts, specified.is_some());
    if flag == Presence::Yes {
        way.gpus(wanted, specified.as_deref(), facts);
        return Ok(());
    }
    if facts.is_from(DOCKER_SPECIFICATIONS)
        && let Some(names) = specified
    {
        way.specification(&names);
        return Ok(());
    }
    if facts.runtimes.contains(RUNTIME) && user.runtime.is_none() {
        way.add(&format!("--runtime={RUNTIME}"));
        way.runtime(wanted);
        return Ok(());
    }
    if flag == Presence::Unknown {
        way.gpus(wanted, None, facts);
        way.notes.push("whether Docker's daemon serves --gpus cannot be seen from here; if it says `could not select device driver`, run `liftgate setup docker` on its machine".to_owned());
        return Ok(());
    }
    Err(NoWay {
        sentence: "Docker has no way to hand over GPUs: it knows no runtime `nvidia` and no CDI specification of these GPUs, and finds no hook for --gpus".to_owned(),
        hint: "set it up with `liftgate setup docker`".to_owned(),
    })
}

fn choose_podman(
    way: &mut Way,
    wanted: &Wanted,
    specified: Option<Vec<String>>,
    facts: &Facts,
    user: &UsersOptions,
) -> Result<(), NoWay> {
    if let Some(name) = &user.runtime
        && name.contains("nvidia-container-runtime")
    {
        way.runtime(wanted);
        return Ok(());
    }
    if facts.is_from(PODMAN_SPECIFICATIONS)
        && let Some(names) = specified
    {
        way.specification(&names);
        return Ok(());
    }
    if let Some(program) = &facts.runtime_program
        && user.runtime.is_none()
    {
        way.add("--runtime");
        way.options.push(program.clone().into_os_string());
        way.runtime(wanted);
        if facts.is_from(PODMAN_SPECIFICATIONS) {
            way.notes.push("no CDI specification has these GPUs, so Podman runs nvidia-container-runtime; `liftgate cdi refresh` writes one".to_owned());
        }
        return Ok(());
    }
    let old = !facts.is_from(PODMAN_SPECIFICATIONS);
    Err(NoWay {
        sentence: if old {
            "Podman before 4.1 knows no CDI specifications, and there is no nvidia-container-runtime".to_owned()
        } else if facts.specified.is_empty() {
            "Podman gives GPUs by a CDI specification, and there is none".to_owned()
        } else {
            "Podman gives GPUs by a CDI specification, and the one that is there has not all that is asked for".to_owned()
        },
        hint: if old {
            "install nvidia-container-runtime, or a newer Podman".to_owned()
        } else {
            "write one with `liftgate cdi refresh`".to_owned()
        },
    })
}

/// Whether Docker's daemon serves `--gpus`.
fn gpus_flag(facts: &Facts, is_specified: bool) -> Presence {
    if !facts.is_from(GPUS_FLAG) {
        return Presence::No;
    }
    let by_specification = if facts.is_from(GPUS_BY_SPECIFICATION) && is_specified {
        facts.cdi_hook
    } else {
        Presence::No
    };
    match (facts.hook, by_specification) {
        (Presence::Yes, _) | (_, Presence::Yes) => Presence::Yes,
        (Presence::Unknown, _) | (_, Presence::Unknown) => Presence::Unknown,
        (Presence::No, Presence::No) => Presence::No,
    }
}

impl Wanted {
    /// The names by which a specification has all of it; none, if it has not.
    fn specified(&self, known: &BTreeSet<String>) -> Option<Vec<String>> {
        let one = |name: &str| known.contains(name).then(|| name.to_owned());
        match self {
            Self::None => None,
            Self::All => Some(vec![one("all")?]),
            Self::Count(count) => (0..*count).map(|index| one(&index.to_string())).collect(),
            Self::Named(devices) => {
                let found = devices
                    .iter()
                    .map(|names| names.iter().find_map(|name| one(name)));
                found.collect()
            }
        }
    }

    /// The value of the variable.
    pub(crate) fn list(&self) -> String {
        let names: Vec<String> = match self {
            Self::None => return "void".to_owned(),
            Self::All => return "all".to_owned(),
            Self::Count(count) => (0..*count).map(|index| index.to_string()).collect(),
            Self::Named(devices) => devices
                .iter()
                .filter_map(|names| names.first().cloned())
                .collect(),
        };
        names.join(",")
    }
}

impl Way {
    fn add(&mut self, option: &str) {
        self.options.push(option.into());
    }

    fn variable(&mut self, name: &str, value: &str) {
        self.add("-e");
        self.add(&format!("{name}={value}"));
    }

    /// Several names stand in quotation marks of their own: the value is a line of CSV.
    fn gpus(&mut self, wanted: &Wanted, specified: Option<&[String]>, facts: &Facts) {
        self.road = Road::Gpus;
        let list = match (wanted, specified) {
            // From 29.2 on names are first looked for in the specification.
            (Wanted::Named(_), Some(names)) if facts.is_from(GPUS_BY_SPECIFICATION) => {
                names.join(",")
            }
            _ => wanted.list(),
        };
        self.add("--gpus");
        match wanted {
            Wanted::All | Wanted::None => self.add("all"),
            Wanted::Count(count) => self.add(&count.to_string()),
            Wanted::Named(devices) if devices.len() == 1 => self.add(&format!("device={list}")),
            Wanted::Named(_) => self.add(&format!("\"device={list}\"")),
        }
    }

    fn specification(&mut self, names: &[String]) {
        self.road = Road::Specification;
        for name in names {
            self.add("--device");
            self.add(&format!("{KIND}{name}"));
        }
    }

    fn runtime(&mut self, wanted: &Wanted) {
        self.road = Road::Runtime;
        self.variable(VISIBLE_DEVICES, &wanted.list());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell;
    use serde_json::json;

    fn docker(version: &str) -> Facts {
        let mut facts =
            Facts::of_info(&json!({"ServerVersion": version, "Architecture": "x86_64"})).unwrap();
        (facts.hook, facts.cdi_hook) = (Presence::No, Presence::No);
        facts
    }

    fn podman(version: &str) -> Facts {
        Facts::of_info(&json!({"host": {}, "version": {"Version": version}})).unwrap()
    }

    fn with(mut facts: Facts, change: impl FnOnce(&mut Facts)) -> Facts {
        change(&mut facts);
        facts
    }

    fn specified(facts: Facts, names: &str) -> Facts {
        with(facts, |facts| {
            facts.specified = names.split(' ').map(str::to_owned).collect();
        })
    }

    fn runtime(facts: Facts) -> Facts {
        with(facts, |facts| facts.runtimes.extend(["nvidia".to_owned()]))
    }

    fn hook(facts: Facts) -> Facts {
        with(facts, |facts| facts.hook = Presence::Yes)
    }

    /// The options, or the sentence of the refusal; in parentheses, how many notes there are.
    fn chosen(gpus: &str, facts: &Facts) -> String {
        chosen_beside(gpus, facts, &UsersOptions::default())
    }

    fn chosen_beside(gpus: &str, facts: &Facts, user: &UsersOptions) -> String {
        let wish = Wish::parse(&[gpus.to_owned()]).unwrap();
        match choose(&wish, &Wanted::from(&wish.devices), facts, user) {
            Ok(way) if way.notes.is_empty() => shell::line(way.options),
            Ok(way) => format!("{} ({})", shell::line(&way.options), way.notes.len()),
            Err(no) => {
                assert!(!no.hint.is_empty());
                no.sentence
            }
        }
    }

    #[test]
    #[rustfmt::skip]
    fn docker_by_what_it_has() {
        let names = "0 1 GPU-a all";
        for (gpus, facts, options) in [
            ("all", hook(docker("20.10.24")), "--gpus all"),
            ("2", hook(docker("20.10.24")), "--gpus 2"),
            ("1", hook(docker("28.0.0")), "--gpus 1"),
            ("device=1", hook(docker("28.0.0")), "--gpus device=1"),
            ("0,1", hook(docker("28.0.0")), "--gpus '\"device=0,1\"'"),
            ("0:1", hook(docker("28.0.0")), "--gpus device=0:1"),
            ("GPU-a", hook(docker("29.3.0")), "--gpus device=GPU-a"),
            ("none", hook(docker("28.0.0")), "-e NVIDIA_VISIBLE_DEVICES=void"),
            ("0", hook(docker("29.4.0")), "-e NVIDIA_VISIBLE_DEVICES=void"),
            ("all,capabilities=utility,compute", hook(docker("28.0.0")), "--gpus all -e NVIDIA_DRIVER_CAPABILITIES=utility,compute"),
            // A specification, and no hook.
            ("all", specified(docker("28.5.2"), names), "--device nvidia.com/gpu=all"),
            ("0,GPU-a", specified(docker("25.0.0"), names), "--device nvidia.com/gpu=0 --device nvidia.com/gpu=GPU-a"),
            ("2", specified(docker("28.5.2"), names), "--device nvidia.com/gpu=0 --device nvidia.com/gpu=1"),
            ("all,capabilities=video", specified(docker("28.5.2"), names), "--device nvidia.com/gpu=all -e NVIDIA_DRIVER_CAPABILITIES=video (1)"),
            // Both: docker's own flag.
            ("all", hook(specified(docker("28.5.2"), names)), "--gpus all"),
            // From 29.2 on the hook of specifications will do, if there is a specification of it all.
            ("0,1", with(specified(docker("29.2.0"), names), |facts| facts.cdi_hook = Presence::Yes), "--gpus '\"device=0,1\"'"),
            ("0,1", with(specified(docker("29.1.0"), names), |facts| facts.cdi_hook = Presence::Yes), "--device nvidia.com/gpu=0 --device nvidia.com/gpu=1"),
            // The runtime, where nothing else is there.
            ("0,1", runtime(docker("18.09.1")), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1"),
            ("all", runtime(docker("20.10.24")), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all"),
            ("2", runtime(docker("20.10.24")), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1"),
            ("7", runtime(specified(docker("28.5.2"), names)), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1,2,3,4,5,6"),
            ("all", hook(runtime(docker("18.09.1"))), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all"),
            // Nobody can tell.
            ("0,1", with(docker("24.0.0"), |facts| facts.hook = Presence::Unknown), "--gpus '\"device=0,1\"' (1)"),
            ("all", with(runtime(docker("24.0.0")), |facts| facts.hook = Presence::Unknown), "--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all"),
            ("all", with(hook(docker("28.0.0")), |facts| facts.labels = true), "--gpus all --security-opt=label=disable (1)"),
        ] {
            assert_eq!(chosen(gpus, &facts), options, "{gpus} {facts:?}");
        }
        for facts in [
            docker("28.5.2"),
            docker("20.10.24"),
            specified(docker("28.5.2"), "0 1"),
            specified(docker("24.0.0"), names),
            hook(docker("18.09.0")),
        ] {
            assert!(
                chosen("all", &facts).starts_with("Docker has no way"),
                "{facts:?}"
            );
        }
        let desktop = with(hook(docker("28.0.0")), |facts| facts.is_desktop = true);
        assert!(chosen("all", &desktop).starts_with("Docker Desktop runs"));
        assert_eq!(chosen("none", &desktop), "-e NVIDIA_VISIBLE_DEVICES=void");
    }

    #[test]
    #[rustfmt::skip]
    fn podman_by_what_it_has() {
        let names = "0 1 GPU-a all";
        let program = |facts| {
            with(facts, |facts| {
                facts.runtime_program = Some("/usr/bin/nvidia-container-runtime".into());
            })
        };
        for (gpus, facts, options) in [
            ("all", specified(podman("4.3.1"), names), "--device nvidia.com/gpu=all"),
            ("1,0", specified(podman("5.4.0"), names), "--device nvidia.com/gpu=1 --device nvidia.com/gpu=0"),
            ("2", specified(podman("5.4.0"), names), "--device nvidia.com/gpu=0 --device nvidia.com/gpu=1"),
            ("none", podman("5.4.0"), "-e NVIDIA_VISIBLE_DEVICES=void"),
            ("all", program(specified(podman("5.4.0"), names)), "--device nvidia.com/gpu=all"),
            ("7,0", program(specified(podman("5.4.0"), names)), "--runtime /usr/bin/nvidia-container-runtime -e NVIDIA_VISIBLE_DEVICES=7,0 (1)"),
            ("all", program(specified(podman("4.0.0"), names)), "--runtime /usr/bin/nvidia-container-runtime -e NVIDIA_VISIBLE_DEVICES=all"),
            ("all", with(specified(podman("4.3.1"), names), |facts| facts.labels = true), "--device nvidia.com/gpu=all --security-opt=label=disable (1)"),
            ("all", podman("4.3.1"), "Podman gives GPUs by a CDI specification, and there is none"),
            ("7", specified(podman("4.3.1"), names), "Podman gives GPUs by a CDI specification, and the one that is there has not all that is asked for"),
            ("all", podman("3.0.0"), "Podman before 4.1 knows no CDI specifications, and there is no nvidia-container-runtime"),
        ] {
            assert_eq!(chosen(gpus, &facts), options, "{gpus} {facts:?}");
        }
    }

    #[test]
    fn what_the_user_says_himself_is_not_said_twice() {
        let by = |runtime: &str| UsersOptions {
            runtime: Some(runtime.to_owned()),
            has_label: true,
        };
        let labelled = with(hook(runtime(docker("28.0.0"))), |facts| facts.labels = true);
        assert_eq!(
            chosen_beside("0,1", &labelled, &by("nvidia")),
            "-e NVIDIA_VISIBLE_DEVICES=0,1"
        );
        assert_eq!(
            chosen_beside("0,1", &labelled, &by("runc")),
            "--gpus '\"device=0,1\"'"
        );
        assert!(
            chosen_beside("0,1", &runtime(docker("28.0.0")), &by("runc"))
                .starts_with("Docker has no way")
        );
        let podman = specified(podman("5.0.0"), "all");
        assert_eq!(
            chosen_beside("all", &podman, &by("/x/nvidia-container-runtime")),
            "-e NVIDIA_VISIBLE_DEVICES=all"
        );
    }

    #[test]
    fn a_device_is_named_as_the_specification_names_it() {
        let wanted = Wanted::Named(vec![
            vec!["GPU-a".into(), "0".into()],
            vec!["GPU-b".into(), "1".into()],
        ]);
        let by_index = "0 1 all";
        let options = |facts: &Facts| {
            let way = choose(&Wish::all(), &wanted, facts, &UsersOptions::default());
            shell::line(way.unwrap().options)
        };
        assert_eq!(
            options(&specified(podman("5.0.0"), by_index)),
            "--device nvidia.com/gpu=0 --device nvidia.com/gpu=1"
        );
        assert_eq!(
            options(&hook(specified(docker("29.2.0"), by_index))),
            "--gpus '\"device=0,1\"'"
        );
        assert_eq!(
            options(&hook(specified(docker("28.2.0"), by_index))),
            "--gpus '\"device=GPU-a,GPU-b\"'"
        );
    }
}
