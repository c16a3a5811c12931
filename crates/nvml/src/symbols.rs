//! The functions of NVML that liftgate calls, by symbol, and every `unsafe` block of this crate.
//!
//! A function is looked up when the library is loaded and missed when it is called: libraries are older or
//! newer than this table, and most of it is not needed for most questions.
//!
//! Functions come in a few shapes (a handle and one out-parameter, a handle and a text buffer …). One type
//! stands for each shape and one method calls it, so that what keeps a call sound is argued once for a
//! shape. What the compiler cannot check is the table itself: that the symbol of a name has that shape.

#![expect(unsafe_code, reason = "functions of a foreign library are called here")]

use crate::abi::{
    AddressingModeInfo, Attributes, Code, DeviceHandle, FabricInfo, GpuInstanceHandle,
    GpuInstanceInfo, GpuInstanceProfileInfo, MemoryInfo, PciInfo, SUCCESS, TEXT,
};
use std::ffi::{CStr, OsStr, c_char, c_int, c_uint};

/// Takes nothing.
pub(crate) type Act = unsafe extern "C" fn() -> Code;
/// Fills one value about the whole system.
pub(crate) type Ask<T> = unsafe extern "C" fn(*mut T) -> Code;
/// Fills a text about the whole system.
pub(crate) type AskText = unsafe extern "C" fn(*mut c_char, c_uint) -> Code;
/// Finds something by a plain number.
pub(crate) type Find<T> = unsafe extern "C" fn(c_uint, *mut T) -> Code;
/// Finds something by a text.
pub(crate) type FindText<T> = unsafe extern "C" fn(*const c_char, *mut T) -> Code;
/// Fills one value about what the handle stands for.
pub(crate) type Get<H, T> = unsafe extern "C" fn(H, *mut T) -> Code;
/// Fills two values.
pub(crate) type GetPair<H, T> = unsafe extern "C" fn(H, *mut T, *mut T) -> Code;
/// Fills a text.
pub(crate) type GetText<H> = unsafe extern "C" fn(H, *mut c_char, c_uint) -> Code;
/// Fills one value about a numbered part of what the handle stands for.
pub(crate) type GetNumbered<H, T> = unsafe extern "C" fn(H, c_uint, *mut T) -> Code;
/// Says what a code means.
pub(crate) type Explain = unsafe extern "C" fn(Code) -> *const c_char;

/// Why a call gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The library has no such function.
    Missing,
    /// NVML said no.
    Code(Code),
    /// The text that NVML filled in does not end.
    Endless,
}

fn check(code: Code) -> Result<(), Refusal> {
    match code {
        SUCCESS => Ok(()),
        code => Err(Refusal::Code(code)),
    }
}

/// A function that the library may have.
#[derive(Debug)]
pub(crate) struct Symbol<F> {
    pub(crate) name: &'static str,
    function: Option<F>,
}

impl<F: Copy> Symbol<F> {
    fn function(&self) -> Result<F, Refusal> {
        self.function.ok_or(Refusal::Missing)
    }
}

impl Symbol<Act> {
    pub(crate) fn call(&self) -> Result<(), Refusal> {
        let function = self.function()?;
        // SAFETY: a function of this shape takes nothing, and NVML lets any thread call it at any time.
        check(unsafe { function() })
    }
}

impl<T> Symbol<Ask<T>> {
    pub(crate) fn call(&self, initial: T) -> Result<T, Refusal> {
        let function = self.function()?;
        let mut out = initial;
        // SAFETY: `out` is one valid, writable T, and a function of this shape writes no more than that;
        // before NVML is initialised it writes nothing.
        check(unsafe { function(&raw mut out) })?;
        Ok(out)
    }
}

impl Symbol<AskText> {
    pub(crate) fn call(&self) -> Result<String, Refusal> {
        let function = self.function()?;
        // SAFETY: `read_text` hands over a buffer of the length it names, and a function of this shape
        // writes within that length.
        read_text(|buffer, length| unsafe { function(buffer, length) })
    }
}

impl<T> Symbol<Find<T>> {
    pub(crate) fn find(&self, number: c_uint, initial: T) -> Result<T, Refusal> {
        let function = self.function()?;
        let mut out = initial;
        // SAFETY: `out` is one valid, writable T, and a function of this shape writes no more than that;
        // any number may be asked for.
        check(unsafe { function(number, &raw mut out) })?;
        Ok(out)
    }
}

impl<T> Symbol<FindText<T>> {
    pub(crate) fn find(&self, text: &CStr, initial: T) -> Result<T, Refusal> {
        let function = self.function()?;
        let mut out = initial;
        // SAFETY: `text` ends in NUL and outlives the call, which only reads it; `out` is one valid,
        // writable T, and a function of this shape writes no more than that.
        check(unsafe { function(text.as_ptr(), &raw mut out) })?;
        Ok(out)
    }
}

impl<H: Copy, T> Symbol<Get<H, T>> {
    pub(crate) fn call(&self, handle: H, initial: T) -> Result<T, Refusal> {
        let function = self.function()?;
        let mut out = initial;
        // SAFETY: `handle` came from this library or is null, and NVML answers one that is null or no
        // longer stands for anything with a code; `out` is one valid, writable T, and a function of this
        // shape writes no more than that.
        check(unsafe { function(handle, &raw mut out) })?;
        Ok(out)
    }
}

impl<H: Copy, T: Copy> Symbol<GetPair<H, T>> {
    pub(crate) fn call(&self, handle: H, initial: T) -> Result<(T, T), Refusal> {
        let function = self.function()?;
        let (mut first, mut second) = (initial, initial);
        // SAFETY: as for one value: `handle` came from this library or is null; `first` and `second` are
        // two valid, writable, distinct T.
        check(unsafe { function(handle, &raw mut first, &raw mut second) })?;
        Ok((first, second))
    }
}

impl<H: Copy> Symbol<GetText<H>> {
    pub(crate) fn call(&self, handle: H) -> Result<String, Refusal> {
        let function = self.function()?;
        // SAFETY: `handle` came from this library or is null; `read_text` hands over a buffer of the
        // length it names, and a function of this shape writes within that length.
        read_text(|buffer, length| unsafe { function(handle, buffer, length) })
    }
}

impl<H: Copy, T> Symbol<GetNumbered<H, T>> {
    pub(crate) fn call(&self, handle: H, number: c_uint, initial: T) -> Result<T, Refusal> {
        let function = self.function()?;
        let mut out = initial;
        // SAFETY: as for one value: `handle` came from this library or is null, any number may be asked
        // for, `out` is one valid, writable T.
        check(unsafe { function(handle, number, &raw mut out) })?;
        Ok(out)
    }
}

impl Symbol<Explain> {
    /// NVML's own words for a code.
    pub(crate) fn call(&self, code: Code) -> Option<String> {
        let function = self.function?;
        // SAFETY: the function takes any code and needs no initialised NVML.
        let text = unsafe { function(code) };
        if text.is_null() {
            return None;
        }
        // SAFETY: what it returns is a constant string of the library, which ends in NUL and stays where
        // it is for as long as the library is loaded; it is copied here.
        let text = unsafe { CStr::from_ptr(text) };
        Some(text.to_string_lossy().into_owned())
    }
}

/// The text that `fill` puts into a buffer of the length it is given. NVML ends its texts within that
/// length; one that it did not end is refused.
fn read_text(fill: impl FnOnce(*mut c_char, c_uint) -> Code) -> Result<String, Refusal> {
    const LENGTH: c_uint = 96;
    const { assert!(LENGTH as usize == TEXT) };
    let mut buffer = [0_u8; TEXT];
    check(fill(buffer.as_mut_ptr().cast(), LENGTH))?;
    let text = CStr::from_bytes_until_nul(&buffer).map_err(|_| Refusal::Endless)?;
    Ok(text.to_string_lossy().into_owned())
}

/// Declares the table, and how it is read from a library.
macro_rules! symbols {
    ($($field:ident: $shape:ty = $name:literal;)*) => {
        /// The table.
        #[derive(Debug)]
        pub(crate) struct Symbols {
            $(pub(crate) $field: Symbol<$shape>,)*
        }

        impl Symbols {
            /// Looks every function up. They may be called for as long as the library stays loaded.
            fn read(library: &libloading::Library) -> Self {
                Self {
                    $($field: Symbol {
                        name: $name,
                        // SAFETY: the symbol, if the library has it, is the NVML function of this name,
                        // whose shape is the one declared in `nvml.h`: NVML never changes a function
                        // that it has published.
                        function: unsafe { library.get::<$shape>($name) }
                            .ok()
                            .map(|symbol| *symbol),
                    },)*
                }
            }
        }
    };
}

symbols! {
    init: Act = "nvmlInit_v2";
    shutdown: Act = "nvmlShutdown";
    error_string: Explain = "nvmlErrorString";
    driver_version: AskText = "nvmlSystemGetDriverVersion";
    cuda_version: Ask<c_int> = "nvmlSystemGetCudaDriverVersion";
    count: Ask<c_uint> = "nvmlDeviceGetCount_v2";
    by_index: Find<DeviceHandle> = "nvmlDeviceGetHandleByIndex_v2";
    by_uuid: FindText<DeviceHandle> = "nvmlDeviceGetHandleByUUID";
    by_bus_id: FindText<DeviceHandle> = "nvmlDeviceGetHandleByPciBusId_v2";
    uuid: GetText<DeviceHandle> = "nvmlDeviceGetUUID";
    name: GetText<DeviceHandle> = "nvmlDeviceGetName";
    minor: Get<DeviceHandle, c_uint> = "nvmlDeviceGetMinorNumber";
    index: Get<DeviceHandle, c_uint> = "nvmlDeviceGetIndex";
    pci: Get<DeviceHandle, PciInfo> = "nvmlDeviceGetPciInfo_v3";
    memory: Get<DeviceHandle, MemoryInfo> = "nvmlDeviceGetMemoryInfo";
    compute_capability: GetPair<DeviceHandle, c_int> = "nvmlDeviceGetCudaComputeCapability";
    brand: Get<DeviceHandle, c_uint> = "nvmlDeviceGetBrand";
    addressing_mode: Get<DeviceHandle, AddressingModeInfo> = "nvmlDeviceGetAddressingMode";
    fabric: Get<DeviceHandle, FabricInfo> = "nvmlDeviceGetGpuFabricInfo";
    mig_mode: GetPair<DeviceHandle, c_uint> = "nvmlDeviceGetMigMode";
    max_mig: Get<DeviceHandle, c_uint> = "nvmlDeviceGetMaxMigDeviceCount";
    mig_by_index: GetNumbered<DeviceHandle, DeviceHandle> = "nvmlDeviceGetMigDeviceHandleByIndex";
    is_mig: Get<DeviceHandle, c_uint> = "nvmlDeviceIsMigDeviceHandle";
    parent: Get<DeviceHandle, DeviceHandle> = "nvmlDeviceGetDeviceHandleFromMigDeviceHandle";
    gpu_instance: Get<DeviceHandle, c_uint> = "nvmlDeviceGetGpuInstanceId";
    compute_instance: Get<DeviceHandle, c_uint> = "nvmlDeviceGetComputeInstanceId";
    attributes: Get<DeviceHandle, Attributes> = "nvmlDeviceGetAttributes_v2";
    gpu_instance_by_id: GetNumbered<DeviceHandle, GpuInstanceHandle> = "nvmlDeviceGetGpuInstanceById";
    gpu_instance_info: Get<GpuInstanceHandle, GpuInstanceInfo> = "nvmlGpuInstanceGetInfo";
    gpu_instance_profile: GetNumbered<DeviceHandle, GpuInstanceProfileInfo> = "nvmlDeviceGetGpuInstanceProfileInfo";
}

/// A loaded library and its functions.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) symbols: Symbols,
    /// Unloaded when this value goes. The functions in `symbols` are copied out of it, and nothing hands
    /// them on.
    _library: libloading::Library,
}

impl Library {
    /// Loads a file, or, if the name holds no slash, what the loader finds under it.
    pub(crate) fn load(name: &OsStr) -> Result<Self, libloading::Error> {
        // SAFETY: loading runs the initialisers of the library. NVML's have no precondition; that the
        // name leads to NVML and not to a hostile file is the caller's promise (`Nvml::load`).
        let library = unsafe { libloading::Library::new(name) }?;
        Ok(Self {
            symbols: Symbols::read(&library),
            _library: library,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_does_not_end_is_refused() {
        let endless = read_text(|buffer, length| {
            for at in 0..length as usize {
                // SAFETY: within the length given.
                unsafe { buffer.add(at).write(120) };
            }
            SUCCESS
        });
        assert_eq!(endless, Err(Refusal::Endless));
    }

    #[test]
    fn a_text_is_read_up_to_its_end() {
        let text = read_text(|buffer, _| {
            for (at, byte) in b"GPU-1\0left over".iter().enumerate() {
                // SAFETY: shorter than any buffer that `read_text` gives.
                unsafe { buffer.add(at).write(byte.cast_signed()) };
            }
            SUCCESS
        });
        assert_eq!(text.as_deref(), Ok("GPU-1"));
    }

    #[test]
    fn a_code_comes_through() {
        assert_eq!(read_text(|_, _| 7), Err(Refusal::Code(7)));
    }
}
