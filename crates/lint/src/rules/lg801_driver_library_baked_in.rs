use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts};

declare_rule! {
    /// libraries of the driver are in the image
    ///
    /// ## What it does
    /// Finds `libcuda`, `libnvidia-ml` and the driver's other libraries as files of the image, outside of the directories for forward compatibility and of stubs.
    ///
    /// ## Why
    /// They have to be of the same version as the kernel's module, which is the host's. A copy in the image is found before, or beside, the host's on every other driver:
    /// error 803, `system has unsupported display driver / cuda driver combination`.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [{"path": "/usr/lib/x86_64-linux-gnu/libcuda.so.535.183.06", "size": 29000000, "family": "driver", "version": "535.183.06"}]}
    /// ```
    ///
    /// Use instead: the same without it; in a Dockerfile install `cuda-toolkit-12-8`, and neither `cuda` nor `nvidia-driver-535`.
    /// ```json,good
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/compat/libcuda.so.550.54.15", "size": 29000000, "family": "driver", "version": "550.54.15"}]}
    /// ```
    ///
    /// ## Sources
    /// E4S-Project/e4s#172; CUDA, error 803.
    DriverLibraryBakedIn, "LG801", "driver-library-baked-in", Warning, High
}

impl Rule for DriverLibraryBakedIn {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let baked: Vec<_> = image
            .of_family(Family::Driver)
            .filter(|library| !library.is_stub && library.size > 0 && !image::is_compat(image::directory(&library.path)))
            // On a Jetson the driver is part of the system, and images of it have their own parts.
            .filter(|library| !library.path.contains("/tegra"))
            .collect();
        let Some(first) = baked.first() else { return };
        let paths = image::paths(baked.iter().map(|library| library.path.as_str()));
        let finding = context.report(&Self::META, Span::at(0), format!("the driver's libraries are in the image: {paths}"));
        if let Some(step) = image.layers.get(first.layer).and_then(|layer| layer.created_by.as_deref()) {
            finding.because(format!("they came with the step `{}`", step.chars().take(120).collect::<String>()));
        }
        finding.because("they fit one version of the driver, and on others programs fail with error 803");
        finding.hint("leave them out: the host's are put in when the container starts");
    }
}
