//! Feeds text as `/proc/driver/nvidia/version`, as `/proc/devices`, and its lines as PCI bus addresses: no panic, addresses go both ways.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_driver::{BusId, CharacterMajors, KernelModule};

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
