use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::yaml::{Entry, Shape};
use liftgate_dockerfile::Span;

declare_rule! {
    /// `count` and `device_ids` in one request
    ///
    /// ## What it does
    /// Finds requests for devices that say how many are wanted, and also which.
    ///
    /// ## Why
    /// Docker Compose refuses the file: `"count" and "device_ids" attributes are exclusive`; before 2.30 it was dockerd that refused the
    /// container, with `cannot set both Count and DeviceIDs on device request`.
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
    ///               count: 1
    ///               device_ids: ["0"]
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
    ///               device_ids: ["0"]
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
    ///               count: 1
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the ids are kept, as they say more; the count may have been what was meant.
    ///
    /// ## Sources
    /// `types/device.go` and `validation/validation.go` of <https://github.com/compose-spec/compose-go>; docker/compose PR 12197.
    CountAndIds, "LG602", "count-and-ids", Error, High
}

impl Rule for CountAndIds {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, _) in service.requests() {
            let (Some((count, _)), Some(ids)) = (request.count, request.device_ids) else {
                continue;
            };
            if count.value.is_null()
                || ids.value.is_null()
                || count.value.tag().is_some()
                || ids.value.tag().is_some()
            {
                continue;
            }
            let finding = context.report(
                &Self::META,
                count.key.used().to(count.value.used()),
                "the request has both `count` and `device_ids`",
            );
            finding.related(ids.key.used(), "these are wanted");
            finding.because(
                "Compose refuses the file: `\"count\" and \"device_ids\" attributes are exclusive`",
            );
            finding.hint("keep `device_ids`, or `count` alone");
            if let Some(span) = line_of(count, context.text) {
                context.report_fix(Fix::unsafe_("remove `count`").delete(span));
            }
        }
    }
}

/// The line of a key with its value, if nothing else stands in it, and the key does not follow a dash.
pub(super) fn line_of(entry: Entry<'_>, text: &str) -> Option<Span> {
    if entry.key.is_shared() || entry.value.is_shared() || entry.value.shape() != Shape::Scalar {
        return None;
    }
    let (start, end) = (entry.key.written().start, entry.value.written().end);
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let behind = text[end..next].trim();
    let is_alone =
        text[line..start].trim().is_empty() && (behind.is_empty() || behind.starts_with('#'));
    is_alone.then(|| Span::new(line, next))
}
