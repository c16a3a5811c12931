use crate::context::Context;
use crate::finding::Fix;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;

declare_rule! {
    /// a variable is to be extended, and its dollar sign is escaped
    ///
    /// ## What it does
    /// Finds `ENV LD_LIBRARY_PATH=/x:\$LD_LIBRARY_PATH`, and the same in single quotes, for any variable.
    ///
    /// ## Why
    /// An escaped dollar sign stays one: what the variable was before is lost, and the loader looks into a directory of the name `$LD_LIBRARY_PATH`. In
    /// `PATH` it takes away every program.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV PYTHONPATH=/app:\$PYTHONPATH
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM python:3.12-slim
    /// ENV PYTHONPATH=/app:$PYTHONPATH
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV PYTHONPATH=/app:$PYTHONPATH
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the variable gets another value, which is the purpose.
    OwnValueKeptLiteral, "LG218", "own-value-kept-literal", Warning, High
}

impl Rule for OwnValueKeptLiteral {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            let name = pair.name.value.as_str();
            let value = pair.value.value.as_str();
            let braces = format!("\\${{{name}}}");
            let plain = format!("\\${name}");
            let is_plain = value.find(&plain).is_some_and(|at| {
                let behind = value[at + plain.len()..].chars().next();
                !value[..at].ends_with('\\')
                    && !behind.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
            });
            if !is_plain && !value.contains(&braces) {
                continue;
            }
            let finding = context.report(
                &Self::META,
                pair.value.span,
                format!("`${name}` stays in `{name}` as it is written"),
            );
            finding.because("its dollar sign is escaped, or in single quotes: what the variable was before is lost");
            finding.hint(format!(
                "write `${{{name}}}` without a backslash, and not in single quotes"
            ));
            let written = pair.value.span.of(at.build.file.text);
            if let Some(place) = written
                .find(&plain)
                .filter(|_| written.matches('\\').count() == 1 && !written.contains('\''))
            {
                let start = pair.value.span.start + place;
                finding.fix(
                    Fix::unsafe_("leave out the backslash").delete(Span::new(start, start + 1)),
                );
            }
        }
    }
}
