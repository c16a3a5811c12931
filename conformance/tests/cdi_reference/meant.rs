//! The differences between the two specifications that are meant, and what is asked of the list.
//!
//! A difference that no row covers fails its machine's trial. A row that covers nothing fails too: it would
//! hide the difference the day it comes back. Each row names the row of `docs/differences.md` that argues
//! for it.

use crate::comparison::{Change, Difference, Kind, Meant};
use Change::{Extra, Missing, Other};
use Kind::{Cache, File, Link, Made};
use std::collections::BTreeMap;

const RESTARTS: &str = "restarts";
const COVER: &str = "the cover of `/proc/driver/nvidia/params`";
const LATER: &str = "`/dev/dri/by-path` links, application profiles, CUDA forward compatibility";
const WRAPPERS: &str = "wrapper scripts named like tools";
const TOOLS: &str = "tools kept outside the usual directories (`/usr/local/nvidia/bin`)";
const SHARE: &str =
    "configuration files in `share` beside a private library directory (`/usr/local/nvidia/share`)";
const TEXTS: &str = "texts of links";
const OWN_VERSION: &str =
    "links without a version of libraries that have one of their own (`libnvidia-egl-gbm.so`)";
const NO_VERSION: &str = "libraries whose file has no version in its name (`libnvidia-api.so.1`)";
const FABRIC: &str = "`nv-fabricmanager`";
const INDIRECT: &str = "`libGLX_indirect.so.0` in the loader's cache";

/// The differences, by the reason for them. A table is read by its columns.
#[rustfmt::skip]
pub(crate) const MEANT: &[Meant] = &[
    row("*",           Made,  Missing, "/etc/ld.so.conf.d/*-nvcr-*.conf",                                RESTARTS),
    row("*",           Made,  Extra,   "/etc/ld.so.conf.d/00-liftgate.conf",                             RESTARTS),
    row("*",           Made,  Missing, "/run/nvidia-ctk-hook/*/",                                        RESTARTS),
    row("*",           File,  Missing, "/run/nvidia-ctk-hook*/nvct-params",                              COVER),
    row("*",           File,  Other,   "/proc/driver/nvidia/params",                                     COVER),
    row("*",           Link,  Missing, "/dev/dri/by-path/*",                                             LATER),
    row("*",           Made,  Missing, "/etc/nvidia/nvidia-application-profiles-rc.d/10-container.conf", LATER),
    row("h200-580",    File,  Missing, "/usr/bin/nvidia-*",                                              WRAPPERS),
    row("h200-580",    File,  Extra,   "/usr/local/nvidia/bin/nvidia-*",                                 WRAPPERS),
    row("h200-580",    Link,  Extra,   "/usr/bin/nvidia-*",                                              TOOLS),
    row("h200-580",    File,  Extra,   "/etc/vulkan/implicit_layer.d/nvidia_layers.json",                SHARE),
    row("*",           Cache, Extra,   "libGLX_indirect.so.0 *",                                         INDIRECT),
    row("ubuntu-550",  Link,  Other,   "*/libGLX_indirect.so.0",                                         TEXTS),
    row("fedora-570",  Link,  Other,   "*/libcuda.so",                                                   TEXTS),
    row("fedora-570",  Link,  Other,   "*/libnvcuvid.so",                                                TEXTS),
    row("fedora-570",  Link,  Other,   "*/libnvidia-encode.so",                                          TEXTS),
    row("ubuntu-550",  Link,  Extra,   "*/libnvidia-egl-*.so",                                           OWN_VERSION),
    row("ubuntu-550",  Cache, Extra,   "libnvidia-egl-*.so *",                                           OWN_VERSION),
    row("debian-550",  File,  Extra,   "*/libnvidia-api.so.1",                                           NO_VERSION),
    row("debian-550",  Cache, Extra,   "libnvidia-api.so.1 *",                                           NO_VERSION),
    row("fedora-570",  File,  Extra,   "*/libnvidia-api.so.1",                                           NO_VERSION),
    row("fedora-570",  Cache, Extra,   "libnvidia-api.so.1 *",                                           NO_VERSION),
    row("dgx-h100-8",  File,  Extra,   "/usr/bin/nv-fabricmanager",                                      FABRIC),
    row("h100-mig-56", File,  Extra,   "/usr/bin/nv-fabricmanager",                                      FABRIC),
];

const fn row(
    machine: &'static str,
    kind: Kind,
    change: Change,
    pattern: &'static str,
    reason: &'static str,
) -> Meant {
    Meant {
        machine,
        kind,
        change,
        pattern,
        reason,
    }
}

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
