//! What rules ask of a Dockerfile: its stages and what they are built on, what a variable is at a place, which programs
//! run there, and what was installed before.
//!
//! Whatever hangs on something that the file does not say (a build argument without a default, an image that is not
//! known) is *unknown*, and a rule says nothing about it: a linter that guesses is switched off.

mod architectures;
mod base;
mod build;
mod contract;
mod cuda;
mod environment;
mod gpu_image;
pub mod image;
mod packages;
mod pip;
mod python;
mod reference;
mod search_path;
mod tensorflow;
mod torch;

pub use architectures::CodeList;
pub use base::{Has, Provided, Tool};
pub use build::{At, Build, Origin, Place, Stage, Step};
pub use contract::{CAPABILITIES, is_requirement};
pub use cuda::{CudaBase, CudaFrom};
pub use environment::{Certainty, Value};
pub use gpu_image::GpuBase;
pub use packages::{Install, Manager, Package};
pub use pip::{PipInstall, Requirement, Url};
pub use reference::Reference;
pub use search_path::{PathEntry, PathSetting};
pub use tensorflow::TensorFlowInstall;
pub use torch::{TorchChoice, TorchIndex, TorchInstall};
