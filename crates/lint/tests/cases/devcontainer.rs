//! Dev containers.

use super::{Row, check};
use liftgate_lint::Language;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("nothing about GPUs", "{\"image\": \"x/y:1\"}\n", &[]),
    ("an image for GPUs", "{\"image\": \"x/y:1-cuda12\"}\n", &["1: LG620"]),
    ("no GPU on purpose", "{\"image\": \"x/y:1-gpu\", \"hostRequirements\": {\"gpu\": false}}\n", &[]),
    ("the compose file's business", "{\"image\": \"x/y:1-gpu\", \"dockerComposeFile\": \"compose.yaml\", \"service\": \"a\"}\n", &[]),
    ("CUDA's feature", "{\"image\": \"x/y:1\", \"features\": {\"ghcr.io/devcontainers/features/nvidia-cuda:1\": {}}}\n", &["1: LG620"]),
    ("two words", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus\", \"all\"]}\n", &[]),
    ("one word", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus all\"]}\n", &["1: LG621"]),
    ("a value with a blank", "{\"image\": \"x/y:1\", \"runArgs\": [\"--label=a b\", \"--gpus=all\"]}\n", &[]),
    ("a list without quotes", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus\", \"device=0,1\"]}\n", &["1: LG621"]),
    ("a list with a shell's quotes", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus\", \"'\\\"device=0,1\\\"'\"]}\n", &["1: LG621"]),
    ("a list with quotes", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus\", \"\\\"device=0,1\\\"\"]}\n", &[]),
    ("of the editor's variables", "{\"image\": \"x/y:1\", \"runArgs\": [\"--gpus\", \"${localEnv:GPUS}\"]}\n", &[]),
    ("arguments beside a compose file", "{\"dockerComposeFile\": \"compose.yaml\", \"service\": \"a\", \"runArgs\": [\"--gpus\", \"all\"]}\n", &["1: LG621"]),
    ("optional and in any case", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": \"optional\"}, \"runArgs\": [\"--gpus=all\"]}\n", &["1: LG622"]),
    ("required and in any case", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": true}, \"runArgs\": [\"--gpus=all\"]}\n", &[]),
    ("another text", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": \"yes\"}}\n", &["1: LG622"]),
    ("a shell's variable", "{\"image\": \"x/y:1\", \"containerEnv\": {\"PATH\": \"/opt/bin:${PATH}\"}}\n", &["1: LG623"]),
    ("the editor's variables", "{\"image\": \"x/y:1\", \"remoteEnv\": {\"PATH\": \"/opt/bin:${containerEnv:PATH}\", \"A\": \"${localEnv:A:$}\", \"B\": \"${containerWorkspaceFolder}\", \"C\": \"5$\"}}\n", &[]),
    ("an option that there is not", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": true}, \"features\": {\"ghcr.io/devcontainers/features/nvidia-cuda:1\": {\"cuda\": \"12.4\"}}}\n", &["1: LG624"]),
    ("a version in place of options", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": true}, \"features\": {\"ghcr.io/devcontainers/features/nvidia-cuda:1\": \"12.4\"}}\n", &[]),
    ("somebody else's feature", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": true}, \"features\": {\"ghcr.io/me/nvidia-cuda:1\": {\"cuda\": \"12.4\"}}}\n", &[]),
    ("keys of the requirement", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": {\"cores\": 1000, \"memory\": \"8gb\"}}}\n", &[]),
    ("another key of the requirement", "{\"image\": \"x/y:1\", \"hostRequirements\": {\"gpu\": {\"memmory\": \"8gb\"}}}\n", &["1: LG624"]),
    ("CUDA sees none", "{\"image\": \"x/y:1\", \"containerEnv\": {\"CUDA_VISIBLE_DEVICES\": \"all\"}}\n", &["1: LG627"]),
    ("an image that never was", "{\"image\": \"nvidia/cuda:11.8.0-base\", \"hostRequirements\": {\"gpu\": true}}\n", &["1: LG101"]),
];

#[test]
fn devcontainers() {
    check(Language::Devcontainer, ROWS);
}
