use crate::context::Context;
use crate::finding::Fix;
use crate::model::{At, PathEntry};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;

declare_rule! {
    /// a list of directories is joined to its old value without a colon
    ///
    /// ## What it does
    /// Finds `ENV LIBRARY_PATH=/usr/local/cuda/lib64$LIBRARY_PATH` and `ENV PATH=$PATH/opt/bin`: `PATH`, `LD_LIBRARY_PATH` and other lists whose own value is joined to
    /// a directory without a colon between them.
    ///
    /// ## Why
    /// The last directory of the one and the first of the other become one that does not exist: `/usr/local/cuda/lib64/usr/local/cuda/lib64/stubs`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/opt/lib$LIBRARY_PATH
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/opt/lib:$LIBRARY_PATH
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/opt/lib:$LIBRARY_PATH
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the variable gets another value, which is the purpose.
    ListJoinedWithoutColon, "LG219", "list-joined-without-colon", Warning, High
}

const LISTS: &[&str] = &[
    "PATH",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "PYTHONPATH",
    "PKG_CONFIG_PATH",
    "CMAKE_PREFIX_PATH",
];

impl Rule for ListJoinedWithoutColon {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for name in LISTS {
            for setting in at.path_settings(name) {
                for entry in &setting.entries {
                    let Some(place) = missing(entry, name) else {
                        continue;
                    };
                    let finding = context.report(
                        &Self::META,
                        entry.span,
                        format!(
                            "there is no colon between a directory and the old value of `{name}`"
                        ),
                    );
                    if let Some(before) = &setting.before {
                        finding.because(format!("its old value is `{}`, so the result has a directory that does not exist", before.text));
                    }
                    finding.hint("put a colon between them");
                    if entry.span.of(at.build.file.text) == entry.written {
                        let place = entry.span.start + place;
                        finding.fix(
                            Fix::unsafe_("put a colon between them").replace(Span::at(place), ":"),
                        );
                    }
                }
            }
        }
    }
}

/// Where in an entry the colon is missing: it has the variable itself, and beside it a directory that is written out.
fn missing(entry: &PathEntry, name: &str) -> Option<usize> {
    let written = entry.written.as_str();
    let forms = [format!("${{{name}}}"), format!("${name}")];
    let (start, form) = forms
        .iter()
        .find_map(|form| Some((written.find(form.as_str())?, form)))?;
    let (before, behind) = (&written[..start], &written[start + form.len()..]);
    // `$PATHS` is another variable, and `\$PATH` none.
    let is_longer = !form.ends_with('}')
        && behind
            .starts_with(|character: char| character.is_ascii_alphanumeric() || character == '_');
    if is_longer || before.contains(['$', '\\', '{']) || before.ends_with(';') {
        return None;
    }
    if before.starts_with('/') && behind.is_empty() {
        return Some(start);
    }
    (before.is_empty() && behind.starts_with('/') && !behind.contains('$'))
        .then_some(start + form.len())
}
