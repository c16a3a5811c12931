//! On which machines, with which flags, and for which devices the two are compared.
//!
//! A new machine is a row here, and a recording.

use crate::container::request_of;

/// One machine, and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// What the recorded facts are called: the machine's name, and more if there are several of one machine.
    pub(crate) name: &'static str,
    /// The simulated machine.
    pub(crate) machine: &'static str,
    /// What containers get.
    pub(crate) asked: Asked,
}

/// What containers get, and from whom.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asked {
    /// Devices of a specification.
    Specified {
        /// Arguments of `cdi generate`, the same for both generators: a driver root, a mode, a search path.
        flags: &'static [&'static str],
        /// The devices' kind.
        kind: &'static str,
        /// Every GPU at once, and one whose minor number is not its index where there is one: whoever takes
        /// one for the other is found out.
        devices: &'static [&'static str],
    },
    /// What a runtime in its mode `auto` makes of a container's variables, without any specification.
    Requested {
        /// The driver root of `config.toml`.
        root: &'static str,
        /// The variables of each container, with blanks between them.
        requests: &'static [&'static str],
    },
}

impl Setting {
    /// A machine that needs no flags.
    const fn plain(machine: &'static str, devices: &'static [&'static str]) -> Self {
        Self::flagged(machine, machine, &[], devices)
    }

    const fn flagged(
        name: &'static str,
        machine: &'static str,
        flags: &'static [&'static str],
        devices: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            machine,
            asked: Asked::Specified {
                flags,
                kind: "nvidia.com/gpu",
                devices,
            },
        }
    }

    /// What stands beside the GPUs of a server.
    const fn beside(
        name: &'static str,
        flags: &'static [&'static str],
        kind: &'static str,
        devices: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            machine: "dgx-h100-8",
            asked: Asked::Specified {
                flags,
                kind,
                devices,
            },
        }
    }

    const fn requested(
        name: &'static str,
        machine: &'static str,
        root: &'static str,
        requests: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            machine,
            asked: Asked::Requested { root, requests },
        }
    }

    /// Whether a generator of specifications has a part in it.
    pub(crate) const fn is_specified(&self) -> bool {
        matches!(self.asked, Asked::Specified { .. })
    }

    /// The containers: what each is called in the recording, and its variables.
    pub(crate) fn containers(&self) -> Vec<(String, Vec<String>)> {
        match self.asked {
            Asked::Specified { kind, devices, .. } => devices
                .iter()
                .map(|&device| (device.to_owned(), vec![request_of(kind, device)]))
                .collect(),
            Asked::Requested { requests, .. } => requests
                .iter()
                .map(|&request| {
                    let variables = request.split(' ').map(str::to_owned).collect();
                    (request.to_owned(), variables)
                })
                .collect(),
        }
    }
}

const NIX_LIBRARIES: &str =
    "/nix/store/a6kbivfsa0rscf11l4373v80c5c6l6na-nvidia-x11-570.153.02-6.12.42/lib";

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
    Setting::flagged(
        "driver-container",
        "driver-container",
        &["--driver-root", "/run/nvidia/driver", "--dev-root", "/"],
        &["all", "1"],
    ),
    // The nodes are taken from the driver root as well.
    Setting::flagged(
        "driver-container-dev",
        "driver-container",
        &["--driver-root", "/run/nvidia/driver"],
        &["all"],
    ),
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
    // The driver's directory is no root file system, and has no nodes.
    Setting::flagged(
        "cos",
        "cos",
        &[
            "--driver-root",
            "/home/kubernetes/bin/nvidia",
            "--dev-root",
            "/",
        ],
        &["all"],
    ),
    // As nixpkgs' module calls the generator (nixos/modules/services/hardware/nvidia-container-toolkit),
    // but for `ldconfig`, which here is where every machine has it.
    Setting::flagged(
        "nixos",
        "nixos",
        &[
            "--device-name-strategy",
            "index",
            "--disable-hook",
            "create-symlinks",
            "--library-search-path",
            NIX_LIBRARIES,
        ],
        &["all", "0"],
    ),
    // With the links, which the module leaves out.
    Setting::flagged(
        "nixos-links",
        "nixos",
        &["--library-search-path", NIX_LIBRARIES],
        &["all"],
    ),
    Setting::plain("wsl2", &["all"]),
    Setting::plain("orin-csv", &["all", "0"]),
    // A pattern of links that a board's administrator leaves out.
    Setting::flagged(
        "orin-csv-ignoring",
        "orin-csv",
        &["--mode", "csv", "--csv.ignore-pattern", "**/libcuda.so*"],
        &["all"],
    ),
    // Whoever forgets the class gets a device of the same kind as the GPUs.
    Setting::beside("gds", &["--mode", "gds"], "nvidia.com/gpu", &["all"]),
    Setting::beside(
        "mofed",
        &["--mode", "mofed", "--class", "mofed"],
        "nvidia.com/mofed",
        &["all"],
    ),
    Setting::beside(
        "gdrcopy",
        &[
            "--mode", "gdrcopy", "--vendor", "acme.com", "--class", "gdrcopy",
        ],
        "acme.com/gdrcopy",
        &["all"],
    ),
    Setting::beside(
        "nvswitch",
        &["--mode", "nvswitch", "--class", "nvswitch"],
        "nvidia.com/nvswitch",
        &["all"],
    ),
    Setting::beside(
        "imex",
        &["--mode", "imex", "--class", "imex-channel"],
        "nvidia.com/imex-channel",
        &["all", "2047"],
    ),
    Setting::beside(
        "management",
        &["--mode", "management", "--vendor", "management.nvidia.com"],
        "management.nvidia.com/gpu",
        &["all"],
    ),
    Setting::requested(
        "ubuntu-550-requests",
        "ubuntu-550",
        "",
        &[
            "NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=all",
            "NVIDIA_VISIBLE_DEVICES=2 NVIDIA_DRIVER_CAPABILITIES=all",
            "NVIDIA_VISIBLE_DEVICES=none NVIDIA_DRIVER_CAPABILITIES=all",
        ],
    ),
    // The request that most containers make: nothing is said of capabilities.
    Setting::requested(
        "h200-580-usual",
        "h200-580",
        "",
        &["NVIDIA_VISIBLE_DEVICES=all"],
    ),
    Setting::requested(
        "dgx-h100-8-requests",
        "dgx-h100-8",
        "",
        &[
            "NVIDIA_VISIBLE_DEVICES=5 NVIDIA_DRIVER_CAPABILITIES=all NVIDIA_GDS=enabled",
            "NVIDIA_VISIBLE_DEVICES=5 NVIDIA_DRIVER_CAPABILITIES=all NVIDIA_MOFED=enabled",
            "NVIDIA_VISIBLE_DEVICES=5 NVIDIA_DRIVER_CAPABILITIES=all NVIDIA_GDRCOPY=enabled NVIDIA_NVSWITCH=enabled",
            "NVIDIA_VISIBLE_DEVICES=5 NVIDIA_DRIVER_CAPABILITIES=all NVIDIA_IMEX_CHANNELS=0",
        ],
    ),
    Setting::requested(
        "debian-550-requests",
        "debian-550",
        "",
        &["NVIDIA_VISIBLE_DEVICES=0 NVIDIA_DRIVER_CAPABILITIES=all"],
    ),
    Setting::requested(
        "fedora-570-requests",
        "fedora-570",
        "",
        &["NVIDIA_VISIBLE_DEVICES=1 NVIDIA_DRIVER_CAPABILITIES=all"],
    ),
    Setting::requested(
        "driver-container-requests",
        "driver-container",
        "/run/nvidia/driver",
        &["NVIDIA_VISIBLE_DEVICES=1 NVIDIA_DRIVER_CAPABILITIES=all"],
    ),
    Setting::requested(
        "a100-mig-requests",
        "a100-mig",
        "",
        &["NVIDIA_VISIBLE_DEVICES=0:1 NVIDIA_DRIVER_CAPABILITIES=all"],
    ),
    Setting::requested(
        "wsl2-requests",
        "wsl2",
        "",
        &["NVIDIA_VISIBLE_DEVICES=0 NVIDIA_DRIVER_CAPABILITIES=all"],
    ),
    Setting::requested(
        "orin-csv-requests",
        "orin-csv",
        "",
        &[
            "NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=all",
            "NVIDIA_VISIBLE_DEVICES=0",
        ],
    ),
];
