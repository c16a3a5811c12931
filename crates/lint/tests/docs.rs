//! The pages of the rules are their tests: each example on a page has to be found, or not to be, as the page says.

use liftgate_image::facts::ImageFacts;
use liftgate_lint::rule::Meta;
use liftgate_lint::rules::RULES;
use liftgate_lint::{Finding, Language, Settings, Target, fix, lint, lint_image};
use std::collections::BTreeSet;

/// A block of code of a page: what stands behind its fence, and what is in it.
struct Block {
    language: String,
    words: Vec<String>,
    text: String,
}

fn blocks(meta: &Meta) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in meta.page().lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                let mut words = info.split(',').map(|word| word.trim().to_owned());
                open = Some(Block {
                    language: words.next().unwrap_or_default(),
                    words: words.collect(),
                    text: String::new(),
                });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a fence is not closed", meta.code);
    blocks
}

impl Block {
    fn is(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    fn settings(&self, meta: &Meta) -> Settings {
        let values = |name: &str| -> Vec<String> {
            let words = self.words.iter();
            words
                .filter_map(|word| Some(word.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
                .collect()
        };
        let target = Target::new(values("driver").first().map(String::as_str), &values("gpu"))
            .unwrap_or_else(|error| panic!("{}: {error}", meta.code));
        Settings {
            pedantic: self.is("pedantic") || meta.persona == liftgate_lint::Persona::Pedantic,
            target,
            ..Settings::default()
        }
    }

    fn findings(&self, text: &str, meta: &Meta) -> Vec<Finding> {
        let settings = self.settings(meta);
        if self.language == "json" {
            let facts: ImageFacts = serde_json::from_str(text)
                .unwrap_or_else(|error| panic!("{}: {error}\n{text}", meta.code));
            return lint_image(&facts, &settings);
        }
        let language = match self.language.as_str() {
            "dockerfile" => Language::Dockerfile,
            "yaml" => Language::Compose,
            "jsonc" => Language::Devcontainer,
            "sh" => Language::Shell,
            "markdown" => Language::Markdown,
            other => panic!("{}: `{other}` is no language of an example", meta.code),
        };
        lint(text, language, &settings)
    }
}

fn codes(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn examples_are_what_they_say() {
    let mut mistakes = Vec::new();
    for rule in RULES {
        let meta = rule.meta();
        let mut bad: Option<Block> = None;
        for block in blocks(meta) {
            if block.is("bad") {
                let found = block.findings(&block.text, meta);
                if codes(&found) != BTreeSet::from([meta.code]) {
                    mistakes.push(format!(
                        "{} bad finds {:?}:\n{}",
                        meta.code,
                        codes(&found),
                        block.text
                    ));
                }
                bad = Some(block);
            } else if block.is("good") {
                let found = block.findings(&block.text, meta);
                if !found.is_empty() {
                    mistakes.push(format!(
                        "{} good finds {:?}:\n{}",
                        meta.code,
                        codes(&found),
                        block.text
                    ));
                }
            } else if block.is("fixed") {
                let bad = bad.as_ref().expect("a fixed example follows a bad one");
                let fixed = fix::fix(&bad.text, true, |text| bad.findings(text, meta));
                if fixed.text != block.text {
                    mistakes.push(format!(
                        "{} fixed is\n{}and not\n{}",
                        meta.code, fixed.text, block.text
                    ));
                }
                let left = bad.findings(&fixed.text, meta);
                if !left.is_empty() {
                    mistakes.push(format!(
                        "{} fixed still finds {:?}",
                        meta.code,
                        codes(&left)
                    ));
                }
            } else if matches!(
                block.language.as_str(),
                "dockerfile" | "yaml" | "jsonc" | "sh" | "json"
            ) {
                mistakes.push(format!(
                    "{}: an example is neither bad nor good nor fixed",
                    meta.code
                ));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

/// Rules of which no example fits on a page, with the reason.
const WITHOUT_EXAMPLE: &[(&str, &str)] = &[("LG904", "more than a mebibyte")];

#[test]
fn pages_are_whole() {
    let mut mistakes = Vec::new();
    for rule in RULES {
        let meta = rule.meta();
        let page = meta.page();
        let mut say = |what: &str| mistakes.push(format!("{}: {what}", meta.code));
        for section in ["## What it does", "## Why"] {
            if !page.contains(section) {
                say(&format!("no section `{section}`"));
            }
        }
        let summary = meta.summary();
        if summary.is_empty() || summary.ends_with('.') {
            say("the first line is no summary: lower case, no full stop");
        }
        if summary.len() > 100 {
            say("the summary is longer than 100 characters");
        }
        if WITHOUT_EXAMPLE.iter().any(|(code, _)| *code == meta.code) {
            continue;
        }
        let blocks = blocks(meta);
        for word in ["bad", "good"] {
            if !blocks.iter().any(|block| block.is(word)) {
                say(&format!("no example that is {word}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn codes_and_names_are_one_rules_each() {
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut last = "";
    for rule in RULES {
        let meta = rule.meta();
        assert!(codes.insert(meta.code), "{} twice", meta.code);
        assert!(names.insert(meta.name), "{} twice", meta.name);
        assert!(last < meta.code, "{} stands behind {last}", meta.code);
        last = meta.code;
        let number = meta.code.strip_prefix("LG").expect("a code begins with LG");
        assert!(
            number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()),
            "{}",
            meta.code
        );
        assert!(
            meta.name.split('-').all(|part| !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())),
            "{} is not in kebab case",
            meta.name
        );
    }
    assert!(codes.len() >= 45, "{} rules", codes.len());
}

/// Sentences are written in one way: lower case, no full stop, nobody is asked to `please` do anything `simply`.
#[test]
fn messages_are_in_one_style() {
    for rule in RULES {
        let meta = rule.meta();
        for block in blocks(meta).iter().filter(|block| block.is("bad")) {
            for finding in block.findings(&block.text, meta) {
                let lines = std::iter::once(&finding.message)
                    .chain(&finding.reasons)
                    .chain(Some(&finding.hint));
                for line in lines {
                    let lower = line.to_lowercase();
                    assert!(!line.ends_with('.'), "{}: {line}", meta.code);
                    assert!(
                        !lower.contains("please") && !lower.contains("simply"),
                        "{}: {line}",
                        meta.code
                    );
                }
                assert!(!finding.message.is_empty(), "{}", meta.code);
                assert!(
                    !finding.hint.is_empty(),
                    "{}: no hint for {}",
                    meta.code,
                    finding.message
                );
            }
        }
    }
}
