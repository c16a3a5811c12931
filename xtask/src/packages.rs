//! Programs that the demo and the tests need, from the distribution.

use crate::say;
use liftgate_conformance::find_program;
use std::process::{Command, Stdio};

/// A program and the Debian package that has it.
pub(crate) type Need = (&'static str, &'static str);

/// For containers without an engine.
pub(crate) const RUNTIMES: &[Need] = &[("runc", "runc"), ("crun", "crun")];
/// For Docker.
pub(crate) const DOCKER: &[Need] = &[
    ("dockerd", "docker.io"),
    ("docker", "docker.io"),
    ("containerd", "containerd"),
    ("runc", "runc"),
];
/// For Podman.
pub(crate) const PODMAN: &[Need] = &[("podman", "podman"), ("conmon", "conmon")];
/// What shows the system calls of a program.
pub(crate) const TRACE: &[Need] = &[("strace", "strace")];
/// What packages are made with, and tried.
pub(crate) const PACKAGING: &[Need] = &[
    ("python3", "python3"),
    ("rpmbuild", "rpm"),
    ("rpm", "rpm"),
    ("xz", "xz-utils"),
    ("tar", "tar"),
];

/// Installs what is missing, where this machine is Debian's and we are root. What is still missing after
/// that is returned; the caller says what it leaves out.
pub(crate) fn ensure(needs: &[Need]) -> Vec<&'static str> {
    let mut packages: Vec<&str> = missing(needs).map(|(_, package)| package).collect();
    packages.sort_unstable();
    packages.dedup();
    if !packages.is_empty() {
        install(&packages);
    }
    missing(needs).map(|(program, _)| program).collect()
}

fn missing(needs: &[Need]) -> impl Iterator<Item = Need> {
    needs
        .iter()
        .copied()
        .filter(|(program, _)| find_program(program).is_none())
}

/// Installs packages, where this machine is Debian's and we are root. What fails here shows later, as
/// something that is still missing.
pub(crate) fn install(packages: &[&str]) {
    if !liftgate_sys::namespace::is_real_root() || find_program("apt-get").is_none() {
        return;
    }
    say::progress(&format!("apt-get install {}", packages.join(" ")));
    let apt = |arguments: &[&str]| {
        Command::new("apt-get")
            .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // The packages' own daemons stay off: the demo and the tests start private ones.
            .env("RUNLEVEL", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
    };
    apt(&["update"]).ok();
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments).ok();
}
