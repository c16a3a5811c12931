//! Where a new key may stand.

use super::{line_end, line_start, splice};
use crate::parse::document;
use std::ops::Range;
use toml_edit::{Item, TableLike};

/// How many comments and headers that look like the right place are tried. Each try is a parse.
const MOST_TRIES: usize = 64;

/// A key to be added to a table, both by name.
pub(super) struct Addition<'t> {
    pub(super) text: &'t str,
    pub(super) table: &'t str,
    pub(super) name: &'t str,
}

impl Addition<'_> {
    /// Texts with the key in each of the places that it may belong to, the best first.
    pub(super) fn places(&self, root: &dyn TableLike, value: &str) -> impl Iterator<Item = String> {
        let line = format!("{} = {value}", self.name);
        let below = self.below_the_last_key(root, &line);
        let examples = self.examples();
        let examples = examples
            .map(|place| splice(self.text, place, &line))
            .collect::<Vec<_>>();
        let headers: Vec<String> = if self.table.is_empty() {
            vec![self.above_the_first_header(&line)]
        } else {
            let headers = self.headers();
            headers
                .map(|offset| self.line_at(offset, &line))
                .chain([self.new_section(&line)])
                .collect()
        };
        examples.into_iter().chain(below).chain(headers)
    }

    /// Comments that show the key with some value, such as `#root = "/run/nvidia/driver"`: from the `#` to the end of the value.
    fn examples(&self) -> impl Iterator<Item = Range<usize>> {
        let places = lines(self.text).filter_map(|(offset, line)| {
            let example = line.trim_start().strip_prefix('#')?;
            let is_ours = example
                .trim_start()
                .strip_prefix(self.name)
                .is_some_and(|rest| rest.trim_start().starts_with('='));
            if !is_ours {
                return None;
            }
            // A sentence that begins like a key is no TOML.
            let document = document(example).ok()?;
            let end = document.get(self.name)?.span()?.end;
            let begin = offset + line.len() - example.len();
            Some(begin - 1..begin + end)
        });
        places.take(MOST_TRIES)
    }

    /// Below the last value that stands in the table itself, and written like it: with the same indentation, and with the
    /// names of the tables where those stand in front of each key.
    fn below_the_last_key(&self, root: &dyn TableLike, line: &str) -> Option<String> {
        let mut table = root;
        let mut is_inline = false;
        for name in self.table.split('.').filter(|name| !name.is_empty()) {
            let item = table.get(name)?;
            is_inline |= item.is_inline_table();
            table = item.as_table_like()?;
        }
        let (start, end) = table
            .iter()
            .filter_map(|(name, item)| {
                let (key, _) = table.get_key_value(name)?;
                Some((key.span()?.start, end_of_values(item)?))
            })
            .max_by_key(|(_, end)| *end)?;
        if is_inline {
            return Some(splice(self.text, end..end, &format!(", {line}")));
        }
        let prefix = &self.text[line_start(self.text, start)..start];
        Some(self.line_at(line_end(self.text, end), &format!("{prefix}{line}")))
    }

    /// Behind each header that may be the table's.
    fn headers(&self) -> impl Iterator<Item = usize> {
        let last = self.table.rsplit('.').next().unwrap_or_default();
        lines(self.text)
            .filter(move |(_, line)| line.trim_start().starts_with('[') && line.contains(last))
            .map(|(offset, line)| offset + line.len())
            .take(MOST_TRIES)
    }

    /// Above the first header and what is said of it.
    fn above_the_first_header(&self, line: &str) -> String {
        let mut place = self.text.len();
        let mut comment = None;
        for (offset, line) in lines(self.text) {
            match line.trim_start().chars().next() {
                Some('[') => {
                    place = comment.unwrap_or(offset);
                    break;
                }
                Some('#') => comment = comment.or(Some(offset)),
                _ => comment = None,
            }
        }
        if place == self.text.len() {
            return self.line_at(place, line);
        }
        let newline = self.newline();
        splice(
            self.text,
            place..place,
            &format!("{line}{newline}{newline}"),
        )
    }

    fn new_section(&self, line: &str) -> String {
        let newline = self.newline();
        let gap = if self.text.is_empty() { "" } else { newline };
        let section = format!("{gap}[{}]{newline}{line}", self.table);
        self.line_at(self.text.len(), &section)
    }

    /// The text with a line (or several) at `offset`, which is the beginning of one, or the end of the text.
    fn line_at(&self, offset: usize, line: &str) -> String {
        let newline = self.newline();
        let is_open = offset > 0 && !self.text[..offset].ends_with('\n');
        let before = if is_open { newline } else { "" };
        splice(
            self.text,
            offset..offset,
            &format!("{before}{line}{newline}"),
        )
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }
}

/// Where the values end that a key stands for in its own table: its own, or those of the keys with dots that begin with it.
fn end_of_values(item: &Item) -> Option<usize> {
    match item {
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(table) if table.is_dotted() => table
            .iter()
            .filter_map(|(_, item)| end_of_values(item))
            .max(),
        _ => None,
    }
}

/// The lines with their ends, and where each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |offset, line| {
        let at = *offset;
        *offset += line.len();
        Some((at, line))
    })
}
