//! Branches of the driver, and when they end.

use crate::mark::Mark;
use crate::release::Cuda;
use crate::tables::branches::ROWS;
pub use crate::tables::branches::{BranchKind, EndOfLife};

/// A branch of the driver: what `535.183.01` begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// `535`
    pub number: u16,
    /// The CUDA version that its drivers report.
    pub cuda: Cuda,
    /// How long it is maintained.
    pub kind: BranchKind,
    /// When that ends.
    pub end: EndOfLife,
    /// How well the end is known.
    pub mark: Mark,
}

impl Branch {
    /// Every branch that is known, in ascending order.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        ROWS.iter().map(|row| Self {
            number: row.branch,
            cuda: Cuda::new(row.cuda.0.into(), row.cuda.1.into()),
            kind: row.kind,
            end: row.end,
            mark: row.end_mark,
        })
    }

    /// The branch of that number.
    pub fn of(number: u16) -> Option<Self> {
        Self::all().find(|branch| branch.number == number)
    }

    /// Whether it has ended by a month of a year.
    pub fn has_ended(&self, year: u16, month: u8) -> bool {
        match self.end {
            EndOfLife::In(own_year, own_month) => (own_year, own_month) < (year, month),
            EndOfLife::Past => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends() {
        let branch = Branch::of(535).unwrap();
        assert_eq!(
            (branch.cuda, branch.kind),
            (Cuda::new(12, 2), BranchKind::LongTerm)
        );
        assert!(!branch.has_ended(2026, 6));
        assert!(branch.has_ended(2026, 7));
        assert!(Branch::of(550).unwrap().has_ended(2020, 1));
        assert_eq!(Branch::of(551), None);
    }
}
