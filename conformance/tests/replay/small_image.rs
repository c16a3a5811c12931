//! An image that is no more than what a hook looks at: hundreds of it are made in a second.

use liftgate_conformance::Image;
use serde_json::json;
use std::fs;
use std::io;
use std::path::Path;

/// As much of an image as the hook looks at, and a configuration.
pub(crate) fn make(bundle: &Path, root: &Path, image: &Image) -> io::Result<()> {
    for directory in [
        "etc/ld.so.conf.d",
        "usr/bin",
        "usr/lib",
        "usr/lib64",
        "tmp",
        "proc",
    ] {
        fs::create_dir_all(root.join(directory))?;
    }
    for name in ["etc/ld.so.cache", "etc/ld.so.conf"] {
        fs::copy(image.root().join(name), root.join(name))?;
    }
    let configuration = json!({
        "ociVersion": "1.0.2",
        "process": {
            "args": ["true"], "cwd": "/", "user": {"uid": 0, "gid": 0},
            "env": ["NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=all"]
        },
        "root": {"path": "rootfs"},
        "linux": {"namespaces": [{"type": "mount"}]}
    });
    fs::write(bundle.join("config.json"), configuration.to_string())
}
