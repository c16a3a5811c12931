use crate::context::Context;
use crate::finding::Fix;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// `LD_LIBRARY_PATH` names a file where it takes directories
    ///
    /// ## What it does
    /// Finds entries of `LD_LIBRARY_PATH` that end like a library's file (`libfoo.so.1`, `libfoo.a`).
    ///
    /// ## Why
    /// The loader looks for libraries *in* each entry. An entry that is a file is passed over without a word, and the library is
    /// not found.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/mine/libmine.so:/opt/lib
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/mine:/opt/lib
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM ubuntu:22.04
    /// ENV LD_LIBRARY_PATH=/opt/mine:/opt/lib
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: other libraries of that directory are found then, too.
    ///
    /// ## Sources
    /// ld.so(8); NVIDIA/nvidia-container-toolkit#254.
    LibraryPathHasFile, "LG301", "library-path-has-file", Error, High
}

impl Rule for LibraryPathHasFile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for setting in at.path_settings("LD_LIBRARY_PATH") {
            for entry in setting.entries {
                let Some((directory, file)) = entry.text.rsplit_once('/') else {
                    continue;
                };
                let version = file.split_once(".so.").map(|(_, version)| version);
                let is_version = version.is_some_and(|version| version.starts_with(|digit: char| digit.is_ascii_digit()));
                let is_library = file.starts_with("lib") && (file.ends_with(".so") || is_version || file.ends_with(".a"));
                if !is_library {
                    continue;
                }
                let directory = if directory.is_empty() { "/" } else { directory };
                let finding = context.report(&Self::META, entry.span, format!("`{}` is a file, and `LD_LIBRARY_PATH` takes directories", entry.written));
                finding.hint(format!("name the directory, `{directory}`"));
                if entry.text == entry.written && entry.span != setting.pair.value.span {
                    finding.fix(Fix::unsafe_(format!("name the directory `{directory}`")).replace(entry.span, directory));
                }
            }
        }
    }
}
