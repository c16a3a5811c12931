//! What wants a GPU, as far as a name or a command tells: where nothing asks for one, it works without, or not at all.

/// Repositories of which nearly everything is made for GPUs.
const MADE_FOR_GPUS: &[&str] = &[
    "nvidia/cuda",
    "nvcr.io/nvidia/cuda",
    "nvcr.io/nvidia/jax",
    "nvcr.io/nvidia/nemo",
    "nvcr.io/nvidia/pytorch",
    "nvcr.io/nvidia/tensorflow",
    "nvcr.io/nvidia/tensorrt",
    "nvcr.io/nvidia/k8s/dcgm-exporter",
    "nvidia/dcgm-exporter",
    "vllm/vllm-openai",
    "lmsysorg/sglang",
];

/// Repositories whose images train or serve with several processes that share memory.
const SHARES_MEMORY: &[&str] = &[
    "nvcr.io/nvidia/nemo",
    "nvcr.io/nvidia/pytorch",
    "nvcr.io/nvidia/tritonserver",
    "pytorch/pytorch",
    "vllm/vllm-openai",
    "lmsysorg/sglang",
    "ghcr.io/huggingface/text-generation-inference",
];

/// Why an image is known to be made for NVIDIA's GPUs: the words of its name that say so. Nothing is said of names with variables in
/// what matters, and of those for other devices, too.
pub fn image_for_gpus(name: &str) -> Option<String> {
    let (repository, tag) = repository_and_tag(name);
    let lower = name.to_ascii_lowercase();
    // What compiles needs none.
    if lower.contains("manylinux") {
        return None;
    }
    let other = [
        "cpu", "rocm", "l4t", "jetson", "jetpack", "tegra", "igpu", "intel", "openvino", "amd",
        "sdk", "xpu", "arc", "vulkan",
    ];
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|sign: char| !sign.is_ascii_alphanumeric());
        words
            .map(str::to_ascii_lowercase)
            .filter(|word| !word.is_empty())
            .collect()
    };
    if words(&lower)
        .iter()
        .any(|word| other.contains(&word.as_str()))
    {
        return None;
    }
    if MADE_FOR_GPUS.contains(&repository) {
        return Some(format!("`{repository}` is made for GPUs"));
    }
    let is_word = |word: &String| {
        let number = |prefix: &str| {
            word.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() >= 2 && rest.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        matches!(word.as_str(), "gpu" | "cuda") || number("cu") || number("cuda")
    };
    let last = repository.rsplit('/').next().unwrap_or(repository);
    let named = words(tag)
        .into_iter()
        .find(is_word)
        .or_else(|| words(last).into_iter().rfind(is_word))?;
    Some(format!(
        "`{named}` in its name says that it is made for GPUs"
    ))
}

/// Whether images of this repository train or serve with several processes that share memory.
pub fn shares_memory(name: &str) -> bool {
    SHARES_MEMORY.contains(&repository_and_tag(name).0)
}

/// Whether a name is known to be for a Jetson, where `--runtime nvidia` is the right way.
pub fn is_jetson(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "l4t", "jetson", "jetpack", "tegra", "igpu", "dustynv", "r32.", "r35.", "r36.",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

/// The word among these that calls for a GPU: a program that comes with the driver, or an option that chooses CUDA.
pub fn word_for_gpus<'w>(words: &[&'w str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let name = word.rsplit('/').next().unwrap_or(word);
        let next = words.get(at + 1).copied().unwrap_or_default();
        let is_device = matches!(*word, "--device" | "--device-type" | "--accelerator")
            && (next == "cuda" || next.starts_with("cuda:"));
        let is_one = [
            "--device=cuda",
            "--accelerator=cuda",
            "--gpu",
            "--use-gpu",
            "--use_gpu",
        ]
        .contains(word);
        let is_program = matches!(
            name,
            "nvidia-smi" | "nvtop" | "nvitop" | "gpustat" | "dcgmi"
        );
        (is_program || is_device || is_one).then_some(*word)
    })
}

/// Repository and tag, without a digest.
pub fn repository_and_tag(name: &str) -> (&str, &str) {
    let name = name.split('@').next().unwrap_or(name);
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let (repository, tag) = match name[last..].find(':') {
        Some(colon) => (&name[..last + colon], &name[last + colon + 1..]),
        None => (name, ""),
    };
    let repository = repository.strip_prefix("docker.io/").unwrap_or(repository);
    (repository, tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        for (name, expected) in [
            ("nvidia/cuda:12.9.2-base-ubuntu24.04", true),
            ("docker.io/nvidia/cuda", true),
            ("bvlc/caffe:gpu", true),
            ("tensorflow/tensorflow:latest-gpu", true),
            ("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime", true),
            ("x/y:1.0-cu118", true),
            ("x/whisper-gpu:1", true),
            ("vllm/vllm-openai:latest", true),
            ("vllm/vllm-openai-cpu:latest", false),
            ("x/y:latest-cpu", false),
            ("rocm/pytorch:latest", false),
            ("dustynv/l4t-pytorch:r36", false),
            ("nvcr.io/nvidia/tritonserver:24.05-py3-sdk", false),
            ("ubuntu:22.04", false),
            ("x/culprit", false),
            ("x/manylinux2014-cuda10.2", false),
        ] {
            assert_eq!(image_for_gpus(name).is_some(), expected, "{name}");
        }
        assert!(shares_memory("nvcr.io/nvidia/pytorch:24.05-py3") && !shares_memory("python:3.12"));
        assert!(
            is_jetson("nvcr.io/nvidia/l4t-ml:r35.2.1-py3")
                && !is_jetson("nvidia/cuda:12.9.2-base-ubuntu24.04")
        );
    }

    #[test]
    fn words() {
        assert_eq!(
            word_for_gpus(&["watch", "/usr/bin/nvidia-smi"]),
            Some("/usr/bin/nvidia-smi")
        );
        assert_eq!(word_for_gpus(&["x", "--device", "cuda"]), Some("--device"));
        assert_eq!(word_for_gpus(&["x", "--device", "cpu"]), None);
    }
}
