//! Carrying a plan out in a container that exists already.
//!
//! The runtime shim changes a container's `config.json` before there is a container, and the low-level
//! runtime does the work. A hook, and `nvidia-container-cli configure`, come later: the container's mounts
//! stand and its device cgroup is in force. What has to be done then is done here.

#![forbid(unsafe_code)]

pub mod cgroup;
