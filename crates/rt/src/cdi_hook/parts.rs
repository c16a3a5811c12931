//! The hooks of the reference, by their names and flags, and what each comes to here.
//!
//! Some are done before they read anything: without a link, a version or a driver's `params` there is nothing to do,
//! and whoever calls them so gives them no state either.

use super::flags::Flags;
use super::lists;
use crate::hook_process::open_container;
use crate::setup;
use liftgate_apply::{Container, Done, Part, cover, failed, perform};
use liftgate_driver::{Places, PlatformKind};
use liftgate_plan::{CudaCompat, Refusal, unsupported_minors};
use std::path::{Path, PathBuf};

/// A hook.
pub(super) struct Hook {
    pub(super) name: &'static str,
    pub(super) flags: &'static [&'static str],
    pub(super) run: fn(&Flags) -> Result<Done, Refusal>,
}

const STATE: &str = "container-spec";
/// What toolkits before 1.11 called it.
const OLD_STATE: &str = "containerSpec";

/// All of them. Flags that say how the reference is to work (`ldconfig-path`) are taken and have nothing to act on.
pub(super) const HOOKS: &[Hook] = &[
    Hook {
        name: "create-symlinks",
        flags: &["link", "csv-filename", "host-root", STATE, OLD_STATE],
        run: create_symlinks,
    },
    Hook {
        name: "update-ldcache",
        flags: &["folder", "ldconfig-path", STATE, OLD_STATE],
        run: update_ldcache,
    },
    Hook {
        name: "create-soname-symlinks",
        flags: &["folder", "ldconfig-path", STATE, OLD_STATE],
        run: |flags| on(flags, &Part::SonameLinks(paths(flags, "folder"))),
    },
    Hook {
        name: "enable-cuda-compat",
        flags: &[
            "host-driver-version",
            "host-cuda-version",
            "cuda-compat-container-root",
            STATE,
            OLD_STATE,
        ],
        run: enable_cuda_compat,
    },
    Hook {
        name: "disable-device-node-modification",
        flags: &[STATE, OLD_STATE],
        run: disable_device_node_modification,
    },
    Hook {
        name: "update-application-profile",
        flags: &[STATE, OLD_STATE],
        run: |flags| on(flags, &Part::ApplicationProfile),
    },
    Hook {
        name: "chmod",
        flags: &["mode", "path", STATE, OLD_STATE],
        run: chmod,
    },
    Hook {
        name: "noop",
        flags: &[],
        run: |_| Ok(Done::default()),
    },
];

fn container(flags: &Flags) -> Result<Container, Refusal> {
    let file = flags.text(STATE).or_else(|| flags.text(OLD_STATE));
    open_container(file.filter(|file| *file != "-").map(Path::new))
}

fn on(flags: &Flags, part: &Part) -> Result<Done, Refusal> {
    perform(&container(flags)?, part)
}

/// Paths in the container, as from its root wherever they begin, each once.
fn paths(flags: &Flags, name: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for path in flags.list(name).filter(|path| !path.is_empty()) {
        let path = Path::new("/").join(path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn create_symlinks(flags: &Flags) -> Result<Done, Refusal> {
    let host = Path::new(flags.text("host-root").unwrap_or("/"));
    let mut links = lists::links(flags.list("csv-filename"), host);
    for link in flags.list("link") {
        let mut halves = link.split("::");
        let (Some(target), Some(path), None) = (halves.next(), halves.next(), halves.next()) else {
            let shown = liftgate_plan::shortened(link);
            return Err(failed(format!("`{shown}` is not `TARGET::LINK`")));
        };
        links.push((target.to_owned(), PathBuf::from(path)));
    }
    if links.is_empty() {
        return Ok(Done::default());
    }
    on(flags, &Part::Links(links))
}

fn update_ldcache(flags: &Flags) -> Result<Done, Refusal> {
    // A specification may have this hook and not the one that decides on newer CUDA libraries of the image. Those for a
    // Jetson are called by another count than its driver.
    let is_numbered = PlatformKind::detect(&Places::host(None)) == PlatformKind::Nvidia;
    let driver = setup::running_driver().filter(|_| is_numbered);
    let host = CudaCompat {
        driver: driver.map(|module| module.version),
        ..CudaCompat::default()
    };
    on(flags, &Part::LoaderCache(paths(flags, "folder"), host))
}

fn enable_cuda_compat(flags: &Flags) -> Result<Done, Refusal> {
    let text = |name: &str| flags.text(name).map(str::to_owned);
    let mut compat = CudaCompat {
        driver: text("host-driver-version"),
        cuda: text("host-cuda-version"),
        root: text("cuda-compat-container-root").map(|root| Path::new("/").join(root)),
        ..CudaCompat::default()
    };
    if !compat.is_asked() {
        return Ok(Done::default());
    }
    let container = container(flags)?;
    // Asking the driver about its GPUs takes a while, and few images have such libraries.
    if liftgate_apply::has_cuda_compat(&container, &compat) {
        let gpus = liftgate_driver::gpu_models();
        let models = gpus.iter().map(|(minor, model)| (*minor, model.as_str()));
        compat.unsupported_minors = unsupported_minors(models);
    }
    perform(&container, &Part::CudaCompat(compat))
}

/// The driver's own text says whether there is something to cover, before there is a container.
fn disable_device_node_modification(flags: &Flags) -> Result<Done, Refusal> {
    let params = Path::new("/proc/driver/nvidia/params");
    if matches!(liftgate_sys::file::metadata(params), Ok(Some(_))) {
        Ok(cover(&container(flags)?))
    } else {
        Ok(Done::default())
    }
}

fn chmod(flags: &Flags) -> Result<Done, Refusal> {
    let text = flags
        .text("mode")
        .ok_or_else(|| failed("the flag `--mode` is missing"))?;
    let mode = u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777 && !text.starts_with('+'))
        .ok_or_else(|| {
            let shown = liftgate_plan::shortened(text);
            failed(format!(
                "the mode `{shown}` is not an octal number up to 7777"
            ))
        })?;
    let paths = paths(flags, "path");
    on(flags, &Part::Modes(paths, mode))
}
