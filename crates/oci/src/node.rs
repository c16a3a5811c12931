//! The document as a tree that is opened on demand.
//!
//! A value is the text it was until an edit needs to go through it; then it becomes an object or array whose members are again text.
//! An opened value that nothing changed is written as its original text, so that opening is never a change by itself.
//! The tree is at most four levels deep (`linux.resources.devices[n]`), whatever the document is: nothing here recurses with the input,
//! and `serde_json` skips values without recursion.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::OciError;
use crate::source::Source;

/// One value.
#[derive(Debug, Clone)]
pub(crate) enum Node<'a> {
    /// The text it has in the document.
    Raw(&'a str),
    /// The text of a value that an edit put there. Never opened: edits put whole array elements.
    New(String),
    /// An object on the way to an edit.
    Object(Object<'a>),
    /// An array on the way to an edit.
    Array(Array<'a>),
}

/// An object, its members in the order of the document.
#[derive(Debug, Clone)]
pub(crate) struct Object<'a> {
    /// Its text in the document; `None` for one that an edit made, which does not exist until something is in it.
    raw: Option<&'a str>,
    members: Vec<Member<'a>>,
    changed: bool,
}

#[derive(Debug, Clone)]
struct Member<'a> {
    /// The key as it is written, with quotes and escapes.
    key: Cow<'a, str>,
    /// The key as it is meant.
    name: Cow<'a, str>,
    value: Node<'a>,
}

/// An array.
#[derive(Debug, Clone)]
pub(crate) struct Array<'a> {
    raw: Option<&'a str>,
    /// The elements. Whoever changes them sets `changed`.
    pub(crate) items: Vec<Node<'a>>,
    pub(crate) changed: bool,
}

impl<'a> Node<'a> {
    /// An absent value is one that is not there or is `null`: Go programs write `null` for an empty slice or map.
    fn is_absent(&self) -> bool {
        match self {
            Node::Raw(text) => *text == "null",
            Node::New(_) => false,
            Node::Object(object) => {
                !object.is_changed() && object.raw.is_none_or(|text| text == "null")
            }
            Node::Array(array) => !array.changed && array.raw.is_none_or(|text| text == "null"),
        }
    }

    fn is_changed(&self) -> bool {
        match self {
            Node::Raw(_) => false,
            Node::New(_) => true,
            Node::Object(object) => object.is_changed(),
            Node::Array(array) => array.changed,
        }
    }

    /// Whether this value would be written at all.
    fn is_written(&self) -> bool {
        match self {
            Node::Raw(_) | Node::New(_) => true,
            Node::Object(object) => object.raw.is_some() || object.is_changed(),
            Node::Array(array) => array.raw.is_some() || array.changed,
        }
    }

    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Node::Raw(text) => out.push_str(text),
            Node::New(text) => out.push_str(text),
            Node::Object(object) => object.write(out),
            Node::Array(array) => array.write(out),
        }
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Node::Raw(text) => Cow::Borrowed(text),
            Node::New(text) => Cow::Borrowed(text),
            Node::Object(_) | Node::Array(_) => {
                let mut out = String::new();
                self.write(&mut out);
                Cow::Owned(out)
            }
        }
    }

    pub(crate) fn into_object(
        self,
        source: Source<'a>,
        path: &str,
    ) -> Result<Object<'a>, OciError> {
        match self {
            Node::Object(object) => Ok(object),
            Node::Raw(text) => Object::open(source, text, path),
            other => Err(source.wrong_type(&other.text(), path, "an object")),
        }
    }

    pub(crate) fn into_array(self, source: Source<'a>, path: &str) -> Result<Array<'a>, OciError> {
        match self {
            Node::Array(array) => Ok(array),
            Node::Raw(text) => Array::open(source, text, path),
            other => Err(source.wrong_type(&other.text(), path, "an array")),
        }
    }
}

impl<'a> Object<'a> {
    const ABSENT: Self = Self {
        raw: None,
        members: Vec::new(),
        changed: false,
    };

    /// Split a text that is known to be JSON into its members.
    fn open(source: Source<'a>, text: &'a str, path: &str) -> Result<Self, OciError> {
        if text == "null" {
            return Ok(Self {
                raw: Some(text),
                ..Self::ABSENT
            });
        }
        if !text.starts_with('{') {
            return Err(source.wrong_type(text, path, "an object"));
        }
        Self::of(source, text, source.decode(text, path)?, path)
    }

    /// The root of the document: the one scan that also checks the syntax of everything in it.
    pub(crate) fn root(source: Source<'a>, text: &'a str) -> Result<Self, OciError> {
        if !text.starts_with('{') {
            serde_json::from_str::<&RawValue>(source.0).map_err(|error| source.syntax(&error))?;
            return Err(source.wrong_type(text, "the document", "an object"));
        }
        let members = serde_json::from_str(source.0).map_err(|error| source.syntax(&error))?;
        Self::of(source, text, members, "")
    }

    fn of(
        source: Source<'a>,
        text: &'a str,
        pairs: Pairs<'a>,
        path: &str,
    ) -> Result<Self, OciError> {
        let shown = || {
            if path.is_empty() {
                "the document"
            } else {
                path
            }
            .to_owned()
        };
        let known = known_names(path);
        let mut seen = HashSet::with_capacity(pairs.0.len());
        let mut members: Vec<Member<'a>> = Vec::with_capacity(pairs.0.len());
        for (key, value) in pairs.0 {
            let key = key.get();
            let name = unquote(source, key, path)?;
            if !seen.insert(name.clone()) {
                return Err(OciError::DuplicateKey {
                    object: shown(),
                    key: name.into_owned(),
                    at: source.position(key, 0),
                });
            }
            if let Some(meant) = known
                .iter()
                .find(|known| **known != name && folds_to(&name, known))
            {
                return Err(OciError::KeyCase {
                    object: shown(),
                    key: name.into_owned(),
                    name: meant,
                    at: source.position(key, 0),
                });
            }
            members.push(Member {
                key: Cow::Borrowed(key),
                name,
                value: Node::Raw(value.get()),
            });
        }
        Ok(Self {
            raw: Some(text),
            members,
            changed: false,
        })
    }

    /// A member that is there and not `null`.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.members
            .iter()
            .find(|member| member.name == name)
            .map(|member| &member.value)
            .filter(|node| !node.is_absent())
    }

    /// Names and values, in order.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &Node<'a>)> {
        self.members
            .iter()
            .map(|member| (&*member.name, &member.value))
    }

    /// The object that is this member, opened; an empty one when it is absent, which is only written once something is in it.
    pub(crate) fn object(
        &mut self,
        source: Source<'a>,
        path: &str,
        name: &'static str,
    ) -> Result<&mut Self, OciError> {
        let slot = self.slot(name, Node::Object(Self::ABSENT));
        if let Node::Raw(text) = slot {
            *slot = Node::Object(Self::open(source, text, path)?);
        }
        match slot {
            Node::Object(object) => Ok(object),
            other => Err(source.wrong_type(&other.text(), path, "an object")),
        }
    }

    /// The array that is this member; see [`Self::object`].
    pub(crate) fn array(
        &mut self,
        source: Source<'a>,
        path: &str,
        name: &'static str,
    ) -> Result<&mut Array<'a>, OciError> {
        let slot = self.slot(name, Node::Array(Array::ABSENT));
        if let Node::Raw(text) = slot {
            *slot = Node::Array(Array::open(source, text, path)?);
        }
        match slot {
            Node::Array(array) => Ok(array),
            other => Err(source.wrong_type(&other.text(), path, "an array")),
        }
    }

    fn slot(&mut self, name: &'static str, absent: Node<'a>) -> &mut Node<'a> {
        let at = self
            .members
            .iter()
            .position(|member| member.name == name)
            .unwrap_or(self.members.len());
        if at == self.members.len() {
            let key = Cow::Owned(format!("\"{name}\""));
            self.members.push(Member {
                key,
                name: Cow::Borrowed(name),
                value: absent,
            });
        }
        &mut self.members[at].value
    }

    /// Make the member the JSON text of a value, whatever it was.
    pub(crate) fn set(&mut self, name: &str, text: String) {
        self.changed = true;
        let value = Node::New(text);
        match self.members.iter_mut().find(|member| member.name == name) {
            Some(member) => member.value = value,
            None => self.members.push(Member {
                key: Cow::Owned(serde_json::Value::from(name).to_string()),
                name: Cow::Owned(name.to_owned()),
                value,
            }),
        }
    }

    /// Take a member out.
    pub(crate) fn remove(&mut self, name: &str) {
        let before = self.members.len();
        self.members.retain(|member| member.name != name);
        self.changed |= self.members.len() != before;
    }

    /// Whether nothing of this object would be written.
    pub(crate) fn is_empty(&self) -> bool {
        !self.members.iter().any(|member| member.value.is_written())
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.changed || self.members.iter().any(|member| member.value.is_changed())
    }

    pub(crate) fn write(&self, out: &mut String) {
        if let (false, Some(text)) = (self.is_changed(), self.raw) {
            out.push_str(text);
            return;
        }
        out.push('{');
        let mut first = true;
        for member in self
            .members
            .iter()
            .filter(|member| member.value.is_written())
        {
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            out.push_str(&member.key);
            out.push(':');
            member.value.write(out);
        }
        out.push('}');
    }
}

impl<'a> Array<'a> {
    const ABSENT: Self = Self {
        raw: None,
        items: Vec::new(),
        changed: false,
    };

    fn open(source: Source<'a>, text: &'a str, path: &str) -> Result<Self, OciError> {
        if text == "null" {
            return Ok(Self {
                raw: Some(text),
                ..Self::ABSENT
            });
        }
        if !text.starts_with('[') {
            return Err(source.wrong_type(text, path, "an array"));
        }
        let items: Vec<&'a RawValue> = source.decode(text, path)?;
        Ok(Self {
            raw: Some(text),
            items: items
                .into_iter()
                .map(|item| Node::Raw(item.get()))
                .collect(),
            changed: false,
        })
    }

    /// Append the JSON text of an element.
    pub(crate) fn push(&mut self, text: String) {
        self.items.push(Node::New(text));
        self.changed = true;
    }

    fn write(&self, out: &mut String) {
        if let (false, Some(text)) = (self.changed, self.raw) {
            out.push_str(text);
            return;
        }
        out.push('[');
        for (index, item) in self.items.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            item.write(out);
        }
        out.push(']');
    }
}

/// The members of an object as they are written. A map type would drop the text of the keys, or one of two equal keys.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(16);
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Collect).map(Pairs)
    }
}

/// The meaning of a string's text.
fn unquote<'a>(source: Source<'a>, text: &'a str, path: &str) -> Result<Cow<'a, str>, OciError> {
    match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(plain) if !plain.contains('\\') => Ok(Cow::Borrowed(plain)),
        _ => source.decode::<String>(text, path).map(Cow::Owned),
    }
}

/// The keys that we look at, by the path of their object.
fn known_names(path: &str) -> &'static [&'static str] {
    match path {
        "" => &[
            "ociVersion",
            "process",
            "root",
            "mounts",
            "hooks",
            "annotations",
            "linux",
        ],
        "process" => &["user", "env", "capabilities"],
        "process.user" => &["uid", "gid", "additionalGids"],
        "process.capabilities" => &["bounding"],
        "hooks" => &[
            "prestart",
            "createRuntime",
            "createContainer",
            "startContainer",
            "poststart",
            "poststop",
        ],
        "linux" => &["devices", "resources", "netDevices", "intelRdt"],
        "linux.resources" => &["devices"],
        _ => &[],
    }
}

/// Equality as Go's `encoding/json` compares keys: by Unicode simple folding, in which two characters beyond ASCII reach ASCII letters.
fn folds_to(key: &str, name: &str) -> bool {
    let fold = |character: char| match character {
        '\u{017F}' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}
