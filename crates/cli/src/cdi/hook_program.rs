//! The program that a specification's hooks run, and the hooks that it understands.
//!
//! Ours is given the one hook that does everything. Any other program is given the reference's hooks by their
//! names: the reference's program takes a hook that it does not know for success, and a container with our one
//! hook would start without a single link and without its driver's libraries in the loader's cache.

use liftgate_plan::HookStyle;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The executable that does our hook's work.
const OURS: &str = "liftgate-rt";

/// The name by which engines' documentation knows the program of hooks.
const USUAL_NAME: &str = "nvidia-cdi-hook";

const USUAL_DIRECTORY: &str = "/usr/bin";

/// Larger than any of ours.
const LIMIT: u64 = 32 << 20;

/// The program, and how it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HookProgram {
    /// Its path, on the machine where containers start.
    pub(crate) path: PathBuf,
    /// One hook or several.
    pub(crate) style: HookStyle,
    /// What whoever asked should know about the choice.
    pub(crate) note: Option<String>,
}

/// The program that was named, or the one that fits best, with the style that was named, or the one that fits it.
pub(crate) fn choose(named: Option<&Path>, style: Option<HookStyle>) -> HookProgram {
    let ours = ours();
    let (path, mut note) = match named {
        Some(named) => resolve(named),
        None => usual(&ours),
    };
    let is_there = path.exists();
    let fitting = if !is_there || is_one_of(&path, &ours) {
        HookStyle::One
    } else {
        HookStyle::Separate
    };
    let shown = path.display();
    if let Some(style) = style {
        if style == HookStyle::One && fitting == HookStyle::Separate {
            note = Some(format!(
                "`{shown}` is not {OURS}: if it does not know the hook `{}`, containers start without the driver's links and libraries",
                liftgate_plan::CONTAINER_SETUP
            ));
        }
        return HookProgram { path, style, note };
    }
    if fitting == HookStyle::Separate {
        note = Some(format!(
            "`{shown}` is not {OURS}: the specification has the separate hooks of NVIDIA's toolkit (--hook-style separate)"
        ));
    } else if !is_there && note.is_none() {
        note = Some(format!(
            "`{shown}` is not there, and taken for {OURS}; if it is another program where containers start, say --hook-style separate"
        ));
    }
    HookProgram {
        path,
        style: fitting,
        note,
    }
}

/// A program by its path; by its name, as a shell would find it; or, where it is not found, where it usually is.
fn resolve(named: &Path) -> (PathBuf, Option<String>) {
    let is_bare = named.components().count() == 1 && !named.is_absolute();
    if !is_bare {
        let path = std::path::absolute(named).unwrap_or_else(|_| named.to_owned());
        return (path, None);
    }
    let directories = liftgate_sys::process::search_path();
    let directories = directories.iter().map(PathBuf::as_path);
    if let Some(path) = liftgate_sys::process::find_executable(named.as_os_str(), directories) {
        return (path, None);
    }
    let path = Path::new(USUAL_DIRECTORY).join(named);
    let note = format!(
        "there is no program `{}` here; the specification names `{}`",
        named.display(),
        path.display()
    );
    (path, Some(note))
}

/// Ours, by the usual name where that is ours.
fn usual(ours: &[PathBuf]) -> (PathBuf, Option<String>) {
    let standard = Path::new(USUAL_DIRECTORY).join(USUAL_NAME);
    for program in ours.iter().filter(|program| program.exists()) {
        let aliases = [program.with_file_name(USUAL_NAME), standard.clone()];
        for alias in aliases {
            if is_same_file(&alias, program) {
                return (alias, None);
            }
        }
        if program.file_name() == Some(OsStr::new(OURS)) {
            return (program.clone(), None);
        }
    }
    let note = format!(
        "there is no {OURS} beside this program; the specification names `{}`",
        standard.display()
    );
    (standard, Some(note))
}

/// Where our executables are: beside this one, where packages put them, and this one itself, which hands hooks on.
fn ours() -> Vec<PathBuf> {
    let own = own_path();
    let beside = own.as_ref().map(|own| own.with_file_name(OURS));
    let packaged = Path::new(USUAL_DIRECTORY).join(OURS);
    beside.into_iter().chain([packaged]).chain(own).collect()
}

/// The executable that does the work of hooks, beside this one.
pub(crate) fn hook_executable() -> Option<PathBuf> {
    own_path().map(|own| own.with_file_name(OURS))
}

/// This executable; the one that an upgrade has put in its place, if one has.
fn own_path() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?;
    match path
        .to_str()
        .and_then(|text| text.strip_suffix(" (deleted)"))
    {
        Some(replaced) => Some(PathBuf::from(replaced)),
        None => Some(path),
    }
}

fn is_one_of(path: &Path, ours: &[PathBuf]) -> bool {
    ours.iter()
        .any(|own| is_same_file(path, own) || has_same_content(path, own))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path| {
        let metadata = liftgate_sys::file::metadata(path).ok().flatten()?;
        Some(metadata.identity)
    };
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

fn has_same_content(one: &Path, other: &Path) -> bool {
    let size = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.len());
    let content = |path| liftgate_sys::file::read_regular(path, LIMIT).ok().flatten();
    size(one).is_some_and(|one| size(other) == Some(one))
        && content(one).is_some_and(|one| content(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn program(directory: &Path, name: &str, content: &str) -> PathBuf {
        let path = directory.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_copy_and_a_link_are_ours_and_another_program_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let ours = [program(directory.path(), "liftgate-rt", "ours")];
        let copy = program(directory.path(), "copy", "ours");
        let other = program(directory.path(), "other", "0urs");
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("liftgate-rt", &link).unwrap();
        assert!(is_one_of(&copy, &ours));
        assert!(is_one_of(&link, &ours));
        assert!(!is_one_of(&other, &ours));
        assert!(!is_one_of(&directory.path().join("none"), &ours));
    }

    #[test]
    fn the_usual_name_is_taken_where_it_is_ours() {
        let directory = tempfile::tempdir().unwrap();
        let ours = [program(directory.path(), "liftgate-rt", "ours")];
        assert_eq!(usual(&ours), (ours[0].clone(), None));
        let alias = program(directory.path(), "nvidia-cdi-hook", "another toolkit's");
        assert_eq!(usual(&ours), (ours[0].clone(), None));
        std::fs::remove_file(&alias).unwrap();
        std::os::unix::fs::symlink("liftgate-rt", &alias).unwrap();
        assert_eq!(usual(&ours), (alias, None));
    }

    #[test]
    fn another_program_gets_the_hooks_it_knows() {
        let directory = tempfile::tempdir().unwrap();
        let other = program(directory.path(), "nvidia-cdi-hook", "another toolkit's");
        let chosen = choose(Some(&other), None);
        assert_eq!(chosen.style, HookStyle::Separate);
        assert!(chosen.note.unwrap().contains("separate"));
        let chosen = choose(Some(&other), Some(HookStyle::One));
        assert_eq!(chosen.style, HookStyle::One);
        assert!(chosen.note.is_some());
        let chosen = choose(Some(&other), Some(HookStyle::Separate));
        assert_eq!((chosen.style, chosen.note), (HookStyle::Separate, None));
        let chosen = choose(Some(Path::new("/nonexistent/nvidia-cdi-hook")), None);
        assert_eq!(chosen.style, HookStyle::One);
        assert!(chosen.note.unwrap().contains("is not there"));
    }

    #[test]
    fn a_bare_name_is_looked_for() {
        assert!(resolve(Path::new("sh")).0.is_absolute());
        let (path, note) = resolve(Path::new("nvidia-no-such-program"));
        assert_eq!(path, Path::new("/usr/bin/nvidia-no-such-program"));
        assert!(note.is_some());
    }
}
