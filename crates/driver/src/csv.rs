//! The lists by which a Jetson says what belongs into a container: lines of `type, path`.
//!
//! Types are `dev`, `dir`, `lib` and `sym`. Anything else (comments, blank lines, types of another release)
//! is passed over, as the reference does: the lists are the board vendor's, and a line too many must not
//! stop every container. A path may be a pattern; `*` does not cross a `/`.

/// What a line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A device node.
    Device,
    /// A directory.
    Directory,
    /// A library.
    Library,
    /// A symbolic link.
    Link,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) path: String,
}

/// No path is longer. A pattern that is would only take time, for every name that it is compared with.
const LONGEST_PATH: usize = 4096;

/// Reads a list.
pub(crate) fn parse(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let (kind, path) = line.split_once(',')?;
            let kind = match kind.trim() {
                "dev" => EntryKind::Device,
                "dir" => EntryKind::Directory,
                "lib" => EntryKind::Library,
                "sym" => EntryKind::Link,
                _ => return None,
            };
            let path = path.trim();
            (path.starts_with('/') && path.len() < LONGEST_PATH).then(|| Entry {
                kind,
                path: with_single_slashes(path),
            })
        })
        .collect()
}

/// NVIDIA's own lists have `//lib/firmware/…`, and beside it the same with one: two lines, one file.
fn with_single_slashes(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.fold(String::new(), |path, part| path + "/" + part)
}

/// Whether a path holds characters of a pattern.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// Whether `name`, one component of a path, matches `pattern`: `*`, `?`, `[a-z]`, `[^a-z]`, `\x`.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut read) = (0, 0);
    // The last `*`, and how much of the name it has taken: trying again from there is enough.
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match one(&pattern[at..], name[read]) {
            Step::Star => {
                star = Some((at, read));
                at += 1;
            }
            Step::Taken(length) => {
                at += length;
                read += 1;
            }
            Step::No => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    read = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&character| character == '*')
}

enum Step {
    Star,
    Taken(usize),
    No,
}

/// Whether the first element of `pattern` takes `character`.
fn one(pattern: &[char], character: char) -> Step {
    let taken = |is: bool, length| if is { Step::Taken(length) } else { Step::No };
    match pattern {
        [] => Step::No,
        ['*', ..] => Step::Star,
        ['?', ..] => Step::Taken(1),
        ['\\', literal, ..] => taken(*literal == character, 2),
        ['[', rest @ ..] => {
            let Some(end) = rest.iter().skip(1).position(|&one| one == ']') else {
                return Step::No;
            };
            let (negated, set) = match &rest[..=end] {
                ['^', set @ ..] => (true, set),
                set => (false, set),
            };
            taken(in_set(set, character) != negated, end + 3)
        }
        [literal, ..] => taken(*literal == character, 1),
    }
}

fn in_set(mut set: &[char], character: char) -> bool {
    loop {
        set = match set {
            [] => return false,
            [low, '-', high, ..] if (*low..=*high).contains(&character) => return true,
            [_, '-', _, rest @ ..] => rest,
            [single, ..] if *single == character => return true,
            [_, rest @ ..] => rest,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let text = "# comment\n\ndev, /dev/nvmap\n lib ,  /usr/lib/libx.so.1 \nsym, /a, b\nfoo, /x\ndir,//etc//d/\nlib, relative\nlib\n";
        let read: Vec<(EntryKind, String)> = parse(text)
            .into_iter()
            .map(|entry| (entry.kind, entry.path))
            .collect();
        assert_eq!(
            read,
            [
                (EntryKind::Device, "/dev/nvmap".to_owned()),
                (EntryKind::Library, "/usr/lib/libx.so.1".to_owned()),
                (EntryKind::Link, "/a, b".to_owned()),
                (EntryKind::Directory, "/etc/d".to_owned()),
            ]
        );
    }

    #[test]
    fn what_is_longer_than_a_path_is_passed_over() {
        let line = |length: usize| format!("lib, /{}\n", "[".repeat(length - 1));
        assert_eq!(parse(&(line(4095) + &line(4096))).len(), 1);
        // As long as a list may be: on the stack it would have no room.
        let set = format!("[{}]", "a".repeat(1 << 20));
        assert!(!matches(&set, "b"));
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*", "a", true),
            ("lib*.so.*", "libcuda.so.1", true),
            ("lib*.so.*", "libcuda.so", false),
            ("a*b*c", "aXbYbc", true),
            ("a*b*c", "aXc", false),
            ("nvhost-?", "nvhost-1", true),
            ("nvhost-?", "nvhost-12", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[", "[", false),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("", "", true),
            ("", "a", false),
            ("****a", "a", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", pattern in ".{0,40}") {
            parse(&text);
            matches(&pattern, &text);
        }
    }
}
