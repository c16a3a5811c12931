//! Engines that run: their processes, and what Docker says of itself.

mod docker_api;
mod process;
mod unit;

pub use docker_api::{DockerInfo, DockerRuntime};
pub use process::Process;
pub use unit::Unit;
