use crate::context::Context;
use crate::model::{At, LoaderWay};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the loader is told to look into the toolkit's directory of stubs
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` that end in `stubs`, and lines that put such a directory into `/etc/ld.so.conf.d`, in images that are run.
    ///
    /// ## Why
    /// The libraries there are for the linker: `libcuda.so` without anything in it. Where the loader finds it before the driver's,
    /// every call fails with error 34, `CUDA_ERROR_STUB_LIBRARY`; and programs that only look whether there is a driver take it for one.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead: the linker's own variable, which `devel` images have set already, or `-L`.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ENV LIBRARY_PATH=/usr/local/cuda/lib64/stubs:${LIBRARY_PATH}
    /// ```
    ///
    /// ## Sources
    /// CUDA Driver API, `CUDA_ERROR_STUB_LIBRARY`; NVIDIA/nvidia-docker#1644.
    LibraryPathHasStubs, "LG303", "library-path-has-stubs", Warning, High
}

impl Rule for LibraryPathHasStubs {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        // What is only copied from never meets a driver: there the stubs are for what is run while building.
        if !at.build.is_shipped(at.stage) {
            return;
        }
        for directory in at.loader_directories() {
            // `ldconfig` with them is what builds do while there is no driver.
            if !directory.path.ends_with("/stubs") || directory.way == LoaderWay::Cache {
                continue;
            }
            let finding = context.report(&Self::META, directory.span, format!("{} stubs, which are for the linker", directory.way.subject()));
            finding.because("a program that loads the stub of `libcuda.so` fails with error 34, CUDA_ERROR_STUB_LIBRARY");
            finding.hint("take it out here; the linker finds stubs by `LIBRARY_PATH` or `-L`");
        }
    }
}
