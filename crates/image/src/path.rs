//! Paths as text: the image's, never opened.

/// A path of a layer's entry, or one joined of a directory and a link's target, with `.` and `..` gone and `/` in front;
/// `..` at the root stays there, as in a `chroot`.
pub fn normal(path: &str) -> String {
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

/// A directory of a `DT_RUNPATH`, with `$ORIGIN` replaced.
pub(crate) fn with_origin(path: &str, own: &str) -> String {
    normal(&path.replace("${ORIGIN}", own).replace("$ORIGIN", own))
}
