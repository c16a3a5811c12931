use crate::context::Context;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::Compose;

declare_rule! {
    /// a file version that has not the key that is used
    ///
    /// ## What it does
    /// Finds compose files with `version: 3` and later that use `runtime`, and with `version: 2` that use `deploy`.
    ///
    /// ## Why
    /// Docker Compose 2 ignores the version. docker-compose 1, which some distributions still have, goes by it: up to 1.26 it refuses `runtime` outside
    /// of the versions 2.3 and 2.4 (`Unsupported config option for services.app: 'runtime'`), `deploy` outside of 3, and up to 1.27
    /// device reservations.
    ///
    /// ## Example
    /// ```yaml,bad
    /// version: "3.8"
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     runtime: nvidia
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     runtime: nvidia
    /// ```
    ///
    /// ## Sources
    /// docker/compose#6691, docker/compose PR 7929.
    FileVersionTooOld, "LG615", "file-version-too-old", Note, Medium, Pedantic
}

impl Rule for FileVersionTooOld {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn compose(&self, compose: &Compose<'_>, context: &mut Context<'_>) {
        let Some(version) = compose.version else {
            return;
        };
        let text = version.value.text().unwrap_or_default();
        let key = |name: &str| {
            let mut services = compose.services.iter();
            services
                .find_map(|service| service.entry.value.entry(name))
                .map(|entry| entry.key.used())
        };
        let (name, span) = match text.split('.').next() {
            Some("3") => ("runtime", key("runtime")),
            Some("2") => ("deploy", key("deploy")),
            _ => return,
        };
        let Some(span) = span else { return };
        let finding = context.report(
            &Self::META,
            span,
            format!("`version: {text}` has no `{name}`"),
        );
        finding.related(version.key.used(), "the version");
        finding.because(
            "docker-compose 1.26 and older refuse the file; Docker Compose 2 ignores the version",
        );
        finding.hint("remove `version`, and use Docker Compose 2");
    }
}
