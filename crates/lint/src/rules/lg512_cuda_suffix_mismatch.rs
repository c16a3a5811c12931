use crate::context::Context;
use crate::finding::{Confidence, Fix};
use crate::model::{At, Certainty, GpuBase, PipInstall};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::Cuda;
use liftgate_cuda::framework::TorchFlavour;
use liftgate_dockerfile::Span;

declare_rule! {
    /// a package says in its name or its index that it is for another CUDA or PyTorch than the image has
    ///
    /// ## What it does
    /// Finds `cupy-cuda11x`, `cudf-cu11` and `nvidia-dali`'s like in an image of CUDA 12, wheels of `mmcv`, `PyG` and `DGL` from the index of another CUDA or another PyTorch than
    /// the base image has, and `jaxlib` with the label of another CUDA.
    ///
    /// ## Why
    /// `CuPy` looks for the CUDA libraries of its own major version, and finds none: `libnvrtc.so.11.2: cannot open shared object file`. Extensions of PyTorch are compiled
    /// against one release of it and fail on any other with `undefined symbol`.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install cupy-cuda11x
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends python3-pip
    /// RUN pip install cupy-cuda12x
    /// ```
    ///
    /// Of extensions, take the index of the image's PyTorch:
    /// ```dockerfile,bad
    /// FROM pytorch/pytorch:1.11.0-cuda11.3-cudnn8-runtime
    /// RUN pip install mmcv-full==1.7.0 -f https://download.openmmlab.com/mmcv/dist/cu102/torch1.8.1/index.html
    /// ```
    ///
    /// ```dockerfile,good
    /// FROM pytorch/pytorch:1.11.0-cuda11.3-cudnn8-runtime
    /// RUN pip install mmcv-full==1.7.0 -f https://download.openmmlab.com/mmcv/dist/cu113/torch1.11.0/index.html
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: another package is installed.
    CudaSuffixMismatch, "LG512", "cuda-suffix-mismatch", Warning, High
}

/// Packages that take CUDA's libraries from the image, by what stands before the major version in their names.
const FROM_IMAGE: &[(&str, &str)] = &[("cupy-cuda", "x"), ("pycuda-cu", ""), ("numba-cuda-cu", "")];

impl Rule for CudaSuffixMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        if at.step.pip.is_empty()
            && at
                .step
                .commands
                .iter()
                .all(|command| command.program() != Some("mim"))
        {
            return;
        }
        let base = at.build.gpu_base(at.stage);
        for (number, pip) in &at.step.pip {
            if at.is_conditional(*number) || pip.is_elsewhere {
                continue;
            }
            if let Some(GpuBase::Cuda(base)) = &base {
                by_name(at, pip, base.cuda, base.certainty, context);
            }
        }
        by_index(at, base.as_ref(), context);
    }
}

/// `cupy-cuda11x` where the libraries are those of CUDA 12.
fn by_name(
    at: At<'_>,
    pip: &PipInstall,
    cuda: Cuda,
    certainty: Certainty,
    context: &mut Context<'_>,
) {
    for requirement in &pip.requirements {
        let Some((start, rest)) = FROM_IMAGE.iter().find_map(|(start, end)| {
            Some((
                *start,
                requirement.name.strip_prefix(start)?.strip_suffix(end)?,
            ))
        }) else {
            continue;
        };
        let Some(major) = rest
            .get(..2)
            .filter(|_| rest.len() == 2)
            .and_then(|digits| digits.parse::<u16>().ok())
        else {
            continue;
        };
        if major == cuda.major || requirement.certainty == Certainty::Unknown {
            continue;
        }
        let own = format!("-cu{major}");
        let brings = |name: &str| {
            name.starts_with("pip:nvidia-") && name.ends_with(&own)
                || name.contains("cudatoolkit")
                || name.starts_with("cuda-")
                || name == "cuda"
        };
        if !requirement.extras.is_empty()
            || at
                .build
                .lineage(at.stage)
                .any(|stage| stage.packages().any(brings))
        {
            continue;
        }
        let finding = context.report(
            &CudaSuffixMismatch::META,
            requirement.span,
            format!(
                "`{}` needs the libraries of CUDA {major}, and the image has CUDA {cuda}",
                requirement.name
            ),
        );
        if certainty != Certainty::Written {
            finding.at_most(Confidence::Medium);
        }
        at.blame_base(finding);
        let end = if start == "cupy-cuda" { "x" } else { "" };
        let right = format!("{start}{}{end}", cuda.major);
        finding.hint(format!("take `{right}`"));
        if requirement.span.of(at.build.file.text) == requirement.name && cuda.major >= 11 {
            finding.fix(Fix::unsafe_(format!("take `{right}`")).replace(requirement.span, right));
        }
    }
}

/// The CUDA and the PyTorch that an index of extensions is for.
struct Extensions {
    cuda: Option<Cuda>,
    torch: Option<(u16, u16)>,
}

impl Extensions {
    /// `https://download.openmmlab.com/mmcv/dist/cu113/torch1.11.0/index.html`, `https://data.pyg.org/whl/torch-2.1.2+cu121.html`,
    /// `https://data.dgl.ai/wheels/torch-2.4/cu124/repo.html`
    fn of(url: &str) -> Option<Self> {
        const HOSTS: &[&str] = &[
            "download.openmmlab.com/mmcv",
            "data.pyg.org/whl",
            "pytorch-geometric.com/whl",
            "data.dgl.ai/wheels",
            "flashinfer.ai/whl",
        ];
        if !HOSTS.iter().any(|host| url.contains(host)) {
            return None;
        }
        let mut this = Self {
            cuda: None,
            torch: None,
        };
        for word in url.trim_end_matches(".html").split(['/', '+']) {
            if let Some(TorchFlavour::Cuda(cuda)) = TorchFlavour::parse(word) {
                this.cuda = Some(cuda);
            } else if let Some(version) = word.strip_prefix("torch") {
                let version = version.trim_start_matches('-').trim_end_matches(".x");
                this.torch = Cuda::parse(version)
                    .map(|release| (release.major, release.minor))
                    .or(this.torch);
            }
        }
        Some(this)
    }
}

/// An index of extensions for another PyTorch, or another CUDA, than is there.
fn by_index(at: At<'_>, base: Option<&GpuBase>, context: &mut Context<'_>) {
    let links = at.step.pip.iter().flat_map(|(_, pip)| {
        pip.find_links
            .iter()
            .filter(|link| link.certainty != Certainty::Unknown)
            .map(|link| (link.span, link.text.clone()))
    });
    // `mim install mmcv-full -f …` is pip's.
    let mim = at
        .step
        .commands
        .iter()
        .filter(|command| command.program() == Some("mim") && !command.conditional)
        .flat_map(|command| {
            let words = command.arguments();
            words
                .iter()
                .zip(words.iter().skip(1))
                .filter(|(option, _)| matches!(option.value.as_str(), "-f" | "--find-links"))
                .map(|(_, link)| (link.span, link.value.clone()))
        });
    let all: Vec<(Span, String)> = links.chain(mim).collect();
    if all.is_empty() {
        return;
    }
    // Against the one PyTorch that the file installs, or the image's own as long as nothing installs another.
    let is_replaced = at.build.lineage(at.stage).any(|stage| {
        stage.packages().any(|name| {
            matches!(
                name,
                "pip:torch" | "pytorch" | "pip:torchvision" | "torchvision"
            )
        })
    });
    let (release, cuda, certainty, owner) = match (at.build.pinned_torch(at.stage), base) {
        (Some((release, cuda, _)), _) => (
            release,
            cuda,
            Certainty::Written,
            "the one that is installed",
        ),
        (
            None,
            Some(GpuBase::Torch {
                release: Some(release),
                cuda,
                certainty,
            }),
        ) if !is_replaced => (*release, *cuda, *certainty, "the image's"),
        _ => return,
    };
    for (span, url) in all {
        let Some(extensions) = Extensions::of(&url) else {
            continue;
        };
        let other_torch = extensions.torch.filter(|torch| *torch != release);
        let other_cuda = extensions
            .cuda
            .zip(cuda)
            .filter(|(wanted, has)| wanted != has);
        let what = match (other_torch, other_cuda) {
            (Some((major, minor)), _) => format!(
                "these wheels are for PyTorch {major}.{minor}, and {owner} is {}.{}",
                release.0, release.1
            ),
            (None, Some((wanted, has))) => format!(
                "these wheels are for CUDA {wanted}, and the PyTorch here was made with {has}"
            ),
            (None, None) => continue,
        };
        let finding = context.report(&CudaSuffixMismatch::META, span, what);
        if certainty != Certainty::Written {
            finding.at_most(Confidence::Medium);
        }
        finding.because("extensions are compiled against one PyTorch and one CUDA, and fail on others with `undefined symbol`");
        finding.hint(
            "take the index of the PyTorch and CUDA that are there, or those that the index is for",
        );
    }
}
