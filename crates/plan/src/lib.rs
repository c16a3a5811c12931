//! Request × Host × Policy → Plan: the one place where GPUs are granted or refused.
//!
//! Whoever asks, in whatever way, the same three inputs give the same answer. No decision reads a file,
//! asks the kernel or looks at a clock, so each can be tested as data, and explained as words: every line
//! of a plan carries its reason. (One module reads an input, `config.toml`, for all who need it.)
//!
//! The rules that have bitten users of the reference are stated once, here: an empty list is nothing and
//! never everything; a duplicate id is one id; an unknown id is a refusal that says what there is; fewer
//! devices than were asked for is a refusal too.

#![forbid(unsafe_code)]

mod beside;
mod container_setup;
mod cuda_compat;
mod docker_gpus;
mod granted;
mod identifiers;
mod input;
mod names;
mod nodes;
mod planner;
mod policy;
mod refusal;
mod request;
mod requirements;
mod setup_hooks;
mod specification;
mod specified;
mod working_driver;

pub use beside::imex_channel;
pub use container_setup::{ArgumentError, ContainerSetup, GlibcNeed, Link, LoaderEntry};
pub use cuda_compat::{
    COMPAT_NOTE_OWNER, COMPAT_NOTE_SECTION, CUDA_COMPAT_ROOT, CompatNote, CudaCompat,
    compat_version, unsupported_minors,
};
pub use docker_gpus::{DockerGpus, DockerGpusError};
pub use granted::{
    Check, Environment, GrantedGpu, GrantedMig, Mount, Node, Plan, PlannedLink, Warning,
};
pub use input::{Configuration, load_configuration, places};
pub use liftgate_cuda::cuda_of_driver;
pub use planner::plan;
pub use policy::Policy;
pub use refusal::{Code, Refusal};
pub use request::{Asked, ContainerFacts, Devices, Request, Source, shortened};
pub use requirements::{Requirement, check_driver, needs_nvml};
pub use setup_hooks::{CONTAINER_SETUP, HOOK_ENVIRONMENT, HookPart, HookStyle, Hooks};
pub use specification::{Content, NameStrategy, SpecificationOptions, specify, usual_capabilities};
pub use specified::{Specified, SpecifiedDevice};
pub use working_driver::has_working_driver;
