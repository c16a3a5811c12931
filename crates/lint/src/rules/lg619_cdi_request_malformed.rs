use crate::context::Context;
use crate::model::{IdShape, shown};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service, Template};

declare_rule! {
    /// a request to the driver `cdi` that says anything but names of CDI devices
    ///
    /// ## What it does
    /// Finds requests with `driver: cdi` that have a `count`, `options`, no `device_ids`, or ids that are no names of CDI devices (`vendor.com/class=name`).
    ///
    /// ## Why
    /// dockerd's driver `cdi` takes names and nothing else: `unexpected count in CDI device request`, `unexpected options in CDI device request`,
    /// `unresolvable CDI devices 0`. Without `device_ids` Docker Compose adds `count: all`.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: cdi
    ///               count: all
    ///               capabilities: [gpu]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: cdi
    ///               device_ids: [nvidia.com/gpu=all]
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ## Sources
    /// `daemon/cdi.go` of <https://github.com/moby/moby>, `transform/devices.go` of <https://github.com/compose-spec/compose-go>.
    CdiRequestMalformed, "LG619", "cdi-request-malformed", Error, High
}

impl Rule for CdiRequestMalformed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, _) in service.requests() {
            let driver = request.driver.and_then(|driver| driver.value.text());
            if driver != Some("cdi") {
                continue;
            }
            let hint = "name CDI devices: `device_ids: [nvidia.com/gpu=all]`";
            // With both it is LG602's, and Compose's.
            if let (Some((count, _)), None) = (request.count, request.device_ids) {
                let finding = context.report(
                    &Self::META,
                    count.key.used().to(count.value.used()),
                    "the driver `cdi` takes no count",
                );
                finding.because(
                    "the container does not start: `unexpected count in CDI device request`",
                );
                finding.hint(hint);
            } else if request.device_ids.is_none() {
                let finding = context.report(
                    &Self::META,
                    shown(request.value),
                    "a request to the driver `cdi` without `device_ids`",
                );
                finding.because("Compose adds `count: all`, which the driver refuses: `unexpected count in CDI device request`");
                finding.hint(hint);
            }
            if let Some(option) = request.options.first() {
                let finding = context.report(
                    &Self::META,
                    option.name_place.used,
                    "the driver `cdi` takes no options",
                );
                finding.because(
                    "the container does not start: `unexpected options in CDI device request`",
                );
                finding.hint("remove them");
            }
            for id in &request.ids {
                let Some(text) = id.text() else { continue };
                let resolved = Template::of(text).resolved();
                if !resolved.is_known
                    || matches!(IdShape::of(&resolved.text), IdShape::Cdi | IdShape::Open)
                {
                    continue;
                }
                let finding = context.report(
                    &Self::META,
                    id.used(),
                    format!("`{}` is no name of a CDI device", resolved.text),
                );
                finding.because(format!(
                    "the container does not start: `unresolvable CDI devices {}`",
                    resolved.text
                ));
                finding.hint(format!("write `nvidia.com/gpu={}`", resolved.text));
            }
        }
    }
}
