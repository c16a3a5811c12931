//! Driver capabilities: which part of the driver a container asks for.
//!
//! The names are those of `NVIDIA_DRIVER_CAPABILITIES`. They are a promise of least privilege: a container
//! that asks for `utility` has no use for the graphics stack, nor for the sockets of host services.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One driver capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Capability {
    /// 32-bit libraries beside the 64-bit ones.
    Compat32,
    /// CUDA and OpenCL.
    Compute,
    /// X11 display.
    Display,
    /// OpenGL, EGL and Vulkan.
    Graphics,
    /// Neural graphics.
    Ngx,
    /// `nvidia-smi` and NVML.
    Utility,
    /// Video encoding and decoding.
    Video,
}

impl Capability {
    /// All of them, in alphabetical order.
    pub const ALL: [Self; 7] = [
        Self::Compat32,
        Self::Compute,
        Self::Display,
        Self::Graphics,
        Self::Ngx,
        Self::Utility,
        Self::Video,
    ];

    /// The name in `NVIDIA_DRIVER_CAPABILITIES`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compat32 => "compat32",
            Self::Compute => "compute",
            Self::Display => "display",
            Self::Graphics => "graphics",
            Self::Ngx => "ngx",
            Self::Utility => "utility",
            Self::Video => "video",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A capability by this name does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no driver capability `{0}`")]
pub struct UnknownCapability(pub String);

impl FromStr for Capability {
    type Err = UnknownCapability;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|capability| capability.name() == text)
            .ok_or_else(|| UnknownCapability(text.to_owned()))
    }
}

/// A set of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Vec<Capability>", from = "Vec<Capability>")]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(with = "Vec<Capability>")
)]
pub struct Capabilities(u8);

impl Capabilities {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The set of `members`.
    pub const fn of(members: &[Capability]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < members.len() {
            bits |= members[index].bit();
            index += 1;
        }
        Self(bits)
    }

    /// Every capability.
    pub const fn all() -> Self {
        Self::of(&Capability::ALL)
    }

    /// Whether `capability` is in the set.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & capability.bit() != 0
    }

    /// Whether the two sets have a member in common.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What both sets have.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Adds a capability.
    pub const fn insert(&mut self, capability: Capability) {
        self.0 |= capability.bit();
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in alphabetical order.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .into_iter()
            .filter(move |capability| self.contains(*capability))
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Capability::name).collect();
        formatter.write_str(&names.join(","))
    }
}

impl From<Capabilities> for Vec<Capability> {
    fn from(set: Capabilities) -> Self {
        set.iter().collect()
    }
}

impl From<Vec<Capability>> for Capabilities {
    fn from(members: Vec<Capability>) -> Self {
        Self::of(&members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for capability in Capability::ALL {
            assert_eq!(capability.name().parse::<Capability>().unwrap(), capability);
        }
        assert!("Compute".parse::<Capability>().is_err());
        assert!("".parse::<Capability>().is_err());
    }

    #[test]
    fn sets() {
        let set = Capabilities::of(&[Capability::Utility, Capability::Compute]);
        assert_eq!(set.to_string(), "compute,utility");
        assert!(set.contains(Capability::Compute));
        assert!(!set.intersects(Capabilities::of(&[Capability::Video])));
        assert_eq!(Capabilities::all().iter().count(), 7);
    }
}
