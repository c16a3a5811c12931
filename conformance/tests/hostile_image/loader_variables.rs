//! Loader variables in the image's environment, with a library to load at the path that they name: relative
//! to the root file system, which is the hook's working directory (CVE-2025-23266), and absolute.
//!
//! In the container the library is loaded, which proves that it works; on the machine it must not be.

use crate::LIST;
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{Check, Scene, gpus, library};
use liftgate_conformance::suite::fail;

const VARIABLES: &[(&str, &[&str])] = &[
    ("preload", &["LD_PRELOAD=./owned.so:/owned.so"]),
    (
        "library-path",
        &["LD_LIBRARY_PATH=.:/:/proc/self/cwd", "LD_PRELOAD=owned.so"],
    ),
    (
        "audit",
        &[
            "LD_AUDIT=./owned.so:/owned.so",
            "LD_PRELOAD=owned.so:/owned.so",
        ],
    ),
    (
        "allocator",
        &[
            "MALLOC_CHECK_=3",
            "MALLOC_PERTURB_=165",
            "MALLOC_ARENA_MAX=1",
            "GLIBC_TUNABLES=glibc.malloc.check=3:glibc.rtld.optional_static_tls=99999999",
            "GCONV_PATH=.:/",
            "LOCPATH=.",
            "LD_PRELOAD=./owned.so",
        ],
    ),
    (
        "debug",
        &[
            "LD_DEBUG=all",
            "LD_DEBUG_OUTPUT=/owned",
            "LD_PROFILE=owned.so",
            "LD_PROFILE_OUTPUT=/",
            "LD_BIND_NOW=1",
            "NVIDIA_CTK_CONFIG_FILE_PATH=/owned.so",
            "RUST_BACKTRACE=full",
            "LD_PRELOAD=/owned.so",
        ],
    ),
];

pub(crate) fn checks() -> Vec<(String, Check)> {
    VARIABLES
        .iter()
        .map(|(name, variables)| {
            let check: Check = Box::new(|scene| check(scene, variables));
            (format!("loader-variables/{name}"), check)
        })
        .collect()
}

fn check(scene: &Scene, variables: &[&str]) -> Result<(), Failed> {
    let mut options = gpus(LIST);
    options
        .environment
        .extend(variables.iter().map(|variable| (*variable).to_owned()));
    let bundle = scene.bundle(&options)?;
    library(scene, &bundle)?;
    let outcome = scene.start(&bundle)?;
    if !bundle.root().join("owned").exists() {
        return Err(fail(format!(
            "the library does nothing, not even in the container: {}",
            outcome.describe()
        )));
    }
    let links = ["usr/local/nvidia/lib64/libcuda.so.1", "usr/bin/nvidia-smi"];
    for link in links {
        if !bundle.root().join(link).is_symlink() {
            return Err(fail(format!(
                "the hook has not made `{link}`: {}",
                outcome.describe()
            )));
        }
    }
    if outcome.stdout.contains("GPU 0: NVIDIA H200") {
        Ok(())
    } else {
        Err(fail(outcome.describe()))
    }
}
