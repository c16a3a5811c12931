//! The differences between the two specifications that are meant, and what is asked of the list.
//!
//! A difference that no row covers fails its machine's trial. A row that covers nothing fails too: it would
//! hide the difference the day it comes back. Each row names the row of `docs/differences.md` that argues
//! for it.

use crate::comparison::{Change, Difference, Meant};
use Change::{Extra, Missing, Other};
use Kind::{Cache, Environment, File, Link, Made};
use liftgate_conformance::observe::Kind;
use std::collections::BTreeMap;

const RESTARTS: &str = "restarts";
const COVER: &str = "the cover of `/proc/driver/nvidia/params`";
const GPUS: &str = "the GPUs in `/proc/driver/nvidia/gpus`";
const WRAPPERS: &str = "wrapper scripts named like tools";
const TOOLS: &str = "tools kept outside the usual directories (`/usr/local/nvidia/bin`)";
const SHARE: &str =
    "configuration files in `share` beside a private library directory (`/usr/local/nvidia/share`)";
const NIXOS: &str = "NixOS: tools and configuration files of the system's profile";
const TEXTS: &str = "texts of links";
const OWN_VERSION: &str =
    "links without a version of libraries that have one of their own (`libnvidia-egl-gbm.so`)";
const NO_VERSION: &str = "libraries whose file has no version in its name (`libnvidia-api.so.1`)";
const FABRIC: &str = "`nv-fabricmanager`";
const INDIRECT: &str = "`libGLX_indirect.so.0` in the loader's cache";
const LIBCUDA: &str = "`NVIDIA_CTK_LIBCUDA_DIR`";
const STORE: &str = "WSL: `libcuda.so` and `libnvidia-opticalflow.so`";
const JETSON_GLX: &str = "Jetson: `libGLX_indirect.so.0`";
const JETSON_LINKS: &str =
    "Jetson: links of the lists that lead to directories (`tegra` → `nvidia`)";
const MANAGEMENT: &str = "the mode `management`: GBM's link to `libnvidia-allocator.so.1`";
const EMPTY: &str = "`NVCT_EMPTY_DEVICE`, with a request for `none`";
const COMPAT32: &str = "32-bit libraries";
const CAPABILITIES: &str = "`NVIDIA_DRIVER_CAPABILITIES`";

/// Whatever there is of a library.
const LIBRARY: &[Kind] = &[File, Link, Cache];

/// The differences, by the reason for them. A table is read by its columns.
#[rustfmt::skip]
pub(crate) const MEANT: &[Meant] = &[
    row("*",                   &[Made],        Missing, "/etc/ld.so.conf.d/*-nvcr-*.conf",                                RESTARTS),
    row("*",                   &[Made],        Extra,   "/etc/ld.so.conf.d/00-liftgate.conf",                             RESTARTS),
    row("*",                   &[Made],        Missing, "/run/nvidia-ctk-hook/*/",                                        RESTARTS),
    row("*",                   &[File],        Missing, "/run/nvidia-ctk-hook*/nvct-params",                              COVER),
    row("*",                   &[File],        Other,   "/proc/driver/nvidia/params",                                     COVER),
    row("*",                   &[File],        Extra,   "/proc/driver/nvidia/gpus*",                                      GPUS),
    row("h200-580*",           &[File],        Missing, "/usr/bin/nvidia-*",                                              WRAPPERS),
    row("h200-580*",           &[File],        Extra,   "/usr/local/nvidia/bin/nvidia-*",                                 WRAPPERS),
    row("h200-580*",           &[Link],        Extra,   "/usr/bin/nvidia-*",                                              TOOLS),
    row("nixos-links",         &[Link],        Extra,   "/usr/bin/nvidia-*",                                              TOOLS),
    row("nixos*",              &[File],        Extra,   "/nix/store/*-system-path/bin/nvidia-*",                          NIXOS),
    row("nixos*",              &[File],        Extra,   "/etc/vulkan/icd.d/nvidia_icd.x86_64.json",                       NIXOS),
    row("nixos*",              &[File],        Extra,   "/usr/share/glvnd/egl_vendor.d/10_nvidia.json",                   NIXOS),
    row("h200-580",            &[File],        Extra,   "/etc/vulkan/implicit_layer.d/nvidia_layers.json",                SHARE),
    row("*",                   &[Cache],       Extra,   "libGLX_indirect.so.0 *",                                         INDIRECT),
    row("ubuntu-550*",         &[Link],        Other,   "*/libGLX_indirect.so.0",                                         TEXTS),
    row("fedora-570*",         &[Link],        Other,   "*/libcuda.so",                                                   TEXTS),
    row("fedora-570*",         &[Link],        Other,   "*/libnvcuvid.so",                                                TEXTS),
    row("fedora-570*",         &[Link],        Other,   "*/libnvidia-encode.so",                                          TEXTS),
    row("orin-csv-ignoring",   &[Link],        Other,   "*/nvidia/libcuda.so",                                            TEXTS),
    row("ubuntu-550*",         &[Link, Cache], Extra,   "*libnvidia-egl-*.so*",                                           OWN_VERSION),
    row("cos*",                &[Link, Cache], Extra,   "*libnvidia-egl-*.so*",                                           OWN_VERSION),
    row("nixos-links",         &[Link, Cache], Extra,   "*libnvidia-egl-*.so*",                                           OWN_VERSION),
    row("debian-550*",         &[File, Cache], Extra,   "*libnvidia-api.so.1*",                                           NO_VERSION),
    row("fedora-570*",         &[File, Cache], Extra,   "*libnvidia-api.so.1*",                                           NO_VERSION),
    row("dgx-h100-8*",         &[File],        Extra,   "/usr/bin/nv-fabricmanager",                                      FABRIC),
    row("h100-mig-56",         &[File],        Extra,   "/usr/bin/nv-fabricmanager",                                      FABRIC),
    row("management",          &[File],        Extra,   "/usr/bin/nv-fabricmanager",                                      FABRIC),
    row("management",          &[Link],        Extra,   "*/gbm/nvidia-drm_gbm.so",                                        MANAGEMENT),
    row("debian-550*",         &[Environment], Other,   "NVIDIA_CTK_LIBCUDA_DIR",                                         LIBCUDA),
    row("wsl2*",               &[Link],        Extra,   "/usr/lib/wsl/drivers/*/libcuda.so",                              STORE),
    row("wsl2*",               &[Cache],       Extra,   "libcuda.so *",                                                   STORE),
    row("wsl2*",               &[Link],        Extra,   "/usr/lib/wsl/drivers/*/libnvidia-opticalflow.so",                STORE),
    row("wsl2*",               &[Cache],       Extra,   "libnvidia-opticalflow.so *",                                     STORE),
    row("orin-csv*",           &[Link],        Extra,   "*/libGLX_indirect.so.0",                                         JETSON_GLX),
    row("orin-csv*",           &[Link],        Extra,   "/usr/lib/aarch64-linux-gnu/tegra",                               JETSON_LINKS),
    row("orin-csv*",           &[Link],        Missing, "/usr/lib/aarch64-linux-gnu/tegra/*",                             JETSON_LINKS),
    row("ubuntu-550-requests", &[Environment], Missing, "NVCT_EMPTY_DEVICE",                                              EMPTY),
    row("*-requests",          &[Cache],       Extra,   "* (libc6)",                                                      COMPAT32),
    row("*-requests",          &[File, Link],  Extra,   "/usr/lib/i386-linux-gnu/*",                                      COMPAT32),
    row("fedora-570-requests", &[File, Link],  Extra,   "/usr/lib/lib*",                                                  COMPAT32),
    row("fedora-570-requests", &[Link],        Extra,   "/usr/lib/gbm/*",                                                 COMPAT32),
    row("fedora-570-requests", &[File, Link],  Extra,   "/usr/lib/vdpau/*",                                               COMPAT32),
    row("h200-580-usual",      LIBRARY,        Missing, "*libEGL_*",                                                      CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libGL*",                                                        CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvcuvid*",                                                   CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-eglcore*",                                            CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-encode*",                                             CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-fbc*",                                                CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-gl*",                                                 CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-opticalflow*",                                        CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-rtcore*",                                             CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvidia-tls*",                                                CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libnvoptix*",                                                   CAPABILITIES),
    row("h200-580-usual",      LIBRARY,        Missing, "*libvdpau*",                                                     CAPABILITIES),
    row("h200-580-usual",      &[File],        Missing, "/etc/vulkan/icd.d/*",                                            CAPABILITIES),
    row("h200-580-usual",      &[File],        Missing, "/usr/share/glvnd/*",                                             CAPABILITIES),
    row("h200-580-usual",      &[Made],        Missing, "/etc/nvidia/nvidia-application-profiles-rc.d/10-container.conf", CAPABILITIES),
];

const fn row(
    setting: &'static str,
    kinds: &'static [Kind],
    change: Change,
    pattern: &'static str,
    reason: &'static str,
) -> Meant {
    Meant {
        setting,
        kinds,
        change,
        pattern,
        reason,
    }
}

/// The differences that no row covers, as text for the message of a failed test: each once, with the devices
/// whose containers have it.
pub(crate) fn not_meant(
    rows: &[Meant],
    setting: &str,
    differences: &BTreeMap<String, Vec<Difference>>,
) -> Vec<String> {
    let mut devices_of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (device, list) in differences {
        let left = list
            .iter()
            .filter(|difference| !rows.iter().any(|row| row.covers(setting, difference)));
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

/// The rows that cover none of the differences of any setting.
pub(crate) fn not_seen<'a>(
    rows: &'a [Meant],
    settings: &BTreeMap<String, BTreeMap<String, Vec<Difference>>>,
) -> Vec<&'a Meant> {
    let occurs = |row: &Meant| {
        settings.iter().any(|(setting, devices)| {
            devices
                .values()
                .flatten()
                .any(|difference| row.covers(setting, difference))
        })
    };
    rows.iter().filter(|row| !occurs(row)).collect()
}

/// The rows whose reason is not the first cell of a row of the document that says that it was seen.
pub(crate) fn not_argued<'a>(rows: &'a [Meant], document: &str) -> Vec<&'a Meant> {
    let cells: Vec<&str> = document
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next())
        .filter_map(|cell| cell.trim().strip_prefix("✔ "))
        .collect();
    rows.iter()
        .filter(|row| !cells.contains(&row.reason))
        .collect()
}
