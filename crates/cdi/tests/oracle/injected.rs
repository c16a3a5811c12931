//! Injections at random into a `config.json`, on the nodes that this machine has.
//!
//! What we do on purpose in another way is taken out on both sides: the place of a variable that was there before, and
//! a cgroup rule that is there twice.

use std::path::Path;

use libtest_mimic::Failed;
use liftgate_cdi::{QualifiedName, Registry, ThisHost, inject};
use liftgate_oci::Document;
use serde_json::{Value, json};

use super::generated::Dice;
use super::{Oracle, conclude, text_of};

const HOST_PATHS: &[&str] = &["/etc", "/etc/passwd", "/usr/lib", "/tmp", "/bin/sh"];
const PLACES: &[&str] = &[
    "/a",
    "/a/b",
    "/a/b/c",
    "/dev/pts",
    "/proc",
    "/",
    "/a/../b",
    "/x//y",
    "/x/y/",
    "/etc/passwd",
    "/a/./b",
];

fn config(dice: &mut Dice) -> Value {
    let mut mounts: Vec<Value> = Vec::new();
    for place in PLACES {
        if dice.one_in(3) {
            mounts.push(
                json!({"destination": place, "type": "bind", "source": "/own", "options": ["ro"]}),
            );
        }
    }
    let id = |dice: &mut Dice| if dice.one_in(2) { 0 } else { 1000 };
    let mut config = json!({
        "ociVersion": "1.2.0",
        "process": {
            "user": {"uid": id(dice), "gid": id(dice), "additionalGids": [10, 20]},
            "args": ["sh"],
            "env": ["PATH=/bin", "A=own", "OTHER=a=b"],
            "cwd": "/",
        },
        "root": {"path": "rootfs"},
        "mounts": mounts,
        "linux": {"namespaces": [{"type": "mount"}]},
    });
    if dice.one_in(2) {
        config["hooks"] = json!({"createContainer": [{"path": "/own"}]});
        config["linux"]["resources"] = json!({"devices": [{"allow": false, "access": "rwm"}]});
        config["linux"]["devices"] =
            json!([{"path": "/dev/null", "type": "c", "major": 9, "minor": 9}]);
    }
    config
}

/// Edits in YAML flow style, of things that are on this machine.
fn edits(dice: &mut Dice, pipe: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let variables = dice.list(3, |dice| {
        format!("\"{}={}\"", dice.pick(&["A", "B", "C"]), dice.below(9))
    });
    parts.push(format!("env: [{}]", variables.join(", ")));
    let nodes = dice.list(3, |dice| {
        let path = dice.pick(&["/dev/null", "/dev/zero", "/dev/tty", "/dev/full"]);
        let fields = match dice.below(7) {
            0 => format!("path: {path}"),
            1 => format!("path: {path}, type: c, permissions: r"),
            2 => format!("path: /dev/other, hostPath: {path}, fileMode: 0600"),
            3 => "path: /dev/none, type: c, major: 7, minor: 9".to_owned(),
            4 => "path: /dev/none, type: u, major: 7, uid: 5, gid: 0".to_owned(),
            5 => "path: /dev/zero, major: 1, minor: 5, permissions: rw".to_owned(),
            _ => format!("path: /run/pipe, hostPath: {pipe}"),
        };
        format!("{{{fields}}}")
    });
    parts.push(format!("deviceNodes: [{}]", nodes.join(", ")));
    let mounts = dice.list(3, |dice| {
        let (from, to) = (dice.pick(HOST_PATHS), dice.pick(PLACES));
        let more = dice.pick(&["", ", options: [ro, rbind]", ", type: bind"]);
        format!("{{hostPath: {from}, containerPath: {to}{more}}}")
    });
    parts.push(format!("mounts: [{}]", mounts.join(", ")));
    let hooks = dice.list(3, |dice| {
        let stage = dice.pick(&[
            "prestart",
            "createRuntime",
            "createContainer",
            "startContainer",
            "poststart",
            "poststop",
        ]);
        let more = dice.pick(&["", ", args: [sh, -c]", ", timeout: 5"]);
        format!("{{hookName: {stage}, path: /bin/sh, env: [A=b]{more}}}")
    });
    parts.push(format!("hooks: [{}]", hooks.join(", ")));
    if dice.one_in(3) {
        parts.push(format!(
            "additionalGids: [0, {}, {}]",
            dice.below(30),
            dice.below(30)
        ));
    }
    if dice.one_in(4) {
        parts.push(format!(
            "netDevices: [{{hostInterfaceName: eth{}, name: eth0}}]",
            dice.below(3)
        ));
    }
    if dice.one_in(4) {
        parts.push(format!(
            "intelRdt: {{closID: c{}, enableMonitoring: true}}",
            dice.below(3)
        ));
    }
    format!("{{{}}}", parts.join(", "))
}

fn write_files(dice: &mut Dice, directory: &Path, pipe: &str) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    for file in ["one", "two"] {
        let mut lines = vec![
            format!("cdiVersion: 1.1.0\nkind: x.com/{file}"),
            format!("containerEdits: {}\ndevices:", edits(dice, pipe)),
        ];
        for name in ["a", "b", "c"] {
            let edits = edits(dice, pipe).replacen("env: [", "env: [D=d, ", 1);
            lines.push(format!("- name: {name}\n  containerEdits: {edits}"));
            names.push(format!("x.com/{file}={name}"));
        }
        let text = lines.join("\n");
        std::fs::write(directory.join(format!("{file}.yaml")), text)?;
    }
    Ok(names)
}

/// What both are expected to agree on.
fn comparable(mut document: Value) -> Value {
    if let Some(env) = document.pointer_mut("/process/env") {
        let mut last = serde_json::Map::new();
        for entry in env.as_array().into_iter().flatten() {
            let text = entry.as_str().unwrap_or_default();
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            last.insert(name.to_owned(), Value::from(value));
        }
        *env = Value::Object(last);
    }
    if let Some(rules) = document
        .pointer_mut("/linux/resources/devices")
        .and_then(Value::as_array_mut)
    {
        let mut once: Vec<Value> = Vec::new();
        for rule in rules.drain(..) {
            if !once.contains(&rule) {
                once.push(rule);
            }
        }
        *rules = once;
    }
    // No mounts are left out by one and written as none by the other.
    if document["mounts"] == json!([]) {
        document["mounts"].take();
    }
    // Nodes have one path each, and no order.
    if let Some(devices) = document
        .pointer_mut("/linux/devices")
        .and_then(Value::as_array_mut)
    {
        devices.sort_by_key(|device| device["path"].to_string());
    }
    document
}

fn ours(directory: &Path, config: &Value, names: &[String]) -> Result<Value, Failed> {
    let registry = Registry::load(&[directory.to_owned()]);
    if let Some(error) = registry.errors().first() {
        return Err(error.to_string().into());
    }
    let names: Result<Vec<QualifiedName>, _> = names.iter().map(|name| name.parse()).collect();
    let found = registry.resolve(&names?)?;
    let bytes = config.to_string().into_bytes();
    let mut document = Document::parse(&bytes)?;
    let user = document.user()?;
    document.apply(&inject::edits(&found, &ThisHost, (user.uid, user.gid))?)?;
    Ok(serde_json::from_slice(&document.to_bytes())?)
}

pub(crate) fn compare(oracle: &Oracle) -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let pipe = place.path().join("pipe");
    std::process::Command::new("mkfifo").arg(&pipe).status()?;
    let mut complaints = Vec::new();
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let directory = place.path().join(seed.to_string());
        std::fs::create_dir(&directory)?;
        let names = write_files(&mut dice, &directory, text_of(&pipe))?;
        let asked = dice.list(4, |dice| names[dice.below(names.len())].clone());
        let config = config(&mut dice);
        let path = directory.join("config");
        std::fs::write(&path, config.to_string())?;

        let mut arguments = vec!["inject", text_of(&directory), "--", text_of(&path)];
        arguments.extend(asked.iter().map(String::as_str));
        let answer = oracle.ask(&arguments)?.join("\n");
        let theirs: Value = serde_json::from_str(&answer)
            .map_err(|error| format!("seed {seed}: {error}: {answer}"))?;
        let ours =
            ours(&directory, &config, &asked).map_err(|error| format!("seed {seed}: {error:?}"))?;
        let (ours, theirs) = (comparable(ours), comparable(theirs));
        for part in ["process", "mounts", "hooks", "linux"] {
            let (ours, theirs) = (&ours[part], &theirs[part]);
            if ours != theirs {
                complaints.push(format!(
                    "seed {seed}: {asked:?}\n  ours:   {ours}\n  theirs: {theirs}"
                ));
            }
        }
    }
    conclude(&complaints)
}
