//! The requests, one a row.

use liftgate_testhost::Machine;

/// What a request comes to.
pub(crate) enum Wanted {
    /// What `nvidia-smi -L` prints, and its exit status.
    Listing(fn(&Machine) -> String),
    /// The container starts.
    Started,
    /// A refusal with this code.
    Refused(&'static str),
}

/// One request.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) machine: &'static str,
    /// Shell text for what the machine is to look like.
    pub(crate) prelude: &'static str,
    pub(crate) environment: &'static [&'static str],
    pub(crate) annotations: &'static [(&'static str, &'static str)],
    /// Paths below the directory of requests by mount.
    pub(crate) mounts: &'static [&'static str],
    pub(crate) capabilities: &'static [&'static str],
    /// Keys at the top of `config.toml`.
    pub(crate) top: &'static str,
    /// Keys of `[nvidia-container-runtime]`, and tables after it.
    pub(crate) configuration: &'static str,
    pub(crate) wanted: Wanted,
    /// What the container, the runtime or its log says.
    pub(crate) says: &'static [&'static str],
    /// Nodes that the container has.
    pub(crate) nodes: &'static [&'static str],
    /// Parts of paths that no node of the container has.
    pub(crate) no_nodes: &'static [&'static str],
}

const UBUNTU: &str = "ubuntu-550";
const MIG: &str = "a100-mig";
const DGX: &str = "dgx-h100-8";
const ORIN: &str = "orin-csv";

const SPECIFIED: &str =
    "$LIFTGATE cdi generate --output /etc/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99";
/// Somebody else's device: a variable and a file.
const FOREIGN: &str = r#"mkdir -p /etc/cdi; echo hello > /run/greeting; cat > /etc/cdi/acme.yaml <<END
cdiVersion: "0.5.0"
kind: acme.com/net
devices:
  - name: eth0
    containerEdits:
      env: [ACME=1]
      mounts:
        - {hostPath: /run/greeting, containerPath: /run/acme/greeting, options: [ro, bind]}
END"#;
const CDI: &str = "mode = \"cdi\"\n";
const BY_MOUNT: &str = "accept-nvidia-visible-devices-as-volume-mounts = true\n";

const fn case(
    machine: &'static str,
    name: &'static str,
    environment: &'static [&'static str],
) -> Case {
    Case {
        name,
        machine,
        prelude: "",
        environment,
        annotations: &[],
        mounts: &[],
        capabilities: &[],
        top: "",
        configuration: "",
        wanted: Wanted::Started,
        says: &[],
        nodes: &[],
        no_nodes: &[],
    }
}

/// The listing of these GPUs.
fn gpus(machine: &Machine, gpus: &[usize]) -> String {
    liftgate_conformance::suite::expected_listing(machine, gpus)
}

/// The listing of these MIG devices.
fn migs(machine: &Machine, migs: &[(usize, usize)]) -> String {
    format!("{}\nstatus=0\n", machine.smi_list_mig(migs).trim_end())
}

const NONE: Wanted = Wanted::Listing(|machine| gpus(machine, &[]));
const FIRST: Wanted = Wanted::Listing(|machine| gpus(machine, &[0]));
const ALL: Wanted = Wanted::Listing(|machine| {
    let all: Vec<usize> = (0..machine.gpus().len()).collect();
    gpus(machine, &all)
});
/// The second of the MIG devices of the first GPU.
const SECOND_MIG: Wanted = Wanted::Listing(|machine| migs(machine, &[(0, 1)]));

pub(crate) fn all() -> Vec<Case> {
    let mut cases = by_name();
    cases.extend(by_mode());
    cases.extend(specifications_that_do_not_hold());
    cases.extend(mig());
    cases.extend(beside_gpus());
    cases.extend(machines());
    cases
}

/// CDI names, by every way there is to name them.
fn by_name() -> Vec<Case> {
    vec![
        Case {
            prelude: SPECIFIED,
            wanted: FIRST,
            says: &[
                "Auto-detected mode as 'cdi'",
                "Selecting nvidia.com/gpu=0 from `/etc/cdi/nvidia.yaml`",
            ],
            ..case(
                UBUNTU,
                "by-index",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: Wanted::Listing(|machine| gpus(machine, &[2])),
            ..case(
                UBUNTU,
                "by-uuid",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=GPU-90f7a6c3-5b1d-4e88-a3f4-0c6e7d8b3303"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: ALL,
            ..case(
                UBUNTU,
                "all",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=all"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: Wanted::Listing(|machine| gpus(machine, &[1, 3])),
            nodes: &["/dev/nvidia1", "/dev/nvidia2"],
            no_nodes: &["/dev/nvidia0", "/dev/nvidia3"],
            ..case(
                UBUNTU,
                "two",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=3,nvidia.com/gpu=1,nvidia.com/gpu=3"],
            )
        },
        Case {
            wanted: ALL,
            ..case(
                UBUNTU,
                "made-up-on-the-spot",
                &["NVIDIA_VISIBLE_DEVICES=runtime.nvidia.com/gpu=all"],
            )
        },
        Case {
            prelude: SPECIFIED,
            annotations: &[("cdi.k8s.io/plugin_0", "nvidia.com/gpu=2")],
            wanted: Wanted::Listing(|machine| gpus(machine, &[2])),
            ..case(UBUNTU, "annotation", &["NVIDIA_VISIBLE_DEVICES=0"])
        },
        Case {
            prelude: SPECIFIED,
            mounts: &["cdi/nvidia.com/gpu/1", "cdi/nvidia.com/gpu=3"],
            top: BY_MOUNT,
            wanted: Wanted::Listing(|machine| gpus(machine, &[1, 3])),
            ..case(UBUNTU, "mounts", &["NVIDIA_VISIBLE_DEVICES=all"])
        },
        Case {
            prelude: FOREIGN,
            wanted: Wanted::Listing(|machine| gpus(machine, &[1])),
            says: &["ACME=1", "hello\n"],
            ..case(
                UBUNTU,
                "with-somebody-elses-device",
                &[
                    "NVIDIA_VISIBLE_DEVICES=1,acme.com/net=eth0",
                    "NVIDIA_DRIVER_CAPABILITIES=all",
                ],
            )
        },
        Case {
            wanted: Wanted::Refused("cdi-name-malformed"),
            ..case(
                UBUNTU,
                "a-vendor-of-one-letter",
                &["NVIDIA_VISIBLE_DEVICES=a/bb=c"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: Wanted::Refused("cdi-device-unknown"),
            says: &["nvidia.com/gpu=3"],
            ..case(
                UBUNTU,
                "unknown",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=9"],
            )
        },
        Case {
            wanted: Wanted::Refused("cdi-device-unknown"),
            says: &["liftgate cdi refresh"],
            ..case(
                UBUNTU,
                "no-specification",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: Wanted::Refused("cdi-device-unknown"),
            ..case(
                UBUNTU,
                "one-of-two-unknown",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0,nvidia.com/gpu=9"],
            )
        },
    ]
}

/// The modes of `config.toml`.
fn by_mode() -> Vec<Case> {
    vec![
        Case {
            prelude: SPECIFIED,
            configuration: CDI,
            wanted: FIRST,
            says: &["Using requested mode 'cdi'"],
            ..case(UBUNTU, "mode-cdi-index", &["NVIDIA_VISIBLE_DEVICES=0"])
        },
        Case {
            prelude: SPECIFIED,
            configuration: CDI,
            wanted: ALL,
            ..case(UBUNTU, "mode-cdi-all", &["NVIDIA_VISIBLE_DEVICES=all"])
        },
        Case {
            configuration: CDI,
            wanted: NONE,
            ..case(UBUNTU, "mode-cdi-none", &["NVIDIA_VISIBLE_DEVICES=none"])
        },
        Case {
            configuration: CDI,
            wanted: FIRST,
            ..case(
                UBUNTU,
                "mode-cdi-made-up-on-the-spot",
                &["NVIDIA_VISIBLE_DEVICES=runtime.nvidia.com/gpu=0"],
            )
        },
        Case {
            configuration: CDI,
            prelude: SPECIFIED,
            annotations: &[("cdi.k8s.io/plugin_0", " 2 ,")],
            wanted: Wanted::Listing(|machine| gpus(machine, &[2])),
            ..case(UBUNTU, "mode-cdi-annotation", &[])
        },
        Case {
            prelude: "$LIFTGATE cdi generate --vendor acme.com --output /run/specs/acme.yaml >/dev/null 2>&1 || exit 99",
            configuration: "mode = \"cdi\"\n[nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"/run/specs\"]\ndefault-kind = \"acme.com/gpu\"\n",
            wanted: FIRST,
            ..case(
                UBUNTU,
                "mode-cdi-another-kind-and-directory",
                &["NVIDIA_VISIBLE_DEVICES=0"],
            )
        },
        Case {
            configuration: "mode = \"jit-cdi\"\n",
            wanted: FIRST,
            annotations: &[("cdi.k8s.io/plugin_0", "nvidia.com/gpu=2")],
            ..case(UBUNTU, "mode-jit-cdi", &["NVIDIA_VISIBLE_DEVICES=0"])
        },
        Case {
            configuration: "mode = \"legacy\"\n",
            wanted: FIRST,
            ..case(UBUNTU, "mode-legacy", &["NVIDIA_VISIBLE_DEVICES=0"])
        },
        Case {
            configuration: "mode = \"csv\"\n",
            wanted: Wanted::Refused("driver-files-missing"),
            ..case(
                UBUNTU,
                "mode-csv-on-another-machine",
                &["NVIDIA_VISIBLE_DEVICES=all"],
            )
        },
        Case {
            configuration: "mode = \"csv\"\n",
            nodes: &["/dev/nvidia0"],
            says: &["/dev/nvidia0"],
            ..case(ORIN, "mode-csv", &["NVIDIA_VISIBLE_DEVICES=all"])
        },
        Case {
            nodes: &["/dev/nvidia0"],
            ..case(ORIN, "mode-auto", &["NVIDIA_VISIBLE_DEVICES=0"])
        },
        // The reference gives everything to who asks for nothing.
        Case {
            configuration: "mode = \"csv\"\n",
            no_nodes: &["/dev/nvidia"],
            ..case(ORIN, "none-is-none", &["NVIDIA_VISIBLE_DEVICES=none"])
        },
        Case {
            wanted: Wanted::Refused("device-unknown"),
            ..case(ORIN, "unknown", &["NVIDIA_VISIBLE_DEVICES=1"])
        },
    ]
}

/// Nothing is injected from a line that no longer holds; and the line is named.
fn specifications_that_do_not_hold() -> Vec<Case> {
    vec![
        Case {
            prelude: concat!(
                "$LIFTGATE cdi generate --output /etc/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99\n",
                "rm /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15"
            ),
            wanted: Wanted::Refused("cdi-specification-stale"),
            says: &["libcuda.so.550.54.15", "/etc/cdi/nvidia.yaml`, line "],
            ..case(
                UBUNTU,
                "a-library-is-gone",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: concat!(
                "$LIFTGATE cdi generate --output /etc/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99\n",
                "sed -i 's|- path: /dev/nvidia-uvm$|&\\n          major: 238|' /etc/cdi/nvidia.yaml"
            ),
            wanted: Wanted::Refused("cdi-specification-stale"),
            says: &["/dev/nvidia-uvm", "508", "238", "line "],
            ..case(
                UBUNTU,
                "another-major",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: concat!(
                "$LIFTGATE cdi generate --output /etc/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99\n",
                "cp /etc/cdi/nvidia.yaml /etc/cdi/nvidia.json"
            ),
            wanted: Wanted::Refused("cdi-device-unknown"),
            says: &[
                "no CDI specification has `nvidia.com/gpu=0`",
                "/etc/cdi/nvidia.json",
                "/etc/cdi/nvidia.yaml",
            ],
            ..case(
                UBUNTU,
                "two-files-of-one-kind",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: concat!(
                "$LIFTGATE cdi generate --output /etc/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99\n",
                "echo 'cdiVersion: [' > /etc/cdi/broken.yaml; mkfifo /etc/cdi/pipe.yaml; ln -s loop.json /etc/cdi/loop.json"
            ),
            wanted: FIRST,
            says: &[
                "/etc/cdi/broken.yaml",
                "/etc/cdi/pipe.yaml",
                "/etc/cdi/loop.json",
            ],
            ..case(
                UBUNTU,
                "broken-files-beside-it",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
        Case {
            prelude: concat!(
                "mkdir -p /etc/cdi; $LIFTGATE cdi generate --output /var/run/cdi/nvidia.yaml >/dev/null 2>&1 || exit 99\n",
                "sed s/550.54.15/1.2.3/g /var/run/cdi/nvidia.yaml > /etc/cdi/old.yaml"
            ),
            wanted: FIRST,
            ..case(
                UBUNTU,
                "the-later-directory-wins",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0"],
            )
        },
    ]
}

fn mig() -> Vec<Case> {
    vec![
        Case {
            wanted: SECOND_MIG,
            ..case(MIG, "mig-by-index", &["NVIDIA_VISIBLE_DEVICES=0:1"])
        },
        Case {
            wanted: SECOND_MIG,
            ..case(
                MIG,
                "mig-by-uuid",
                &["NVIDIA_VISIBLE_DEVICES=MIG-a28ad590-3fda-56dd-84fc-0a0b96ed0002"],
            )
        },
        Case {
            wanted: SECOND_MIG,
            ..case(
                MIG,
                "mig-by-the-beginning-of-a-uuid",
                &["NVIDIA_VISIBLE_DEVICES=mig-a28"],
            )
        },
        Case {
            wanted: SECOND_MIG,
            ..case(
                MIG,
                "mig-made-up-on-the-spot",
                &["NVIDIA_VISIBLE_DEVICES=runtime.nvidia.com/gpu=0:1"],
            )
        },
        Case {
            prelude: SPECIFIED,
            wanted: SECOND_MIG,
            ..case(
                MIG,
                "mig-of-a-specification",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0:1"],
            )
        },
        Case {
            wanted: Wanted::Listing(|machine| migs(machine, &[(0, 0), (0, 3)])),
            ..case(MIG, "two-migs", &["NVIDIA_VISIBLE_DEVICES=0:3,0:0"])
        },
        Case {
            wanted: Wanted::Listing(|machine| {
                format!("{}\nstatus=0\n", machine.smi_list_host().trim_end())
            }),
            ..case(MIG, "all", &["NVIDIA_VISIBLE_DEVICES=all"])
        },
        Case {
            wanted: Wanted::Listing(|machine| gpus(machine, &[1])),
            no_nodes: &["nvidia-cap"],
            ..case(MIG, "the-whole-one", &["NVIDIA_VISIBLE_DEVICES=1"])
        },
        Case {
            wanted: Wanted::Refused("device-unknown"),
            says: &["MIG-7e91c5a3"],
            ..case(MIG, "no-such-mig", &["NVIDIA_VISIBLE_DEVICES=0:9"])
        },
        Case {
            wanted: Wanted::Refused("mig-control-not-allowed"),
            ..case(
                MIG,
                "mig-config-for-anybody",
                &[
                    "NVIDIA_VISIBLE_DEVICES=all",
                    "NVIDIA_MIG_CONFIG_DEVICES=all",
                ],
            )
        },
        Case {
            capabilities: &["CAP_SYS_ADMIN"],
            nodes: &[
                "/dev/nvidia-caps/nvidia-cap1",
                "/dev/nvidia-caps/nvidia-cap2",
            ],
            ..case(
                MIG,
                "mig-config-for-the-privileged",
                &[
                    "NVIDIA_VISIBLE_DEVICES=all",
                    "NVIDIA_MIG_CONFIG_DEVICES=all",
                    "NVIDIA_MIG_MONITOR_DEVICES=all",
                ],
            )
        },
    ]
}

fn beside_gpus() -> Vec<Case> {
    const IMEX: &str = "/dev/nvidia-caps-imex-channels/channel";
    vec![
        Case {
            wanted: FIRST,
            nodes: &["/dev/nvidia-fs0"],
            no_nodes: &["infiniband", "gdrdrv", "nvswitch", IMEX],
            ..case(
                DGX,
                "gds",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_GDS=enabled"],
            )
        },
        Case {
            wanted: FIRST,
            nodes: &["/dev/infiniband/rdma_cm", "/dev/infiniband/uverbs0"],
            ..case(
                DGX,
                "mofed",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_MOFED=enabled"],
            )
        },
        Case {
            wanted: FIRST,
            nodes: &[
                "/dev/gdrdrv",
                "/dev/nvidia-nvswitchctl",
                "/dev/nvidia-nvswitch0",
            ],
            ..case(
                DGX,
                "gdrcopy-and-nvswitch",
                &[
                    "NVIDIA_VISIBLE_DEVICES=0",
                    "NVIDIA_GDRCOPY=enabled",
                    "NVIDIA_NVSWITCH=enabled",
                ],
            )
        },
        // In mode legacy the reference gives the gated devices, and then no GPU.
        Case {
            configuration: "mode = \"legacy\"\n",
            wanted: FIRST,
            nodes: &["/dev/gdrdrv"],
            ..case(
                DGX,
                "gdrcopy-in-mode-legacy",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_GDRCOPY=enabled"],
            )
        },
        Case {
            wanted: FIRST,
            says: &["nothing-of-that-kind"],
            ..case(
                UBUNTU,
                "gds-where-there-is-none",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_GDS=enabled"],
            )
        },
        Case {
            wanted: FIRST,
            nodes: &[
                "/dev/nvidia-caps-imex-channels/channel0",
                "/dev/nvidia-caps-imex-channels/channel2047",
            ],
            no_nodes: &["/channel1\n"],
            ..case(
                DGX,
                "imex",
                &[
                    "NVIDIA_VISIBLE_DEVICES=0",
                    "NVIDIA_IMEX_CHANNELS=0,channel2047",
                ],
            )
        },
        Case {
            wanted: FIRST,
            no_nodes: &[IMEX],
            ..case(
                DGX,
                "imex-none",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_IMEX_CHANNELS=none"],
            )
        },
        Case {
            wanted: FIRST,
            no_nodes: &[IMEX],
            ..case(
                DGX,
                "imex-all",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_IMEX_CHANNELS=all"],
            )
        },
        Case {
            wanted: Wanted::Refused("imex-channel-malformed"),
            ..case(
                DGX,
                "imex-channelall",
                &[
                    "NVIDIA_VISIBLE_DEVICES=0",
                    "NVIDIA_IMEX_CHANNELS=channelall",
                ],
            )
        },
        Case {
            wanted: Wanted::Refused("imex-channel-unknown"),
            ..case(
                DGX,
                "imex-unknown",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_IMEX_CHANNELS=77"],
            )
        },
        Case {
            mounts: &["0", "imex/1"],
            top: BY_MOUNT,
            wanted: FIRST,
            nodes: &["/dev/nvidia-caps-imex-channels/channel1"],
            no_nodes: &["/channel0\n"],
            ..case(DGX, "imex-by-mount", &["NVIDIA_IMEX_CHANNELS=0"])
        },
        Case {
            mounts: &["0", "imex/all"],
            top: BY_MOUNT,
            wanted: FIRST,
            no_nodes: &[IMEX],
            ..case(DGX, "imex-all-by-mount", &[])
        },
        Case {
            configuration: "[features]\nignore-imex-channel-requests = true\n",
            wanted: FIRST,
            no_nodes: &[IMEX],
            ..case(
                DGX,
                "imex-ignored",
                &["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_IMEX_CHANNELS=0"],
            )
        },
    ]
}

/// The layouts that no other suite runs on, by both roads.
fn machines() -> Vec<Case> {
    let mut cases = Vec::new();
    for machine in [
        "fedora-570",
        "debian-550",
        "driver-container",
        "cos",
        "nixos",
        "wsl2",
    ] {
        cases.push(Case {
            wanted: ALL,
            ..case(machine, "plan", &["NVIDIA_VISIBLE_DEVICES=all"])
        });
        cases.push(Case {
            prelude: SPECIFIED,
            wanted: ALL,
            ..case(
                machine,
                "specification",
                &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=all"],
            )
        });
    }
    cases.push(Case {
        prelude: SPECIFIED,
        nodes: &["/dev/nvidia0"],
        ..case(
            ORIN,
            "specification",
            &["NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=all"],
        )
    });
    cases
}
