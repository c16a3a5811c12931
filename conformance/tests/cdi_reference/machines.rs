//! On which machines, with which flags, and for which devices the two specifications are compared.
//!
//! A new machine is a row here, and a recording. One that the reference cannot be run on says why, and its
//! trial is a visible skip.

use liftgate_testhost::Machine;

/// One machine, and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// What the recorded facts are called: the machine's name, and more if there are several of one machine.
    pub(crate) name: &'static str,
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
            name: machine,
            machine,
            flags: &[],
            devices,
            not_recorded: None,
        }
    }

    /// What stands in the way of a comparison.
    pub(crate) fn missing(&self) -> Option<String> {
        let why = self.not_recorded.map(str::to_owned);
        why.or_else(|| {
            Machine::by_name(self.machine)
                .is_err()
                .then(|| format!("needs the simulated machine `{}`", self.machine))
        })
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
    Setting::plain("debian-550", &["all"]),
    Setting::plain("fedora-570", &["all", "1"]),
    // As the GPU Operator calls the generator: the nodes are the host's, the files the driver container's.
    Setting {
        flags: &["--driver-root", "/run/nvidia/driver", "--dev-root", "/"],
        ..Setting::plain("driver-container", &["all", "1"])
    },
    // The nodes are taken from the driver root as well.
    Setting {
        name: "driver-container-dev",
        flags: &["--driver-root", "/run/nvidia/driver"],
        ..Setting::plain("driver-container", &["all"])
    },
    // A whole GPU beside one that is cut in five; two instances share one of its halves.
    Setting::plain(
        "a100-mig",
        &[
            "all",
            "0:1",
            "1",
            "MIG-7e91c5a3-f208-5d64-b1c7-2a8e5d4f0005",
        ],
    ),
    Setting::plain("h100-mig-56", &["3:4"]),
];
