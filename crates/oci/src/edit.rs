//! What can be changed in a document, and how each change is made.
//!
//! The edits are those that CDI knows, which are also those that giving a container its GPUs needs. Each looks first whether its
//! result is there already: an engine may have injected the same device before us, or a container be created twice from one bundle.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::Document;
use crate::error::OciError;
use crate::model::{
    Device, DeviceRule, EnvEntry, Hook, IntelRdt, Mount, NetDevice, Stage, WrittenRule,
};
use crate::mounts::{add_mounts, replace_mounts};
use crate::node::{Array, Node, Object};
use crate::source::Source;

/// A set of edits, applied at once and in the order of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits {
    /// Variables to set. All earlier entries of the name go, the new one comes last; one single entry with the same value stays where it is.
    pub env: Vec<EnvEntry>,
    /// Supplementary groups to add to those of the process. Group 0 is left out, as the CDI library does: it would be root's.
    pub additional_gids: Vec<u32>,
    /// Mounts to add after the container's own, by number of path components of the destination, then by destination.
    /// With [`Self::like_cdi`] they replace those with the same destination, in the given order, and all mounts of
    /// the document are sorted by the depth of their destination.
    pub mounts: Vec<Mount>,
    /// Device nodes to add; one with the same path is replaced where it stands.
    pub devices: Vec<Device>,
    /// Accesses that the device cgroup shall allow.
    pub device_rules: Vec<DeviceRule>,
    /// Base names of the programs whose `prestart` hooks are to go.
    pub remove_prestart: Vec<String>,
    /// Hooks to add at the end of their stage. With [`Self::like_cdi`] one that is given twice is there twice.
    pub hooks: Vec<(Stage, Hook)>,
    /// Network interfaces that the runtime moves into the container.
    pub net_devices: Vec<NetDevice>,
    /// What `linux.intelRdt` shall be.
    pub intel_rdt: Option<IntelRdt>,
    /// Whether mounts and hooks are placed as the CDI library of the engines places them.
    pub like_cdi: bool,
}

impl Edits {
    /// Refuse what no document should get.
    fn check(&self) -> Result<(), OciError> {
        for EnvEntry { name, value } in &self.env {
            if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                return Err(OciError::EnvNotSettable { name: name.clone() });
            }
        }
        let mounts = self
            .mounts
            .iter()
            .map(|mount| ("mount destination", &mount.destination));
        let devices = self
            .devices
            .iter()
            .map(|device| ("device path", &device.path));
        let hooks = self.hooks.iter().map(|(_, hook)| ("hook path", &hook.path));
        for (what, path) in mounts.chain(devices).chain(hooks) {
            if !path.starts_with('/') {
                return Err(OciError::NotAbsolute {
                    what,
                    path: path.clone(),
                });
            }
        }
        match self.hooks.iter().find(|(_, hook)| hook.env.is_empty()) {
            Some((_, hook)) => Err(OciError::HookWithoutEnv {
                path: hook.path.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl Document<'_> {
    /// Make the edits: all of them, or none when one cannot be made.
    pub fn apply(&mut self, edits: &Edits) -> Result<(), OciError> {
        edits.check()?;
        let source = self.source;
        let mut root = self.root.clone();
        if !edits.env.is_empty() || !edits.additional_gids.is_empty() {
            let process = root.object(source, "process", "process")?;
            if !edits.env.is_empty() {
                set_env(
                    source,
                    process.array(source, "process.env", "env")?,
                    &edits.env,
                )?;
            }
            if !edits.additional_gids.is_empty() {
                let user = process.object(source, "process.user", "user")?;
                let gids = user.array(source, "process.user.additionalGids", "additionalGids")?;
                add_gids(source, gids, &edits.additional_gids)?;
            }
        }
        if !edits.mounts.is_empty() {
            let mounts = root.array(source, "mounts", "mounts")?;
            if edits.like_cdi {
                replace_mounts(mounts, &edits.mounts);
            } else {
                add_mounts(mounts, &edits.mounts);
            }
        }
        if !edits.devices.is_empty() || !edits.device_rules.is_empty() {
            let linux = root.object(source, "linux", "linux")?;
            if !edits.devices.is_empty() {
                add_devices(
                    linux.array(source, "linux.devices", "devices")?,
                    &edits.devices,
                );
            }
            if !edits.device_rules.is_empty() {
                let resources = linux.object(source, "linux.resources", "resources")?;
                let rules = resources.array(source, "linux.resources.devices", "devices")?;
                add_rules(rules, &edits.device_rules);
            }
        }
        for device in &edits.net_devices {
            let linux = root.object(source, "linux", "linux")?;
            let devices = linux.object(source, "linux.netDevices", "netDevices")?;
            set(
                devices,
                &device.host_interface,
                format!("{{\"name\":{}}}", json(&device.name)),
            );
        }
        if let Some(rdt) = &edits.intel_rdt {
            let linux = root.object(source, "linux", "linux")?;
            set(linux, "intelRdt", json(rdt));
        }
        if !edits.remove_prestart.is_empty() || !edits.hooks.is_empty() {
            let hooks = root.object(source, "hooks", "hooks")?;
            if edit_hooks(source, hooks, edits)? {
                root.remove("hooks");
            }
        }
        self.root = root;
        Ok(())
    }
}

fn set_env(
    source: Source<'_>,
    array: &mut Array<'_>,
    variables: &[EnvEntry],
) -> Result<(), OciError> {
    let mut entries = Vec::with_capacity(array.items.len());
    for (index, node) in array.items.iter().enumerate() {
        entries.push(source.decode::<String>(&node.text(), &format!("process.env[{index}]"))?);
    }
    for EnvEntry { name, value } in variables {
        let wanted = format!("{name}={value}");
        let is_it = |entry: &str| entry.split_once('=').is_some_and(|(key, _)| key == name);
        let mut same = entries.iter().filter(|entry| is_it(entry));
        if same.next() == Some(&wanted) && same.next().is_none() {
            continue;
        }
        let mut keep = entries.iter().map(|entry| !is_it(entry));
        array.items.retain(|_| keep.next().unwrap_or(true));
        entries.retain(|entry| !is_it(entry));
        array.push(json(&wanted));
        entries.push(wanted);
    }
    Ok(())
}

fn add_gids(source: Source<'_>, array: &mut Array<'_>, gids: &[u32]) -> Result<(), OciError> {
    let mut present = Vec::with_capacity(array.items.len());
    for (index, node) in array.items.iter().enumerate() {
        present.push(source.decode::<u32>(
            &node.text(),
            &format!("process.user.additionalGids[{index}]"),
        )?);
    }
    for gid in gids {
        if *gid != 0 && !present.contains(gid) {
            array.push(gid.to_string());
            present.push(*gid);
        }
    }
    Ok(())
}

fn add_devices(array: &mut Array<'_>, devices: &[Device]) {
    let mut own: Vec<Value> = array.items.iter().map(value_of).collect();
    for device in devices {
        let text = json(device);
        let wanted = parsed(&text);
        let is_it =
            |value: &Value| value.get("path").and_then(Value::as_str) == Some(device.path.as_str());
        let Some(at) = own.iter().position(is_it) else {
            array.push(text);
            own.push(wanted);
            continue;
        };
        if own[at] != wanted {
            array.items[at] = Node::New(text);
            array.changed = true;
            own[at] = wanted;
        }
        // A second node of the path would be made over the first one.
        let again: Vec<bool> = own
            .iter()
            .enumerate()
            .map(|(index, value)| index > at && is_it(value))
            .collect();
        if again.contains(&true) {
            let mut goes = again.iter();
            array.items.retain(|_| goes.next() == Some(&false));
            let mut goes = again.iter();
            own.retain(|_| goes.next() == Some(&false));
            array.changed = true;
        }
    }
}

/// Rules take effect in order: an equal one counts only if no later rule denies anything.
fn add_rules(array: &mut Array<'_>, rules: &[DeviceRule]) {
    let mut own: Vec<Option<WrittenRule>> = array
        .items
        .iter()
        .map(|node| serde_json::from_str(&node.text()).ok())
        .collect();
    for rule in rules {
        let is_there = own
            .iter()
            .rev()
            .take_while(|present| present.as_ref().is_some_and(|present| present.allow))
            .flatten()
            .any(|present| allows(present, rule));
        if !is_there {
            let written = WrittenRule {
                allow: true,
                kind: Some(rule.kind.letter().to_owned()),
                major: rule.major,
                minor: rule.minor,
                access: Some(rule.access.clone()),
            };
            array.push(json(&written));
            own.push(Some(written));
        }
    }
}

/// Whether a rule of the document is the wanted one; -1 is another spelling of "every number", and the letters may come in any order.
fn allows(present: &WrittenRule, rule: &DeviceRule) -> bool {
    let number = |number: Option<i64>| number.filter(|number| *number != -1);
    let access = present.access.as_deref().unwrap_or_default();
    present.kind.as_deref() == Some(rule.kind.letter())
        && number(present.major) == number(rule.major)
        && number(present.minor) == number(rule.minor)
        && ['r', 'w', 'm']
            .into_iter()
            .all(|letter| access.contains(letter) == rule.access.contains(letter))
}

/// Says whether `hooks` itself is to go, because taking hooks out has left nothing in it.
fn edit_hooks<'a>(
    source: Source<'a>,
    hooks: &mut Object<'a>,
    edits: &Edits,
) -> Result<bool, OciError> {
    let prestart = hooks.array(source, "hooks.prestart", "prestart")?;
    let removed = remove_programs(source, prestart, &edits.remove_prestart)?;
    for (index, (stage, hook)) in edits.hooks.iter().enumerate() {
        let array = hooks.array(source, &format!("hooks.{}", stage.name()), stage.name())?;
        let text = json(hook);
        let wanted = parsed(&text);
        let present = array.items.iter().filter(|node| value_of(node) == wanted);
        let needed = if edits.like_cdi {
            let is_it = |other: &&(Stage, Hook)| other.0 == *stage && other.1 == *hook;
            1 + edits.hooks[..index].iter().filter(is_it).count()
        } else {
            1
        };
        if present.count() < needed {
            array.push(text);
        }
    }
    if removed
        && hooks
            .array(source, "hooks.prestart", "prestart")?
            .items
            .is_empty()
    {
        hooks.remove("prestart");
        return Ok(hooks.is_empty());
    }
    Ok(false)
}

/// Take the hooks out whose program has one of these base names; says whether there were any.
fn remove_programs(
    source: Source<'_>,
    array: &mut Array<'_>,
    names: &[String],
) -> Result<bool, OciError> {
    #[derive(Deserialize)]
    struct Program {
        path: String,
    }
    if names.is_empty() {
        return Ok(false);
    }
    let mut stays = Vec::with_capacity(array.items.len());
    for (index, node) in array.items.iter().enumerate() {
        let hook: Program =
            source.decode_object(&node.text(), &format!("hooks.prestart[{index}]"))?;
        let name = hook.path.rsplit('/').next().unwrap_or_default();
        stays.push(!names.iter().any(|gone| gone == name));
    }
    let removes = stays.contains(&false);
    let mut stays = stays.into_iter();
    array.items.retain(|_| stays.next().unwrap_or(true));
    array.changed |= removes;
    Ok(removes)
}

/// Makes a member of an object what `text` says, if it is not.
fn set(object: &mut Object<'_>, name: &str, text: String) {
    if object.get(name).map(value_of).as_ref() != Some(&parsed(&text)) {
        object.set(name, text);
    }
}

/// The JSON text of one of our own types, none of which can fail to serialise.
pub(crate) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A value to compare with. One that is too deep to decode is equal to nothing that we write.
pub(crate) fn value_of(node: &Node<'_>) -> Value {
    parsed(&node.text())
}

pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
