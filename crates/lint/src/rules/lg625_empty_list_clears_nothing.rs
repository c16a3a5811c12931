use crate::context::Context;
use crate::finding::Fix;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Gpus, Service};
use crate::sources::yaml::{Entry, Shape};

declare_rule! {
    /// an empty list of device requests, which takes none away
    ///
    /// ## What it does
    /// Finds `devices: []` in a reservation and `gpus: []`, where the list is not `!reset`.
    ///
    /// ## Why
    /// Files for a machine without a GPU try to override the request like that. But Docker Compose appends lists to those of the file before: the request stays, and the
    /// container does not start (`could not select device driver`). `!reset` takes the list away (Compose 2.18 and later), `!override` puts another one in its place.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices: []
    /// ```
    ///
    /// ```yaml,fixed
    /// services:
    ///   app:
    ///     deploy:
    ///       resources:
    ///         reservations:
    ///           devices: !reset []
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     deploy: !reset null
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: older versions of Compose do not know the tag.
    ///
    /// ## Sources
    /// `override/merge.go` of <https://github.com/compose-spec/compose-go> (lists are appended),
    /// <https://docs.docker.com/reference/compose-file/merge/#reset-value>.
    EmptyListClearsNothing, "LG625", "empty-list-clears-nothing", Warning, High
}

impl Rule for EmptyListClearsNothing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let gpus = match &service.gpus {
            Some(Gpus::List(list)) => Some(list.entry),
            _ => None,
        };
        let lists = service
            .reservations
            .as_ref()
            .map(|list| list.entry)
            .into_iter()
            .chain(gpus);
        for entry in lists.filter(is_empty) {
            let finding = context.report(
                &Self::META,
                entry.key.used().to(entry.value.used()),
                "an empty list takes no request away",
            );
            finding.because("Compose appends lists to those of the file before");
            finding.hint("write `!reset []` (Compose 2.18 and later)");
            if !entry.value.is_shared() {
                finding.fix(
                    Fix::unsafe_("use `!reset []`").insert(entry.value.written().start, "!reset "),
                );
            }
        }
    }
}

fn is_empty(entry: &Entry<'_>) -> bool {
    entry.value.shape() == Shape::Sequence
        && entry.value.items().next().is_none()
        && entry.value.tag().is_none()
}
