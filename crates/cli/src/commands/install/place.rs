//! What `install` and `uninstall` are both told: where, and how sure of it.

use super::unreadable;
use crate::error::CliError;
use crate::install::{PACKAGE_MANIFEST, Scope, manifest_path};
use clap::Args;
use liftgate_sys::Root;
use std::path::{Path, PathBuf};

/// Where, and how sure of it.
#[derive(Debug, Args)]
pub(in crate::commands) struct Place {
    /// Below which directory executables, manual pages and completions go
    #[arg(long, value_name = "DIR", default_value = "/usr")]
    pub(in crate::commands) prefix: PathBuf,

    /// A tree that stands for the root of the machine: nothing outside of it is touched, and no daemon is told
    #[arg(long, value_name = "DIR")]
    pub(in crate::commands) destdir: Option<PathBuf>,

    /// Only show what would be done
    #[arg(long)]
    pub(in crate::commands) dry_run: bool,

    /// Do it without asking
    #[arg(long, short)]
    pub(in crate::commands) yes: bool,

    /// Leave out what a package has itself: for the scripts of packages
    #[arg(long, hide = true, conflicts_with_all = ["destdir", "prefix"])]
    pub(in crate::commands) for_package: bool,
}

impl Place {
    pub(in crate::commands) const fn scope(&self) -> Scope {
        if self.for_package {
            Scope::Package
        } else {
            Scope::Whole
        }
    }

    pub(in crate::commands) fn manifest(&self) -> PathBuf {
        match self.scope() {
            Scope::Whole => manifest_path(&self.prefix),
            Scope::Package => PACKAGE_MANIFEST.into(),
        }
    }

    /// Whether it is this machine that is changed, and not a tree.
    pub(in crate::commands) const fn is_machine(&self) -> bool {
        self.destdir.is_none()
    }

    /// The root of what is changed.
    pub(in crate::commands) fn root(&self) -> Result<Root, CliError> {
        self.check_prefix()?;
        let Some(directory) = &self.destdir else {
            return Root::open(Path::new("/")).map_err(|error| unreadable(&error));
        };
        let real = std::fs::canonicalize(directory).map_err(|error| CliError::Failed {
            sentence: format!("cannot open `{}`: {error}", directory.display()),
            hint: "make the directory first".to_owned(),
        })?;
        Root::open(&real).map_err(|error| unreadable(&error))
    }

    /// Units and the manifest name paths below it in words that are parted by blanks.
    fn check_prefix(&self) -> Result<(), CliError> {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._+-".contains(byte);
        let is_fit = self.prefix.is_absolute()
            && self
                .prefix
                .as_os_str()
                .as_encoded_bytes()
                .iter()
                .all(is_plain)
            && !self
                .prefix
                .components()
                .any(|part| part.as_os_str() == "..");
        if is_fit {
            return Ok(());
        }
        Err(CliError::Usage {
            sentence: format!("`{}` cannot be a prefix", self.prefix.display()),
            hint: "give an absolute path of letters, digits and the characters . _ + -".to_owned(),
        })
    }
}
