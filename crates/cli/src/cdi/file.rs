//! Where a specification goes, in which format, and how it gets there.
//!
//! Engines read `.yaml` and `.json` only, so every file gets one of the two endings, and the ending says the
//! format. A reader finds the old file or the new one, never a part of one and never none: the text is written
//! beside it under a name that no engine reads, and renamed.

use super::record::SpecificationRecord;
use liftgate_cdi::Specification;
use liftgate_sys::{Dir, SysError};
use std::path::{Path, PathBuf};

/// How a specification is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Yaml,
    Json,
}

impl Format {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }

    /// The format of that name, in capitals or not.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Yaml, Self::Json]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// The format that a file's ending says.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// The text of a specification, with its record if it is to have one.
    pub(crate) fn text(
        self,
        mut specification: Specification,
        record: Option<SpecificationRecord>,
    ) -> String {
        match (self, record) {
            (Self::Yaml, Some(record)) => record.into_yaml(&specification),
            (Self::Yaml, None) => specification.to_yaml(),
            (Self::Json, record) => {
                if let Some(record) = record {
                    record.annotate(&mut specification);
                }
                specification.to_json()
            }
        }
    }
}

/// Where a specification goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The file; `None`: standard output.
    pub(crate) path: Option<PathBuf>,
    /// Its format.
    pub(crate) format: Format,
    /// The format that was asked for in vain, because the file's name says another.
    pub(crate) overruled: Option<Format>,
}

impl Target {
    /// The target for a file's name and a format, each of which may be left open.
    pub(crate) fn new(output: Option<&Path>, format: Option<Format>) -> Self {
        let Some(output) = output else {
            return Self {
                path: None,
                format: format.unwrap_or(Format::Yaml),
                overruled: None,
            };
        };
        if let Some(implied) = Format::of(output) {
            return Self {
                path: Some(output.to_owned()),
                format: implied,
                overruled: format.filter(|format| *format != implied),
            };
        }
        let format = format.unwrap_or(Format::Yaml);
        let mut name = output.as_os_str().to_owned();
        name.push(".");
        name.push(format.name());
        Self {
            path: Some(PathBuf::from(name)),
            format,
            overruled: None,
        }
    }
}

/// Puts the text in the place of the file, for everybody to read. Directories that are missing are made.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), SysError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)
        .map_err(|error| SysError::from_io(format!("mkdir(`{}`)", parent.display()), &error))?;
    let name = path.file_name().ok_or_else(|| {
        SysError::refused(format!("write(`{}`)", path.display()), "names no file")
    })?;
    Dir::open_host(parent)?.put_file(name, text.as_bytes(), 0o644)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn every_name_gets_an_ending_that_engines_read() {
        for (output, format, path, expected, is_overruled) in [
            ("x", None, "x.yaml", Format::Yaml, false),
            ("x", Some(Format::Json), "x.json", Format::Json, false),
            ("x.yaml", None, "x.yaml", Format::Yaml, false),
            ("x.json", None, "x.json", Format::Json, false),
            ("x.yml", None, "x.yml.yaml", Format::Yaml, false),
            ("x.YAML", None, "x.YAML.yaml", Format::Yaml, false),
            ("x.yaml", Some(Format::Json), "x.yaml", Format::Yaml, true),
            ("x.json", Some(Format::Yaml), "x.json", Format::Json, true),
            ("x.json", Some(Format::Json), "x.json", Format::Json, false),
        ] {
            let target = Target::new(Some(Path::new(output)), format);
            assert_eq!(target.path.as_deref(), Some(Path::new(path)), "{output}");
            assert_eq!(target.format, expected, "{output}");
            assert_eq!(target.overruled.is_some(), is_overruled, "{output}");
        }
        assert_eq!(Target::new(None, Some(Format::Json)).format, Format::Json);
    }

    #[test]
    fn a_file_is_replaced_with_its_directories_and_its_mode() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b/x.yaml");
        write(&path, "one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        write(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o644);
        let parent = path.parent().unwrap();
        assert_eq!(std::fs::read_dir(parent).unwrap().count(), 1);
        assert!(write(parent, "a directory is no file").is_err());
    }
}
