//! A simulated machine on which shell scripts run, with the program under test on their `PATH`.

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{Ground, trial};
use liftgate_testhost::{Options, enter_command};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

/// What a suite is prepared with, or why it cannot run.
pub(crate) type Prepared = Result<Arc<Ground>, String>;

/// What a script came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The stage's own directory.
    pub(crate) directory: PathBuf,
}

impl Outcome {
    /// The whole of it, for a failed test's message.
    pub(crate) fn describe(&self) -> String {
        format!(
            "status {:?}\n--- stdout\n{}--- stderr\n{}",
            self.status, self.stdout, self.stderr
        )
    }
}

/// Makes `$R` a root that is mounted on itself, with a `/proc`, and a `/dev` in memory: as container tools have
/// it before they change the root. In a user namespace the kernel may want the `/proc` that is there.
pub(crate) const PREPARE: &str = r"
set -e
mount --bind $R $R
mount -t proc proc $R/proc 2>/dev/null || mount --rbind /proc $R/proc
mount -t tmpfs tmpfs $R/dev
for device in null zero; do : > $R/dev/$device; mount --bind /dev/$device $R/dev/$device; done
";

/// Runs a shell script on the machine. `$R` is a copy of the image, `$S` a directory of the stage's own, and
/// `nvidia-container-cli` is on the `PATH`.
pub(crate) fn run(
    ground: &Ground,
    name: &str,
    machine: &str,
    script: &str,
    variables: &[(&str, &Path)],
) -> Result<Outcome, Failed> {
    let directory = ground.place(name);
    let programs = directory.join("programs");
    fs::create_dir_all(&programs)?;
    let rt = ground.programs.runtime.with_file_name("liftgate-rt");
    for name in ["nvidia-container-cli", "nvidia-container-runtime-hook"] {
        symlink(&rt, programs.join(name))?;
    }
    let root = directory.join("root");
    ground.image.clone_to(&root)?;
    for made in ["proc", "dev"] {
        fs::create_dir_all(root.join(made))?;
    }
    let options = Options {
        state: Some(ground.state.clone()),
        writable: vec![directory.clone()],
    };
    let path = format!(
        "{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        programs.display()
    );
    let mut command = enter_command(&ground.programs.testhost, machine, &options, "/bin/sh");
    command
        .args(["-c", script])
        .env("PATH", path)
        .env("R", &root)
        .env("S", &directory)
        .env("LIFTGATE", &ground.programs.liftgate)
        .env("RT", &rt)
        .env("NVIDIA_CTK_CONFIG_FILE_PATH", directory.join("config.toml"))
        .stdin(Stdio::null());
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output()?;
    Ok(Outcome {
        status: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        directory,
    })
}

/// Adds a test, or one that says what is missing for it.
pub(crate) fn add<F>(
    trials: &mut Vec<Trial>,
    ground: &Prepared,
    name: &str,
    missing: Option<&str>,
    check: F,
) where
    F: FnOnce(&Ground, &str) -> Result<(), Failed> + Send + 'static,
{
    trials.push(match (ground, missing) {
        (Err(missing), _) => trial(name, Some(missing), || Ok(())),
        (_, Some(missing)) => trial(name, Some(missing), || Ok(())),
        (Ok(ground), None) => {
            let (ground, own) = (Arc::clone(ground), name.to_owned());
            trial(name, None, move || check(&ground, &own))
        }
    });
}
