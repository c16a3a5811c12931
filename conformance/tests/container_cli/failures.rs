//! What people meet: the reference's words, which they search for, and ours, which say what to do.

use crate::stage::{self, PREPARE, Prepared};
use libtest_mimic::Trial;
use liftgate_conformance::suite::fail;

struct Case {
    name: &'static str,
    machine: &'static str,
    /// Shell text that spoils the machine.
    spoil: &'static str,
    /// What follows `nvidia-container-cli`.
    call: &'static str,
    /// What standard error has in it.
    says: &'static [&'static str],
}

const CONFIGURE: &str = "configure --no-cgroups --device=0 --compute --utility $R";

const CASES: &[Case] = &[
    Case {
        name: "no-driver",
        machine: "ubuntu-550",
        spoil: "umount /proc/driver",
        call: CONFIGURE,
        says: &[
            "nvidia-container-cli: initialization error: nvml error: driver not loaded\n",
            "[driver-not-loaded]",
            "hint: ",
        ],
    },
    Case {
        name: "no-driver-info",
        machine: "ubuntu-550",
        spoil: "umount /proc/driver",
        call: "info",
        says: &[
            "nvidia-container-cli: initialization error: nvml error: driver not loaded\n",
            "[driver-not-loaded]",
        ],
    },
    Case {
        name: "mismatch",
        machine: "ubuntu-570+ubuntu-550",
        spoil: "",
        call: CONFIGURE,
        says: &[
            "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch\n",
            "[driver-version-mismatch]",
            "reboot",
        ],
    },
    Case {
        name: "no-libraries",
        machine: "h200-580",
        spoil: "rm -rf /usr/local/nvidia/lib64 /usr/lib/libcuda* /usr/lib/libnvidia*",
        call: CONFIGURE,
        says: &[
            "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory\n",
            "[driver-files-missing]",
        ],
    },
    Case {
        name: "unknown-device",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0,nope $R",
        says: &[
            "nvidia-container-cli: device error: nope: unknown device\n",
            "[device-unknown]",
            "GPU 0: NVIDIA A10",
        ],
    },
    Case {
        name: "requirement",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 '--require=cuda>=99' $R",
        says: &[
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=99, please update your driver to a newer version, or use an earlier cuda container\n",
            "[requirement-not-met]",
            "driver 550.54.15, CUDA 12.4",
        ],
    },
    Case {
        name: "requirement-of-a-brand",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 --require=brand=tesla,arch\\>=9.0 $R",
        says: &[
            "nvidia-container-cli: requirement error: unsatisfied condition: brand=tesla,arch>=9.0\n",
            "brand Nvidia",
            "compute capability 8.6",
        ],
    },
    Case {
        name: "requirement-to-the-letter",
        machine: "ubuntu-550",
        spoil: "printf '[liftgate]\\nstrict-requirements = true\\n' > $S/config.toml",
        call: "configure --no-cgroups --device=0 '--require=cuda>=12.8' $R",
        says: &["unsatisfied condition: cuda>=12.8, please update"],
    },
    Case {
        name: "requirement-malformed",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 --require=cuda==12 $R",
        says: &[
            "nvidia-container-cli: requirement error: invalid expression\n",
            "[requirement-malformed]",
            "cuda==12",
        ],
    },
    Case {
        name: "no-such-root",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 $S/nothing",
        says: &[
            "nvidia-container-cli: container error: open failed: ",
            "/nothing",
            "[not-carried-out]",
        ],
    },
    Case {
        name: "no-such-process",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 --pid=3999999 $R",
        says: &[
            "nvidia-container-cli: container error: open failed: ",
            "/proc/3999999/",
            "[not-carried-out]",
        ],
    },
    Case {
        name: "directory-in-the-way",
        machine: "ubuntu-550",
        spoil: "mkdir -p $R/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
        call: CONFIGURE,
        says: &[
            "nvidia-container-cli: mount error: ",
            "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
            "the image has a directory where a file is to be mounted",
            "[not-carried-out]",
        ],
    },
    Case {
        name: "hosts-root",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 //.",
        says: &["nvidia-container-cli: input error: invalid rootfs directory\n"],
    },
    Case {
        name: "hosts-root-by-another-name",
        machine: "ubuntu-550",
        spoil: "",
        call: "configure --no-cgroups --device=0 /..",
        says: &["the container's root is the host's", "[not-carried-out]"],
    },
    Case {
        name: "channel",
        machine: "dgx-h100-8",
        spoil: "",
        call: "configure --no-cgroups --device=0 --imex-channel=99999 $R",
        says: &["[imex-channel-unknown]", "99999"],
    },
    Case {
        name: "channel-malformed",
        machine: "dgx-h100-8",
        spoil: "",
        call: "configure --no-cgroups --imex-channel=x $R",
        says: &[
            "nvidia-container-cli: error parsing IMEX info: unsupported IMEX channel value: x\n",
            "[imex-channel-malformed]",
        ],
    },
    Case {
        name: "mig-control-of-some",
        machine: "a100-mig",
        spoil: "",
        call: "configure --no-cgroups --device=0:0 --mig-config=all $R",
        says: &[
            "nvidia-container-cli: mig-config error: all: cannot enable mig-config with specific MIG devices selected\n",
        ],
    },
    Case {
        name: "nvml-does-not-answer",
        machine: "ubuntu-550",
        spoil: "rm /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.54.15; cp /usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15 /usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.54.15",
        call: "info",
        says: &["[gpu-not-readable] NVML does not answer"],
    },
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Prepared) {
    for case in CASES {
        let name = format!("failures::{}", case.name);
        stage::add(trials, ground, &name, None, move |ground, name| {
            let inside = format!(
                "{PREPARE}\nset +e\n{}\nnvidia-container-cli {}",
                case.spoil, case.call
            );
            let script =
                format!("cat > $S/inside <<'EOF'\n{inside}\nEOF\nexec unshare -m sh $S/inside");
            let outcome = stage::run(ground, name, case.machine, &script, &[])?;
            let lacks = case
                .says
                .iter()
                .find(|part| !outcome.stderr.contains(**part));
            match lacks {
                None if outcome.status == Some(1) && outcome.stdout.is_empty() => Ok(()),
                _ => Err(fail(format!("lacks {lacks:?}\n{}", outcome.describe()))),
            }
        });
    }
    stage::add(trials, ground, "failures::nobody", None, |ground, name| {
        let script = "chmod 755 $S; setpriv --reuid 65534 --regid 65534 --clear-groups nvidia-container-cli configure --no-cgroups --device=0 $R";
        let outcome = stage::run(ground, name, "ubuntu-550", script, &[])?;
        let says = [
            "nvidia-container-cli: permission error: ",
            "[not-carried-out]",
            "the effective user is 65534",
        ];
        match says.iter().find(|part| !outcome.stderr.contains(**part)) {
            None if outcome.status == Some(1) => Ok(()),
            lacks => Err(fail(format!("lacks {lacks:?}\n{}", outcome.describe()))),
        }
    });
    // The other seven work, and who looks is told which one does not.
    stage::add(
        trials,
        ground,
        "failures::dead-gpu-among-eight",
        None,
        |ground, name| {
            let script = format!(
                "cat > $S/inside <<'EOF'\n{PREPARE}\nset +e\nmount --bind /dev/null /proc/driver/nvidia/gpus/0000:43:00.0/information || ls /proc/driver/nvidia/gpus\nnvidia-container-cli --debug=$S/log configure --no-cgroups --device=all --compute --utility $R && chroot $R nvidia-smi -L | wc -l\nnvidia-container-cli info | grep -c Index\ngrep -c '^W.*gpu-not-readable.*0000:43:00.0' $S/log\nEOF\nexec unshare -m sh $S/inside"
            );
            let outcome = stage::run(ground, name, "dgx-h100-8", &script, &[])?;
            let warned = outcome
                .stderr
                .contains("the kernel lists GPU 0000:43:00.0 and does not describe it");
            if outcome.stdout == "7\n7\n1\n" && warned {
                Ok(())
            } else {
                Err(fail(outcome.describe()))
            }
        },
    );
}
