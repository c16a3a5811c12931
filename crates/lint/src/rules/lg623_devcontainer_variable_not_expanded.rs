use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::devcontainer::{DevContainer, Pair};

declare_rule! {
    /// a variable of a dev container that nobody puts in
    ///
    /// ## What it does
    /// Finds `$NAME` and `${NAME}` in the values of `containerEnv` and `remoteEnv`.
    ///
    /// ## Why
    /// No shell reads them, and the editor puts in `${localEnv:NAME}`, `${containerEnv:NAME}` and its own names alone. Of `"LD_LIBRARY_PATH": "$LD_LIBRARY_PATH:/opt/lib"` the first
    /// path is the text `$LD_LIBRARY_PATH`, and what the image had there is gone: `libcudnn.so.9: cannot open shared object file`.
    ///
    /// ## Example
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "remoteEnv": {"LD_LIBRARY_PATH": "$LD_LIBRARY_PATH:/usr/local/cuda/lib64"}
    /// }
    /// ```
    ///
    /// ```jsonc,fixed
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "remoteEnv": {"LD_LIBRARY_PATH": "${containerEnv:LD_LIBRARY_PATH}:/usr/local/cuda/lib64"}
    /// }
    /// ```
    ///
    /// Use instead:
    /// ```jsonc,good
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "remoteEnv": {"LD_LIBRARY_PATH": "${containerEnv:LD_LIBRARY_PATH}:/usr/local/cuda/lib64"}
    /// }
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the variable may have been meant to be the host's (`${localEnv:NAME}`).
    ///
    /// ## Sources
    /// <https://containers.dev/implementors/json_reference/#variables-in-devcontainerjson>.
    DevcontainerVariableNotExpanded, "LG623", "devcontainer-variable-not-expanded", Warning, High
}

impl Rule for DevcontainerVariableNotExpanded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        for pair in &devcontainer.remote_env {
            look(pair, true, context);
        }
        for pair in &devcontainer.container_env {
            look(pair, false, context);
        }
    }
}

fn look(pair: &Pair<'_>, is_remote: bool, context: &mut Context<'_>) {
    let Some(value) = &pair.value else { return };
    let Some((written, name)) = variable(&value.text) else {
        return;
    };
    let source = context.text;
    let finding = context.report(
        &DevcontainerVariableNotExpanded::META,
        value.span,
        format!("nobody puts `{written}` in: it stays as it is written"),
    );
    finding.because("the editor knows `${localEnv:NAME}` and `${containerEnv:NAME}`, and no shell reads the file");
    let right = format!("${{containerEnv:{name}}}");
    finding.hint(if is_remote {
        format!("write `{right}`")
    } else {
        format!("write it into `remoteEnv`, as `{right}`")
    });
    let shown = value.span.of(source);
    if is_remote && shown.matches(written).count() == 1 {
        finding.fix(
            Fix::unsafe_(format!("use `{right}`"))
                .replace(value.span, shown.replace(written, &right)),
        );
    }
}

/// The first `$NAME` or `${NAME}`, and its name.
fn variable(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    while let Some(dollar) = text[at..].find('$') {
        let start = at + dollar;
        let rest = &text[start + 1..];
        let inner = rest.strip_prefix('{').unwrap_or(rest);
        let length = inner.len()
            - inner
                .trim_start_matches(|sign: char| {
                    sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_'
                })
                .len();
        let name = &inner[..length];
        let has_braces = inner.len() != rest.len();
        let is_closed = !has_braces || inner[length..].starts_with('}');
        if name.len() > 1 && is_closed && !name.starts_with(|sign: char| sign.is_ascii_digit()) {
            let end = start + 1 + length + if has_braces { 2 } else { 0 };
            return Some((&text[start..end], name));
        }
        at = start + 1;
    }
    None
}
