//! Numbers of CUDA's errors that have a cause outside of the program.
//!
//! Source: `cuda.h` and `driver_types.h` of CUDA 12.8 (in the wheel `nvidia-cuda-runtime-cu12` 12.8.90). What they mean
//! in a container is from threads of people who met them.

use crate::mark::Mark;

/// An error.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u16,
    /// Of the runtime library.
    pub(crate) runtime: &'static str,
    /// Of the driver library, which does not have all of them.
    pub(crate) driver: Option<&'static str>,
    pub(crate) meaning: &'static str,
}

pub(crate) const MARK: Mark = Mark::Verified;
pub(crate) const SOURCE: &str = "cuda.h and driver_types.h of CUDA 12.8";

const fn row(
    number: u16,
    runtime: &'static str,
    driver: Option<&'static str>,
    meaning: &'static str,
) -> Row {
    Row {
        number,
        runtime,
        driver,
        meaning,
    }
}

/// Ascending.
#[rustfmt::skip] // one error a line
pub(crate) const ROWS: &[Row] = &[
    row(2, "cudaErrorMemoryAllocation", Some("CUDA_ERROR_OUT_OF_MEMORY"), "the GPU's memory is used up, often by another process"),
    row(3, "cudaErrorInitializationError", Some("CUDA_ERROR_NOT_INITIALIZED"), "the driver's library did not come up, or the process has forked after it did"),
    row(34, "cudaErrorStubLibrary", Some("CUDA_ERROR_STUB_LIBRARY"), "the stub of libcuda.so, which is to link with, was loaded instead of the driver's"),
    row(35, "cudaErrorInsufficientDriver", None, "the driver is older than the CUDA runtime can use"),
    row(36, "cudaErrorCallRequiresNewerDriver", None, "the program uses what this driver does not have yet"),
    row(46, "cudaErrorDevicesUnavailable", Some("CUDA_ERROR_DEVICE_UNAVAILABLE"), "the GPU is busy or in a compute mode that allows no further process"),
    row(98, "cudaErrorInvalidDeviceFunction", None, "there is no code for this GPU in the program"),
    row(100, "cudaErrorNoDevice", Some("CUDA_ERROR_NO_DEVICE"), "no GPU is visible: no device node in the container, an empty CUDA_VISIBLE_DEVICES, a device cgroup that forbids it"),
    row(101, "cudaErrorInvalidDevice", Some("CUDA_ERROR_INVALID_DEVICE"), "there is no GPU of that index among the visible ones"),
    row(209, "cudaErrorNoKernelImageForDevice", Some("CUDA_ERROR_NO_BINARY_FOR_GPU"), "there is no code for this GPU in the program, and no PTX to make it from"),
    row(218, "cudaErrorInvalidPtx", Some("CUDA_ERROR_INVALID_PTX"), "the PTX is damaged, or for another target"),
    row(222, "cudaErrorUnsupportedPtxVersion", Some("CUDA_ERROR_UNSUPPORTED_PTX_VERSION"), "the PTX was made by a newer toolkit than the driver can compile"),
    row(304, "cudaErrorOperatingSystem", Some("CUDA_ERROR_OPERATING_SYSTEM"), "a call of the operating system failed, often on /dev/nvidia-uvm"),
    row(700, "cudaErrorIllegalAddress", Some("CUDA_ERROR_ILLEGAL_ADDRESS"), "the program has read or written where it may not"),
    row(801, "cudaErrorNotSupported", Some("CUDA_ERROR_NOT_SUPPORTED"), "this GPU or this system cannot do that"),
    row(802, "cudaErrorSystemNotReady", Some("CUDA_ERROR_SYSTEM_NOT_READY"), "the fabric manager of an NVSwitch machine does not run, or is not done"),
    row(803, "cudaErrorSystemDriverMismatch", Some("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"), "libcuda.so.1 does not fit the kernel module: one of the image, or of forward compatibility with a driver that it was not made for"),
    row(804, "cudaErrorCompatNotSupportedOnDevice", Some("CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"), "forward compatibility is not for this GPU"),
    row(805, "cudaErrorMpsConnectionFailed", Some("CUDA_ERROR_MPS_CONNECTION_FAILED"), "the server of MPS cannot be reached"),
    row(999, "cudaErrorUnknown", Some("CUDA_ERROR_UNKNOWN"), "the driver does not say; often nvidia-uvm is not loaded"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascending_and_named_as_headers_name() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].number < pair[1].number, "{}", pair[1].number);
        }
        for row in ROWS {
            assert!(row.runtime.starts_with("cudaError"), "{}", row.number);
            assert!(
                row.driver
                    .is_none_or(|name| name.starts_with("CUDA_ERROR_"))
            );
            assert!(!row.meaning.is_empty() && !row.meaning.ends_with('.'));
        }
    }
}
