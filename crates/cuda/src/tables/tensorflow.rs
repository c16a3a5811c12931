//! TensorFlow's wheels for Linux on x86-64: the CUDA and cuDNN that they are made with, and for which GPUs.
//!
//! Sources: tensorflow.org, "Tested build configurations"; from 2.14 on the requirements of `tensorflow[and-cuda]` on PyPI.
//! Up to 2.13 nothing comes along, and the image has to have both; from 2.14 on `pip install tensorflow[and-cuda]` brings
//! them, and without the extra the image has to. The lists of GPUs are those of TensorFlow's continuous builds.

use crate::mark::Mark::{self, Secondary, Verified};
use crate::release::Cuda;

/// A release, or several.
#[derive(Debug)]
pub(crate) struct Row {
    /// The first release of which it holds: `2.5`; it does up to the next row.
    pub(crate) from: (u16, u16),
    pub(crate) cuda: Cuda,
    /// The cuDNN that it was made with; its major number is the one that is needed.
    pub(crate) cudnn: &'static str,
    /// `tensorflow[and-cuda]` brings both.
    pub(crate) has_extra: bool,
    /// As targets.
    pub(crate) code: &'static str,
    pub(crate) mark: Mark,
}

pub(crate) const SOURCE: &str =
    "tensorflow.org, \"Tested build configurations\"; requirements of tensorflow[and-cuda] on PyPI";
/// The last release that was looked up.
pub(crate) const LAST: (u16, u16) = (2, 21);

const OLD: &str = "sm_35 sm_50 sm_60 sm_70 sm_75 compute_80";
const MIDDLE: &str = "sm_50 sm_60 sm_70 sm_75 compute_80";
const NEW: &str = "sm_50 sm_60 sm_70 sm_80 compute_90";
const NEWEST: &str = "sm_60 sm_70 sm_80 sm_89 compute_90";

const fn row(
    from: (u16, u16),
    cuda: (u16, u16),
    cudnn: &'static str,
    has_extra: bool,
    code: &'static str,
    mark: Mark,
) -> Row {
    Row {
        from,
        cuda: Cuda::new(cuda.0, cuda.1),
        cudnn,
        has_extra,
        code,
        mark,
    }
}

/// Ascending.
#[rustfmt::skip] // one release a line
pub(crate) const ROWS: &[Row] = &[
    row((1, 13), (10, 0), "7.4", false, "sm_35 sm_50 sm_60 sm_70 sm_75 compute_75", Verified),
    row((2, 1), (10, 1), "7.6", false, "sm_35 sm_50 sm_60 sm_70 sm_75 compute_75", Verified),
    row((2, 4), (11, 0), "8.0", false, OLD, Verified),
    row((2, 5), (11, 2), "8.1", false, OLD, Verified),
    row((2, 11), (11, 2), "8.1", false, MIDDLE, Verified),
    row((2, 12), (11, 8), "8.6", false, MIDDLE, Verified),
    row((2, 14), (11, 8), "8.7", true, MIDDLE, Verified),
    row((2, 15), (12, 2), "8.9", true, MIDDLE, Verified),
    row((2, 16), (12, 3), "8.9", true, NEW, Verified),
    row((2, 18), (12, 5), "9.3", true, NEWEST, Verified),
    row((2, 20), (12, 5), "9.3", true, NEWEST, Secondary),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Target;

    #[test]
    fn ascending_and_readable() {
        for pair in ROWS.windows(2) {
            assert!(
                pair[0].from < pair[1].from && pair[0].cuda <= pair[1].cuda,
                "{:?}",
                pair[1].from
            );
            assert!(pair[0].has_extra <= pair[1].has_extra);
        }
        for row in ROWS {
            assert!(row.from <= LAST && row.cudnn.contains('.'));
            for word in row.code.split(' ') {
                let target = Target::parse(word).unwrap_or_else(|| panic!("{word}"));
                assert!(target.is_made_by(row.cuda), "{:?} {target}", row.from);
            }
        }
    }
}
