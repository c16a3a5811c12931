//! The program under its other name, `nvidia-ctk`: what scripts and units that know the original rely on.

use crate::ground::{LIFTGATE, Place, Scene, Stage, trial};
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Output;

const UBUNTU: &str = "ubuntu-550";

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside(UBUNTU);
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("its_name", Place::Anywhere, its_name),
        ("exit_statuses", ubuntu, exit_statuses),
        ("names_of_files", ubuntu, names_of_files),
        ("the_log", ubuntu, the_log),
        ("the_environment", ubuntu, the_environment),
        ("lists_devices", Place::Anywhere, lists_devices),
        ("transforms_roots", Place::Anywhere, transforms_roots),
        ("hooks_are_handed_on", Place::Anywhere, hooks_are_handed_on),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("nvidia_ctk::{name}"), place, runner));
    trials.collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Lines of the log without their times.
pub(crate) fn log(output: &Output) -> Vec<String> {
    text(&output.stderr)
        .lines()
        .map(|line| match line.split_once("Z\" ") {
            Some((time, rest)) if time.starts_with("time=\"") => rest.to_owned(),
            _ => line.to_owned(),
        })
        .collect()
}

/// Runs `nvidia-ctk` with these words on a simulated machine.
fn run(stage: &Stage, words: &str) -> Output {
    stage.script(Some(UBUNTU), &format!("cd $DIR && $L nvidia-ctk {words}"))
}

fn its_name(stage: &Stage) {
    symlink(LIFTGATE, stage.directory().join("nvidia-ctk")).expect("symlink");
    let output = stage.script(None, "$DIR/nvidia-ctk --version");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        text(&output.stdout),
        format!("NVIDIA Container Toolkit CLI version {version} (liftgate)\n")
    );
    let output = stage.script(None, "PATH=$DIR:$PATH nvidia-ctk -v");
    assert!(text(&output.stdout).starts_with("NVIDIA Container Toolkit CLI"));
}

#[rustfmt::skip]
fn exit_statuses(stage: &Stage) {
    for (words, status, last) in [
        ("", 0, ""),
        ("cdi", 0, ""),
        ("cdi transform", 0, ""),
        ("info", 0, ""),
        ("help", 0, ""),
        ("cdi generate --help", 0, ""),
        ("frobnicate", 3, "No help topic for 'frobnicate'"),
        ("cdi frobnicate", 3, "No help topic for 'frobnicate'"),
        ("system print-ldcache", 3, "No help topic for 'print-ldcache'"),
        ("system print-ldcache --help", 1, "level=error msg=\"No help topic for 'print-ldcache'\""),
        ("info frobnicate", 3, "No help topic for 'frobnicate'"),
        ("info --help", 0, ""),
        ("config help frobnicate", 3, "No help topic for 'frobnicate'"),
        ("config help default", 0, ""),
        ("cdi generate --no-such-flag", 1, "level=error msg=\"flag provided but not defined: -no-such-flag\""),
        ("cdi generate --output", 1, "level=error msg=\"flag needs an argument: --output\""),
        ("cdi generate --no-all-device=maybe", 1, "level=error msg=\"invalid value \\\"maybe\\\" for flag -no-all-device: parse error\""),
        ("cdi generate --mode tegra", 1, "level=error msg=\"invalid discovery mode: tegra\""),
        ("cdi generate --mode ''", 1, "level=error msg=\"invalid discovery mode: \""),
        ("cdi generate --format toml", 1, "level=error msg=\"invalid output format: toml\""),
        ("cdi generate --device-name-strategy index,UUID", 1, "level=error msg=\"invalid device name strategy: UUID\""),
        ("cdi generate --enable-hook all", 1, "level=error msg=\"enabling all hooks is not supported\""),
        ("cdi transform root --relative-to both", 1, "level=error msg=\"invalid --relative-to value: both\""),
        ("--quiet cdi generate extra", 0, ""),
        ("--quiet cdi generate -mode=NVML --class gpu.x --cdi-vendor ab --devices 0,1 --no-all-device=true", 0, ""),
        ("--quiet cdi generate --output /proc/x.yaml", 1, ""),
        ("--quiet cdi generate --mode gds", 1, ""),
        ("runtime configure --runtime frobnicate", 1, ""),
        ("config", 0, ""),
        ("config frobnicate", 0, ""),
        ("config --set", 1, "level=error msg=\"flag needs an argument: --set\""),
        ("system", 0, ""),
        ("system frobnicate", 3, "No help topic for 'frobnicate'"),
        ("system create-device-nodes --help", 0, ""),
        ("system create-device-nodes frobnicate", 0, "level=info msg=\"Using dev-root \\\"/\\\"\""),
        ("system create-dev-char-symlinks --dry-run=maybe", 1, "level=error msg=\"invalid value \\\"maybe\\\" for flag -dry-run: parse error\""),
    ] {
        let output = run(stage, words);
        let log = log(&output);
        assert_eq!(output.status.code(), Some(status), "{words}: {log:?}");
        if let Some(error) = log.first().and_then(|line| line.strip_prefix("Incorrect Usage: ")) {
            let quoted = error.replace('"', "\\\"");
            assert_eq!(log[1..], [String::new(), format!("level=error msg=\"{quoted}\"")], "{words}");
        }
        if !last.is_empty() {
            assert_eq!(log.last().map(String::as_str), Some(last), "{words}");
        } else if status == 0 {
            assert!(log.is_empty() && !output.stdout.is_empty(), "{words}: {log:?}");
        } else {
            assert!(log.len() == 1 && log[0].starts_with("level=error msg="), "{words}: {log:?}");
        }
    }
}

fn names_of_files(stage: &Stage) {
    for (words, files, warnings) in [
        ("--output x", "x.yaml", 0),
        ("--output x --format JSON", "x.json", 0),
        ("--output x.yml", "x.yml.yaml", 0),
        ("--output a/b/x.yaml", "a", 0),
        ("--output x.json --format yaml", "x.json", 1),
        ("--output x.yaml --output y.yaml", "y.yaml", 0),
        ("--output ''", "", 0),
    ] {
        let output = run(
            stage,
            &format!(
                "cdi generate --nvidia-cdi-hook-path {LIFTGATE} {words}; echo =; ls; rm -r a x.* y.* 2>/dev/null"
            ),
        );
        let seen = text(&output.stdout);
        let (_, seen) = seen.rsplit_once("=\n").expect("a mark");
        assert_eq!(seen.trim(), files, "{words}");
        let log = log(&output);
        let found = log.iter().filter(|line| line.starts_with("level=warning"));
        assert_eq!(found.count(), warnings, "{words}: {log:?}");
    }
}

fn the_log(stage: &Stage) {
    let words = format!("cdi generate --nvidia-cdi-hook-path {LIFTGATE}");
    let output = run(stage, &words);
    let lines = log(&output);
    assert_eq!(lines[0], "level=info msg=\"Auto-detected mode as 'nvml'\"");
    assert_eq!(
        lines[1],
        "level=info msg=\"Using driver version 550.54.15\""
    );
    let selecting = "level=info msg=\"Selecting /dev/nvidia0 as /dev/nvidia0\"";
    assert!(lines.iter().any(|line| line == selecting));
    let last = "level=info msg=\"Generated CDI spec with version 0.5.0\"";
    assert_eq!(lines.last().map(String::as_str), Some(last));
    let yaml = text(&output.stdout);
    assert!(yaml.starts_with("---\n# Made by liftgate ") && yaml.contains("\ncdiVersion: 0.5.0\n"));
    for words in [
        format!("--quiet {words}"),
        format!("{words} -quiet --debug"),
    ] {
        assert_eq!(run(stage, &words).stderr, b"", "{words}");
    }
    // JSON of this command line declares what the original's does.
    let output = run(stage, &format!("--quiet {words} --format json"));
    let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["cdiVersion"], "0.5.0");
    let output = run(
        stage,
        "cdi generate --device-id none --nvidia-cdi-hook-path none-there --disable-hook x --feature-flag y",
    );
    let warnings: Vec<String> = log(&output)
        .into_iter()
        .filter(|line| line.starts_with("level=warning"))
        .collect();
    assert_eq!(warnings.len(), 4, "{warnings:?}");
}

fn the_environment(stage: &Stage) {
    let run = |environment: &str, words: &str| {
        let output = stage.script(
            Some(UBUNTU),
            &format!("cd $DIR && {environment} $L nvidia-ctk cdi generate {words}"),
        );
        (text(&output.stdout), log(&output), output.status.code())
    };
    let (yaml, lines, _) = run(
        "NVIDIA_CTK_QUIET=T NVIDIA_CTK_CDI_GENERATE_DEVICE_IDS=0,1 NVIDIA_CTK_CDI_GENERATE_VENDOR=example.com NVIDIA_CTK_CDI_GENERATE_NO_ALL_DEVICE=",
        "--device-name-strategy type-index",
    );
    assert!(lines.is_empty(), "{lines:?}");
    for word in [
        "kind: example.com/gpu",
        "- name: gpu0",
        "- name: gpu1",
        "- name: all",
    ] {
        assert!(yaml.contains(word), "{word}");
    }
    assert!(!yaml.contains("gpu2"));
    let (_, lines, status) = run("NVIDIA_CTK_CDI_GENERATE_MODE=x", "");
    assert_eq!(
        (status, &*lines[0]),
        (Some(1), "level=error msg=\"invalid discovery mode: x\"")
    );
    assert_eq!(
        run("NVIDIA_CTK_CDI_GENERATE_MODE=x", "--mode nvml").2,
        Some(0)
    );
    let (_, lines, status) = run("NVIDIA_CTK_DEBUG=foo", "");
    assert_eq!(
        (status, &*lines[0]),
        (
            Some(1),
            "level=error msg=\"could not parse \\\"foo\\\" as bool value from environment variable \\\"NVIDIA_CTK_DEBUG\\\" for flag debug: parse error\""
        )
    );
    // The driver root of a config.toml that is named, and of one that cannot be read.
    stage.write("root.toml", "[nvidia-container-cli]\nroot = \"/nowhere\"\n");
    stage.write("broken.toml", "[nvidia");
    assert_eq!(run("NVIDIA_CTK_CONFIG=root.toml", "").2, Some(1));
    assert_eq!(
        run("NVIDIA_CTK_CONFIG=root.toml", "--driver-root /").2,
        Some(0)
    );
    assert_eq!(run("NVIDIA_CTK_CONFIG=broken.toml", "").2, Some(0));
    assert_eq!(run("NVIDIA_CTK_CONFIG=none.toml", "").2, Some(0));
}

fn lists_devices(stage: &Stage) {
    for (name, device) in [("a", "one"), ("b", "two")] {
        stage.write(
            &format!("{name}/x.yaml"),
            &format!("cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{{name: {device}, containerEdits: {{env: [A=b]}}}}]\n"),
        );
    }
    stage.write("b/broken.yaml", "[");
    let output = stage.script(
        None,
        "cd $DIR && NVIDIA_CTK_CDI_SPEC_DIRS=a,b $L nvidia-ctk cdi list",
    );
    assert_eq!(
        text(&output.stdout),
        "nvidia.com/gpu=one\nnvidia.com/gpu=two\n"
    );
    assert_eq!(output.status.code(), Some(0));
    let lines = log(&output);
    assert_eq!(
        lines[0],
        "level=warning msg=\"The following registry errors were reported:\""
    );
    assert!(
        lines[1].starts_with("level=warning msg=\"b/broken.yaml: [line "),
        "{}",
        lines[1]
    );
    assert_eq!(lines[2..], ["level=info msg=\"Found 2 CDI devices\""]);
    let output = stage.script(
        None,
        "cd $DIR && $L nvidia-ctk --quiet cdi list --spec-dir a",
    );
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        ("nvidia.com/gpu=one\n".into(), String::new())
    );
}

fn transforms_roots(stage: &Stage) {
    let file = "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{name: x, containerEdits: {mounts: [{hostPath: /usr/a, containerPath: /usr/a}]}}]\n";
    stage.write("x.yaml", file);
    for words in [
        "--input x.yaml",
        "--input - <x.yaml",
        "<x.yaml",
        "--input x.yaml --output y; cat y.yaml",
    ] {
        let output = stage.script(
            None,
            &format!("cd $DIR && $L nvidia-ctk cdi transform root --from /usr --to /host {words}"),
        );
        let seen = text(&output.stdout);
        assert!(
            seen.contains("hostPath: /host/a\n") && seen.contains("containerPath: /usr/a\n"),
            "{words}: {seen}"
        );
        assert_eq!((log(&output).len(), output.status.code()), (0, Some(0)));
    }
    let output = stage.script(
        None,
        "$L nvidia-ctk cdi transform root --input $DIR/none.yaml",
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(log(&output)[0].starts_with("level=error msg=\"failed to load CDI specification: "));
}

fn hooks_are_handed_on(stage: &Stage) {
    let bin = stage.directory().join("bin");
    fs::create_dir(&bin).expect("mkdir");
    fs::copy(LIFTGATE, bin.join("liftgate")).expect("copy");
    symlink("liftgate", bin.join("nvidia-ctk")).expect("symlink");
    let output = stage.script(None, "$DIR/bin/nvidia-ctk hook create-symlinks");
    assert_eq!(output.status.code(), Some(1));
    assert!(log(&output)[0].contains("hint: install liftgate-rt beside liftgate"));
    let rt = bin.join("liftgate-rt");
    fs::write(&rt, "#!/bin/sh\necho \"$@\"; exit 7\n").expect("write");
    fs::set_permissions(&rt, fs::Permissions::from_mode(0o755)).expect("chmod");
    for (words, handed_on) in [
        ("hook", ""),
        (
            "hook update-ldcache --folder /x --help",
            "update-ldcache --folder /x --help",
        ),
        ("--quiet hook noop", "--quiet noop"),
    ] {
        let output = stage.script(None, &format!("$DIR/bin/nvidia-ctk {words}"));
        assert_eq!(
            (text(&output.stdout).trim(), output.status.code()),
            (handed_on, Some(7)),
            "{words}"
        );
    }
}
