use crate::context::Context;
use crate::finding::Fix;
use crate::model::{before_first_key, shown};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, DeviceRequest, Service};

declare_rule! {
    /// a device reservation without `capabilities`
    ///
    /// ## What it does
    /// Finds items of `deploy.resources.reservations.devices` without `capabilities`, or with an empty list and no driver.
    ///
    /// ## Why
    /// Docker Compose refuses the whole file: `services.app.deploy.resources.reservations.devices.0 missing property 'capabilities'`. Often
    /// the key is there, but behind a `-` of its own, and so in another request. (Under `gpus:` it may be left out: Compose adds
    /// `gpu` itself.)
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
    ///             - driver: nvidia
    ///               count: all
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
    ///             - capabilities: [gpu]
    ///               driver: nvidia
    ///               count: all
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
    /// Safe: without it nothing is started at all.
    ///
    /// ## Sources
    /// `schema/compose-spec.json` of <https://github.com/compose-spec/compose-go> (`required` of `devices`), docker/docs PR 12315.
    CapabilitiesMissing, "LG601", "capabilities-missing", Error, High
}

impl Rule for CapabilitiesMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let Some(list) = &service.reservations else {
            return;
        };
        let split = torn_apart(&list.requests);
        for (at, request) in list.requests.iter().enumerate() {
            if let Some(entry) = request.capabilities {
                // A driver is enough for the daemon; Compose wants the key alone.
                let is_empty = entry.value.items().next().is_none()
                    && entry.value.text().is_none_or(str::is_empty);
                if is_empty && request.driver.is_none() && entry.value.tag().is_none() {
                    let finding = context.report(
                        &Self::META,
                        entry.key.used().to(entry.value.used()),
                        "the request has neither a capability nor a driver",
                    );
                    finding.because("dockerd has no driver for it: `could not select device driver \"\" with capabilities: []`");
                    finding.hint("write `capabilities: [gpu]`");
                }
                continue;
            }
            if request.value.tag().is_some() {
                continue;
            }
            // Of a request torn apart, one finding is enough.
            if split
                && at > 0
                && list.requests[..at]
                    .iter()
                    .any(|other| other.capabilities.is_none())
            {
                continue;
            }
            let finding = context.report(
                &Self::META,
                shown(request.value),
                "a device reservation without `capabilities`",
            );
            finding.because("Compose refuses the file: `missing property 'capabilities'`");
            if split {
                finding.because("each `-` begins a request of its own, and the keys of this one are spread over several");
                finding.hint("write one `-`, and all keys of the request below it");
                if let Some(fix) = joined(&list.requests, context.text) {
                    context.report_fix(fix);
                }
                continue;
            }
            finding.hint("add `capabilities: [gpu]`");
            if let Some((offset, separator)) = before_first_key(request.value, context.text) {
                context.report_fix(
                    Fix::safe("add `capabilities: [gpu]`")
                        .insert(offset, format!("capabilities: [gpu]{separator}")),
                );
            }
        }
    }
}

/// Whether several requests have one key each, all of them different: it was one that somebody wrote with too many dashes.
fn torn_apart(requests: &[DeviceRequest<'_>]) -> bool {
    let mut keys: Vec<&str> = requests
        .iter()
        .flat_map(|request| request.value.entries())
        .filter_map(|entry| entry.key.text())
        .collect();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    requests.len() > 1 && keys.len() == all
}

/// The dashes of all requests but the first are taken away.
fn joined(requests: &[DeviceRequest<'_>], text: &str) -> Option<Fix> {
    let mut fix = Fix::safe("make one request of them");
    for request in requests.get(1..)? {
        let (key, _) = before_first_key(request.value, text)?;
        let line = text[..key].rfind('\n').map_or(0, |end| end + 1);
        let dash = line + text[line..key].find('-')?;
        fix = fix.replace(liftgate_dockerfile::Span::new(dash, dash + 1), " ");
    }
    Some(fix)
}
