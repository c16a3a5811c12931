//! The files that are looked at, and the settings of the project that each is in.

use crate::error::CliError;
use crate::ui::Ui;
use liftgate_lint::configuration::{Configuration, FILE_NAME};
use liftgate_lint::sources::recognise::{Kind, Limits, Node, recognise, walk};
use liftgate_lint::{LARGEST, Language};
use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A text that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Its file; standard input has none.
    pub(super) path: Option<PathBuf>,
    /// As it is shown.
    pub(super) shown: String,
    /// What it says.
    pub(super) text: String,
    /// What it is.
    pub(super) language: Language,
}

/// A project: its settings, and where they stand.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) configuration: Configuration,
    directory: Option<PathBuf>,
}

impl Project {
    /// The rules that are not applied to a file.
    pub(super) fn ignored_for(&self, input: &Input) -> Vec<String> {
        let path = input
            .path
            .as_deref()
            .and_then(|path| fs::canonicalize(path).ok());
        let relative = match (&path, &self.directory) {
            (Some(path), Some(directory)) => path.strip_prefix(directory).ok(),
            _ => None,
        };
        let relative = relative.map(|path| path.to_string_lossy().into_owned());
        self.configuration
            .ignored_for(relative.as_deref().unwrap_or(&input.shown))
    }
}

/// The projects of all files, each read once.
#[derive(Debug)]
pub(super) struct Projects<'a> {
    named: Option<&'a Path>,
    none: bool,
    read: HashMap<PathBuf, Rc<Project>>,
}

impl<'a> Projects<'a> {
    pub(super) fn new(named: Option<&'a Path>, none: bool) -> Self {
        Self {
            named,
            none,
            read: HashMap::new(),
        }
    }

    /// The project of the working directory.
    pub(super) fn of_here(&mut self) -> Result<Rc<Project>, CliError> {
        self.above(Path::new("."))
    }

    /// The project of a file: the one that was named, or the nearest above it.
    pub(super) fn of(&mut self, input: &Input) -> Result<Rc<Project>, CliError> {
        let start = input
            .path
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""));
        let start = if start.as_os_str().is_empty() {
            Path::new(".")
        } else {
            start
        };
        self.above(start)
    }

    fn above(&mut self, start: &Path) -> Result<Rc<Project>, CliError> {
        let found = match (self.named, self.none) {
            (_, true) => None,
            (Some(named), _) => Some(named.to_owned()),
            (None, _) => {
                let start = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
                start
                    .ancestors()
                    .map(|directory| directory.join(FILE_NAME))
                    .find(|file| file.is_file())
            }
        };
        let Some(file) = found else {
            return Ok(Rc::default());
        };
        if let Some(project) = self.read.get(&file) {
            return Ok(Rc::clone(project));
        }
        let project = Rc::new(read_project(&file)?);
        self.read.insert(file, Rc::clone(&project));
        Ok(project)
    }
}

fn read_project(file: &Path) -> Result<Project, CliError> {
    let failed = |sentence: String| CliError::Failed {
        sentence,
        hint: "`docs/schema/lint-configuration.json` is its schema; --no-config leaves it out"
            .to_owned(),
    };
    let text = fs::read_to_string(file)
        .map_err(|error| failed(format!("cannot read `{}`: {error}", file.display())))?;
    let configuration = Configuration::parse(&text).map_err(|error| {
        failed(format!(
            "`{}`, line {}: {error}",
            file.display(),
            error.line.max(1)
        ))
    })?;
    let directory = file
        .parent()
        .and_then(|directory| fs::canonicalize(directory).ok());
    Ok(Project {
        configuration,
        directory,
    })
}

/// All texts of the paths that were named.
pub(super) fn inputs(
    paths: &[PathBuf],
    language: Option<Language>,
    ui: &mut Ui,
) -> Result<Vec<Input>, CliError> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(standard_input(language)?);
        } else if path.is_dir() {
            for file in files_below(path, ui) {
                // In a directory, what is none of ours is passed over.
                let found = read(&file)?;
                let Ok(language) = recognised(&file, &found) else {
                    continue;
                };
                inputs.extend(found.input(file, language));
            }
        } else {
            let found = read(path)?;
            let language = match language {
                Some(language) => language,
                None => recognised(path, &found)?,
            };
            let input = found
                .input(path.clone(), language)
                .ok_or_else(|| CliError::Failed {
                    sentence: format!("`{}` is not UTF-8 text", path.display()),
                    hint: "an archive of an image is looked at by `liftgate lint image`".to_owned(),
                })?;
            inputs.push(input);
        }
    }
    Ok(inputs)
}

/// A file's content, or the beginning of one that is too large to be looked at.
#[derive(Debug)]
struct Found {
    content: Vec<u8>,
    size: u64,
}

impl Found {
    fn input(self, path: PathBuf, language: Language) -> Option<Input> {
        let shown = path
            .strip_prefix("./")
            .unwrap_or(&path)
            .display()
            .to_string();
        Some(Input {
            path: Some(path),
            shown,
            text: String::from_utf8(self.content).ok()?,
            language,
        })
    }
}

fn recognised(path: &Path, found: &Found) -> Result<Language, CliError> {
    let failed = |sentence: String, hint: &str| CliError::Failed {
        sentence,
        hint: hint.to_owned(),
    };
    match recognise(&path.to_string_lossy(), &found.content, found.size) {
        Ok(recognised) => match recognised.kind {
            Kind::Dockerfile => Ok(Language::Dockerfile),
            Kind::Compose => Ok(Language::Compose),
            Kind::DevContainer => Ok(Language::Devcontainer),
            Kind::Shell => Ok(Language::Shell),
            Kind::Markdown => Ok(Language::Markdown),
            Kind::ImageArchive => Err(failed(
                format!("`{}` is an archive", path.display()),
                "look at an image with `liftgate lint image`",
            )),
        },
        Err(refusal) => Err(failed(
            format!("`{}` is {refusal}", path.display()),
            "say with --as what it is, if it is one of those",
        )),
    }
}

fn standard_input(language: Option<Language>) -> Result<Input, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(LARGEST as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| CliError::Failed {
            sentence: format!("cannot read standard input: {error}"),
            hint: "it has to be UTF-8 text".to_owned(),
        })?;
    Ok(Input {
        path: None,
        shown: "<stdin>".to_owned(),
        language: language.unwrap_or(Language::Dockerfile),
        text,
    })
}

/// Reads a file; of one that is too large to be looked at, a byte more than would be.
fn read(path: &Path) -> Result<Found, CliError> {
    let failed = |error: std::io::Error| CliError::Failed {
        sentence: format!("cannot read `{}`: {error}", path.display()),
        hint: "name a file that is there and can be read".to_owned(),
    };
    let file = fs::File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let mut content = Vec::new();
    file.take(LARGEST as u64 + 1)
        .read_to_end(&mut content)
        .map_err(failed)?;
    let size = metadata.len().max(content.len() as u64);
    if content.len() > LARGEST {
        // It may have been cut within a character.
        while std::str::from_utf8(&content).is_err_and(|error| error.error_len().is_none()) {
            content.pop();
        }
    }
    Ok(Found { content, size })
}

/// The files of a directory that may be ours, by their names, in order. Links are not followed.
fn files_below(directory: &Path, ui: &mut Ui) -> Vec<PathBuf> {
    let limits = Limits::default();
    let walk = walk(directory, limits, |directory| {
        let entries = fs::read_dir(directory).ok()?;
        Some(entries.flatten().map(|entry| {
            let node = match entry.file_type() {
                Ok(kind) if kind.is_dir() => Node::Directory,
                Ok(kind) if kind.is_file() => Node::File,
                _ => Node::Other,
            };
            (entry.file_name().to_string_lossy().into_owned(), node)
        }))
    });
    for directory in &walk.unread {
        ui.warning(format_args!(
            "the directory `{}` cannot be read",
            directory.display()
        ));
    }
    if walk.is_cut {
        ui.warning(format_args!(
            "`{}` has more than {} files, or directories deeper than {}: not all of them were looked at",
            directory.display(),
            limits.entries,
            limits.depth
        ));
    }
    walk.chosen.into_iter().map(|chosen| chosen.path).collect()
}
