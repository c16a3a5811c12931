use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Misplaced, Service};
use crate::sources::yaml::Shape;

declare_rule! {
    /// a request for GPUs in a place where nobody looks for it
    ///
    /// ## What it does
    /// Finds `devices` below `limits` or directly below `deploy`, `gpu:`, `device_requests:`, `resources:` as keys of a service, requests
    /// among device nodes, fields of a service at the top of the file, and what is like them.
    ///
    /// ## Why
    /// Docker Compose refuses the file: `services.app.deploy.resources.limits additional properties 'devices' not allowed` (before 2.37.2
    /// `Additional property devices is not allowed`). podman-compose looks only at `deploy.resources.reservations.devices`, drops
    /// the others without a word, and starts the container without a GPU.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       resources:
    ///         limits:
    ///           devices:
    ///             - driver: nvidia
    ///               count: all
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ```yaml,fixed
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: nvidia
    ///               count: all
    ///               capabilities: [gpu]
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
    /// ## Fix safety
    /// Safe: nothing is started before. Only where one word has to be replaced by another.
    ///
    /// ## Sources
    /// `schema/compose-spec.json` of <https://github.com/compose-spec/compose-go>, `container_to_gpu_res_args` of
    /// <https://github.com/containers/podman-compose>, manascb1344/zonos-api#2.
    GpuRequestMisplaced, "LG603", "gpu-request-misplaced", Error, High
}

impl Rule for GpuRequestMisplaced {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn compose(&self, compose: &Compose<'_>, context: &mut Context<'_>) {
        for misplaced in &compose.misplaced {
            let name = &misplaced.path;
            let finding = context.report(
                &Self::META,
                misplaced.entry.key.used(),
                format!("`{name}` stands at the top of the file, and not in a service"),
            );
            finding.because(format!(
                "Compose refuses the file: `additional properties '{name}' not allowed`"
            ));
            finding.hint("move it into the service that it is for");
        }
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for misplaced in &service.misplaced {
            // `deploy.reservations` without a device in it is nobody's request for a GPU.
            let is_holder = matches!(last(misplaced), "resources" | "reservations" | "limits");
            if is_holder && misplaced.requests.is_empty() {
                continue;
            }
            let (path, key) = (&misplaced.path, misplaced.entry.key.used());
            let finding = context.report(
                &Self::META,
                key,
                format!(
                    "`{path}` is no place for it: it belongs into `{}`",
                    misplaced.belongs
                ),
            );
            if path == "devices" {
                finding.because("`devices` of a service has device nodes and names of CDI devices, and no requests: Compose refuses the file");
            } else {
                finding.because(format!(
                    "Compose refuses the file: `additional properties '{}' not allowed`",
                    last(misplaced)
                ));
            }
            finding.because("podman-compose drops it without a word, and the container has no GPU");
            finding.hint(format!(
                "move it to `{}`, or write `gpus: all`",
                misplaced.belongs
            ));
            let fix = renamed(service, misplaced);
            if let Some(fix) = fix {
                context.report_fix(fix);
            }
        }
    }
}

fn last<'m>(misplaced: &'m Misplaced<'_>) -> &'m str {
    misplaced.path.rsplit('.').next().unwrap_or_default()
}

/// One word for another, where that is enough.
fn renamed(service: &Service<'_>, misplaced: &Misplaced<'_>) -> Option<Fix> {
    let resources = service.deploy?.value.get("resources");
    match misplaced.path.as_str() {
        "deploy.resources.limits.devices" => {
            let resources = resources?;
            let limits = resources.entry("limits")?;
            let is_alone =
                limits.value.entries().count() == 1 && resources.get("reservations").is_none();
            let is_plain = !limits.key.is_shared() && limits.value.shape() == Shape::Mapping;
            (is_alone && is_plain).then(|| {
                Fix::safe("use `reservations`").replace(limits.key.written(), "reservations")
            })
        }
        _ => None,
    }
}
