//! Comments that silence rules: where they may stand, for what they stand, and what is said of them.

use crate::table::{Case, check, found};
use liftgate_lint::{Language, Settings, fix, lint};

const OLD: &str = "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\n";

const DOCKERFILE: &[Case] = &[
    (
        "before",
        "# liftgate: ignore[LG103] why\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "by name",
        "# liftgate: ignore[cuda-tag-superseded] why\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "in small letters",
        "# liftgate: ignore[lg103] why\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "without a space",
        "#liftgate:ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "with blank lines and other comments between",
        "# liftgate: ignore[LG103]\n\n# other\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "indented",
        "   # liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "several",
        "# liftgate: ignore[LG103, LG104] why\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG902:1",
    ),
    (
        "several comments",
        "# liftgate: ignore[LG103]\n# liftgate: ignore[LG104]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG902:2",
    ),
    (
        "twice the same",
        "# liftgate: ignore[LG103]\n# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "only the next instruction",
        "# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG103:3",
    ),
    (
        "not the one before",
        "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\n# liftgate: ignore[LG103]\nRUN true\n",
        "LG103:1 LG902:2",
    ),
    (
        "the file",
        "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n# liftgate: ignore-file[LG103]\n",
        "",
    ),
    (
        "the file, for nothing",
        "# liftgate: ignore-file[LG103]\nFROM ubuntu\n",
        "LG902:1",
    ),
    (
        "nothing there",
        "# liftgate: ignore[LG103]\nFROM ubuntu:22.04\n",
        "LG902:1",
    ),
    (
        "at the file's end",
        "FROM ubuntu:22.04\n# liftgate: ignore[LG103]",
        "LG902:2",
    ),
    ("nothing but it", "# liftgate: ignore[LG103]", "LG902:1"),
    (
        "within an instruction",
        "FROM ubuntu:22.04\nENV A=1 \\\n# liftgate: ignore[LG303]\n  LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs\n",
        "",
    ),
    (
        "at the end of a shell's line",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN apt-get update # liftgate: ignore[LG116]\n",
        "",
    ),
    (
        "in a text of the shell's",
        "FROM ubuntu:22.04\nRUN echo 'a # liftgate: ignore[LG103]'\n",
        "",
    ),
    (
        "behind an instruction it is no comment",
        "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\nCMD true # liftgate: ignore[LG103]\n",
        "LG103:1",
    ),
    (
        "in a heredoc",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN <<EOF\n# liftgate: ignore[LG116]\napt-get update\nEOF\n",
        "",
    ),
    (
        "in a heredoc, for another line",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN <<EOF\napt-get update\n# liftgate: ignore[LG116]\ntrue\nEOF\n",
        "LG116:3 LG902:4",
    ),
    (
        "before one with a heredoc",
        "FROM tensorflow/tensorflow:2.4.1-gpu\n# liftgate: ignore[LG116]\nRUN <<EOF\napt-get update\nEOF\n",
        "",
    ),
    (
        "in a file that is put into the image",
        "FROM ubuntu:22.04\nCOPY <<EOF /x\n# liftgate: ignore[LG103]\nEOF\n",
        "",
    ),
    (
        "unknown",
        "# liftgate: ignore[LG999]\nFROM ubuntu:22.04\n",
        "LG903:1",
    ),
    (
        "a family is no rule",
        "# liftgate: ignore[LG1]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "all is no rule",
        "# liftgate: ignore[all]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "no brackets",
        "# liftgate: ignore LG103\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "not closed",
        "# liftgate: ignore[LG103\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "empty",
        "# liftgate: ignore[]\nFROM ubuntu:22.04\n",
        "LG903:1",
    ),
    (
        "another word",
        "# liftgate: disable[LG103]\nFROM ubuntu:22.04\n",
        "LG903:1",
    ),
    (
        "a capital",
        "# Liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "no colon",
        "# liftgate ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG903:1 LG103:2",
    ),
    (
        "said in passing",
        "# see liftgate: it ignores that\n# liftgate ignores this\nFROM ubuntu:22.04\n",
        "",
    ),
    (
        "CRLF",
        "# liftgate: ignore[LG103] why\r\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\r\n",
        "",
    ),
    (
        "byte order mark",
        "\u{feff}# liftgate: ignore[LG103] why\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    // Others' comments.
    (
        "hadolint's before ours",
        "# hadolint ignore=DL3006\n# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "hadolint's behind ours",
        "# liftgate: ignore[LG103]\n# hadolint ignore=DL3006,DL3008\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "hadolint's for the file",
        "# hadolint global ignore=DL3006\n# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "BuildKit's",
        "# syntax=docker/dockerfile:1\n# check=skip=JSONArgsRecommended;error=true\n# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "BuildKit's behind ours",
        "# liftgate: ignore[LG103]\n# check=skip=all\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "an escape of its own",
        "# escape=`\n# liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "both in one line",
        "# hadolint ignore=DL3006 # liftgate: ignore[LG103]\nFROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
];

#[test]
fn in_dockerfiles() {
    let settings = Settings {
        ignore: ["LG111", "LG2"].map(str::to_owned).into(),
        ..Settings::default()
    };
    check(DOCKERFILE, Language::Dockerfile, &settings);
}

const COMPOSE: &[Case] = &[
    (
        "found",
        "services:\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG103:3",
    ),
    (
        "before the line",
        "services:\n  a:\n    # liftgate: ignore[LG103]\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "at its end",
        "services:\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04 # liftgate: ignore[LG103]\n",
        "",
    ),
    (
        "before what it is in",
        "services:\n  # liftgate: ignore[LG103]\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "not for the next service",
        "services:\n  # liftgate: ignore[LG103]\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n  b:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG103:6",
    ),
    (
        "with blank lines within",
        "services:\n  # liftgate: ignore[LG103]\n  a:\n\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "the file",
        "# liftgate: ignore-file[LG103]\nservices:\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "in a text",
        "services:\n  a:\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n    command: 'echo # liftgate: ignore[LG103]'\n",
        "LG103:3",
    ),
    (
        "CRLF",
        "services:\r\n  a:\r\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04 # liftgate: ignore[LG103]\r\n",
        "",
    ),
];

const DEVCONTAINER: &[Case] = &[
    (
        "found",
        "{\n  \"image\": \"nvidia/cuda:12.4.0-base-ubuntu22.04\"\n}\n",
        "LG103:2",
    ),
    (
        "before",
        "{\n  // liftgate: ignore[LG103]\n  \"image\": \"nvidia/cuda:12.4.0-base-ubuntu22.04\"\n}\n",
        "",
    ),
    (
        "at the end",
        "{\n  \"image\": \"nvidia/cuda:12.4.0-base-ubuntu22.04\" // liftgate: ignore[LG103]\n}\n",
        "",
    ),
    (
        "the file",
        "// liftgate: ignore-file[LG103]\n{\n  \"image\": \"nvidia/cuda:12.4.0-base-ubuntu22.04\"\n}\n",
        "",
    ),
    (
        "for nothing",
        "{\n  // liftgate: ignore[LG104]\n  \"image\": \"nvidia/cuda:12.4.0-base-ubuntu22.04\"\n}\n",
        "LG902:2 LG103:3",
    ),
];

const SHELL: &[Case] = &[
    (
        "found",
        "docker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG103:1",
    ),
    (
        "before",
        "# liftgate: ignore[LG103]\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "at the end",
        "docker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04 # liftgate: ignore[LG103]\n",
        "",
    ),
    (
        "over several lines",
        "# liftgate: ignore[LG103]\ndocker run --gpus all \\\n  nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "in a function",
        "f() {\n  # liftgate: ignore[LG103]\n  docker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n}\n",
        "",
    ),
    (
        "the file",
        "#!/bin/sh\n# liftgate: ignore-file[LG103]\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
];

const MARKDOWN: &[Case] = &[
    (
        "found",
        "```sh\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "LG103:2",
    ),
    (
        "before the block",
        "<!-- liftgate: ignore[LG103] why -->\n```sh\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "",
    ),
    (
        "with a blank line",
        "<!-- liftgate: ignore[LG103] -->\n\n```sh\n\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "",
    ),
    (
        "two",
        "<!-- liftgate: ignore[LG103] -->\n<!-- liftgate: ignore[LG104] -->\n```sh\n\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "LG902:2",
    ),
    (
        "not the block behind that",
        "<!-- liftgate: ignore[LG103] -->\n```sh\ntrue\n```\n\n```sh\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "LG902:1 LG103:7",
    ),
    (
        "in the block",
        "```sh\n# liftgate: ignore[LG103]\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "",
    ),
    (
        "the file",
        "<!-- liftgate: ignore-file[LG103] -->\n# T\n\n```sh\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n",
        "",
    ),
    (
        "talked about",
        "Write `# liftgate: ignore[LG103] why` there.\n",
        "",
    ),
    (
        "a fence of tildes",
        "<!-- liftgate: ignore[LG103] -->\n~~~sh\n\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n~~~\n",
        "",
    ),
];

#[test]
fn elsewhere() {
    let settings = Settings {
        select: ["LG1", "LG9"].map(str::to_owned).into(),
        ..Settings::default()
    };
    check(COMPOSE, Language::Compose, &settings);
    check(DEVCONTAINER, Language::Devcontainer, &settings);
    check(SHELL, Language::Shell, &settings);
    check(MARKDOWN, Language::Markdown, &settings);
}

/// A rule that is not applied this time, or has nothing to compare with, may find something the next time.
#[test]
fn not_needed_is_only_what_was_looked_for() {
    let needless = |rule: &str, settings: &Settings| {
        let text =
            format!("# liftgate: ignore[{rule}] why\nFROM nvidia/cuda:12.4.1-base-ubuntu22.04\n");
        found(&text, Language::Dockerfile, settings)
    };
    let everything = Settings::default();
    assert_eq!(needless("LG104", &everything), "LG902:1");
    assert_eq!(
        needless("LG105", &everything),
        "",
        "there is no driver to compare with"
    );
    assert_eq!(
        needless("LG105", &crate::table::machine(Some("580.95.05"), &[])),
        "LG902:1"
    );
    assert_eq!(
        needless("LG107", &everything),
        "",
        "there is no GPU to compare with"
    );
    assert_eq!(
        needless("LG107", &crate::table::machine(None, &["A100"])),
        "LG902:1"
    );
    assert_eq!(needless("LG308", &everything), "", "only some want it");
    let mut others = Settings::default();
    others.ignore.push("LG104".to_owned());
    assert_eq!(needless("LG104", &others), "");
}

#[test]
fn reasons_are_wanted_by_some() {
    let pedantic = Settings {
        pedantic: true,
        ignore: vec!["LG112".to_owned()],
        ..Settings::default()
    };
    let with = format!("# liftgate: ignore[LG103] the mirror has no other\n{OLD}");
    let without = format!("# liftgate: ignore[LG103]\n{OLD}");
    assert_eq!(found(&with, Language::Dockerfile, &pedantic), "");
    assert_eq!(found(&without, Language::Dockerfile, &pedantic), "LG903:1");
    assert_eq!(
        found(&without, Language::Dockerfile, &Settings::default()),
        ""
    );
    let empty = "<!-- liftgate: ignore[LG103] -->\n```sh\ndocker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n```\n";
    let mut settings = pedantic.clone();
    settings.select = ["LG1", "LG9"].map(str::to_owned).into();
    assert_eq!(
        found(empty, Language::Markdown, &settings),
        "LG903:1",
        "the end of the comment is no reason"
    );
}

#[test]
fn what_is_not_needed_is_taken_away() {
    for (what, language, before, after) in [
        (
            "a line",
            Language::Dockerfile,
            "# liftgate: ignore[LG103] x\nFROM ubuntu:22.04\n",
            "FROM ubuntu:22.04\n",
        ),
        (
            "a line of CRLF",
            Language::Dockerfile,
            "FROM ubuntu:22.04\r\n# liftgate: ignore[LG103] x\r\nRUN true\r\n",
            "FROM ubuntu:22.04\r\nRUN true\r\n",
        ),
        (
            "behind a byte order mark",
            Language::Dockerfile,
            "\u{feff}# liftgate: ignore[LG103] x\nFROM ubuntu:22.04\n",
            "\u{feff}FROM ubuntu:22.04\n",
        ),
        (
            "at the end of a line",
            Language::Shell,
            "true # liftgate: ignore[LG103] x\nfalse\n",
            "true\nfalse\n",
        ),
        (
            "at the end of a line of CRLF",
            Language::Shell,
            "true  # liftgate: ignore[LG103] x\r\nfalse\r\n",
            "true\r\nfalse\r\n",
        ),
        (
            "at the end of the file",
            Language::Dockerfile,
            "FROM ubuntu:22.04\n# liftgate: ignore[LG103]",
            "FROM ubuntu:22.04\n",
        ),
        (
            "one of two stays",
            Language::Dockerfile,
            "# liftgate: ignore[LG103,LG104]\nFROM nvidia/cuda\n",
            "# liftgate: ignore[LG103,LG104]\nFROM nvidia/cuda\n",
        ),
    ] {
        let fixed = fix::fix(before, false, |text| {
            lint(text, language, &Settings::default())
        });
        assert_eq!(fixed.text, after, "{what}");
    }
}
