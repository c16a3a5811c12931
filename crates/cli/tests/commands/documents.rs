//! What programs read: every JSON document follows the schema that is published for it.

use crate::ground::{Place, Stage, trial};
use crate::validator::validate;
use libtest_mimic::Trial;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// Requests, the outcome of each, and the exit status.
const REQUESTS: &[(&[&str], &str, i32)] = &[
    (&["--gpus", "all"], "granted", 0),
    (&["--gpus", "\"device=0,2\""], "granted", 0),
    (&["--gpus", "all,capabilities=utility"], "granted", 0),
    (
        &[
            "-e",
            "NVIDIA_VISIBLE_DEVICES=all",
            "-e",
            "NVIDIA_DRIVER_CAPABILITIES=all",
        ],
        "granted",
        0,
    ),
    (&["-e", "NVIDIA_VISIBLE_DEVICES=none"], "granted", 0),
    (&["--image-env", "CUDA_VERSION=8.0"], "granted", 0),
    (&[], "nothing-asked", 0),
    (&["-e", "NVIDIA_VISIBLE_DEVICES=void"], "nothing-asked", 0),
    (&["-e", "NVIDIA_VISIBLE_DEVICES=17"], "refused", 1),
    (&["--gpus", "all,capabilities=cuda"], "refused", 1),
    (&["--bundle", "DIR/none"], "refused", 1),
];

pub(crate) fn trials() -> Vec<Trial> {
    let machine = Place::Inside("ubuntu-550");
    vec![
        trial("document::explain", machine, explain),
        trial(
            "document::explain_without_a_configuration",
            Place::Anywhere,
            configuration_malformed,
        ),
        trial("document::inventory", machine, inventory),
        trial(
            "document::inventory_without_a_driver",
            Place::NoDriver,
            inventory_without_a_driver,
        ),
        trial(
            "document::schemas_are_published",
            Place::Anywhere,
            schemas_are_published,
        ),
    ]
}

pub(crate) fn schema(stage: &Stage, subject: &str) -> Value {
    let output = stage.run(&["schema", subject]);
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("a schema is JSON")
}

pub(crate) fn document(stage: &Stage, arguments: &[&str], status: i32) -> Value {
    let output = stage.run(arguments);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {words}");
    assert_eq!(words, "", "{arguments:?}");
    serde_json::from_slice(&output.stdout).expect("nothing but JSON is on standard output")
}

fn explain(stage: &Stage) {
    let schema = schema(stage, "explain");
    let mut seen = BTreeSet::new();
    for (request, outcome, status) in REQUESTS {
        let arguments = [&["explain", "--json"], *request].concat();
        let document = document(stage, &arguments, *status);
        assert_eq!(document["outcome"], *outcome, "{request:?}");
        assert_eq!(validate(&schema, &document), Ok(()), "{request:?}");
        if seen.insert(*outcome) {
            broken_ones_are_noticed(&schema, &document);
        }
    }
    assert_eq!(seen.len(), 3, "every outcome has been seen");
}

fn configuration_malformed(stage: &Stage) {
    stage.write("config.toml", "a = \n");
    let schema = schema(stage, "explain");
    let document = document(stage, &["explain", "--json", "--gpus", "all"], 1);
    assert_eq!(document["refusal"]["code"], "configuration-malformed");
    assert_eq!(validate(&schema, &document), Ok(()));
}

fn inventory(stage: &Stage) {
    let schema = schema(stage, "inventory");
    let record = stage.directory().join("record");
    let arguments = ["inventory", "--json", "--record-directory", "DIR/record"];
    let dry = [&arguments[..], &["--dry-run"]].concat();
    let document_of_dry_run = document(stage, &dry, 0);
    assert!(!record.exists(), "--dry-run has written something");
    let document = document(stage, &arguments, 0);
    assert!(record.join("host.json").is_file());
    assert_eq!(document, document_of_dry_run);
    assert_eq!(document["host"]["gpus"].as_array().map(Vec::len), Some(4));
    assert_eq!(validate(&schema, &document), Ok(()));
    broken_ones_are_noticed(&schema, &document);
}

fn inventory_without_a_driver(stage: &Stage) {
    let schema = schema(stage, "inventory");
    let document = document(stage, &["inventory", "--json", "--dry-run"], 0);
    assert_eq!(document["host"]["kernel_module"], Value::Null);
    assert_eq!(validate(&schema, &document), Ok(()));
}

/// A field that is always there is missed, wherever it stands, and so is a value of another type.
pub(crate) fn broken_ones_are_noticed(schema: &Value, document: &Value) {
    let mut noticed = 0;
    for pointer in fields(document, String::new()) {
        let mut other = document.clone();
        // No field of ours is a number with a fraction.
        *other.pointer_mut(&pointer).expect("it is there") = Value::from(0.5);
        assert!(
            validate(schema, &other).is_err(),
            "{pointer} may be of any type"
        );
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
        let mut other = document.clone();
        let parent = other.pointer_mut(parent).and_then(Value::as_object_mut);
        if let Some(parent) = parent
            && parent.remove(name).is_some()
            && validate(schema, &other).is_err()
        {
            noticed += 1;
        }
    }
    assert!(noticed > 5, "only {noticed} removed fields were noticed");
    for name in ["format", "outcome", "host"] {
        let mut other = document.clone();
        let removed = other.as_object_mut().expect("an object").remove(name);
        // The host is not always part of an explanation.
        let is_optional = name == "host" && document.get("outcome").is_some();
        if removed.is_some() && !is_optional {
            assert!(validate(schema, &other).is_err(), "{name} may be left out");
        }
    }
}

/// JSON pointers to every value in the document but itself. The first of a list stands for all of it.
fn fields(value: &Value, pointer: String) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .first()
            .map(|first| ("0".to_owned(), first))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let mut pointers: Vec<String> = inner
        .into_iter()
        .flat_map(|(name, value)| fields(value, format!("{pointer}/{name}")))
        .collect();
    if !pointer.is_empty() {
        pointers.push(pointer);
    }
    pointers
}

fn schemas_are_published(stage: &Stage) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    for subject in [
        "compat",
        "explain",
        "inventory",
        "cdi-list",
        "cdi-refresh",
        "dockerfile-new",
    ] {
        let output = stage.run(&["schema", subject]);
        let published = std::fs::read(directory.join(format!("{subject}.json"))).expect("a file");
        assert!(
            published == output.stdout,
            "docs/schema/{subject}.json is out of date: run `cargo xtask gen`"
        );
    }
}
