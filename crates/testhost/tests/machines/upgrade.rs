//! A machine before, during and after an upgrade of its driver.

use crate::harness::{have_root, inside, output, state, text};
use liftgate_testhost::Machine;

const BEFORE: &str = "ubuntu-550";
const BETWEEN: &str = "ubuntu-570+ubuntu-550";
const AFTER: &str = "ubuntu-570";

#[test]
fn an_upgrade_changes_nothing_but_the_version() {
    let [before, between, after] =
        [BEFORE, BETWEEN, AFTER].map(|name| Machine::by_name(name).unwrap());
    let versions =
        |machine: &Machine| format!("{} {}", machine.driver_version(), machine.module_version());
    assert_eq!(versions(&before), "550.54.15 550.54.15");
    assert_eq!(versions(&between), "570.86.15 550.54.15");
    assert_eq!(versions(&after), "570.86.15 570.86.15");
    assert_eq!(before.gpus(), after.gpus());
    assert_eq!(before.nodes(), between.nodes());
    let files = |machine: &Machine| -> Vec<String> {
        let version = machine.driver_version();
        let path = |library: &liftgate_testhost::Library| {
            format!("{}/{}", library.directory, library.file).replace(version, "V")
        };
        machine.libraries().iter().map(path).collect()
    };
    assert_eq!(files(&before), files(&after));
    assert_eq!(between.name(), BETWEEN);
}

#[test]
fn until_the_machine_is_booted_the_old_module_answers_nobody() {
    if !have_root() {
        return;
    }
    let all = [0, 1, 2, 3];
    for name in [BEFORE, AFTER] {
        let machine = Machine::by_name(name).unwrap();
        let said = text(inside(state(), name, "nvidia-smi").arg("-L"));
        assert_eq!(said, machine.smi_list(&all));
    }
    let refused = output(inside(state(), BETWEEN, "nvidia-smi").arg("-L"));
    assert_eq!(refused.status.code(), Some(18));
    let reason = String::from_utf8_lossy(&refused.stderr);
    assert!(
        reason.contains("Driver/library version mismatch"),
        "{reason}"
    );
    assert!(refused.stdout.is_empty());

    let said = text(inside(state(), BETWEEN, "sh").args([
        "-c",
        "grep -o '550[0-9.]*' /proc/driver/nvidia/version; \
         grep -h Firmware /proc/driver/nvidia/gpus/*/information; \
         cd /usr/lib/x86_64-linux-gnu; readlink libcuda.so.1",
    ]));
    let firmware = "GPU Firmware: \t 550.54.15\n".repeat(all.len());
    assert_eq!(said, format!("550.54.15\n{firmware}libcuda.so.570.86.15\n"));
}
