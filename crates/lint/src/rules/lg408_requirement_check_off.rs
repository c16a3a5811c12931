use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the check of the driver's version is switched off, or was meant to be
    ///
    /// ## What it does
    /// Finds `NVIDIA_DISABLE_REQUIRE=1` in an image, and other spellings of it, which do nothing.
    ///
    /// ## Why
    /// Without the check a container starts on a driver that is too old, and fails later with a number. Where it was set because of
    /// `unsatisfied condition: cuda>=12.8` on a driver that runs all of CUDA 12, liftgate does not need it: it knows minor-version compatibility.
    /// The spelling `NVIDIA_DISABLE_REQUIRES` is in an answer that many have copied, and is ignored.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// ENV NVIDIA_DISABLE_REQUIRES=1
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the spelling is corrected, and the check is off then.
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#152.
    RequirementCheckOff, "LG408", "requirement-check-off", Note, High
}

/// Spellings that do nothing.
const MISSPELT: &[&str] = &[
    "NVIDIA_DISABLE_REQUIRES",
    "NVIDIA_DISABLE_REQUIREMENTS",
    "NVIDIA_DISABLE_REQUIREMENT",
    "NVIDIA_REQUIRE_DISABLE",
    "NVIDIA_DISABLE_CUDA_REQUIRE",
];

impl Rule for RequirementCheckOff {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            let name = pair.name.value.as_str();
            if MISSPELT.contains(&name) {
                let finding = context.report(
                    &Self::META,
                    pair.name.span,
                    format!("`{name}` does nothing: the variable is `NVIDIA_DISABLE_REQUIRE`"),
                );
                finding
                    .severity(Severity::Warning)
                    .hint("take it out; if the check has to be off, correct the name")
                    .fix(
                        Fix::unsafe_("correct the name")
                            .replace(pair.name.span, "NVIDIA_DISABLE_REQUIRE"),
                    );
            } else if name == "NVIDIA_DISABLE_REQUIRE"
                && requires(&at)
                && matches!(
                    pair.value.value.as_str(),
                    "1" | "true" | "True" | "TRUE" | "t" | "T"
                )
            {
                context
                    .report(
                        &Self::META,
                        pair.span,
                        "the check of the driver's version is off in this image",
                    )
                    .because("on a driver that is too old its programs fail with error 35 instead")
                    .hint("leave it out: liftgate knows which newer minor versions a driver runs");
            }
        }
    }
}

/// Whether the image has a requirement that can be switched off: CUDA images do, and who writes one.
fn requires(at: &At<'_>) -> bool {
    at.build.cuda_base(at.stage).is_some()
        || at
            .build
            .names_set(at.stage)
            .any(|name| name.starts_with("NVIDIA_REQUIRE_"))
}
