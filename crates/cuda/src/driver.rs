//! What CUDA a driver runs.
//!
//! Two tables of what NVIDIA publishes. A driver reports the version of the CUDA toolkit that its branch was
//! released with; and since CUDA 11 it also runs programs of newer minor versions of the same major, if it is
//! no older than the major's floor (*CUDA Compatibility*, chapter "Minor Version Compatibility"). Programs that
//! bring only PTX of a newer version, or call what the driver does not have, still fail, so this is less than
//! having the version.
//!
//! A branch that is not in the table reports nothing here, be it newer than the table or between two rows: on
//! WSL the number is that of a Windows driver, which is another count. Whoever needs the answer asks the driver.

use crate::tables::branches::ROWS;
use crate::version;

/// Branches with the CUDA version that they report, in ascending order. Of the table's rows only this: the executable
/// that decides container starts carries no dates.
const BRANCHES: [(u16, u8, u8); ROWS.len()] = {
    let mut branches = [(0, 0, 0); ROWS.len()];
    let mut at = 0;
    while at < ROWS.len() {
        let cuda = ROWS[at].cuda;
        branches[at] = (ROWS[at].branch, cuda.0, cuda.1);
        at += 1;
    }
    branches
};

/// The CUDA version, major and minor, that the driver `version` reports (`550.54.15`: 12.4).
///
/// `None`: no version, or of a branch that is not known.
pub fn cuda_of_driver(version: &str) -> Option<(u32, u32)> {
    if !version::is_version(version) {
        return None;
    }
    let (branch, _) = version::number(version)?;
    BRANCHES
        .iter()
        .find(|row| u64::from(row.0) == branch)
        .map(|&(_, major, minor)| (major.into(), minor.into()))
}

/// The first driver that runs programs of every minor version of a CUDA major.
///
/// `None`: the major has no such compatibility (10 and before), or none that is known.
pub fn minor_version_floor(cuda_major: u32) -> Option<&'static str> {
    match cuda_major {
        11 => Some("450.80.02"),
        12 => Some("525.60.13"),
        13 => Some("580.65.06"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_branch() {
        for (version, cuda) in [
            ("367.48", (8, 0)),
            ("418.39", (10, 1)),
            ("450.80.02", (11, 0)),
            ("510.68.02", (11, 6)),
            ("525.60.13", (12, 0)),
            ("550.54.14", (12, 4)),
            ("565.57.01", (12, 7)),
            ("570.133.20", (12, 8)),
            ("580.159.04", (13, 0)),
            ("580", (13, 0)),
            ("610.43.02", (13, 3)),
        ] {
            assert_eq!(cuda_of_driver(version), Some(cuda), "{version}");
        }
    }

    #[test]
    fn never_guessed() {
        for version in [
            "",
            "abc",
            "550.54.15-beta",
            ".550",
            "366.1",
            // A Windows driver, and branches before there were rows for them or after.
            "551.78",
            "616.00",
            "700.1",
            // 550 beyond 16, 32 and 64 bits.
            "66086.1",
            "4294967846.1",
            "18446744073709552166.1",
        ] {
            assert_eq!(cuda_of_driver(version), None, "{version:?}");
        }
    }

    /// A floor belongs to the first branch that reports its major: so a driver that reports an older major is
    /// below it, and one that reports the major can be below it only within that branch.
    #[test]
    fn floors_are_where_majors_begin() {
        for major in 0..20 {
            let first = BRANCHES.iter().find(|row| u32::from(row.1) == major);
            match (minor_version_floor(major), first) {
                (Some(floor), Some(&(branch, ..))) => {
                    assert!(floor.starts_with(&format!("{branch}.")), "{floor}");
                    assert_eq!(cuda_of_driver(floor), Some((major, 0)));
                }
                (floor, _) => assert!(floor.is_none() && !(11..=13).contains(&major), "{major}"),
            }
        }
    }
}
