use crate::context::Context;
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::Cuda;

declare_rule! {
    /// a path names another CUDA toolkit than the image has
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` and `PATH`, and `CUDA_HOME`, that name `/usr/local/cuda-X.Y` of another version than that of
    /// NVIDIA's CUDA image they are in, where no package of that version is installed.
    ///
    /// ## Why
    /// The directory is not there. The loader passes over it, and programs that were built with the other version do not find their
    /// libraries; a build that asks `CUDA_HOME` fails.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda-11.8/lib64:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64:${LD_LIBRARY_PATH}
    /// ```
    LibraryPathOfOtherToolkit, "LG310", "library-path-of-other-toolkit", Warning, High
}

/// The variables that name the toolkit's directories.
const VARIABLES: &[&str] = &["LD_LIBRARY_PATH", "PATH", "CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "LIBRARY_PATH", "CPATH"];

impl Rule for LibraryPathOfOtherToolkit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Some(base) = at.build.cuda_base(at.stage) else {
            return;
        };
        for variable in VARIABLES {
            for setting in at.path_settings(variable) {
                for entry in &setting.entries {
                    let Some(other) = named(&entry.text).filter(|other| *other != base.cuda) else {
                        continue;
                    };
                    // A second toolkit may have been installed, which is another rule's business.
                    let suffix = format!("-{}-{}", other.major, other.minor);
                    if entry.certainty == Certainty::Unknown || at.installed_like(|package| package.contains(&suffix) || package == "cuda") {
                        continue;
                    }
                    if at.build.lineage(at.stage).any(|stage| stage.steps.iter().any(may_install)) {
                        continue;
                    }
                    let sentence = format!("`{variable}` names CUDA {other}, and the image has CUDA {}", base.cuda);
                    let finding = context.report(&Self::META, entry.span, sentence);
                    finding.related(at.build.root(at.stage).image_span, format!("CUDA {}", base.cuda));
                    finding.hint("write `/usr/local/cuda`, which leads to the image's own");
                }
            }
        }
    }
}

/// The version of a toolkit's directory.
fn named(path: &str) -> Option<Cuda> {
    let rest = path.strip_prefix("/usr/local/cuda-")?;
    Cuda::parse(rest.split('/').next()?)
}

/// Whether a step may install a toolkit in another way: NVIDIA's installer, or a copy.
fn may_install(step: &crate::model::Step<'_>) -> bool {
    step.opaque
        || step.instruction.flag("from").is_some()
        || step.commands.iter().any(|command| {
            command
                .words
                .iter()
                .any(|word| word.value.contains("cuda_") || word.value.ends_with(".run") || word.value.ends_with(".sh"))
        })
}
