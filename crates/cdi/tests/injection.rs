//! What a container gets, and what it is refused, on a host that is made up for the test.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use liftgate_cdi::{
    Found, HostNode, HostNodes, InjectError, Misfit, NodeKind, QualifiedName, Registry, Stale,
    inject,
};
use liftgate_oci::{DeviceKind, Document, Edits};
use liftgate_sys::{Errno, SysError};
use serde_json::{Value, json};

/// Nodes by path, and every other path that is there.
#[derive(Default)]
struct Host {
    nodes: BTreeMap<&'static str, HostNode>,
    missing: Vec<&'static str>,
}

impl HostNodes for Host {
    fn node(&self, path: &Path) -> Result<Option<HostNode>, SysError> {
        if path.ends_with("forbidden") {
            return Err(SysError::new("lstat(`/dev/forbidden`)", Errno::ACCESS));
        }
        Ok(self.nodes.get(path.to_str().unwrap()).copied())
    }
    fn exists(&self, path: &Path) -> Result<bool, SysError> {
        Ok(!self
            .missing
            .iter()
            .any(|missing| Path::new(missing) == path))
    }
}

fn host() -> Host {
    let node = |kind, major, minor| HostNode {
        kind,
        major,
        minor,
        mode: 0o620,
        uid: 0,
        gid: 5,
    };
    let character = NodeKind::Device(DeviceKind::Character);
    Host {
        nodes: BTreeMap::from([
            ("/dev/c", node(character, 195, 3)),
            ("/dev/b", node(NodeKind::Device(DeviceKind::Block), 8, 1)),
            ("/dev/p", node(NodeKind::Device(DeviceKind::Fifo), 0, 0)),
            ("/dev/zero", node(character, 1, 0)),
            ("/dev/link", node(NodeKind::Link, 0, 0)),
            ("/dev/file", node(NodeKind::Other, 0, 0)),
        ]),
        missing: Vec::new(),
    }
}

/// A registry of one directory with these files.
struct Directory {
    place: tempfile::TempDir,
    registry: Registry,
}

impl Directory {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(place.path().join(name), text).unwrap();
        }
        let registry = Registry::load(&[place.path().to_owned()]);
        assert_eq!(registry.errors(), []);
        Self { place, registry }
    }
    fn found(&self, names: &[&str]) -> Vec<Found<'_>> {
        let names: Vec<QualifiedName> = names.iter().map(|name| name.parse().unwrap()).collect();
        self.registry.resolve(&names).unwrap()
    }
    fn at(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }
    fn edits(&self, names: &[&str]) -> Result<Edits, InjectError> {
        inject::edits(&self.found(names), &host(), (0, 0))
    }
}

/// One file with one device, `x.com/gpu=a`.
fn one(edits: &str) -> Directory {
    let text = format!(
        "cdiVersion: 1.1.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits:\n    {edits}\n"
    );
    Directory::with(&[("a.yaml", &text)])
}

fn applied(edits: &Edits, before: &str) -> Value {
    let mut document = Document::parse(before.as_bytes()).unwrap();
    document.apply(edits).unwrap();
    let after = document.to_bytes();
    let mut again = Document::parse(&after).unwrap();
    again.apply(edits).unwrap();
    assert_eq!(again.to_bytes(), after, "twice is once");
    serde_json::from_slice(&after).unwrap()
}

#[test]
fn common_edits_come_once_and_before_the_devices() {
    let file = |kind: &str| {
        format!(
            "cdiVersion: 0.5.0\nkind: {kind}\ncontainerEdits: {{env: [C={kind}, V=common]}}\ndevices:\n\
             - {{name: a, containerEdits: {{env: [V=a, A=1]}}}}\n- {{name: b, containerEdits: {{env: [V=b]}}}}\n"
        )
    };
    let (first, second) = (file("x.com/one"), file("x.com/two"));
    let directory = Directory::with(&[("1.yaml", &first), ("2.yaml", &second)]);
    let env = |names: &[&str]| -> Vec<String> {
        let edits = directory.edits(names).unwrap();
        let env = edits.env.into_iter();
        env.map(|entry| format!("{}={}", entry.name, entry.value))
            .collect()
    };
    assert_eq!(env(&["x.com/one=a"]), ["C=x.com/one", "V=a", "A=1"]);
    assert_eq!(
        env(&["x.com/one=b", "x.com/one=a"]),
        ["C=x.com/one", "V=a", "A=1"]
    );
    assert_eq!(
        env(&["x.com/one=a", "x.com/one=b"]),
        ["C=x.com/one", "V=b", "A=1"]
    );
    assert_eq!(
        env(&["x.com/one=a", "x.com/two=b", "x.com/one=b"]),
        ["C=x.com/two", "V=b", "A=1"]
    );
    assert_eq!(env(&[]), Vec::<String>::new());
}

/// The only node of an edit, as the document gets it, and its rule.
fn node(fields: &str, process: (u32, u32)) -> Result<(Value, Option<Value>), Misfit> {
    let directory = one(&format!("deviceNodes: [{{{fields}}}]"));
    match inject::edits(&directory.found(&["x.com/gpu=a"]), &host(), process) {
        Ok(edits) => {
            let document = applied(&edits, "{}");
            let rule = document.pointer("/linux/resources/devices/0").cloned();
            Ok((document.pointer("/linux/devices/0").unwrap().clone(), rule))
        }
        Err(InjectError::Stale(stale)) => Err(stale[0].what.clone()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn nodes_are_filled_from_the_host() {
    let rule = |kind: &str, major: i64, minor: i64, access: &str| {
        Some(json!({"allow": true, "type": kind, "major": major, "minor": minor, "access": access}))
    };
    let filled = |path: &str, kind: &str, major: i64, minor: i64, mode: u32| json!({"path": path, "type": kind, "major": major, "minor": minor, "fileMode": mode});
    let root = (0, 0);
    let c = filled("/dev/c", "c", 195, 3, 0o620);
    assert_eq!(
        node("path: /dev/c", root),
        Ok((c.clone(), rule("c", 195, 3, "rwm")))
    );
    assert_eq!(
        node("path: /dev/c, type: c", root),
        Ok((c, rule("c", 195, 3, "rwm")))
    );
    assert_eq!(
        node(
            "path: /dev/x, hostPath: /dev/b, permissions: r, fileMode: 0666",
            root
        ),
        Ok((filled("/dev/x", "b", 8, 1, 0o666), rule("b", 8, 1, "r")))
    );
    assert_eq!(
        node("path: /dev/c, major: 195, minor: 3, permissions: ''", root),
        Ok((
            filled("/dev/c", "c", 195, 3, 0o620),
            rule("c", 195, 3, "rwm")
        ))
    );
    // A minor number that is not written beside a major one is zero.
    assert_eq!(
        node("path: /dev/zero, major: 1", root).unwrap().1,
        rule("c", 1, 0, "rwm")
    );
    // A pipe has no numbers, and the device cgroup does not know it.
    assert_eq!(
        node("path: /dev/p", root),
        Ok((filled("/dev/p", "p", 0, 0, 0o620), None))
    );
    // What says all there is to say needs no node on the host.
    let minimal = json!({"path": "/dev/none", "type": "c", "major": 7, "minor": 0});
    assert_eq!(
        node("path: /dev/none, type: c, major: 7", root),
        Ok((minimal, rule("c", 7, 0, "rwm")))
    );
    let unbuffered = json!({"path": "/dev/none", "type": "u", "major": 7, "minor": 1});
    assert_eq!(
        node("path: /dev/none, type: u, major: 7, minor: 1", root),
        Ok((unbuffered, None))
    );
}

#[test]
fn nodes_belong_to_the_process_unless_the_file_says_whose_they_are() {
    let owner = |fields: &str, process| {
        let (node, _) = node(fields, process).unwrap();
        (node.get("uid").cloned(), node.get("gid").cloned())
    };
    let some = |id: u32| Some(json!(id));
    assert_eq!(owner("path: /dev/c", (0, 0)), (None, None));
    assert_eq!(owner("path: /dev/c", (1000, 0)), (some(1000), None));
    assert_eq!(owner("path: /dev/c", (1000, 100)), (some(1000), some(100)));
    assert_eq!(
        owner("path: /dev/c, uid: 0, gid: 44", (1000, 100)),
        (some(0), some(44))
    );
}

#[test]
fn nodes_that_do_not_fit_the_host() {
    let misfit = |fields: &str| node(fields, (0, 0)).unwrap_err();
    let numbers = |written, found| Misfit::Numbers { written, found };
    assert_eq!(misfit("path: /dev/none"), Misfit::NodeMissing);
    assert_eq!(misfit("path: /dev/none, type: c"), Misfit::NodeMissing);
    assert_eq!(misfit("path: /dev/none, major: 7"), Misfit::NodeMissing);
    assert_eq!(
        misfit("path: /dev/c, hostPath: /dev/none"),
        Misfit::NodeMissing
    );
    assert_eq!(misfit("path: /dev/link"), Misfit::NotANode);
    assert_eq!(misfit("path: /dev/file"), Misfit::NotANode);
    // The Go library keeps these, and the container gets another device.
    assert_eq!(
        misfit("path: /dev/c, major: 238, minor: 3"),
        numbers((238, 3), (195, 3))
    );
    assert_eq!(
        misfit("path: /dev/c, type: c, major: 238, minor: 3"),
        numbers((238, 3), (195, 3))
    );
    assert_eq!(
        misfit("path: /dev/c, major: 195"),
        numbers((195, 0), (195, 3))
    );
    assert_eq!(
        misfit("path: /dev/c, major: 195, minor: 4"),
        numbers((195, 4), (195, 3))
    );
    assert_eq!(misfit("path: /dev/c, minor: 4"), numbers((0, 4), (195, 3)));
    let kind = |written: &str, found| Misfit::Kind {
        written: written.to_owned(),
        found,
    };
    assert_eq!(
        misfit("path: /dev/c, type: b"),
        kind("b", DeviceKind::Character)
    );
    assert_eq!(
        misfit("path: /dev/b, type: c, major: 8, minor: 1"),
        kind("c", DeviceKind::Block)
    );
    assert_eq!(
        misfit("path: /dev/forbidden"),
        Misfit::Unknown("lstat(`/dev/forbidden`): Permission denied (os error 13)".to_owned())
    );
}

#[test]
fn every_stale_line_is_told_and_nothing_is_injected() {
    let text = "\
cdiVersion: 0.5.0
kind: x.com/gpu
devices:
- name: a
  containerEdits:
    deviceNodes:
    - path: /dev/c
      major: 238
      minor: 3
    - path: /dev/zero
containerEdits:
  mounts:
  - {hostPath: /lib/gone, containerPath: /lib/here}
  - {hostPath: /lib/there, containerPath: /lib/there}
  - {hostPath: tmpfs, containerPath: /tmp, type: tmpfs}
  hooks:
  - {hookName: createContainer, path: /bin/gone}
  - {hookName: startContainer, path: /bin/gone}
";
    let directory = Directory::with(&[("a.yaml", &text.replace("0.5.0", "1.0.0"))]);
    let host = Host {
        missing: vec!["/lib/gone", "/bin/gone"],
        ..host()
    };
    let names = ["x.com/gpu=a", "x.com/gpu=a"];
    let error = inject::edits(&directory.found(&names), &host, (0, 0)).unwrap_err();
    let file = directory.at("a.yaml");
    let entry = |line, device: Option<&str>, path: &str, what| Stale {
        file: file.clone(),
        line,
        device: device.map(str::to_owned),
        path: path.to_owned(),
        what,
    };
    let numbers = Misfit::Numbers {
        written: (238, 3),
        found: (195, 3),
    };
    let stale = vec![
        entry(13, None, "/lib/gone", Misfit::SourceMissing),
        entry(17, None, "/bin/gone", Misfit::ProgramMissing),
        entry(7, Some("a"), "/dev/c", numbers),
    ];
    let file = file.display();
    assert_eq!(
        error.to_string(),
        format!(
            "`{file}`, line 13: `/lib/gone`: there is nothing to mount; `{file}`, line 17: `/bin/gone`: there is no \
             such program for a hook; `{file}`, line 7: `/dev/c`: it is device 195:3, not 238:3"
        )
    );
    assert_eq!(error, InjectError::Stale(stale));
}

#[test]
fn what_no_container_can_be_given() {
    for (edits, what) in [
        ("deviceNodes: [{path: dev/c}]", "path `dev/c`"),
        (
            "mounts: [{hostPath: /a, containerPath: b}]",
            "containerPath `b`",
        ),
        ("mounts: [{hostPath: a, containerPath: /b}]", "hostPath `a`"),
        ("hooks: [{hookName: prestart, path: a}]", "path `a`"),
    ] {
        let directory = one(edits);
        let file = directory.at("a.yaml");
        assert_eq!(
            directory.edits(&["x.com/gpu=a"]).unwrap_err().to_string(),
            format!(
                "`{}`, line 6: {what} is not an absolute path",
                file.display()
            )
        );
    }
}

#[test]
fn the_rest_is_passed_on() {
    let directory = one(
        "{mounts: [{hostPath: /s, containerPath: /d/e, options: [ro, rbind]}, {hostPath: proc, containerPath: /d, type: proc}], \
         hooks: [{hookName: poststop, path: /h, args: [h, x], timeout: 5}, {hookName: prestart, path: /i, env: [A=b]}], \
         intelRdt: {closID: gold, schemata: [MB:0=1], enableMonitoring: true}, additionalGids: [0, 5, 5], \
         netDevices: [{hostInterfaceName: eth1, name: eth0}]}",
    );
    let edits = directory.edits(&["x.com/gpu=a"]).unwrap();
    let before = r#"{"mounts":[{"destination":"/d/e"},{"destination":"/proc"}],"process":{"user":{"additionalGids":[1]}}}"#;
    assert_eq!(
        applied(&edits, before),
        json!({
            "mounts": [
                {"destination": "/proc"},
                {"destination": "/d", "source": "proc", "type": "proc"},
                {"destination": "/d/e", "source": "/s", "options": ["ro", "rbind"]},
            ],
            "process": {"user": {"additionalGids": [1, 5]}},
            "linux": {
                "netDevices": {"eth1": {"name": "eth0"}},
                "intelRdt": {"closID": "gold", "schemata": ["MB:0=1"], "enableMonitoring": true},
            },
            "hooks": {
                // Never without an environment of its own: some runtimes would give it the image's.
                "poststop": [{"path": "/h", "args": ["h", "x"], "env": ["NVIDIA_CTK_DEBUG=false"], "timeout": 5}],
                "prestart": [{"path": "/i", "env": ["A=b"]}],
            },
        })
    );
}
