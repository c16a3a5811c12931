use crate::context::Context;
use crate::finding::Confidence;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_cuda::DriverVerdict;
use liftgate_cuda::framework::judge_in_image;
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts};

declare_rule! {
    /// the CUDA in the image is too new for the driver
    ///
    /// ## What it does
    /// With a driver to compare with, judges the CUDA of the image's PyTorch, or of its toolkit where there is no PyTorch.
    ///
    /// ## Why
    /// Error 35, `CUDA driver version is insufficient for CUDA runtime version`; PyTorch warns once and computes on the processor.
    ///
    /// ## Example
    /// ```json,bad,driver=535.183.01
    /// {"torch": [{"path": "/usr/lib/python3/dist-packages/torch/version.py", "version": "2.11.0+cu130", "cuda": "13.0"}]}
    /// ```
    ///
    /// ```json,good,driver=535.183.01
    /// {"torch": [{"path": "/usr/lib/python3/dist-packages/torch/version.py", "version": "2.11.0+cu126", "cuda": "12.6"}]}
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Minor Version Compatibility".
    DriverTooOldForImage, "LG813", "driver-too-old-for-image", Error, High
}

impl Rule for DriverTooOldForImage {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let Some(driver) = context.target.driver.clone() else {
            return;
        };
        let has_compat = image.of_family(Family::Driver).any(|library| image::is_compat(image::directory(&library.path)));
        let versions = image::cuda_versions(image);
        // PyTorch has its own CUDA; the toolkit beside it may serve nothing.
        let is_torch = |what: &str| what.starts_with("PyTorch");
        let has_torch = versions.iter().any(|(_, what)| is_torch(what));
        let gpus = context.target.gpus.clone();
        let may_help = has_compat && gpus.is_empty();
        for (cuda, what) in versions.into_iter().filter(|(_, what)| !has_torch || is_torch(what)) {
            let gpus: Vec<_> = if gpus.is_empty() { vec![None] } else { gpus.iter().map(Some).collect() };
            let floor = gpus.into_iter().find_map(|gpu| match judge_in_image(cuda, &driver, gpu, has_compat) {
                DriverVerdict::Refused { floor, .. } => Some(floor),
                _ => None,
            });
            let Some(floor) = floor else { continue };
            let finding = context.report(&Self::META, Span::at(0), format!("{what} has CUDA {cuda}, which does not run on {driver}"));
            if may_help {
                finding.at_most(Confidence::Medium);
            }
            finding.because(format!("it needs driver {floor} or newer"));
            finding.hint(format!("use a driver from {floor} on, or an image of an older CUDA"));
        }
    }
}
