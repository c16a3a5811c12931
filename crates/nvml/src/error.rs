//! What can go wrong: the library is not there, it lacks a function, or NVML says no.
//!
//! An error names the call with its arguments, as a debugger would print it, NVML's code by name and
//! number, and the sentence that the library itself has for it: a library newer than this crate knows
//! codes that this crate does not.

use crate::abi;
use std::fmt;
use std::path::PathBuf;

/// A return code of NVML other than success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReturnCode(pub i32);

impl ReturnCode {
    /// The argument means nothing to this library.
    pub const INVALID_ARGUMENT: Self = Self(abi::INVALID_ARGUMENT);
    /// The device or the driver cannot do it.
    pub const NOT_SUPPORTED: Self = Self(abi::NOT_SUPPORTED);
    /// The caller may not.
    pub const NO_PERMISSION: Self = Self(abi::NO_PERMISSION);
    /// There is no such device.
    pub const NOT_FOUND: Self = Self(abi::NOT_FOUND);
    /// The kernel module is not loaded, or its control node cannot be opened.
    pub const DRIVER_NOT_LOADED: Self = Self(abi::DRIVER_NOT_LOADED);
    /// The GPU has fallen off the bus.
    pub const GPU_IS_LOST: Self = Self(abi::GPU_IS_LOST);

    /// Its name in NVML's header.
    pub fn name(self) -> &'static str {
        match self.0 {
            1 => "NVML_ERROR_UNINITIALIZED",
            2 => "NVML_ERROR_INVALID_ARGUMENT",
            3 => "NVML_ERROR_NOT_SUPPORTED",
            4 => "NVML_ERROR_NO_PERMISSION",
            5 => "NVML_ERROR_ALREADY_INITIALIZED",
            6 => "NVML_ERROR_NOT_FOUND",
            7 => "NVML_ERROR_INSUFFICIENT_SIZE",
            8 => "NVML_ERROR_INSUFFICIENT_POWER",
            9 => "NVML_ERROR_DRIVER_NOT_LOADED",
            10 => "NVML_ERROR_TIMEOUT",
            11 => "NVML_ERROR_IRQ_ISSUE",
            12 => "NVML_ERROR_LIBRARY_NOT_FOUND",
            13 => "NVML_ERROR_FUNCTION_NOT_FOUND",
            14 => "NVML_ERROR_CORRUPTED_INFOROM",
            15 => "NVML_ERROR_GPU_IS_LOST",
            16 => "NVML_ERROR_RESET_REQUIRED",
            17 => "NVML_ERROR_OPERATING_SYSTEM",
            18 => "NVML_ERROR_LIB_RM_VERSION_MISMATCH",
            19 => "NVML_ERROR_IN_USE",
            20 => "NVML_ERROR_MEMORY",
            21 => "NVML_ERROR_NO_DATA",
            22 => "NVML_ERROR_VGPU_ECC_NOT_SUPPORTED",
            23 => "NVML_ERROR_INSUFFICIENT_RESOURCES",
            24 => "NVML_ERROR_FREQ_NOT_SUPPORTED",
            25 => "NVML_ERROR_ARGUMENT_VERSION_MISMATCH",
            26 => "NVML_ERROR_DEPRECATED",
            27 => "NVML_ERROR_NOT_READY",
            28 => "NVML_ERROR_GPU_NOT_FOUND",
            29 => "NVML_ERROR_INVALID_STATE",
            30 => "NVML_ERROR_RESET_TYPE_NOT_SUPPORTED",
            999 => "NVML_ERROR_UNKNOWN",
            _ => "an error that this version does not know",
        }
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name(), self.0)
    }
}

/// A library that could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadAttempt {
    /// Its path, or the name that the loader was asked for.
    pub library: PathBuf,
    /// What the loader said.
    pub reason: String,
}

impl fmt::Display for LoadAttempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "dlopen(`{}`): {}",
            self.library.display(),
            self.reason
        )
    }
}

/// What NVML did not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NvmlError {
    /// None of the candidates could be loaded.
    #[error("{}", join(.0))]
    Load(Vec<LoadAttempt>),
    /// The library has no such function: it is of an older driver, or is not NVML.
    #[error("`{library}` has no function `{function}`")]
    MissingFunction {
        /// The library.
        library: PathBuf,
        /// The function.
        function: &'static str,
    },
    /// NVML answered with an error.
    #[error("{operation}: {code}{}", explained(.text.as_ref()))]
    Call {
        /// The call with its arguments.
        operation: String,
        /// NVML's answer.
        code: ReturnCode,
        /// What the library says it means.
        text: Option<String>,
    },
    /// NVML answered with something that cannot be.
    #[error("{operation}: {reason}")]
    Nonsense {
        /// The call with its arguments.
        operation: String,
        /// What is wrong with the answer.
        reason: &'static str,
    },
    /// A text holds a NUL and cannot be given to NVML.
    #[error("`{}` cannot be the id of a device", .0.escape_debug())]
    Argument(String),
}

impl NvmlError {
    /// NVML's code, if it gave one.
    pub fn code(&self) -> Option<ReturnCode> {
        match self {
            Self::Call { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// Whether NVML answered with this code.
    pub fn is(&self, code: ReturnCode) -> bool {
        self.code() == Some(code)
    }

    /// Whether this device, this driver or this library cannot answer the question at all, now or later.
    pub fn is_unsupported(&self) -> bool {
        self.is(ReturnCode::NOT_SUPPORTED) || matches!(self, Self::MissingFunction { .. })
    }
}

fn join(attempts: &[LoadAttempt]) -> String {
    if attempts.is_empty() {
        return "no library was named".to_owned();
    }
    let attempts: Vec<String> = attempts.iter().map(ToString::to_string).collect();
    attempts.join("; ")
}

fn explained(text: Option<&String>) -> String {
    text.map_or_else(String::new, |text| format!(": {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_the_call_and_the_answer() {
        let error = NvmlError::Call {
            operation: "nvmlDeviceGetUUID(GPU 3)".to_owned(),
            code: ReturnCode::GPU_IS_LOST,
            text: Some("GPU is lost".to_owned()),
        };
        assert_eq!(
            error.to_string(),
            "nvmlDeviceGetUUID(GPU 3): NVML_ERROR_GPU_IS_LOST (15): GPU is lost"
        );
        assert!(error.is(ReturnCode::GPU_IS_LOST) && !error.is_unsupported());
    }

    #[test]
    fn a_code_from_the_future_keeps_its_number() {
        assert_eq!(
            ReturnCode(77).to_string(),
            "an error that this version does not know (77)"
        );
    }

    #[test]
    fn every_attempt_is_told() {
        let attempt = |library: &str, reason: &str| LoadAttempt {
            library: library.into(),
            reason: reason.to_owned(),
        };
        let error = NvmlError::Load(vec![
            attempt("/run/nvidia/driver/x.so.1", "not there"),
            attempt("x.so.1", "wrong ELF class"),
        ]);
        assert_eq!(
            error.to_string(),
            "dlopen(`/run/nvidia/driver/x.so.1`): not there; dlopen(`x.so.1`): wrong ELF class"
        );
        assert_eq!(
            NvmlError::Load(Vec::new()).to_string(),
            "no library was named"
        );
    }
}
