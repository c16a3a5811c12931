use crate::context::Context;
use crate::finding::Confidence;
use crate::model::{At, LoaderDirectory, LoaderWay};
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the loader is told to look into the directory of CUDA's forward compatibility
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` that are a `compat` directory of a CUDA toolkit, `ldconfig` with such a directory, and lines that put one
    /// into `/etc/ld.so.conf.d`, in images that are run.
    ///
    /// ## Why
    /// It has another driver's `libcuda.so.1`. On a host whose driver is newer it is the older one, and CUDA fails with error 803; on a
    /// GeForce it fails with error 804; only on GPUs of the data centre with an older driver is it what is wanted. The container runtime
    /// knows which it is, and puts the directory in front where it helps.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/usr/local/cuda/compat:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// RUN echo /usr/local/cuda/compat > /etc/ld.so.conf.d/compat.conf && ldconfig
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/opt/lib:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// ## Sources
    /// CUDA Compatibility, "Forward Compatibility"; NVIDIA/nvidia-docker#1256, #1294, ai-dynamo/nixl#441.
    LibraryPathHasCompat, "LG304", "library-path-has-compat", Warning, High
}

impl Rule for LibraryPathHasCompat {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        // While something is built there is no driver that it could hide.
        if !at.build.is_shipped(at.stage) {
            return;
        }
        for directory in at.loader_directories() {
            let LoaderDirectory { span, path, way } = directory;
            if !is_compat(&path) {
                continue;
            }
            let finding = context.report(&Self::META, span, format!("{} `{path}`, which has another driver's libcuda", way.subject()));
            finding.because("on a host with a newer driver CUDA fails with error 803, on a GeForce with 804");
            if way == LoaderWay::Cache {
                finding.at_most(Confidence::Medium).because("runtimes that make the cache anew when a container starts undo it: then it does nothing");
            }
            finding.hint("take it out: the container runtime uses it where it helps");
        }
    }
}

/// Whether a directory is that of forward compatibility, of any version.
fn is_compat(path: &str) -> bool {
    path.contains("cuda") && (path.ends_with("/compat") || path.ends_with("/compat/lib") || path.ends_with("/compat/lib.real"))
}
