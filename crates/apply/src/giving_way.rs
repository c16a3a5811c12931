//! Mounts that give way: to one of the user's own at the same place, and, where the plan says so, to a file that
//! the image has there. One rule, for who edits a configuration and for who mounts.

use liftgate_plan::Mount;
use liftgate_sys::{FileKind, Root};
use std::path::{Path, PathBuf};

/// Why a mount of a plan is left out, in a sentence; `None`: it is not. An engine may lay out the root file system
/// only later; then there is no `image`, and nothing is known of it.
pub fn gives_way(mount: &Mount, users_mounts: &[PathBuf], image: Option<&Root>) -> Option<String> {
    let place = &mount.container_path;
    if users_mounts.contains(place) {
        return Some(format!(
            "{} is mounted by the user; the driver's is left out",
            place.display()
        ));
    }
    let is_in_image = mount.yields_to_image && image.is_some_and(|image| has_file(image, place));
    is_in_image.then(|| {
        format!(
            "the image has its own {}; the driver's is left out",
            place.display()
        )
    })
}

/// Whether the image has something of its own there. An empty file is what an earlier start left behind:
/// one is made to mount on.
fn has_file(image: &Root, path: &Path) -> bool {
    match image.symlink_metadata(path) {
        Ok(Some(metadata)) => metadata.kind != FileKind::Regular || metadata.size > 0,
        Ok(None) | Err(_) => false,
    }
}
