//! From a [`Specification`] to text.
//!
//! YAML as the reference lays it out, so that its files and ours can be compared line by line: `---` first, four
//! spaces, lists indented, fields in the order of the Go library. JSON as one line. Both are made by one walk;
//! what is absent is not written, for a reader of an older version would refuse the field and with it the file.

use std::collections::BTreeMap;

use crate::model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Mount, NetDevice, Specification,
};
use crate::quote::{is_plain, quoted};

/// A key that is longer stands behind a `?`: readers give up looking for its `:` after 1024 characters.
const LONGEST_KEY: usize = 500;

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

fn some_list<T>(out: &mut Writer, name: &str, items: &[T], write: fn(&mut Writer, &T)) {
    if !items.is_empty() {
        out.key(name);
        list(out, items, write);
    }
}

fn list<T>(out: &mut Writer, items: &[T], write: fn(&mut Writer, &T)) {
    out.begin_list();
    for item in items {
        out.item();
        write(out, item);
    }
    out.end_list();
}

/// What a YAML collection needs to know before its first element.
struct Level {
    /// Columns before its elements.
    indent: usize,
    is_empty: bool,
    /// Whether the first element stands on the line that the parent began.
    continues_line: bool,
}

/// Writes either format. The calls are the same; what is between the values differs.
struct Writer {
    text: String,
    is_yaml: bool,
    levels: Vec<Level>,
    /// Whether the value that comes next stands behind a `- `, a `key:`, or at the start.
    after: After,
}

#[derive(Clone, Copy, PartialEq)]
enum After {
    Start,
    Dash,
    Key,
}

impl Writer {
    fn new(is_yaml: bool) -> Self {
        Self {
            text: if is_yaml { "---\n" } else { "" }.to_owned(),
            is_yaml,
            levels: Vec::new(),
            after: After::Start,
        }
    }

    fn begin_map(&mut self) {
        self.begin('{');
    }

    fn end_map(&mut self) {
        self.end("{}", '}');
    }

    fn begin_list(&mut self) {
        self.begin('[');
    }

    fn end_list(&mut self) {
        self.end("[]", ']');
    }

    fn begin(&mut self, sign: char) {
        if !self.is_yaml {
            self.text.push(sign);
        }
        // `- ` takes two columns, and indentation goes on to the next multiple of four: the layout of go-yaml 3.
        let indent = match (self.after, self.levels.last()) {
            (After::Dash, Some(parent)) => parent.indent + 2,
            (_, Some(parent)) => (parent.indent + 4) / 4 * 4,
            (_, None) => 0,
        };
        self.levels.push(Level {
            indent,
            is_empty: true,
            continues_line: self.after != After::Key,
        });
    }

    fn end(&mut self, empty: &str, sign: char) {
        let level = self.levels.pop();
        if !self.is_yaml {
            self.text.push(sign);
        } else if level.is_some_and(|level| level.is_empty) {
            self.literal(empty);
        }
    }

    /// What comes before an element.
    fn element(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let is_first = std::mem::replace(&mut level.is_empty, false);
        if !self.is_yaml {
            if !is_first {
                self.text.push(',');
            }
            return;
        }
        if is_first && level.continues_line {
            return;
        }
        if is_first {
            self.text.push('\n');
        }
        for _ in 0..level.indent {
            self.text.push(' ');
        }
    }

    fn item(&mut self) {
        self.element();
        if self.is_yaml {
            self.text.push_str("- ");
        }
        self.after = After::Dash;
    }

    fn key(&mut self, name: &str) {
        self.element();
        if !self.is_yaml {
            quoted(&mut self.text, name, true);
            self.text.push(':');
            return;
        }
        let start = self.text.len();
        self.scalar(name);
        if self.text.len() - start > LONGEST_KEY {
            self.text.insert_str(start, "? ");
            let indent = self.levels.last().map_or(0, |level| level.indent);
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
        self.text.push(':');
        self.after = After::Key;
    }

    /// A value that stands as it is.
    fn literal(&mut self, text: &str) {
        if !self.is_yaml {
            self.text.push_str(text);
            return;
        }
        if self.after == After::Key {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn scalar(&mut self, text: &str) {
        if self.is_yaml && is_plain(text) {
            self.text.push_str(text);
        } else {
            quoted(&mut self.text, text, !self.is_yaml);
        }
    }

    fn value(&mut self, text: &str) {
        if self.is_yaml && self.after == After::Key {
            self.text.push(' ');
        }
        self.scalar(text);
        if self.is_yaml {
            self.text.push('\n');
        }
    }

    fn string(&mut self, name: &str, text: &str) {
        self.key(name);
        self.value(text);
    }

    fn some_string(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(name, text);
        }
    }

    fn strings(&mut self, name: &str, texts: &[String]) {
        some_list(self, name, texts, |out, text| out.value(text));
    }

    fn number(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.key(name);
            self.literal(&number.to_string());
        }
    }
}
