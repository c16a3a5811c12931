//! Podman with storage of its own, inside a simulated machine.

use crate::{Image, Site, context, find_program, suite};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Podman, on a simulated machine.
#[derive(Debug)]
pub struct Podman {
    site: Site,
    directory: PathBuf,
}

/// As for crun: one cgroup hierarchy only.
const SCRIPT: &str = r#"
umount /sys/fs/cgroup/unified 2>/dev/null
exec podman --root "$STORE/root" --runroot "$STORE/run" --tmpdir "$STORE/tmp" --cgroup-manager cgroupfs \
  --events-backend file --storage-driver overlay --runtime "$RUNTIME" "$@"
"#;

/// Shell text on the machine, where `podman` is this one: its storage, under crun. Tests run side by side, and a program that
/// is open for writing is not executed (`ETXTBSY`): so it comes to its name by a rename.
const SHELL: &str = r#"
umount /sys/fs/cgroup/unified 2>/dev/null || true
mkdir -p "$STORE/bin"
own=$(mktemp -p "$STORE/bin")
printf '%s\n' '#!/bin/sh' 'exec "$PODMAN" --root "$STORE/root" --runroot "$STORE/run" --tmpdir "$STORE/tmp" \' \
  '  --cgroup-manager cgroupfs --events-backend file --storage-driver overlay --runtime "$RUNTIME" "$@"' >"$own"
chmod 755 "$own"
mv "$own" "$STORE/bin/podman"
cd "$STORE"
PATH="$STORE/bin:/usr/sbin:/usr/bin:/sbin:/bin"
eval "$TEXT"
"#;

impl Podman {
    /// Podman on a machine, with its storage in `directory`.
    pub fn new(site: Site, directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        Ok(Self {
            site,
            directory: directory.to_owned(),
        })
    }

    /// A place for a `config.toml`.
    pub fn configuration(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.toml"))
    }

    /// Runs `podman ARGUMENTS` with our runtime and the `config.toml` given.
    pub fn run(&self, configuration: &Path, arguments: &[&str]) -> io::Result<Output> {
        let mut command = self.command(&self.site.programs().runtime, arguments);
        command.env("NVIDIA_CTK_CONFIG_FILE_PATH", configuration);
        context(command.output(), || {
            format!("podman {}", arguments.join(" "))
        })
    }

    /// Runs `podman ARGUMENTS` with a low-level runtime alone.
    pub fn run_with(&self, low_level: &Path, arguments: &[&str]) -> io::Result<Output> {
        context(self.command(low_level, arguments).output(), || {
            format!("podman {}", arguments.join(" "))
        })
    }

    /// Runs shell text on the machine, with this `podman` as the first on `PATH`.
    pub fn shell(&self, text: &str) -> io::Result<Output> {
        let crun = suite::low_level("crun").map_err(io::Error::other)?;
        let podman =
            find_program("podman").ok_or_else(|| io::Error::other("there is no podman"))?;
        let mut command = self.site.enter(&self.directory, "/bin/sh");
        command
            .args(["-e", "-c", SHELL])
            .env("STORE", &self.directory)
            .env("RUNTIME", crun)
            .env("PODMAN", podman)
            .env("TEXT", text)
            .stdin(Stdio::null());
        context(command.output(), || text.to_owned())
    }

    fn command(&self, runtime: &Path, arguments: &[&str]) -> Command {
        let mut command = self.site.enter(&self.directory, "/bin/sh");
        command
            .args(["-c", SCRIPT, "podman"])
            .args(arguments)
            .env("STORE", &self.directory)
            .env("RUNTIME", runtime)
            .stdin(Stdio::null());
        command
    }

    /// Makes the image known under `name`.
    pub fn import(&self, image: &Image, name: &str) -> io::Result<()> {
        self.import_with(image, name, "")
    }

    /// The same, with a line of a Dockerfile's.
    pub fn import_with(&self, image: &Image, name: &str, change: &str) -> io::Result<()> {
        let archive = self.directory.join("image.tar");
        image.archive(&archive)?;
        let path = archive.to_string_lossy();
        let mut arguments = vec!["import"];
        if !change.is_empty() {
            arguments.extend(["--change", change]);
        }
        arguments.extend([&*path, name]);
        let output = self.run(&self.configuration("none"), &arguments)?;
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
