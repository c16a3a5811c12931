use crate::context::Context;
use crate::model::{At, CAPABILITIES, Certainty};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a word in `NVIDIA_DRIVER_CAPABILITIES` that means nothing
    ///
    /// ## What it does
    /// Finds words in `NVIDIA_DRIVER_CAPABILITIES` that are no part of the driver: `gpu`, `computes`, `cuda` …
    ///
    /// ## Why
    /// liftgate refuses such a container (`capability-unknown`); NVIDIA's runtime refuses it on one road, and on the others gives it less than
    /// it asks for without a word.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:24.04
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=gpu,utility
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:24.04
    /// ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
    /// ```
    UnknownCapability, "LG404", "unknown-capability", Error, High
}

impl Rule for UnknownCapability {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            if pair.name.value != "NVIDIA_DRIVER_CAPABILITIES" {
                continue;
            }
            let (text, certainty) = at.build.expanded(at.stage, at.index, &pair.value.value);
            if certainty == Certainty::Unknown {
                continue;
            }
            for word in text.split(',').map(str::trim) {
                if word.is_empty()
                    || word == "all"
                    || CAPABILITIES.iter().any(|(known, _)| *known == word)
                {
                    continue;
                }
                let names: Vec<String> = CAPABILITIES
                    .iter()
                    .map(|(name, what)| format!("`{name}` ({what})"))
                    .collect();
                let finding = context.report(
                    &Self::META,
                    pair.value.span,
                    format!("`{word}` is no part of the driver"),
                );
                finding.hint(format!("write some of {}, or `all`", names.join(", ")));
            }
        }
    }
}
