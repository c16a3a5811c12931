//! What an edit does not touch comes out byte for byte, on a document as Docker writes it with things in it that no struct of ours knows.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use liftgate_oci::{
    Device, DeviceKind, DeviceRule, Document, Edits, EnvEntry, Hook, IntelRdt, Mount, NetDevice,
    Stage,
};
use serde_json::value::RawValue;

const DOCKER: &str = include_str!("data/docker.json");

/// The text of the value at a path of object keys.
fn section<'a>(document: &'a str, path: &str) -> &'a str {
    path.split('.').fold(document, |text, key| {
        let members: Vec<(String, &RawValue)> = members(text);
        members
            .into_iter()
            .find(|(name, _)| name == key)
            .map_or("absent", |(_, value)| value.get())
    })
}

fn members(text: &str) -> Vec<(String, &RawValue)> {
    struct Members<'a>(Vec<(String, &'a RawValue)>);
    impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Collect;
            impl<'de> serde::de::Visitor<'de> for Collect {
                type Value = Vec<(String, &'de RawValue)>;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Self::Value, A::Error> {
                    let mut all = Vec::new();
                    while let Some(entry) = map.next_entry()? {
                        all.push(entry);
                    }
                    Ok(all)
                }
            }
            deserializer.deserialize_map(Collect).map(Members)
        }
    }
    serde_json::from_str::<Members<'_>>(text).unwrap().0
}

fn elements(text: &str) -> Vec<&str> {
    serde_json::from_str::<Vec<&RawValue>>(text)
        .unwrap()
        .into_iter()
        .map(RawValue::get)
        .collect()
}

fn everything() -> Edits {
    Edits {
        env: vec![EnvEntry {
            name: "NVIDIA_VISIBLE_DEVICES".into(),
            value: "void".into(),
        }],
        additional_gids: vec![44, 992],
        mounts: vec![Mount {
            destination: "/usr/bin/nvidia-smi".into(),
            kind: Some("bind".into()),
            source: Some("/usr/bin/nvidia-smi".into()),
            options: vec!["ro".into(), "rbind".into()],
        }],
        devices: vec![Device {
            path: "/dev/nvidia0".into(),
            kind: DeviceKind::Character,
            major: Some(195),
            minor: Some(0),
            file_mode: Some(0o666),
            uid: None,
            gid: None,
        }],
        device_rules: vec![DeviceRule {
            kind: DeviceKind::Character,
            major: Some(195),
            minor: Some(0),
            access: "rw".into(),
        }],
        remove_prestart: vec!["nvidia-container-runtime-hook".into()],
        hooks: vec![(
            Stage::CreateContainer,
            Hook {
                path: "/usr/bin/h".into(),
                args: vec!["h".into()],
                env: vec!["A=b".into()],
                timeout: Some(5),
            },
        )],
        net_devices: vec![NetDevice {
            host_interface: "eth7".into(),
            name: "eth0".into(),
        }],
        intel_rdt: Some(IntelRdt {
            clos_id: Some("guaranteed".into()),
            ..IntelRdt::default()
        }),
        like_cdi: false,
    }
}

fn edited(edits: &Edits) -> String {
    let mut document = Document::parse(DOCKER.as_bytes()).unwrap();
    document.apply(edits).unwrap();
    assert!(document.is_changed());
    String::from_utf8(document.to_bytes()).unwrap()
}

#[test]
fn without_an_edit_every_byte_stays() {
    for text in [
        DOCKER,
        "{}",
        " \r\n\t{ } \n\n",
        "{\"a\" :\n [ 1.0 ,2e0, -0 ] , \"process\" : { \"env\" : [ ] } }",
        "{\"hooks\":{\"prestart\":[ ]},\"mounts\":null,\"linux\":{\"devices\": null}}\n",
    ] {
        let mut document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.to_bytes(), text.as_bytes());
        document.apply(&Edits::default()).unwrap();
        // Opens everything and finds nothing to do.
        document
            .apply(&Edits {
                remove_prestart: vec!["other".into()],
                additional_gids: vec![0],
                ..Edits::default()
            })
            .unwrap();
        assert!(!document.is_changed());
        assert_eq!(document.to_bytes(), text.as_bytes());
    }
}

#[test]
fn what_is_not_edited_keeps_its_text() {
    let out = edited(&everything());
    for path in [
        "ociVersion",
        "process.terminal",
        "process.args",
        "process.cwd",
        "process.capabilities",
        "process.execCPUAffinity",
        "process.user.umask",
        "root",
        "hostname",
        "annotations",
        "futureTop",
        "linux.sysctl",
        "linux.resources.memory",
        "linux.resources.cpu",
        "linux.namespaces",
        "linux.seccomp",
        "linux.readonlyPaths",
    ] {
        assert_eq!(section(&out, path), section(DOCKER, path), "{path}");
        assert_ne!(section(&out, path), "absent", "{path}");
    }
    assert!(out.ends_with("}\n"));
}

#[test]
fn keys_keep_their_order_and_elements_their_text() {
    let out = edited(&everything());
    for path in ["", "process", "process.user", "linux", "linux.resources"] {
        let keys = |text: &str| -> Vec<String> {
            let text = if path.is_empty() {
                text.to_owned()
            } else {
                section(text, path).to_owned()
            };
            members(&text).into_iter().map(|(name, _)| name).collect()
        };
        let mut expected = keys(DOCKER);
        if path == "linux" {
            expected.extend(["netDevices", "intelRdt"].map(str::to_owned));
        }
        assert_eq!(keys(&out), expected, "{path}");
    }
    let own_mounts = elements(section(DOCKER, "mounts"));
    assert_eq!(
        elements(section(&out, "mounts"))[..own_mounts.len()],
        own_mounts
    );
    let own_rules = elements(section(DOCKER, "linux.resources.devices"));
    assert_eq!(
        elements(section(&out, "linux.resources.devices"))[..own_rules.len()],
        own_rules
    );
    let own_env = elements(section(DOCKER, "process.env"));
    let env = elements(section(&out, "process.env"));
    assert_eq!(env[..2], own_env[..2]);
    assert_eq!(
        env[2..],
        [
            own_env[3],
            own_env[4],
            own_env[5],
            "\"NVIDIA_VISIBLE_DEVICES=void\""
        ]
    );
    assert_eq!(
        elements(section(&out, "linux.devices"))[0],
        elements(section(DOCKER, "linux.devices"))[0]
    );
    assert_eq!(
        elements(section(&out, "hooks.prestart")),
        &elements(section(DOCKER, "hooks.prestart"))[1..]
    );
}

#[test]
fn a_key_that_is_written_with_escapes_is_found_and_keeps_them() {
    let mut document =
        Document::parse(br#"{"\u0070rocess":{"e\u006ev":["A=1"],"x":"\u0041"}}"#).unwrap();
    assert_eq!(document.env().unwrap().len(), 1);
    document
        .apply(&Edits {
            env: vec![EnvEntry {
                name: "B".into(),
                value: "2".into(),
            }],
            ..Edits::default()
        })
        .unwrap();
    assert_eq!(
        String::from_utf8(document.to_bytes()).unwrap(),
        r#"{"\u0070rocess":{"e\u006ev":["A=1","B=2"],"x":"\u0041"}}"#
    );
}

#[test]
fn the_second_time_nothing_changes() {
    let once = edited(&everything());
    let mut again = Document::parse(once.as_bytes()).unwrap();
    again.apply(&everything()).unwrap();
    assert!(
        !again.is_changed(),
        "{}",
        String::from_utf8_lossy(&again.to_bytes())
    );

    let mut twice = Document::parse(DOCKER.as_bytes()).unwrap();
    twice.apply(&everything()).unwrap();
    twice.apply(&everything()).unwrap();
    assert_eq!(twice.to_bytes(), once.as_bytes());
}

#[test]
fn reading_sees_the_document_and_then_the_edits() {
    let mut document = Document::parse(DOCKER.as_bytes()).unwrap();
    assert_eq!(document.oci_version().unwrap().as_deref(), Some("1.2.1"));
    let root = document.root().unwrap();
    assert_eq!(
        (root.path.to_str(), root.readonly),
        (Some("/var/lib/docker/overlay2/5f1c/merged"), true)
    );
    assert_eq!(
        document.bounding_capabilities().unwrap(),
        ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_NET_BIND_SERVICE"]
    );
    assert_eq!(
        document.annotations().unwrap()["note"],
        "line\nbreak \u{2028} é"
    );
    assert_eq!(document.env().unwrap()[4].value, "grüß dich, 世界");
    assert_eq!(
        document.env().unwrap()[3],
        EnvEntry {
            name: "EMPTY".into(),
            value: String::new()
        }
    );
    let mounts = document.mounts().unwrap();
    assert_eq!(
        (mounts[5].destination.as_str(), mounts[5].options.len()),
        ("/data/sets", 0)
    );
    assert_eq!(document.prestart_hooks().unwrap()[0].env, ["LANG=C"]);
    assert_eq!(document.user().unwrap().additional_gids, [1000, 44]);

    document.apply(&everything()).unwrap();
    assert_eq!(document.env().unwrap().len(), 6);
    assert_eq!(
        document.mounts().unwrap().last(),
        everything().mounts.last()
    );
    assert_eq!(document.prestart_hooks().unwrap().len(), 1);
    assert_eq!(
        document.hooks(Stage::CreateContainer).unwrap(),
        [everything().hooks[0].1.clone()]
    );
    assert_eq!(document.user().unwrap().additional_gids, [1000, 44, 992]);
}
