use crate::context::Context;
use crate::finding::{Finding, Fix};
use crate::model::{GpusValue, REQUEST_CAPABILITIES};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::docker_run::Invocation;
use crate::sources::yaml::Shape;
use liftgate_dockerfile::Span;

declare_rule! {
    /// a request with a capability that Docker's driver for GPUs does not have
    ///
    /// ## What it does
    /// Finds capabilities of device requests and of `--gpus` that are none of `gpu`, `nvidia`, `compute`, `compat32`, `graphics`, `utility`, `video`
    /// and `display`, where no driver is named; and `capabilities` that is no list of texts.
    ///
    /// ## Why
    /// Without a driver, dockerd gives a request to one that has all of its capabilities. For a word that is none of them there is no such driver: `could not select
    /// device driver "" with capabilities: [[gpu cuda]]`. `all` is none, nor is `GPU`, and `ngx` is missing there. A list of texts is what
    /// Docker Compose takes: it refuses `capabilities: gpu`, and `[[gpu]]`, the form of Docker's API.
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
    ///             - capabilities: [cuda]
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
    ///             - capabilities: [gpu]
    /// ```
    ///
    /// ```sh,bad
    /// docker run --gpus all,capabilities=all example/app:1.0
    /// ```
    ///
    /// ```sh,good
    /// docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe, where only the form of the list is wrong.
    ///
    /// ## Sources
    /// `daemon/devices.go` and `daemon/devices_nvidia_linux.go` of <https://github.com/moby/moby>, `schema/compose-spec.json` of
    /// <https://github.com/compose-spec/compose-go>.
    UnknownGpuCapability, "LG617", "unknown-gpu-capability", Error, High
}

impl Rule for UnknownGpuCapability {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        for (request, _) in service.requests() {
            let Some(entry) = request
                .capabilities
                .filter(|entry| entry.value.tag().is_none())
            else {
                continue;
            };
            let value = entry.value;
            if value.shape() == Shape::Scalar && !value.is_null() {
                let text = value.text().unwrap_or_default();
                let finding =
                    context.report(&Self::META, value.used(), "`capabilities` is no list");
                finding.because("Compose refuses the file: `capabilities must be a array`");
                form(
                    finding,
                    text,
                    (!value.is_shared()).then(|| value.written()),
                    text.contains('$'),
                );
                continue;
            }
            if let Some(inner) = value.items().find(|item| item.shape() == Shape::Sequence) {
                let words: Vec<&str> = inner
                    .items()
                    .filter_map(crate::sources::yaml::Value::text)
                    .collect();
                let finding = context.report(
                    &Self::META,
                    value.used(),
                    "`capabilities` is a list of lists",
                );
                finding.because("that is the form of Docker's API; Compose refuses the file: `capabilities.0 must be a string`");
                let is_single = value.items().count() == 1;
                form(
                    finding,
                    &words.join(", "),
                    (is_single && !value.is_shared()).then(|| value.written()),
                    false,
                );
                continue;
            }
            if request.driver.is_some_and(|driver| !driver.value.is_null()) {
                continue;
            }
            for item in &request.capability_names {
                if let Some(word) = item.text().filter(|word| !word.contains('$')) {
                    unknown(word, item.used(), context);
                }
            }
        }
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        for option in invocation.named("gpus") {
            let Some(value) = &option.value else { continue };
            let gpus = GpusValue::of(&value.text, !value.literal);
            if gpus.problem.is_some() || gpus.driver.is_some() {
                continue;
            }
            for word in gpus.capabilities.iter().filter(|word| !word.contains('$')) {
                unknown(word, value.span, context);
            }
        }
    }
}

fn unknown(word: &str, span: Span, context: &mut Context<'_>) {
    if REQUEST_CAPABILITIES.contains(&word) {
        return;
    }
    // What is for other devices is their drivers' business; there is none that Docker has, but nobody asks us.
    if ["tpu", "fpga", "nic", "rdma", "amd"].contains(&word) {
        return;
    }
    let finding = context.report(
        &UnknownGpuCapability::META,
        span,
        format!("Docker's driver for GPUs has no capability `{word}`"),
    );
    finding.because(
        "the container does not start: `could not select device driver \"\" with capabilities`",
    );
    let lower = word.to_ascii_lowercase();
    finding.hint(match lower.as_str() {
        "all" => "leave it out, and set `NVIDIA_DRIVER_CAPABILITIES=all` in the environment".to_owned(),
        lower if REQUEST_CAPABILITIES.contains(&lower) => format!("write `{lower}`"),
        _ => "write `gpu`; what of the driver is wanted says `NVIDIA_DRIVER_CAPABILITIES` in the environment".to_owned(),
    });
}

/// What the list should look like.
fn form(finding: &mut Finding, words: &str, span: Option<Span>, is_open: bool) {
    if is_open {
        finding.hint("write a list: no variable can become one");
        return;
    }
    let list = format!("[{words}]");
    finding.hint(format!("write `capabilities: {list}`"));
    if let Some(span) = span {
        finding.fix(Fix::safe(format!("use `{list}`")).replace(span, list));
    }
}
