//! The steps of carrying a plan out, by the names that a failure is told by.

use std::fmt;
use std::path::{Path, PathBuf};

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The container is looked at.
    Container,
    /// The container's mount namespace is entered.
    Enter,
    /// A file of the driver is mounted.
    Mount,
    /// A device node is made or mounted.
    Node,
    /// The device cgroup is told.
    Cgroup,
    /// Links, the loader's cache and what else is left.
    SetUp,
}

impl Step {
    pub(crate) fn failed(self, subject: &Path, error: &impl fmt::Display) -> Failure {
        Failure {
            step: self,
            subject: subject.to_owned(),
            reason: error.to_string(),
            not_undone: Vec::new(),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Container => "looking at the container",
            Self::Enter => "entering the container's mount namespace",
            Self::Mount => "mounting a file of the driver",
            Self::Node => "giving a device node",
            Self::Cgroup => "allowing the devices in the container's cgroup",
            Self::SetUp => "setting up the driver in the container's file system",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words())
    }
}

/// A plan could not be carried out. What had been done is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// In which step.
    pub step: Step,
    /// On which file.
    pub subject: PathBuf,
    /// The operation with its arguments, and the kernel's word.
    pub reason: String,
    /// What could not be undone, in sentences.
    pub not_undone: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}, `{}`: {}",
            self.step,
            self.subject.display(),
            self.reason
        )?;
        for sentence in &self.not_undone {
            write!(formatter, "; not undone: {sentence}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}
