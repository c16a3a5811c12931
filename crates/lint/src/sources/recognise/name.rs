//! What a file's name says.

use super::Kind;
use super::template::TemplateLanguage;

/// What a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kind: Kind,
    pub(super) template: Option<TemplateLanguage>,
}

/// The kind that a path's name tells; `None`, where only the content can.
pub fn by_name(path: &str) -> Option<Kind> {
    named(path).map(|named| named.kind)
}

pub(super) fn named(path: &str) -> Option<Named> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    // No name is longer, and nobody gains by a megabyte in lower case.
    let name = name.get(..256).unwrap_or(name).to_ascii_lowercase();
    let (name, template) = match name.rsplit_once('.') {
        Some((rest, end)) => match TemplateLanguage::of_extension(end) {
            Some(language) => (rest, Some(language)),
            None => (name.as_str(), None),
        },
        None => (name.as_str(), None),
    };
    let kind = plain(name)?;
    Some(Named { kind, template })
}

fn plain(name: &str) -> Option<Kind> {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    match extension {
        "md" | "markdown" | "mkd" | "mdown" | "mdx" => return Some(Kind::Markdown),
        "sh" | "bash" | "ksh" | "zsh" => return Some(Kind::Shell),
        "tar" | "tgz" | "tzst" => return Some(Kind::ImageArchive),
        "gz" | "zst" | "xz" | "bz2" => {
            let inner = stem.rsplit_once('.').map_or("", |(_, inner)| inner);
            return (inner == "tar").then_some(Kind::ImageArchive);
        }
        "dockerfile" | "containerfile" => return Some(Kind::Dockerfile),
        "yml" | "yaml" => return is_compose(stem).then_some(Kind::Compose),
        // `Dockerfile.dockerignore`, and programs that are named for what they make.
        "dockerignore" | "py" | "js" | "ts" | "go" | "rs" | "rb" | "txt" | "toml" | "html"
        | "patch" | "diff" | "log" => return None,
        _ => {}
    }
    if matches!(name, "devcontainer.json" | ".devcontainer.json") {
        return Some(Kind::DevContainer);
    }
    if extension == "json" {
        return None;
    }
    if name == "readme" {
        return Some(Kind::Markdown);
    }
    // `Dockerfile`, `Dockerfile.gpu`, `Dockerfile-12.8`, `Dockerfile_dev`.
    for word in ["dockerfile", "containerfile"] {
        let Some(rest) = name.strip_prefix(word) else {
            continue;
        };
        if rest.is_empty() || rest.starts_with(['.', '-', '_']) {
            return Some(Kind::Dockerfile);
        }
    }
    None
}

/// `compose`, `docker-compose`, `docker-compose.gpu`, `compose-gpu`, `gpu.compose`, `podman-compose`.
fn is_compose(stem: &str) -> bool {
    let words = [
        "docker-compose",
        "compose",
        "podman-compose",
        "docker_compose",
    ];
    words.iter().any(|word| {
        let starts = stem
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']));
        let ends = stem
            .strip_suffix(word)
            .is_some_and(|rest| rest.ends_with(['.', '-', '_']));
        starts || ends
    })
}
