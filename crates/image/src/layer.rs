//! One layer, as it passes by: what of it matters, and which paths it puts something else at.
//!
//! Which layers there are, and in what order, an archive may say at its end. So each is read by itself, and they are put
//! together later. Kept are links, shared objects, a few texts, and files with CUDA code. Of any other file and of
//! directories only the hash of the path is kept: it may take the place of something kept below.

use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read};

use liftgate_elf::stream::Stream;
use liftgate_elf::versions::LIBC;

use crate::error::{ImageError, shown};
use crate::facts::{Elf, Linking};
use crate::path::normal;
use crate::tar::{Entry, Kind, Tar};
use crate::{family, path};

/// The most entries of all layers together. A Python environment has 50,000 files, `node_modules` 200,000.
pub(crate) const MOST_ENTRIES: u64 = 3_000_000;
/// The most entries of which more than a hash is kept, and the bytes of their paths and targets.
pub(crate) const MOST_KEPT: u64 = 250_000;
pub(crate) const MOST_PATHS: u64 = 32 << 20;
/// The longest text that is kept of one file, and of all together.
pub(crate) const LONGEST_TEXT: u64 = 64 << 10;
pub(crate) const MOST_TEXT: u64 = 8 << 20;
/// The most files whose ELF facts are kept.
pub(crate) const MOST_ELF: u64 = 20_000;

/// What all layers together may still have.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) entries: u64,
    pub(crate) kept: u64,
    pub(crate) paths: u64,
    pub(crate) text: u64,
    pub(crate) elf: u64,
    /// With a key of this run's: nobody can make a path with the hash of another.
    pub(crate) hasher: RandomState,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: MOST_ENTRIES,
            kept: MOST_KEPT,
            paths: MOST_PATHS,
            text: MOST_TEXT,
            elf: MOST_ELF,
            hasher: RandomState::new(),
        }
    }
}

impl Budget {
    fn spend(
        left: &mut u64,
        amount: u64,
        limit: u64,
        unit: &'static str,
    ) -> Result<(), ImageError> {
        *left = left
            .checked_sub(amount)
            .ok_or_else(|| ImageError::TooMuch {
                what: "the image".to_owned(),
                limit,
                unit,
            })?;
        Ok(())
    }
}

/// What is kept of a file or a link.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    File(File),
    /// A symbolic link, and what is written in it.
    Link(String),
    /// Another name of a file of this layer or of one below.
    Hard(String),
}

/// A file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) size: u64,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// It matters only that it is there.
    Opaque,
    Elf(Box<Elf>),
    Text(Vec<u8>),
}

/// A layer that has passed by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scan {
    pub(crate) kept: Vec<(String, Node)>,
    /// Paths that are gone, and directories of which everything below is.
    pub(crate) whiteouts: Vec<String>,
    pub(crate) opaque: Vec<String>,
    /// The hashes of paths at which there is a file, or a directory, of which nothing else is kept.
    pub(crate) files: Vec<u64>,
    pub(crate) directories: Vec<u64>,
    pub(crate) size: u64,
    pub(crate) entries: u64,
    pub(crate) gaps: Vec<String>,
}

/// Reads a layer.
pub(crate) fn scan(
    what: &str,
    source: &mut dyn Read,
    budget: &mut Budget,
) -> Result<Scan, ImageError> {
    let mut tar = Tar::new(what, source);
    let mut scan = Scan::default();
    let mut buffer = vec![0; 128 << 10];
    while let Some(entry) = tar.next()? {
        Budget::spend(&mut budget.entries, 1, MOST_ENTRIES, "entries")?;
        scan.entries += 1;
        scan.size = scan.size.saturating_add(entry.size);
        scan.entry(entry, &mut tar, &mut buffer, budget)?;
    }
    // What follows the end of a tar is read as well: the stream it comes in goes on behind it.
    io::copy(&mut tar.into_source(), &mut io::sink())
        .map_err(|error| ImageError::reading(what, error))?;
    Ok(scan)
}

impl Scan {
    fn entry(
        &mut self,
        entry: Entry,
        tar: &mut Tar<&mut dyn Read>,
        buffer: &mut [u8],
        budget: &mut Budget,
    ) -> Result<(), ImageError> {
        const WHITEOUT: &str = ".wh.";
        const OPAQUE: &str = ".wh..wh..opq";

        let path = normal(&entry.path);
        let (directory, name) = path::split(&path);
        if path.len() > crate::tar::LONGEST_PATH || path.split('/').count() > path::MOST_PARTS {
            return Err(ImageError::malformed(
                shown(&path),
                "a path longer than any system takes",
            ));
        }
        if name == OPAQUE {
            spend_kept(budget, directory, "")?;
            self.opaque.push(directory.to_owned());
            return Ok(());
        }
        if let Some(gone) = name.strip_prefix(WHITEOUT) {
            // Others that begin so are aufs's own, and nothing of the image.
            if !gone.starts_with(WHITEOUT) && !gone.is_empty() {
                let gone = path::join(directory, gone);
                spend_kept(budget, &gone, "")?;
                self.whiteouts.push(gone);
            }
            return Ok(());
        }
        let node = match entry.kind {
            Kind::Link => Some(Node::Link(entry.target)),
            Kind::HardLink => Some(Node::Hard(normal(&entry.target))),
            Kind::File => self.file(&path, entry.size, tar, buffer, budget)?,
            Kind::Sparse => self.sparse(&path, entry.size),
            Kind::Directory => {
                self.directories.push(budget.hasher.hash_one(&path));
                return Ok(());
            }
            Kind::Other => None,
        };
        match node {
            Some(node) => {
                let target = match &node {
                    Node::Link(target) | Node::Hard(target) => target.as_str(),
                    Node::File(_) => "",
                };
                spend_kept(budget, &path, target)?;
                self.kept.push((path, node));
            }
            None => self.files.push(budget.hasher.hash_one(&path)),
        }
        Ok(())
    }

    /// A file that matters; none if it does not.
    fn file(
        &mut self,
        path: &str,
        size: u64,
        tar: &mut Tar<&mut dyn Read>,
        buffer: &mut [u8],
        budget: &mut Budget,
    ) -> Result<Option<Node>, ImageError> {
        let node = |content| Ok(Some(Node::File(File { size, content })));
        if size == 0 {
            return if is_kept(path) {
                node(Content::Opaque)
            } else {
                Ok(None)
            };
        }
        if is_text(path) {
            if size > LONGEST_TEXT {
                self.gaps.push(format!(
                    "`{}` is longer than {LONGEST_TEXT} bytes and was not read",
                    shown(path)
                ));
                return node(Content::Opaque);
            }
            Budget::spend(&mut budget.text, size, MOST_TEXT, "bytes of configuration")?;
            return node(Content::Text(tar.content(LONGEST_TEXT)?));
        }
        let elf = self.elf(path, size, tar, buffer)?;
        if let Some(elf) = elf {
            Budget::spend(&mut budget.elf, 1, MOST_ELF, "libraries")?;
            return node(Content::Elf(Box::new(elf)));
        }
        if is_kept(path) {
            return node(Content::Opaque);
        }
        Ok(None)
    }

    /// The facts of an ELF file that matters: a C library, one with a meaning for CUDA, or one with CUDA code.
    fn elf(
        &mut self,
        path: &str,
        size: u64,
        tar: &mut Tar<&mut dyn Read>,
        buffer: &mut [u8],
    ) -> Result<Option<Elf>, ImageError> {
        const MAGIC: &[u8] = b"\x7fELF";

        let mut fill = |buffer: &mut [u8]| {
            let mut filled = 0;
            while filled < buffer.len() {
                match tar.read(&mut buffer[filled..]) {
                    Ok(0) => break,
                    Ok(size) => filled += size,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(ImageError::reading(path, error)),
                }
            }
            Ok(filled)
        };
        let first = fill(&mut buffer[..4096])?;
        if !buffer[..first].starts_with(MAGIC) {
            return Ok(None);
        }
        let mut stream = Stream::new(size);
        let mut filled = first;
        while filled > 0 {
            stream.feed(&buffer[..filled]);
            filled = fill(buffer)?;
        }
        // Malformed beyond its header: for the loader it is no library.
        let Ok(facts) = stream.finish() else {
            return Ok(None);
        };
        let name = path::split(path).1;
        let is_relevant = name == LIBC || family::of(name).is_some() || !facts.code.is_empty();
        if !is_relevant {
            return Ok(None);
        }
        let linking = facts.linking.map(|linking| Linking {
            soname: linking.facts.soname,
            needed: linking.facts.needed,
            run_path: linking.run_path,
            needs_glibc: linking.needs_glibc,
            has_glibc: linking.facts.has_glibc,
        });
        if let Err(reason) = &linking {
            self.gaps.push(format!(
                "what `{}` links to is not known: {reason}",
                shown(path)
            ));
        }
        Ok(Some(Elf {
            class: facts.class,
            machine: facts.machine,
            linking: linking.ok(),
            code: facts.code,
        }))
    }

    fn sparse(&mut self, path: &str, size: u64) -> Option<Node> {
        let name = path::split(path).1;
        if !family::is_shared_object(name) {
            return None;
        }
        self.gaps.push(format!(
            "`{}` is stored as a sparse file and was not read",
            shown(path)
        ));
        Some(Node::File(File {
            size,
            content: Content::Opaque,
        }))
    }
}

fn spend_kept(budget: &mut Budget, path: &str, target: &str) -> Result<(), ImageError> {
    Budget::spend(&mut budget.kept, 1, MOST_KEPT, "links and libraries")?;
    let bytes = (path.len() + target.len()) as u64;
    Budget::spend(&mut budget.paths, bytes, MOST_PATHS, "bytes of paths")
}

/// Whether it matters that a file is there.
fn is_kept(path: &str) -> bool {
    let (directory, name) = path::split(path);
    family::is_shared_object(name)
        || family::is_drivers(path)
        || is_text(path)
        || is_packages(directory, name)
        // An old package is a file and no directory.
        || path::has_extension(name, "egg-info")
}

/// Whether a file is the one by which an installed Python package is known.
pub(crate) fn is_packages(directory: &str, name: &str) -> bool {
    (name == "METADATA" && path::has_extension(directory, "dist-info"))
        || (name == "PKG-INFO" && path::has_extension(directory, "egg-info"))
}

/// Whether a file is one of the few that are read as text.
fn is_text(path: &str) -> bool {
    const PATHS: &[&str] = &["/etc/ld.so.conf", "/etc/os-release", "/usr/lib/os-release"];
    let (directory, name) = path::split(path);
    PATHS.contains(&path)
        || (directory == "/etc/ld.so.conf.d" && path::has_extension(name, "conf"))
        || path.ends_with("/torch/version.py")
        || ((name == "version.json" || name == "version.txt")
            && directory.starts_with("/usr/local/cuda"))
}
