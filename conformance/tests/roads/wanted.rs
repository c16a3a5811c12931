//! What a request has to come to.

use liftgate_testhost::Machine;

/// What a request has to come to.
#[derive(Debug, Clone)]
pub(crate) enum Wanted {
    /// A container with these GPUs, by index, and no MIG device.
    Gpus(Vec<usize>),
    /// A container with these MIG devices.
    Migs(Vec<(usize, usize)>),
    /// A container with everything that the machine has.
    Everything,
    /// A container with these GPUs whose programs cannot list them: it has no `utility`.
    Unlisted(Vec<usize>),
    /// A refusal with this code.
    Refused(&'static str),
    /// A container as any other.
    Nothing,
}

impl Wanted {
    /// What `nvidia-smi -L` prints and how it ends, where it is a command.
    pub(crate) fn listing(&self, machine: &Machine) -> Option<String> {
        let listing = match self {
            Self::Gpus(gpus) if gpus.is_empty() => {
                return Some(format!("{}status=6\n", machine.smi_list(&[])));
            }
            Self::Gpus(gpus) => machine.smi_list(gpus),
            Self::Migs(migs) => machine.smi_list_mig(migs),
            Self::Everything => machine.smi_list_host(),
            Self::Unlisted(_) | Self::Nothing => return Some("status=127\n".to_owned()),
            Self::Refused(_) => return None,
        };
        Some(format!("{listing}status=0\n"))
    }

    /// The GPUs whose nodes can be opened, by index.
    pub(crate) fn gpus(&self, machine: &Machine) -> Vec<usize> {
        match self {
            Self::Gpus(gpus) | Self::Unlisted(gpus) => gpus.clone(),
            Self::Migs(migs) => migs.iter().map(|(gpu, _)| *gpu).collect(),
            Self::Everything => (0..machine.gpus().len()).collect(),
            Self::Refused(_) | Self::Nothing => Vec::new(),
        }
    }
}
