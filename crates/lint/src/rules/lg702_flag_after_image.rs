use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::is_placeholder;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{GivenOption, Invocation};

declare_rule! {
    /// an option of `docker run` that stands behind the image
    ///
    /// ## What it does
    /// Finds `--gpus all`, `--runtime=nvidia`, `--shm-size` and their like directly behind the image. Options that other programs have as well count only with a
    /// value that is Docker's, and none counts behind the name of a program.
    ///
    /// ## Why
    /// What stands behind the image is for the program in it. Docker does not look at it: the container has no GPU, and the program gets an option that it
    /// does not know: `exec: "--gpus": executable file not found in $PATH`.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --rm example/app:1.0 --gpus all
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus all example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// <https://docs.docker.com/reference/cli/docker/container/run/>: `docker run [OPTIONS] IMAGE [COMMAND] [ARG...]`.
    FlagAfterImage, "LG702", "flag-after-image", Error, High
}

impl Rule for FlagAfterImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let Some(image) = invocation
            .image()
            .filter(|image| !is_placeholder(&image.value))
        else {
            return;
        };
        // A shell may make options and the image of an unquoted variable.
        if !invocation.is_sure || (!image.literal && !image.quoted) {
            return;
        }
        let mut next = invocation.operands.start + 1;
        for option in invocation.options_behind_image(context.text) {
            // Behind the first word that is none, options are a program's.
            if option.words.start != next {
                break;
            }
            next = option.words.end;
            let Some(is_certain) = weigh(&option) else {
                continue;
            };
            let shown = format!("--{}", option.name);
            let finding = context.report(
                &Self::META,
                option.span,
                format!("`{shown}` stands behind the image, and Docker does not see it"),
            );
            finding.related(image.span, "the image");
            finding.because("what stands behind the image is for the program in it");
            if !is_certain {
                finding
                    .severity(Severity::Warning)
                    .at_most(Confidence::Medium);
            }
            finding.hint(format!("move `{shown}` before the image"));
        }
    }
}

/// Whether an option is Docker's own, and for certain; `None`: it may be the program's.
fn weigh(option: &GivenOption) -> Option<bool> {
    let value = option
        .value
        .as_ref()
        .map_or("", |value| value.text.trim_matches('"'));
    match option.name.as_str() {
        "gpus" => (value == "all" || value.starts_with("device=")).then_some(true),
        "runtime" => (value == "nvidia").then_some(true),
        "shm-size" => value
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit())
            .then_some(true),
        "ipc" => matches!(value, "host" | "private" | "shareable").then_some(false),
        "network" | "net" => matches!(value, "host" | "bridge").then_some(false),
        "restart" => matches!(value, "always" | "unless-stopped" | "on-failure").then_some(false),
        "ulimit" => value.contains('=').then_some(false),
        "cap-add" | "security-opt" | "privileged" | "cap-drop" => Some(false),
        "device" => {
            (value.starts_with("/dev/") || value.starts_with("nvidia.com/")).then_some(false)
        }
        _ => None,
    }
}
