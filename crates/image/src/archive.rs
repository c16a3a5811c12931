//! An image that comes as one stream: `docker save`, an OCI layout in a tar.
//!
//! The parts come in any order: what Docker writes since 25 is sorted by digest, and which blob is a layer of which image
//! stands at its end. So every part that is a tar, packed or not, is read as a layer when it passes, and every small one
//! that is JSON is kept.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;

use crate::error::{ImageError, shown};
use crate::layer::{self, Budget, Scan};
use crate::manifest::LONGEST_DOCUMENT;
use crate::packed::{self, MOST_UNPACKED, Peeked};
use crate::path::{normal, split};
use crate::tar::{self, Kind, Tar};

/// The most bytes of documents that are kept.
const MOST_DOCUMENTS: u64 = 16 << 20;
/// The most parts. Images have up to 127 layers, and an index ten platforms.
const MOST_PARTS: usize = 20_000;

/// What an archive consists of, by path: normal, with a slash in front.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) documents: BTreeMap<String, Vec<u8>>,
    pub(crate) layers: BTreeMap<String, Scan>,
    /// Docker once wrote a layer that two images share as a link.
    links: BTreeMap<String, String>,
}

impl Parts {
    /// The path of a part, links resolved.
    pub(crate) fn resolve(&self, path: &str) -> String {
        let mut at = normal(path);
        for _ in 0..8 {
            match self.links.get(&at) {
                Some(next) => at.clone_from(next),
                None => break,
            }
        }
        at
    }
}

/// What a stream is that begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Layer,
    Document,
    Other,
}

fn sort(beginning: &[u8], size: u64) -> Sort {
    let is_tar = beginning.first_chunk().is_some_and(tar::is_header);
    // An empty layer: nothing but zeros.
    let is_empty = beginning.len() == 512 && beginning.iter().all(|byte| *byte == 0);
    let text = beginning.trim_ascii_start();
    if packed::is_packed(beginning) || is_tar || is_empty {
        Sort::Layer
    } else if (text.starts_with(b"{") || text.starts_with(b"[")) && size <= LONGEST_DOCUMENT {
        Sort::Document
    } else {
        Sort::Other
    }
}

/// Reads an archive to its end.
pub(crate) fn read(source: impl Read, budget: &mut Budget) -> Result<Parts, ImageError> {
    let unpacked = Cell::new(MOST_UNPACKED);
    let mut parts = Parts::default();
    let mut left = MOST_DOCUMENTS;
    let mut tar = Tar::new("the archive", source);
    let mut count = 0;
    while let Some(entry) = tar.next()? {
        count += 1;
        if count > MOST_PARTS {
            return Err(ImageError::TooMuch {
                what: "the archive".to_owned(),
                limit: MOST_PARTS as u64,
                unit: "parts",
            });
        }
        let path = normal(&entry.path);
        match entry.kind {
            Kind::Link => {
                let target = if entry.target.starts_with('/') {
                    entry.target
                } else {
                    format!("{}/{}", split(&path).0, entry.target)
                };
                parts.links.insert(path, normal(&target));
            }
            Kind::HardLink => {
                parts.links.insert(path, normal(&entry.target));
            }
            Kind::File => {
                let mut part = Peeked::new(&mut tar);
                let beginning = part.peek(512);
                let beginning =
                    beginning.map_err(|error| ImageError::reading(&shown(&path), error))?;
                match sort(beginning, entry.size) {
                    Sort::Layer => {
                        let scan = layer(&path, part, &unpacked, budget)?;
                        parts.layers.insert(path, scan);
                    }
                    Sort::Document => {
                        left = left.checked_sub(entry.size).ok_or(ImageError::TooMuch {
                            what: "the archive".to_owned(),
                            limit: MOST_DOCUMENTS,
                            unit: "bytes of documents",
                        })?;
                        let mut document = Vec::new();
                        part.read_to_end(&mut document)
                            .map_err(|error| ImageError::reading(&shown(&path), error))?;
                        parts.documents.insert(path, document);
                    }
                    Sort::Other => {}
                }
            }
            _ => {}
        }
    }
    std::io::copy(&mut tar.into_source(), &mut std::io::sink())
        .map_err(|error| ImageError::reading("the archive", error))?;
    Ok(parts)
}

/// Reads a layer, as it is packed.
pub(crate) fn layer<R: Read>(
    path: &str,
    source: Peeked<R>,
    unpacked: &Cell<u64>,
    budget: &mut Budget,
) -> Result<Scan, ImageError> {
    let what = format!("layer `{}`", shown(path.trim_start_matches('/')));
    let mut source = packed::unpack(&what, source, unpacked)
        .map_err(|error| ImageError::reading(&what, error))?;
    layer::scan(&what, &mut *source, budget)
}
