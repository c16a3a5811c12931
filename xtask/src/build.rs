//! The two executables, as they are shipped.
//!
//! `liftgate-rt` is linked statically and position-independent: nothing that an image puts into the loader's
//! variables or search paths reaches it. Unwind tables are left out (it aborts on a panic), and relative
//! relocations are packed.

use crate::Failure;
use crate::workspace::{cargo, dist, succeed, target};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const STATIC: &str = "-C target-feature=+crt-static -C force-unwind-tables=no -C link-arg=-Wl,-z,pack-relative-relocs";

/// Names that `liftgate-rt` answers to.
const NAMES: &[&str] = &[
    "nvidia-container-runtime",
    "nvidia-container-runtime.cdi",
    "nvidia-container-runtime.legacy",
];

/// Promised sizes, in bytes.
const RT_LIMIT: u64 = 2_000_000;
const BOTH_LIMIT: u64 = 8_000_000;

/// Builds both and puts them into one directory, which is returned.
pub(crate) fn run() -> Result<PathBuf, Failure> {
    let triple = host_triple()?;
    let static_target = target().join("static");
    succeed(
        cargo([
            "build",
            "--profile",
            "dist",
            "--package",
            "liftgate-rt",
            "--target",
            &triple,
        ])
        .arg("--target-dir")
        .arg(&static_target)
        .env("RUSTFLAGS", STATIC),
    )?;
    succeed(&mut cargo([
        "build",
        "--profile",
        "dist",
        "--package",
        "liftgate",
    ]))?;
    let place = dist();
    fs::create_dir_all(&place)?;
    install(
        &static_target.join(&triple).join("dist/liftgate-rt"),
        &place.join("liftgate-rt"),
    )?;
    install(&target().join("dist/liftgate"), &place.join("liftgate"))?;
    for name in NAMES {
        let link = place.join(name);
        if link.symlink_metadata().is_err() {
            symlink("liftgate-rt", link)?;
        }
    }
    check_static(&place.join("liftgate-rt"))?;
    check_sizes(&place)?;
    Ok(place)
}

/// Replaces a file by rename: a container may be starting from the old one.
fn install(from: &Path, to: &Path) -> Result<(), Failure> {
    let same = fs::read(to).is_ok_and(|old| fs::read(from).is_ok_and(|new| old == new));
    if same {
        return Ok(());
    }
    let temporary = to.with_extension("new");
    fs::copy(from, &temporary).map_err(|error| format!("copy `{}`: {error}", from.display()))?;
    fs::rename(&temporary, to)?;
    Ok(())
}

fn host_triple() -> Result<String, Failure> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "rustc does not say for which machine it is".into())
}

/// A program that asks for an interpreter is not static.
fn check_static(program: &Path) -> Result<(), Failure> {
    let output = Command::new("ldd").arg(program).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if text.contains("statically linked") || text.contains("not a dynamic executable") {
        Ok(())
    } else {
        Err(format!("`{}` is not static: {text}", program.display()).into())
    }
}

fn check_sizes(place: &Path) -> Result<(), Failure> {
    let size = |name: &str| fs::metadata(place.join(name)).map(|metadata| metadata.len());
    let (rt, cli) = (size("liftgate-rt")?, size("liftgate")?);
    if rt > RT_LIMIT || rt + cli > BOTH_LIMIT {
        return Err(format!(
            "too large: liftgate-rt has {rt} bytes (limit {RT_LIMIT}), both have {} (limit {BOTH_LIMIT})",
            rt + cli
        )
        .into());
    }
    Ok(())
}
