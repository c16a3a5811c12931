//! The CUDA toolkit: which releases there are, and with which driver each came.

use crate::release::{Cuda, Release};
use crate::tables::toolkits::ROWS;

/// The driver that a release of the toolkit came with (Linux); `None`: no such release is known.
pub fn driver_of_toolkit(release: Release) -> Option<&'static str> {
    let row = ROWS.iter().find(|row| row.release == release);
    row.map(|row| row.driver)
}

/// The first release of a CUDA version, and the driver that it came with: no older one has this version fully.
pub fn first_release(cuda: Cuda) -> Option<(Release, &'static str)> {
    let row = ROWS.iter().find(|row| row.release.cuda() == cuda);
    row.map(|row| (row.release, row.driver))
}

/// Every CUDA version of which there is a toolkit, in ascending order. There is no 12.7.
pub fn toolkits() -> impl Iterator<Item = Cuda> {
    let mut before = None;
    let versions = ROWS.iter().map(|row| row.release.cuda());
    versions.filter(move |cuda| before.replace(*cuda) != Some(*cuda))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_once_each() {
        let all: Vec<Cuda> = toolkits().collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(all.first(), Some(&Cuda::new(8, 0)));
        assert!(all.contains(&Cuda::new(12, 8)) && !all.contains(&Cuda::new(12, 7)));
    }

    #[test]
    fn drivers() {
        let release = Release::new(12, 8, 1);
        assert_eq!(driver_of_toolkit(release), Some("570.124.06"));
        let first = first_release(release.cuda());
        assert_eq!(first, Some((Release::new(12, 8, 0), "570.26")));
        assert_eq!(driver_of_toolkit(Release::new(12, 7, 0)), None);
    }
}
