//! Text of a file as it may stand in a message.
//!
//! The file may be anybody's, and messages end on terminals and in journals: so no more of it than is needed to find
//! the place, and no control character of it.

use std::fmt;

/// The most characters that are shown.
const LONGEST: usize = 120;

/// Shows the beginning of a text, control characters escaped.
pub(crate) struct Shown<'t>(pub(crate) &'t str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.0.chars().enumerate() {
            if index == LONGEST {
                return f.write_str("…");
            }
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_tame() {
        assert_eq!(Shown("a\u{e9}`b").to_string(), "a\u{e9}`b");
        assert_eq!(Shown("a\n\u{1b}[0m").to_string(), "a\\n\\u{1b}[0m");
        let long = "\u{e9}".repeat(1000);
        assert_eq!(Shown(&long).to_string(), "\u{e9}".repeat(120) + "…");
    }
}
