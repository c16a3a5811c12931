//! Feeds bytes as `config.json`: reading changes no byte; edits give JSON, settle after one application, and lose nothing of others.
//!
//! Also: what is said of a document that cannot be understood is short and tame, for much of the document comes from the image.
//!
//! The edits are the kinds that a start makes, with two mounts of which one covers the other's place: that is where an edit that
//! is "there already" may be so only until the edit before it is made.
#![no_main]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use liftgate_oci::{
    Device, DeviceKind, DeviceRule, Document, Edits, EnvEntry, Hook, IntelRdt, Mount, NetDevice,
    OciError, Stage,
};
use liftgate_plan::Refusal;
use serde_json::Value;
use serde_json::value::RawValue;

/// The top-level members that edits may touch.
const EDITED: [&str; 4] = ["process", "mounts", "linux", "hooks"];

static EDITS: LazyLock<Edits> = LazyLock::new(|| Edits {
    env: vec![
        variable("NVIDIA_VISIBLE_DEVICES", "void"),
        variable("A", "=1\u{e9}\""),
    ],
    additional_gids: vec![0, 44],
    mounts: vec![
        bind("/usr/lib/libcuda.so.1"),
        bind("/d/nested"),
        bind("/d"),
        bind("/proc/driver/nvidia"),
    ],
    devices: vec![device("/dev/nvidia0", 0), device("/dev/nvidiactl", 255)],
    device_rules: vec![rule(Some(0)), rule(Some(255)), rule(None)],
    remove_prestart: vec!["nvidia-container-runtime-hook".to_owned()],
    hooks: vec![(
        Stage::CreateContainer,
        Hook {
            path: "/usr/bin/liftgate-rt".to_owned(),
            args: vec!["liftgate-rt".to_owned(), "--cover-params".to_owned()],
            env: vec!["NVIDIA_CTK_DEBUG=false".to_owned()],
            timeout: None,
        },
    )],
    net_devices: vec![NetDevice {
        host_interface: "eth1\"".to_owned(),
        name: "eth0".to_owned(),
    }],
    intel_rdt: Some(IntelRdt {
        clos_id: Some("gold".to_owned()),
        ..IntelRdt::default()
    }),
    like_cdi: false,
});

/// The same as the CDI library would place them, with one hook given twice.
static LIKE_CDI: LazyLock<Edits> = LazyLock::new(|| {
    let mut edits = EDITS.clone();
    edits.hooks.extend(EDITS.hooks.clone());
    edits.like_cdi = true;
    edits
});

fn variable(name: &str, value: &str) -> EnvEntry {
    EnvEntry {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn bind(path: &str) -> Mount {
    Mount {
        destination: path.to_owned(),
        kind: Some("bind".to_owned()),
        source: Some(path.to_owned()),
        options: vec!["ro".to_owned(), "bind".to_owned()],
    }
}

fn device(path: &str, minor: i64) -> Device {
    Device {
        path: path.to_owned(),
        kind: DeviceKind::Character,
        major: Some(195),
        minor: Some(minor),
        file_mode: Some(0o666),
        uid: None,
        gid: None,
    }
}

fn rule(minor: Option<i64>) -> DeviceRule {
    DeviceRule {
        kind: DeviceKind::Character,
        major: Some(195),
        minor,
        access: "rwm".to_owned(),
    }
}

/// No message is longer, whatever the document holds.
const LONGEST: usize = 4096;

/// An error as people get to see it: as a refusal.
fn check_shown(error: &OciError) {
    let refusal = Refusal::of_document(Path::new("/bundle/config.json"), error);
    let text = refusal.to_string();
    assert!(text.len() < LONGEST, "refusal of {} bytes", text.len());
    let control = text
        .chars()
        .find(|character| character.is_control() && *character != '\n');
    assert_eq!(control, None, "refusal");
    assert!(!refusal.one_line().contains('\n'), "refusal in one line");
}

/// Every reader; what they find does not matter, that they come back does.
fn read_all(document: &Document<'_>) {
    fn checked<T>(result: Result<T, OciError>) {
        if let Err(error) = result {
            check_shown(&error);
        }
    }
    checked(document.oci_version());
    checked(document.env());
    checked(document.root());
    checked(document.user());
    checked(document.bounding_capabilities());
    checked(document.mounts());
    checked(document.prestart_hooks());
    checked(document.annotations());
    for stage in Stage::ALL {
        checked(document.hooks(stage));
    }
}

/// The members of an object as they are written.
fn members(bytes: &[u8]) -> BTreeMap<String, &RawValue> {
    serde_json::from_slice(bytes).expect("what parses as a document is an object")
}

fuzz_target!(|bytes: &[u8]| {
    check_edits(bytes, &EDITS);
    check_edits(bytes, &LIKE_CDI);
});

fn check_edits(bytes: &[u8], edits: &Edits) {
    let mut document = match Document::parse(bytes) {
        Ok(document) => document,
        Err(error) => return check_shown(&error),
    };
    read_all(&document);
    assert!(!document.is_changed());
    assert_eq!(document.to_bytes(), bytes, "reading is no change");

    let applied = document.apply(edits);
    read_all(&document);
    let after = document.to_bytes();
    if let Err(error) = applied {
        assert_eq!(after, bytes, "all of the edits or none");
        return check_shown(&error);
    }
    assert_eq!(document.is_changed(), after != bytes);

    // A number or an escape that `Value` cannot hold is passed on as it is: the output is as good as the input was.
    let (before_members, after_members) = (members(bytes), members(&after));
    if serde_json::from_slice::<Value>(bytes).is_ok() {
        serde_json::from_slice::<Value>(&after).expect("the output is JSON");
    }
    for (name, value) in &before_members {
        if !EDITED.contains(&name.as_str()) {
            let kept = after_members.get(name).map(|value| value.get());
            assert_eq!(kept, Some(value.get()), "`{name}` survives");
        }
    }
    for name in after_members.keys() {
        let is_known = EDITED.contains(&name.as_str()) || before_members.contains_key(name);
        assert!(is_known, "`{name}` came from nowhere");
    }

    let mut again = Document::parse(&after).expect("the output is a document");
    again
        .apply(edits)
        .expect("what could be made once can be again");
    assert_eq!(
        String::from_utf8_lossy(&again.to_bytes()),
        String::from_utf8_lossy(&after),
        "the same edits again change nothing"
    );
}
