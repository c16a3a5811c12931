//! Readers of everything that is linted and is no Dockerfile: compose files, dev containers, READMEs, command lines.
//!
//! All of them are pure, text in and tree out. The text is somebody else's: time and memory are linear in its length, nothing
//! recurses deeper than a bound, nothing is expanded, and whatever is not understood is an error beside what is. Every value
//! has its place in the text; where aliases and merges are, it has two: where it is used, and where it is written.

pub mod compose;
pub mod devcontainer;
pub mod docker_run;
pub mod markdown;
pub mod recognise;
pub mod yaml;
