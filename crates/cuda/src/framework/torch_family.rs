//! What goes with a release of PyTorch: `torchvision`, and versions of Python.

use crate::release::numbers;

/// The release of PyTorch that a `torchvision` belongs to: it asks for exactly that. `None`: not known.
///
/// `0.5` came with 1.4, `0.14` with 1.13, `0.15` with 2.0; since then both count on together.
pub fn torch_of_vision(version: &str) -> Option<(u16, u16)> {
    match *numbers(version)? {
        [0, minor @ 5..=14] | [0, minor @ 5..=14, _] => Some((1, minor - 1)),
        [0, minor @ 15..=30] | [0, minor @ 15..=30, _] => Some((2, minor - 15)),
        _ => None,
    }
}

/// By release, from which Python to which there are wheels on PyPI for Linux on x86-64 (CPython).
#[rustfmt::skip] // one release a line
const PYTHONS: &[((u16, u16), (u16, u16), (u16, u16))] = &[
    ((1, 6), (3, 6), (3, 8)),
    ((1, 7), (3, 6), (3, 9)),
    ((1, 8), (3, 6), (3, 9)),
    ((1, 9), (3, 6), (3, 9)),
    ((1, 10), (3, 6), (3, 9)),
    ((1, 11), (3, 7), (3, 10)),
    ((1, 12), (3, 7), (3, 10)),
    ((1, 13), (3, 7), (3, 11)),
    ((2, 0), (3, 8), (3, 11)),
    ((2, 1), (3, 8), (3, 11)),
    ((2, 2), (3, 8), (3, 12)),
    ((2, 3), (3, 8), (3, 12)),
    ((2, 4), (3, 8), (3, 12)),
    ((2, 5), (3, 9), (3, 13)),
    ((2, 6), (3, 9), (3, 13)),
    ((2, 7), (3, 9), (3, 13)),
    ((2, 8), (3, 9), (3, 13)),
    ((2, 9), (3, 10), (3, 14)),
    ((2, 10), (3, 10), (3, 14)),
    ((2, 11), (3, 10), (3, 14)),
    ((2, 12), (3, 10), (3, 14)),
    ((2, 13), (3, 10), (3, 14)),
    ((2, 14), (3, 10), (3, 14)),
    ((2, 15), (3, 11), (3, 15)),
];

/// The first and the last Python that a release of PyTorch has wheels for. `None`: not known.
///
/// ```
/// use liftgate_cuda::framework::torch_pythons;
///
/// assert_eq!(torch_pythons((2, 4)), Some(((3, 8), (3, 12))));
/// ```
pub fn torch_pythons(release: (u16, u16)) -> Option<((u16, u16), (u16, u16))> {
    let row = PYTHONS.iter().find(|row| row.0 == release)?;
    Some((row.1, row.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vision() {
        for (vision, torch) in [
            ("0.5.0", Some((1, 4))),
            ("0.9.0", Some((1, 8))),
            ("0.14.1", Some((1, 13))),
            ("0.15.1", Some((2, 0))),
            ("0.19.1", Some((2, 4))),
            ("0.25", Some((2, 10))),
            ("0.2.2", None),
            ("1.0", None),
        ] {
            assert_eq!(torch_of_vision(vision), torch, "{vision}");
        }
    }

    #[test]
    fn pythons_only_move_on() {
        for pair in PYTHONS.windows(2) {
            assert!(pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1 && pair[0].2 <= pair[1].2, "{:?}", pair[1].0);
        }
    }
}
