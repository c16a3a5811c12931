//! What is attacked: the executable that is shipped, one that is weakened on purpose, or an old one of the
//! reference.

use libtest_mimic::Trial;
use liftgate_conformance::hostile::{Prepared, Scene};
use liftgate_conformance::suite::{self, fail};
use liftgate_sys::Root;
use liftgate_sys::sandbox::{Job, run_in_child};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The variable that names the directory of the weakened build, as `cargo xtask test` makes it.
const WEAKENED: &str = "LIFTGATE_WEAKENED";

/// The variable that names a directory with old versions of the reference: `VERSION/nvidia-cdi-hook` and so on.
const OLD_REFERENCE: &str = "LIFTGATE_OLD_REFERENCE";

/// Stands in every weakened executable; see `liftgate_sys::weakness`.
const MARKER: &str = "this is liftgate weakened on purpose";

/// A directory of programs, and the fault that the one in it is to have.
pub(crate) type Source = (PathBuf, Option<String>);

/// What has been made of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Shipped,
    /// With a fault, and the sandbox around it.
    Contained,
    /// With a fault and no sandbox.
    Weakened,
    Old,
}

/// A directory of programs, by the names that engines call them by.
#[derive(Debug)]
pub(crate) struct Target {
    directory: PathBuf,
    pub(crate) kind: Kind,
}

impl Target {
    /// What is shipped.
    pub(crate) fn shipped(scene: &Scene) -> Self {
        let runtime = &scene.inside.programs.runtime;
        Self {
            directory: runtime.parent().unwrap_or(Path::new("/")).to_owned(),
            kind: Kind::Shipped,
        }
    }

    /// The weakened executable with one fault, or with several that `+` joins: it reads them off its directory.
    pub(crate) fn weakened(scene: &Scene, build: &Path, weakness: &str) -> io::Result<Self> {
        let directory = scene.place.with_extension("weakened").join(weakness);
        fs::create_dir_all(&directory)?;
        let program = directory.join("liftgate-rt");
        fs::copy(build.join("liftgate-rt"), &program)?;
        for name in [
            "nvidia-container-runtime",
            "nvidia-container-runtime-hook",
            "nvidia-container-toolkit",
            "nvidia-container-cli",
            "nvidia-cdi-hook",
        ] {
            symlink("liftgate-rt", directory.join(name))?;
        }
        symlink(&scene.inside.programs.liftgate, directory.join("liftgate"))?;
        Ok(Self {
            directory,
            kind: if weakness.contains("no-sandbox") {
                Kind::Weakened
            } else {
                Kind::Contained
            },
        })
    }

    pub(crate) fn old(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            kind: Kind::Old,
        }
    }

    /// Whether it is one of the reference's.
    pub(crate) fn is_reference(&self) -> bool {
        self.kind == Kind::Old
    }

    /// The program by one of its names.
    pub(crate) fn named(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

pub(crate) fn weakened() -> Result<PathBuf, String> {
    std::env::var_os(WEAKENED)
        .map(PathBuf::from)
        .ok_or_else(|| format!("needs {WEAKENED}"))
}

/// Without it the sandbox cannot keep a process from the host's files.
pub(crate) fn has_landlock() -> Result<(), String> {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    let has_landlock = ANSWER.get_or_init(|| {
        let root = Root::open(Path::new("/usr"));
        let ended = root.and_then(|root| run_in_child(&root, Job::Files, || Ok(Vec::new())));
        ended.is_ok_and(|ended| !ended.kept.iter().any(|kept| kept.contains("landlock")))
    });
    has_landlock
        .then_some(())
        .ok_or_else(|| "needs a kernel with Landlock".to_owned())
}

pub(crate) fn old_reference(version: &str) -> Result<PathBuf, String> {
    std::env::var_os(OLD_REFERENCE)
        .map(|directory| PathBuf::from(directory).join(version))
        .filter(|directory| directory.exists())
        .ok_or_else(|| format!("needs {OLD_REFERENCE} with {version}"))
}

/// Neither executable that is shipped holds the mark of the weakened one, which does.
pub(crate) fn nothing_shipped_is_weakened(ground: &Prepared) -> Trial {
    let name = "shipped-executables-are-not-weakened";
    let ready = ground
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|ground| Ok((ground.programs.clone(), weakened()?)));
    match ready {
        Err(missing) => suite::trial(name, Some(&missing), || Ok(())),
        Ok((programs, weakened)) => suite::trial(name, None, move || {
            let runtime = fs::canonicalize(&programs.runtime)?;
            for shipped in [&runtime, &programs.liftgate] {
                if has_marker(shipped)? {
                    let words = format!("`{}` is weakened", shipped.display());
                    return Err(fail(words));
                }
            }
            if has_marker(&weakened.join("liftgate-rt"))? {
                Ok(())
            } else {
                Err(fail("the weakened build has lost its mark"))
            }
        }),
    }
}

fn has_marker(program: &Path) -> io::Result<bool> {
    let bytes = fs::read(program)?;
    let marker = MARKER.as_bytes();
    Ok(bytes.windows(marker.len()).any(|window| window == marker))
}
