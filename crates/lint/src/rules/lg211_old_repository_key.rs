use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::SigningKey;
use liftgate_dockerfile::shell::ShellCommand;
use liftgate_dockerfile::{Body, Kind, Span};

declare_rule! {
    /// NVIDIA's old repository key is fetched
    ///
    /// ## What it does
    /// Finds steps that fetch the key `7fa2af80` of NVIDIA's CUDA repositories. Taking it away (`apt-key del 7fa2af80`) is right, and so is fetching it for
    /// the repositories `machine-learning` and `devtools`, which are signed with it still.
    ///
    /// ## Why
    /// The CUDA repositories have been signed with another key since April 2022. With the old one alone `apt-get update` ends with
    /// `NO_PUBKEY A4B469963BF863CC`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:20.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends gnupg curl ca-certificates
    /// RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/7fa2af80.pub
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM ubuntu:20.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends gnupg curl ca-certificates
    /// RUN apt-key adv --fetch-keys https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2004/x86_64/3bf863cc.pub
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends curl ca-certificates
    /// RUN curl -fsSLO https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/cuda-keyring_1.1-1_all.deb && dpkg -i cuda-keyring_1.1-1_all.deb
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: whatever else names the old key (a checksum, a file) is not changed.
    ///
    /// ## Sources
    /// <https://developer.nvidia.com/blog/updating-the-cuda-linux-gpg-repository-key/>, NVIDIA/nvidia-docker#1632.
    OldRepositoryKey, "LG211", "old-repository-key", Error, High
}

const OLD: &str = "7fa2af80";
const NEW: &str = "3bf863cc";

/// Whether a text fetches the old key for one of the repositories that have another now; and where in it the key stands.
fn fetched(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    if lower.contains("machine-learning/repos") || lower.contains("devtools/repos") {
        return None;
    }
    // `GPGKEY` was its name before.
    let is_file = lower.contains("://")
        && (lower.contains("7fa2af80.pub") || lower.ends_with("/compute/cuda/repos/gpgkey"));
    is_file.then(|| lower.find(OLD).unwrap_or_default())
}

impl Rule for OldRepositoryKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Body::Files { sources, .. } = &at.step.instruction.body else {
            return;
        };
        for source in sources
            .iter()
            .filter(|_| at.step.instruction.kind == Kind::Add)
        {
            if fetched(&source.value).is_some() {
                report(&at, context, source.span, None, false);
            }
        }
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        if at.step.instruction.kind != Kind::Run
            || matches!(command.program(), Some("echo" | "printf"))
        {
            return;
        }
        for word in &command.words {
            if fetched(&word.value).is_some() {
                let written = word.span.of(at.build.file.text);
                let place = written.find(OLD).map(|start| {
                    Span::new(word.span.start + start, word.span.start + start + OLD.len())
                });
                report(&at, context, word.span, place, command.conditional);
            }
        }
        // `apt-key adv --keyserver … --recv-keys AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80`
        let receives = command
            .words
            .iter()
            .any(|word| word.value.starts_with("--recv"));
        let key = command
            .words
            .iter()
            .find(|word| word.value.to_ascii_lowercase().ends_with(OLD));
        if let Some(key) = key.filter(|_| receives) {
            report(&at, context, key.span, None, command.conditional);
        }
    }
}

fn report(
    at: &At<'_>,
    context: &mut Context<'_>,
    span: Span,
    key: Option<Span>,
    is_conditional: bool,
) {
    // The other repositories have it still.
    if at.stage_says("devtools/repos") {
        return;
    }
    let has_new = at.stage_says(NEW) || at.stage_says("cuda-keyring");
    let base = at.build.cuda_base(at.stage);
    let key_of_base = base.map(|base| {
        base.tag
            .map_or_else(|| SigningKey::of_cuda(base.cuda), |tag| tag.signing_key())
    });
    let text = span.of(at.build.file.text);
    let is_apt = text.contains("ubuntu") || text.contains("debian");
    let finding = context.report(
        &OldRepositoryKey::META,
        span,
        "this is the key that NVIDIA's CUDA repositories had until April 2022",
    );
    if has_new || key_of_base == Some(SigningKey::Current) {
        finding
            .severity(Severity::Note)
            .because("the key of today is there as well: this one is of no use");
        finding.hint("take it out");
        return;
    }
    if is_conditional || !is_apt {
        finding.severity(Severity::Warning);
    }
    finding.because(
        "what is signed today needs `3bf863cc` (`D42D0685` on RHEL): NO_PUBKEY A4B469963BF863CC",
    );
    finding.hint(
        "install `cuda-keyring_1.1-1_all.deb` from the same directory, or fetch `3bf863cc.pub`",
    );
    let is_only = at
        .step
        .instruction
        .whole
        .of(at.build.file.text)
        .to_ascii_lowercase()
        .matches(OLD)
        .count()
        == 1;
    if let Some(key) = key.filter(|_| is_apt && is_only) {
        finding.fix(Fix::unsafe_("fetch the key of today").replace(key, NEW));
    }
}
