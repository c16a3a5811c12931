//! Where it is remembered what engines' configurations were before us.

use std::path::PathBuf;

/// The variable that names another place.
pub(crate) const VARIABLE: &str = "LIFTGATE_STATE_DIRECTORY";

const OF_ROOT: &str = "/var/lib/liftgate/setup";
const OF_A_USER: &str = "liftgate/setup";

/// The directory of records: root's, or this user's.
pub(crate) fn directory() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(given) = variable(VARIABLE) {
        return PathBuf::from(given);
    }
    if liftgate_sys::process::effective_user() == 0 {
        return PathBuf::from(OF_ROOT);
    }
    let state = variable("XDG_STATE_HOME").map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state
        .or_else(home)
        .unwrap_or_else(|| PathBuf::from("/"))
        .join(OF_A_USER)
}
