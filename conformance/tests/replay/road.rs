//! The roads by which an image meets our program, each from the image to a report.

use crate::attack::Report;
use crate::target::Target;
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{self, SECRET, Scene, Spoiling, gpus};
use liftgate_conformance::{Bundle, Outcome};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use std::process::Output;

/// The tool by its name, or where the machine has it: the link in `/usr/bin` may be what the image spoils.
pub(crate) const LIST: &str = "nvidia-smi -L || /usr/local/nvidia/bin/nvidia-smi -L";

/// How a program of ours comes to be run on the image.
#[derive(Debug, Clone)]
pub(crate) enum Road {
    /// `nvidia-container-runtime create`, by which runc runs our hook `container-setup`.
    Runtime,
    /// runc, with the prestart hook that dockerd adds for `--gpus`.
    PrestartHook,
    /// `nvidia-container-cli configure` on a container that exists.
    Configure,
    /// One hook of a CDI specification, with its arguments, as runc runs it.
    CdiHook(Vec<String>),
}

impl Road {
    pub(crate) fn hook(arguments: &[&str]) -> Self {
        Self::CdiHook(arguments.iter().map(|text| (*text).to_owned()).collect())
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Runtime => "runtime".to_owned(),
            Self::PrestartHook => "prestart-hook".to_owned(),
            Self::Configure => "configure".to_owned(),
            Self::CdiHook(arguments) => arguments.first().cloned().unwrap_or_default(),
        }
    }
}

/// Whether the container has to have its GPU in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It has.
    Gpu,
    /// It has, or it is refused in words.
    GpuOrWords,
}

/// Options of `configure`, as the reference's hook gives them.
const CONFIGURE: [&str; 7] = [
    "--ldconfig=/sbin/ldconfig",
    "--device=all",
    "--compute",
    "--utility",
    "--no-cgroups",
    "--cuda-compat-mode=mount",
    "--graphics",
];

/// Has the image meet the program, and looks at what has come of it. `script` is run in the container, if there is
/// one, before its GPUs are listed.
pub(crate) fn attack(
    scene: &Scene,
    target: &Target,
    road: &Road,
    wanted: Wanted,
    script: &str,
    spoil: impl FnOnce(&Spoiling<'_>) -> io::Result<()>,
) -> Result<Report, Failed> {
    let mut options = gpus(&format!("{script}\n{LIST}"));
    let all = "NVIDIA_DRIVER_CAPABILITIES=all".to_owned();
    options.environment.push(all);
    let bundle = scene.bundle(&options)?;
    spoil(&Spoiling::new(&bundle, &scene.canary))?;
    let mut report = match road {
        Road::Runtime | Road::PrestartHook => start(scene, target, road, wanted, &bundle)?,
        Road::Configure => {
            let output = configure(scene, target, script)?;
            judge_output(&output, wanted)
        }
        Road::CdiHook(arguments) => {
            let output = cdi_hook(scene, target, arguments, &[])?;
            judge_output(&output, wanted)
        }
    };
    if report.account.contains(SECRET) {
        report
            .harm
            .push("the container has read what the host has".to_owned());
    }
    let mounts = fs::read_to_string(scene.place.join("mountinfo")).unwrap_or_default();
    if let Some(line) = mounts.lines().find(|line| is_canarys(scene, line)) {
        report
            .harm
            .push(format!("the host's file is mounted: {line}"));
    }
    report.look_at(scene, target)?;
    Ok(report)
}

/// Whether a line of a `mountinfo` is of something of the canary's, or of something on it: its fourth and fifth word. A
/// link to it that was followed inside the image's root led to neither.
pub(crate) fn is_canarys(scene: &Scene, line: &str) -> bool {
    let canary = scene.canary.path();
    let name = canary.file_name().unwrap_or_default().to_string_lossy();
    let mut words = line.split(' ').skip(3);
    // From the root of its file system, which need not be the machine's.
    let source = words.next().unwrap_or_default();
    let point = words.next().unwrap_or_default();
    source.contains(&*name) && !source.contains("/rootfs/") || Path::new(point).starts_with(canary)
}

fn start(
    scene: &Scene,
    target: &Target,
    road: &Road,
    wanted: Wanted,
    bundle: &Bundle,
) -> Result<Report, Failed> {
    let mut inside = scene.inside.clone();
    if matches!(road, Road::PrestartHook) {
        inside.programs.runtime.clone_from(&inside.low_level);
        let mut configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
        configuration["hooks"] = json!({"prestart": [{
            "path": target.named("nvidia-container-runtime-hook"),
            "args": ["nvidia-container-runtime-hook", "prestart"],
            "env": [format!("NVIDIA_CTK_CONFIG_FILE_PATH={}", bundle.directory().join("config.toml").display())]
        }]});
        fs::write(bundle.config(), configuration.to_string())?;
    } else {
        inside.programs.runtime = target.named("nvidia-container-runtime");
    }
    // Of no effect on us, and of the worst on others: what the image calls `ldconfig` is to be run.
    fs::write(
        bundle.directory().join("config.toml"),
        format!(
            "{}[nvidia-container-cli]\nldconfig = \"/sbin/ldconfig\"\n[features]\nallow-ldconfig-from-container = true\n\
             allow-cuda-compat-libs-from-container = true\n",
            inside.configuration()
        ),
    )?;
    let outcome = hostile::run(&inside, bundle)?;
    let mut report = Report {
        account: outcome.describe(),
        ..Report::default()
    };
    let has_gpu = outcome.stdout.contains("GPU 0: NVIDIA");
    let in_words = outcome.status != Some(0) && is_in_words(&outcome);
    if !(has_gpu || wanted == Wanted::GpuOrWords && in_words) {
        report.faults.push("the container has no GPU".to_owned());
    }
    Ok(report)
}

pub(crate) fn is_in_words(outcome: &Outcome) -> bool {
    let from_us = outcome.stderr.contains("error[") || outcome.stderr.contains("[setup-failed]");
    let from_runtime = outcome.log.contains("\"error\"");
    (from_us || from_runtime) && !outcome.stderr.contains("panicked")
}

fn judge_output(output: &Output, wanted: Wanted) -> Report {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut report = Report {
        account: format!(
            "{}\n--- stdout\n{}--- stderr\n{words}",
            output.status,
            String::from_utf8_lossy(&output.stdout)
        ),
        ..Report::default()
    };
    let in_words = output.status.code() == Some(1) && !words.trim().is_empty();
    let is_fine = output.status.success() || wanted == Wanted::GpuOrWords && in_words;
    if !is_fine || words.contains("panicked") {
        report.faults.push("it failed".to_owned());
    }
    report
}

/// The container's mounts are its own, and the hook is one of them that runc runs before the root is pivoted.
const CDI_HOOK: &str = r#"
mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
cd "$BUNDLE"
timeout -k 1 20 "$@" < "$BUNDLE/state.json"
code=$?
cat /proc/self/mountinfo > "$BUNDLE/mountinfo"
exit $code
"#;

/// Runs a hook of a CDI specification; `variables` are its environment.
pub(crate) fn cdi_hook(
    scene: &Scene,
    target: &Target,
    arguments: &[String],
    variables: &[String],
) -> io::Result<Output> {
    scene.write_state(None)?;
    let hook = target.named("nvidia-cdi-hook");
    let mut command = vec!["/usr/bin/env".to_owned(), "-i".to_owned()];
    command.extend(variables.iter().cloned());
    command.push(hook.to_string_lossy().into_owned());
    command.extend(arguments.iter().cloned());
    scene.on_machine(CDI_HOOK, &command, &[])
}

/// A process in a mount namespace of its own is all of a container that `configure` needs. What the container would
/// see is asked for behind the program's back, in its root.
const CONFIGURE_SCRIPT: &str = r#"
mkfifo "$BUNDLE/ready"
unshare --mount --propagation private /bin/sh -c '
  mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs"
  mount -t proc proc "$BUNDLE/rootfs/proc"
  mount --bind /proc/driver "$BUNDLE/rootfs/proc/driver"
  mount -t tmpfs -o mode=755 tmpfs "$BUNDLE/rootfs/dev"
  echo > "$BUNDLE/ready"
  exec sleep 60' < /dev/null > /dev/null 2>&1 &
pid=$!
read line < "$BUNDLE/ready"
cli=$1; shift
timeout -k 1 20 "$cli" --load-kmods configure --pid=$pid "$@" "$BUNDLE/rootfs"
code=$?
cat /proc/$pid/mountinfo > "$BUNDLE/mountinfo"
chroot "/proc/$pid/root/$BUNDLE/rootfs" /bin/sh -c "$SCRIPT" 2>&1
kill $pid
exit $code
"#;

fn configure(scene: &Scene, target: &Target, script: &str) -> io::Result<Output> {
    let program = target.named("nvidia-container-cli");
    let mut command = vec![program.to_string_lossy().into_owned()];
    command.extend(CONFIGURE.map(str::to_owned));
    scene.on_machine(CONFIGURE_SCRIPT, &command, &[("SCRIPT", script.to_owned())])
}
