//! The differences between the two specifications that are meant, and what is asked of the list.
//!
//! A difference that no row covers fails its machine's trial. A row that covers nothing fails too: it would
//! hide the difference the day it comes back. Each row names the row of `docs/differences.md` that argues
//! for it.

use crate::comparison::{Difference, Meant};
use std::collections::BTreeMap;

/// The differences, by what they are about.
pub(crate) const MEANT: &[Meant] = &[];

/// The differences that no row covers, as text for the message of a failed test: each once, with the devices
/// whose containers have it.
pub(crate) fn not_meant(
    rows: &[Meant],
    machine: &str,
    differences: &BTreeMap<String, Vec<Difference>>,
) -> Vec<String> {
    let mut devices_of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (device, list) in differences {
        let left = list
            .iter()
            .filter(|difference| !rows.iter().any(|row| row.covers(machine, difference)));
        for difference in left {
            let devices = devices_of.entry(difference.to_string()).or_default();
            devices.push(device);
        }
    }
    devices_of
        .into_iter()
        .map(|(difference, devices)| format!("{difference}\n    on:        {}", devices.join(", ")))
        .collect()
}

/// The rows that cover none of the differences of any machine.
pub(crate) fn not_seen<'a>(
    rows: &'a [Meant],
    machines: &BTreeMap<String, BTreeMap<String, Vec<Difference>>>,
) -> Vec<&'a Meant> {
    let occurs = |row: &Meant| {
        machines.iter().any(|(machine, devices)| {
            devices
                .values()
                .flatten()
                .any(|difference| row.covers(machine, difference))
        })
    };
    rows.iter().filter(|row| !occurs(row)).collect()
}

/// The rows whose reason is not the first cell of a row of the document.
pub(crate) fn not_argued<'a>(rows: &'a [Meant], document: &str) -> Vec<&'a Meant> {
    let cells: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next())
        .map(|cell| cell.trim().trim_start_matches('✔').trim())
        .collect();
    rows.iter()
        .filter(|row| !cells.contains(&row.reason))
        .collect()
}
