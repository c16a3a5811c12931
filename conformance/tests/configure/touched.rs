//! What an edit has to touch: the parts of the old text that need not be in the new one.

use crate::lossless::words;
use crate::meaning::{self, Language};
use std::ops::Range;

/// A part of the text that the edit may replace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touched(pub(crate) Vec<Range<usize>>);

/// What an edit of Docker's file has to touch: the default runtime and `features.cdi` if they were asked for, the
/// path of the runtime, and all of a runtime that says by `runtimeType` what a path would say again.
pub(crate) fn touched_json(
    text: &str,
    runtime: &str,
    sets_default: bool,
    enables_cdi: bool,
) -> Touched {
    let mut spans = Vec::new();
    for (path, span) in members(text) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let is_touched = match path.as_slice() {
            ["default-runtime"] => sets_default,
            ["features", "cdi"] => enables_cdi,
            ["runtimes", name, "path"] => *name == runtime,
            ["runtimes", name] => {
                *name == runtime && text[span.clone()].contains("\"runtimeType\"")
            }
            _ => false,
        };
        let value = text[span.clone()].trim();
        let holds_nothing =
            value == "null" || (value.starts_with('{') && value[1..].trim_start() == "}");
        let is_open = match path.as_slice() {
            [] | ["runtimes"] => true,
            ["features"] => enables_cdi,
            _ => false,
        };
        if is_touched || (is_open && holds_nothing) {
            // The blanks inside an empty object may go; its braces are no loss either. If it is all that there is,
            // what it is written for begins with it.
            let is_all = path.is_empty() && !text.trim_end_matches([' ', '\t']).ends_with('\n');
            spans.push(if is_all { 0..text.len() } else { span });
        } else if is_open && !text[span.clone()].contains('\n') {
            // An object on one line that gets another member may be laid out anew.
            let blanks = words(Language::Json, text).into_iter();
            spans.extend(blanks.filter(|word| {
                text[word.clone()].trim().is_empty()
                    && span.start < word.start
                    && word.end < span.end
            }));
        }
    }
    if text.trim().is_empty() || text.trim_start_matches('\u{feff}').trim().is_empty() {
        spans.push(0..text.len());
    }
    Touched(spans)
}

/// Every value of a JSON text with the keys that lead to it, and where it stands.
fn members(text: &str) -> Vec<(Vec<String>, Range<usize>)> {
    let text = &meaning::without_comments(text);
    let is_blank = |one: &str| one.trim().is_empty() || one == "\u{feff}";
    let words: Vec<Range<usize>> = words(Language::Json, text)
        .into_iter()
        .filter(|word| !is_blank(&text[word.clone()]))
        .collect();
    let mut found = Vec::new();
    let mut reader = Members {
        text,
        words: &words,
        at: 0,
        found: &mut found,
    };
    reader.value(&mut Vec::new());
    found
}

struct Members<'a> {
    text: &'a str,
    words: &'a [Range<usize>],
    at: usize,
    found: &'a mut Vec<(Vec<String>, Range<usize>)>,
}

impl Members<'_> {
    fn word(&self) -> &str {
        self.words
            .get(self.at)
            .map_or("", |word| &self.text[word.clone()])
    }

    fn value(&mut self, path: &mut Vec<String>) {
        let Some(start) = self.words.get(self.at).map(|word| word.start) else {
            return;
        };
        match self.word() {
            "{" => self.list("}", path),
            "[" => self.list("]", path),
            _ => {
                // Numbers are several words: `1`, `.`, `5`.
                while !matches!(self.word(), "," | "}" | "]" | "") {
                    self.at += 1;
                }
            }
        }
        let end = self.words[..self.at].last().map_or(start, |word| word.end);
        self.found.push((path.clone(), start..end));
    }

    fn list(&mut self, close: &str, path: &mut Vec<String>) {
        self.at += 1;
        while !matches!(self.word(), "") {
            if self.word() == close {
                self.at += 1;
                return;
            }
            if self.word() == "," {
                self.at += 1;
                continue;
            }
            if close == "}" {
                let key: String = serde_json::from_str(self.word()).unwrap_or_default();
                self.at += 2;
                path.push(key);
                self.value(path);
                path.pop();
            } else {
                path.push("[]".to_owned());
                self.value(path);
                path.pop();
            }
        }
    }
}

/// What an edit of a TOML file has to touch: the value of each key on a line of its own that ends like one of
/// `keys`, and lines of the tables named `tables`.
pub(crate) fn touched_toml(text: &str, keys: &[&str], table_ends: &[String]) -> Touched {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut is_in_table = false;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with('[') && !trimmed.starts_with("[[") {
            let name = trimmed
                .split(']')
                .next()
                .unwrap_or(trimmed)
                .trim_start_matches('[');
            is_in_table = table_ends
                .iter()
                .any(|end| name.ends_with(end.as_str()) || name.contains(&format!("{end}.")));
        }
        let key = trimmed.split('=').next().unwrap_or("").trim();
        let last = key.rsplit('.').next().unwrap_or(key).trim();
        let is_touched = trimmed.contains('=') && !trimmed.starts_with('#');
        if is_touched && (is_in_table || keys.contains(&last)) {
            let body = line.trim_end_matches(['\r', '\n']);
            let end = body.find(" #").unwrap_or(body.len());
            spans.push(start..start + end);
        }
        start += line.len();
    }
    Touched(spans)
}
