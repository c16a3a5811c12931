//! The container's state, which a low-level runtime writes to a hook's standard input.

use liftgate_oci::state::{self, State};
use std::io::Read as _;
use std::path::Path;

/// Reads it, or says why it cannot be had.
pub(crate) fn read() -> Result<State, String> {
    read_from(None)
}

/// As [`read`], from a file where one is named.
pub(crate) fn read_from(file: Option<&Path>) -> Result<State, String> {
    let failed = |reason: String| format!("cannot read the container's state: {reason}");
    let limit = state::MAX_STATE_BYTES as u64 + 1;
    let bytes = if let Some(file) = file {
        liftgate_sys::file::read_regular(file, limit)
            .map_err(|error| failed(error.to_string()))?
            .ok_or_else(|| failed(format!("there is no `{}`", file.display())))?
    } else {
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(|error| failed(error.to_string()))?;
        bytes
    };
    State::parse(&bytes)
        .map_err(|error| format!("cannot understand the container's state: {error}"))
}
