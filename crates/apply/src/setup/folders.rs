//! `update-ldcache --folder DIR …`: the libraries that were mounted into directories are put into the loader's cache.
//!
//! A specification of another toolkit names directories, not libraries, because it goes on to run `ldconfig` on the
//! whole file system. Here only what is new is looked at: files that are mounted where they lie, directories that are
//! themselves mounted, and directories that the image's loader does not look into by itself. What the image has is in
//! its own cache, and stays there.

use super::directory::{Found, Listing, entries};
use super::loader_configuration::Configuration;
use super::place::{self, Unavailable};
use super::{cuda_compat, glibc, loader_cache, loader_configuration, musl};
use liftgate_elf::ldcache::{Abi, Library};
use liftgate_plan::{ContainerSetup, CudaCompat, GlibcNeed, LoaderEntry, Refusal};
use liftgate_sys::{Dir, Root, SysError};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// More than any distribution has in one directory.
const MOST_NAMES: usize = 50_000;

/// Puts the libraries of the directories into the cache, behind newer CUDA libraries of the image that an earlier
/// hook has put first, and the directories into the loader's configuration.
pub(super) fn update(
    root: &Root,
    directories: &[PathBuf],
    host: &CudaCompat,
    notes: &mut Vec<String>,
) -> Result<(), Refusal> {
    let configuration = Configuration::read(root);
    let newer = cuda_compat::chosen_before(root, host);
    let has_compat = !newer.is_empty();
    let found = with_sonames(root, directories, &configuration, notes);
    let libraries: Vec<Library> = newer.iter().chain(&found.libraries).cloned().collect();
    // The cache of an image without one has to be made in any case: whoever wrote the hook expects it.
    let libc = loader_cache::write(root, &libraries, &[], &configuration, notes)?;
    loader_configuration::update(root, &configuration, directories, has_compat, notes);
    let entry = |library: Library| LoaderEntry {
        name: library.name,
        path: library.path.into(),
        is_32_bit: library.abi == Abi::I386,
    };
    let setup = ContainerSetup {
        library_directories: directories.to_vec(),
        loader_entries: found.libraries.into_iter().map(entry).collect(),
        ..ContainerSetup::default()
    };
    musl::update(root, &setup, notes);
    glibc::check(root, &found.needs, libc, notes);
    Ok(())
}

/// What was found in directories.
#[derive(Debug, Default)]
pub(super) struct Libraries {
    libraries: Vec<Library>,
    needs: Vec<GlibcNeed>,
}

/// The libraries of the directories, each with a link of its SONAME beside it, as `ldconfig` makes them.
pub(super) fn with_sonames(
    root: &Root,
    directories: &[PathBuf],
    configuration: &Configuration,
    notes: &mut Vec<String>,
) -> Libraries {
    let mut found = Libraries::default();
    for directory in directories {
        let Some(place) = loader_configuration::as_line(directory) else {
            continue;
        };
        match root.open_directory(directory) {
            Ok(Some(opened)) => {
                let is_known = configuration.has(directory);
                match new_libraries(root, &opened, is_known) {
                    Ok(mut libraries) => {
                        link(root, directory, &mut libraries, notes);
                        found.libraries.extend(entries(&libraries, place));
                        found.needs.extend(libraries.iter().filter_map(need));
                    }
                    Err(error) => notes.push(error.to_string()),
                }
            }
            // Not every driver has libraries in every directory that a specification names.
            Ok(None) => {}
            Err(error) => notes.push(error.to_string()),
        }
    }
    found
}

fn need(library: &Found) -> Option<GlibcNeed> {
    Some(GlibcNeed {
        version: library.needs_glibc?.to_string(),
        library: library.soname.clone(),
    })
}

fn new_libraries(root: &Root, directory: &Dir, is_known: bool) -> Result<Vec<Found>, SysError> {
    let listing = Listing::read(directory, MOST_NAMES)?;
    let all = !is_known || !root.is_same_mount(directory)?;
    Ok(listing.libraries(&mut |name| all || directory.has_mounted_file(OsStr::new(name))))
}

/// Makes the links that are missing. Where one cannot be made, the cache names the file.
fn link(root: &Root, directory: &Path, libraries: &mut [Found], notes: &mut Vec<String>) {
    let mut opened: Option<Result<Dir, Unavailable>> = None;
    for library in libraries.iter_mut().filter(|library| !library.has_soname) {
        let opened = opened.get_or_insert_with(|| place::open(root, directory));
        let Ok(opened) = opened else {
            continue;
        };
        match opened.add_symlink(OsStr::new(&library.file), OsStr::new(&library.soname)) {
            // What the image has by that name is another library, and ours is found by the cache.
            Ok(is_made) => library.has_soname = is_made,
            Err(error) => notes.push(error.to_string()),
        }
    }
}
