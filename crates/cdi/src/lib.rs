//! The Container Device Interface: specifications, the registry of them, and their injection.

#![forbid(unsafe_code)]

mod model;
pub mod name;
mod quote;
mod read;
mod scalar;
mod tree;
mod version;
mod write;

pub use model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
pub use name::{NameError, QualifiedName, is_qualified};
pub use tree::{MAX_BYTES, ReadError};
pub use version::{Need, Version, VersionError};
