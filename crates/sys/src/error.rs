//! One error type, printed as `strace` would print the failed call: the operation with its arguments,
//! then the kernel's word for what went wrong. Whoever reads a log can then repeat the call.

use std::fmt;
use std::io;

/// A kernel error number, as `rustix` names them.
pub type Errno = rustix::io::Errno;

/// A system operation that failed, with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SysError {
    operation: String,
    errno: Option<i32>,
    reason: String,
}

impl SysError {
    /// The operation `operation` failed with `errno`.
    pub fn new(operation: impl Into<String>, errno: Errno) -> Self {
        Self {
            operation: operation.into(),
            errno: Some(errno.raw_os_error()),
            reason: io::Error::from(errno).to_string(),
        }
    }

    /// The operation failed in the standard library.
    pub fn from_io(operation: impl Into<String>, error: &io::Error) -> Self {
        Self {
            operation: operation.into(),
            errno: error.raw_os_error(),
            reason: error.to_string(),
        }
    }

    /// The operation was refused by us, for `reason`.
    pub fn refused(operation: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            operation: operation.into(),
            errno: None,
            reason: reason.into(),
        }
    }

    /// Whether the kernel answered with `errno`.
    pub fn is(&self, errno: Errno) -> bool {
        self.errno == Some(errno.raw_os_error())
    }

    /// Whether the kernel said that there is no such file or directory.
    pub fn is_not_found(&self) -> bool {
        self.is(Errno::NOENT) || self.is(Errno::NOTDIR)
    }

    /// Whether the kernel said that this is for others to do.
    pub fn is_not_permitted(&self) -> bool {
        self.is(Errno::PERM)
    }

    /// Whether the file system is read-only or we lack the permission.
    pub fn is_not_writable(&self) -> bool {
        self.is(Errno::ROFS) || self.is(Errno::ACCESS) || self.is(Errno::PERM)
    }

    /// The operation, with its arguments.
    pub fn operation(&self) -> &str {
        &self.operation
    }
}

impl fmt::Display for SysError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.operation, self.reason)
    }
}

impl std::error::Error for SysError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_call_and_the_kernels_word() {
        let error = SysError::new("openat2(3 `/rootfs`, `etc/passwd`)", Errno::XDEV);
        assert_eq!(
            error.to_string(),
            "openat2(3 `/rootfs`, `etc/passwd`): Invalid cross-device link (os error 18)"
        );
        assert!(error.is(Errno::XDEV));
        assert!(!error.is_not_found());
    }
}
