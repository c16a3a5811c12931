//! `create-symlinks --csv-filename FILE`, of toolkits before 1.17: the links that a Jetson's lists name, as they are on
//! the host.
//!
//! The lists and the links are the host's, and are read before anything is given up. What the links say is text, and
//! goes into the container as it is.

use liftgate_sys::Root;
use std::path::{Path, PathBuf};

/// As much as a list may have; NVIDIA's have 20 KB.
const LIMIT: u64 = 1 << 20;

/// What each link of the lists says, and where it is; a list that cannot be read is passed over, as by the reference.
pub(super) fn links<'a>(
    files: impl Iterator<Item = &'a str>,
    host: &Path,
) -> Vec<(String, PathBuf)> {
    let Ok(root) = Root::open(&host.join(".")) else {
        return Vec::new();
    };
    let mut links = Vec::new();
    for file in files {
        let text = liftgate_sys::file::read_regular(Path::new(file), LIMIT);
        if let Ok(Some(bytes)) = text {
            let text = String::from_utf8_lossy(&bytes);
            links.extend(liftgate_driver::listed_links(&text, &root));
        }
    }
    links
}
