//! Firmware of the GPU's system processor, which the driver's libraries read in the container too.

use crate::place::Places;
use crate::search::Search;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A firmware file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Firmware {
    /// The file on the host.
    pub host_path: PathBuf,
    /// Where it goes in a container.
    pub container_path: PathBuf,
}

/// The directory that the kernel was told to look for firmware in first. Root can change it at any time.
pub(crate) fn configured_directory(places: &Places) -> Option<String> {
    let path = places.sys.join("module/firmware_class/parameters/path");
    let bytes = liftgate_sys::file::read(&path, 4096).ok().flatten()?;
    let text = String::from_utf8(bytes).ok()?;
    let directory = text.trim_end_matches('\n');
    directory.starts_with('/').then(|| directory.to_owned())
}

/// Finds `nvidia/<version>/gsp*.bin` where the kernel looks for firmware, in the kernel's order.
pub(crate) fn find(search: &mut Search, places: &Places, version: &str) -> Vec<Firmware> {
    let release = liftgate_sys::process::kernel_release();
    let configured = configured_directory(places);
    let mut firmware: Vec<Firmware> = Vec::new();
    let directories = configured.into_iter().chain([
        format!("/lib/firmware/updates/{release}"),
        "/lib/firmware/updates".to_owned(),
        format!("/lib/firmware/{release}"),
        "/lib/firmware".to_owned(),
    ]);
    for directory in directories {
        let directory = Path::new(&directory).join("nvidia").join(version);
        if search.directory(&directory).is_none() {
            continue;
        }
        for name in search.names(&directory) {
            let is_firmware = name.starts_with("gsp")
                && Path::new(&name)
                    .extension()
                    .is_some_and(|extension| extension == "bin");
            let path = directory.join(&name);
            if is_firmware
                && let Some(real) = search.regular_file(&path)
                && !firmware.iter().any(|known| known.container_path == path)
            {
                firmware.push(Firmware {
                    host_path: search.host_path(&real),
                    container_path: path,
                });
            }
        }
    }
    firmware
}
