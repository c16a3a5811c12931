//! Feeds text as each of the files that the kernel module has in `/proc`, and its lines as PCI bus addresses: no panic, addresses go both ways.
//!
//! The files: `version`, `devices`, a GPU's `information`, `mig-minors` and the file of a capability (MIG, IMEX);
//! and the release of a Jetson's software, which is such a text in `/etc`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_driver::fuzzing::{capability_minor, information, mig_minors, tegra_release};
use liftgate_driver::{BusId, CharacterMajors, KernelModule, gpu_minor};

fuzz_target!(|text: &str| {
    if let Some(module) = KernelModule::parse(text) {
        // It becomes a part of file names: `libcuda.so.VERSION`.
        assert!(
            module
                .version
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
        );
        assert!(!module.version.contains("..") && text.contains(&module.version));
    }

    let majors = CharacterMajors::parse(text);
    assert_eq!(majors.get("mem"), None);
    if let Some(major) = majors.gpu() {
        assert!(text.contains("nvidia"));
        let named = ["nvidia", "nvidia-frontend", "nvidiactl"];
        assert!(named.iter().any(|name| majors.get(name) == Some(major)));
    }

    let found = information(text);
    assert_eq!(gpu_minor(text), found.as_ref().map(|(minor, _, _)| *minor));
    if let Some((_, Some(uuid), _)) = &found {
        // It becomes a name of a device, and a part of error messages.
        let is_plain = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        assert!(uuid.len() == 40 && uuid.starts_with("GPU-"));
        assert!(uuid[4..].bytes().all(is_plain) && text.contains(uuid));
    }
    if capability_minor(text).is_some() {
        assert!(text.contains("DeviceFileMinor:"));
    }
    for (name, minor, listed) in mig_minors(text) {
        assert!(!name.contains([' ', '\n']));
        // The first line of a name says it; one without a number there says nothing.
        assert!(listed.is_none_or(|listed| {
            listed == minor || text.lines().any(|line| line.starts_with(&name))
        }));
    }
    if let Some(release) = tegra_release(text) {
        assert!(release.len() <= text.len());
        assert!(
            release
                .split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit()))
        );
    }

    for line in text.lines() {
        match line.parse::<BusId>() {
            Ok(bus) => {
                assert_eq!(bus.to_string().parse(), Ok(bus));
                assert_eq!(bus.long().parse(), Ok(bus));
                assert!(line.len() <= "00000000:00:00.0".len());
            }
            Err(error) => assert!(error.to_string().len() < 512),
        }
    }
});
