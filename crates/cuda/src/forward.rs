//! CUDA forward compatibility: which GPUs have it, and from which older drivers.
//!
//! The libraries of a newer driver (the package `cuda-compat-12-9`) work with the kernel module of some older ones. On
//! any other they end with error 803, and on a GPU that is not meant for them with 804 (*CUDA Compatibility*, chapter
//! "Forward Compatibility": data-center GPUs, some workstation GPUs, Jetson).
//!
//! Newer libraries say in a note which branches they work with. For those from before there were notes, the branches
//! are those that NVIDIA's images of that CUDA accept (`NVIDIA_REQUIRE_CUDA`), which is NVIDIA's own word for what was
//! tested; for branches without an image there is no row, and whoever asks has to do without.

/// The branch of the libraries, and those of the kernel modules that they work with. From the images
/// `nvidia/cuda` 11.0.3, 11.8.0, 12.0.0, 12.2.2, 12.9.1, 13.0.3 and 13.2.1.
const BASE_BRANCHES: &[(u16, &[u16])] = &[
    (450, &[418, 440]),
    (520, &[450, 470, 510, 515]),
    (525, &[450, 470, 510, 515, 520]),
    (535, &[470, 525]),
    (575, &[535, 550, 560, 565, 570]),
    (580, &[535, 550, 565, 570, 575]),
    (595, &[535, 570, 580, 590]),
];

/// Product lines that are not meant for forward compatibility, as the driver's model names have them.
const UNSUPPORTED: [&str; 2] = ["GeForce", "TITAN"];

/// The branches whose kernel modules the libraries of `branch` work with, in ascending order; `None`: not known.
pub fn forward_base_branches(branch: u64) -> Option<&'static [u16]> {
    let row = BASE_BRANCHES.iter().find(|row| u64::from(row.0) == branch);
    row.map(|row| row.1)
}

/// Whether a GPU, by its model name (`NVIDIA GeForce RTX 4090`), can have newer CUDA libraries than its driver's.
pub fn has_forward_compatibility(model: &str) -> bool {
    !model.split_whitespace().any(|word| {
        UNSUPPORTED
            .iter()
            .any(|line| word.eq_ignore_ascii_case(line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda_of_driver;

    #[test]
    fn rows_ascend_and_lead_from_older_to_newer() {
        for rows in BASE_BRANCHES.windows(2) {
            assert!(rows[0].0 < rows[1].0);
        }
        for (branch, bases) in BASE_BRANCHES {
            assert!(bases.windows(2).all(|pair| pair[0] < pair[1]), "{branch}");
            assert!(bases.iter().all(|base| base < branch), "{branch}");
            for known in bases.iter().chain([branch]) {
                assert!(cuda_of_driver(&known.to_string()).is_some(), "{known}");
            }
            assert_eq!(forward_base_branches(u64::from(*branch)), Some(*bases));
        }
        assert_eq!(forward_base_branches(530), None);
        assert_eq!(forward_base_branches(65536 + 575), None);
    }

    #[test]
    fn models() {
        for model in [
            "NVIDIA H200",
            "NVIDIA A100-SXM4-80GB",
            "Tesla V100-SXM2-16GB",
            "NVIDIA RTX 6000 Ada Generation",
            "NVIDIA RTX PRO 6000 Blackwell Server Edition",
            "Quadro RTX 8000",
            "GRID A100X-40C",
            "",
        ] {
            assert!(has_forward_compatibility(model), "{model}");
        }
        for model in [
            "NVIDIA GeForce RTX 4090",
            "GeForce GTX 1080 Ti",
            "NVIDIA TITAN RTX",
            "TITAN V",
            "NVIDIA Titan Xp",
        ] {
            assert!(!has_forward_compatibility(model), "{model}");
        }
    }
}
