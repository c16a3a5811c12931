//! Host: what this machine has, found by reading it.
//!
//! The kernel module tells its version, its GPUs and its device majors in `/proc`; the rest of the driver
//! is files somewhere below a *driver root*: the host's `/`, a driver container's `/run/nvidia/driver`, or
//! what the administrator configured. Libraries are found by where the loader looks, by the version in
//! their names and by what their ELF headers say, so that a library this crate has never heard of is still
//! found, classified as unknown, and reported.
//!
//! NVML is not needed for any of it, and not used: a container start must not wait for a library that
//! wakes GPUs. What only NVML knows (how MIG devices are called) is told by who makes the host record.
//!
//! Nothing here is decided. Which of it a container gets is `plan`'s affair.

#![forbid(unsafe_code)]

mod bus;
mod capability;
mod configuration;
mod csv;
mod devices;
mod extra;
mod firmware;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gpu;
mod host;
mod installation;
mod kernel;
mod library;
mod mig;
mod nvml_facts;
mod place;
mod platform;
mod record;
mod rules;
mod search;
mod tegra;
mod tool;
mod wsl;

pub use bus::BusId;
pub use capability::{Capabilities, Capability, UnknownCapability};
pub use configuration::Configuration;
pub use devices::{DeviceLink, DeviceNode, Devices, GpuNodes, MigNodes, NodeOrigin};
pub use extra::{Extra, ExtraDevices, ImexChannel};
pub use firmware::Firmware;
pub use gpu::{Gpu, gpu_minor};
pub use host::{Host, HostError, gpu_models};
pub use installation::{Installation, ListedFile, ListedLink, Socket, Unrecognised};
pub use kernel::{CharacterMajors, KernelModule};
pub use library::{Library, LibraryLink};
pub use liftgate_elf::versions::GlibcVersion;
pub use mig::{MigDevice, MigName, minors as mig_minors};
pub use nvml_facts::{GpuKind, NvmlAnswer, brand_name};
pub use place::Places;
pub use platform::{Platform, PlatformKind};
pub use record::{AskNvml, Fingerprint, NvmlFacts, Record, RecordError};
pub use tegra::{TegraGpu, listed_links};
pub use tool::Tool;
