use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, CudaBase, Manager, Package};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::Cuda;
use liftgate_cuda::image::Flavour;

declare_rule! {
    /// a second toolkit is installed into an image that has one
    ///
    /// ## What it does
    /// Finds packages of another CUDA version than the image's own (`cuda-toolkit-12-4` in an image of CUDA 12.9), Ubuntu's `nvidia-cuda-toolkit`, whose version
    /// is that of the distribution, and `cuda-toolkit` without a version, which is the newest.
    ///
    /// ## Why
    /// Headers of one toolkit, a compiler of the other and libraries of either: which is found depends on `PATH`, `CUDA_HOME` and a link that the last
    /// package has set. And the image has both.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends nvidia-cuda-toolkit
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu22.04
    /// RUN nvcc --version
    /// ```
    SecondToolkit, "LG207", "second-toolkit", Warning, Medium
}

/// Packages that have a compiler, headers, or all of a toolkit, by how their names begin.
const TOOLKIT: &[&str] = &[
    "cuda-toolkit",
    "cuda-nvcc",
    "cuda-compiler",
    "cuda-minimal-build",
    "cuda-command-line-tools",
    "cuda-libraries-dev",
    "cuda-cudart-dev",
    "cuda-runtime",
    "cuda-libraries",
];

/// Which CUDA is in a release of Ubuntu.
fn of_ubuntu(base: &CudaBase) -> &'static str {
    match base.os.map(liftgate_cuda::image::Os::tag) {
        Some("ubuntu18.04") => "CUDA 9.1",
        Some("ubuntu20.04") => "CUDA 10.1",
        Some("ubuntu22.04") => "CUDA 11.5",
        Some("ubuntu24.04") => "CUDA 12.0",
        _ => "another CUDA",
    }
}

/// What a package is in an image of another CUDA; `None`: the image's own, or nothing of that kind.
fn other(package: &Package, manager: Manager, base: &CudaBase) -> Option<(String, Severity)> {
    let name = package.name.as_str();
    if manager == Manager::Conda {
        let is_toolkit = matches!(
            name,
            "cudatoolkit" | "cuda" | "cuda-toolkit" | "cudatoolkit-dev"
        );
        let has_more = base
            .flavour
            .is_some_and(|flavour| flavour >= Flavour::Runtime);
        return (is_toolkit && has_more).then(|| {
            (
                format!(
                    "conda's `{name}` is a second CUDA beside the image's {}",
                    base.cuda
                ),
                Severity::Note,
            )
        });
    }
    match name {
        "nvidia-cuda-toolkit" | "nvidia-cuda-dev" | "libcaffe-cuda-dev" => {
            return Some((
                format!(
                    "`{name}` brings the distribution's {}, and the image has CUDA {}",
                    of_ubuntu(base),
                    base.cuda
                ),
                Severity::Warning,
            ));
        }
        "libcupti-dev" | "libcupti" => {
            return Some((
                format!(
                    "`{name}` is that of the distribution's {}, and the image has CUDA {}",
                    of_ubuntu(base),
                    base.cuda
                ),
                Severity::Note,
            ));
        }
        "cuda-toolkit" | "cuda" if package.version.is_none() => {
            return Some((
                format!(
                    "`{name}` is the newest CUDA, and the image has CUDA {}",
                    base.cuda
                ),
                Severity::Warning,
            ));
        }
        _ => {}
    }
    let is_toolkit = TOOLKIT.iter().any(|start| name.starts_with(start))
        || name
            .strip_prefix("cuda-")
            .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    let (major, minor) = package.cuda().filter(|_| is_toolkit)?;
    let other = Cuda::new(major, minor?);
    (other != base.cuda).then(|| {
        (
            format!(
                "`{name}` is of CUDA {other}, and the image has CUDA {}",
                base.cuda
            ),
            Severity::Warning,
        )
    })
}

impl Rule for SecondToolkit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Some(base) = at.build.cuda_base(at.stage) else {
            return;
        };
        // Who purges the image's own knows what they do.
        let purges = at.step.commands.iter().any(|command| {
            command.program().and_then(Manager::of).is_some()
                && command.arguments().iter().any(|word| {
                    matches!(
                        word.value.as_str(),
                        "purge" | "remove" | "autoremove" | "erase"
                    )
                })
                && command
                    .arguments()
                    .iter()
                    .any(|word| word.value.contains("cuda"))
        });
        if purges {
            return;
        }
        for (_, install) in &at.step.installs {
            let found = install
                .packages
                .iter()
                .find_map(|package| Some((package, other(package, install.manager, &base)?)));
            let Some((package, (sentence, severity))) = found else {
                continue;
            };
            let finding = context.report(&Self::META, package.span, sentence);
            finding
                .severity(severity)
                .because("which of the two is found depends on the order of paths");
            at.blame_base(finding);
            if install.manager == Manager::Conda {
                finding
                    .at_most(Confidence::Low)
                    .hint("build on a plain distribution, or leave conda's out");
            } else {
                finding.hint(format!("build on `nvidia/cuda` of the version that is wanted, or leave it out: the image has `/usr/local/cuda-{}`", base.cuda));
            }
        }
    }
}
