//! The cases: a configuration as people have it, the flags, and what is to come of it.
//!
//! The files stand in `corpus`, one folder an engine: `NAME.json` or `NAME.toml` is the engine's main file, a folder
//! `NAME` is a whole tree. `@ROOT@` in them stands for the directory that the case is laid out in.

#[path = "cases/containerd.rs"]
mod containerd;
#[path = "cases/crio.rs"]
mod crio;
#[path = "cases/docker.rs"]
mod docker;
#[path = "cases/podman.rs"]
mod podman;

/// A container engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Docker,
    Containerd,
    Crio,
    Podman,
}

impl Engine {
    pub(crate) const ALL: [Self; 4] = [Self::Docker, Self::Containerd, Self::Crio, Self::Podman];

    /// The word of the command line, and of the corpus.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Containerd => "containerd",
            Self::Crio => "crio",
            Self::Podman => "podman",
        }
    }

    /// The file that `--config` names.
    pub(crate) fn main_file(self) -> &'static str {
        match self {
            Self::Docker => "etc/docker/daemon.json",
            Self::Containerd => "etc/containerd/config.toml",
            Self::Crio => "etc/crio/crio.conf",
            Self::Podman => "etc/containers/containers.conf.d/99-nvidia.conf",
        }
    }

    /// Where the main file is if it is a link.
    pub(crate) fn shared_file(self) -> &'static str {
        match self {
            Self::Docker => "etc/shared/engine.json",
            _ => "etc/shared/engine.toml",
        }
    }

    /// The file that `--drop-in-config` names.
    pub(crate) fn drop_in(self) -> Option<&'static str> {
        match self {
            Self::Containerd => Some("etc/containerd/conf.d/99-nvidia.toml"),
            Self::Crio => Some("etc/crio/crio.conf.d/99-nvidia.toml"),
            Self::Docker | Self::Podman => None,
        }
    }
}

/// How the main file lies in the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// As files usually do.
    Usual,
    /// It is a link to a file elsewhere, `etc/shared`.
    Link,
    /// With this mode.
    Mode(u32),
    /// It belongs to another user and group.
    Foreign,
    /// The directory is mounted read-only.
    ReadOnly,
}

/// What is to come of a case.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected {
    /// What comes of it with the reference.
    Reference,
    /// What comes of it with the reference, but for this: a merge patch for each file.
    Differs {
        /// Why.
        why: &'static str,
        /// The patches, as a JSON object: file → patch.
        patch: &'static str,
    },
    /// What the reference writes into the drop-in, in the main file; and no drop-in.
    InMain {
        /// Why.
        why: &'static str,
    },
    /// This, whatever the reference does: every file, as a JSON object.
    Meant {
        /// Why.
        why: &'static str,
        /// The files.
        files: &'static str,
    },
    /// A refusal that names the place.
    Refused {
        /// Why, where the reference does not refuse.
        why: &'static str,
        /// The file, if it is not the main one.
        file: Option<&'static str>,
        /// The first place, line and column, that may be said: a parser points at the word that is wrong, or at the
        /// key it belongs to, or where what is missing should be.
        from: (usize, usize),
        /// The last one.
        to: (usize, usize),
    },
    /// A refusal that has no place, with these words.
    Fails {
        /// The words.
        words: &'static [&'static str],
    },
}

/// One case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) engine: Engine,
    /// The entry of the corpus; none is a machine without configuration.
    pub(crate) file: Option<&'static str>,
    /// What sets it apart from other cases of the same file.
    pub(crate) variant: &'static str,
    pub(crate) flags: &'static [&'static str],
    pub(crate) lie: Lie,
    pub(crate) expected: Expected,
    /// An older drop-in hides what the main file says since, and a new one does not.
    pub(crate) is_stale: bool,
    /// Lines of the main file that this case has to touch beside those that all do: ends of keys.
    pub(crate) touched: &'static [&'static str],
    /// The engines that do not read such a file, configured or not.
    pub(crate) unread: &'static [&'static str],
    /// Where such a file was seen; everything in the corpus is written for it, in the shape of what was seen.
    pub(crate) seen: &'static str,
}

impl Case {
    /// A case of this file, without flags, that comes to what it comes to with the reference.
    const fn of(engine: Engine, file: &'static str, seen: &'static str) -> Self {
        Self {
            engine,
            file: Some(file),
            variant: "",
            flags: &[],
            lie: Lie::Usual,
            expected: Expected::Reference,
            is_stale: false,
            touched: &[],
            unread: &[],
            seen,
        }
    }

    /// The same file, with flags.
    const fn with(self, variant: &'static str, flags: &'static [&'static str]) -> Self {
        Self {
            variant,
            flags,
            ..self
        }
    }

    /// The same, with another end.
    const fn but(self, why: &'static str, patch: &'static str) -> Self {
        Self {
            expected: Expected::Differs { why, patch },
            ..self
        }
    }

    /// The same, with an end of its own.
    const fn meant(self, why: &'static str, files: &'static str) -> Self {
        Self {
            expected: Expected::Meant { why, files },
            ..self
        }
    }

    /// The same, in the main file.
    const fn in_main(self, why: &'static str) -> Self {
        Self {
            expected: Expected::InMain { why },
            ..self
        }
    }

    /// The same, refused.
    const fn refused(self, why: &'static str, from: (usize, usize), to: (usize, usize)) -> Self {
        Self {
            expected: Expected::Refused {
                why,
                file: None,
                from,
                to,
            },
            ..self
        }
    }

    /// The same, which these engines do not read.
    const fn unread(self, unread: &'static [&'static str]) -> Self {
        Self { unread, ..self }
    }

    /// The same, with an end that has no place.
    const fn fails(self, words: &'static [&'static str]) -> Self {
        Self {
            expected: Expected::Fails { words },
            ..self
        }
    }

    pub(crate) fn name(&self) -> String {
        let file = self.file.unwrap_or("none");
        let plus = if self.variant.is_empty() { "" } else { "+" };
        format!("{}/{file}{plus}{}", self.engine.name(), self.variant)
    }

    /// Whether the file is refused.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(
            self.expected,
            Expected::Refused { .. } | Expected::Fails { .. }
        )
    }

    /// Why the reference does not decide.
    pub(crate) fn why(&self) -> Option<&'static str> {
        match self.expected {
            Expected::Reference | Expected::Fails { .. } => None,
            Expected::Differs { why, .. }
            | Expected::InMain { why }
            | Expected::Meant { why, .. }
            | Expected::Refused { why, .. } => Some(why).filter(|why| !why.is_empty()),
        }
    }

    /// The value of a flag: `--name=value`.
    pub(crate) fn flag(&self, name: &str) -> Option<&'static str> {
        self.flags
            .iter()
            .find_map(|flag| flag.strip_prefix(name)?.strip_prefix('='))
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    /// The name of the runtime.
    pub(crate) fn runtime(&self) -> &'static str {
        self.flag("--nvidia-runtime-name").unwrap_or("nvidia")
    }
}

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    [docker::CASES, containerd::CASES, crio::CASES, podman::CASES].concat()
}
