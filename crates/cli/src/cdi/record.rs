//! What a specification of ours says about itself: what it was made of, and how to make it anew.
//!
//! A specification holds for one driver, one set of MIG devices, one boot. Whoever finds it later has to know
//! whether it still does, and whose it is: a file without this record is somebody else's and never touched. In
//! YAML the record is a comment, so that the version the file declares stays the lowest possible; JSON has no
//! comments, and there it is an annotation, which needs CDI 0.6.0.

use super::recipe::Recipe;
use liftgate_cdi::Specification;
use liftgate_driver::{CharacterMajors, Fingerprint, Host};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write as _;

/// Raised whenever the meaning of a field changes.
const FORMAT: u32 = 1;

/// The line of YAML that holds the record.
const LINE: &str = "# liftgate-record: ";

/// The annotation of JSON that holds it.
const ANNOTATION: &str = "liftgate.io/record";

/// The record stands at the very beginning; a file of somebody else is not searched to its end.
const FIRST_LINES: usize = 16;

/// The record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SpecificationRecord {
    format: u32,
    /// Of everything that the specification was made of.
    pub(crate) fingerprint: String,
    pub(crate) facts: Facts,
    /// How it was asked for.
    pub(crate) options: Recipe,
}

/// What the specification was made of, as far as it is of use to a reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// The liftgate that made it.
    pub(crate) liftgate: String,
    pub(crate) driver: Option<String>,
    pub(crate) boot: String,
    pub(crate) majors: CharacterMajors,
}

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recorded {
    /// It is ours.
    Ours(Box<SpecificationRecord>),
    /// It is ours, and this version cannot tell how it was made.
    Unclear(String),
    /// It is somebody else's.
    Foreign,
}

impl SpecificationRecord {
    pub(super) fn new(
        fingerprint: &Fingerprint,
        host: &Host,
        specification: &Specification,
        options: Recipe,
    ) -> Self {
        // Everything in a fingerprint is text and numbers, which always has a form in JSON.
        let value = serde_json::to_value(fingerprint).unwrap_or(Value::Null);
        let mut hash = Hash::new();
        hash.add(&value.to_string());
        for gpu in &host.gpus {
            hash.add(&format!("{} {:?}", gpu.minor, gpu.uuid));
            for device in &gpu.mig {
                hash.add(&format!("{:?} {:?}", device.index, device.uuid));
            }
        }
        // Nodes, groups and sockets are no part of the driver's fingerprint, and part of what is written.
        hash.add(&specification.to_yaml());
        Self {
            format: FORMAT,
            fingerprint: hash.text(),
            facts: Facts {
                liftgate: env!("CARGO_PKG_VERSION").to_owned(),
                driver: host.driver_version().map(str::to_owned),
                boot: value["boot"].as_str().unwrap_or_default().to_owned(),
                majors: host.majors.clone(),
            },
            options,
        }
    }

    /// The specification as YAML, with the record below its first line.
    pub(super) fn into_yaml(self, specification: &Specification) -> String {
        let yaml = specification.to_yaml();
        let (first, rest) = yaml.split_once('\n').unwrap_or((&yaml, ""));
        format!(
            "{first}\n# Made by liftgate {} for driver {}, boot {}.\n# To make it anew: liftgate cdi refresh\n{LINE}{}\n{rest}",
            self.facts.liftgate,
            self.facts.driver.as_deref().unwrap_or("none"),
            self.facts.boot,
            self.to_line(),
        )
    }

    /// Adds the record to the annotations, and declares the version that has them.
    pub(super) fn annotate(&self, specification: &mut Specification) {
        specification
            .annotations
            .insert(ANNOTATION.to_owned(), self.to_line());
        specification.version = specification.minimum_version().to_string();
    }

    /// Takes the record out of the annotations.
    pub(crate) fn remove_from(specification: &mut Specification) {
        specification.annotations.remove(ANNOTATION);
    }

    /// JSON in one line and in ASCII: a reader of YAML ends a comment at a line separator of Unicode, too.
    fn to_line(&self) -> String {
        let value = serde_json::to_value(self).map(|mut value| {
            leave_out_defaults(&mut value["options"]);
            value.to_string()
        });
        let mut line = String::new();
        for character in value.unwrap_or_default().chars() {
            if matches!(character, ' '..='~') {
                line.push(character);
                continue;
            }
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                write!(line, "\\u{unit:04x}").ok();
            }
        }
        line
    }
}

/// What was not said need not be remembered.
fn leave_out_defaults(options: &mut Value) {
    let defaults = serde_json::to_value(Recipe::default()).unwrap_or(Value::Null);
    if let Some(options) = options.as_object_mut() {
        options.retain(|key, value| defaults.get(key) != Some(value));
    }
}

impl Recorded {
    /// What the text of a file says about itself.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match find(bytes) {
            None => Self::Foreign,
            Some(line) => match serde_json::from_str::<Value>(&line) {
                Ok(value) if value["format"] != FORMAT => Self::Unclear(format!(
                    "its record has format {}, and this liftgate knows {FORMAT}",
                    value["format"]
                )),
                Ok(value) => serde_json::from_value(value).map_or_else(
                    |error| Self::Unclear(format!("its record cannot be read: {error}")),
                    |record| Self::Ours(Box::new(record)),
                ),
                Err(error) => Self::Unclear(format!("its record cannot be read: {error}")),
            },
        }
    }
}

/// The record's text in a file, if there is one.
fn find(bytes: &[u8]) -> Option<String> {
    let lines = bytes.split(|byte| *byte == b'\n').take(FIRST_LINES);
    for line in lines {
        if let Some(record) = line.strip_prefix(LINE.as_bytes()) {
            return Some(String::from_utf8_lossy(record).into_owned());
        }
    }
    Specification::parse(bytes)
        .ok()?
        .annotations
        .remove(ANNOTATION)
}

/// FNV-1a: the same on every machine and in every version, which the standard library's hashes are not.
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &str) {
        // A byte that no text has ends it, so that `ab`, `c` differs from `a`, `bc`.
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn text(&self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_cdi::{ContainerEdits, Device};

    fn record(options: Recipe) -> SpecificationRecord {
        SpecificationRecord {
            format: FORMAT,
            fingerprint: "0123456789abcdef".to_owned(),
            facts: Facts {
                liftgate: "0.1.0".to_owned(),
                driver: Some("550.54.15".to_owned()),
                boot: "b00t".to_owned(),
                majors: CharacterMajors::default(),
            },
            options,
        }
    }

    fn specification() -> Specification {
        Specification {
            version: "0.5.0".to_owned(),
            vendor: "nvidia.com".to_owned(),
            class: "gpu".to_owned(),
            devices: vec![Device {
                name: "0".to_owned(),
                edits: ContainerEdits {
                    env: vec!["A=b".to_owned()],
                    ..ContainerEdits::default()
                },
                ..Device::default()
            }],
            ..Specification::default()
        }
    }

    fn odd() -> Recipe {
        Recipe {
            driver_root: Some("/a \u{2028}\u{85}\n\u{1f600}: #x".into()),
            has_all: false,
            ..Recipe::default()
        }
    }

    #[test]
    fn a_record_is_found_again_in_yaml() {
        let yaml = record(odd()).into_yaml(&specification());
        assert!(yaml.starts_with("---\n# Made by liftgate"), "{yaml}");
        assert_eq!(
            Recorded::of(yaml.as_bytes()),
            Recorded::Ours(Box::new(record(odd())))
        );
        // It is a comment to everybody else.
        assert_eq!(
            Specification::load(yaml.as_bytes()).unwrap(),
            specification()
        );
        assert!(!yaml.contains("vendor\""), "defaults are written: {yaml}");
    }

    #[test]
    fn a_record_is_found_again_in_json() {
        let mut annotated = specification();
        record(odd()).annotate(&mut annotated);
        assert_eq!(annotated.version, "0.6.0");
        let json = annotated.to_json();
        assert_eq!(
            Recorded::of(json.as_bytes()),
            Recorded::Ours(Box::new(record(odd())))
        );
        Specification::load(json.as_bytes()).unwrap();
    }

    /// Nothing in the specification tells a machine that was booted since from what it was before.
    #[test]
    fn everything_it_was_made_of_is_in_the_fingerprint() {
        let fingerprint = |boot: &str| -> Fingerprint {
            serde_json::from_value(serde_json::json!({
                "format": 3, "program": "0.1.0", "configured_root": null, "boot": boot,
                "kernel_module": "", "gpus": [], "mig": [], "majors": {}, "firmware": null,
                "directories": [],
            }))
            .unwrap()
        };
        let host = Host::discover(&liftgate_driver::Places::host(None)).unwrap();
        let of = |boot: &str, specification: &Specification| {
            let options = Recipe::default();
            SpecificationRecord::new(&fingerprint(boot), &host, specification, options).fingerprint
        };
        let usual = of("a", &specification());
        assert_eq!(of("a", &specification()), usual);
        assert_ne!(of("b", &specification()), usual);
        let mut other = specification();
        other.edits.env.push("C=d".to_owned());
        assert_ne!(of("a", &other), usual);
    }

    #[test]
    fn what_is_not_ours() {
        for text in ["", "rubbish: [", &specification().to_yaml(), "# liftgate"] {
            assert_eq!(Recorded::of(text.as_bytes()), Recorded::Foreign, "{text}");
        }
        for text in [
            "# liftgate-record: ",
            "# liftgate-record: {\"format\":2}",
            "# liftgate-record: {\"format\":1}",
            "# liftgate-record: {\"format\":1,\"fingerprint\":\"\",\"facts\":{\"liftgate\":\"\",\"driver\":null,\"boot\":\"\",\"majors\":{}},\"options\":{\"unheard\":1}}",
        ] {
            let recorded = Recorded::of(text.as_bytes());
            assert!(matches!(recorded, Recorded::Unclear(_)), "{text}");
        }
    }

    #[test]
    fn hashes_are_those_of_fnv() {
        // The offset basis, and the published value of `a` before the end of text is added.
        assert_eq!(Hash::new().text(), "cbf29ce484222325");
        let mut hash = Hash::new();
        hash.add("ab");
        hash.add("c");
        let mut other = Hash::new();
        other.add("a");
        other.add("bc");
        assert_ne!(hash.text(), other.text());
    }
}
