use crate::context::Context;
use crate::model::cuda_visible_devices_problem;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::devcontainer::DevContainer;
use crate::sources::docker_run::Invocation;
use liftgate_dockerfile::Span;

declare_rule! {
    /// a value of `CUDA_VISIBLE_DEVICES` that CUDA does not understand
    ///
    /// ## What it does
    /// Finds `CUDA_VISIBLE_DEVICES` with `all`, with a range, with other separators than commas, or with quotes in the value, in compose files, dev containers and
    /// command lines.
    ///
    /// ## Why
    /// CUDA reads indices and UUIDs, with commas between them, and stops at the first thing that is neither. With `all` it has no GPU, with `0-3` one at most; `nvidia-smi`,
    /// which does not look at the variable, shows them as before. Quotes in an item of a list (`- A="0"`) are part of the value.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus: all
    ///     environment:
    ///       - CUDA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus: all
    /// ```
    ///
    /// ```sh,bad
    /// docker run --gpus all -e CUDA_VISIBLE_DEVICES=0-3 example/app:1.0
    /// ```
    ///
    /// ```sh,good
    /// docker run --gpus all -e CUDA_VISIBLE_DEVICES=0,1,2,3 example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// <https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables>.
    CudaVisibleDevicesMalformed, "LG627", "cuda-visible-devices-malformed", Warning, High
}

const NAME: &str = "CUDA_VISIBLE_DEVICES";

impl Rule for CudaVisibleDevicesMalformed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        if let Some(variable) = service.variable(NAME) {
            look(
                variable.value,
                variable.name_place.used.to(variable.value_place.used),
                context,
            );
        }
    }

    fn devcontainer(&self, devcontainer: &DevContainer<'_>, context: &mut Context<'_>) {
        for pair in devcontainer
            .container_env
            .iter()
            .chain(&devcontainer.remote_env)
        {
            if let Some(value) = pair.value.as_ref().filter(|_| pair.name.text == NAME) {
                look(Some(&value.text), pair.name.span.to(value.span), context);
            }
        }
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if let Some((value, whole)) = invocation.assignment("env", NAME) {
            look(Some(value), whole.span, context);
        }
    }
}

fn look(value: Option<&str>, span: Span, context: &mut Context<'_>) {
    let Some((value, problem)) =
        value.and_then(|value| Some((value, cuda_visible_devices_problem(value)?)))
    else {
        return;
    };
    let finding = context.report(
        &CudaVisibleDevicesMalformed::META,
        span,
        format!("CUDA does not understand `{NAME}={value}`: {problem}"),
    );
    finding.because("it reads up to the first thing that is neither an index nor a UUID, and sees the GPUs before that");
    finding.hint("leave it out for all GPUs that the container has, or write indices: `0,1`");
}
