//! What a file of containerd imports.
//!
//! containerd takes a `*` in a path for a pattern, and a relative path for one beside the file that has it.

use crate::Refused;
use crate::text::toml::Toml;
use std::path::{Path, PathBuf};

/// An entry of `imports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The directory of the files.
    pub directory: PathBuf,
    /// Their name, or a pattern of it.
    name: String,
}

impl Import {
    /// The entry `text` of the file `of`.
    pub(crate) fn new(text: &str, of: &Path) -> Self {
        let path = of.parent().unwrap_or(Path::new("/")).join(text);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Self {
            name: name.into_owned(),
            directory: path.parent().unwrap_or(Path::new("/")).to_owned(),
        }
    }

    /// Whether it names that file.
    pub fn matches(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.parent() == Some(&*self.directory) && self.takes(&name)
    }

    /// Whether it takes a file of that name in its directory.
    pub fn takes(&self, name: &str) -> bool {
        let Some((start, rest)) = self.name.split_once('*') else {
            return self.name == name;
        };
        let Some(mut left) = name.strip_prefix(start) else {
            return false;
        };
        let mut parts: Vec<&str> = rest.split('*').collect();
        let end = parts.pop().unwrap_or_default();
        for part in parts {
            match left.find(part) {
                Some(at) => left = &left[at + part.len()..],
                None => return false,
            }
        }
        left.ends_with(end)
    }
}

/// What the text of the file `path` imports, in order.
pub fn imports_of(text: &str, path: &Path) -> Result<Vec<Import>, Refused> {
    let document = Toml::parse(text)?;
    let patterns = document.strings(&[super::IMPORTS])?;
    let imports = patterns.into_iter().map(|text| Import::new(text, path));
    Ok(imports.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, is_taken) in [
            ("a.toml", "a.toml", true),
            ("a.toml", "b.toml", false),
            ("*.toml", "a.toml", true),
            ("*.toml", "a.toml.bak", false),
            ("*.toml", ".toml", true),
            ("9*-nv*.toml", "99-nvidia.toml", true),
            ("9*-nv*.toml", "99-nvidia.conf", false),
            ("9*-nv*.toml", "9-nv", false),
            ("*", "anything", true),
        ] {
            let import = Import::new(pattern, Path::new("/etc/containerd/config.toml"));
            assert_eq!(import.directory, Path::new("/etc/containerd"));
            assert_eq!(import.takes(name), is_taken, "{pattern} {name}");
        }
    }
}
