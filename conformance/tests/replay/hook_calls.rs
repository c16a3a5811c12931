//! How our executable is called as a hook: by each name, for each job.

/// How a program is called.
#[derive(Clone, Copy)]
pub(crate) struct Called {
    pub(crate) label: &'static str,
    pub(crate) program: &'static str,
    pub(crate) arguments: &'static [&'static str],
    /// In the container's mount namespace, with its state on standard input; or outside, on a container that exists.
    pub(crate) is_inside: bool,
}

const fn hook(label: &'static str, arguments: &'static [&'static str]) -> Called {
    Called {
        label,
        program: "nvidia-cdi-hook",
        arguments,
        is_inside: true,
    }
}

const fn outside(
    label: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
) -> Called {
    Called {
        label,
        program,
        arguments,
        is_inside: false,
    }
}

/// With every setting.
pub(crate) const WHOLE: [Called; 3] = [
    hook("container-setup", &[]),
    outside(
        "prestart-hook",
        "nvidia-container-runtime-hook",
        &["prestart"],
    ),
    outside(
        "configure",
        "nvidia-container-cli",
        &[
            "configure",
            "--ldconfig=@/sbin/ldconfig",
            "--device=all",
            "--compute",
            "--utility",
            "--no-cgroups",
            "--pid=@PID",
            "@ROOT",
        ],
    ),
];

/// The same executable by its other names and jobs, with what moves programs.
pub(crate) const OTHERS: [Called; 8] = [
    outside("toolkit", "nvidia-container-toolkit", &["prestart"]),
    hook(
        "create-symlinks",
        &["create-symlinks", "--link", "libx.so.1::/usr/lib/x/libx.so"],
    ),
    hook(
        "update-ldcache",
        &["update-ldcache", "--folder", "/usr/lib"],
    ),
    hook(
        "create-soname-symlinks",
        &["create-soname-symlinks", "--folder", "/usr/lib"],
    ),
    hook(
        "enable-cuda-compat",
        &["enable-cuda-compat", "--host-driver-version=580.159.04"],
    ),
    hook(
        "disable-device-node-modification",
        &["disable-device-node-modification"],
    ),
    hook(
        "update-application-profile",
        &["update-application-profile"],
    ),
    hook(
        "chmod",
        &["chmod", "--mode", "700", "--path", "/etc/ld.so.conf"],
    ),
];
