//! The program by the name that CDI specifications know: what it takes for done, and what it does not.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};

fn hook(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_liftgate-rt"))
        .arg0("/usr/bin/nvidia-cdi-hook")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it starts")
}

fn answer(arguments: &[&str]) -> (Option<i32>, String) {
    let output = hook(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?} writes data");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), words)
}

/// A newer toolkit's hook must not stop every container; one that is known to do work must not be taken for
/// done.
#[test]
fn unknown_hooks_are_passed_over_and_known_ones_are_refused() {
    let (status, words) = answer(&["a-hook-of-2030", "--with", "flags"]);
    assert_eq!(status, Some(0));
    assert!(words.starts_with("warning: "), "{words}");
    for known in [
        "create-symlinks",
        "update-ldcache",
        "enable-cuda-compat",
        "disable-device-node-modification",
        "update-application-profile",
        "chmod",
    ] {
        let (status, words) = answer(&["--debug", known, "--link", "a::/b"]);
        assert_eq!(status, Some(1), "{known}");
        assert!(words.starts_with("[hook-not-served] "), "{words}");
        assert!(words.contains("hint: "), "{words}");
    }
}

#[test]
fn nothing_to_do_is_no_failure() {
    assert_eq!(answer(&["noop"]), (Some(0), String::new()));
    assert_eq!(answer(&[]).0, Some(0));
    assert_eq!(answer(&["--quiet"]).0, Some(0));
    let hostile = "\u{1b}[2J".to_owned() + &"x".repeat(10_000);
    let (status, words) = answer(&[&hostile]);
    assert_eq!(status, Some(0));
    assert!(!words.contains('\u{1b}') && words.len() < 200, "{words}");
}

#[test]
fn the_one_hook_does_its_work_or_says_why_not() {
    let (status, words) = answer(&["container-setup", "--cover-params"]);
    assert_eq!(status, Some(1));
    assert!(words.contains("[setup-failed]"), "{words}");
    let (status, words) = answer(&["container-setup", "--driver-version", "1.2.3"]);
    assert_eq!(status, Some(1));
    assert!(words.contains("[cdi-specification-stale]"), "{words}");
    assert!(words.contains("driver 1.2.3"), "{words}");
}

#[test]
fn its_version_is_told() {
    let output = hook(&["--version"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("liftgate-rt "));
}
