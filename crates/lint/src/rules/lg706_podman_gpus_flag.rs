use crate::context::Context;
use crate::finding::Fix;
use crate::model::is_placeholder;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Engine, Invocation, Verb};

declare_rule! {
    /// `podman run --gpus`, which many versions of Podman ignore
    ///
    /// ## What it does
    /// Finds `--gpus` of `podman run` and `podman create`.
    ///
    /// ## Why
    /// Up to version 4 Podman takes the option so that command lines for Docker do not fail, and does nothing: the container has no GPU, and nobody is told. From
    /// version 5 on it is `--device nvidia.com/gpu=…`, which all versions since 4.1 have. Both need a CDI specification on the host.
    ///
    /// ## Example
    /// ```sh,bad
    /// podman run --rm --gpus all example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// podman run --rm --device nvidia.com/gpu=all example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// podman run --rm --device nvidia.com/gpu=all example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe: it is what the option means where it means anything.
    ///
    /// ## Sources
    /// containers/podman#10430 (the option that does nothing), containers/podman#21180 (what it does now), NVIDIA/nvidia-container-runtime#190.
    PodmanGpusFlag, "LG706", "podman-gpus-flag", Warning, High
}

impl Rule for PodmanGpusFlag {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if invocation.engine != Engine::Podman
            || !matches!(invocation.verb, Verb::Run | Verb::Create)
        {
            return;
        }
        let has_device = invocation.named("device").any(|option| {
            option
                .value
                .as_ref()
                .is_some_and(|value| value.text.starts_with("nvidia.com/"))
        });
        for option in invocation.named("gpus").filter(|_| !has_device) {
            let finding = context.report(
                &Self::META,
                option.span,
                "Podman 4 ignores `--gpus`: the container has no GPU",
            );
            finding.because("the option is there for command lines that are written for Docker; version 5 has given it a meaning");
            let Some(value) = &option.value else { continue };
            let id = if value.text == "all" {
                Some("all")
            } else {
                value.text.strip_prefix("device=")
            };
            let id = id.filter(|id| !id.contains(',') && value.literal && !is_placeholder(id));
            finding.hint(format!(
                "write `--device nvidia.com/gpu={}`, a time for each device",
                id.unwrap_or("all")
            ));
            if let Some(id) = id {
                let right = format!("--device nvidia.com/gpu={id}");
                finding.fix(Fix::safe(format!("use `{right}`")).replace(option.span, right));
            }
        }
    }
}
