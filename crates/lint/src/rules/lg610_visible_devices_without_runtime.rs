use crate::context::Context;
use crate::model::{Choice, is_jetson};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// `NVIDIA_VISIBLE_DEVICES` in a service where nothing reads it
    ///
    /// ## What it does
    /// Finds services that set `NVIDIA_VISIBLE_DEVICES`, and have neither `runtime: nvidia` nor a request for GPUs.
    ///
    /// ## Why
    /// The variable is read by NVIDIA's container runtime and by nobody else. A container of the usual runtime has it in its environment, and no GPU. Where the
    /// engine's default runtime is `nvidia`, it works, and so it does on the machine where the file was written.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     environment:
    ///       - NVIDIA_VISIBLE_DEVICES=all
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
    /// ## Sources
    /// <https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html>.
    VisibleDevicesWithoutRuntime, "LG610", "visible-devices-without-runtime", Warning, Medium
}

impl Rule for VisibleDevicesWithoutRuntime {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let Some(variable) = service.variable("NVIDIA_VISIBLE_DEVICES") else {
            return;
        };
        let is_off = variable
            .value
            .is_some_and(|value| Choice::of_variable(value) == Choice::None);
        if service.may_have_gpu()
            || is_off
            || service
                .known_image()
                .is_some_and(|(name, ..)| is_jetson(&name))
        {
            return;
        }
        let span = variable.name_place.used.to(variable.value_place.used);
        let finding = context.report(
            &Self::META,
            span,
            "`NVIDIA_VISIBLE_DEVICES` alone brings no GPU",
        );
        finding.because("only NVIDIA's runtime reads it, and the service does not ask for that: it works where it is the engine's default");
        finding.hint(
            "add `gpus: all` (Compose 2.30 and later), a device reservation, or `runtime: nvidia`",
        );
    }
}
