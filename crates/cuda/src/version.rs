//! Versions: numbers between dots.
//!
//! The order is the reference's, whose verdicts users know. It reads no further than it must: the first
//! numbers that differ decide, and what stands behind them is only required to be digits and dots. Dots in a
//! row count as one. A number that does not fit 64 bits, or would be the greatest that does, makes a version
//! ill-formed, and so does a dot at its beginning.

use std::cmp::Ordering;

/// Orders two versions: number by number, and where one ends, zeros of the other are nothing (`12.0` is `12`).
///
/// `None`: one of them is ill-formed, as far as it was read.
pub fn compare_versions(one: &str, other: &str) -> Option<Ordering> {
    if !is_dotted(one) || !is_dotted(other) {
        return None;
    }
    let (mut one, mut other) = (one, other);
    while !one.is_empty() && !other.is_empty() {
        let (first, one_rest) = number(one)?;
        let (second, other_rest) = number(other)?;
        if first != second {
            return Some(first.cmp(&second));
        }
        (one, other) = (one_rest, other_rest);
    }
    Some(is_more(one).cmp(&is_more(other)))
}

/// Whether all of it can be read.
pub(crate) fn is_version(text: &str) -> bool {
    compare_versions(text, text).is_some()
}

/// The number that a version begins with, and what follows its dots.
pub(crate) fn number(version: &str) -> Option<(u64, &str)> {
    let end = version.find('.').unwrap_or(version.len());
    let (digits, rest) = version.split_at(end);
    let number = digits.parse().ok()?;
    (number != u64::MAX).then(|| (number, rest.trim_start_matches('.')))
}

fn is_dotted(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether what is left of a version makes it greater than one that has ended.
fn is_more(rest: &str) -> bool {
    rest.bytes().any(|byte| !matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn number_by_number() {
        for (one, order, other) in [
            ("12", Ordering::Equal, "12"),
            ("12", Ordering::Equal, "12.0"),
            ("12", Ordering::Equal, "12.0.00"),
            ("12", Ordering::Equal, "12."),
            ("12.4", Ordering::Equal, "12..4"),
            ("12.4", Ordering::Equal, "012.04"),
            ("12.4", Ordering::Less, "12.10"),
            ("12.4", Ordering::Less, "12.4.1"),
            ("12.4", Ordering::Less, "12.4.0.1"),
            ("12.4", Ordering::Less, "12.4.01"),
            ("9.2", Ordering::Less, "10"),
            ("525.00", Ordering::Less, "525.60.13"),
            ("525.60.13", Ordering::Less, "525.105.17"),
            ("4294967296", Ordering::Greater, "4294967295"),
            ("18446744073709551614", Ordering::Greater, "1"),
        ] {
            assert_eq!(compare_versions(one, other), Some(order), "{one} {other}");
            let back = Some(order.reverse());
            assert_eq!(compare_versions(other, one), back, "{other} {one}");
        }
    }

    #[test]
    fn ill_formed() {
        for version in [
            "",
            ".",
            ".12",
            "12a",
            "v12",
            "12.x",
            "-1",
            "+1",
            "12 ",
            "12,4",
            "१२",
            "12.4-rc1",
            // 2^64-1 and 2^64: the first is what C returns for every number that is too great.
            "18446744073709551615",
            "18446744073709551616",
            "12.18446744073709551615",
        ] {
            assert_eq!(compare_versions(version, "12.4"), None, "{version:?}");
            assert_eq!(compare_versions("12.4", version), None, "{version:?}");
            assert!(!is_version(version), "{version:?}");
        }
        assert!(is_version("580.159.04"));
    }

    #[test]
    fn what_follows_the_decision_is_not_read() {
        let beyond = "470.99999999999999999999";
        assert_eq!(compare_versions(beyond, "471"), Some(Ordering::Less));
        assert_eq!(compare_versions(beyond, "470"), Some(Ordering::Greater));
        assert_eq!(compare_versions(beyond, "470.1"), None);
        assert_eq!(compare_versions("470.x", "471"), None);
    }

    proptest! {
        #[test]
        fn as_lists_of_numbers(
            one in prop::collection::vec(0..3u64, 1..5),
            other in prop::collection::vec(0..3u64, 1..5),
        ) {
            let text = |numbers: &[u64]| {
                numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
            };
            let without_zeros = |numbers: &[u64]| {
                let end = numbers.iter().rposition(|number| *number != 0).map_or(0, |at| at + 1);
                numbers[..end].to_vec()
            };
            prop_assert_eq!(
                compare_versions(&text(&one), &text(&other)),
                Some(without_zeros(&one).cmp(&without_zeros(&other)))
            );
        }

        #[test]
        fn never_a_panic(one in "[0-9.]{0,30}|.*", other in "[0-9.]{0,30}|.*") {
            let order = compare_versions(&one, &other);
            prop_assert_eq!(order.map(Ordering::reverse), compare_versions(&other, &one));
        }
    }
}
