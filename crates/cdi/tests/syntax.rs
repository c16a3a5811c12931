//! What is a specification and what is none: the cases that were tried on the Go library 1.1.0, each with its
//! outcome there. Where ours is another, the case says so.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use std::time::{Duration, Instant};

use liftgate_cdi::{Specification, SpecificationError, Version};

/// A specification of one device `a` with these edits.
fn with(version: &str, edits: &str) -> String {
    format!(
        "cdiVersion: {version}\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: {edits}\n"
    )
}

const ENV: &str = "{env: [A=b]}";

fn plain() -> String {
    with("0.5.0", ENV)
}

fn load(text: &str) -> Result<Specification, SpecificationError> {
    Specification::load(text.as_bytes())
}

fn refused(text: &str) -> String {
    load(text).unwrap_err().to_string()
}

#[test]
fn versions() {
    for version in [
        "0.3.0", "0.4.0", "0.5.0", "v0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0",
    ] {
        load(&with(version, ENV)).unwrap();
    }
    for (version, expected) in [
        // A number becomes the text that the engines make of it.
        (
            "0.5",
            "there is no CDI version `0.5`; those known are 0.3.0 to 1.1.0",
        ),
        (
            "0.50",
            "there is no CDI version `0.5`; those known are 0.3.0 to 1.1.0",
        ),
        (
            "1.2.0",
            "there is no CDI version `1.2.0`; those known are 0.3.0 to 1.1.0",
        ),
        (
            "0.2.0",
            "CDI version 0.2.0 is too low: 0.3.0 is the lowest that is read",
        ),
        (
            "",
            "there is no CDI version ``; those known are 0.3.0 to 1.1.0",
        ),
    ] {
        assert_eq!(
            refused(&with(version, ENV)),
            format!("line 1: `cdiVersion` cannot be read: {expected}")
        );
    }
}

#[test]
fn each_field_needs_its_version() {
    use Version::{V0_3, V0_4, V0_5, V0_6, V0_7, V1_1};
    let mount = "{mounts: [{hostPath: /a, containerPath: /b, type: bind}]}";
    let in_device = |field: &str| format!("{{env: [A=b], {field}}}");
    let cases = [
        (with("?", ENV), V0_3, ""),
        (
            with("?", mount),
            V0_4,
            "devices[0].containerEdits.mounts[0].type",
        ),
        (
            with("?", ENV).replace("name: a", "name: 0"),
            V0_5,
            "devices[0].name",
        ),
        (
            with("?", "{deviceNodes: [{path: /dev/a, hostPath: /dev/b}]}"),
            V0_5,
            "devices[0].containerEdits.deviceNodes[0].hostPath",
        ),
        (
            with("?", ENV).replace("x.com/gpu", "x.com/g.u"),
            V0_6,
            "kind",
        ),
        (
            with("?", ENV) + "annotations: {a: b}\n",
            V0_6,
            "annotations",
        ),
        (
            with("?", ENV) + "  annotations: {a: b}\n",
            V0_6,
            "devices[0].annotations",
        ),
        (
            with("?", &in_device("additionalGids: [0]")),
            V0_7,
            "devices[0].containerEdits.additionalGids",
        ),
        (
            with("?", ENV) + "containerEdits: {intelRdt: {}}\n",
            V0_7,
            "containerEdits.intelRdt",
        ),
        (
            with("?", &in_device("intelRdt: {schemata: [MB:0=1]}")),
            V1_1,
            "devices[0].containerEdits.intelRdt.schemata",
        ),
        (
            with("?", &in_device("intelRdt: {enableMonitoring: true}")),
            V1_1,
            "devices[0].containerEdits.intelRdt.enableMonitoring",
        ),
        (
            with(
                "?",
                &in_device("netDevices: [{hostInterfaceName: a, name: b}]"),
            ),
            V1_1,
            "devices[0].containerEdits.netDevices",
        ),
        // What is there and says nothing needs nothing.
        (
            with(
                "?",
                &in_device("netDevices: [], additionalGids: [], intelRdt: null"),
            ) + "annotations: {}\n",
            V0_3,
            "",
        ),
    ];
    for (text, needed, field) in cases {
        for version in Version::ALL {
            let text = text.replace('?', version.text());
            let specification = Specification::parse(text.as_bytes()).unwrap();
            assert_eq!(specification.minimum_version(), needed, "{text}");
            match specification.validate() {
                Ok(()) => assert!(version >= needed, "{text}"),
                Err(error) => {
                    assert!(version < needed, "{text}");
                    assert_eq!(error.field, field);
                    assert_eq!(
                        error.reason,
                        format!("needs CDI {needed}, and the file declares {version}")
                    );
                }
            }
        }
    }
}

#[test]
fn fields() {
    let place = "devices[0].containerEdits";
    for (text, expected) in [
        (
            plain() + "zzz: 1\n",
            "line 6, column 1: has no field `zzz` in any CDI version".to_owned(),
        ),
        (
            plain() + "kind: x.com/gpu\n",
            "line 6, column 1: has the field `kind` twice".to_owned(),
        ),
        // The engines let two spellings of a name pass, and take the one that sorts last.
        (
            plain() + "KIND: x.com/gpu\n",
            "line 6, column 1: has the field `kind` twice".to_owned(),
        ),
        (
            with("0.5.0", "{env: [A=b], Mount: []}"),
            format!("line 5, column 32: `{place}` has no field `Mount` in any CDI version"),
        ),
        (
            with("0.5.0", "{}"),
            "line 4: `devices[0]` does nothing: it has no `containerEdits`".to_owned(),
        ),
        (
            with("0.5.0", "null"),
            "line 4: `devices[0]` does nothing: it has no `containerEdits`".to_owned(),
        ),
        (
            "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: []\n".to_owned(),
            "line 3: `devices` is empty".to_owned(),
        ),
        (
            "cdiVersion: 0.5.0\nkind: x.com/gpu\n".to_owned(),
            "line 1: `devices` is empty".to_owned(),
        ),
        (
            "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices: [null]\n".to_owned(),
            "line 3, column 11: `devices[0]` is null, not a map".to_owned(),
        ),
        (
            plain() + "- name: a\n  containerEdits: {env: [A=b]}\n",
            "line 6: `devices[1].name` is `a`, as a device before it".to_owned(),
        ),
        (
            plain() + "containerEdits:\n  env:\n  - A=b\n  - A\n",
            "line 9: `containerEdits.env[1]` is `A`, not `NAME=VALUE`".to_owned(),
        ),
        (
            with("0.5.0", "{env: [=A]}"),
            format!("line 5: `{place}.env[0]` is `=A`, not `NAME=VALUE`"),
        ),
        (
            with("0.5.0", "{env: [5]}"),
            format!("line 5: `{place}.env[0]` is `5`, not `NAME=VALUE`"),
        ),
        (
            with("0.5.0", "{env: A=b}"),
            format!("line 5, column 25: `{place}.env` is a string, not a list"),
        ),
        (
            with("0.5.0", "{hooks: [{hookName: foo, path: /x}]}"),
            format!(
                "line 5: `{place}.hooks[0].hookName` is `foo`, none of `prestart`, `createRuntime`, \
                 `createContainer`, `startContainer`, `poststart`, `poststop`"
            ),
        ),
        (
            with("0.5.0", "{hooks: [{hookName: prestart}]}"),
            format!("line 5: `{place}.hooks[0].path` is empty"),
        ),
        (
            with(
                "0.5.0",
                "{hooks: [{hookName: prestart, path: /x, env: [A]}]}",
            ),
            format!("line 5: `{place}.hooks[0].env[0]` is `A`, not `NAME=VALUE`"),
        ),
        (
            with("0.5.0", "{deviceNodes: [{path: /dev/x, permissions: rx}]}"),
            format!(
                "line 5: `{place}.deviceNodes[0].permissions` is `rx`, with other letters than `r`, `w` and `m`"
            ),
        ),
        (
            with(
                "0.5.0",
                "{deviceNodes: [{path: /dev/x, permissions: none}]}",
            ),
            format!(
                "line 5: `{place}.deviceNodes[0].permissions` is `none`, with other letters than `r`, `w` and `m`"
            ),
        ),
        (
            with("0.5.0", "{deviceNodes: [{path: /dev/x, type: d}]}"),
            format!("line 5: `{place}.deviceNodes[0].type` is `d`, none of `b`, `c`, `u` and `p`"),
        ),
        (
            with("0.5.0", "{deviceNodes: [{type: c}]}"),
            format!("line 5: `{place}.deviceNodes[0].path` is empty"),
        ),
        (
            with("0.5.0", "{mounts: [{containerPath: /b}]}"),
            format!("line 5: `{place}.mounts[0].hostPath` is empty"),
        ),
        (
            with("0.5.0", "{mounts: [{hostPath: /b}]}"),
            format!("line 5: `{place}.mounts[0].containerPath` is empty"),
        ),
        (
            with("0.7.0", "{intelRdt: {closID: a/b}}"),
            format!("line 5: `{place}.intelRdt.closID` is no file name"),
        ),
        (
            with(
                "1.1.0",
                "{netDevices: [{hostInterfaceName: a, name: b}, {hostInterfaceName: c, name: b}]}",
            ),
            format!("line 5: `{place}.netDevices[1].name` is `b`, as one before it"),
        ),
        (
            with("1.1.0", "{netDevices: [{name: b}]}"),
            format!("line 5: `{place}.netDevices[0].hostInterfaceName` is empty"),
        ),
        (
            with("0.5.0", "{env: [\"A=\\0\"]}"),
            format!("line 5: `{place}.env[0]` has a NUL byte"),
        ),
    ] {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

#[test]
fn kinds() {
    for (kind, expected) in [
        (
            "x.com-/gpu",
            "vendor `x.com-` does not end with a letter or digit",
        ),
        // The Go library 1.1.0 panics on these two.
        (
            "x.com/g",
            "class `g` has one character and needs two: the CDI library of many engines ends on one",
        ),
        (
            "x/gpu",
            "vendor `x` has one character and needs two: the CDI library of many engines ends on one",
        ),
        ("gpu", "vendor `` is empty"),
        ("x.com/", "vendor `` is empty"),
        ("x.com/a/b", "class `a/b` has '/', which no class may have"),
    ] {
        let text = with("0.6.0", ENV).replace("x.com/gpu", kind);
        assert_eq!(
            refused(&text),
            format!("line 2: `kind` is no kind: {expected}")
        );
    }
}

#[test]
fn what_was_valid_when_it_was_written_still_is() {
    let edits = "{intelRdt: {closID: a, enableCMT: true, enableMBM: yes}}";
    for version in ["0.7.0", "0.8.0", "1.0.0"] {
        let specification = load(&with(version, edits)).unwrap();
        let rdt = specification.devices[0].edits.intel_rdt.as_ref().unwrap();
        assert!(rdt.enable_cmt && rdt.enable_mbm);
    }
    assert_eq!(
        refused(&with("1.1.0", edits)),
        "line 5: `devices[0].containerEdits.intelRdt.enableCMT` is gone since CDI 1.1.0: `enableMonitoring` is in \
         its place"
    );
}

#[test]
fn numbers_where_strings_are_expected() {
    for (written, read) in [
        ("0", "0"),
        ("\"0\"", "0"),
        ("007", "7"),
        ("0x10", "16"),
        ("1_000", "1000"),
        ("1.50", "1.5"),
        ("yes", "true"),
        ("2001-01-01", "2001-01-01"),
        ("190:20:30", "190:20:30"),
        ("!!str 007", "007"),
    ] {
        let specification = load(&plain().replace("name: a", &format!("name: {written}"))).unwrap();
        assert_eq!(specification.devices[0].name, read, "{written}");
    }
    assert_eq!(
        refused(&plain().replace("name: a", "name: [a]")),
        "line 4, column 9: `devices[0].name` is a list, not a string"
    );
}

#[test]
fn modes_and_other_numbers() {
    let node = |field: &str| {
        with(
            "0.5.0",
            &format!("{{deviceNodes: [{{path: /dev/x, {field}}}]}}"),
        )
    };
    for mode in [
        "0666",
        "0o666",
        "438",
        "0x1b6",
        "0b110110110",
        "4_3_8",
        "438.0",
    ] {
        let specification = load(&node(&format!("fileMode: {mode}"))).unwrap();
        assert_eq!(
            specification.devices[0].edits.device_nodes[0].file_mode,
            Some(0o666)
        );
    }
    let place = "line 5, column 59: `devices[0].containerEdits.deviceNodes[0].fileMode`";
    for (mode, expected) in [
        ("\"0666\"", "is a string, not a number"),
        ("rw", "is a string, not a whole number"),
        ("4.5", "is a number, not a whole number"),
        ("-1", "is -1, which is not within 0 and 4294967295"),
        (
            "4294967296",
            "is 4294967296, which is not within 0 and 4294967295",
        ),
        ("true", "is a switch, not a whole number"),
        ("[438]", "is a list, not a number"),
    ] {
        assert_eq!(
            refused(&node(&format!("fileMode: {mode}"))),
            format!("{place} {expected}")
        );
    }
    let specification = load(&node("major: , minor: 0, uid: 0, gid: ~")).unwrap();
    let node = &specification.devices[0].edits.device_nodes[0];
    assert_eq!(
        (node.major, node.minor, node.uid, node.gid),
        (None, Some(0), Some(0), None)
    );
}

#[test]
fn names_of_fields_in_any_case() {
    let text = plain()
        .replace("cdiVersion", "CDIVERSION")
        .replace("kind", "\u{212A}ind")
        .replace("devices", "device\u{17F}")
        .replace("containerEdits", "containeredits");
    assert_eq!(load(&text), load(&plain()));
}

#[test]
fn documents() {
    for text in [
        "",
        "\n",
        "# nothing\n",
        "---\n",
        "~",
        "null\n",
        "---\n...\n",
    ] {
        assert_eq!(refused(text), "no specification in it");
    }
    for (text, expected) in [
        ("- a\n", "line 1, column 1: is a list, not a map"),
        ("abc", "line 1, column 1: is a string, not a map"),
        (
            "{}",
            "line 1: `cdiVersion` cannot be read: there is no CDI version ``; those known are 0.3.0 to 1.1.0",
        ),
        (
            "a: b\n\0",
            "line 2, column 1: the character U+0000, which must be written as an escape",
        ),
        (
            "a: \u{e9}\u{7f}",
            "line 1, column 5: the character U+007F, which must be written as an escape",
        ),
        (
            "a: b\u{2028}c: d",
            "line 1, column 5: the character U+2028, which must be written as an escape",
        ),
        (
            "kind:\tx",
            "line 1, column 7: a tab behind a `:`, where a space belongs",
        ),
        ("[a]: b", "line 1, column 1: has a list for a key"),
        ("? \n: b", "line 2, column 1: has null for a key"),
    ] {
        assert_eq!(refused(text), expected);
    }
    let error = Specification::load(b"a: b\n\xc3\xa9\xff").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column 2: bytes that are not UTF-8"
    );
    for (before, after) in [
        ("", "---\nsecond: document\n"),
        ("", "...\n"),
        ("---\n", ""),
        ("%YAML 1.1\n---\n", ""),
        ("\u{feff}", ""),
        ("# comment\n", "# comment"),
    ] {
        assert_eq!(load(&format!("{before}{}{after}", plain())), load(&plain()));
    }
    assert_eq!(load(&plain().replace('\n', "\r\n")), load(&plain()));
    // The Go library does not look at what follows the first document.
    let json = load(&plain()).unwrap().to_json();
    assert_eq!(
        refused(&(json.clone() + "}")),
        format!("line 1, column {}: misplaced bracket", json.len() + 1)
    );
}

#[test]
fn json() {
    let specification = load(&plain()).unwrap();
    let json = specification.to_json();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    for text in [
        json.clone(),
        pretty.clone(),
        pretty.replace("  ", "\t"),
        pretty.replace('\n', "\r\n"),
        pretty.replace('/', "\\/"),
        pretty.replace("gpu", "g\\u0070u"),
        format!("\t{json}\n\n"),
        format!("# a comment\n{json}"),
        json.replace("A=b\"]", "A=b\",]"),
    ] {
        assert_eq!(load(&text).as_ref(), Ok(&specification), "{text}");
    }
    let long = "x".repeat(100_000);
    let text = json.replace("A=b", &format!("A={long}"));
    assert_eq!(load(&text).unwrap().devices[0].edits.env[0].len(), 100_002);
}

#[test]
fn anchors_aliases_and_merges() {
    let text = "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n- name: a\n  containerEdits: &e {env: [A=b]}\n\
                - name: b\n  containerEdits: *e\n- name: c\n  containerEdits:\n    <<: *e\n    mounts: []\n";
    let specification = load(text).unwrap();
    for device in &specification.devices {
        assert_eq!(device.edits, specification.devices[0].edits);
    }
    // A field that a merge brings is there like any other: twice is an error, as it is in the Go library.
    assert_eq!(
        refused(&text.replace("mounts: []", "env: [C=d]")),
        "line 11, column 5: `devices[2].containerEdits` has the field `env` twice"
    );
    assert_eq!(
        refused("cdiVersion: &a [*a]"),
        "line 1, column 17: an alias within its own anchor"
    );
    assert_eq!(
        refused("kind: *b"),
        "line 1, column 7: while parsing node, found unknown anchor"
    );
}

#[test]
fn lines_of_devices_and_their_parts() {
    let text = "cdiVersion: 0.5.0\nkind: x.com/gpu\ndevices:\n\n  # a comment\n  - name: a\n    containerEdits:\n      \
                deviceNodes:\n      - path: /dev/a\n      -\n        path: /dev/b\n      hooks:\n      - {hookName: prestart,\n         \
                path: /x}\n      mounts:\n      - hostPath: /a\n        containerPath: /b\n";
    let device = &load(text).unwrap().devices[0];
    assert_eq!(device.line.0, 6);
    let lines: Vec<u32> = device
        .edits
        .device_nodes
        .iter()
        .map(|node| node.line.0)
        .collect();
    assert_eq!(lines, [9, 11]);
    assert_eq!(device.edits.hooks[0].line.0, 13);
    assert_eq!(device.edits.mounts[0].line.0, 16);
}

/// Each text, with the error it must come to within a second.
#[test]
fn what_costs_more_than_it_is_worth_is_refused_quickly() {
    let bomb = ('b'..='i').zip('a'..='h').fold(
        "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned(),
        |text, (own, other)| {
            text + &format!("{own}: &{own} [{}]\n", format!("*{other},").repeat(9))
        },
    );
    let texts = format!(
        "a: &a {}\nb: [{}]\n",
        "x".repeat(100_000),
        "*a,".repeat(100_000)
    );
    let nested = (1..40).fold("a0: &a0 [x]\n".to_owned(), |text, at| {
        text + &format!("a{at}: &a{at} [[[[*a{}]]]]\n", at - 1)
    });
    let wide = format!("[{}]", "a,".repeat(4_000_000));
    let many = "too many nodes, once aliases are unfolded";
    for (text, expected) in [
        (bomb, many),
        (texts, many),
        (nested, "nested deeper than any specification is"),
        (
            "[".repeat(100_000),
            "nested deeper than any specification is",
        ),
        (
            "- ".repeat(100_000),
            "nested deeper than any specification is",
        ),
        (
            "{a: ".repeat(30_000),
            "nested deeper than any specification is",
        ),
        (wide, "more than 524288 nodes"),
        ("a\n".repeat(4_000_000), "more than 524288 nodes"),
        (
            " ".repeat(10 << 20),
            "10485760 bytes are more than the 8388608 that are read",
        ),
    ] {
        let start = Instant::now();
        let error = refused(&text);
        assert!(error.ends_with(expected), "{error}: {}", &text[..40]);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
    }
}
