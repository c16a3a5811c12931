//! On which machines, with which flags, and for which devices the two specifications are compared.
//!
//! A new machine is a row here, and a recording. One that the reference cannot be run on says why, and its
//! trial is a visible skip.

/// One machine, and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// The simulated machine.
    pub(crate) machine: &'static str,
    /// Arguments of `cdi generate`, the same for both generators: a driver root, a mode, a search path.
    pub(crate) flags: &'static [&'static str],
    /// What containers ask for: names of devices of the kind `nvidia.com/gpu`. Every GPU at once, and one
    /// whose minor number is not its index where there is one: whoever takes one for the other is found out.
    pub(crate) devices: &'static [&'static str],
    /// Why the reference cannot be run on this machine, if it cannot: then nothing can be compared.
    pub(crate) not_recorded: Option<&'static str>,
}

impl Setting {
    /// A machine that needs no flags and on which the reference can be run.
    const fn plain(machine: &'static str, devices: &'static [&'static str]) -> Self {
        Self {
            machine,
            flags: &[],
            devices,
            not_recorded: None,
        }
    }
}

/// The machines, in the order in which they are run.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::plain(
        "ubuntu-550",
        &["all", "2", "GPU-1c84be27-e6a0-4f39-b7d5-f2319a5c4404"],
    ),
    Setting::plain("h200-580", &["all", "0"]),
    Setting::plain("dgx-h100-8", &["all", "5"]),
];
