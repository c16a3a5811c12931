//! Directories in which the loader looks for libraries, by whatever way a Dockerfile puts them there.
//!
//! `LD_LIBRARY_PATH` comes first, in `ENV` or in a file from which shells and PAM take it; `/etc/ld.so.conf` and the files
//! beside it last until they are changed. What only `ldconfig DIRECTORY` has put into the cache is gone with the next
//! `ldconfig`: while something is built that is on purpose, and often done so.

use super::build::At;
use liftgate_dockerfile::shell::{Connector, Redirection, ShellCommand, ShellWord};
use liftgate_dockerfile::{Kind, Span};

/// How a directory comes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoaderWay {
    /// `ENV LD_LIBRARY_PATH`
    Variable,
    /// `LD_LIBRARY_PATH` in `/etc/environment` or a script that shells read.
    File,
    /// A file that `ldconfig` reads.
    Configuration,
    /// `ldconfig DIRECTORY`
    Cache,
}

/// A directory in which the loader looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderDirectory {
    /// Where it is written.
    pub span: Span,
    /// The directory, without a slash at its end, with its variables put in as far as they are known.
    pub path: String,
    /// How it comes there.
    pub way: LoaderWay,
}

impl LoaderWay {
    /// Its subject in a sentence.
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Variable => "`LD_LIBRARY_PATH` names",
            Self::File => "`LD_LIBRARY_PATH` of new shells names",
            Self::Configuration => "`/etc/ld.so.conf` and its files name",
            Self::Cache => "`ldconfig` puts into the loader's cache",
        }
    }
}

impl At<'_> {
    /// The directories that this step gives the loader, for as long as the image lives.
    pub fn loader_directories(&self) -> Vec<LoaderDirectory> {
        let mut found: Vec<LoaderDirectory> = Vec::new();
        for setting in self.path_settings("LD_LIBRARY_PATH") {
            found.extend(setting.entries.into_iter().map(|entry| LoaderDirectory {
                span: entry.span,
                path: bare(&entry.text),
                way: LoaderWay::Variable,
            }));
        }
        if self.step.instruction.kind != Kind::Run {
            return found;
        }
        for (number, command) in self.step.commands.iter().enumerate() {
            match command.program() {
                Some("ldconfig") if !self.stage.is_cache_made_behind((self.index, number)) => {
                    for word in operands(command) {
                        self.take(word, LoaderWay::Cache, &mut found);
                    }
                }
                Some("echo" | "printf") => {
                    let piped = self.step.commands.get(number + 1).filter(|next| next.connector == Connector::Pipe && next.program() == Some("tee"));
                    let files = command.redirections.iter().filter(|one| is_output(one)).map(|one| &one.target);
                    let files = files.chain(piped.into_iter().flat_map(|tee| tee.arguments()));
                    if let Some(way) = files.filter_map(|file| way_of(&file.value)).next() {
                        for word in command.arguments() {
                            self.take(word, way, &mut found);
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Takes the directories of a word.
    fn take(&self, word: &ShellWord, way: LoaderWay, found: &mut Vec<LoaderDirectory>) {
        let (text, _) = self.expanded(word);
        let text = match (way, text.split_once("LD_LIBRARY_PATH=")) {
            (LoaderWay::File, Some((_, value))) => value.to_owned(),
            (LoaderWay::File, None) => return,
            _ => text,
        };
        if way == LoaderWay::Cache {
            // A substitution in it may have anything in it.
            found.push(LoaderDirectory {
                span: word.span,
                path: bare(&text),
                way,
            });
            return;
        }
        let parts = text.replace("\\n", "\n");
        let parts = parts.split([':', '\n', ' ', '"', '\'']).filter(|part| part.starts_with('/'));
        found.extend(parts.map(|part| LoaderDirectory {
            span: word.span,
            path: bare(part),
            way,
        }));
    }
}

/// What `ldconfig` is given but for options and what belongs to them.
pub(super) fn operands(command: &ShellCommand) -> impl Iterator<Item = &ShellWord> {
    let mut is_value = false;
    command.arguments().iter().filter(move |word| {
        let was_value = std::mem::replace(&mut is_value, matches!(word.value.as_str(), "-f" | "-C" | "-r" | "-c"));
        !was_value && !word.value.starts_with('-')
    })
}

fn is_output(redirection: &Redirection) -> bool {
    redirection.operator.ends_with('>') && !redirection.operator.starts_with('2')
}

/// What comes of a line in a file.
fn way_of(file: &str) -> Option<LoaderWay> {
    if file.starts_with("/etc/ld.so.conf") {
        return Some(LoaderWay::Configuration);
    }
    let name = file.rsplit('/').next().unwrap_or_default();
    let is_of_shells = matches!(name, ".bashrc" | ".profile" | ".bash_profile" | ".zshrc" | "bash.bashrc" | "bashrc" | "profile")
        || file.starts_with("/etc/profile.d/")
        || file == "/etc/environment";
    is_of_shells.then_some(LoaderWay::File)
}

fn bare(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" => path.to_owned(),
        bare => bare.to_owned(),
    }
}
