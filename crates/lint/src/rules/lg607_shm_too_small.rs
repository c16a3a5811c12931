use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{repository_and_tag, shares_memory};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service, bytes};
use crate::sources::yaml::Value;

declare_rule! {
    /// shared memory that is too small for what runs with it
    ///
    /// ## What it does
    /// Finds `shm_size` with a number without a unit, which are bytes; services of PyTorch images, and of servers that divide a model among GPUs, which leave
    /// `/dev/shm` as small as Docker makes it; and `shm_size` that stands below `build` alone.
    ///
    /// ## Why
    /// `/dev/shm` has 64 MB unless somebody says otherwise. PyTorch's data loaders pass their batches through it, NCCL its messages: `DataLoader worker
    /// (pid 42) is killed by signal: Bus error`, `unable to allocate shared memory(shm)`. `build.shm_size` is for `RUN` steps and not for the container.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   train:
    ///     image: nvcr.io/nvidia/pytorch:24.05-py3
    ///     gpus: all
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   train:
    ///     image: nvcr.io/nvidia/pytorch:24.05-py3
    ///     gpus: all
    ///     shm_size: 8gb
    /// ```
    ///
    /// ```yaml,bad
    /// services:
    ///   train:
    ///     image: example/train:1.0
    ///     gpus: all
    ///     shm_size: 8
    /// ```
    ///
    /// ```yaml,fixed
    /// services:
    ///   train:
    ///     image: example/train:1.0
    ///     gpus: all
    ///     shm_size: 8gb
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: gigabytes are a guess at what was meant.
    ///
    /// ## Sources
    /// <https://docs.docker.com/reference/compose-file/services/#shm_size>, pytorch/pytorch#8976, open-mmlab/OpenPCDet#1199.
    ShmTooSmall, "LG607", "shm-too-small", Note, Medium
}

/// Docker's own size.
const DEFAULT: u64 = 64 << 20;

impl Rule for ShmTooSmall {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let hint = "add `shm_size: 8gb`, or `ipc: host`";
        if let Some(entry) = service.shm_size {
            let Some(text) = entry.value.text() else {
                return;
            };
            let Some(size) = bytes(text).filter(|size| *size > 0) else {
                return;
            };
            if size < 1 << 20 && text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
                let finding = context.report(
                    &Self::META,
                    entry.value.used(),
                    format!("`shm_size: {text}` are {size} bytes"),
                );
                finding
                    .severity(Severity::Warning)
                    .because("a number without a unit counts bytes");
                finding.hint(format!("write `{text}gb`, or `{text}mb`"));
                if !entry.value.is_shared() && size <= 512 {
                    finding.fix(
                        Fix::unsafe_(format!("use `{text}gb`"))
                            .replace(entry.value.written(), format!("{}gb", text.trim())),
                    );
                }
            } else if size < DEFAULT && service.request_span().is_some() {
                let finding = context.report(
                    &Self::META,
                    entry.value.used(),
                    format!("`shm_size: {text}` is less than what Docker gives without it"),
                );
                finding.severity(Severity::Warning).because("that is 64 MB");
                finding.hint("leave it out, or ask for gigabytes");
            }
            return;
        }
        if !service.is_whole()
            || has_other_memory(service)
            || service.request_span().is_none() && service.nvidia_runtime().is_none()
        {
            return;
        }
        if let Some(entry) = service.build.as_ref().and_then(|build| build.shm_size) {
            let finding = context.report(
                &Self::META,
                entry.key.used(),
                "`shm_size` below `build` is for the build alone: the container has 64 MB",
            );
            finding.hint("write it beside `build`, too");
            return;
        }
        let Some((name, is_written, value)) = service.known_image() else {
            return;
        };
        if !shares_memory(&name) || (is_server(&name) && !divides_a_model(&service.words())) {
            return;
        }
        let finding = context.report(
            &Self::META,
            value.used(),
            "`/dev/shm` has 64 MB, which several processes of PyTorch outgrow",
        );
        finding.because(format!(
            "`{}` trains or serves with several processes",
            repository_and_tag(&name).0
        ));
        if !is_written {
            finding.at_most(Confidence::Low);
        }
        finding.hint(hint);
    }
}

/// Whether `/dev/shm` is another one: the host's, another container's, or a mount.
fn has_other_memory(service: &Service<'_>) -> bool {
    let ipc = service
        .ipc
        .and_then(|entry| entry.value.text())
        .unwrap_or("private");
    let is_private = matches!(ipc, "private" | "shareable" | "");
    let tmpfs = service.entry.value.get("tmpfs");
    let in_tmpfs = |value: Value<'_>| {
        value
            .items()
            .chain(Some(value))
            .any(|item| item.text().is_some_and(|text| text.starts_with("/dev/shm")))
    };
    !is_private
        || tmpfs.is_some_and(in_tmpfs)
        || service.volumes.iter().any(|volume| {
            volume
                .target
                .is_some_and(|target| target.starts_with("/dev/shm"))
        })
}

/// Whether it serves with one process, unless it is told otherwise.
pub(super) fn is_server(name: &str) -> bool {
    [
        "vllm",
        "sglang",
        "text-generation-inference",
        "tritonserver",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether a server is told to divide a model among GPUs.
pub(super) fn divides_a_model(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let (name, behind) = word.split_once('=').unwrap_or((word, ""));
        let is_it = [
            "--tensor-parallel-size",
            "-tp",
            "--tp",
            "--tp-size",
            "--num-shard",
            "--sharded",
        ]
        .contains(&name);
        let value = if behind.is_empty() {
            words.get(at + 1).copied().unwrap_or_default()
        } else {
            behind
        };
        is_it && !matches!(value, "1" | "false")
    })
}
