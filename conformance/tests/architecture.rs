//! The arrows of ARCHITECTURE.md: a crate depends only on crates below it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The layers, from the bottom up. A crate may use those of lower layers, and those of its own layer that
/// stand before it.
const LAYERS: &[&[&str]] = &[
    &["liftgate-cuda", "liftgate-dockerfile", "liftgate-sys"],
    &["liftgate-elf", "liftgate-oci", "liftgate-config"],
    &[
        "liftgate-image",
        "liftgate-cdi",
        "liftgate-driver",
        "liftgate-nvml",
    ],
    &["liftgate-plan"],
    &["liftgate-apply", "liftgate-engines", "liftgate-lint"],
    &["liftgate-rt", "liftgate"],
];

/// Not part of the product: nothing of it may be a normal dependency of what is.
const DEVELOPMENT: &[&str] = &["liftgate-testhost", "liftgate-conformance", "xtask"];

/// Crates that must not come near a process run as root at every container start.
const NEVER_IN_RT: &[&str] = &[
    "clap",
    "libloading",
    "regex",
    "tokio",
    "tracing",
    "schemars",
    "serde_yaml",
    "reqwest",
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo writes JSON")
}

fn is_normal(dependency: &Value) -> bool {
    dependency["kind"].is_null()
}

#[test]
fn arrows_go_down_only() {
    let metadata = metadata();
    let place: BTreeMap<&str, (usize, usize)> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(layer, crates)| {
            crates
                .iter()
                .enumerate()
                .map(move |(at, name)| (*name, (layer, at)))
        })
        .collect();
    let members: BTreeSet<&str> = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .filter(|package| package["source"].is_null())
        .filter_map(|package| package["name"].as_str())
        .collect();
    let known: BTreeSet<&str> = place
        .keys()
        .copied()
        .chain(DEVELOPMENT.iter().copied())
        .collect();
    assert_eq!(
        members, known,
        "a crate is in no layer, or a layer has a crate that is not there"
    );
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let Some(own) = place.get(name) else { continue };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if !is_normal(dependency) {
                continue;
            }
            let used = dependency["name"].as_str().expect("a name");
            assert!(
                !DEVELOPMENT.contains(&used),
                "{name} uses {used}, which is for development"
            );
            if let Some(theirs) = place.get(used) {
                assert!(theirs < own, "an arrow up: {name} → {used}");
            }
        }
    }
}

#[test]
fn the_runtime_stays_small() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            "liftgate-rt",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let crates: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        crates.contains("liftgate-plan"),
        "cargo tree has changed: {text}"
    );
    for name in NEVER_IN_RT {
        assert!(!crates.contains(name), "liftgate-rt depends on {name}");
    }
    assert!(
        crates.len() <= 60,
        "liftgate-rt depends on {} crates: {crates:?}",
        crates.len()
    );
}

/// What every mention of the weakened build's cfg outside of conditions is for.
const MAY_NAME_WEAKNESS: [(&str, &str); 3] = [
    ("Cargo.toml", "check-cfg"),
    ("crates/sys/Cargo.toml", "check-cfg"),
    ("xtask/src/weakened.rs", "RUSTFLAGS"),
];

/// No manifest, no configuration of cargo's, no build script and no workflow can switch the weaknesses on by which
/// `replay` is proven.
#[test]
fn nothing_but_the_tests_own_build_is_weakened() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned();
    // In two parts, so that this file does not name it.
    let name = ["liftgate", "weakened"].join("_");
    let mut seen = BTreeSet::new();
    for path in files(&root) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let inside = path.strip_prefix(&root).expect("a file of the workspace");
        for line in text.lines().filter(|line| line.contains(&name)) {
            let is_condition = path.extension().is_some_and(|suffix| suffix == "rs")
                && line.trim() == format!("#[cfg({name})]");
            let is_known = MAY_NAME_WEAKNESS
                .iter()
                .any(|(file, word)| inside == Path::new(file) && line.contains(word));
            // Sentences about it.
            let is_prose = line.trim_start().starts_with("//")
                || path.extension().is_some_and(|suffix| suffix == "md");
            assert!(
                is_condition || is_known || is_prose,
                "`{}` names the cfg: {line}",
                inside.display()
            );
            seen.insert(inside.to_owned());
        }
    }
    for (file, _) in MAY_NAME_WEAKNESS {
        assert!(seen.contains(Path::new(file)), "`{file}` was not looked at");
    }
}

/// Every file of the repository, but for what is built.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        let is_built = ["target", ".git"]
            .iter()
            .any(|name| entry.file_name() == *name);
        if path.is_symlink() || is_built {
            continue;
        }
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}
