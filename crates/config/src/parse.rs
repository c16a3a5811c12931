//! From the text to the configuration.

use std::borrow::Cow;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::error::{ConfigError, Position, Warning, WarningKind};
use crate::field::{Field, type_of};
use crate::keys::{LDCONFIG, is_table, key, similar};
use crate::model::Config;

/// The largest file that is accepted. Real ones have one or two KiB.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The most warnings that are given. Finding the line of each is a pass over the text, which a file made of nothing but
/// unknown keys would turn into minutes.
const MAX_WARNINGS: usize = 100;

impl Config {
    /// Read a configuration. What the text does not say has its default; a list that it gives replaces the default list.
    /// The warnings come in the order of the file.
    pub fn parse(text: &str) -> Result<(Self, Vec<Warning>), ConfigError> {
        let document = document(text)?;
        let mut reading = Reading {
            text,
            config: Self::default(),
            warnings: Vec::new(),
        };
        reading.table("", document.as_table())?;
        reading.check_ldconfig(document.as_table())?;
        reading.warnings.sort_by_key(|warning| warning.at);
        Ok((reading.config, reading.warnings))
    }
}

/// The text as TOML, with the place of everything in it.
pub(crate) fn document(text: &str) -> Result<Document<&str>, ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge {
            size: text.len(),
            limit: MAX_BYTES,
        });
    }
    Document::parse(text).map_err(|error| ConfigError::Syntax {
        at: Position::of(text, error.span().map_or(0, |span| span.start)),
        reason: error.message().lines().collect::<Vec<_>>().join("; "),
    })
}

struct Reading<'d> {
    text: &'d str,
    config: Config,
    warnings: Vec<Warning>,
}

impl<'d> Reading<'d> {
    /// Only known tables are gone into, so this is never deeper than the deepest of them.
    fn table(&mut self, path: &str, table: &'d dyn TableLike) -> Result<(), ConfigError> {
        for (name, item) in table.iter() {
            // A name with a dot in it is written in quotes and is not the dotted path that it looks like.
            let is_plain = !name.contains('.');
            let name_shown = if is_plain {
                Cow::Borrowed(name)
            } else {
                Cow::Owned(format!("\"{name}\""))
            };
            let path = if path.is_empty() {
                name_shown.into_owned()
            } else {
                format!("{path}.{name_shown}")
            };
            if let Some((known, set)) = key(&path) {
                let mut field = Field {
                    text: self.text,
                    key: known,
                    item,
                    warnings: &mut self.warnings,
                };
                set(&mut self.config, &mut field)?;
            } else if is_table(&path) {
                let inner = item.as_table_like().ok_or_else(|| ConfigError::Type {
                    key: path.clone(),
                    expected: "a table",
                    found: type_of(item),
                    at: self.at(item.span().or_else(|| name_span(table, name))),
                })?;
                self.table(&path, inner)?;
            } else if self.warnings.len() < MAX_WARNINGS {
                let at = self.at(name_span(table, name).or_else(|| item.span()));
                let kind = if item.is_table_like() || item.is_array_of_tables() {
                    WarningKind::Table
                } else {
                    WarningKind::Key {
                        similar: similar(&path),
                    }
                };
                self.warnings.push(Warning {
                    at,
                    key: path,
                    kind,
                });
            }
        }
        Ok(())
    }

    fn at(&self, span: Option<Range<usize>>) -> Position {
        Position::of(self.text, span.map_or(0, |span| span.start))
    }

    fn check_ldconfig(&self, root: &dyn TableLike) -> Result<(), ConfigError> {
        let value = &self.config.nvidia_container_cli.ldconfig;
        if value.starts_with('@')
            || self.config.features.allow_ldconfig_from_container == Some(true)
        {
            return Ok(());
        }
        let item = LDCONFIG.split_once('.').and_then(|(table, name)| {
            root.get(table)
                .and_then(Item::as_table_like)
                .and_then(|table| table.get(name))
        });
        let at = self.at(item.and_then(Item::span));
        Err(ConfigError::LdconfigOfContainer {
            value: value.clone(),
            at,
        })
    }
}

fn name_span(table: &dyn TableLike, name: &str) -> Option<Range<usize>> {
    table.get_key_value(name).and_then(|(key, _)| key.span())
}
