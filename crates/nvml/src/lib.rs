//! The part of NVML, NVIDIA's management library, that liftgate needs, loaded at run time.
//!
//! Only the executable `liftgate` uses it. A container start does without: the kernel lists GPUs in
//! `/proc/driver/nvidia`, and what NVML alone knows (the UUIDs of MIG devices, compute capabilities) is
//! asked ahead of time and recorded.
//!
//! | module | what |
//! |---|---|
//! | `nvml` | [`Nvml`]: the library, loaded and initialised; shut down when dropped |
//! | `device` | [`Device`]: a GPU |
//! | `mig` | [`MigDevice`]: a MIG device of a GPU |
//! | `survey` | [`survey`]: everything of every GPU as plain data |
//! | `error` | [`NvmlError`]: the call with its arguments, and NVML's answer |
//! | `symbols`, `abi` | the functions and the C types: all `unsafe` is in `symbols` |
//!
//! What it refuses to do:
//!
//! * fail early. A function that the installed library lacks (a driver is often years older than this
//!   code) fails when it is called, with an error that names it.
//! * let one answer hide the others. [`survey`] keeps a GPU that has fallen off the bus beside the seven
//!   that have not.
//! * change anything. No function that sets, resets or creates is bound.
//!
//! NVML opens device nodes, and may have a setuid helper create missing ones, when it is initialised; it
//! does so with the rights of whoever calls.

mod abi;
mod device;
mod error;
mod mig;
mod nvml;
mod survey;
mod symbols;

pub use device::{AddressingMode, BusId, Device, Fabric, FabricState, Memory, MigMode};
pub use error::{LoadAttempt, NvmlError, ReturnCode};
pub use mig::{MigAttributes, MigDevice, Placement};
pub use nvml::{AnyDevice, Nvml};
pub use survey::{Survey, SurveyFailure, SurveyedGpu, SurveyedMig, survey};
