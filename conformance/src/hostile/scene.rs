//! One start of a container, beside a canary.

use super::canary::{self, Canary};
use crate::suite::{self, Ground, fail};
use crate::{Bundle, BundleOptions, Inside, Outcome};
use libtest_mimic::{Failed, Trial};
use liftgate_testhost::{Options, enter_command};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::Arc;

/// What every trial of a suite needs, or why it cannot be had.
pub type Prepared = Result<Arc<Ground>, String>;
/// What a trial does on its scene.
pub type Check = Box<dyn FnOnce(&Scene) -> Result<(), Failed> + Send>;

/// A trial with a scene of its own; it is named and skipped where the machine lacks something.
pub fn trial(ground: &Prepared, low_level: &str, machine: &str, name: &str, check: Check) -> Trial {
    let prepared = ground
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|ground| Ok((Arc::clone(ground), suite::low_level(low_level)?)));
    let (machine, place_name) = (machine.to_owned(), name.to_owned());
    match prepared {
        Err(missing) => suite::trial(name, Some(&missing), || Ok(())),
        Ok((ground, low_level)) => suite::trial(name, None, move || {
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
#[derive(Debug)]
pub struct Scene {
    /// What the trials share.
    pub ground: Arc<Ground>,
    /// The machine, with the programs under test.
    pub inside: Inside,
    /// The bundle's directory.
    pub place: PathBuf,
    /// What must not change.
    pub canary: Canary,
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
    /// Makes the bundle.
    pub fn bundle(&self, options: &BundleOptions) -> io::Result<Bundle> {
        Bundle::make(&self.place, &self.ground.image, options)
    }

    /// Starts the container, and finds out whether anything got out.
    pub fn start(&self, bundle: &Bundle) -> Result<Outcome, Failed> {
        self.start_with(&self.inside, bundle)
    }

    /// As [`Scene::start`], with other programs.
    pub fn start_with(&self, inside: &Inside, bundle: &Bundle) -> Result<Outcome, Failed> {
        let outcome = run(inside, bundle)?;
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

    /// Runs a shell script on the machine, with arguments and variables of its own.
    pub fn on_machine(
        &self,
        script: &str,
        arguments: &[String],
        variables: &[(&str, String)],
    ) -> io::Result<Output> {
        let options = Options {
            state: Some(self.inside.state.clone()),
            writable: vec![self.place.clone()],
        };
        let Inside {
            programs, machine, ..
        } = &self.inside;
        enter_command(&programs.testhost, machine, &options, "/bin/sh")
            .arg("-c")
            .arg(format!("{}{script}", canary::WATCH_MACHINE))
            .arg("sh")
            .args(arguments)
            .env("BUNDLE", &self.place)
            .env("LIFTGATE", &programs.liftgate)
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .output()
    }

    /// The state of a container that is being created, as a low-level runtime writes it to a hook's standard input: with
    /// the root in it, as crun does, or without.
    pub fn write_state(&self, root: Option<&str>) -> io::Result<()> {
        let mut state = json!({
            "ociVersion": "1.0.2", "id": "x", "status": "creating", "pid": 0, "bundle": self.place,
        });
        if let Some(root) = root {
            state["root"] = Value::from(root);
        }
        fs::write(self.place.join("state.json"), state.to_string())
    }

    /// Neither the canary nor the machine has changed, and nothing of the canary was read.
    pub fn nothing_got_out(&self) -> Result<(), String> {
        match self.what_got_out() {
            Ok(None) => Ok(()),
            Ok(Some(harm)) => Err(harm),
            Err(error) => Err(error.to_string()),
        }
    }

    /// What of the canary or the machine has changed, or was read; or why that cannot be told.
    pub fn what_got_out(&self) -> io::Result<Option<String>> {
        let changes = self.canary.changes()?;
        if !changes.is_empty() {
            return Ok(Some(format!("the host has changed: {changes:#?}")));
        }
        let changes = canary::machine_changes(&self.place)?;
        if !changes.is_empty() {
            return Ok(Some(format!("the machine has changed: {changes:#?}")));
        }
        let rootfs = self.place.join("rootfs");
        for directory in ["etc", "usr/local"] {
            if let Some(found) = file_with_secret(&rootfs.join(directory))? {
                let harm = format!("`{}` holds what the host has", found.display());
                return Ok(Some(harm));
            }
        }
        Ok(None)
    }
}

/// Starts the container, whatever comes of it.
pub fn run(inside: &Inside, bundle: &Bundle) -> io::Result<Outcome> {
    inside.run(bundle, &format!("{}{LIMIT}", canary::WATCH_MACHINE))
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

/// A container that asks for every GPU.
pub fn gpus(script: &str) -> BundleOptions {
    BundleOptions {
        script: script.to_owned(),
        environment: vec!["NVIDIA_VISIBLE_DEVICES=all".to_owned()],
        ..BundleOptions::default()
    }
}
