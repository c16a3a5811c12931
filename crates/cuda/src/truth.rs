//! More than yes and no.
//!
//! Factors are put together as in any logic of more than two values: all of them hold as far as the worst does, one of
//! them as far as the best.

use crate::property::Properties;

/// How far a factor or an alternative holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth<'e> {
    No,
    Unknown(Properties),
    ByMinorVersion {
        asked: &'e str,
        driver_cuda: (u32, u32),
    },
    Yes,
}

impl Truth<'_> {
    fn rank(self) -> u8 {
        match self {
            Self::No => 0,
            Self::Unknown(_) => 1,
            Self::ByMinorVersion { .. } => 2,
            Self::Yes => 3,
        }
    }

    /// The better of two; what is missing in both, together; else of equals the second.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown(one), Self::Unknown(other)) => Self::Unknown(one.and(other)),
            _ if self.rank() > other.rank() => self,
            _ => other,
        }
    }

    /// The worse of two; what is missing in both, together; else of equals the second.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown(_), Self::Unknown(_)) => self.or(other),
            _ if self.rank() < other.rank() => self,
            _ => other,
        }
    }
}
