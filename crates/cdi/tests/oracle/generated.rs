//! Specifications at random: valid, in the lowest version, and with strings that tempt a reader.

use liftgate_cdi::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};

/// A sequence of numbers that is the same for the same seed (`xorshift`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
    pub(crate) fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }
    pub(crate) fn some<T>(&mut self, of: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.one_in(2).then(|| of(self))
    }
    pub(crate) fn list<T>(&mut self, limit: usize, mut of: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(limit + 1)).map(|_| of(self)).collect()
    }
}

const TEXTS: &[&str] = &[
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
    "a\n\n b\n",
    "\t",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{fffe}",
    "\u{1f600}",
    "\u{e9}",
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
    "? a",
    "null",
    "true",
    ".inf",
    "+1",
    "1_0",
    "0.1",
    "2001-01-01",
    "a:",
    ":a",
    "\r\n",
    "\u{1}",
    "\u{7f}",
    "\u{9f}",
    "\u{1b}",
    "plain",
    "/usr/lib/libcuda.so.1::/usr/lib/libcuda.so",
    "--link",
    "<a&b>",
    "0.5.0",
    "12e",
    "..",
    ".5",
    ",",
];

fn text(dice: &mut Dice) -> String {
    let mut text = dice.pick(TEXTS).to_owned();
    for _ in 0..dice.below(3) {
        text += dice.pick(TEXTS);
    }
    text
}

fn variable(dice: &mut Dice) -> String {
    format!(
        "{}={}",
        dice.pick(&["A", "B", "C d", "\u{e9}", "0"]),
        text(dice)
    )
}

fn device_node(dice: &mut Dice) -> DeviceNode {
    DeviceNode {
        path: text(dice),
        host_path: dice.some(text),
        kind: dice.some(|dice| dice.pick(&["b", "c", "u", "p"]).to_owned()),
        major: dice.some(|_| 195),
        minor: dice.some(|dice| i64::try_from(dice.below(300)).unwrap_or(0) - 1),
        file_mode: dice.some(|_| 0o666),
        permissions: dice.some(|dice| dice.pick(&["r", "rw", "rwm", "mm"]).to_owned()),
        uid: dice.some(|_| 0),
        gid: dice.some(|_| u32::MAX),
        line: Line(0),
    }
}

fn hook(dice: &mut Dice) -> Hook {
    let stages = [
        "prestart",
        "createRuntime",
        "createContainer",
        "startContainer",
        "poststart",
        "poststop",
    ];
    Hook {
        stage: dice.pick(&stages).to_owned(),
        path: text(dice),
        args: dice.list(3, text),
        env: dice.list(2, variable),
        timeout: dice.some(|_| -5),
        line: Line(0),
    }
}

fn mount(dice: &mut Dice) -> Mount {
    Mount {
        host_path: text(dice),
        container_path: text(dice),
        options: dice.list(3, text),
        kind: dice.some(text),
        line: Line(0),
    }
}

fn intel_rdt(dice: &mut Dice) -> IntelRdt {
    IntelRdt {
        clos_id: dice.some(|dice| dice.pick(&["/", "gold", "0", "no"]).to_owned()),
        l3_cache_schema: dice.some(text),
        mem_bw_schema: dice.some(text),
        schemata: dice.list(2, text),
        enable_monitoring: dice.one_in(2),
        ..IntelRdt::default()
    }
}

fn edits(dice: &mut Dice) -> ContainerEdits {
    ContainerEdits {
        env: dice.list(2, variable),
        device_nodes: dice.list(2, device_node),
        net_devices: if dice.one_in(4) {
            vec![NetDevice {
                host_interface: text(dice),
                name: text(dice),
            }]
        } else {
            Vec::new()
        },
        hooks: dice.list(2, hook),
        mounts: dice.list(2, mount),
        intel_rdt: dice.one_in(4).then(|| intel_rdt(dice)),
        additional_gids: if dice.one_in(4) {
            vec![0, 5]
        } else {
            Vec::new()
        },
    }
}

pub(crate) fn specification(seed: u64) -> Specification {
    let mut dice = Dice::new(seed);
    let mut specification = Specification {
        vendor: dice
            .pick(&["x.com", "ab", "A0", "true", "y1", "e0-9_z"])
            .to_owned(),
        class: dice.pick(&["gpu", "g.u", "C0", "no"]).to_owned(),
        edits: if dice.one_in(3) {
            edits(&mut dice)
        } else {
            ContainerEdits::default()
        },
        ..Specification::default()
    };
    if dice.one_in(3) {
        specification.annotations = dice
            .list(3, |dice| (text(dice), text(dice)))
            .into_iter()
            .collect();
    }
    for name in [
        "0",
        "a",
        "1:0",
        "no",
        "0x1",
        "1e3",
        "0.1",
        "2001-01-01",
        "GPU-1",
        "1_0",
        "y",
    ] {
        if dice.one_in(4) || name == "GPU-1" {
            let mut edits = edits(&mut dice);
            if edits.is_empty() {
                edits.env.push("A=b".to_owned());
            }
            specification.devices.push(Device {
                name: name.to_owned(),
                annotations: if dice.one_in(4) {
                    [(text(&mut dice), text(&mut dice))].into()
                } else {
                    [].into()
                },
                edits,
                line: Line(0),
            });
        }
    }
    let version = specification.minimum_version();
    version.text().clone_into(&mut specification.version);
    specification
}
