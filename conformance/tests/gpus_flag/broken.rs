//! Machines that are not as they should be, and containers that cannot be served: the words that people search
//! for, our code, and nothing left behind.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused, run};
use crate::stage::{Change, IMAGE, NONE, Scene, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{MACHINES, fail};
use std::fs;

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    if scene.machine == "dgx-h100-8" {
        return vec![
            Case::new("dead-gpu-is-silent", |stage| dead_gpu(stage, &SILENT)),
            Case::new("dead-gpu-says-nothing-useful", |stage| {
                dead_gpu(stage, &GARBLED)
            }),
        ];
    }
    if scene.machine != MACHINES[0] {
        return Vec::new();
    }
    vec![
        Case::new("no-driver", no_driver),
        Case::new("no-libraries", no_libraries),
        Case::new("no-uvm-node", no_uvm_node),
        Case::new("no-uvm-node-on-the-host", no_uvm_node_on_the_host),
        Case::new("no-uvm-module", no_uvm_module),
        Case::new("uvm-module-is-loaded", uvm_module_is_loaded),
        Case::new("refused-without-a-trace", without_a_trace),
    ]
}

/// After an upgrade, before the reboot.
pub(crate) fn between_drivers() -> Vec<Case> {
    vec![Case::new("refused", |stage| {
        let words = [
            "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch\n",
            "[driver-version-mismatch]",
            "550.54.15",
            "570.86.15",
        ];
        stage.together(|docker| expect_refused(docker, &["--gpus", "all"], &words))
    })]
}

const NO_LOADING: &str = "[nvidia-container-cli]\nload-kmods = false\n";

fn no_driver(stage: &Stage) -> Result<(), Failed> {
    let change = Change {
        make: "mount -t tmpfs tmpfs /proc/driver",
        undo: "umount /proc/driver",
    };
    let words = [
        "nvidia-container-cli: initialization error: nvml error: driver not loaded\n",
        "[driver-not-loaded]",
    ];
    stage.alone(NO_LOADING, &change, |docker| {
        expect_refused(docker, &["--gpus", "all"], &words)
    })?;
    // As soon as it is there again it is found.
    stage.together(|docker| expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0])))
}

fn no_libraries(stage: &Stage) -> Result<(), Failed> {
    let change = Change {
        make: "mkdir /run/away
            for directory in /usr/lib/x86_64-linux-gnu /usr/lib/i386-linux-gnu; do
                mkdir -p /run/away$directory
                mv $directory/libcuda* $directory/libnvidia* /run/away$directory/
            done",
        undo: "for directory in /usr/lib/x86_64-linux-gnu /usr/lib/i386-linux-gnu; do
                mv /run/away$directory/* $directory/
            done
            rm -r /run/away",
    };
    let words = [
        "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory\n",
        "[driver-files-missing]",
    ];
    stage.alone("", &change, |docker| {
        expect_refused(docker, &["--gpus", "all"], &words)
    })
}

/// Which of eight GPUs, by index.
const DEAD: usize = 3;

/// The kernel lists it and has no word on it.
const SILENT: Change<'static> = Change {
    make: "mount -t tmpfs tmpfs $GPU",
    undo: "umount $GPU",
};
const GARBLED: Change<'static> = Change {
    make: "echo 'Device Minor: many' >/run/garbled; mount --bind /run/garbled $GPU/information",
    undo: "umount $GPU/information; rm /run/garbled",
};

/// Whoever wants all has those that work, and the log names the other; whoever wants that one is refused.
fn dead_gpu(stage: &Stage, change: &Change<'_>) -> Result<(), Failed> {
    let dead = &stage.machine.gpus()[DEAD];
    let place = format!("GPU=/proc/driver/nvidia/gpus/{}", dead.bus);
    let (make, undo) = (
        format!("{place}; {}", change.make),
        format!("{place}; {}", change.undo),
    );
    let change = Change {
        make: &make,
        undo: &undo,
    };
    let log = stage.directory.join("dead-gpu.log");
    let configuration = format!("[nvidia-container-cli]\ndebug = \"{}\"\n", log.display());
    stage.alone(&configuration, &change, |docker| {
        let count = stage.machine.gpus().len();
        let alive = (0..count).filter(|&index| index != DEAD);
        expect(
            docker,
            &stage.machine,
            &["--gpus", "all"],
            &Wanted::gpus(alive),
        )?;
        let words = fs::read_to_string(&log)?;
        fs::remove_file(&log)?;
        if !words.contains("[gpu-not-readable]") || !words.contains(&dead.bus) {
            return Err(fail(format!(
                "the log does not name {}:\n{words}",
                dead.bus
            )));
        }
        let dead = format!("device={}", dead.bus);
        expect_refused(docker, &["--gpus", &dead], &["[device-unknown]"])
    })
}

const UVM: [&str; 2] = ["/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"];

/// Shell text that takes the host's nodes for unified memory away, and that makes them anew.
fn without_uvm_nodes(stage: &Stage) -> (String, String) {
    let mut make_again = format!("rm -f {}", UVM.join(" "));
    let nodes = stage.machine.nodes().iter();
    for node in nodes.filter(|node| UVM.contains(&&*node.path)) {
        make_again = format!(
            "{make_again}; mknod -m {:o} {} c {} {}",
            node.mode, node.path, node.major, node.minor
        );
    }
    (format!("rm {}", UVM.join(" ")), make_again)
}

/// The module is loaded and nobody has made its nodes: the container gets them all the same.
fn no_uvm_node(stage: &Stage) -> Result<(), Failed> {
    let (make, undo) = without_uvm_nodes(stage);
    let change = Change {
        make: &make,
        undo: &undo,
    };
    stage.alone(NO_LOADING, &change, |docker| {
        expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0]))?;
        stage.on_machine(&format!("! ls {} 2>/dev/null", UVM.join(" ")))
    })
}

/// The same, where the administrator lets the host's be made.
fn no_uvm_node_on_the_host(stage: &Stage) -> Result<(), Failed> {
    let (make, undo) = without_uvm_nodes(stage);
    let look = format!("stat -c '%n %t:%T %a' {}", UVM.join(" "));
    let before = stage.together(|_| stage.told_by_machine(&look))?;
    let change = Change {
        make: &make,
        undo: &undo,
    };
    stage.alone(
        "[nvidia-container-cli]\nload-kmods = true\n",
        &change,
        |docker| {
            expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0]))?;
            let after = stage.told_by_machine(&look)?;
            if after == before {
                Ok(())
            } else {
                Err(fail(format!("wanted\n{before}found\n{after}")))
            }
        },
    )
}

/// Neither nodes nor a module.
fn without_uvm(stage: &Stage) -> (String, String) {
    let (make, undo) = without_uvm_nodes(stage);
    (
        format!(
            "{make}; grep -v nvidia-uvm /proc/devices >/run/devices; mount --bind /run/devices /proc/devices"
        ),
        // A module that was loaded in the meantime is there already.
        format!(
            "cmp -s /run/devices /proc/devices && umount /proc/devices; rm /run/devices; {undo}"
        ),
    )
}

/// CUDA will fail, and everything else works: the log says so.
fn no_uvm_module(stage: &Stage) -> Result<(), Failed> {
    let (make, undo) = without_uvm(stage);
    let change = Change {
        make: &make,
        undo: &undo,
    };
    let log = stage.directory.join("no-uvm.log");
    let configuration = format!("{NO_LOADING}debug = \"{}\"\n", log.display());
    stage.alone(&configuration, &change, |docker| {
        let look = "nvidia-smi -L; ls /dev | grep -c uvm";
        let ran = run(docker, &["--gpus", "1"], look)?;
        if ran.stdout != format!("{}0\n", stage.machine.smi_list(&[0])) {
            return ran.complain("wanted all but unified memory");
        }
        let words = fs::read_to_string(&log)?;
        if words.contains("[uvm-not-loaded]") && words.contains("modprobe nvidia-uvm") {
            Ok(())
        } else {
            Err(fail(format!("the log does not name the module:\n{words}")))
        }
    })
}

/// A `modprobe` that takes the place of the real one: what it loads is the simulated module.
fn uvm_module_is_loaded(stage: &Stage) -> Result<(), Failed> {
    const MODPROBE: &str = "/usr/local/sbin/modprobe";
    let (make, undo) = without_uvm(stage);
    let log = stage.directory.join("modprobe.log");
    let make = format!(
        "{make}
        printf '#!/bin/sh\\necho \"$@\" >>{log}\\numount /proc/devices\\n' >{MODPROBE}
        chmod 755 {MODPROBE}",
        log = log.display()
    );
    let undo = format!("rm {MODPROBE}; {undo}");
    let change = Change {
        make: &make,
        undo: &undo,
    };
    stage.alone("", &change, |docker| {
        expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0]))?;
        let words = fs::read_to_string(&log)?;
        if words == "nvidia-uvm\n" {
            Ok(())
        } else {
            Err(fail(format!("modprobe was called with {words}")))
        }
    })
}

/// A start that fails half-way, because the image has a directory where a library has to be, leaves the
/// container's layer as it was.
fn without_a_trace(stage: &Stage) -> Result<(), Failed> {
    let place = format!(
        "/usr/lib/x86_64-linux-gnu/libcuda.so.{}",
        stage.machine.driver_version()
    );
    let directory = stage.directory.join("in-the-way");
    fs::create_dir_all(&directory)?;
    let directory = directory.to_string_lossy().into_owned();
    stage.alone("", &NONE, |docker| {
        let told = |arguments: &[&str]| -> Result<String, Failed> {
            let output = docker.run(arguments)?;
            Ok(format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ))
        };
        let created = told(&[
            "create",
            "--network",
            "none",
            "--gpus",
            "all",
            IMAGE,
            "true",
        ])?;
        let id = created.trim();
        told(&["cp", &directory, &format!("{id}:{place}")])?;
        let layer = || -> Result<Vec<String>, Failed> {
            let diff = told(&["diff", id])?;
            let mut lines: Vec<String> = diff.lines().map(str::to_owned).collect();
            lines.sort();
            Ok(lines)
        };
        let before = layer()?;
        let said = told(&["start", "--attach", id])?;
        let after = layer()?;
        told(&["rm", "--force", id])?;
        let words = [
            "nvidia-container-cli: mount error: ",
            "[not-carried-out]",
            &place,
        ];
        if let Some(words) = words.into_iter().find(|words| !said.contains(words)) {
            return Err(fail(format!("nobody said {words}: {said}")));
        }
        // What runc makes before the hook runs is not ours.
        let ours = |line: &&String| line.contains("nvidia") || line.contains("cuda");
        let before: Vec<&String> = before.iter().filter(ours).collect();
        let after: Vec<&String> = after.iter().filter(ours).collect();
        if before == after && !before.is_empty() {
            Ok(())
        } else {
            Err(fail(format!("before: {before:#?}\nafter: {after:#?}")))
        }
    })
}
