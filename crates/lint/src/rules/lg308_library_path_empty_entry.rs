use crate::context::Context;
use crate::finding::Fix;
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `LD_LIBRARY_PATH` ends up with an empty entry, which is the working directory
    ///
    /// ## What it does
    /// Finds `ENV LD_LIBRARY_PATH=…:$LD_LIBRARY_PATH` where the variable has not been set before, and lists with two colons in a row or one
    /// at an end.
    ///
    /// ## Why
    /// The loader takes an empty entry for the working directory: whoever can write there chooses the libraries of every program that is
    /// started there.
    ///
    /// ## Example
    /// ```dockerfile,bad,pedantic
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/lib
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good,pedantic
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/lib
    /// ```
    ///
    /// ## Fix safety
    /// Safe: only the empty entry goes.
    ///
    /// ## Sources
    /// ld.so(8).
    LibraryPathEmptyEntry, "LG308", "library-path-empty-entry", Note, Medium, Pedantic
}

impl Rule for LibraryPathEmptyEntry {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("LD_LIBRARY_PATH") {
            if setting.entries.len() < 2 {
                continue;
            }
            // Whether an image of which nothing is known has set it cannot be told.
            let is_unset = setting.before.is_none() && at.build.provided(at.stage).is_known();
            let last = setting.entries.len() - 1;
            for (number, entry) in setting.entries.iter().enumerate() {
                let is_empty = entry.written.is_empty()
                    || entry.is_before
                        && is_unset
                        && matches!(entry.written.as_str(), "$LD_LIBRARY_PATH" | "${LD_LIBRARY_PATH}");
                if !is_empty || entry.certainty == Certainty::Unknown && !entry.is_before {
                    continue;
                }
                let finding = context.report(&Self::META, entry.span, "an entry of `LD_LIBRARY_PATH` is empty, which means the working directory");
                if entry.is_before {
                    finding.because("`LD_LIBRARY_PATH` has not been set before");
                }
                finding.hint("take the entry out, with its colon");
                if entry.span != setting.pair.value.span && !setting.pair.old {
                    let mut span = entry.span;
                    if number == last {
                        span.start -= 1;
                    } else {
                        span.end += 1;
                    }
                    finding.fix(Fix::safe("remove the empty entry").delete(span));
                }
            }
        }
    }
}
