use crate::context::Context;
use crate::finding::Confidence;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// `generic_resources`, which only a swarm knows, or that reserve nothing
    ///
    /// ## What it does
    /// Finds services that ask for a GPU by `generic_resources` alone in files in which nothing is for a swarm, and reservations of none.
    ///
    /// ## Why
    /// `docker compose up` ignores `generic_resources` without a word, and the container has no GPU. In a swarm they reserve what
    /// `node-generic-resources` of the nodes' engines offers, and `value: 0` reserves none of it.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           generic_resources:
    ///             - discrete_resource_spec:
    ///                 kind: gpu
    ///                 value: 1
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus:
    ///       - count: 1
    /// ```
    ///
    /// ## Sources
    /// <https://github.com/docker/compose> (`pkg/compose/create.go` sets no generic resources), docker/compose#6691.
    GenericResourcesOutsideSwarm, "LG616", "generic-resources-outside-swarm", Warning, Medium
}

impl Rule for GenericResourcesOutsideSwarm {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let Some(entry) = service.generic_resources else {
            return;
        };
        for item in entry.value.items() {
            let value = item
                .get("discrete_resource_spec")
                .and_then(|spec| spec.entry("value"));
            let Some(value) = value.filter(|value| matches!(value.value.text(), Some("0" | "'0'")))
            else {
                continue;
            };
            let finding = context.report(
                &Self::META,
                value.key.used().to(value.value.used()),
                "the service reserves none of the resource",
            );
            finding.hint("write `value: 1`");
        }
        let is_asked_for = service.gpus.is_some()
            || service.reservations.is_some()
            || service.runtime.is_some()
            || service.variable("NVIDIA_VISIBLE_DEVICES").is_some();
        if compose.is_for_swarm() || is_asked_for || !service.is_whole() {
            return;
        }
        let finding = context.report(
            &Self::META,
            entry.key.used(),
            "`generic_resources` are for a swarm: `docker compose up` ignores them",
        );
        finding.at_most(Confidence::Medium);
        finding.hint("for Compose, add `gpus: all`, or a device reservation");
    }
}
