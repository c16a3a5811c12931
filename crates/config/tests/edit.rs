//! Keys set in files as people write them: what is asked for happens, and nothing else.

use liftgate_config::edit::{EditError, Setting, set};
use liftgate_config::{Config, default_text};
use proptest::prelude::*;
use toml_edit::{Document, Item, TableLike, Value};

fn yes() -> Setting {
    Setting::Boolean(true)
}

fn text(value: &str) -> Setting {
    Setting::Text(value.to_owned())
}

fn list(values: &[&str]) -> Setting {
    Setting::List(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn keys_are_set_in_their_place() {
    #[rustfmt::skip]
    let cases: &[(&str, &str, Setting, &str)] = &[
        // A value that is there: what is said behind it, its indentation and the end of its line stay.
        ("a = 1\ndisable-require = false # why\n", "disable-require", yes(), "a = 1\ndisable-require = true # why\n"),
        ("\tdisable-require=false\r\nx = 1\r\n", "disable-require", yes(), "\tdisable-require=true\r\nx = 1\r\n"),
        ("disable-require = \"x\"", "disable-require", yes(), "disable-require = true"),
        ("\"swarm-resource\" = '''\nx\n''' # y\n", "swarm-resource", text("A\"\\\u{1}"), "\"swarm-resource\" = \"A\\\"\\\\\\u0001\" # y\n"),
        ("nvidia-container-cli = { root = \"/x\", a = 1 } # z\n", "nvidia-container-cli.root", text("/y"), "nvidia-container-cli = { root = \"/y\", a = 1 } # z\n"),
        ("[nvidia-container-runtime]\nruntimes = [ # first\n \"a\",\n]\nx = 1\n", "nvidia-container-runtime.runtimes", list(&["a", "b"]), "[nvidia-container-runtime]\nruntimes = [\"a\", \"b\"]\nx = 1\n"),
        // The same value: not a byte is touched.
        ("disable-require   =   true", "disable-require", yes(), "disable-require   =   true"),
        ("nvidia-container-runtime.runtimes = [ 'a' , \"b\", ]", "nvidia-container-runtime.runtimes", list(&["a", "b"]), "nvidia-container-runtime.runtimes = [ 'a' , \"b\", ]"),
        // A comment that shows the key.
        ("# The root = of all\n#root = \"/a\"\n[nvidia-container-cli]\n  # root = \"/b\" # mine\nx = 1\n", "nvidia-container-cli.root", text("/c"), "# The root = of all\n#root = \"/a\"\n[nvidia-container-cli]\n  root = \"/c\" # mine\nx = 1\n"),
        ("[nvidia-container-cli]\n# root = where the driver is\nx = 1\n", "nvidia-container-cli.root", text("/c"), "[nvidia-container-cli]\n# root = where the driver is\nx = 1\nroot = \"/c\"\n"),
        ("s = \"\"\"\n#disable-require = false\n\"\"\"\n", "disable-require", yes(), "s = \"\"\"\n#disable-require = false\n\"\"\"\ndisable-require = true\n"),
        // Below the last key of its table, written like it.
        ("[features]\n  a = 1 # x\n\n# next\n[b]\n", "features.disable-imex-channel-creation", yes(), "[features]\n  a = 1 # x\n  disable-imex-channel-creation = true\n\n# next\n[b]\n"),
        ("features.a = 1\nb = 2", "features.disable-imex-channel-creation", yes(), "features.a = 1\nfeatures.disable-imex-channel-creation = true\nb = 2"),
        ("nvidia-ctk.a = [\n1,\n]", "disable-require", yes(), "nvidia-ctk.a = [\n1,\n]\ndisable-require = true\n"),
        ("a = 1 # x\n[b]\nc = 1\n", "disable-require", yes(), "a = 1 # x\ndisable-require = true\n[b]\nc = 1\n"),
        ("features = {a = 1}\n", "features.disable-imex-channel-creation", yes(), "features = {a = 1, disable-imex-channel-creation = true}\n"),
        ("a = 1\r\n[b]\r\n", "disable-require", yes(), "a = 1\r\ndisable-require = true\r\n[b]\r\n"),
        // A table without keys, the root without keys, no table.
        ("[b]\n[features] # none\n\n[features-not]\n", "features.disable-imex-channel-creation", yes(), "[b]\n[features] # none\ndisable-imex-channel-creation = true\n\n[features-not]\n"),
        ("[features]", "features.disable-imex-channel-creation", yes(), "[features]\ndisable-imex-channel-creation = true\n"),
        ("# file\n\n# b\n[b]\n", "disable-require", yes(), "# file\n\ndisable-require = true\n\n# b\n[b]\n"),
        ("# file\n", "disable-require", yes(), "# file\ndisable-require = true\n"),
        ("", "disable-require", yes(), "disable-require = true\n"),
        ("", "nvidia-container-runtime.modes.jit-cdi.nvcdi-disable-hooks", list(&[]), "[nvidia-container-runtime.modes.jit-cdi]\nnvcdi-disable-hooks = []\n"),
        ("[nvidia-container-runtime]\nmode = \"cdi\"", "nvidia-container-runtime.modes.cdi.default-kind", text("a.b/c"), "[nvidia-container-runtime]\nmode = \"cdi\"\n\n[nvidia-container-runtime.modes.cdi]\ndefault-kind = \"a.b/c\"\n"),
        // Taken out, with its line or with a comma.
        ("[features]\n# why\ndisable-imex-channel-creation = true # x\nb = 1\n", "features.disable-imex-channel-creation", Setting::Absent, "[features]\n# why\nb = 1\n"),
        ("features.disable-imex-channel-creation = true", "features.disable-imex-channel-creation", Setting::Absent, ""),
        ("features = { disable-imex-channel-creation = true, b = 1 }", "features.disable-imex-channel-creation", Setting::Absent, "features = { b = 1 }"),
        ("features = { b = 1, disable-imex-channel-creation = true }", "features.disable-imex-channel-creation", Setting::Absent, "features = { b = 1 }"),
        ("features = { disable-imex-channel-creation = true }", "features.disable-imex-channel-creation", Setting::Absent, "features = { }"),
        ("x = 1", "features.disable-imex-channel-creation", Setting::Absent, "x = 1"),
    ];
    for (before, key, setting, after) in cases {
        let found = set(before, key, setting);
        assert_eq!(found.as_deref(), Ok(*after), "{before}");
    }
}

#[test]
fn what_is_refused() {
    let key = "features.disable-imex-channel-creation";
    for (text, expected) in [
        ("a = [", "not TOML at line 1, column"),
        ("features = 3", "there is no place for"),
        ("features = {}", "there is no place for"),
        ("[[features]]\n", "there is no place for"),
        (
            "\n [features.disable-imex-channel-creation]\nx = 1",
            "is a table at line 2, column 12",
        ),
    ] {
        let error = set(text, key, &yes()).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    let text = "nvidia-container-runtime = { modes.cdi.default-kind = \"a\", b = 1 }";
    let key = "nvidia-container-runtime.modes.cdi.default-kind";
    let error = set(text, key, &Setting::Absent).unwrap_err();
    assert!(matches!(error, EditError::NoPlace { .. }), "{error}");
    let large = " ".repeat(liftgate_config::MAX_BYTES + 1);
    assert!(matches!(
        set(&large, key, &yes()),
        Err(EditError::Unusable(_))
    ));
}

/// In the default file the example of a key gives way to the key.
#[test]
fn the_default_file() {
    let before = default_text("@/sbin/ldconfig", false);
    for (key, setting, old, new) in [
        (
            "nvidia-container-cli.root",
            text("/x"),
            "#root = \"/run/nvidia/driver\"",
            "root = \"/x\"",
        ),
        (
            "nvidia-container-runtime.debug",
            text("/x"),
            "#debug = \"/var/log/nvidia-container-runtime.log\"",
            "debug = \"/x\"",
        ),
        (
            "disable-require",
            yes(),
            "disable-require = false",
            "disable-require = true",
        ),
        (
            "nvidia-container-cli.no-pivot",
            yes(),
            "load-kmods = true",
            "load-kmods = true\nno-pivot = true",
        ),
        (
            "features.ignore-imex-channel-requests",
            yes(),
            "path = \"nvidia-ctk\"\n",
            "path = \"nvidia-ctk\"\n\n[features]\nignore-imex-channel-requests = true\n",
        ),
    ] {
        assert_eq!(before.matches(old).count(), 1, "{old}");
        assert_eq!(
            set(&before, key, &setting),
            Ok(before.replace(old, new)),
            "{key}"
        );
    }
}

/// Every value of a document but that of `key`, by its path.
fn others(text: &str, key: &str) -> Vec<(String, String)> {
    fn collect(table: &dyn TableLike, path: &str, values: &mut Vec<(String, String)>) {
        for (name, item) in table.iter() {
            let path = format!("{path}.{name}");
            match item {
                Item::ArrayOfTables(tables) => {
                    values.push((path, format!("{} tables", tables.len())));
                }
                Item::Value(Value::Array(array)) => {
                    let array: Vec<String> = array.iter().map(plain).collect();
                    values.push((path, array.join(" ")));
                }
                _ => match item.as_table_like() {
                    Some(table) => collect(table, &path, values),
                    None => values.push((path, item.as_value().map(plain).unwrap_or_default())),
                },
            }
        }
    }
    fn plain(value: &Value) -> String {
        match value {
            Value::String(text) => format!("{:?}", text.value()),
            Value::Integer(number) => number.value().to_string(),
            Value::Boolean(value) => value.value().to_string(),
            other => panic!("no test has {other:?}"),
        }
    }
    let mut values = Vec::new();
    let document = Document::parse(text).expect("TOML");
    collect(document.as_table(), "", &mut values);
    let key = format!(".{key}");
    values.retain(|(path, _)| *path != key);
    values.sort();
    values
}

/// The comments that show no key.
fn comments(text: &str) -> Vec<&str> {
    let lines = text.lines().filter_map(|line| line.split_once("# "));
    lines.map(|(_, comment)| comment).collect()
}

fn line() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "disable-require = false # said",
        "swarm-resource = 'a'",
        "nvidia-container-cli.root = \"/a\" # of it",
        "nvidia-container-cli.user = \"u\"",
        "nvidia-container-cli = { root = \"/b\" }",
        "nvidia-container-cli = { user = \"/b\", root = \"c\" } # inline",
        "[nvidia-container-cli]",
        "[ nvidia-container-cli ] # spaces",
        "[nvidia-container-cli.below]",
        "[[nvidia-container-cli]]",
        "[features]",
        "features.disable-imex-channel-creation = true",
        "disable-imex-channel-creation = true # channel",
        "[other]",
        "[other.nvidia-container-cli]",
        "root = \"/c\" # root",
        "  root = \"/d\"",
        "#root = \"/e\"",
        "#\tdisable-require = true",
        "#swarm-resource = 'x'",
        "# just words",
        "x = \"\"\"",
        "#root = \"/f\" \"\"\"",
        "y = [ # list",
        "]",
        "1, # one",
        "z = 3",
        "",
    ])
    .prop_map(str::to_owned)
}

fn setting() -> impl Strategy<Value = (&'static str, Setting)> {
    prop::sample::select(vec![
        ("disable-require", yes()),
        ("disable-require", Setting::Absent),
        ("swarm-resource", text("it's \"\"\" '''\n#")),
        ("nvidia-container-cli.root", text("/new")),
        ("nvidia-container-cli.root", Setting::Absent),
        ("nvidia-container-cli.environment", list(&["A=#", "]"])),
        ("features.disable-imex-channel-creation", yes()),
        ("features.disable-imex-channel-creation", Setting::Absent),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_else_changes(
        lines in prop::collection::vec(line(), 0..8),
        newline in prop::sample::select(vec!["\n", "\r\n"]),
        ends in any::<bool>(),
        (key, setting) in setting(),
    ) {
        let mut before = lines.join(newline);
        if ends {
            before.push_str(newline);
        }
        let Ok(after) = set(&before, key, &setting) else {
            return Ok(());
        };
        prop_assert_eq!(others(&before, key), others(&after, key), "{}\n=>\n{}", before, after);
        prop_assert_eq!(set(&after, key, &setting), Ok(after.clone()), "twice");
        // What is said behind a value goes with it, and only then.
        if setting != Setting::Absent {
            prop_assert_eq!(comments(&before), comments(&after), "{}\n=>\n{}", before, after);
        }
        if !before.contains("\r\n") {
            prop_assert!(!after.contains('\r'));
        }
    }

    #[test]
    fn any_text_is_answered(text in ".*", (key, setting) in setting()) {
        if let Ok(after) = set(&text, key, &setting) {
            prop_assert!(Config::parse(&after).is_ok() || Config::parse(&text).is_err());
        }
    }
}
