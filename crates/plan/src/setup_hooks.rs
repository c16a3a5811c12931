//! The hooks of a specification: one of ours, or the reference's, each for a part of the work.
//!
//! One hook is one process at every container start instead of four or six, and tells what it did wrong in
//! one place. Which of the two is written depends on the program that the specification names: the
//! reference's `nvidia-cdi-hook` takes a hook that it does not know for done, and the container would start
//! without a single link.

use crate::container_setup::{ContainerSetup, Link};
use crate::cuda_compat::CudaCompat;
use crate::granted::Plan;
use liftgate_cdi::Hook;
use liftgate_driver::{Host, PlatformKind};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The subcommand that does all of it.
pub const CONTAINER_SETUP: &str = "container-setup";

/// Anything but nothing: a hook without an environment of its own inherits the image's from runc before
/// 1.3 (CVE-2025-23266). Our hook is static and clears it, but the next reader of this file may not know.
pub const HOOK_ENVIRONMENT: &str = "NVIDIA_CTK_DEBUG=false";

/// Whether one hook does the work, or each part has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookStyle {
    /// One, of ours.
    #[default]
    One,
    /// The reference's, by their names.
    Separate,
}

/// A part of the work, by the name of the reference's hook for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookPart {
    /// Links.
    CreateSymlinks,
    /// CUDA forward compatibility.
    EnableCudaCompat,
    /// The loader's cache.
    UpdateLdcache,
    /// `ModifyDeviceFiles: 0`.
    DisableDeviceNodeModification,
    /// An application profile for EGL.
    UpdateApplicationProfile,
    /// Modes of directories; deprecated, and never written.
    Chmod,
}

impl HookPart {
    /// Every part, in the order in which they run.
    pub const ALL: [Self; 6] = [
        Self::CreateSymlinks,
        Self::EnableCudaCompat,
        Self::UpdateLdcache,
        Self::DisableDeviceNodeModification,
        Self::UpdateApplicationProfile,
        Self::Chmod,
    ];

    /// The reference's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateSymlinks => "create-symlinks",
            Self::EnableCudaCompat => "enable-cuda-compat",
            Self::UpdateLdcache => "update-ldcache",
            Self::DisableDeviceNodeModification => "disable-device-node-modification",
            Self::UpdateApplicationProfile => "update-application-profile",
            Self::Chmod => "chmod",
        }
    }

    /// The part of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// The hooks that a specification is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// The program.
    pub program: PathBuf,
    /// One hook or several.
    pub style: HookStyle,
    /// The parts that are left out.
    pub disabled: Vec<HookPart>,
    /// `ldconfig` on the host, for the reference's hook.
    pub ldconfig: Option<PathBuf>,
    /// Where images for a Jetson Orin have newer CUDA libraries; `None`: where NVIDIA's have them.
    pub compat_root: Option<PathBuf>,
}

/// The hooks for a plan.
pub(crate) fn hooks(plan: &Plan, host: &Host, hooks: &Hooks) -> Vec<Hook> {
    match hooks.style {
        HookStyle::One => one(plan, host, hooks).into_iter().collect(),
        HookStyle::Separate => separate(plan, hooks),
    }
}

/// The hooks for a device, which brings nothing but nodes and links to them. Of a driver they know nothing, so
/// they check for none: the hook for every container does.
pub(crate) fn device_hooks(links: &[Link], hooks: &Hooks) -> Vec<Hook> {
    if links.is_empty() || hooks.disabled.contains(&HookPart::CreateSymlinks) {
        return Vec::new();
    }
    let setup = ContainerSetup {
        links: links.to_vec(),
        ..ContainerSetup::default()
    };
    vec![match hooks.style {
        HookStyle::One => hook(hooks, CONTAINER_SETUP, setup.to_arguments()),
        HookStyle::Separate => hook(
            hooks,
            HookPart::CreateSymlinks.name(),
            link_arguments(links),
        ),
    }]
}

/// The words before a hook's own arguments: what the program takes itself for, and how it is told.
fn words(program: &Path, name: &str) -> Vec<String> {
    let own = program.file_name().unwrap_or_default().to_string_lossy();
    let mut words = vec![own.clone().into_owned()];
    if own == "nvidia-ctk" {
        words.push("hook".to_owned());
    }
    words.push(name.to_owned());
    words
}

fn hook(hooks: &Hooks, name: &str, arguments: Vec<String>) -> Hook {
    let mut args = words(&hooks.program, name);
    args.extend(arguments);
    Hook {
        stage: "createContainer".to_owned(),
        path: hooks.program.to_string_lossy().into_owned(),
        args,
        env: vec![HOOK_ENVIRONMENT.to_owned()],
        ..Hook::default()
    }
}

/// Leaves out the parts of the work that somebody does not want.
pub(crate) fn leave_out(setup: &mut ContainerSetup, host: &Host, parts: &[HookPart]) {
    for part in parts {
        match part {
            HookPart::CreateSymlinks if parts.contains(&HookPart::UpdateLdcache) => {
                setup.links.clear();
            }
            HookPart::CreateSymlinks => keep_links_of_cache(setup, host),
            HookPart::UpdateLdcache => {
                setup.loader_entries.clear();
                setup.library_directories.clear();
                setup.glibc.clear();
            }
            HookPart::DisableDeviceNodeModification => setup.cover_params = false,
            HookPart::EnableCudaCompat => setup.cuda_compat = CudaCompat::default(),
            HookPart::UpdateApplicationProfile => setup.application_profile = false,
            HookPart::Chmod => {}
        }
    }
}

fn one(plan: &Plan, host: &Host, hooks: &Hooks) -> Option<Hook> {
    let mut setup = plan.setup.clone();
    leave_out(&mut setup, host, &hooks.disabled);
    if setup == ContainerSetup::default() {
        return None;
    }
    if host.platform.kind() == PlatformKind::Nvidia {
        setup.driver_version = Some(plan.driver_version.clone());
    }
    Some(hook(hooks, CONTAINER_SETUP, setup.to_arguments()))
}

/// Takes away the links that the cache does not need.
///
/// The cache names a library by its SONAME, which mostly is a link. The reference's hook for the cache runs
/// `ldconfig`, and that makes such links by itself, whoever else makes none; without them the cache would
/// name files that are not there, and no program would find `libcuda.so.1`.
fn keep_links_of_cache(setup: &mut ContainerSetup, host: &Host) {
    let libraries = || {
        let files = host.installation.iter();
        files.flat_map(|files| &files.libraries)
    };
    let is_soname = |path: &Path| {
        libraries().any(|library| {
            !library.is_module
                && library
                    .container_path
                    .parent()
                    .is_some_and(|directory| directory.join(&library.soname) == path)
        })
    };
    setup.links.retain(|link| is_soname(&link.path));
    let ContainerSetup {
        links,
        loader_entries,
        ..
    } = setup;
    loader_entries.retain(|entry| {
        libraries().any(|library| library.container_path == entry.path)
            || links.iter().any(|link| link.path == entry.path)
    });
}

fn separate(plan: &Plan, hooks: &Hooks) -> Vec<Hook> {
    HookPart::ALL
        .into_iter()
        .filter(|part| !hooks.disabled.contains(part))
        .filter_map(|part| {
            let arguments = match part {
                HookPart::CreateSymlinks if plan.setup.links.is_empty() => return None,
                HookPart::CreateSymlinks => link_arguments(&plan.setup.links),
                HookPart::EnableCudaCompat => compat(&plan.setup.cuda_compat)?,
                HookPart::UpdateLdcache => directories(plan, hooks)?,
                HookPart::DisableDeviceNodeModification if plan.setup.cover_params => Vec::new(),
                HookPart::UpdateApplicationProfile if plan.setup.application_profile => Vec::new(),
                HookPart::DisableDeviceNodeModification
                | HookPart::UpdateApplicationProfile
                | HookPart::Chmod => return None,
            };
            Some(hook(hooks, part.name(), arguments))
        })
        .collect()
}

fn link_arguments(links: &[Link]) -> Vec<String> {
    let arguments = links.iter().flat_map(|link| {
        [
            "--link".to_owned(),
            format!("{}::{}", link.target, link.path.display()),
        ]
    });
    arguments.collect()
}

fn compat(compat: &CudaCompat) -> Option<Vec<String>> {
    let driver = compat.driver.as_ref();
    let cuda = compat.cuda.as_ref();
    let root = compat.root.as_ref();
    let arguments = [
        driver.map(|version| format!("--host-driver-version={version}")),
        cuda.map(|version| format!("--host-cuda-version={version}")),
        root.map(|root| format!("--cuda-compat-container-root={}", root.display())),
    ];
    // Without a version the reference's hook does nothing.
    compat
        .is_asked()
        .then(|| arguments.into_iter().flatten().collect())
}

fn directories(plan: &Plan, hooks: &Hooks) -> Option<Vec<String>> {
    let directories = &plan.setup.library_directories;
    if directories.is_empty() {
        return None;
    }
    let mut arguments = Vec::new();
    if let Some(ldconfig) = &hooks.ldconfig {
        arguments.extend(["--ldconfig-path".to_owned(), ldconfig.display().to_string()]);
    }
    for directory in directories {
        arguments.extend(["--folder".to_owned(), directory.display().to_string()]);
    }
    Some(arguments)
}
