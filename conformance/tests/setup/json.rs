//! What `--json` prints, held to its schema.

use crate::ran::{Ran, same};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use serde_json::{Map, Value};

const SCHEMA: &str = include_str!("../../../docs/schema/setup.json");

/// A report that is as its schema says.
pub(crate) struct Report(Value);

/// The report that a command has printed, and nothing beside it.
pub(crate) fn report(ran: &Ran) -> Result<Report, Failed> {
    let value: Value = match serde_json::from_str(&ran.stdout) {
        Ok(value) => value,
        Err(error) => return ran.complain(&format!("no JSON: {error}")),
    };
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|error| fail(error.to_string()))?;
    match fault(&schema, &schema, &value, "") {
        None => Ok(Report(value)),
        Some(fault) => ran.complain(&format!("not as the schema has it: {fault}")),
    }
}

impl Report {
    /// What stands at that pointer.
    pub(crate) fn says(&self, pointer: &str, wanted: &str) -> Result<(), Failed> {
        let found = self.0.pointer(pointer).unwrap_or(&Value::Null);
        same(pointer, wanted, &found.to_string())
    }
}

/// What is wrong with a value, by the part of the language of schemas that ours are written in; a word that is not known
/// is wrong with the schema.
fn fault(whole: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    for (word, says) in schema.as_object()? {
        let fault = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" | "minimum" => None,
            "$ref" => {
                let pointer = says.as_str().unwrap_or_default().trim_start_matches('#');
                match whole.pointer(pointer) {
                    Some(schema) => fault(whole, schema, value, at),
                    None => Some(format!("{at}: the schema has no {says}")),
                }
            }
            "type" => {
                let kinds = says
                    .as_array()
                    .map_or(std::slice::from_ref(says), Vec::as_slice);
                let is_one = kinds.iter().any(|kind| *kind == kind_of(value));
                (!is_one).then(|| format!("{at}: {} is not {says}", kind_of(value)))
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                let mut faults = items
                    .filter_map(|(index, item)| fault(whole, says, item, &format!("{at}/{index}")));
                faults.next()
            }
            "required" => {
                let mut names = says.as_array().into_iter().flatten();
                let is_missing =
                    |name: &&Value| value.get(name.as_str().unwrap_or_default()).is_none();
                names
                    .find(is_missing)
                    .map(|name| format!("{at}: no {name}"))
            }
            "properties" => properties(whole, says.as_object()?, value.as_object()?, at),
            "anyOf" | "oneOf" => {
                let mut ways = says.as_array().into_iter().flatten();
                let is_one = ways.any(|schema| fault(whole, schema, value, at).is_none());
                (!is_one).then(|| format!("{at}: {value} is none of {word}"))
            }
            "enum" => {
                let is_one = says.as_array().is_some_and(|known| known.contains(value));
                (!is_one).then(|| format!("{at}: {value} is not of the list"))
            }
            "const" => (says != value).then(|| format!("{at}: {value} is not {says}")),
            other => Some(format!("`{other}` is not understood")),
        };
        if fault.is_some() {
            return fault;
        }
    }
    None
}

/// Every field is one that the schema names.
fn properties(
    whole: &Value,
    known: &Map<String, Value>,
    fields: &Map<String, Value>,
    at: &str,
) -> Option<String> {
    let mut faults = fields.iter().filter_map(|(name, field)| {
        let at = format!("{at}/{name}");
        match known.get(name) {
            Some(schema) => fault(whole, schema, field, &at),
            None => Some(format!("{at} is not in the schema")),
        }
    });
    faults.next()
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() || number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
