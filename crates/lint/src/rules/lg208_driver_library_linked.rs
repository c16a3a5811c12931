use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, Certainty, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::image::Flavour;
use liftgate_dockerfile::Kind;
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// a program is linked with a library of the driver that the build does not have
    ///
    /// ## What it does
    /// Finds compilers that are told to link `-lcuda` or `-lnvidia-ml` where neither the image nor the command says where the toolkit's stubs are, and `-lnvcuvid` or
    /// `-lnvidia-encode`, for which the toolkit has no stubs.
    ///
    /// ## Why
    /// The driver's libraries are in a container when it runs, and never while an image is built: `cannot find -lcuda`. `devel` images name their stubs in
    /// `LIBRARY_PATH`; where that is overwritten, or the image is another, the linker has to be told.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/opt/lib
    /// COPY main.cu .
    /// RUN nvcc -o main main.cu -lcuda
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/opt/lib
    /// COPY main.cu .
    /// RUN nvcc -o main main.cu -L/usr/local/cuda/lib64/stubs -lcuda
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1587.
    DriverLibraryLinked, "LG208", "driver-library-linked", Error, Medium
}

impl Rule for DriverLibraryLinked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let is_compiler = matches!(
            command.program().and_then(Tool::of),
            Some(Tool::Nvcc | Tool::Compiler)
        );
        if !is_compiler || at.step.instruction.kind != Kind::Run || command.conditional {
            return;
        }
        let library = command.arguments().iter().find(|word| {
            ["-lcuda", "-lnvidia-ml", "-lnvcuvid", "-lnvidia-encode"].contains(&word.value.as_str())
        });
        let Some(word) = library else { return };
        let is_video = matches!(word.value.as_str(), "-lnvcuvid" | "-lnvidia-encode");
        // A directory, a variable in the command, or options from a file may say where.
        let is_told = command.arguments().iter().any(|word| {
            let value = word.value.as_str();
            value.contains("stubs")
                || value.starts_with('@')
                || !word.literal
                || value.starts_with("-L") && !value.starts_with("-L/usr/local/cuda")
        });
        let assigned = command
            .assignments
            .iter()
            .any(|assignment| assignment.name == "LIBRARY_PATH");
        if is_told
            || assigned
            || at.stage_says("stubs")
            || at.installed_like(|name| {
                name.starts_with("libnvidia-") || name.starts_with("libcuda1")
            })
        {
            return;
        }
        if is_video {
            // Its stubs come with the Video Codec SDK, in ways that are not seen.
            if at.stage_says("codec")
                || !at.build.provided(at.stage).is_known()
                || at.build.lineage(at.stage).any(|stage| {
                    stage
                        .steps
                        .iter()
                        .any(|step| matches!(step.instruction.kind, Kind::Copy | Kind::Add))
                })
            {
                return;
            }
        } else {
            let Some(base) = at.build.cuda_base(at.stage) else {
                return;
            };
            let path = at.variable("LIBRARY_PATH");
            let has_stubs = base.flavour == Some(Flavour::Devel)
                && path.as_ref().is_none_or(|path| {
                    path.certainty == Certainty::Unknown || path.text.contains("stubs")
                });
            // What is no `devel` image has a compiler from elsewhere, and maybe stubs.
            if has_stubs || base.flavour != Some(Flavour::Devel) {
                return;
            }
        }
        let finding = context.report(
            &Self::META,
            word.span,
            format!("`{}` is not found while the image is built", word.value),
        );
        finding.because("the driver's libraries come when the container starts");
        if is_video {
            finding.at_most(Confidence::Low).hint("link with the stubs of NVIDIA's Video Codec SDK, or load it when the program runs: `dlopen(\"libnvcuvid.so.1\")`");
        } else {
            if let Some(span) = at.variable("LIBRARY_PATH").and_then(|path| path.span) {
                finding.related(
                    span,
                    "the image's own value, with the stubs, is overwritten here",
                );
            }
            finding.hint("add `-L/usr/local/cuda/lib64/stubs`");
        }
    }
}
