//! The code blocks of Markdown files: pieces of shell, Dockerfiles and YAML, with their places in the file.
//!
//! It follows `CommonMark` where code blocks begin and end, and readers where these are more generous: a fence may be indented
//! as far as somebody likes, because in lists it is. Of a session at a terminal only what was typed is kept: with `$ ` or another
//! prompt in a block, the lines without one are output.
//!
//! Commands in the middle of a line are read where they call an engine. Not read: other code there, `<pre>`, and what stands in an HTML comment, which nobody sees.

mod inline;
mod lines;
mod prompt;

#[cfg(test)]
mod tests;

pub use inline::commands_in_lines;

use liftgate_dockerfile::{Joined, Span};

use lines::{Line, Lines};

/// A code block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub language: Language,
    /// The word behind the fence, where there is one.
    pub label: Span,
    /// The block with its fences.
    pub whole: Span,
    /// What stands in it: without its indentation, without prompts and without output.
    pub text: Joined,
    /// Whether there were prompts.
    pub has_prompts: bool,
    /// Whether it stands between fences, and not behind four blanks.
    pub is_fenced: bool,
    /// Whether its last fence is there.
    pub is_closed: bool,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Commands for a POSIX shell.
    Shell,
    /// A Dockerfile, or a part of one.
    Dockerfile,
    /// YAML.
    Yaml,
    /// JSON, with comments or without.
    Json,
    /// Anything else.
    Other,
}

impl Language {
    /// What a label says; `None` where there is none.
    fn of_label(label: &str) -> Option<Self> {
        let label = label.trim_matches(['{', '}']).trim_start_matches('.');
        let end = label.find([',', '{', ':']).unwrap_or(label.len());
        let label = label[..end].to_ascii_lowercase();
        Some(match label.trim_start_matches("language-") {
            "" => return None,
            "bash" | "sh" | "shell" | "zsh" | "ksh" | "console" | "terminal" | "session"
            | "shell-session" | "shellsession" | "sh-session" | "bash-session" | "shellscript"
            | "shell-script" | "cli" | "commandline" | "command-line" => Self::Shell,
            "dockerfile" | "docker" | "containerfile" => Self::Dockerfile,
            "yaml" | "yml" | "compose" | "docker-compose" => Self::Yaml,
            "json" | "jsonc" | "json5" => Self::Json,
            _ => Self::Other,
        })
    }

    /// What an unlabelled block looks like, by its first line that says anything.
    fn of_content(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim_end);
        let says = |line: &&str| !line.is_empty() && !line.starts_with('#');
        let Some(line) = lines.find(says) else {
            return Self::Other;
        };
        let word = line.split_whitespace().next().unwrap_or_default();
        match word {
            "FROM" => Self::Dockerfile,
            "services:" => Self::Yaml,
            "version:" | "x-gpu:" if lines.any(|line| line == "services:") => Self::Yaml,
            "{" => Self::Json,
            _ if prompt::is_program(word) => Self::Shell,
            _ => Self::Other,
        }
    }
}

/// The code blocks of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader {
        text,
        lines: Lines::of(text),
        found: Vec::new(),
        list: 0,
        after_blank: true,
    };
    while let Some(line) = reader.lines.next() {
        reader.line(line);
    }
    reader.found
}

struct Reader<'t> {
    text: &'t str,
    lines: Lines<'t>,
    found: Vec<Block>,
    /// How far what belongs to the item of a list is indented; 0 outside of lists.
    list: usize,
    after_blank: bool,
}

/// ` ``` ` or `~~~`, with what is behind it.
struct Fence {
    sign: char,
    length: usize,
    label: Span,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: Line<'t>) {
        let was_blank = std::mem::replace(&mut self.after_blank, line.is_blank());
        if line.is_blank() {
            return;
        }
        if let Some(fence) = fence(&line) {
            self.fenced(&line, &fence);
            return;
        }
        if line.content().starts_with("<!--") {
            self.comment(&line);
            return;
        }
        if was_blank && line.indent >= self.list + 4 {
            self.indented(&line);
            return;
        }
        if let Some(width) = list_marker(line.content()) {
            self.list = line.indent + width;
        } else if was_blank && line.indent < self.list {
            self.list = 0;
        }
    }

    /// The block behind an opening fence.
    fn fenced(&mut self, opening: &Line<'t>, fence: &Fence) {
        let mut body = Vec::new();
        let mut end = opening.end;
        let mut is_closed = false;
        for line in self.lines.by_ref() {
            // A quotation that ends takes its block with it.
            if line.quotes < opening.quotes {
                self.lines.again(line);
                break;
            }
            end = line.end;
            if is_closing(&line, fence) {
                is_closed = true;
                break;
            }
            body.push(line.without_indent(opening.indent, opening.quotes));
        }
        let label = fence.label.of(self.text);
        self.finish(
            Block {
                language: Language::of_label(label).unwrap_or(Language::Other),
                label: fence.label,
                whole: Span::new(opening.start, end),
                text: Joined::default(),
                has_prompts: false,
                is_fenced: true,
                is_closed,
            },
            &body,
        );
        self.after_blank = true;
    }

    /// A block that is indented, from its first line on.
    fn indented(&mut self, first: &Line<'t>) {
        let indent = self.list + 4;
        let mut body = vec![first.without_indent(indent, first.quotes)];
        let mut blank = Vec::new();
        let mut end = first.end;
        while let Some(line) = self.lines.next() {
            if line.is_blank() {
                blank.push(line.without_indent(indent, first.quotes));
                continue;
            }
            if line.indent < indent || line.quotes != first.quotes {
                self.lines.again(line);
                break;
            }
            end = line.end;
            body.append(&mut blank);
            body.push(line.without_indent(indent, first.quotes));
        }
        self.finish(
            Block {
                language: Language::Other,
                label: Span::at(first.start),
                whole: Span::new(first.start, end),
                text: Joined::default(),
                has_prompts: false,
                is_fenced: false,
                is_closed: true,
            },
            &body,
        );
        self.after_blank = true;
    }

    fn finish(&mut self, mut block: Block, body: &[Span]) {
        let label = block.label.of(self.text);
        let is_labelled = !label.is_empty();
        let may_be_shell = !is_labelled || block.language == Language::Shell;
        let typed = may_be_shell
            .then(|| prompt::typed(self.text, body, prompt::is_session(label)))
            .flatten();
        block.has_prompts = typed.is_some();
        block.text = joined(self.text, typed.as_deref().unwrap_or(body));
        if !is_labelled {
            block.language = if block.has_prompts {
                Language::Shell
            } else {
                Language::of_content(block.text.text())
            };
        }
        self.found.push(block);
    }

    /// An HTML comment: up to the line in which it ends.
    fn comment(&mut self, first: &Line<'t>) {
        if first.content().contains("-->") {
            self.after_blank = true;
            return;
        }
        for line in self.lines.by_ref() {
            if line.content().contains("-->") {
                break;
            }
        }
        self.after_blank = true;
    }
}

/// Lines, one behind the other. Their ends are one character each, in the text.
fn joined(text: &str, lines: &[Span]) -> Joined {
    let mut joined = Joined::default();
    let mut open: Option<Span> = None;
    let mut push = |joined: &mut Joined, span: Span| match &mut open {
        Some(last) if last.end == span.start => last.end = span.end,
        _ => {
            if let Some(last) = open.replace(span) {
                joined.push(text, last);
            }
        }
    };
    for line in lines {
        let content = line.of(text).trim_end_matches('\n');
        let content = content.trim_end_matches('\r');
        let end = line.start + content.len();
        if line.len() > content.len() + 1 && line.of(text).ends_with('\n') {
            push(&mut joined, Span::new(line.start, end));
            push(&mut joined, Span::new(line.end - 1, line.end));
        } else {
            push(&mut joined, *line);
        }
    }
    if let Some(last) = open {
        joined.push(text, last);
    }
    joined
}

fn fence(line: &Line<'_>) -> Option<Fence> {
    let content = line.content();
    let sign = content
        .chars()
        .next()
        .filter(|sign| matches!(sign, '`' | '~'))?;
    let length = content.len() - content.trim_start_matches(sign).len();
    let info = &content[length..];
    // Three backticks that are closed in the same line are code in a text.
    if length < 3 || (sign == '`' && info.contains('`')) {
        return None;
    }
    let blanks = info.len() - info.trim_start().len();
    let info = info.trim();
    // `{.bash .numberLines}`, `{bash}`, `bash title="x"`.
    let word = info.split_whitespace().next().unwrap_or_default();
    let start = line.content_start() + length + blanks;
    Some(Fence {
        sign,
        length,
        label: Span::new(start, start + word.len()),
    })
}

fn is_closing(line: &Line<'_>, fence: &Fence) -> bool {
    let content = line.content();
    let rest = content.trim_start_matches(fence.sign);
    content.len() - rest.len() >= fence.length && rest.trim().is_empty()
}

/// How wide the marker of a list's item is (`- `, `1. `), with the blanks behind it.
fn list_marker(content: &str) -> Option<usize> {
    let digits = content.len()
        - content
            .trim_start_matches(|sign: char| sign.is_ascii_digit())
            .len();
    let rest = &content[digits..];
    let is_marker = match digits {
        0 => rest.starts_with(['-', '*', '+']),
        1..=9 => rest.starts_with(['.', ')']),
        _ => false,
    };
    let behind = rest.get(1..).filter(|_| is_marker)?;
    let blanks = behind.len() - behind.trim_start_matches(' ').len();
    match blanks {
        0 if behind.trim().is_empty() => Some(digits + 2),
        0 => None,
        // More of them begin a block of code within the item.
        1..=4 => Some(digits + 1 + blanks),
        _ => Some(digits + 2),
    }
}
