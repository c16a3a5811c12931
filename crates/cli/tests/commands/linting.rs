//! `liftgate lint` and `liftgate rule`: which files are looked at, what is said of them and how, what is changed, and the
//! exit status.

use crate::documents::{broken_ones_are_noticed, schema};
use crate::ground::{Place, Scene, Stage, trial};
use crate::validator::validate;
use libtest_mimic::Trial;
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Output, Stdio};

/// An error and a note.
const BAD: &str = "FROM nvidia/cuda:11.8.0-base AS a\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\nCOPY --from=a /x /x\n";
/// A note.
const OLD: &str = "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\n";
const NEW: &str = "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n";
const GOOD: &str = "FROM ubuntu:22.04\n";

const SCENES: &[Scene] = &[
    ("lint::paths", Place::Anywhere, paths),
    ("lint::directories", Place::Anywhere, directories),
    ("lint::exit_statuses", Place::Anywhere, exit_statuses),
    ("lint::standard_input", Place::Anywhere, standard_input),
    ("lint::fixes", Place::Anywhere, fixes),
    ("lint::fixes_keep_what_a_file_is", Place::Anywhere, fixes_keep_what_a_file_is),
    ("lint::patches", Place::Anywhere, patches),
    ("lint::formats", Place::Anywhere, formats),
    ("lint::as_the_schema_says", Place::Anywhere, as_the_schema_says),
    ("lint::colours", Place::Anywhere, colours),
    ("lint::settings_of_a_project", Place::Anywhere, settings_of_a_project),
    ("lint::settings_that_are_wrong", Place::Anywhere, settings_that_are_wrong),
    ("lint::command_lines", Place::Anywhere, command_lines),
    ("lint::bad_input", Place::Anywhere, bad_input),
    ("lint::machines", Place::Anywhere, machines),
    ("lint::this_machine", Place::Inside("ubuntu-550"), this_machine),
    ("lint::without_a_driver", Place::NoDriver, without_a_driver),
    ("rule::pages", Place::Anywhere, pages),
];

pub(crate) fn trials() -> Vec<Trial> {
    SCENES.iter().map(|(name, place, run)| trial(name, *place, run)).collect()
}

/// Runs in the directory, which has no settings above it but those that are written there.
fn run(stage: &Stage, arguments: &[&str]) -> (i32, String, String) {
    let output = stage.command(arguments).current_dir(stage.directory()).output().expect("it starts");
    taken(&output)
}

fn taken(output: &Output) -> (i32, String, String) {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!words.contains("panicked"), "{words}");
    let data = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().expect("it exits"), data, words)
}

fn fed(stage: &Stage, arguments: &[&str], text: &[u8]) -> (i32, String, String) {
    let mut child = stage
        .command(arguments)
        .current_dir(stage.directory())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // A reader that has had enough closes the pipe.
    child.stdin.take().expect("a pipe").write_all(text).ok();
    taken(&child.wait_with_output().expect("it ends"))
}

/// The codes that are found, by file.
fn codes(stage: &Stage, arguments: &[&str]) -> Vec<(String, Vec<String>)> {
    let arguments = [&["lint", "--json"], arguments].concat();
    let (status, data, words) = run(stage, &arguments);
    assert!(status <= 1, "{arguments:?}: {words}");
    let report: Value = serde_json::from_str(&data).expect("it is JSON");
    let files = report["files"].as_array().expect("a list");
    let of_file = |file: &Value| {
        let findings = file["findings"].as_array().expect("a list").iter();
        let codes = findings.map(|finding| finding["code"].as_str().expect("text").to_owned()).collect();
        (file["path"].as_str().expect("text").to_owned(), codes)
    };
    files.iter().map(of_file).collect()
}

fn shown(found: &[(String, Vec<String>)]) -> Vec<String> {
    found.iter().map(|(path, codes)| format!("{path} {}", codes.join(",")).trim_end().to_owned()).collect()
}

fn paths(stage: &Stage) {
    stage.write("Dockerfile", BAD);
    stage.write("x/compose.yaml", "services:\n  a:\n    image: nvidia/cuda\n");
    stage.write("x/.devcontainer/devcontainer.json", "{\"image\": \"nvidia/cuda\"}\n");
    stage.write("x/run.sh", "#!/bin/sh\ndocker run --gpus all nvidia/cuda\n");
    stage.write("x/README.md", "```sh\ndocker run --gpus all nvidia/cuda\n```\n");
    stage.write("x/strange", OLD);
    let found = |arguments: &[&str]| shown(&codes(stage, &[&["--select", "LG1"], arguments].concat()));
    assert_eq!(found(&["Dockerfile"]), ["Dockerfile LG101,LG103"]);
    assert_eq!(found(&["x/compose.yaml"]), ["x/compose.yaml LG104"]);
    assert_eq!(found(&["x/.devcontainer/devcontainer.json"]), ["x/.devcontainer/devcontainer.json LG104"]);
    assert_eq!(found(&["x/run.sh", "x/README.md"]), ["x/run.sh LG104", "x/README.md LG104"]);
    assert_eq!(found(&["--as", "dockerfile", "x/strange"]), ["x/strange LG103"]);
    // The same text is nothing else's business.
    assert_eq!(found(&["--as", "markdown", "x/strange"]), ["x/strange"]);
    let absolute = stage.directory().join("Dockerfile");
    assert_eq!(found(&[absolute.to_str().expect("text")]), [format!("{} LG101,LG103", absolute.display())]);
    // Twice is twice.
    assert_eq!(found(&["Dockerfile", "./Dockerfile"]).len(), 2);
}

fn directories(stage: &Stage) {
    stage.write("Dockerfile", OLD);
    stage.write("b/Dockerfile.gpu", OLD);
    stage.write("b/main.c", "int main(void) { return 0; }\n");
    stage.write("c/deep/compose.yml", "services:\n  a:\n    image: nvidia/cuda\n");
    stage.write(".git/Dockerfile", OLD);
    stage.write("node_modules/x/Dockerfile", OLD);
    symlink(stage.directory(), stage.directory().join("c/around")).expect("a link");
    let found = |arguments: &[&str]| shown(&codes(stage, &[&["--select", "LG1"], arguments].concat()));
    let all = ["Dockerfile LG103", "b/Dockerfile.gpu LG103", "c/deep/compose.yml LG104"];
    assert_eq!(found(&[]), all);
    assert_eq!(found(&["."]), all);
    assert_eq!(found(&["b"]), ["b/Dockerfile.gpu LG103"]);
    fs::create_dir(stage.directory().join("empty")).expect("mkdir");
    let (status, _, words) = run(stage, &["lint", "empty"]);
    assert_eq!(status, 3, "{words}");
    assert!(words.contains("there is no Dockerfile"), "{words}");
    // Some thousands of files, of which few are ours.
    let many = stage.directory().join("many");
    fs::create_dir(&many).expect("mkdir");
    for number in 0..3000 {
        fs::write(many.join(format!("{number}.txt")), "x").expect("write");
    }
    for number in 0..300 {
        fs::write(many.join(format!("{number}.Dockerfile")), OLD).expect("write");
    }
    assert_eq!(found(&["many"]).len(), 300);
}

fn exit_statuses(stage: &Stage) {
    stage.write("bad", BAD);
    stage.write("old", OLD);
    stage.write("good", GOOD);
    // A warning.
    stage.write("warning", "FROM nvidia/cuda:11.8.0-base AS a\nFROM ubuntu:22.04\n");
    for (arguments, expected) in [
        (&["good"][..], 0),
        (&["old"], 0),
        (&["warning"], 1),
        (&["bad"], 1),
        (&["good", "bad", "old"], 1),
        (&["--fail-on", "note", "old"], 1),
        (&["--fail-on", "note", "good"], 0),
        (&["--fail-on", "error", "warning"], 0),
        (&["--fail-on", "error", "bad"], 1),
        (&["--fail-on", "never", "bad"], 0),
        (&["--ignore", "LG101", "bad"], 0),
        (&["--ignore", "cuda-tag-never-existed", "bad"], 0),
        (&["--select", "LG3", "bad"], 0),
        (&["missing"], 3),
        (&["good", "missing"], 3),
        (&["--fail-on", "fatal", "bad"], 2),
        (&["--select", "LG999", "bad"], 2),
        (&["--ignore", "nothing", "bad"], 2),
        (&["--driver", "old", "bad"], 2),
        (&["--gpu", "Voodoo 2", "bad"], 2),
        (&["--unsafe-fixes", "bad"], 2),
    ] {
        for format in ["text", "json", "sarif", "github"] {
            let (status, _, words) = run(stage, &[&["lint", "--as", "dockerfile", "--format", format], arguments].concat());
            assert_eq!(status, expected, "{arguments:?} {format}: {words}");
        }
    }
}

fn standard_input(stage: &Stage) {
    let (status, data, words) = fed(stage, &["lint", "-"], BAD.as_bytes());
    assert_eq!(status, 1);
    assert!(data.contains("--> <stdin>:1:6") && words.contains("1 error"), "{data}{words}");
    let (status, data, _) = fed(stage, &["lint", "--as", "compose", "-"], b"services:\n  a:\n    image: nvidia/cuda\n");
    assert_eq!(status, 1);
    assert!(data.contains("LG104"), "{data}");
    // Through a pipe: the text and nothing else comes out, changed or not.
    for (text, expected) in [(OLD, NEW), (GOOD, GOOD), ("", "")] {
        let (status, data, words) = fed(stage, &["lint", "--fix", "-"], text.as_bytes());
        assert_eq!((status, data.as_str()), (0, expected), "{words}");
    }
    let (status, data, _) = fed(stage, &["lint", "--fix", "-"], BAD.as_bytes());
    assert_eq!((status, data.as_str()), (1, BAD.replace("12.4.0", "12.4.1").as_str()));
    let (status, _, words) = fed(stage, &["lint", "-"], b"FROM \xff\n");
    assert_eq!(status, 3, "{words}");
    let (status, data, _) = fed(stage, &["lint", "-"], &vec![b'#'; 3 << 20]);
    assert_eq!(status, 1);
    assert!(data.contains("LG904"), "{data}");
}

fn text_of(stage: &Stage, name: &str) -> String {
    fs::read_to_string(stage.directory().join(name)).expect("it is there")
}

fn fixes(stage: &Stage) {
    stage.write("Dockerfile", BAD);
    let (status, _, words) = run(stage, &["lint", "--fix", "Dockerfile"]);
    assert_eq!(status, 1, "what is unsafe was not asked for");
    assert!(words.contains("LG103: use `nvidia/cuda:12.4.1-base-ubuntu22.04`"), "{words}");
    assert_eq!(text_of(stage, "Dockerfile"), BAD.replace("12.4.0", "12.4.1"));
    let (status, data, _) = run(stage, &["lint", "--fix", "--unsafe-fixes", "Dockerfile"]);
    assert_eq!((status, data.as_str()), (0, ""));
    let done = BAD.replace("12.4.0", "12.4.1").replace("11.8.0-base", "11.8.0-base-ubuntu22.04");
    assert_eq!(text_of(stage, "Dockerfile"), done);
    let (status, data, words) = run(stage, &["lint", "--fix", "--unsafe-fixes", "Dockerfile"]);
    assert_eq!((status, data.as_str()), (0, ""), "{words}");
    assert_eq!(text_of(stage, "Dockerfile"), done);
}

fn fixes_keep_what_a_file_is(stage: &Stage) {
    let path = |name: &str| stage.directory().join(name);
    let mode = |name: &str| fs::symlink_metadata(path(name)).expect("it is there").permissions().mode() & 0o7777;
    // Line ends, and a byte order mark.
    stage.write("dos.Dockerfile", "\u{feff}# a\r\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\r\nRUN true\r\n");
    // A mode of its own.
    stage.write("mode.Dockerfile", OLD);
    fs::set_permissions(path("mode.Dockerfile"), fs::Permissions::from_mode(0o640)).expect("chmod");
    // A link leads to the file, which is changed, and stays a link.
    stage.write("real/file", OLD);
    symlink("real/file", path("link.Dockerfile")).expect("a link");
    let (status, _, words) = run(stage, &["lint", "--fix", "dos.Dockerfile", "mode.Dockerfile", "link.Dockerfile"]);
    assert_eq!(status, 0, "{words}");
    assert_eq!(text_of(stage, "dos.Dockerfile"), "\u{feff}# a\r\nFROM nvidia/cuda:12.4.1-base-ubuntu22.04\r\nRUN true\r\n");
    assert_eq!((text_of(stage, "mode.Dockerfile").as_str(), mode("mode.Dockerfile")), (NEW, 0o640));
    assert_eq!(text_of(stage, "real/file"), NEW);
    assert_eq!(fs::read_link(path("link.Dockerfile")).expect("still a link").to_str(), Some("real/file"));
    // What is read-only is left as it is, and said to be.
    stage.write("fixed.Dockerfile", OLD);
    fs::set_permissions(path("fixed.Dockerfile"), fs::Permissions::from_mode(0o444)).expect("chmod");
    let (status, _, words) = run(stage, &["lint", "--fix", "fixed.Dockerfile"]);
    assert_eq!(status, 3, "{words}");
    assert!(words.contains("it is read-only"), "{words}");
    assert_eq!((text_of(stage, "fixed.Dockerfile").as_str(), mode("fixed.Dockerfile")), (OLD, 0o444));
    let names: Vec<_> = fs::read_dir(stage.directory()).expect("a directory").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 5, "nothing is left over: {names:?}");
}

fn patches(stage: &Stage) {
    stage.write("a/Dockerfile", OLD);
    stage.write("b/Dockerfile", GOOD);
    let (status, data, words) = run(stage, &["lint", "--diff", "a/Dockerfile", "b/Dockerfile"]);
    assert_eq!(status, 0);
    assert!(words.contains("1 file would be changed"), "{words}");
    assert_eq!(
        data,
        "--- a/a/Dockerfile\n+++ b/a/Dockerfile\n@@ -1 +1 @@\n-FROM nvidia/cuda:12.4.0-base-ubuntu22.04\n+FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n"
    );
    assert_eq!(text_of(stage, "a/Dockerfile"), OLD, "--diff makes no change, whatever else is said");
    let (_, again, _) = run(stage, &["lint", "--fix", "--diff", "a/Dockerfile"]);
    assert_eq!(again, data);
    assert_eq!(text_of(stage, "a/Dockerfile"), OLD);
    let (status, data, words) = run(stage, &["lint", "--diff", "b/Dockerfile"]);
    assert_eq!((status, data.as_str()), (0, ""));
    assert!(words.contains("nothing that could be changed"), "{words}");
}

fn formats(stage: &Stage) {
    stage.write("Dockerfile", BAD);
    let (_, data, words) = run(stage, &["lint", "Dockerfile"]);
    assert!(data.starts_with("error[LG101]: there is no image `nvidia/cuda:11.8.0-base`"), "{data}");
    assert!(data.contains("--> Dockerfile:1:6") && words.contains("1 error, 1 note"), "{data}{words}");
    let (_, data, _) = run(stage, &["lint", "--format", "github", "Dockerfile"]);
    assert_eq!(data.lines().count(), 2);
    assert!(data.starts_with("::error file=Dockerfile,line=1,endLine=1,col=6,endColumn=29,title=LG101 "), "{data}");
    let (_, data, _) = run(stage, &["lint", "--format", "sarif", "Dockerfile"]);
    let log: Value = serde_json::from_str(&data).expect("it is JSON");
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "LG101");
    let (status, _, words) = run(stage, &["lint", "--json", "--format", "sarif", "Dockerfile"]);
    assert_eq!(status, 2, "{words}");
}

fn as_the_schema_says(stage: &Stage) {
    let schema = schema(stage, "lint");
    stage.write("a/Dockerfile", BAD);
    stage.write("b/Dockerfile", GOOD);
    stage.write("c/Dockerfile", "ARG V=12.4.0\nFROM nvidia/cuda:$V-base-ubuntu22.04\nENV LD_LIBRARY_PATH=/usr/local/cuda/compat\n");
    let (_, data, _) = run(stage, &["lint", "--json", "--pedantic", "."]);
    let report: Value = serde_json::from_str(&data).expect("it is JSON");
    validate(&schema, &report).expect("it is as the schema says");
    broken_ones_are_noticed(&schema, &report);
    let count = |severity: &str| {
        let files = report["files"].as_array().expect("a list").iter();
        let findings = files.flat_map(|file| file["findings"].as_array().expect("a list"));
        findings.filter(|finding| finding["severity"] == severity).count()
    };
    for (severity, many) in [("error", "errors"), ("warning", "warnings"), ("note", "notes")] {
        assert_eq!(report["summary"][many], count(severity), "{many}");
    }
    assert_eq!(report["files"].as_array().map(Vec::len), Some(3), "files without findings, too");
}

fn colours(stage: &Stage) {
    stage.write("Dockerfile", BAD);
    let look = |name: &str, value: &str| {
        let mut command = stage.command(&["lint", "Dockerfile"]);
        command.current_dir(stage.directory()).env_remove("NO_COLOR").env(name, value);
        taken(&command.output().expect("it starts")).1
    };
    assert!(!look("X", "1").contains('\u{1b}'), "standard output is no terminal");
    assert!(!look("NO_COLOR", "1").contains('\u{1b}'));
    assert!(look("CLICOLOR_FORCE", "1").contains("\u{1b}["));
    // What a file says is never an order.
    stage.write("Dockerfile", "FROM nvidia/cuda:12\u{1b}[31m-\u{9b}31mx\nENV LD_LIBRARY_PATH=/a/stubs # \u{1b}]0;x\u{7}\n");
    for data in [look("NO_COLOR", "1"), look("CLICOLOR_FORCE", "1")] {
        assert!(!data.contains(['\u{9b}', '\u{7}']) && !data.contains("\u{1b}]") && !data.contains("12\u{1b}"), "{data:?}");
    }
}

fn settings_of_a_project(stage: &Stage) {
    stage.write("p/.liftgate.toml", "[lint]\nignore = [\"LG103\"]\nfail-on = \"note\"\nseverity = { LG101 = \"note\" }\n\n[[lint.files]]\nmatch = \"examples/**\"\nignore = [\"LG101\"]\n");
    stage.write("p/Dockerfile", BAD);
    stage.write("p/examples/x/Dockerfile", BAD);
    stage.write("q/Dockerfile", BAD);
    stage.write("strict.toml", "[lint]\nselect = [\"LG103\"]\n");
    let found = |arguments: &[&str]| shown(&codes(stage, arguments));
    assert_eq!(
        found(&["p", "q"]),
        ["p/Dockerfile LG101", "p/examples/x/Dockerfile", "q/Dockerfile LG101,LG103"],
        "each file has the settings above it"
    );
    assert_eq!(found(&["--no-config", "p/Dockerfile"]), ["p/Dockerfile LG101,LG103"]);
    assert_eq!(found(&["--config", "strict.toml", "p/Dockerfile"]), ["p/Dockerfile LG103"]);
    assert_eq!(found(&["--ignore", "LG101", "p/Dockerfile"]), ["p/Dockerfile"]);
    assert_eq!(found(&["--select", "LG1", "--config", "strict.toml", "q/Dockerfile"]), ["q/Dockerfile LG101,LG103"]);
    // From within, and with a link to it.
    let output = stage.command(&["lint", "--json", "Dockerfile"]).current_dir(stage.directory().join("p/examples/x")).output().expect("it starts");
    let (status, data, _) = taken(&output);
    assert_eq!(status, 0);
    assert!(!data.contains("LG101"), "{data}");
    assert_eq!(run(stage, &["lint", "p/Dockerfile"]).0, 1, "its own fail-on");
    assert_eq!(run(stage, &["lint", "--fail-on", "warning", "p/Dockerfile"]).0, 0, "and its own severity");
    let (status, _, words) = run(stage, &["lint", "--config", "none.toml", "q/Dockerfile"]);
    assert_eq!(status, 3, "{words}");
}

fn settings_that_are_wrong(stage: &Stage) {
    stage.write("Dockerfile", GOOD);
    for (text, words) in [
        ("[lint]\nselekt = []\n", "line 2: unknown field `selekt`"),
        ("[lint]\nignore = [\"LG999\"]\n", "line 2: there is no rule `LG999`"),
        ("[lint.target]\ndriver = \"new\"\n", "`new` is no version of a driver"),
        ("[lint", "line 1"),
        ("\u{1b}[31m", "line 1"),
    ] {
        stage.write(".liftgate.toml", text);
        let (status, data, seen) = run(stage, &["lint"]);
        assert!(status >= 2 && data.is_empty(), "{text}: {status}");
        assert!(seen.contains(words) && !seen.contains('\u{1b}'), "{text}: {seen}");
        assert_eq!(run(stage, &["lint", "--no-config"]).0, 0);
    }
}

fn command_lines(stage: &Stage) {
    stage.write("Dockerfile", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n");
    for (arguments, words) in [
        (&["--driver", "550", "--here"][..], "--here"),
        (&["--config", "x", "--no-config"], "--no-config"),
        (&["--as", "poem", "Dockerfile"], "poem"),
        (&["--format", "xml"], "xml"),
        (&["--unsafe-fixes"], "--fix"),
    ] {
        let (status, data, seen) = run(stage, &[&["lint"], arguments].concat());
        assert_eq!((status, data.as_str()), (2, ""), "{arguments:?}");
        assert!(seen.contains(words), "{arguments:?}: {seen}");
    }
    let (status, _, words) = run(stage, &["lint", "--select", "LG1,LG3", "--ignore", "LG101,LG102", "Dockerfile"]);
    assert_eq!(status, 0, "{words}");
}

fn bad_input(stage: &Stage) {
    let write = |name: &str, bytes: &[u8]| fs::write(stage.directory().join(name), bytes).expect("write");
    write("elf.Dockerfile", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    write("latin.Dockerfile", b"FROM ubuntu\nLABEL a=\"\xe9\"\n");
    for name in ["elf.Dockerfile", "latin.Dockerfile", "missing", "elf.Dockerfile/x"] {
        let (status, data, words) = run(stage, &["lint", name]);
        assert_eq!((status, data.as_str()), (3, ""), "{name}: {words}");
        assert!(words.contains("hint"), "{words}");
    }
    // In a directory they are passed over.
    write("Dockerfile", OLD.as_bytes());
    assert_eq!(shown(&codes(stage, &["."])), ["Dockerfile LG103"]);
    // Fifty megabytes are not read, and not written back.
    let mut large = OLD.as_bytes().to_vec();
    large.resize(50 << 20, b'\n');
    write("large.Dockerfile", &large);
    let (status, data, words) = run(stage, &["lint", "--fix", "--as", "dockerfile", "large.Dockerfile"]);
    assert_eq!(status, 1, "{words}");
    assert!(data.contains("LG904"), "{data}");
    assert_eq!(fs::metadata(stage.directory().join("large.Dockerfile")).expect("it is there").len(), 50 << 20);
    write("empty.Dockerfile", b"");
    let (status, _, words) = run(stage, &["lint", "empty.Dockerfile"]);
    assert!(status == 3 && words.contains("`empty.Dockerfile` is empty"), "{words}");
}

fn machines(stage: &Stage) {
    stage.write("Dockerfile", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n");
    stage.write("p/Dockerfile", "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n");
    stage.write("p/.liftgate.toml", "[lint.target]\ndriver = \"535.183.01\"\ngpus = [\"RTX 4090\"]\n");
    let found = |arguments: &[&str]| shown(&codes(stage, arguments));
    assert_eq!(found(&["Dockerfile"]), ["Dockerfile"]);
    assert_eq!(found(&["--driver", "535.183.01", "--gpu", "RTX 4090", "Dockerfile"]), ["Dockerfile LG105"]);
    assert_eq!(found(&["--driver", "580.95.05", "--gpu", "H100", "Dockerfile"]), ["Dockerfile"]);
    assert_eq!(found(&["--gpu", "V100", "--gpu", "H100", "Dockerfile"]), ["Dockerfile LG107"]);
    assert_eq!(found(&["p/Dockerfile"]), ["p/Dockerfile LG105"]);
    assert_eq!(found(&["--driver", "580.95.05", "p/Dockerfile"]), ["p/Dockerfile"], "who names a machine means that one");
}

/// The machine of the trial has driver 550, for CUDA 12.4.
fn this_machine(stage: &Stage) {
    stage.write("new", "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\n");
    let look = |arguments: &[&str]| {
        let mut all = vec!["lint", "--no-config", "--as", "dockerfile", "--format", "github"];
        all.extend_from_slice(arguments);
        stage.run(&[&all[..], &["DIR/new"]].concat())
    };
    let (status, data, words) = taken(&look(&["--here"]));
    assert_eq!(status, 0, "{data}{words}");
    assert!(data.contains("LG106"), "{data}{words}");
    let (status, data, _) = taken(&look(&[]));
    assert_eq!((status, data.as_str()), (0, ""));
}

fn without_a_driver(stage: &Stage) {
    stage.write("Dockerfile", GOOD);
    let (status, data, words) = run(stage, &["lint", "--here"]);
    assert_eq!((status, data.as_str()), (3, ""), "{words}");
    assert!(words.contains("no working NVIDIA driver"), "{words}");
}

fn pages(stage: &Stage) {
    let (status, list, _) = run(stage, &["rule"]);
    assert_eq!(status, 0);
    assert!(list.lines().count() >= 45, "{list}");
    let codes: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.is_sorted() && codes.contains(&"LG101"), "{codes:?}");
    // A code and a name lead to the same page; every page is there.
    let (_, by_code, _) = run(stage, &["rule", "lg101"]);
    let (_, by_name, _) = run(stage, &["rule", "cuda-tag-never-existed"]);
    assert!(by_code.starts_with("# LG101 `cuda-tag-never-existed`\n") && by_code == by_name, "{by_code}");
    for code in codes {
        let (status, page, _) = run(stage, &["rule", code]);
        assert_eq!(status, 0);
        assert!(page.contains("## What it does") && page.contains("## Why"), "{page}");
    }
    let (status, data, words) = run(stage, &["rule", "cuda-tag-never"]);
    assert_eq!((status, data.as_str()), (2, ""));
    assert!(words.contains("the nearest is LG101"), "{words}");
    assert_eq!(run(stage, &["rule", "zzz"]).0, 2);
}
