use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::RequestPlace;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// a key that no request for devices has
    ///
    /// ## What it does
    /// Finds keys of device requests other than `capabilities`, `driver`, `count`, `device_ids` and `options`.
    ///
    /// ## Why
    /// In a reservation Docker Compose refuses them: `additional properties 'device_id' not allowed`. Under `gpus:` it drops them without
    /// a word since 2.33 (its schema forbids them for the list in place of its items): a `device_id: "1"` there means all GPUs.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - driver: nvidia
    ///         device_id: ["1"]
    /// ```
    ///
    /// ```yaml,fixed
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - driver: nvidia
    ///         device_ids: ["1"]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - driver: nvidia
    ///         device_ids: ["1"]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the nearest key is a guess at what was meant.
    ///
    /// ## Sources
    /// `schema/compose-spec.json` of <https://github.com/compose-spec/compose-go>: `additionalProperties` of `devices` and of `gpus`.
    UnknownDeviceOption, "LG604", "unknown-device-option", Error, High
}

/// What people write, and what they mean.
const MEANT: &[(&str, &str)] = &[
    ("capability", "capabilities"),
    ("capabilites", "capabilities"),
    ("caps", "capabilities"),
    ("counts", "count"),
    ("device_count", "count"),
    ("device-ids", "device_ids"),
    ("device_id", "device_ids"),
    ("device", "device_ids"),
    ("devices", "device_ids"),
    ("deviceids", "device_ids"),
    ("device_uuids", "device_ids"),
    ("gpu_ids", "device_ids"),
    ("id", "device_ids"),
    ("ids", "device_ids"),
    ("drivers", "driver"),
    ("option", "options"),
    ("driver_opts", "options"),
];

impl Rule for UnknownDeviceOption {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, place) in service.requests() {
            for entry in &request.unknown {
                let Some(name) = entry.key.text() else {
                    continue;
                };
                let finding = context.report(
                    &Self::META,
                    entry.key.used(),
                    format!("`{name}` is no key of a device request"),
                );
                if place == RequestPlace::Reservation {
                    finding.because(format!(
                        "Compose refuses the file: `additional properties '{name}' not allowed`"
                    ));
                } else {
                    finding.severity(Severity::Warning);
                    finding.because(
                        "Compose drops it without a word, and asks for what the other keys say",
                    );
                }
                let lower = name.to_ascii_lowercase();
                let meant = MEANT
                    .iter()
                    .find(|(wrong, _)| *wrong == lower)
                    .map(|(_, right)| *right);
                let Some(right) = meant.filter(|right| request.value.get(right).is_none()) else {
                    finding.hint("the keys are `capabilities`, `driver`, `count`, `device_ids` and `options`");
                    continue;
                };
                finding.hint(format!("write `{right}`"));
                if !entry.key.is_shared() {
                    finding.fix(
                        Fix::unsafe_(format!("use `{right}`")).replace(entry.key.written(), right),
                    );
                }
            }
        }
    }
}
