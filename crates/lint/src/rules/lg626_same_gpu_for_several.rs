use crate::context::Context;
use crate::finding::Severity;
use crate::model::Choice;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// several containers with a count of GPUs, which all get the same ones
    ///
    /// ## What it does
    /// Finds services with `count: N` and several replicas, and files in which several services ask for `count: N`.
    ///
    /// ## Why
    /// A count means the first N GPUs, in every container anew: nothing remembers who has which, and nothing looks for one that is idle. Two servers with `count: 1` share the
    /// first GPU, while the others have nothing to do; if each takes 90 % of its memory, the second does not start.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       replicas: 2
    ///       resources:
    ///         reservations:
    ///           devices:
    ///             - driver: nvidia
    ///               count: 1
    ///               capabilities: [gpu]
    /// ```
    ///
    /// Use instead: a service for each GPU.
    /// ```yaml,good
    /// services:
    ///   first:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["0"]
    ///   second:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - device_ids: ["1"]
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1506, docker/compose#9753.
    SameGpuForSeveral, "LG626", "same-gpu-for-several", Note, High
}

impl Rule for SameGpuForSeveral {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn compose(&self, compose: &Compose<'_>, context: &mut Context<'_>) {
        let mut earlier: Vec<&Service<'_>> = Vec::new();
        for service in &compose.services {
            let Some((request, count)) = counted(service) else {
                continue;
            };
            if let Some(replicas) = replicas(service).filter(|replicas| *replicas > 1) {
                let sentence = format!(
                    "all {replicas} replicas get {}",
                    Choice::First(count).text()
                );
                let finding = context.report(&Self::META, request, sentence);
                finding
                    .severity(Severity::Warning)
                    .because("a count means the first GPUs, in every container anew");
                finding.hint("write a service for each GPU, with `device_ids`");
            } else if let Some(other) = earlier.iter().find(|other| run_together(other, service)) {
                let sentence = format!(
                    "`{}` and `{}` get the same GPU: each has {}",
                    other.name,
                    service.name,
                    Choice::First(count).text()
                );
                let finding = context.report(&Self::META, request, sentence);
                if takes_most(other) && takes_most(service) {
                    finding
                        .severity(Severity::Warning)
                        .because("each of them takes most of its memory");
                }
                finding.because("a count means the first GPUs, in every container anew");
                finding.hint(
                    "if there are several, say which: `device_ids: [\"1\"]` in place of `count`",
                );
            }
            earlier.push(service);
        }
    }
}

/// The place and the number of a request for a number of GPUs.
fn counted(service: &Service<'_>) -> Option<(liftgate_dockerfile::Span, usize)> {
    let mut requests = service.gpu_requests().filter_map(|(request, _)| {
        let (entry, _) = request.count?;
        match Choice::of_request(request) {
            Choice::First(count) => Some((entry.key.used().to(entry.value.used()), count)),
            _ => None,
        }
    });
    requests.next()
}

fn replicas(service: &Service<'_>) -> Option<i64> {
    let deploy = service
        .deploy
        .and_then(|deploy| deploy.value.get("replicas"));
    deploy
        .or_else(|| service.entry.value.get("scale"))?
        .as_int()
}

/// Whether both are started by `docker compose up`: those with a profile may be each other's alternatives.
fn run_together(one: &Service<'_>, other: &Service<'_>) -> bool {
    let is_off = |service: &Service<'_>| replicas(service) == Some(0);
    one.profiles.is_empty() && other.profiles.is_empty() && !is_off(one) && !is_off(other)
}

/// Whether it takes a fixed part of a GPU's memory, and more than half of it.
fn takes_most(service: &Service<'_>) -> bool {
    let words = service.words();
    let names = ["--gpu-memory-utilization", "--mem-fraction-static"];
    words.iter().enumerate().any(|(at, word)| {
        let (name, behind) = word.split_once('=').unwrap_or((word, ""));
        let value = if behind.is_empty() {
            words.get(at + 1).copied().unwrap_or_default()
        } else {
            behind
        };
        names.contains(&name) && value.parse::<f64>().is_ok_and(|part| part > 0.5)
    })
}
