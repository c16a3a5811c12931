//! PCI bus addresses, in the many ways people and programs write them.
//!
//! `/proc/driver/nvidia/gpus` names GPUs `0000:06:00.0`, NVML `00000000:06:00.0`, `lspci` `06:00.0`. They
//! are one address, so they are compared as numbers. The function is part of the comparison: the reference's
//! C library ignored it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Domain, bus, device and function of a PCI device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(with = "String")
)]
pub struct BusId {
    domain: u32,
    bus: u8,
    device: u8,
    function: u8,
}

impl BusId {
    /// The form with an eight-digit domain, which some names in `/proc` use.
    pub fn long(self) -> String {
        format!(
            "{:08x}:{:02x}:{:02x}.{:x}",
            self.domain, self.bus, self.device, self.function
        )
    }
}

impl fmt::Display for BusId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:04x}:{:02x}:{:02x}.{:x}",
            self.domain, self.bus, self.device, self.function
        )
    }
}

/// The text is not a PCI bus address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a PCI bus address")]
pub struct NotABusId(String);

impl FromStr for BusId {
    type Err = NotABusId;

    /// Takes `DOMAIN:BUS:DEVICE.FUNCTION`, without the domain (then 0) or without the function (then 0),
    /// in hexadecimal. A lone `BUS:DEVICE` with no function is refused: `1:0` is how a MIG device is
    /// written, and the two must not be mistaken for each other.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || NotABusId(text.chars().take(64).collect());
        let (address, function) = match text.split_once('.') {
            Some((address, function)) => (address, Some(function)),
            None => (text, None),
        };
        let parts: Vec<&str> = address.split(':').collect();
        let (domain, bus, device) = match (parts.as_slice(), function) {
            ([domain, bus, device], _) => (*domain, *bus, *device),
            ([bus, device], Some(_)) => ("0", *bus, *device),
            _ => return Err(fail()),
        };
        let number = |digits: &str, longest: usize| {
            let fits = (1..=longest).contains(&digits.len());
            (fits && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                .then(|| u32::from_str_radix(digits, 16).ok())
                .flatten()
        };
        let byte = |digits: &str, longest| {
            number(digits, longest).and_then(|value| u8::try_from(value).ok())
        };
        Ok(Self {
            domain: number(domain, 8).ok_or_else(fail)?,
            bus: byte(bus, 2).ok_or_else(fail)?,
            device: byte(device, 2)
                .filter(|device| *device < 32)
                .ok_or_else(fail)?,
            function: byte(function.unwrap_or("0"), 1)
                .filter(|function| *function < 8)
                .ok_or_else(fail)?,
        })
    }
}

impl From<BusId> for String {
    fn from(bus: BusId) -> Self {
        bus.to_string()
    }
}

impl TryFrom<String> for BusId {
    type Error = NotABusId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_in_all_its_forms() {
        let expected: BusId = "0000:06:00.0".parse().unwrap();
        for form in [
            "00000000:06:00.0",
            "0:6:0",
            "06:00.0",
            "0000:06:00",
            "0000:06:00.0",
        ] {
            assert_eq!(form.parse::<BusId>().unwrap(), expected, "{form}");
        }
        assert_eq!(expected.to_string(), "0000:06:00.0");
        assert_eq!(expected.long(), "00000000:06:00.0");
        assert_ne!("0000:06:00.1".parse::<BusId>().unwrap(), expected);
    }

    #[test]
    fn what_is_not_an_address() {
        for text in [
            "",
            "0",
            "1:0",
            ":",
            "::",
            "0000:06:00.8",
            "0000:06:20.0",
            "0000:06:00.",
            "x:1:1.0",
            "000000000:1:1.0",
            "+1:1:1.0",
            "0000:06:00.0.0",
            "GPU-06:00.0",
            "0000:0006:00.0",
        ] {
            assert!(text.parse::<BusId>().is_err(), "{text}");
        }
    }
}
