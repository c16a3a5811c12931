//! Names: `vendor/class=device`.
//!
//! A qualified name goes from a command line or an annotation to a file's device, so both ends must agree on
//! what a name is: ASCII letters, digits and a few signs, never a path, never empty. A vendor or a class of
//! one character is refused with words: the Go library up to 1.1.0 slices such a name out of bounds, so that a
//! file with one ends every engine that scans its directory, and a name with one ends the engine that is asked.

use std::fmt;
use std::str::FromStr;

use crate::shown::Shown;

/// The name of a device, qualified by its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// Whose it is: `nvidia.com`.
    pub vendor: String,
    /// What it is: `gpu`.
    pub class: String,
    /// Which it is: `0`.
    pub name: String,
}

impl QualifiedName {
    /// The part before the `=`: `nvidia.com/gpu`.
    pub fn kind(&self) -> String {
        format!("{}/{}", self.vendor, self.class)
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}={}", self.vendor, self.class, self.name)
    }
}

impl FromStr for QualifiedName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let unqualified = |reason| Err(NameError::new("qualified name", text, reason));
        if text.starts_with('/') {
            return unqualified("is a path".to_owned());
        }
        let Some((kind, name)) = text.split_once('=') else {
            return unqualified("has no `=` before the device".to_owned());
        };
        let Some((vendor, class)) = kind.split_once('/') else {
            return unqualified("has no `/` between vendor and class".to_owned());
        };
        check_vendor(vendor)?;
        check_class(class)?;
        check_device(name)?;
        Ok(Self {
            vendor: vendor.to_owned(),
            class: class.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// A name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} `{}` {reason}", Shown(name))]
pub struct NameError {
    /// What it was to be: `vendor`, `class`, `device name`, `qualified name`.
    pub part: &'static str,
    /// The name.
    pub name: String,
    /// What is wrong with it, to be read after the name.
    pub reason: String,
}

impl NameError {
    fn new(part: &'static str, name: &str, reason: String) -> Self {
        Self {
            part,
            name: name.to_owned(),
            reason,
        }
    }
}

/// Whether `text` is a qualified name.
pub fn is_qualified(text: &str) -> bool {
    text.parse::<QualifiedName>().is_ok()
}

/// Whether `name` can be a vendor.
pub fn check_vendor(name: &str) -> Result<(), NameError> {
    check_half_of_kind("vendor", name)
}

/// Whether `name` can be a class.
pub fn check_class(name: &str) -> Result<(), NameError> {
    check_half_of_kind("class", name)
}

/// Whether `name` can be a device's.
pub fn check_device(name: &str) -> Result<(), NameError> {
    check(
        "device name",
        name,
        "a letter or digit",
        |first| first.is_ascii_alphanumeric(),
        "_-.:",
    )
}

fn check_half_of_kind(part: &'static str, name: &str) -> Result<(), NameError> {
    check(
        part,
        name,
        "a letter",
        |first| first.is_ascii_alphabetic(),
        "_-.",
    )?;
    if name.len() == 1 {
        let reason = "has one character and needs two: the CDI library of many engines ends on one";
        return Err(NameError::new(part, name, reason.to_owned()));
    }
    Ok(())
}

fn check(
    part: &'static str,
    name: &str,
    first_is: &str,
    is_first: fn(char) -> bool,
    signs: &str,
) -> Result<(), NameError> {
    let error = |reason| Err(NameError::new(part, name, reason));
    let Some(first) = name.chars().next() else {
        return error("is empty".to_owned());
    };
    let is_inner =
        |character: &char| character.is_ascii_alphanumeric() || signs.contains(*character);
    if let Some(odd) = name.chars().find(|character| !is_inner(character)) {
        return error(format!("has {odd:?}, which no {part} may have"));
    }
    if !is_first(first) {
        return error(format!("does not begin with {first_is}"));
    }
    if !name.ends_with(|last: char| last.is_ascii_alphanumeric()) {
        return error("does not end with a letter or digit".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualified_names() {
        for (text, vendor, class, name) in [
            ("nvidia.com/gpu=0", "nvidia.com", "gpu", "0"),
            ("nvidia.com/gpu=0:1", "nvidia.com", "gpu", "0:1"),
            ("ab/c_d-e.f=G-1", "ab", "c_d-e.f", "G-1"),
            ("v1/c2=a", "v1", "c2", "a"),
        ] {
            let parsed: QualifiedName = text.parse().unwrap();
            assert_eq!(
                (&*parsed.vendor, &*parsed.class, &*parsed.name),
                (vendor, class, name)
            );
            assert_eq!(parsed.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_name_is_said_in_words() {
        for (text, expected) in [
            ("", "qualified name `` has no `=` before the device"),
            ("/dev/x=1", "qualified name `/dev/x=1` is a path"),
            ("gpu", "qualified name `gpu` has no `=` before the device"),
            (
                "gpu=0",
                "qualified name `gpu=0` has no `/` between vendor and class",
            ),
            (
                "=0",
                "qualified name `=0` has no `/` between vendor and class",
            ),
            ("ab/=0", "class `` is empty"),
            ("ab/cd=", "device name `` is empty"),
            (
                "a/cd=0",
                "vendor `a` has one character and needs two: the CDI library of many engines ends on one",
            ),
            (
                "ab/c=0",
                "class `c` has one character and needs two: the CDI library of many engines ends on one",
            ),
            ("1b/cd=0", "vendor `1b` does not begin with a letter"),
            ("a-/cd=0", "vendor `a-` does not end with a letter or digit"),
            ("ab/c/d=0", "class `c/d` has '/', which no class may have"),
            (
                "ab/cd=0=1",
                "device name `0=1` has '=', which no device name may have",
            ),
            (
                "ab/cd=-0",
                "device name `-0` does not begin with a letter or digit",
            ),
            (
                "ab/cd=0:",
                "device name `0:` does not end with a letter or digit",
            ),
            ("ab/c:d=0", "class `c:d` has ':', which no class may have"),
            (
                "\u{e4}b/cd=0",
                "vendor `\u{e4}b` has '\u{e4}', which no vendor may have",
            ),
            (
                "ab/cd=0\n",
                "device name `0\\n` has '\\n', which no device name may have",
            ),
        ] {
            let error = text.parse::<QualifiedName>().unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(!is_qualified(text));
        }
    }
}
