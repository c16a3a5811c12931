//! Other packages of Python that need CUDA.

use crate::mark::Mark;
use crate::release::numbers;
use crate::tables::packages::ROWS;

/// What a version of a package needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PythonPackage {
    /// The major number of its CUDA libraries.
    pub cuda_major: u16,
    /// The major number of its cuDNN, if it needs one.
    pub cudnn_major: Option<u16>,
    /// The extras that bring the libraries along (`cuda,cudnn`); empty: there are none, and the image has to have them.
    pub extras: &'static str,
    /// How well that is known.
    pub mark: Mark,
}

/// What `onnxruntime-gpu`, `cupy-cuda12x`, `jax-cuda12-plugin` and their like need; without a version, the newest that
/// is known. `None`: another package, an older version than is known, or no version.
pub fn python_package(name: &str, version: Option<&str>) -> Option<PythonPackage> {
    let wanted = match version {
        Some(version) => {
            let numbers = numbers(version)?;
            (numbers[0], numbers.get(1).copied().unwrap_or(0))
        }
        None => (u16::MAX, 0),
    };
    let row = ROWS
        .iter()
        .rfind(|row| row.package == name && row.from <= wanted)?;
    Some(PythonPackage {
        cuda_major: row.cuda_major,
        cudnn_major: row.cudnn_major,
        extras: row.extras,
        mark: row.mark,
    })
}
