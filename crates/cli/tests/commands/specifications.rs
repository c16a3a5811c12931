//! What becomes of specifications: written whole or not at all, and listed whatever lies beside them.

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

pub(crate) const UBUNTU: &str = "ubuntu-550";

/// Made with it, a specification does not depend on what lies beside the program under test.
pub(crate) const HOOK: &str = "--nvidia-cdi-hook-path /usr/bin/liftgate-rt --hook-style one";

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside(UBUNTU);
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("the_record", ubuntu, the_record),
        ("written_for_everybody", ubuntu, written_for_everybody),
        ("written_whole_or_not_at_all", ubuntu, written_whole_or_not_at_all),
        ("the_program_of_the_hooks", ubuntu, the_program_of_the_hooks),
        ("nvml_does_not_answer", Place::Inside("a100-mig"), nvml_does_not_answer),
        ("by_coherence", Place::Inside("h200-580"), by_coherence),
        ("explicit_libraries", Place::Inside("h200-580"), explicit_libraries),
        ("twenty_broken_of_two_hundred", Place::Anywhere, twenty_broken_of_two_hundred),
        ("what_is_made_is_valid", Place::Inside("h100-mig-56"), what_is_made_is_valid),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("specification::{name}"), place, runner));
    trials.collect()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn succeed(output: &Output) -> String {
    let words = text(&output.stderr);
    assert!(output.status.success(), "{words}{}", text(&output.stdout));
    text(&output.stdout)
}

/// Writes `$DIR/cdi/nvidia.yaml` on a machine, and gives its text.
pub(crate) fn make(stage: &Stage, machine: &str) -> String {
    let output = stage.script(
        Some(machine),
        &format!("$L cdi generate {HOOK} --output $DIR/cdi/nvidia.yaml"),
    );
    succeed(&output);
    made(stage)
}

pub(crate) fn made(stage: &Stage) -> String {
    fs::read_to_string(stage.directory().join("cdi/nvidia.yaml")).expect("a specification")
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

/// A library that waits for ever keeps nobody waiting for more than ten seconds, one that is none fails at once, and
/// the GPU that is whole needs neither.
fn nvml_does_not_answer(stage: &Stage) {
    let library = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.127.08";
    for (spoil, reason) in [
        (
            format!("rm {library} && mkfifo {library}"),
            "NVML gave no answer within 10 seconds",
        ),
        (
            format!("cp /usr/lib/x86_64-linux-gnu/libnvidia-cfg.so.550.127.08 {library}"),
            "nvmlInit",
        ),
    ] {
        let script = format!(
            "{spoil}; timeout 30 $L cdi generate {HOOK}; echo $?; ps ax | grep -c '[n]vml-names /usr'"
        );
        let output = stage.script(Some("a100-mig"), &script);
        assert_eq!(text(&output.stdout), "1\n0\n", "{spoil}");
        let words = text(&output.stderr);
        assert!(
            words.contains("error[device-unknown]") && words.contains(reason),
            "{words}"
        );
    }
    let script =
        format!("rm {library}; $L cdi generate {HOOK} --device-id 1 | grep -c 'name: GPU-'");
    let output = stage.script(Some("a100-mig"), &script);
    assert_eq!(text(&output.stdout), "1\n");
}

/// Once more for each kind of GPU that there is, in a file and a class of its own; none for a kind that there is not.
fn by_coherence(stage: &Stage) {
    let manifest = "name = \"gh200-580\"\ndescription = \"h200-580, coherent\"\nbase = \"h200-580\"\n[models.h200]\ncoherent = true\n";
    stage.write("gh200.toml", manifest);
    let coherent = stage.directory().join("gh200.toml");
    let coherent = coherent.to_string_lossy();
    for (machine, kind) in [("h200-580", "noncoherent"), (&*coherent, "coherent")] {
        let script = format!(
            "cd /run && $L cdi generate {HOOK} --feature-flag enable-coherent-annotations --output x.yaml >&2 && \
             ls x.* && grep -h -e ^kind -e ^cdiVersion x.{kind}.yaml && grep -c 'name: ' x.{kind}.yaml && \
             $L cdi validate x.{kind}.yaml 2>&1 | tail -n 1"
        );
        let output = stage.script(Some(machine), &script);
        assert_eq!(
            text(&output.stdout),
            format!(
                "x.{kind}.yaml\nx.yaml\ncdiVersion: 0.6.0\nkind: nvidia.com/gpu.{kind}\n3\n1 file: no error, 1 warning\n"
            ),
            "{}",
            text(&output.stderr)
        );
    }
    // To standard output they go one behind the other.
    let script =
        "$L nvidia-ctk cdi generate --feature-flag enable-coherent-annotations | grep -c ^---";
    let output = stage.script(Some("h200-580"), script);
    assert_eq!(text(&output.stdout), "2\n");
}

/// A dispatcher that lies beside the driver's libraries is given where it is asked for, and not otherwise.
fn explicit_libraries(stage: &Stage) {
    let script = format!(
        "d=/usr/local/nvidia/lib64; cp $d/libnvidia-tls.so.580.159.04 $d/libGL.so.1.7.0 && ln -s libGL.so.1.7.0 $d/libGL.so; \
         $L cdi generate {HOOK} | grep -c libGL.so.1.7.0; \
         $L cdi generate {HOOK} --feature-flag enable-explicit-driver-libraries | grep -c 'hostPath: .*/libGL.so.1.7.0'"
    );
    let output = stage.script(Some("h200-580"), &script);
    assert_eq!(text(&output.stdout), "0\n1\n", "{}", text(&output.stderr));
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
