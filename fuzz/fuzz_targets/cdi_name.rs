//! Feeds text as a qualified device name, as each of its parts, and as a version: a name goes both ways, and no part of one is a path.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_cdi::{QualifiedName, Version, is_qualified, name};

fuzz_target!(|text: &str| {
    match text.parse::<QualifiedName>() {
        Ok(parsed) => {
            assert!(is_qualified(text));
            assert_eq!(parsed.to_string(), text);
            assert!(text.starts_with(&parsed.kind()));
            name::check_vendor(&parsed.vendor).expect("it was checked");
            name::check_class(&parsed.class).expect("it was checked");
            name::check_device(&parsed.name).expect("it was checked");
            // One character ends the engines that it is shown to.
            assert!(parsed.vendor.len() > 1 && parsed.class.len() > 1);
            for part in [&parsed.vendor, &parsed.class, &parsed.name] {
                assert!(part.is_ascii() && !part.contains(['/', '=', ',', ' ']));
                assert!(!part.starts_with('.') && !part.ends_with('.'));
            }
        }
        Err(error) => {
            assert!(!is_qualified(text));
            let shown = error.to_string();
            assert!(
                shown.len() < 1024 && !shown.contains(char::is_control),
                "{shown:?}"
            );
        }
    }
    for check in [name::check_vendor, name::check_class, name::check_device] {
        if let Err(error) = check(text) {
            assert!(error.to_string().len() < 1024);
        }
    }
    match text.parse::<Version>() {
        Ok(version) => assert_eq!(text.strip_prefix('v').unwrap_or(text), version.text()),
        Err(error) => assert!(error.to_string().len() < 1024),
    }
});
