//! Python packages with CUDA code of their own, which is compiled where they are installed.

use super::base::Tool;
use super::build::At;
use liftgate_dockerfile::Span;

/// A package that is compiled in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Where it is named.
    pub span: Span,
    /// Its name; `None`: the project's own (`setup.py develop`).
    pub name: Option<&'static str>,
    /// The number of the command.
    pub command: usize,
    /// What it does when no GPU is seen.
    pub without_gpu: WithoutGpu,
}

/// What the build of an extension does where it sees no GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutGpu {
    /// It leaves its CUDA code out, unless `FORCE_CUDA=1` is set.
    LeavesOut,
    /// It compiles for what `TORCH_CUDA_ARCH_LIST` says, and asks the GPU where that is not set.
    Asks,
    /// It ends, unless a variable of its own is set.
    Ends(&'static str),
}

/// Packages that are built from source wherever they come from, and what they do without a GPU. Those that choose their
/// architectures themselves (flash-attn, apex, xformers, Transformer Engine) are not among them.
const EXTENSIONS: &[(&str, WithoutGpu)] = &[
    ("pytorch3d", WithoutGpu::LeavesOut),
    ("detectron2", WithoutGpu::LeavesOut),
    ("maskrcnn-benchmark", WithoutGpu::LeavesOut),
    ("kaolin", WithoutGpu::LeavesOut),
    ("minkowskiengine", WithoutGpu::LeavesOut),
    ("groundingdino", WithoutGpu::Asks),
    ("diff-gaussian-rasterization", WithoutGpu::Asks),
    ("simple-knn", WithoutGpu::Asks),
    ("pointnet2_ops_lib", WithoutGpu::Asks),
    ("gptq-for-llama", WithoutGpu::Asks),
    ("tiny-cuda-nn", WithoutGpu::Ends("TCNN_CUDA_ARCHITECTURES")),
];

/// The extension that an address or a path names.
fn named(text: &str) -> Option<(&'static str, WithoutGpu)> {
    let lower = text.to_lowercase();
    // `git+https://…/pytorch3d.git@stable`, `…/tiny-cuda-nn/#subdirectory=bindings/torch`, `./detectron2`
    let path = lower.split(['#', '?']).next().unwrap_or_default();
    let is_file = path.ends_with(".whl") || path.ends_with(".zip");
    let names = |name: &str| {
        path.split('/').any(|part| {
            part.split('@')
                .next()
                .unwrap_or_default()
                .trim_end_matches(".git")
                == name
        })
    };
    EXTENSIONS
        .iter()
        .find(|(name, _)| !is_file && names(name))
        .copied()
}

impl At<'_> {
    /// The extensions that this step compiles.
    pub fn extensions(&self) -> Vec<Extension> {
        let mut found = Vec::new();
        for (number, install) in &self.step.pip {
            for source in &install.sources {
                // `cd detectron2 && pip install -e .`
                let directory = matches!(source.text.trim_end_matches('/'), "." | "")
                    .then(|| self.directory_of(*number))
                    .flatten();
                if let Some((name, without_gpu)) = named(directory.unwrap_or(&source.text)) {
                    found.push(Extension {
                        span: source.span,
                        name: Some(name),
                        command: *number,
                        without_gpu,
                    });
                }
            }
        }
        for (number, command) in self.step.commands.iter().enumerate() {
            let is_python = command.program().and_then(Tool::of) == Some(Tool::Python);
            let words = command.arguments();
            let Some(script) = words
                .iter()
                .find(|word| is_python && word.value.ends_with("setup.py"))
            else {
                continue;
            };
            if !words.iter().any(|word| {
                matches!(
                    word.value.as_str(),
                    "install" | "develop" | "build" | "build_ext" | "bdist_wheel"
                )
            }) {
                continue;
            }
            let known = self
                .directory_of(number)
                .and_then(named)
                .or_else(|| named(&script.value));
            // What is fetched in the same step and is not known may choose its architectures itself, as most do.
            let before = &self.step.commands[number.saturating_sub(64)..number];
            let is_fetched = before
                .iter()
                .any(|one| matches!(one.program(), Some("git" | "wget" | "curl")));
            if known.is_none() && is_fetched {
                continue;
            }
            found.push(Extension {
                span: script.span,
                name: known.map(|(name, _)| name),
                command: number,
                without_gpu: known.map_or(WithoutGpu::Asks, |(_, without_gpu)| without_gpu),
            });
        }
        found
    }

    /// Where the last `cd` before a command of this step goes.
    fn directory_of(&self, command: usize) -> Option<&str> {
        let before = self.step.commands.get(..command)?;
        let change = before
            .iter()
            .rev()
            .take(64)
            .find(|one| one.program() == Some("cd"))?;
        change
            .arguments()
            .first()
            .map(|word| word.value.trim_end_matches('/'))
    }

    /// Whether a variable is set for a command of this step: by `ENV` or `ARG`, before it in the script, or with it.
    pub fn is_set(&self, command: usize, name: &str) -> bool {
        if self.variable(name).is_some() {
            return true;
        }
        // An `ARG` without a default is set by whoever builds.
        if self.stage.declares(self.index, name) {
            return true;
        }
        // What is set so much earlier in a script of that length is not looked for.
        let last = self.step.commands.len().min(command + 1);
        let commands = &self.step.commands[last.saturating_sub(64)..last];
        commands.iter().any(|one| {
            let assigns = one
                .assignments
                .iter()
                .any(|assignment| assignment.name == name);
            assigns
                || one.words.iter().any(|word| {
                    let rest = word.value.strip_prefix(name);
                    rest.is_some_and(|rest| rest.starts_with('='))
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_in_addresses() {
        for (text, expected) in [
            (
                "git+https://github.com/facebookresearch/pytorch3d.git@stable",
                Some("pytorch3d"),
            ),
            (
                "git+https://github.com/NVlabs/tiny-cuda-nn/#subdirectory=bindings/torch",
                Some("tiny-cuda-nn"),
            ),
            ("./detectron2", Some("detectron2")),
            (
                "https://example.org/pytorch3d-0.7-cp310-linux_x86_64.whl",
                None,
            ),
            ("https://example.org/pytorch3d/x.whl", None),
            ("git+https://github.com/NVIDIA/apex.git", None),
            (".", None),
        ] {
            assert_eq!(named(text).map(|(name, _)| name), expected, "{text}");
        }
    }
}
