use crate::context::Context;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// a privileged container that asks for some of the GPUs, and sees all
    ///
    /// ## What it does
    /// Finds services with `privileged: true` and a request for a number of GPUs, or for certain ones.
    ///
    /// ## Why
    /// A privileged container has the nodes of all devices of the host. NVML and CUDA go by the nodes: they show every GPU, and the request limits
    /// nothing.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     privileged: true
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
    /// <https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities>.
    PrivilegedSeesAll, "LG613", "privileged-sees-all", Note, High
}

impl Rule for PrivilegedSeesAll {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let Some(entry) = service
            .privileged
            .filter(|entry| entry.value.as_bool() == Some(true))
        else {
            return;
        };
        let Some(choice) = service.choice().filter(crate::model::Choice::is_limited) else {
            return;
        };
        let finding = context.report(
            &Self::META,
            entry.key.used().to(entry.value.used()),
            format!(
                "the service asks for {}, and a privileged container sees all",
                choice.text()
            ),
        );
        if let Some(span) = service.request_span() {
            finding.related(span, "the request");
        }
        finding.because("it has the nodes of all devices of the host");
        finding
            .hint("remove `privileged`, and add what is needed of it by `cap_add` and `devices`");
    }
}
