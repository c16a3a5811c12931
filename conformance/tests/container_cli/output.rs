//! What `info` and `list` print: for scripts that read it.

use crate::stage::{self, Prepared};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail};
use std::fmt::Write as _;

/// Machines, with the versions of driver and CUDA.
const MACHINES: [(&str, &str, &str); 4] = [
    ("ubuntu-550", "550.54.15", "12.4"),
    ("h200-580", "580.159.04", "13.0"),
    ("fedora-570", "570.144", "12.8"),
    ("a100-mig", "550.127.08", "12.4"),
];

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Prepared) {
    for (machine, driver, cuda) in MACHINES {
        let name = format!("output::info::{machine}");
        stage::add(trials, ground, &name, None, move |ground, name| {
            info(ground, name, machine, [driver, cuda])
        });
    }
    let lists: [(&str, &str, &str, &[&str]); 10] = [
        (
            "nodes",
            "ubuntu-550",
            "list -d 0,2",
            &[
                "/dev/nvidiactl",
                "/dev/nvidia-uvm",
                "/dev/nvidia-uvm-tools",
                "/dev/nvidia-modeset",
                "/dev/nvidia0",
                "/dev/nvidia3",
            ],
        ),
        (
            "mig",
            "a100-mig",
            "list --device=0:0",
            &[
                "/dev/nvidiactl",
                "/dev/nvidia-uvm",
                "/dev/nvidia-uvm-tools",
                "/dev/nvidia-modeset",
                "/dev/nvidia1",
                "/proc/driver/nvidia/capabilities/gpu1/mig/gi1/access",
                "/proc/driver/nvidia/capabilities/gpu1/mig/gi1/ci0/access",
                "/dev/nvidia-caps/nvidia-cap147",
                "/dev/nvidia-caps/nvidia-cap148",
            ],
        ),
        (
            "sockets",
            "ubuntu-550",
            "list -i",
            &["/run/nvidia-persistenced/socket"],
        ),
        ("no-sockets", "ubuntu-550", "list -i --no-persistenced", &[]),
        (
            "firmware",
            "ubuntu-550",
            "list --firmwares",
            &[
                "/lib/firmware/nvidia/550.54.15/gsp_ga10x.bin",
                "/lib/firmware/nvidia/550.54.15/gsp_tu10x.bin",
            ],
        ),
        (
            "no-firmware",
            "ubuntu-550",
            "list -f --no-gsp-firmware",
            &[],
        ),
        (
            "tools",
            "h200-580",
            "list -b",
            &[
                "/usr/local/nvidia/bin/nvidia-smi",
                "/usr/local/nvidia/bin/nvidia-debugdump",
                "/usr/local/nvidia/bin/nvidia-persistenced",
                "/usr/local/nvidia/bin/nvidia-cuda-mps-control",
                "/usr/local/nvidia/bin/nvidia-cuda-mps-server",
            ],
        ),
        (
            "only-an-exclusion",
            "ubuntu-550",
            "list --no-persistenced",
            &[],
        ),
        (
            "channel-alone",
            "dgx-h100-8",
            "list --imex-channel 0",
            &["/dev/nvidia-caps-imex-channels/channel0"],
        ),
        (
            "mig-control-without-devices",
            "a100-mig",
            "list --mig-config all",
            &[],
        ),
    ];
    for (label, machine, call, lines) in lists {
        let name = format!("output::list::{label}");
        stage::add(trials, ground, &name, None, move |ground, name| {
            let mut text = lines.join("\n");
            if !lines.is_empty() {
                text.push('\n');
            }
            says(ground, name, machine, call, Some(&text))
        });
    }
    stage::add(
        trials,
        ground,
        "output::nodes-of-the-host",
        None,
        nodes_of_the_host,
    );
    stage::add(
        trials,
        ground,
        "output::list::channel-beside-everything",
        None,
        |ground, name| {
            // In one word the reference takes it for an addition.
            let beside = call(
                ground,
                &format!("{name}-1"),
                "dgx-h100-8",
                "list --imex-channel=0",
            )?;
            let all = call(ground, &format!("{name}-2"), "dgx-h100-8", "list")?;
            let without: Vec<&str> = beside
                .lines()
                .filter(|line| !line.contains("/channel0"))
                .collect();
            if without == all.lines().collect::<Vec<_>>() && beside != all {
                Ok(())
            } else {
                Err(fail(format!("{beside}\nand all of it:\n{all}")))
            }
        },
    );
    for (label, machine, root) in [
        ("everything", "ubuntu-550", ""),
        (
            "driver-container",
            "driver-container",
            "--root=/run/nvidia/driver",
        ),
    ] {
        let name = format!("output::list::{label}");
        stage::add(trials, ground, &name, None, move |ground, name| {
            everything(ground, name, machine, root)
        });
    }
}

fn call(ground: &Ground, name: &str, machine: &str, call: &str) -> Result<String, Failed> {
    let outcome = stage::run(
        ground,
        name,
        machine,
        &format!("nvidia-container-cli {call}"),
        &[],
    )?;
    if outcome.status == Some(0) && outcome.stderr.is_empty() {
        Ok(outcome.stdout)
    } else {
        Err(fail(outcome.describe()))
    }
}

fn says(
    ground: &Ground,
    name: &str,
    machine: &str,
    arguments: &str,
    wanted: Option<&str>,
) -> Result<(), Failed> {
    let text = call(ground, name, machine, arguments)?;
    match wanted {
        Some(wanted) if text != wanted => Err(fail(format!("wanted:\n{wanted}got:\n{text}"))),
        _ => Ok(()),
    }
}

/// As the reference's, byte for byte.
fn info(ground: &Ground, name: &str, machine: &str, facts: [&str; 2]) -> Result<(), Failed> {
    let [driver, cuda] = facts;
    let manifest = suite::machine(machine);
    let mut text = format!("NVRM version:   {driver}\nCUDA version:   {cuda}\n");
    let mut csv = format!(
        "NVRM version,CUDA version\n{driver},{cuda}\n\nDevice Index,Device Minor,Model,Brand,GPU UUID,Bus Location,Architecture\n"
    );
    for gpu in manifest.gpus() {
        let (index, minor, model) = (gpu.index, gpu.minor, &gpu.model);
        let architecture = format!("{}.{}", gpu.compute.0, gpu.compute.1);
        let (uuid, bus) = (&gpu.uuid, format!("0000{}", gpu.bus.to_lowercase()));
        write!(
            text,
            "\nDevice Index:   {index}\nDevice Minor:   {minor}\nModel:          {model}\nBrand:          Nvidia\nGPU UUID:       {uuid}\nBus Location:   {bus}\nArchitecture:   {architecture}\n"
        )?;
        writeln!(
            csv,
            "{index},{minor},{model},Nvidia,{uuid},{bus},{architecture}"
        )?;
    }
    says(
        ground,
        &format!("{name}-text"),
        machine,
        "info",
        Some(&text),
    )?;
    says(
        ground,
        &format!("{name}-csv"),
        machine,
        "info --csv",
        Some(&csv),
    )
}

/// Paths are those inside the driver root, and there.
fn everything(ground: &Ground, name: &str, machine: &str, root: &str) -> Result<(), Failed> {
    let script = format!(
        "nvidia-container-cli {root} list > $S/list || exit 1\nroot={}\nwhile read -r path; do case $path in /dev/*|/proc/*) root_of= ;; *) root_of=$root ;; esac; test -e \"$root_of$path\" || echo \"$path is not there\"; done < $S/list\ncat $S/list",
        root.strip_prefix("--root=").unwrap_or_default()
    );
    let outcome = stage::run(ground, name, machine, &script, &[])?;
    let parts = [
        "/dev/nvidia0\n",
        "libcuda.so.",
        "libnvidia-ml.so.",
        "bin/nvidia-smi\n",
        "gsp_",
    ];
    let lacks = parts.iter().find(|part| !outcome.stdout.contains(**part));
    let is_right = outcome.status == Some(0) && !outcome.stdout.contains("not there");
    match lacks {
        None if is_right => Ok(()),
        _ => Err(fail(format!("lacks {lacks:?}\n{}", outcome.describe()))),
    }
}

/// With leave to do so, `info` makes the nodes that the host lacks: what LXC's users have run at boot. Without, it
/// does not.
fn nodes_of_the_host(ground: &Ground, name: &str) -> Result<(), Failed> {
    let script = "\
umount /dev/nvidia-uvm /dev/nvidia3 2>/dev/null
rm -f /dev/nvidia-uvm /dev/nvidia3
nvidia-container-cli info > /dev/null
ls /dev/nvidia-uvm /dev/nvidia3 2>&1 | grep -c 'No such'
nvidia-container-cli --load-kmods --debug=$S/log info > /dev/null
stat -c '%n %t:%T %a' /dev/nvidia3 /dev/nvidia-uvm
grep -c 'made `/dev/nvidia' $S/log
rm -f /dev/nvidia-uvm /dev/nvidia3
";
    let outcome = stage::run(ground, name, "ubuntu-550", script, &[])?;
    if outcome.stdout == "2\n/dev/nvidia3 c3:3 666\n/dev/nvidia-uvm 1fc:0 666\n2\n" {
        Ok(())
    } else {
        Err(fail(outcome.describe()))
    }
}
