use crate::context::Context;
use crate::model::{Build, Manager, Stage, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Kind;

declare_rule! {
    /// `pip` or `python` runs in an image that does not have it
    ///
    /// ## What it does
    /// Finds the first command of a stage that runs `pip` or `python` where the image has none and none was installed before.
    ///
    /// ## Why
    /// The build fails: `pip: not found`. NVIDIA's CUDA images have no Python, and no plain Ubuntu or Debian has pip.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu24.04
    /// RUN pip install numpy
    /// ```
    ///
    /// Use instead: the wheels of PyTorch and JAX bring their own CUDA, and need Python alone.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install numpy
    /// ```
    ///
    /// or install it:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install numpy
    /// ```
    PipMissing, "LG203", "pip-missing", Error, High
}

impl Rule for PipMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        for at in build.steps_of(stage) {
            if at.step.instruction.kind != Kind::Run {
                continue;
            }
            for (number, command) in at.step.commands.iter().enumerate() {
                let Some((Tool::Pip | Tool::Python, word)) = at.lacks(number, command) else {
                    continue;
                };
                let finding = at.report_missing(&Self::META, word, context);
                let install = match at.manager() {
                    Some(Manager::Apt) | None => {
                        "apt-get update && apt-get install -y --no-install-recommends python3-pip"
                    }
                    Some(Manager::Zypper) => "zypper install -y python3-pip",
                    Some(Manager::Apk) => "apk add py3-pip",
                    Some(_) => "dnf install -y python3-pip",
                };
                finding.hint(format!("install it before: `{install}`; or build on `python:3.12-slim`: wheels of PyTorch and JAX bring their own CUDA"));
                return;
            }
        }
    }
}
