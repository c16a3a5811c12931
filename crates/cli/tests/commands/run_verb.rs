//! `liftgate run` and `nvidia-docker`: what the engine is started with, and what is refused before it is.
//!
//! The engines are scripts that answer the questions from files, and otherwise say by what words they were called.

use crate::ground::{LIFTGATE, Place, Scene, Stage, trial};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

const UBUNTU: &str = "ubuntu-550";

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside(UBUNTU);
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("starts_the_engine", ubuntu, starts_the_engine),
        ("spellings", ubuntu, spellings),
        ("dry_run", ubuntu, dry_run),
        ("what_is_shown_can_be_copied", ubuntu, what_is_shown_can_be_copied),
        ("an_image_that_the_driver_cannot_serve", ubuntu, an_image_that_the_driver_cannot_serve),
        ("an_image_of_another_machine", ubuntu, an_image_of_another_machine),
        ("an_image_that_is_not_there", ubuntu, an_image_that_is_not_there),
        ("a_hostile_image", ubuntu, a_hostile_image),
        ("gpus_are_checked", ubuntu, gpus_are_checked),
        ("an_engine_elsewhere", ubuntu, an_engine_elsewhere),
        ("the_engine_that_answers", ubuntu, the_engine_that_answers),
        ("nothing_is_set_up", ubuntu, nothing_is_set_up),
        ("an_administrators_word", ubuntu, an_administrators_word),
        ("nodes_of_a_group", Place::Inside("orin-csv"), nodes_of_a_group),
        ("no_driver", Place::NoDriver, no_driver),
        ("wrong_command_lines", Place::Anywhere, wrong_command_lines),
        ("nvidia_docker", Place::Anywhere, nvidia_docker),
        ("nvidia_docker_by_its_name", Place::Anywhere, nvidia_docker_by_its_name),
        ("nvidia_docker_is_gone_or_missing", Place::Anywhere, nvidia_docker_is_gone_or_missing),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("run::{name}"), place, runner));
    trials.collect()
}

/// `info` and `image inspect` from files; `run --help` has one option that no table has. Anything else is written down, and
/// ends with 7: so it was the engine that ended.
const ENGINE: &str = r#"#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$DIR/calls"
one=$1 two=$2
case "$1" in --context | --sudo) one=$3 two=$4 ;; esac
case "$one $two" in
  "info --format") exec /bin/cat "$DIR/$name.json" ;;
  "image inspect") [ "$3" = -- ] && exec /bin/cat "$DIR/image.json" ;;
  "context inspect") echo unix:///nowhere; exit 0 ;;
  "run --help") printf '      --brand-new string   New\n'; exit 0 ;;
esac
printf '%s\n' "$name" "$@"
exit 7
"#;

/// What came of a command.
struct Seen {
    output: String,
    words: String,
    status: i32,
}

impl Seen {
    /// The words that the engine was started with.
    fn started(&self) -> String {
        assert_eq!(self.status, 7, "{}", self.words);
        self.output.trim_end().replace('\n', " ")
    }
}

fn put_engine(stage: &Stage, name: &str) {
    stage.write(&format!("bin/{name}"), ENGINE);
    let path = stage.directory().join("bin").join(name);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
}

/// This machine, as engines describe the one that they run on.
fn machine() -> (String, String) {
    let read = |name: &str| {
        let path = format!("/proc/sys/kernel/{name}");
        fs::read_to_string(path).expect("a text").trim().to_owned()
    };
    (read("hostname"), read("osrelease"))
}

fn put_docker(stage: &Stage, change: impl FnOnce(&mut Value)) {
    let (name, kernel) = machine();
    let mut info = json!({
        "ServerVersion": "24.0.7", "Architecture": "x86_64", "Name": name, "KernelVersion": kernel,
        "Runtimes": {"runc": {}, "nvidia": {}}, "SecurityOptions": ["name=seccomp"]
    });
    change(&mut info);
    put_engine(stage, "docker");
    stage.write("docker.json", &info.to_string());
}

fn put_podman(stage: &Stage) {
    let (name, kernel) = machine();
    let info = json!({
        "host": {"arch": "amd64", "hostname": name, "kernel": kernel, "security": {"rootless": false}},
        "version": {"Version": "4.3.1"}
    });
    put_engine(stage, "podman");
    stage.write("podman.json", &info.to_string());
}

fn put_image(stage: &Stage, architecture: &str, environment: &[&str]) {
    let image = json!([{"Architecture": architecture, "Config": {"Env": environment}}]);
    stage.write("image.json", &image.to_string());
}

/// Runs a script of the shell where the engines are on `PATH`, and nothing else is.
fn shell(stage: &Stage, script: &str) -> Seen {
    let machine = match stage.place() {
        Place::Inside(machine) => Some(machine),
        Place::NoDriver | Place::Anywhere => None,
    };
    let output = stage.script(machine, &format!("PATH=$DIR/bin; cd $DIR; {script}"));
    Seen {
        output: String::from_utf8(output.stdout).expect("text"),
        words: String::from_utf8(output.stderr).expect("text"),
        status: output.status.code().expect("it exits"),
    }
}

fn run(stage: &Stage, words: &str) -> Seen {
    shell(stage, &format!("exec $L run {words}"))
}

fn calls(stage: &Stage) -> String {
    let path = stage.directory().join("calls");
    let calls = fs::read_to_string(&path).unwrap_or_default();
    fs::remove_file(path).ok();
    calls
}

fn uuid(index: usize) -> String {
    let machine = liftgate_testhost::Machine::by_name(UBUNTU).expect("a machine");
    machine.gpus()[index].uuid.clone()
}

fn starts_the_engine(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &["NVIDIA_REQUIRE_CUDA=cuda>=12.4"]);
    let seen = run(
        stage,
        "--gpus 0,1 --rm -it -v a:b IMAGE cmd 'x y' --gpus none",
    );
    let line =
        "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1 --rm -it -v a:b IMAGE cmd";
    assert_eq!(seen.started(), format!("{line} x y --gpus none"));
    assert_eq!(seen.words, format!("{line} 'x y' --gpus none\n"));
    assert_eq!(
        calls(stage)
            .lines()
            .map(|call| call.split(' ').nth(1))
            .collect::<Vec<_>>(),
        [Some("info"), Some("context"), Some("image"), Some("run")]
    );
    // All, if nobody says which; the user's own word, if there is one.
    let by = |words: &str| run(stage, words).started();
    let runtime = "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES";
    assert_eq!(by("IMAGE"), format!("{runtime}=all IMAGE"));
    assert_eq!(
        by("--rm --gpus device=3 IMAGE"),
        format!("{runtime}=3 --rm IMAGE")
    );
    assert_eq!(
        by("-e NVIDIA_VISIBLE_DEVICES=2 IMAGE"),
        format!("{runtime}=2 -e NVIDIA_VISIBLE_DEVICES=2 IMAGE")
    );
    assert_eq!(
        by("--runtime=nvidia IMAGE"),
        "docker run --runtime=nvidia IMAGE"
    );
    assert_eq!(
        by("--runtime=nvidia --gpus 0,1 IMAGE"),
        "docker run -e NVIDIA_VISIBLE_DEVICES=0,1 --runtime=nvidia IMAGE"
    );
    assert_eq!(
        by("--device nvidia.com/gpu=0 IMAGE"),
        "docker run --device nvidia.com/gpu=0 IMAGE"
    );
    // An option that only the engine knows.
    assert_eq!(
        by("--brand-new --gpus IMAGE x"),
        format!("{runtime}=all --brand-new --gpus IMAGE x")
    );
}

fn spellings(stage: &Stage) {
    let names: Vec<Value> = ["0", "1", "2", "3", "all"]
        .map(|name| json!({"Source": "cdi", "ID": format!("nvidia.com/gpu={name}")}))
        .to_vec();
    put_docker(stage, |info| {
        info["ServerVersion"] = "28.5.2".into();
        info["DiscoveredDevices"] = names.into();
    });
    put_image(stage, "amd64", &[]);
    let (whole, part) = (uuid(2), &uuid(2)[..12]);
    for (gpus, devices) in [
        ("0,1", "0 1"),
        ("'0, 1'", "0 1"),
        ("device=1", "1"),
        ("device=0,1", "0 1"),
        ("'\"device=0,1\"'", "0 1"),
        ("'\"device=0,1\",capabilities=utility'", "0 1 +"),
        ("2", "0 1"),
        ("1", "0"),
        ("all", "all"),
        ("nvidia.com/gpu=3", "3"),
        // By UUID, or the beginning of one: as the specification names it.
        (&whole, "2"),
        (part, "2"),
        (&format!("2,{part}"), "2"),
        ("0000:17:00.0", "0"),
    ] {
        let devices = devices.split(' ').map(|device| match device {
            "+" => " -e NVIDIA_DRIVER_CAPABILITIES=utility".to_owned(),
            _ => format!(" --device nvidia.com/gpu={device}"),
        });
        let expected = format!("docker run{}", devices.collect::<String>());
        let seen = run(stage, &format!("--gpus {gpus} IMAGE"));
        assert_eq!(seen.started(), format!("{expected} IMAGE"), "{gpus}");
        let is_count = matches!(gpus, "1" | "2");
        assert_eq!(
            seen.words.contains("is a number of GPUs"),
            is_count,
            "{gpus}: {}",
            seen.words
        );
    }
}

fn dry_run(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &[]);
    for words in [
        "--dry-run --gpus 0,1 IMAGE x",
        "--gpus 0,1 --dry-run IMAGE x",
    ] {
        let seen = run(stage, words);
        let line = "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1 IMAGE x\n";
        assert_eq!((&*seen.output, &*seen.words, seen.status), (line, "", 0));
    }
    assert!(!calls(stage).contains("docker run"));
    let seen = run(stage, "--gpus none --dry-run IMAGE");
    assert_eq!(
        seen.output,
        "docker run -e NVIDIA_VISIBLE_DEVICES=void IMAGE\n"
    );
}

fn what_is_shown_can_be_copied(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &[]);
    let words = "--name \"it's\" -e A='$(x) \\ *' IMAGE \"$(printf 'a\\033[2J\\nb')\" ''";
    let seen = run(stage, words);
    assert!(!seen.words.contains('\u{1b}') && seen.words.lines().count() == 1);
    stage.write("again", &seen.words);
    let again = shell(stage, "exec /bin/bash ./again");
    assert_eq!((again.status, again.output), (7, seen.output));
}

fn an_image_that_the_driver_cannot_serve(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &["NVIDIA_REQUIRE_CUDA=cuda>=99.0"]);
    let seen = run(stage, "IMAGE");
    assert_eq!((&*seen.output, seen.status), ("", 1));
    assert!(
        seen.words.starts_with("error[requirement-not-met]: "),
        "{}",
        seen.words
    );
    assert!(!calls(stage).contains("docker run"));
    for words in ["--no-check IMAGE", "IMAGE --no-check"] {
        let is_started = run(stage, words).status == 7;
        assert_eq!(is_started, words.starts_with("--no"), "{words}");
    }
    run(stage, "-e NVIDIA_DISABLE_REQUIRE=1 IMAGE").started();
    stage.write("env", "# not checked\nNVIDIA_DISABLE_REQUIRE=1\n");
    run(stage, "--env-file env IMAGE").started();
    // No GPU, no driver: nothing to hold the image against.
    run(stage, "--gpus none IMAGE").started();
    // Met by minor-version compatibility: it starts, and is told.
    put_image(stage, "amd64", &["NVIDIA_REQUIRE_CUDA=cuda>=12.9"]);
    let seen = run(stage, "IMAGE");
    seen.started();
    assert!(
        seen.words.starts_with("warning: ") && seen.words.contains("minor-version"),
        "{}",
        seen.words
    );
    put_image(
        stage,
        "amd64",
        &["NVIDIA_DRIVER_CAPABILITIES=compute,nonsense"],
    );
    assert!(
        run(stage, "IMAGE")
            .words
            .contains("error[capability-unknown]")
    );
}

fn an_image_of_another_machine(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "arm64", &[]);
    let seen = run(stage, "IMAGE");
    seen.started();
    assert!(
        seen.words.starts_with("warning: the image is for arm64"),
        "{}",
        seen.words
    );
    assert!(seen.words.contains("exec format error"));
}

fn an_image_that_is_not_there(stage: &Stage) {
    put_docker(stage, |_| ());
    let seen = run(stage, "IMAGE");
    seen.started();
    assert!(
        seen.words
            .starts_with("note: the image `IMAGE` cannot be checked"),
        "{}",
        seen.words
    );
    assert!(!calls(stage).contains("pull"));
}

fn a_hostile_image(stage: &Stage) {
    put_docker(stage, |_| ());
    let control = "NVIDIA_REQUIRE_CUDA=cuda>=99\u{1b}]0;x\u{7}\u{202e}";
    put_image(stage, "\u{1b}[2Jarm\n64", &[control]);
    let seen = run(stage, "IMAGE");
    assert_eq!(seen.status, 1);
    let is_control = |one: char| (one.is_control() && one != '\n') || one == '\u{202e}';
    assert!(!seen.words.contains(is_control), "{}", seen.words);
    let huge = format!(
        "[{{\"Config\":{{\"Env\":[\"A={}\"]}}}}]",
        "x".repeat(9 << 20)
    );
    stage.write("image.json", &huge);
    let seen = run(stage, "IMAGE");
    seen.started();
    assert!(seen.words.contains("more than 8388608 bytes") && seen.words.len() < 2000);
    let deep = "[".repeat(1 << 20);
    for image in [
        "",
        "null",
        "{}",
        "[]",
        "[[[",
        "[{\"Config\":{\"Env\":[1,\"x\",null]}}]",
        &deep,
    ] {
        stage.write("image.json", image);
        run(stage, "IMAGE").started();
    }
    put_image(stage, "amd64", &vec!["NVIDIA_REQUIRE_X=cuda>=1"; 100_000]);
    assert_eq!(run(stage, "IMAGE").status, 7);
}

fn gpus_are_checked(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &[]);
    for gpus in ["device=9", "0,9", "GPU-00000000", "7", "0:1"] {
        let seen = run(stage, &format!("--gpus {gpus} IMAGE"));
        assert_eq!((&*seen.output, seen.status), ("", 1), "{gpus}");
        assert!(
            seen.words.contains("error[device-unknown]"),
            "{gpus}: {}",
            seen.words
        );
        assert_eq!(
            run(stage, &format!("--no-check --gpus {gpus} IMAGE")).status,
            7
        );
    }
    let part = &uuid(1)[..12];
    let seen = run(stage, &format!("--gpus {part} IMAGE"));
    let started = format!(
        "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES={} IMAGE",
        uuid(1)
    );
    assert_eq!(seen.started(), started);
}

fn an_engine_elsewhere(stage: &Stage) {
    put_docker(stage, |info| info["Name"] = "elsewhere".into());
    put_image(stage, "amd64", &["NVIDIA_REQUIRE_CUDA=cuda>=99.0"]);
    let seen = run(stage, "--gpus device=9 IMAGE");
    assert!(seen.started().contains("NVIDIA_VISIBLE_DEVICES=9"));
    assert!(seen.words.contains("runs on another machine"));
}

fn the_engine_that_answers(stage: &Stage) {
    put_podman(stage);
    put_image(stage, "amd64", &[]);
    let script = "#!/bin/sh\necho >&2 'permission denied'; exit 1\n";
    put_engine(stage, "docker");
    fs::write(stage.directory().join("bin/docker"), script).expect("write");
    let seen = run(stage, "--gpus none IMAGE");
    assert_eq!(
        seen.started(),
        "podman run -e NVIDIA_VISIBLE_DEVICES=void IMAGE"
    );
    assert!(seen.words.contains("permission denied"));
    for words in [
        "--engine docker --gpus none IMAGE",
        "--gpus none --engine=docker IMAGE",
    ] {
        let seen = run(stage, words);
        assert_eq!(seen.status, 3, "{}", seen.words);
        assert!(
            seen.words
                .contains("`docker info` gives no answer (permission denied)")
        );
    }
    // Docker answers, and is taken; the other on request.
    put_docker(stage, |_| ());
    assert!(
        run(stage, "--gpus none IMAGE")
            .started()
            .starts_with("docker run")
    );
    assert!(
        run(stage, "--engine podman --gpus none IMAGE")
            .started()
            .starts_with("podman run")
    );
    // Podman by Docker's name.
    let podman = fs::read(stage.directory().join("podman.json")).expect("a file");
    fs::write(stage.directory().join("docker.json"), podman).expect("write");
    let seen = run(stage, "--gpus all IMAGE");
    assert!(
        seen.words.contains("liftgate cdi refresh"),
        "{}",
        seen.words
    );
    fs::remove_dir_all(stage.directory().join("bin")).expect("rm");
    let seen = run(stage, "IMAGE");
    assert_eq!(seen.status, 3);
    assert!(seen.words.contains("there is no docker or podman"));
}

fn nothing_is_set_up(stage: &Stage) {
    put_docker(stage, |info| {
        info["ServerVersion"] = "18.09.1".into();
        info["Runtimes"] = json!({"runc": {}});
    });
    put_podman(stage);
    put_image(stage, "amd64", &[]);
    for (engine, hint) in [
        ("docker", "liftgate setup docker"),
        ("podman", "liftgate cdi refresh"),
    ] {
        let seen = run(stage, &format!("--engine {engine} IMAGE"));
        assert_eq!((&*seen.output, seen.status), ("", 1));
        assert!(
            seen.words.starts_with("error[wrong-road]: ") && seen.words.contains(hint),
            "{}",
            seen.words
        );
    }
    // A runtime of Podman's own.
    stage.write("bin/nvidia-container-runtime", "#!/bin/sh\n");
    let runtime = stage.directory().join("bin/nvidia-container-runtime");
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o755)).expect("chmod");
    let seen = run(stage, "--engine podman --gpus 0,1 IMAGE");
    let started = format!(
        "podman run --runtime {} -e NVIDIA_VISIBLE_DEVICES=0,1 IMAGE",
        runtime.display()
    );
    assert_eq!(seen.started(), started);
}

fn an_administrators_word(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &[]);
    stage.write(
        "config.toml",
        "accept-nvidia-visible-devices-envvar-when-unprivileged = false\n",
    );
    let ignored = "ignores the request";
    assert!(run(stage, "IMAGE").words.contains(ignored));
    assert!(!run(stage, "--privileged IMAGE").words.contains(ignored));
    stage.write(
        "config.toml",
        "disable-require = true\n[nvidia-container-runtime]\nmode = \"cdi\"\n",
    );
    put_image(stage, "amd64", &["NVIDIA_REQUIRE_CUDA=cuda>=99.0"]);
    assert_eq!(run(stage, "IMAGE").status, 7);
    stage.write("config.toml", "[");
    assert!(
        run(stage, "IMAGE")
            .words
            .contains("error[configuration-malformed]")
    );
}

/// Nodes of a group, in a container of one's own: only its own groups open them.
fn nodes_of_a_group(stage: &Stage) {
    put_podman(stage);
    put_image(stage, "arm64", &[]);
    let path = stage.directory().join("podman.json");
    let info = fs::read_to_string(&path).expect("a file");
    let hint = "--group-add keep-groups";
    stage.write("bin/nvidia-container-runtime", "#!/bin/sh\n");
    let runtime = stage.directory().join("bin/nvidia-container-runtime");
    fs::set_permissions(runtime, fs::Permissions::from_mode(0o755)).expect("chmod");
    assert!(!run(stage, "IMAGE").words.contains(hint));
    fs::write(
        path,
        info.replace("\"rootless\":false", "\"rootless\":true"),
    )
    .expect("write");
    let seen = run(stage, "IMAGE");
    seen.started();
    assert!(seen.words.contains(hint), "{}", seen.words);
    let seen = run(stage, "--group-add keep-groups IMAGE");
    assert!(
        !seen.words.contains("note: the device nodes"),
        "{}",
        seen.words
    );
}

fn no_driver(stage: &Stage) {
    put_docker(stage, |_| ());
    put_image(stage, "amd64", &[]);
    assert!(
        run(stage, "IMAGE")
            .words
            .contains("error[driver-not-loaded]")
    );
    assert!(
        run(stage, "--gpus none IMAGE")
            .started()
            .starts_with("docker run")
    );
}

fn wrong_command_lines(stage: &Stage) {
    put_docker(stage, |_| ());
    for (words, sentence) in [
        ("", "there is no image"),
        ("--rm", "there is no image"),
        ("--gpus many IMAGE", "`many` in --gpus"),
        ("--gpus IMAGE", "`IMAGE` in --gpus"),
        ("--gpus '' IMAGE", "--gpus has no value"),
        ("--frob IMAGE", "`--frob` is neither"),
        ("--rm -v", "`-v` has no value"),
        ("--rm --engine nerdctl IMAGE", "no engine `nerdctl`"),
        ("--engine nerdctl IMAGE", "invalid value 'nerdctl'"),
    ] {
        let seen = run(stage, words);
        assert_eq!((&*seen.output, seen.status), ("", 2), "{words}");
        assert!(seen.words.contains(sentence), "{words}: {}", seen.words);
    }
    for words in ["--help", "--rm --help", "--rm --help IMAGE"] {
        let seen = run(stage, words);
        assert_eq!((seen.words.as_str(), seen.status), ("", 0));
        assert!(
            seen.output.contains("Usage: liftgate run "),
            "{}",
            seen.output
        );
    }
    // Behind the image it is the container's, and `-h` is the engine's.
    for words in [
        "-h box --gpus none IMAGE",
        "-it --gpus none IMAGE",
        "-- IMAGE -it",
    ] {
        let seen = run(stage, &format!("--no-check {words}"));
        assert_eq!(seen.status, 7, "{words}: {}", seen.words);
    }
    let seen = run(stage, "--gpus none -h box IMAGE --help");
    assert!(seen.started().ends_with(" -h box IMAGE --help"));
}

fn nvidia_docker(stage: &Stage) {
    put_docker(stage, |info| info["Name"] = "elsewhere".into());
    let by = |environment: &str, words: &str| {
        shell(
            stage,
            &format!("{environment} exec $L nvidia-docker {words}"),
        )
    };
    let runtime = "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES";
    for (environment, words, started) in [
        (
            "",
            "run -it IMAGE bash",
            &*format!("{runtime}=all -it IMAGE bash"),
        ),
        ("NV_GPU=0,1", "run IMAGE", &format!("{runtime}=0,1 IMAGE")),
        ("NV_GPU='0 1'", "run IMAGE", &format!("{runtime}=0,1 IMAGE")),
        (
            "NV_GPU=GPU-x",
            "run IMAGE",
            &format!("{runtime}=GPU-x IMAGE"),
        ),
        (
            "",
            "--context X run IMAGE",
            "docker --context X run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all IMAGE",
        ),
        (
            "",
            "container create IMAGE",
            "docker container create --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all IMAGE",
        ),
        (
            "",
            "run --brand-new x IMAGE",
            &format!("{runtime}=all --brand-new x IMAGE"),
        ),
        // As it is.
        (
            "NV_GPU=1",
            "run --gpus all IMAGE",
            "docker run --gpus all IMAGE",
        ),
        ("", "ps -a --no-trunc", "docker ps -a --no-trunc"),
        ("", "--help", "docker --help"),
        ("", "", "docker"),
        ("", "version --format x", "docker version --format x"),
        ("", "exec c 'a b'", "docker exec c a b"),
        (
            "NV_DOCKER=' docker  --sudo x'",
            "run IMAGE",
            "docker --sudo x run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all IMAGE",
        ),
    ] {
        let seen = by(environment, words);
        assert_eq!(seen.started(), started, "{environment} {words}");
        let is_shown = started.contains("NVIDIA_VISIBLE");
        assert_eq!(
            seen.words,
            if is_shown {
                format!("{started}\n")
            } else {
                String::new()
            },
            "{words}"
        );
    }
    // An empty list is nothing, and that is said.
    let seen = by("NV_GPU=", "run IMAGE");
    assert_eq!(
        seen.started(),
        "docker run -e NVIDIA_VISIBLE_DEVICES=void IMAGE"
    );
    assert!(seen.words.contains("NV_GPU is empty"), "{}", seen.words);
    // The daemon is asked that the words address.
    assert!(calls(stage).contains("docker --context X info"));
    let seen = by("", "version");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        seen.output,
        format!("NVIDIA Docker: {version} (liftgate)\ndocker\nversion\n")
    );
    let seen = by("NV_HOST=ssh://h:", "ps");
    assert!(seen.words.starts_with("warning: NV_HOST"), "{}", seen.words);
    put_docker(stage, |info| info["Runtimes"] = json!({}));
    stage.write("docker.json", r#"{"ServerVersion": "18.09.0"}"#);
    let seen = by("", "run IMAGE");
    assert_eq!((&*seen.output, seen.status), ("", 1));
    assert!(seen.words.contains("liftgate setup docker"));
}

fn nvidia_docker_by_its_name(stage: &Stage) {
    put_docker(stage, |_| ());
    symlink(LIFTGATE, stage.directory().join("bin/nvidia-docker")).expect("symlink");
    let seen = shell(stage, "NV_GPU=1 exec nvidia-docker run --rm IMAGE");
    let started = "docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=1 --rm IMAGE";
    assert_eq!(seen.started(), started);
    symlink(LIFTGATE, stage.directory().join("bin/nvidia-docker-plugin")).expect("symlink");
    let seen = shell(stage, "exec nvidia-docker-plugin -s /x");
    assert_eq!((&*seen.output, seen.status), ("", 1));
    assert!(seen.words.contains("nvidia-docker 1"));
}

fn nvidia_docker_is_gone_or_missing(stage: &Stage) {
    let seen = shell(stage, "exec $L nvidia-docker ps");
    assert_eq!((&*seen.output, seen.status), ("", 127));
    assert!(
        seen.words
            .starts_with("error: there is no `docker` on this machine")
    );
    let seen = shell(stage, "NV_DOCKER=no-such-docker exec $L nvidia-docker ps");
    assert_eq!(seen.status, 127);
    put_docker(stage, |_| ());
    for words in [
        "volume setup",
        "run --volume-driver nvidia-docker IMAGE",
        "run -v nvidia_driver_375.39:/usr/local/nvidia IMAGE",
    ] {
        let seen = shell(stage, &format!("exec $L nvidia-docker {words}"));
        assert_eq!((&*seen.output, seen.status), ("", 1), "{words}");
        assert!(
            seen.words.contains("nvidia-docker 1"),
            "{words}: {}",
            seen.words
        );
    }
    assert!(!calls(stage).contains("docker volume"));
}
