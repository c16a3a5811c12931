//! `runArgs` of a dev container, as the `docker run` that they become.

use crate::sources::devcontainer::{DevContainer, GpuWish};
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::{Connector, ShellCommand, ShellWord};

impl DevContainer<'_> {
    /// The command line that an editor makes of it, with the places of its words; `None`: there are no `runArgs`, or they are not looked at, as with a compose file.
    pub fn run_command(&self) -> Option<ShellCommand> {
        if self.run_args.is_empty() || !self.compose_files.is_empty() {
            return None;
        }
        let key = self.run_args_key?;
        // No shell sees them; the editor puts in `${localEnv:…}` and its like.
        let word = |value: &str, span: Span| ShellWord {
            span,
            value: value.to_owned(),
            literal: !value.contains("${"),
            pattern: false,
            quoted: true,
        };
        let mut words = vec![word("docker", key), word("run", key)];
        words.extend(
            self.run_args
                .iter()
                .map(|argument| word(&argument.text, argument.span)),
        );
        let image = self.image.as_ref();
        words.push(image.map_or_else(|| word("image", key), |image| word(&image.text, image.span)));
        Some(ShellCommand {
            span: key,
            assignments: Vec::new(),
            words,
            redirections: Vec::new(),
            connector: Connector::First,
            conditional: false,
            depth: 0,
            script: None,
        })
    }

    /// Whether it asks for a GPU by `hostRequirements`.
    pub fn wishes_gpu(&self) -> bool {
        self.gpu.is_some_and(|gpu| gpu.wish != GpuWish::No)
    }

    /// The word of `runArgs` that asks for a GPU.
    pub fn gpu_argument(&self) -> Option<&crate::sources::devcontainer::Text<'_>> {
        self.run_args.iter().find(|argument| {
            let text = argument.text.as_ref();
            text.starts_with("--gpus")
                || text.contains("nvidia")
                || text.contains("/dev/dri")
                || text.contains("/dev/dxg")
                || text.contains("/dev/kfd")
        })
    }
}
