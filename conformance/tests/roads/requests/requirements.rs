//! What an image requires of driver and GPU.
//!
//! | machine | driver | CUDA | compute capability | brand |
//! |---|---|---|---|---|
//! | `ubuntu-550` | 550.54.15 | 12.4 | 8.6 | nvidia |
//! | `fedora-570` | 570.144 | 12.8 | 8.9 | nvidia |
//! | `h200-580` | 580.159.04 | 13.0 | 9.0 | nvidia |

use super::{DGX, FEDORA, H200, MIG, UBUNTU, gpu};
use crate::request::Request;
use crate::wanted::Wanted;

const UNMET: Wanted = Wanted::Refused("requirement-not-met");
const MALFORMED: Wanted = Wanted::Refused("requirement-malformed");

pub(super) fn requests() -> Vec<Request> {
    let mut requests = of_the_driver();
    requests.extend(of_the_gpu());
    requests.extend(switched());
    requests
}

fn ask(machine: &'static str, name: &str, requirement: &str, wanted: Wanted) -> Request {
    Request::of(machine, name, "0", wanted).requires(requirement)
}

fn of_the_driver() -> Vec<Request> {
    vec![
        ask(UBUNTU, "cuda-met", "CUDA=cuda>=12.4", gpu(0)),
        ask(UBUNTU, "cuda-older", "CUDA=cuda>=11.0", gpu(0)),
        ask(UBUNTU, "cuda-of-a-later-minor", "CUDA=cuda>=12.8", gpu(0)),
        ask(UBUNTU, "cuda-of-a-later-major", "CUDA=cuda>=13.0", UNMET),
        ask(H200, "cuda-met", "CUDA=cuda>=13.0", gpu(0)),
        ask(H200, "cuda-of-a-later-major", "CUDA=cuda>=14.0", UNMET),
        ask(FEDORA, "cuda-of-a-later-major", "CUDA=cuda>=13.0", UNMET),
        ask(UBUNTU, "driver-met", "DRIVER=driver>=550", gpu(0)),
        ask(UBUNTU, "driver-too-old", "DRIVER=driver>=570", UNMET),
        ask(UBUNTU, "driver-too-new", "DRIVER=driver<550", UNMET),
        ask(
            UBUNTU,
            "an-alternative-is-met",
            "CUDA=cuda>=13.0 driver>=535,driver<551",
            gpu(0),
        ),
        ask(
            UBUNTU,
            "no-alternative-is-met",
            "CUDA=cuda>=13.0 driver>=535,driver<536",
            UNMET,
        ),
        ask(UBUNTU, "one-of-two-unmet", "CUDA=cuda>=12.0", UNMET).requires("OTHER=driver>=999"),
        ask(UBUNTU, "two-met", "CUDA=cuda>=12.0", gpu(0)).requires("OTHER=driver>=550"),
        ask(UBUNTU, "an-empty-one", "CUDA=", gpu(0)),
        ask(UBUNTU, "malformed-operator", "CUDA=cuda~12", MALFORMED),
        ask(UBUNTU, "malformed-property", "CUDA=colour=green", MALFORMED),
        ask(UBUNTU, "malformed-version", "CUDA=cuda>=twelve", MALFORMED),
        ask(UBUNTU, "malformed-and-unmet", "A=cuda>=99", UNMET).requires("B=cuda~1"),
        ask(DGX, "unmet-for-all", "CUDA=cuda>=13.0", UNMET),
        Request::of(UBUNTU, "unmet-without-gpus", "none", UNMET).requires("CUDA=cuda>=13.0"),
        Request::of(MIG, "unmet-for-mig", "0:0", UNMET).requires("CUDA=cuda>=13.0"),
        Request::of(
            UBUNTU,
            "unknown-and-unmet",
            "17",
            Wanted::Refused("device-unknown"),
        )
        .requires("CUDA=cuda>=13.0"),
    ]
}

/// What only NVML knows. The conditions that hang on nothing else have names of their own.
fn of_the_gpu() -> Vec<Request> {
    vec![
        ask(FEDORA, "brand-met", "BRAND=brand=nvidia", gpu(0)),
        ask(FEDORA, "gpu-brand-unmet", "BRAND=brand=tesla", UNMET),
        ask(UBUNTU, "architecture-met", "ARCH=arch>=8.0", gpu(0)),
        ask(UBUNTU, "gpu-architecture-unmet", "ARCH=arch>=9.0", UNMET),
        ask(H200, "architecture-met", "ARCH=arch>=9.0", gpu(0)),
        Request::of(MIG, "gpu-architecture-unmet", "0:0", UNMET).requires("ARCH=arch>=9.0"),
        ask(
            FEDORA,
            "driver-and-brand",
            "CUDA=driver>=580,brand=nvidia",
            UNMET,
        ),
        ask(
            UBUNTU,
            "gpu-brand-of-a-branch-unmet",
            "CUDA=cuda>=13.0 brand=tesla,driver>=550,driver<551",
            UNMET,
        ),
        ask(
            UBUNTU,
            "brand-of-a-branch",
            "CUDA=cuda>=13.0 brand=nvidia,driver>=550,driver<551",
            gpu(0),
        ),
        ask(
            UBUNTU,
            "brand-of-another-branch",
            "CUDA=cuda>=13.0 brand=nvidia,driver>=535,driver<536",
            UNMET,
        ),
        ask(
            FEDORA,
            "brand-among-alternatives",
            "CUDA=brand=tesla,driver>=535 cuda>=12.8",
            gpu(0),
        ),
    ]
}

/// Not everything is checked everywhere.
fn switched() -> Vec<Request> {
    const STRICT: &str = "[liftgate]\nstrict-requirements = true\n";
    vec![
        ask(UBUNTU, "unmet-and-not-checked", "CUDA=cuda>=13.0", gpu(0))
            .variable("NVIDIA_DISABLE_REQUIRE=1"),
        ask(UBUNTU, "malformed-and-not-checked", "CUDA=cuda~1", gpu(0))
            .variable("NVIDIA_DISABLE_REQUIRE=1"),
        ask(UBUNTU, "unmet-and-checked", "CUDA=cuda>=13.0", UNMET)
            .variable("NVIDIA_DISABLE_REQUIRE=no"),
        ask(UBUNTU, "unmet-and-turned-off", "CUDA=cuda>=13.0", gpu(0))
            .configured("disable-require = true", "")
            .not(
                &[crate::road::Road::Options],
                "its caller reads disable-require",
            ),
        ask(
            UBUNTU,
            "later-minor-to-the-letter",
            "CUDA=cuda>=12.8",
            UNMET,
        )
        .configured("", STRICT),
        ask(UBUNTU, "met-to-the-letter", "CUDA=cuda>=12.4", gpu(0)).configured("", STRICT),
        // What the administrator would have said of it cannot be known.
        ask(
            UBUNTU,
            "configuration-malformed",
            "CUDA=cuda>=12.4",
            Wanted::Refused("configuration-malformed"),
        )
        .configured("disable-require = [", "")
        .not(
            &[crate::road::Road::Options],
            "its caller reads the configuration",
        ),
        Request::of(UBUNTU, "lists-are-no-requirement", "0", gpu(0))
            .variable("NVIDIA_REQUIRE_JETPACK=csv-mounts=all"),
    ]
}
