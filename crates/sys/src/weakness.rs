//! Faults on purpose, for a build that is never shipped: `conformance/tests/replay.rs` replays the attacks of
//! published CVEs, and shows by this build that it would see one succeed.
//!
//! Only `--cfg liftgate_weakened` compiles it. No manifest and no file of cargo's configuration may set that, and
//! no shipped executable may hold [`MARKER`]; tests see to both. Which faults there are is the name of the directory
//! that the executable lies in, joined by `+`: a hook has its environment from the runtime, and arguments from the
//! plan, so neither can say it.

use crate::error::Errno;
use rustix::fs::{Mode, OFlags};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Stands in every weakened executable.
pub const MARKER: &str = "this is liftgate weakened on purpose";

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Paths inside a root are joined to its path, and walked by the kernel as any other.
    JoinedPaths,
    /// A file is written through the link that is in its place.
    FollowedLinks,
    /// The environment is kept, and used as careless libraries do.
    InheritedEnvironment,
    /// Newer CUDA libraries of the image are mounted over the driver's, by their paths.
    MountsFromImage,
    /// As [`Weakness::MountsFromImage`], after a look at whether each is a regular file.
    MountsAfterLook,
    /// Nothing is given up before the image is looked at.
    NoSandbox,
    /// The image's `ldconfig` is run.
    RunsImagesLdconfig,
}

impl Weakness {
    const fn name(self) -> &'static str {
        match self {
            Self::JoinedPaths => "joined-paths",
            Self::FollowedLinks => "followed-links",
            Self::InheritedEnvironment => "inherited-environment",
            Self::MountsFromImage => "mounts-from-image",
            Self::MountsAfterLook => "mounts-after-look",
            Self::NoSandbox => "no-sandbox",
            Self::RunsImagesLdconfig => "runs-images-ldconfig",
        }
    }

    /// Whether this executable has it.
    pub fn is_on(self) -> bool {
        static NAMES: OnceLock<String> = OnceLock::new();
        let names = NAMES.get_or_init(|| {
            let own = std::env::current_exe().unwrap_or_default();
            let directory = own.parent().and_then(Path::file_name).unwrap_or_default();
            format!("{} {MARKER}", directory.display())
        });
        let names = names.split_whitespace().next().unwrap_or_default();
        names.split('+').any(|name| name == self.name())
    }
}

/// `path` below `root`, as it should never be written.
pub fn joined(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// Opens `path` below `root` as a relative path: links lead wherever they lead.
pub(crate) fn walk_as_any_other(
    root: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let path = Path::new(".").join(path.strip_prefix("/").unwrap_or(path));
    rustix::fs::openat(root, path, flags, Mode::empty())
}

/// Has the C library convert a text, as a program does that heeds its user's language.
pub(crate) fn convert_text() {
    // SAFETY: both names are C strings; the descriptor that comes back is not used and goes with the process.
    #[expect(unsafe_code, reason = "iconv_open has no safe wrapper")]
    unsafe {
        libc::iconv_open(c"LIFTGATE".as_ptr(), c"UTF-8".as_ptr());
    }
}
