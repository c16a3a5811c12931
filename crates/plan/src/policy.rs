//! Policy: what the administrator allows, from `config.toml`.

use crate::refusal::{Code, Refusal};
use crate::setup_hooks::HookPart;
use liftgate_config::{Config, CudaCompatMode, Mode};
use liftgate_driver::{Capabilities, Capability};
use std::path::PathBuf;

/// What the administrator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether a container without `CAP_SYS_ADMIN` may ask by environment variable.
    pub accept_environment_when_unprivileged: bool,
    /// Whether a container may ask by volume mounts below `/var/run/nvidia-container-devices`.
    pub accept_volume_mounts: bool,
    /// The capabilities that containers may have.
    pub supported_capabilities: Capabilities,
    /// Environment variables that take the place of `NVIDIA_VISIBLE_DEVICES` where a container has them.
    pub swarm_resources: Vec<String>,
    /// How requests are served, by `config.toml` or by the name that the runtime was started by.
    pub mode: Mode,
    /// In mode `cdi`, the kind of a device that is named without one.
    pub default_kind: String,
    /// Beginnings of annotations that name CDI devices.
    pub annotation_prefixes: Vec<String>,
    /// Whether requests for channels of IMEX are ignored.
    pub ignore_imex_requests: bool,
    /// Whether the groups of device nodes that are not world-accessible are given to the container.
    pub additional_groups: bool,
    /// Parts of the hook's work that are left out.
    pub disabled_hooks: Vec<HookPart>,
    /// Whether the sockets of the driver's daemons are given.
    pub sockets: bool,
    /// Whether newer CUDA libraries of an image may take the place of the driver's.
    pub cuda_compat: bool,
    /// Whether no requirement of an image is checked.
    pub ignore_requirements: bool,
    /// Whether requirements are taken to the letter, without minor-version compatibility.
    pub strict_requirements: bool,
    /// Where images for a Jetson Orin have them.
    pub orin_compat_root: PathBuf,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accept_environment_when_unprivileged: true,
            accept_volume_mounts: false,
            supported_capabilities: Capabilities::all(),
            swarm_resources: Vec::new(),
            mode: Mode::Auto,
            default_kind: "nvidia.com/gpu".to_owned(),
            annotation_prefixes: vec!["cdi.k8s.io/".to_owned()],
            ignore_imex_requests: false,
            additional_groups: true,
            disabled_hooks: Vec::new(),
            sockets: true,
            cuda_compat: true,
            ignore_requirements: false,
            strict_requirements: false,
            orin_compat_root: Config::default()
                .nvidia_container_runtime
                .modes
                .csv
                .compat_container_root,
        }
    }
}

impl Policy {
    /// The policy that a `config.toml` states.
    pub fn from_config(config: &Config) -> Result<Self, Refusal> {
        let supported = &config.supported_driver_capabilities;
        Ok(Self {
            accept_environment_when_unprivileged: config
                .accept_nvidia_visible_devices_envvar_when_unprivileged,
            accept_volume_mounts: config.accept_nvidia_visible_devices_as_volume_mounts,
            supported_capabilities: parse_supported(supported)?,
            swarm_resources: config.swarm_resources().map(str::to_owned).collect(),
            mode: config.nvidia_container_runtime.mode,
            default_kind: config
                .nvidia_container_runtime
                .modes
                .cdi
                .default_kind
                .clone(),
            annotation_prefixes: config
                .nvidia_container_runtime
                .modes
                .cdi
                .annotation_prefixes
                .clone(),
            ignore_imex_requests: config
                .features
                .ignore_imex_channel_requests
                .unwrap_or(false),
            additional_groups: !config
                .features
                .no_additional_gids_for_device_nodes
                .unwrap_or(false)
                && !has_flag(config, "no-additional-gids-for-device-nodes"),
            disabled_hooks: disabled_hooks(config),
            sockets: !has_flag(config, "disable-ipc-discoverer"),
            cuda_compat: allows_cuda_compat(config),
            ignore_requirements: config.disable_require,
            strict_requirements: config.liftgate.strict_requirements,
            orin_compat_root: config
                .nvidia_container_runtime
                .modes
                .csv
                .compat_container_root
                .clone(),
        })
    }
}

/// `nvcdi-feature-flags` of the mode `jit-cdi`. One that is not known is passed over, as the reference does.
fn has_flag(config: &Config, name: &str) -> bool {
    let modes = &config.nvidia_container_runtime.modes;
    modes
        .jit_cdi
        .nvcdi_feature_flags
        .iter()
        .any(|flag| flag == name)
}

/// `nvcdi-disable-hooks` of the mode `jit-cdi`; `all` is every one.
fn disabled_hooks(config: &Config) -> Vec<HookPart> {
    let names = &config
        .nvidia_container_runtime
        .modes
        .jit_cdi
        .nvcdi_disable_hooks;
    if names.iter().any(|name| name == "all") {
        return HookPart::ALL.to_vec();
    }
    names
        .iter()
        .filter_map(|name| HookPart::from_name(name))
        .collect()
}

/// The other values of `cuda-compat-mode` say how libnvidia-container is to do it.
fn allows_cuda_compat(config: &Config) -> bool {
    let mode = config
        .nvidia_container_runtime
        .modes
        .legacy
        .cuda_compat_mode;
    mode != CudaCompatMode::Disabled && config.features.disable_cuda_compat_lib_hook != Some(true)
}

fn parse_supported(text: &str) -> Result<Capabilities, Refusal> {
    let mut supported = Capabilities::NONE;
    for name in text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        if name == "all" {
            return Ok(Capabilities::all());
        }
        let capability: Capability = name.parse().map_err(|_| {
            Refusal::new(
                Code::ConfigurationMalformed,
                format!(
                    "`supported-driver-capabilities` names `{name}`, which is no driver capability"
                ),
                format!("use some of {}, or all", Capabilities::all()),
            )
            .because(format!(
                "config.toml says supported-driver-capabilities = \"{text}\""
            ))
        })?;
        supported.insert(capability);
    }
    Ok(supported)
}
