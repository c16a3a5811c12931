//! The YAML tree, held against others': `tests/yaml/*.oracle` is what they make of the file beside it.
//!
//! The first line is the tree as JSON, with merges resolved and every scalar as its text, by ruamel.yaml 0.19.1. (`PyYAML` 6.0.4
//! tells keys that were merged from others by the identity of their texts, and so takes the wrong one at times.) The other lines
//! are the scalars with their places in bytes, without tag, anchor and white space at their ends, by `PyYAML` 6.0.4.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use liftgate_lint::sources::yaml::{Shape, Value, Yaml};
use serde_json::Value as Json;

fn json(value: Value<'_>) -> Json {
    match value.shape() {
        Shape::Scalar => Json::String(value.text().unwrap_or_default().to_owned()),
        Shape::Sequence => Json::Array(value.items().map(json).collect()),
        Shape::Mapping => Json::Object(
            value
                .merged()
                .into_iter()
                .map(|entry| {
                    let key = entry.key.text().unwrap_or_default().to_owned();
                    (key, json(entry.value))
                })
                .collect(),
        ),
    }
}

fn scalars(value: Value<'_>, found: &mut BTreeSet<(usize, usize, String)>) {
    match value.shape() {
        Shape::Scalar => {
            let (span, text) = (value.written(), value.text().unwrap_or_default());
            found.insert((span.start, span.end, text.to_owned()));
        }
        Shape::Sequence => value.items().for_each(|item| scalars(item, found)),
        Shape::Mapping => {
            for entry in value.entries() {
                scalars(entry.key, found);
                scalars(entry.value, found);
            }
        }
    }
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/yaml");
    let files = std::fs::read_dir(folder).expect("the cases are there");
    let mut cases: Vec<PathBuf> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|end| end != "oracle"))
        .collect();
    cases.sort();
    cases
}

#[test]
fn the_tree_is_that_of_others() {
    let cases = cases();
    assert!(cases.len() > 12, "{} cases", cases.len());
    for case in cases {
        let text = std::fs::read_to_string(&case).expect("text");
        let oracle = std::fs::read_to_string(case.with_extension("oracle")).expect("its oracle");
        let yaml = Yaml::read(&text);
        let name = case.file_name().unwrap_or_default().display();
        assert_eq!(yaml.errors(), [], "{name}");
        let root = yaml.root().expect("a document");

        let mut lines = oracle.lines();
        let tree: Json = serde_json::from_str(lines.next().expect("a line")).expect("JSON");
        assert_eq!(json(root), tree, "{name}");

        let expected: BTreeSet<(usize, usize, String)> = lines
            .map(|line| {
                let mut parts = line.splitn(3, ' ');
                let mut number = || parts.next().and_then(|part| part.parse().ok());
                let (start, end) = (number().expect("a start"), number().expect("an end"));
                let text = serde_json::from_str(parts.next().expect("a text")).expect("JSON");
                (start, end, text)
            })
            .collect();
        let mut found = BTreeSet::new();
        scalars(root, &mut found);
        // Where nothing is written, nothing has a place.
        let written = |set: &BTreeSet<(usize, usize, String)>| -> Vec<_> {
            set.iter()
                .filter(|(start, end, _)| start < end)
                .cloned()
                .collect()
        };
        assert_eq!(written(&found), written(&expected), "{name}");
    }
}
