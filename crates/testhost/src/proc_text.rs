//! What the kernel driver of a simulated machine says below `/proc/driver`.

use crate::device::Gpu;
use crate::machine::Machine;
use crate::mig;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Parameters of the kernel module as they usually are.
const PARAMS: &str = include_str!("../machines/params.txt");

/// Files below `/proc`: path without the leading slash, and text. A path that ends in `/` is an empty
/// directory.
pub(crate) fn files(machine: &Machine) -> Vec<(String, String)> {
    let manifest = &machine.manifest;
    let mut files = vec![
        ("devices".to_owned(), manifest.proc.devices.clone()),
        ("driver/".to_owned(), String::new()),
    ];
    if let Some(misc) = &manifest.proc.misc {
        files.push(("misc".to_owned(), misc.clone()));
    }
    if let Some(version) = &manifest.proc.version {
        files.extend(of_driver(machine, version));
    }
    files
}

/// What there is as long as the module is loaded.
fn of_driver(machine: &Machine, version: &str) -> Vec<(String, String)> {
    let mut files = vec![
        nvidia("version", version.to_owned()),
        nvidia("params", params(machine)),
        nvidia("registry", "Binary: \"\"\n".to_owned()),
        nvidia("patches/README", "No patches are applied.\n".to_owned()),
        nvidia("warnings/README", "No warnings are on record.\n".to_owned()),
    ];
    if machine.has_gpu_nodes() {
        files.extend(of_gpus(machine));
    }
    for (path, text) in &machine.manifest.proc.files {
        files.push(nvidia(path, text.clone()));
    }
    files
}

/// What there is of GPUs that the module drives itself.
fn of_gpus(machine: &Machine) -> Vec<(String, String)> {
    let mut files = vec![
        nvidia("capabilities/mig/config", capability(1, 0o400)),
        nvidia("capabilities/mig/monitor", capability(2, 0o444)),
        ("driver/nvidia-caps/mig-minors".to_owned(), mig_minors()),
    ];
    for gpu in machine.gpus() {
        let directory = format!("gpus/{}", gpu.bus);
        files.push(nvidia(
            &format!("{directory}/information"),
            information(gpu, machine.driver_version()),
        ));
        files.push(nvidia(&format!("{directory}/power"), power()));
        files.push(nvidia(
            &format!("{directory}/registry"),
            "Binary: \"\"\n".to_owned(),
        ));
        files.push(nvidia(
            &format!("capabilities/gpu{}/mig/", gpu.minor),
            String::new(),
        ));
        for (path, text) in mig_access(gpu) {
            files.push(nvidia(&path, text));
        }
    }
    files
}

fn nvidia(path: &str, text: String) -> (String, String) {
    (format!("driver/nvidia/{path}"), text)
}

fn capability(minor: u32, mode: u32) -> String {
    format!("DeviceFileMinor: {minor}\nDeviceFileMode: {mode}\nDeviceFileModify: 1\n")
}

fn params(machine: &Machine) -> String {
    let changed = &machine.manifest.proc.params;
    let mut text = String::new();
    for line in PARAMS.lines() {
        let changed = line
            .split_once(": ")
            .and_then(|(key, _)| changed.get_key_value(key));
        // Writing to a string does not fail.
        match changed {
            Some((key, value)) => writeln!(text, "{key}: {value}"),
            None => writeln!(text, "{line}"),
        }
        .ok();
    }
    text
}

fn information(gpu: &Gpu, driver: &str) -> String {
    format!(
        "Model: \t\t {}\n\
         IRQ:   \t\t {}\n\
         GPU UUID: \t {}\n\
         Video BIOS: \t {}\n\
         Bus Type: \t PCIe\n\
         DMA Size: \t 52 bits\n\
         DMA Mask: \t 0xfffffffffffff\n\
         Bus Location: \t {}\n\
         Device Minor: \t {}\n\
         GPU Firmware: \t {driver}\n\
         GPU Excluded:\t No\n",
        gpu.model,
        41 + gpu.index,
        gpu.uuid,
        gpu.vbios,
        gpu.bus,
        gpu.minor
    )
}

fn power() -> String {
    "Runtime D3 status:          Disabled by default\n\
     Video Memory:               Active\n\
     \n\
     GPU Hardware Support:\n \
     Video Memory Self Refresh: Not Supported\n \
     Video Memory Off:          Not Supported\n"
        .to_owned()
}

/// The access files of a GPU's MIG devices, each once: compute instances share that of their GPU instance.
fn mig_access(gpu: &Gpu) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for device in &gpu.mig {
        let instance = format!(
            "capabilities/gpu{}/mig/gi{}",
            gpu.minor, device.gpu_instance
        );
        for (path, minor) in [
            (format!("{instance}/access"), device.gpu_instance_node),
            (
                format!("{instance}/ci{}/access", device.compute_instance),
                device.compute_instance_node,
            ),
        ] {
            files.insert(path, capability(minor, 0o444));
        }
    }
    files
}

/// The table of access files and the minor numbers of their nodes. After `config` and `monitor` it counts
/// through every GPU instance and every compute instance that could be.
fn mig_minors() -> String {
    let mut text = "config 1\nmonitor 2\n".to_owned();
    for gpu in 0..mig::GPUS {
        for instance in 0..mig::GPU_INSTANCES {
            let minor = mig::gpu_instance_minor(gpu, instance);
            // Writing to a string does not fail.
            writeln!(text, "gpu{gpu}/gi{instance}/access {minor}").ok();
            for compute in 0..mig::COMPUTE_INSTANCES {
                let minor = mig::compute_instance_minor(gpu, instance, compute);
                writeln!(text, "gpu{gpu}/gi{instance}/ci{compute}/access {minor}").ok();
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(machine: &str, path: &str) -> String {
        let files = files(&Machine::by_name(machine).unwrap());
        files.into_iter().find(|(name, _)| name == path).unwrap().1
    }

    #[test]
    fn information_is_what_the_h200_machine_says() {
        let said = text("h200-580", "driver/nvidia/gpus/0000:00:06.0/information");
        assert_eq!(
            said,
            "Model: \t\t NVIDIA H200\nIRQ:   \t\t 41\nGPU UUID: \t GPU-1f957ab3-f9a5-78ee-803f-7d62935d8fef\n\
             Video BIOS: \t 96.00.a5.00.1a\nBus Type: \t PCIe\nDMA Size: \t 52 bits\n\
             DMA Mask: \t 0xfffffffffffff\nBus Location: \t 0000:00:06.0\nDevice Minor: \t 0\n\
             GPU Firmware: \t 580.159.04\nGPU Excluded:\t No\n"
        );
    }

    #[test]
    fn a_manifest_changes_single_parameters() {
        let said = text("h200-580", "driver/nvidia/params");
        assert!(said.contains("\nNvLinkDisable: 1\n"));
        assert!(said.contains("\nModifyDeviceFiles: 1\n"));
        assert_eq!(said.lines().count(), PARAMS.lines().count());
    }

    #[test]
    fn the_access_files_of_mig_devices_name_their_nodes() {
        let path = "driver/nvidia/capabilities/gpu1/mig/gi1/ci1/access";
        assert_eq!(
            text("a100-mig", path),
            "DeviceFileMinor: 149\nDeviceFileMode: 292\nDeviceFileModify: 1\n"
        );
        let table = text("a100-mig", "driver/nvidia-caps/mig-minors");
        assert!(table.contains("gpu1/gi1/ci1/access 149\n"));
        let files = files(&Machine::by_name("a100-mig").unwrap());
        let count = |word: &str| files.iter().filter(|(path, _)| path.contains(word)).count();
        assert_eq!(
            count("/mig/gi1/"),
            3,
            "one GPU instance, two compute instances"
        );
        assert_eq!(count("/capabilities/gpu0/mig/gi"), 0, "no MIG device");
    }

    #[test]
    fn the_capability_minors_end_where_the_next_kind_begins() {
        // A real machine gives its fabric capability the minor 4323, the first after this table.
        let table = mig_minors();
        assert!(table.contains("gpu0/gi0/access 3\ngpu0/gi0/ci0/access 4\n"));
        assert!(table.ends_with("gpu31/gi14/ci7/access 4322\n"));
    }

    #[test]
    fn every_nodes_major_is_one_that_the_kernel_lists() {
        for machine in Machine::all().unwrap() {
            let devices = text(machine.name(), "devices");
            for node in machine.nodes() {
                assert!(
                    devices
                        .lines()
                        .any(|line| line.trim_start().starts_with(&format!("{} ", node.major))),
                    "{}: {}",
                    machine.name(),
                    node.path
                );
            }
        }
    }

    #[test]
    fn without_a_module_there_is_an_empty_directory() {
        let wsl = files(&Machine::by_name("wsl2").unwrap());
        let below: Vec<&str> = wsl
            .iter()
            .map(|(path, _)| &**path)
            .filter(|path| path.starts_with("driver"))
            .collect();
        assert_eq!(below, ["driver/"]);
    }
}
