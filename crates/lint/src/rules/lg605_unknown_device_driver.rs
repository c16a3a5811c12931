use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::REQUEST_DRIVERS;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service, Template};

declare_rule! {
    /// a device driver that no Docker engine has
    ///
    /// ## What it does
    /// Finds `driver:` in device requests with another name than `nvidia`, `cdi` and `amd`.
    ///
    /// ## Why
    /// `driver` names a driver of dockerd, and neither the driver of the GPU nor a kind of device. There are `nvidia`, `cdi` (since 25.0) and
    /// `amd` (since 29.3), and no way to add one. With any other the container does not start: `could not select device
    /// driver "rocm" with capabilities: [[gpu]]`. podman-compose drops the request without a word.
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
    ///             - driver: cuda
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
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: nvidia
    ///               count: all
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ## Fix safety
    /// Safe, where the name is one of NVIDIA's: no other driver can have been meant. There is none for other makers: their GPUs come as device
    /// nodes (`/dev/kfd`, `/dev/dri`) or by CDI.
    ///
    /// ## Sources
    /// `daemon/devices.go`, `daemon/devices_nvidia_linux.go` and `daemon/devices_amd_linux.go` of <https://github.com/moby/moby>.
    UnknownDeviceDriver, "LG605", "unknown-device-driver", Error, High
}

impl Rule for UnknownDeviceDriver {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, _) in service.requests() {
            let Some(driver) = request.driver else {
                continue;
            };
            let Some(text) = driver.value.text().filter(|text| !text.is_empty()) else {
                continue;
            };
            let template = Template::of(text);
            let resolved = template.resolved();
            if !resolved.is_known
                || REQUEST_DRIVERS.contains(&resolved.text.as_str())
                || driver.value.tag().is_some()
            {
                continue;
            }
            let lower = resolved.text.to_ascii_lowercase();
            // A kind of CDI devices: Podman's users write it.
            let is_kind = lower.contains('/');
            let is_nvidia =
                !is_kind && (lower.contains("nvidia") || lower == "cuda" || lower == "gpu");
            let is_other =
                ["rocm", "amdgpu", "intel", "docker", "xpu", "vaapi"].contains(&lower.as_str());
            let finding = context.report(
                &Self::META,
                driver.value.used(),
                format!("no engine has a device driver `{}`", resolved.text),
            );
            finding.because(format!(
                "the container does not start: `could not select device driver \"{}\"`",
                resolved.text
            ));
            if template.has_variables() {
                finding.at_most(Confidence::Medium);
            }
            if is_nvidia {
                finding.hint("write `driver: nvidia`");
                if !template.has_variables() && !driver.value.is_shared() {
                    finding
                        .fix(Fix::safe("use `nvidia`").replace(driver.value.written(), "nvidia"));
                }
            } else if is_kind {
                finding.severity(Severity::Warning);
                finding.hint("write `driver: nvidia`, or `driver: cdi` with `device_ids: [nvidia.com/gpu=all]`");
            } else if is_other {
                finding.hint("pass the device nodes by `devices:` (`/dev/kfd`, `/dev/dri`), or name CDI devices there");
            } else {
                finding.severity(Severity::Warning);
                finding.hint("write `nvidia`, `cdi` or `amd`: dockerd has no others");
            }
        }
    }
}
