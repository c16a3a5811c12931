use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::{At, Manager, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Kind;
use liftgate_dockerfile::shell::{Redirection, ShellCommand};

declare_rule! {
    /// `>=` in a requirement without quotes, which the shell takes for a redirection
    ///
    /// ## What it does
    /// Finds `pip install name>=1.0` (also `<`, and conda's) where the requirement has no quotes.
    ///
    /// ## Why
    /// The shell reads `name > =1.0`: the newest `name` is installed, whatever its version, and a file `=1.0` is written. With `<` the shell looks for a
    /// file `2`, finds none, and the build ends.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// RUN pip install numpy>=1.26
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM python:3.12-slim
    /// RUN pip install "numpy>=1.26"
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install "numpy>=1.26"
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the requirement is what was written, and the shell leaves it alone.
    RequirementRedirected, "LG217", "requirement-redirected", Warning, High
}

/// Whether a redirection has a version in it.
fn is_version(redirection: &Redirection) -> bool {
    let target = redirection.target.value.as_str();
    let version = target.strip_prefix('=').unwrap_or(target);
    let is_number =
        version.starts_with(|character: char| character.is_ascii_digit() || character == '$');
    match redirection.operator.as_str() {
        ">" => {
            target.starts_with('=') && (is_number || version.is_empty())
                || version.split_once('.').is_some()
                    && is_number
                    && target.starts_with(|character: char| character.is_ascii_digit())
        }
        "<" => {
            target.starts_with('=')
                || target.starts_with(|character: char| character.is_ascii_digit())
        }
        _ => false,
    }
}

impl Rule for RequirementRedirected {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let Some(program) = command
            .program()
            .filter(|_| at.step.instruction.kind == Kind::Run)
        else {
            return;
        };
        let is_installer = matches!(Tool::of(program), Some(Tool::Pip | Tool::Python))
            || program == "uv"
            || Manager::of(program).is_some();
        if !is_installer
            || !command
                .arguments()
                .iter()
                .any(|word| matches!(word.value.as_str(), "install" | "add" | "create"))
        {
            return;
        }
        for redirection in command
            .redirections
            .iter()
            .filter(|redirection| is_version(redirection))
        {
            // The name that it belongs to stands right before it.
            let Some(name) = command
                .words
                .iter()
                .find(|word| word.span.end == redirection.span.start && !word.quoted)
            else {
                continue;
            };
            let span = name.span.to(redirection.span);
            let text = span.of(at.build.file.text);
            let is_input = redirection.operator == "<";
            let sentence = if is_input {
                format!("the shell reads a file `{}` here", redirection.target.value)
            } else {
                format!(
                    "the shell writes a file `{}` here",
                    redirection.target.value
                )
            };
            let finding = context.report(&Self::META, span, sentence);
            if is_input {
                finding
                    .severity(Severity::Error)
                    .because("there is no such file, and the command does not run");
            } else {
                finding.because(format!(
                    "`{}` is installed without a limit to its version",
                    name.value
                ));
            }
            finding.hint("put the requirement in quotes");
            if !text.contains(['"', '\\', '`', '\n']) {
                finding.fix(Fix::safe("put it in quotes").replace(span, format!("\"{text}\"")));
            }
        }
    }
}
