use crate::context::Context;
use crate::finding::Severity;
use crate::model::Choice;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// `NVIDIA_VISIBLE_DEVICES` that says something else than the request
    ///
    /// ## What it does
    /// Finds services that ask for some GPUs by a request, and name others in `NVIDIA_VISIBLE_DEVICES`.
    ///
    /// ## Why
    /// Where the hook gives the GPUs, dockerd sets the variable itself, behind the service's own, and the request wins. Where CDI does, from Docker
    /// 29.2 on, it leaves the variable alone; a runtime `nvidia` then adds what the variable names.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     environment:
    ///       NVIDIA_VISIBLE_DEVICES: "1"
    ///     gpus:
    ///       - device_ids: ["0"]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["0"]
    /// ```
    ///
    /// ## Sources
    /// `daemon/devices_nvidia_linux.go` of <https://github.com/moby/moby>.
    VisibleDevicesTwice, "LG611", "visible-devices-twice", Warning, High
}

impl Rule for VisibleDevicesTwice {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let (Some(variable), Some(requested)) =
            (service.variable("NVIDIA_VISIBLE_DEVICES"), service.choice())
        else {
            return;
        };
        let Some(value) = variable.value else { return };
        let named = Choice::of_variable(value);
        if !named.contradicts(&requested) || requested == Choice::None {
            return;
        }
        let sentence = format!(
            "`NVIDIA_VISIBLE_DEVICES` names {}, and the request {}",
            named.text(),
            requested.text()
        );
        let finding = context.report(
            &Self::META,
            variable.name_place.used.to(variable.value_place.used),
            sentence,
        );
        if named == Choice::All {
            finding.severity(Severity::Note);
        }
        if let Some(span) = service.request_span() {
            finding.related(span, "the request");
        }
        finding.because(
            "dockerd overrides the variable, unless CDI gives the GPUs (Docker 29.2 and later)",
        );
        finding.hint("remove the variable, and choose by the request");
    }
}
