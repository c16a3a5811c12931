//! From a [`Specification`] to text.
//!
//! YAML as the reference lays it out, so that its files and ours can be compared line by line: `---` first, four
//! spaces, lists indented, fields in the order of the Go library. JSON as one line. Both are made by one walk;
//! what is absent is not written, for a reader of an older version would refuse the field and with it the file.

use std::collections::BTreeMap;

use crate::layout::{Writer, list, some_list};
use crate::model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Mount, NetDevice, Specification,
};

impl Specification {
    /// YAML, with `---` as its first line.
    pub fn to_yaml(&self) -> String {
        let mut out = Writer::new(true);
        self.write(&mut out);
        out.text
    }

    /// JSON in one line, without an end of line.
    pub fn to_json(&self) -> String {
        let mut out = Writer::new(false);
        self.write(&mut out);
        out.text
    }

    fn write(&self, out: &mut Writer) {
        out.begin_map();
        out.string("cdiVersion", &self.version);
        // A kind without vendor is no kind, but it is read, and so it must be written.
        let kind = match &*self.vendor {
            "" => self.class.clone(),
            vendor => format!("{vendor}/{}", self.class),
        };
        out.string("kind", &kind);
        annotations(out, &self.annotations);
        out.key("devices");
        list(out, &self.devices, device);
        // The Go library leaves an empty one out in YAML, but not in JSON.
        if !out.is_yaml || !self.edits.is_empty() {
            out.key("containerEdits");
            edits(out, &self.edits);
        }
        out.end_map();
    }
}

fn device(out: &mut Writer, device: &Device) {
    out.begin_map();
    out.string("name", &device.name);
    annotations(out, &device.annotations);
    out.key("containerEdits");
    edits(out, &device.edits);
    out.end_map();
}

fn edits(out: &mut Writer, edits: &ContainerEdits) {
    out.begin_map();
    out.strings("env", &edits.env);
    some_list(out, "deviceNodes", &edits.device_nodes, device_node);
    some_list(out, "netDevices", &edits.net_devices, net_device);
    some_list(out, "hooks", &edits.hooks, hook);
    some_list(out, "mounts", &edits.mounts, mount);
    if let Some(rdt) = &edits.intel_rdt {
        out.key("intelRdt");
        intel_rdt(out, rdt);
    }
    some_list(out, "additionalGids", &edits.additional_gids, |out, gid| {
        out.literal(&gid.to_string());
    });
    out.end_map();
}

fn device_node(out: &mut Writer, node: &DeviceNode) {
    out.begin_map();
    out.string("path", &node.path);
    out.some_string("hostPath", node.host_path.as_deref());
    out.some_string("type", node.kind.as_deref());
    out.number("major", node.major);
    out.number("minor", node.minor);
    out.number("fileMode", node.file_mode.map(i64::from));
    out.some_string("permissions", node.permissions.as_deref());
    out.number("uid", node.uid.map(i64::from));
    out.number("gid", node.gid.map(i64::from));
    out.end_map();
}

fn net_device(out: &mut Writer, device: &NetDevice) {
    out.begin_map();
    out.string("hostInterfaceName", &device.host_interface);
    out.string("name", &device.name);
    out.end_map();
}

fn hook(out: &mut Writer, hook: &Hook) {
    out.begin_map();
    out.string("hookName", &hook.stage);
    out.string("path", &hook.path);
    out.strings("args", &hook.args);
    out.strings("env", &hook.env);
    out.number("timeout", hook.timeout);
    out.end_map();
}

fn mount(out: &mut Writer, mount: &Mount) {
    out.begin_map();
    out.string("hostPath", &mount.host_path);
    out.string("containerPath", &mount.container_path);
    out.strings("options", &mount.options);
    out.some_string("type", mount.kind.as_deref());
    out.end_map();
}

fn intel_rdt(out: &mut Writer, rdt: &IntelRdt) {
    out.begin_map();
    out.some_string("closID", rdt.clos_id.as_deref());
    out.some_string("l3CacheSchema", rdt.l3_cache_schema.as_deref());
    out.some_string("memBwSchema", rdt.mem_bw_schema.as_deref());
    out.strings("schemata", &rdt.schemata);
    for (name, is_on) in [
        ("enableMonitoring", rdt.enable_monitoring),
        ("enableCMT", rdt.enable_cmt),
        ("enableMBM", rdt.enable_mbm),
    ] {
        if is_on {
            out.key(name);
            out.literal("true");
        }
    }
    out.end_map();
}

fn annotations(out: &mut Writer, annotations: &BTreeMap<String, String>) {
    if annotations.is_empty() {
        return;
    }
    out.key("annotations");
    out.begin_map();
    for (key, value) in annotations {
        out.string(key, value);
    }
    out.end_map();
}
