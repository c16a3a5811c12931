//! Machines on which a GPU is something else than a node of its own and files of the host: parts of GPUs (MIG), a
//! driver that lives in a container, and Windows' subsystem for Linux.

use crate::Case;
use crate::container::{Wanted, expect, run};
use crate::denied::denied;
use crate::stage::{NONE, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite::expected_listing;

pub(crate) const MIG: &str = "a100-mig";
pub(crate) const DRIVER_CONTAINER: &str = "driver-container";
pub(crate) const WSL: &str = "wsl2";

pub(crate) fn cases(machine: &str) -> Vec<Case> {
    match machine {
        MIG => vec![
            Case::new("index", |stage| mig(stage, "0:1")),
            Case::new("uuid", |stage| {
                let uuid = stage.machine.gpus()[0].mig[1].uuid.clone();
                mig(stage, &uuid)
            }),
        ],
        DRIVER_CONTAINER => vec![Case::new("all", driver_container)],
        WSL => vec![Case::new("all", wsl)],
        _ => Vec::new(),
    }
}

/// The second MIG device of the first GPU: its own capability nodes, the GPU's, and no other's.
fn mig(stage: &Stage, id: &str) -> Result<(), Failed> {
    let gpu = &stage.machine.gpus()[0];
    let (given, other) = (&gpu.mig[1], &gpu.mig[2]);
    let mut nodes = vec![
        "/dev/nvidiactl".to_owned(),
        "/dev/nvidia-uvm".to_owned(),
        "/dev/nvidia-uvm-tools".to_owned(),
        format!("/dev/nvidia{}", gpu.minor),
    ];
    for number in [given.gpu_instance_node, given.compute_instance_node] {
        nodes.push(format!("/dev/nvidia-caps/nvidia-cap{number}"));
    }
    nodes.sort();
    // Capability nodes are for reading.
    let script = "nvidia-smi -L
        for node in $(find /dev -name 'nvidia*' -type c | LC_ALL=C sort); do
            echo $node; { : <$node; } 2>&1 | grep -o -e 'not permitted' -e 'No such device'
        done";
    let gpus = format!("device={id}");
    let options = ["--gpus", &*gpus];
    let wanted = nodes
        .into_iter()
        .fold(stage.machine.smi_list_mig(&[(0, 1)]), |text, node| {
            text + &node + "\nNo such device\n"
        });
    stage.together(|docker| {
        let ran = run(docker, &options, script)?;
        if ran.stdout != wanted {
            return ran.complain(&format!("wanted\n{wanted}"));
        }
        let capabilities = stage.machine.nodes().iter();
        let major = capabilities
            .filter(|node| node.path.starts_with("/dev/nvidia-caps/"))
            .map(|node| node.major)
            .next()
            .unwrap_or_default();
        let others = [other.gpu_instance_node, other.compute_instance_node];
        denied(docker, &options, &others.map(|minor| (major, minor)))
    })
}

fn driver_container(stage: &Stage) -> Result<(), Failed> {
    let configuration = format!(
        "[nvidia-container-cli]\nroot = \"{}\"\n",
        stage.machine.driver_root()
    );
    let all = Wanted::gpus(0..stage.machine.gpus().len());
    stage.alone(&configuration, &NONE, |docker| {
        expect(docker, &stage.machine, &["--gpus", "all"], &all)
    })
}

/// One node for whatever Windows lends.
fn wsl(stage: &Stage) -> Result<(), Failed> {
    let all: Vec<usize> = (0..stage.machine.gpus().len()).collect();
    let wanted = format!(
        "{}/dev/dxg\nNo such device\n1\n",
        expected_listing(&stage.machine, &all)
    );
    let script = "nvidia-smi -L; echo status=$?
        echo /dev/d*; { : <>/dev/dxg; } 2>&1 | grep -o -e 'not permitted' -e 'No such device'
        ldconfig -p | grep -c 'libcuda.so.1 (libc6,.*64'";
    let (major, minor) = stage
        .machine
        .nodes()
        .iter()
        .find(|node| node.path == "/dev/dxg")
        .map_or((0, 0), |node| (node.major, node.minor));
    stage.together(|docker| {
        let ran = run(docker, &["--gpus", "all"], script)?;
        if ran.stdout != wanted {
            return ran.complain(&format!("wanted\n{wanted}"));
        }
        denied(docker, &[], &[(major, minor)])
    })
}
