use crate::context::Context;
use crate::model::Choice;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// NVIDIA's runtime beside a request for some of the GPUs
    ///
    /// ## What it does
    /// Finds services with `runtime: nvidia` that ask for a number of GPUs, or for certain ones, and do not set `NVIDIA_VISIBLE_DEVICES`.
    ///
    /// ## Why
    /// Both bring GPUs. Where the hook gives those of the request, dockerd sets `NVIDIA_VISIBLE_DEVICES` to them, and the runtime brings the same. Where CDI does, from
    /// Docker 29.2 on, it sets nothing: the runtime finds what the image has, `NVIDIA_VISIBLE_DEVICES=all` in most CUDA images, and adds all.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     runtime: nvidia
    ///     gpus:
    ///       - device_ids: ["1"]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["1"]
    /// ```
    ///
    /// ## Sources
    /// `daemon/devices_nvidia_linux.go` of <https://github.com/moby/moby>.
    RuntimeAndRequest, "LG614", "runtime-and-request", Note, Medium
}

impl Rule for RuntimeAndRequest {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let (Some(runtime), Some(choice)) = (
            service.nvidia_runtime(),
            service.choice().filter(Choice::is_limited),
        ) else {
            return;
        };
        if service.variable("NVIDIA_VISIBLE_DEVICES").is_some() {
            return;
        }
        let sentence = format!(
            "the runtime adds all GPUs to {}, which the request asks for",
            choice.text()
        );
        let finding = context.report(
            &Self::META,
            runtime.key.used().to(runtime.value.used()),
            sentence,
        );
        if let Some(span) = service.request_span() {
            finding.related(span, "the request");
        }
        finding.because(
            "that is so from Docker 29.2 on, where the image has `NVIDIA_VISIBLE_DEVICES=all`",
        );
        finding.hint("remove `runtime: nvidia`: the request is enough");
    }
}
