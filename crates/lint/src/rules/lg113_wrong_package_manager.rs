use crate::context::Context;
use crate::model::{At, Manager};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// a package manager that the image's operating system does not have
    ///
    /// ## What it does
    /// Finds `apt-get` in images on UBI, Rocky or Alpine, and `dnf`, `yum`, `zypper` or `apk` in images on Ubuntu or Debian.
    ///
    /// ## Why
    /// The build fails: `apt-get: not found`. It happens when the base image is changed to another operating system.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-rockylinux9
    /// RUN apt-get update && apt-get install -y curl
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-rockylinux9
    /// RUN dnf install -y curl
    /// ```
    WrongPackageManager, "LG113", "wrong-package-manager", Error, High
}

impl Rule for WrongPackageManager {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let Some(program) = command.program() else { return };
        let Some(used) = Manager::of(program).filter(|used| *used != Manager::Conda && *used != Manager::Pacman) else {
            return;
        };
        let Some(own) = at.manager().filter(|own| *own != used) else {
            return;
        };
        // `if command -v apt-get …; else dnf …`: it is asked before. And once a stage is enough.
        let is_first = at.number_of(command).is_some_and(|number| at.stage.is_first_call(used, (at.index, number)));
        if command.conditional || !is_first || at.installed_like(|package| package == program) {
            return;
        }
        let span = command.words.get(command.place().unwrap_or(0)).map_or(command.span, |word| word.span);
        let finding = context.report(&Self::META, span, format!("there is no `{program}` in this image"));
        at.blame_base(finding);
        finding.hint(format!("use `{}`, or an image on another operating system", own.command()));
    }
}
