use crate::context::Context;
use crate::model::{At, Build, Stage, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Kind;

declare_rule! {
    /// `LD_LIBRARY_PATH` for a directory with nothing but a static library
    ///
    /// ## What it does
    /// Finds `LD_LIBRARY_PATH` entries that are the directory in which a stage makes a static library with `ar`, and no shared one.
    ///
    /// ## Why
    /// A static library is put into the program when that is linked. The loader has nothing to look for: the variable does nothing but
    /// let every other program find what else may come to lie there.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// WORKDIR /app
    /// RUN nvcc -c kernels.cu && ar rcs libkernels.a kernels.o
    /// ENV LD_LIBRARY_PATH=/app:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead: name the library when the program is linked, `nvcc -o program main.cu -L/app -lkernels`.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// WORKDIR /app
    /// RUN nvcc -c kernels.cu && ar rcs libkernels.a kernels.o
    /// RUN nvcc -o program main.cu -L/app -lkernels
    /// ```
    LibraryPathForStaticLibrary, "LG305", "library-path-for-static-library", Warning, Medium
}

impl Rule for LibraryPathForStaticLibrary {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        let Some((directory, archive)) = build.steps_of(stage).find_map(|at| archive(&at)) else {
            return;
        };
        if stage.steps.iter().any(makes_shared) {
            return;
        }
        for at in build.steps_of(stage) {
            for setting in at.path_settings("LD_LIBRARY_PATH") {
                for entry in &setting.entries {
                    if entry.text.trim_end_matches('/') != directory {
                        continue;
                    }
                    let finding = context.report(&Self::META, entry.span, format!("`{directory}` has a static library, for which the loader does not look"));
                    finding.related(archive, "the library is static");
                    finding.because("a static library is put into the program when that is linked");
                    finding.hint("take it out of `LD_LIBRARY_PATH`, and name the library to the linker: `-L` and `-l`");
                }
            }
        }
    }
}

/// The directory in which a step makes a static library, and where it does.
fn archive(at: &At<'_>) -> Option<(String, liftgate_dockerfile::Span)> {
    if at.step.instruction.kind != Kind::Run {
        return None;
    }
    at.step.commands.iter().find_map(|command| {
        let program = command.program()?;
        let is_lib = Tool::of(program) == Some(Tool::Nvcc) && command.arguments().iter().any(|word| matches!(word.value.as_str(), "-lib" | "--lib"));
        if program != "ar" && !is_lib {
            return None;
        }
        let word = command.arguments().iter().find(|word| word.value.ends_with(".a"))?;
        let path = at.path(&at.expanded(word).0)?;
        let (directory, _) = path.rsplit_once('/')?;
        Some((directory.to_owned(), word.span))
    })
}

/// Whether a step makes a shared library, or something of which nobody knows what it makes.
fn makes_shared(step: &crate::model::Step<'_>) -> bool {
    step.commands.iter().any(|command| {
        let program = command.program().unwrap_or("$");
        matches!(Tool::of(program), Some(Tool::Make | Tool::Cmake))
            || matches!(program, "$" | "ninja" | "meson" | "bazel" | "sh" | "bash" | "cp" | "mv")
            || command.words.iter().any(|word| word.value.contains(".so") || matches!(word.value.as_str(), "-shared" | "--shared"))
    }) || step.opaque
        || matches!(step.instruction.kind, Kind::Copy | Kind::Add) && step.instruction.flag("from").is_some()
}
