//! Dockerfiles that are right from the start.
//!
//! [`write`] takes what is wanted and what is known (the GPUs, the driver, what lies in the directory) and gives texts.
//! Nothing is read, fetched or asked here. Every choice has its reason, which stands in the file as a comment, and is
//! told to whoever asked.
//!
//! What is chosen so that it cannot go wrong in the ways that these files usually do:
//!
//! - A toolkit or wheel that the driver runs: fully if there is one, else by minor-version compatibility, and then with
//!   code for the very GPU, as PTX of a newer toolkit is nothing that an older driver compiles (error 222).
//! - Code for the GPU is asked for by name. Without, nvcc makes it for an old architecture, and a GPU that the toolkit
//!   does not know ends with error 209.
//! - Wheels bring their own CUDA: on an `nvidia/cuda` image there would be two of them.
//! - The build needs no GPU, and the image no compiler, but where something is compiled when it runs.

mod architectures;
mod compose;
mod cuda;
mod framework;
mod ignore;
mod impossible;
mod library;
mod linked;
mod packages;
mod project;
mod request;
mod serving;
mod sheet;
mod support;
mod target;
#[cfg(test)]
mod tests;
mod toolkit;
mod wheel;
mod wheels;

pub(crate) use impossible::Impossible;
pub(crate) use linked::of_text as libraries_of;
pub(crate) use project::{Builder, CmakeFacts, MakeFacts, Project, is_plain, python_module};
pub(crate) use request::{Kind, Linkage, Request, Version};
pub(crate) use sheet::Choice;
pub(crate) use target::{Source, Target};

/// The files, and why they are as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// `Dockerfile`
    pub(crate) dockerfile: String,
    /// `.dockerignore`
    pub(crate) ignore: String,
    /// `compose.yaml`
    pub(crate) compose: String,
    /// What was chosen.
    pub(crate) choices: Vec<Choice>,
    /// What whoever asked has to know, in sentences.
    pub(crate) warnings: Vec<String>,
}

/// Writes the files for a request.
pub(crate) fn write(request: &Request) -> Result<Recipe, Impossible> {
    let (sheet, template) = match request.kind {
        Kind::Cuda => cuda::sheet(request)?,
        Kind::Library => library::sheet(request)?,
        Kind::Pytorch | Kind::Tensorflow | Kind::Jax => framework::sheet(request)?,
        Kind::Serving => serving::sheet(request)?,
    };
    Ok(Recipe {
        dockerfile: sheet.fill(template),
        ignore: ignore::text(request.kind),
        compose: compose::text(request),
        choices: sheet.choices,
        warnings: sheet.warnings,
    })
}
