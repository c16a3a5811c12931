//! `.dockerignore`: what is not sent to the build.

use super::request::Kind;

const COMMON: &str = include_str!("templates/common.dockerignore");
const CUDA: &str = include_str!("templates/cuda.dockerignore");
const PYTHON: &str = include_str!("templates/python.dockerignore");
const SERVING: &str = include_str!("templates/serving.dockerignore");

/// The text for a kind of image.
pub(super) fn text(kind: Kind) -> String {
    match kind {
        Kind::Cuda => format!("{COMMON}\n{CUDA}"),
        Kind::Library => format!("{COMMON}\n{CUDA}\n{PYTHON}"),
        Kind::Pytorch | Kind::Tensorflow | Kind::Jax => format!("{COMMON}\n{PYTHON}"),
        Kind::Serving => SERVING.to_owned(),
    }
}
