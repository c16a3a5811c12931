//! The two formats, edited so that nothing is lost.

pub(crate) mod json;
pub(crate) mod toml;
