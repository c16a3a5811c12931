//! What else is around a command line: completions, manual pages, pipes that close, full disks.

use crate::ground::{Place, Stage, trial};
use libtest_mimic::Trial;
use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};

pub(crate) fn trials() -> Vec<Trial> {
    let machine = Place::Inside("ubuntu-550");
    vec![
        trial(
            "outside::completions",
            Place::Anywhere,
            completions_name_every_option,
        ),
        trial(
            "outside::completions_for_bash_parse",
            Place::Anywhere,
            completions_for_bash_parse,
        ),
        trial(
            "outside::manual",
            Place::Anywhere,
            manual_has_a_page_for_each_verb,
        ),
        trial(
            "outside::a_reader_that_has_gone",
            machine,
            a_reader_that_has_gone,
        ),
        trial("outside::a_full_disk", Place::Anywhere, a_full_disk),
        trial("outside::dry_run", machine, dry_run_writes_nothing),
        trial("outside::the_record_is_used", machine, the_record_is_used),
        trial("outside::colour", Place::Anywhere, colour_is_for_terminals),
    ]
}

fn completions_name_every_option(stage: &Stage) {
    for shell in ["bash", "zsh", "fish"] {
        let output = stage.run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success(), "{shell}");
        for word in ["explain", "inventory", "image-env", "dry-run"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(stage.run(&["completions", "ksh"]).status.code(), Some(2));
}

fn completions_for_bash_parse(stage: &Stage) {
    let script = stage.run(&["completions", "bash"]).stdout;
    let parses = |script: &[u8]| {
        let mut bash = Command::new("bash")
            .arg("-n")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash starts");
        let mut input = bash.stdin.take().expect("piped");
        input.write_all(script).expect("bash reads");
        drop(input);
        bash.wait().expect("bash ends").success()
    };
    assert!(parses(&script));
    assert!(!parses(&script[..script.len() / 2]), "bash takes anything");
}

fn manual_has_a_page_for_each_verb(stage: &Stage) {
    assert!(stage.run(&["manual", "DIR"]).status.success());
    let mut pages: Vec<String> = std::fs::read_dir(stage.directory())
        .expect("a directory")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    pages.sort();
    assert_eq!(
        pages,
        [
            "liftgate-cdi-generate.1",
            "liftgate-cdi-list.1",
            "liftgate-cdi-refresh.1",
            "liftgate-cdi-transform-root.1",
            "liftgate-cdi-transform.1",
            "liftgate-cdi-validate.1",
            "liftgate-cdi.1",
            "liftgate-compat.1",
            "liftgate-completions.1",
            "liftgate-dockerfile-new.1",
            "liftgate-dockerfile.1",
            "liftgate-explain.1",
            "liftgate-install.1",
            "liftgate-inventory.1",
            "liftgate-lint-image.1",
            "liftgate-lint.1",
            "liftgate-rule.1",
            "liftgate-run.1",
            "liftgate-setup.1",
            "liftgate-uninstall.1",
            "liftgate.1"
        ]
    );
    let page = stage.directory().join("liftgate-explain.1");
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains(".TH") && page.contains("image\\-env"));
    let output = stage.run(&["manual", "DIR/none"]);
    assert_eq!(output.status.code(), Some(3));
}

fn a_reader_that_has_gone(stage: &Stage) {
    for arguments in [
        &["explain", "--gpus", "all,capabilities=utility"][..],
        &["explain", "--json", "--gpus", "all"],
        &["schema", "explain"],
        &["completions", "bash"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = stage
            .command(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("it starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), &*words),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

fn a_full_disk(stage: &Stage) {
    let output = stage
        .command(&["schema", "explain"])
        .stdout(File::create("/dev/full").expect("/dev/full"))
        .stderr(Stdio::piped())
        .output()
        .expect("it starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(
        words.starts_with("error: cannot write to standard output: "),
        "{words}"
    );
    assert_eq!(output.status.code(), Some(3));
}

fn dry_run_writes_nothing(stage: &Stage) {
    let arguments = ["inventory", "--record-directory", "DIR/record"];
    let output = stage.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(output.status.success());
    assert!(!stage.directory().join("record").exists());
    assert!(stage.run(&arguments).status.success());
    assert!(stage.directory().join("record/host.json").exists());
}

/// A container start takes the host from the record, and so does `explain`: the same answer, whether the
/// record is there, missing or rubbish. It writes none.
fn the_record_is_used(stage: &Stage) {
    stage.write(
        "config.toml",
        &format!(
            "[liftgate]\nrecord-directory = \"{}\"\n",
            stage.directory().join("record").display()
        ),
    );
    let explain = || stage.run(&["explain", "--gpus", "all"]);
    let without = explain();
    let record = stage.directory().join("record");
    assert!(!record.exists());
    stage.run(&["inventory", "--record-directory", "DIR/record"]);
    assert!(record.exists());
    assert_eq!(explain(), without);
    stage.write("record/host.json", "rubbish");
    assert_eq!(explain(), without);
    assert!(without.status.success());
}

fn colour_is_for_terminals(stage: &Stage) {
    for (variable, is_coloured) in [("CLICOLOR_FORCE", true), ("TERM", false)] {
        let output = stage
            .command(&["explain"])
            .env_remove("NO_COLOR")
            .env(variable, "1")
            .output()
            .expect("it starts");
        assert_eq!(output.stdout.contains(&0x1b), is_coloured, "{variable}");
    }
}
