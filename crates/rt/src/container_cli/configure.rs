//! `nvidia-container-cli configure`: gives a container GPUs and the driver.
//!
//! With `--pid` the container is another process's, and its mount namespace is entered. Without, the caller is
//! in it already: enroot, LXC and Singularity call from inside of what they are making.

use super::arguments::Given;
use super::{Context, Outcome};
use crate::existing::{self, Wish};
use liftgate_apply::Process;
use liftgate_config::Mode;
use liftgate_driver::{Capabilities, Capability};
use liftgate_plan::{Code, ContainerFacts, Devices, Policy, Refusal, Request, Requirement, Source};
use liftgate_sys::process;
use std::ffi::OsStr;
use std::path::Path;

/// As many as the plan has room for from an image.
const MOST_REQUIREMENTS: usize = 64;

const CAPABILITIES: [(&str, Capability); 7] = [
    ("compute", Capability::Compute),
    ("utility", Capability::Utility),
    ("video", Capability::Video),
    ("graphics", Capability::Graphics),
    ("display", Capability::Display),
    ("ngx", Capability::Ngx),
    ("compat32", Capability::Compat32),
];

/// Options that leave something out, with what its path has in it.
const LEAVE_OUT: [(&str, &str); 3] = [
    ("no-persistenced", "nvidia-persistenced/socket"),
    ("no-fabricmanager", "nvidia-fabricmanager/socket"),
    ("no-gsp-firmware", "/firmware/nvidia/"),
];

pub(super) fn run(given: &Given, context: &mut Context) -> Result<Outcome, Refusal> {
    let root = match given.words.as_slice() {
        [root] => Path::new(root),
        [first, ..] if !first.as_encoded_bytes().starts_with(b"/") => {
            return Ok(Outcome::Problem(INVALID_ROOT.to_owned()));
        }
        _ => return Ok(Outcome::Usage),
    };
    if !root.is_absolute() || root == Path::new("/") {
        return Ok(Outcome::Problem(INVALID_ROOT.to_owned()));
    }
    let mut asked = match Asked::read(given) {
        Ok(asked) => asked,
        Err(sentence) => return Ok(Outcome::Problem(sentence)),
    };
    asked.request.imex_channels = channels(given)?;
    if process::effective_user() != 0 {
        return Err(Refusal::new(
            Code::NotCarriedOut,
            "a container can be given GPUs by root only",
            "run it as root, or in a user namespace as its root (`unshare --user --map-root-user --mount`)",
        )
        .because(format!("the effective user is {}", process::effective_user()))
        .about("permission error: capability change failed: operation not permitted"));
    }
    if let Err(error) = process::set_no_new_privileges() {
        context.journal.warning(&error.to_string());
    }
    let policy = Policy {
        cuda_compat: asked.cuda_compat,
        strict_requirements: context.config.liftgate.strict_requirements,
        ..Policy::default()
    };
    let leave_out: Vec<&str> = LEAVE_OUT
        .iter()
        .filter(|(option, _)| given.has(option))
        .map(|(_, part)| *part)
        .collect();
    existing::serve(
        &Wish {
            config: &context.config,
            policy: &policy,
            mode: Mode::Auto,
            request: &asked.request,
            facts: &ContainerFacts::default(),
            process: asked.process,
            root,
            nodes: !given.has("no-devbind"),
            cgroup: !given.has("no-cgroups"),
            rules: None,
            leave_out: &leave_out,
        },
        &mut context.journal,
    )?;
    Ok(Outcome::Text(String::new()))
}

const INVALID_ROOT: &str = "input error: invalid rootfs directory";

/// What the options ask for.
struct Asked {
    request: Request,
    process: Process,
    cuda_compat: bool,
}

impl Asked {
    fn read(given: &Given) -> Result<Self, String> {
        let process = pid(given.value("pid"))?;
        let cuda_compat = cuda_compat(given)?;
        let mut capabilities = Capabilities::NONE;
        for (option, capability) in CAPABILITIES {
            if given.has(option) {
                capabilities.insert(capability);
            }
        }
        let mut request = Request::of(
            Source::Options,
            devices(given),
            capabilities,
            "the options say so",
        );
        (request.mig_config, request.mig_monitor) = mig_control(given)?;
        request.requirements = given
            .values("require")
            .filter(|expression| !expression.is_empty())
            .map(|expression| Requirement {
                by: "--require".to_owned(),
                expression: expression.to_string_lossy().into_owned(),
            })
            .collect();
        if request.requirements.len() > MOST_REQUIREMENTS {
            return Err("input error: too many requirements".to_owned());
        }
        Ok(Self {
            request,
            process,
            cuda_compat,
        })
    }
}

/// As C's `strtol` reads it: blanks before it and a sign are let pass; without a positive number the caller is
/// meant.
fn pid(value: Option<&OsStr>) -> Result<Process, String> {
    let Some(value) = value else {
        return Ok(Process::Caller);
    };
    let text = value.to_string_lossy();
    let text = text.trim_start();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("input error: parse pid failed: invalid argument".to_owned());
    }
    match text.parse::<i32>() {
        Ok(pid) => Ok(u32::try_from(pid)
            .ok()
            .filter(|pid| *pid > 0)
            .map_or(Process::Caller, Process::Init)),
        Err(_) => Err("input error: parse pid failed: numerical result out of range".to_owned()),
    }
}

/// Whether newer CUDA libraries of the image may be used.
fn cuda_compat(given: &Given) -> Result<bool, String> {
    let mut modes: Vec<String> = given
        .values("cuda-compat-mode")
        .map(|mode| mode.to_string_lossy().into_owned())
        .collect();
    if let Some(bad) = modes
        .iter()
        .find(|mode| !matches!(mode.as_str(), "mount" | "ldconfig" | "disabled"))
    {
        let shown = liftgate_plan::shortened(bad);
        return Err(format!(
            "container error: invalid option: cuda-compat-mode={shown}"
        ));
    }
    if given.has("no-cntlibs") || modes.iter().any(|mode| mode == "disabled") {
        return Ok(false);
    }
    modes.dedup();
    if modes.len() > 1 {
        return Err(
            "container error: only one cuda-compat-mode can be specified at a time".to_owned(),
        );
    }
    Ok(true)
}

/// The GPUs that `--device` names.
pub(super) fn devices(given: &Given) -> Devices {
    let ids = given.list("device");
    if ids.is_empty() {
        Devices::None
    } else if ids.iter().any(|id| id.eq_ignore_ascii_case("all")) {
        Devices::All
    } else {
        Devices::Ids(ids)
    }
}

/// The channels that `--imex-channel` names.
pub(super) fn channels(given: &Given) -> Result<Vec<u32>, Refusal> {
    let mut channels = Vec::new();
    for item in given.list("imex-channel") {
        let channel = liftgate_plan::imex_channel(&item)?;
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    Ok(channels)
}

/// Whether MIG devices are to be configured, and monitored.
pub(super) fn mig_control(given: &Given) -> Result<(bool, bool), String> {
    let asked = |name: &str| {
        let ids = given.list(name);
        match ids.iter().find(|id| !id.eq_ignore_ascii_case("all")) {
            Some(id) => {
                let shown = liftgate_plan::shortened(id);
                Err(format!(
                    "{name} error: {shown}: only 'all' devices are currently supported"
                ))
            }
            None => Ok(!ids.is_empty()),
        }
    };
    Ok((asked("mig-config")?, asked("mig-monitor")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pids() {
        let read = |text: &str| pid(Some(OsStr::new(text)));
        assert_eq!(pid(None), Ok(Process::Caller));
        for caller in ["0", "-1", "-0"] {
            assert_eq!(read(caller), Ok(Process::Caller), "{caller}");
        }
        for seven in ["7", "+7", " 7", "007"] {
            assert_eq!(read(seven), Ok(Process::Init(7)), "{seven}");
        }
        for invalid in ["", "x", "7x", "7 ", "--7", "+"] {
            assert!(
                read(invalid).unwrap_err().ends_with("invalid argument"),
                "{invalid}"
            );
        }
        let range = read("99999999999999999999").unwrap_err();
        assert!(range.ends_with("numerical result out of range"), "{range}");
    }
}
