use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{ImageFacts, SearchOrigin};

declare_rule! {
    /// the loader finds the stub of a driver's library
    ///
    /// ## What it does
    /// Finds a directory `stubs` in `LD_LIBRARY_PATH` or in the loader's configuration, if the stub in it has the name that programs ask for, `libcuda.so.1`.
    ///
    /// ## Why
    /// A stub is there to link with. At run time it stands before the real one, and every call fails with error 34, `CUDA driver is a stub library`.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/lib64/stubs/libcuda.so", "links": ["/usr/local/cuda-12.4/lib64/stubs/libcuda.so.1"], "family": "driver", "is_stub": true}],
    ///  "search": [{"path": "/usr/local/cuda-12.4/lib64/stubs", "from": "library_path"}]}
    /// ```
    ///
    /// Use instead: name the directory to the linker alone, `-L/usr/local/cuda/lib64/stubs`.
    /// ```json,good
    /// {"libraries": [{"path": "/usr/local/cuda-12.4/lib64/stubs/libcuda.so", "family": "driver", "is_stub": true}],
    ///  "search": [{"path": "/usr/local/cuda-12.4/lib64", "from": "library_path"}]}
    /// ```
    ///
    /// ## Sources
    /// CUDA, error 34.
    StubOnRunPath, "LG802", "stub-on-run-path", Error, High
}

impl Rule for StubOnRunPath {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        for library in image.libraries.iter().filter(|library| library.is_stub) {
            let names = std::iter::once(&library.path).chain(&library.links);
            let found = names.filter(|name| name.ends_with(".so.1")).find_map(|name| {
                let directory = image::directory(name);
                image.search.iter().find(|searched| searched.path == directory).map(|searched| (name, searched))
            });
            let Some((name, searched)) = found else { continue };
            let finding = context.report(&Self::META, Span::at(0), format!("programs find the stub `{name}`"));
            finding.because(match &searched.from {
                SearchOrigin::LibraryPath => format!("`LD_LIBRARY_PATH` has `{}`", searched.path),
                SearchOrigin::Configuration(file) => format!("`{file}` has `{}`", searched.path),
                SearchOrigin::Default => format!("every loader looks into `{}`", searched.path),
            });
            finding.because("with it every call fails with error 34, a stub library");
            finding.hint("take the directory out of the loader's way, and the link away");
        }
    }
}
