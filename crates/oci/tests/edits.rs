//! Each kind of edit on small documents: what is there before, what is asked, what is there after.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use liftgate_oci::{
    Device, DeviceKind, DeviceRule, Document, Edits, EnvEntry, Hook, IntelRdt, Mount, NetDevice,
    OciError, Stage,
};

fn apply(before: &str, edits: &Edits) -> String {
    let mut document = Document::parse(before.as_bytes()).unwrap();
    document.apply(edits).unwrap();
    let after = String::from_utf8(document.to_bytes()).unwrap();
    assert_eq!(document.is_changed(), after != before);
    after
}

fn refuse(before: &str, edits: &Edits) -> OciError {
    let mut document = Document::parse(before.as_bytes()).unwrap();
    let error = document.apply(edits).unwrap_err();
    assert!(!document.is_changed());
    assert_eq!(
        document.to_bytes(),
        before.as_bytes(),
        "a refused set of edits leaves nothing behind"
    );
    error
}

fn env(variables: &[(&str, &str)]) -> Edits {
    let env = variables
        .iter()
        .map(|(name, value)| EnvEntry {
            name: (*name).into(),
            value: (*value).into(),
        })
        .collect();
    Edits {
        env,
        ..Edits::default()
    }
}

fn mount(destination: &str) -> Mount {
    Mount {
        destination: destination.into(),
        kind: None,
        source: Some("/s".into()),
        options: vec![],
    }
}

fn mounts(destinations: &[&str]) -> Edits {
    Edits {
        mounts: destinations
            .iter()
            .map(|destination| mount(destination))
            .collect(),
        ..Edits::default()
    }
}

fn device(path: &str, minor: i64) -> Device {
    Device {
        path: path.into(),
        kind: DeviceKind::Character,
        major: Some(195),
        minor: Some(minor),
        file_mode: None,
        uid: None,
        gid: None,
    }
}

fn devices(devices: &[Device]) -> Edits {
    Edits {
        devices: devices.to_vec(),
        ..Edits::default()
    }
}

fn rule(minor: Option<i64>, access: &str) -> Edits {
    let rule = DeviceRule {
        kind: DeviceKind::Character,
        major: Some(195),
        minor,
        access: access.into(),
    };
    Edits {
        device_rules: vec![rule],
        ..Edits::default()
    }
}

fn hook(path: &str) -> Hook {
    Hook {
        path: path.into(),
        args: vec![],
        env: vec!["A=b".into()],
        timeout: None,
    }
}

fn hooks(stage: Stage, path: &str) -> Edits {
    Edits {
        hooks: vec![(stage, hook(path))],
        ..Edits::default()
    }
}

fn without(names: &[&str]) -> Edits {
    Edits {
        remove_prestart: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Edits::default()
    }
}

#[test]
fn variables() {
    for (before, variables, after) in [
        ("{}", &[("A", "1")][..], r#"{"process":{"env":["A=1"]}}"#),
        (
            r#"{"process":null}"#,
            &[("A", "1")],
            r#"{"process":{"env":["A=1"]}}"#,
        ),
        (
            r#"{"process":{"env":null,"cwd":"/"}}"#,
            &[("A", "1")],
            r#"{"process":{"env":["A=1"],"cwd":"/"}}"#,
        ),
        (
            r#"{"process":{"env":["A=0","B=2","A=1"]}}"#,
            &[("A", "1")],
            r#"{"process":{"env":["B=2","A=1"]}}"#,
        ),
        (
            r#"{"process":{"env":[ "A=1", "B=2"]}}"#,
            &[("A", "1")],
            r#"{"process":{"env":[ "A=1", "B=2"]}}"#,
        ),
        (
            r#"{"process":{"env":["\u0041=0","AB=2","A"]}}"#,
            &[("A", "1")],
            r#"{"process":{"env":["AB=2","A","A=1"]}}"#,
        ),
        (
            r#"{"process":{"env":[]}}"#,
            &[("A", "1"), ("A", "2")],
            r#"{"process":{"env":["A=2"]}}"#,
        ),
        (
            "{}",
            &[("Q", "\"\\\n é=")],
            r#"{"process":{"env":["Q=\"\\\n é="]}}"#,
        ),
    ] {
        assert_eq!(apply(before, &env(variables)), after, "{before}");
    }
    for (name, value) in [("", "1"), ("A=B", "1"), ("A\0", "1"), ("A", "1\0")] {
        assert_eq!(
            refuse("{}", &env(&[(name, value)])),
            OciError::EnvNotSettable { name: name.into() }
        );
    }
}

#[test]
fn groups() {
    let gids = |gids: &[u32]| Edits {
        additional_gids: gids.to_vec(),
        ..Edits::default()
    };
    let before = r#"{"process":{"user":{"uid":0,"gid":0,"additionalGids":[ 5 ]}}}"#;
    assert_eq!(apply(before, &gids(&[5, 0])), before);
    assert_eq!(
        apply(before, &gids(&[44, 5, 44])),
        before.replace("[ 5 ]", "[5,44]")
    );
    assert_eq!(
        apply("{}", &gids(&[44])),
        r#"{"process":{"user":{"additionalGids":[44]}}}"#
    );
    assert_eq!(apply("{}", &gids(&[0])), "{}");
    let nothing_of_it = Edits {
        env: env(&[("A", "1")]).env,
        ..gids(&[0])
    };
    assert_eq!(
        apply("{}", &nothing_of_it),
        r#"{"process":{"env":["A=1"]}}"#
    );
}

#[test]
fn mounts_come_after_the_own_ones_shallow_before_deep() {
    let before = r#"{"mounts":[{"destination":"/z/z/z"}, {"destination":"/a"}]}"#;
    let mut document = Document::parse(before.as_bytes()).unwrap();
    document
        .apply(&mounts(&[
            "/usr/lib/x/deep",
            "/usr/lib//b",
            "/usr",
            "/usr/lib/a/",
            "/usr/lib/a",
        ]))
        .unwrap();
    let order: Vec<String> = document
        .mounts()
        .unwrap()
        .into_iter()
        .map(|mount| mount.destination)
        .collect();
    assert_eq!(
        order,
        [
            "/z/z/z",
            "/a",
            "/usr",
            "/usr/lib//b",
            "/usr/lib/a",
            "/usr/lib/a/",
            "/usr/lib/x/deep"
        ]
    );
    assert_eq!(
        apply("{}", &mounts(&["/a", "/a"])),
        r#"{"mounts":[{"destination":"/a","source":"/s"}]}"#
    );
    assert_eq!(
        refuse("{}", &mounts(&["a"])),
        OciError::NotAbsolute {
            what: "mount destination",
            path: "a".into()
        }
    );
}

#[test]
fn a_mount_that_is_there_counts_unless_it_is_covered() {
    let there = r#"{"mounts":[{"source":"/s","destination":"/a/b"},{"destination":"/a/bc"}]}"#;
    assert_eq!(apply(there, &mounts(&["/a/b"])), there);
    let covered = r#"{"mounts":[{"source":"/s","destination":"/a/b"},{"destination":"/a"}]}"#;
    assert_eq!(
        apply(covered, &mounts(&["/a/b"])),
        covered.replace("]}", r#",{"destination":"/a/b","source":"/s"}]}"#)
    );
    let other = r#"{"mounts":[{"source":"/s","destination":"/a/b","options":["ro"]}]}"#;
    assert_ne!(apply(other, &mounts(&["/a/b"])), other);
}

#[test]
fn devices_are_replaced_where_they_stand() {
    let first = r#"{"path":"/dev/nvidia0","type":"c","major":195,"minor":0}"#;
    let before = r#"{"linux":{"devices":[{"path":"/dev/nvidia0","x":1},{"path":"/dev/b"},{"path":"/dev/nvidia0"}],"y":1.0}}"#;
    assert_eq!(
        apply(before, &devices(&[device("/dev/nvidia0", 0)])),
        format!(r#"{{"linux":{{"devices":[{first},{{"path":"/dev/b"}}],"y":1.0}}}}"#)
    );
    let there =
        r#"{"linux":{"devices":[ {"minor":0,"major":195,"type":"c","path":"/dev/nvidia0"} ]}}"#;
    assert_eq!(apply(there, &devices(&[device("/dev/nvidia0", 0)])), there);
    assert_eq!(
        apply(
            "{\"a\":1}",
            &devices(&[device("/dev/nvidia0", 9), device("/dev/nvidia0", 0)])
        ),
        format!(r#"{{"a":1,"linux":{{"devices":[{first}]}}}}"#)
    );
    let full = Device {
        file_mode: Some(0o660),
        uid: Some(1),
        gid: Some(2),
        ..device("/dev/x", 255)
    };
    assert_eq!(
        apply("{}", &devices(&[full])),
        r#"{"linux":{"devices":[{"path":"/dev/x","type":"c","major":195,"minor":255,"fileMode":432,"uid":1,"gid":2}]}}"#
    );
    refuse("{}", &devices(&[device("dev/x", 0)]));
}

#[test]
fn device_rules() {
    let new = r#"{"allow":true,"type":"c","major":195,"minor":0,"access":"rw"}"#;
    let wrap = |rules: &str| format!(r#"{{"linux":{{"resources":{{"devices":[{rules}]}}}}}}"#);
    assert_eq!(apply("{}", &rule(Some(0), "rw")), wrap(new));
    assert_eq!(apply(r#"{"linux":null}"#, &rule(Some(0), "rw")), wrap(new));
    for there in [
        r#"{"allow":false,"access":"rwm"}, {"allow":true,"type":"c","major":195,"minor":0,"access":"wr"}"#,
        r#"{"allow":true,"type":"c","major":195,"minor":0,"access":"rw","future":1},{"allow":true,"type":"c"}"#,
    ] {
        assert_eq!(apply(&wrap(there), &rule(Some(0), "rw")), wrap(there));
    }
    for other in [
        r#"{"allow":true,"type":"c","major":195,"minor":0,"access":"rw"},{"allow":false,"access":"rwm"}"#,
        r#"{"allow":true,"type":"c","major":195,"minor":0,"access":"r"}"#,
        r#"{"allow":true,"type":"b","major":195,"minor":0,"access":"rw"}"#,
        r#"{"allow":true,"type":"c","major":195,"access":"rw"}"#,
        r#"{"type":"c","major":195,"minor":0,"access":"rw"}"#,
    ] {
        assert_eq!(
            apply(&wrap(other), &rule(Some(0), "rw")),
            wrap(&format!("{other},{new}"))
        );
    }
    let every = r#"{"allow":true,"type":"c","major":195,"minor":-1,"access":"rw"}"#;
    assert_eq!(apply(&wrap(every), &rule(None, "rw")), wrap(every));
}

#[test]
fn hooks_are_added_at_the_end_of_their_stage() {
    let new = r#"{"path":"/h","env":["A=b"]}"#;
    assert_eq!(
        apply("{}", &hooks(Stage::CreateContainer, "/h")),
        format!(r#"{{"hooks":{{"createContainer":[{new}]}}}}"#)
    );
    let before = r#"{"hooks":{"createContainer":[{"path":"/own"}],"poststop":[]}}"#;
    assert_eq!(
        apply(before, &hooks(Stage::CreateContainer, "/h")),
        before.replace(r#"{"path":"/own"}"#, &format!(r#"{{"path":"/own"}},{new}"#))
    );
    assert_eq!(
        refuse(before, &hooks(Stage::Poststop, "h")),
        OciError::NotAbsolute {
            what: "hook path",
            path: "h".into()
        }
    );
    let bare = Edits {
        hooks: vec![(
            Stage::Prestart,
            Hook {
                env: vec![],
                ..hook("/h")
            },
        )],
        ..Edits::default()
    };
    assert_eq!(
        refuse(before, &bare),
        OciError::HookWithoutEnv { path: "/h".into() }
    );
}

#[test]
fn prestart_hooks_are_removed_by_base_name() {
    let ours = r#"{"path":"/usr/bin/nvidia-container-runtime-hook"}"#;
    let other = r#"{"path":"/nvidia-container-runtime-hook/other", "x":1.0}"#;
    let edits = without(&["nvidia-container-runtime-hook", "nvidia-container-toolkit"]);
    for (before, after) in [
        (
            format!(r#"{{"a":1,"hooks":{{"prestart":[{ours}]}}}}"#),
            r#"{"a":1}"#.to_owned(),
        ),
        (
            format!(r#"{{"hooks":{{"prestart":[{ours},{other},{ours}]}}}}"#),
            format!(r#"{{"hooks":{{"prestart":[{other}]}}}}"#),
        ),
        (
            format!(r#"{{"hooks":{{"prestart":[{ours}],"poststop":[]}}}}"#),
            r#"{"hooks":{"poststop":[]}}"#.to_owned(),
        ),
        (
            format!(r#"{{"hooks":{{"poststop":[{ours}]}}}}"#),
            format!(r#"{{"hooks":{{"poststop":[{ours}]}}}}"#),
        ),
        (r#"{"hooks":{ }}"#.to_owned(), r#"{"hooks":{ }}"#.to_owned()),
        (
            r#"{"hooks":{"prestart":[ ]}}"#.to_owned(),
            r#"{"hooks":{"prestart":[ ]}}"#.to_owned(),
        ),
    ] {
        assert_eq!(apply(&before, &edits), after);
    }
    let replaced = Edits {
        hooks: vec![(Stage::Prestart, hook("/h"))],
        ..edits
    };
    assert_eq!(
        apply(
            &format!(r#"{{"hooks":{{"prestart":[{ours}]}}}}"#),
            &replaced
        ),
        r#"{"hooks":{"prestart":[{"path":"/h","env":["A=b"]}]}}"#
    );
}

#[test]
fn like_cdi_a_mount_replaces_and_all_are_sorted() {
    let like_cdi = |destinations: &[&str]| Edits {
        like_cdi: true,
        ..mounts(destinations)
    };
    let order = |before: &[&str], edits: &Edits| -> Vec<String> {
        let own: Vec<String> = before
            .iter()
            .map(|path| format!(r#"{{"destination":"{path}", "x":1}}"#))
            .collect();
        let before = format!(r#"{{"mounts":[{}]}}"#, own.join(","));
        let after = apply(&before, edits);
        assert_eq!(apply(&after, edits), after, "twice is once");
        let document = Document::parse(after.as_bytes()).unwrap();
        let mounts = document.mounts().unwrap().into_iter();
        mounts
            .map(|mount| format!("{}{}", mount.destination, mount.source.unwrap_or_default()))
            .collect()
    };
    assert_eq!(
        order(
            &["/proc", "/dev", "/dev/pts", "/sys"],
            &like_cdi(&["/a/b", "/c"])
        ),
        ["/proc", "/dev", "/sys", "/c/s", "/dev/pts", "/a/b/s"]
    );
    // Those with the same destination go, and the new one is not put in their place. One that is spelled in another
    // way stays, hidden by what comes after it.
    assert_eq!(
        order(
            &["/dev", "/dev/", "/proc", "/dev", "/a"],
            &like_cdi(&["/dev"])
        ),
        ["/dev/", "/proc", "/a", "/dev/s"]
    );
    assert_eq!(
        order(&["/a/b"], &like_cdi(&["/d", "/c", "/d"])),
        ["/c/s", "/d/s", "/a/b"]
    );
    // No mount to add is nothing to sort.
    assert_eq!(order(&["/a/b", "/c"], &like_cdi(&[])), ["/a/b", "/c"]);

    let before = r#"{"mounts":[ {"destination":"/a"}, {"source":"/s", "destination":"/b"} ]}"#;
    assert_eq!(apply(before, &like_cdi(&["/b"])), before);
}

#[test]
fn like_cdi_a_hook_given_twice_is_there_twice() {
    let new = r#"{"path":"/h","env":["A=b"]}"#;
    let mut edits = hooks(Stage::Poststop, "/h");
    edits.hooks.push(edits.hooks[0].clone());
    let once = apply("{}", &edits);
    assert_eq!(once, format!(r#"{{"hooks":{{"poststop":[{new}]}}}}"#));
    edits.like_cdi = true;
    let twice = apply(&once, &edits);
    assert_eq!(
        twice,
        format!(r#"{{"hooks":{{"poststop":[{new},{new}]}}}}"#)
    );
    assert_eq!(apply(&twice, &edits), twice);
}

#[test]
fn network_devices_and_resource_director() {
    let edits = Edits {
        net_devices: ["eth\"1", "eth2"]
            .map(|name| NetDevice {
                host_interface: name.into(),
                name: "eth0".into(),
            })
            .to_vec(),
        intel_rdt: Some(IntelRdt {
            clos_id: Some("gold".into()),
            enable_monitoring: true,
            ..IntelRdt::default()
        }),
        ..Edits::default()
    };
    let devices = r#""netDevices":{"eth\"1":{"name":"eth0"},"eth2":{"name":"eth0"}}"#;
    let rdt = r#""intelRdt":{"closID":"gold","enableMonitoring":true}"#;
    assert_eq!(
        apply("{}", &edits),
        format!(r#"{{"linux":{{{devices},{rdt}}}}}"#)
    );
    let before = format!(r#"{{"linux":{{ {rdt}, {devices} }} }}"#);
    assert_eq!(apply(&before, &edits), before);
    assert_eq!(
        apply(
            r#"{"linux":{"intelRdt":{"closID":"old","enableCMT":true},"netDevices":{"lo":{},"eth2":{"name":"x"}}}}"#,
            &edits
        ),
        r#"{"linux":{"intelRdt":{"closID":"gold","enableMonitoring":true},"netDevices":{"lo":{},"eth2":{"name":"eth0"},"eth\"1":{"name":"eth0"}}}}"#
    );
}

#[test]
fn a_part_of_the_wrong_type_refuses_all_edits() {
    let edits = Edits {
        devices: vec![device("/dev/x", 0)],
        ..env(&[("A", "1")])
    };
    assert_eq!(
        refuse(
            "{\"process\":{\"env\":[]},\n\"linux\":{\"devices\":{}}}",
            &edits
        )
        .to_string(),
        "`linux.devices` is an object and must be an array, at line 2, column 20"
    );
    assert_eq!(
        refuse(r#"{"process":{"env":["B=1",7]}}"#, &edits).to_string(),
        "`process.env[1]` is not readable at line 1, column 26: invalid type: integer `7`, expected a string"
    );
}

#[test]
fn stages_have_names() {
    for stage in Stage::ALL {
        assert_eq!(Stage::from_name(stage.name()), Some(stage));
    }
    assert_eq!(Stage::from_name("preStart"), None);
}
