//! YAML and JSON by one set of calls.
//!
//! The YAML is laid out as go-yaml 3 does it, which is what the reference writes with: `- ` takes two columns, what
//! is below a key is indented to the next multiple of four, and nothing is folded.

use crate::quote::{is_plain, quoted};

/// A key that is longer stands behind a `?`: readers give up looking for its `:` after 1024 characters.
const LONGEST_KEY: usize = 500;

pub(crate) fn some_list<T>(out: &mut Writer, name: &str, items: &[T], write: fn(&mut Writer, &T)) {
    if !items.is_empty() {
        out.key(name);
        list(out, items, write);
    }
}

pub(crate) fn list<T>(out: &mut Writer, items: &[T], write: fn(&mut Writer, &T)) {
    out.begin_list();
    for item in items {
        out.item();
        write(out, item);
    }
    out.end_list();
}

/// What a YAML collection needs to know before its first element.
struct Level {
    /// Columns before its elements.
    indent: usize,
    is_empty: bool,
    /// Whether the first element stands on the line that the parent began.
    continues_line: bool,
}

/// Writes either format. The calls are the same; what is between the values differs.
pub(crate) struct Writer {
    pub(crate) text: String,
    pub(crate) is_yaml: bool,
    levels: Vec<Level>,
    /// Whether the value that comes next stands behind a `- `, a `key:`, or at the start.
    after: After,
}

#[derive(Clone, Copy, PartialEq)]
enum After {
    Start,
    Dash,
    Key,
}

impl Writer {
    pub(crate) fn new(is_yaml: bool) -> Self {
        Self {
            text: if is_yaml { "---\n" } else { "" }.to_owned(),
            is_yaml,
            levels: Vec::new(),
            after: After::Start,
        }
    }

    pub(crate) fn begin_map(&mut self) {
        self.begin('{');
    }

    pub(crate) fn end_map(&mut self) {
        self.end("{}", '}');
    }

    pub(crate) fn begin_list(&mut self) {
        self.begin('[');
    }

    pub(crate) fn end_list(&mut self) {
        self.end("[]", ']');
    }

    fn begin(&mut self, sign: char) {
        if !self.is_yaml {
            self.text.push(sign);
        }
        let indent = match (self.after, self.levels.last()) {
            (After::Dash, Some(parent)) => parent.indent + 2,
            (_, Some(parent)) => (parent.indent + 4) / 4 * 4,
            (_, None) => 0,
        };
        self.levels.push(Level {
            indent,
            is_empty: true,
            continues_line: self.after != After::Key,
        });
    }

    fn end(&mut self, empty: &str, sign: char) {
        let level = self.levels.pop();
        if !self.is_yaml {
            self.text.push(sign);
        } else if level.is_some_and(|level| level.is_empty) {
            self.literal(empty);
        }
    }

    /// What comes before an element.
    fn element(&mut self) {
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let is_first = std::mem::replace(&mut level.is_empty, false);
        if !self.is_yaml {
            if !is_first {
                self.text.push(',');
            }
            return;
        }
        if is_first && level.continues_line {
            return;
        }
        if is_first {
            self.text.push('\n');
        }
        for _ in 0..level.indent {
            self.text.push(' ');
        }
    }

    pub(crate) fn item(&mut self) {
        self.element();
        if self.is_yaml {
            self.text.push_str("- ");
        }
        self.after = After::Dash;
    }

    pub(crate) fn key(&mut self, name: &str) {
        self.element();
        if !self.is_yaml {
            quoted(&mut self.text, name, true);
            self.text.push(':');
            return;
        }
        let start = self.text.len();
        self.scalar(name);
        if self.text.len() - start > LONGEST_KEY {
            self.text.insert_str(start, "? ");
            let indent = self.levels.last().map_or(0, |level| level.indent);
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
        self.text.push(':');
        self.after = After::Key;
    }

    /// A value that stands as it is.
    pub(crate) fn literal(&mut self, text: &str) {
        if !self.is_yaml {
            self.text.push_str(text);
            return;
        }
        if self.after == After::Key {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn scalar(&mut self, text: &str) {
        if self.is_yaml && is_plain(text) {
            self.text.push_str(text);
        } else {
            quoted(&mut self.text, text, !self.is_yaml);
        }
    }

    pub(crate) fn value(&mut self, text: &str) {
        if self.is_yaml && self.after == After::Key {
            self.text.push(' ');
        }
        self.scalar(text);
        if self.is_yaml {
            self.text.push('\n');
        }
    }

    pub(crate) fn string(&mut self, name: &str, text: &str) {
        self.key(name);
        self.value(text);
    }

    pub(crate) fn some_string(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(name, text);
        }
    }

    pub(crate) fn strings(&mut self, name: &str, texts: &[String]) {
        some_list(self, name, texts, |out, text| out.value(text));
    }

    pub(crate) fn number(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.key(name);
            self.literal(&number.to_string());
        }
    }
}
