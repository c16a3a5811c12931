//! The readers of single texts, for `fuzz/`: nobody else has such a text in hand.

use crate::csv::{self, EntryKind};
use crate::{gpu, mig, tegra};

/// The type and the path of each line of a Jetson's list.
pub fn csv_list(text: &str) -> Vec<(&'static str, String)> {
    csv::parse(text)
        .into_iter()
        .map(|entry| {
            let kind = match entry.kind {
                EntryKind::Device => "dev",
                EntryKind::Directory => "dir",
                EntryKind::Library => "lib",
                EntryKind::Link => "sym",
            };
            (kind, entry.path)
        })
        .collect()
}

/// Whether a name matches one component of a list's pattern.
pub fn csv_matches(pattern: &str, name: &str) -> bool {
    csv::matches(pattern, name)
}

/// Minor, UUID and bus address in a GPU's `information`.
pub fn information(text: &str) -> Option<(u32, Option<String>, Option<crate::BusId>)> {
    gpu::Information::parse(text)
        .map(|information| (information.minor, information.uuid, information.bus))
}

/// The minor in a capability's file.
pub fn capability_minor(text: &str) -> Option<u32> {
    mig::device_file_minor(text)
}

/// The names and minors in `mig-minors`, and what is found there under each name.
pub fn mig_minors(text: &str) -> Vec<(String, u32, Option<u32>)> {
    mig::listed_minors(text)
        .map(|(name, minor)| (name.to_owned(), minor, mig::listed_minor(text, name)))
        .collect()
}

/// The release in a Jetson's `nv_tegra_release`.
pub fn tegra_release(text: &str) -> Option<String> {
    tegra::release(text)
}
