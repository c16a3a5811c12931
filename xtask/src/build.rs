//! The two executables, as they are shipped.
//!
//! `liftgate-rt` is linked statically and position-independent: nothing that an image puts into the loader's
//! variables or search paths reaches it. Unwind tables are left out (it aborts on a panic), and relative
//! relocations are packed.

use crate::Failure;
use crate::workspace::{cargo, dist, root, succeed, target};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const STATIC: [&str; 8] = [
    "-C",
    "target-feature=+crt-static",
    "-C",
    "force-unwind-tables=no",
    "-C",
    "link-arg=-Wl,-z,pack-relative-relocs",
    "-C",
    "link-arg=-Wl,--no-eh-frame-hdr",
];

/// Leaves out the unwind tables of std and of the C library, too.
const LINKER_SCRIPT: &str = "crates/rt/no-unwind-tables.ld";

/// Names that `liftgate-rt` answers to.
const NAMES: &[&str] = &[
    "nvidia-container-runtime",
    "nvidia-container-runtime.cdi",
    "nvidia-container-runtime.legacy",
    "nvidia-cdi-hook",
    "nvidia-container-runtime-hook",
    "nvidia-container-toolkit",
    "nvidia-container-cli",
    "nvidia-ctk",
];

/// Names that `liftgate` answers to.
const NAMES_OF_LIFTGATE: &[&str] = &["nvidia-docker"];

/// Promised sizes, in bytes: 2 MiB and 8 MB.
const RT_LIMIT: u64 = 2 << 20;
const BOTH_LIMIT: u64 = 8_000_000;

/// Builds both and puts them into one directory, which is returned.
pub(crate) fn run() -> Result<PathBuf, Failure> {
    let rt = static_runtime()?;
    succeed(&mut cargo([
        "build",
        "--profile",
        "dist",
        "--package",
        "liftgate",
    ]))?;
    let place = dist();
    fs::create_dir_all(&place)?;
    install(&rt, &place.join("liftgate-rt"))?;
    install(&target().join("dist/liftgate"), &place.join("liftgate"))?;
    for (program, names) in [("liftgate-rt", NAMES), ("liftgate", NAMES_OF_LIFTGATE)] {
        for name in names {
            let link = place.join(name);
            if fs::read_link(&link).is_ok_and(|target| target == Path::new(program)) {
                continue;
            }
            if link.symlink_metadata().is_ok() {
                fs::remove_file(&link)?;
            }
            symlink(program, link)?;
        }
    }
    check_sizes(&place)?;
    Ok(place)
}

/// Builds `liftgate-rt`, and says where it is.
pub(crate) fn static_runtime() -> Result<PathBuf, Failure> {
    let triple = host_triple()?;
    let static_target = target().join("static");
    let script = format!("link-arg=-Wl,-T,{}", root().join(LINKER_SCRIPT).display());
    let mut flags: Vec<String> = STATIC.map(str::to_owned).to_vec();
    flags.extend(["-C".to_owned(), script]);
    flags.extend(remapped_paths());
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
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", encoded(&flags)),
    )?;
    let program = static_target.join(&triple).join("dist/liftgate-rt");
    check_static(&program)?;
    Ok(program)
}

/// Flags for rustc in one variable, parted by a character that no path has.
pub(crate) fn encoded(flags: &[String]) -> String {
    flags.join("\u{1f}")
}

/// A panic names the source file; whose home that lay in is nobody's affair, and takes room.
pub(crate) fn remapped_paths() -> [String; 2] {
    let crates = cargo_home().join("registry/src");
    [
        format!("--remap-path-prefix={}=", crates.display()),
        format!("--remap-path-prefix={}=", root().display()),
    ]
}

/// Where cargo keeps the sources of crates.
fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    std::env::var_os("CARGO_HOME").map_or_else(|| home().join(".cargo"), PathBuf::from)
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

pub(crate) fn host_triple() -> Result<String, Failure> {
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

pub(crate) fn check_sizes(place: &Path) -> Result<(), Failure> {
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
