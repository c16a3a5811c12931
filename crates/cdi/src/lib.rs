//! The Container Device Interface: specifications, the registry of them, and their injection.

#![forbid(unsafe_code)]

mod model;
pub mod name;
mod quote;
mod read;
pub mod registry;
mod scalar;
mod tree;
mod validate;
mod version;
mod write;

pub use model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
pub use name::{NameError, QualifiedName, is_qualified};
pub use registry::{Found, LoadError, Loaded, Registry, Unresolved};
pub use tree::{MAX_BYTES, ReadError};
pub use validate::{Invalid, SpecificationError};
pub use version::{Need, Version, VersionError};
