//! `nvidia-ctk system`: device nodes and links to them, made where nobody else makes them.
//!
//! Numbers come from `/proc/devices`, never from nodes that are there: `nvidia-uvm` gets another major each time that the
//! module is loaded. What is to be made below a root that is not the host's is made inside it: the root is the
//! administrator's choice, but links in it were written for programs that live there, and lead nowhere else.

pub(super) mod char_links;
pub(super) mod device_nodes;
mod modules;

use liftgate_driver::CharacterMajors;
use liftgate_sys::{SysError, file};
use std::path::Path;

/// The majors of the driver; an error where it has none, which means that its module is not loaded.
fn majors() -> Result<CharacterMajors, String> {
    let text = file::read(Path::new("/proc/devices"), 1 << 20).map_err(text)?;
    let text = text.unwrap_or_default();
    let majors = CharacterMajors::parse(&String::from_utf8_lossy(&text));
    if majors.gpu().is_none() {
        return Err(
            "no NVIDIA devices found in /proc/devices; hint: load the kernel module nvidia"
                .to_owned(),
        );
    }
    Ok(majors)
}

#[expect(clippy::needless_pass_by_value, reason = "it is for `map_err`")]
fn text(error: SysError) -> String {
    error.to_string()
}
