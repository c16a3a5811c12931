use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Has, Tool, WithoutGpu};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Kind;

declare_rule! {
    /// a CUDA extension is compiled without saying for which GPUs
    ///
    /// ## What it does
    /// Finds builds of Python packages with CUDA code (PyTorch3D, detectron2, tiny-cuda-nn, `setup.py install` beside PyTorch …) in images with `nvcc`, without
    /// `FORCE_CUDA=1` where the package needs that, or without `TORCH_CUDA_ARCH_LIST`.
    ///
    /// ## Why
    /// These builds ask the GPU of the machine, and a build sees none. Some leave their CUDA code out without a word: `Not compiled with GPU support` when the container
    /// runs. Others end with `IndexError: list index out of range`, or compile for what PyTorch thinks is usual.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel
    /// RUN pip install git+https://github.com/facebookresearch/pytorch3d.git@v0.7.8
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel
    /// ENV FORCE_CUDA=1 TORCH_CUDA_ARCH_LIST="8.0 8.6 8.9 9.0+PTX"
    /// RUN pip install git+https://github.com/facebookresearch/pytorch3d.git@v0.7.8
    /// ```
    ///
    /// ## Sources
    /// `torch.utils.cpp_extension`; the `setup.py` of these packages.
    ExtensionWithoutArchList, "LG209", "extension-without-arch-list", Warning, Medium
}

impl Rule for ExtensionWithoutArchList {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        if at.step.instruction.kind != Kind::Run || at.step.instruction.flag("device").is_some() {
            return;
        }
        let extensions = at.extensions();
        if extensions.is_empty() {
            return;
        }
        for extension in extensions {
            // Without nvcc they are built for the processor, as their author knows.
            if at.has(extension.command, Tool::Nvcc) != Has::Yes {
                continue;
            }
            let is_set = |name: &str| at.is_set(extension.command, name);
            let has_list = is_set("TORCH_CUDA_ARCH_LIST");
            let shown = extension
                .name
                .map_or_else(|| "the extension".to_owned(), |name| format!("`{name}`"));
            let (sentence, severity, hint) = match extension.without_gpu {
                WithoutGpu::LeavesOut
                    if !is_set("FORCE_CUDA") && !has_force(&at, extension.command) =>
                {
                    (
                        format!(
                            "{shown} is built without its CUDA code: a build sees no GPU, and `FORCE_CUDA` is not set"
                        ),
                        Severity::Warning,
                        "set `FORCE_CUDA=1`, and `TORCH_CUDA_ARCH_LIST` to the GPUs that it is for"
                            .to_owned(),
                    )
                }
                WithoutGpu::Ends(variable) if !is_set(variable) => (
                    format!("{shown} asks the GPU for its architecture, and a build sees none"),
                    Severity::Warning,
                    format!("set `{variable}=80;86;89;90`"),
                ),
                WithoutGpu::LeavesOut | WithoutGpu::Asks if !has_list => {
                    // A project's own may have no CUDA code at all.
                    let is_torch = at
                        .installed_like(|name| name == "pip:torch" || name == "pytorch")
                        || at.build.base(at.stage).is_some_and(|(reference, _)| {
                            reference.repository == "pytorch/pytorch"
                        });
                    if extension.name.is_none() && !is_torch {
                        continue;
                    }
                    (
                        format!(
                            "{shown} is compiled for GPUs that nobody has named: `TORCH_CUDA_ARCH_LIST` is not set"
                        ),
                        Severity::Note,
                        "set `TORCH_CUDA_ARCH_LIST=\"8.0 8.6 8.9 9.0+PTX\"`".to_owned(),
                    )
                }
                _ => continue,
            };
            let finding = context.report(&Self::META, extension.span, sentence);
            finding.severity(severity).hint(hint);
            if severity == Severity::Note {
                finding.because("where no GPU is seen, PyTorch takes a list of its own, or ends with `IndexError`");
            }
            if extension.name.is_none() {
                finding.at_most(Confidence::Low);
            }
        }
    }
}

/// MinkowskiEngine's own option.
fn has_force(at: &At<'_>, command: usize) -> bool {
    at.step.commands.get(command).is_some_and(|command| {
        command
            .words
            .iter()
            .any(|word| word.value.contains("force_cuda") || word.value.contains("force-cuda"))
    })
}
