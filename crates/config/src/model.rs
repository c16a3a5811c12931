//! The configuration, typed, with the defaults that hold without a file.
//!
//! Fields carry the names of their keys. Where the file says "none" with an empty string the field is an `Option`.

use std::path::PathBuf;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Act as if every image had `NVIDIA_DISABLE_REQUIRE=true`.
    pub disable_require: bool,
    /// Names of environment variables, separated by commas, that are read before `NVIDIA_VISIBLE_DEVICES`.
    /// [`Config::swarm_resources`] gives them one by one.
    pub swarm_resource: String,
    /// Whether containers without `CAP_SYS_ADMIN` may ask for devices by environment variable.
    pub accept_nvidia_visible_devices_envvar_when_unprivileged: bool,
    /// Whether mounts below `/var/run/nvidia-container-devices` ask for devices.
    pub accept_nvidia_visible_devices_as_volume_mounts: bool,
    /// What `NVIDIA_DRIVER_CAPABILITIES` may ask for, separated by commas.
    pub supported_driver_capabilities: String,
    /// `[nvidia-container-cli]`
    pub nvidia_container_cli: ContainerCli,
    /// `[nvidia-ctk]`
    pub nvidia_ctk: Ctk,
    /// `[nvidia-container-runtime]`
    pub nvidia_container_runtime: Runtime,
    /// `[nvidia-container-runtime-hook]`
    pub nvidia_container_runtime_hook: RuntimeHook,
    /// `[features]`
    pub features: Features,
    /// `[liftgate]`
    pub liftgate: Liftgate,
}

impl Config {
    /// The names in [`Config::swarm_resource`], trimmed, without empty ones.
    pub fn swarm_resources(&self) -> impl Iterator<Item = &str> {
        self.swarm_resource
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            disable_require: false,
            swarm_resource: String::new(),
            accept_nvidia_visible_devices_envvar_when_unprivileged: true,
            accept_nvidia_visible_devices_as_volume_mounts: false,
            supported_driver_capabilities: "compat32,compute,display,graphics,ngx,utility,video"
                .to_owned(),
            nvidia_container_cli: ContainerCli::default(),
            nvidia_ctk: Ctk::default(),
            nvidia_container_runtime: Runtime::default(),
            nvidia_container_runtime_hook: RuntimeHook::default(),
            features: Features::default(),
            liftgate: Liftgate::default(),
        }
    }
}

/// `[nvidia-container-cli]`: the driver, and how devices get into a container that already exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCli {
    /// Where the driver's file system is; `None` is the host's own root.
    pub root: Option<PathBuf>,
    /// The program `nvidia-container-cli`; `None` is the first in `PATH`.
    pub path: Option<PathBuf>,
    /// Variables added to its environment, `NAME=value`.
    pub environment: Vec<String>,
    /// Its log file. `/dev/null` is `None` too.
    pub debug: Option<PathBuf>,
    /// Path of the host's `ld.so.cache` where it is not the usual one.
    pub ldcache: Option<PathBuf>,
    /// Whether kernel modules and device nodes may be created.
    pub load_kmods: bool,
    /// Whether the file system is entered without `pivot_root`.
    pub no_pivot: bool,
    /// Whether the device cgroup is left alone.
    pub no_cgroups: bool,
    /// `user:group` as which the program runs; `None` leaves it to the default of the machine, `root:video` on SUSE.
    pub user: Option<String>,
    /// Path of `ldconfig`, with a leading `@` for one of the host. The default of the machine is `@/sbin/ldconfig.real` where that exists.
    pub ldconfig: String,
}

impl Default for ContainerCli {
    fn default() -> Self {
        Self {
            root: None,
            path: None,
            environment: Vec::new(),
            debug: None,
            ldcache: None,
            load_kmods: true,
            no_pivot: false,
            no_cgroups: false,
            user: None,
            ldconfig: "@/sbin/ldconfig".to_owned(),
        }
    }
}

/// `[nvidia-ctk]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ctk {
    /// The program that hooks of generated specifications name. A name without `/` is looked for in `PATH`.
    pub path: PathBuf,
}

impl Default for Ctk {
    fn default() -> Self {
        Self {
            path: PathBuf::from("nvidia-ctk"),
        }
    }
}

/// `[nvidia-container-runtime]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// Log file. An empty string and `/dev/null` are `None`.
    pub debug: Option<PathBuf>,
    /// How much is logged.
    pub log_level: LogLevel,
    /// Low-level runtimes, by name or path; the first that exists is used.
    pub runtimes: Vec<String>,
    /// By which road containers get their devices.
    pub mode: Mode,
    /// `[nvidia-container-runtime.modes.*]`
    pub modes: Modes,
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            debug: None,
            log_level: LogLevel::default(),
            runtimes: vec!["runc".to_owned(), "crun".to_owned()],
            mode: Mode::default(),
            modes: Modes::default(),
        }
    }
}

/// By which road containers get their devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Decided from the machine and the container.
    #[default]
    Auto,
    /// The `prestart` hook.
    Legacy,
    /// The CSV files of Tegra.
    Csv,
    /// CDI specifications in files.
    Cdi,
    /// A CDI specification made for each container.
    JitCdi,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Legacy, Self::Csv, Self::Cdi, Self::JitCdi];

    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Legacy => "legacy",
            Self::Csv => "csv",
            Self::Cdi => "cdi",
            Self::JitCdi => "jit-cdi",
        }
    }

    /// The mode of that name, spelled exactly so.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// How much is logged: messages of this level and of those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// `panic`
    Panic,
    /// `fatal`
    Fatal,
    /// `error`
    Error,
    /// `warning` or `warn`
    Warning,
    /// `info`
    #[default]
    Info,
    /// `debug`
    Debug,
    /// `trace`
    Trace,
}

impl LogLevel {
    /// The level of that name, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "panic" => Self::Panic,
            "fatal" => Self::Fatal,
            "error" => Self::Error,
            "warn" | "warning" => Self::Warning,
            "info" => Self::Info,
            "debug" => Self::Debug,
            "trace" => Self::Trace,
            _ => return None,
        })
    }
}

/// `[nvidia-container-runtime.modes.*]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modes {
    /// `csv`
    pub csv: Csv,
    /// `cdi`
    pub cdi: Cdi,
    /// `jit-cdi`
    pub jit_cdi: JitCdi,
    /// `legacy`
    pub legacy: Legacy,
}

/// `[nvidia-container-runtime.modes.csv]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// Directory of the CSV files.
    pub mount_spec_path: PathBuf,
    /// Where in the container Orin's CUDA compatibility libraries are.
    pub compat_container_root: PathBuf,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            mount_spec_path: PathBuf::from(
                "/etc/nvidia-container-runtime/host-files-for-container.d",
            ),
            compat_container_root: PathBuf::from("/usr/local/cuda/compat_orin"),
        }
    }
}

/// `[nvidia-container-runtime.modes.cdi]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cdi {
    /// Directories of CDI specifications; a later one has priority.
    pub spec_dirs: Vec<PathBuf>,
    /// The kind of a device that is asked for by its bare name.
    pub default_kind: String,
    /// Prefixes of the annotations that ask for devices.
    pub annotation_prefixes: Vec<String>,
}

impl Default for Cdi {
    fn default() -> Self {
        Self {
            spec_dirs: vec![PathBuf::from("/etc/cdi"), PathBuf::from("/var/run/cdi")],
            default_kind: "nvidia.com/gpu".to_owned(),
            annotation_prefixes: vec!["cdi.k8s.io/".to_owned()],
        }
    }
}

/// `[nvidia-container-runtime.modes.jit-cdi]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JitCdi {
    /// Feature flags of the specification that is made.
    pub nvcdi_feature_flags: Vec<String>,
    /// Hooks that are left out of it; `all` is every one.
    pub nvcdi_disable_hooks: Vec<String>,
}

/// `[nvidia-container-runtime.modes.legacy]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Legacy {
    /// How CUDA compatibility libraries of the image come into use.
    pub cuda_compat_mode: CudaCompatMode,
}

/// How CUDA compatibility libraries of the image come into use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum CudaCompatMode {
    /// `disabled`: not at all.
    Disabled,
    /// `hook`: by a `createContainer` hook.
    Hook,
    /// `ldconfig`: as a directory of the library cache.
    #[default]
    Ldconfig,
    /// `mount`: by mounts over the driver's libraries.
    Mount,
    /// Empty or unknown: not at all, unless `features.allow-cuda-compat-libs-from-container` is set.
    Unset,
}

impl CudaCompatMode {
    /// The mode of that name. An empty one is [`CudaCompatMode::Unset`].
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "disabled" => Self::Disabled,
            "hook" => Self::Hook,
            "ldconfig" => Self::Ldconfig,
            "mount" => Self::Mount,
            "" => Self::Unset,
            _ => return None,
        })
    }
}

/// `[nvidia-container-runtime-hook]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeHook {
    /// The program of the `prestart` hook in legacy mode. A name without `/` is looked for in `PATH`.
    pub path: PathBuf,
    /// Whether the hook does its work in every mode, not only in legacy.
    pub skip_mode_detection: bool,
}

impl Default for RuntimeHook {
    fn default() -> Self {
        Self {
            path: PathBuf::from("nvidia-container-runtime-hook"),
            skip_mode_detection: false,
        }
    }
}

/// `[features]`: each on, off or not said, which counts as off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Use the CUDA compatibility libraries of the image where `cuda-compat-mode` is not set.
    pub allow_cuda_compat_libs_from_container: Option<bool>,
    /// Accept an `ldconfig` of the container.
    pub allow_ldconfig_from_container: Option<bool>,
    /// Accept fields of `config.json` that the specification does not know. We keep them in any case.
    pub allow_unknown_oci_spec_fields: Option<bool>,
    /// Leave out the hook of `cuda-compat-mode = "hook"`.
    pub disable_cuda_compat_lib_hook: Option<bool>,
    /// Do not create IMEX channels.
    pub disable_imex_channel_creation: Option<bool>,
    /// Ignore requests for IMEX channels.
    pub ignore_imex_channel_requests: Option<bool>,
    /// Do not add the groups of device nodes to the process.
    pub no_additional_gids_for_device_nodes: Option<bool>,
}

/// `[liftgate]`: what the reference has no key for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liftgate {
    /// Absolute path of the executable `liftgate`, which writes a new host record when the old one no longer holds.
    /// `None` leaves it to the place of the running executable.
    pub inventory_path: Option<PathBuf>,
    /// Absolute path of the directory in which the host record is kept.
    pub record_directory: PathBuf,
    /// Whether `NVIDIA_REQUIRE_*` is taken to the letter, without minor-version compatibility.
    pub strict_requirements: bool,
}

impl Default for Liftgate {
    fn default() -> Self {
        Self {
            inventory_path: None,
            record_directory: PathBuf::from("/run/liftgate"),
            strict_requirements: false,
        }
    }
}
