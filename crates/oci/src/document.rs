//! A document: parsing, typed reading, and back to bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::OciError;
use crate::model::{Capabilities, EnvEntry, Hook, ListedDeviceRule, Mount, Root, Stage, User};
use crate::node::{Array, Node, Object};
use crate::source::{Source, text_of};

/// The largest document that is accepted. Real ones have 4 to 40 KiB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A `config.json`. Borrows the bytes it was parsed from.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) root: Object<'a>,
}

impl<'a> Document<'a> {
    /// Read a document: one JSON object in UTF-8, with nothing but white space around it.
    ///
    /// The syntax of all of it is checked here; types only where something is read or edited.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OciError> {
        let text = text_of(bytes, MAX_BYTES)?;
        let source = Source(text);
        Ok(Self {
            source,
            root: Object::root(source, text.trim_matches(is_space))?,
        })
    }

    /// The document as it is now. The original bytes when nothing has changed; otherwise what changed is written compactly,
    /// everything else as it was.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = self.source.0;
        if !self.is_changed() {
            return text.as_bytes().to_vec();
        }
        let mut out = String::with_capacity(text.len() + text.len() / 4);
        let body = text.trim_start_matches(is_space);
        out.push_str(&text[..text.len() - body.len()]);
        self.root.write(&mut out);
        out.push_str(&body[body.trim_end_matches(is_space).len()..]);
        out.into_bytes()
    }

    /// Whether an edit changed anything.
    pub fn is_changed(&self) -> bool {
        self.root.is_changed()
    }

    /// `ociVersion`.
    pub fn oci_version(&self) -> Result<Option<String>, OciError> {
        self.read(&["ociVersion"])
    }

    /// `process.env`, in order, duplicates included. An entry without `=` is [`OciError::EnvWithoutEquals`].
    pub fn env(&self) -> Result<Vec<EnvEntry>, OciError> {
        let mut entries = Vec::new();
        for (index, node) in self.elements(&["process", "env"])?.iter().enumerate() {
            let text = node.text();
            let entry: Cow<'_, str> = self
                .source
                .decode(&text, &format!("process.env[{index}]"))?;
            let (name, value) =
                entry
                    .split_once('=')
                    .ok_or_else(|| OciError::EnvWithoutEquals {
                        index,
                        entry: entry.clone().into_owned(),
                    })?;
            entries.push(EnvEntry {
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
        Ok(entries)
    }

    /// `root`.
    pub fn root(&self) -> Result<Root, OciError> {
        self.read_object(&["root"])
    }

    /// `process.user`.
    pub fn user(&self) -> Result<User, OciError> {
        self.read_object(&["process", "user"])
    }

    /// The bounding set of `process.capabilities`.
    ///
    /// From 1.0.0-rc1 until before 1.0.0-rc5 of the specification `process.capabilities` was one list for all sets.
    pub fn bounding_capabilities(&self) -> Result<Vec<String>, OciError> {
        let path = ["process", "capabilities"];
        if self
            .oci_version()?
            .is_some_and(|version| has_one_capability_list(&version))
        {
            return Ok(self.read(&path)?.unwrap_or_default());
        }
        self.read_object(&path)
            .map(|sets: Capabilities| sets.bounding)
    }

    /// `mounts`, in order.
    pub fn mounts(&self) -> Result<Vec<Mount>, OciError> {
        self.read_each(&["mounts"])
    }

    /// `hooks.prestart`, in order.
    pub fn prestart_hooks(&self) -> Result<Vec<Hook>, OciError> {
        self.hooks(Stage::Prestart)
    }

    /// The hooks of one stage, in order.
    pub fn hooks(&self, stage: Stage) -> Result<Vec<Hook>, OciError> {
        self.read_each(&["hooks", stage.name()])
    }

    /// `linux.resources.devices`, in order.
    pub fn device_rules(&self) -> Result<Vec<ListedDeviceRule>, OciError> {
        self.read_each(&["linux", "resources", "devices"])
    }

    /// `annotations`, sorted by key.
    pub fn annotations(&self) -> Result<BTreeMap<String, String>, OciError> {
        let Some(node) = self.lookup(&["annotations"])? else {
            return Ok(BTreeMap::new());
        };
        let object = node.into_object(self.source, "annotations")?;
        object
            .members()
            .filter(|(_, value)| !matches!(value, Node::Raw("null")))
            .map(|(name, value)| {
                let path = format!("annotations.{name}");
                Ok((name.to_owned(), self.source.decode(&value.text(), &path)?))
            })
            .collect()
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&'static str],
    ) -> Result<Option<T>, OciError> {
        let Some(node) = self.lookup(path)? else {
            return Ok(None);
        };
        self.source.decode(&node.text(), &path.join(".")).map(Some)
    }

    fn read_object<T: serde::de::DeserializeOwned + Default>(
        &self,
        path: &[&'static str],
    ) -> Result<T, OciError> {
        match self.lookup(path)? {
            Some(node) => self.source.decode_object(&node.text(), &path.join(".")),
            None => Ok(T::default()),
        }
    }

    fn read_each<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&'static str],
    ) -> Result<Vec<T>, OciError> {
        let name = path.join(".");
        self.elements(path)?
            .iter()
            .enumerate()
            .map(|(index, node)| {
                self.source
                    .decode_object(&node.text(), &format!("{name}[{index}]"))
            })
            .collect()
    }

    fn elements(&self, path: &[&'static str]) -> Result<Vec<Node<'a>>, OciError> {
        let array: Option<Array<'a>> = self
            .lookup(path)?
            .map(|node| node.into_array(self.source, &path.join(".")))
            .transpose()?;
        Ok(array.map(|array| array.items).unwrap_or_default())
    }

    /// The value at a path, or `None` where it or something on the way is absent.
    fn lookup(&self, path: &[&'static str]) -> Result<Option<Node<'a>>, OciError> {
        let Some((first, rest)) = path.split_first() else {
            return Ok(None);
        };
        let mut found = self.root.get(first).cloned();
        let mut name = (*first).to_owned();
        for key in rest {
            let Some(node) = found else {
                return Ok(None);
            };
            found = node.into_object(self.source, &name)?.get(key).cloned();
            name.push('.');
            name.push_str(key);
        }
        Ok(found)
    }
}

/// White space of JSON, which is less than that of Unicode.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// Whether `version` is at least 1.0.0-rc1 and less than 1.0.0-rc5. Pre-release identifiers with a letter compare as text.
fn has_one_capability_list(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next().unwrap_or_default();
    version
        .strip_prefix("1.0.0-")
        .is_some_and(|pre| ("rc1".."rc5").contains(&pre))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_with_one_capability_list() {
        for (version, expected) in [
            ("1.0.0-rc1", true),
            ("1.0.0-rc2-dev", true),
            ("v1.0.0-rc4", true),
            ("1.0.0-rc4+build", true),
            ("1.0.0-rc5", false),
            ("1.0.0-rc5-dev", false),
            ("1.0.0-alpha", false),
            ("1.0.0", false),
            ("1.0.2-dev", false),
            ("1.2.0", false),
            ("0.9.0", false),
            ("", false),
        ] {
            assert_eq!(has_one_capability_list(version), expected, "{version}");
        }
    }
}
