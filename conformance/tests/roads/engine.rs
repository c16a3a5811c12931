//! An engine that knows CDI, as small as can be: what the Go library does to a `config.json`, for what our
//! specifications have in them.

use liftgate_testhost::Machine;
use serde_json::{Map, Value, json};

/// A specification, as JSON.
#[derive(Debug, Clone)]
pub(crate) struct Specification(pub(crate) Value);

impl Specification {
    fn device(&self, name: &str) -> Option<&Value> {
        let devices = self.0["devices"].as_array()?;
        devices.iter().find(|device| device["name"] == name)
    }

    /// Gives a container the devices of these names; the first that is none, if there is one.
    pub(crate) fn inject(
        &self,
        names: &[&str],
        config: &mut Value,
        machine: &Machine,
    ) -> Result<(), String> {
        let mut edits = vec![&self.0["containerEdits"]];
        for name in names {
            let device = self.device(name).ok_or_else(|| (*name).to_owned())?;
            edits.push(&device["containerEdits"]);
        }
        for edits in edits {
            inject(edits, config, machine);
        }
        Ok(())
    }
}

fn inject(edits: &Value, config: &mut Value, machine: &Machine) {
    for variable in items(&edits["env"]) {
        let text = variable.as_str().unwrap_or_default();
        let name = &text[..text.find('=').map_or(text.len(), |at| at + 1)];
        let list = list(&mut config["process"], "env");
        list.retain(|other| !other.as_str().unwrap_or_default().starts_with(name));
        list.push(variable.clone());
    }
    for node in items(&edits["deviceNodes"]) {
        inject_node(node, config, machine);
    }
    for mount in items(&edits["mounts"]) {
        let list = list(config, "mounts");
        list.retain(|other| other["destination"] != mount["containerPath"]);
        list.push(json!({
            "destination": mount["containerPath"],
            "source": mount["hostPath"],
            "type": mount.get("type").unwrap_or(&json!("")),
            "options": mount["options"],
        }));
    }
    for hook in items(&edits["hooks"]) {
        let mut own = hook.clone();
        let stage = hook["hookName"].as_str().unwrap_or_default();
        if let Some(own) = own.as_object_mut() {
            own.remove("hookName");
        }
        list(&mut config["hooks"], stage).push(own);
    }
    for group in items(&edits["additionalGids"]) {
        let list = list(&mut config["process"]["user"], "additionalGids");
        if !list.contains(group) {
            list.push(group.clone());
        }
    }
}

/// What the specification leaves to the host is the host's.
fn inject_node(node: &Value, config: &mut Value, machine: &Machine) {
    let path = node["path"].as_str().unwrap_or_default();
    let host_path = node["hostPath"].as_str().unwrap_or(path);
    let host = machine.nodes().iter().find(|node| node.path == host_path);
    let number = |name: &str, of_host: Option<u32>| match node[name].as_u64() {
        Some(number) if number > 0 || node["major"].as_u64() > Some(0) => json!(number),
        _ => json!(of_host),
    };
    let (major, minor) = (
        number("major", host.map(|host| host.major)),
        number("minor", host.map(|host| host.minor)),
    );
    let mut device = Map::from_iter([
        ("path".to_owned(), json!(path)),
        ("type".to_owned(), json!("c")),
        ("major".to_owned(), major.clone()),
        ("minor".to_owned(), minor.clone()),
    ]);
    let mode = node.get("fileMode").cloned();
    if let Some(mode) = mode.or_else(|| host.map(|host| json!(host.mode))) {
        device.insert("fileMode".to_owned(), mode);
    }
    for owner in ["uid", "gid"] {
        if let Some(id) = node.get(owner) {
            device.insert(owner.to_owned(), id.clone());
        }
    }
    let devices = list(&mut config["linux"], "devices");
    devices.retain(|other| other["path"] != path);
    devices.push(Value::Object(device));
    let access = node["permissions"].as_str().unwrap_or("rwm");
    list(&mut config["linux"]["resources"], "devices").push(json!({
        "allow": true, "type": "c", "major": major, "minor": minor, "access": access,
    }));
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The list of that name, which is made if there is none.
fn list<'a>(of: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    if !of[name].is_array() {
        of[name] = json!([]);
    }
    match &mut of[name] {
        Value::Array(list) => list,
        _ => unreachable!("it has just been made"),
    }
}
