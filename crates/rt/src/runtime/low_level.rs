//! The low-level runtime: runc, crun, youki.

use liftgate_plan::{Code, Refusal};
use liftgate_sys::process::{self, USUAL_PATH};
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The first of the configured runtimes that is there and is not this program.
pub(crate) fn find(candidates: &[String]) -> Result<PathBuf, Refusal> {
    let directories = process::search_path();
    let own = std::env::current_exe().ok().and_then(|own| identity(&own));
    let is_other = |candidate: &Path| own.is_none() || identity(candidate) != own;
    for candidate in candidates {
        let found = if candidate.contains('/') {
            let path = PathBuf::from(candidate);
            (process::is_executable(&path) && is_other(&path)).then_some(path)
        } else {
            directories
                .iter()
                .filter_map(|directory| {
                    process::find_executable(OsStr::new(candidate), [directory.as_path()])
                })
                .find(|found| is_other(found))
        };
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(Refusal::new(
        Code::RuntimeNotFound,
        format!("no low-level runtime was found: {}", names(candidates)),
        "install runc or crun, or name yours in `runtimes` of [nvidia-container-runtime] in config.toml",
    )
    .because(format!(
        "looked on PATH and in {}",
        USUAL_PATH.join(", ")
    )))
}

fn names(candidates: &[String]) -> String {
    if candidates.is_empty() {
        "`runtimes` in config.toml is empty".to_owned()
    } else {
        format!("neither of {}", candidates.join(", "))
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    liftgate_sys::file::metadata(path)
        .ok()
        .flatten()
        .map(|metadata| metadata.identity)
}

/// Becomes the low-level runtime, with the arguments that we were given.
pub(crate) fn start(runtime: &Path, arguments: &[OsString]) -> Result<Infallible, Refusal> {
    let mut passed = vec![runtime.as_os_str().to_owned()];
    passed.extend(arguments.iter().skip(1).cloned());
    process::exec(runtime, &passed).map_err(|error| {
        Refusal::new(
            Code::RuntimeNotStarted,
            format!("cannot start the low-level runtime `{}`", runtime.display()),
            "run it by hand to see what is wrong with it",
        )
        .because(error.to_string())
    })
}
