//! Finished images. A row says what is found in the facts of one.

use liftgate_image::facts::ImageFacts;
use liftgate_lint::rules::RULES;
use liftgate_lint::{Settings, Target, lint_image};

/// A name, an image's facts, and the codes of what is found.
type Row = (&'static str, &'static str, &'static [&'static str]);

fn check(rows: &[Row], target: &Target) {
    let settings = Settings {
        pedantic: true,
        target: target.clone(),
        ..Settings::default()
    };
    let mut mistakes = Vec::new();
    for (name, text, expected) in rows {
        let image: ImageFacts =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found: Vec<&str> = lint_image(&image, &settings)
            .iter()
            .map(|finding| finding.code)
            .collect();
        if found != *expected {
            mistakes.push(format!("{name}: {found:?}, and not {expected:?}\n{text}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[rustfmt::skip]
const IMAGES: &[Row] = &[
    ("nothing", "{}", &[]),
    ("the driver", r#"{"libraries": [{"path": "/usr/lib64/libnvidia-ml.so.550.54.15", "size": 2, "family": "driver"}]}"#, &["LG801"]),
    ("the driver, as an empty file", r#"{"libraries": [{"path": "/usr/lib64/libnvidia-ml.so.550.54.15", "size": 0, "family": "driver"}], "empty_driver_files": [{"path": "/usr/lib64/libnvidia-ml.so.550.54.15"}]}"#, &["LG803"]),
    ("the driver, as a stub", r#"{"libraries": [{"path": "/usr/local/cuda/lib64/stubs/libcuda.so", "size": 2, "family": "driver", "is_stub": true}]}"#, &[]),
    ("the driver of a Jetson", r#"{"libraries": [{"path": "/usr/lib/aarch64-linux-gnu/tegra/libcuda.so.1.1", "size": 2, "family": "driver"}]}"#, &[]),
    ("a stub in the way, under a name that nobody asks for", r#"{"libraries": [{"path": "/usr/local/cuda/lib64/stubs/libcuda.so", "family": "driver", "is_stub": true}], "search": [{"path": "/usr/local/cuda/lib64/stubs", "from": "library_path"}]}"#, &[]),
    ("a stub linked into a usual directory", r#"{"libraries": [{"path": "/usr/local/cuda/lib64/stubs/libcuda.so", "links": ["/usr/lib/x86_64-linux-gnu/libcuda.so.1"], "family": "driver", "is_stub": true}], "search": [{"path": "/usr/lib/x86_64-linux-gnu", "from": "default"}]}"#, &["LG802"]),
    ("a stub by the loader's configuration", r#"{"libraries": [{"path": "/opt/stubs/libcuda.so.1", "family": "driver", "is_stub": true}], "search": [{"path": "/opt/stubs", "from": {"configuration": "/etc/ld.so.conf.d/z.conf"}}]}"#, &["LG802"]),
    ("PyTorch for the processor on no image for GPUs", r#"{"torch": [{"path": "/torch/version.py", "version": "2.4.1+cpu"}]}"#, &[]),
    ("PyTorch of another maker's", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "torch": [{"path": "/torch/version.py", "version": "2.4.1+rocm6.1"}]}"#, &[]),
    ("PyTorch that was not read", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "torch": [{"path": "/torch/version.py"}]}"#, &[]),
    ("GPUs that are not asked for", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "void"]]}, "torch": [{"path": "/torch/version.py", "version": "2.4.1+cpu"}]}"#, &[]),
    ("onnxruntime", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "python": [{"name": "onnxruntime", "version": "1.22.0"}]}"#, &["LG805"]),
    ("onnxruntime and its sibling", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "python": [{"name": "onnxruntime", "version": "1.22.0"}, {"name": "onnxruntime-gpu", "version": "1.22.0"}]}"#, &[]),
    ("a library of TensorRT's is an option", r#"{"libraries": [{"path": "/x/libonnxruntime_providers_tensorrt.so", "family": "onnx_runtime", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libnvinfer.so.10"]}}}]}"#, &[]),
    ("the driver brings its own", r#"{"libraries": [{"path": "/x/libonnxruntime_providers_cuda.so", "family": "onnx_runtime", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libcuda.so.1", "libnvidia-ml.so.1"]}}}]}"#, &[]),
    ("alternatives, of which one is loaded", r#"{"libraries": [{"path": "/usr/lib/python3/dist-packages/bitsandbytes/libbitsandbytes_cuda110.so", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libcudart.so.11.0"]}, "code": {"sections": {"sm_75": 1}}}}]}"#, &[]),
    ("two things that are not there, said once", r#"{"libraries": [{"path": "/usr/lib/python3/dist-packages/torch/lib/libtorch_cuda.so", "family": "torch", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libcudnn.so.9", "libcublas.so.12"]}}}]}"#, &["LG806"]),
    ("another processor", r#"{"platform": {"os": "linux", "architecture": "amd64"}, "libraries": [{"path": "/x/libcudart.so.12", "family": "runtime", "elf": {"class": "elf64", "machine": "aarch64"}}]}"#, &["LG807"]),
    ("a toolkit's parts for other targets", r#"{"platform": {"os": "linux", "architecture": "amd64"}, "libraries": [{"path": "/usr/local/cuda/targets/sbsa-linux/lib/libcudart.so.12", "family": "runtime", "elf": {"class": "elf64", "machine": "aarch64"}}]}"#, &[]),
    ("a platform that is not known", r#"{"libraries": [{"path": "/x/libcudart.so.12", "family": "runtime", "elf": {"class": "elf64", "machine": "aarch64"}}]}"#, &[]),
    ("musl", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "libc": [{"path": "/lib/ld-musl-x86_64.so.1", "kind": "musl"}]}"#, &["LG808"]),
    ("musl with glibc", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "libc": [{"path": "/lib/ld-musl-x86_64.so.1", "kind": "musl"}, {"path": "/usr/glibc-compat/lib/libc.so.6", "kind": {"glibc": "2.35"}}]}"#, &[]),
    ("musl with gcompat", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "all"]]}, "libc": [{"path": "/lib/ld-musl-x86_64.so.1", "kind": "musl"}], "present": {"libgcompat.so.0": ["/lib"]}}"#, &[]),
    ("musl without GPUs", r#"{"libc": [{"path": "/lib/ld-musl-x86_64.so.1", "kind": "musl"}]}"#, &[]),
    ("two CUDAs", r#"{"libraries": [{"path": "/a/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"}, {"path": "/b/libcudart.so.13.0.48", "family": "runtime", "version": "13.0.48"}]}"#, &["LG809"]),
    ("one CUDA twice", r#"{"libraries": [{"path": "/a/libcudart.so.12.4.127", "family": "runtime", "version": "12.4.127"}, {"path": "/b/libcudart.so.12", "family": "runtime", "version": "12"}]}"#, &[]),
    ("two cuDNNs", r#"{"libraries": [{"path": "/a/libcudnn.so.8.9.7", "family": "cudnn", "version": "8.9.7"}, {"path": "/b/libcudnn_ops.so.9", "family": "cudnn", "version": "9"}]}"#, &["LG810"]),
    ("an old glibc", r#"{"libc": [{"path": "/lib/libc.so.6", "kind": {"glibc": "2.17"}}], "libraries": [{"path": "/x/libonnxruntime.so", "family": "onnx_runtime", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needs_glibc": "2.28"}}}]}"#, &["LG811"]),
    ("a glibc that was not read", r#"{"libc": [{"path": "/lib/libc.so.6", "kind": {"glibc": null}}], "libraries": [{"path": "/x/libonnxruntime.so", "family": "onnx_runtime", "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needs_glibc": "2.28"}}}]}"#, &[]),
    ("compat by configuration", r#"{"libraries": [{"path": "/usr/local/cuda-12.4/compat/libcuda.so.1", "size": 2, "family": "driver"}], "search": [{"path": "/usr/local/cuda-12.4/compat", "from": {"configuration": "/etc/ld.so.conf.d/988_cuda-12.conf"}}]}"#, &["LG812"]),
    ("compat that is empty", r#"{"search": [{"path": "/usr/local/cuda-12.4/compat", "from": "library_path"}]}"#, &[]),
    ("graphics alone, without CUDA", r#"{"configuration": {"environment": [["NVIDIA_DRIVER_CAPABILITIES", "graphics"]]}}"#, &[]),
    ("graphics alone, with CUDA", r#"{"configuration": {"environment": [["NVIDIA_DRIVER_CAPABILITIES", "graphics,utility"]]}, "toolkits": [{"path": "/usr/local/cuda-12.4", "version": "12.4.1"}]}"#, &["LG814"]),
    ("all capabilities", r#"{"configuration": {"environment": [["NVIDIA_DRIVER_CAPABILITIES", "all"]]}, "toolkits": [{"path": "/usr/local/cuda-12.4", "version": "12.4.1"}]}"#, &[]),
    ("one GPU by its UUID", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "GPU-3a23c669"]]}}"#, &["LG815"]),
    ("no GPU, and all", r#"{"configuration": {"environment": [["NVIDIA_VISIBLE_DEVICES", "none"], ["NVIDIA_VISIBLE_DEVICES", "all"]]}}"#, &[]),
];

#[rustfmt::skip]
const ON_AN_H100: &[Row] = &[
    ("parts of a package for one GPU each", r#"{"libraries": [
        {"path": "/usr/lib/python3/dist-packages/vllm/_flashmla_C.abi3.so", "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_100f": 1}}}},
        {"path": "/usr/lib/python3/dist-packages/vllm/_C.abi3.so", "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_80": 1, "sm_90": 1}}}}]}"#, &[]),
    ("a program of its own", r#"{"libraries": [{"path": "/app/main", "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_80": 1}}}}]}"#, &["LG804"]),
    ("code for linking alone", r#"{"libraries": [{"path": "/app/main", "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"lto_80": 1}}}}]}"#, &[]),
    ("NVIDIA's libraries", r#"{"libraries": [{"path": "/usr/local/cuda/lib64/libcufft.so.10", "family": "toolkit", "elf": {"class": "elf64", "machine": "x86_64", "code": {"sections": {"sm_80": 1}}}}]}"#, &[]),
    ("an old toolkit and the driver", r#"{"toolkits": [{"path": "/usr/local/cuda-13.0", "version": "13.0.1"}]}"#, &["LG813"]),
    ("a toolkit beside PyTorch", r#"{"toolkits": [{"path": "/usr/local/cuda-13.0", "version": "13.0.1"}], "torch": [{"path": "/torch/version.py", "version": "2.4.1+cu121", "cuda": "12.1"}]}"#, &[]),
    ("forward compatibility", r#"{"toolkits": [{"path": "/usr/local/cuda-13.0", "version": "13.0.1"}], "libraries": [{"path": "/usr/local/cuda-13.0/compat/libcuda.so.1", "size": 2, "family": "driver"}]}"#, &[]),
];

#[test]
fn images() {
    check(IMAGES, &Target::default());
}

#[test]
fn on_an_h100() {
    check(
        ON_AN_H100,
        &Target::new(Some("535.183.01"), &["H100".to_owned()]).expect("a machine"),
    );
}

#[test]
fn every_rule_has_a_row() {
    let found = |code: &str| {
        IMAGES
            .iter()
            .chain(ON_AN_H100)
            .any(|(_, _, codes)| codes.contains(&code))
    };
    let codes = RULES
        .iter()
        .map(|rule| rule.meta().code)
        .filter(|code| code.starts_with("LG8"));
    let missing: Vec<&str> = codes.filter(|code| !found(code)).collect();
    assert!(missing.is_empty(), "no row finds {missing:?}");
}
