//! Paths as text: the image's, never opened.

/// The most parts of a path.
pub(crate) const MOST_PARTS: usize = 256;

/// A path of a layer's entry, or one joined of a directory and a link's target, with `.` and `..` gone and `/` in front;
/// `..` at the root stays there, as in a `chroot`.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A normal path as directory and name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some(parts) => parts,
        None => ("/", path),
    }
}

/// A name in a directory whose path is normal.
pub(crate) fn join(directory: &str, name: &str) -> String {
    let directory = directory.trim_end_matches('/');
    format!("{directory}/{name}")
}

/// Whether a name ends with a dot and this.
pub(crate) fn has_extension(name: &str, extension: &str) -> bool {
    let stem = name.strip_suffix(extension);
    stem.is_some_and(|stem| stem.ends_with('.') && stem.len() > 1)
}

/// A directory of a `DT_RUNPATH`, with `$ORIGIN` replaced.
pub(crate) fn with_origin(path: &str, own: &str) -> String {
    normal(&path.replace("${ORIGIN}", own).replace("$ORIGIN", own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normal() {
        for (path, expected) in [
            ("", "/"),
            ("./usr//lib/", "/usr/lib"),
            ("../../etc/x", "/etc/x"),
            ("a/b/../c/./d", "/a/c/d"),
            ("/..", "/"),
        ] {
            assert_eq!(normal(path), expected, "{path}");
        }
        assert_eq!(split("/a"), ("/", "a"));
        assert_eq!(split("/a/b"), ("/a", "b"));
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/a", "b"), "/a/b");
        assert_eq!(with_origin("$ORIGIN/../x", "/a/b"), "/a/x");
        assert_eq!(with_origin("${ORIGIN}", "/a/b"), "/a/b");
    }
}
