//! What an unquoted scalar means: a string, or something else that only looks like one.
//!
//! The engines read specifications with a YAML 1.1 parser (go-yaml 2) and then coerce: `name: 0` is the name
//! `0`, `name: 0x10` is the name `16`, `fileMode: 0666` is octal. A reader by the rules of YAML 1.2 would see
//! another device name or another mode in the same file. So this follows go-yaml to the letter, also where it
//! is odd: `0.10` as a string is `0.1`, and `yes` is `true`.

/// The meaning of an unquoted scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    /// In the range of an `int64` or `uint64`.
    Int(i128),
    Float(f64),
    Text,
}

/// The meaning of `text`, unquoted.
pub(crate) fn meaning(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Plain::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Plain::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Plain::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Plain::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Plain::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes().first() {
        // Digit separators belong to those that begin with a digit or sign.
        Some(b'.') => float(text).map_or(Plain::Text, Plain::Float),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let digits = text.replace('_', "");
            if let Some(number) = integer(&digits) {
                return Plain::Int(number);
            }
            float(&digits).map_or(Plain::Text, Plain::Float)
        }
        _ => Plain::Text,
    }
}

/// `strconv.ParseInt(text, 0, 64)`, and `ParseUint` where that is too small.
fn integer(text: &str) -> Option<i128> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (radix, digits) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &rest[2..]),
        [b'0', b'o' | b'O', ..] => (8, &rest[2..]),
        [b'0', b'b' | b'B', ..] => (2, &rest[2..]),
        [b'0', _, ..] => (8, &rest[1..]),
        _ => (10, rest),
    };
    // `from_str_radix` would take a sign here, and so does go-yaml behind `0b`.
    let begins_well = match digits.as_bytes() {
        [b'-' | b'+', ..] => text.starts_with("0b"),
        _ => true,
    };
    if !begins_well {
        return None;
    }
    let number = sign * i128::from_str_radix(digits, radix).ok()?;
    let is_unsigned = text.len() == rest.len();
    let highest = if is_unsigned {
        i128::from(u64::MAX)
    } else {
        i128::from(i64::MAX)
    };
    (i128::from(i64::MIN)..=highest)
        .contains(&number)
        .then_some(number)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and finite.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.strip_prefix(['-', '+']).unwrap_or(exponent),
        ),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = is_digits(whole)
        && is_digits(fraction)
        && is_digits(exponent)
        && !exponent.is_empty()
        && !(whole.is_empty() && fraction.is_empty());
    // A mantissa without whole part and without dot cannot be: `whole` is then all of it.
    if !is_number || (whole.is_empty() && !mantissa.starts_with('.')) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `strconv.FormatFloat(number, 'g', -1, 32)`: what a number becomes where a string is expected.
pub(crate) fn float_text(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the engines narrow it, too"
    )]
    let number = number as f32;
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    // The shortest digits that tell this number from its neighbours, as `-1.25e-7`.
    let text = format!("{number:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_go_yaml_reads_it() {
        for (text, expected) in [
            ("", Plain::Null),
            ("~", Plain::Null),
            ("nuLL", Plain::Text),
            ("yes", Plain::Bool(true)),
            ("yEs", Plain::Text),
            ("off", Plain::Bool(false)),
            ("0", Plain::Int(0)),
            ("-0", Plain::Int(0)),
            ("438", Plain::Int(438)),
            ("0666", Plain::Int(438)),
            ("0o666", Plain::Int(438)),
            ("0O666", Plain::Int(438)),
            ("0x1B6", Plain::Int(438)),
            ("-0x1", Plain::Int(-1)),
            ("+5", Plain::Int(5)),
            ("0b101", Plain::Int(5)),
            ("0b-101", Plain::Int(-5)),
            ("0b+1", Plain::Int(1)),
            ("-0b-1", Plain::Text),
            ("0B-1", Plain::Text),
            ("1_000", Plain::Int(1000)),
            ("0_6_6_6", Plain::Int(438)),
            ("08", Plain::Float(8.0)),
            ("0888", Plain::Float(888.0)),
            ("18446744073709551615", Plain::Int(u64::MAX.into())),
            ("-9223372036854775808", Plain::Int(i64::MIN.into())),
            (
                "18446744073709551616",
                Plain::Float(18_446_744_073_709_551_616.0),
            ),
            ("1.5", Plain::Float(1.5)),
            ("1.", Plain::Float(1.0)),
            (".5", Plain::Float(0.5)),
            ("-.5e1", Plain::Float(-5.0)),
            ("1e3", Plain::Float(1000.0)),
            ("1E-3", Plain::Float(0.001)),
            ("1e999", Plain::Text),
            ("1:30", Plain::Text),
            ("0.5.0", Plain::Text),
            (".", Plain::Text),
            ("..", Plain::Text),
            ("-", Plain::Text),
            ("+", Plain::Text),
            ("-.", Plain::Text),
            ("0x", Plain::Text),
            ("0x-1", Plain::Text),
            ("0o8", Plain::Text),
            ("--1", Plain::Text),
            ("1e", Plain::Text),
            ("e1", Plain::Text),
            ("+inf", Plain::Text),
            ("nan", Plain::Text),
            ("2001-01-01", Plain::Text),
            ("_1", Plain::Text),
        ] {
            assert_eq!(meaning(text), expected, "`{text}`");
        }
        assert!(matches!(meaning(".NaN"), Plain::Float(number) if number.is_nan()));
    }

    #[test]
    fn numbers_as_strings() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (0.5, "0.5"),
            (1000.0, "1000"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.234567e+06"),
            (1e6, "1e+06"),
            (0.0001, "0.0001"),
            (0.000_01, "1e-05"),
            (1e20, "1e+20"),
            (16_777_217.0, "1.6777216e+07"),
            (f64::NEG_INFINITY, "-Inf"),
            (1e300, "+Inf"),
        ] {
            assert_eq!(float_text(number), expected);
        }
    }
}
