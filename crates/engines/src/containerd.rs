//! containerd's `config.toml` and its drop-ins.
//!
//! | version | the CRI plugin's table | drop-ins |
//! |---|---|---|
//! | 1 | `plugins.cri` | none: the file itself is edited |
//! | 2 | `plugins."io.containerd.grpc.v1.cri"` | files that `imports` names |
//! | 3, 4 | `plugins."io.containerd.cri.v1.runtime"` | the same; from containerd 2.2 on also without `imports` |
//!
//! Before 2.1 a plugin's table in a drop-in takes the place of the whole table of the file that imports it: sandbox image, registries
//! and the runtime runc would be gone. So the drop-in for those repeats the table that counts so far, the last one among the file
//! and its imports. For 2.1 and later, which merge tables, it has the runtime alone, and later edits of the main file are not
//! overruled by a copy.
//!
//! The new runtime is like the one that containers get today (its `options` hold the cgroup driver, by which kubelet and containerd
//! have to agree), with our program.

mod imports;
mod runtime;

pub use imports::{Import, imports_of};

use crate::edit::Edited;
use crate::text::toml::Toml;
use crate::{Refused, RefusedFile, Wish};
use std::path::{Path, PathBuf};

const VERSION: &str = "version";
const IMPORTS: &str = "imports";
const PLUGINS: &str = "plugins";
const CONTAINERD: &str = "containerd";
const DEFAULT_NAME: &str = "default_runtime_name";
const ENABLE_CDI: &str = "enable_cdi";

/// What a file says that has no `version`, and what one has that is not there.
const UNSAID: i64 = 1;
const NEW: i64 = 2;

/// A release of containerd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
}

impl Release {
    /// Reads `2.1.4`, or `v1.6.20~ds1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().trim_start_matches('v').splitn(3, '.');
        Some(Self {
            major: parts.next()?.parse().ok()?,
            minor: parts.next()?.parse().ok()?,
        })
    }

    /// Whether a plugin's tables in several files are merged.
    fn merges_tables(self) -> bool {
        self >= Self { major: 2, minor: 1 }
    }

    /// Whether `conf.d` is imported though nothing says so.
    fn imports_unasked(self) -> bool {
        self >= Self { major: 2, minor: 2 }
    }

    /// The version of a file written for it.
    fn file_version(self) -> i64 {
        if self.major >= 2 { 3 } else { NEW }
    }
}

/// The files of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The main file.
    pub main: PathBuf,
    /// Its text, if it is there.
    pub main_text: Option<String>,
    /// The drop-in that is to be written; empty: the main file itself is.
    pub drop_in: PathBuf,
    /// Its text, if it is there and not as we have written it: then it holds what somebody else has put in.
    pub drop_in_text: Option<String>,
    /// The other files that the main file imports, in their order, with their texts.
    pub imported: Vec<(PathBuf, String)>,
    /// What containerd says its configuration is, to be read in the place of the files.
    pub dump: Option<String>,
    /// The release, where it is known.
    pub release: Option<Release>,
}

/// The files, with what is wished for.
pub fn add(files: &Files, wish: &Wish) -> Result<Edited, RefusedFile> {
    let in_main = |refused: Refused| refused.in_file(&files.main);
    wish.check().map_err(in_main)?;
    let mut main = match &files.main_text {
        Some(text) => Some(Toml::parse(text).map_err(in_main)?),
        None => None,
    };
    let dump = match &files.dump {
        Some(text) => Some(Toml::parse(text).map_err(|refused| refused.in_file(&files.main))?),
        None => None,
    };
    let of_dump = dump.as_ref().map(|dump| version_of(Some(dump), None));
    let of_dump = of_dump.transpose().map_err(in_main)?;
    let version = match (&main, of_dump) {
        (None, Some(version)) => version,
        _ => version_of(main.as_ref(), files.release).map_err(in_main)?,
    };
    // Another version has other tables, and what would be copied from them nobody would read.
    let dump = dump.filter(|_| of_dump == Some(version));
    let mut edited = Edited::default();
    if let (Some(main), 1, Some(release)) = (&main, version, files.release)
        && release.major >= 2
    {
        return Err(in_main(main.wrong(
            &[VERSION],
            "2 or higher: of a file of version 1 containerd 2 reads no plugin; `containerd config migrate` makes a newer one of it",
        )));
    }
    let is_in_place = version == 1 || files.drop_in.as_os_str().is_empty();
    if main.is_none() && is_in_place {
        main = Some(Toml::parse("").map_err(in_main)?);
    }
    if let (Some(main), true) = (&mut main, is_in_place) {
        let cri = runtime::Cri::new(version);
        let source = dump.as_ref().unwrap_or(main);
        let like = cri.model(&[source]).map_err(in_main)?;
        cri.add(main, wish, like.as_ref()).map_err(in_main)?;
        if has_builtin(version, files.release) {
            cri.keep_builtin(main, wish).map_err(in_main)?;
        }
        main.set(&[VERSION], version).map_err(in_main)?;
        edited.file(&files.main, main.text());
        return Ok(edited);
    }
    let drop_in = drop_in_text(files, main.as_ref(), dump.as_ref(), version, wish)?;
    edited.file(&files.drop_in, drop_in);
    if let Some(text) = main_text(files, main, version).map_err(in_main)? {
        edited.file(&files.main, text);
    }
    Ok(edited)
}

/// The files without the runtime `name`: those of them that have it. The import of the drop-in stays; it leads to a file that no
/// longer says anything, or to none, and containerd minds neither.
pub fn remove(files: &Files, name: &str) -> Result<Edited, RefusedFile> {
    let mut edited = Edited::default();
    let texts = [
        (&files.main, &files.main_text),
        (&files.drop_in, &files.drop_in_text),
    ];
    for (path, text) in texts {
        let Some(text) = text else { continue };
        let in_file = |refused: Refused| refused.in_file(path);
        let mut document = Toml::parse(text).map_err(in_file)?;
        let version = version_of(Some(&document), files.release).map_err(in_file)?;
        if runtime::Cri::new(version)
            .remove(&mut document, name)
            .map_err(in_file)?
        {
            edited.file(path, document.text());
        }
    }
    Ok(edited)
}

/// Whether the CRI plugin, by which Kubernetes asks, is switched off.
pub fn has_cri_off(text: &str) -> bool {
    let Some(document) = Toml::look(text) else {
        return false;
    };
    let plugins = document.strings(&["disabled_plugins"]).unwrap_or_default();
    plugins
        .iter()
        .any(|plugin| *plugin == "cri" || plugin.contains(".cri"))
}

/// Whether anything is said of the CRI plugin, by the name of any version.
pub fn has_cri(text: &str) -> bool {
    let is_said = |document: &Toml, version| {
        let path = runtime::Cri::new(version).path(&[]);
        document.get(&path).is_ok_and(|found| found.is_some())
    };
    Toml::look(text).is_some_and(|document| (1..=3).any(|version| is_said(&document, version)))
}

/// Where containerd answers, by its configuration.
pub fn address(dump: &str) -> Option<PathBuf> {
    let document = Toml::look(dump)?;
    let address = document.string(&["grpc", "address"]).ok()??;
    (!address.is_empty()).then(|| PathBuf::from(address))
}

/// The program of a runtime, by containerd's configuration.
pub fn program_of(dump: &str, name: &str) -> Option<String> {
    let document = Toml::look(dump)?;
    let version = version_of(Some(&document), None).ok()?;
    let path = [CONTAINERD, "runtimes", name, "options", "BinaryName"];
    let path = runtime::Cri::new(version).path(&path);
    document.string(&path).ok()?.map(str::to_owned)
}

/// Whether the runtime that containerd has by itself goes when another is written: before 2.0 it does.
fn has_builtin(version: i64, release: Option<Release>) -> bool {
    version < 3 && release.is_none_or(|release| release.major < 2)
}

fn version_of(main: Option<&Toml>, release: Option<Release>) -> Result<i64, Refused> {
    let unsaid = release.map_or(NEW, Release::file_version);
    let Some(main) = main else { return Ok(unsaid) };
    let version = match main.integer(&[VERSION])? {
        Some(version) => version,
        None if main.root().is_empty() => unsaid,
        None => UNSAID,
    };
    if (1..=99).contains(&version) {
        Ok(version)
    } else {
        Err(main.wrong(&[VERSION], "a version of containerd's configuration"))
    }
}

fn drop_in_text(
    files: &Files,
    main: Option<&Toml>,
    dump: Option<&Toml>,
    version: i64,
    wish: &Wish,
) -> Result<String, RefusedFile> {
    let cri = runtime::Cri::new(version);
    let mut imported = Vec::new();
    for (path, text) in &files.imported {
        imported.push(Toml::parse(text).map_err(|refused| refused.in_file(path))?);
    }
    let sources: Vec<&Toml> = match dump {
        Some(dump) => vec![dump],
        None => main.into_iter().chain(&imported).collect(),
    };
    let in_drop_in = |refused: Refused| refused.in_file(&files.drop_in);
    let mut drop_in =
        Toml::parse(files.drop_in_text.as_deref().unwrap_or_default()).map_err(in_drop_in)?;
    let in_main = |refused: Refused| refused.in_file(&files.main);
    drop_in.set(&[VERSION], version).map_err(in_drop_in)?;
    let mut like = None;
    if files.release.is_some_and(Release::merges_tables) {
        like = cri.model(&sources).map_err(in_main)?;
    } else if let Some(counts) = cri.last(&sources).map_err(in_main)? {
        // What the files before it say of runc does not count, either.
        like = cri.model(&[counts]).map_err(in_main)?;
        if let Some(table) = counts.table(&cri.path(&[])).map_err(in_main)? {
            drop_in.merge(&cri.path(&[]), table).map_err(in_drop_in)?;
        }
    }
    if like.is_none() {
        like = cri.model(&[&drop_in]).map_err(in_drop_in)?;
    }
    cri.add(&mut drop_in, wish, like.as_ref())
        .map_err(in_drop_in)?;
    if has_builtin(version, files.release) {
        cri.keep_builtin(&mut drop_in, wish).map_err(in_drop_in)?;
    }
    Ok(drop_in.text())
}

/// The main file's text with an import of the drop-in; `None` if it is not needed.
fn main_text(files: &Files, main: Option<Toml>, version: i64) -> Result<Option<String>, Refused> {
    let Some(mut main) = main else {
        if files.release.is_some_and(Release::imports_unasked) {
            return Ok(None);
        }
        let mut main = Toml::parse("")?;
        main.set(&[VERSION], version)?;
        main.push(&[IMPORTS], &pattern_for(&files.drop_in))?;
        return Ok(Some(main.text()));
    };
    let is_imported = main.strings(&[IMPORTS])?.iter().any(|pattern| {
        // containerd 1 takes a relative path for one below its own directory.
        let is_understood = Path::new(pattern).is_absolute()
            || files.release.is_some_and(|release| release.major >= 2);
        is_understood && Import::new(pattern, &files.main).matches(&files.drop_in)
    });
    if is_imported {
        return Ok(files.main_text.clone());
    }
    if main.root().is_empty() {
        main.set(&[VERSION], version)?;
    }
    main.push(&[IMPORTS], &pattern_for(&files.drop_in))?;
    Ok(Some(main.text()))
}

/// What is imported, so that the drop-in is: everything in its directory.
fn pattern_for(drop_in: &Path) -> String {
    let directory = drop_in.parent().unwrap_or(Path::new("/"));
    directory.join("*.toml").display().to_string()
}

#[cfg(test)]
mod tests;
