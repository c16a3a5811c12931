use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::{Body, Span};

declare_rule! {
    /// a command in the value of an `ENV` or `ARG`, where none is run
    ///
    /// ## What it does
    /// Finds `$(…)` and backticks in the values of `ENV` and `ARG`.
    ///
    /// ## Why
    /// These instructions know variables, and no commands: the value is the text itself. `ENV CUDA_HOME=$(dirname $(which nvcc))` makes builds look for a
    /// directory of that name.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV CMAKE_PREFIX_PATH="$(dirname $(which conda))/../"
    /// ```
    ///
    /// Use instead: write the value out, or set it where a shell runs.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// COPY . /app
    /// RUN CMAKE_PREFIX_PATH="$(dirname "$(command -v python3)")/.." pip install /app
    /// ```
    CommandInValue, "LG216", "command-in-value", Warning, High
}

/// Variables that a shell runs commands of.
const RUN_BY_SHELLS: &[&str] = &[
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "PROMPT",
    "RPROMPT",
    "PROMPT_COMMAND",
];

/// The command in a value as it is written, if there is one that is not escaped or in single quotes.
fn command(value: &str) -> Option<&str> {
    let start = value
        .find("$(")
        .or_else(|| value.find('`').filter(|at| value[at + 1..].contains('`')))?;
    // Then it is meant to stay, for whoever reads the variable.
    if value[..start].ends_with('\\') || value.starts_with('\'') {
        return None;
    }
    let rest = &value[start..];
    if let Some(behind) = rest.strip_prefix('`') {
        return Some(&rest[..behind.find('`')? + 2]);
    }
    // `$((` is arithmetic, and no less literal.
    let mut depth = 0_usize;
    for (at, character) in rest.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return Some(&rest[..=at]);
        }
    }
    Some(rest)
}

impl Rule for CommandInValue {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        match &at.step.instruction.body {
            Body::Arguments(arguments) => {
                for argument in arguments {
                    if let Some(default) = &argument.default {
                        look(&at, context, &argument.name.value, default.span);
                    }
                }
            }
            _ => {
                for pair in at.environment_pairs() {
                    look(&at, context, &pair.name.value, pair.value.span);
                }
            }
        }
    }
}

fn look(at: &At<'_>, context: &mut Context<'_>, name: &str, span: Span) {
    let value = span.of(at.build.file.text);
    if RUN_BY_SHELLS.contains(&name) || value.contains("{{") || at.build.file.escape == '`' {
        return;
    }
    let Some(command) = command(value) else {
        return;
    };
    let finding = context.report(
        &CommandInValue::META,
        span,
        format!("`{command}` is not run here: `{name}` has it as a text"),
    );
    finding.because("`ENV` and `ARG` put in variables, and run nothing");
    if name == "MAKEFLAGS" {
        finding.because("make takes it for a variable of its own, which is empty: `-j` without a number has no limit");
    }
    finding.hint(
        "write the value out, or set it in the `RUN` that needs it: `RUN X=\"$(…)\" command`",
    );
}
