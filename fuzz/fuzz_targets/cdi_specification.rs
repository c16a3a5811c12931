//! Feeds bytes as a CDI file: what is read survives being written, as YAML and as JSON; what is refused is told in few and tame words.
//!
//! Also: in the version that a specification needs it has no fault of version, and another root makes no other specification of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_cdi::{RelativeTo, Specification};

/// No message is longer: a field's way, and an excerpt of what it says.
const LONGEST: usize = 1024;

fn check_shown(message: &str) {
    assert!(!message.is_empty() && message.len() < LONGEST, "{message}");
    assert!(!message.contains(char::is_control), "{message:?}");
}

fn check_round_trip(specification: &Specification) {
    let (yaml, json) = (specification.to_yaml(), specification.to_json());
    for text in [&yaml, &json] {
        assert_eq!(
            Specification::parse(text.as_bytes()).as_ref(),
            Ok(specification),
            "{text}"
        );
    }
    assert!(yaml.starts_with("---\n") && yaml.ends_with('\n'));
    assert!(!json.contains('\n'));
    serde_json::from_str::<serde_json::Value>(&json).expect("JSON is JSON to others, too");
}

fuzz_target!(|bytes: &[u8]| {
    let mut specification = match Specification::parse(bytes) {
        Ok(specification) => specification,
        Err(error) => {
            check_shown(&error.to_string());
            let lines = bytes
                .iter()
                .filter(|byte| matches!(byte, b'\n' | b'\r'))
                .count();
            assert!(error.line as usize <= lines + 1, "{error}");
            return;
        }
    };
    check_round_trip(&specification);
    for violation in specification.violations() {
        check_shown(&violation.to_string());
    }
    if let Err(error) = Specification::load(bytes) {
        check_shown(&error.to_string());
    }

    let needed = specification.minimum_version();
    needed.text().clone_into(&mut specification.version);
    for violation in specification.violations() {
        assert!(!violation.reason.starts_with("needs CDI"), "{violation}");
    }

    let before = specification.clone();
    specification.transform_root("/a", "/a", RelativeTo::Host);
    assert_eq!(specification, before);
    specification.transform_root("/", "/host", RelativeTo::Container);
    specification.transform_root("/dev", "", RelativeTo::Host);
    assert_eq!(specification.devices.len(), before.devices.len());
});
