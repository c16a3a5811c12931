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
mod defaults;
mod environment;
mod extensions;
mod gpu_choice;
mod gpu_image;
mod gpu_request;
mod gpu_wish;
pub mod image;
mod loader_path;
mod named_image;
mod packages;
mod pip;
mod python;
mod reference;
mod run_arguments;
mod search_path;
mod service;
mod tensorflow;
mod torch;

pub use architectures::CodeList;
pub use base::{Has, Provided, Tool};
pub use build::{At, Build, Origin, Place, Stage, Step};
pub use contract::{CAPABILITIES, is_requirement};
pub use cuda::{CudaBase, CudaFrom, InBuild};
pub use defaults::OtherDefault;
pub use environment::{Certainty, Value};
pub use extensions::{Extension, WithoutGpu};
pub use gpu_choice::{Choice, beyond, cuda_visible_devices_problem};
pub use gpu_image::GpuBase;
pub use gpu_request::{
    GpusProblem, GpusValue, IdShape, REQUEST_CAPABILITIES, REQUEST_DRIVERS, driver_parts,
};
pub use gpu_wish::{image_for_gpus, is_jetson, repository_and_tag, shares_memory, word_for_gpus};
pub use loader_path::{LoaderDirectory, LoaderWay};
pub use named_image::is_placeholder;
pub use packages::{Install, Manager, Package};
pub use pip::{PipInstall, Requirement, Url};
pub use reference::Reference;
pub use search_path::{PathEntry, PathSetting};
pub use service::{RequestPlace, before_first_key, short_text, shown};
pub use tensorflow::TensorFlowInstall;
pub use torch::{TorchChoice, TorchIndex, TorchInstall};
