//! `config.toml` of the NVIDIA container runtime, with our own table beside it.
//!
//! The file is the administrator's policy for every container start on the machine, so a mistake in it must be seen. The reference
//! ignores whatever it does not know: a misspelt `no-cgroup` changes nothing and says nothing. Here an unknown key is still without
//! effect, so that files written for other versions go on working, but comes back as a [`Warning`] with its line; a value of the
//! wrong type or outside its range is an error with line and column.
//!
//! The crate is pure: text in, [`Config`] out, [`default_text`] for a machine that has no file, and [`edit`] for a change.
//! What depends on the machine (whether `/sbin/ldconfig.real` exists, where an executable is found in `PATH`, that SUSE wants
//! `user = "root:video"`) is left to whoever looks at the machine.
#![forbid(unsafe_code)]

mod default_text;
pub mod edit;
mod error;
mod field;
mod glance;
mod keys;
mod model;
mod parse;
mod path;

pub use default_text::{default_text, is_suse};
pub use error::{ConfigError, Position, Warning, WarningKind};
pub use glance::runtimes_at_a_glance;
pub use keys::{KeyKind, kind_of_key};
pub use model::{
    Cdi, Config, ContainerCli, Csv, Ctk, CudaCompatMode, Features, JitCdi, Legacy, Liftgate,
    LogLevel, Mode, Modes, Runtime, RuntimeHook,
};
pub use parse::MAX_BYTES;
pub use path::config_path;
