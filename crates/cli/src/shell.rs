//! Commands as a shell takes them: to be read, copied, and run.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// The words as one line.
pub(crate) fn line<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> String {
    let words = words.into_iter().map(word);
    words.collect::<Vec<_>>().join(" ")
}

/// The text as one word. What would not show itself on a line (control characters, marks that turn the direction of writing,
/// bytes that are no UTF-8) is written `$'\ooo'`, which bash, zsh and ksh read.
pub(crate) fn word(text: impl AsRef<OsStr>) -> String {
    let bytes = text.as_ref().as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./,=:@%+".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(is_plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(is_unseen) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => in_octal(bytes),
    }
}

/// What [`crate::ui::Ui`] would not show.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn in_octal(bytes: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for &byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                word.push('\\');
                word.push(char::from(byte));
            }
            b' '..=b'~' => word.push(char::from(byte)),
            _ => write!(word, "\\{byte:03o}").unwrap_or_default(),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        for text in [
            &b"all"[..],
            b"",
            b"\"device=0,2\"",
            b"it's",
            b"$HOME `x` \\ *",
            b"a b",
            b"two\nlines'\\",
            b"\x1b]0;x\x07",
            b"\xff\xfe'1",
            "\u{202e}x9".as_bytes(),
            "größer".as_bytes(),
        ] {
            let word = word(OsStr::from_bytes(text));
            let output = std::process::Command::new("bash")
                .args(["-c", &format!("printf %s {word}")])
                .output()
                .unwrap();
            assert_eq!(output.stdout, text, "{word}");
            assert!(!word.contains(is_unseen), "{word}");
        }
        assert_eq!(word("A=0,2"), "A=0,2");
        assert_eq!(word("größer"), "'größer'");
        assert_eq!(line([OsStr::new("run"), OsStr::new("a b")]), "run 'a b'");
    }
}
