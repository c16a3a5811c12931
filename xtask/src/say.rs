//! Words for the developer, on standard output; a reader that has gone away is no failure.

use std::io::Write as _;

/// Text as it is.
pub(crate) fn words(text: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).ok();
    stdout.flush().ok();
}

/// A heading.
pub(crate) fn heading(text: &str) {
    words(&format!("\n── {text}\n"));
}

/// What is going on, when it takes more than a moment.
pub(crate) fn progress(text: &str) {
    words(&format!("   {text} …\n"));
}
