//! What a library is for, by its name; and the version in the name.

use crate::facts::Family;

/// Libraries that only the host's driver can supply, by the beginnings of their names.
const DRIVER: &[&str] = &[
    "libcuda.so",
    "libcudadebugger.so",
    "libnvcuvid.so",
    "libnvidia-",
    "libGLX_nvidia.so",
    "libEGL_nvidia.so",
    "libGLESv1_CM_nvidia.so",
    "libGLESv2_nvidia.so",
    "libvdpau_nvidia.so",
    "libnvoptix.so",
    "libnvcuextend.so",
];

/// Libraries called `libnvidia-…` that are not the driver's.
const NOT_DRIVER: &[&str] = &["libnvidia-container", "libnvidia-egl-"];

/// By what stands between `lib` and the next `.`, `_` or `-`, the first that fits.
const OTHERS: &[(&str, Family)] = &[
    ("cudart", Family::Runtime),
    ("cublas", Family::Cublas),
    ("cublasLt", Family::Cublas),
    ("nvblas", Family::Cublas),
    ("cudnn", Family::Cudnn),
    ("nccl", Family::Nccl),
    ("cufft", Family::Toolkit),
    ("cufftw", Family::Toolkit),
    ("curand", Family::Toolkit),
    ("cusolver", Family::Toolkit),
    ("cusolverMg", Family::Toolkit),
    ("cusparse", Family::Toolkit),
    ("nvjpeg", Family::Toolkit),
    ("nvrtc", Family::Toolkit),
    ("nvrtc-builtins", Family::Toolkit),
    ("nvJitLink", Family::Toolkit),
    ("nvToolsExt", Family::Toolkit),
    ("cupti", Family::Toolkit),
    ("cufile", Family::Toolkit),
    ("nvfatbin", Family::Toolkit),
    ("nvvm", Family::Toolkit),
    ("cuinj64", Family::Toolkit),
    ("nvinfer", Family::TensorRt),
    ("nvonnxparser", Family::TensorRt),
    ("nvparsers", Family::TensorRt),
    ("torch", Family::Torch),
    ("c10", Family::Torch),
    ("tensorflow", Family::TensorFlow),
    ("onnxruntime", Family::OnnxRuntime),
    ("nvshmem", Family::Further),
    ("cusparseLt", Family::Further),
    ("cutensor", Family::Further),
    ("cudss", Family::Further),
    ("cublasmp", Family::Further),
    ("cufftmp", Family::Further),
    ("custatevec", Family::Further),
    ("cugraph", Family::Further),
    ("cudf", Family::Further),
    ("cuml", Family::Further),
    ("raft", Family::Further),
];

/// What a library of this file name is for.
pub(crate) fn of(name: &str) -> Option<Family> {
    if !is_shared_object(name) {
        return None;
    }
    if DRIVER.iter().any(|start| name.starts_with(start)) {
        let is_another = NOT_DRIVER.iter().any(|start| name.starts_with(start));
        return (!is_another).then_some(Family::Driver);
    }
    if name.starts_with("xla_cuda") || name.starts_with("pjrt_c_api_gpu") {
        return Some(Family::Jax);
    }
    let stem = name.strip_prefix("lib")?;
    let stem = stem.split(".so").next().unwrap_or(stem);
    // NPP is a dozen libraries: libnppc, libnppial …
    if stem.strip_prefix("npp").is_some_and(|rest| rest.len() <= 4) {
        return Some(Family::Toolkit);
    }
    OTHERS.iter().find_map(|(known, family)| {
        let rest = stem.strip_prefix(known)?;
        // auditwheel puts a hash behind a name: libcudart-9335f6a2.so.12.
        let is_it = rest.is_empty() || rest.starts_with(['_', '-', '.']);
        is_it.then_some(*family)
    })
}

/// `libx.so`, `libx.so.1.2`; also a module without `lib`.
pub(crate) fn is_shared_object(name: &str) -> bool {
    match name.split_once(".so") {
        Some((stem, rest)) => !stem.is_empty() && (rest.is_empty() || rest.starts_with('.')),
        None => false,
    }
}

/// The version in a name: `12.1.105` of `libcudart.so.12.1.105`.
pub(crate) fn version(name: &str) -> Option<&str> {
    let (_, version) = name.split_once(".so.")?;
    let is_version = version
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    is_version.then_some(version)
}

/// Whether a file of this path is the driver's, library or not: with no content, it is what a `docker commit` has left of
/// a mount.
pub(crate) fn is_drivers(path: &str) -> bool {
    const PROGRAMS: &[&str] = &[
        "nvidia-smi",
        "nvidia-debugdump",
        "nvidia-persistenced",
        "nvidia-cuda-mps-control",
        "nvidia-cuda-mps-server",
        "nvidia-imex",
        "nvidia-imex-ctl",
        "nvidia_drv.so",
        "nvidia_icd.json",
        "nvidia_layers.json",
        "10_nvidia.json",
        "10_nvidia_wayland.json",
        "15_nvidia_gbm.json",
        "nvoptix.bin",
    ];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_firmware = directory.contains("/firmware/nvidia/") && name.starts_with("gsp");
    of(name) == Some(Family::Driver)
        || PROGRAMS.contains(&name)
        || is_firmware
        || (name.starts_with("libglxserver_nvidia.so"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_family() {
        for (name, family) in [
            ("libcuda.so.1", Some(Family::Driver)),
            ("libcuda.so.535.183.06", Some(Family::Driver)),
            ("libnvidia-ml.so.1", Some(Family::Driver)),
            ("libnvidia-container.so.1", None),
            ("libcudart.so.12.1.105", Some(Family::Runtime)),
            ("libcudart-9335f6a2.so.12", Some(Family::Runtime)),
            ("libcublasLt.so.12", Some(Family::Cublas)),
            ("libcudnn_ops_infer.so.8", Some(Family::Cudnn)),
            ("libcudnn_engines_precompiled.so.9", Some(Family::Cudnn)),
            ("libnppial.so.12", Some(Family::Toolkit)),
            ("libnvrtc-builtins.so.12.1", Some(Family::Toolkit)),
            ("libcusparseLt.so.0", Some(Family::Further)),
            ("libcusparse.so.12", Some(Family::Toolkit)),
            ("libtorch_cuda.so", Some(Family::Torch)),
            ("libc10_cuda.so", Some(Family::Torch)),
            (
                "libonnxruntime_providers_cuda.so",
                Some(Family::OnnxRuntime),
            ),
            ("libtensorflow_framework.so.2", Some(Family::TensorFlow)),
            ("xla_cuda_plugin.so", Some(Family::Jax)),
            ("libc.so.6", None),
            ("libtorchvision.so", None),
            ("libcuda.a", None),
            ("libcudart_static.a", None),
            ("libnvidia-ml.sources", None),
        ] {
            assert_eq!(of(name), family, "{name}");
        }
    }

    #[test]
    fn names_have_a_version() {
        assert_eq!(version("libcudart.so.12.1.105"), Some("12.1.105"));
        assert_eq!(version("libcudnn.so.9"), Some("9"));
        assert_eq!(version("libcudnn.so"), None);
        assert_eq!(version("libx.so.1.txt"), None);
        assert_eq!(version("libx.so."), None);
    }

    #[test]
    fn the_drivers_files_are_known_by_name() {
        for path in [
            "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15",
            "/usr/bin/nvidia-smi",
            "/usr/lib/firmware/nvidia/550.54.15/gsp_ga10x.bin",
        ] {
            assert!(is_drivers(path), "{path}");
        }
        for path in [
            "/usr/bin/nvidia-ctk",
            "/usr/lib/libcudart.so.12",
            "/gsp.bin",
        ] {
            assert!(!is_drivers(path), "{path}");
        }
    }
}
