//! What a simulated machine shows below `/sys`.

use crate::machine::Machine;

/// The directory of all PCI devices, which hides the host's whole.
pub(crate) const PCI: &str = "bus/pci/devices";

/// Files below `/sys`: the GPUs on the PCI bus with their display nodes, the firmware path, and what the
/// manifest says.
pub(crate) fn files(machine: &Machine) -> Vec<(String, String)> {
    let on_bus = if machine.has_gpu_nodes() {
        machine.gpus()
    } else {
        &[]
    };
    let mut files = Vec::new();
    for gpu in on_bus {
        let mut add = |name: &str, text: String| {
            files.push((format!("{PCI}/{}/{name}", gpu.bus), text));
        };
        add("vendor", "0x10de\n".to_owned());
        add("device", format!("0x{:04x}\n", gpu.pci_device));
        add("class", "0x030200\n".to_owned());
        for name in &gpu.drm {
            let node = machine
                .nodes()
                .iter()
                .find(|node| node.path.strip_prefix("/dev/dri/") == Some(name));
            if let Some(node) = node {
                add(
                    &format!("drm/{name}/dev"),
                    format!("{}:{}\n", node.major, node.minor),
                );
            }
        }
    }
    if let Some(path) = &machine.manifest.firmware_path {
        files.push((
            "module/firmware_class/parameters/path".to_owned(),
            format!("{path}\n"),
        ));
    }
    files.extend(machine.manifest.sys.clone());
    files
}
