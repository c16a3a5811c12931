//! What a container asks for beside GPUs: storage, network and switch devices, channels of IMEX, the nodes
//! that control MIG.
//!
//! Each is asked for by a variable of its own, and given only with GPUs. A channel of IMEX opens memory of
//! other machines' GPUs, and the reference gives every channel to who asks for `none`, for `channelall` or
//! by a mount called `all`; here a list of channels is what it says, and only numbers are channels.

use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::request::{ContainerFacts, shortened};
use liftgate_driver::Extra;

const IMEX_CHANNELS: &str = "NVIDIA_IMEX_CHANNELS";
const MIG_CONFIG: &str = "NVIDIA_MIG_CONFIG_DEVICES";
const MIG_MONITOR: &str = "NVIDIA_MIG_MONITOR_DEVICES";

/// Numbers of channels that the driver knows.
const LAST_CHANNEL: u32 = 1_048_575;

/// What is asked for beside GPUs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Beside {
    pub(crate) extras: Vec<Extra>,
    pub(crate) imex_channels: Vec<u32>,
    pub(crate) mig_config: bool,
    pub(crate) mig_monitor: bool,
    /// What was asked for and is not heeded, in sentences.
    pub(crate) unheeded: Vec<String>,
}

impl Beside {
    /// Reads it from the container's environment, and from `channels`, those that it asks for by mounts.
    pub(crate) fn read(
        container: &ContainerFacts,
        policy: &Policy,
        channels: &[String],
    ) -> Result<Self, Refusal> {
        let may_ask = container.is_privileged || policy.accept_environment_when_unprivileged;
        let mut beside = Self::default();
        for extra in Extra::ALL {
            if container.variable(extra.variable()) == Some("enabled") {
                if may_ask {
                    beside.extras.push(extra);
                } else {
                    beside.unheeded.push(ignored(extra.variable()));
                }
            }
        }
        beside.read_channels(container, policy, channels, may_ask)?;
        beside.mig_config = controls_mig(container, MIG_CONFIG)?;
        beside.mig_monitor = controls_mig(container, MIG_MONITOR)?;
        Ok(beside)
    }

    fn read_channels(
        &mut self,
        container: &ContainerFacts,
        policy: &Policy,
        mounts: &[String],
        may_ask: bool,
    ) -> Result<(), Refusal> {
        let listed: Vec<String> = if mounts.is_empty() {
            let text = container.variable(IMEX_CHANNELS).unwrap_or_default();
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        } else {
            mounts.to_vec()
        };
        let is_nothing = |item: &String| matches!(item.as_str(), "none" | "void");
        if listed.is_empty() || listed.iter().any(is_nothing) {
            return Ok(());
        }
        if policy.ignore_imex_requests {
            self.unheeded.push(format!(
                "{IMEX_CHANNELS} is ignored: config.toml says ignore-imex-channel-requests = true"
            ));
            return Ok(());
        }
        if mounts.is_empty() && !may_ask {
            self.unheeded.push(ignored(IMEX_CHANNELS));
            return Ok(());
        }
        if listed.iter().any(|item| item == "all") {
            self.unheeded.push(format!(
                "{IMEX_CHANNELS}=all gives no channel, as ever: name the channels by their numbers"
            ));
            return Ok(());
        }
        for item in &listed {
            let number = imex_channel(item)?;
            if !self.imex_channels.contains(&number) {
                self.imex_channels.push(number);
            }
        }
        Ok(())
    }
}

fn ignored(variable: &str) -> String {
    format!(
        "{variable} is ignored: the container is not privileged, and config.toml says accept-nvidia-visible-devices-envvar-when-unprivileged = false"
    )
}

/// The channel of IMEX that `5` or `channel5` names.
pub fn imex_channel(item: &str) -> Result<u32, Refusal> {
    let digits = item.strip_prefix("channel").unwrap_or(item);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|number| is_number && *number <= LAST_CHANNEL)
        .ok_or_else(|| {
            Refusal::new(
                Code::ImexChannelMalformed,
                format!("`{}` is not the number of an IMEX channel", shortened(item)),
                format!("name channels by their numbers, 0 to {LAST_CHANNEL}, separated by commas"),
            )
            .about(shortened(item))
        })
}

/// Whether the container asks to configure or to watch MIG devices; refused unless it may do so on the host
/// anyway.
fn controls_mig(container: &ContainerFacts, variable: &str) -> Result<bool, Refusal> {
    let asks = container
        .variable(variable)
        .is_some_and(|value| !matches!(value, "" | "none" | "void"));
    if asks && !container.is_privileged {
        return Err(Refusal::new(
            Code::MigControlNotAllowed,
            format!("{variable} is set, and only a privileged container may control MIG devices"),
            format!("run the container with --privileged (or --cap-add SYS_ADMIN), or without {variable}"),
        )
        .because("the container's bounding set has no CAP_SYS_ADMIN"));
    }
    Ok(asks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[(&str, &str)], channels: &[&str]) -> Result<Beside, Code> {
        let container = ContainerFacts {
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..ContainerFacts::default()
        };
        let channels: Vec<String> = channels.iter().map(|one| (*one).to_owned()).collect();
        Beside::read(&container, &Policy::default(), &channels).map_err(|refusal| refusal.code)
    }

    fn channels(value: &str) -> Result<Vec<u32>, Code> {
        read(&[(IMEX_CHANNELS, value)], &[]).map(|beside| beside.imex_channels)
    }

    #[test]
    fn only_numbers_are_channels() {
        assert_eq!(channels("0, channel2047,0"), Ok(vec![0, 2047]));
        for nothing in ["", "none", "void", "all", "0,all", "none,3", ","] {
            assert_eq!(channels(nothing), Ok(vec![]), "{nothing}");
        }
        for malformed in ["channelall", "channel", "-1", "1048576", "x", "+1", "0x1"] {
            assert_eq!(
                channels(malformed),
                Err(Code::ImexChannelMalformed),
                "{malformed}"
            );
        }
        let by_mount = |names: &[&str]| read(&[(IMEX_CHANNELS, "5")], names);
        assert_eq!(by_mount(&["3"]).unwrap().imex_channels, [3]);
        assert_eq!(by_mount(&["all"]).unwrap().imex_channels, [0; 0]);
        assert_eq!(by_mount(&[]).unwrap().imex_channels, [5]);
    }

    #[test]
    fn switches_are_on_by_one_word() {
        let extras = |value| read(&[("NVIDIA_GDS", value)], &[]).unwrap().extras;
        assert_eq!(extras("enabled"), [Extra::Gds]);
        assert_eq!(extras("true"), []);
        assert_eq!(extras("ENABLED"), []);
    }

    #[test]
    fn mig_is_controlled_by_the_privileged_only() {
        let ask = [(MIG_CONFIG, "all")];
        assert_eq!(read(&ask, &[]), Err(Code::MigControlNotAllowed));
        assert_eq!(
            read(&[(MIG_CONFIG, "")], &[]).map(|beside| beside.mig_config),
            Ok(false)
        );
        let container = ContainerFacts {
            environment: vec![(MIG_MONITOR.to_owned(), "all".to_owned())],
            is_privileged: true,
            ..ContainerFacts::default()
        };
        let beside = Beside::read(&container, &Policy::default(), &[]).unwrap();
        assert!(beside.mig_monitor && !beside.mig_config);
    }

    #[test]
    fn what_the_administrator_forbids_is_named() {
        let container = ContainerFacts {
            environment: vec![
                (IMEX_CHANNELS.to_owned(), "0".to_owned()),
                ("NVIDIA_GDS".to_owned(), "enabled".to_owned()),
            ],
            ..ContainerFacts::default()
        };
        let strict = Policy {
            accept_environment_when_unprivileged: false,
            ..Policy::default()
        };
        let beside = Beside::read(&container, &strict, &[]).unwrap();
        assert_eq!(beside.imex_channels, [0; 0]);
        assert_eq!(beside.extras, []);
        assert_eq!(beside.unheeded.len(), 2);
        let by_mount = Beside::read(&container, &strict, &["7".to_owned()]).unwrap();
        assert_eq!(by_mount.imex_channels, [7]);
        let ignoring = Policy {
            ignore_imex_requests: true,
            ..Policy::default()
        };
        let beside = Beside::read(&container, &ignoring, &["7".to_owned()]).unwrap();
        assert_eq!(beside.imex_channels, [0; 0]);
    }
}
