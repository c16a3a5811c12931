use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::IdShape;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, DeviceRequest, Service, Template};
use crate::sources::yaml::{Entry, Meaning, Shape, Value};

declare_rule! {
    /// `device_ids` that is no list of texts, or that names no device
    ///
    /// ## What it does
    /// Finds `device_ids: 0`, `device_ids: "0,1"`, `[0, 1]` without quotes, an id that is there twice, several ids in one text, and texts that are no id.
    ///
    /// ## Why
    /// Docker Compose takes a list of different texts, and refuses the file for anything else: `device_ids must be a array`, `device_ids.0 must be a string`.
    /// `["0,1"]` is one id to it: what stands behind it makes two of it where the hook gives the GPUs, and no device
    /// `nvidia.com/gpu=0,1` is found where CDI does, from Docker 29.2 on. A word in capitals that lacks its dollar sign is the id itself.
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
    ///               device_ids: [0, 1]
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
    ///               device_ids: ["0", "1"]
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
    ///               device_ids: ["0", "1"]
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the ids stay the same.
    ///
    /// ## Sources
    /// `schema/compose-spec.json` of <https://github.com/compose-spec/compose-go> (`list_of_strings`); `daemon/devices_nvidia_linux.go` of
    /// <https://github.com/moby/moby>.
    DeviceIdsMalformed, "LG609", "device-ids-malformed", Error, High
}

impl Rule for DeviceIdsMalformed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, _) in service.requests() {
            let Some(entry) = request
                .device_ids
                .filter(|entry| entry.value.tag().is_none())
            else {
                continue;
            };
            match entry.value.shape() {
                Shape::Scalar if !entry.value.is_null() => no_list(entry, context),
                Shape::Sequence => items(request, context),
                _ => {}
            }
        }
    }
}

fn no_list(entry: Entry<'_>, context: &mut Context<'_>) {
    let text = entry.value.text().unwrap_or_default();
    let finding = context.report(
        &DeviceIdsMalformed::META,
        entry.value.used(),
        "`device_ids` is no list",
    );
    finding.because("Compose refuses the file: `device_ids must be a array`");
    if text.contains('$') {
        finding.hint("write a list: no variable can become one");
        return;
    }
    let ids: Vec<String> = text
        .split(',')
        .map(|id| format!("\"{}\"", id.trim()))
        .collect();
    let list = format!("[{}]", ids.join(", "));
    finding.hint(format!("write `device_ids: {list}`"));
    if !entry.value.is_shared() {
        finding.fix(Fix::safe(format!("use `{list}`")).replace(entry.value.written(), list));
    }
}

fn items(request: &DeviceRequest<'_>, context: &mut Context<'_>) {
    let numbers: Vec<Value<'_>> = request
        .ids
        .iter()
        .copied()
        .filter(|id| matches!(id.meaning(), Some(Meaning::Integer(_))))
        .collect();
    if let Some(first) = numbers.first() {
        let span = numbers
            .last()
            .map_or(first.used(), |last| first.used().to(last.used()));
        let finding = context.report(
            &DeviceIdsMalformed::META,
            span,
            "`device_ids` has numbers, and not texts",
        );
        finding.because("Compose refuses the file: `device_ids.0 must be a string`");
        finding.hint("put quotes around each id");
        if numbers.iter().all(|id| !id.is_shared()) {
            let fix = numbers
                .iter()
                .fold(Fix::safe("put quotes around the ids"), |fix, id| {
                    fix.replace(
                        id.written(),
                        format!("\"{}\"", id.text().unwrap_or_default()),
                    )
                });
            finding.fix(fix);
        }
    }
    for (at, id) in request.ids.iter().enumerate() {
        let Some(text) = id.as_str() else { continue };
        if request.ids[..at]
            .iter()
            .any(|other| other.text() == Some(text))
        {
            let finding = context.report(
                &DeviceIdsMalformed::META,
                id.used(),
                format!("the id `{text}` is there twice"),
            );
            finding
                .because("Compose refuses the file: the items of `device_ids` have to be unique");
            finding.hint("name each GPU once");
            continue;
        }
        let resolved = Template::of(text).resolved();
        let meant = if resolved.is_known {
            resolved.text.as_str()
        } else {
            text
        };
        match IdShape::of(meant) {
            IdShape::Several => {
                let finding = context.report(
                    &DeviceIdsMalformed::META,
                    id.used(),
                    format!("`{meant}` are several ids in one text"),
                );
                finding.severity(Severity::Warning);
                finding.because("where CDI gives the GPUs, from Docker 29.2 on, there is no device of that name");
                let ids: Vec<String> = meant
                    .split(',')
                    .map(|id| format!("\"{}\"", id.trim()))
                    .collect();
                finding.hint(format!("write {}", ids.join(", ")));
                if meant == text
                    && !id.is_shared()
                    && context_is_flow(id.written().start, context.text)
                {
                    context.report_fix(
                        Fix::safe("make a text of each id").replace(id.written(), ids.join(", ")),
                    );
                }
            }
            // What the driver `cdi` makes of it is LG619's business.
            IdShape::Other
                if request
                    .driver
                    .is_none_or(|driver| driver.value.text() != Some("cdi")) =>
            {
                if text.starts_with('{') {
                    let finding = context.report(
                        &DeviceIdsMalformed::META,
                        id.used(),
                        format!("`{text}` is no variable: the dollar sign is missing"),
                    );
                    finding.because("the container does not start: `unknown device`");
                    finding.hint(format!("write `${text}`"));
                    if !id.is_shared() && id.written().of(context.text).contains(text) {
                        let at = id.written().start
                            + id.written().of(context.text).find('{').unwrap_or(0);
                        context.report_fix(Fix::safe("add the dollar sign").insert(at, "$"));
                    }
                    continue;
                }
                let looks_like_a_variable = text
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
                    && !text.is_empty();
                let finding = context.report(
                    &DeviceIdsMalformed::META,
                    id.used(),
                    format!("`{meant}` is no id of a GPU"),
                );
                if !looks_like_a_variable {
                    finding.severity(Severity::Warning);
                }
                finding.because("the container does not start: `unknown device`");
                finding.hint(if looks_like_a_variable {
                    format!("write `${{{text}}}`, if it is a variable")
                } else {
                    "write an index (`\"0\"`) or a UUID (`GPU-…`, of `nvidia-smi -L`)".to_owned()
                });
            }
            _ => {}
        }
    }
}

/// Whether what stands there is in a list in brackets.
fn context_is_flow(at: usize, text: &str) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[line..at].contains('[')
}
