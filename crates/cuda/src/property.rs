//! What requirements are about.

/// What a factor is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Property {
    /// `cuda`: the CUDA version of the driver.
    Cuda,
    /// `driver`: the version of the driver.
    Driver,
    /// `arch`: the compute capability of the GPU.
    Architecture,
    /// `brand`: the product line of the GPU.
    Brand,
}

impl Property {
    pub(crate) const ALL: [Self; 4] = [Self::Cuda, Self::Driver, Self::Architecture, Self::Brand];

    /// Its name in expressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Driver => "driver",
            Self::Architecture => "arch",
            Self::Brand => "brand",
        }
    }
}

/// Some of the properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Properties(u8);

impl Properties {
    pub(crate) fn of(one: Property) -> Self {
        Self(1 << one as u8)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `one` is among them.
    pub fn contains(self, one: Property) -> bool {
        self.0 & Self::of(one).0 != 0
    }

    /// Each of them, once.
    pub fn iter(self) -> impl Iterator<Item = Property> {
        Property::ALL
            .into_iter()
            .filter(move |one| self.contains(*one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_properties() {
        let both = Properties::of(Property::Brand).and(Properties::of(Property::Cuda));
        assert!(both.contains(Property::Cuda) && !both.contains(Property::Driver));
        assert_eq!(
            both.iter().collect::<Vec<_>>(),
            [Property::Cuda, Property::Brand]
        );
    }
}
