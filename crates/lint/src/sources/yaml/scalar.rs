//! What an unquoted scalar means.
//!
//! Docker compose reads YAML as go-yaml 3 and later do: by the core schema of YAML 1.2, with two exceptions that come from 1.1,
//! `0755` is octal and `1_000` a number. To a reader of YAML 1.1 (docker-compose 1, `PyYAML`, Ansible) `yes`, `no`, `on` and `off`
//! are switches; to compose they are texts, which it takes for switches where it wants one, with a warning: ``"yes" for boolean is
//! not supported by YAML 1.2, please use `true` `` (compose-go, loader/interpolate.go).

/// What a scalar means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// Nothing: `~`, `null`, or no text.
    Null,
    /// `true`, `false`.
    Switch(bool),
    /// `yes`, `no`, `on`, `off`, `y`, `n`: a switch in YAML 1.1, a text in 1.2.
    OldSwitch(bool),
    /// A number without a fraction.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text,
}

/// The meaning of a scalar without quotes.
pub(super) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Meaning::Null,
        "true" | "True" | "TRUE" => return Meaning::Switch(true),
        "false" | "False" | "FALSE" => return Meaning::Switch(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Meaning::OldSwitch(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Meaning::OldSwitch(false),
        ".nan" | ".NaN" | ".NAN" => return Meaning::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Meaning::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Meaning::Float(f64::NEG_INFINITY),
        _ => {}
    }
    // No number is longer: a text of megabytes is not copied to find that out.
    if text.len() > 64 {
        return Meaning::Text;
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => {}
        _ => return Meaning::Text,
    }
    let digits = text.replace('_', "");
    if let Some(number) = integer(&digits) {
        return Meaning::Integer(number);
    }
    let looks_like_one = digits
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match digits.parse::<f64>() {
        Ok(number) if looks_like_one && number.is_finite() => Meaning::Float(number),
        _ => Meaning::Text,
    }
}

fn integer(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &rest[2..]),
        [b'0', b'o' | b'O', ..] => (8, &rest[2..]),
        [b'0', b'b' | b'B', ..] => (2, &rest[2..]),
        [b'0', _, ..] => (8, &rest[1..]),
        _ => (10, rest),
    };
    // `from_str_radix` would take a sign here.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_compose_takes_it() {
        use Meaning::{Float, Integer, Null, OldSwitch, Switch, Text};
        for (text, expected) in [
            ("", Null),
            ("~", Null),
            ("null", Null),
            ("nuLL", Text),
            ("true", Switch(true)),
            ("False", Switch(false)),
            ("tRue", Text),
            ("yes", OldSwitch(true)),
            ("off", OldSwitch(false)),
            ("yEs", Text),
            ("0", Integer(0)),
            ("-1", Integer(-1)),
            ("+7", Integer(7)),
            ("1_000", Integer(1000)),
            ("0755", Integer(0o755)),
            ("0o755", Integer(0o755)),
            ("0x1F", Integer(31)),
            ("0b11", Integer(3)),
            ("-9223372036854775808", Integer(i64::MIN)),
            ("9223372036854775808", Float(9_223_372_036_854_775_808.0)),
            ("089", Float(89.0)),
            ("1.5", Float(1.5)),
            (".5", Float(0.5)),
            ("1e3", Float(1000.0)),
            ("1e999", Text),
            ("0,1", Text),
            ("1:30", Text),
            ("12.4.1", Text),
            ("8gb", Text),
            ("all", Text),
            ("-", Text),
            ("--1", Text),
            ("0x", Text),
            ("0x-1", Text),
            ("+inf", Text),
            ("nan", Text),
            ("_1", Text),
            ("é", Text),
        ] {
            assert_eq!(meaning(text), expected, "`{text}`");
        }
        assert!(matches!(meaning(".nan"), Float(number) if number.is_nan()));
        assert_eq!(meaning(&"1".repeat(65)), Text);
    }
}
