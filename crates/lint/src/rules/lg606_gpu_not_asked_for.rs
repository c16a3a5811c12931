use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{image_for_gpus, is_jetson, word_for_gpus};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use liftgate_dockerfile::Span;

declare_rule! {
    /// a service that is made for GPUs, and asks for none
    ///
    /// ## What it does
    /// Finds services that run `nvidia-smi` or choose CUDA, or whose image is made for GPUs by its name, and in which nothing asks for one: no `gpus`, no device
    /// reservation, no `runtime`, no device.
    ///
    /// ## Why
    /// The container starts without the driver's libraries. `nvidia-smi` is not found, as it comes with the driver and not with an image; frameworks
    /// work on the processor, ten to a hundred times slower, and say so in one line of their log. An engine whose default runtime is
    /// `nvidia` hides that on the machine where the file was written.
    ///
    /// Nothing is said where the same image is started with a GPU by another service: that is on purpose.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     command: nvidia-smi
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     command: nvidia-smi
    ///     gpus: all
    /// ```
    ///
    /// ## Sources
    /// heavyai/heavydb#281, tensorflow/tensorflow#10642, NVIDIA/nvidia-docker#1382.
    GpuNotAskedFor, "LG606", "gpu-not-asked-for", Warning, Medium
}

impl Rule for GpuNotAskedFor {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        if service.may_have_gpu() || service.variable("NVIDIA_VISIBLE_DEVICES").is_some() {
            return;
        }
        let image = service.known_image();
        let name = image.as_ref().map_or("", |(name, ..)| name.as_str());
        if is_jetson(name) {
            return;
        }
        let words = service.words();
        let program = word_for_gpus(&words);
        let span = match (program, service.command.or(service.entrypoint)) {
            (Some(_), Some(entry)) => Some(entry.value.used()),
            _ => None,
        };
        if let (Some(program), Some(span)) = (program, span) {
            report(
                span,
                format!("`{program}` needs a GPU, and the service asks for none"),
                context,
            );
            return;
        }
        let is_shared = compose.services.iter().any(|other| {
            other.name != service.name
                && (other.may_have_gpu() || other.variable("NVIDIA_VISIBLE_DEVICES").is_some())
                && other.known_image().is_some_and(|(other, ..)| other == name)
        });
        // Files of many services that are built, and never started, are usual.
        if is_shared || service.build.is_some() {
            return;
        }
        if let Some((reason, (_, is_written, value))) = image_for_gpus(name).zip(image.as_ref()) {
            let finding = report(
                value.used(),
                "the service asks for no GPU".to_owned(),
                context,
            );
            finding.because(reason).severity(Severity::Note);
            if !is_written {
                finding.at_most(Confidence::Low);
            }
        }
    }
}

fn report<'c>(
    span: Span,
    sentence: String,
    context: &'c mut Context<'_>,
) -> &'c mut crate::finding::Finding {
    let finding = context.report(&GpuNotAskedFor::META, span, sentence);
    finding.because("it gets one only where the engine's default runtime is `nvidia`");
    finding.hint("add `gpus: all` (Compose 2.30 and later), or a device reservation with `capabilities: [gpu]`");
    finding
}
