//! What the root file system of a bundle has that the image has not.
//!
//! Read from outside, after the container has ended, so that mounts hide nothing and the container needs no
//! programs for it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

/// What is compared by what it says, or belongs to the observer.
const LEFT_OUT: [&str; 2] = ["/etc/ld.so.cache", "/tmp/"];

/// Files with a mode and their text, directories (their paths end in `/`) with a mode, that `root` has and
/// `image` has not. Links are left out: the container lists them itself.
pub fn made(root: &Path, image: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    walk(root, image, "/", &mut found)?;
    Ok(found)
}

fn walk(
    root: &Path,
    image: &Path,
    directory: &str,
    found: &mut BTreeMap<String, String>,
) -> io::Result<()> {
    let below = directory.trim_start_matches('/');
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = format!("{directory}{}", entry.file_name().to_string_lossy());
        let relative = path.trim_start_matches('/');
        let (ours, original) = (root.join(relative), image.join(relative));
        let metadata = entry.metadata()?;
        let (mode, ino) = (metadata.permissions().mode() & 0o7777, metadata.ino());
        if kind.is_dir() {
            let path = format!("{path}/");
            if LEFT_OUT.contains(&path.as_str()) {
                continue;
            }
            if !original.is_dir() {
                found.insert(path.clone(), format!("{mode:04o}"));
            }
            walk(root, image, &path, found)?;
        } else if kind.is_file() && !LEFT_OUT.contains(&path.as_str()) {
            // The root file system began as a copy that shares its files with the image.
            let is_shared = fs::metadata(&original).is_ok_and(|file| file.ino() == ino);
            if !is_shared {
                let text = fs::read(&ours)?;
                found.insert(path, format!("{mode:04o} {}", describe(&text)));
            }
        }
    }
    // A directory that was made for what is in it says nothing.
    let has_content = |path: &String| path != directory && path.starts_with(directory);
    if found.keys().any(has_content) {
        found.remove(directory);
    }
    Ok(())
}

/// Paths are facts and are kept; of any other text only what tells it from another: nobody's words belong
/// into the recorded facts.
fn describe(text: &[u8]) -> String {
    let words = String::from_utf8_lossy(text);
    if words.lines().all(|line| line.starts_with('/')) {
        return words.lines().collect::<Vec<_>>().join(" ");
    }
    // FNV-1a: short, and the same everywhere.
    let sum = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{} bytes, {sum:016x}", text.len())
}
