//! What an image requires of driver and GPU, and what CUDA a driver runs.
//!
//! Images say in `NVIDIA_REQUIRE_*` what they need (`cuda>=12.8 brand=tesla,driver>=535,driver<536`), and the
//! reference refuses a container whose machine has less. Four subjects, all pure, and nothing but text and
//! numbers goes in:
//!
//! - [`judge`] reads such an expression in the grammar of `nvidia-container-cli --require`, and holds it
//!   against what is known of the machine. What is not known is said, never assumed.
//! - [`cuda_of_driver`] and [`minor_version_floor`] are the facts that NVIDIA publishes of its drivers. The
//!   expressions of images do not know the second: a `GeForce` with driver 550 is refused an image of CUDA 12.8
//!   by their letter, though every 12.x runs on it. [`Reading`] chooses.
//! - [`has_forward_compatibility`] and [`forward_base_branches`] tell where newer CUDA libraries than the driver's can
//!   be used at all.
//! - [`compare_versions`] orders versions as the reference does.
//!
//! An expression is whatever the image's author wrote: it is bounded, read once from left to right, and what
//! of it gets into a message is short and printable.

#![forbid(unsafe_code)]

mod branch;
pub mod code;
mod cuda_error;
mod driver;
mod driver_verdict;
mod expression;
mod forward;
pub mod framework;
pub mod gpu;
pub mod image;
mod judgement;
mod mark;
mod property;
mod release;
mod tables;
mod toolkit;
mod truth;
mod version;

pub use branch::{Branch, BranchKind, EndOfLife};
pub use cuda_error::CudaError;
pub use driver::{cuda_of_driver, minor_version_floor};
pub use driver_verdict::{Driver, DriverVerdict, NoForward, UnknownDriver, judge_driver};
pub use expression::{InvalidExpression, LONGEST_EXPRESSION};
pub use forward::{forward_base_branches, has_forward_compatibility};
pub use judgement::{Facts, Reading, Verdict, judge, unsatisfied_condition};
pub use mark::Mark;
pub use property::{Properties, Property};
pub use release::{Cuda, Release};
pub use tables::{Fact, facts};
pub use toolkit::{driver_of_toolkit, first_release, toolkits};
pub use version::compare_versions;
