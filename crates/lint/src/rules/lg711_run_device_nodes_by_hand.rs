use super::lg612_device_nodes_by_hand::{is_library, is_node};
use crate::context::Context;
use crate::finding::Severity;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::docker_run::{Invocation, Verb};
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::Script;
use std::collections::{HashMap, HashSet};

declare_rule! {
    /// a GPU's device nodes, or the driver's libraries, given to a container by hand
    ///
    /// ## What it does
    /// Finds `--device /dev/nvidia…`, the driver's libraries behind `-v`, and scripts that make such options of what is in `/dev` and in the library directory.
    ///
    /// ## Why
    /// Nodes are half of it: without the driver's libraries, of the very version of the kernel's module, no program can use them. Libraries by their
    /// paths fit until the driver is updated. A node such as `/dev/nvidia-uvm` is made when the first program uses the driver: after a reboot the container does not start.
    ///
    /// ## Example
    /// ```sh,bad
    /// docker run --device /dev/nvidia0 --device /dev/nvidiactl example/app:1.0
    /// ```
    ///
    /// Use instead:
    /// ```sh,good
    /// docker run --gpus all example/app:1.0
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#139, NVIDIA/nvidia-docker#526, NVIDIA/nvidia-docker#1730.
    RunDeviceNodesByHand, "LG711", "run-device-nodes-by-hand", Warning, High
}

impl Rule for RunDeviceNodesByHand {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn invocation(&self, invocation: &Invocation<'_>, context: &mut Context<'_>) {
        if !matches!(invocation.verb, Verb::Run | Verb::Create) {
            return;
        }
        let source = |option: &crate::sources::docker_run::GivenOption| {
            let text = &option.value.as_ref()?.text;
            Some(text.split(':').next().unwrap_or(text).to_owned())
        };
        let mut nodes = invocation
            .named("device")
            .filter(|option| source(option).is_some_and(|path| is_node(&path)));
        let library = invocation
            .named("volume")
            .find(|option| source(option).is_some_and(|path| is_library(&path)));
        let has_request = invocation.named("gpus").next().is_some()
            || invocation
                .value("runtime")
                .is_some_and(|value| value.text.contains("nvidia"));
        let Some(option) = nodes.next().or(library) else {
            return;
        };
        let is_node = option.name == "device";
        let sentence = match (is_node, has_request) {
            (true, true) => "the request brings the device nodes itself",
            (true, false) => "device nodes of a GPU, given by hand",
            (false, _) => "a part of the driver, given by hand",
        };
        let finding = context.report(&Self::META, option.span, sentence);
        if let Some(library) = library.filter(|_| is_node) {
            finding.related(
                library.span,
                "the driver's libraries fit until it is updated",
            );
        }
        if has_request {
            finding.severity(Severity::Note);
        }
        finding.because(if is_node && !has_request {
            "without the driver's libraries no program can use them"
        } else {
            "what is by hand fits one machine, and one version of the driver"
        });
        finding.hint(if has_request {
            "remove it"
        } else {
            "write `--gpus all`"
        });
    }

    fn script(&self, script: &Script, context: &mut Context<'_>) {
        let commands = script.all();
        // The first use of each variable, and the variables that hold a request.
        let mut uses: HashMap<&str, Span> = HashMap::new();
        let mut requests: HashSet<&str> = HashSet::new();
        for command in &commands {
            for word in &command.words {
                if let Some(name) = word.value.strip_prefix('$') {
                    let name = name.trim_start_matches('{').trim_end_matches('}');
                    uses.entry(name).or_insert(word.span);
                }
            }
            let with_request = command
                .assignments
                .iter()
                .filter(|it| it.value.value.contains("--gpus"));
            requests.extend(with_request.map(|it| it.name.as_str()));
        }
        for command in &commands {
            let in_assignments = command
                .assignments
                .iter()
                .map(|it| (it.span, it.name.as_str(), it.value.value.as_str()));
            let in_words = command
                .words
                .iter()
                .filter(|_| command.program() == Some("export"));
            let in_words = in_words.filter_map(|word| {
                word.value
                    .split_once('=')
                    .map(|(name, value)| (word.span, name, value))
            });
            for (span, name, value) in in_assignments.chain(in_words) {
                if !(value.contains("--device") && value.split([' ', '\t', '\n', '=']).any(is_node))
                {
                    continue;
                }
                let known = uses.get(name).copied();
                // `FLAGS="--gpus all"`, and `FLAGS="$FLAGS --device /dev/nvidia0"` later.
                let has_request = requests.contains(name);
                let sentence = if has_request {
                    "the request brings the device nodes itself"
                } else {
                    "device nodes of a GPU, given by hand"
                };
                let finding = context.report(&Self::META, known.unwrap_or(span), sentence);
                if has_request {
                    finding.severity(Severity::Note);
                }
                if known.is_some() {
                    finding.related(span, "they are collected here");
                }
                if !has_request {
                    finding.because("without the driver's libraries no program can use them");
                }
                finding.hint(if has_request {
                    "leave them out"
                } else {
                    "write `--gpus all`"
                });
            }
        }
    }
}
