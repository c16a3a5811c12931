//! Where this program lies.

use liftgate_plan::{Code, Refusal};
use liftgate_sys::process;
use std::path::{Path, PathBuf};

/// Where this program lies, to be named in the hook; what an upgrade has put in its place meanwhile, too.
pub(crate) fn path() -> Result<PathBuf, Refusal> {
    let fail = |reason: &str| {
        Refusal::new(
            Code::RuntimeNotStarted,
            format!("cannot tell where this program lies: {reason}"),
            "mount /proc",
        )
    };
    let path = std::env::current_exe().map_err(|error| fail(&error.to_string()))?;
    let text = path.to_string_lossy();
    let path = match text.strip_suffix(" (deleted)") {
        Some(replaced) => PathBuf::from(replaced),
        None => path.clone(),
    };
    if process::is_executable(&path) {
        Ok(path)
    } else {
        Err(fail(&format!("`{}` is gone", path.display())))
    }
}

/// The directory beside this program.
pub(crate) fn directory() -> Option<PathBuf> {
    path().ok()?.parent().map(Path::to_owned)
}
