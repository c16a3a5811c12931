//! Packages on PyPI by whose name and version a CUDA major is chosen.
//!
//! Source: the package index in November 2026: requirements of the wheels (`jax-cuda12-plugin`, `jax-cuda13-plugin`,
//! `onnxruntime-gpu`), names (`cupy-cuda12x`). What is said is the major of the CUDA libraries that the package needs, which
//! with the extras in the third column come along, and without them have to be in the image.

use crate::mark::Mark::{self, Secondary, Verified};

/// From which version on a package needs which CUDA major.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) package: &'static str,
    pub(crate) from: (u16, u16),
    pub(crate) cuda_major: u16,
    /// The major of cuDNN, if it needs one.
    pub(crate) cudnn_major: Option<u16>,
    /// The extras that bring the libraries; empty: there are none.
    pub(crate) extras: &'static str,
    pub(crate) mark: Mark,
}

pub(crate) const SOURCE: &str = "PyPI, names and requirements of the wheels, November 2026";

const fn row(
    package: &'static str,
    from: (u16, u16),
    cuda_major: u16,
    cudnn_major: Option<u16>,
    extras: &'static str,
    mark: Mark,
) -> Row {
    Row {
        package,
        from,
        cuda_major,
        cudnn_major,
        extras,
        mark,
    }
}

/// By package, in it ascending.
#[rustfmt::skip] // one package a line
pub(crate) const ROWS: &[Row] = &[
    row("cupy-cuda102", (7, 2), 10, None, "", Verified),
    row("cupy-cuda11x", (11, 0), 11, None, "", Verified),
    row("cupy-cuda12x", (11, 5), 12, None, "", Verified),
    row("cupy-cuda13x", (13, 6), 13, None, "", Verified),
    row("jax-cuda12-plugin", (0, 4), 12, Some(9), "with-cuda", Verified),
    row("jax-cuda13-plugin", (0, 7), 13, Some(9), "with-cuda", Verified),
    row("onnxruntime-gpu", (1, 12), 11, Some(8), "", Secondary),
    row("onnxruntime-gpu", (1, 19), 12, Some(9), "", Secondary),
    row("onnxruntime-gpu", (1, 22), 12, Some(9), "cuda,cudnn", Verified),
    row("onnxruntime-gpu", (1, 27), 13, Some(9), "cuda,cudnn", Verified),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_package_and_ascending() {
        for pair in ROWS.windows(2) {
            assert!(
                (pair[0].package, pair[0].from) < (pair[1].package, pair[1].from),
                "{}",
                pair[1].package
            );
            if pair[0].package == pair[1].package {
                assert!(
                    pair[0].cuda_major <= pair[1].cuda_major,
                    "{}",
                    pair[1].package
                );
            }
        }
    }
}
