use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{ImageFacts, Machine};

declare_rule! {
    /// libraries in the image are for another processor than the image
    ///
    /// ## What it does
    /// Compares the architecture of the image's configuration with that of the CUDA libraries in it.
    ///
    /// ## Why
    /// `wrong ELF class`, `exec format error`: they cannot be loaded. It comes of a `COPY --from` of an image of another platform.
    ///
    /// ## Example
    /// ```json,bad
    /// {"platform": {"os": "linux", "architecture": "arm64"},
    ///  "libraries": [{"path": "/usr/local/cuda/lib64/libcudart.so.12.4.127", "family": "runtime", "elf": {"class": "elf64", "machine": "x86_64"}}]}
    /// ```
    ///
    /// ```json,good
    /// {"platform": {"os": "linux", "architecture": "amd64"},
    ///  "libraries": [{"path": "/usr/local/cuda/lib64/libcudart.so.12.4.127", "family": "runtime", "elf": {"class": "elf64", "machine": "x86_64"}}]}
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1116.
    OtherArchitecture, "LG807", "other-architecture", Warning, High
}

impl Rule for OtherArchitecture {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let own = match image.platform.architecture.as_str() {
            "amd64" => Machine::X86_64,
            "arm64" => Machine::Aarch64,
            _ => return,
        };
        let others: Vec<&str> = image
            .libraries
            .iter()
            .filter(|library| library.elf.as_ref().is_some_and(|elf| elf.machine != own && matches!(elf.machine, Machine::X86_64 | Machine::Aarch64)))
            // Nsight and cross toolkits have parts for targets of other architectures.
            .filter(|library| !["/targets/", "/nsight", "/extras/", "/target-"].iter().any(|part| library.path.contains(part)))
            .map(|library| library.path.as_str())
            .collect();
        if others.is_empty() {
            return;
        }
        let finding = context.report(&Self::META, Span::at(0), format!("libraries are for another processor than the image, which is {}: {}", image.platform.architecture, image::paths(others)));
        finding.because("they cannot be loaded there");
        finding.hint("build each stage for the same platform");
    }
}
