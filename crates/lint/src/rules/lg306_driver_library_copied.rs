use crate::context::Context;
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::ShellCommand;
use liftgate_dockerfile::{Body, Kind, Span};

declare_rule! {
    /// a library of the driver is put into the image
    ///
    /// ## What it does
    /// Finds `COPY`, `cp` and `ln` that put `libcuda.so`, `libnvidia-ml.so` or another of the driver's libraries into a directory in which the loader looks: also
    /// links to the toolkit's stubs.
    ///
    /// ## Why
    /// These libraries belong to the kernel module of the host, and the container runtime brings the right ones. One in the image hides them: error 803 where
    /// it is another version's, error 34 where it is a stub.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// RUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/lib/x86_64-linux-gnu/libcuda.so.1
    /// ```
    ///
    /// Use instead: let the linker find the stub where it is.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY main.cu .
    /// RUN nvcc -o main main.cu -L/usr/local/cuda/lib64/stubs -lcuda
    /// ```
    ///
    /// ## Sources
    /// CUDA Driver API, errors 34 and 803; ameli/manylinux-cuda#5.
    DriverLibraryCopied, "LG306", "driver-library-copied", Warning, Medium
}

/// The driver's libraries, without what follows `.so`.
const LIBRARIES: &[&str] = &["libcuda.so", "libnvidia-ml.so", "libnvidia-ptxjitcompiler.so", "libnvcuvid.so", "libnvidia-encode.so", "libnvidia-nvvm.so", "libnvoptix.so"];

/// The name of a driver's library that a path ends with.
fn library(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    LIBRARIES
        .iter()
        .any(|library| name.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest == "*"))
        .then_some(name)
}

/// Whether the loader looks there, or a directory for itself says nothing.
fn is_looked_into(path: &str) -> bool {
    path.starts_with("/usr/lib") || path.starts_with("/lib") || path.starts_with("/usr/local/lib") || path.starts_with("/usr/local/cuda") && !path.contains("/stubs")
}

impl Rule for DriverLibraryCopied {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Body::Files { sources, destination } = &at.step.instruction.body else {
            return;
        };
        if !matches!(at.step.instruction.kind, Kind::Copy | Kind::Add) || !at.build.is_shipped(at.stage) {
            return;
        }
        let (to, certainty) = at.build.expanded(at.stage, at.index, &destination.value);
        if certainty == Certainty::Unknown || !is_looked_into(&to) {
            return;
        }
        for source in sources {
            if let Some(name) = library(&source.value) {
                report(context, source.span.to(destination.span), name, source.value.contains("stubs"));
            }
        }
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        if !matches!(command.program(), Some("cp" | "ln" | "mv" | "install")) || !at.build.is_shipped(at.stage) {
            return;
        }
        let mut operands: Vec<_> = command.arguments().iter().filter(|word| !word.value.starts_with('-')).collect();
        let Some(destination) = operands.pop() else { return };
        let Some(source) = operands.first() else { return };
        let Some(to) = at.path(&at.expanded(destination).0).filter(|to| is_looked_into(to)) else {
            return;
        };
        // Taken away again before the image is done: it was for the linker.
        let is_taken_away = at.stage.steps.iter().skip(at.index).flat_map(|step| &step.commands).any(|one| {
            one.program() == Some("rm") && one.words.iter().any(|word| library(&word.value).is_some())
        });
        if let Some(name) = library(&source.value).filter(|_| !is_taken_away) {
            // `libcuda.so` beside `libcuda.so.1` is for the linker, and leads to the driver's.
            let is_for_linker = to.ends_with(".so") && !source.value.contains("stubs");
            if !is_for_linker {
                report(context, command.span, name, source.value.contains("stubs"));
            }
        }
    }
}

fn report(context: &mut Context<'_>, span: Span, name: &str, is_stub: bool) {
    let sentence = format!("`{name}` belongs to the host's driver, and hides it from the loader here");
    let finding = context.report(&DriverLibraryCopied::META, span, sentence);
    finding.because(if is_stub {
        "a stub has nothing in it: CUDA fails with error 34, CUDA_ERROR_STUB_LIBRARY"
    } else {
        "on a host with another driver version CUDA fails with error 803"
    });
    finding.hint("leave it out: the container runtime brings the host's; the linker finds the stub by `-L/usr/local/cuda/lib64/stubs`");
}
