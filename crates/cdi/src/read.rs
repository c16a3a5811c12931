//! From text to a [`Specification`].
//!
//! It is strict where a mistake would otherwise change what a container gets: a field that no version of CDI
//! knows, a field twice (also in two spellings: the engines take names in any letter case), a string that
//! should be a number. It coerces where the engines coerce (see [`scalar`](crate::scalar)), for a name that
//! the engine reads as `0` must be `0` here. Whether what it says makes sense is the business of
//! [`validate`](Specification::validate).

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
use crate::scalar::{Plain, float_text, meaning};
use crate::tree::{Node, ReadError, Value, tree};

impl Specification {
    /// Reads YAML or JSON.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let root = tree(bytes)?.filter(|root| !is_null(root));
        match root {
            Some(root) => specification(&root),
            None => Err(ReadError {
                line: 0,
                column: 0,
                field: String::new(),
                reason: "no specification in it".to_owned(),
            }),
        }
    }
}

/// The way to a node; only written out for an error.
#[derive(Clone, Copy)]
enum Way<'w> {
    Root,
    Field(&'w Way<'w>, &'static str),
    Item(&'w Way<'w>, usize),
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

type Reading<T> = Result<T, ReadError>;

fn error<T>(node: &Node<'_>, way: Way<'_>, reason: impl Into<String>) -> Reading<T> {
    Err(ReadError {
        line: node.line,
        column: node.column,
        field: way.to_string(),
        reason: reason.into(),
    })
}

fn specification(node: &Node<'_>) -> Reading<Specification> {
    let way = Way::Root;
    let names = [
        "cdiVersion",
        "kind",
        "annotations",
        "devices",
        "containerEdits",
    ];
    let mut found = [None; 5];
    fields(node, way, &names, &mut found)?;
    let [version, kind, own_annotations, devices, edits] = found;
    let kind = text_of(kind, Way::Field(&way, "kind"))?;
    // What has no vendor gets an empty one, which validation then refuses by that name.
    let (vendor, class) = match kind.split_once('/') {
        Some((vendor, class)) if !vendor.is_empty() && !class.is_empty() => (vendor, class),
        _ => ("", &*kind),
    };
    Ok(Specification {
        version: text_of(version, Way::Field(&way, "cdiVersion"))?,
        vendor: vendor.to_owned(),
        class: class.to_owned(),
        annotations: annotations(own_annotations, Way::Field(&way, "annotations"))?,
        devices: list(devices, Way::Field(&way, "devices"), device)?,
        edits: container_edits(edits, Way::Field(&way, "containerEdits"))?,
    })
}

fn device(node: &Node<'_>, way: Way<'_>) -> Reading<Device> {
    let mut found = [None; 3];
    fields(
        node,
        way,
        &["name", "annotations", "containerEdits"],
        &mut found,
    )?;
    let [name, own_annotations, edits] = found;
    Ok(Device {
        name: text_of(name, Way::Field(&way, "name"))?,
        annotations: annotations(own_annotations, Way::Field(&way, "annotations"))?,
        edits: container_edits(edits, Way::Field(&way, "containerEdits"))?,
        line: Line(node.line),
    })
}

fn container_edits(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<ContainerEdits> {
    let Some(node) = node else {
        return Ok(ContainerEdits::default());
    };
    let names = [
        "env",
        "deviceNodes",
        "netDevices",
        "hooks",
        "mounts",
        "intelRdt",
        "additionalGids",
    ];
    let mut found = [None; 7];
    fields(node, way, &names, &mut found)?;
    let [env, device_nodes, net_devices, hooks, mounts, rdt, gids] = found;
    let rdt_way = Way::Field(&way, "intelRdt");
    Ok(ContainerEdits {
        env: list(env, Way::Field(&way, "env"), text)?,
        device_nodes: list(device_nodes, Way::Field(&way, "deviceNodes"), device_node)?,
        net_devices: list(net_devices, Way::Field(&way, "netDevices"), net_device)?,
        hooks: list(hooks, Way::Field(&way, "hooks"), hook)?,
        mounts: list(mounts, Way::Field(&way, "mounts"), mount)?,
        intel_rdt: rdt.map(|node| intel_rdt(node, rdt_way)).transpose()?,
        additional_gids: list(gids, Way::Field(&way, "additionalGids"), id)?,
    })
}

fn device_node(node: &Node<'_>, way: Way<'_>) -> Reading<DeviceNode> {
    let names = [
        "path",
        "hostPath",
        "type",
        "major",
        "minor",
        "fileMode",
        "permissions",
        "uid",
        "gid",
    ];
    let mut found = [None; 9];
    fields(node, way, &names, &mut found)?;
    let [
        path,
        host_path,
        kind,
        major,
        minor,
        mode,
        permissions,
        uid,
        gid,
    ] = found;
    let number = |node, name| {
        number_of(
            node,
            Way::Field(&way, name),
            i64::MIN.into(),
            i64::MAX.into(),
        )
    };
    Ok(DeviceNode {
        path: text_of(path, Way::Field(&way, "path"))?,
        host_path: some_text_of(host_path, Way::Field(&way, "hostPath"))?,
        kind: some_text_of(kind, Way::Field(&way, "type"))?,
        major: number(major, "major")?.and_then(|number| number.try_into().ok()),
        minor: number(minor, "minor")?.and_then(|number| number.try_into().ok()),
        file_mode: id_of(mode, Way::Field(&way, "fileMode"))?,
        permissions: some_text_of(permissions, Way::Field(&way, "permissions"))?,
        uid: id_of(uid, Way::Field(&way, "uid"))?,
        gid: id_of(gid, Way::Field(&way, "gid"))?,
        line: Line(node.line),
    })
}

fn mount(node: &Node<'_>, way: Way<'_>) -> Reading<Mount> {
    let mut found = [None; 4];
    fields(
        node,
        way,
        &["hostPath", "containerPath", "options", "type"],
        &mut found,
    )?;
    let [host_path, container_path, options, kind] = found;
    Ok(Mount {
        host_path: text_of(host_path, Way::Field(&way, "hostPath"))?,
        container_path: text_of(container_path, Way::Field(&way, "containerPath"))?,
        options: list(options, Way::Field(&way, "options"), text)?,
        kind: some_text_of(kind, Way::Field(&way, "type"))?,
        line: Line(node.line),
    })
}

fn hook(node: &Node<'_>, way: Way<'_>) -> Reading<Hook> {
    let mut found = [None; 5];
    fields(
        node,
        way,
        &["hookName", "path", "args", "env", "timeout"],
        &mut found,
    )?;
    let [stage, path, args, env, timeout] = found;
    let seconds = Way::Field(&way, "timeout");
    Ok(Hook {
        stage: text_of(stage, Way::Field(&way, "hookName"))?,
        path: text_of(path, Way::Field(&way, "path"))?,
        args: list(args, Way::Field(&way, "args"), text)?,
        env: list(env, Way::Field(&way, "env"), text)?,
        timeout: number_of(timeout, seconds, i64::MIN.into(), i64::MAX.into())?
            .and_then(|number| number.try_into().ok()),
        line: Line(node.line),
    })
}

fn net_device(node: &Node<'_>, way: Way<'_>) -> Reading<NetDevice> {
    let mut found = [None; 2];
    fields(node, way, &["hostInterfaceName", "name"], &mut found)?;
    let [host_interface, name] = found;
    Ok(NetDevice {
        host_interface: text_of(host_interface, Way::Field(&way, "hostInterfaceName"))?,
        name: text_of(name, Way::Field(&way, "name"))?,
    })
}

fn intel_rdt(node: &Node<'_>, way: Way<'_>) -> Reading<IntelRdt> {
    let names = [
        "closID",
        "l3CacheSchema",
        "memBwSchema",
        "schemata",
        "enableMonitoring",
        "enableCMT",
        "enableMBM",
    ];
    let mut found = [None; 7];
    fields(node, way, &names, &mut found)?;
    let [clos_id, l3, bandwidth, schemata, monitoring, cmt, mbm] = found;
    Ok(IntelRdt {
        clos_id: some_text_of(clos_id, Way::Field(&way, "closID"))?,
        l3_cache_schema: some_text_of(l3, Way::Field(&way, "l3CacheSchema"))?,
        mem_bw_schema: some_text_of(bandwidth, Way::Field(&way, "memBwSchema"))?,
        schemata: list(schemata, Way::Field(&way, "schemata"), text)?,
        enable_monitoring: switch_of(monitoring, Way::Field(&way, "enableMonitoring"))?,
        enable_cmt: switch_of(cmt, Way::Field(&way, "enableCMT"))?,
        enable_mbm: switch_of(mbm, Way::Field(&way, "enableMBM"))?,
    })
}

/// The values of a map's fields, in the order of `names`; those that are absent or null stay `None`.
fn fields<'n, 'a>(
    node: &'n Node<'a>,
    way: Way<'_>,
    names: &[&'static str],
    found: &mut [Option<&'n Node<'a>>],
) -> Reading<()> {
    let mut seen = 0_u32;
    for (key, value) in entries(node, way)? {
        let name = key_text(key, way)?;
        let Some(at) = names.iter().position(|known| folds_to(&name, known)) else {
            return error(
                key,
                way,
                format!("has no field `{name}` in any CDI version").trim_start(),
            );
        };
        if seen & (1 << at) != 0 {
            return error(key, way, format!("has the field `{}` twice", names[at]));
        }
        seen |= 1 << at;
        found[at] = Some(value).filter(|value| !is_null(value));
    }
    Ok(())
}

fn annotations(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let Some(node) = node else {
        return Ok(all);
    };
    for (key, value) in entries(node, way)? {
        let name = key_text(key, way)?;
        if all.contains_key(&name) {
            return error(key, way, format!("has the key `{name}` twice"));
        }
        all.insert(name, text(value, way)?);
    }
    Ok(all)
}

/// Keys and values of a map. Those of a map under the key `<<` (or of each of a list of maps) stand with them.
fn entries<'n, 'a>(node: &'n Node<'a>, way: Way<'_>) -> Reading<Vec<(&'n Node<'a>, &'n Node<'a>)>> {
    let Value::Map(pairs) = &node.value else {
        return error(node, way, format!("is {}, not a map", kind_of(node)));
    };
    let mut all = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        let is_merge = matches!(&key.value, Value::Scalar { text, is_plain: true } if text == "<<");
        match &value.value {
            _ if !is_merge => all.push((key, value)),
            Value::List(maps) => {
                for map in maps {
                    all.extend(entries(map, way)?);
                }
            }
            _ => all.extend(entries(value, way)?),
        }
    }
    Ok(all)
}

/// A key. The engines write an infinite number as YAML does here, and as Go does where it is a value.
fn key_text(key: &Node<'_>, way: Way<'_>) -> Reading<String> {
    let found = match &key.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => meaning(text),
        Value::Scalar { .. } => Plain::Text,
        _ => Plain::Null,
    };
    match found {
        Plain::Null => error(key, way, format!("has {} for a key", kind_of(key))),
        Plain::Float(number) => Ok(match float_text(number) {
            text if text == "NaN" => ".nan".to_owned(),
            text if text == "+Inf" => ".inf".to_owned(),
            text if text == "-Inf" => "-.inf".to_owned(),
            text => text,
        }),
        _ => text(key, way),
    }
}

fn list<T>(
    node: Option<&Node<'_>>,
    way: Way<'_>,
    item: fn(&Node<'_>, Way<'_>) -> Reading<T>,
) -> Reading<Vec<T>> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let Value::List(items) = &node.value else {
        return error(node, way, format!("is {}, not a list", kind_of(node)));
    };
    let items = items.iter().enumerate();
    items
        .map(|(index, node)| item(node, Way::Item(&way, index)))
        .collect()
}

/// A string: what is written, or what the engines make of a number or a switch.
fn text(node: &Node<'_>, way: Way<'_>) -> Reading<String> {
    let Value::Scalar { text, is_plain } = &node.value else {
        return error(node, way, format!("is {}, not a string", kind_of(node)));
    };
    if !is_plain {
        return Ok(text.clone().into_owned());
    }
    Ok(match meaning(text) {
        Plain::Null => String::new(),
        Plain::Bool(switch) => switch.to_string(),
        Plain::Int(number) => number.to_string(),
        Plain::Float(number) => float_text(number),
        Plain::Text => text.clone().into_owned(),
    })
}

fn text_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<String> {
    node.map_or_else(|| Ok(String::new()), |node| text(node, way))
}

/// A string that is as good as absent when it is empty.
fn some_text_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<Option<String>> {
    let text = text_of(node, way)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn number(node: &Node<'_>, way: Way<'_>, low: i128, high: i128) -> Reading<i128> {
    let found = match &node.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => meaning(text),
        _ => return error(node, way, format!("is {}, not a number", kind_of(node))),
    };
    let number = match found {
        Plain::Int(number) => number,
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole, and a range check follows"
        )]
        Plain::Float(number) if number.fract() == 0.0 => number as i128,
        _ => {
            return error(
                node,
                way,
                format!("is {}, not a whole number", kind_of(node)),
            );
        }
    };
    if number < low || number > high {
        return error(
            node,
            way,
            format!("is {number}, which is not within {low} and {high}"),
        );
    }
    Ok(number)
}

fn number_of(
    node: Option<&Node<'_>>,
    way: Way<'_>,
    low: i128,
    high: i128,
) -> Reading<Option<i128>> {
    node.map(|node| number(node, way, low, high)).transpose()
}

/// A user, a group, a mode: 32 bits.
fn id(node: &Node<'_>, way: Way<'_>) -> Reading<u32> {
    // Null in a list is zero to the engines.
    if is_null(node) {
        return Ok(0);
    }
    number(node, way, 0, u32::MAX.into()).map(|number| u32::try_from(number).unwrap_or(0))
}

fn id_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<Option<u32>> {
    node.map(|node| id(node, way)).transpose()
}

fn switch_of(node: Option<&Node<'_>>, way: Way<'_>) -> Reading<bool> {
    let Some(node) = node else { return Ok(false) };
    match &node.value {
        Value::Scalar {
            text,
            is_plain: true,
        } => match meaning(text) {
            Plain::Bool(switch) => Ok(switch),
            _ => error(
                node,
                way,
                format!("is {}, not `true` or `false`", kind_of(node)),
            ),
        },
        _ => error(
            node,
            way,
            format!("is {}, not `true` or `false`", kind_of(node)),
        ),
    }
}

fn is_null(node: &Node<'_>) -> bool {
    matches!(&node.value, Value::Scalar { text, is_plain: true } if meaning(text) == Plain::Null)
}

fn kind_of(node: &Node<'_>) -> &'static str {
    match &node.value {
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Scalar {
            is_plain: false, ..
        } => "a string",
        Value::Scalar { text, .. } => match meaning(text) {
            Plain::Null => "null",
            Plain::Bool(_) => "a switch",
            Plain::Int(_) | Plain::Float(_) => "a number",
            Plain::Text => "a string",
        },
    }
}

/// Equality as Go's `encoding/json` compares keys: by simple folding, in which two characters beyond ASCII reach ASCII letters.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |character: char| match character {
        '\u{017F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

/// The line of a field, named as in [`ReadError::field`]; that of the innermost part of it that is there.
pub(crate) fn line_of(bytes: &[u8], field: &str) -> Option<u32> {
    let root = tree(bytes).ok()??;
    let (mut node, mut line) = (&root, root.line);
    for step in field.split(['.', '[']) {
        let next = match (&node.value, step.strip_suffix(']')) {
            (Value::List(items), Some(index)) => {
                index.parse().ok().and_then(|index: usize| items.get(index))
            }
            (Value::Map(_), None) => {
                let pairs = entries(node, Way::Root).ok()?;
                let is_it = |key: &Node<'_>| matches!(&key.value, Value::Scalar { text, .. } if folds_to(text, step));
                let found = pairs.into_iter().find(|(key, _)| is_it(key));
                // What stands behind a key may begin on a line below it.
                found.map(|(key, value)| {
                    line = key.line;
                    value
                })
            }
            _ => None,
        };
        let Some(next) = next else { break };
        if matches!(next.value, Value::Scalar { .. }) || step.ends_with(']') {
            line = next.line;
        }
        node = next;
    }
    Some(line)
}
