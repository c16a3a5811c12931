//! Which part of the driver a file belongs to: one table for libraries, one for tools, one for
//! configuration files.
//!
//! The tables classify; they do not find. A library with the driver's version in its name is taken
//! whether or not a row knows it (see `library`), so a driver newer than this table loses nothing.
//!
//! Sources: the file lists of the 470 – 580 drivers; the capability groups that users know from
//! `NVIDIA_DRIVER_CAPABILITIES`.

use crate::capability::{Capabilities, Capability};
use Capability::{Compute, Display, Graphics, Ngx, Utility, Video};

/// How a library is versioned: `lib….so.<driver version>`, or with a version of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versioning {
    Driver,
    Own,
}

/// One row: libraries whose name before `.so` is `stem`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LibraryRule {
    pub(crate) stem: &'static str,
    pub(crate) versioning: Versioning,
    pub(crate) capabilities: Capabilities,
}

const fn rule(stem: &'static str, capabilities: &[Capability]) -> LibraryRule {
    LibraryRule {
        stem,
        versioning: Versioning::Driver,
        capabilities: Capabilities::of(capabilities),
    }
}

const fn own(stem: &'static str, capabilities: &[Capability]) -> LibraryRule {
    LibraryRule {
        stem,
        versioning: Versioning::Own,
        capabilities: Capabilities::of(capabilities),
    }
}

/// CUDA itself, and what it loads. Video decoding and encoding run on CUDA, so `video` needs them too.
const CUDA: &[Capability] = &[Compute, Video];
const SCREEN: &[Capability] = &[Graphics, Display];

const LIBRARIES: &[LibraryRule] = &[
    rule("libnvidia-ml", &[Utility]),
    rule("libnvidia-cfg", &[Utility]),
    own("libnvidia-nscq", &[Utility]),
    rule("libnvidia-sandboxutils", &[Utility]),
    rule("libcuda", CUDA),
    rule("libcudadebugger", CUDA),
    rule("libnvidia-opencl", CUDA),
    rule("libnvidia-gpucomp", &[Compute, Video, Graphics, Display]),
    rule("libnvidia-ptxjitcompiler", CUDA),
    rule("libnvidia-fatbinaryloader", CUDA),
    rule("libnvidia-allocator", &[Compute, Video, Graphics, Display]),
    rule("libnvidia-compiler", CUDA),
    rule("libnvidia-compiler-next", CUDA),
    rule("libnvidia-pkcs11", CUDA),
    rule("libnvidia-pkcs11-openssl3", CUDA),
    rule("libnvidia-nvvm", CUDA),
    own("libnvidia-nvvm70", CUDA),
    rule("libnvidia-tileiras", CUDA),
    rule("libvdpau_nvidia", &[Video]),
    rule("libnvidia-encode", &[Video]),
    rule("libnvidia-opticalflow", &[Video]),
    rule("libnvcuvid", &[Video]),
    rule("libnvidia-eglcore", SCREEN),
    rule("libnvidia-glcore", SCREEN),
    rule("libnvidia-tls", SCREEN),
    rule("libnvidia-glsi", SCREEN),
    rule("libnvidia-fbc", SCREEN),
    rule("libnvidia-ifr", SCREEN),
    rule("libnvidia-rtcore", SCREEN),
    rule("libnvoptix", SCREEN),
    rule("libGLX_nvidia", SCREEN),
    rule("libEGL_nvidia", SCREEN),
    rule("libGLESv2_nvidia", SCREEN),
    rule("libGLESv1_CM_nvidia", SCREEN),
    rule("libnvidia-glvkspirv", SCREEN),
    rule("libnvidia-cbl", SCREEN),
    rule("libnvidia-present", SCREEN),
    rule("libnvidia-vksc-core", SCREEN),
    rule("libnvidia-vulkan-producer", SCREEN),
    rule("libnvidia-wayland-client", &[Display]),
    rule("libnvidia-gtk2", &[Display]),
    rule("libnvidia-gtk3", &[Display]),
    rule("libglxserver_nvidia", &[Display]),
    own("libnvidia-egl-gbm", SCREEN),
    own("libnvidia-egl-wayland", SCREEN),
    own("libnvidia-egl-wayland2", SCREEN),
    own("libnvidia-egl-xcb", SCREEN),
    own("libnvidia-egl-xlib", SCREEN),
    own("libnvidia-api", SCREEN),
    rule("libnvidia-ngx", &[Ngx]),
];

/// What a file with the driver's version in its name is for when no row knows it: everything but
/// `utility`, whose promise is to be small.
pub(crate) const UNKNOWN_LIBRARY: Capabilities =
    Capabilities::of(&[Compute, Display, Graphics, Ngx, Video]);

/// The row for a library by the part of its name before `.so`.
pub(crate) fn library(stem: &str) -> Option<&'static LibraryRule> {
    LIBRARIES.iter().find(|rule| rule.stem == stem)
}

/// Links that programs expect beside a library and that the driver's installer may not have made:
/// library stem, link, and what it points to (`None`: the library's own file).
pub(crate) const EXTRA_LINKS: &[(&str, &str, Option<&str>)] = &[
    ("libcuda", "libcuda.so", Some("libcuda.so.1")),
    ("libGLX_nvidia", "libGLX_indirect.so.0", None),
    (
        "libnvidia-opticalflow",
        "libnvidia-opticalflow.so",
        Some("libnvidia-opticalflow.so.1"),
    ),
    (
        "libnvidia-allocator",
        "gbm/nvidia-drm_gbm.so",
        Some("../libnvidia-allocator.so.1"),
    ),
    (
        "libnvidia-vulkan-producer",
        "libnvidia-vulkan-producer.so",
        None,
    ),
    ("libglxserver_nvidia", "libglxserver_nvidia.so", None),
];

/// Tools that containers use.
pub(crate) const TOOLS: &[(&str, Capabilities)] = &[
    ("nvidia-smi", Capabilities::of(&[Utility])),
    ("nvidia-debugdump", Capabilities::of(&[Utility])),
    ("nvidia-persistenced", Capabilities::of(&[Utility])),
    ("nv-fabricmanager", Capabilities::of(&[Utility])),
    ("nvidia-imex", Capabilities::of(&[Utility])),
    ("nvidia-imex-ctl", Capabilities::of(&[Utility])),
    ("nvidia-cuda-mps-control", Capabilities::of(&[Compute])),
    ("nvidia-cuda-mps-server", Capabilities::of(&[Compute])),
    ("nvidia-xconfig", Capabilities::of(&[Display])),
];

/// Programs called `nvidia-…` that belong on a host and not in a container, so that they are not
/// reported as unknown.
pub(crate) const HOST_TOOLS: &[&str] = &[
    "nvidia-bug-report.sh",
    "nvidia-cdi-hook",
    "nvidia-container-cli",
    "nvidia-container-runtime",
    "nvidia-container-runtime-hook",
    "nvidia-container-runtime.cdi",
    "nvidia-container-runtime.legacy",
    "nvidia-container-toolkit",
    "nvidia-ctk",
    "nvidia-detector",
    "nvidia-docker",
    "nvidia-fs-check",
    "nvidia-installer",
    "nvidia-modprobe",
    "nvidia-ngx-updater",
    "nvidia-optimus-offload-vulkan",
    "nvidia-pcc",
    "nvidia-powerd",
    "nvidia-settings",
    "nvidia-sleep.sh",
    "nvidia-uninstall",
];

/// A configuration file that a loader in the container looks for at a fixed place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConfigurationRule {
    /// Its name below a configuration directory of the host.
    pub(crate) name: &'static str,
    /// The directory in the container that `name` is put below.
    pub(crate) directory: &'static str,
    pub(crate) capabilities: Capabilities,
}

const fn configuration(
    directory: &'static str,
    name: &'static str,
    capabilities: &[Capability],
) -> ConfigurationRule {
    ConfigurationRule {
        name,
        directory,
        capabilities: Capabilities::of(capabilities),
    }
}

/// The configuration files.
pub(crate) const CONFIGURATIONS: &[ConfigurationRule] = &[
    configuration("/usr/share", "glvnd/egl_vendor.d/10_nvidia.json", SCREEN),
    configuration(
        "/usr/share",
        "egl/egl_external_platform.d/15_nvidia_gbm.json",
        SCREEN,
    ),
    configuration(
        "/usr/share",
        "egl/egl_external_platform.d/10_nvidia_wayland.json",
        SCREEN,
    ),
    configuration(
        "/usr/share",
        "egl/egl_external_platform.d/09_nvidia_wayland2.json",
        SCREEN,
    ),
    configuration(
        "/usr/share",
        "egl/egl_external_platform.d/20_nvidia_xcb.json",
        SCREEN,
    ),
    configuration(
        "/usr/share",
        "egl/egl_external_platform.d/20_nvidia_xlib.json",
        SCREEN,
    ),
    configuration("/usr/share", "nvidia/nvoptix.bin", SCREEN),
    configuration("/usr/share", "X11/xorg.conf.d/10-nvidia.conf", &[Display]),
    configuration(
        "/usr/share",
        "X11/xorg.conf.d/nvidia-drm-outputclass.conf",
        &[Display],
    ),
    configuration("/etc", "OpenCL/vendors/nvidia.icd", CUDA),
    configuration("/etc", "vulkan/icd.d/nvidia_icd.json", SCREEN),
    configuration("/etc", "vulkan/icd.d/nvidia_icd.x86_64.json", SCREEN),
    configuration("/etc", "vulkan/icd.d/nvidia_icd.aarch64.json", SCREEN),
    configuration("/etc", "vulkan/icd.d/nvidia_layers.json", SCREEN),
    configuration("/etc", "vulkan/implicit_layer.d/nvidia_layers.json", SCREEN),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_stands_twice() {
        let stems: BTreeSet<_> = LIBRARIES.iter().map(|rule| rule.stem).collect();
        assert_eq!(stems.len(), LIBRARIES.len());
        let tools: BTreeSet<_> = TOOLS
            .iter()
            .map(|(name, _)| *name)
            .chain(HOST_TOOLS.iter().copied())
            .collect();
        assert_eq!(tools.len(), TOOLS.len() + HOST_TOOLS.len());
    }

    #[test]
    fn every_extra_link_belongs_to_a_known_library() {
        for (stem, link, _) in EXTRA_LINKS {
            assert!(library(stem).is_some(), "{stem} of {link}");
        }
    }
}
