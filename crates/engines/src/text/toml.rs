//! TOML as people write it into the configuration of containerd, CRI-O and Podman.
//!
//! The tree is that of `toml_edit`, which keeps comments, order and spaces, but for two things: it writes every line end as `\n`, so a file
//! that has `\r\n` throughout gets them back, and one that has some is refused rather than changed in every line; and a value that
//! is replaced takes its comment along, so here it inherits the old one's surroundings.

use crate::{Position, Refused};
use toml_edit::{Array, Document, DocumentMut, Item, Table, TableLike, Value};

/// A document, and how its lines end.
#[derive(Debug)]
pub(crate) struct Toml {
    text: String,
    document: DocumentMut,
    has_carriage_returns: bool,
    /// Whether the last line has no end, which the tree would give it.
    is_open: bool,
}

impl Toml {
    /// Reads a document that is only to be looked at, however it is written; one that is none says nothing.
    pub(crate) fn look(text: &str) -> Option<Self> {
        let document = Document::parse(text.to_owned()).ok()?;
        Some(Self {
            text: text.to_owned(),
            document: document.into_mut(),
            has_carriage_returns: false,
            is_open: false,
        })
    }

    /// Reads a document to be edited; an empty text is one.
    pub(crate) fn parse(text: &str) -> Result<Self, Refused> {
        let carriage_returns = text.matches("\r\n").count();
        let has_carriage_returns = carriage_returns > 0;
        if has_carriage_returns && carriage_returns != text.matches('\n').count() {
            let second = Position::of(text, text.find("\r\n").unwrap_or(0));
            return Err(Refused::at(
                second,
                "some lines end with a carriage return, and some do not: an edit would change them all",
            ));
        }
        let text = if has_carriage_returns {
            text.replace("\r\n", "\n")
        } else {
            text.to_owned()
        };
        let document = Document::parse(text.clone()).map_err(|error| Refused {
            at: error.span().map(|span| Position::of(&text, span.start)),
            reason: format!(
                "not TOML: {}",
                error.message().lines().collect::<Vec<_>>().join("; ")
            ),
        })?;
        let document = document.into_mut();
        let is_open = !text.is_empty() && !text.ends_with('\n');
        let written = document.to_string();
        let is_same = written == text || (is_open && written.strip_suffix('\n') == Some(&*text));
        if !is_same {
            return Err(Refused::new(
                "it is written in a way that an edit would not keep",
            ));
        }
        Ok(Self {
            text,
            document,
            has_carriage_returns,
            is_open,
        })
    }

    /// The document's text now.
    pub(crate) fn text(&self) -> String {
        let mut text = self.document.to_string();
        if self.is_open && text.ends_with('\n') {
            text.pop();
        }
        if self.has_carriage_returns {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    }

    /// What is at `path`.
    pub(crate) fn get(&self, path: &[&str]) -> Result<Option<&Item>, Refused> {
        let mut item = self.document.as_item();
        for (depth, name) in path.iter().enumerate() {
            let Some(table) = item.as_table_like() else {
                return Err(self.wrong(&path[..depth], "a table"));
            };
            match table.get(name) {
                Some(inner) => item = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(item))
    }

    /// The table at `path`.
    pub(crate) fn table(&self, path: &[&str]) -> Result<Option<&dyn TableLike>, Refused> {
        match self.get(path)? {
            None => Ok(None),
            Some(item) => item
                .as_table_like()
                .map(Some)
                .ok_or_else(|| self.wrong(path, "a table")),
        }
    }

    /// The text at `path`.
    pub(crate) fn string(&self, path: &[&str]) -> Result<Option<&str>, Refused> {
        match self.get(path)? {
            None => Ok(None),
            Some(item) => item
                .as_str()
                .map(Some)
                .ok_or_else(|| self.wrong(path, "a text")),
        }
    }

    /// The whole number at `path`.
    pub(crate) fn integer(&self, path: &[&str]) -> Result<Option<i64>, Refused> {
        match self.get(path)? {
            None => Ok(None),
            Some(item) => item
                .as_integer()
                .map(Some)
                .ok_or_else(|| self.wrong(path, "a whole number")),
        }
    }

    /// The texts of the array at `path`.
    pub(crate) fn strings(&self, path: &[&str]) -> Result<Vec<&str>, Refused> {
        let Some(item) = self.get(path)? else {
            return Ok(Vec::new());
        };
        let texts: Option<Vec<&str>> = item
            .as_array()
            .and_then(|array| array.iter().map(Value::as_str).collect());
        texts.ok_or_else(|| self.wrong(path, "an array of texts"))
    }

    /// The table at `path`, made where it is not. Tables on the way to it get no header of their own.
    pub(crate) fn table_or_new(&mut self, path: &[&str]) -> Result<&mut dyn TableLike, Refused> {
        self.table_made(path, false)
    }

    /// Puts a table at `path`, with a header of its own, in the place of what is there.
    pub(crate) fn put_table(&mut self, path: &[&str], table: Table) -> Result<(), Refused> {
        let Some((name, above)) = path.split_last() else {
            return Ok(());
        };
        self.table_made(above, true)?
            .insert(name, Item::Table(table));
        Ok(())
    }

    /// As [`Self::table_or_new`]; `is_way`: the table itself is but on the way to others.
    fn table_made(&mut self, path: &[&str], is_way: bool) -> Result<&mut dyn TableLike, Refused> {
        // Refuses what is no table, with its place, which is gone once the tree is changed.
        for depth in 1..=path.len() {
            self.table(&path[..depth])?;
        }
        let mut table: &mut dyn TableLike = self.document.as_table_mut();
        for (depth, name) in path.iter().enumerate() {
            let is_header = !is_way && depth + 1 == path.len();
            let new = || {
                let mut new = Table::new();
                new.set_implicit(!is_header);
                Item::Table(new)
            };
            let item = table.entry(name).or_insert_with(new);
            table = item
                .as_table_like_mut()
                .ok_or_else(|| Refused::new(format!("`{}` is not a table", path.join("."))))?;
        }
        Ok(table)
    }

    /// Sets the value at `path`, with the surroundings of the old one; says whether that changes anything.
    pub(crate) fn set(&mut self, path: &[&str], value: impl Into<Value>) -> Result<bool, Refused> {
        let Some((name, above)) = path.split_last() else {
            return Ok(false);
        };
        Ok(set_in(self.table_or_new(above)?, name, value))
    }

    /// Takes what is at `path` out; says whether there was something.
    pub(crate) fn remove(&mut self, path: &[&str]) -> Result<bool, Refused> {
        let Some((name, above)) = path.split_last() else {
            return Ok(false);
        };
        if self.get(path)?.is_none() {
            return Ok(false);
        }
        Ok(self.table_or_new(above)?.remove(name).is_some())
    }

    /// Takes a runtime out of the table `runtimes`, and out of `default` if that names it; says whether there was any.
    pub(crate) fn remove_runtime(
        &mut self,
        runtimes: &[&str],
        default: &[&str],
        name: &str,
    ) -> Result<bool, Refused> {
        let mut is_changed = self.remove(&[runtimes, &[name]].concat())?;
        if self.string(default)? == Some(name) {
            is_changed |= self.remove(default)?;
        }
        Ok(is_changed)
    }

    /// Adds a text to the array at `path`, as the texts before it are written.
    pub(crate) fn push(&mut self, path: &[&str], text: &str) -> Result<(), Refused> {
        self.strings(path)?;
        let Some((name, above)) = path.split_last() else {
            return Ok(());
        };
        let table = self.table_or_new(above)?;
        let item = table
            .entry(name)
            .or_insert_with(|| Item::Value(Value::Array(Array::new())));
        let Some(array) = item.as_array_mut() else {
            return Err(Refused::new(format!(
                "`{}` is not an array",
                path.join(".")
            )));
        };
        let mut value = Value::from(text);
        if let Some(last) = array.iter().last() {
            // On a line of its own, if the others are.
            let before = last.decor().prefix().and_then(|prefix| prefix.as_str());
            let before = before.unwrap_or_default();
            let indent = before.rfind('\n').map(|at| before[at..].to_owned());
            let is_alone = array.len() == 1 && before.is_empty();
            let before = if is_alone { " " } else { before };
            let prefix = indent.unwrap_or_else(|| before.to_owned());
            value.decor_mut().set_prefix(prefix);
        }
        if let Some(last) = array.iter_mut().last() {
            // What stood behind the last text, before the bracket, stands behind the new one.
            let behind = last.decor().suffix().and_then(|suffix| suffix.as_str());
            if let Some(behind) = behind.map(str::to_owned)
                && !behind.contains('#')
            {
                last.decor_mut().set_suffix("");
                value.decor_mut().set_suffix(behind);
            }
        }
        array.push_formatted(value);
        Ok(())
    }

    /// Takes into the table at `path` what `source` has: what both have is as in `source`, what only one has stays.
    pub(crate) fn merge(&mut self, path: &[&str], source: &dyn TableLike) -> Result<(), Refused> {
        merge(self.table_or_new(path)?, source);
        Ok(())
    }

    /// The outermost table.
    pub(crate) fn root(&self) -> &Table {
        self.document.as_table()
    }

    /// A refusal for what is at `path`.
    pub(crate) fn wrong(&self, path: &[&str], expected: &str) -> Refused {
        Refused {
            at: place(&self.text, path),
            reason: format!("`{}` is not {expected}", shown(path)),
        }
    }
}

/// Sets a value in a table, with the surroundings of the old one; says whether that changes anything.
pub(crate) fn set_in(table: &mut dyn TableLike, name: &str, value: impl Into<Value>) -> bool {
    let mut value = value.into();
    let Some(item) = table.get_mut(name) else {
        table.insert(name, Item::Value(value));
        return true;
    };
    if let Some(old) = item.as_value() {
        if is_same(old, &value) {
            return false;
        }
        *value.decor_mut() = old.decor().clone();
    }
    // In its place: inserted anew, the key would lose the comment above it.
    *item = Item::Value(value);
    true
}

/// A copy of a table for another file: it is written where it is put, without the indentation that it has in its own.
/// Comments come along.
pub(crate) fn transplant(table: &Table) -> Table {
    let mut copy = table.clone();
    uproot(&mut copy);
    copy
}

fn uproot(table: &mut Table) {
    const GAP: &str = "\n";
    table.set_position(None);
    let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str());
    if prefix.is_none_or(|prefix| prefix.trim().is_empty()) {
        table.decor_mut().set_prefix(GAP);
    }
    for (mut key, item) in table.iter_mut() {
        let decor = key.leaf_decor_mut();
        let prefix = decor.prefix().and_then(|prefix| prefix.as_str());
        if prefix.is_some_and(|prefix| prefix.trim().is_empty()) {
            decor.set_prefix("");
        }
        match item {
            Item::Table(inner) => uproot(inner),
            Item::ArrayOfTables(inner) => inner.iter_mut().for_each(uproot),
            _ => {}
        }
    }
}

/// Takes into a table what it lacks of `model`; what it has stays.
pub(crate) fn fill(into: &mut dyn TableLike, model: &dyn TableLike) {
    for (name, item) in model.iter() {
        match into.get_mut(name) {
            None => {
                into.insert(name, item.clone());
            }
            Some(here) => {
                if let (Some(here), Some(item)) = (here.as_table_like_mut(), item.as_table_like()) {
                    fill(here, item);
                }
            }
        }
    }
}

fn merge(into: &mut dyn TableLike, source: &dyn TableLike) {
    for (name, item) in source.iter() {
        match into.get_mut(name) {
            None => {
                let copy = match item {
                    Item::Table(table) => Item::Table(transplant(table)),
                    other => other.clone(),
                };
                into.insert(name, copy);
            }
            Some(here) => match (here.as_table_like_mut(), item.as_table_like()) {
                (Some(here), Some(item)) => merge(here, item),
                _ => {
                    if let Some(value) = item.as_value() {
                        set_in(into, name, value.clone());
                    }
                }
            },
        }
    }
}

/// Whether two values mean the same, however they are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.value() == other.value(),
        (Value::Boolean(one), Value::Boolean(other)) => one.value() == other.value(),
        (Value::Integer(one), Value::Integer(other)) => one.value() == other.value(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other.iter())
                    .all(|(one, other)| is_same(one, other))
        }
        _ => false,
    }
}

/// Where `path` begins in the text: a tree that can be edited no longer knows.
fn place(text: &str, path: &[&str]) -> Option<Position> {
    let document = Document::parse(text).ok()?;
    let mut item = document.as_item();
    let mut span = None;
    for name in path {
        item = item.as_table_like()?.get(name)?;
        span = item.span().or(span);
    }
    span.map(|span| Position::of(text, span.start))
}

/// A path as it is written in a file.
fn shown(path: &[&str]) -> String {
    let is_bare = |name: &str| {
        let is_bare = |character: char| {
            character.is_ascii_alphanumeric() || character == '-' || character == '_'
        };
        !name.is_empty() && name.chars().all(is_bare)
    };
    let parts: Vec<String> = path
        .iter()
        .map(|name| {
            if is_bare(name) {
                (*name).to_owned()
            } else {
                format!("\"{name}\"")
            }
        })
        .collect();
    parts.join(".")
}
