//! The Container Device Interface: specifications, the registry of them, and their injection.

#![forbid(unsafe_code)]

mod model;

pub use model::{
    ContainerEdits, Device, DeviceNode, Hook, IntelRdt, Line, Mount, NetDevice, Specification,
};
