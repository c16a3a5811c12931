//! `liftgate` for old systems: linked against glibc 2.17, which RHEL 7 has and everything since.
//!
//! A program that is linked on a machine needs that machine's glibc or a newer one: 2.34 on Debian 12, and Ubuntu
//! 20.04 has 2.31. zig brings the symbol tables of every glibc, and `cargo-zigbuild` has rustc link with it. Both come
//! from `PyPI` into a directory of their own, once; nothing of them is in the program.

use crate::{Failure, build, say, workspace};
use liftgate_elf::facts;
use liftgate_elf::versions::GlibcVersion;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The newest version of glibc that may be needed.
pub(super) const GLIBC: &str = "2.17";

/// What is missing if it is not there.
pub(super) const NEEDS: &str = "zig and cargo-zigbuild, from PyPI";

const TOOLS: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.0"];

/// Libraries that every glibc has. `libgcc_s.so.1` is none of them.
const LIBRARIES: [&str; 6] = [
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "ld-linux-x86-64.so.2",
];

fn tools() -> PathBuf {
    workspace::target().join("tools/zig")
}

/// Fetches the tools, unless they are there.
pub(super) fn is_there() -> bool {
    let place = tools();
    let mark = place.join("versions");
    let wanted = TOOLS.join("\n");
    if fs::read_to_string(&mark).is_ok_and(|there| there == wanted) {
        return true;
    }
    say::progress("zig and cargo-zigbuild, from PyPI (once; about 90 MB)");
    let quietly = |command: &mut Command| {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let has_python = || quietly(Command::new("python3").args(["-m", "venv"]).arg(&place));
    if !has_python() {
        crate::packages::install(&["python3-venv"]);
        if !has_python() {
            return false;
        }
    }
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    quietly(
        Command::new(place.join("bin/python3"))
            .args(install)
            .args(TOOLS),
    ) && fs::write(mark, wanted).is_ok()
}

/// Builds it, and says where it is.
pub(super) fn build() -> Result<PathBuf, Failure> {
    let triple = build::host_triple()?;
    let directory = workspace::target().join("floor");
    let cache = tools().join("cache");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        [tools().join("bin")]
            .into_iter()
            .chain(std::env::split_paths(&path)),
    )?;
    workspace::succeed(
        workspace::cargo(["zigbuild", "--profile", "dist", "--package", "liftgate"])
            .arg("--target")
            .arg(format!("{triple}.{GLIBC}"))
            .arg("--target-dir")
            .arg(&directory)
            .env("PATH", path)
            .env("ZIG_GLOBAL_CACHE_DIR", &cache)
            .env("CARGO_ZIGBUILD_CACHE_DIR", &cache)
            .env_remove("RUSTFLAGS")
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                build::encoded(&build::remapped_paths()),
            ),
    )?;
    let program = directory.join(triple).join("dist/liftgate");
    check(&program)?;
    Ok(program)
}

/// Reads what it needs, instead of trusting those who made it.
fn check(program: &Path) -> Result<(), Failure> {
    let facts = facts::read(fs::File::open(program)?)
        .map_err(|error| format!("`{}`: {error}", program.display()))?;
    let foreign: Vec<&String> = facts
        .needed
        .iter()
        .filter(|library| !LIBRARIES.contains(&library.as_str()))
        .collect();
    if !foreign.is_empty() {
        return Err(format!("`{}` needs {foreign:?}", program.display()).into());
    }
    let needed = facts
        .needs_glibc
        .ok_or_else(|| format!("`{}` needs no glibc: is it dynamic?", program.display()))?;
    if GlibcVersion::parse(GLIBC).is_none_or(|limit| needed > limit) {
        return Err(format!(
            "`{}` needs glibc {needed}, and {GLIBC} is promised",
            program.display()
        )
        .into());
    }
    Ok(())
}
