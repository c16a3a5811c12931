//! A template and what is filled into it.
//!
//! `{{name}}` in a template stands for a value, `{{name.why}}` for the reason of a choice. A line of nothing but one of
//! these goes with its value, if that is empty; of several empty lines in a row one is left.

use std::collections::BTreeMap;

/// Something that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What about: `toolkit`.
    pub(crate) subject: &'static str,
    /// What was taken.
    pub(crate) value: String,
    /// Why, as a sentence.
    pub(crate) reason: String,
}

/// The values of a template, and the choices behind them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    values: BTreeMap<String, String>,
    pub(crate) choices: Vec<Choice>,
    pub(crate) warnings: Vec<String>,
}

impl Sheet {
    /// Sets a value.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Sets a value that was chosen: `{{subject}}` and `{{subject.why}}`.
    pub(crate) fn choose(
        &mut self,
        subject: &'static str,
        value: impl Into<String>,
        reason: impl Into<String>,
    ) {
        let (value, reason) = (value.into(), reason.into());
        self.set(subject, value.clone());
        self.set(&format!("{subject}.why"), reason.clone());
        self.choices.push(Choice {
            subject,
            value,
            reason,
        });
    }

    /// Tells whoever asked.
    pub(crate) fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    /// The text.
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut text = String::with_capacity(template.len() * 2);
        for line in template.lines() {
            let is_only =
                line.starts_with("{{") && line.ends_with("}}") && !line[2..].contains("{{");
            let filled = self.fill_line(line);
            if is_only && filled.is_empty() || filled.is_empty() && text.ends_with("\n\n") {
                continue;
            }
            text.push_str(&filled);
            text.push('\n');
        }
        text
    }

    fn fill_line(&self, line: &str) -> String {
        let mut filled = String::with_capacity(line.len());
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            filled.push_str(before);
            if let Some(value) = self.values.get(name) {
                filled.push_str(value);
            } else {
                // Left as it is, which the test of all recipes does not let pass.
                filled.push_str("{{");
                filled.push_str(name);
                filled.push_str("}}");
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filled() {
        let mut sheet = Sheet::default();
        sheet.choose("base", "debian:12", "It is small.");
        sheet.set("none", "");
        sheet.set("lines", "RUN a\nRUN b");
        let text = sheet.fill(
            "# {{base.why}}\nFROM {{base}} AS {{base}}\n\n{{none}}\n\n{{lines}}\n{{other}}\n",
        );
        assert_eq!(
            text,
            "# It is small.\nFROM debian:12 AS debian:12\n\nRUN a\nRUN b\n{{other}}\n"
        );
        assert_eq!(sheet.choices[0].subject, "base");
    }
}
