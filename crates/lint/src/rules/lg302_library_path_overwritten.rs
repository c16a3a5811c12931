use crate::context::Context;
use crate::finding::{Fix, Severity};
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `LD_LIBRARY_PATH` is set without what the image has in it
    ///
    /// ## What it does
    /// Finds `ENV LD_LIBRARY_PATH=…` that leaves out the value of NVIDIA's CUDA image that it is built on.
    ///
    /// ## Why
    /// The image says there where its libraries are (`/usr/local/cuda/lib64`), and since CUDA 13 also where drivers of some clusters are
    /// mounted (`/usr/local/nvidia/lib64`). Without it, a program may not find what lies in front of it.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:13.0.3-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/opt/lib
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:13.0.3-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/opt/lib:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:13.0.3-runtime-ubuntu24.04
    /// ENV LD_LIBRARY_PATH=/opt/lib:${LD_LIBRARY_PATH}
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what was hidden by the old value is found then.
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#1644; the images' Dockerfiles.
    LibraryPathOverwritten, "LG302", "library-path-overwritten", Warning, Medium
}

impl Rule for LibraryPathOverwritten {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("LD_LIBRARY_PATH") {
            // Only what the base image has set is somebody else's. An ENV of this file that came before was this author's.
            let Some(before) = setting.before.filter(|before| before.span.is_none() && !before.text.is_empty()) else {
                continue;
            };
            if setting.keeps {
                continue;
            }
            let has = |directory: &str| {
                setting.entries.iter().any(|entry| {
                    let text = entry.text.trim_end_matches('/');
                    // Of a directory that is a link to it, or of the same toolkit's by its version.
                    text == directory || directory.starts_with("/usr/local/cuda/") && text.starts_with("/usr/local/cuda")
                })
            };
            let missing: Vec<&str> = before
                .text
                .split(':')
                .map(|directory| directory.trim_end_matches('/'))
                .filter(|directory| !directory.is_empty() && !has(directory))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let is_of_clusters = missing.iter().all(|directory| directory.starts_with("/usr/local/nvidia"));
            let value = &setting.pair.value;
            let finding = context.report(&Self::META, value.span, format!("`LD_LIBRARY_PATH` loses {}", shown(&missing)));
            finding.because(format!("the image has set it to `{}`", before.text));
            if is_of_clusters {
                finding.severity(Severity::Note).because("clusters that mount the driver there (GKE) need it; elsewhere there is nothing in it");
            }
            finding.hint("write `:${LD_LIBRARY_PATH}` behind the new directories");
            let source = value.span.of(at.build.file.text);
            if source == value.value && !source.is_empty() {
                finding.fix(Fix::unsafe_("keep the image's directories").insert(value.span.end, ":${LD_LIBRARY_PATH}"));
            }
        }
    }
}

fn shown(directories: &[&str]) -> String {
    let quoted: Vec<String> = directories.iter().map(|directory| format!("`{directory}`")).collect();
    quoted.join(" and ")
}
