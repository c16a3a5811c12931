use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Certainty, TorchIndex};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// packages are asked of PyTorch's index that only PyPI has
    ///
    /// ## What it does
    /// Finds `--index-url https://download.pytorch.org/whl/…` in a command that also installs packages which are not there.
    ///
    /// ## Why
    /// `--index-url` replaces PyPI for the whole command. PyTorch's index has PyTorch and what it needs, and little more: the build fails with
    /// `No matching distribution found`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0 scikit-learn --index-url https://download.pytorch.org/whl/cu128
    /// ```
    ///
    /// Use instead: a command of its own.
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cu128
    /// RUN pip install scikit-learn
    /// ```
    ///
    /// or, with the version pinned, an extra index:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// RUN pip install torch==2.8.0 scikit-learn --extra-index-url https://download.pytorch.org/whl/cu128
    /// ```
    ///
    /// ## Sources
    /// The lists of pytorch/test-infra, `s3_management`.
    IndexWithoutPackage, "LG516", "index-without-package", Error, High
}

/// Well-known packages that PyTorch's index does not have. It has many that one would not expect there.
const ONLY_ON_PYPI: &[&str] = &[
    "accelerate", "albumentations", "bitsandbytes", "catboost", "controlnet-aux", "deepspeed", "diffusers", "django", "faiss-cpu", "faiss-gpu", "faster-whisper", "flask", "gradio",
    "gunicorn", "ipykernel", "ipython", "ipywidgets", "jupyter", "jupyterlab", "kaggle", "kornia", "langchain", "librosa", "lightgbm", "lightning", "mlflow", "moviepy", "nltk",
    "notebook", "onnx", "onnxruntime", "onnxruntime-gpu", "open-clip-torch", "openai-whisper", "opencv-python", "optuna", "peft", "plotly", "pytest", "pytorch-lightning", "redis",
    "runpod", "scikit-image", "scikit-learn", "seaborn", "sentence-transformers", "spacy", "streamlit", "supervision", "tensorboard", "tensorflow", "timm", "trl", "ultralytics",
    "vllm", "wandb", "whisperx", "xgboost",
];

impl Rule for IndexWithoutPackage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (number, pip) in &at.step.pip {
            let Some(url) = &pip.index else { continue };
            let Some(index) = TorchIndex::of(url).filter(|index| !index.never_existed()) else {
                continue;
            };
            if !pip.extra_indices.is_empty() || !pip.find_links.is_empty() || at.has_index_elsewhere(*number) {
                continue;
            }
            let only: Vec<_> = pip
                .requirements
                .iter()
                .filter(|requirement| requirement.certainty != Certainty::Unknown && requirement.url.is_none() && ONLY_ON_PYPI.contains(&requirement.name.as_str()))
                // What is there already is not looked for again.
                .filter(|requirement| !at.installed(*number, &[&format!("pip:{}", requirement.name)]))
                .collect();
            let Some(first) = only.first() else { continue };
            let names: Vec<String> = only.iter().take(3).map(|requirement| format!("`{}`", requirement.name)).collect();
            let more = if only.len() > 3 { format!(" and {} more", only.len() - 3) } else { String::new() };
            let finding = context.report(&Self::META, url.span, format!("PyTorch's index does not have {}{more}", names.join(", ")));
            if at.is_conditional(*number) || url.certainty != Certainty::Written {
                finding.at_most(Confidence::Medium).severity(Severity::Warning);
            }
            finding.related(first.span, "this is on PyPI alone");
            finding.because("`--index-url` replaces PyPI for the whole command");
            let word = index.word.map_or_else(String::new, |word| format!("/{word}"));
            finding.hint(format!("install PyTorch in a command of its own, or pin it and write `--extra-index-url https://download.pytorch.org/whl{word}`"));
        }
    }
}
