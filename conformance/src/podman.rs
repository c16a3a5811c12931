//! Podman with storage of its own, inside a simulated machine.

use crate::{Image, Programs, context};
use liftgate_testhost::{Options, enter_command};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

/// Podman, on a simulated machine.
#[derive(Debug)]
pub struct Podman {
    programs: Programs,
    machine: String,
    state: PathBuf,
    directory: PathBuf,
}

/// As for crun: one cgroup hierarchy only.
const SCRIPT: &str = r#"
umount /sys/fs/cgroup/unified 2>/dev/null
exec podman --root "$STORE/root" --runroot "$STORE/run" --tmpdir "$STORE/tmp" --cgroup-manager cgroupfs \
  --events-backend file --storage-driver overlay --runtime "$RUNTIME" "$@"
"#;

impl Podman {
    /// Podman on `machine`, with its storage in `directory`.
    pub fn new(
        programs: &Programs,
        machine: &str,
        state: &Path,
        directory: &Path,
    ) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self {
            programs: programs.clone(),
            machine: machine.to_owned(),
            state: state.to_owned(),
            directory: directory.to_owned(),
        })
    }

    /// A place for a `config.toml`.
    pub fn configuration(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.toml"))
    }

    /// Runs `podman ARGUMENTS`, with the `config.toml` given.
    pub fn run(&self, configuration: &Path, arguments: &[&str]) -> io::Result<Output> {
        let options = Options {
            state: Some(self.state.clone()),
            writable: vec![self.directory.clone()],
        };
        let output = enter_command(&self.programs.testhost, &self.machine, &options, "/bin/sh")
            .args(["-c", SCRIPT, "podman"])
            .args(arguments)
            .env("STORE", &self.directory)
            .env("RUNTIME", &self.programs.runtime)
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", configuration)
            .stdin(Stdio::null())
            .output();
        context(output, || format!("podman {}", arguments.join(" ")))
    }

    /// Makes the image known under `name`.
    pub fn import(&self, image: &Image, name: &str) -> io::Result<()> {
        let archive = self.directory.join("image.tar");
        image.archive(&archive)?;
        let output = self.run(
            &self.configuration("none"),
            &["import", &archive.to_string_lossy(), name],
        )?;
        fs::remove_file(&archive)?;
        if output.status.success() {
            Ok(())
        } else {
            Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ))
        }
    }
}
