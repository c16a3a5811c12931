//! The libraries that a CUDA program is linked with: they decide which flavour of the image it runs on.

use liftgate_cuda::image::Flavour;
use std::collections::BTreeSet;

/// A library.
#[derive(Debug)]
pub(crate) struct Library {
    /// `cublas`
    pub(crate) name: &'static str,
    /// What tells that it is used: a header, or the name by which build files link it.
    signs: &'static [&'static str],
    /// What nvcc is told.
    pub(crate) flag: &'static str,
    /// The smallest flavour that has it.
    pub(crate) flavour: Flavour,
}

const fn library(
    name: &'static str,
    signs: &'static [&'static str],
    flag: &'static str,
) -> Library {
    Library {
        name,
        signs,
        flag,
        flavour: Flavour::Runtime,
    }
}

/// `curand_kernel.h` is not among the signs: it is code for the GPU, and nothing is linked.
const LIBRARIES: &[Library] = &[
    library(
        "cublas",
        &[
            "cublas_v2.h",
            "cublas.h",
            "cublasXt.h",
            "-lcublas",
            "CUDA::cublas",
        ],
        "-lcublas",
    ),
    library(
        "cublasLt",
        &["cublasLt.h", "-lcublasLt", "CUDA::cublasLt"],
        "-lcublasLt",
    ),
    library(
        "cufft",
        &["cufft.h", "cufftXt.h", "-lcufft", "CUDA::cufft"],
        "-lcufft",
    ),
    library(
        "curand",
        &["curand.h", "-lcurand", "CUDA::curand"],
        "-lcurand",
    ),
    library(
        "cusolver",
        &[
            "cusolverDn.h",
            "cusolverSp.h",
            "-lcusolver",
            "CUDA::cusolver",
        ],
        "-lcusolver",
    ),
    library(
        "cusparse",
        &["cusparse.h", "-lcusparse", "CUDA::cusparse"],
        "-lcusparse",
    ),
    library("nccl", &["nccl.h", "-lnccl"], "-lnccl"),
    library(
        "npp",
        &["npp.h", "nppi.h", "npps.h", "-lnppc", "CUDA::npp"],
        "-lnppig -lnppc",
    ),
    library(
        "nvjpeg",
        &["nvjpeg.h", "-lnvjpeg", "CUDA::nvjpeg"],
        "-lnvjpeg",
    ),
    library("nvrtc", &["nvrtc.h", "-lnvrtc", "CUDA::nvrtc"], "-lnvrtc"),
    library(
        "cudnn",
        &["cudnn.h", "cudnn_frontend.h", "-lcudnn"],
        "-lcudnn",
    ),
    // The driver's: it comes into the container from the machine, and there is a stub to link with.
    Library {
        flavour: Flavour::Base,
        ..library(
            "cuda",
            &["<cuda.h>", "\"cuda.h\"", "-lcuda ", "CUDA::cuda_driver"],
            "-lcuda",
        )
    },
    Library {
        flavour: Flavour::Base,
        ..library(
            "nvidia-ml",
            &["nvml.h", "-lnvidia-ml", "CUDA::nvml"],
            "-lnvidia-ml",
        )
    },
];

/// The libraries that a source or a build file speaks of.
pub(crate) fn of_text(text: &str) -> impl Iterator<Item = &'static str> {
    let is_used = |library: &&Library| {
        library.signs.iter().any(|sign| {
            text.match_indices(sign).any(|(at, _)| {
                // `curand.h` is no part of `my_curand.h`, `-lcublas` none of `-lcublasLt`.
                let before = text[..at].chars().next_back();
                let after = text[at + sign.len()..].chars().next();
                let goes_on =
                    |one: Option<char>| one.is_some_and(|one| one.is_alphanumeric() || one == '_');
                !goes_on(before) && (!goes_on(after) || sign.ends_with(' '))
            })
        })
    };
    LIBRARIES.iter().filter(is_used).map(|library| library.name)
}

/// What nvcc is told, and the smallest flavour that has all of them; whether cuDNN is among them.
pub(crate) fn needs(names: &BTreeSet<&'static str>) -> (String, Flavour, bool) {
    let used: Vec<&Library> = LIBRARIES
        .iter()
        .filter(|library| names.contains(library.name))
        .collect();
    let flags: Vec<&str> = used.iter().map(|library| library.flag).collect();
    let flavour = used.iter().map(|library| library.flavour).max();
    (
        flags.join(" "),
        flavour.unwrap_or(Flavour::Base),
        names.contains("cudnn"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs() {
        let of = |text: &str| of_text(text).collect::<Vec<_>>();
        assert_eq!(
            of("#include <cublas_v2.h>\n#include <curand_kernel.h>\n"),
            ["cublas"]
        );
        assert_eq!(of("LIBS = -lcublasLt -lcudnn\n"), ["cublasLt", "cudnn"]);
        assert_eq!(
            of("target_link_libraries(x CUDA::cufft CUDA::cudart)"),
            ["cufft"]
        );
        assert_eq!(
            of("#include \"my_curand.h\"\n#include <cuda_runtime.h>\n"),
            [""; 0]
        );
        assert_eq!(of("#include <cuda.h>\n"), ["cuda"]);
    }

    #[test]
    fn flavours() {
        let needs = |names: &[&'static str]| needs(&names.iter().copied().collect());
        assert_eq!(needs(&[]), (String::new(), Flavour::Base, false));
        assert_eq!(
            needs(&["cuda"]),
            ("-lcuda".to_owned(), Flavour::Base, false)
        );
        assert_eq!(
            needs(&["cudnn", "cublas"]),
            ("-lcublas -lcudnn".to_owned(), Flavour::Runtime, true)
        );
    }
}
