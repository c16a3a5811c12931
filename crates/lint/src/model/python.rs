//! Which Python a stage's `pip` belongs to: the newest wheel that a package has for it is the one that is installed.

use super::build::At;
use liftgate_cuda::image::Os;

impl At<'_> {
    /// The version of the Python that a command's `pip` installs for: by the command's own name (`pip3.11`), or by the
    /// image. `None` where another Python may have come in: from conda, uv, pyenv, or beside the distribution's own.
    pub fn python(&self, command: usize) -> Option<(u16, u16)> {
        let program = self.step.commands.get(command)?.program()?;
        let named = program.strip_prefix("python").or_else(|| program.strip_prefix("pip"));
        if let Some(version) = named.and_then(version) {
            return Some(version);
        }
        let (reference, _) = self.build.base(self.stage)?;
        if reference.repository == "python" {
            let tag = reference.tag_or_latest();
            return version(tag.split('-').next()?).filter(|_| !self.may_have_another(None));
        }
        let os = self.build.cuda_base(self.stage).and_then(|base| base.os).or_else(|| {
            (reference.repository == "ubuntu").then(|| Os::of_tag(&format!("ubuntu{}", reference.tag_or_latest())))?
        })?;
        let own = match os {
            Os::Ubuntu1804 => (3, 6),
            Os::Ubuntu2004 => (3, 8),
            Os::Ubuntu2204 => (3, 10),
            Os::Ubuntu2404 => (3, 12),
            _ => return None,
        };
        (!self.may_have_another(Some(own))).then_some(own)
    }

    /// Whether something in the stage, or in what it is built on, brings another Python than `own`.
    fn may_have_another(&self, own: Option<(u16, u16)>) -> bool {
        let mut end = self.index + 1;
        for stage in self.build.lineage(self.stage) {
            let is_other = |name: &str| name.strip_prefix("python").and_then(version).is_some_and(|version| Some(version) != own);
            if stage.packages().any(is_other) {
                return true;
            }
            let steps = stage.steps.iter().take(end);
            let other = |program: &str, words: &[liftgate_dockerfile::shell::ShellWord]| match program {
                "conda" | "mamba" | "micromamba" | "pixi" | "pyenv" | "poetry" | "mise" | "asdf" | "update-alternatives" => true,
                "uv" => !words.first().is_some_and(|word| word.value == "pip"),
                _ => is_other(program),
            };
            for step in steps {
                let from_elsewhere = step.instruction.flag("from").is_some();
                if from_elsewhere || step.commands.iter().any(|command| command.program().is_some_and(|program| other(program, command.arguments()))) {
                    return true;
                }
                let text = step.instruction.span.of(self.build.file.text);
                if text.contains("iniconda") || text.contains("naconda") || text.contains("iniforge") {
                    return true;
                }
            }
            end = usize::MAX;
        }
        false
    }
}

/// `3.11` of `3.11` and `3.11.4`.
fn version(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split('.');
    let version = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (version.0 == 3 || version.0 == 2).then_some(version)
}
