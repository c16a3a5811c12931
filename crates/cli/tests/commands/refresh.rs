//! Specifications are made anew when, and only when, the machine has changed, and only by whoever made them.

use crate::documents::schema;
use crate::ground::{Place, Scene, Stage, trial};
use crate::specifications::{HOOK, UBUNTU, made, make, succeed, text};
use crate::validator::validate;
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside(UBUNTU);
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("writes_the_first", ubuntu, writes_the_first),
        ("after_nothing", ubuntu, after_nothing),
        ("after_an_upgrade", ubuntu, after_an_upgrade),
        ("after_mig_devices_came", Place::Inside("a100-mig"), after_mig_devices_came),
        ("without_a_driver", Place::NoDriver, without_a_driver),
        ("leaves_others_alone", ubuntu, leaves_others_alone),
        ("refuses_a_conflict", ubuntu, refuses_a_conflict),
        ("is_never_seen", ubuntu, is_never_seen),
        ("transformed_ones_are_not_refreshed", ubuntu, transformed_ones_are_not_refreshed),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("refresh::{name}"), place, runner));
    trials.collect()
}

/// Refreshes `$DIR/cdi` on a machine.
fn refresh(stage: &Stage, machine: Option<&str>, more: &str) -> Output {
    let script = format!("$L cdi refresh --spec-dir $DIR/cdi --output $DIR/cdi/nvidia.yaml {more}");
    stage.script(machine, &script)
}

fn writes_the_first(stage: &Stage) {
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

fn after_nothing(stage: &Stage) {
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

fn after_an_upgrade(stage: &Stage) {
    let old = make(stage, UBUNTU);
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

fn after_mig_devices_came(stage: &Stage) {
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

fn without_a_driver(stage: &Stage) {
    let old = "---\n# liftgate-record: {\"facts\":{\"boot\":\"\",\"driver\":\"550.54.15\",\"liftgate\":\"0.1.0\",\"majors\":{}},\"fingerprint\":\"\",\"format\":1,\"options\":{}}\n\
               cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices: [{name: \"0\", containerEdits: {env: [A=b]}}]\n";
    stage.write("cdi/nvidia.yaml", old);
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

fn leaves_others_alone(stage: &Stage) {
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

fn refuses_a_conflict(stage: &Stage) {
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
fn is_never_seen(stage: &Stage) {
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
