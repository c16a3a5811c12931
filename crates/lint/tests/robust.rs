//! Whatever a text is: no rule panics, no fix overlaps another, and a mebibyte made to keep a reader busy does not.

use liftgate_lint::output::{Linted, TextStyle, github, json, sarif, text};
use liftgate_lint::{LARGEST, Language, Settings, Target, fix, lint};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const LANGUAGES: [Language; 5] = [
    Language::Dockerfile,
    Language::Compose,
    Language::Devcontainer,
    Language::Shell,
    Language::Markdown,
];

/// Every rule, and a machine to compare with.
fn everything() -> Settings {
    Settings {
        pedantic: true,
        target: Target::new(
            Some("535.183.01"),
            &["A100".to_owned(), "GTX 1080".to_owned()],
        )
        .expect("they are known"),
        ..Settings::default()
    }
}

/// Looks at a text as everything that it may be.
fn look(source: &str) {
    let settings = everything();
    for language in LANGUAGES {
        let findings = lint(source, language, &settings);
        for finding in &findings {
            let spans = std::iter::once(finding.span)
                .chain(finding.related.iter().map(|related| related.span));
            for span in spans {
                assert!(
                    source.get(span.start..span.end).is_some(),
                    "{language:?} {}: {span:?} of {source:?}",
                    finding.code
                );
            }
            let mut edits = finding.fix.clone().map_or(Vec::new(), |fix| fix.edits);
            edits.sort_by_key(|edit| edit.span);
            for edit in &edits {
                assert!(
                    source.get(edit.span.start..edit.span.end).is_some(),
                    "{language:?} {}: {edit:?}",
                    finding.code
                );
            }
            for pair in edits.windows(2) {
                assert!(
                    pair[0].span.end <= pair[1].span.start,
                    "{language:?} {}: {pair:?}",
                    finding.code
                );
            }
        }
        let linted = Linted {
            path: "D",
            text: source,
            findings: &findings,
        };
        text(
            &linted,
            TextStyle {
                color: false,
                width: 80,
            },
        );
        github(&linted);
        sarif(std::slice::from_ref(&linted), "1");
        json(std::slice::from_ref(&linted));
        let again = |text: &str| lint(text, language, &settings);
        for unsafe_too in [false, true] {
            let fixed = fix::fix(source, unsafe_too, again);
            let twice = fix::fix(&fixed.text, unsafe_too, again);
            assert_eq!(
                fixed.text, twice.text,
                "{language:?}: a second time changes more of {source:?}"
            );
        }
    }
}

/// Pieces of all that is read, and what confuses readers.
const PIECES: &[&str] = &[
    "FROM ",
    "nvidia/cuda",
    ":12.4.0-base-ubuntu22.04",
    ":11.8.0-base",
    ":10.2",
    "@sha256:0",
    " AS a",
    "a",
    "\n",
    "\n",
    "\n",
    "\r\n",
    " ",
    "  ",
    "\t",
    "ARG V=12.4.0\n",
    "ARG V",
    "${V}",
    "$V",
    "${V:-12.4.0}",
    "${V//4/5}",
    "${",
    "}",
    "ENV ",
    "LD_LIBRARY_PATH=",
    "PATH=",
    "/usr/local/cuda/compat",
    "/stubs",
    "/libcuda.so.1",
    ":",
    "::",
    "$LD_LIBRARY_PATH",
    "=",
    "NVIDIA_VISIBLE_DEVICES=",
    "NVIDIA_DRIVER_CAPABILITIES=compute",
    "NVIDIA_REQUIRE_CUDA=",
    "cuda>=12.4",
    "RUN ",
    "apt-get update",
    " && ",
    "apt-get install -y ",
    "nvcc -arch=sm_90 ",
    "pip install torch",
    "ldconfig ",
    "echo ",
    " > /etc/ld.so.conf.d/a",
    "ln -s ",
    "COPY --from=",
    "COPY ",
    "WORKDIR /a\n",
    "# liftgate: ignore[LG103] why\n",
    "# liftgate: ignore[",
    "]",
    "# liftgate: ignore-file[LG1]\n",
    "<!-- liftgate: ignore[LG103] -->\n",
    "// liftgate: ignore[LG103]\n",
    "#",
    "# syntax=a\n",
    "# escape=`\n",
    "<<EOF\n",
    "EOF\n",
    "'",
    "\"",
    "\\",
    "\\\n",
    "`",
    "$(",
    ")",
    "(",
    "{",
    "}",
    "[",
    "]",
    ",",
    "|",
    ";",
    "<",
    ">",
    "*",
    "&a ",
    "*a",
    "!",
    "%",
    "services:\n",
    "  a:\n",
    "    image: ",
    "    gpus: all\n",
    "    deploy:\n      resources:\n        reservations:\n          devices:\n            - driver: nvidia\n              count: ",
    "    runtime: nvidia\n",
    "- ",
    "{\"image\": \"",
    "\"runArgs\": [\"--gpus\", \"all\"]",
    "docker run ",
    "--gpus all ",
    "--gpus '\"device=0\"' ",
    "docker compose up\n",
    "```sh\n",
    "```dockerfile\n",
    "```yaml\n",
    "```\n",
    "\u{feff}",
    "\u{e9}",
    "\u{1f600}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{2028}",
    "CMD [\"a\"]\n",
    "ONBUILD ",
    "SHELL [\"bash\"]\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(source in "\\PC{0,200}") {
        look(&source);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        look(&pieces.concat());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        look(&String::from_utf8_lossy(&bytes));
    }
}

fn filled(head: &str, line: impl Fn(usize) -> String) -> String {
    let mut source = head.to_owned();
    for number in 0.. {
        let next = line(number);
        if source.len() + next.len() > LARGEST {
            break;
        }
        source.push_str(&next);
    }
    source
}

/// Texts of a mebibyte, each with much of one thing.
fn pathological() -> Vec<(&'static str, Language, String)> {
    use Language::{Compose, Devcontainer, Dockerfile, Markdown, Shell};
    let from = "FROM nvidia/cuda:12.4.0-devel-ubuntu22.04\n";
    let line = |text: &'static str| move |_| text.to_owned();
    let services = |service: &'static str| {
        filled("services:\n", move |number| {
            format!("  a{number}:\n{service}")
        })
    };
    vec![
        ("stages", Dockerfile, filled("", line("FROM nvidia/cuda\n"))),
        (
            "stages upon stages",
            Dockerfile,
            filled("FROM ubuntu AS a0\n", |number| {
                format!("FROM a{number} AS a{}\n", number + 1)
            }),
        ),
        (
            "stages upon stages that say something",
            Dockerfile,
            filled(
                "FROM nvidia/cuda:12.4.1-base-ubuntu22.04 AS a0\n",
                |number| {
                    format!(
                        "FROM a{number} AS a{}\nENV LD_LIBRARY_PATH=/x\nRUN nvcc a.cu\n",
                        number + 1
                    )
                },
            ),
        ),
        (
            "stages that are copied from",
            Dockerfile,
            filled("", |number| {
                format!(
                    "FROM ubuntu AS a{number}\nCOPY --from=a{} /x /x\n",
                    number.saturating_sub(1)
                )
            }),
        ),
        (
            "arguments",
            Dockerfile,
            filled("", |number| {
                format!("ARG A{number}=$A{}\n", number.saturating_sub(1))
            }) + "FROM nvidia/cuda:$A9\n",
        ),
        (
            "arguments in a circle",
            Dockerfile,
            filled("", |number| {
                format!("ARG A{}=${{A{}}}\n", number % 7, (number + 1) % 7)
            }) + "FROM nvidia/cuda:$A1\n",
        ),
        (
            "images of arguments",
            Dockerfile,
            filled(
                "ARG V=12.4.0\n",
                line("FROM nvidia/cuda:${V}-base-ubuntu22.04\n"),
            ),
        ),
        (
            "variables that double",
            Dockerfile,
            filled(from, line("ENV A=$A$A\n")),
        ),
        (
            "variables",
            Dockerfile,
            filled(from, |number| format!("ENV A{number}=1\n")),
        ),
        (
            "the loader's path",
            Dockerfile,
            filled(
                from,
                line("ENV LD_LIBRARY_PATH=/usr/local/cuda/compat:$LD_LIBRARY_PATH\n"),
            ),
        ),
        (
            "a long loader's path",
            Dockerfile,
            filled(
                &format!("{from}ENV LD_LIBRARY_PATH="),
                line("/usr/local/cuda/compat:"),
            ),
        ),
        (
            "empty entries",
            Dockerfile,
            filled(&format!("{from}ENV LD_LIBRARY_PATH="), line(":")),
        ),
        (
            "commands",
            Dockerfile,
            filled(from, line("RUN apt-get update\n")),
        ),
        (
            "packages",
            Dockerfile,
            filled(from, |number| format!("RUN apt-get install -y a{number}\n")),
        ),
        (
            "packages and tools",
            Dockerfile,
            filled("FROM ubuntu:22.04\n", |number| {
                format!("RUN pip install a{number} && nvcc -o x y.cu\n")
            }),
        ),
        (
            "commands of one instruction",
            Dockerfile,
            filled(
                &format!("{from}RUN true"),
                line(" && nvcc -arch=sm_90 a.cu b.cu -o c -c"),
            ),
        ),
        (
            "lines of one instruction",
            Dockerfile,
            filled(
                &format!("{from}RUN true"),
                line(" && \\\n pip install torch"),
            ),
        ),
        (
            "another manager",
            Dockerfile,
            filled("FROM alpine\n", |number| {
                if number < 20_000 {
                    "RUN true\n".to_owned()
                } else {
                    "RUN apt-get update\n".to_owned()
                }
            }),
        ),
        (
            "the loader's cache",
            Dockerfile,
            filled(from, line("RUN ldconfig /usr/local/cuda/compat\n")),
        ),
        (
            "links",
            Dockerfile,
            filled(
                from,
                line("RUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/lib/libcuda.so.1\n"),
            ),
        ),
        (
            "working directories",
            Dockerfile,
            filled(
                from,
                line("WORKDIR a\nRUN ar rcs libx.a x.o\nENV LD_LIBRARY_PATH=/a\n"),
            ),
        ),
        (
            "copies",
            Dockerfile,
            filled(
                from,
                line("COPY --from=nvidia/cuda:12.4.0-base-ubuntu22.04 a b\n"),
            ),
        ),
        (
            "comments",
            Dockerfile,
            filled("", line("# liftgate: ignore[LG103]\n")) + from,
        ),
        (
            "comments and instructions",
            Dockerfile,
            filled("", line("# liftgate: ignore[LG104]\nFROM nvidia/cuda\n")),
        ),
        (
            "comments on one line",
            Dockerfile,
            filled(&format!("{from}RUN "), line(" # liftgate: ignore[LG104]")),
        ),
        (
            "comments for the file",
            Dockerfile,
            filled(from, line("# liftgate: ignore-file[LG103]\n")),
        ),
        (
            "rules in a comment",
            Dockerfile,
            filled("# liftgate: ignore[", line("LG103,")) + "]\n" + from,
        ),
        (
            "heredocs",
            Dockerfile,
            filled(from, line("RUN <<E\napt-get update\nE\n")),
        ),
        ("errors", Dockerfile, filled("", line("X\n"))),
        (
            "quotes",
            Dockerfile,
            filled(&format!("{from}RUN echo "), line("'a\"'")),
        ),
        (
            "substitutions",
            Dockerfile,
            filled(&format!("{from}RUN echo "), line("$(")) + "\n",
        ),
        (
            "expansions",
            Dockerfile,
            filled("FROM ", line("${A:-")) + "\n",
        ),
        (
            "services",
            Compose,
            services("    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n    gpus: all\n"),
        ),
        (
            "services with comments",
            Compose,
            services(
                "    # liftgate: ignore[LG103]\n    image: nvidia/cuda:12.4.0-base-ubuntu22.04\n",
            ),
        ),
        (
            "comments of YAML",
            Compose,
            filled("services:\n", line("  # liftgate: ignore[LG103]\n")),
        ),
        (
            "depth",
            Compose,
            filled("", |number| format!("{}a:\n", " ".repeat(number.min(900)))),
        ),
        ("brackets", Compose, filled("a: ", line("["))),
        (
            "requests",
            Compose,
            services(
                "    deploy:\n      resources:\n        reservations:\n          devices:\n            - capabilities: [gpu]\n              count: all\n              device_ids: ['0']\n",
            ),
        ),
        ("brackets of JSON", Devcontainer, filled("", line("["))),
        (
            "arguments of JSON",
            Devcontainer,
            filled("{\"runArgs\": [", line("\"--gpus\", \"all\",")) + "\"x\"]}",
        ),
        (
            "calls",
            Shell,
            filled(
                "",
                line("docker run --gpus all nvidia/cuda:12.4.0-base-ubuntu22.04\n"),
            ),
        ),
        (
            "calls on one line",
            Shell,
            filled("", line("docker run nvidia/cuda;")),
        ),
        (
            "calls with comments",
            Shell,
            filled(
                "",
                line("docker run nvidia/cuda # liftgate: ignore[LG104]\n"),
            ),
        ),
        (
            "options",
            Shell,
            filled("docker run", line(" --gpus all")) + " nvidia/cuda\n",
        ),
        ("subshells", Shell, filled("", line("("))),
        ("braces", Shell, filled("", line("{ "))),
        (
            "blocks",
            Markdown,
            filled("", line("```sh\ndocker run nvidia/cuda\n```\n")),
        ),
        (
            "blocks with comments",
            Markdown,
            filled(
                "",
                line("<!-- liftgate: ignore[LG104] -->\n```sh\ndocker run nvidia/cuda\n```\n"),
            ),
        ),
        (
            "comments of Markdown",
            Markdown,
            filled("", line("<!-- liftgate: ignore[LG104] -->\n")),
        ),
        ("fences", Markdown, filled("", line("```\n"))),
    ]
}

/// On a machine that does other things, too. A square of its lines would take minutes.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 90 } else { 10 });

#[test]
fn a_mebibyte_takes_no_time() {
    let settings = everything();
    let wanted = std::env::var("LIFTGATE_PATHOLOGICAL").unwrap_or_default();
    let mut slow = String::new();
    for (what, language, source) in pathological()
        .into_iter()
        .filter(|(what, ..)| what.contains(&wanted))
    {
        assert!(source.len() <= LARGEST + 64, "{what}: {}", source.len());
        // Without optimisation an eighth of it takes as long.
        let most = if cfg!(debug_assertions) {
            LARGEST / 8
        } else {
            LARGEST
        };
        let mut end = source.len().min(most);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let source = &source[..end];
        let start = Instant::now();
        let findings = lint(source, language, &settings);
        let looked = start.elapsed();
        let fixed = fix::fix(source, true, |text| lint(text, language, &settings))
            .text
            .len();
        let all = start.elapsed();
        eprintln!(
            "{what}: {} findings in {looked:?}, fixed to {fixed} bytes in {:?}",
            findings.len(),
            all.saturating_sub(looked)
        );
        if looked > PATIENCE || all > PATIENCE * 4 {
            writeln!(slow, "{what}: {looked:?} {all:?}").expect("a string takes all");
        }
    }
    assert!(slow.is_empty(), "{slow}");
}

#[test]
fn what_is_too_large_is_said_and_not_read() {
    let source = " ".repeat(LARGEST + 1);
    for language in LANGUAGES {
        let found = lint(&source, language, &Settings::default());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "LG904");
    }
}
