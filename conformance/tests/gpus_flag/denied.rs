//! What was not given cannot be had: a node made by hand is denied by the device cgroup.

use crate::Case;
use crate::container::{expect_untouched, run};
use crate::stage::Stage;
use libtest_mimic::Failed;
use liftgate_conformance::Docker;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("without-the-flag", without_the_flag),
        Case::new("others-by-hand", others_by_hand),
    ]
}

/// On the same daemon, without `--gpus`: no node, no file, and no device of the driver's by hand.
fn without_the_flag(stage: &Stage) -> Result<(), Failed> {
    let devices: Vec<(u32, u32)> = stage
        .machine
        .nodes()
        .iter()
        .filter(|node| node.path.starts_with("/dev/nvidia"))
        .map(|node| (node.major, node.minor))
        .collect();
    stage.together(|docker| {
        expect_untouched(docker, &[])?;
        // An image may ask; without the flag, and with the usual runtime, nobody answers.
        expect_untouched(docker, &["--env", "NVIDIA_VISIBLE_DEVICES=all"])?;
        denied(docker, &[], &devices)
    })
}

/// In a container with the first GPU, every other device of the driver's is denied.
fn others_by_hand(stage: &Stage) -> Result<(), Failed> {
    let gpu = format!("/dev/nvidia{}", stage.machine.gpus()[0].minor);
    let given = [
        &gpu,
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
    ];
    let devices: Vec<(u32, u32)> = stage
        .machine
        .nodes()
        .iter()
        .filter(|node| node.path.starts_with("/dev/nvidia") && !given.contains(&&*node.path))
        .map(|node| (node.major, node.minor))
        .collect();
    stage.together(|docker| denied(docker, &["--gpus", "1"], &devices))
}

/// Fails unless a container can open none of these devices; `/dev/null` by hand shows that it can make nodes.
pub(crate) fn denied(
    docker: &Docker,
    options: &[&str],
    devices: &[(u32, u32)],
) -> Result<(), Failed> {
    if devices.is_empty() {
        return Err(Failed::from("the machine has no such device"));
    }
    let numbers: Vec<String> = devices
        .iter()
        .map(|(major, minor)| format!("{major}:{minor}"))
        .collect();
    let script = format!(
        r"for numbers in 1:3 {}; do
mknod /tmp/made c ${{numbers%:*}} ${{numbers#*:}} || continue
{{ : <>/tmp/made && echo opened; }} 2>&1 | grep -o -e opened -e 'not permitted' -e 'No such device'
find /tmp/made -delete
done",
        numbers.join(" ")
    );
    let ran = run(docker, options, &script)?;
    let wanted = format!("opened\n{}", "not permitted\n".repeat(devices.len()));
    if ran.stdout == wanted {
        Ok(())
    } else {
        ran.complain(&format!("not denied: some of {numbers:?}"))
    }
}
