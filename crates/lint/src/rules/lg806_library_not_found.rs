use crate::context::Context;
use crate::finding::Confidence;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts};
use std::collections::BTreeMap;

declare_rule! {
    /// a library of CUDA that something in the image needs is not in it
    ///
    /// ## What it does
    /// Goes through what the image's frameworks and CUDA libraries link to, and finds names of CUDA's that no file of the image has, and that the driver does not bring.
    ///
    /// ## Why
    /// `libcudnn.so.9: cannot open shared object file`. ONNX Runtime and TensorFlow do not fail at that: they compute on the processor.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [{"path": "/usr/lib/python3/dist-packages/onnxruntime/capi/libonnxruntime_providers_cuda.so", "family": "onnx_runtime",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libcudnn.so.9", "libc.so.6"]}}}]}
    /// ```
    ///
    /// ```json,good
    /// {"libraries": [{"path": "/usr/lib/python3/dist-packages/onnxruntime/capi/libonnxruntime_providers_cuda.so", "family": "onnx_runtime",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needed": ["libcudnn.so.9", "libc.so.6"]}}}],
    ///  "present": {"libcudnn.so.9": ["/usr/lib/x86_64-linux-gnu"]}}
    /// ```
    ///
    /// ## Sources
    /// microsoft/onnxruntime#22968, infiniflow/ragflow#905.
    LibraryNotFound, "LG806", "library-not-found", Warning, High
}

/// Beginnings of the names of libraries that an image has to have itself.
const OWN: &[&str] = &["libcudart", "libcublas", "libcudnn", "libcufft", "libcurand", "libcusolver", "libcusparse", "libnvrtc", "libnccl", "libnvinfer", "libnvToolsExt", "libnvJitLink", "libcupti", "libnpp", "libnvjpeg", "libcufile", "libnvshmem"];

impl Rule for LibraryNotFound {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let mut missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for library in image.libraries.iter().filter(|library| !library.is_stub && library.family != Some(Family::Driver)) {
            let Some(linking) = library.elf.as_ref().and_then(|elf| elf.linking.as_ref()) else {
                continue;
            };
            for name in &linking.needed {
                // What lies anywhere may be loaded by whoever knows where, as PyTorch does with the wheels of CUDA.
                if OWN.iter().any(|start| name.starts_with(start)) && !image.present.contains_key(name) {
                    missing.entry(name).or_default().push(&library.path);
                }
            }
        }
        // A tool beside the toolkit's libraries that is not used is no defect.
        for (name, askers) in missing {
            let askers: Vec<&str> = askers.into_iter().filter(|path| !path.contains("/nsight") && !path.contains("/extras/")).collect();
            if askers.is_empty() {
                continue;
            }
            let finding = context.report(&Self::META, Span::at(0), format!("`{name}` is not in the image"));
            if !image.gaps.is_empty() {
                finding.at_most(Confidence::Medium);
            }
            finding.because(format!("{} needs it", image::paths(askers.iter().copied())));
            finding.hint("build on an image that has it (`runtime`, `cudnn`), or install its wheel or package");
        }
    }
}
