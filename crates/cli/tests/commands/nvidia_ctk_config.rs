//! `nvidia-ctk config`: what it makes of a file, held against what the reference made of the same.
//!
//! `data/config.json` has what the reference did: the exit status, and the keys whose values were others afterwards.
//! Where we do something else on purpose it has that too, and why.

use crate::ground::{Place, Scene, Stage, trial};
use crate::nvidia_ctk::{log, text};
use libtest_mimic::Trial;
use serde_json::{Map, Value};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::process::Output;

const FACTS: &str = include_str!("data/config.json");

pub(crate) fn trials() -> Vec<Trial> {
    let ubuntu = Place::Inside("ubuntu-550");
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("as_the_reference_did", Place::Anywhere, as_the_reference_did),
        ("words_of_errors", Place::Anywhere, words_of_errors),
        ("in_place", Place::Anywhere, in_place),
        ("in_place_keeps_the_owner", ubuntu, in_place_keeps_the_owner),
        ("files_that_are_made", Place::Anywhere, files_that_are_made),
        ("what_is_refused_is_left_alone", Place::Anywhere, what_is_refused_is_left_alone),
        ("what_is_no_file_stays_what_it_is", ubuntu, what_is_no_file_stays_what_it_is),
        ("which_file", Place::Anywhere, which_file),
        ("defaults_of_the_machine", ubuntu, defaults_of_the_machine),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("nvidia_ctk_config::{name}"), place, runner));
    trials.collect()
}

fn run(stage: &Stage, words: &[&str]) -> Output {
    let words: Vec<&str> = [&["nvidia-ctk", "config"], words].concat();
    stage.run(&words)
}

/// The values of a file by their keys with dots.
fn values(text: &str) -> Map<String, Value> {
    fn collect(table: &toml::Table, path: &str, values: &mut Map<String, Value>) {
        for (name, value) in table {
            let path = format!("{path}{name}");
            if let Some(table) = value.as_table() {
                collect(table, &format!("{path}."), values);
            } else {
                let value = serde_json::to_value(value).expect("JSON");
                values.insert(path, value);
            }
        }
    }
    let mut values = Map::new();
    let table: toml::Table = text.parse().expect("TOML");
    collect(&table, "", &mut values);
    values
}

fn as_the_reference_did(stage: &Stage) {
    let facts: Value = serde_json::from_str(FACTS).expect("JSON");
    let default = text(&run(stage, &["default"]).stdout);
    let cases = facts["cases"].as_array().expect("cases");
    assert!(cases.len() > 70);
    for case in cases {
        let before = case["file"].as_str().map_or(default.as_str(), |name| {
            let text = facts["files"][name].as_str().expect("a file");
            stage.write("in.toml", text);
            text
        });
        let path = match case["file"] {
            Value::Null => "DIR/none.toml",
            _ => "DIR/in.toml",
        };
        let words = case["words"].as_array().expect("words").iter();
        let words: Vec<&str> = words.map(|word| word.as_str().expect("text")).collect();
        let output = run(stage, &[&["--config-file", path], &words[..]].concat());
        let mut found = Map::new();
        found.insert("status".into(), output.status.code().into());
        if output.status.success() {
            // A file that is no TOML has no values.
            let before = before.parse::<toml::Table>().map(|_| values(before));
            let before = before.unwrap_or_default();
            let mut after = values(&text(&output.stdout));
            let removed: Vec<&String> = before
                .keys()
                .filter(|key| !after.contains_key(*key))
                .collect();
            let removed: Vec<Value> = removed.into_iter().map(|key| key.as_str().into()).collect();
            after.retain(|key, value| before.get(key) != Some(value));
            if !after.is_empty() {
                found.insert("changed".into(), after.into());
            }
            if !removed.is_empty() {
                found.insert("removed".into(), removed.into());
            }
        }
        let mut expected = case.as_object().expect("an object").clone();
        expected.retain(|name, _| ["status", "changed", "removed"].contains(&name.as_str()));
        if let Some(ours) = case.get("ours") {
            assert_ne!(ours.as_object(), Some(&expected), "{case}");
            assert!(case["why"].is_string(), "{case}");
            expected.clone_from(ours.as_object().expect("an object"));
        }
        assert_eq!(found, expected, "{case}: {:?}", log(&output));
    }
}

#[rustfmt::skip]
fn words_of_errors(stage: &Stage) {
    stage.write("syntax.toml", "a = 1\nb = [\n");
    stage.write("type.toml", "\n[nvidia-container-cli]\nload-kmods = 1\n");
    stage.write("typo.toml", "[nvidia-container-cli]\nno-cgroup = true\n");
    for (words, status, line) in [
        (&["--set", "nope=1"][..], 1, "level=error msg=\"invalid --set option nope=1: invalid config option: undefined field: \\\"nope\\\"\""),
        (&["--set", "swarm-resource"], 1, "level=error msg=\"invalid --set option swarm-resource: invalid format: expected key=value; got swarm-resource\""),
        (&["--set", "disable-require=x"], 1, "level=error msg=\"invalid --set option disable-require=x: invalid format: "),
        (&["--set", "features=x"], 1, "level=error msg=\"invalid --set option features=x: unsupported type for [features"),
        (&["--set-list-separator", ""], 1, "level=error msg=\"set-list-separator must be set\""),
        (&["--set", "nvidia-container-runtime.mode=x"], 1, "level=error msg=\"invalid --set option: no container could start with the file: invalid mode \\\"x\\\" at line "),
        (&["--set", "supported-driver-capabilities=x"], 1, "level=error msg=\"invalid --set option: no container could start with the file: [configuration-malformed] "),
        (&["-c", "DIR/syntax.toml"], 1, "level=error msg=\"unable to create config: failed to load specified config file: `DIR/syntax.toml`: not TOML at line "),
        (&["-c", "DIR/type.toml"], 1, "level=error msg=\"unable to create config: failed to load specified config file: `DIR/type.toml`: `nvidia-container-cli.load-kmods` is an integer and must be a boolean, at line 3, column 14\""),
        (&["-c", "DIR"], 1, "level=error msg=\"unable to create config: failed to load specified config file: "),
        (&["-c", "DIR/typo.toml"], 0, "level=warning msg=\"DIR/typo.toml: unknown key `nvidia-container-cli.no-cgroup` at line 2, column 1 has no effect: the name is `no-cgroups`\""),
    ] {
        let output = run(stage, words);
        let here = stage.directory().to_str().expect("text");
        let found: Vec<String> = log(&output).iter().map(|line| line.replace(here, "DIR")).collect();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {found:?}");
        assert!(found.len() == 1 && found[0].starts_with(line), "{words:?}: {found:?}");
        assert_eq!(output.stdout.is_empty(), status != 0, "{words:?}");
    }
}

const MINE: &str = "# mine\ndisable-require = false # keep\r\n\n[theirs]\nx = 1\n[nvidia-container-cli]\n# root = \"/example\"\n";

fn in_place(stage: &Stage) {
    stage.write("real.toml", MINE);
    let (real, link) = (
        stage.directory().join("real.toml"),
        stage.directory().join("link.toml"),
    );
    symlink("real.toml", &link).expect("symlink");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("chmod");
    let set = |words: &[&str]| {
        let output = run(
            stage,
            &[&["-i", "--config", "DIR/link.toml"], words].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{:?}", log(&output));
        assert_eq!(text(&output.stdout), "");
        log(&output)
    };
    let file_state = || {
        let metadata = fs::metadata(&real).expect("stat");
        (
            metadata.ino(),
            metadata.mtime_nsec(),
            metadata.mode() & 0o777,
        )
    };
    // Nothing to be done: the very same file.
    let before = file_state();
    set(&[]);
    set(&["--set", "disable-require=false"]);
    assert_eq!(
        (file_state(), fs::read_to_string(&real).expect("read")),
        (before, MINE.to_owned())
    );
    set(&[
        "--set",
        "disable-require",
        "--set",
        "nvidia-container-cli.root=/x",
    ]);
    let expected = MINE
        .replace("= false # keep", "= true # keep")
        .replace("# root = \"/example\"", "root = \"/x\"");
    assert_eq!(fs::read_to_string(&real).expect("read"), expected);
    assert_eq!(file_state().2, 0o640);
    assert_ne!(file_state().0, before.0, "it was written over");
    assert!(link.is_symlink());
    let said = set(&["--output", "DIR/other.toml"]);
    assert!(said[1].contains("--output is ignored"), "{said:?}");
    assert!(!stage.directory().join("other.toml").exists());
    let names = fs::read_dir(stage.directory()).expect("readdir").count();
    assert_eq!(names, 2, "nothing temporary stays");
}

fn in_place_keeps_the_owner(stage: &Stage) {
    stage.write("a.toml", MINE);
    let path = stage.directory().join("a.toml");
    chown(&path, Some(7), Some(8)).expect("chown");
    run(
        stage,
        &["-i", "-c", "DIR/a.toml", "--set", "disable-require"],
    );
    let metadata = fs::metadata(&path).expect("stat");
    assert_eq!((metadata.uid(), metadata.gid()), (7, 8));
    assert!(
        fs::read_to_string(&path)
            .expect("read")
            .contains("= true # keep")
    );
}

fn files_that_are_made(stage: &Stage) {
    let default = text(&run(stage, &["default"]).stdout);
    for (words, name) in [
        (
            &["-i", "-c", "DIR/a/b/in-place.toml"][..],
            "a/b/in-place.toml",
        ),
        (&["-o", "DIR/a/output.toml"], "a/output.toml"),
        (
            &["default", "--output", "DIR/c/default.toml"],
            "c/default.toml",
        ),
        (
            &["create-default", "-o=DIR/c/created.toml"],
            "c/created.toml",
        ),
    ] {
        let output = run(stage, words);
        assert_eq!(output.status.code(), Some(0), "{:?}", log(&output));
        assert_eq!(
            (text(&output.stdout), log(&output)),
            (String::new(), vec![])
        );
        let path = stage.directory().join(name);
        assert_eq!(fs::read_to_string(&path).expect("read"), default, "{name}");
        let mode = fs::metadata(&path).expect("stat").permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
    // An output that is there is replaced, the file that was read is not.
    stage.write("in.toml", "disable-require = true\n");
    run(
        stage,
        &[
            "-c",
            "DIR/in.toml",
            "-o",
            "DIR/a/output.toml",
            "--set",
            "disable-require=0",
        ],
    );
    let read = |name: &str| fs::read_to_string(stage.directory().join(name)).expect("read");
    assert_eq!(read("a/output.toml"), "disable-require = false\n");
    assert_eq!(read("in.toml"), "disable-require = true\n");
    let output = run(stage, &["-c", "DIR/in.toml", "-o", ""]);
    assert_eq!(text(&output.stdout), "disable-require = true\n");
}

fn what_is_refused_is_left_alone(stage: &Stage) {
    for (name, text) in [
        ("syntax.toml", "a = ["),
        ("type.toml", "disable-require = 1"),
        ("mode.toml", "nvidia-container-runtime.mode = \"x\""),
    ] {
        stage.write(name, text);
        let path = format!("DIR/{name}");
        let output = run(stage, &["-i", "-c", &path, "--set", "swarm-resource=A"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        let after = fs::read_to_string(stage.directory().join(name)).expect("read");
        assert_eq!(after, text);
    }
    let none = stage.directory().join("none.toml");
    fs::write(stage.directory().join("bytes.toml"), b"a = \"\xff\"\n").expect("write");
    symlink("nowhere/none.toml", stage.directory().join("dangling.toml")).expect("symlink");
    for (words, said) in [
        (&["-i", "-c", "DIR/bytes.toml"][..], "not UTF-8 text"),
        (&["-o", "DIR/dangling.toml"], "is a link that leads nowhere"),
        (
            &["-i", "-c", "DIR/none.toml", "--set", "nope=1"],
            "undefined field",
        ),
        (&["-o", "DIR/bytes.toml/x"], "failed to open output file"),
    ] {
        let output = run(stage, words);
        let log = log(&output);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert!(
            log.len() == 1 && log[0].contains(said),
            "{words:?}: {log:?}"
        );
    }
    assert!(!none.exists() && stage.directory().join("dangling.toml").is_symlink());
}

fn what_is_no_file_stays_what_it_is(stage: &Stage) {
    let output = stage.script(
        Some("ubuntu-550"),
        "$L nvidia-ctk config -i -c /dev/null --set disable-require && test -c /dev/null && \
         $L nvidia-ctk config -o /dev/stdout --set disable-require | grep -x 'disable-require = true' && \
         mkfifo $DIR/pipe && { $L nvidia-ctk config -c $DIR/pipe -o /dev/stderr & echo 'x = 1' >$DIR/pipe; wait; } && test -p $DIR/pipe",
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "disable-require = true\n");
    assert!(
        text(&output.stderr).contains("x = 1\n"),
        "{}",
        text(&output.stderr)
    );
}

fn which_file(stage: &Stage) {
    for name in ["a", "b", "config", "home/nvidia-container-runtime/config"] {
        stage.write(
            &format!("{name}.toml"),
            &format!("swarm-resource = \"{name}\"\n"),
        );
    }
    for (script, name) in [
        ("$L nvidia-ctk config", "config"),
        ("$L nvidia-ctk config -c a.toml", "a"),
        ("$L nvidia-ctk --config b.toml config --config a.toml", "a"),
        ("$L nvidia-ctk --config b.toml config", "config"),
        ("NVIDIA_CTK_CONFIG=b.toml $L nvidia-ctk config", "config"),
        (
            "NVIDIA_CTK_CONFIG_FILE_PATH= XDG_CONFIG_HOME=home $L nvidia-ctk config",
            "home/nvidia-container-runtime/config",
        ),
    ] {
        let output = stage.script(None, &format!("cd $DIR && {script}"));
        assert_eq!(
            text(&output.stdout),
            format!("swarm-resource = \"{name}\"\n"),
            "{script}"
        );
    }
}

fn defaults_of_the_machine(stage: &Stage) {
    let seen = |script: &str| {
        let script = format!(
            "rm -f /sbin/ldconfig.real /etc/os-release /usr/lib/os-release; {script}; cd $DIR && $L nvidia-ctk config default | grep -E 'ldconfig =|user ='; $L nvidia-ctk config | grep -E 'ldconfig =|user ='"
        );
        text(&stage.script(Some("ubuntu-550"), &script).stdout)
    };
    let twice = |lines: &str| [lines, lines].concat();
    for (script, lines) in [
        (
            "true",
            "ldconfig = \"@/sbin/ldconfig\"\n#user = \"root:video\"\n",
        ),
        (
            ">/sbin/ldconfig.real",
            "ldconfig = \"@/sbin/ldconfig.real\"\n#user = \"root:video\"\n",
        ),
        (
            "echo 'ID_LIKE=\"suse opensuse\"' >/etc/os-release",
            "ldconfig = \"@/sbin/ldconfig\"\nuser = \"root:video\"\n",
        ),
        (
            "echo ID_LIKE=suse >/usr/lib/os-release",
            "ldconfig = \"@/sbin/ldconfig\"\nuser = \"root:video\"\n",
        ),
        (
            "echo ID_LIKE=debian >/etc/os-release; echo ID_LIKE=suse >/usr/lib/os-release",
            "ldconfig = \"@/sbin/ldconfig\"\n#user = \"root:video\"\n",
        ),
    ] {
        assert_eq!(seen(script), twice(lines), "{script}");
    }
}
