//! Refusals: why a container gets no GPU, for people.
//!
//! A code that stays the same over releases (`docs/codes.md` lists them), one sentence, the evidence, and
//! the next thing to do.

use serde::Serialize;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// The stable code of a refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code's text.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// No NVIDIA kernel module is loaded.
    DriverNotLoaded => "driver-not-loaded",
    /// The kernel module is loaded, and its libraries are nowhere to be found.
    DriverFilesMissing => "driver-files-missing",
    /// The libraries are of another version than the kernel module.
    DriverVersionMismatch => "driver-version-mismatch",
    /// The driver root cannot be read.
    DriverRootUnreadable => "driver-root-unreadable",
    /// The driver runs and manages no GPU.
    NoGpu => "no-gpu",
    /// No GPU has this name.
    DeviceUnknown => "device-unknown",
    /// More than one GPU has this name.
    DeviceAmbiguous => "device-ambiguous",
    /// The name has the form of a CDI device's and is none.
    CdiNameMalformed => "cdi-name-malformed",
    /// No specification on this machine has a CDI device of this name.
    CdiDeviceUnknown => "cdi-device-unknown",
    /// A CDI specification names what is no longer there.
    CdiSpecificationStale => "cdi-specification-stale",
    /// A CDI specification cannot be applied to a container.
    CdiSpecificationUnusable => "cdi-specification-unusable",
    /// Somebody else's CDI specification has the devices that one of ours would have.
    CdiSpecificationConflict => "cdi-specification-conflict",
    /// The image requires what the machine does not have.
    RequirementNotMet => "requirement-not-met",
    /// A requirement cannot be understood.
    RequirementMalformed => "requirement-malformed",
    /// The road by which the request came cannot serve it.
    WrongRoad => "wrong-road",
    /// The device cgroup of the container keeps it from the devices.
    CgroupDenies => "cgroup-denies",
    /// A step of carrying out the plan failed.
    NotCarriedOut => "not-carried-out",
    /// The name is not that of an IMEX channel.
    ImexChannelMalformed => "imex-channel-malformed",
    /// This machine has no such IMEX channel.
    ImexChannelUnknown => "imex-channel-unknown",
    /// A container that is not privileged asks to control MIG devices.
    MigControlNotAllowed => "mig-control-not-allowed",
    /// The kernel lists GPUs that do not answer.
    GpuNotReadable => "gpu-not-readable",
    /// There is nothing of the kind that a specification is asked for.
    NothingToSpecify => "nothing-to-specify",
    /// A specification cannot be made as it is asked for.
    SpecificationMalformed => "specification-malformed",
    /// The kernel has no device number for a GPU's node.
    DeviceNodeUnknown => "device-node-unknown",
    /// There is no driver capability by this name.
    CapabilityUnknown => "capability-unknown",
    /// The administrator does not allow this capability.
    CapabilityNotAllowed => "capability-not-allowed",
    /// An entry of the container's environment has no `=`.
    EnvironmentMalformed => "environment-malformed",
    /// The bundle's `config.json` cannot be understood.
    BundleMalformed => "bundle-malformed",
    /// The bundle's `config.json` cannot be read.
    BundleUnreadable => "bundle-unreadable",
    /// The bundle's `config.json` cannot be written.
    BundleNotWritable => "bundle-not-writable",
    /// `config.toml` cannot be understood.
    ConfigurationMalformed => "configuration-malformed",
    /// No low-level runtime was found.
    RuntimeNotFound => "runtime-not-found",
    /// The low-level runtime could not be started.
    RuntimeNotStarted => "runtime-not-started",
    /// The command line cannot be understood.
    CommandLineMalformed => "command-line-malformed",
    /// The container's file system could not be set up.
    SetupFailed => "setup-failed",
    /// The engine is not on this machine.
    EngineNotFound => "engine-not-found",
    /// The engine is one that cannot be set up from here.
    EngineNotServed => "engine-not-served",
    /// The engine's configuration cannot be understood.
    EngineConfigurationMalformed => "engine-configuration-malformed",
    /// Somebody else writes the engine's configuration.
    EngineConfigurationBusy => "engine-configuration-busy",
    /// The engine cannot be restarted from here.
    EngineNotRestarted => "engine-not-restarted",
    /// The engine does not do what it was told.
    EngineNotProven => "engine-not-proven",
    /// Others' files have names that liftgate is to be installed under.
    NamesTaken => "names-taken",
    /// A package has the files that are to be installed or taken away.
    OwnedByPackage => "owned-by-package",
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

/// Why a container gets no GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// What is wrong, in one sentence.
    pub sentence: String,
    /// Which file and which value say so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The next thing to do.
    pub hint: String,
    /// What it is about, where the reference's words for it have that in them.
    #[serde(skip)]
    pub subject: Option<String>,
}

impl Refusal {
    /// A refusal without evidence yet.
    pub fn new(code: Code, sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            sentence: sentence.into(),
            evidence: Vec::new(),
            hint: hint.into(),
            subject: None,
        }
    }

    /// The same, with what it is about.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds a piece of evidence.
    #[must_use]
    pub fn because(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// All of it on one line, as engines show it: they print the last line of a runtime's log.
    pub fn one_line(&self) -> String {
        let mut line = format!("[{}] {}", self.code, self.sentence);
        if !self.evidence.is_empty() {
            line.push_str(" (");
            line.push_str(&self.evidence.join("; "));
            line.push(')');
        }
        line.push_str("; hint: ");
        line.push_str(&self.hint);
        line
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "error[{}]: {}", self.code, self.sentence)?;
        for evidence in &self.evidence {
            writeln!(formatter, "  because: {evidence}")?;
        }
        write!(formatter, "  hint: {}", self.hint)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let texts: BTreeSet<&str> = Code::ALL.iter().map(|code| code.text()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(
                serde_json::to_string(code).unwrap(),
                format!("\"{}\"", code.text())
            );
        }
    }

    #[test]
    fn every_code_is_documented() {
        let page = include_str!("../../../docs/codes.md");
        for code in Code::ALL {
            assert!(
                page.contains(&format!("## `{code}`")),
                "{code} is not in docs/codes.md"
            );
        }
    }

    #[test]
    fn the_two_forms() {
        let refusal =
            Refusal::new(Code::NoGpu, "there is no GPU", "plug one in").because("`/proc` is empty");
        insta::assert_snapshot!(refusal, @r"
        error[no-gpu]: there is no GPU
          because: `/proc` is empty
          hint: plug one in
        ");
        insta::assert_snapshot!(refusal.one_line(), @"[no-gpu] there is no GPU (`/proc` is empty); hint: plug one in");
    }
}
