use crate::context::Context;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};
use crate::sources::docker_run::{Invocation, Verb};

declare_rule! {
    /// `InfiniBand` with the usual limit of locked memory
    ///
    /// ## What it does
    /// Finds containers that get `/dev/infiniband` and whose limit `memlock` is not lifted.
    ///
    /// ## Why
    /// RDMA pins the memory that it transfers, gigabytes of it, and the usual limit is 8 MB or less. NCCL then says `ibv_reg_mr failed with error Cannot
    /// allocate memory` and stops, or goes by way of TCP.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   train:
    ///     image: example/train:1.0
    ///     gpus: all
    ///     shm_size: 8gb
    ///     devices:
    ///       - /dev/infiniband
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   train:
    ///     image: example/train:1.0
    ///     gpus: all
    ///     shm_size: 8gb
    ///     devices:
    ///       - /dev/infiniband
    ///     ulimits:
    ///       memlock: -1
    /// ```
    ///
    /// ```sh,bad
    /// docker run --gpus all --ipc=host --device /dev/infiniband example/train:1.0
    /// ```
    ///
    /// ```sh,good
    /// docker run --gpus all --ipc=host --device /dev/infiniband --ulimit memlock=-1 example/train:1.0
    /// ```
    ///
    /// ## Sources
    /// <https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html> (memory locking).
    MemlockLimited, "LG608", "memlock-limited", Warning, Medium
}

const BECAUSE: &str = "RDMA locks the memory that it transfers, and the usual limit is 8 MB";

impl Rule for MemlockLimited {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let Some(device) = service
            .devices
            .iter()
            .find(|device| device.source.starts_with("/dev/infiniband"))
        else {
            return;
        };
        let limit = service.ulimits.iter().find(|limit| limit.name == "memlock");
        let is_locker = service.cap_add.iter().any(|capability| {
            capability
                .text()
                .is_some_and(|text| matches!(text, "IPC_LOCK" | "CAP_IPC_LOCK" | "ALL"))
        });
        let is_privileged = service
            .privileged
            .is_some_and(|entry| entry.value.as_bool() != Some(false));
        if !service.is_whole()
            || is_locker
            || is_privileged
            || limit
                .is_some_and(|limit| limit.soft.is_none_or(|soft| !(0..1 << 30).contains(&soft)))
        {
            return;
        }
        let span = limit.map_or(device.value.used(), |limit| limit.entry.key.used());
        let finding = context.report(
            &Self::META,
            span,
            "`/dev/infiniband` with a limit of locked memory",
        );
        finding.because(BECAUSE);
        finding.hint("add `ulimits: {memlock: -1}`");
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !matches!(invocation.verb, Verb::Run | Verb::Create) || !invocation.opaque.is_empty() {
            return;
        }
        let has = |name: &str, word: &str| {
            invocation.named(name).any(|option| {
                option
                    .value
                    .as_ref()
                    .is_some_and(|value| value.text.contains(word) || !value.literal)
            })
        };
        let is_off = has("ulimit", "memlock")
            || has("cap-add", "IPC_LOCK")
            || has("cap-add", "ALL")
            || invocation.named("privileged").next().is_some();
        let device = invocation.named("device").find(|option| {
            option
                .value
                .as_ref()
                .is_some_and(|value| value.text.starts_with("/dev/infiniband"))
        });
        let Some(device) = device.filter(|_| !is_off) else {
            return;
        };
        let finding = context.report(
            &Self::META,
            device.span,
            "`/dev/infiniband` with a limit of locked memory",
        );
        finding.because(BECAUSE);
        finding.hint("add `--ulimit memlock=-1`");
    }
}
