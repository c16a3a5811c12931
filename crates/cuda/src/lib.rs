//! What runs on what: facts that NVIDIA and the frameworks publish, and the verdicts that follow from them. All of it is
//! pure: text and numbers go in, and nothing is looked up. What is not known is said, never assumed.
//!
//! | question | answer |
//! |---|---|
//! | Is there such an image as `nvidia/cuda:12.4-devel`? What is meant, what is right, what is in it? | [`image::Reference::parse`] and [`judge`](image::Reference::judge) → [`image::Judgement`]; [`image::Tag::has`], [`image::Tag::environment`], [`image::presence`] |
//! | Does this driver run what CUDA 12.8 made? With which error does it not? | [`Driver::parse`], [`judge_driver`] → [`DriverVerdict`] |
//! | And in an image that does not bring newer libraries of the driver? | [`framework::judge_in_image`] |
//! | Which GPU is `rtx4090`, `10de:2330`, `sm_90`? | [`gpu::Gpu::parse`], [`gpu::Capability::parse`] |
//! | Does `sm_80` with PTX run on it? What does `TORCH_CUDA_ARCH_LIST` say? | [`code::loading`], [`code::torch_list`], [`code::cmake_list`], [`code::Target::parse`] |
//! | Can this toolkit make code for that GPU? | [`code::Target::is_made_by`], [`code::nearest_target`] |
//! | Is there `torch==2.4.1+cu118`, what does it bring, does it run? | [`framework::TorchWheel`], [`framework::TensorFlow`], [`framework::python_package`] |
//! | Which toolkits, branches of the driver, errors are there? | [`toolkits`], [`first_release`], [`Branch`], [`CudaError`] |
//! | Does this machine meet `NVIDIA_REQUIRE_CUDA`? | [`judge`] |
//! | Where was that read? | [`facts`], [`Mark`] |
//!
//! A line of a Dockerfile, judged:
//!
//! ```
//! use liftgate_cuda::image::{Part, Presence, Reference, TagVerdict};
//!
//! let reference = Reference::parse("nvidia/cuda:12.4.0-runtime-ubuntu22.04").expect("one of these images");
//! let judgement = reference.judge();
//! match &judgement.verdict {
//!     TagVerdict::Superseded { by } => assert_eq!(reference.with_tag(by), "nvidia/cuda:12.4.1-runtime-ubuntu22.04"),
//!     other => panic!("{other:?}"),
//! }
//! // `RUN nvcc …` in it cannot succeed. `tag` is there where the tag is whole; `parts` is there for every tag, and says
//! // the flavour and the CUDA version even of one that never existed.
//! let tag = judgement.tag.expect("a whole tag");
//! assert_eq!(tag.has(Part::Nvcc), Presence::No);
//! assert_eq!(tag.release.cuda().to_string(), "12.4");
//! ```
//!
//! What to keep in mind:
//!
//! - Verdicts have a word for "not known" ([`image::TagVerdict::Unknown`], [`DriverVerdict::Unknown`],
//!   [`image::Presence::Unknown`], [`framework::Runs::Perhaps`]). It is no finding.
//! - A [`Mark`] that [is not firm](Mark::is_firm) is worth a "probably", and no error.
//! - Minor-version compatibility is no forward compatibility: it holds on every GPU, and needs nothing of the image.
//! - A wheel brings its own CUDA. What the image below it has does not matter.
//!
//! # Requirements of images
//!
//! Images say in `NVIDIA_REQUIRE_*` what they need (`cuda>=12.8 brand=tesla,driver>=535,driver<536`), and the reference
//! refuses a container whose machine has less.
//!
//! - [`judge`] reads such an expression in the grammar of `nvidia-container-cli --require`, and holds it against what is
//!   known of the machine.
//! - [`cuda_of_driver`] and [`minor_version_floor`] are what of the tables this needs. The expressions of images do not
//!   know the second: a `GeForce` with driver 550 is refused an image of CUDA 12.8 by their letter, though every 12.x
//!   runs on it. [`Reading`] chooses.
//! - [`has_forward_compatibility`] and [`forward_base_branches`] tell where newer CUDA libraries than the driver's can be
//!   used at all.
//! - [`compare_versions`] orders versions as the reference does.
//!
//! The executable that decides container starts uses only these, and carries nothing of the rest.
//!
//! Whatever is read here was written by the author of an image or a Dockerfile: it is bounded, read once from left to
//! right, and what of it gets into a message is short and printable.

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
