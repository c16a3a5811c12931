//! A project's own settings: `.liftgate.toml`, beside the files or in a directory above them.
//!
//! ```toml
//! [lint]
//! ignore = ["LG103"]
//! severity = { LG112 = "error" }
//! fail-on = "error"
//!
//! [lint.target]
//! driver = "550.54.14"
//! gpus = ["A100", "L4"]
//!
//! [[lint.files]]
//! match = "examples/**"
//! ignore = ["LG111"]
//! ```
//!
//! A key that is not known is an error with its line: a misspelt one would change nothing, and nobody would be told.

use crate::finding::Severity;
use crate::rules;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file's name.
pub const FILE_NAME: &str = ".liftgate.toml";

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Configuration {
    /// What `liftgate lint` does.
    #[serde(default)]
    pub lint: LintTable,
}

/// What `liftgate lint` does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct LintTable {
    /// The rules that are applied, by code, beginning of a code (`LG1`) or name. Without it: all.
    pub select: Vec<String>,
    /// Rules that are not applied.
    pub ignore: Vec<String>,
    /// Rules that are worse, or less bad, than they say, by code or name.
    pub severity: BTreeMap<String, Severity>,
    /// Whether the rules that only some want are applied, too.
    pub pedantic: bool,
    /// From which severity on the exit status is 1.
    pub fail_on: Option<Severity>,
    /// The machine that images are meant for.
    pub target: TargetTable,
    /// Settings for some of the files; later ones win.
    pub files: Vec<FilesTable>,
}

/// The machine that images are meant for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetTable {
    /// The driver: a version (`550.54.14`) or a branch (`550`).
    pub driver: Option<String>,
    /// The GPUs: models (`A100`, `RTX 4090`), architectures (`sm_80`) or compute capabilities (`8.0`).
    pub gpus: Vec<String>,
}

/// Settings for some of the files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FilesTable {
    /// Their paths, from the directory of `.liftgate.toml` on: `*` stands for anything within a name, `**` for any directories.
    pub r#match: String,
    /// Rules that are not applied to them.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigurationError {
    /// The line, from 1 on; 0: none in particular.
    pub line: usize,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

impl Configuration {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, ConfigurationError> {
        let configuration: Self = toml::from_str(text).map_err(|error| ConfigurationError {
            line: error.span().map_or(0, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            }),
            message: error.message().trim_end_matches('.').to_owned(),
        })?;
        let lint = &configuration.lint;
        let words = [&lint.select, &lint.ignore]
            .into_iter()
            .chain(lint.files.iter().map(|files| &files.ignore))
            .flatten()
            .chain(lint.severity.keys());
        for word in words {
            if !rules::RULES
                .iter()
                .any(|rule| crate::settings::means(word, rule.meta()))
            {
                return Err(ConfigurationError {
                    line: text
                        .lines()
                        .position(|line| {
                            line.contains(&format!("\"{word}\"")) || line.contains(word.as_str())
                        })
                        .map_or(0, |at| at + 1),
                    message: format!("there is no rule `{word}`; `liftgate rule` lists them"),
                });
            }
        }
        Ok(configuration)
    }

    /// The rules that are not applied to the file of a path, which begins at the directory of the file.
    pub fn ignored_for(&self, path: &str) -> Vec<String> {
        let lint = &self.lint;
        let of_files = lint
            .files
            .iter()
            .filter(|files| matches(&files.r#match, path))
            .flat_map(|files| files.ignore.iter());
        lint.ignore.iter().chain(of_files).cloned().collect()
    }
}

/// Whether a path is one that a pattern means.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches("./").split('/').collect();
    let path: Vec<&str> = path.trim_start_matches("./").split('/').collect();
    // Which beginnings of the path the pattern's beginning has matched: no recursion, no more than their product.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in &pattern {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            if !reached[at] {
                continue;
            }
            if *part == "**" {
                next[at..].fill(true);
            } else if at < path.len() && name_matches(part, path[at]) {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached[path.len()]
}

/// Whether a name is one that a pattern with `*` and `?` means.
fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(&character) if character == '?' || character == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match star {
                Some((before, from)) => {
                    at = before + 1;
                    in_name = from + 1;
                    star = Some((before, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, path, is_match) in [
            ("examples/**", "examples/a/Dockerfile", true),
            ("examples/**", "examples/Dockerfile", true),
            ("examples/*", "examples/a/Dockerfile", false),
            ("**/Dockerfile.cpu", "Dockerfile.cpu", true),
            ("**/Dockerfile.cpu", "a/b/Dockerfile.cpu", true),
            ("Dockerfile*", "Dockerfile.gpu", true),
            ("Dockerfile*", "a/Dockerfile", false),
            ("*a*b*c", "xxaxxbxxc", true),
            ("*a*b*c", "xxaxxcxxb", false),
            ("?", "é", true),
        ] {
            assert_eq!(matches(pattern, path), is_match, "{pattern} {path}");
        }
    }

    #[test]
    fn mistakes_have_their_line() {
        let error = Configuration::parse("[lint]\nselekt = []\n").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.message.contains("selekt"), "{error}");
        let error = Configuration::parse("[lint]\n\nignore = [\"LG999\"]\n").unwrap_err();
        assert_eq!((error.line, error.message.contains("LG999")), (3, true));
        let error = Configuration::parse("[lint]\nfail-on = \"fatal\"\n").unwrap_err();
        assert_eq!(error.line, 2);
    }
}
