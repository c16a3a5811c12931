//! A change as people read it: a unified diff.

use super::FileChange;
use similar::TextDiff;

const CONTEXT: usize = 3;
const NOTHING: &str = "/dev/null";

/// The change as `diff -u` would show it; empty if there is none.
pub fn diff(change: &FileChange) -> String {
    if change.is_nothing() {
        return String::new();
    }
    let path = change.path.display().to_string();
    let name = |text: &Option<String>| text.as_ref().map_or(NOTHING, |_| &path).to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (before, after) = (text(&change.before), text(&change.after));
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&name(&change.before), &name(&change.after))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(before: Option<&str>, after: Option<&str>) -> FileChange {
        FileChange {
            path: "/etc/file".into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn shows_what_changes() {
        assert_eq!(diff(&change(Some("a\n"), Some("a\n"))), "");
        assert_eq!(
            diff(&change(Some("a\nb"), Some("a\nc\n"))),
            "--- /etc/file\n+++ /etc/file\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
        );
        assert_eq!(
            diff(&change(None, Some("a\n"))),
            "--- /dev/null\n+++ /etc/file\n@@ -0,0 +1 @@\n+a\n"
        );
    }
}
