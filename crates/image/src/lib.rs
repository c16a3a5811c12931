//! What a container image has inside, read as a stream.
//!
//! An image of 15 GB comes as a pipe from an engine, or as a file, and passes by once: nothing is unpacked to a disk,
//! nothing of it is executed, opened or followed by the kernel. What is kept is bounded, each part by a limit of its own:
//! documents, paths, texts, the parts of one ELF file at a time. All of it is hostile: a header claims any size, a packed
//! layer unpacks to anything, links lead in circles. What is beyond a limit is an error or a sentence in
//! [`facts::ImageFacts::gaps`], never a guess.
//!
//! Digests are not checked: a lint is about what is there, and whoever pulled the image has checked them.

#![forbid(unsafe_code)]

mod archive;
mod choose;
mod collect;
mod error;
pub mod facts;
mod family;
mod layer;
mod manifest;
mod packed;
mod path;
mod search;
mod tar;
mod tree;

use std::cell::{Cell, RefCell};
use std::io::{self, Read};

use archive::Parts;
use choose::Store;
use facts::{ImageFacts, Layer, Layout};
use layer::{Budget, Scan};
use manifest::LONGEST_DOCUMENT;
use packed::{MOST_UNPACKED, Peeked};
use tree::Tree;

pub use choose::Wanted;
pub use error::ImageError;

/// How often progress is reported: every so many bytes.
const STEP: u64 = 4 << 20;

/// Opens a file of an OCI layout by its path below it: `index.json`, `blobs/sha256/…`. None if there is none.
pub type Opener<'a> = dyn FnMut(&str) -> io::Result<Option<Box<dyn Read>>> + 'a;

/// Reads an image that comes as one stream: a tar of `docker save`, `podman save`, `skopeo`, packed or not. `progress` is
/// told how many bytes have been read, every few megabytes.
pub fn read_archive(
    source: impl Read,
    wanted: &Wanted,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageFacts, ImageError> {
    const WHAT: &str = "the archive";
    let meter = Meter::new(progress);
    let mut budget = Budget::default();
    let unpacked = Cell::new(MOST_UNPACKED);
    let source = Peeked::new(meter.of(source));
    let source = packed::unpack(WHAT, source, &unpacked)
        .map_err(|error| ImageError::reading(WHAT, error))?;
    let mut parts = archive::read(source, &mut budget)?;
    let (image, others) = choose::choose(&mut parts, wanted)?;
    let paths: Vec<String> = image
        .layers
        .iter()
        .map(|path| parts.resolve(path))
        .collect();
    let mut scans = parts.layers;
    let mut chosen = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        // One that is there twice, an empty one for instance.
        chosen.push(if paths[index + 1..].contains(path) {
            scans.get(path).cloned()
        } else {
            scans.remove(path)
        });
    }
    drop(scans);
    let facts = assemble(image, others, chosen, &budget)?;
    meter.finish();
    Ok(facts)
}

/// Reads an image in a directory, an OCI layout.
pub fn read_directory(
    open: &mut Opener<'_>,
    wanted: &Wanted,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageFacts, ImageError> {
    let meter = Meter::new(progress);
    let unpacked = Cell::new(MOST_UNPACKED);
    let mut budget = Budget::default();
    let mut documents = Documents {
        open,
        meter: &meter,
    };
    let (image, others) = choose::choose(&mut documents, wanted)?;
    let mut scans = Vec::new();
    for path in &image.layers {
        let file = documents.file(path)?;
        let scan = file.map(|file| archive::layer(path, Peeked::new(file), &unpacked, &mut budget));
        scans.push(scan.transpose()?);
    }
    let mut facts = assemble(image, others, scans, &budget)?;
    facts.layout = Layout::OciDirectory;
    meter.finish();
    Ok(facts)
}

/// Puts an image together.
fn assemble(
    image: choose::Image,
    others: Vec<facts::Platform>,
    scans: Vec<Option<Scan>>,
    budget: &Budget,
) -> Result<ImageFacts, ImageError> {
    let mut facts = ImageFacts {
        name: image.names.into_iter().next(),
        layout: image.layout,
        platform: image.platform,
        other_platforms: others,
        configuration: image.configuration,
        ..ImageFacts::default()
    };
    let mut tree = Tree::default();
    for (index, (path, scan)) in image.layers.iter().zip(scans).enumerate() {
        let name = error::shown(path);
        let mut scan = scan.ok_or_else(|| ImageError::Lacks(format!("its layer `{name}`")))?;
        let mut steps = facts.configuration.history.iter();
        let made = steps.find(|step| step.layer == Some(index));
        facts.layers.push(Layer {
            name,
            // What `docker import` has made says nothing.
            created_by: made
                .map(|step| step.created_by.clone())
                .filter(|step| !step.is_empty()),
            size: scan.size,
            entries: scan.entries,
        });
        facts.gaps.append(&mut scan.gaps);
        tree.add(index, scan, budget)?;
    }
    collect::collect(&tree, &mut facts);
    Ok(facts)
}

impl Store for Parts {
    fn document(&mut self, path: &str) -> Result<Option<Vec<u8>>, ImageError> {
        let path = self.resolve(path);
        Ok(self.documents.get(&path).cloned())
    }
}

/// The documents of a directory.
struct Documents<'a, 'b> {
    open: &'a mut Opener<'b>,
    meter: &'a Meter<'a>,
}

impl Documents<'_, '_> {
    fn file(&mut self, path: &str) -> Result<Option<impl Read>, ImageError> {
        let file = (self.open)(path).map_err(|error| Self::failed(path, error))?;
        Ok(file.map(|file| self.meter.of(file)))
    }

    fn failed(path: &str, error: io::Error) -> ImageError {
        ImageError::reading(&format!("`{}`", error::shown(path)), error)
    }
}

impl Store for Documents<'_, '_> {
    fn document(&mut self, path: &str) -> Result<Option<Vec<u8>>, ImageError> {
        let Some(file) = self.file(path)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(LONGEST_DOCUMENT + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Self::failed(path, error))?;
        if bytes.len() as u64 > LONGEST_DOCUMENT {
            return Err(ImageError::TooMuch {
                what: format!("`{}`", error::shown(path)),
                limit: LONGEST_DOCUMENT,
                unit: "bytes",
            });
        }
        Ok(Some(bytes))
    }
}

/// Counts what is read of one source or of several.
struct Meter<'a> {
    read: Cell<u64>,
    told: Cell<u64>,
    progress: RefCell<&'a mut (dyn FnMut(u64) + 'a)>,
}

impl<'a> Meter<'a> {
    fn new(progress: &'a mut (dyn FnMut(u64) + 'a)) -> Self {
        Self {
            read: Cell::new(0),
            told: Cell::new(0),
            progress: RefCell::new(progress),
        }
    }

    const fn of<R>(&'a self, source: R) -> Metered<'a, R> {
        Metered {
            source,
            meter: self,
        }
    }

    fn add(&self, size: u64) {
        self.read.set(self.read.get() + size);
        if self.read.get() - self.told.get() >= STEP {
            self.finish();
        }
    }

    /// Tells how far it is.
    fn finish(&self) {
        self.told.set(self.read.get());
        (self.progress.borrow_mut())(self.read.get());
    }
}

struct Metered<'a, R> {
    source: R,
    meter: &'a Meter<'a>,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.source.read(buffer)?;
        self.meter.add(size as u64);
        Ok(size)
    }
}
