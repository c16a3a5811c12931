//! What becomes of specifications: written whole or not at all, listed whatever lies beside them, and made anew
//! when, and only when, the machine has changed.

use crate::documents::{document, schema};
use crate::ground::{LIFTGATE, Place, Scene, Stage, trial};
use crate::validator::validate;
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

const UBUNTU: &str = "ubuntu-550";

/// Made with it, a specification does not depend on what lies beside the program under test.
const HOOK: &str = "--nvidia-cdi-hook-path /usr/bin/liftgate-rt --hook-style one";

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside(UBUNTU);
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("the_record", ubuntu, the_record),
        ("written_for_everybody", ubuntu, written_for_everybody),
        ("written_whole_or_not_at_all", ubuntu, written_whole_or_not_at_all),
        ("the_program_of_the_hooks", ubuntu, the_program_of_the_hooks),
        ("refresh_writes_the_first", ubuntu, refresh_writes_the_first),
        ("refresh_after_nothing", ubuntu, refresh_after_nothing),
        ("refresh_after_an_upgrade", ubuntu, refresh_after_an_upgrade),
        ("refresh_after_mig_devices_came", Place::Inside("a100-mig"), refresh_after_mig_devices_came),
        ("refresh_without_a_driver", Place::Inside(UBUNTU), refresh_without_a_driver),
        ("refresh_leaves_others_alone", ubuntu, refresh_leaves_others_alone),
        ("refresh_refuses_a_conflict", ubuntu, refresh_refuses_a_conflict),
        ("refresh_is_never_seen", ubuntu, refresh_is_never_seen),
        ("nvml_does_not_answer", Place::Inside("a100-mig"), nvml_does_not_answer),
        ("twenty_broken_of_two_hundred", Place::Anywhere, twenty_broken_of_two_hundred),
        ("what_is_made_is_valid", Place::Inside("h100-mig-56"), what_is_made_is_valid),
        ("transformed_ones_are_not_refreshed", ubuntu, transformed_ones_are_not_refreshed),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("specification::{name}"), place, runner));
    trials.collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeed(output: &Output) -> String {
    let words = text(&output.stderr);
    assert!(output.status.success(), "{words}{}", text(&output.stdout));
    text(&output.stdout)
}

/// Writes `$DIR/cdi/nvidia.yaml` on a machine, and gives its text.
fn make(stage: &Stage, machine: &str) -> String {
    let output = stage.script(
        Some(machine),
        &format!("$L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml"),
    );
    succeed(&output);
    made(stage)
}

fn made(stage: &Stage) -> String {
    fs::read_to_string(stage.directory().join("cdi/nvidia.yaml")).expect("a specification")
}

/// Refreshes `$DIR/cdi` on a machine.
fn refresh(stage: &Stage, machine: Option<&str>, more: &str) -> Output {
    let script = format!("$L cdi refresh --spec-dir $DIR/cdi --output $DIR/cdi/nvidia.yaml {more}");
    stage.script(machine, &script)
}

fn the_record(stage: &Stage) {
    let yaml = make(stage, UBUNTU);
    let lines: Vec<&str> = yaml.lines().collect();
    assert_eq!(lines[0], "---");
    assert!(
        lines[1].starts_with("# Made by liftgate 0.1.0 for driver 550.54.15, boot "),
        "{}",
        lines[1]
    );
    assert_eq!(lines[2], "# To make it anew: liftgate cdi refresh");
    let record = lines[3]
        .strip_prefix("# liftgate-record: ")
        .expect("a record");
    let record: Value = serde_json::from_str(record).expect("JSON");
    assert_eq!(record["format"], 1);
    assert_eq!(record["fingerprint"].as_str().map(str::len), Some(16));
    assert_eq!(record["facts"]["driver"], "550.54.15");
    assert_eq!(record["facts"]["majors"]["nvidia"], 195);
    // What was said, and nothing else.
    let options: Vec<&String> = record["options"]
        .as_object()
        .expect("options")
        .keys()
        .collect();
    assert_eq!(options, ["hook-program", "hook-style"]);
    assert_eq!(lines[4], "cdiVersion: 0.5.0");
    let with = stage.run(&["cdi", "generate", "--format", "json"]);
    let without = stage.run(&["cdi", "generate", "--format", "json", "--no-record"]);
    let parse = |output: Output| -> Value { serde_json::from_slice(&output.stdout).expect("JSON") };
    let (with, without) = (parse(with), parse(without));
    assert_eq!(
        (&with["cdiVersion"], &without["cdiVersion"]),
        (&"0.6.0".into(), &"0.5.0".into())
    );
    assert!(without.get("annotations").is_none());
    let record = with["annotations"]["liftgate.io/record"]
        .as_str()
        .expect("a record");
    let record: Value = serde_json::from_str(record).expect("JSON");
    assert_eq!(record["facts"]["driver"], "550.54.15");
}

fn written_for_everybody(stage: &Stage) {
    let script = format!(
        "umask 077; mkdir $DIR/cdi; echo old >$DIR/cdi/nvidia.yaml; $L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml"
    );
    succeed(&stage.script(Some(UBUNTU), &script));
    let directory = stage.directory().join("cdi");
    let mode = fs::metadata(directory.join("nvidia.yaml"))
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o644);
    assert_eq!(
        fs::read_dir(directory).expect("a directory").count(),
        1,
        "something is left over"
    );
}

fn written_whole_or_not_at_all(stage: &Stage) {
    // A disk with room for the old file and half of a new one.
    let script = format!(
        "mkdir $DIR/full && mount -t tmpfs -o size=12k none $DIR/full && echo old >$DIR/full/x.yaml && \
         $L cdi generate {HOOK} --output $DIR/full/x.yaml; echo $?; cat $DIR/full/x.yaml; ls -A $DIR/full"
    );
    let output = stage.script(Some(UBUNTU), &script);
    assert_eq!(text(&output.stdout), "3\nold\nx.yaml\n");
    let words = text(&output.stderr);
    assert!(
        words.contains("cannot write the specification") && words.contains("No space left"),
        "{words}"
    );
    // A machine that cannot be specified: the old file stays, and no new one comes.
    let script = format!(
        "mkdir $DIR/cdi && echo old >$DIR/cdi/x.yaml; \
         $L cdi generate {HOOK} --output $DIR/cdi/x.yaml; $L cdi generate {HOOK} --output $DIR/cdi/y.yaml; \
         cat $DIR/cdi/x.yaml; ls -A $DIR/cdi"
    );
    let output = stage.script(Some("ubuntu-570+ubuntu-550"), &script);
    assert_eq!(text(&output.stdout), "old\nx.yaml\n");
    assert_eq!(
        text(&output.stderr)
            .matches("error[driver-version-mismatch]")
            .count(),
        2
    );
}

/// A directory with the program under test, and beside it one that does the work of hooks.
fn installed(stage: &Stage) -> String {
    let directory = stage.directory().join("bin");
    fs::create_dir(&directory).expect("mkdir");
    fs::copy(LIFTGATE, directory.join("liftgate")).expect("copy");
    program(
        &directory.join("liftgate-rt"),
        "#!/bin/sh\necho ours \"$@\"\n",
    );
    directory.to_str().expect("text").to_owned()
}

fn program(path: &Path, content: &str) {
    fs::write(path, content).expect("write");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
}

fn the_program_of_the_hooks(stage: &Stage) {
    let bin = installed(stage);
    let bin = Path::new(&bin);
    let generate = |more: &str| {
        let script = format!("$DIR/bin/liftgate cdi generate --no-record --format json {more}");
        let output = stage.script(Some(UBUNTU), &script);
        let document: Value = serde_json::from_str(&succeed(&output)).expect("JSON");
        let hooks = document["containerEdits"]["hooks"]
            .as_array()
            .expect("hooks")
            .clone();
        let path = hooks[0]["path"].as_str().expect("a path").to_owned();
        let words: Vec<String> = hooks[0]["args"]
            .as_array()
            .expect("arguments")
            .iter()
            .take(2)
            .map(|word| word.as_str().expect("text").to_owned())
            .collect();
        (path, words.join(" "), hooks.len(), text(&output.stderr))
    };
    let at = |name: &str| bin.join(name).to_str().expect("text").to_owned();
    // Ours, beside the program.
    let (path, words, hooks, notes) = generate("");
    assert_eq!(
        (path, &*words, hooks, &*notes),
        (at("liftgate-rt"), "liftgate-rt container-setup", 1, "")
    );
    // By the usual name, if that is ours.
    symlink("liftgate-rt", bin.join("nvidia-cdi-hook")).expect("symlink");
    let (path, words, hooks, notes) = generate("");
    assert_eq!(
        (path, &*words, hooks, &*notes),
        (
            at("nvidia-cdi-hook"),
            "nvidia-cdi-hook container-setup",
            1,
            ""
        )
    );
    // A copy is ours, too.
    fs::create_dir(bin.join("elsewhere")).expect("mkdir");
    let copy = bin.join("elsewhere/nvidia-cdi-hook");
    fs::copy(bin.join("liftgate-rt"), &copy).expect("copy");
    let named = format!("--nvidia-cdi-hook-path {}", copy.display());
    assert_eq!(generate(&named).2, 1);
    // Another program has the hooks that it knows, and that is said.
    program(&copy, "#!/bin/sh\necho another toolkit\n");
    let (_, words, hooks, notes) = generate(&named);
    assert_eq!((&*words, hooks), ("nvidia-cdi-hook create-symlinks", 5));
    assert!(notes.contains("has the separate hooks"), "{notes}");
    let (_, _, hooks, notes) = generate(&format!("{named} --hook-style one"));
    assert_eq!(hooks, 1);
    assert!(notes.contains("is not liftgate-rt"), "{notes}");
    // The old name of the option's program says what it is with a word more.
    let (path, words, hooks, notes) = generate("--nvidia-cdi-hook-path /opt/nvidia-ctk");
    assert_eq!(
        (&*path, &*words, hooks),
        ("/opt/nvidia-ctk", "nvidia-ctk hook", 1)
    );
    assert!(notes.contains("is not there"), "{notes}");
}

fn refresh_writes_the_first(stage: &Stage) {
    let script = "NVIDIA_CTK_CDI_GENERATE_DEVICE_NAME_STRATEGIES=type-index NVIDIA_CTK_CDI_GENERATE_NO_ALL_DEVICE=1 \
                  NVIDIA_CTK_CDI_OUTPUT_FILE_PATH=$DIR/cdi/first NVIDIA_CTK_CDI_HOOK_PATH=/usr/bin/liftgate-rt \
                  $L cdi refresh --spec-dir $DIR/cdi && $L cdi list --spec-dir $DIR/cdi && $L cdi refresh -v --spec-dir $DIR/cdi";
    let seen = succeed(&stage.script(Some(UBUNTU), script));
    let file = stage.directory().join("cdi/first.yaml");
    let file = file.display();
    assert_eq!(
        seen,
        format!(
            "{file}: written\nnvidia.com/gpu=gpu0\nnvidia.com/gpu=gpu1\nnvidia.com/gpu=gpu2\nnvidia.com/gpu=gpu3\n{file}: still holds\n"
        )
    );
    let output = stage.script(
        Some(UBUNTU),
        "NVIDIA_CTK_CDI_GENERATE_MODE=x $L cdi refresh --spec-dir $DIR/none",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("invalid discovery mode: x"));
}

fn refresh_after_nothing(stage: &Stage) {
    // Each time a simulated machine is entered its directories are new, so all of it is one visit.
    let script = format!(
        "$L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml && $L cdi generate {HOOK} --output $DIR/cdi/nvidia.json && \
         stat -c %i.%Z $DIR/cdi/* >$DIR/before && $L cdi refresh --spec-dir $DIR/cdi && $L cdi refresh --spec-dir $DIR/cdi -v && \
         stat -c %i.%Z $DIR/cdi/* | cmp - $DIR/before && $L cdi refresh --spec-dir $DIR/cdi --json"
    );
    let seen = succeed(&stage.script(Some(UBUNTU), &script));
    assert_eq!(seen.matches(": still holds\n").count(), 2, "{seen}");
    assert_eq!(seen.matches("\"outcome\": \"held\"").count(), 2, "{seen}");
    // What was damaged is made anew, though the machine is the same.
    let script = format!(
        "$L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml >/dev/null && head -n 30 $DIR/cdi/nvidia.yaml >$DIR/half && \
         cp $DIR/cdi/nvidia.yaml $DIR/whole && cp $DIR/half $DIR/cdi/nvidia.yaml && echo '  x: [' >>$DIR/cdi/nvidia.yaml && \
         $L cdi refresh $DIR/cdi/nvidia.yaml && cmp $DIR/cdi/nvidia.yaml $DIR/whole"
    );
    let seen = succeed(&stage.script(Some(UBUNTU), &script));
    assert!(
        seen.ends_with(": made anew: the file was damaged\n"),
        "{seen}"
    );
}

fn refresh_after_an_upgrade(stage: &Stage) {
    let old = make(stage, UBUNTU);
    symlink("nvidia.yaml", stage.directory().join("cdi/link.json")).expect("symlink");
    fs::remove_file(stage.directory().join("cdi/link.json")).expect("unlink");
    // New libraries, the old module: no specification would be right, and the old one stays.
    let output = refresh(stage, Some("ubuntu-570+ubuntu-550"), "");
    assert_eq!(output.status.code(), Some(1));
    let words = text(&output.stderr);
    assert!(
        words.contains("error[driver-version-mismatch]")
            && words.contains("nvidia.yaml` stays as it is"),
        "{words}"
    );
    assert_eq!(made(stage), old);
    // After the reboot.
    let seen = succeed(&refresh(stage, Some("ubuntu-570"), ""));
    assert!(
        seen.ends_with("nvidia.yaml: made anew: the driver was 550.54.15, and is 570.86.15\n"),
        "{seen}"
    );
    let new = made(stage);
    assert!(!new.contains("550.54.15") && new.contains("libcuda.so.570.86.15"));
    assert!(new.contains("- liftgate-rt"), "the options were lost");
    assert_eq!(
        fs::read_dir(stage.directory().join("cdi"))
            .expect("a directory")
            .count(),
        1
    );
}

fn refresh_after_mig_devices_came(stage: &Stage) {
    // A machine whose second GPU has been divided meanwhile.
    stage.write(
        "divided.toml",
        r#"
name = "a100-divided"
description = "a100-mig, with a MIG device less"
base = "a100-mig"

[[gpus]]
model = "a100"
uuid = "GPU-e86cb44c-6756-4d30-8d4a-1e6da3caf9b0"
minor = 1
bus = "0000:07:00.0"
mig-enabled = true
mig = [
    { profile = "2g.10gb", uuid = "MIG-5b53b6d1-3a1d-5b4c-9f6e-7d2c1b8a0003", gpu-instance = 5, compute-instance = 0 },
]

[[gpus]]
model = "a100"
uuid = "GPU-3b5f8d2e-91c4-4a76-be03-6f7a2d9c5e18"
minor = 0
bus = "0000:0f:00.0"
"#,
    );
    let list = || succeed(&stage.script(None, "$L cdi list --spec-dir $DIR/cdi"));
    make(stage, "a100-mig");
    assert_eq!(list().lines().count(), 13);
    let seen = succeed(&refresh(stage, Some("DIR/divided.toml"), ""));
    assert!(
        seen.contains(": made anew: the driver's files or devices have changed"),
        "{seen}"
    );
    assert_eq!(
        list(),
        "nvidia.com/gpu=0:0\nnvidia.com/gpu=1\nnvidia.com/gpu=GPU-3b5f8d2e-91c4-4a76-be03-6f7a2d9c5e18\n\
         nvidia.com/gpu=MIG-5b53b6d1-3a1d-5b4c-9f6e-7d2c1b8a0003\nnvidia.com/gpu=all\n"
    );
}

fn refresh_without_a_driver(stage: &Stage) {
    if Place::NoDriver.missing().is_some() {
        return;
    }
    let old = make(stage, UBUNTU);
    let output = refresh(stage, None, "");
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(1), String::new())
    );
    let words = text(&output.stderr);
    assert!(
        words.starts_with("error[driver-not-loaded]")
            && words.contains("nvidia.yaml` stays as it is"),
        "{words}"
    );
    assert_eq!(made(stage), old);
}

fn refresh_leaves_others_alone(stage: &Stage) {
    let theirs = "# mine\ncdiVersion: 0.5.0\nkind: example.com/net\ndevices: [{name: x, containerEdits: {env: [A=b]}}]\n";
    stage.write("cdi/theirs.yaml", theirs);
    stage.write("cdi/rubbish.json", "{");
    make(stage, UBUNTU);
    fs::rename(
        stage.directory().join("cdi/nvidia.yaml"),
        stage.directory().join("real"),
    )
    .expect("rename");
    symlink("../real", stage.directory().join("cdi/nvidia.yaml")).expect("symlink");
    let seen = succeed(&refresh(stage, Some("ubuntu-570"), "-v"));
    assert_eq!(
        seen.matches("not made by liftgate, left alone").count(),
        2,
        "{seen}"
    );
    assert_eq!(seen.matches("made anew").count(), 1, "{seen}");
    let read = |name: &str| fs::read_to_string(stage.directory().join(name)).expect("a file");
    assert_eq!(read("cdi/theirs.yaml"), theirs);
    assert_eq!(read("cdi/rubbish.json"), "{");
    assert!(stage.directory().join("cdi/nvidia.yaml").is_symlink());
    assert!(read("real").contains("570.86.15"));
}

fn refresh_refuses_a_conflict(stage: &Stage) {
    let theirs = "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{name: all, containerEdits: {env: [A=b]}}]\n";
    stage.write("cdi/theirs.yaml", theirs);
    let schema = schema(stage, "cdi-refresh");
    for more in ["", "--json"] {
        let output = refresh(stage, Some(UBUNTU), more);
        assert_eq!(output.status.code(), Some(1));
        assert!(!stage.directory().join("cdi/nvidia.yaml").exists());
        if more.is_empty() {
            let words = text(&output.stderr);
            assert!(
                words.contains("error[cdi-specification-conflict]")
                    && words.contains("cdi/theirs.yaml"),
                "{words}"
            );
        } else {
            let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(validate(&schema, &document), Ok(()));
            let outcomes: Vec<&Value> = document["files"]
                .as_array()
                .expect("files")
                .iter()
                .map(|file| &file["outcome"])
                .collect();
            assert_eq!(outcomes, ["foreign", "refused"]);
        }
    }
    // Another's file in the very place is not replaced either.
    stage.write("cdi/nvidia.yaml", "rubbish");
    fs::remove_file(stage.directory().join("cdi/theirs.yaml")).expect("unlink");
    assert_eq!(refresh(stage, Some(UBUNTU), "").status.code(), Some(1));
    assert_eq!(made(stage), "rubbish");
}

/// A reader finds a whole specification at every moment.
fn refresh_is_never_seen(stage: &Stage) {
    let script = format!(
        "$L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml >/dev/null || exit 9; \
         cp $DIR/cdi/nvidia.yaml $DIR/old; sed -i 's/fingerprint\":\"./fingerprint\":\"x/' $DIR/old; \
         (i=0; while [ $i -lt 15 ]; do cp $DIR/old $DIR/next && mv $DIR/next $DIR/cdi/nvidia.yaml; $L cdi refresh --spec-dir $DIR/cdi; i=$((i+1)); done) >$DIR/log & \
         n=0; while kill -0 $! 2>/dev/null; do n=$((n+1)); tail -n 1 $DIR/cdi/nvidia.yaml | grep -q . || echo torn; done; \
         wait; cat $DIR/log; echo read"
    );
    let seen = succeed(&stage.script(Some(UBUNTU), &script));
    assert_eq!(seen.matches("made anew").count(), 15, "{seen}");
    assert!(seen.ends_with("read\n") && !seen.contains("torn"), "{seen}");
}

/// A library that waits for ever keeps nobody waiting, and one that crashes takes nobody with it.
fn nvml_does_not_answer(stage: &Stage) {
    // Without its library NVML cannot say anything at all; the GPU that is whole needs no NVML.
    let script = format!(
        "for file in /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550*; do cp /usr/lib/x86_64-linux-gnu/libnvidia-cfg.so.550* $file; done; \
         $L cdi generate {HOOK} --device-id 1 >/dev/null && echo whole; $L cdi generate {HOOK}"
    );
    let output = stage.script(Some("a100-mig"), &script);
    assert_eq!(
        (output.status.code(), &*text(&output.stdout)),
        (Some(1), "whole\n")
    );
    let words = text(&output.stderr);
    assert!(
        words.contains("error[device-unknown]") && words.contains("nvmlInit"),
        "{words}"
    );
}

fn twenty_broken_of_two_hundred(stage: &Stage) {
    let directory = stage.directory().join("cdi");
    for number in 0..200 {
        let content = if number % 10 == 3 {
            "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [\n".to_owned()
        } else {
            format!(
                "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{{name: d{number:03}, containerEdits: {{env: [A=b]}}}}]\n"
            )
        };
        stage.write(&format!("cdi/{number:03}.yaml"), &content);
    }
    // A pipe that nobody writes to must keep nobody waiting.
    let made = stage.script(
        None,
        "mkfifo $DIR/cdi/pipe.yaml $DIR/cdi/pipe.json && mkdir $DIR/cdi/directory.yaml",
    );
    succeed(&made);
    let began = Instant::now();
    let output = stage.run(&["cdi", "list", "--spec-dir", "DIR/cdi"]);
    assert!(began.elapsed() < Duration::from_secs(10));
    let words = text(&output.stderr);
    assert_eq!(succeed(&output).lines().count(), 180);
    assert_eq!(words.matches("warning: ").count(), 23, "{words}");
    for number in (3..200).step_by(10) {
        assert!(
            words.contains(&format!("{number:03}.yaml`: line")),
            "{number}: {words}"
        );
    }
    let schema = schema(stage, "cdi-list");
    let document = document(
        stage,
        &["cdi", "list", "--json", "--spec-dir", "DIR/cdi"],
        0,
    );
    assert_eq!(validate(&schema, &document), Ok(()));
    crate::documents::broken_ones_are_noticed(&schema, &document);
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(23));
    let output = stage.run(&["cdi", "validate", "--spec-dir", "DIR/cdi"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).matches(": error: ").count(), 23);
    // Nothing of it is ours, and none of it is touched.
    let output = stage.run(&[
        "cdi",
        "refresh",
        "-v",
        "--spec-dir",
        "DIR/cdi",
        "--output",
        "DIR/cdi/x.yaml",
    ]);
    assert_eq!(
        text(&output.stdout).matches("not made by liftgate").count(),
        203
    );
    assert!(directory.join("000.yaml").exists());
}

fn what_is_made_is_valid(stage: &Stage) {
    let script = format!(
        "$L cdi generate {HOOK} --output $DIR/x.yaml && $L cdi generate {HOOK} --output $DIR/x.json && $L cdi validate $DIR/x.yaml $DIR/x.json"
    );
    let output = stage.script(Some("h100-mig-56"), &script);
    let seen = succeed(&output);
    // The program of the hooks is not installed there.
    let warnings: Vec<&str> = seen
        .lines()
        .filter(|line| line.contains("warning"))
        .collect();
    assert_eq!(warnings.len(), 2, "{seen}");
    assert!(
        warnings
            .iter()
            .all(|line| line.contains("/usr/bin/liftgate-rt")),
        "{seen}"
    );
}

fn transformed_ones_are_not_refreshed(stage: &Stage) {
    let script = format!(
        "$L cdi generate {HOOK} --format json | $L cdi transform root --from / --to /host --output $DIR/cdi/x.json && \
         $L cdi refresh -v $DIR/cdi/x.json"
    );
    let seen = succeed(&stage.script(Some(UBUNTU), &script));
    assert!(
        seen.ends_with("x.json: not made by liftgate, left alone\n"),
        "{seen}"
    );
}
