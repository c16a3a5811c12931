//! Texts and names made by hand.

/// A text, and whether it is to have one outcome with both.
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) is_alike: bool,
}

/// Scalars without quotes and with, each of which is put wherever a scalar can be.
const SCALARS: &[&str] = &[
    "0",
    "1",
    "-1",
    "+1",
    "007",
    "08",
    "0x10",
    "0X1F",
    "0o17",
    "0b101",
    "1_000",
    "_1",
    "1__0",
    "1.5",
    "1.10",
    "1.",
    ".5",
    "-.5",
    ".",
    "..",
    "1e3",
    "1E-3",
    "1e6",
    "1234567.0",
    "123456.0",
    "1e20",
    "1e21",
    "1e300",
    "0.00001",
    "0.0001",
    ".inf",
    "-.Inf",
    "+.INF",
    ".nan",
    "nan",
    "yes",
    "No",
    "y",
    "on",
    "OFF",
    "true",
    "tRUE",
    "~",
    "null",
    "nULL",
    "1:30",
    "190:20:30",
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "0.5.0",
    "99999999999999999999",
    "9223372036854775807",
    "0x",
    "0x-1",
    "0o8",
    "-0",
    "-0x1F",
    "1e",
    "1e999",
    "+",
    "=",
    "<<",
    "a:b",
    "a::b",
    "\"0\"",
    "'0'",
    "\"yes\"",
    "\"\\u00e9\"",
    "\"\\x41\"",
    "\"\\U0001F600\"",
    "\"\\q\"",
    "!!str 0",
    "b",
    "u",
    "rwm",
    "/x",
    "A=b",
];

fn with(version: &str, edits: &str) -> String {
    format!(
        "cdiVersion: {version}\nkind: x.com/gpu\ndevices:\n  - name: a\n    containerEdits: {edits}\n"
    )
}

fn plain() -> String {
    with("0.5.0", "{env: [A=b]}")
}

pub(crate) fn texts() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |text: String, is_alike| cases.push(Case { text, is_alike });
    for scalar in SCALARS {
        add(plain().replace("name: a", &format!("name: {scalar}")), true);
        add(plain().replace("0.5.0", scalar), true);
        add(plain().replace("x.com/gpu", scalar), true);
        add(
            with("0.6.0", "{env: [A=b]}") + &format!("annotations:\n  k: {scalar}\n"),
            true,
        );
        add(
            with("0.6.0", "{env: [A=b]}") + &format!("annotations:\n  {scalar}: v\n"),
            true,
        );
        for field in [
            "fileMode",
            "major",
            "minor",
            "uid",
            "gid",
            "type",
            "hostPath",
            "permissions",
        ] {
            // Minus zero is one that Go's JSON reader does not take for an unsigned number.
            let node =
                format!("\n      deviceNodes:\n      - path: /dev/x\n        {field}: {scalar}\n");
            add(with("1.1.0", &node), true);
        }
        let mount = format!(
            "\n      mounts:\n      - hostPath: /a\n        containerPath: /b\n        options:\n        - {scalar}\n"
        );
        add(with("1.1.0", &mount), true);
        add(
            with(
                "1.1.0",
                &format!("{{hooks: [{{hookName: prestart, path: /x, timeout: {scalar} }}]}}"),
            ),
            true,
        );
        add(
            with("1.1.0", &format!("{{additionalGids: [{scalar} ]}}")),
            true,
        );
        add(
            with(
                "1.1.0",
                &format!("{{intelRdt: {{enableMonitoring: {scalar} }}}}"),
            ),
            true,
        );
        add(
            with("1.1.0", &format!("{{intelRdt: {{closID: {scalar} }}}}")),
            true,
        );
        add(
            with("1.1.0", &format!("\n      env:\n      - {scalar}\n")),
            true,
        );
    }
    for text in ALIKE {
        add(text.replace("PLAIN\n", &plain()), true);
    }
    for text in OTHERWISE {
        add(text.replace("PLAIN\n", &plain()), false);
    }
    for edits in EDITS {
        for version in ["0.3.0", "0.5.0", "0.7.0", "1.1.0"] {
            add(with(version, edits), true);
        }
    }
    for kind in KINDS {
        add(plain().replace("x.com/gpu", kind), true);
    }
    let json = include_str!("../data/document.json");
    for (from, to) in [
        ("", ""),
        ("  ", "\t"),
        ("\n", "\r\n"),
        ("\n", ""),
        ("  ", ""),
        ("gpu", "g\\u0070u"),
        ("{\n", "{ # comment\n"),
        ("438", "438.0"),
        ("438", "4.38e2"),
        ("438", "0666"),
        ("438", "\"438\""),
        ("]\n", "],\n"),
        ("\"A=b\"", "\"A=b\","),
        ("\"A=b\"", "A=b"),
        ("\"A=b\"", "'A=b'"),
        ("A=b", "A=\\ud83d\\ude00"),
        ("A=b", "A=\u{1f600}"),
        ("A=b", "A=\n b"),
        ("A=b", "A=\\t\\b\\f\\r\\n\\\\\\\""),
        ("A=b", "A=\tb"),
        (": ", ":"),
        (": ", " : "),
        ("\"env\"", "\"ENV\""),
    ] {
        add(
            if from.is_empty() {
                json.to_owned()
            } else {
                json.replace(from, to)
            },
            true,
        );
    }
    // An escape of JSON that YAML 1.1 does not have.
    add(json.replace('/', "\\/"), false);
    cases
}

/// Whole texts with one outcome.
const ALIKE: &[&str] = &[
    "",
    "\n",
    "# x\n",
    "---\n",
    "null\n",
    "~",
    "- a\n",
    "abc",
    "5",
    "{}",
    "[",
    "'",
    "a: b: c\n",
    "\ta: b\n",
    "PLAIN\n---\nfoo: bar\n",
    "PLAIN\n...\n",
    "PLAIN\n...\n---\na: b\n",
    "%YAML 1.1\n---\nPLAIN\n",
    "\u{feff}PLAIN\n",
    "PLAIN\nzzz: 1\n",
    "PLAIN\nzzz:\n",
    "PLAIN\nkind: x.com/gpu\n",
    "PLAIN\ncontainerEdits: *unknown\n",
    "PLAIN\n? [a]\n: b\n",
    "PLAIN\ncontainerEdits: ~\nannotations: {}\n",
    "PLAIN\ncontainerEdits: []\n",
    "PLAIN\n  - &a {name: b, containerEdits: {env: [A=b]}}\n",
    "PLAIN\n  - null\n",
    "PLAIN\n  - name: a\n    containerEdits: {env: [A=b]}\n",
    "PLAIN\n  - {}\n",
    "PLAIN\n  - name: b\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: []\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: {}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: [null]\n",
    "CDIVERSION: 0.5.0\n\u{212A}ind: x.com/gpu\nDEVICE\u{17F}:\n- Name: a\n  CONTAINEREDITS: {ENV: [A=b]}\n",
    "? cdiVersion\n: 0.5.0\n? kind\n: x.com/gpu\n? devices\n: - name: a\n    containerEdits: {env: [A=b]}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: &e {env: [A=b]}\n- name: b\n  containerEdits: *e\n- name: c\n  containerEdits: {<<: *e, mounts: []}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: &e {env: [A=b]}\n- name: c\n  containerEdits: {<<: *e, env: [A=c]}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: &e {env: [A=b]}\n- name: c\n  containerEdits: {env: [A=c], <<: *e}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: &e {env: [A=b]}\n- name: c\n  containerEdits: {<<: [*e, {mounts: [{hostPath: /a, containerPath: /b}]}]}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {<<: 5}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: &d\n- name: a\n  containerEdits: *d\n",
    "cdiVersion: 0.6.0\nkind: x.com/gpu\nannotations: {a: b, a: c}\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    "cdiVersion: 0.6.0\nkind: x.com/gpu\nannotations: {bad key!!: b, '': c, ~: d}\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    "cdiVersion: 0.6.0\nkind: x.com/gpu\nannotations: {bad key!!: b, '': c}\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: >-\n    ab\n  containerEdits:\n    env:\n    - |\n      A=b\n      c\n    - >+\n      B=c\n      d\n\n",
];

/// Whole texts with another outcome on purpose; see the list of differences.
const OTHERWISE: &[&str] = &[
    // Two spellings of one field.
    "PLAIN\nKIND: x.com/gpu\n",
    // Two keys that become one.
    "cdiVersion: 0.6.0\nkind: x.com/gpu\nannotations: {1: b, \"1\": c}\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    // Something behind the document that is no document.
    "{cdiVersion: 0.5.0, kind: x.com/gpu, devices: [{name: a, containerEdits: {env: [A=b]}}]}}",
    // Tags that ask for other types.
    "cdiVersion: !x 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    // A tab behind a colon.
    "cdiVersion: 0.5.0\nkind:\tx.com/gpu\ndevices:\n- name: a\n  containerEdits: {env: [A=b]}\n",
    // What YAML 1.2 has otherwise: a colon before a bracket ends a key, and brackets are indented with what they are in.
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {env: [A=b:]}\n",
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {\nenv: [A=b]}\n",
    // Characters that end a line in YAML 1.1, and do not in 1.2.
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {env: [\"A=\u{2028}b\"]}\n",
    // A NUL byte, which no variable can have.
    "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {env: [\"A=\\0b\"]}\n",
    // A newer YAML.
    "%YAML 1.2\n---\nPLAIN\n",
    // What was valid when it was written.
    "cdiVersion: 0.7.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {intelRdt: {enableCMT: true}}\n",
];

/// Edits of a device, for every version.
const EDITS: &[&str] = &[
    "{}",
    "null",
    "{env: []}",
    "{env: [A]}",
    "{env: [=A]}",
    "{env: [A=]}",
    "{env: [A=b, null]}",
    "{env: A=b}",
    "{env: {A: b}}",
    "{mounts: [{hostPath: /a}]}",
    "{mounts: [{containerPath: /a}]}",
    "{mounts: [{hostPath: a, containerPath: b, type: ''}]}",
    "{mounts: [{hostPath: a, containerPath: b, type: x, options: [a, a]}]}",
    "{mounts: [null]}",
    "{hooks: [null]}",
    "{deviceNodes: [{}]}",
    "{deviceNodes: [{path: ''}]}",
    "{deviceNodes: [{path: x, type: d}]}",
    "{deviceNodes: [{path: x, type: p, permissions: rrr}]}",
    "{deviceNodes: [{path: x, permissions: rx}]}",
    "{deviceNodes: [{path: x, permissions: none}]}",
    "{deviceNodes: [{path: x, hostPath: ''}]}",
    "{deviceNodes: [{path: x, hostPath: y, major: -1, minor: -5}]}",
    "{hooks: [{hookName: foo, path: /x}]}",
    "{hooks: [{hookName: prestart}]}",
    "{hooks: [{hookName: PreStart, path: /x}]}",
    "{hooks: [{hookName: poststop, path: x, env: [A], args: []}]}",
    "{hooks: [{hookName: poststop, path: x, env: [A=], args: [null, 5, yes]}]}",
    "{intelRdt: {}}",
    "{intelRdt: {closID: /}}",
    "{intelRdt: {closID: a/b}}",
    "{intelRdt: {closID: ..}}",
    "{intelRdt: {closID: \"a\\nb\"}}",
    "{intelRdt: {schemata: [a], l3CacheSchema: b, memBwSchema: c}}",
    "{additionalGids: []}",
    "{additionalGids: [0]}",
    "{additionalGids: [null, 5]}",
    "{additionalGids: [-1]}",
    "{additionalGids: [4294967296]}",
    "{netDevices: []}",
    "{netDevices: [{}]}",
    "{netDevices: [{name: a}]}",
    "{netDevices: [{hostInterfaceName: a}]}",
    "{netDevices: [{hostInterfaceName: a, name: b}, {hostInterfaceName: a, name: c}]}",
    "{netDevices: [{hostInterfaceName: a, name: b}, {hostInterfaceName: c, name: b}]}",
    "{netDevices: [{hostInterfaceName: a, name: b}, {hostInterfaceName: b, name: a}]}",
    "{env: [A=b], x: y}",
];

/// Kinds; one of a single character makes the Go library panic, which counts as an error.
const KINDS: &[&str] = &[
    "vendor",
    "x.com/",
    "/gpu",
    "/",
    "x.com/g",
    "x/gpu",
    "x.com/g.u",
    "1x/gpu",
    "x.com-/gpu",
    "x.com/gpu/y",
    "x com/gpu",
    "\"x.com/gpu \"",
    "x_y.z-1/g_p-u",
    "x.com/gpu=0",
    "\u{e4}b/gpu",
    "x.com/gp\u{fc}",
];

pub(crate) fn names() -> Vec<String> {
    let parts = [
        "",
        "a",
        "ab",
        "0",
        "a0",
        "0a",
        "a-",
        "-a",
        "a.b",
        "a_b",
        "a:b",
        "a/b",
        "a=b",
        "a b",
        "\u{e4}b",
        "b\u{e4}",
        "b\u{e4}c",
        "a\n",
        "a::b",
        "nvidia.com",
    ];
    let mut names = vec![
        "/dev/x=1".to_owned(),
        "=".to_owned(),
        "/=".to_owned(),
        "ab/cd".to_owned(),
        "ab=cd".to_owned(),
    ];
    for one in parts {
        for other in ["ab", "", "c"] {
            names.push(format!("{one}/{other}=0"));
            names.push(format!("{other}/{one}=0"));
            names.push(format!("ab/{other}={one}"));
        }
    }
    names.retain(|name| !name.is_empty());
    names
}
