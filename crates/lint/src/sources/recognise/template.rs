//! Templates: what becomes a Dockerfile or a compose file only when somebody fills it in.
//!
//! `{{ … }}` alone is no sign of one: `docker info --format '{{.Runtimes}}'` in a `RUN`, `{{.Node.Hostname}}` in a compose file and
//! `${{ … }}` are right as they are. It is, where a Dockerfile or YAML could not have it.

use liftgate_dockerfile::Span;

use super::Kind;

/// That a file is a template, and where that shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Which language it is in.
    pub language: TemplateLanguage,
    /// The first sign of it. The beginning of the file, where its name says so.
    pub span: Span,
}

/// A language of templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateLanguage {
    /// `{% … %}`, `{{ … }}`.
    Jinja,
    /// `{{- … }}`, `{{ .Name }}`.
    Go,
    /// `<% … %>`.
    Erb,
    /// Any other.
    Other,
}

impl TemplateLanguage {
    pub(super) fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "j2" | "jinja" | "jinja2" => Self::Jinja,
            "tmpl" | "gotmpl" | "tpl" => Self::Go,
            "erb" => Self::Erb,
            "template" | "in" | "mustache" | "hbs" | "m4" => Self::Other,
            _ => return None,
        })
    }
}

impl Template {
    pub(super) fn at_the_beginning(language: TemplateLanguage) -> Self {
        Self {
            language,
            span: Span::at(0),
        }
    }
}

/// The first sign in a text that it is a template.
pub(crate) fn find(kind: Kind, text: &str) -> Option<Template> {
    if !matches!(kind, Kind::Dockerfile | Kind::Compose) {
        return None;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((offset, length, language)) = sign(kind, line) {
            let at = start + offset;
            return Some(Template {
                language,
                span: Span::new(at, at + length),
            });
        }
        start += line.len();
    }
    None
}

/// Beginnings and ends of lines that are replaced as a whole: `%%ENV%%`, empy's `@[if …]`, m4's `include(file)`.
const PLACEHOLDERS: &[(&str, &str)] = &[("%%", "%%"), ("@[", "]"), ("@[", "]@"), ("@(", ")"), ("include(", ")")];

/// Where a line has what no Dockerfile and no YAML has, how long it is, and whose it is.
fn sign(kind: Kind, line: &str) -> Option<(usize, usize, TemplateLanguage)> {
    let indent = line.len() - line.trim_start().len();
    let content = line[indent..].trim_end();
    if content.starts_with('#') {
        return None;
    }
    for (open, close, language) in [
        ("{%", "%}", TemplateLanguage::Jinja),
        ("<%", "%>", TemplateLanguage::Erb),
    ] {
        if let Some(at) = content.find(open)
            && let Some(length) = content[at..].find(close)
        {
            return Some((indent + at, length + close.len(), language));
        }
    }
    if kind == Kind::Dockerfile
        && let Some((open, _)) = PLACEHOLDERS.iter().find(|(open, close)| content.starts_with(open) && content.len() > open.len() && content.ends_with(close))
    {
        let length = if open.len() == 2 { content.len() } else { open.len() };
        return Some((indent, length, TemplateLanguage::Other));
    }
    let at = content
        .find("{{")
        .filter(|at| !content[..*at].ends_with('$'))?;
    let before = content[..at].trim_end();
    let is_sign = if kind == Kind::Compose {
        // A mapping in a mapping's place: nobody writes that in YAML.
        before.is_empty() || before == "-" || before.ends_with(':')
    } else {
        let word = content.split_whitespace().next().unwrap_or_default();
        let names = ["from", "arg", "env"];
        before.is_empty() || names.iter().any(|name| word.eq_ignore_ascii_case(name))
    };
    let inner = content.get(at + 2..)?;
    let length = inner.find("}}").filter(|_| is_sign)?;
    let inner = inner[..length].trim_start_matches('-').trim_start();
    let language =
        if inner.starts_with(['.', '$']) || inner.starts_with("if ") || inner.starts_with("range ")
        {
            TemplateLanguage::Go
        } else {
            TemplateLanguage::Jinja
        };
    Some((indent + at, length + 4, language))
}
