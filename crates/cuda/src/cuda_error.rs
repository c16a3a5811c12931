//! CUDA's errors, by number.

use crate::tables::errors::ROWS;
use std::fmt;

/// One of CUDA's errors. `Display` writes `35 (cudaErrorInsufficientDriver)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CudaError {
    /// `35`
    pub number: u16,
    /// Its name in the runtime library: `cudaErrorInsufficientDriver`.
    pub runtime_name: &'static str,
    /// Its name in the driver's library, if it has it.
    pub driver_name: Option<&'static str>,
    /// What it means in a container, without a full stop.
    pub meaning: &'static str,
}

impl CudaError {
    /// By number; `None`: not among those that have their cause outside of the program.
    pub fn of(number: u16) -> Option<Self> {
        Self::all().find(|error| error.number == number)
    }

    /// By one of its names: `cudaErrorNoDevice`, `CUDA_ERROR_NO_DEVICE`.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|error| error.runtime_name == name || error.driver_name == Some(name))
    }

    /// Every one that is known here, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| Self {
            number: row.number,
            runtime_name: row.runtime,
            driver_name: row.driver,
            meaning: row.meaning,
        })
    }

    /// One that the verdicts speak of.
    pub(crate) fn known(number: u16) -> Self {
        Self::of(number).unwrap_or(Self {
            number,
            runtime_name: "cudaErrorUnknown",
            driver_name: None,
            meaning: "",
        })
    }
}

impl fmt::Display for CudaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.number, self.runtime_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_the_verdicts_are_known() {
        for number in [35, 36, 209, 222, 803, 804] {
            assert_eq!(CudaError::of(number), Some(CudaError::known(number)));
        }
        assert_eq!(
            CudaError::of(35).unwrap().to_string(),
            "35 (cudaErrorInsufficientDriver)"
        );
        assert_eq!(
            CudaError::of_name("CUDA_ERROR_NO_BINARY_FOR_GPU")
                .unwrap()
                .number,
            209
        );
        assert_eq!(CudaError::of(12345), None);
    }
}
