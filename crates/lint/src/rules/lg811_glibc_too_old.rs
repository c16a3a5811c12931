use crate::context::Context;
use crate::model::image;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_image::facts::{Family, ImageFacts, LibcKind};

declare_rule! {
    /// a library needs a newer glibc than the image has
    ///
    /// ## What it does
    /// Compares the version of glibc that each CUDA library and framework asks for with that of the image.
    ///
    /// ## Why
    /// The loader refuses it: ``version `GLIBC_2.34' not found``. It comes of files that were compiled on, or copied from, a newer system.
    ///
    /// ## Example
    /// ```json,bad
    /// {"libc": [{"path": "/lib/x86_64-linux-gnu/libc.so.6", "kind": {"glibc": "2.31"}}],
    ///  "libraries": [{"path": "/opt/lib/libtorch_cuda.so", "family": "torch",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needs_glibc": "2.34"}}}]}
    /// ```
    ///
    /// ```json,good
    /// {"libc": [{"path": "/lib/x86_64-linux-gnu/libc.so.6", "kind": {"glibc": "2.35"}}],
    ///  "libraries": [{"path": "/opt/lib/libtorch_cuda.so", "family": "torch",
    ///   "elf": {"class": "elf64", "machine": "x86_64", "linking": {"needs_glibc": "2.34"}}}]}
    /// ```
    GlibcTooOld, "LG811", "glibc-too-old", Error, High
}

impl Rule for GlibcTooOld {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn image(&self, image: &ImageFacts, context: &mut Context<'_>) {
        let versions = image.libc.iter().map(|libc| match libc.kind {
            LibcKind::Glibc(version) => version,
            LibcKind::Musl => None,
        });
        // Of two, a program takes one or the other; of none, nothing can be said.
        let Some(versions) = versions.collect::<Option<Vec<_>>>() else {
            return;
        };
        let Some(has) = versions.into_iter().max() else { return };
        let needs = |library: &liftgate_image::facts::Library| library.elf.as_ref()?.linking.as_ref()?.needs_glibc;
        let newer: Vec<_> = image
            .libraries
            .iter()
            .filter(|library| library.family != Some(Family::Driver))
            .filter_map(|library| Some((library.path.as_str(), needs(library)?)))
            .filter(|(_, needs)| *needs > has)
            .collect();
        let Some(most) = newer.iter().map(|(_, needs)| *needs).max() else {
            return;
        };
        let finding = context.report(&Self::META, Span::at(0), format!("libraries need glibc {most}, and the image has {has}: {}", image::paths(newer.iter().map(|(path, _)| *path))));
        finding.because("the loader refuses them, version not found");
        finding.hint("compile on the system that it runs on, or build on a newer one");
    }
}
