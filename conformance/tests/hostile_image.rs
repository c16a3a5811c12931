//! Hostile images: whatever an image has in the places that we look at, nothing outside its root file system
//! changes, nothing of the host's is read into it, and nothing waits for ever.
//!
//! Beside `/etc`, `/usr/bin` and the library directories as links, pipes, devices and loops: loader
//! variables with a library to load (CVE-2025-23266), requests and annotations made to be printed, and a root
//! file system that changes under the hook (CVE-2024-0132, CVE-2025-23359).

#[path = "hostile_image/canary.rs"]
mod canary;
#[path = "hostile_image/images.rs"]
mod images;
#[path = "hostile_image/loader_variables.rs"]
mod loader_variables;
#[path = "hostile_image/race.rs"]
mod race;
#[path = "hostile_image/requests.rs"]
mod requests;
#[path = "hostile_image/spoiling.rs"]
mod spoiling;

use canary::Canary;
use images::{Ending, Hostile};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome, Programs};
use serde_json::{Value, json};
use spoiling::Spoiling;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const RUNTIMES: [&str; 2] = ["runc", "crun"];

type Prepared = Result<Arc<Ground>, String>;
type Check = Box<dyn FnOnce(&Scene) -> Result<(), Failed> + Send>;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    for low_level in RUNTIMES {
        for image in images::all() {
            let name = format!("{low_level}::{}::{}", image.machine, image.name);
            trials.push(scene(
                &ground,
                low_level,
                image.machine,
                &name,
                Box::new(move |scene| check_image(scene, &image)),
            ));
        }
        for image in images::all() {
            let name = format!("{low_level}-hook::{}::{}", image.machine, image.name);
            trials.push(scene(
                &ground,
                low_level,
                image.machine,
                &name,
                Box::new(move |scene| check_image_by_hook(scene, &image)),
            ));
        }
        for (label, check) in loader_variables::checks()
            .into_iter()
            .chain(requests::checks())
        {
            let name = format!("{low_level}::{label}");
            trials.push(scene(&ground, low_level, "h200-580", &name, check));
        }
    }
    for (label, check) in race::checks() {
        trials.push(scene(&ground, "runc", "h200-580", label, check));
    }
    suite::conclude(trials, || {})
}

fn scene(ground: &Prepared, low_level: &str, machine: &str, name: &str, check: Check) -> Trial {
    let prepared = ground
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|ground| Ok((Arc::clone(ground), suite::low_level(low_level)?)));
    let (machine, place_name) = (machine.to_owned(), name.to_owned());
    match prepared {
        Err(missing) => trial(name, Some(&missing), || Ok(())),
        Ok((ground, low_level)) => trial(name, None, move || {
            let place = ground.place(&place_name);
            let cache = fs::read(ground.image.root().join("etc/ld.so.cache"))?;
            let scene = Scene {
                inside: Inside {
                    programs: ground.programs.clone(),
                    machine,
                    state: ground.state.clone(),
                    writable: Vec::new(),
                    low_level,
                },
                canary: Canary::make(&place.with_extension("canary"), &cache)?,
                place,
                ground,
            };
            check(&scene)?;
            // Hundreds of copies of an image are some space.
            fs::remove_dir_all(&scene.place).ok();
            Ok(())
        }),
    }
}

/// One trial's machine, bundle and canary.
struct Scene {
    ground: Arc<Ground>,
    inside: Inside,
    place: PathBuf,
    canary: Canary,
}

/// Puts a time limit on each command of the runtime, and lists the machine's places before and after.
///
/// `timeout` would not do: runc gives its hooks a process group of their own, and a hook that waits for ever
/// also keeps our end of its standard error open. So whatever descends from the command is ended with it.
const LIMIT: &str = r#"
cat > "$BUNDLE/limited" <<END
#!/bin/sh
end() {
  for child in \$(cat /proc/\$1/task/*/children); do end \$child; done
  kill -9 \$1
}
"$RUNTIME" "\$@" &
command=\$!
( sleep 20 & sleep=\$!
  trap 'kill \$sleep; exit' TERM
  wait \$sleep
  end \$command ) < /dev/null > /dev/null 2>&1 &
guard=\$!
wait \$command
code=\$?
kill \$guard 2> /dev/null
exit \$code
END
chmod 755 "$BUNDLE/limited"
RUNTIME=$BUNDLE/limited
"#;

/// The exit statuses of a command that was ended because its time was over.
const TIME_IS_OVER: [i32; 2] = [124, 137];

impl Scene {
    fn bundle(&self, options: &BundleOptions) -> io::Result<Bundle> {
        Bundle::make(&self.place, &self.ground.image, options)
    }

    /// Starts the container, and finds out whether anything got out.
    fn start(&self, bundle: &Bundle) -> Result<Outcome, Failed> {
        self.start_with(&self.inside, bundle)
    }

    fn start_with(&self, inside: &Inside, bundle: &Bundle) -> Result<Outcome, Failed> {
        let prelude = format!("{}{LIMIT}", canary::WATCH_MACHINE);
        let outcome = inside.run(bundle, &prelude)?;
        if outcome
            .status
            .is_none_or(|status| TIME_IS_OVER.contains(&status))
        {
            return Err(fail(format!("took too long: {}", outcome.describe())));
        }
        self.nothing_got_out()
            .map_err(|reason| fail(format!("{reason}: {}", outcome.describe())))?;
        Ok(outcome)
    }

    /// Neither the canary nor the machine has changed, and nothing of the canary was read.
    fn nothing_got_out(&self) -> Result<(), String> {
        let text = |error: io::Error| error.to_string();
        let changes = self.canary.changes().map_err(text)?;
        if !changes.is_empty() {
            return Err(format!("the host has changed: {changes:#?}"));
        }
        let changes = canary::machine_changes(&self.place).map_err(text)?;
        if !changes.is_empty() {
            return Err(format!("the machine has changed: {changes:#?}"));
        }
        let rootfs = self.place.join("rootfs");
        for directory in ["etc", "usr/local"] {
            if let Some(found) = file_with_secret(&rootfs.join(directory)).map_err(text)? {
                return Err(format!("`{}` holds what the host has", found.display()));
            }
        }
        Ok(())
    }
}

/// A regular file below `directory` that holds the canary's word; links are not followed.
fn file_with_secret(directory: &Path) -> io::Result<Option<PathBuf>> {
    let Ok(metadata) = directory.symlink_metadata() else {
        return Ok(None);
    };
    if metadata.is_dir() {
        for entry in fs::read_dir(directory)? {
            if let Some(found) = file_with_secret(&entry?.path())? {
                return Ok(Some(found));
            }
        }
    } else if metadata.is_file() && metadata.len() < 1 << 20 {
        let content = fs::read(directory)?;
        let secret = canary::SECRET.as_bytes();
        if content.windows(secret.len()).any(|window| window == secret) {
            return Ok(Some(directory.to_owned()));
        }
    }
    Ok(None)
}

fn gpus(script: &str) -> BundleOptions {
    BundleOptions {
        script: script.to_owned(),
        environment: vec!["NVIDIA_VISIBLE_DEVICES=all".to_owned()],
        ..BundleOptions::default()
    }
}

/// The tool by its name, or where the machine has it: the link in `/usr/bin` may be what the image spoils.
const LIST: &str = "nvidia-smi -L || /usr/local/nvidia/bin/nvidia-smi -L";

/// The same by the prestart hook, which mounts in the image's file system itself, and makes nodes there.
fn check_image_by_hook(scene: &Scene, image: &Hostile) -> Result<(), Failed> {
    let hook = scene.inside.programs.hook();
    let mut inside = scene.inside.clone();
    inside.programs.runtime.clone_from(&inside.low_level);
    let bundle = spoiled(scene, image)?;
    let mut configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    configuration["hooks"] = json!({"prestart": [{
        "path": hook,
        "args": ["nvidia-container-runtime-hook", "prestart"],
        "env": [format!("NVIDIA_CTK_CONFIG_FILE_PATH={}", bundle.directory().join("config.toml").display())]
    }]});
    fs::write(bundle.config(), configuration.to_string())?;
    judge(image, &scene.start_with(&inside, &bundle)?)
}

fn check_image(scene: &Scene, image: &Hostile) -> Result<(), Failed> {
    let bundle = spoiled(scene, image)?;
    judge(image, &scene.start(&bundle)?)
}

fn spoiled(scene: &Scene, image: &Hostile) -> io::Result<Bundle> {
    let mut options = gpus(LIST);
    if ["profile/", "mount-points/dev"]
        .iter()
        .any(|subject| image.name.starts_with(subject))
    {
        // What is made for programs that draw: the profile, and links in `/dev`.
        let all = "NVIDIA_DRIVER_CAPABILITIES=all".to_owned();
        options.environment.push(all);
    }
    let bundle = scene.bundle(&options)?;
    (image.spoil)(&Spoiling::new(&bundle, &scene.canary))?;
    Ok(bundle)
}

fn judge(image: &Hostile, outcome: &Outcome) -> Result<(), Failed> {
    let machine = suite::machine(image.machine);
    let all: Vec<usize> = (0..machine.gpus().len()).collect();
    let ending = if outcome.stdout.contains(machine.smi_list(&all).trim_end()) {
        Ending::Serves
    } else if outcome.status == Some(0) {
        Ending::Starts
    } else {
        Ending::Refused
    };
    if ending == Ending::Refused {
        in_words(outcome)?;
    }
    if image.ending == Ending::Any || image.ending == ending {
        Ok(())
    } else {
        Err(fail(format!(
            "wanted {:?}, found {ending:?}: {}",
            image.ending,
            outcome.describe()
        )))
    }
}

/// A refusal, ours or the low-level runtime's, says something, exits with an error, and is no crash.
fn in_words(outcome: &Outcome) -> Result<(), Failed> {
    let is_in_words = outcome.status != Some(0)
        && !outcome.stderr.trim().is_empty()
        && !outcome.stderr.contains("panicked");
    let is_from_us = outcome.stderr.contains("error[") || outcome.stderr.contains("[setup-failed]");
    let is_from_runtime = outcome.log.contains("\"error\"");
    if is_in_words && (is_from_us || is_from_runtime || Programs::is_other_runtime()) {
        Ok(())
    } else {
        Err(fail(format!(
            "refused without a word: {}",
            outcome.describe()
        )))
    }
}
