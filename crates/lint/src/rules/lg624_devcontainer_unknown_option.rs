use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::devcontainer::DevContainer;
use liftgate_dockerfile::Span;

declare_rule! {
    /// an option of the feature `nvidia-cuda`, or of `hostRequirements.gpu`, that there is not
    ///
    /// ## What it does
    /// Finds options of `ghcr.io/devcontainers/features/nvidia-cuda` other than `installCudnn`, `installCudnnDev`, `installNvtx`, `installToolkit`, `cudaVersion` and
    /// `cudnnVersion`, and keys of `hostRequirements.gpu` other than `cores` and `memory`.
    ///
    /// ## Why
    /// The editor passes options that a feature does not have without a word, and the feature does not look at them: cuDNN is not installed. A key
    /// that `hostRequirements.gpu` does not have requires nothing.
    ///
    /// ## Example
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "features": {
    ///     "ghcr.io/devcontainers/features/nvidia-cuda:1": {"installCuDNN": true}
    ///   },
    ///   "hostRequirements": {"gpu": "optional"}
    /// }
    /// ```
    ///
    /// ```jsonc,fixed
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "features": {
    ///     "ghcr.io/devcontainers/features/nvidia-cuda:1": {"installCudnn": true}
    ///   },
    ///   "hostRequirements": {"gpu": "optional"}
    /// }
    /// ```
    ///
    /// Use instead:
    /// ```jsonc,good
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "features": {
    ///     "ghcr.io/devcontainers/features/nvidia-cuda:1": {"installCudnn": true}
    ///   },
    ///   "hostRequirements": {"gpu": "optional"}
    /// }
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest option is a guess at what was meant.
    ///
    /// ## Sources
    /// `src/nvidia-cuda/devcontainer-feature.json` of <https://github.com/devcontainers/features> (1.0 to 3.0),
    /// <https://containers.dev/implementors/json_reference/#min-host-reqs>.
    DevcontainerUnknownOption, "LG624", "devcontainer-unknown-option", Warning, High
}

const FEATURE: &[&str] = &[
    "installCudnn",
    "installCudnnDev",
    "installNvtx",
    "installToolkit",
    "cudaVersion",
    "cudnnVersion",
];
const GPU: &[&str] = &["cores", "memory"];

impl Rule for DevcontainerUnknownOption {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        let features = devcontainer.features.iter();
        for feature in features.filter(|feature| {
            feature
                .name
                .text
                .starts_with("ghcr.io/devcontainers/features/nvidia-cuda")
        }) {
            // `version` is what a text in place of the options means to any feature.
            for option in feature
                .options
                .iter()
                .filter(|option| option.name.text != "version")
            {
                look(
                    &option.name.text,
                    option.name.span,
                    FEATURE,
                    "the feature `nvidia-cuda`",
                    context,
                );
            }
        }
        for key in &devcontainer.gpu_keys {
            look(&key.text, key.span, GPU, "`hostRequirements.gpu`", context);
        }
    }
}

fn look(name: &str, span: Span, known: &[&str], of: &str, context: &mut Context<'_>) {
    if known.contains(&name) {
        return;
    }
    let finding = context.report(
        &DevcontainerUnknownOption::META,
        span,
        format!("{of} has no `{name}`"),
    );
    finding.because("nobody looks at it, and nobody says so");
    let near = known
        .iter()
        .map(|right| (distance(&name.to_lowercase(), &right.to_lowercase()), right))
        .min();
    match near.filter(|(distance, _)| *distance <= 2) {
        Some((_, right)) => {
            finding.hint(format!("write `{right}`"));
            finding
                .fix(Fix::unsafe_(format!("use `{right}`")).replace(span, format!("\"{right}\"")));
        }
        None => {
            finding.hint(format!("there are `{}`", known.join("`, `")));
        }
    }
}

/// How many letters are to be changed. Names are short.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, sign) in one.chars().take(64).enumerate() {
        let mut before = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let changed = before + usize::from(sign != *against);
            before = row[column + 1];
            row[column + 1] = changed.min(before + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
