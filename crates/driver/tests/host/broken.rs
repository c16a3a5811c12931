//! Machines that are out of order: what is found, what is refused, and that nothing panics.

use crate::machine::Copy;
use liftgate_driver::{Host, HostError, Installation};
use liftgate_testhost::{Class, shared_object};
use std::os::unix::fs::symlink;
use std::path::Path;

const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";

fn installation(host: &Host) -> &Installation {
    host.installation.as_ref().expect("an installation")
}

fn stub(soname: &str) -> Vec<u8> {
    shared_object(Class::Elf64, soname, &["libc.so.6".to_owned()])
}

/// The machine without any file of the driver.
fn without_files(name: &str) -> Copy {
    let copy = Copy::of(name);
    copy.remove_files();
    copy
}

#[test]
fn no_driver_at_all() {
    let copy = without_files("ubuntu-550");
    std::fs::remove_dir_all(copy.proc("driver")).unwrap();
    copy.write_proc("devices", "Character devices:\n  1 mem\n");
    let host = copy.host();
    assert_eq!(host.kernel_module, None);
    assert_eq!(host.gpus, []);
    assert_eq!(host.majors.gpu(), None);
    assert_eq!(host.devices.control, None);
    assert_eq!(host.devices.modeset, None);
    assert_eq!(host.devices.unified_memory, []);
    assert_eq!(host.driver_version(), None);
    assert_eq!(installation(&host).libraries, []);
}

#[test]
fn no_proc_at_all() {
    let copy = Copy::of("ubuntu-550");
    let mut places = copy.places();
    places.proc = copy.at("/nowhere");
    places.sys = copy.at("/nowhere");
    places.dev = copy.at("/nowhere");
    let host = Host::discover(&places).unwrap();
    assert_eq!(host.kernel_module, None);
    assert_eq!(host.driver_version(), None);
}

/// Files of a driver that is installed and not loaded are listed. Other libraries with versions that look
/// like a driver's are not: half of `/usr/lib` has such versions.
#[test]
fn a_driver_that_is_not_loaded() {
    let copy = Copy::of("ubuntu-550");
    std::fs::remove_dir_all(copy.proc("driver")).unwrap();
    for name in ["libavcodec.so.59.37.100", "libicudata.so.74.2"] {
        copy.write(&format!("{LIBRARIES}/{name}"), stub(name));
    }
    let host = copy.host();
    assert_eq!(host.driver_version(), None);
    let found = installation(&host);
    assert!(found.library("libcuda.so.1").is_some());
    for library in &found.libraries {
        let path = library.container_path.display().to_string();
        assert!(
            !path.contains("libav") && !path.contains("libicu"),
            "{path}"
        );
    }
    assert_eq!(found.other_versions, ["535.104.05", "550.54.15"]);
}

/// The driver was upgraded and the machine not rebooted.
#[test]
fn libraries_of_another_version_only() {
    let copy = Copy::of("ubuntu-550");
    copy.edit_proc("driver/nvidia/version", "550.54.15", "550.120");
    let host = copy.host();
    let found = installation(&host);
    assert_eq!(found.other_versions, ["535.104.05", "550.54.15"]);
    // Those with a version of their own are there, and make no driver.
    assert_eq!(found.libraries, []);
    assert_eq!(host.driver_version(), None);
}

/// Of two roots without a driver, the one with libraries of another version has something to tell.
#[test]
fn the_root_with_another_version_is_told_of() {
    let copy = Copy::of("ubuntu-550");
    copy.edit_proc("driver/nvidia/version", "550.54.15", "550.120");
    let container = "/run/nvidia/driver";
    copy.write(&format!("{container}/etc/hostname"), "");
    assert_eq!(installation(&copy.host()).root, copy.root());
    // The other way round.
    std::fs::rename(copy.at("/usr"), copy.at(&format!("{container}/usr"))).unwrap();
    assert_eq!(installation(&copy.host()).root, copy.at(container));
    assert_eq!(
        installation(&copy.host()).other_versions,
        ["535.104.05", "550.54.15"]
    );
}

/// What an upgrade forgot to remove is no driver either.
#[test]
fn one_library_of_the_running_version_and_no_libcuda() {
    let copy = Copy::of("ubuntu-550");
    for name in ["libcuda.so", "libnvidia-ml.so"] {
        let old = copy.at(&format!("{LIBRARIES}/{name}.550.54.15"));
        std::fs::rename(&old, copy.at(&format!("{LIBRARIES}/{name}.550.120"))).unwrap();
    }
    let host = copy.host();
    assert_eq!(host.driver_version(), None);
    assert_eq!(
        installation(&host).other_versions,
        ["535.104.05", "550.120"]
    );
}

#[test]
fn a_kernel_module_and_no_libraries() {
    for name in ["ubuntu-550", "h200-580"] {
        let copy = without_files(name);
        let host = copy.host();
        assert!(host.kernel_module.is_some());
        assert_eq!(host.gpus.len(), copy.machine.gpus().len());
        assert_eq!(installation(&host).libraries, []);
        assert_eq!(installation(&host).other_versions, [""; 0]);
        assert_eq!(host.driver_version(), None);
    }
}

#[test]
fn libraries_that_are_none() {
    let copy = without_files("ubuntu-550");
    copy.write(&format!("{LIBRARIES}/libcuda.so.550.54.15"), "a text\n");
    copy.write(&format!("{LIBRARIES}/libnvidia-ml.so.550.54.15"), "");
    let mut foreign = stub("libnvidia-cfg.so.1");
    foreign[18] = 183; // aarch64
    copy.write(&format!("{LIBRARIES}/libnvidia-cfg.so.550.54.15"), foreign);
    let truncated = &stub("libnvcuvid.so.1")[..80];
    copy.write(&format!("{LIBRARIES}/libnvcuvid.so.550.54.15"), truncated);
    let host = copy.host();
    let found = installation(&host);
    assert_eq!(found.libraries, []);
    let odd: Vec<&str> = found
        .unrecognised
        .iter()
        .filter(|file| file.reason == "is no shared library for this machine")
        .filter_map(|file| file.path.file_name()?.to_str())
        .collect();
    assert_eq!(
        odd,
        [
            "libcuda.so.550.54.15",
            "libnvcuvid.so.550.54.15",
            "libnvidia-cfg.so.550.54.15",
            "libnvidia-ml.so.550.54.15"
        ]
    );
}

#[test]
fn loops_dangling_links_directories_and_pipes_in_the_library_directory() {
    let copy = Copy::of("ubuntu-550");
    let before = copy.host();
    let at = |name: &str| copy.at(&format!("{LIBRARIES}/{name}"));
    symlink(
        "libnvidia-loop2.so.550.54.15",
        at("libnvidia-loop1.so.550.54.15"),
    )
    .unwrap();
    symlink(
        "libnvidia-loop1.so.550.54.15",
        at("libnvidia-loop2.so.550.54.15"),
    )
    .unwrap();
    symlink("libcuda_self.so", at("libcuda_self.so")).unwrap();
    symlink("nowhere", at("libnvidia-dangling.so.550.54.15")).unwrap();
    symlink("/../../../../etc/passwd", at("libnvidia-out.so.550.54.15")).unwrap();
    std::fs::create_dir(at("libnvidia-directory.so.550.54.15")).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(at("libnvidia-pipe.so.550.54.15"))
        .status();
    assert!(pipe.unwrap().success());
    std::fs::write(
        at("libnvidia-\u{fffd}.so.550.54.15"),
        stub("libnvidia-odd.so.1"),
    )
    .unwrap();
    let after = copy.host();
    let names = |host: &Host| -> Vec<String> {
        installation(host)
            .libraries
            .iter()
            .map(|library| library.container_path.display().to_string())
            .collect()
    };
    let mut expected = names(&before);
    expected.push(format!("{LIBRARIES}/libnvidia-\u{fffd}.so.550.54.15"));
    expected.sort();
    let mut found = names(&after);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_directory_in_place_of_libcuda_leaves_the_rest() {
    let copy = Copy::of("h200-580");
    let cuda = copy.at("/usr/local/nvidia/lib64/libcuda.so.580.159.04");
    std::fs::remove_file(&cuda).unwrap();
    std::fs::create_dir(&cuda).unwrap();
    let host = copy.host();
    assert_eq!(installation(&host).library("libcuda.so.1"), None);
    assert!(installation(&host).library("libnvidia-ml.so.1").is_some());
}

#[test]
fn library_directories_in_a_circle() {
    let copy = Copy::of("ubuntu-550");
    symlink(".", copy.at(&format!("{LIBRARIES}/vdpau/vdpau"))).unwrap();
    symlink("x86_64-linux-gnu", copy.at("/usr/lib/nvidia")).unwrap();
    symlink("lib", copy.at("/usr/lib64")).unwrap();
    let host = copy.host();
    let mut paths: Vec<_> = installation(&host)
        .libraries
        .iter()
        .map(|library| &library.host_path)
        .collect();
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all, "each file once");
}

#[test]
fn a_configured_root_that_cannot_be_read_is_an_error() {
    let copy = Copy::of("ubuntu-550");
    copy.write("/etc/file", "");
    for root in ["/nowhere", "/etc/file"] {
        let mut places = copy.places();
        places.configured_root = Some(copy.at(root));
        let error = Host::discover(&places).unwrap_err();
        assert!(
            matches!(&error, HostError::ConfiguredRoot { root: named, .. } if *named == copy.at(root)),
            "{error}"
        );
        let text = copy.normalised(&error.to_string());
        assert!(
            text.starts_with(&format!(
                "cannot read the configured driver root `/root{root}`: "
            )),
            "{text}"
        );
    }
}

/// The host has a driver; the configured root has none. What the administrator says goes.
#[test]
fn a_configured_root_is_the_only_one() {
    let copy = Copy::of("ubuntu-550");
    let mut places = copy.places();
    places.configured_root = Some(copy.at("/etc"));
    let host = Host::discover(&places).unwrap();
    assert_eq!(host.driver_version(), None);
    assert_eq!(installation(&host).root, copy.at("/etc"));
}

#[test]
fn a_gpu_that_was_never_initialised() {
    let copy = Copy::of("ubuntu-550");
    let uuid = copy.machine.gpus()[1].uuid.clone();
    copy.edit_proc(
        &copy.information(1),
        &uuid,
        "GPU-????????-????-????-????-????????????",
    );
    let host = copy.host();
    assert_eq!(host.gpus.len(), 4);
    assert_eq!(host.gpus[1].uuid, None);
    assert_eq!(host.gpus[1].minor, 1);
}

#[test]
fn an_excluded_gpu_is_not_counted() {
    let copy = Copy::of("ubuntu-550");
    copy.edit_proc(
        &copy.information(1),
        "GPU Excluded:\t No",
        "GPU Excluded:\t Yes",
    );
    let host = copy.host();
    let found: Vec<_> = host.gpus.iter().map(|gpu| (gpu.index, gpu.minor)).collect();
    assert_eq!(found, [(0, 0), (1, 3), (2, 2)]);
    assert_eq!(host.devices.gpus.len(), 3);
}

#[test]
fn information_that_cannot_be_understood() {
    let copy = Copy::of("ubuntu-550");
    copy.write_proc(&copy.information(0), "Device Minor: many\n");
    copy.write_proc(&copy.information(1), [0xff, 0xfe, 0x00]);
    std::fs::remove_file(copy.proc(&copy.information(2))).unwrap();
    copy.write_proc("driver/nvidia/gpus/a file", "");
    let host = copy.host();
    let minors: Vec<_> = host.gpus.iter().map(|gpu| gpu.minor).collect();
    assert_eq!(minors, [2]);
}

/// A directory that is no bus address: the file inside tells the address.
#[test]
fn the_bus_address_comes_from_the_file_where_the_name_tells_none() {
    let copy = Copy::of("h200-580");
    std::fs::rename(
        copy.proc("driver/nvidia/gpus/0000:00:06.0"),
        copy.proc("driver/nvidia/gpus/first"),
    )
    .unwrap();
    assert_eq!(copy.host().gpus[0].bus.to_string(), "0000:00:06.0");
}

#[test]
fn files_of_proc_that_are_too_large_are_an_error() {
    let copy = Copy::of("h200-580");
    copy.write_proc("driver/nvidia/version", vec![b'x'; 2 << 20]);
    let error = copy.discover().unwrap_err().to_string();
    assert!(error.contains("larger than"), "{error}");
}

/// Firmware stays below the driver root whatever the kernel parameter says.
#[test]
fn a_firmware_path_that_leads_nowhere_falls_back() {
    let copy = Copy::of("ubuntu-550");
    let parameter = copy
        .places()
        .sys
        .join("module/firmware_class/parameters/path");
    std::fs::create_dir_all(parameter.parent().unwrap()).unwrap();
    for text in ["relative\n", "\n", "/nowhere\n", "/usr/../../..\n", "/\n"] {
        std::fs::write(&parameter, text).unwrap();
        let host = copy.host();
        let found: Vec<&Path> = installation(&host)
            .firmware
            .iter()
            .map(|file| file.container_path.as_path())
            .collect();
        assert_eq!(
            found,
            [
                Path::new("/lib/firmware/nvidia/550.54.15/gsp_ga10x.bin"),
                Path::new("/lib/firmware/nvidia/550.54.15/gsp_tu10x.bin")
            ],
            "{text}"
        );
    }
}
