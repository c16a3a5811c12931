//! A CUDA library with code for many GPUs, and NVIDIA's program that lists it: what the suite `fat_binaries` needs.
//!
//! They are not ours to pass on. They come from where Python packages are, through pip, which holds each against the hash
//! below; they are unpacked, and nothing of them is installed. `LIFTGATE_CUDA_LIBRARIES` and `LIFTGATE_CUOBJDUMP` name
//! any others instead.

use crate::engines::quietly;
use crate::{Failure, packages, say, workspace};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What names a directory of libraries, and the lister.
const LIBRARIES: &str = "LIFTGATE_CUDA_LIBRARIES";
const LISTER: &str = "LIFTGATE_CUOBJDUMP";

/// Together ten megabytes. For x86-64: the libraries are only read, but the lister runs.
const WHEELS: &str = "\
nvidia-nvjpeg-cu12==12.4.0.76 --hash=sha256:3888f10b32fbd58e80166c48e01073732d752fa5f167b7cb5b9615f1c6375a20
nvidia-nvjpeg==13.3.2.43 --hash=sha256:27f9c4a25a73f1d1ad35c342c8d657c8ff43e23877f338ef15fb2602ac2e5aa8
nvidia-cuda-cuobjdump==13.5.37 --hash=sha256:38780fee50863252a0b8926357faa91615ca1c8346490563f33a06100cd73f58
";

/// What the suite needs.
#[derive(Debug)]
pub(crate) struct CudaLibraries {
    pub(crate) libraries: PathBuf,
    pub(crate) lister: PathBuf,
}

impl CudaLibraries {
    /// The variables that the suite reads.
    pub(crate) fn variables(&self) -> [(&'static str, &Path); 2] {
        [(LIBRARIES, &self.libraries), (LISTER, &self.lister)]
    }
}

/// Fetches them, and prints the variables that the suite reads.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err("`cargo xtask cuda-libraries` takes no argument".into());
    }
    let found = ensure().ok_or("no CUDA libraries; they take pip, and an x86-64 machine")?;
    for (variable, value) in found.variables() {
        say::words(&format!("{variable}={}\n", value.display()));
    }
    Ok(())
}

/// Those that somebody has already, or the smallest; without them their tests are counted as skipped.
pub(crate) fn ensure() -> Option<CudaLibraries> {
    let given = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    if let (Some(libraries), Some(lister)) = (given(LIBRARIES), given(LISTER)) {
        return Some(CudaLibraries { libraries, lister });
    }
    if std::env::consts::ARCH != "x86_64" {
        return None;
    }
    let directory = workspace::target().join("cuda-libraries");
    // Other wheels are other files: the directory says which are in it.
    let mark = directory.join("wheels.txt");
    if fs::read_to_string(&mark).ok().as_deref() != Some(WHEELS) {
        let needs = [("python3", "python3"), ("pip3", "python3-pip")];
        if !packages::ensure(&needs).is_empty() {
            return None;
        }
        say::progress("CUDA libraries, from Python's index (once; about 10 MB)");
        if let Err(error) = fetch(&directory, &mark) {
            say::progress(&format!("no CUDA libraries: {error}"));
            return None;
        }
    }
    Some(CudaLibraries {
        lister: directory.join("nvidia/cu13/bin/cuobjdump"),
        libraries: directory,
    })
}

fn fetch(directory: &Path, mark: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    let wheels = directory.join("wheels");
    fs::create_dir_all(&wheels)?;
    let list = directory.join("requirements.txt");
    fs::write(&list, WHEELS)?;
    quietly(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .args(["--platform", "manylinux2014_x86_64"])
            .arg("--dest")
            .arg(&wheels)
            .arg("--requirement")
            .arg(&list),
    )?;
    for wheel in fs::read_dir(&wheels)? {
        quietly(
            Command::new("python3")
                .args(["-m", "zipfile", "--extract"])
                .arg(wheel?.path())
                .arg(directory),
        )?;
    }
    let lister = directory.join("nvidia/cu13/bin/cuobjdump");
    fs::set_permissions(&lister, fs::Permissions::from_mode(0o755))?;
    fs::remove_dir_all(&wheels)?;
    // Written last, and what makes the directory one to use again.
    fs::write(mark, WHEELS)?;
    Ok(())
}
