//! Rules for what a GPU container is made of and started with.
#![forbid(unsafe_code)]

pub mod sources;
