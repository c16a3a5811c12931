//! A step where it stands: what was installed before it, which tools are there, where a path leads.

use super::{Build, Origin, Stage, Step, TELLING};
use crate::context::Context;
use crate::finding::{Confidence, Finding};
use crate::model::base::{Has, Tool};
use crate::model::environment::{Certainty, Value};
use crate::model::packages::Manager;
use crate::rule::Meta;
use liftgate_dockerfile::shell::{Connector, ShellCommand, ShellWord};
use liftgate_dockerfile::{Body, Kind};
use std::collections::HashMap;

/// A working directory that was set more steps ago than these is not known: each command may ask for it.
const MOST_STEPS_BACK: usize = 512;

/// A step, where it stands.
#[derive(Debug, Clone, Copy)]
pub struct At<'b> {
    /// The build.
    pub build: &'b Build<'b>,
    /// The stage.
    pub stage: &'b Stage<'b>,
    /// The step.
    pub step: &'b Step<'b>,
    /// The step's number.
    pub index: usize,
}

impl At<'_> {
    /// Whether one of these packages has been installed before a command of this step, here or in what the stage is built on.
    pub fn installed(&self, command: usize, packages: &[&str]) -> bool {
        let here = packages
            .iter()
            .filter_map(|package| self.stage.installs(package));
        let parents = self.build.lineage(self.stage).skip(1);
        here.into_iter().any(|place| place < (self.index, command))
            || parents.into_iter().any(|stage| {
                packages
                    .iter()
                    .any(|package| stage.installs(package).is_some())
            })
    }

    /// Whether a package whose name a test accepts has been installed before this step or in it, here or in what the
    /// stage is built on.
    pub fn installed_like(&self, test: impl Fn(&str) -> bool) -> bool {
        let here = self.stage.installed.iter();
        here.filter(|(_, place)| place.0 <= self.index)
            .any(|(name, _)| test(name))
            || self
                .build
                .lineage(self.stage)
                .skip(1)
                .any(|stage| stage.packages().any(&test))
    }

    /// The word by which a command of this step calls a tool that is not there, for certain, where that ends the build.
    pub fn lacks<'c>(
        &self,
        number: usize,
        command: &'c ShellCommand,
    ) -> Option<(Tool, &'c ShellWord)> {
        let tool = Tool::of(command.program()?)?;
        let word = command.words.get(command.place()?)?;
        let is_missing =
            !command.conditional && !self.may_fail(number) && self.has(number, tool) == Has::No;
        is_missing.then_some((tool, word))
    }

    /// Reports a tool that is not there, and which image lacks it.
    pub fn report_missing<'x>(
        &self,
        rule: &'static Meta,
        word: &ShellWord,
        context: &'x mut Context<'_>,
    ) -> &'x mut Finding {
        let sentence = format!("there is no `{}` in this image", word.value);
        let finding = context.report(rule, word.span, sentence);
        self.blame_base(finding);
        finding
    }

    /// Whether a tool is there when a command of this step runs, as far as that can be seen.
    ///
    /// Steps that copy from other images, unpack archives or run unknown installers make it unknown.
    pub fn has(&self, command: usize, tool: Tool) -> Has {
        match self.build.provided(self.stage).has(tool) {
            Has::No if self.comes(command, tool) => Has::Yes,
            Has::No if self.may_come_otherwise(tool) || self.is_chosen_otherwise() => Has::Unknown,
            other => other,
        }
    }

    /// Whether the whole name of the image is an argument's default, in a stage that the default build does not reach:
    /// who builds that one names an image of their own.
    fn is_chosen_otherwise(&self) -> bool {
        let root = self.build.root(self.stage);
        let is_default = matches!(
            &root.origin,
            Origin::Image {
                certainty: Certainty::Default,
                ..
            }
        );
        let is_whole = root.image_span.of(self.build.file.text).starts_with('$');
        is_default && is_whole && !self.build.is_reached(self.stage)
    }

    /// Whether a command of this step may fail without ending the build: `pip --version || true`.
    pub fn may_fail(&self, command: usize) -> bool {
        let commands = &self.step.commands;
        let Some(depth) = commands.get(command).map(|command| command.depth) else {
            return false;
        };
        let next = commands
            .iter()
            .skip(command + 1)
            .take(256)
            .find(|next| next.depth <= depth);
        next.is_some_and(|next| next.connector == Connector::Or)
    }

    /// Whether a package with the tool is installed before a command.
    fn comes(&self, command: usize, tool: Tool) -> bool {
        let mut end = (self.index, command);
        self.build.lineage(self.stage).any(|stage| {
            let comes = stage.comes[tool as usize].is_some_and(|place| place < end);
            end = (usize::MAX, 0);
            comes
        })
    }

    /// Whether an earlier step, or this one, may bring a tool in a way that is not seen.
    fn may_come_otherwise(&self, tool: Tool) -> bool {
        let mut end = self.index;
        self.build.lineage(self.stage).any(|stage| {
            let comes = stage.may_come[tool as usize].is_some_and(|order| order <= end);
            end = usize::MAX;
            comes
        })
    }

    /// A word with its variables expanded as far as they are known.
    pub fn expanded(&self, word: &ShellWord) -> (String, Certainty) {
        self.build
            .expanded_word(self.stage, self.index, &HashMap::new(), word)
    }

    /// The number of one of this step's commands.
    pub fn number_of(&self, command: &ShellCommand) -> Option<usize> {
        let commands = &self.step.commands;
        // By its address: a search for each of so many commands would take the square of their number.
        let distance = std::ptr::from_ref(command)
            .addr()
            .checked_sub(commands.as_ptr().addr())?;
        let number = distance / size_of::<ShellCommand>();
        commands
            .get(number)
            .filter(|one| std::ptr::eq(*one, command))
            .map(|_| number)
    }

    /// Says of which image the stage of a finding is.
    pub fn blame_base(&self, finding: &mut Finding) {
        let root = self.build.root(self.stage);
        if let Origin::Image {
            text, certainty, ..
        } = &root.origin
        {
            finding.related(root.image_span, format!("it is built on `{text}`"));
            if *certainty == Certainty::Default {
                finding.at_most(Confidence::Medium);
            }
        }
    }

    /// What installs packages in this stage's image, as far as that is known.
    pub fn manager(&self) -> Option<Manager> {
        if let Some(os) = self.build.cuda_base(self.stage).and_then(|base| base.os) {
            return Manager::of(os.package_manager().command());
        }
        let (reference, _) = self.build.base(self.stage)?;
        match reference.repository.as_str() {
            "alpine" => Some(Manager::Apk),
            "python" | "buildpack-deps" | "gcc" if reference.tag_or_latest().contains("alpine") => {
                Some(Manager::Apk)
            }
            "ubuntu" | "debian" | "python" | "buildpack-deps" | "gcc" => Some(Manager::Apt),
            "rockylinux" | "almalinux" | "fedora" => Some(Manager::Dnf),
            name if name.starts_with("registry.access.redhat.com/ubi") => Some(Manager::Dnf),
            _ => None,
        }
    }

    /// A path of a command of this step, from the root on; `None` where the working directory is not known.
    pub fn path(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return Some(path.to_owned());
        }
        let mut directory: Option<String> = None;
        let mut end = self.index;
        let mut left = MOST_STEPS_BACK;
        for stage in self.build.lineage(self.stage) {
            let steps = stage.steps.iter().enumerate().take(end).rev();
            for (order, step) in steps {
                left = left.checked_sub(1)?;
                let Body::Words(words) = &step.instruction.body else {
                    continue;
                };
                let Some(word) = words
                    .first()
                    .filter(|_| step.instruction.kind == Kind::Workdir)
                else {
                    continue;
                };
                let (text, certainty) = self.build.expanded(stage, order, &word.value);
                if certainty == Certainty::Unknown {
                    return None;
                }
                let is_absolute = text.starts_with('/');
                directory = Some(match directory {
                    Some(below) => format!("{}/{below}", text.trim_end_matches('/')),
                    None => text,
                });
                if is_absolute {
                    let directory = directory?;
                    let path = path.trim_start_matches("./");
                    return Some(format!("{}/{path}", directory.trim_end_matches('/')));
                }
            }
            end = usize::MAX;
        }
        None
    }

    /// Whether a command of this stage, or of what it is built on, says one of [`TELLING`], whatever its case. A key that
    /// is taken away (`apt-key del …`) does not count.
    pub fn stage_says(&self, text: &str) -> bool {
        let place = TELLING.iter().position(|telling| *telling == text);
        debug_assert!(place.is_some(), "`{text}` is not looked for");
        let bit = place.map_or(0, |place| 1_u16 << place);
        self.build
            .lineage(self.stage)
            .any(|stage| stage.says & bit != 0)
    }

    /// What a variable is before this step.
    pub fn variable(&self, name: &str) -> Option<Value> {
        self.build.variable(self.stage, self.index, name)
    }
}
