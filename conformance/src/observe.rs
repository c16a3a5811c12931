//! What a container got: looked at from inside and from outside, as plain facts that can be compared.

mod look;
mod made;
mod observation;

pub use look::{CAPABILITIES, Look, Mount, SCRIPT, read_mounts};
pub use made::made;
pub use observation::{Kind, Observation, without_random};

/// Whether the whole text is the pattern's, with any text for each `*`.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .any(|at| matches(rest, &text[at..]))
        }),
    }
}
