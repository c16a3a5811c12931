//! The container's state, which a low-level runtime writes to a hook's standard input.

use liftgate_oci::state::{self, State};
use std::io::Read as _;

/// Reads it, or says why it cannot be had.
pub(crate) fn read() -> Result<State, String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(state::MAX_STATE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot read the container's state: {error}"))?;
    State::parse(&bytes)
        .map_err(|error| format!("cannot understand the container's state: {error}"))
}
