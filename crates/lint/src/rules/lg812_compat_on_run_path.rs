use crate::context::Context;
use crate::finding::Confidence;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts, SearchOrigin};

declare_rule! {
    /// the libraries of forward compatibility are always found
    ///
    /// ## What it does
    /// Finds the directory `compat` of CUDA in `LD_LIBRARY_PATH` or in the loader's configuration.
    ///
    /// ## Why
    /// They stand before the host's driver then, also where that is newer or the GPU is none of the data centre: error 804, `forward compatibility was attempted on non
    /// supported HW`, or 803. Whether they are needed is known when the container starts, and they are put in then.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/compat/libcuda.so.550.54.15", "size": 29000000, "family": "driver"}],
    ///  "search": [{"path": "/usr/local/cuda-12.4/compat", "from": "library_path"}]}
    /// ```
    ///
    /// ```json,good
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/compat/libcuda.so.550.54.15", "size": 29000000, "family": "driver"}],
    ///  "search": [{"path": "/usr/local/cuda-12.4/lib64", "from": "library_path"}]}
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Forward Compatibility"; CUDA, error 804.
    CompatOnRunPath, "LG812", "compat-on-run-path", Warning, High
}

impl Rule for CompatOnRunPath {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        for searched in image.search.iter().filter(|searched| image::is_compat(&searched.path)) {
            let from = match &searched.from {
                SearchOrigin::LibraryPath => "`LD_LIBRARY_PATH`".to_owned(),
                SearchOrigin::Configuration(file) => format!("`{file}`"),
                SearchOrigin::Default => continue,
            };
            if !image.of_family(Family::Driver).any(|library| image::directory(&library.path) == searched.path) {
                continue;
            }
            let finding = context.report(&Self::META, Span::at(0), format!("`{}` is in the loader's way, by {from}", searched.path));
            if searched.from != SearchOrigin::LibraryPath {
                finding.at_most(Confidence::Medium);
            }
            finding.because("its libcuda is found before the host's: error 804 on GPUs that it is not for");
            finding.hint("take it out: the libraries are put in at the start where they are needed");
        }
    }
}
