//! The name of an image, taken apart.

/// Where an image comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registry<'r> {
    /// Docker Hub: no registry is named, or one of its names.
    DockerHub,
    /// `nvcr.io`, which has the same tags.
    Ngc,
    /// Somebody's copy: it may still have what NVIDIA has deleted, and not yet have what is new.
    Other(&'r str),
}

/// Which of NVIDIA's repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repository {
    /// `nvidia/cuda`
    Cuda,
    /// `nvidia/cudagl`, which ended with CUDA 11.4.
    CudaGl,
    /// `nvidia/opengl`, which is no longer built.
    OpenGl,
    /// `nvidia/cuda-arm64`: since 2021 `nvidia/cuda` is for every architecture.
    CudaArm64,
    /// `nvidia/cuda-ppc64le`: as above, and CUDA 12.4 was the last for this one.
    CudaPpc64le,
}

impl Repository {
    const ALL: [Self; 5] = [
        Self::Cuda,
        Self::CudaGl,
        Self::OpenGl,
        Self::CudaArm64,
        Self::CudaPpc64le,
    ];

    /// Without registry: `nvidia/cuda`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "nvidia/cuda",
            Self::CudaGl => "nvidia/cudagl",
            Self::OpenGl => "nvidia/opengl",
            Self::CudaArm64 => "nvidia/cuda-arm64",
            Self::CudaPpc64le => "nvidia/cuda-ppc64le",
        }
    }

    /// Whether anything is still built for it.
    pub fn is_dead(self) -> bool {
        self != Self::Cuda
    }
}

/// The name of one of NVIDIA's CUDA images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'r> {
    /// Where it comes from.
    pub registry: Registry<'r>,
    /// Which one.
    pub repository: Repository,
    /// What stands behind the colon.
    pub tag: Option<&'r str>,
    /// What stands behind the `@`: with it, engines do not look at the tag.
    pub digest: Option<&'r str>,
    /// Everything before the tag, as written.
    pub name: &'r str,
}

/// The longest tag that a registry takes.
const LONGEST_TAG: usize = 128;

impl<'r> Reference<'r> {
    /// Reads `nvcr.io/nvidia/cuda:12.4.1-base-ubuntu22.04@sha256:…`.
    ///
    /// `None`: the name of another image, or of none (a `$` is in it, a letter that tags do not have).
    pub fn parse(text: &'r str) -> Option<Self> {
        let text = text.strip_prefix("docker://").unwrap_or(text);
        let (text, digest) = match text.split_once('@') {
            Some((text, digest)) => (text, Some(digest)),
            None => (text, None),
        };
        let path_start = text.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match text[path_start..].find(':') {
            Some(at) => (&text[..path_start + at], Some(&text[path_start + at + 1..])),
            None => (text, None),
        };
        let is_tag = |one: u8| one.is_ascii_alphanumeric() || matches!(one, b'.' | b'-' | b'_');
        let is_well_formed =
            |tag: &str| !tag.is_empty() && tag.len() <= LONGEST_TAG && tag.bytes().all(is_tag);
        if tag.is_some_and(|tag| !is_well_formed(tag))
            || name.contains(char::is_whitespace)
            || name.contains('$')
        {
            return None;
        }
        let repository = Repository::ALL.into_iter().find(|repository| {
            let before = name.strip_suffix(repository.name());
            before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        })?;
        let registry = name[..name.len() - repository.name().len()].trim_end_matches('/');
        let registry = match registry {
            ""
            | "docker.io"
            | "index.docker.io"
            | "registry-1.docker.io"
            | "registry.hub.docker.com" => Registry::DockerHub,
            "nvcr.io" => Registry::Ngc,
            other => Registry::Other(other),
        };
        Some(Self {
            registry,
            repository,
            tag,
            digest,
            name,
        })
    }

    /// The same image with another tag, as it would be written here.
    pub fn with_tag(&self, tag: impl std::fmt::Display) -> String {
        format!("{}:{tag}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_apart() {
        for (text, registry, repository, tag, digest) in [
            (
                "nvidia/cuda",
                Registry::DockerHub,
                Repository::Cuda,
                None,
                None,
            ),
            (
                "nvidia/cuda:latest",
                Registry::DockerHub,
                Repository::Cuda,
                Some("latest"),
                None,
            ),
            (
                "docker.io/nvidia/cuda:a",
                Registry::DockerHub,
                Repository::Cuda,
                Some("a"),
                None,
            ),
            (
                "nvcr.io/nvidia/cuda:a@sha256:0",
                Registry::Ngc,
                Repository::Cuda,
                Some("a"),
                Some("sha256:0"),
            ),
            (
                "reg:5000/mirror/nvidia/cuda:a",
                Registry::Other("reg:5000/mirror"),
                Repository::Cuda,
                Some("a"),
                None,
            ),
            (
                "reg:5000/nvidia/cuda",
                Registry::Other("reg:5000"),
                Repository::Cuda,
                None,
                None,
            ),
            (
                "nvidia/cudagl:a",
                Registry::DockerHub,
                Repository::CudaGl,
                Some("a"),
                None,
            ),
            (
                "nvidia/cuda-arm64:a",
                Registry::DockerHub,
                Repository::CudaArm64,
                Some("a"),
                None,
            ),
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(reference.registry, registry, "{text}");
            assert_eq!(reference.repository, repository, "{text}");
            assert_eq!((reference.tag, reference.digest), (tag, digest), "{text}");
        }
        let reference = Reference::parse("nvcr.io/nvidia/cuda:a@sha256:0").unwrap();
        assert_eq!(reference.with_tag("b"), "nvcr.io/nvidia/cuda:b");
    }

    #[test]
    fn others() {
        for text in [
            "",
            "cuda",
            "cuda:12.4.1",
            "ubuntu:22.04",
            "mynvidia/cuda:a",
            "nvidia/cuda/x:a",
            "nvidia/cuda-dl-base:25.01",
            "nvidia/cuda:",
            "nvidia/cuda:${TAG}",
            "$REGISTRY/nvidia/cuda:a",
            "nvidia/cuda:a b",
            "nvidia/cuda:é",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
        assert_eq!(
            Reference::parse(&format!("nvidia/cuda:{}", "a".repeat(129))),
            None
        );
    }
}
