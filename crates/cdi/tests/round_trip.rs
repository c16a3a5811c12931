//! What is written is read as what it was: the reference file byte for byte, and anything else as a value.

use liftgate_cdi::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
use proptest::prelude::*;

/// As the reference toolkit wrote it on a machine with one H200.
const REFERENCE: &str = include_str!("data/h200-580.yaml");

#[test]
fn the_references_own_file_comes_out_as_it_was() {
    let specification = Specification::parse(REFERENCE.as_bytes()).unwrap();
    assert_eq!(specification.to_yaml(), REFERENCE);
}

#[test]
fn json_is_one_line() {
    let specification = Specification::parse(REFERENCE.as_bytes()).unwrap();
    let json = specification.to_json();
    assert!(!json.contains('\n'));
    assert_eq!(Specification::parse(json.as_bytes()), Ok(specification));
}

/// Strings that tempt a reader to take them for something else, and any others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            "0",
            "1:0",
            "no",
            "0x1",
            "1e3",
            "~",
            " a",
            "a ",
            "a: b",
            "a #b",
            "- a",
            "\n",
            "a\nb",
            "\t",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{1f600}",
            "<<",
            "=",
            "{}",
            "[]",
            "!x",
            "&x",
            "*x",
            "...",
            "---",
            "--- a",
            "%x",
            "@x",
            "`",
            "'",
            "\"",
            "\\",
            "|",
            ">",
            "?",
            "null",
            "true",
            ".inf",
            "+1",
            "1_0",
            "0.1",
            "2001-01-01",
            "a:",
            ":a",
            "\u{0}",
            "\r\n",
        ])
        .prop_map(str::to_owned),
        "[a-z0-9:#~ ._/+-]{0,12}",
        any::<String>(),
        "[a-z\n ]{600,1500}",
    ]
}

fn some_text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text().prop_filter("absent and empty are the same", |text| !text.is_empty()))
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(text(), 0..3)
}

fn device_node() -> impl Strategy<Value = DeviceNode> {
    let numbers = (
        any::<Option<i64>>(),
        any::<Option<i64>>(),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
        any::<Option<u32>>(),
    );
    (text(), some_text(), some_text(), some_text(), numbers).prop_map(
        |(path, host_path, kind, permissions, (major, minor, file_mode, uid, gid))| DeviceNode {
            path,
            host_path,
            kind,
            major,
            minor,
            file_mode,
            permissions,
            uid,
            gid,
            line: Line(0),
        },
    )
}

fn hook() -> impl Strategy<Value = Hook> {
    (text(), text(), texts(), texts(), any::<Option<i64>>()).prop_map(
        |(stage, path, args, env, timeout)| Hook {
            stage,
            path,
            args,
            env,
            timeout,
            line: Line(0),
        },
    )
}

fn mount() -> impl Strategy<Value = Mount> {
    (text(), text(), texts(), some_text()).prop_map(|(host_path, container_path, options, kind)| {
        Mount {
            host_path,
            container_path,
            options,
            kind,
            line: Line(0),
        }
    })
}

fn intel_rdt() -> impl Strategy<Value = IntelRdt> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    (some_text(), some_text(), some_text(), texts(), switches).prop_map(
        |(clos_id, l3_cache_schema, mem_bw_schema, schemata, switches)| IntelRdt {
            clos_id,
            l3_cache_schema,
            mem_bw_schema,
            schemata,
            enable_monitoring: switches.0,
            enable_cmt: switches.1,
            enable_mbm: switches.2,
        },
    )
}

fn edits() -> impl Strategy<Value = ContainerEdits> {
    (
        texts(),
        prop::collection::vec(device_node(), 0..3),
        prop::collection::vec((text(), text()), 0..2),
        prop::collection::vec(hook(), 0..3),
        prop::collection::vec(mount(), 0..3),
        prop::option::of(intel_rdt()),
        prop::collection::vec(any::<u32>(), 0..3),
    )
        .prop_map(
            |(env, device_nodes, net_devices, hooks, mounts, intel_rdt, additional_gids)| {
                ContainerEdits {
                    env,
                    device_nodes,
                    net_devices: net_devices
                        .into_iter()
                        .map(|(host_interface, name)| NetDevice {
                            host_interface,
                            name,
                        })
                        .collect(),
                    hooks,
                    mounts,
                    intel_rdt,
                    additional_gids,
                }
            },
        )
}

fn device() -> impl Strategy<Value = Device> {
    let annotations = prop::collection::btree_map(text(), text(), 0..3);
    (text(), annotations, edits()).prop_map(|(name, annotations, edits)| Device {
        name,
        annotations,
        edits,
        line: Line(0),
    })
}

fn specification() -> impl Strategy<Value = Specification> {
    (
        text(),
        (
            "[a-z.]{1,9}",
            text().prop_filter("not empty", |class| !class.is_empty()),
        ),
        prop::collection::btree_map(text(), text(), 0..3),
        prop::collection::vec(device(), 0..3),
        edits(),
    )
        .prop_map(
            |(version, (vendor, class), annotations, devices, edits)| Specification {
                version,
                vendor,
                class,
                annotations,
                devices,
                edits,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_specification_survives(specification in specification()) {
        let yaml = specification.to_yaml();
        prop_assert!(yaml.starts_with("---\n") && yaml.ends_with('\n'));
        let read = Specification::parse(yaml.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&specification), "{}", yaml);
        let json = specification.to_json();
        prop_assert!(!json.contains('\n'));
        let read = Specification::parse(json.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&specification), "{}", json);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }

    #[test]
    fn no_bytes_end_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        Specification::parse(&bytes).ok();
    }

    #[test]
    fn no_text_ends_the_reader(text in "[\\[\\]{}:,\"'\\\\a-z0-9&*!|>#%@`?~ \n\t-]{0,80}") {
        if let Err(error) = Specification::parse(text.as_bytes()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
