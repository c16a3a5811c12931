//! Which kind of input a file is: by its name first, then by what is in it.
//!
//! What is none is refused with a sentence and the reason, as nobody wants to read that a program is a Dockerfile with a thousand
//! syntax errors. A template is recognised and told: what it becomes is known to whoever fills it in, so a rule may be wrong about it.

mod content;
mod name;
mod template;
mod walk;

#[cfg(test)]
mod tests;

pub use name::by_name;
pub(crate) use template::find as find_template;
pub use template::{Template, TemplateLanguage};
pub use walk::{Chosen, Limits, Node, Walk, walk};

/// The largest text that is linted, in bytes.
pub const MAX_BYTES: u64 = 50 * 1024 * 1024;

/// How much of a file's beginning is enough to recognise it. More does no harm.
pub const HEAD: usize = 64 * 1024;

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A `devcontainer.json`.
    DevContainer,
    /// A shell script.
    Shell,
    /// A Markdown file.
    Markdown,
    /// An archive, as of `docker save`, compressed or not.
    ImageArchive,
}

/// A file, recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What it is.
    pub kind: Kind,
    /// Whether it is a template, and where that shows.
    pub template: Option<Template>,
}

/// Why a file is not linted. Its sentence says so without a name: `… is` goes before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing in it, or nothing but blanks.
    #[error("empty")]
    Empty,
    /// It is no text.
    #[error("{0}, and no text")]
    Binary(&'static str),
    /// It is text in another encoding.
    #[error("text in UTF-16, which neither docker nor a shell reads: save it as UTF-8")]
    Utf16,
    /// It has bytes that are not UTF-8.
    #[error("not UTF-8, from byte {0} on")]
    NotUtf8(usize),
    /// It is larger than [`MAX_BYTES`].
    #[error("larger than what is read ({0} of at most {MAX_BYTES} bytes)")]
    TooLarge(u64),
    /// It is something that there are no rules for.
    #[error("{0}, for which there are no rules")]
    Other(&'static str),
    /// Nobody knows.
    #[error(
        "no Dockerfile, compose file, devcontainer.json, shell script or Markdown file, as far as its name and its first lines tell"
    )]
    Unknown,
}

/// Recognises a file by its path, the first bytes of it ([`HEAD`] of them, or all) and its size.
pub fn recognise(path: &str, head: &[u8], size: u64) -> Result<Recognised, Refusal> {
    let named = name::named(path);
    if let Some(archive) = content::archive(head) {
        let wants_other = named.is_some_and(|named| named.kind != Kind::ImageArchive);
        return if wants_other {
            Err(Refusal::Binary(archive))
        } else {
            Ok(Recognised {
                kind: Kind::ImageArchive,
                template: None,
            })
        };
    }
    if size == 0 {
        return Err(Refusal::Empty);
    }
    let text = content::text_of(head, size)?;
    if size > MAX_BYTES {
        return Err(Refusal::TooLarge(size));
    }
    if text
        .trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}')
        .is_empty()
    {
        return Err(Refusal::Empty);
    }
    let kind = match named.map(|named| named.kind) {
        Some(Kind::ImageArchive) => {
            return Err(Refusal::Other("a text with the name of an archive"));
        }
        Some(kind) => kind,
        None => content::kind(text)?,
    };
    let template = match named.and_then(|named| named.template) {
        Some(language) => Some(Template::at_the_beginning(language)),
        None => template::find(kind, text),
    };
    Ok(Recognised { kind, template })
}
