//! What rules ask of a finished image, beside its facts.

use crate::context::Context;
use crate::rule::Meta;
use liftgate_cuda::Cuda;
use liftgate_cuda::code::{Form, Reach, Target};
use liftgate_cuda::gpu::Capability;
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts, Library};
use std::collections::{BTreeMap, BTreeSet};

/// A few paths of an image as people read them: three, and how many more there are.
pub fn paths<'p>(all: impl IntoIterator<Item = &'p str>) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown: Vec<String> = all.iter().take(3).map(|path| format!("`{path}`")).collect();
    let more = all.len().saturating_sub(3);
    let shown = shown.join(", ");
    if more == 0 {
        shown
    } else {
        format!("{shown} and {more} more")
    }
}

/// Whether an image is meant for GPUs: its environment says so, or it has CUDA's libraries.
pub fn is_for_gpus(image: &ImageFacts) -> bool {
    let asks = image
        .variable("NVIDIA_VISIBLE_DEVICES")
        .is_some_and(|value| !matches!(value, "" | "void" | "none"));
    asks || image.variable("NVIDIA_REQUIRE_CUDA").is_some() || has_cuda(image)
}

/// Whether an image has libraries of CUDA to run with.
pub fn has_cuda(image: &ImageFacts) -> bool {
    let is_cuda = |library: &Library| {
        matches!(
            library.family,
            Some(Family::Runtime | Family::Cublas | Family::Cudnn | Family::Toolkit)
        ) && !library.is_stub
    };
    image.torch.iter().any(|torch| torch.cuda.is_some())
        || !image.toolkits.is_empty()
        || image.libraries.iter().any(is_cuda)
}

/// The directory of a path.
pub fn directory(path: &str) -> &str {
    path.rsplit_once('/')
        .map_or("/", |(directory, _)| directory)
}

/// Whether a directory is that of libraries for forward compatibility.
pub fn is_compat(directory: &str) -> bool {
    directory
        .split('/')
        .any(|part| part == "compat" || part == "compat_orin")
        && directory.contains("cuda")
}

/// Reports that an image has libraries of a family in several major versions.
pub fn report_majors(
    rule: &'static Meta,
    name: &str,
    (image, family): (&ImageFacts, Family),
    hint: &str,
    context: &mut Context<'_>,
) {
    let majors = majors(image, family);
    if majors.len() < 2 {
        return;
    }
    let names: Vec<String> = majors.keys().map(ToString::to_string).collect();
    let sentence = format!("the image has {name} {}", names.join(" and "));
    let finding = context.report(rule, Span::at(0), sentence);
    for (major, libraries) in &majors {
        finding.because(format!("{major}: {}", paths(libraries.iter().copied())));
    }
    finding.hint(hint);
}

/// The major versions of libraries of a family, with the libraries of each.
fn majors(image: &ImageFacts, family: Family) -> BTreeMap<u16, BTreeSet<&str>> {
    let mut majors: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for library in image.of_family(family).filter(|library| !library.is_stub) {
        let major = library
            .version
            .as_deref()
            .and_then(|version| version.split('.').next()?.parse().ok());
        if let Some(major) = major {
            majors.entry(major).or_default().insert(&library.path);
        }
    }
    majors
}

/// Files that belong together: a Python package has libraries for one GPU or one CUDA each, and loads what fits.
#[derive(Debug, Clone)]
pub struct Group<'i> {
    /// Whose they are: `PyTorch`, or the name of a package, or a directory.
    pub name: String,
    /// The files.
    pub libraries: Vec<&'i Library>,
}

impl Group<'_> {
    /// The code for GPUs in all of them.
    pub fn code(&self) -> Vec<Target> {
        let elves = self
            .libraries
            .iter()
            .filter_map(|library| library.elf.as_ref());
        let mut targets: Vec<Target> = elves
            .flat_map(|elf| elf.code.all().into_keys())
            .filter_map(target)
            .collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }
}

/// The frameworks and programs of an image, and the libraries of CUDA that every one of them calls. Parts of a library that
/// lie beside each other are one: each of cuDNN's has the code of a few GPUs.
pub fn groups(image: &ImageFacts) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(&str, &str), Group<'_>> = BTreeMap::new();
    for library in image.libraries.iter().filter(|library| !library.is_stub) {
        let name = match library.family {
            Some(Family::Torch) => "PyTorch",
            Some(Family::TensorFlow) => "TensorFlow",
            Some(Family::OnnxRuntime) => "ONNX Runtime",
            Some(Family::Jax) => "JAX",
            Some(Family::Cublas) => "cuBLAS",
            Some(Family::Cudnn) => "cuDNN",
            Some(Family::Nccl) => "NCCL",
            Some(_) => continue,
            None => "",
        };
        let place = package(&library.path).unwrap_or(directory(&library.path));
        // An extension in a framework's package is of the framework.
        let is_framework =
            |known: &str| matches!(known, "PyTorch" | "TensorFlow" | "ONNX Runtime" | "JAX");
        let known = groups
            .keys()
            .find(|(at, known)| *at == place && is_framework(known))
            .map(|(_, known)| *known);
        let name = if name.is_empty() {
            known.unwrap_or(name)
        } else {
            name
        };
        let group = groups.entry((place, name)).or_insert_with(|| Group {
            name: if name.is_empty() {
                format!("`{}`", place.rsplit("-packages/").next().unwrap_or(place))
            } else {
                name.to_owned()
            },
            libraries: Vec::new(),
        });
        group.libraries.push(library);
    }
    groups.into_values().collect()
}

/// The directory of the Python package that a path is in.
fn package(path: &str) -> Option<&str> {
    let start = path.find("-packages/")? + "-packages/".len();
    let end = path.get(start..)?.find('/')?;
    path.get(..start + end)
}

/// A piece of code as `liftgate-cuda` judges it; none for what is linked at run time.
fn target(found: liftgate_image::facts::Code) -> Option<Target> {
    use liftgate_image::facts::{CodeKind, CodeReach};
    let form = match found.kind {
        CodeKind::Cubin => Form::Sass,
        CodeKind::Ptx => Form::Ptx,
        CodeKind::Lto | CodeKind::Other(_) => return None,
    };
    let capability = Capability::new(
        u8::try_from(found.architecture / 10).ok()?,
        u8::try_from(found.architecture % 10).ok()?,
    );
    let reach = match found.reach {
        CodeReach::Plain => Reach::Usual,
        CodeReach::Family => Reach::Family,
        CodeReach::Specific => Reach::Exact,
    };
    Some(Target {
        capability,
        reach,
        form,
    })
}

/// The CUDA that programs of an image use, with what says so, the newest first.
pub fn cuda_versions(image: &ImageFacts) -> Vec<(Cuda, String)> {
    let mut versions: Vec<(Cuda, String)> = Vec::new();
    for torch in &image.torch {
        if let Some(cuda) = torch.cuda.as_deref().and_then(Cuda::parse) {
            versions.push((
                cuda,
                format!("PyTorch {}", torch.version.as_deref().unwrap_or_default())
                    .trim_end()
                    .to_owned(),
            ));
        }
    }
    for toolkit in &image.toolkits {
        if let Some(cuda) = Cuda::parse(&toolkit.version) {
            versions.push((cuda, format!("the toolkit in `{}`", toolkit.path)));
        }
    }
    versions.sort_by_key(|(cuda, _)| std::cmp::Reverse(*cuda));
    versions
}
