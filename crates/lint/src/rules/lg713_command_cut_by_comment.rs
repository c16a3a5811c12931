use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Invocation, Verb};
use liftgate_dockerfile::Span;

declare_rule! {
    /// a command that a comment, or a blank behind a backslash, cuts in two
    ///
    /// ## What it does
    /// Finds comment lines between the lines of a `docker run` command, and `\ # comment` and `\ ` at the end of one.
    ///
    /// ## Why
    /// A backslash joins the next line only where it is the last sign of its line. A comment goes to the end of its line, whatever stands there, and with it ends the
    /// command: Docker gets the options before it and no image, and the lines behind it are commands of their own. `\ # comment` is a word of a blank and a
    /// sign, which Docker takes for the image: `invalid reference format`.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --rm \
    ///   --gpus all \
    ///   # -p 8080:8080 \
    ///   example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --rm \
    ///   --gpus all \
    ///   example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// # -p 8080:8080
    /// docker run --rm \
    ///   --gpus all \
    ///   example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the comment is removed.
    ///
    /// ## Sources
    /// POSIX, Shell Command Language, 2.2.1 (escape character) and 2.3 (token recognition); tried with Docker 28.5.
    CommandCutByComment, "LG713", "command-cut-by-comment", Error, High
}

impl Rule for CommandCutByComment {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !matches!(invocation.verb, Verb::Run | Verb::Create | Verb::Build) {
            return;
        }
        // `\ # text`, `\ ` before the end of a line: the blank is a word, or the beginning of one.
        let odd = invocation.command.words.iter().find(|word| {
            let shown = word.span.of(context.text);
            let is_blank = word.value.trim().is_empty() || word.value.trim_start().starts_with('#');
            shown.starts_with('\\') && word.value.starts_with([' ', '\t']) && is_blank
        });
        if let Some(word) = odd {
            let is_comment = word.value.contains('#');
            let sentence = if is_comment {
                "the backslash is not the last sign of its line: the comment is a part of the command"
            } else {
                "the backslash is not the last sign of its line: the command ends there"
            };
            let finding = context.report(&Self::META, word.span, sentence);
            finding.because("it escapes the blank behind it, and Docker gets a word of it");
            finding.hint(if is_comment {
                "move the comment before the command, and end the line with the backslash"
            } else {
                "remove the blanks behind the backslash"
            });
            return;
        }
        let Some(comment) = comment_behind(invocation, context.text) else {
            return;
        };
        let next = context.text[comment.end..]
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start();
        let goes_on = next.starts_with('-')
            || next.starts_with('#') && is_cut_later(&context.text[comment.end..]);
        let lacks_image =
            invocation.image().is_none() && invocation.verb != Verb::Build && !next.is_empty();
        if !goes_on && !lacks_image {
            return;
        }
        let finding = context.report(
            &Self::META,
            trimmed(comment, context.text),
            "the comment ends the command",
        );
        finding.because(if lacks_image {
            "Docker gets no image, and the next line is a command of its own"
        } else {
            "the next line is a command of its own"
        });
        finding.hint("move the comment before the command");
        finding.fix(Fix::unsafe_("remove the comment").delete(comment));
    }
}

/// The comment line that follows a command whose last line ends with a backslash.
fn comment_behind(invocation: &Invocation<'_>, text: &str) -> Option<Span> {
    let last = invocation.command.words.last()?;
    let rest = &text[last.span.end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let behind = rest[blanks..]
        .strip_prefix("\\\n")
        .or_else(|| rest[blanks..].strip_prefix("\\\r\n"))?;
    let at = text.len() - behind.len();
    let line = behind.split_inclusive('\n').next()?;
    line.trim_start()
        .starts_with('#')
        .then(|| Span::new(at, at + line.len()))
}

/// Whether, behind more comments, an option follows.
fn is_cut_later(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim_start)
        .skip_while(|line| line.starts_with('#'))
        .take(1);
    lines.any(|line| line.starts_with('-'))
}

/// The comment without what stands around it.
fn trimmed(span: Span, text: &str) -> Span {
    let shown = span.of(text);
    let start = span.start + shown.len() - shown.trim_start().len();
    Span::new(start, span.start + shown.trim_end().len())
}
