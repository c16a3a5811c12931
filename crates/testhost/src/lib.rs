//! Simulated GPU machines for tests and the demo; never part of the product.
//!
//! A machine is a manifest (`machines/*.toml`): driver version, layout, libraries, tools, GPUs, device
//! numbers. [`Machine::materialise`] turns it into a tree of small real files; `testhost run MACHINE --
//! COMMAND` runs a command where that tree lies over the running host's root, in a mount namespace of its
//! own, with `/dev`, `/proc/driver` and `/sys` to match. [`enter_command`] makes that call for a test.
//!
//! What is real and what is not:
//!
//! * The libraries are ELF files with SONAMEs that `ldconfig` and the loader accept. All but three are empty.
//! * `libnvidia-ml.so.1`, `libcuda.so.1`, `libdxcore.so` and `nvidia-smi` work, as far as a container tool
//!   can tell. They answer from the manifest for exactly those GPUs and MIG devices whose device nodes the
//!   process may open, so what they print inside a container proves what the container was given. (A real
//!   driver lets whoever has `CAP_SYS_ADMIN` use every MIG device, whatever nodes there are.)
//! * The device nodes have the true numbers and no driver behind them.
//! * The simulated `/proc/driver` is a mount of the simulated host. A container mounts a `/proc` of its
//!   own and finds nothing there, where a real driver would show itself in every `/proc`.
//! * Whatever the machine is, the running host lies under it: its distribution, its kernel's name, its
//!   processor. What a machine lacks, such as Debian's library directories, the host's `/usr` still shows.
//! * `/sys/bus/pci/devices` holds the machine's GPUs and nothing else; directories, not links.

#![forbid(unsafe_code)]

mod catalogue;
mod command;
mod device;
mod device_directory;
mod elf_stub;
mod enter;
mod fat_binary;
mod host_mounts;
mod layer;
mod library;
mod machine;
mod manifest;
mod mig;
mod mirror;
mod proc_text;
mod roots;
mod stand_in;
mod sys_text;
mod tree;
mod variant;

pub use command::{Options, enter_command};
pub use device::{Gpu, Node};
pub use elf_stub::{
    Class, c_library, shared_object, shared_object_needing, with_note, with_sections,
};
pub use enter::{EnterError, enter};
pub use fat_binary::{FatBinary, Piece};
pub use library::Library;
pub use machine::{Machine, MachineError};
pub use mig::Mig;
pub use tree::{MachineTree, TreeError};
