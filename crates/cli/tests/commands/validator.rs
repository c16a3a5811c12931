//! A validator for the part of JSON Schema that our schemas use. A keyword that it does not know is an error
//! of the schema, so that nothing is left unchecked in silence.

use crate::ground::{Place, trial};
use libtest_mimic::Trial;
use serde_json::{Map, Value, json};

/// Keywords that say something to readers only.
const ANNOTATIONS: [&str; 6] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "format",
];

/// Where and why `document` does not follow `schema`.
pub(crate) fn validate(schema: &Value, document: &Value) -> Result<(), String> {
    Validator { root: schema }.check(schema, document, "$")
}

struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(schema) => schema,
            other => return Err(format!("{at}: nothing follows the schema {other}")),
        };
        for (keyword, operand) in schema {
            self.keyword(schema, keyword, operand, value, at)?;
        }
        Ok(())
    }

    fn keyword(
        &self,
        schema: &Map<String, Value>,
        keyword: &str,
        operand: &Value,
        value: &Value,
        at: &str,
    ) -> Result<(), String> {
        let fail = |what: String| Err(format!("{at}: {what}"));
        match keyword {
            _ if ANNOTATIONS.contains(&keyword) => Ok(()),
            "type" => {
                let types = operand
                    .as_array()
                    .map_or(std::slice::from_ref(operand), Vec::as_slice);
                if types.iter().any(|name| is_of_type(name, value)) {
                    Ok(())
                } else {
                    fail(format!("{value} is not of type {operand}"))
                }
            }
            "const" if operand != value => fail(format!("{value} is not {operand}")),
            "enum" if !list(operand).contains(value) => {
                fail(format!("{value} is none of {operand}"))
            }
            "minimum" if value.is_number() && value.as_f64() < operand.as_f64() => {
                fail(format!("{value} is less than {operand}"))
            }
            "const" | "enum" | "minimum" => Ok(()),
            "required" => {
                let missing = |name: &&Value| {
                    value.is_object() && value.get(name.as_str().unwrap_or_default()).is_none()
                };
                match list(operand).iter().find(missing) {
                    Some(name) => fail(format!("{name} is missing")),
                    None => Ok(()),
                }
            }
            "properties" => self.properties(operand, value, at),
            "additionalProperties" => {
                let known = schema.get("properties");
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if known.and_then(|known| known.get(name)).is_none() {
                        self.check(operand, inner, &format!("{at}.{name}"))?;
                    }
                }
                Ok(())
            }
            "items" => {
                for (number, inner) in value.as_array().into_iter().flatten().enumerate() {
                    self.check(operand, inner, &format!("{at}[{number}]"))?;
                }
                Ok(())
            }
            "$ref" => {
                let pointer = operand.as_str().and_then(|text| text.strip_prefix('#'));
                let target = pointer.and_then(|pointer| self.root.pointer(pointer));
                self.check(target.unwrap_or(&Value::Null), value, at)
            }
            "anyOf" | "oneOf" => {
                let results = list(operand)
                    .iter()
                    .map(|schema| self.check(schema, value, at));
                let (good, bad): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
                if good.len() == 1 || keyword == "anyOf" && !good.is_empty() {
                    Ok(())
                } else {
                    fail(format!("{} of {keyword} hold: {bad:?}", good.len()))
                }
            }
            unknown => fail(format!(
                "the keyword {unknown} is not known to this validator"
            )),
        }
    }

    fn properties(&self, schemas: &Value, value: &Value, at: &str) -> Result<(), String> {
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            if let Some(inner) = value.get(name) {
                self.check(schema, inner, &format!("{at}.{name}"))?;
            }
        }
        Ok(())
    }
}

fn list(operand: &Value) -> &[Value] {
    operand.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_of_type(name: &Value, value: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "validator::every_keyword_can_fail",
        Place::Anywhere,
        |_| every_keyword_can_fail(),
    )]
}

fn every_keyword_can_fail() {
    for (schema, good, bad) in [
        (json!({"type": "integer"}), json!(1), json!("1")),
        (json!({"type": ["string", "null"]}), json!(null), json!(1)),
        (json!({"const": "a"}), json!("a"), json!("b")),
        (json!({"enum": ["a", 1]}), json!(1), json!(2)),
        (json!({"minimum": 0}), json!(0), json!(-1)),
        (json!({"required": ["a"]}), json!({"a": 1}), json!({"b": 1})),
        (
            json!({"properties": {"a": {"type": "string"}}}),
            json!({"a": "", "b": 1}),
            json!({"a": 1}),
        ),
        (
            json!({"properties": {"a": true}, "additionalProperties": false}),
            json!({"a": 1}),
            json!({"b": 1}),
        ),
        (
            json!({"additionalProperties": {"type": "string"}}),
            json!({"a": ""}),
            json!({"a": 1}),
        ),
        (
            json!({"items": {"type": "string"}}),
            json!(["a"]),
            json!(["a", 1]),
        ),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}),
            json!(""),
            json!(1),
        ),
        (
            json!({"anyOf": [{"type": "string"}, {"const": ""}]}),
            json!(""),
            json!(1),
        ),
        (
            json!({"oneOf": [{"type": "string"}, {"const": ""}]}),
            json!("a"),
            json!(""),
        ),
    ] {
        assert_eq!(validate(&schema, &good), Ok(()), "{schema}");
        assert!(validate(&schema, &bad).is_err(), "{schema} takes {bad}");
    }
    for schema in [
        json!({"pattern": "x"}),
        json!({"$ref": "#/$defs/none"}),
        json!({"type": "strin"}),
    ] {
        assert!(validate(&schema, &json!("x")).is_err(), "{schema}");
    }
}
