//! From text to a [`Specification`].
//!
//! Which fields there are, and where. How a field is read is in [`decode`](crate::decode); whether what it says makes
//! sense is the business of [`validate`](Specification::validate).

use crate::decode::{
    Reading, Way, annotations, fields, id, id_of, is_null, list, number_of, some_text_of,
    switch_of, text, text_of,
};
use crate::model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
use crate::source::ReadError;
use crate::tree::{Node, tree};

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
