//! What a Dockerfile consists of. Everything has its place in the text; nothing is a copy of it but where a
//! meaning differs from its spelling (quotes, escapes, continued lines).

use crate::joined::Joined;
use crate::span::Span;

/// A Dockerfile, read. Its items follow one another without a gap: their texts, one after the other, are the text.
#[derive(Debug, Clone)]
pub struct Dockerfile<'a> {
    /// The text itself.
    pub text: &'a str,
    /// The parser directives at its head (`# syntax=…`, `# escape=…`, `# check=…`).
    pub directives: Vec<Directive>,
    /// The character that continues a line: `\`, or a backtick.
    pub escape: char,
    /// Blank lines, comments and instructions, in order.
    pub items: Vec<Item>,
    /// What could not be understood, the first thousand. An instruction with a mistake is among the items all the same.
    pub errors: Vec<SyntaxError>,
}

/// A parser directive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// The whole line without its end.
    pub span: Span,
    /// Its name, in lower case.
    pub name: String,
    /// Its value.
    pub value: Span,
}

/// A part of the text on the outermost level.
#[derive(Debug, Clone)]
pub enum Item {
    /// Blank lines, or a byte order mark.
    Blank(Span),
    /// A line of comment, directives too, with its line end.
    Comment(Span),
    /// An instruction, with its line end and its heredocs.
    Instruction(Box<Instruction>),
}

impl Item {
    /// All of it, with its line ends.
    pub const fn span(&self) -> Span {
        match self {
            Self::Blank(span) | Self::Comment(span) => *span,
            Self::Instruction(instruction) => instruction.whole,
        }
    }
}

/// An instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// All of it, from the beginning of its first line to the end of its last, heredocs and line ends too.
    pub whole: Span,
    /// From its keyword to its last character that is not white space, without heredocs.
    pub span: Span,
    /// Its keyword, as it is written.
    pub keyword: Span,
    /// Which instruction it is.
    pub kind: Kind,
    /// Its flags (`--from=build`), in order.
    pub flags: Vec<Flag>,
    /// What follows keyword and flags, joined over continued lines.
    pub arguments: Joined,
    /// Whether the arguments are in the JSON form.
    pub json: bool,
    /// What the arguments say.
    pub body: Body,
    /// Its here-documents, in order.
    pub heredocs: Vec<Heredoc>,
    /// The lines of comment within it.
    pub comments: Vec<Span>,
}

/// Which instruction it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names are the instructions'")]
pub enum Kind {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// A word that is no instruction.
    Unknown,
}

impl Kind {
    const NAMES: [(&'static str, Self); 18] = [
        ("ADD", Self::Add),
        ("ARG", Self::Arg),
        ("CMD", Self::Cmd),
        ("COPY", Self::Copy),
        ("ENTRYPOINT", Self::Entrypoint),
        ("ENV", Self::Env),
        ("EXPOSE", Self::Expose),
        ("FROM", Self::From),
        ("HEALTHCHECK", Self::Healthcheck),
        ("LABEL", Self::Label),
        ("MAINTAINER", Self::Maintainer),
        ("ONBUILD", Self::Onbuild),
        ("RUN", Self::Run),
        ("SHELL", Self::Shell),
        ("STOPSIGNAL", Self::Stopsignal),
        ("USER", Self::User),
        ("VOLUME", Self::Volume),
        ("WORKDIR", Self::Workdir),
    ];

    /// The instruction of a keyword, in whatever case.
    pub fn of(keyword: &str) -> Self {
        let known = Self::NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(keyword));
        known.map_or(Self::Unknown, |known| known.1)
    }

    /// Its keyword, in capitals.
    pub fn name(self) -> &'static str {
        let known = Self::NAMES.iter().find(|known| known.1 == self);
        known.map_or("the instruction", |known| known.0)
    }
}

/// A flag of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// All of it.
    pub span: Span,
    /// Its name, without the dashes.
    pub name: String,
    /// Its value, behind the equals sign, without quotes.
    pub value: Option<Word>,
}

/// What the arguments of an instruction say.
#[derive(Debug, Clone)]
pub enum Body {
    /// `FROM image AS name`.
    From {
        /// The image, with its variables.
        image: Word,
        /// The stage's name.
        name: Option<Word>,
    },
    /// `RUN`, `CMD`, `ENTRYPOINT`.
    Command(Command),
    /// `HEALTHCHECK`: `None` is `NONE`.
    Healthcheck(Option<Command>),
    /// `ENV`, `LABEL`.
    Pairs(Vec<Pair>),
    /// `ARG`.
    Arguments(Vec<Argument>),
    /// `COPY`, `ADD`: what is copied, and where to. Sources may be heredocs (`<<EOF`).
    Files {
        /// The sources.
        sources: Vec<Word>,
        /// The destination.
        destination: Word,
    },
    /// `ONBUILD`: the instruction that runs later.
    Onbuild(Box<Instruction>),
    /// `SHELL`: its words.
    Shell(Vec<Word>),
    /// `EXPOSE`, `USER`, `VOLUME`, `WORKDIR`, `STOPSIGNAL`, `MAINTAINER`, and words behind an unknown keyword.
    Words(Vec<Word>),
    /// Arguments that cannot be understood; an error says why.
    Invalid,
}

/// A command: for a shell, or as a list of words.
#[derive(Debug, Clone)]
pub enum Command {
    /// What the shell gets: the joined arguments, then the lines of the here-documents that these ask for. Where the
    /// instruction is nothing but a heredoc (`RUN <<EOF`), its body is the script.
    Shell(Joined),
    /// The JSON form: nothing in its words is expanded. Where the instruction is nothing but a heredoc that begins with
    /// `#!`, and not with a shell: the words behind `#!`; the instruction's heredoc has the rest.
    Exec(Vec<Word>),
}

/// A word, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where it is written, with its quotes.
    pub span: Span,
    /// What it means: without quotes, escapes and continued lines. Variables (`$A`, `${A:-b}`) are as they
    /// are written; an escaped or single-quoted dollar sign is `\$`, and backslashes right before a dollar sign are
    /// doubled. See [`Word::literal`], [`crate::variables`], [`crate::expand`].
    pub value: String,
}

/// A name with a value (`ENV`, `LABEL`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// All of it.
    pub span: Span,
    /// The name.
    pub name: Word,
    /// The value.
    pub value: Word,
    /// Whether it is the old form, `ENV NAME all that follows`.
    pub old: bool,
}

/// A build argument (`ARG`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name: Word,
    /// Its default.
    pub default: Option<Word>,
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// `<<EOF`, as it is written, with its file descriptor.
    pub operator: Span,
    /// The word that ends it, without quotes.
    pub delimiter: String,
    /// Whether variables in it are expanded: the delimiter has no quotes.
    pub expand: bool,
    /// Whether tabs at the beginning of lines are taken away (`<<-`).
    pub strip_tabs: bool,
    /// Its lines, without the one that ends it.
    pub body: Span,
    /// Whether the line that ends it is there.
    pub closed: bool,
}

/// What could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Where.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
}
