use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty, CudaBase, Manager, Package};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a library that is built for another CUDA than the image has
    ///
    /// ## What it does
    /// Finds packages of cuDNN, NCCL, TensorRT and other libraries that are built for another major version of CUDA than the image's, and those without a version in
    /// images of CUDA 11 and before, for which the package manager takes the newest build.
    ///
    /// ## Why
    /// `libcudnn9-cuda-13` asks for `libcublas.so.13`, which an image of CUDA 12 does not have; and a build for a newer CUDA asks for a newer driver.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends libcudnn9-cuda-13
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends libcudnn9-cuda-12
    /// ```
    ///
    /// or the image that has it:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu24.04
    /// ```
    PackageForOtherCuda, "LG214", "package-for-other-cuda", Warning, High
}

/// What is wrong with a package in an image, if something is.
fn wrong(
    package: &Package,
    manager: Manager,
    base: &CudaBase,
    changes_held: bool,
) -> Option<(String, Severity, Confidence)> {
    let name = package.name.as_str();
    if !matches!(manager, Manager::Apt | Manager::Dnf | Manager::Zypper)
        || package.certainty == Certainty::Unknown
    {
        return None;
    }
    if let Some((major, minor)) = package.cuda() {
        // A whole toolkit of another version is LG207's.
        let is_library =
            name.starts_with("lib") || name.starts_with("tensorrt") || name.starts_with("cudnn");
        let shown = minor.map_or_else(|| major.to_string(), |minor| format!("{major}.{minor}"));
        let sentence = || {
            format!(
                "`{name}` is built for CUDA {shown}, and the image has CUDA {}",
                base.cuda
            )
        };
        return (is_library && major != base.cuda.major)
            .then(|| (sentence(), Severity::Warning, Confidence::High));
    }
    if package.version.is_some() || manager != Manager::Apt {
        return None;
    }
    let is_cudnn = matches!(name, "libcudnn8" | "libcudnn8-dev");
    let is_nccl = matches!(name, "libnccl2" | "libnccl-dev");
    let newest = || {
        format!(
            "`{name}` without a version is the newest build, for a newer CUDA than the image's {}",
            base.cuda
        )
    };
    if (is_cudnn || is_nccl) && base.cuda.major < 12 {
        return Some((newest(), Severity::Warning, Confidence::Medium));
    }
    // NVIDIA's images hold their NCCL, so only who lifts that gets another.
    (is_nccl && base.cuda.major == 12 && changes_held)
        .then(|| (newest(), Severity::Note, Confidence::Medium))
}

impl Rule for PackageForOtherCuda {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let Some(base) = at.build.cuda_base(at.stage) else {
            return;
        };
        for (number, install) in &at.step.installs {
            let command = at.step.commands.get(*number);
            let changes_held = command.is_some_and(|command| {
                command
                    .words
                    .iter()
                    .any(|word| word.value == "--allow-change-held-packages")
            });
            let found = install.packages.iter().find_map(|package| {
                Some((
                    package,
                    wrong(package, install.manager, &base, changes_held)?,
                ))
            });
            let Some((package, (sentence, severity, confidence))) = found else {
                continue;
            };
            let finding = context.report(&Self::META, package.span, sentence);
            finding.severity(severity).at_most(confidence);
            at.blame_base(finding);
            finding.because("it asks for libraries of that CUDA, or for a newer driver");
            finding.hint(if package.version.is_some() || package.cuda().is_some() {
                format!("install the build for CUDA {}", base.cuda.major)
            } else {
                format!(
                    "name the version: `{}=…+cuda{}`; `apt-cache madison {}` lists them",
                    package.name, base.cuda, package.name
                )
            });
        }
    }
}
