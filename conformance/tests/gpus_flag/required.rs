//! What an image requires (`NVIDIA_REQUIRE_*`): of the driver, and of the GPUs, for which NVML is asked.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused};
use crate::stage::{NONE, Scene, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite::MACHINES;

/// With these lines of `config.toml`, options of `docker run` that require something.
#[derive(Clone, Copy)]
struct Requirement {
    label: &'static str,
    configuration: &'static str,
    options: &'static [&'static str],
    /// What is said if it is not met.
    refusal: Option<[&'static str; 2]>,
}

const STRICT: &str = "[liftgate]\nstrict-requirements = true\n";
const DISABLED: &str = "disable-require = true\n";
/// A machine of which nobody can know what only NVML knows.
const UNKNOWN: &str =
    "[liftgate]\ninventory-path = \"/nonexistent\"\nrecord-directory = \"/run/no-record\"\n";

const UPDATE: &str = "requirement error: unsatisfied condition: cuda>=13.0, please update your driver to a newer version, or use an earlier cuda container\n";

const fn met(label: &'static str, options: &'static [&'static str]) -> Requirement {
    Requirement {
        label,
        configuration: "",
        options,
        refusal: None,
    }
}

const fn unmet(
    label: &'static str,
    options: &'static [&'static str],
    words: &'static str,
) -> Requirement {
    Requirement {
        refusal: Some([words, "[requirement-not-met]"]),
        ..met(label, options)
    }
}

const fn under(configuration: &'static str, requirement: Requirement) -> Requirement {
    Requirement {
        configuration,
        ..requirement
    }
}

/// On a machine with CUDA 12.4 and GPUs of compute capability 8.6, whose brand is not Tesla.
const ON_UBUNTU: [Requirement; 13] = [
    unmet(
        "newer-cuda",
        &["--env", "NVIDIA_REQUIRE_CUDA=cuda>=13.0"],
        UPDATE,
    ),
    met(
        "same-major-cuda",
        &["--env", "NVIDIA_REQUIRE_CUDA=cuda>=12.8"],
    ),
    under(
        STRICT,
        unmet(
            "same-major-cuda-to-the-letter",
            &["--env", "NVIDIA_REQUIRE_CUDA=cuda>=12.8"],
            "requirement error: unsatisfied condition: cuda>=12.8, please update",
        ),
    ),
    under(
        STRICT,
        met(
            "older-cuda-to-the-letter",
            &["--env", "NVIDIA_REQUIRE_CUDA=cuda>=12.4"],
        ),
    ),
    unmet(
        "brand",
        &["--env", "NVIDIA_REQUIRE_CUDA=brand=tesla"],
        "requirement error: unsatisfied condition: brand=tesla\n",
    ),
    under(
        UNKNOWN,
        met(
            "brand-that-nobody-knows",
            &["--env", "NVIDIA_REQUIRE_CUDA=brand=tesla"],
        ),
    ),
    met(
        "one-of-several",
        &[
            "--env",
            "NVIDIA_REQUIRE_CUDA=cuda>=13.0 brand=tesla,driver>=470 brand=nvidia,driver>=550",
        ],
    ),
    unmet(
        "every-variable",
        &[
            "--env",
            "NVIDIA_REQUIRE_CUDA=cuda>=12.0",
            "--env",
            "NVIDIA_REQUIRE_MINE=driver>=999",
        ],
        "requirement error: unsatisfied condition: driver>=999",
    ),
    unmet(
        "newer-gpu",
        &["--env", "NVIDIA_REQUIRE_CUDA=arch>=9.0"],
        "requirement error: unsatisfied condition: arch>=9.0\n",
    ),
    met("older-gpu", &["--env", "NVIDIA_REQUIRE_CUDA=arch>=8.0"]),
    Requirement {
        refusal: Some([
            "requirement error: invalid expression\n",
            "[requirement-malformed]",
        ]),
        ..met("malformed", &["--env", "NVIDIA_REQUIRE_CUDA=cuda>>12"])
    },
    met(
        "disabled-by-container",
        &[
            "--env",
            "NVIDIA_REQUIRE_CUDA=cuda>=13.0",
            "--env",
            "NVIDIA_DISABLE_REQUIRE=1",
        ],
    ),
    under(
        DISABLED,
        met(
            "disabled-by-configuration",
            &["--env", "NVIDIA_REQUIRE_CUDA=cuda>=13.0"],
        ),
    ),
];

/// On machines with GPUs of compute capability 9.0.
const ON_OTHERS: [Requirement; 2] = [
    met("same-gpu", &["--env", "NVIDIA_REQUIRE_CUDA=arch>=9.0"]),
    unmet(
        "newer-gpu",
        &["--env", "NVIDIA_REQUIRE_CUDA=arch>=10.0"],
        "requirement error: unsatisfied condition: arch>=10.0\n",
    ),
];

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let requirements: &'static [Requirement] = if scene.machine == MACHINES[0] {
        &ON_UBUNTU
    } else {
        &ON_OTHERS
    };
    requirements
        .iter()
        .map(|requirement| {
            Case::new(format!("requires-{}", requirement.label), |stage| {
                check(stage, requirement)
            })
        })
        .collect()
}

fn check(stage: &Stage, requirement: &Requirement) -> Result<(), Failed> {
    let mut options = vec!["--gpus", "1"];
    options.extend(requirement.options);
    let test = |docker: &_| match &requirement.refusal {
        None => expect(docker, &stage.machine, &options, &Wanted::gpus([0])),
        Some(words) => expect_refused(docker, &options, words),
    };
    if requirement.configuration.is_empty() {
        stage.together(test)
    } else {
        stage.alone(requirement.configuration, &NONE, test)
    }
}
