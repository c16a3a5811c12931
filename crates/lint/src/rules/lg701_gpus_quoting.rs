use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{GpusProblem, GpusValue, is_placeholder};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Engine, Invocation, OptionValue};

declare_rule! {
    /// a value of `--gpus` that Docker refuses, or reads in another way than it looks
    ///
    /// ## What it does
    /// Finds lists of devices and capabilities without quotes of their own, variables in single quotes, keys that there are not, and words that are no count.
    ///
    /// ## Why
    /// The value is a line of CSV: a list in it needs quotes, and they have to get past the shell. Of `--gpus device=0,1`, and of `--gpus "device=0,1"`, whose
    /// quotes the shell takes away, Docker makes the device 0 and a count of 1, and refuses to have both: `cannot set both Count and DeviceIDs on device
    /// request`. `device=1,0` it takes: the count is 0, and the second device is dropped without a word. In `'"device=$GPU"'` no shell puts anything
    /// in: the device is called `$GPU`.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --gpus device=0,1 example/app:1.0
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --gpus '"device=0,1"' example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --gpus '"device=0,1"' example/app:1.0
    /// docker run --gpus "\"device=${GPUS}\"" example/app:1.0
    /// docker run --gpus 'all,"capabilities=compute,video,utility"' example/app:1.0
    /// ```
    ///
    /// ## Fix safety
    /// Safe: the devices stay the same, and there was no container before. Not offered where a list is within other quotes.
    ///
    /// ## Sources
    /// `opts/gpus.go` of <https://github.com/docker/cli>, tried with Docker 28.5; NVIDIA/nvidia-docker#1026, NVIDIA/nvidia-docker#1257, docker/docs#11010.
    GpusQuoting, "LG701", "gpus-quoting", Error, High
}

impl Rule for GpusQuoting {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !takes_csv(invocation.engine) {
            return;
        }
        for option in invocation.named("gpus") {
            let Some(value) = &option.value else { continue };
            let text = value.text.as_str();
            // An ellipsis, `<ids>`, `N`: to be replaced.
            if is_placeholder(text) && !text.contains('$')
                || text.bytes().all(|byte| byte.is_ascii_uppercase())
                    && !text.eq_ignore_ascii_case("all")
                    && !text.is_empty()
            {
                continue;
            }
            if value.literal && text.contains('$') {
                let finding = context.report(
                    &Self::META,
                    value.span,
                    "the variable is in single quotes: no shell puts anything in",
                );
                finding.because(format!("Docker gets `{text}` as it is written"));
                finding.hint(if text.starts_with('"') {
                    format!("write `\"{}\"`", text.replace('"', "\\\""))
                } else {
                    format!("write `\"{text}\"`")
                });
                if value.is_word
                    && value.span.of(context.text) == format!("'{text}'")
                    && plain_before(value, context.text)
                {
                    context.report_fix(
                        Fix::safe("use double quotes")
                            .replace(value.span, format!("\"{}\"", text.replace('"', "\\\""))),
                    );
                }
                continue;
            }
            let gpus = GpusValue::of(text, !value.literal);
            let Some(problem) = gpus.problem else {
                continue;
            };
            report(&problem, value, context);
        }
    }
}

/// Whether an engine reads the value as Docker does. Podman takes a name.
pub(super) fn takes_csv(engine: Engine) -> bool {
    matches!(
        engine,
        Engine::Docker | Engine::NvidiaDocker | Engine::Nerdctl
    )
}

fn report(problem: &GpusProblem, value: &OptionValue, context: &mut Context<'_>) {
    let text = value.text.as_str();
    let refused = "Docker refuses it: `invalid argument … for \"--gpus\" flag`";
    let sentence = match problem {
        // How many are meant is another question.
        GpusProblem::SeveralCounts => return,
        GpusProblem::Empty if !value.literal => return,
        GpusProblem::Empty => "`--gpus` has an empty value".to_owned(),
        GpusProblem::Quotes => format!("`{text}` has quotes where CSV has none"),
        GpusProblem::Count(word) => format!("`{word}` is no count of GPUs"),
        GpusProblem::Key(key) => format!("`--gpus` has no key `{key}`"),
        GpusProblem::Twice(word) => format!("`{word}` is there twice"),
        GpusProblem::CountAndDevices => format!("`{text}` is a device and a count to Docker"),
        GpusProblem::DroppedDevice => format!("of `{text}` Docker takes the first device alone"),
    };
    let finding = context.report(&GpusQuoting::META, value.span, sentence);
    match problem {
        GpusProblem::CountAndDevices => finding.because("dockerd refuses the container: `cannot set both Count and DeviceIDs on device request`"),
        GpusProblem::DroppedDevice => finding.severity(Severity::Warning).because("what is behind the comma is a count, and the last one is 0"),
        _ => finding.because(refused),
    };
    if !value.literal {
        finding.at_most(Confidence::Medium);
    }
    let Some(right) = right(text) else {
        finding.hint("write `all`, a number, `device=0`, or `'\"device=0,1\"'`");
        return;
    };
    if text.contains('$') {
        finding.hint(format!(
            "write `\"{}\"`: the inner quotes are for Docker",
            right.replace('"', "\\\"")
        ));
        return;
    }
    finding.hint(format!(
        "write `'{right}'`: the inner quotes are for Docker"
    ));
    if plain_before(value, context.text) && value.literal {
        context.report_fix(
            Fix::safe(format!("use `'{right}'`")).replace(value.span, format!("'{right}'")),
        );
    }
}

/// The value, with quotes around the lists in it.
fn right(text: &str) -> Option<String> {
    let text = text.replace(['"', '\'', '\\'], "");
    if let Some(ids) = text.strip_prefix("device=") {
        let is_list = ids.contains(',') && !ids.contains('=');
        return is_list.then(|| format!("\"{text}\""));
    }
    if let Some((count, words)) = text.split_once(",capabilities=") {
        let is_plain = !count.contains(',') && !words.contains('=');
        return is_plain.then(|| format!("{count},\"capabilities={words}\""));
    }
    let is_ids = text.contains(',')
        && text
            .split(',')
            .all(|id| id.starts_with("GPU-") || id.starts_with("MIG-"));
    let is_id = text.starts_with("GPU-") || text.starts_with("MIG-");
    (is_ids || is_id).then(|| {
        if is_ids {
            format!("\"device={text}\"")
        } else {
            format!("device={text}")
        }
    })
}

/// Whether quotes may be written there: the word is not within others, of this line.
fn plain_before(value: &OptionValue, text: &str) -> bool {
    let line = text[..value.span.start]
        .rfind('\n')
        .map_or(0, |end| end + 1);
    let before = &text[line..value.span.start];
    let is_even = |sign: char| before.matches(sign).count().is_multiple_of(2);
    is_even('"') && is_even('\'') && !before.contains('\\')
}
