//! Policy: what the administrator allows, from `config.toml`.

use crate::refusal::{Code, Refusal};
use liftgate_config::Config;
use liftgate_driver::{Capabilities, Capability};

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
    /// Whether the groups of device nodes that are not world-accessible are given to the container.
    pub additional_groups: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accept_environment_when_unprivileged: true,
            accept_volume_mounts: false,
            supported_capabilities: Capabilities::all(),
            swarm_resources: Vec::new(),
            additional_groups: true,
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
            additional_groups: !config
                .features
                .no_additional_gids_for_device_nodes
                .unwrap_or(false),
        })
    }
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
