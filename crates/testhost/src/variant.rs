//! Manifests that say only what is different from another machine: the same machine after an upgrade.
//!
//! Tables are merged key by key. Any other value, a list too, takes the place of the base's: a list of GPUs
//! that is half one machine's and half another's would mean nothing.

use crate::catalogue::MANIFESTS;
use crate::machine::MachineError;
use crate::manifest::Manifest;
use serde::Deserialize;
use toml::{Table, Value};

/// What is read of a manifest before it is known whether it stands alone.
#[derive(Debug, Deserialize)]
struct Heading {
    name: String,
    base: Option<String>,
}

/// The manifest, and all the text that it is made from.
pub(crate) fn read(text: &str) -> Result<(Manifest, String), MachineError> {
    let heading: Heading = toml::from_str(text)?;
    let Some(base) = heading.base else {
        return Ok((toml::from_str(text)?, text.to_owned()));
    };
    let base_text = text_of(&base)?.ok_or(MachineError::Value {
        machine: heading.name,
        value: base,
        expected: "a machine that comes with the crate and has no base",
    })?;
    let mut merged: Table = toml::from_str(base_text)?;
    let mut own: Table = toml::from_str(text)?;
    own.remove("base");
    merge(&mut merged, own);
    Ok((merged.try_into()?, format!("{base_text}\0{text}")))
}

fn text_of(name: &str) -> Result<Option<&'static str>, MachineError> {
    for text in MANIFESTS {
        let heading: Heading = toml::from_str(text)?;
        if heading.name == name && heading.base.is_none() {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn merge(base: &mut Table, own: Table) {
    for (key, value) in own {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(base)), Value::Table(own)) => merge(base, own),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_the_bases() {
        let (own, source) = read(
            "name = \"other\"\nbase = \"ubuntu-550\"\ndriver = \"570.1.2\"\nsockets = []\n\
             [proc]\nversion = \"x\"\n[models.a10]\nname = \"NVIDIA A10G\"\n",
        )
        .unwrap();
        let (base, _) = read(text_of("ubuntu-550").unwrap().unwrap()).unwrap();
        assert_eq!(
            (&*own.name, &*own.driver, &*own.cuda),
            ("other", "570.1.2", "12.4")
        );
        assert!(own.sockets.is_empty(), "a list is replaced, not added to");
        assert_eq!(own.proc.version.as_deref(), Some("x"));
        assert_eq!(own.proc.devices, base.proc.devices);
        let (model, before) = (&own.models["a10"], &base.models["a10"]);
        assert_eq!(
            (&*model.name, model.memory_mib),
            ("NVIDIA A10G", before.memory_mib)
        );
        assert!(source.contains("A10G") && source.contains("libnvidia-newthing"));
    }

    #[test]
    fn a_base_is_a_machine_that_stands_alone() {
        for base in ["amiga", "ubuntu-570"] {
            let error = read(&format!("name = \"x\"\nbase = \"{base}\"\n")).unwrap_err();
            assert!(matches!(error, MachineError::Value { .. }), "{error}");
        }
    }
}
