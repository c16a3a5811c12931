//! The files that are looked at, and the settings of the project that each is in.

use crate::error::CliError;
use crate::ui::Ui;
use liftgate_lint::Language;
use liftgate_lint::configuration::{Configuration, FILE_NAME};
use liftgate_lint::sources::recognise::{self, Recognised};
use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A directory with more files than these is not a project that somebody would look through.
const MOST_FILES: usize = 100_000;

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
        let path = input.path.as_deref().and_then(|path| fs::canonicalize(path).ok());
        let relative = match (&path, &self.directory) {
            (Some(path), Some(directory)) => path.strip_prefix(directory).ok(),
            _ => None,
        };
        let relative = relative.map(|path| path.to_string_lossy().into_owned());
        self.configuration.ignored_for(relative.as_deref().unwrap_or(&input.shown))
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

    /// The project of a file: the one that was named, or the nearest above it.
    pub(super) fn of(&mut self, input: &Input) -> Result<Rc<Project>, CliError> {
        let found = match (self.named, self.none) {
            (_, true) => None,
            (Some(named), _) => Some(named.to_owned()),
            (None, _) => {
                let start = input.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
                let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
                let start = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
                start.ancestors().map(|directory| directory.join(FILE_NAME)).find(|file| file.is_file())
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
        hint: "`docs/schema/lint-configuration.json` is its schema; --no-config leaves it out".to_owned(),
    };
    let text = fs::read_to_string(file).map_err(|error| failed(format!("cannot read `{}`: {error}", file.display())))?;
    let configuration = Configuration::parse(&text)
        .map_err(|error| failed(format!("`{}`, line {}: {error}", file.display(), error.line.max(1))))?;
    let directory = file.parent().and_then(|directory| fs::canonicalize(directory).ok());
    Ok(Project {
        configuration,
        directory,
    })
}

/// All texts of the paths that were named.
pub(super) fn inputs(paths: &[PathBuf], language: Option<Language>, ui: &mut Ui) -> Result<Vec<Input>, CliError> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(standard_input(language)?);
        } else if path.is_dir() {
            for file in files_below(path, ui)? {
                let found = read(&file)?;
                match recognised(&file, &found) {
                    Ok(language) => inputs.extend(input(file, found, language)),
                    // In a directory, what is none of ours is passed over.
                    Err(_) => continue,
                }
            }
        } else {
            let found = read(path)?;
            let language = match language {
                Some(language) => language,
                None => recognised(path, &found)?,
            };
            let input = input(path.clone(), found, language).ok_or_else(|| CliError::Failed {
                sentence: format!("`{}` is not UTF-8 text", path.display()),
                hint: "an image archive is looked at by `liftgate lint image`".to_owned(),
            })?;
            inputs.push(input);
        }
    }
    Ok(inputs)
}

fn input(path: PathBuf, bytes: Vec<u8>, language: Language) -> Option<Input> {
    let shown = path.strip_prefix("./").unwrap_or(&path).display().to_string();
    Some(Input {
        path: Some(path),
        shown,
        text: String::from_utf8(bytes).ok()?,
        language,
    })
}

fn recognised(path: &Path, content: &[u8]) -> Result<Language, CliError> {
    match recognise::recognise(&path.to_string_lossy(), content) {
        Recognised::Text(language) => Ok(language),
        Recognised::Refused(sentence) => Err(CliError::Failed {
            sentence: format!("`{}` {sentence}", path.display()),
            hint: "say with --as what it is".to_owned(),
        }),
    }
}

fn standard_input(language: Option<Language>) -> Result<Input, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(liftgate_lint::LARGEST as u64 + 1)
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

/// A file's content; of one that is too large to be looked at, a byte more than would be.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let failed = |error: std::io::Error| CliError::Failed {
        sentence: format!("cannot read `{}`: {error}", path.display()),
        hint: "name a file that is there and can be read".to_owned(),
    };
    let mut content = Vec::new();
    fs::File::open(path)
        .map_err(failed)?
        .take(liftgate_lint::LARGEST as u64 + 1)
        .read_to_end(&mut content)
        .map_err(failed)?;
    if content.len() > liftgate_lint::LARGEST {
        // It may have been cut within a character.
        while std::str::from_utf8(&content).is_err_and(|error| error.error_len().is_none()) {
            content.pop();
        }
    }
    Ok(content)
}

/// The files of a directory that may be ours, by their names, in order. Links are not followed.
fn files_below(directory: &Path, ui: &mut Ui) -> Result<Vec<PathBuf>, CliError> {
    let mut found = Vec::new();
    let mut pending = vec![directory.to_owned()];
    let mut seen = 0;
    while let Some(directory) = pending.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| CliError::Failed {
            sentence: format!("cannot read the directory `{}`: {error}", directory.display()),
            hint: "name one that is there and can be read".to_owned(),
        })?;
        for entry in entries.flatten() {
            seen += 1;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && recognise::is_looked_into(&name) => pending.push(entry.path()),
                Ok(kind) if kind.is_file() && recognise::may_be_ours(&entry.path().to_string_lossy()) => {
                    found.push(entry.path());
                }
                _ => {}
            }
        }
        if seen > MOST_FILES {
            ui.warning(format_args!("more than {MOST_FILES} files: not all of them were looked at"));
            break;
        }
    }
    found.sort();
    Ok(found)
}
