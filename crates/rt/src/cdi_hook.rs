//! `nvidia-cdi-hook`: the program that CDI specifications name as their hook.
//!
//! Ours have one hook, `container-setup`. A specification made by a newer toolkit may name hooks that nobody
//! here has heard of; as with the reference, they are passed over with a warning, because they must not stop
//! every container. The hooks that the reference is known to have are another matter: to take one for done
//! would start a container that does not find its driver.

use crate::{output, setup};
use liftgate_plan::{CONTAINER_SETUP, Code, HookPart, Refusal};
use std::ffi::OsString;
use std::process::ExitCode;

/// Options before the hook's name that say how much is logged; there is little.
const SWITCHES: [&str; 5] = ["--debug", "-debug", "-d", "--quiet", "-quiet"];

/// Runs a hook.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let is_switch = |argument: &&OsString| SWITCHES.iter().any(|switch| *argument == switch);
    let skipped = arguments.iter().take_while(is_switch).count();
    let rest = &arguments[skipped..];
    let Some(name) = rest.first() else {
        output::error("warning: no CDI hook is named\n");
        return ExitCode::SUCCESS;
    };
    let text = name.to_string_lossy();
    match &*text {
        CONTAINER_SETUP => setup::run(&rest[1..]),
        "--version" | "-version" | "-v" => output::version(),
        "noop" => ExitCode::SUCCESS,
        text if HookPart::from_name(text).is_some() => {
            let refusal = Refusal::new(
                Code::HookNotServed,
                format!("the hook `{text}` of another toolkit's specification is not served yet"),
                "make the specification anew with `liftgate cdi generate`, or keep that toolkit's nvidia-cdi-hook",
            );
            output::error(&format!("{}\n", refusal.one_line()));
            ExitCode::FAILURE
        }
        text => {
            let shown = liftgate_plan::shortened(text);
            output::error(&format!(
                "warning: there is no CDI hook `{shown}`; nothing is done\n"
            ));
            ExitCode::SUCCESS
        }
    }
}
