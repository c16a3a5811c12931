//! The arrows of ARCHITECTURE.md: a crate depends only on crates below it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The layers, from the bottom up. A crate may use those of lower layers, and those of its own layer that
/// stand before it.
const LAYERS: &[&[&str]] = &[
    &["liftgate-sys"],
    &["liftgate-elf", "liftgate-oci", "liftgate-config"],
    &["liftgate-cdi", "liftgate-driver", "liftgate-nvml"],
    &["liftgate-plan"],
    &["liftgate-apply"],
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
