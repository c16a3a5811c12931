//! Where the image's loader looks for libraries.

use crate::facts::{SearchDirectory, SearchOrigin};
use crate::layer::Content;
use crate::path;
use crate::tree::Tree;

/// What every loader looks into, whatever distribution it is of. A directory that is not there does no harm.
const DEFAULTS: &[&str] = &[
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
];
/// The most directories.
const MOST: usize = 512;

/// The directories in the loader's order: `LD_LIBRARY_PATH`, the configuration that `ldconfig` reads, the usual ones.
/// The image's `ld.so.cache` is not read: it may be older than its libraries, and the driver's libraries are entered anew
/// at every start.
pub(crate) fn directories(tree: &Tree, library_path: Option<&str>) -> Vec<SearchDirectory> {
    let mut found = Vec::new();
    let mut add = |directory: &str, from: SearchOrigin| {
        let path = tree.canonical(directory);
        let is_known = found
            .iter()
            .any(|known: &SearchDirectory| known.path == path && known.from == from);
        if !is_known && found.len() < MOST {
            found.push(SearchDirectory { path, from });
        }
    };
    for directory in library_path.unwrap_or_default().split([':', ';']) {
        // An empty one is the working directory, which is nobody's intention.
        if !directory.is_empty() {
            add(directory, SearchOrigin::LibraryPath);
        }
    }
    for (file, directory) in configured(tree) {
        add(&directory, SearchOrigin::Configuration(file));
    }
    for directory in DEFAULTS {
        add(directory, SearchOrigin::Default);
    }
    found
}

/// Files and the directories they name. Of `include` lines the usual one is followed, and it is there in every
/// distribution: `/etc/ld.so.conf.d/*.conf`.
fn configured(tree: &Tree) -> Vec<(String, String)> {
    const MAIN: &str = "/etc/ld.so.conf";
    const FURTHER: &str = "/etc/ld.so.conf.d";
    let mut files: Vec<String> = tree
        .below(FURTHER)
        .map(|(path, _)| path.to_owned())
        .filter(|file| path::has_extension(file, "conf"))
        .collect();
    files.push(MAIN.to_owned());
    let mut found = Vec::new();
    for file in files {
        let Some((_, content, _)) = tree.file(&file) else {
            continue;
        };
        if let Content::Text(text) = &content.content {
            for line in String::from_utf8_lossy(text).lines() {
                let line = line.split('#').next().unwrap_or_default().trim();
                if line.starts_with('/') {
                    // `directory=type`, from the days of libc5.
                    let directory = line.split('=').next().unwrap_or(line);
                    found.push((file.clone(), directory.trim().to_owned()));
                }
            }
        }
    }
    found
}
