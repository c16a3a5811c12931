use super::*;

fn wish() -> Wish {
    Wish {
        name: "nvidia".into(),
        path: "nvidia-container-runtime".into(),
        is_default: false,
        with_cdi: false,
    }
}

/// Adds it, and sees that a second time changes nothing.
fn added(text: &str, wish: &Wish) -> String {
    let (edited, _) = add(text, wish).unwrap();
    let (again, _) = add(&edited, wish).unwrap();
    assert_eq!(again, edited, "a second time changes nothing");
    edited
}

fn value(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

#[test]
fn from_nothing() {
    let expected = r#"{
    "runtimes": {
        "nvidia": {
            "args": [],
            "path": "nvidia-container-runtime"
        }
    }
}
"#;
    for text in ["", " \n", "{}", "{ }", "{}\n"] {
        assert_eq!(added(text, &wish()), expected, "{text:?}");
    }
}

#[test]
fn what_is_there_stays_as_it_is_written() {
    let text = "{\r\n\t\"log-level\": \"warn\", \r\n\t\"max\": 12345678901234567890, \"one\": 1.0,\r\n\t\"runtimes\": {\"foo\": {\"path\":\"foo\"}}\r\n}";
    let new = added(
        text,
        &Wish {
            is_default: true,
            ..wish()
        },
    );
    for part in [
        "\t\"log-level\": \"warn\", \r\n",
        "12345678901234567890, \"one\": 1.0,\r\n",
        "{\"path\":\"foo\"}",
        "\t\"default-runtime\": \"nvidia\"\r\n}",
    ] {
        assert!(new.contains(part), "{part:?} in {new:?}");
    }
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
    assert_eq!(value(&remove(&new, "nvidia").unwrap()), value(text));
}

#[test]
fn comments_are_kept_and_named() {
    let text = "{\n  // mine\n  \"debug\": true /* why */\n}\n";
    let (new, warnings) = add(text, &wish()).unwrap();
    assert!(
        new.contains("  // mine\n") && new.contains("/* why */"),
        "{new}"
    );
    assert!(warnings[0].contains("dockerd does not start"));
}

#[test]
fn a_byte_order_mark_stays() {
    let new = added("\u{feff}{\"debug\":true}", &wish());
    assert!(new.starts_with("\u{feff}{"));
    assert_eq!(value(&new)["runtimes"]["nvidia"]["path"], wish().path);
}

#[test]
fn a_runtime_that_is_there_keeps_what_fits() {
    let text = r#"{"runtimes":{"nvidia":{"path":"/old","runtimeArgs":["-x"]}}}"#;
    let new = added(text, &wish());
    assert_eq!(
        value(&new)["runtimes"]["nvidia"],
        serde_json::json!({"path": "nvidia-container-runtime", "runtimeArgs": ["-x"]})
    );
    let text = r#"{"runtimes":{"nvidia":{"runtimeType":"io.containerd.runsc.v1","options":{}}}}"#;
    let (new, warnings) = add(text, &wish()).unwrap();
    assert_eq!(
        value(&new)["runtimes"]["nvidia"],
        serde_json::json!({"path": "nvidia-container-runtime"})
    );
    assert_eq!(warnings.len(), 2);
}

#[test]
fn features_are_added_to_others() {
    let text = r#"{"features":{"containerd-snapshotter":true,"cdi":false}}"#;
    let wish = Wish {
        with_cdi: true,
        ..wish()
    };
    let features = serde_json::json!({"containerd-snapshotter": true, "cdi": true});
    assert_eq!(value(&added(text, &wish))["features"], features);
}

#[test]
fn nothing_is_null() {
    let text = r#"{"runtimes":null,"default-runtime":null,"features":null}"#;
    let wish = Wish {
        is_default: true,
        with_cdi: true,
        ..wish()
    };
    let new = value(&added(text, &wish));
    assert_eq!(new["default-runtime"], "nvidia");
    assert_eq!(new["features"]["cdi"], true);
}

#[test]
fn what_is_no_configuration_is_refused_with_its_place() {
    for (text, place, reason) in [
        ("{\n  \"a\": 1,\n}", "line 2, column 9: ", "not JSON"),
        (
            "[]",
            "line 1, column 1: ",
            "an array, where an object has to be",
        ),
        ("null", "line 1, column 1: ", "null, where"),
        ("// nothing", "line 1, column 1: ", "nothing but comments"),
        ("{\"a\" 1}", "line 1, column 6: ", "not JSON"),
        ("{'a': 1}", "line 1, column 2: ", "not JSON"),
        (
            "{\n \"runtimes\": []}",
            "line 2, column 2: ",
            "`runtimes` is not an object",
        ),
        (
            "{\"runtimes\": {\"nvidia\": \"x\"}}",
            "line 1, column 15: ",
            "`runtimes.nvidia` is not an object",
        ),
        (
            "{\"runtimes\": {},\n \"runtimes\": {}}",
            "line 2, column 2: ",
            "`runtimes` is there a second time",
        ),
        (
            "{\"runtimes\": {\"nvidia\": {}, \"nvidi\\u0061\": {}}}",
            "line 1, column 29: ",
            "`nvidia` is there a second time",
        ),
    ] {
        let refused = add(text, &wish()).unwrap_err().to_string();
        assert!(refused.starts_with(place), "{text:?}: {refused}");
        assert!(refused.contains(reason), "{text:?}: {refused}");
    }
    let deep = "[".repeat(30_000) + &"]".repeat(30_000);
    let refused = add(&format!("{{\"a\":{deep}}}"), &wish()).unwrap_err();
    assert!(refused.reason.contains("depth"), "{refused}");
}

#[test]
fn names_that_no_daemon_takes() {
    for name in ["runc", "", "a b", "a/b"] {
        let wish = Wish {
            name: name.into(),
            ..wish()
        };
        assert!(add("{}", &wish).is_err(), "{name}");
    }
}

#[test]
fn taken_out_again() {
    let text = "{\n    \"debug\": true\n}\n";
    let wish = Wish {
        is_default: true,
        ..wish()
    };
    assert_eq!(remove(&added(text, &wish), "nvidia").unwrap(), text);
    assert!(is_empty(&remove(&added("", &wish), "nvidia").unwrap()));
    assert!(!is_empty(text));
    // Another's default stays, and so does a text without it.
    let other = r#"{"default-runtime":"kata","runtimes":{"kata":{"path":"k"}}}"#;
    assert_eq!(remove(other, "nvidia").unwrap(), other);
}

proptest::proptest! {
    /// Whatever stands in the file, nothing but the runtime comes to it, and nothing goes with the runtime.
    #[test]
    fn only_the_runtime_changes(
        names in proptest::collection::vec("[a-z]{1,6}", 0..5),
        spaces in "[ \t\n]{0,4}",
        value_text in proptest::sample::select(vec![
            "1", "-0.5e3", "12345678901234567890", "\"\\u00e9 \\\" /\"", "[1, {\"x\": null}]", "{}", "true",
        ]),
    ) {
        let mut unique = names;
        unique.sort();
        unique.dedup();
        let members: Vec<String> = unique
            .iter()
            .filter(|name| *name != "runtimes" && *name != "features")
            .map(|name| format!("{spaces}\"{name}\"{spaces}:{spaces}{value_text}"))
            .collect();
        let text = format!("{spaces}{{{}{spaces}}}{spaces}", members.join(","));
        let new = added(&text, &wish());
        for member in &members {
            proptest::prop_assert!(new.contains(member.trim_start()), "{member:?} in {new:?}");
        }
        let back = remove(&new, "nvidia").unwrap();
        proptest::prop_assert_eq!(value(&back), value(&text));
    }
}
