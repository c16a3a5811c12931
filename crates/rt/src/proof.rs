//! `liftgate-rt proof`: what a container was given, seen from within it.
//!
//! `liftgate setup` starts it as the only program of an image without a loader, a shell or any library, so it can be proven on a
//! machine that has no image at hand. A GPU counts if the kernel lets its node be opened: a node that is there and forbidden by the
//! device cgroup is what a container has whose GPU disappeared.

use crate::output;
use liftgate_sys::Errno;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::ExitCode;

pub(crate) const NAME: &str = "proof";

/// Opening a device must not wait for it.
const NONBLOCK: i32 = 0o4000;

/// Prints a line `gpu MINOR` for each GPU that can be opened, and a line `libcuda PATH` where the driver's library is.
pub(crate) fn run() -> ExitCode {
    let mut text = String::new();
    for minor in minors() {
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(NONBLOCK)
            .open(format!("/dev/nvidia{minor}"));
        let is_there = match opened {
            Ok(_) => true,
            // The kernel would let it, and there is no driver behind it: a simulated machine.
            Err(error) => error.raw_os_error() == Some(Errno::NXIO.raw_os_error()),
        };
        if is_there {
            writeln!(text, "gpu {minor}").ok();
        }
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    for place in places.filter(|place| place.contains("/libcuda.so.")) {
        writeln!(text, "libcuda {place}").ok();
    }
    output::line(&text)
}

/// The minor numbers of the nodes that are called like GPUs.
fn minors() -> Vec<u32> {
    let entries = fs::read_dir("/dev").into_iter().flatten().flatten();
    let mut minors: Vec<u32> = entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_prefix("nvidia")?
                .parse()
                .ok()
        })
        .collect();
    minors.sort_unstable();
    minors
}
