//! The Container Device Interface: specifications, the registry of them, and their injection.
//!
//! A CDI specification is a file that says what a container gets with a device: nodes, mounts, variables, hooks.
//! Whoever may write into `/etc/cdi` or `/var/run/cdi` can put one there, in YAML or JSON, by hand or by a program;
//! engines read all of them, and refuse or inject. Hence three rules:
//!
//! * **One reading.** A file means here what it means to the engines, whose library (in Go) reads YAML 1.1 and
//!   coerces; what we write means the same to every reader. Text that readers would take in two ways is refused.
//! * **One loss.** A broken file costs its own devices, is told with path, line and field, and never costs time.
//! * **Nothing stale.** An entry that does not fit the host any more is told with its line; nothing is injected.
//!
//! Pure, but for [`Registry::load`], which reads directories, and [`ThisHost`].

#![forbid(unsafe_code)]

mod decode;
pub mod host;
pub mod inject;
mod layout;
mod model;
pub mod name;
mod quote;
mod read;
pub mod registry;
mod scalar;
mod shown;
mod source;
pub mod stale;
mod transform;
mod tree;
mod validate;
mod version;
mod write;

pub use host::{HostNode, HostNodes, NodeKind, ThisHost};
pub use inject::InjectError;
pub use model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
pub use name::{NameError, QualifiedName, is_qualified};
pub use registry::{DEFAULT_DIRECTORIES, Found, LoadError, Loaded, Registry, Unresolved};
pub use source::{MAX_BYTES, ReadError};
pub use stale::{Misfit, Stale};
pub use transform::RelativeTo;
pub use validate::{Invalid, SpecificationError};
pub use version::{Need, Version, VersionError};
