use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty, TorchIndex};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::{TorchFlavour, TorchWheel, WheelPresence};
use liftgate_cuda::{Cuda, toolkits};
use liftgate_dockerfile::Span;

declare_rule! {
    /// there is no such wheel of PyTorch
    ///
    /// ## What it does
    /// Finds indices of PyTorch's that have never existed (`whl/cu122`, `whl/12.1`), and releases that have no wheel of the CUDA that is asked for (`torch==2.4.1` from
    /// `whl/cu128`, `torch==2.1.0+cu124`).
    ///
    /// ## Why
    /// `Could not find a version that satisfies the requirement`. Where the index is an extra one, pip skips it without a word and takes what PyPI has.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// RUN pip install torch --index-url https://download.pytorch.org/whl/cu122
    /// ```
    ///
    /// Use instead: CUDA's minor versions run on one another's drivers, so the nearest one will do.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install torch --index-url https://download.pytorch.org/whl/cu121
    /// ```
    ///
    /// ```dockerfile,bad
    /// FROM python:3.11-slim
    /// RUN pip install torch==2.1.0+cu124 --index-url https://download.pytorch.org/whl/cu124
    /// ```
    ///
    /// ```dockerfile,good
    /// FROM python:3.11-slim
    /// RUN pip install torch==2.1.0+cu121 --index-url https://download.pytorch.org/whl/cu121
    /// ```
    ///
    /// ## Sources
    /// pytorch/pytorch, RELEASE.md.
    TorchFlavourNeverExisted, "LG510", "torch-flavour-never-existed", Error, High
}

impl Rule for TorchFlavourNeverExisted {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (number, pip) in &at.step.pip {
            let is_conditional = at.is_conditional(*number);
            let urls = pip.index.iter().map(|url| (url, true)).chain(pip.extra_indices.iter().map(|url| (url, false)));
            let mut is_known = true;
            for (url, is_only) in urls {
                let Some(index) = TorchIndex::of(url).filter(TorchIndex::never_existed) else {
                    continue;
                };
                is_known = false;
                let word = index.word.unwrap_or_default();
                let finding = context.report(&Self::META, url.span, format!("PyTorch has no index `whl/{word}`"));
                if !is_only {
                    finding.severity(Severity::Warning).because("pip skips an extra index that does not exist, and takes PyPI's wheel");
                }
                if is_conditional || url.certainty != Certainty::Written {
                    finding.at_most(Confidence::Medium);
                    finding.severity(Severity::Warning);
                }
                finding.hint(match nearest(word) {
                    Some(cuda) => format!("take `whl/cu{}{}`", cuda.major, cuda.minor),
                    None => "take one of https://download.pytorch.org/whl/, such as `cu128`".to_owned(),
                });
            }
            if !is_known || pip.prereleases {
                continue;
            }
            for install in at.torch_installs().filter(|install| install.command == *number) {
                let requirement = install.requirement;
                let flavour = match (requirement.local().and_then(TorchFlavour::parse), install.index()) {
                    (Some(flavour), _) => Some((flavour, requirement.span)),
                    (None, Some((index, true))) if index.is_stable && pip.extra_indices.is_empty() && pip.find_links.is_empty() => index.flavour().map(|flavour| (flavour, index.url.span)),
                    _ => None,
                };
                if let (Some((TorchFlavour::Cuda(cuda), span)), Some(release)) = (flavour, install.release()) {
                    let is_sure = requirement.certainty == Certainty::Written && !is_conditional;
                    missing(release, cuda, span, is_sure, context);
                }
            }
        }
    }
}

/// Says of a release that it has no wheel of a CUDA.
fn missing(release: (u16, u16), cuda: Cuda, span: Span, is_sure: bool, context: &mut Context<'_>) {
    let wheel = TorchWheel { release, flavour: TorchFlavour::Cuda(cuda) };
    let WheelPresence::NoSuchFlavour { flavours } = wheel.presence() else {
        return;
    };
    // Of newer releases there are builds that no list names, of a CUDA that a release nearby has.
    let is_of_neighbour = TorchWheel::all().any(|(other, _)| other.flavour == wheel.flavour && other.release.0 == release.0 && other.release.1.abs_diff(release.1) <= 3);
    if release >= (2, 8) && is_of_neighbour || release < (1, 7) || cuda.major < 9 {
        return;
    }
    let finding = context.report(&TorchFlavourNeverExisted::META, span, format!("there is no wheel of PyTorch {}.{} for CUDA {cuda}", release.0, release.1));
    if !is_sure {
        finding.at_most(Confidence::Medium).severity(Severity::Warning);
    }
    let there: Vec<String> = flavours.iter().map(|cuda| format!("cu{}{}", cuda.major, cuda.minor)).collect();
    finding.because(format!("this release has {}", there.join(", ")));
    let same: Vec<&Cuda> = flavours.iter().filter(|other| other.major == cuda.major).collect();
    let nearest = same.iter().rev().find(|other| ***other <= cuda).or(same.first()).copied().or(flavours.last());
    finding.hint(match nearest {
        Some(cuda) => format!("take `cu{}{}`, or a release that has what is wanted", cuda.major, cuda.minor),
        None => "take another release".to_owned(),
    });
}

/// The index that is meant: of the same CUDA, or of the nearest one below that PyTorch has.
fn nearest(word: &str) -> Option<Cuda> {
    let digits: String = word.trim_start_matches("cu").chars().filter(char::is_ascii_digit).collect();
    let (major, minor) = digits.split_at_checked(2)?;
    let meant = Cuda::new(major.parse().ok()?, minor.parse().ok()?);
    toolkits().any(|cuda| cuda.major == meant.major).then_some(())?;
    let have: Vec<Cuda> = TorchWheel::all().filter_map(|(wheel, _)| wheel.cuda()).filter(|cuda| cuda.major == meant.major).collect();
    have.iter().filter(|cuda| **cuda <= meant).max().or(have.iter().min()).copied()
}
