//! Mounts that nobody else sees.

use liftgate_sys::{SysError, mount, namespace};
use std::path::Path;

/// Does the work in a mount namespace of its own, which ends with it. The programs that it starts are in there, too.
pub(crate) fn privately<R: Send>(
    work: impl FnOnce() -> Result<R, String> + Send,
) -> Result<R, String> {
    let in_words = |error: SysError| error.to_string();
    // The namespace is a thread's, and the trials' own threads go on to other trials.
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            namespace::unshare_mounts().map_err(in_words)?;
            mount::make_private(Path::new("/")).map_err(in_words)?;
            work()
        });
        thread
            .join()
            .unwrap_or_else(|_| Err("the trial panicked".to_owned()))
    })
}
