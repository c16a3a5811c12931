use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{Build, Certainty, GpuBase, Manager, PipInstall, Requirement, Stage};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::{TorchFlavour, TorchWheel, torch_of_vision};
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// a later command replaces the PyTorch that is there
    ///
    /// ## What it does
    /// Follows the PyTorch of the base image, or of an earlier command, and finds the command that replaces it: by another version of `torch`, by a `torchvision` or
    /// `torchaudio` of another release, or by a package that asks for one exact release, as vLLM and SGLang do.
    ///
    /// ## Why
    /// The new one has another CUDA, so what was compiled or chosen for the first one no longer fits, and the image has both in its layers: three gigabytes for
    /// nothing. NVIDIA's own build in `nvcr.io/nvidia/pytorch` is lost to one of PyPI's in this way.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvcr.io/nvidia/pytorch:25.03-py3
    /// RUN pip install vllm==0.8.5
    /// ```
    ///
    /// Use instead: the image that has both, or the package alone on a plain image.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install vllm==0.8.5
    /// ```
    ///
    /// Of two versions, write the one that is wanted into the first command:
    /// ```dockerfile,bad
    /// FROM pytorch/pytorch:2.4.0-cuda12.1-cudnn9-devel
    /// RUN pip install torch==2.6.0
    /// ```
    ///
    /// ```dockerfile,good
    /// FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-devel
    /// RUN pip install einops==0.8.1
    /// ```
    ///
    /// ## Sources
    /// bananaml/serverless-template#13, pytorch/serve#642; the requirements of vLLM on PyPI.
    TorchReplacedLater, "LG507", "torch-replaced-later", Warning, Medium
}

/// Packages whose every release asks for one exact release of PyTorch.
const EXACT: &[&str] = &["vllm", "sglang"];

/// The PyTorch that is in the image at a place.
struct Present {
    span: Span,
    what: String,
    release: Option<(u16, u16)>,
    flavour: TorchFlavour,
    is_ngc: bool,
    certainty: Certainty,
}

impl Rule for TorchReplacedLater {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn stage(&self, build: &Build<'_>, stage: &Stage<'_>, context: &mut Context<'_>) {
        // A stage on another stage of this file: its own commands, with what the first image has.
        let mut present = of_base(build, stage);
        for at in build.steps_of(stage) {
            for (number, command) in at.step.commands.iter().enumerate() {
                if takes_away(command) {
                    present = None;
                    continue;
                }
                if command.conditional {
                    // Either way: what is there then is not known.
                    if at.step.pip.iter().any(|(one, pip)| *one == number && concerns(pip)) {
                        present = None;
                    }
                    continue;
                }
                if let Some((_, install)) = at.step.installs.iter().find(|(one, install)| *one == number && install.manager == Manager::Conda)
                    && let Some(package) = install.packages.iter().find(|package| package.name == "pytorch")
                {
                    let version = package.version.as_deref().map(|version| version.trim_start_matches('=').split('=').next().unwrap_or_default().to_owned());
                    let release = version.as_deref().and_then(TorchWheel::parse).map(|wheel| wheel.release);
                    if let (Some(there), Some(new)) = (&present, release)
                        && there.release.is_some_and(|release| release != new)
                    {
                        report(there, package.span, &format!("PyTorch {}.{}", new.0, new.1), context);
                    }
                    present = None;
                    continue;
                }
                let Some((_, pip)) = at.step.pip.iter().find(|(one, _)| *one == number) else {
                    continue;
                };
                if pip.is_elsewhere || pip.no_dependencies && !pip.requirements.iter().any(|requirement| requirement.name == "torch") {
                    continue;
                }
                if let Some(there) = &present
                    && let Some((span, what)) = replacement(there, pip)
                {
                    report(there, span, &what, context);
                    present = None;
                    continue;
                }
                if let Some(install) = at.torch_installs().find(|install| install.command == number) {
                    let choice = install.choice();
                    present = install.release().map(|release| Present {
                        span: install.requirement.span,
                        what: format!("torch {}.{}", release.0, release.1),
                        release: Some(release),
                        flavour: choice.map_or(TorchFlavour::Default, |choice| choice.flavour),
                        is_ngc: false,
                        certainty: install.requirement.certainty,
                    });
                }
            }
        }
    }
}

fn of_base(build: &Build<'_>, stage: &Stage<'_>) -> Option<Present> {
    // What earlier stages did to it is not followed.
    if build.root(stage).index != stage.index {
        return None;
    }
    let (release, flavour, is_ngc, certainty, what) = match build.gpu_base(stage)? {
        GpuBase::Torch { release, cuda, certainty } => {
            let release = release?;
            (Some(release), cuda.map_or(TorchFlavour::Default, TorchFlavour::Cuda), false, certainty, format!("the image's torch {}.{}", release.0, release.1))
        }
        GpuBase::NgcTorch => (None, TorchFlavour::Default, true, Certainty::Written, "NVIDIA's build of PyTorch in the image".to_owned()),
        _ => return None,
    };
    Some(Present {
        span: stage.image_span,
        what,
        release,
        flavour,
        is_ngc,
        certainty,
    })
}

/// Whether a command uninstalls torch: what follows is wanted.
fn takes_away(command: &ShellCommand) -> bool {
    let words = command.arguments();
    words.iter().any(|word| matches!(word.value.as_str(), "uninstall" | "remove")) && words.iter().any(|word| matches!(word.value.as_str(), "torch" | "pytorch"))
}

fn concerns(pip: &PipInstall) -> bool {
    pip.requirements.iter().any(|requirement| requirement.name.starts_with("torch") || EXACT.contains(&requirement.name.as_str()))
}

/// What in a command replaces the PyTorch that is there.
fn replacement(there: &Present, pip: &PipInstall) -> Option<(Span, String)> {
    if pip.requirements.iter().any(|requirement| requirement.certainty == Certainty::Unknown) || !pip.constraints.is_empty() {
        return None;
    }
    let torch = pip.requirements.iter().find(|requirement| requirement.name == "torch");
    if let Some(torch) = torch {
        let version = torch.public()?;
        let release = TorchWheel::parse(version)?.release;
        let local = torch.local().and_then(TorchFlavour::parse);
        let is_other = match there.release {
            Some(there) => there != release,
            None => there.is_ngc,
        };
        let is_other_cuda = local.is_some_and(|local| there.flavour != TorchFlavour::Default && local != there.flavour);
        return (is_other || is_other_cuda).then(|| (torch.span, format!("torch {version}{}", torch.local().map_or_else(String::new, |local| format!("+{local}")))));
    }
    let of = |requirement: &Requirement| -> Option<(u16, u16)> {
        match requirement.name.as_str() {
            "torchvision" => torch_of_vision(requirement.public()?),
            "torchaudio" => TorchWheel::parse(requirement.public()?).map(|wheel| wheel.release).filter(|release| *release >= (2, 0) && *release < (2, 9)),
            _ => None,
        }
    };
    let by_sibling = pip.requirements.iter().find_map(|requirement| Some((requirement, of(requirement)?)));
    if let Some((requirement, release)) = by_sibling
        && !pip.no_dependencies
        && there.release.is_some_and(|there| there != release)
    {
        return Some((requirement.span, format!("torch {}.{}, which {} {} needs", release.0, release.1, requirement.name, requirement.public()?)));
    }
    let exact = pip.requirements.iter().find(|requirement| EXACT.contains(&requirement.name.as_str()))?;
    // A pinned one may ask for the release that is there.
    let is_certain = there.is_ngc || exact.specifier.is_empty() && there.release.is_some_and(|release| release < (2, 10));
    (is_certain && !pip.no_dependencies).then(|| (exact.span, format!("the one release of torch that {} asks for", exact.name)))
}

fn report(there: &Present, span: Span, what: &str, context: &mut Context<'_>) {
    let finding = context.report(&TorchReplacedLater::META, span, format!("{} is replaced here by {what}", there.what));
    if there.certainty != Certainty::Written {
        finding.at_most(Confidence::Medium);
    }
    finding.related(there.span, "this PyTorch is in the image already");
    finding.because("both are in the layers, and what was chosen or compiled for the first one no longer fits");
    finding.hint("have one PyTorch: name the version that is wanted at the first place, or build on an image that has none");
}
