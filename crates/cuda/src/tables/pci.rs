//! PCI device ids (vendor 10de): ranges, in each of which all GPUs are of one compute capability.
//!
//! Source: the public list of PCI ids (pci-ids.ucw.cz, of August 2026). Ids between the ranges are of other devices
//! (audio, USB, bridges), of GPUs before Kepler, or not given to anything yet.

use crate::gpu::Capability;
use crate::mark::Mark;

/// A range of ids, first and last included.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) first: u16,
    pub(crate) last: u16,
    /// The chips in it.
    pub(crate) chips: &'static str,
    pub(crate) capability: Capability,
}

pub(crate) const MARK: Mark = Mark::Derived;
pub(crate) const SOURCE: &str = "the PCI ID list of 2026-08-22, chips of the ids of vendor 10de";

const fn row(first: u16, last: u16, chips: &'static str, capability: (u8, u8)) -> Row {
    Row {
        first,
        last,
        chips,
        capability: Capability::new(capability.0, capability.1),
    }
}

/// Ascending.
#[rustfmt::skip] // one range a line
pub(crate) const ROWS: &[Row] = &[
    row(0x0fc0, 0x0fff, "GK107", (3, 0)),
    row(0x1001, 0x102c, "GK110, GK180", (3, 5)),
    row(0x102d, 0x102d, "GK210", (3, 7)),
    row(0x102e, 0x103f, "GK110", (3, 5)),
    row(0x1180, 0x11ff, "GK104, GK106", (3, 0)),
    row(0x1280, 0x12ba, "GK208", (3, 5)),
    row(0x130b, 0x130b, "GK110", (3, 5)),
    row(0x1340, 0x139d, "GM107, GM108", (5, 0)),
    row(0x13ad, 0x13ae, "GM204", (5, 2)),
    row(0x13b0, 0x13bd, "GM107", (5, 0)),
    row(0x13be, 0x1436, "GM204, GM206", (5, 2)),
    row(0x15c2, 0x15ff, "GP100", (6, 0)),
    row(0x1613, 0x1676, "GM204", (5, 2)),
    row(0x1725, 0x172f, "GP100", (6, 0)),
    row(0x174d, 0x179c, "GM107, GM108", (5, 0)),
    row(0x17c2, 0x17fd, "GM200", (5, 2)),
    row(0x1b00, 0x1d56, "GP102, GP104, GP106, GP107, GP108", (6, 1)),
    row(0x1d81, 0x1df6, "GV100", (7, 0)),
    row(0x1e02, 0x1ff9, "TU102, TU104, TU106, TU117", (7, 5)),
    row(0x2080, 0x20ff, "GA100", (8, 0)),
    row(0x2182, 0x21d1, "TU116", (7, 5)),
    row(0x2200, 0x223f, "GA102", (8, 6)),
    row(0x2302, 0x23f0, "GH100", (9, 0)),
    row(0x2414, 0x25fb, "GA103, GA104, GA106, GA107", (8, 6)),
    row(0x2681, 0x28f8, "AD102, AD103, AD104, AD106, AD107", (8, 9)),
    row(0x2900, 0x29f1, "GB100, GB102", (10, 0)),
    row(0x2b00, 0x2b00, "GB10B", (11, 0)),
    row(0x2b85, 0x2df9, "GB202, GB203, GB206, GB207", (12, 0)),
    row(0x2e03, 0x2e2a, "GB20B", (12, 1)),
    row(0x2f04, 0x2f58, "GB205", (12, 0)),
    row(0x3180, 0x323e, "GB110, GB112", (10, 3)),
];

/// The chips of a device id.
pub(crate) fn of(id: u16) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.first <= id && id <= row.last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::capabilities;

    #[test]
    fn ranges_ascend_and_do_not_overlap() {
        for row in ROWS {
            assert!(row.first <= row.last && !row.chips.is_empty());
            assert!(
                capabilities::ROWS
                    .iter()
                    .any(|known| known.capability == row.capability),
                "{}",
                row.chips
            );
        }
        for pair in ROWS.windows(2) {
            assert!(pair[0].last < pair[1].first, "{}", pair[1].chips);
        }
    }

    #[test]
    fn ids() {
        for (id, capability) in [
            (0x2330, (9, 0)),
            (0x2684, (8, 9)),
            (0x1eb8, (7, 5)),
            (0x2901, (10, 0)),
            (0x2e12, (12, 1)),
        ] {
            let found = of(id).map(|row| row.capability);
            assert_eq!(
                found,
                Some(Capability::new(capability.0, capability.1)),
                "{id:04x}"
            );
        }
        assert!(of(0x22a3).is_none(), "an NVSwitch");
        assert!(of(0x0dc0).is_none(), "a Fermi");
    }
}
