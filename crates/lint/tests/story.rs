//! The three Dockerfiles that this project comes from: each mistake is found where it stands, and what is right is left alone.

use liftgate_lint::{Finding, Language, Settings, lint};
use std::fs;
use std::path::PathBuf;

fn findings(name: &str, file: &str) -> Vec<(usize, &'static str)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/fixtures/story-{name}/{file}"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |finding: &Finding| text[..finding.span.start].matches('\n').count() + 1;
    lint(&text, Language::Dockerfile, &Settings::default())
        .iter()
        .map(|finding| (line(finding), finding.code))
        .collect()
}

#[test]
fn a_plain_program() {
    assert_eq!(
        findings("program", "Dockerfile"),
        [
            // There is no tag without an operating system.
            (2, "LG101"),
            // `base` has no make.
            (7, "LG202"),
        ]
    );
}

#[test]
fn a_service() {
    assert_eq!(
        findings("service", "Dockerfile"),
        [
            // `runtime` has no pip: once for the stage, where it is first used.
            (7, "LG203"),
            // The newest PyTorch brings another CUDA along than the image was chosen for.
            (8, "LG519"),
        ]
    );
}

#[test]
fn a_library() {
    assert_eq!(
        findings("library", "Dockerfile"),
        [
            (2, "LG101"),
            // `base` has no nvcc.
            (7, "LG201"),
            // `-c` of several files, and one output.
            (7, "LG204"),
            // What `ar` has made is linked when the program is, and the loader has nothing to look for.
            (10, "LG305"),
        ]
    );
}

#[test]
fn what_is_right_is_clean() {
    for name in ["program", "service", "library"] {
        assert_eq!(findings(name, "fixed.Dockerfile"), [], "{name}");
    }
}
