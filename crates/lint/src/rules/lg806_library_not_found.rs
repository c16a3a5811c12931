use crate::context::Context;
use crate::finding::Confidence;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::ImageFacts;
use std::collections::BTreeSet;

declare_rule! {
    /// a library of CUDA that something in the image needs is not in it
    ///
    /// ## What it does
    /// Goes through what the image's frameworks link to, and finds names of CUDA's that no file of the image has, and that the driver does not bring.
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
        for group in image::groups(image) {
            // What lies anywhere may be loaded by whoever knows where, as PyTorch does with the wheels of CUDA.
            let is_missing = |name: &&String| OWN.iter().any(|start| name.starts_with(start)) && !image.present.contains_key(*name);
            // Without a family they may be alternatives, of which one is loaded; and TensorRT is an option.
            let libraries = group.libraries.iter().filter(|library| library.family.is_some() && !library.path.contains("providers_tensorrt"));
            let linking = libraries.filter_map(|library| library.elf.as_ref()?.linking.as_ref());
            let missing: BTreeSet<&String> = linking.flat_map(|linking| &linking.needed).filter(is_missing).collect();
            if missing.is_empty() {
                continue;
            }
            let are = if missing.len() == 1 { "a library that is" } else { "libraries that are" };
            let finding = context.report(&Self::META, Span::at(0), format!("{} needs {are} not in the image: {}", group.name, image::paths(missing.iter().map(|name| name.as_str()))));
            if !image.gaps.is_empty() {
                finding.at_most(Confidence::Medium);
            }
            finding.because(format!("it is in {}", image::paths(group.libraries.iter().map(|library| library.path.as_str()))));
            finding.hint("install the wheels or packages that have them, or build on an image that does (`runtime`, `cudnn`)");
        }
    }
}
