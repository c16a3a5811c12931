//! What it takes to start a container from a hostile image, and to find out whether anything got out of it.

mod canary;
mod library;
mod scene;
mod spoiling;

pub use canary::{Canary, DEV, HOSTS_SONAME, LINKS_OF_RUNC, SECRET};
pub use library::{library, write_library};
pub use scene::{Check, Prepared, Scene, gpus, run, trial};
pub use spoiling::Spoiling;
