//! For which GPUs a Dockerfile compiles: options of `nvcc` and CMake, and variables of builds.

use super::base::Tool;
use super::build::At;
use super::environment::Certainty;
use liftgate_cuda::code::{Form, Target, cmake_list, torch_list};
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};
use liftgate_dockerfile::{Body, Span};

/// A list of GPUs that code is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeList {
    /// Where it is written.
    pub span: Span,
    /// What says it: `nvcc`, `CMAKE_CUDA_ARCHITECTURES`, `TORCH_CUDA_ARCH_LIST`.
    pub what: &'static str,
    /// The code.
    pub targets: Vec<Target>,
}

impl At<'_> {
    /// What this step says of the GPUs that code is made for. What is not understood (`native`, `all`) is left out.
    pub fn code_lists(&self) -> Vec<CodeList> {
        let mut lists = Vec::new();
        match &self.step.instruction.body {
            Body::Pairs(pairs) => {
                for pair in pairs {
                    self.variable_list(
                        &pair.name.value,
                        &pair.value.value,
                        pair.value.span,
                        &mut lists,
                    );
                }
            }
            Body::Arguments(arguments) => {
                for argument in arguments {
                    if let Some(default) = &argument.default {
                        self.variable_list(
                            &argument.name.value,
                            &default.value,
                            default.span,
                            &mut lists,
                        );
                    }
                }
            }
            _ => {}
        }
        for command in &self.step.commands {
            for assignment in &command.assignments {
                self.variable_list(
                    &assignment.name,
                    &assignment.value.value,
                    assignment.value.span,
                    &mut lists,
                );
            }
            for word in &command.words {
                let value = word.value.strip_prefix("-D").unwrap_or(&word.value);
                let Some((name, value)) = value.split_once('=') else {
                    continue;
                };
                let name = name.split(':').next().unwrap_or(name);
                self.variable_list(name, value, word.span, &mut lists);
            }
            if command.program().and_then(Tool::of) == Some(Tool::Nvcc) {
                lists.extend(self.of_nvcc(command));
            }
        }
        lists
    }

    fn variable_list(&self, name: &str, value: &str, span: Span, lists: &mut Vec<CodeList>) {
        let read: fn(&str) -> Option<Vec<Target>> = match name {
            "TORCH_CUDA_ARCH_LIST" => torch_list,
            "CMAKE_CUDA_ARCHITECTURES" | "CUDAARCHS" => cmake_list,
            _ => return,
        };
        let what = match name {
            "TORCH_CUDA_ARCH_LIST" => "TORCH_CUDA_ARCH_LIST",
            "CUDAARCHS" => "CUDAARCHS",
            _ => "CMAKE_CUDA_ARCHITECTURES",
        };
        let (text, certainty) = self.build.expanded(self.stage, self.index, value);
        if certainty == Certainty::Unknown {
            return;
        }
        if let Some(targets) = read(text.trim()).filter(|targets| !targets.is_empty()) {
            lists.push(CodeList {
                span,
                what,
                targets,
            });
        }
    }

    fn of_nvcc(&self, command: &ShellCommand) -> Option<CodeList> {
        let mut targets = Vec::new();
        let mut span: Option<Span> = None;
        let mut words = command.arguments().iter();
        while let Some(word) = words.next() {
            let (option, value, end) = match word.value.split_once('=') {
                Some((option, value)) => (option, value.to_owned(), word.span),
                None => (word.value.as_str(), String::new(), word.span),
            };
            let is_list = matches!(
                option,
                "-arch"
                    | "--gpu-architecture"
                    | "-gencode"
                    | "--generate-code"
                    | "-code"
                    | "--gpu-code"
            );
            if !is_list {
                continue;
            }
            let (value, end) = if value.is_empty() {
                let next: &ShellWord = words.next()?;
                (next.value.clone(), next.span)
            } else {
                (value, end)
            };
            let (value, certainty) = self.build.expanded(self.stage, self.index, &value);
            if certainty == Certainty::Unknown {
                return None;
            }
            targets.extend(nvcc_targets(option, &value)?);
            span = Some(span.map_or(word.span.to(end), |span| span.to(end)));
        }
        Some(CodeList {
            span: span?,
            what: "nvcc",
            targets,
        })
    }
}

/// What an option of nvcc makes; `None`: what depends on the machine or the toolkit.
fn nvcc_targets(option: &str, value: &str) -> Option<Vec<Target>> {
    if matches!(option, "-gencode" | "--generate-code") {
        // `arch=compute_80,code=[sm_80,compute_80]`
        let codes = value.split_once("code=").map_or("", |(_, codes)| codes);
        let codes = codes.trim_matches(['[', ']', '"', '\'', '\\']);
        return codes
            .split(',')
            .map(|code| Target::parse(code.trim_matches(['"', '\'', '\\'])))
            .collect();
    }
    let target = Target::parse(value.trim_matches(['"', '\'']))?;
    if target.form == Form::Sass && option != "-code" && option != "--gpu-code" {
        // `-arch=sm_80` is that, and PTX of the same.
        let ptx = Target {
            form: Form::Ptx,
            ..target
        };
        return Some(vec![target, ptx]);
    }
    Some(vec![target])
}
