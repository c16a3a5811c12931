use super::lg607_shm_too_small::{divides_a_model, is_server};
use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{repository_and_tag, shares_memory};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::bytes;
use crate::sources::docker_run::{Invocation, Verb};

declare_rule! {
    /// a container that is started with too little shared memory
    ///
    /// ## What it does
    /// Finds `--shm-size` with a number without a unit, which are bytes, or with less than Docker gives without it; and images of PyTorch, and servers that divide a model
    /// among GPUs, which are started with a GPU, and without `--shm-size` and `--ipc`.
    ///
    /// ## Why
    /// `/dev/shm` has 64 MB unless somebody says otherwise. PyTorch's data loaders pass their batches through it, NCCL its messages: `DataLoader worker (pid 42) is
    /// killed by signal: Bus error`.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --gpus all --rm nvcr.io/nvidia/pytorch:24.05-py3 python train.py
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --ipc=host --gpus all --rm nvcr.io/nvidia/pytorch:24.05-py3 python train.py
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --gpus all --shm-size 8g --rm nvcr.io/nvidia/pytorch:24.05-py3 python train.py
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the container shares memory with every process of the host.
    ///
    /// ## Sources
    /// <https://docs.docker.com/reference/cli/docker/container/run/>, pytorch/pytorch#8976, open-mmlab/OpenPCDet#1199.
    RunShmTooSmall, "LG707", "run-shm-too-small", Note, Medium
}

impl Rule for RunShmTooSmall {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !matches!(invocation.verb, Verb::Run | Verb::Create) {
            return;
        }
        if let Some(value) = invocation.value("shm-size") {
            let Some(size) = bytes(&value.text).filter(|size| value.literal && *size > 0) else {
                return;
            };
            if size >= 64 << 20 {
                return;
            }
            let finding = context.report(
                &Self::META,
                value.span,
                format!(
                    "`--shm-size {}` is less than what Docker gives without it",
                    value.text
                ),
            );
            finding.severity(Severity::Warning).because(
                if value.text.bytes().all(|byte| byte.is_ascii_digit()) {
                    format!("a number without a unit counts bytes: these are {size}")
                } else {
                    "that is 64 MB".to_owned()
                },
            );
            finding.hint("write gigabytes, `8g`, or leave it out");
            return;
        }
        let names = ["ipc", "mount", "tmpfs", "volume"];
        let has_other = names.iter().any(|name| {
            invocation.named(name).any(|option| {
                *name == "ipc"
                    || option
                        .value
                        .as_ref()
                        .is_some_and(|value| value.text.contains("/dev/shm"))
            })
        });
        let has_gpu = invocation.named("gpus").next().is_some()
            || invocation.named("runtime").next().is_some();
        let Some(image) = invocation
            .literal_image()
            .filter(|_| has_gpu && !has_other && invocation.opaque.is_empty())
        else {
            return;
        };
        let words: Vec<&str> = invocation
            .arguments()
            .iter()
            .map(|word| word.value.as_str())
            .collect();
        let looks = word_is_a_look(&words);
        if !shares_memory(&image.value)
            || looks
            || is_server(&image.value) && !divides_a_model(&words)
        {
            return;
        }
        let finding = context.report(
            &Self::META,
            image.span,
            "`/dev/shm` has 64 MB, which several processes of PyTorch outgrow",
        );
        finding.because(format!(
            "`{}` trains or serves with several processes",
            repository_and_tag(&image.value).0
        ));
        if !invocation.is_sure {
            finding.at_most(Confidence::Low);
        }
        finding.hint("add `--shm-size 8g`, or `--ipc=host`");
        if let Some(verb) = invocation
            .command
            .words
            .get(invocation.verb_words.end.wrapping_sub(1))
        {
            finding.fix(Fix::unsafe_("add `--ipc=host`").insert(verb.span.end, " --ipc=host"));
        }
    }
}

/// Whether it only looks whether a GPU is there.
fn word_is_a_look(words: &[&str]) -> bool {
    let one_line = words
        .first()
        .is_some_and(|first| first.starts_with("python"))
        && words.get(1) == Some(&"-c");
    one_line
        || words
            .first()
            .is_some_and(|first| first.ends_with("nvidia-smi"))
}
