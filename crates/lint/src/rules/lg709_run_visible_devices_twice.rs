use crate::context::Context;
use crate::finding::Severity;
use crate::model::Choice;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::Invocation;

declare_rule! {
    /// `NVIDIA_VISIBLE_DEVICES` that says something else than `--gpus`
    ///
    /// ## What it does
    /// Finds command lines that ask for some GPUs by `--gpus`, and name others in `NVIDIA_VISIBLE_DEVICES`.
    ///
    /// ## Why
    /// Where the hook gives the GPUs, dockerd sets the variable itself, behind that of the command line, and `--gpus` wins. Where CDI does, from Docker 29.2 on, it leaves
    /// the variable alone; a runtime `nvidia` then adds what it names.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --gpus device=0 -e NVIDIA_VISIBLE_DEVICES=1 example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --gpus device=1 example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// `daemon/devices_nvidia_linux.go` of <https://github.com/moby/moby>.
    RunVisibleDevicesTwice, "LG709", "run-visible-devices-twice", Warning, High
}

impl Rule for RunVisibleDevicesTwice {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let (Some((value, whole)), Some(requested)) = (
            invocation.assignment("env", "NVIDIA_VISIBLE_DEVICES"),
            invocation.choice(),
        ) else {
            return;
        };
        let named = Choice::of_variable(value);
        if !named.contradicts(&requested) {
            return;
        }
        let sentence = format!(
            "`NVIDIA_VISIBLE_DEVICES` names {}, and `--gpus` {}",
            named.text(),
            requested.text()
        );
        let finding = context.report(&Self::META, whole.span, sentence);
        if named == Choice::All {
            finding.severity(Severity::Note);
        }
        finding.because(
            "dockerd overrides the variable, unless CDI gives the GPUs (Docker 29.2 and later)",
        );
        finding.hint("remove the variable, and choose by `--gpus`");
    }
}
