//! Which GPUs a container was given, as its `/dev` tells.

use liftgate_sys::{FileKind, Root, SysError};
use std::collections::BTreeSet;
use std::path::Path;

/// More nodes than a machine's `/dev` has.
const MOST_NODES: usize = 100_000;

/// The minors of the nodes that are called as GPUs are. The number in a name is only a name.
pub(super) fn minors(root: &Root) -> Result<BTreeSet<u32>, SysError> {
    let Some(devices) = root.open_directory(Path::new("/dev"))? else {
        return Ok(BTreeSet::new());
    };
    let is_gpu = |name: &str| {
        name.strip_prefix("nvidia").is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let mut minors = BTreeSet::new();
    for name in devices.names(MOST_NODES)? {
        if !name.to_str().is_some_and(is_gpu) {
            continue;
        }
        if let Ok(Some(node)) = devices.metadata(&name)
            && node.kind == FileKind::CharacterDevice
        {
            minors.insert(node.device.1);
        }
    }
    Ok(minors)
}
