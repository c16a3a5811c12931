//! Names of images: `registry/repository:tag@digest`.

/// The name of an image, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The repository, without Docker Hub's own names: `docker.io/library/ubuntu` is `ubuntu`,
    /// `index.docker.io/nvidia/cuda` is `nvidia/cuda`.
    pub repository: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest, `sha256:…`.
    pub digest: Option<String>,
}

impl Reference {
    /// Takes a name apart. It is not checked: a registry's rules for names are not ours.
    pub fn parse(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before the last slash is that of a port.
        let name = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (repository, tag) = match rest.get(name..).and_then(|last| last.find(':')) {
            Some(colon) => {
                let (repository, tag) = rest.split_at(name + colon);
                (repository, Some(tag[1..].to_owned()))
            }
            None => (rest, None),
        };
        let repository = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"]
            .iter()
            .find_map(|hub| repository.strip_prefix(hub))
            .unwrap_or(repository);
        let repository = repository.strip_prefix("library/").unwrap_or(repository);
        Self {
            repository: repository.to_owned(),
            tag,
            digest,
        }
    }

    /// The tag, or what a registry takes where there is none.
    pub fn tag_or_latest(&self) -> &str {
        self.tag.as_deref().unwrap_or("latest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (text, repository, tag, digest) in [
            ("ubuntu", "ubuntu", None, None),
            (
                "docker.io/library/ubuntu:22.04",
                "ubuntu",
                Some("22.04"),
                None,
            ),
            (
                "nvidia/cuda:12.4.1-base-ubuntu22.04",
                "nvidia/cuda",
                Some("12.4.1-base-ubuntu22.04"),
                None,
            ),
            (
                "localhost:5000/nvidia/cuda",
                "localhost:5000/nvidia/cuda",
                None,
                None,
            ),
            (
                "localhost:5000/a:b@sha256:00",
                "localhost:5000/a",
                Some("b"),
                Some("sha256:00"),
            ),
            (
                "nvcr.io/nvidia/pytorch:24.05-py3",
                "nvcr.io/nvidia/pytorch",
                Some("24.05-py3"),
                None,
            ),
            ("", "", None, None),
            (":", "", Some(""), None),
            ("é:ü", "é", Some("ü"), None),
        ] {
            let reference = Reference::parse(text);
            assert_eq!(
                (
                    reference.repository.as_str(),
                    reference.tag.as_deref(),
                    reference.digest.as_deref()
                ),
                (repository, tag, digest),
                "{text}"
            );
        }
    }
}
