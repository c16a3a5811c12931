//! NVIDIA's CUDA images: what a tag means, whether there is one, and what is in it.
//!
//! ```
//! use liftgate_cuda::image::{Flavour, Problem, Reference, TagVerdict};
//!
//! // Not a CUDA image: nothing to say.
//! assert!(Reference::parse("ubuntu:22.04").is_none());
//!
//! let judgement = Reference::parse("nvidia/cuda:11.8.0-base").unwrap().judge();
//! assert!(matches!(&judgement.verdict, TagVerdict::NeverExisted { problems } if problems[0] == Problem::NoOs));
//! assert_eq!(judgement.suggestion.unwrap().to_string(), "11.8.0-base-ubuntu22.04");
//!
//! let judgement = Reference::parse("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04").unwrap().judge();
//! assert_eq!(judgement.verdict, TagVerdict::Exists);
//! let tag = judgement.tag.unwrap();
//! assert_eq!((tag.flavour, tag.cudnn_version()), (Flavour::Devel, Some("9.1.0.70")));
//! ```
//!
//! The way of a text: [`Reference::parse`] takes an image's name apart and tells whether it is one of these at all;
//! [`Parts`] is what its tag says, in whatever order and however incomplete; a [`Tag`] is one that is whole and right,
//! and knows its [contents](Tag::has). [`Reference::judge`] gives the [`Judgement`]. Variables (`${CUDA_VERSION}`) are to
//! be replaced before: a name with a `$` in it is nobody's.
//!
//! What is in no table is [`TagVerdict::Unknown`] where it may have come since, and `NeverExisted` only where
//! NVIDIA's lists are complete.

mod contents;
mod os;
mod parts;
mod problem;
mod reference;
mod suggestion;
mod tag;
mod verdict;

pub use contents::{Environment, Part, Presence, SigningKey, presence};
pub use os::{Os, PackageManager};
pub use parts::{OsWord, Parts};
pub use problem::Problem;
pub use reference::{Reference, Registry, Repository};
pub use tag::{CudnnSpelling, Flavour, Tag};
pub use verdict::{Gone, Judgement, TagVerdict, UnknownTag};
