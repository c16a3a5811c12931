use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Count, Gpus, Service, Template};
use crate::sources::yaml::Shape;

declare_rule! {
    /// a count of GPUs that Compose refuses
    ///
    /// ## What it does
    /// Finds `gpus:` with anything but `all` or a list, and `count:` with anything but a number or `all`.
    ///
    /// ## Why
    /// `gpus: 2` looks like `docker run --gpus 2`, but Docker Compose refuses the file: only `all` may stand there. A count that is neither a number nor `all` is refused,
    /// too: `invalid value "two", the only value allowed is 'all' or a number`.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus: 2
    /// ```
    ///
    /// ```yaml,fixed
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus: [{count: 2}]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - count: 2
    /// ```
    ///
    /// ## Fix safety
    /// Safe: it is the same number, where Compose reads it.
    ///
    /// ## Sources
    /// `schema/compose-spec.json` and `types/device.go` of <https://github.com/compose-spec/compose-go>.
    GpuCountMalformed, "LG629", "gpu-count-malformed", Error, High
}

impl Rule for GpuCountMalformed {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        if let Some(Gpus::Short(entry)) = &service.gpus {
            let text = entry.value.text().unwrap_or_default();
            let resolved = Template::of(text).resolved();
            let is_right = resolved.text == "all"
                || !resolved.is_known
                || entry.value.is_null()
                || entry.value.tag().is_some();
            if !is_right {
                let finding = context.report(
                    &Self::META,
                    entry.key.used().to(entry.value.used()),
                    format!("`gpus` is `all` or a list, and not `{}`", resolved.text),
                );
                finding.because("Compose refuses the file");
                let is_number = text.parse::<u16>().is_ok();
                finding.hint(if is_number {
                    format!("write `gpus: [{{count: {text}}}]`")
                } else {
                    "write `gpus: all`, or a list: `- device_ids: [\"0\"]`".to_owned()
                });
                if is_number && !entry.value.is_shared() {
                    finding.fix(
                        Fix::safe("write a list")
                            .replace(entry.value.written(), format!("[{{count: {text}}}]")),
                    );
                }
            }
        }
        for (request, _) in service.requests() {
            let Some((entry, Count::Invalid)) = request.count else {
                continue;
            };
            if entry.value.shape() != Shape::Scalar
                || entry.value.is_null()
                || entry.value.tag().is_some()
            {
                continue;
            }
            let text = entry.value.text().unwrap_or_default();
            let finding = context.report(
                &Self::META,
                entry.value.used(),
                format!("`{text}` is no count"),
            );
            finding.because(format!("Compose refuses the file: `invalid value \"{text}\", the only value allowed is 'all' or a number`"));
            finding.hint("write a number, or `all`");
        }
    }
}
