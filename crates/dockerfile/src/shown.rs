//! Somebody else's text in a message.

/// How many characters of it are shown.
const LONGEST: usize = 60;

/// The beginning of a text, without what a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
