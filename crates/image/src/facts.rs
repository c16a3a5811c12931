//! What is known of an image: the types that rules are written against.
//!
//! All paths are absolute paths of the merged file system, with every directory that is a link replaced by where it
//! leads. All of it is the image's word: hostile, but bounded in number and length by what has read it.
//!
//! They can be read from JSON, what is left out being empty: an example on a rule's page is a few facts, and no image.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub use liftgate_elf::facts::{Class, Machine};
pub use liftgate_elf::fatbin::{Code, CodeKind, FatBinaries, Reach as CodeReach};
pub use liftgate_elf::stream::RunPath;
pub use liftgate_elf::versions::GlibcVersion;

/// What an image has inside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageFacts {
    /// The name that the archive gives it (`RepoTags`, `org.opencontainers.image.ref.name`).
    pub name: Option<String>,
    /// How it is stored.
    pub layout: Layout,
    /// The platform that was looked at.
    pub platform: Platform,
    /// The platforms that the image has beside it, which were not looked at.
    pub other_platforms: Vec<Platform>,
    /// The configuration: environment, labels, entry point.
    pub configuration: Configuration,
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
    /// `/etc/os-release` (or the one in `/usr/lib`), key by key, without quotes.
    pub os_release: BTreeMap<String, String>,
    /// The C libraries: none in an image of static programs, two where somebody has brought one along.
    pub libc: Vec<Libc>,
    /// Libraries with a meaning for CUDA, and every ELF file with a fat binary; sorted by path.
    pub libraries: Vec<Library>,
    /// Links with a name of CUDA's that lead nowhere.
    pub dangling: Vec<Dangling>,
    /// Every shared object of the image, by file name: the directories it is in. Links that lead to one count.
    pub present: BTreeMap<String, BTreeSet<String>>,
    /// Where the loader looks, in its order, before what a library says itself: see [`ImageFacts::find`].
    pub search: Vec<SearchDirectory>,
    /// Files of no length where a driver's file belongs: leftovers of a `docker commit` in a container with GPUs.
    pub empty_driver_files: Vec<EmptyFile>,
    /// Installed Python packages, sorted by name.
    pub python: Vec<PythonPackage>,
    /// Toolkits in `/usr/local/cuda*`, by what they say of themselves.
    pub toolkits: Vec<Toolkit>,
    /// What `torch/version.py` says, of each `PyTorch`.
    pub torch: Vec<TorchVersion>,
    /// What could not be known, a sentence each. A rule that finds nothing says so only if this is empty.
    pub gaps: Vec<String>,
}

/// How an image is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// A tar with a `manifest.json`, as `docker save` has always written it.
    #[default]
    DockerArchive,
    /// A tar with an `index.json`; since Docker 25 `docker save` writes one, with a `manifest.json` beside it.
    OciArchive,
    /// A directory with an `index.json`.
    OciDirectory,
}

/// An operating system and an architecture, in Go's words: `linux`, `amd64`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// `v8`.
    pub variant: Option<String>,
}

/// The configuration of an image, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// Names and values, in order; of a name that occurs twice the last one counts.
    pub environment: Vec<(String, String)>,
    /// `Labels`.
    pub labels: BTreeMap<String, String>,
    /// `Entrypoint`.
    pub entrypoint: Vec<String>,
    /// `Cmd`.
    pub command: Vec<String>,
    /// `User`; empty means root.
    pub user: String,
    /// `WorkingDir`.
    pub working_directory: String,
    /// What the image was made by, the first step first.
    pub history: Vec<Step>,
}

/// One entry of the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// `created_by`: the instruction, as the builder wrote it.
    pub created_by: String,
    /// Which layer it made, as an index of [`ImageFacts::layers`]; none if it made none.
    pub layer: Option<usize>,
}

/// One layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Layer {
    /// What the archive calls it: a digest, or a path in the tar.
    pub name: String,
    /// The step that made it, where the history says so.
    pub created_by: Option<String>,
    /// The bytes of its files.
    pub size: u64,
    /// How many entries it has.
    pub entries: u64,
}

/// A C library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Libc {
    /// Where it is.
    pub path: String,
    /// Which one it is.
    pub kind: LibcKind,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

/// Which C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LibcKind {
    /// glibc: the greatest version that it defines; none if that could not be read.
    Glibc(Option<GlibcVersion>),
    /// musl, by the name of its loader.
    Musl,
}

/// What a library is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Family {
    /// `libcuda`, `libnvidia-*`, `libnvcuvid` and the rest that the host's driver has to supply.
    Driver,
    /// `libcudart`.
    Runtime,
    /// `libcublas`, `libcublasLt`, `libnvblas`.
    Cublas,
    /// `libcudnn` and its parts.
    Cudnn,
    /// `libnccl`.
    Nccl,
    /// The other libraries of the toolkit: cuFFT, cuRAND, cuSOLVER, cuSPARSE, NPP, nvJPEG, NVRTC, CUPTI …
    Toolkit,
    /// `TensorRT`: `libnvinfer`.
    TensorRt,
    /// `PyTorch`: `libtorch`, `libc10`.
    Torch,
    /// `TensorFlow`.
    TensorFlow,
    /// ONNX Runtime and its providers.
    OnnxRuntime,
    /// JAX: `xla_cuda_plugin` and the like.
    Jax,
    /// NVSHMEM, cuSPARSELt and others that NVIDIA ships apart from the toolkit.
    Further,
}

/// A library, or a program with a fat binary.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Where the file is.
    pub path: String,
    /// Symbolic and hard links that lead to it, sorted.
    #[serde(default)]
    pub links: Vec<String>,
    /// Its length in bytes.
    #[serde(default)]
    pub size: u64,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
    /// What it is for; none for a file that is here for its fat binary.
    #[serde(default)]
    pub family: Option<Family>,
    /// The version in its name: `12.1.105` of `libcudart.so.12.1.105`. The longest of file and links.
    #[serde(default)]
    pub version: Option<String>,
    /// Whether it lies in a directory `stubs`: a library to link with, which must not be found at run time.
    #[serde(default)]
    pub is_stub: bool,
    /// What the file is; none if it is not ELF.
    #[serde(default)]
    pub elf: Option<Elf>,
}

/// What an ELF file says of itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elf {
    /// 32 or 64 bits.
    pub class: Class,
    /// The processor.
    pub machine: Machine,
    /// What it links to; none if that part of the file was out of reach, of which [`ImageFacts::gaps`] has a
    /// sentence.
    #[serde(default)]
    pub linking: Option<Linking>,
    /// The CUDA code in it.
    #[serde(default)]
    pub code: FatBinaries,
}

/// What an ELF file links to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Linking {
    /// `DT_SONAME`.
    pub soname: Option<String>,
    /// `DT_NEEDED`.
    pub needed: Vec<String>,
    /// `DT_RPATH` and `DT_RUNPATH`, as they are written; `$ORIGIN` stands where it stood.
    pub run_path: RunPath,
    /// The greatest version of glibc that it needs.
    pub needs_glibc: Option<GlibcVersion>,
    /// The greatest version of glibc that it has: of `libc.so.6` alone.
    pub has_glibc: Option<GlibcVersion>,
}

/// A link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dangling {
    /// Where the link is.
    pub path: String,
    /// What is written in it.
    #[serde(default)]
    pub target: String,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

/// A directory that the loader looks into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchDirectory {
    /// The directory, links resolved.
    pub path: String,
    /// Who says so.
    pub from: SearchOrigin,
}

/// Who names a directory to the loader.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchOrigin {
    /// `LD_LIBRARY_PATH` of the image.
    LibraryPath,
    /// A file of `/etc/ld.so.conf.d`, or `/etc/ld.so.conf`.
    Configuration(String),
    /// Every loader does.
    Default,
}

/// A file of no length.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptyFile {
    /// Where it is.
    pub path: String,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

/// An installed Python package, by its `dist-info`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonPackage {
    /// The name, as it is normalised: small letters, dashes.
    pub name: String,
    /// The version, with what follows a plus: `2.4.1+cu121`.
    pub version: String,
    /// The directory that it is in (`site-packages`).
    #[serde(default)]
    pub directory: String,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

/// A CUDA toolkit, or the libraries of one: what its `version.json` (or, before CUDA 11.1, `version.txt`) says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toolkit {
    /// The directory.
    pub path: String,
    /// `12.1.1`.
    pub version: String,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

/// What a `PyTorch` says of itself in `torch/version.py`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TorchVersion {
    /// Where the file is.
    pub path: String,
    /// `2.4.1+cu121`.
    #[serde(default)]
    pub version: Option<String>,
    /// The CUDA that it was built with: `12.1`; none for a build without.
    #[serde(default)]
    pub cuda: Option<String>,
    /// The layer that has brought it.
    #[serde(default)]
    pub layer: usize,
}

impl ImageFacts {
    /// The value of a variable of the image's environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let variables = self.configuration.environment.iter().rev();
        let mut found = variables.filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The libraries of a family.
    pub fn of_family(&self, family: Family) -> impl Iterator<Item = &Library> {
        let libraries = self.libraries.iter();
        libraries.filter(move |library| library.family == Some(family))
    }

    /// An installed Python package, by its normalised name.
    pub fn python(&self, name: &str) -> Option<&PythonPackage> {
        self.python.iter().find(|package| package.name == name)
    }

    /// The directory in which the loader finds what `asking` needs by this name; none if the image has it nowhere on
    /// that way. Whoever has loaded `asking`, and the `DT_RPATH` of that, are not known here.
    pub fn find(&self, name: &str, asking: &Library) -> Option<String> {
        let directories = self.present.get(name)?;
        let own = asking.path.rsplit_once('/').map_or("/", |(own, _)| own);
        let paths = asking.elf.as_ref().and_then(|elf| elf.linking.as_ref());
        let paths = paths.map(|linking| &linking.run_path);
        let written = |paths: &[String]| -> Vec<String> {
            let paths = paths.iter();
            paths
                .map(|path| crate::path::with_origin(path, own))
                .collect()
        };
        let (before, after) = paths.map_or_else(Default::default, |paths| {
            if paths.runpath.is_empty() {
                (written(&paths.rpath), Vec::new())
            } else {
                (Vec::new(), written(&paths.runpath))
            }
        });
        let of = |is_environment: bool| {
            let all = self.search.iter();
            let chosen = all.filter(move |directory| {
                (directory.from == SearchOrigin::LibraryPath) == is_environment
            });
            chosen.map(|directory| directory.path.clone())
        };
        let mut all = before
            .into_iter()
            .chain(of(true))
            .chain(after)
            .chain(of(false));
        all.find(|directory| directories.contains(directory))
    }
}
