//! The few words that this program says itself.

use std::io::Write as _;
use std::process::ExitCode;

const USAGE: &str = "\
liftgate-rt is started by container engines, under one of these names:

  nvidia-container-runtime            the OCI runtime
  nvidia-container-runtime.cdi        the same, with the mode `cdi`
  nvidia-container-runtime.legacy     the same, with the mode `legacy`

  nvidia-container-runtime-hook       the prestart hook of `docker run --gpus` (Docker before 29.2)
  nvidia-container-toolkit            the same, by its older name
  nvidia-container-cli                for enroot, LXC, Singularity, and whoever calls it by hand

  nvidia-cdi-hook                     the hooks that CDI specifications name
  nvidia-ctk                          the same, by `nvidia-ctk hook`; for the rest it becomes liftgate

  liftgate-rt container-setup …       the hook that the runtime puts into config.json
  liftgate-rt proof                   in a container: the GPUs that it was given

`liftgate explain` shows what a container would get, and why.
";

/// How to use the program; asking wrongly is an error.
pub(crate) fn usage() -> ExitCode {
    error(USAGE);
    ExitCode::from(2)
}

/// The version.
pub(crate) fn version() -> ExitCode {
    line(concat!("liftgate-rt ", env!("CARGO_PKG_VERSION"), "\n"))
}

/// Data on standard output.
pub(crate) fn line(line: &str) -> ExitCode {
    match std::io::stdout().write_all(line.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Words on standard error. Where they cannot be written there is nobody to tell.
pub(crate) fn error(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).ok();
}
