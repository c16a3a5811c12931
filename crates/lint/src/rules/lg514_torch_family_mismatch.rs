use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty, Requirement};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::{TorchWheel, torch_of_vision};

declare_rule! {
    /// `torch`, `torchvision` and `torchaudio` are of releases that do not belong together
    ///
    /// ## What it does
    /// Compares the versions, and the labels for CUDA, of the three in one command.
    ///
    /// ## Why
    /// Each `torchvision` asks for one exact `torch`: pip refuses the command, `ResolutionImpossible`. With different labels they install, and fail with
    /// `Detected that PyTorch and torchvision were compiled with different CUDA versions`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.11-slim
    /// RUN pip install torch==2.4.1 torchvision==0.18.1
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.11-slim
    /// RUN pip install torch==2.4.1 torchvision==0.19.1
    /// ```
    ///
    /// ## Sources
    /// pytorch/vision, "Installation".
    TorchFamilyMismatch, "LG514", "torch-family-mismatch", Error, High
}

impl Rule for TorchFamilyMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.torch_installs() {
            let torch = install.requirement;
            let Some(release) = install.release() else {
                continue;
            };
            for sibling in &install.pip.requirements {
                if sibling.certainty == Certainty::Unknown {
                    continue;
                }
                let wants = match sibling.name.as_str() {
                    "torchvision" => sibling.public().and_then(torch_of_vision),
                    // From 2.9 on it goes with several releases.
                    "torchaudio" => sibling.public().and_then(TorchWheel::parse).map(|wheel| wheel.release).filter(|wants| *wants >= (2, 0) && *wants < (2, 9)),
                    _ => continue,
                };
                if let Some(wants) = wants.filter(|wants| *wants != release) {
                    let finding = context.report(&Self::META, sibling.span, format!("{} {} belongs to torch {}.{}, not to {}.{}", sibling.name, sibling.public().unwrap_or_default(), wants.0, wants.1, release.0, release.1));
                    finding.related(torch.span, "this torch is asked for");
                    if install.pip.no_dependencies {
                        finding.severity(Severity::Warning);
                    }
                    finish(at, install.command, torch, sibling, finding);
                    finding.because("it asks for exactly that release, and pip refuses the command");
                    finding.hint(match (sibling.name.as_str(), vision_of(release)) {
                        ("torchvision", Some(version)) => format!("take `torchvision=={version}.*`"),
                        ("torchaudio", _) if release < (2, 9) => format!("take `torchaudio=={}.{}.*`", release.0, release.1),
                        _ => "leave its version out: pip takes the one that fits".to_owned(),
                    });
                    continue;
                }
                if let (Some(one), Some(other)) = (torch.local(), sibling.local())
                    && one != other
                {
                    let finding = context.report(&Self::META, sibling.span, format!("{} is for `{other}`, and torch for `{one}`", sibling.name));
                    finding.related(torch.span, "this torch is asked for");
                    finish(at, install.command, torch, sibling, finding);
                    finding.severity(Severity::Warning);
                    finding.hint(format!("take `+{one}` for both"));
                }
            }
        }
    }
}

fn finish(at: At<'_>, command: usize, torch: &Requirement, sibling: &Requirement, finding: &mut crate::finding::Finding) {
    if at.is_conditional(command) || torch.certainty.min(sibling.certainty) != Certainty::Written {
        finding.at_most(Confidence::Medium).severity(Severity::Warning);
    }
}

/// The `torchvision` of a release of torch: `0.19`.
fn vision_of(release: (u16, u16)) -> Option<String> {
    (5..40).map(|minor| format!("0.{minor}")).find(|version| torch_of_vision(version) == Some(release))
}
