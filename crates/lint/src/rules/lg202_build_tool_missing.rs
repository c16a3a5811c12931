use crate::context::Context;
use crate::model::{At, Manager, Tool};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::shell::ShellCommand;

declare_rule! {
    /// `make`, `cmake` or a compiler runs in an image that does not have it
    ///
    /// ## What it does
    /// Finds commands that run `make`, `cmake`, `gcc` or `g++` in a stage whose image does not have them and where they were not
    /// installed before.
    ///
    /// ## Why
    /// The build fails: `make: not found`. NVIDIA's `base` and `runtime` images, and plain distributions, have no tools to build with; its
    /// `devel` images have a compiler and make, and no CMake.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// COPY . /app
    /// RUN make -C /app
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS build
    /// COPY . /app
    /// RUN make -C /app
    ///
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// COPY --from=build /app/program /usr/local/bin/program
    /// ```
    BuildToolMissing, "LG202", "build-tool-missing", Error, High
}

impl Rule for BuildToolMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        let lacks = at.number_of(command).and_then(|number| at.lacks(number, command));
        let Some((tool @ (Tool::Make | Tool::Cmake | Tool::Compiler), word)) = lacks else {
            return;
        };
        let finding = at.report_missing(&Self::META, word, context);
        let install = match (at.manager(), tool) {
            (Some(Manager::Apt) | None, Tool::Cmake) => {
                "apt-get install -y --no-install-recommends cmake"
            }
            (Some(Manager::Apt) | None, _) => {
                "apt-get install -y --no-install-recommends build-essential"
            }
            (Some(Manager::Zypper), Tool::Cmake) => "zypper install -y cmake",
            (Some(Manager::Zypper), _) => "zypper install -y gcc-c++ make",
            (Some(Manager::Apk), Tool::Cmake) => "apk add cmake",
            (Some(Manager::Apk), _) => "apk add build-base",
            (Some(_), Tool::Cmake) => "dnf install -y cmake",
            (Some(_), _) => "dnf install -y gcc-c++ make",
        };
        finding.hint(match at.build.cuda_base(at.stage) {
            Some(base) if tool != Tool::Cmake => {
                format!(
                    "build in a stage `FROM {}`, which has it, or install it: `{install}`",
                    base.devel()
                )
            }
            _ => format!("install it before: `{install}`"),
        });
    }
}
