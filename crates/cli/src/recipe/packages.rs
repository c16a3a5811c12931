//! Packages of the distribution, installed so that nothing of it stays in the image.

use liftgate_cuda::image::{Os, PackageManager};

/// The instruction that installs packages; none for none.
pub(crate) fn install(os: Os, packages: &[&str]) -> String {
    if packages.is_empty() {
        return String::new();
    }
    match os.package_manager() {
        PackageManager::Apt => apt(packages),
        _ => format!(
            "RUN --mount=type=cache,target=/var/cache/dnf,sharing=locked \\\n    \
             dnf install -y --setopt=install_weak_deps=False --setopt=keepcache=True {}",
            packages.join(" ")
        ),
    }
}

/// The same for Debian and Ubuntu. Their images have a file that deletes what was fetched, which a cache is not for.
pub(crate) fn apt(packages: &[&str]) -> String {
    format!(
        "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n    \
         --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n    \
         rm -f /etc/apt/apt.conf.d/docker-clean \\\n \
         && apt-get update \\\n \
         && apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    )
}
