//! How a string is written so that every reader reads that string.
//!
//! The file is read by engines with a YAML 1.1 parser, by people's scripts with another one, and by us. A
//! string stands without quotes only where none of them could take it for a number, a switch, null, a time or
//! syntax; this errs towards quotes. Between double quotes only escapes are used that JSON has as well, so one
//! function serves both formats.

use std::fmt::Write as _;

/// Writes `text` between double quotes. `for_html` also escapes what Go's JSON writer escapes.
pub(crate) fn quoted(out: &mut String, text: &str, for_html: bool) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' if for_html => escape(out, character),
            other if is_printable(other) => out.push(other),
            other => escape(out, other),
        }
    }
    out.push('"');
}

fn escape(out: &mut String, character: char) {
    // Everything that is not printable lies in the basic plane.
    write!(out, "\\u{:04x}", u32::from(character)).ok();
}

/// What YAML 1.1 lets stand as it is, less the line separators and the byte order mark.
fn is_printable(character: char) -> bool {
    matches!(
        character,
        ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// Whether `text` can stand without quotes.
pub(crate) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-=+:,@%$;()^ ".contains(byte);
    let begins_well = first.is_ascii_alphanumeric() || b"/._-+$(".contains(first);
    if !begins_well || matches!(last, b' ' | b':') || !bytes.iter().all(is_safe) {
        return false;
    }
    if text.contains(": ") || text.starts_with("- ") || text == "-" || text.starts_with("---") {
        return false;
    }
    !is_word(text) && !is_like_a_number(text)
}

/// Words that some reader takes for null, a switch or a number, in any letter case.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "nan",
        "inf",
        "infinity",
        "none",
        "undefined",
    ];
    let text = text.trim_start_matches(['.', '+', '-']);
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Numbers of any base, with signs, separators, exponents and sixties; dates and times. Not versions such as
/// `0.5.0`, which have two dots and nothing else but digits.
fn is_like_a_number(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let digits_and_dots = text.bytes().all(|byte| is_digit(byte) || byte == b'.');
    if digits_and_dots && text.bytes().next().is_some_and(is_digit) {
        let dots = text.bytes().filter(|byte| *byte == b'.').count();
        return dots < 2 || text.contains("..") || text.ends_with('.');
    }
    let start = text.trim_start_matches(['+', '-', '.', '_']);
    start.bytes().next().is_none_or(is_digit)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || b"xXoO+-._:, tTzZ".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_where_the_reference_is_plain() {
        for text in [
            "0.5.0",
            "1.1.0",
            "nvidia.com/gpu",
            "GPU-da9cd78e-1611-93b7-8945-f245909eb73b",
            "all",
            "/dev/nvidia0",
            "rwm",
            "--link",
            "--host-driver-version=580.159.04",
            "../libnvidia-allocator.so.1::/usr/local/nvidia/lib64/gbm/nvidia-drm_gbm.so",
            "libcuda.so.1::/usr/lib/libcuda.so",
            "NVIDIA_VISIBLE_DEVICES=void",
            "createContainer",
            "nvidia-cdi-hook",
            "rbind",
            "A=b c",
        ] {
            assert!(is_plain(text), "`{text}`");
        }
    }

    #[test]
    fn quoted_where_a_reader_might_err() {
        for text in [
            "",
            " ",
            "a ",
            " a",
            "0",
            "00",
            "1:0",
            "0:1",
            "0000:01:00.0",
            "no",
            "No",
            "NO",
            "y",
            "~",
            "null",
            "0x1",
            "0o7",
            "1e3",
            "1.5",
            ".5",
            "5.",
            "-1",
            "+1",
            "1_000",
            ".inf",
            "-.INF",
            ".nan",
            "2001-01-01",
            "2001-12-14t21:59:43.10-05:00",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "- a",
            "-",
            "---",
            "--- a",
            "? a",
            "[a]",
            "{a}",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "'a'",
            "\"a\"",
            "=",
            "<<",
            ",a",
            "a\n",
            "a\tb",
            "\u{7f}",
            "\u{e9}",
            "\u{2028}",
            "\u{feff}",
            "true",
            "off",
            "1,000",
            "12e",
            "...",
            ".",
            "+",
            "0b1",
            "+_0",
            "1..2",
            "1.2.",
        ] {
            assert!(!is_plain(text), "`{text}`");
        }
    }

    #[test]
    fn escapes_are_those_of_json() {
        let text = "a\"\\\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}\u{85}\u{9f}\u{e9}\u{2028}\u{feff}\u{fffe}\u{1f600}<";
        let mut out = String::new();
        quoted(&mut out, text, false);
        assert_eq!(
            out,
            "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001f\\u007f\\u0085\\u009f\u{e9}\\u2028\\ufeff\\ufffe\u{1f600}<\""
        );
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        out.clear();
        quoted(&mut out, "<a&b>", true);
        assert_eq!(out, r#""\u003ca\u0026b\u003e""#);
    }
}
