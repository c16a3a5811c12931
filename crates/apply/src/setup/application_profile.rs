//! An application profile: its setting `EGLVisibleDGPUDevices` tells the driver's EGL by a mask of device minors
//! which GPUs there are for programs of this container.
//!
//! Which these are is read from the container's `/dev`: the hook of a specification is the same for every
//! device of it, and a user may add nodes of his own.

use super::{granted, place};
use liftgate_sys::Root;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

const DIRECTORY: &str = "/etc/nvidia/nvidia-application-profiles-rc.d";
const NAME: &str = "10-container.conf";
/// Nobody in the container is to change what is found there.
const DIRECTORY_MODE: u32 = 0o555;
const MODE: u32 = 0o444;

const LIMIT: u64 = 4096;

/// Writes the profile, if there is a GPU to be named by it.
pub(super) fn write(root: &Root, notes: &mut Vec<String>) {
    if let Err(reason) = try_write(root, notes) {
        notes.push(format!("there is no application profile: {reason}"));
    }
}

fn try_write(root: &Root, notes: &mut Vec<String>) -> Result<(), String> {
    let text = |error: liftgate_sys::SysError| error.to_string();
    let mask = mask(granted::minors(root).map_err(text)?, notes);
    if mask == 0 {
        return Ok(());
    }
    let profile = profile(mask);
    let path = Path::new(DIRECTORY).join(NAME);
    let present = root.read_on_same_mount(&path, LIMIT).ok().flatten();
    if present.as_deref() == Some(profile.as_bytes()) {
        return Ok(());
    }
    place::open_with_mode(root, Path::new(DIRECTORY), DIRECTORY_MODE)
        .map_err(|unavailable| unavailable.reason().to_owned())?
        .put_file(OsStr::new(NAME), profile.as_bytes(), MODE)
        .map_err(text)
}

fn mask(minors: impl IntoIterator<Item = u32>, notes: &mut Vec<String>) -> u64 {
    let mut mask = 0;
    for minor in minors {
        match 1_u64.checked_shl(minor) {
            Some(bit) => mask |= bit,
            None => notes.push(format!(
                "the GPU with the device minor {minor} is in no application profile, which has 64 of them"
            )),
        }
    }
    mask
}

/// The driver's own dialect of JSON, which knows numbers with an `x`.
fn profile(mask: u64) -> String {
    let mut text = String::new();
    write!(
        text,
        r#"{{"profiles":[{{"name":"_container_","settings":["EGLVisibleDGPUDevices",{mask:#x}]}}],"rules":[{{"pattern":[],"profile":"_container_"}}]}}"#
    )
    .ok();
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn masks() {
        let mut notes = Vec::new();
        assert_eq!(mask([], &mut notes), 0);
        assert_eq!(mask([0, 3, 3], &mut notes), 0b1001);
        assert_eq!(mask([63], &mut notes), 1 << 63);
        assert_eq!(notes, Vec::<String>::new());
        assert_eq!(mask([1, 64, 70_000], &mut notes), 2);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn the_text_is_the_references() {
        assert_eq!(
            profile(0x1f),
            r#"{"profiles":[{"name":"_container_","settings":["EGLVisibleDGPUDevices",0x1f]}],"rules":[{"pattern":[],"profile":"_container_"}]}"#
        );
    }

    #[test]
    fn only_device_nodes_of_gpus_count() {
        let image = tempfile::tempdir().unwrap();
        let at = |path: &str| image.path().join(path);
        let root = Root::open(image.path()).unwrap();
        let mut notes = Vec::new();
        // Without `/dev`, and with nothing of a GPU's in it, nothing is written.
        write(&root, &mut notes);
        fs::create_dir(at("dev")).unwrap();
        fs::create_dir(at("etc")).unwrap();
        fs::write(at("dev/nvidia0"), "").unwrap();
        symlink("/dev/null", at("dev/nvidia1")).unwrap();
        write(&root, &mut notes);
        assert!(!at("etc/nvidia").exists());
        let node = |name: &str, minor| {
            liftgate_sys::node::make_character_device(&at("dev").join(name), 195, minor, 0o666)
        };
        if node("nvidia7", 2).is_err() {
            // It takes root to make a node.
            return;
        }
        node("nvidiactl", 255).unwrap();
        node("nvidia-modeset", 254).unwrap();
        let file = at("etc/nvidia/nvidia-application-profiles-rc.d/10-container.conf");
        write(&root, &mut notes);
        assert_eq!(fs::read_to_string(&file).unwrap(), profile(4));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o444, 0o555));
        // What the image has there gives way; a link is not followed.
        fs::remove_file(&file).unwrap();
        fs::write(at("theirs"), "theirs").unwrap();
        symlink("/theirs", &file).unwrap();
        node("nvidia0x", 5).unwrap();
        node("nvidia10", 0).unwrap();
        write(&root, &mut notes);
        assert_eq!(fs::read_to_string(&file).unwrap(), profile(5));
        assert_eq!(fs::read_to_string(at("theirs")).unwrap(), "theirs");
        assert_eq!(notes, Vec::<String>::new());
    }
}
