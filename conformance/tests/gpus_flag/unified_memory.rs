//! `nvidia-uvm`, without which no CUDA program starts: after a boot nobody has loaded it, or nobody has made its
//! nodes, until the first program that runs on the host itself.

use crate::Case;
use crate::broken::NO_LOADING;
use crate::container::{Wanted, expect, run};
use crate::stage::{Change, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::fs;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("no-uvm-node", no_uvm_node),
        Case::new("no-uvm-node-on-the-host", no_uvm_node_on_the_host),
        Case::new("no-uvm-module", no_uvm_module),
        Case::new("uvm-module-is-loaded", uvm_module_is_loaded),
    ]
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
