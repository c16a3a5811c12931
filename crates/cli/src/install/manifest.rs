//! The manifest: what was put where. Plain text, a line for everything; the path is the last word of it.
//!
//! While an installation is under way it lists both what was there of ours and what is going to be, so that one that
//! was killed can be completed or taken away. A path may then stand in it twice.

use super::layout::CONFIGURATION;
use super::thing::Thing;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

const HEAD: &str =
    "# Written by `liftgate install`; `liftgate uninstall` takes away what it lists.\nformat 1\n";

/// Where a package's scripts keep theirs: it lists nothing that the package has itself.
pub(crate) const PACKAGE_MANIFEST: &str = "/var/lib/liftgate/manifest";

/// The largest manifest that is read.
pub(crate) const LIMIT: u64 = 1 << 20;

/// Whether it is the configuration's path.
pub(crate) fn is_configuration(path: &Path) -> bool {
    path == Path::new(CONFIGURATION)
}

/// The place of the manifest below a prefix.
pub(crate) fn manifest_path(prefix: &Path) -> PathBuf {
    prefix.join("share/liftgate/manifest")
}

/// What was put where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Manifest {
    /// The liftgate that put it there.
    pub(crate) version: String,
    /// Whether everything was done that was begun.
    pub(crate) is_complete: bool,
    /// Directories that were made, outer ones first.
    pub(crate) directories: Vec<PathBuf>,
    /// Files and links.
    pub(crate) entries: Vec<(PathBuf, Thing)>,
    /// Files of others that were kept aside, by their first names.
    pub(crate) replaced: Vec<(PathBuf, Thing)>,
}

impl Manifest {
    /// Whether something of this content was put at a path.
    pub(super) fn has(&self, path: &Path, thing: &Thing) -> bool {
        has(&self.entries, path, thing)
    }

    /// Whether something was put at a path.
    pub(super) fn lists(&self, path: &Path) -> bool {
        self.entries.iter().any(|(listed, _)| listed == path)
    }

    /// Whether it is what was to be kept aside from a path.
    pub(super) fn replaces(&self, path: &Path, thing: &Thing) -> bool {
        has(&self.replaced, path, thing)
    }

    /// What it says of the configuration alone, for whoever takes that over.
    pub(crate) fn configuration(&self) -> Self {
        let of_it = |(path, _): &&(PathBuf, Thing)| is_configuration(path);
        let directories = self.directories.iter();
        Self {
            version: self.version.clone(),
            is_complete: true,
            directories: directories
                .filter(|directory| Path::new(CONFIGURATION).starts_with(directory))
                .cloned()
                .collect(),
            entries: self.entries.iter().filter(of_it).cloned().collect(),
            replaced: Vec::new(),
        }
    }

    /// The text of the file.
    pub(crate) fn to_text(&self) -> String {
        let state = if self.is_complete {
            "complete"
        } else {
            "incomplete"
        };
        let mut text = format!("{HEAD}version {}\nstate {state}\n", self.version);
        for directory in &self.directories {
            writeln!(text, "directory {}", directory.display()).ok();
        }
        for (word, list) in [("", &self.entries), ("replaced ", &self.replaced)] {
            for (path, thing) in list {
                let path = path.display();
                match thing {
                    Thing::File { mode, sum } => {
                        writeln!(text, "{word}file {mode:04o} {sum} {path}").ok();
                    }
                    Thing::Link { sum } => {
                        writeln!(text, "{word}link {sum} {path}").ok();
                    }
                }
            }
        }
        text
    }

    /// Reads it. Files are removed by it, so what is not understood is refused as a whole.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = text
            .strip_prefix(HEAD)
            .ok_or("it does not begin as a manifest of this version does")?;
        let mut manifest = Self::default();
        for (number, line) in rest.lines().enumerate() {
            manifest
                .read(line)
                .ok_or_else(|| format!("line {} is not understood", number + 3))?;
        }
        Ok(manifest)
    }

    fn read(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "version" => rest.clone_into(&mut self.version),
            "state" => self.is_complete = rest == "complete",
            "directory" => self.directories.push(path(rest)?),
            "replaced" => self.replaced.push(entry(rest)?),
            _ => self.entries.push(entry(line)?),
        }
        Some(())
    }
}

fn has(list: &[(PathBuf, Thing)], path: &Path, thing: &Thing) -> bool {
    list.iter()
        .any(|(listed, theirs)| listed == path && theirs.has_content_of(thing))
}

fn entry(line: &str) -> Option<(PathBuf, Thing)> {
    let (word, rest) = line.split_once(' ')?;
    match word {
        "file" => {
            let (mode, rest) = rest.split_once(' ')?;
            let mode = u32::from_str_radix(mode, 8).ok()?;
            let (sum, rest) = rest.split_once(' ')?;
            let sum = sum.to_owned();
            Some((path(rest)?, Thing::File { mode, sum }))
        }
        "link" => {
            let (sum, rest) = rest.split_once(' ')?;
            let sum = sum.to_owned();
            Some((path(rest)?, Thing::Link { sum }))
        }
        _ => None,
    }
}

fn path(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    let is_plain = |component| matches!(component, Component::RootDir | Component::Normal(_));
    (path.is_absolute() && path.components().all(is_plain)).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let file = Thing::file(b"x", 0o755);
        let link = Thing::link("liftgate-rt".as_ref());
        Manifest {
            version: "0.1.0".to_owned(),
            is_complete: true,
            directories: vec!["/usr/share/liftgate".into()],
            entries: vec![
                ("/usr/bin/liftgate".into(), file.clone()),
                ("/usr/bin/nvidia-ctk".into(), link.clone()),
            ],
            replaced: vec![
                ("/usr/bin/nvidia-ctk".into(), file),
                ("/usr/bin/nvidia-container-toolkit".into(), link),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let manifest = manifest();
        let text = manifest.to_text();
        assert_eq!(Manifest::parse(&text), Ok(manifest));
        assert!(text.contains("\nfile 0755 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 /usr/bin/liftgate\n"));
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        let text = manifest().to_text();
        for (from, to) in [
            ("/usr/bin/liftgate", "/usr/bin/../../home"),
            ("/usr/bin/liftgate", "usr/bin/liftgate"),
            ("file 0755", "file rwx"),
            ("link ", "links "),
            ("format 1", "format 2"),
            ("state complete", "state"),
        ] {
            let text = text.replacen(from, to, 1);
            assert!(Manifest::parse(&text).is_err(), "{to}");
        }
    }
}
