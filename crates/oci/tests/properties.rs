//! Any text, any JSON, and documents of the right shape with anything in them.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use liftgate_oci::{
    Device, DeviceKind, DeviceRule, Document, Edits, EnvEntry, Hook, IntelRdt, Mount, NetDevice,
    Stage,
};
use proptest::prelude::*;
use serde_json::Value;

/// JSON text, with the spellings that a decode and encode would lose.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1.0",
            "1.50",
            "1E-7",
            "12345678901234567890",
            "-9223372036854775809",
            "0.1e+2",
            "\"\"",
            "\"\\u0041\\/\\ud83e\\udd80\"",
            "\"A=\\u00e9\"",
            "\"世界\"",
            "\"/dev/x\"",
            "[ ]",
            "{\n}",
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5), space()).prop_map(|(items, space)| {
                format!(
                    "[{space}{}{space}]",
                    items.join(&format!("{space},{space}"))
                )
            }),
            (prop::collection::btree_map(key(), inner, 0..6), space())
                .prop_map(|(members, space)| object(members.into_iter(), &space)),
        ]
    })
}

fn space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "ociVersion",
            "process",
            "env",
            "user",
            "additionalGids",
            "capabilities",
            "bounding",
            "root",
            "path",
            "mounts",
            "destination",
            "source",
            "options",
            "hooks",
            "prestart",
            "createContainer",
            "linux",
            "devices",
            "resources",
            "annotations",
            "type",
            "allow",
            "future",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z\"\\\\é]{0,4}",
    ]
}

fn object(members: impl Iterator<Item = (String, String)>, space: &str) -> String {
    let members: Vec<String> = members
        .map(|(key, value)| {
            format!(
                "{}{space}:{space}{value}",
                serde_json::to_string(&key).unwrap()
            )
        })
        .collect();
    format!("{{{space}{}{space}}}", members.join(&format!(",{space}")))
}

/// A document of the right types where it matters, and anything elsewhere.
fn document() -> impl Strategy<Value = String> {
    let extra = || prop::collection::btree_map("x[a-z]{0,3}", json(), 0..3);
    let strings = prop::collection::vec("[A-C]=[ -~é]{0,4}", 0..5);
    let destinations = prop::collection::vec(("/[a-c](/[a-c]){0,2}", json()), 0..4);
    let programs = prop::collection::vec("/bin/[ab]", 0..3);
    (
        extra(),
        extra(),
        extra(),
        extra(),
        strings,
        destinations,
        programs,
        space(),
    )
        .prop_map(
            |(top, process, linux, resources, env, mounts, hooks, space)| {
                let array =
                    |items: Vec<String>| format!("[{space}{}]", items.join(&format!(" ,{space}")));
                let quoted = |text: &String| serde_json::to_string(text).unwrap();
                let env = array(env.iter().map(quoted).collect());
                let mounts = array(
                    mounts
                        .iter()
                        .map(|(path, x)| format!("{{\"x\" :{x},\"destination\":{}}}", quoted(path)))
                        .collect(),
                );
                let hooks = array(
                    hooks
                        .iter()
                        .map(|path| format!("{{ \"path\":{} }}", quoted(path)))
                        .collect(),
                );
                let process = object(process.into_iter().chain([("env".into(), env)]), &space);
                let resources = object(resources.into_iter(), &space);
                let linux = object(
                    linux.into_iter().chain([("resources".into(), resources)]),
                    &space,
                );
                let hooks = object([("prestart".to_owned(), hooks)].into_iter(), &space);
                let known = [
                    ("process", process),
                    ("mounts", mounts),
                    ("linux", linux),
                    ("hooks", hooks),
                ];
                object(
                    top.into_iter()
                        .chain(known.map(|(key, value)| (key.to_owned(), value))),
                    &space,
                )
            },
        )
}

fn edits() -> impl Strategy<Value = Edits> {
    let names = || prop::collection::vec("[A-D]", 0..3);
    let switches = (any::<bool>(), any::<bool>());
    (names(), names(), names(), names(), names(), switches).prop_map(
        |(env, mounts, devices, rules, hooks, (remove, cdi))| Edits {
            env: env
                .into_iter()
                .map(|name| EnvEntry {
                    value: name.clone(),
                    name,
                })
                .collect(),
            additional_gids: vec![u32::from(remove)],
            mounts: mounts
                .into_iter()
                .map(|name| Mount {
                    destination: format!("/m/{name}"),
                    ..Mount::default()
                })
                .collect(),
            devices: devices
                .into_iter()
                .map(|name| Device {
                    path: format!("/dev/{name}"),
                    kind: DeviceKind::Block,
                    major: Some(-1),
                    minor: None,
                    file_mode: Some(0),
                    uid: None,
                    gid: None,
                })
                .collect(),
            device_rules: rules
                .into_iter()
                .map(|name| DeviceRule {
                    kind: DeviceKind::Fifo,
                    major: None,
                    minor: Some(1),
                    access: name,
                })
                .collect(),
            remove_prestart: if remove { vec!["a".into()] } else { vec![] },
            hooks: hooks
                .into_iter()
                .map(|name| {
                    (
                        Stage::Prestart,
                        Hook {
                            path: format!("/{name}"),
                            env: vec!["A=b".into()],
                            ..Hook::default()
                        },
                    )
                })
                .collect(),
            net_devices: if cdi {
                vec![NetDevice {
                    host_interface: "\"".into(),
                    name: "eth0".into(),
                }]
            } else {
                vec![]
            },
            intel_rdt: remove.then(IntelRdt::default),
            like_cdi: cdi,
        },
    )
}

fn read_all(document: &Document<'_>) {
    drop(document.env());
    drop(document.root());
    drop(document.user());
    drop(document.mounts());
    drop(document.annotations());
    drop(document.oci_version());
    drop(document.bounding_capabilities());
    for stage in Stage::ALL {
        drop(document.hooks(stage));
    }
}

/// The document without the places that edits go to, and without what is then empty.
fn unknown_parts(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap();
    let Some(top) = value.as_object_mut() else {
        panic!("not an object")
    };
    top.remove("mounts");
    top.remove("hooks");
    for (outer, names) in [
        ("process", &["env", "user"][..]),
        ("linux", &["devices", "netDevices", "intelRdt"]),
    ] {
        if let Some(object) = top.get_mut(outer).and_then(Value::as_object_mut) {
            for name in names {
                object.remove(*name);
            }
        }
    }
    if let Some(resources) = value
        .pointer_mut("/linux/resources")
        .and_then(Value::as_object_mut)
    {
        resources.remove("devices");
    }
    value
}

proptest! {
    #[test]
    fn no_text_panics(text in "[\\[\\]{}:,\"\\\\a-z0-9é \n]{0,60}", noise in prop::collection::vec(any::<u8>(), 0..60)) {
        for bytes in [text.as_bytes(), &noise] {
            if let Ok(document) = Document::parse(bytes) {
                prop_assert_eq!(document.to_bytes(), bytes);
                read_all(&document);
            }
            drop(liftgate_oci::state::State::parse(bytes));
            drop(liftgate_oci::state::root_path_of(bytes));
        }
    }

    #[test]
    fn no_json_panics_and_none_is_changed_by_reading(text in json(), edits in edits()) {
        drop(liftgate_oci::state::State::parse(text.as_bytes()));
        if let Ok(mut document) = Document::parse(text.as_bytes()) {
            read_all(&document);
            prop_assert_eq!(document.to_bytes(), text.as_bytes());
            let applied = document.apply(&edits).is_ok();
            read_all(&document);
            let after = document.to_bytes();
            prop_assert!(applied || after == text.as_bytes());
            prop_assert!(Document::parse(&after).is_ok(), "{}", String::from_utf8_lossy(&after));
        }
    }

    #[test]
    fn edits_leave_the_rest_alone_and_settle(text in document(), edits in edits()) {
        let mut document = Document::parse(text.as_bytes()).unwrap();
        document.apply(&edits).unwrap();
        let after = String::from_utf8(document.to_bytes()).unwrap();
        prop_assert_eq!(document.is_changed(), after != text);
        prop_assert_eq!(unknown_parts(&after), unknown_parts(&text));

        let env = document.env().unwrap();
        for entry in &edits.env {
            prop_assert_eq!(env.iter().filter(|present| present.name == entry.name).collect::<Vec<_>>(), vec![entry]);
        }
        let hooks = document.prestart_hooks().unwrap();
        prop_assert!(edits.remove_prestart.is_empty() || hooks.iter().all(|hook| hook.path != "/bin/a"));
        prop_assert!(edits.hooks.iter().all(|(_, hook)| hooks.contains(hook)));
        let mounts = document.mounts().unwrap();
        prop_assert!(edits.mounts.iter().all(|mount| mounts.contains(mount)));

        let mut again = Document::parse(after.as_bytes()).unwrap();
        again.apply(&edits).unwrap();
        prop_assert!(!again.is_changed());
    }
}
