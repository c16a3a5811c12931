use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{GpusValue, driver_parts, word_for_gpus};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::docker_run::Invocation;
use crate::sources::yaml::Shape;
use liftgate_dockerfile::Span;

declare_rule! {
    /// capabilities of a request that take CUDA, or other wanted parts of the driver, away
    ///
    /// ## What it does
    /// Finds requests (`capabilities: [gpu, utility]`, `--gpus all,capabilities=video`) that name parts of the driver without `compute`, or fewer of them than
    /// `NVIDIA_DRIVER_CAPABILITIES` of the same service.
    ///
    /// ## Why
    /// `gpu` beside nothing else leaves the parts of the driver to `NVIDIA_DRIVER_CAPABILITIES` of image and service. As soon as a request names a part,
    /// dockerd sets that variable itself, behind those of image and service, to the named parts and no others. With `[gpu, utility]` there is
    /// `nvidia-smi`, but no `libcuda.so.1`; with `[gpu, video]` there is neither, and the encoder needs the former. That is so where the hook gives the
    /// GPUs; where CDI does, from Docker 29.2 on, these words are ignored.
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
    ///               capabilities: [gpu, video]
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
    ///               capabilities: [gpu, video, compute, utility]
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     environment:
    ///       NVIDIA_DRIVER_CAPABILITIES: compute,utility,video
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: nvidia
    ///               count: all
    ///               capabilities: [gpu]
    /// ```
    ///
    /// ```sh,bad
    /// docker run --gpus all,capabilities=utility example/train:1.0
    /// ```
    ///
    /// ```sh,good
    /// docker run --gpus all example/train:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe: parts of the driver are added, none is taken away.
    ///
    /// ## Sources
    /// `daemon/devices_nvidia_linux.go` of <https://github.com/moby/moby> (`selectedCapabilities`), docker/docs PR 13476.
    CapabilitiesTooNarrow, "LG618", "capabilities-too-narrow", Warning, High
}

impl Rule for CapabilitiesTooNarrow {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let wanted = service
            .variable("NVIDIA_DRIVER_CAPABILITIES")
            .and_then(|it| it.value)
            .filter(|value| !value.contains('$'));
        let words = service.words();
        for (request, _) in service.gpu_requests() {
            // Other drivers do not look at the words.
            if request
                .driver
                .and_then(|driver| driver.value.text())
                .is_some_and(|driver| driver != "nvidia")
            {
                continue;
            }
            let Some(entry) = request
                .capabilities
                .filter(|entry| entry.value.shape() == Shape::Sequence)
            else {
                continue;
            };
            let names: Vec<&str> = request
                .capability_names
                .iter()
                .filter_map(|value| value.text())
                .collect();
            if names.iter().any(|name| name.contains('$')) {
                continue;
            }
            let Some(missing) = Missing::of(&names, wanted, &words) else {
                continue;
            };
            let fix = request
                .capability_names
                .last()
                .filter(|last| !last.is_shared() && !entry.value.is_shared());
            let is_flow = entry.value.written().of(context.text).starts_with('[');
            let fix = fix.filter(|_| is_flow).map(|last| {
                let more = missing.words.join(", ");
                Fix::safe(format!("add `{more}`")).insert(last.written().end, format!(", {more}"))
            });
            let span = entry.key.used().to(entry.value.used());
            report(
                &missing,
                span,
                "leave only `gpu` there, and set `NVIDIA_DRIVER_CAPABILITIES` in the environment; or add",
                fix,
                context,
            );
        }
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let words: Vec<&str> = invocation
            .arguments()
            .iter()
            .map(|word| word.value.as_str())
            .collect();
        let wanted = invocation
            .assignment("env", "NVIDIA_DRIVER_CAPABILITIES")
            .map(|(value, _)| value)
            .filter(|value| !value.contains('$'));
        for option in invocation.named("gpus") {
            let Some(value) = &option.value else { continue };
            let gpus = GpusValue::of(&value.text, !value.literal);
            if gpus.problem.is_some() || gpus.is_open {
                continue;
            }
            let names: Vec<&str> = gpus.capabilities.iter().map(String::as_str).collect();
            if let Some(missing) = Missing::of(&names, wanted, &words) {
                report(
                    &missing,
                    value.span,
                    "leave the capabilities out, or write `'all,\"capabilities=…\"'` and add",
                    None,
                    context,
                );
            }
        }
    }
}

/// What a request takes away.
struct Missing {
    named: String,
    words: Vec<&'static str>,
    has_cuda: bool,
    is_monitor: bool,
    overridden: Option<String>,
}

impl Missing {
    fn of(names: &[&str], wanted: Option<&str>, words: &[&str]) -> Option<Self> {
        let parts = driver_parts(names.iter().copied());
        if parts.is_empty() {
            return None;
        }
        let has = |part: &str| parts.contains(&part);
        let wants = |part: &str| {
            wanted.is_some_and(|wanted| {
                wanted
                    .split(',')
                    .any(|word| word.trim() == part || word.trim() == "all")
            })
        };
        // `nvidia-smi`, exporters and their like need no more than that.
        let is_monitor =
            word_for_gpus(words).is_some_and(|word| word.ends_with("nvidia-smi")) && has("utility");
        let mut missing = Vec::new();
        for part in ["compute", "utility", "video", "graphics", "display"] {
            let by_default = matches!(part, "compute" | "utility");
            if !has(part) && (wants(part) || by_default) {
                missing.push(part);
            }
        }
        (!missing.is_empty()).then(|| Self {
            named: parts.join(","),
            words: missing,
            has_cuda: has("compute"),
            is_monitor,
            overridden: wanted
                .filter(|wanted| !wanted.is_empty())
                .map(str::to_owned),
        })
    }
}

fn report(missing: &Missing, span: Span, hint: &str, fix: Option<Fix>, context: &mut Context<'_>) {
    let what: &str = match (missing.has_cuda, missing.words.contains(&"utility")) {
        (false, true) => "there is neither CUDA nor `nvidia-smi` in the container",
        (false, false) => "there is no CUDA in the container",
        (true, true) => "there is no `nvidia-smi` and no NVML in the container",
        (true, false) => {
            "parts of the driver that the environment asks for are missing in the container"
        }
    };
    let finding = context.report(
        &CapabilitiesTooNarrow::META,
        span,
        format!(
            "{what}: the request names only `{}` of the driver",
            missing.named
        ),
    );
    finding.because(format!("dockerd sets `NVIDIA_DRIVER_CAPABILITIES={}`, unless CDI gives the GPUs (Docker 29.2 and later)", missing.named));
    if let Some(wanted) = &missing.overridden {
        finding.because(format!(
            "that overrides `{wanted}`, which the environment has"
        ));
    }
    // `all` is written by those who want no trouble; what they lose, they may not need.
    if missing.is_monitor
        || missing.has_cuda
            && missing
                .overridden
                .as_deref()
                .is_none_or(|wanted| wanted == "all")
    {
        finding.severity(Severity::Note).at_most(Confidence::Medium);
    }
    finding.hint(format!("{hint} `{}`", missing.words.join(", ")));
    if let Some(fix) = fix {
        finding.fix(fix);
    }
}
