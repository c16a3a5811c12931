use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// a library of another major version is linked under the wanted name
    ///
    /// ## What it does
    /// Finds `ln -s` that gives a library of CUDA the name of another major version: `libcudart.so.12` as `libcudart.so.11.0`, `libcudnn.so.9` as `libcudnn.so.8`.
    ///
    /// ## Why
    /// Another major version is another interface. The loader is content, and the program crashes, or computes something else, where the two differ.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-cudnn-runtime-ubuntu24.04
    /// RUN ln -s /usr/lib/x86_64-linux-gnu/libcudnn.so.9 /usr/lib/x86_64-linux-gnu/libcudnn.so.8
    /// ```
    ///
    /// Use instead: an image, or a wheel, with the version that the program was built for.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04
    /// ```
    ///
    /// ## Sources
    /// P39 and P90 of what users meet: tensorflow/tensorflow#62412, microsoft/onnxruntime#22968.
    SonameFaked, "LG307", "soname-faked", Warning, Medium
}

/// Libraries whose names have the major version of their interface.
const LIBRARIES: &[&str] = &[
    "libcudart", "libcublas", "libcublasLt", "libcudnn", "libcufft", "libcurand", "libcusolver", "libcusparse", "libnvrtc", "libnvinfer", "libnccl", "libnppc",
];

/// The library of a path, and its major version.
fn version(path: &str) -> Option<(&str, &str)> {
    let name = path.rsplit('/').next()?;
    let (library, version) = name.split_once(".so.")?;
    let major = version.split('.').next()?;
    let is_known = LIBRARIES.iter().any(|known| *known == library || library.starts_with("libcudnn_"));
    (is_known && !major.is_empty() && major.bytes().all(|byte| byte.is_ascii_digit())).then_some((library, major))
}

impl Rule for SonameFaked {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, _at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        if !matches!(command.program(), Some("ln" | "cp")) {
            return;
        }
        let operands: Vec<_> = command.arguments().iter().filter(|word| !word.value.starts_with('-')).collect();
        let [source, destination] = operands.as_slice() else {
            return;
        };
        let (Some(one), Some(other)) = (version(&source.value), version(&destination.value)) else {
            return;
        };
        if one.0 == other.0 && one.1 != other.1 {
            let sentence = format!("`{}` of version {} is called version {}", one.0, one.1, other.1);
            context
                .report(&Self::META, command.span, sentence)
                .because("another major version is another interface: what was built for the one crashes with the other")
                .hint(format!("install `{}` of version {}, or what was built for version {}", one.0, other.1, one.1));
        }
    }
}
