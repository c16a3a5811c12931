//! What `ldconfig` would find in a directory: each library by its SONAME, and by the links for compilers.
//!
//! Names are listed, links read and headers of ELF files looked at, once each and with limits; what is neither a
//! regular file nor a link is passed over. A SONAME is a single name or none: the parser sees to that.

use liftgate_elf::facts::{self, Kind};
use liftgate_elf::ldcache::{Abi, Library};
use liftgate_elf::versions::GlibcVersion;
use liftgate_sys::{Dir, SysError};
use std::ffi::OsStr;

/// The libraries and links of a directory, by name.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    directory: &'a Dir,
    names: Vec<String>,
    /// Links, with what they say.
    links: Vec<(String, String)>,
}

/// A library of a directory.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The name of the file.
    pub(super) file: String,
    /// What programs ask for.
    pub(super) soname: String,
    /// Whether something of the name that programs ask for leads to the file.
    pub(super) has_soname: bool,
    abi: Abi,
    /// The glibc that it needs.
    pub(super) needs_glibc: Option<GlibcVersion>,
    /// Links for compilers that lead to the file.
    development: Vec<String>,
}

impl<'a> Listing<'a> {
    /// Lists the directory, of at most `most` names.
    pub(super) fn read(directory: &'a Dir, most: usize) -> Result<Self, SysError> {
        let is_library = |name: &str| name.starts_with("lib") && name.contains(".so");
        let mut listing = Self {
            directory,
            names: Vec::new(),
            links: Vec::new(),
        };
        for (name, may_be_link) in directory.entries(most)? {
            let Some(name) = name.to_str().filter(|name| is_library(name)) else {
                continue;
            };
            if may_be_link
                && let Ok(Some(target)) = directory.read_link(OsStr::new(name))
                && let Ok(target) = target.into_string()
            {
                listing.links.push((name.to_owned(), target));
            }
            listing.names.push(name.to_owned());
        }
        Ok(listing)
    }

    /// The names of libraries, and of links to them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The libraries among the files that are wanted.
    pub(super) fn libraries(&self, is_wanted: &mut dyn FnMut(&str) -> bool) -> Vec<Found> {
        self.names()
            .filter(|name| is_wanted(name))
            .filter_map(|name| self.library(name))
            .collect()
    }

    fn library(&self, name: &str) -> Option<Found> {
        let file = self.directory.open_file(OsStr::new(name)).ok()??;
        let facts = facts::read(&file).ok()?;
        let abi = Abi::of(&facts).filter(|_| facts.kind == Kind::SharedObject)?;
        let soname = facts.soname.unwrap_or_else(|| name.to_owned());
        let links = self.links_to(name);
        Some(Found {
            has_soname: soname == name || links.contains(&&*soname),
            development: links
                .into_iter()
                .filter(|link| link.strip_suffix(".so").is_some() && *link != soname)
                .map(str::to_owned)
                .collect(),
            file: name.to_owned(),
            soname,
            abi,
            needs_glibc: facts.needs_glibc,
        })
    }

    /// Whether a name is that of a link.
    pub(super) fn has_link(&self, name: &str) -> bool {
        self.links.iter().any(|(link, _)| link == name)
    }

    /// The names that lead to `file`, at once or by another such name.
    pub(super) fn links_to(&self, file: &str) -> Vec<&str> {
        let mut targets = vec![file];
        let mut found: Vec<&str> = Vec::new();
        while let Some(target) = targets.pop() {
            for (link, text) in &self.links {
                if text == target && !found.contains(&link.as_str()) {
                    found.push(link);
                    targets.push(link);
                }
            }
        }
        found
    }
}

/// The entries of the libraries of the directory `place`, with the paths that `ldconfig` would write, so that the
/// cache is the same whoever has written it.
pub(super) fn entries(libraries: &[Found], place: &str) -> Vec<Library> {
    let mut entries = Vec::new();
    for library in libraries {
        let mut push = |name: &str, file: &str| {
            entries.push(Library {
                name: name.to_owned(),
                path: format!("{place}/{file}"),
                abi: library.abi,
            });
        };
        let by_soname = if library.has_soname {
            &library.soname
        } else {
            &library.file
        };
        push(&library.soname, by_soname);
        for link in &library.development {
            push(link, link);
        }
    }
    entries
}
