//! Paths at random: texts of links, and what is asked for.

use proptest::prelude::*;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Names that trees and the host around them have in common. Some are those of a host's own directories, some
/// look like what they are not.
pub(crate) const NAMES: [&[u8]; 14] = [
    b"a",
    b"b",
    b"c",
    b"etc",
    b"proc",
    b"outer",
    b"rootfs",
    b"volume",
    b"...",
    b"a b\n",
    b"\xff\xfe",
    b"a (deleted)",
    b"a\\057b",
    &LONGEST_NAME,
];

/// 255 bytes, the most that a name may have.
const LONGEST_NAME: [u8; 255] = [b'n'; 255];

/// A name, told as it would be written in a program.
#[derive(Clone)]
pub(crate) struct Name(pub(crate) Vec<u8>);

impl std::fmt::Debug for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}", self.0.escape_ascii())
    }
}

/// A name of one file: mostly of those above, or any bytes.
pub(crate) fn name() -> impl Strategy<Value = Name> {
    prop_oneof![
        12 => prop::sample::select(&NAMES[..]).prop_map(|name| Name(name.to_vec())),
        1 => prop::collection::vec(any::<u8>(), 1..=255).prop_map(|mut name| {
            for byte in &mut name {
                if matches!(byte, b'/' | 0) {
                    *byte = b'_';
                }
            }
            if name == b"." || name == b".." {
                name.push(b'.');
            }
            Name(name)
        }),
    ]
}

/// A step of a path.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Name(Name),
    /// What the tree has under this number, from the root.
    Known(usize),
    /// `..`, so many times.
    Up(usize),
    /// `.`, so many times.
    Here(usize),
    /// A slash more.
    Slash,
    /// The host's path of the root.
    Host,
    /// A name of 256 bytes.
    TooLong,
}

/// A path.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    absolute: bool,
    steps: Vec<Step>,
    slash_at_end: bool,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => name().prop_map(Step::Name),
        12 => any::<usize>().prop_map(Step::Known),
        8 => (1_usize..4).prop_map(Step::Up),
        1 => (4_usize..40).prop_map(Step::Up),
        3 => (1_usize..3).prop_map(Step::Here),
        2 => Just(Step::Slash),
        1 => Just(Step::Host),
        1 => Just(Step::TooLong),
    ]
}

/// A path of up to five steps. None is long by many steps: a walk of many links that have many takes time by the
/// square of their sum.
/// With no steps, it is `/` or empty.
pub(crate) fn route() -> impl Strategy<Value = Route> {
    let steps = prop_oneof![
        1 => prop::collection::vec(step(), 0..=1),
        4 => prop::collection::vec(step(), 1..=5),
    ];
    (any::<bool>(), steps, prop::bool::weighted(0.15)).prop_map(
        |(absolute, steps, slash_at_end)| Route {
            absolute,
            steps,
            slash_at_end,
        },
    )
}

impl Route {
    /// The path, where the tree has these; `host` is where the root is.
    pub(crate) fn path(&self, known: &[PathBuf], host: &Path) -> PathBuf {
        let mut parts: Vec<&[u8]> = Vec::new();
        for step in &self.steps {
            match step {
                Step::Name(name) => parts.push(&name.0),
                Step::Known(number) => {
                    if let Some(path) = known.get(number % known.len().max(1)) {
                        parts.push(relative(path));
                    }
                }
                Step::Up(times) => parts.extend(std::iter::repeat_n(&b".."[..], *times)),
                Step::Here(times) => parts.extend(std::iter::repeat_n(&b"."[..], *times)),
                Step::Slash => parts.push(b""),
                Step::Host => parts.push(relative(host)),
                Step::TooLong => parts.push(&[b'n'; 256]),
            }
        }
        let mut text = Vec::new();
        if self.absolute {
            text.push(b'/');
        }
        text.extend(parts.join(&b'/'));
        if self.slash_at_end {
            text.push(b'/');
        }
        PathBuf::from(OsStr::from_bytes(&text))
    }
}

fn relative(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_bytes();
    bytes.strip_prefix(b"/").unwrap_or(bytes)
}
