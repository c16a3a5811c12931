//! NVML itself: loaded, initialised, and shut down when dropped.
//!
//! Loading takes candidates in order, because the library lies where the driver lies: below the root of a
//! driver container, in `/usr/local/nvidia/lib64`, or where the loader finds it. A candidate that cannot be
//! loaded is passed over and told of only if none can. One that loads and will not initialise is not passed
//! over: a second library of another version would fail in a worse way.

use crate::abi::{Code, DeviceHandle};
use crate::device::Device;
use crate::error::{LoadAttempt, NvmlError, ReturnCode};
use crate::mig::MigDevice;
use crate::symbols::{Library, Refusal, Symbols};
use std::ffi::{CString, OsStr};
use std::path::{Path, PathBuf};

/// NVML, initialised.
#[derive(Debug)]
pub struct Nvml {
    library: Library,
    path: PathBuf,
}

/// What a UUID led to.
#[derive(Debug)]
pub enum AnyDevice<'nvml> {
    /// A GPU.
    Gpu(Device<'nvml>),
    /// A MIG device.
    Mig(MigDevice<'nvml>),
}

impl Nvml {
    /// The name that the loader finds the library of an installed driver under.
    pub const SONAME: &'static str = "libnvidia-ml.so.1";

    /// Loads the first of the candidates that can be loaded, and initialises it. A name without a slash is
    /// looked for by the loader: in `LD_LIBRARY_PATH`, the loader's cache and its usual directories.
    ///
    /// Loading runs code of the library with the rights of the caller. A candidate must be a file of the
    /// host's driver, never one that a container supplies.
    pub fn load<P: AsRef<OsStr>>(candidates: &[P]) -> Result<Self, NvmlError> {
        let mut attempts = Vec::new();
        for candidate in candidates {
            let candidate = candidate.as_ref();
            match Library::load(candidate) {
                Ok(library) => return Self::initialise(library, Path::new(candidate)),
                Err(error) => attempts.push(LoadAttempt {
                    library: candidate.into(),
                    reason: reason(&error, candidate),
                }),
            }
        }
        Err(NvmlError::Load(attempts))
    }

    fn initialise(library: Library, path: &Path) -> Result<Self, NvmlError> {
        // Dropping `Nvml` shuts NVML down, which it must not do before it was initialised. A library that
        // will not initialise stays loaded.
        let session = std::mem::ManuallyDrop::new(Self {
            library,
            path: path.to_owned(),
        });
        let init = &session.symbols().init;
        match init.call() {
            Ok(()) => Ok(std::mem::ManuallyDrop::into_inner(session)),
            Err(refusal) => Err(session.error(init.name, &"", refusal)),
        }
    }

    /// The library, as it was named.
    pub fn library(&self) -> &Path {
        &self.path
    }

    /// The version of the kernel driver, such as `580.159.04`.
    pub fn driver_version(&self) -> Result<String, NvmlError> {
        let function = &self.symbols().driver_version;
        function
            .call()
            .map_err(|refusal| self.error(function.name, &"", refusal))
    }

    /// The newest CUDA version that the driver speaks, such as `(13, 0)`.
    pub fn cuda_version(&self) -> Result<(u32, u32), NvmlError> {
        let function = &self.symbols().cuda_version;
        let version = function
            .call(0)
            .map_err(|refusal| self.error(function.name, &"", refusal))?;
        // The header's `NVML_CUDA_DRIVER_VERSION_MAJOR` and `_MINOR`.
        match u32::try_from(version) {
            Ok(version) => Ok((version / 1000, version % 1000 / 10)),
            Err(_) => Err(NvmlError::Nonsense {
                operation: format!("{}()", function.name),
                reason: "the version is negative",
            }),
        }
    }

    /// How many GPUs there are, those that cannot be asked included.
    pub fn device_count(&self) -> Result<u32, NvmlError> {
        let function = &self.symbols().count;
        function
            .call(0)
            .map_err(|refusal| self.error(function.name, &"", refusal))
    }

    /// The GPU of an index.
    pub fn device(&self, index: u32) -> Result<Device<'_>, NvmlError> {
        let function = &self.symbols().by_index;
        let handle = function
            .find(index, DeviceHandle::NULL)
            .map_err(|refusal| self.error(function.name, &index, refusal))?;
        Ok(Device::new(self, handle, format!("GPU {index}")))
    }

    /// The GPU or MIG device of a UUID as [`Device::uuid`] and [`MigDevice::uuid`] give it. For MIG devices
    /// that is `MIG-<uuid>` since driver 470 and `MIG-GPU-<uuid>/<gpu instance>/<compute instance>` before.
    pub fn device_by_uuid(&self, uuid: &str) -> Result<AnyDevice<'_>, NvmlError> {
        let function = &self.symbols().by_uuid;
        let text = CString::new(uuid).map_err(|_| NvmlError::Argument(uuid.to_owned()))?;
        let handle = function
            .find(&text, DeviceHandle::NULL)
            .map_err(|refusal| self.error(function.name, &uuid, refusal))?;
        let is_mig = &self.symbols().is_mig;
        let is_mig = match is_mig.call(handle, 0) {
            Ok(answer) => answer != 0,
            // A library from before MIG has GPUs only.
            Err(Refusal::Missing | Refusal::Code(crate::abi::NOT_SUPPORTED)) => false,
            Err(refusal) => return Err(self.error(is_mig.name, &uuid, refusal)),
        };
        let subject = uuid.to_owned();
        Ok(if is_mig {
            AnyDevice::Mig(MigDevice::new(self, handle, subject))
        } else {
            AnyDevice::Gpu(Device::new(self, handle, subject))
        })
    }

    /// The GPU of a PCI address such as `0000:17:00.0`.
    pub fn device_by_bus_id(&self, bus_id: &str) -> Result<Device<'_>, NvmlError> {
        let function = &self.symbols().by_bus_id;
        let text = CString::new(bus_id).map_err(|_| NvmlError::Argument(bus_id.to_owned()))?;
        let handle = function
            .find(&text, DeviceHandle::NULL)
            .map_err(|refusal| self.error(function.name, &bus_id, refusal))?;
        Ok(Device::new(self, handle, bus_id.to_owned()))
    }

    pub(crate) fn symbols(&self) -> &Symbols {
        &self.library.symbols
    }

    /// The error for a call of `function` about `subject` that gave no answer.
    pub(crate) fn error(
        &self,
        function: &'static str,
        subject: &dyn std::fmt::Display,
        refusal: Refusal,
    ) -> NvmlError {
        let operation = || format!("{function}({subject})");
        match refusal {
            Refusal::Missing => NvmlError::MissingFunction {
                library: self.path.clone(),
                function,
            },
            Refusal::Code(code) => NvmlError::Call {
                operation: operation(),
                code: ReturnCode(code),
                text: self.explain(code),
            },
            Refusal::Endless => NvmlError::Nonsense {
                operation: operation(),
                reason: "the text does not end",
            },
        }
    }

    fn explain(&self, code: Code) -> Option<String> {
        self.symbols().error_string.call(code)
    }
}

impl Drop for Nvml {
    fn drop(&mut self) {
        // NVML counts its users, and the process has no further use for it: a failure changes nothing.
        self.symbols().shutdown.call().ok();
    }
}

/// What the loader said, without the path that it begins with.
fn reason(error: &libloading::Error, candidate: &OsStr) -> String {
    let text =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    let path = format!("{}: ", candidate.display());
    text.strip_prefix(&path).map_or(text.clone(), str::to_owned)
}
