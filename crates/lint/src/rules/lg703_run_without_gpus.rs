use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{image_for_gpus, is_jetson, is_placeholder, word_for_gpus};
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Engine, Invocation, Verb};

declare_rule! {
    /// a container that needs a GPU, and is started without one
    ///
    /// ## What it does
    /// Finds `docker run` lines that start `nvidia-smi` or choose CUDA, or whose image is made for GPUs by its name, without `--gpus`, `--runtime` or a device.
    ///
    /// ## Why
    /// The container has neither the driver's libraries nor a GPU. `nvidia-smi` is not found, as it comes with the driver and not with an image; frameworks work on
    /// the processor and say so in one line of their log.
    ///
    /// Nothing is said of scripts and shells in images of `nvidia/cuda`, where people compile without a GPU, of images for a Jetson, and where a variable may hold
    /// the option.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --rm ubuntu:22.04 nvidia-smi
    /// ```
    ///
    /// ```sh,fixed
    /// docker run --gpus all --rm ubuntu:22.04 nvidia-smi
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --rm --gpus all ubuntu:22.04 nvidia-smi
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: on a machine without a GPU it no longer starts.
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#718, heavyai/heavydb#281.
    RunWithoutGpus, "LG703", "run-without-gpus", Warning, Medium
}

/// Programs that build and look, and need no GPU for that.
#[rustfmt::skip]
const TOOLS: &[&str] = &[
    "apt", "apt-get", "bash", "bazel", "cargo", "cat", "cmake", "conan", "cp", "dpkg", "du", "echo", "env", "find", "g++", "gcc", "git", "id", "ldd", "ls",
    "make", "ninja", "npm", "nvcc", "pip", "pip3", "rustc", "sh", "sleep", "tar", "test", "true", "whoami", "zsh",
];

impl Rule for RunWithoutGpus {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        let is_run = matches!(invocation.verb, Verb::Run | Verb::Create);
        if !is_run || invocation.engine == Engine::NvidiaDocker || invocation.may_have_gpu() {
            return;
        }
        let Some(image) = invocation.image() else {
            return;
        };
        let behind = invocation.options_behind_image(context.text);
        // A mistake of another kind; and `docker run nvidia-smi` has no image.
        if behind
            .iter()
            .any(|option| matches!(option.name.as_str(), "gpus" | "runtime"))
            || image.value == "nvidia-smi"
            || is_jetson(&image.value)
        {
            return;
        }
        let arguments = invocation.arguments();
        let words: Vec<&str> = arguments.iter().map(|word| word.value.as_str()).collect();
        let (name, hint) = match invocation.engine {
            Engine::Podman => (
                "--device nvidia.com/gpu=all",
                "add `--device nvidia.com/gpu=all`",
            ),
            _ => ("--gpus all", "add `--gpus all`"),
        };
        let program = word_for_gpus(&words);
        let word = program.and_then(|program| arguments.iter().find(|word| word.value == program));
        let (span, reason) = if let (Some(program), Some(word)) = (program, word) {
            (word.span, format!("`{program}` needs one"))
        } else if image.literal
            && !is_placeholder(&image.value)
            && !is_build(&image.value, &words, invocation)
        {
            let Some(reason) = image_for_gpus(&image.value) else {
                return;
            };
            (image.span, reason)
        } else {
            return;
        };
        let program_word = invocation.command.words.get(invocation.program);
        let verb = invocation
            .command
            .words
            .get(invocation.verb_words.end.wrapping_sub(1));
        let (Some(program_word), Some(verb)) = (program_word, verb) else {
            return;
        };
        let finding = context.report(
            &Self::META,
            program_word.span.to(verb.span),
            "the container is started without a GPU",
        );
        finding.related(span, "this is for one");
        if program.is_none() {
            finding.severity(Severity::Note);
        }
        if !invocation.is_sure {
            finding.at_most(Confidence::Low);
        }
        finding
            .because(reason)
            .because("it gets one only where the engine's default runtime is `nvidia`");
        finding.hint(hint);
        finding.fix(Fix::unsafe_(hint).insert(verb.span.end, format!(" {name}")));
    }
}

/// Whether it is a toolbox rather than a program that wants a GPU: a shell or a compiler, or an entry point of somebody's own.
fn is_build(image: &str, words: &[&str], invocation: &Invocation<'_>) -> bool {
    let is_cuda = image.contains("nvidia/cuda");
    let first = words
        .first()
        .map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    let is_tool = TOOLS.contains(&first);
    is_tool
        || is_cuda
        || invocation.named("entrypoint").next().is_some()
        || invocation.verb == Verb::Create
        || words.iter().any(|word| {
            matches!(*word, "--help" | "--version" | "-h" | "cpu") || word.ends_with("=cpu")
        })
}
