//! One value of the file on its way into the configuration: its type is checked here, and here alone.

use std::path::{Path, PathBuf};

use toml_edit::{Item, Value};

use crate::error::{ConfigError, Position, Warning, WarningKind};

/// A value of a known key.
#[derive(Debug)]
pub(crate) struct Field<'d> {
    pub(crate) text: &'d str,
    /// The key, with its tables.
    pub(crate) key: &'static str,
    pub(crate) item: &'d Item,
    pub(crate) warnings: &'d mut Vec<Warning>,
}

impl<'d> Field<'d> {
    /// Where the value begins.
    pub(crate) fn at(&self) -> Position {
        Position::of(self.text, self.item.span().map_or(0, |span| span.start))
    }

    fn wrong(&self, expected: &'static str) -> ConfigError {
        ConfigError::Type {
            key: self.key.to_owned(),
            expected,
            found: type_of(self.item),
            at: self.at(),
        }
    }

    pub(crate) fn boolean(&self) -> Result<bool, ConfigError> {
        self.item.as_bool().ok_or_else(|| self.wrong("a boolean"))
    }

    pub(crate) fn string(&self) -> Result<&'d str, ConfigError> {
        self.item.as_str().ok_or_else(|| self.wrong("a string"))
    }

    /// A string that is `None` when empty.
    pub(crate) fn optional(&self) -> Result<Option<String>, ConfigError> {
        Ok(Some(self.string()?)
            .filter(|text| !text.is_empty())
            .map(str::to_owned))
    }

    /// A path that is `None` when empty.
    pub(crate) fn optional_path(&self) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self.optional()?.map(PathBuf::from))
    }

    /// A path that stays what it was when the value is empty.
    pub(crate) fn path(&self, into: &mut PathBuf) -> Result<(), ConfigError> {
        if let Some(path) = self.optional_path()? {
            *into = path;
        }
        Ok(())
    }

    /// As [`Self::optional_path`], for a path that is used wherever the process happens to be.
    pub(crate) fn absolute_path(&self) -> Result<Option<PathBuf>, ConfigError> {
        let path = self.optional_path()?;
        match path {
            Some(path) if !path.is_absolute() => Err(ConfigError::NotAbsolute {
                key: self.key.to_owned(),
                value: path.to_string_lossy().into_owned(),
                at: self.at(),
            }),
            other => Ok(other),
        }
    }

    /// A log file: `/dev/null` is none.
    pub(crate) fn log_file(&self) -> Result<Option<PathBuf>, ConfigError> {
        Ok(self
            .optional_path()?
            .filter(|path| path != Path::new("/dev/null")))
    }

    pub(crate) fn list<T: From<String>>(&self) -> Result<Vec<T>, ConfigError> {
        let array = self
            .item
            .as_array()
            .ok_or_else(|| self.wrong("an array of strings"))?;
        let element = |(index, value): (usize, &Value)| {
            value
                .as_str()
                .map(|text| T::from(text.to_owned()))
                .ok_or_else(|| ConfigError::Type {
                    key: format!("{}[{index}]", self.key),
                    expected: "a string",
                    found: type_of_value(value),
                    at: value
                        .span()
                        .map_or_else(|| self.at(), |span| Position::of(self.text, span.start)),
                })
        };
        array.iter().enumerate().map(element).collect()
    }

    pub(crate) fn warn(&mut self, kind: WarningKind) {
        let warning = Warning {
            at: self.at(),
            key: self.key.to_owned(),
            kind,
        };
        self.warnings.push(warning);
    }
}

/// The type of an item, in words.
pub(crate) fn type_of(item: &Item) -> &'static str {
    match item {
        Item::None => "nothing",
        Item::Value(value) => type_of_value(value),
        Item::Table(_) => "a table",
        Item::ArrayOfTables(_) => "an array of tables",
    }
}

fn type_of_value(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a float",
        Value::Boolean(_) => "a boolean",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "an array",
        Value::InlineTable(_) => "a table",
    }
}
