//! How far a driver runs a CUDA version, as far as it decides what is chosen.

use liftgate_cuda::{
    Cuda, Driver, DriverVerdict, first_release, judge_driver, minor_version_floor,
};

/// How far a driver runs a CUDA version, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Support {
    /// Wholly.
    Full,
    /// What is compiled for the GPU runs; PTX, and what only newer drivers do, does not.
    MinorVersion,
    /// No driver is known, or none of that number.
    Unknown,
}

/// How far the driver runs it; `None`: not at all.
///
/// Forward compatibility is not counted on: it depends on what the container runtime makes of the image's libraries, and on
/// the very model of the GPU.
pub(crate) fn support(driver: Option<&Driver>, cuda: Cuda) -> Option<Support> {
    let Some(driver) = driver else {
        return Some(Support::Unknown);
    };
    match judge_driver(cuda, driver, None) {
        DriverVerdict::Full => Some(Support::Full),
        DriverVerdict::MinorVersion { .. } => Some(Support::MinorVersion),
        DriverVerdict::Unknown(_) => Some(Support::Unknown),
        DriverVerdict::Forward { .. } | DriverVerdict::Refused { .. } => None,
    }
}

/// Which CUDA major comes first where no driver is known, the least: 12 runs on every driver of the last years. On older ones
/// only 11 does, which has no new frameworks, and 13 asks for a new one.
pub(crate) fn rank_without_driver(cuda: Cuda) -> u16 {
    match cuda.major {
        12 => 0,
        13.. => 1,
        older => 20 - older,
    }
}

/// The oldest driver that runs a CUDA version in any way.
pub(crate) fn oldest_driver(cuda: Cuda) -> &'static str {
    let exact = || first_release(cuda).map(|(_, driver)| driver);
    minor_version_floor(cuda.major.into())
        .or_else(exact)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Support::{Full, MinorVersion, Unknown};

    #[test]
    fn drivers() {
        for (driver, cuda, expected) in [
            (Some("535.183.01"), (12, 2), Some(Full)),
            (Some("535.183.01"), (12, 6), Some(MinorVersion)),
            (Some("535.183.01"), (13, 0), None),
            (Some("525.60.12"), (12, 9), None),
            (Some("525"), (12, 9), Some(MinorVersion)),
            (Some("470.82.01"), (11, 8), Some(MinorVersion)),
            (Some("580.65.06"), (12, 9), Some(Full)),
            (Some("440.32"), (11, 0), None),
            (Some("551.78"), (12, 4), Some(Unknown)),
            (None, (13, 0), Some(Unknown)),
        ] {
            let cuda = Cuda::new(cuda.0, cuda.1);
            let known = driver.map(|driver| Driver::parse(driver).unwrap());
            assert_eq!(support(known.as_ref(), cuda), expected, "{driver:?} {cuda}");
        }
        assert_eq!(oldest_driver(Cuda::new(12, 8)), "525.60.13");
        assert_eq!(oldest_driver(Cuda::new(10, 2)), "440.33");
    }
}
