//! GPUs, as `/proc/driver/nvidia/gpus/*/information` describes them.

use crate::bus::BusId;
use crate::mig::MigDevice;
use serde::{Deserialize, Serialize};

/// One GPU of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gpu {
    /// Its index: GPUs are counted in the order of their bus addresses, as NVML counts them.
    pub index: u32,
    /// The number in its device node, `/dev/nvidia<minor>`. Not the index.
    pub minor: u32,
    /// Its UUID, `GPU-…`. The kernel does not know it until the GPU was first initialised.
    pub uuid: Option<String>,
    /// Its PCI bus address.
    pub bus: BusId,
    /// Its model, such as `NVIDIA H200`.
    pub model: String,
    /// The MIG devices that exist on it now, by instance ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mig: Vec<MigDevice>,
}

/// What one `information` file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Information {
    pub(crate) model: String,
    pub(crate) uuid: Option<String>,
    pub(crate) minor: u32,
    pub(crate) bus: Option<BusId>,
    pub(crate) excluded: bool,
}

impl Information {
    /// Reads the text; `None` without a device minor, without which no node can be named.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim())
        };
        Some(Self {
            model: field("Model").unwrap_or("unknown model").to_owned(),
            uuid: field("GPU UUID")
                .filter(|uuid| is_uuid(uuid))
                .map(str::to_owned),
            minor: field("Device Minor")?.parse().ok()?,
            bus: field("Bus Location").and_then(|bus| bus.parse().ok()),
            excluded: field("GPU Excluded").is_some_and(|excluded| excluded == "Yes"),
        })
    }
}

/// The device minor that an `information` file of the kernel's tells, for who needs nothing else of it.
pub fn gpu_minor(text: &str) -> Option<u32> {
    Information::parse(text).map(|information| information.minor)
}

/// `GPU-` and 32 hexadecimal digits in five groups. An uninitialised GPU shows question marks.
fn is_uuid(text: &str) -> bool {
    text.strip_prefix("GPU-").is_some_and(|uuid| {
        let groups: Vec<&str> = uuid.split('-').collect();
        groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && groups
                .iter()
                .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const H200: &str = "Model: \t\t NVIDIA H200\nIRQ:   \t\t 41\nGPU UUID: \t GPU-1f957ab3-f9a5-78ee-803f-7d62935d8fef\nVideo BIOS: \t 96.00.a5.00.1a\nBus Type: \t PCIe\nBus Location: \t 0000:00:06.0\nDevice Minor: \t 0\nGPU Firmware: \t 580.159.04\nGPU Excluded:\t No\n";

    #[test]
    fn a_real_information_file() {
        assert_eq!(
            Information::parse(H200),
            Some(Information {
                model: "NVIDIA H200".into(),
                uuid: Some("GPU-1f957ab3-f9a5-78ee-803f-7d62935d8fef".into()),
                minor: 0,
                bus: "0000:00:06.0".parse().ok(),
                excluded: false,
            })
        );
    }

    #[test]
    fn an_uninitialised_gpu_has_no_uuid_yet() {
        let text = H200.replace(
            "1f957ab3-f9a5-78ee-803f-7d62935d8fef",
            "????????-????-????-????-????????????",
        );
        assert_eq!(Information::parse(&text).unwrap().uuid, None);
    }

    #[test]
    fn excluded_and_broken_files() {
        assert!(
            Information::parse(&H200.replace("\t No", "\t Yes"))
                .unwrap()
                .excluded
        );
        assert_eq!(Information::parse("Model: x\n"), None);
        assert_eq!(
            Information::parse(&H200.replace("Device Minor: \t 0", "Device Minor: \t -1")),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".*") {
            Information::parse(&text);
        }
    }
}
