//! What is found on machines that are in order.

use crate::machine::{Copy, skip};
use liftgate_driver::{Capability, DeviceNode, Host, Installation, NodeOrigin};
use liftgate_testhost::Class;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What these tests say of modules, directories and roots holds of these layouts, not of all that there are.
const MACHINES: [&str; 3] = ["ubuntu-550", "h200-580", "dgx-h100-8"];

fn every_machine() -> Vec<(Copy, Host)> {
    MACHINES
        .map(|name| {
            let copy = Copy::of(name);
            let host = copy.host();
            (copy, host)
        })
        .into()
}

fn installation(host: &Host) -> &Installation {
    host.installation.as_ref().expect("an installation")
}

/// Of the libraries in a manifest, those that are not the running driver's.
fn is_foreign(library: &liftgate_testhost::Library) -> bool {
    library.file == "libcuda.so.535.104.05" || library.directory == "/usr/local/nvidia/glibc"
}

#[test]
fn the_version_is_that_of_module_and_libraries() {
    for (copy, host) in every_machine() {
        let name = copy.machine.name();
        assert_eq!(
            host.driver_version(),
            Some(copy.machine.driver_version()),
            "{name}"
        );
        let module = host.kernel_module.as_ref().expect("a module");
        assert_eq!(module.open, name != "ubuntu-550", "{name}");
        assert_eq!(installation(&host).root, copy.root(), "{name}");
    }
}

#[test]
fn gpus_are_in_the_order_of_their_bus_addresses() {
    for (copy, host) in every_machine() {
        let found: Vec<_> = host
            .gpus
            .iter()
            .map(|gpu| {
                (
                    gpu.index as usize,
                    gpu.minor,
                    gpu.uuid.clone().expect("a UUID"),
                    gpu.bus.to_string(),
                    gpu.model.clone(),
                    gpu.mig.len(),
                )
            })
            .collect();
        let expected: Vec<_> = copy
            .machine
            .gpus()
            .iter()
            .map(|gpu| {
                (
                    gpu.index,
                    gpu.minor,
                    gpu.uuid.clone(),
                    gpu.bus.clone(),
                    gpu.model.clone(),
                    gpu.mig.len(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{}", copy.machine.name());
    }
}

/// The manifest's libraries, all of them and no other, each with what its ELF header and the links beside
/// it say.
#[test]
fn the_libraries_are_those_of_the_manifest() {
    for (copy, host) in every_machine() {
        let mut expected: BTreeMap<PathBuf, &liftgate_testhost::Library> = copy
            .machine
            .libraries()
            .iter()
            .filter(|library| !is_foreign(library))
            .map(|library| (Path::new(&library.directory).join(&library.file), library))
            .collect();
        for found in &installation(&host).libraries {
            let path = &found.container_path;
            let library = expected
                .remove(path)
                .unwrap_or_else(|| panic!("`{}` is not the driver's, or twice", path.display()));
            assert_eq!(found.soname, library.soname, "{}", path.display());
            assert_eq!(
                found.is_32_bit,
                library.class == Class::Elf32,
                "{}",
                path.display()
            );
            assert_eq!(found.host_path, copy.at(&path.to_string_lossy()));
            assert_eq!(
                found.is_module,
                library.directory.ends_with("xorg"),
                "{}",
                path.display()
            );
            assert!(!found.capabilities.is_empty(), "{}", path.display());
            for (name, target) in library.links.iter().filter(|link| link.0 != library.soname) {
                assert!(
                    found
                        .links
                        .iter()
                        .any(|link| link.name == *name && link.target == *target),
                    "{name} of {}: {:?}",
                    path.display(),
                    found.links
                );
            }
        }
        assert!(
            expected.is_empty(),
            "{}: not found: {:?}",
            copy.machine.name(),
            expected.keys()
        );
    }
}

/// One line for each file, to be read by people: what would a user find missing, or too much?
fn listing(copy: &Copy) -> String {
    let host = copy.host();
    let found = installation(&host);
    let mut listed: Vec<String> = Vec::new();
    for library in &found.libraries {
        let links: Vec<String> = library
            .links
            .iter()
            .map(|link| format!("{}→{}", link.name, link.target))
            .collect();
        let kind = match (library.is_module, library.is_32_bit) {
            (true, _) => " module",
            (_, true) => " 32",
            _ => "",
        };
        listed.push(format!(
            "{}{kind} [{}] {} {}",
            library.container_path.display(),
            library.soname,
            library.capabilities,
            links.join(" ")
        ));
    }
    for tool in &found.tools {
        listed.push(format!(
            "tool {} ← {} {}",
            tool.container_path.display(),
            tool.host_path.display(),
            tool.capabilities
        ));
    }
    for file in &found.firmware {
        listed.push(format!(
            "firmware {} ← {}",
            file.container_path.display(),
            file.host_path.display()
        ));
    }
    for file in &found.configurations {
        listed.push(format!(
            "configuration {} ← {} {}",
            file.container_path.display(),
            file.host_path.display(),
            file.capabilities
        ));
    }
    for socket in &found.sockets {
        listed.push(format!(
            "socket {} ← {}",
            socket.container_path.display(),
            socket.host_path.display()
        ));
    }
    for directory in &found.library_directories {
        listed.push(format!("loader {}", directory.display()));
    }
    for version in &found.other_versions {
        listed.push(format!("other version {version}"));
    }
    for file in &found.unrecognised {
        listed.push(format!("odd {} {}", file.path.display(), file.reason));
    }
    let trimmed: Vec<&str> = listed.iter().map(|line| line.trim_end()).collect();
    copy.normalised(&trimmed.join("\n"))
}

#[test]
fn every_file_of_the_ubuntu_machine() {
    insta::assert_snapshot!(listing(&Copy::of("ubuntu-550")));
}

#[test]
fn every_file_of_the_h200_machine() {
    insta::assert_snapshot!(listing(&Copy::of("h200-580")));
}

#[test]
fn every_file_of_the_dgx_machine() {
    insta::assert_snapshot!(listing(&Copy::of("dgx-h100-8")));
}

#[test]
fn a_library_no_rule_knows_is_taken_and_reported() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let found = installation(&host);
    let library = found.library("libnvidia-newthing.so.1");
    let library = library.or_else(|| found.library("libnvidia-newthing.so.550.54.15"));
    let library = library.expect("the new thing");
    assert!(library.capabilities.contains(Capability::Compute));
    assert!(!library.capabilities.contains(Capability::Utility));
    let odd: Vec<_> = found
        .unrecognised
        .iter()
        .filter(|file| file.path == library.host_path)
        .collect();
    assert_eq!(odd.len(), 1);
    assert!(odd[0].reason.contains("no rule knows it"));
}

#[test]
fn the_tool_is_found_and_not_the_script_of_its_name() {
    let copy = Copy::of("h200-580");
    let host = copy.host();
    let found = installation(&host);
    let tool = found
        .tools
        .iter()
        .find(|tool| tool.name == "nvidia-smi")
        .expect("nvidia-smi");
    assert_eq!(
        tool.container_path,
        Path::new("/usr/local/nvidia/bin/nvidia-smi")
    );
    assert_eq!(tool.host_path, copy.at("/usr/local/nvidia/bin/nvidia-smi"));
    assert!(copy.at("/usr/bin/nvidia-smi").is_file(), "the trap is set");
    assert!(
        found
            .tools
            .iter()
            .all(|tool| tool.container_path.starts_with("/usr/local/nvidia/bin")),
        "{:?}",
        found.tools
    );
    assert_eq!(found.unrecognised, [], "a wrapper is no riddle");
}

#[test]
fn a_script_alone_is_no_tool() {
    let copy = Copy::of("ubuntu-550");
    copy.write("/usr/bin/nvidia-smi", "#!/bin/sh\n");
    let host = copy.host();
    let found = installation(&host);
    assert!(found.tools.iter().all(|tool| tool.name != "nvidia-smi"));
    assert!(
        found
            .unrecognised
            .iter()
            .any(|file| file.path == copy.at("/usr/bin/nvidia-smi")
                && file.reason.contains("script")),
        "{:?}",
        found.unrecognised
    );
}

/// Debian keeps the driver in a directory of its own, and the usual names lead there through
/// `/etc/alternatives`, by absolute links that hold inside the driver root only.
#[test]
fn absolute_links_are_followed_inside_the_driver_root() {
    use std::os::unix::fs::symlink;
    let copy = Copy::of("ubuntu-550");
    let directory = copy.at("/usr/lib/x86_64-linux-gnu");
    std::fs::create_dir_all(directory.join("nvidia/current")).unwrap();
    for entry in std::fs::read_dir(&directory).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            let target = directory.join("nvidia/current").join(entry.file_name());
            std::fs::rename(entry.path(), target).unwrap();
        }
    }
    std::fs::create_dir_all(copy.at("/etc/alternatives")).unwrap();
    for (link, target) in [
        (
            "/etc/alternatives/nvidia--libcuda.so.1",
            "/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1",
        ),
        (
            "/usr/lib/x86_64-linux-gnu/libcuda.so.1",
            "/etc/alternatives/nvidia--libcuda.so.1",
        ),
        (
            "/etc/alternatives/nvidia--nvidia-smi",
            "/usr/lib/nvidia/current/nvidia-smi",
        ),
    ] {
        symlink(target, copy.at(link)).unwrap();
    }
    std::fs::create_dir_all(copy.at("/usr/lib/nvidia/current")).unwrap();
    std::fs::rename(
        copy.at("/usr/bin/nvidia-smi"),
        copy.at("/usr/lib/nvidia/current/nvidia-smi"),
    )
    .unwrap();
    symlink(
        "/etc/alternatives/nvidia--nvidia-smi",
        copy.at("/usr/bin/nvidia-smi"),
    )
    .unwrap();
    let host = copy.host();
    let found = installation(&host);
    let cuda = found.library("libcuda.so.1").expect("libcuda");
    assert_eq!(
        cuda.container_path,
        Path::new("/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.550.54.15")
    );
    let tool = found
        .tools
        .iter()
        .find(|tool| tool.name == "nvidia-smi")
        .expect("nvidia-smi");
    assert_eq!(tool.container_path, Path::new("/usr/bin/nvidia-smi"));
    assert_eq!(
        tool.host_path,
        copy.at("/usr/lib/nvidia/current/nvidia-smi")
    );
}

#[test]
fn a_driver_container_is_found_where_the_host_has_no_driver() {
    for name in ["ubuntu-550", "h200-580"] {
        let copy = Copy::of(name);
        let mut places = copy.places();
        let host_root = tempfile::tempdir().unwrap();
        places.host_root = host_root.path().to_owned();
        // A desktop has these without any driver; they must not pass for one.
        let foreign = host_root.path().join("usr/lib/x86_64-linux-gnu");
        std::fs::create_dir_all(&foreign).unwrap();
        let wayland = liftgate_testhost::shared_object(
            Class::Elf64,
            "libnvidia-egl-wayland.so.1",
            &["libc.so.6".to_owned()],
        );
        std::fs::write(foreign.join("libnvidia-egl-wayland.so.1.1.13"), wayland).unwrap();
        let driver_root = host_root.path().join("run/nvidia/driver");
        std::fs::create_dir_all(driver_root.parent().unwrap()).unwrap();
        std::fs::rename(copy.root(), &driver_root).unwrap();

        let host = Host::discover(&places).unwrap();
        let found = installation(&host);
        assert_eq!(found.root, driver_root, "{name}");
        assert_eq!(host.driver_version(), Some(copy.machine.driver_version()));
        let cuda = found.library("libcuda.so.1").expect("libcuda");
        assert!(cuda.host_path.starts_with(&driver_root));
        assert!(
            !cuda.container_path.starts_with("/run"),
            "a container sees it where the driver container does"
        );
        assert!(!found.firmware.is_empty(), "{name}: firmware");

        // The same root, configured.
        places.configured_root = Some(driver_root.clone());
        let configured = Host::discover(&places).unwrap();
        assert_eq!(configured.installation, host.installation, "{name}");
    }
}

fn every_node(host: &Host) -> Vec<&DeviceNode> {
    let devices = &host.devices;
    devices
        .control
        .iter()
        .chain(&devices.unified_memory)
        .chain(&devices.modeset)
        .chain(
            devices
                .gpus
                .iter()
                .flat_map(|gpu| gpu.node.iter().chain(&gpu.drm)),
        )
        .collect()
}

/// What the nodes of other modules than those that every container with a GPU gets have in their names.
const OTHER_MODULES: [&str; 6] = [
    "caps",
    "nvswitch",
    "nvlink",
    "nvidia-fs",
    "gdrdrv",
    "infiniband",
];

#[test]
fn nodes_have_the_numbers_and_modes_of_the_manifest() {
    for (copy, host) in every_machine() {
        if !copy.has_nodes {
            return skip("device nodes, which take root");
        }
        let name = copy.machine.name();
        for node in every_node(&host) {
            let expected = copy
                .machine
                .nodes()
                .iter()
                .find(|expected| Path::new(&expected.path) == node.path)
                .unwrap_or_else(|| panic!("{name}: {} is made up", node.path.display()));
            assert_eq!(
                (node.major, node.minor, node.mode, node.gid, node.origin),
                (
                    expected.major,
                    expected.minor,
                    expected.mode,
                    0,
                    NodeOrigin::Host
                ),
                "{name}: {}",
                node.path.display()
            );
        }
        // Every node of the GPUs themselves, and of the three modules that CUDA and graphics use.
        let wanted = |path: &str| !OTHER_MODULES.iter().any(|other| path.contains(other));
        let mut expected: Vec<&Path> = copy
            .machine
            .nodes()
            .iter()
            .map(|node| Path::new(&node.path))
            .filter(|path| wanted(&path.to_string_lossy()))
            .collect();
        let mut found: Vec<&Path> = every_node(&host)
            .iter()
            .map(|node| node.path.as_path())
            .collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn each_gpu_has_its_own_nodes() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let paths: Vec<String> = host
        .devices
        .gpus
        .iter()
        .map(|gpu| {
            gpu.node
                .iter()
                .chain(&gpu.drm)
                .map(|node| node.path.display().to_string())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    assert_eq!(
        paths,
        [
            "/dev/nvidia0 /dev/dri/card1 /dev/dri/renderD128",
            "/dev/nvidia1 /dev/dri/card2 /dev/dri/renderD129",
            "/dev/nvidia3 /dev/dri/card3 /dev/dri/renderD130",
            "/dev/nvidia2 /dev/dri/card4 /dev/dri/renderD131",
        ]
    );
}

#[test]
fn a_missing_node_has_the_numbers_of_proc_devices() {
    let copy = Copy::of("h200-580");
    for name in ["nvidia0", "nvidia-uvm", "nvidiactl", "nvidia-uvm-tools"] {
        std::fs::remove_file(copy.dev(name)).ok();
    }
    let host = copy.host();
    let nodes: Vec<_> = every_node(&host)
        .iter()
        .map(|node| {
            format!(
                "{} {}:{} {:o} {:?}",
                node.path.display(),
                node.major,
                node.minor,
                node.mode,
                node.origin
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            "/dev/nvidiactl 195:255 666 Majors",
            "/dev/nvidia-uvm 238:0 666 Majors",
            "/dev/nvidia-uvm-tools 238:1 666 Majors",
            "/dev/nvidia0 195:0 666 Majors",
        ]
    );
}

#[test]
fn a_node_of_an_earlier_module_load_is_stale() {
    let copy = Copy::of("h200-580");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let uvm = copy.dev("nvidia-uvm");
    std::fs::remove_file(&uvm).unwrap();
    liftgate_sys::node::make_character_device(&uvm, 511, 0, 0o660).unwrap();
    std::os::unix::fs::chown(&uvm, None, Some(44)).unwrap();
    let host = copy.host();
    let node = &host.devices.unified_memory[0];
    assert_eq!(
        (node.major, node.minor, node.mode, node.gid, node.origin),
        (238, 0, 0o660, 44, NodeOrigin::StaleNode)
    );
    assert_eq!(host.devices.unified_memory[1].origin, NodeOrigin::Host);
}

/// A file in a node's place says nothing about a device.
#[test]
fn a_file_in_dev_is_no_node() {
    let copy = Copy::of("h200-580");
    std::fs::remove_file(copy.dev("nvidia0")).ok();
    std::fs::write(copy.dev("nvidia0"), "").unwrap();
    std::fs::write(copy.dev("nvidia-modeset"), "").unwrap();
    let host = copy.host();
    let node = host.devices.gpus[0].node.as_ref().expect("a node");
    assert_eq!(node.origin, NodeOrigin::Majors);
    assert_eq!(node.mode, 0o666);
    assert_eq!(host.devices.modeset, None);
}

/// Windows keeps the stores of earlier drivers; the one in use need not be the first by name.
#[test]
fn the_driver_store_that_is_given_is_not_called_another() {
    let copy = Copy::of("wsl2");
    let in_use = "/usr/lib/wsl/drivers/nv_dispi.inf_amd64_7cc7738d8e428783";
    let earlier = "/usr/lib/wsl/drivers/nv_dispi.inf_amd64_0123456789abcdef";
    for name in ["libcuda.so.1.1", "libnvidia-ml.so.1"] {
        copy.write(&format!("{earlier}/{name}"), "of another driver");
    }
    let host = copy.host();
    let found = installation(&host);
    let cuda = found.library("libcuda.so.1").expect("libcuda.so.1");
    assert!(cuda.container_path.starts_with(in_use), "{cuda:?}");
    let others: Vec<_> = found.unrecognised.iter().map(|file| &file.path).collect();
    assert_eq!(others, [&copy.at(earlier)]);
}

/// A list of a Jetson says some paths with two slashes; a container has them with one.
#[test]
fn a_doubled_slash_in_a_list_is_one() {
    let copy = Copy::of("orin-csv");
    let host = copy.host();
    let listed: Vec<_> = installation(&host)
        .listed
        .iter()
        .map(|file| file.container_path.display().to_string())
        .filter(|path| path.contains("nvdec040"))
        .collect();
    assert_eq!(listed, ["/lib/firmware/tegra19x/nvhost_nvdec040_ns.fw"]);
}

/// udev's links by the place on the bus, if they lead to the GPU's own nodes.
#[test]
fn links_to_a_gpus_nodes_by_its_address() {
    use std::os::unix::fs::symlink;
    let copy = Copy::of("ubuntu-550");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let gpus = copy.machine.gpus().to_vec();
    let directory = copy.dev("dri/by-path");
    std::fs::create_dir_all(&directory).unwrap();
    let link = |at: usize, kind: &str, target: &str| {
        symlink(
            target,
            directory.join(format!("pci-{}-{kind}", gpus[at].bus)),
        )
        .unwrap();
    };
    link(0, "card", &format!("../{}", gpus[0].drm[0]));
    link(0, "render", &format!("/dev/dri/{}", gpus[0].drm[1]));
    link(1, "card", &format!("../{}", gpus[0].drm[0]));
    link(1, "render", &format!("../../../dri/{}", gpus[1].drm[1]));
    link(2, "card", "../card99");
    let host = copy.host();
    let links = |at: usize| -> Vec<_> {
        let links = host.devices.gpus[at].drm_links.iter();
        links
            .map(|link| (link.path.to_str().expect("a path"), &*link.target))
            .collect()
    };
    let position = |at: usize| {
        let bus = &gpus[at].bus;
        let found = host.gpus.iter().position(|gpu| gpu.bus.to_string() == *bus);
        found.expect("the GPU")
    };
    let path = |at: usize, kind: &str| format!("/dev/dri/by-path/pci-{}-{kind}", gpus[at].bus);
    assert_eq!(
        links(position(0)),
        [
            (&*path(0, "card"), &*format!("../{}", gpus[0].drm[0])),
            (
                &*path(0, "render"),
                &*format!("/dev/dri/{}", gpus[0].drm[1])
            ),
        ]
    );
    for at in 1..4 {
        assert_eq!(links(position(at)), [], "{at}");
    }
}
