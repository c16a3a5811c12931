use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::devcontainer::{DevContainer, GpuWish};

declare_rule! {
    /// `hostRequirements.gpu` that says something else than what happens
    ///
    /// ## What it does
    /// Finds `"gpu": "optional"` (or `false`) beside `runArgs` with `--gpus`, and values that are none of `true`, `false`, `"optional"` and an object.
    ///
    /// ## Why
    /// With `"optional"` the editor adds `--gpus all` where it finds NVIDIA's runtime, and starts the container without a GPU where it does not. `--gpus` in `runArgs` stands there
    /// in any case: on a host without a GPU the container does not start, `could not select device driver`. Any other text, `"required"` or `"false"`, is
    /// `true` to the editor.
    ///
    /// ## Example
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "hostRequirements": {"gpu": "optional"},
    ///   "runArgs": ["--gpus", "all"]
    /// }
    /// ```
    ///
    /// Use instead:
    /// ```jsonc,good
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "hostRequirements": {"gpu": "optional"}
    /// }
    /// ```
    ///
    /// ```jsonc,bad
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "hostRequirements": {"gpu": "required"}
    /// }
    /// ```
    ///
    /// ```jsonc,fixed
    /// {
    ///   "image": "mcr.microsoft.com/devcontainers/base:ubuntu",
    ///   "hostRequirements": {"gpu": true}
    /// }
    /// ```
    ///
    /// ## Fix safety
    /// Safe: it is what the text means to the editor.
    ///
    /// ## Sources
    /// `src/spec-node/singleContainer.ts` of <https://github.com/devcontainers/cli>, microsoft/vscode-remote-release#9385.
    DevcontainerGpuRequired, "LG622", "devcontainer-gpu-required", Warning, High
}

impl Rule for DevcontainerGpuRequired {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        let Some(gpu) = devcontainer.gpu else { return };
        match gpu.wish {
            GpuWish::Optional | GpuWish::No => {
                let forced = devcontainer
                    .run_args
                    .iter()
                    .find(|argument| argument.text.starts_with("--gpus"));
                let Some(forced) = forced.filter(|_| devcontainer.compose_files.is_empty()) else {
                    return;
                };
                let what = if gpu.wish == GpuWish::Optional {
                    "optional"
                } else {
                    "not asked for"
                };
                let finding = context.report(
                    &Self::META,
                    gpu.span,
                    format!("the GPU is {what} here, and `runArgs` ask for it in any case"),
                );
                finding.related(forced.span, "this is passed to Docker in any case");
                finding.because("on a host without a GPU the container does not start: `could not select device driver`");
                finding.hint(
                    "remove `--gpus` from `runArgs`: the editor adds it where there is a GPU",
                );
            }
            GpuWish::Invalid => {
                let shown = gpu.span.of(context.text);
                let means_yes = !matches!(shown, "0" | "\"\"" | "null");
                let finding = context.report(
                    &Self::META,
                    gpu.span,
                    format!("`{shown}` is no value of `hostRequirements.gpu`"),
                );
                finding.because(format!("it is `{means_yes}` to the editor"));
                finding.hint(
                    "write `true`, `false`, `\"optional\"`, or an object with `cores` and `memory`",
                );
                let is_required = matches!(shown, "\"required\"" | "\"true\"" | "\"yes\"" | "1");
                if is_required {
                    finding.fix(Fix::safe("use `true`").replace(gpu.span, "true"));
                }
            }
            GpuWish::Required => {}
        }
    }
}
