//! What lies in a directory: what builds it, its sources, what they link.
//!
//! Only regular files of the directory and of those right below it are read, of each at most a megabyte: a build is not
//! understood here, and what is not found changes nothing but a word or two in a file that people look at.

use crate::recipe::{
    Builder, CmakeFacts, MakeFacts, Project, is_plain, libraries_of, python_module,
};
use liftgate_sys::{Dir, SysError, file};
use std::path::Path;

/// The longest file that is read, and the most entries of a directory.
const LONGEST: u64 = 1 << 20;
const MOST: usize = 4096;

/// Python programs by the names that they usually have, the likeliest first.
const PROGRAMS: [&str; 5] = ["main.py", "app.py", "train.py", "run.py", "serve.py"];

/// Directories whose CUDA sources are a library's, the likeliest first.
const LIBRARIES: [&str; 4] = ["src", "lib", "csrc", "cuda"];

/// Looks at a directory.
pub(super) fn at(directory: &Path) -> Result<Project, SysError> {
    let names = names(directory)?;
    let has = |name: &str| {
        names
            .iter()
            .any(|(own, is_directory)| own == name && !is_directory)
    };
    let mut project = Project::default();
    let mut texts = Vec::new();
    let mut read = |name: &str| {
        let text = text(&directory.join(name));
        texts.push(text.clone());
        text
    };
    let makefile = ["GNUmakefile", "makefile", "Makefile"]
        .into_iter()
        .find(|name| has(name));
    if has("CMakeLists.txt") {
        project.builder = Builder::Cmake(CmakeFacts::of(&read("CMakeLists.txt")));
    } else if let Some(makefile) = makefile {
        project.builder = Builder::Make(MakeFacts::of(&read(makefile)));
    }
    for (name, is_directory) in &names {
        if !is_directory && is_source(name) && is_plain(name) {
            project
                .sources
                .extend(is_compiled(name).then(|| name.clone()));
            read(name);
        }
    }
    let directories = LIBRARIES.iter().filter(|name| {
        names
            .iter()
            .any(|(own, is_directory)| own == *name && *is_directory)
    });
    for name in directories {
        let path = directory.join(name);
        let inner = self::names(&path)?;
        let sources: Vec<&String> = inner
            .iter()
            .filter(|(own, is_directory)| !is_directory && is_source(own))
            .map(|(own, _)| own)
            .collect();
        if sources.iter().any(|own| ending(own) == Some("cu")) {
            project.source_directories.push((*name).to_owned());
        }
        texts.extend(sources.iter().map(|own| text(&path.join(own))));
    }
    for text in &texts {
        project.libraries.extend(libraries_of(text));
    }
    project.has_include = names
        .iter()
        .any(|(own, is_directory)| own == "include" && *is_directory);
    project.has_requirements = has("requirements.txt");
    project.is_python_package = has("pyproject.toml") || has("setup.py");
    project.python_module = python_module(&text(&directory.join("pyproject.toml")));
    project.python_program = PROGRAMS
        .iter()
        .find(|name| has(name))
        .map(|name| (*name).to_owned());
    Ok(project)
}

fn is_source(name: &str) -> bool {
    is_compiled(name) || matches!(ending(name), Some("cuh" | "h" | "hpp"))
}

fn is_compiled(name: &str) -> bool {
    matches!(ending(name), Some("cu" | "cpp" | "cc"))
}

fn ending(name: &str) -> Option<&str> {
    Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str())
}

/// The names in a directory, in order, each with whether it is a directory.
fn names(directory: &Path) -> Result<Vec<(String, bool)>, SysError> {
    let entries = Dir::open_host(directory)?.entries(MOST)?;
    let mut names: Vec<(String, bool)> = entries
        .into_iter()
        .filter_map(|(name, is_directory)| Some((name.into_string().ok()?, is_directory)))
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// The text of a file; nothing of what is no regular file, too long, or not to be read.
fn text(path: &Path) -> String {
    let bytes = file::read_regular(path, LONGEST).ok().flatten();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
}
