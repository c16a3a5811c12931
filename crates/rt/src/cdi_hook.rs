//! `nvidia-cdi-hook` and `nvidia-ctk hook`: the programs that CDI specifications name as their hooks.
//!
//! Ours have one hook, `container-setup`. A specification of NVIDIA's toolkit has one for each part of the work, and
//! each is served here by its name and flags, those of every version since 1.10. A specification made by a newer
//! toolkit may name hooks that nobody here has heard of; as with the reference, they are passed over with a warning,
//! because they must not stop every container.

mod flags;
mod lists;
mod parts;

use crate::{hook_process, output, setup};
use flags::Flags;
use liftgate_apply::failed;
use liftgate_plan::CONTAINER_SETUP;
use parts::HOOKS;
use std::ffi::OsString;
use std::process::ExitCode;

const HELP: &str = "\
nvidia-cdi-hook [--debug] [--quiet] HOOK [FLAGS], started by container runtimes as CDI specifications say

  container-setup                     everything, in one process: what liftgate's own specifications name
  create-symlinks                     --link TARGET::LINK
  update-ldcache                      --folder DIR
  enable-cuda-compat                  --host-driver-version V, --host-cuda-version V, --cuda-compat-container-root DIR
  disable-device-node-modification
  update-application-profile
  create-soname-symlinks              --folder DIR
  chmod                               --mode OCTAL, --path PATH
  noop

The container's state is read from standard input, or from --container-spec FILE.
";

/// Runs a hook.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let is_switch = |argument: &&OsString| argument.as_encoded_bytes().starts_with(b"-");
    let count = arguments.iter().take_while(is_switch).count();
    let (switches, rest) = arguments.split_at(count);
    let has = |names: &[&str]| {
        let is_one = |switch: &OsString| names.iter().any(|name| switch == name);
        switches.iter().any(is_one)
    };
    if has(&["--version", "-version", "-v"]) {
        return output::version();
    }
    if has(&["--help", "-help", "-h"]) {
        return output::line(HELP);
    }
    let is_quiet = has(&["--quiet", "-quiet"]);
    let is_debug = has(&["--debug", "-debug", "-d"]) && !is_quiet;
    let Some(name) = rest.first() else {
        output::error("warning: no CDI hook is named\n");
        return ExitCode::SUCCESS;
    };
    let text = name.to_string_lossy();
    if text == CONTAINER_SETUP {
        return setup::run(&rest[1..], is_debug);
    }
    if text == "help" {
        return output::line(HELP);
    }
    let Some(hook) = HOOKS.iter().find(|hook| hook.name == text) else {
        let shown = liftgate_plan::shortened(&text);
        output::error(&format!(
            "warning: there is no CDI hook `{shown}`; nothing is done\n"
        ));
        return ExitCode::SUCCESS;
    };
    match Flags::parse(&rest[1..], hook.flags) {
        Ok(None) => output::line(HELP),
        Ok(Some(flags)) => hook_process::run(&[], is_debug, |_| (hook.run)(&flags)),
        Err(reason) => hook_process::run(&[], is_debug, |_| Err(failed(reason))),
    }
}
