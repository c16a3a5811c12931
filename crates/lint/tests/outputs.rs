//! What people and programs get to see. Words of a file (a tag, a line, a path) give no orders to a terminal or to GitHub.

use liftgate_lint::output::{Linted, TextStyle, github, json, sarif, text};
use liftgate_lint::{Finding, Language, Settings, Target, lint, lint_image};
use std::time::{Duration, Instant};

const DOCKERFILE: &str = "\
# syntax=docker/dockerfile:1
ARG VERSION=12.4.0
FROM nvidia/cuda:${VERSION}-devel-ubuntu22.04 AS build
WORKDIR /app
COPY . .
RUN nvcc -arch=sm_103 \\
      -o main \\
      main.cu

FROM nvidia/cuda:11.8.0-base
ENV LD_LIBRARY_PATH=/usr/local/cuda/compat:\u{fc}/usr/local/cuda/lib64/stubs
COPY --from=build /app/main /main
CMD [\"/main\"]
";

fn settings() -> Settings {
    Settings {
        select: ["LG1", "LG3", "LG9"].map(str::to_owned).into(),
        target: Target::new(Some("535.183.01"), &["V100".to_owned()]).expect("they are known"),
        ..Settings::default()
    }
}

fn plain() -> TextStyle {
    TextStyle {
        color: false,
        width: 100,
    }
}

fn with<R>(path: &str, source: &str, show: impl FnOnce(&Linted<'_>) -> R) -> R {
    let findings = lint(source, Language::Dockerfile, &settings());
    show(&Linted {
        path,
        text: source,
        findings: &findings,
    })
}

#[test]
fn text_without_colours() {
    insta::assert_snapshot!(with("images/Dockerfile", DOCKERFILE, |linted| text(
        linted,
        plain()
    )));
}

#[test]
fn text_with_colours() {
    let shown = with("images/Dockerfile", DOCKERFILE, |linted| {
        text(
            linted,
            TextStyle {
                color: true,
                width: 100,
            },
        )
    });
    insta::assert_snapshot!(shown.replace('\u{1b}', "␛"));
    // The words are the same.
    let mut words = String::new();
    let mut pieces = shown.split("\u{1b}[");
    words.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        words.push_str(piece.split_once('m').expect("a colour ends with an m").1);
    }
    assert_eq!(
        words,
        with("images/Dockerfile", DOCKERFILE, |linted| text(
            linted,
            plain()
        ))
    );
}

#[test]
fn for_programs() {
    let shown = with("images/Dockerfile", DOCKERFILE, |linted| {
        serde_json::to_string_pretty(&json(std::slice::from_ref(linted))).expect("it is JSON")
    });
    insta::assert_snapshot!(shown);
}

#[test]
fn for_code_hosts() {
    let shown = with("./images/Dockerfile of \u{fc}.gpu", DOCKERFILE, |linted| {
        serde_json::to_string_pretty(&sarif(std::slice::from_ref(linted), "1.2.3"))
            .expect("it is JSON")
    });
    insta::assert_snapshot!(shown);
}

#[test]
fn for_workflows() {
    insta::assert_snapshot!(with("images/a,b:c%d/Dockerfile", DOCKERFILE, github));
}

/// Everything that could be an order, in the places where words of others are shown.
const WILD: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{90}\u{0}\u{8}\u{7f}\u{202e}\u{2066}";

fn wild() -> (String, Vec<Finding>) {
    let source = format!(
        "# {WILD}\nFROM nvidia/cuda:1{WILD}\nENV LD_LIBRARY_PATH=/usr/local/cuda{WILD}/stubs:/a{WILD}/libx.so # {WILD}\rX\n"
    );
    let mut findings = lint(&source, Language::Dockerfile, &settings());
    assert!(
        findings
            .iter()
            .any(|finding| finding.message.contains('\u{1b}')),
        "{findings:?}"
    );
    for finding in &mut findings {
        let span = finding.span;
        finding.message.push_str(WILD);
        finding
            .label(WILD)
            .related(span, WILD)
            .because(WILD)
            .hint(WILD);
    }
    (source, findings)
}

#[test]
fn nothing_gives_orders_to_a_terminal() {
    let (source, findings) = wild();
    let path = format!("a{WILD}/Dockerfile");
    let linted = Linted {
        path: &path,
        text: &source,
        findings: &findings,
    };
    let is_order = |sign: char| {
        sign.is_control() && sign != '\n'
            || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for (what, shown) in [
        ("text", text(&linted, plain())),
        ("github", github(&linted)),
    ] {
        assert!(!shown.contains(is_order), "{what}: {shown:?}");
    }
    // With colours there are orders, of which none is the file's.
    let shown = text(
        &linted,
        TextStyle {
            color: true,
            width: 100,
        },
    );
    for piece in shown.split('\u{1b}').skip(1) {
        let order: String = piece.chars().take_while(|sign| *sign != 'm').collect();
        assert!(
            order.starts_with('[')
                && order[1..]
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b';'),
            "{piece:?}"
        );
    }
    assert!(!shown.replace('\u{1b}', "").contains(is_order));
}

#[test]
fn nothing_gives_orders_to_a_workflow() {
    let (source, mut findings) = wild();
    findings[0].message = "a\n::error::b\r\n::set-output name=x::y%0A::stop-commands::z".to_owned();
    let path = "a,line=1::b%0A\n::error::c";
    let shown = github(&Linted {
        path,
        text: &source,
        findings: &findings,
    });
    assert_eq!(shown.lines().count(), findings.len(), "{shown}");
    for line in shown.lines() {
        let rest = line
            .strip_prefix("::error file=")
            .or(line.strip_prefix("::warning file="))
            .or(line.strip_prefix("::notice file="));
        let rest = rest.unwrap_or_else(|| panic!("{line}"));
        let (properties, message) = rest.split_once("::").expect("a message");
        assert!(
            properties.starts_with("a%2Cline=1%3A%3Ab%250A%0A%3A%3Aerror%3A%3Ac,line="),
            "{line}"
        );
        assert!(!message.contains(['\r', '\n']));
    }
    assert!(shown.contains("y%250A"), "{shown}");
}

/// Places in JSON: lines and columns from 1 on, in characters; offsets in bytes.
#[test]
fn places_are_of_the_text() {
    let source =
        "FROM ubuntu:22.04\nENV A=\u{fc}\u{1f600} LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs\n";
    let report = with("D", source, |linted| {
        serde_json::to_value(json(std::slice::from_ref(linted))).expect("it is JSON")
    });
    let place = &report["files"][0]["findings"][0]["place"];
    let (offset, length) = (
        place["offset"].as_u64().expect("it is there"),
        place["length"].as_u64().expect("it is there"),
    );
    let (start, end) = (
        usize::try_from(offset).expect("small"),
        usize::try_from(offset + length).expect("small"),
    );
    assert_eq!(&source[start..end], "/usr/local/cuda/lib64/stubs");
    assert_eq!(
        (
            place["line"].as_u64(),
            place["column"].as_u64(),
            place["end_column"].as_u64()
        ),
        (Some(2), Some(26), Some(53))
    );
}

/// An image has no places; a finding at the end of a text, and in an empty one, has.
#[test]
fn places_that_are_none() {
    let mut findings = lint("FROM nvidia/cuda\n", Language::Dockerfile, &settings());
    for source in [
        "",
        "FROM nvidia/cuda",
        "FROM nvidia/cuda\n",
        "FROM nvidia/cuda\r\n\r\n",
        "\u{feff}FROM nvidia/cuda",
    ] {
        for at in [0, source.len(), source.len() + 7] {
            findings[0].span = liftgate_dockerfile::Span::at(at);
            let linted = Linted {
                path: "D",
                text: source,
                findings: &findings,
            };
            assert!(text(&linted, plain()).contains("LG104"));
            assert!(github(&linted).starts_with("::error file=D"));
            serde_json::to_string(&json(std::slice::from_ref(&linted))).expect("it is JSON");
            sarif(std::slice::from_ref(&linted), "1");
        }
    }
}

/// Many findings, each on a line of its own or all of them on one.
#[test]
fn many_findings_are_shown() {
    // A test that is not optimized has a tenth of the patience.
    const MANY: usize = if cfg!(debug_assertions) {
        10_000
    } else {
        100_000
    };
    for separator in ["\n", " "] {
        let source = vec!["x"; MANY].join(separator);
        let one = lint("FROM nvidia/cuda\n", Language::Dockerfile, &settings()).remove(0);
        let findings: Vec<Finding> = (0..MANY)
            .map(|number| {
                let mut finding = one.clone();
                finding.span = liftgate_dockerfile::Span::new(number * 2, number * 2 + 1);
                finding
            })
            .collect();
        let linted = Linted {
            path: "D",
            text: &source,
            findings: &findings,
        };
        let start = Instant::now();
        let shown = text(&linted, plain()).len() + github(&linted).len();
        let report =
            serde_json::to_string(&json(std::slice::from_ref(&linted))).expect("it is JSON");
        let log = sarif(std::slice::from_ref(&linted), "1");
        assert!(
            shown > MANY
                && report.len() > MANY
                && log["runs"][0]["results"]
                    .as_array()
                    .is_some_and(|results| results.len() == MANY)
        );
        // A few seconds, where a square would take an hour.
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "{:?}",
            start.elapsed()
        );
    }
}

/// An image has no lines, and is named all the same.
#[test]
fn text_of_an_image() {
    let facts = serde_json::from_str(
        r#"{"configuration": {"environment": [["CUDA_VISIBLE_DEVICES", "1"]]}}"#,
    );
    let findings = lint_image(&facts.expect("facts"), &Settings::default());
    assert!(!findings.is_empty());
    let shown = text(
        &Linted {
            path: "example/app:1\u{1b}[2J",
            text: "",
            findings: &findings,
        },
        plain(),
    );
    assert!(shown.contains("--> example/app:1"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");
}
