use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{image_for_gpus, is_jetson, word_for_gpus};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use liftgate_dockerfile::Span;
use std::collections::HashSet;

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

    fn compose(&self, compose: &Compose<'_>, context: &mut Context<'_>) {
        let has_gpu = |service: &Service<'_>| {
            service.may_have_gpu() || service.variable("NVIDIA_VISIBLE_DEVICES").is_some()
        };
        let with_gpu = compose.services.iter().filter(|service| has_gpu(service));
        let with_gpu: HashSet<String> = with_gpu
            .filter_map(|service| service.known_image().map(|(name, ..)| name))
            .collect();
        for service in compose.services.iter().filter(|service| !has_gpu(service)) {
            look(service, &with_gpu, context);
        }
    }
}

/// Looks at a service that has no GPU; `with_gpu` are the images of those that have one.
fn look(service: &Service<'_>, with_gpu: &HashSet<String>, context: &mut Context<'_>) {
    let image = service.known_image();
    let name = image.as_ref().map_or("", |(name, ..)| name.as_str());
    if is_jetson(name) {
        return;
    }
    let words = service.words();
    if let (Some(program), Some(entry)) = (
        word_for_gpus(&words),
        service.command.or(service.entrypoint),
    ) {
        let sentence = format!("`{program}` needs a GPU, and the service asks for none");
        report(entry.value.used(), sentence, context);
        return;
    }
    // Files of many services that are built, and never started, are usual.
    if with_gpu.contains(name) || service.build.is_some() {
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
