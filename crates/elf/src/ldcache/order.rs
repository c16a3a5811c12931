//! The order of names in a cache, glibc's `_dl_cache_libcmp`.
//!
//! Names are compared as sequences of digit runs and other bytes. A digit run sorts after any other byte, two
//! runs compare as numbers, so `libx.so.10` is after `libx.so.9`. The file is sorted descending. ld.so bisects
//! the table with this very function: an entry out of place is an entry that is not found.
//!
//! Two details are C showing through, and are kept because the loader has them: the numbers are 32-bit and
//! wrap, and bytes compare as `char`, signed on x86 and unsigned on Arm. Where glibc goes on to subtract two
//! wrapped numbers and the difference overflows (runs of ten digits and more), its relation is no order at all;
//! the numbers themselves are compared here, so that sorting is always well defined.

use std::cmp::Ordering;
use std::ffi::c_char;

/// Compares two names, ascending. Distinct names can be equal: `libx.so.01` and `libx.so.1`.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    tokens(a).cmp(tokens(b))
}

/// Compares two names by their place in a cache file.
pub fn in_file(a: &[u8], b: &[u8]) -> Ordering {
    compare(b, a)
}

/// A comparable piece of a name; the order of the variants matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// A byte as C sees it; the end of a name is 0, which on x86 is after the bytes from 0x80.
    Char(c_char),
    /// A run of digits.
    Number(i32),
}

fn tokens(name: &[u8]) -> impl Iterator<Item = Token> {
    let mut rest = name;
    let mut ended = false;
    std::iter::from_fn(move || {
        let Some((&first, tail)) = rest.split_first() else {
            return (!std::mem::replace(&mut ended, true)).then_some(Token::Char(0));
        };
        if !first.is_ascii_digit() {
            rest = tail;
            return Some(Token::Char(c_char::from_ne_bytes([first])));
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (run, tail) = rest.split_at(digits);
        rest = tail;
        Some(Token::Number(run.iter().fold(0, |number: i32, digit| {
            number
                .wrapping_mul(10)
                .wrapping_add(i32::from(digit - b'0'))
        })))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The relation as the loader computes it, for names whose numbers do not overflow.
    fn loader(a: &[u8], b: &[u8]) -> i64 {
        let at = |s: &[u8], i: usize| s.get(i).copied().unwrap_or(0);
        let signed = |byte: u8| i64::from(c_char::from_ne_bytes([byte]));
        let number = |s: &[u8], i: &mut usize| {
            let mut value = 0i64;
            while at(s, *i).is_ascii_digit() {
                value = value * 10 + i64::from(at(s, *i) - b'0');
                *i += 1;
            }
            value
        };
        let (mut i, mut j) = (0, 0);
        while at(a, i) != 0 {
            match (at(a, i).is_ascii_digit(), at(b, j).is_ascii_digit()) {
                (true, true) => {
                    let difference = number(a, &mut i) - number(b, &mut j);
                    if difference != 0 {
                        return difference;
                    }
                }
                (true, false) => return 1,
                (false, true) => return -1,
                (false, false) if at(a, i) != at(b, j) => {
                    return signed(at(a, i)) - signed(at(b, j));
                }
                (false, false) => (i, j) = (i + 1, j + 1),
            }
        }
        -signed(at(b, j))
    }

    #[test]
    fn names_as_ldconfig_sorts_them() {
        let ascending: [&[u8]; 9] = [
            b"",
            b"lib-x.so",
            b"libx",
            b"libx.so",
            b"libx.so.9",
            b"libx.so.10",
            b"libx.so.10.1",
            b"libx1.so",
            b"1",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(
                    compare(a, b),
                    i.cmp(&j),
                    "{} {}",
                    a.escape_ascii(),
                    b.escape_ascii()
                );
            }
        }
        assert!(compare(b"libx.so.01", b"libx.so.1").is_eq());
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        proptest::string::bytes_regex("(?-u)[0-9]{0,9}([ab.\\x01\\xe9][0-9]{0,9}){0,6}").unwrap()
    }

    fn any_name() -> impl Strategy<Value = Vec<u8>> {
        proptest::string::bytes_regex("(?-u)([ab.\\x01\\xe9]|[0-9]{1,20}){0,6}").unwrap()
    }

    proptest! {
        #[test]
        fn agrees_with_the_loader(a in name(), b in name()) {
            prop_assert_eq!(compare(&a, &b), loader(&a, &b).cmp(&0));
        }

        #[test]
        fn is_a_total_order(a in any_name(), b in any_name(), c in any_name()) {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
