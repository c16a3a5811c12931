//! Why devices could not be allowed.

use liftgate_sys::SysError;

/// Why devices could not be allowed in a container's cgroup.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A system call failed.
    #[error(transparent)]
    System(#[from] SysError),
    /// There is no such process.
    #[error("there is no process {0}")]
    NoProcess(u32),
    /// No hierarchy that could restrict devices is mounted.
    #[error(
        "neither the `devices` controller of version 1 nor version 2 of cgroups is mounted for process {0}"
    )]
    NotMounted(u32),
    /// The process's cgroup is not below what is mounted.
    #[error(
        "cgroup `{path}` of process {pid} is not below `{root}`, which is mounted at `{point}`"
    )]
    NotBelow {
        /// The process.
        pid: u32,
        /// Its cgroup.
        path: String,
        /// What is mounted of the hierarchy.
        root: String,
        /// Where.
        point: String,
    },
    /// The cgroup is gone.
    #[error("there is no directory `{0}`: the process has left its cgroup")]
    Gone(String),
    /// The kernel let none of the programs be fetched.
    #[error("none of the container's device programs can be fetched: {0}")]
    NotFetched(SysError),
    /// The instructions of a program are blinded or blanked, and no rules were given to make another of.
    #[error(
        "the instructions of device program {0} cannot be read (`net.core.bpf_jit_harden`), and the container's own rules are not known"
    )]
    Unreadable(u32),
    /// A program calls functions or uses maps.
    #[error(
        "device program {0} calls functions of the kernel or uses maps, which a copy of it could not"
    )]
    NotSelfContained(u32),
    /// The kernel refuses the rewritten program.
    #[error("device program {0} cannot be loaded again with the devices granted: {1}")]
    NotLoaded(u32, SysError),
    /// A program is attached by a link, which only its owner can change.
    #[error(
        "device program {0} has gone, or was attached by a link, which only its owner can change"
    )]
    AttachedByLink(u32),
    /// A jump cannot go over so many devices.
    #[error("{0} devices are too many for a device program")]
    TooMany(usize),
}
