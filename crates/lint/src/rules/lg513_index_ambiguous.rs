use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{At, Certainty};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::framework::TorchFlavour;

declare_rule! {
    /// an extra index for CUDA loses against PyPI, which has a newer PyTorch
    ///
    /// ## What it does
    /// Finds `pip install torch --extra-index-url https://download.pytorch.org/whl/cu118` without a version, where PyPI has a newer release than the last one for that
    /// CUDA.
    ///
    /// ## Why
    /// pip takes the newest version of all its indices. Releases for old CUDA versions ended, so PyPI's wheel, with another CUDA, is what comes: it may need a newer
    /// driver, and what is compiled with the image's `nvcc` does not fit it. uv does otherwise: it takes what the extra index has.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:11.8.0-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch --extra-index-url https://download.pytorch.org/whl/cu118
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:11.8.0-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch --index-url https://download.pytorch.org/whl/cu118
    /// ```
    ///
    /// Use instead: the index alone, or a version that it has.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:11.8.0-base-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install torch==2.7.1 transformers --extra-index-url https://download.pytorch.org/whl/cu118
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: an older PyTorch comes, as was meant. It is offered where the command installs nothing that only PyPI has.
    ///
    /// ## Sources
    /// pip, "--extra-index-url": there is no order of indices.
    IndexAmbiguous, "LG513", "index-ambiguous", Warning, High
}

impl Rule for IndexAmbiguous {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for install in at.torch_installs() {
            let Some((index, false)) = install.index() else {
                continue;
            };
            let pip = install.pip;
            if !install.is_open() || install.requirement.local().is_some() || index.never_existed() || pip.index.is_some() {
                continue;
            }
            let (Some(TorchFlavour::Cuda(cuda)), Some(choice)) = (index.flavour(), install.choice()) else {
                continue;
            };
            if choice.flavour != TorchFlavour::Default {
                continue;
            }
            let url = index.url;
            let finding = context.report(&Self::META, url.span, format!("PyPI's newest PyTorch is newer than the last one for CUDA {cuda}, and is what comes"));
            if url.certainty != Certainty::Written || at.is_conditional(install.command) {
                finding.at_most(Confidence::Medium);
            }
            finding.because("pip has no order of indices: it takes the newest version that any of them has");
            if let Some(Some(brings)) = install.wheel().map(|wheel| wheel.cuda()) {
                finding.because(format!("PyPI's is made for CUDA {brings} or later"));
            }
            finding.hint("make it the only index, `--index-url`, in a command for PyTorch alone; or name a version that it has");
            let only_torch = pip.requirements.iter().all(|requirement| matches!(requirement.name.as_str(), "torch" | "torchvision" | "torchaudio"))
                && pip.files.is_empty()
                && pip.sources.is_empty()
                && pip.extra_indices.len() == 1;
            let text = at.build.file.text;
            let before = text.get(..url.span.start).unwrap_or_default();
            let option = "--extra-index-url";
            let start = if url.span.of(text).starts_with(option) { Some(url.span.start) } else { before.trim_end_matches([' ', '=']).strip_suffix(option).map(str::len) };
            if let Some(start) = start.filter(|_| only_torch) {
                let span = liftgate_dockerfile::Span::new(start, start + option.len());
                finding.fix(Fix::unsafe_("make it the only index").replace(span, "--index-url"));
            }
        }
    }
}
