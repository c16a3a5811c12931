//! `nvidia-ctk`, as far as container runtimes start it: `nvidia-ctk hook …`.
//!
//! Specifications of toolkits before 1.17, and what their runtime writes into `config.json`, name it as the program of
//! the hooks. `liftgate`, which does everything else that `nvidia-ctk` does, is a dynamic program, and the image's
//! `LD_PRELOAD` would move it before its first line (CVE-2025-23266). So the name belongs to this program, which
//! becomes `liftgate` for whatever is no hook.

use crate::{cdi_hook, output, own};
use liftgate_sys::process;
use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) const NAME: &str = "nvidia-ctk";
const LIFTGATE: &str = "liftgate";

/// Runs a hook, or becomes `liftgate`; the arguments are those behind the program's name.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let is_flag = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");
    let flags = arguments.iter().take_while(is_flag).count();
    if arguments.get(flags).is_some_and(|word| word == "hook") {
        return cdi_hook::run(&[&arguments[..flags], &arguments[flags + 1..]].concat());
    }
    let Some(program) = own::directory().map(|directory| directory.join(LIFTGATE)) else {
        output::error("error: cannot tell where this program lies; hint: mount /proc\n");
        return ExitCode::FAILURE;
    };
    let mut words = vec![OsString::from(NAME)];
    words.extend_from_slice(arguments);
    match process::exec(&program, &words) {
        Ok(never) => match never {},
        Err(error) => {
            output::error(&format!(
                "error: {error}; hint: install liftgate beside liftgate-rt\n"
            ));
            ExitCode::FAILURE
        }
    }
}
