//! What is wanted.

use super::project::Project;
use super::target::Target;
use liftgate_cuda::{Cuda, Release};

/// What the image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A CUDA program.
    Cuda,
    /// A Python program on PyTorch.
    Pytorch,
    /// A Python program on TensorFlow.
    Tensorflow,
    /// A Python program on JAX.
    Jax,
    /// A CUDA library, and a program or Python package that uses it.
    Library,
    /// A server of language models.
    Serving,
}

impl Kind {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 6] = [
        Self::Cuda,
        Self::Pytorch,
        Self::Tensorflow,
        Self::Jax,
        Self::Library,
        Self::Serving,
    ];

    /// As it is asked for.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Pytorch => "pytorch",
            Self::Tensorflow => "tensorflow",
            Self::Jax => "jax",
            Self::Library => "library",
            Self::Serving => "serving",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Cuda => "A CUDA program",
            Self::Pytorch => "A Python program on PyTorch",
            Self::Tensorflow => "A Python program on TensorFlow",
            Self::Jax => "A Python program on JAX",
            Self::Library => "A CUDA library and what uses it",
            Self::Serving => "A server of language models (vLLM)",
        }
    }
}

/// How a library is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    /// Into what uses it.
    Static,
    /// As a file of its own.
    Shared,
}

/// A CUDA version that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// `12.8`: its newest release.
    Cuda(Cuda),
    /// `12.8.1`: this one.
    Release(Release),
}

impl Version {
    /// Reads `12.8` and `12.8.1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let release = Release::parse(text).map(Self::Release);
        release.or_else(|| Cuda::parse(text).map(Self::Cuda))
    }

    /// `12.8` of both.
    pub(crate) fn cuda(self) -> Cuda {
        match self {
            Self::Cuda(cuda) => cuda,
            Self::Release(release) => release.cuda(),
        }
    }
}

/// What is wanted, and what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// What the image is for.
    pub(crate) kind: Kind,
    /// The machine that it is for.
    pub(crate) target: Target,
    /// The CUDA version, if one was asked for.
    pub(crate) cuda: Option<Version>,
    /// The operating system, as written.
    pub(crate) os: Option<String>,
    /// The version of Python, if one was asked for.
    pub(crate) python: Option<(u8, u8)>,
    /// The name of the image, its service, and what is built.
    pub(crate) name: String,
    /// How a library is linked; `None`: as its user needs it.
    pub(crate) linkage: Option<Linkage>,
    /// What lies in the directory.
    pub(crate) project: Project,
}

impl Request {
    /// The first lines of the Dockerfile.
    pub(crate) fn head(&self) -> String {
        format!(
            "# {}, for {}. Made by `liftgate dockerfile new {}`; yours to change.\n\
             # A tag can be pushed anew. To pin the very image: `docker buildx imagetools inspect IMAGE` prints the digest for IMAGE@sha256:…",
            self.kind.words(),
            self.target.words(),
            self.kind.name()
        )
    }
}
