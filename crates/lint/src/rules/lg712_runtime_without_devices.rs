use crate::context::Context;
use crate::finding::Severity;
use crate::model::{image_for_gpus, is_jetson, repository_and_tag};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Invocation, Verb};

declare_rule! {
    /// NVIDIA's runtime with an image that asks for no GPU
    ///
    /// ## What it does
    /// Finds `--runtime=nvidia` without `NVIDIA_VISIBLE_DEVICES` and `--gpus`, where the image is a plain distribution or language, or where
    /// `CUDA_VISIBLE_DEVICES` stands in its place.
    ///
    /// ## Why
    /// The runtime gives what `NVIDIA_VISIBLE_DEVICES` says, and nothing where it is not set. CUDA images set it; `ubuntu` and `python` do not, and a container of
    /// theirs has no GPU. `CUDA_VISIBLE_DEVICES` is for CUDA, and the runtime does not look at it. (On a Jetson the images are others, and this is right.)
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --runtime=nvidia python:3.12 python train.py
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all python:3.12 python train.py
    /// ```
    ///
    /// ## Sources
    /// <https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html>.
    RuntimeWithoutDevices, "LG712", "runtime-without-devices", Warning, Medium
}

/// Images that have nothing of NVIDIA's in their environment.
const PLAIN: &[&str] = &[
    "ubuntu",
    "debian",
    "alpine",
    "busybox",
    "fedora",
    "centos",
    "rockylinux",
    "almalinux",
    "python",
    "node",
    "golang",
    "rust",
    "amazonlinux",
    "archlinux",
];

impl Rule for RuntimeWithoutDevices {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let is_run =
            matches!(invocation.verb, Verb::Run | Verb::Create) && invocation.opaque.is_empty();
        let Some(option) = invocation.named("runtime").find(|option| {
            is_run
                && option
                    .value
                    .as_ref()
                    .is_some_and(|value| value.text == "nvidia")
        }) else {
            return;
        };
        let has = |name: &str, word: &str| {
            invocation.named(name).any(|option| {
                option
                    .value
                    .as_ref()
                    .is_some_and(|value| value.text.contains(word))
            })
        };
        let is_told = invocation.named("gpus").next().is_some()
            || has("env", "NVIDIA_VISIBLE_DEVICES")
            || has("device", "nvidia")
            || invocation.named("env-file").next().is_some();
        let Some(image) = invocation.literal_image().filter(|_| !is_told) else {
            return;
        };
        let is_plain = PLAIN.contains(&repository_and_tag(&image.value).0);
        let by_cuda = invocation.named("env").find(|option| {
            option
                .value
                .as_ref()
                .is_some_and(|value| value.text.starts_with("CUDA_VISIBLE_DEVICES="))
        });
        if is_jetson(&image.value)
            || !is_plain && (by_cuda.is_none() || image_for_gpus(&image.value).is_some())
        {
            return;
        }
        let finding = if let Some(by_cuda) = by_cuda.filter(|_| !is_plain) {
            let finding = context.report(
                &Self::META,
                by_cuda.span,
                "`CUDA_VISIBLE_DEVICES` asks the runtime for no GPU",
            );
            finding.severity(Severity::Note).because(
                "it reads `NVIDIA_VISIBLE_DEVICES`, which only the image can have set here",
            );
            finding
        } else {
            let finding = context.report(
                &Self::META,
                option.span,
                format!(
                    "the runtime gives no GPU: `{}` does not ask for one",
                    image.value
                ),
            );
            finding.because(
                "it gives what `NVIDIA_VISIBLE_DEVICES` says, which plain images do not set",
            );
            finding
        };
        finding.hint("add `-e NVIDIA_VISIBLE_DEVICES=all`, or write `--gpus all`");
    }
}
