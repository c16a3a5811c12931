//! Which wheel of PyTorch a command installs.
//!
//! pip takes the newest version among all its indices; of one version, a wheel with a label (`2.4.1+cu118`) is newer
//! than one without. So an extra index wins for a version that is pinned, and loses against PyPI for one that is not, once
//! PyPI has a newer one. uv takes a package from the first index that has it, the extra ones before PyPI.

use super::build::{At, Build, Stage};
use super::environment::Certainty;
use super::gpu_image::GpuBase;
use super::packages::Manager;
use super::pip::{PipInstall, Requirement, Url};
use liftgate_cuda::Cuda;
use liftgate_cuda::framework::{TorchFlavour, TorchWheel};
use liftgate_dockerfile::Span;

/// A command that asks for `torch` by name.
#[derive(Debug, Clone, Copy)]
pub struct TorchInstall<'b> {
    /// The step.
    pub at: At<'b>,
    /// The number of the command.
    pub command: usize,
    /// All that is installed.
    pub pip: &'b PipInstall,
    /// `torch`
    pub requirement: &'b Requirement,
}

/// An index of PyTorch's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TorchIndex<'b> {
    /// Where it is named.
    pub url: &'b Url,
    /// Whether it has releases, and no nightly or test builds.
    pub is_stable: bool,
    /// `cu118`, `cpu`; none for the index of everything.
    pub word: Option<&'b str>,
}

/// Which wheel comes, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TorchChoice {
    /// What it is made for.
    pub flavour: TorchFlavour,
    /// What says so: the requirement, or an index.
    pub span: Span,
    /// How sure it is.
    pub certainty: Certainty,
}

/// Words of indices that there are, or have been. Others are none: `cu120`, `cu1`, `12.1`.
const INDICES: &[&str] = &[
    "cu75", "cu80", "cu90", "cu91", "cu92", "cu100", "cu101", "cu102", "cu110", "cu111", "cu112",
    "cu113", "cu114", "cu115", "cu116", "cu117", "cu118", "cu121", "cu124", "cu126", "cu128",
    "cu129", "cu130", "cu131", "cu132",
];

impl<'b> TorchIndex<'b> {
    /// The index of an address: `https://download.pytorch.org/whl/nightly/cu126`.
    pub fn of(url: &'b Url) -> Option<Self> {
        if url.certainty == Certainty::Unknown {
            return None;
        }
        // `cu$(echo $CUDA_VERSION | cut …)`: what the shell makes of it is not known.
        if url.text.contains(['$', '`', '{']) {
            return None;
        }
        let (_, rest) = url
            .text
            .split_once("download.pytorch.org/whl")
            .or_else(|| url.text.split_once("/pytorch-wheels"))?;
        let mut words = rest.split('/').filter(|word| !word.is_empty()).peekable();
        let is_stable = words
            .next_if(|word| matches!(*word, "nightly" | "test"))
            .is_none();
        let word = words.next().filter(|word| {
            !word.contains(".html") && !word.contains(".whl") && !word.starts_with("torch")
        });
        Some(Self {
            url,
            is_stable,
            word,
        })
    }

    /// What its wheels are made for.
    pub fn flavour(&self) -> Option<TorchFlavour> {
        self.word.and_then(TorchFlavour::parse)
    }

    /// Whether there has never been such an index.
    pub fn never_existed(&self) -> bool {
        let Some(word) = self.word else { return false };
        let is_newer = |flavour| matches!(flavour, Some(TorchFlavour::Cuda(cuda)) if cuda > Cuda::new(13, 2) && cuda.major < 20);
        let looks_like_cuda =
            word.starts_with("cu") || word.starts_with(|one: char| one.is_ascii_digit());
        let is_known = |word: &str| INDICES.contains(&word) || is_newer(TorchFlavour::parse(word));
        // `cu118_full`, `cu116_pypi_cudnn`
        looks_like_cuda && !is_known(word.split('_').next().unwrap_or(word))
    }
}

/// The newest release that has a wheel for a version of Python.
fn newest_for(python: (u16, u16)) -> (u16, u16) {
    match python {
        (2, _) | (3, ..=5) => (1, 5),
        (3, 6) => (1, 10),
        (3, 7) => (1, 13),
        (3, 8) => (2, 4),
        (3, 9) => (2, 8),
        (3, 10) => (2, 14),
        _ => newest(),
    }
}

/// The newest release that is known.
fn newest() -> (u16, u16) {
    TorchWheel::all()
        .map(|(wheel, _)| wheel.release)
        .max()
        .unwrap_or_default()
}

/// Whether a release has wheels of a CUDA.
fn has(release: (u16, u16), cuda: Cuda) -> bool {
    TorchWheel::all()
        .any(|(wheel, _)| wheel.release == release && wheel.flavour == TorchFlavour::Cuda(cuda))
}

impl<'b> At<'b> {
    /// The commands of this step that ask for `torch`.
    pub fn torch_installs(self) -> impl Iterator<Item = TorchInstall<'b>> {
        self.step.pip.iter().flat_map(move |(command, pip)| {
            let of_torch = pip
                .requirements
                .iter()
                .filter(|requirement| requirement.name == "torch");
            of_torch.map(move |requirement| TorchInstall {
                at: self,
                command: *command,
                pip,
                requirement,
            })
        })
    }

    /// Whether a command may be alternative to others: it is behind a condition, or there is more in the step than is understood.
    pub fn is_conditional(self, command: usize) -> bool {
        self.step
            .commands
            .get(command)
            .is_none_or(|command| command.conditional)
    }

    /// Whether pip's indices are set beside the command: by variables, by `pip config`, by a file of the project's.
    pub fn has_index_elsewhere(self, command: usize) -> bool {
        const VARIABLES: &[&str] = &[
            "PIP_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
            "PIP_FIND_LINKS",
            "PIP_CONFIG_FILE",
            "PIP_NO_INDEX",
            "UV_INDEX_URL",
            "UV_DEFAULT_INDEX",
            "UV_INDEX",
            "UV_EXTRA_INDEX_URL",
            "UV_FIND_LINKS",
            "UV_TORCH_BACKEND",
            "UV_INDEX_STRATEGY",
            "PIP_CONSTRAINT",
        ];
        let is_set = |name: &str| {
            self.variable(name)
                .is_some_and(|value| !value.text.is_empty())
        };
        let own = self.step.commands.get(command);
        let here = |name: &str| {
            own.is_some_and(|own| {
                own.assignments
                    .iter()
                    .any(|assignment| assignment.name == name)
            })
        };
        let exported = |text: &str| {
            VARIABLES.iter().any(|name| text.contains(name))
                || text.contains("pip.conf")
                || text.contains("pip config")
                || text.contains("uv.toml")
        };
        VARIABLES.iter().any(|name| is_set(name) || here(name))
            || self.build.lineage(self.stage).any(|stage| {
                stage
                    .steps
                    .iter()
                    .any(|step| exported(step.instruction.span.of(self.build.file.text)))
            })
    }
}

impl<'b> TorchInstall<'b> {
    /// The release that is pinned.
    pub fn release(&self) -> Option<(u16, u16)> {
        Self::release_of(self.requirement)
    }

    fn release_of(requirement: &Requirement) -> Option<(u16, u16)> {
        if requirement.certainty == Certainty::Unknown {
            return None;
        }
        // `==2.4.*` and `~=2.4.0` are as good as a version.
        let text = requirement
            .specifier
            .strip_prefix("==")
            .or_else(|| requirement.specifier.strip_prefix("~="))?;
        let text = text
            .trim_start_matches('=')
            .split('+')
            .next()?
            .trim_end_matches(".*");
        TorchWheel::parse(text).map(|wheel| wheel.release)
    }

    /// Whether any version will do.
    pub fn is_open(&self) -> bool {
        let specifier = &self.requirement.specifier;
        specifier.is_empty()
            || specifier.starts_with('>') && !specifier.contains(['<', '='])
            || specifier.starts_with(">=") && !specifier.contains(['<', ',', '!'])
    }

    /// The index of PyTorch's that the command names, and whether it replaces PyPI.
    pub fn index(&self) -> Option<(TorchIndex<'b>, bool)> {
        let pip = self.pip;
        if let Some(index) = pip.index.as_ref().and_then(TorchIndex::of) {
            return Some((index, true));
        }
        pip.extra_indices
            .iter()
            .find_map(TorchIndex::of)
            .map(|index| (index, false))
    }

    /// Which wheel comes. `None` where that is not to be seen.
    pub fn choice(&self) -> Option<TorchChoice> {
        let requirement = self.requirement;
        let pip = self.pip;
        if requirement.certainty == Certainty::Unknown || requirement.url.is_some() || pip.no_index
        {
            return None;
        }
        let by = |flavour, span, certainty: Certainty| {
            Some(TorchChoice {
                flavour,
                span,
                certainty: certainty.min(requirement.certainty),
            })
        };
        if let Some(local) = requirement.local() {
            return by(
                TorchFlavour::parse(local.split('.').next()?)?,
                requirement.span,
                Certainty::Written,
            );
        }
        if let Some(backend) = &pip.torch_backend {
            return by(
                TorchFlavour::parse(&backend.text)?,
                backend.span,
                backend.certainty,
            );
        }
        if pip.prereleases || !pip.find_links.is_empty() || !pip.constraints.is_empty() {
            let index = pip.index.as_ref().and_then(TorchIndex::of)?;
            return by(index.flavour()?, index.url.span, index.url.certainty);
        }
        if let Some(url) = &pip.index {
            match TorchIndex::of(url) {
                Some(index) if pip.extra_indices.is_empty() => {
                    return by(index.flavour()?, url.span, url.certainty);
                }
                None if is_pypi(url) => {}
                _ => return None,
            }
        }
        match pip.extra_indices.as_slice() {
            [] if self.at.has_index_elsewhere(self.command) => None,
            [] => by(TorchFlavour::Default, requirement.span, Certainty::Written),
            [url] => {
                let index = TorchIndex::of(url)?;
                let flavour = index.flavour()?;
                if !index.is_stable {
                    return None;
                }
                if pip.is_uv && !pip.best_match {
                    return by(flavour, url.span, url.certainty);
                }
                if pip.is_uv {
                    return None;
                }
                let TorchFlavour::Cuda(cuda) = flavour else {
                    // There is one for the CPU of every release, and its label makes it the newer one.
                    return by(flavour, url.span, url.certainty);
                };
                let release = match self.release() {
                    Some(release) => release,
                    None if self.is_open() => self.newest()?,
                    None => return None,
                };
                if has(release, cuda) {
                    by(flavour, url.span, url.certainty)
                } else {
                    by(TorchFlavour::Default, requirement.span, url.certainty)
                }
            }
            _ => None,
        }
    }

    /// The newest release that pip finds on PyPI, if the version of Python does not matter or is known.
    pub fn newest(&self) -> Option<(u16, u16)> {
        match self.at.python(self.command) {
            Some(python) => Some(newest_for(python)),
            None => match self.index() {
                // Whatever the Python is, PyPI has a newer release than the last one of an old CUDA: 2.4 at the least.
                Some((index, false)) => match index.flavour()? {
                    TorchFlavour::Cuda(cuda) if cuda <= Cuda::new(11, 7) => Some(newest()),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// The wheel: of the release that is pinned, or of the newest one.
    pub fn wheel(&self) -> Option<TorchWheel> {
        let choice = self.choice()?;
        let release = match self.release() {
            Some(release) => release,
            None if self.is_open() => match choice.flavour {
                TorchFlavour::Default => newest_for(self.at.python(self.command)?),
                TorchFlavour::Cuda(cuda) => {
                    let newest = self.at.python(self.command).map_or_else(newest, newest_for);
                    let of_cuda = TorchWheel::all()
                        .map(|(wheel, _)| wheel.release)
                        .filter(|release| *release <= newest && has(*release, cuda));
                    of_cuda.max()?
                }
                TorchFlavour::Cpu | TorchFlavour::Other => self.newest().unwrap_or_else(newest),
            },
            None => return None,
        };
        Some(TorchWheel {
            release,
            flavour: choice.flavour,
        })
    }
}

/// Whether an index is PyPI, or has what PyPI has.
fn is_pypi(url: &Url) -> bool {
    url.certainty != Certainty::Unknown
        && (url.text.contains("pypi.org")
            || url.text.contains("pypi.python.org")
            || url.text.contains("/pypi/")
            || url.text.contains("pypi."))
        && !url.text.contains("nvidia")
}

impl<'a> Build<'a> {
    /// The wheels of PyTorch that a stage's own commands install, each once, with its first place, and whether it is sure; and the one
    /// of the image that runs, where the stage is built on it.
    pub fn torch_wheels(&self, stage: &Stage<'a>) -> Vec<(TorchWheel, Span, bool)> {
        let mut wheels: Vec<(TorchWheel, Span, bool)> = Vec::new();
        for install in self.steps_of(stage).flat_map(At::torch_installs) {
            let Some((wheel, choice)) = install.wheel().zip(install.choice()) else {
                continue;
            };
            if install.at.is_conditional(install.command)
                || wheels.iter().any(|(known, ..)| *known == wheel)
            {
                continue;
            }
            let is_sure = install.release().is_some() && choice.certainty == Certainty::Written;
            wheels.push((wheel, install.requirement.span, is_sure));
        }
        let is_base = self
            .base_that_runs()
            .is_some_and(|root| root.index == stage.index);
        if is_base
            && let Some(GpuBase::Torch {
                release: Some(release),
                cuda: Some(cuda),
                certainty,
            }) = self.gpu_base(stage)
        {
            let wheel = TorchWheel {
                release,
                flavour: TorchFlavour::Cuda(cuda),
            };
            wheels.push((wheel, stage.image_span, certainty == Certainty::Written));
        }
        wheels
    }

    /// The one PyTorch that a stage, or what it is built on, pins; `None` where there are several, or none is pinned. With
    /// its CUDA, where that is known.
    pub fn pinned_torch(&self, stage: &Stage<'a>) -> Option<((u16, u16), Option<Cuda>, Span)> {
        let mut all = Vec::new();
        for stage in self.lineage(stage) {
            for at in self.steps_of(stage) {
                for install in at.torch_installs() {
                    let wheel = install
                        .wheel()
                        .filter(|_| !at.is_conditional(install.command));
                    all.push((
                        install.release()?,
                        wheel.and_then(|wheel| wheel.cuda()),
                        install.requirement.span,
                    ));
                }
                for (_, install) in at
                    .step
                    .installs
                    .iter()
                    .filter(|(_, install)| install.manager == Manager::Conda)
                {
                    let Some(package) = install
                        .packages
                        .iter()
                        .find(|package| package.name == "pytorch")
                    else {
                        continue;
                    };
                    let version = package
                        .version
                        .as_deref()?
                        .trim_start_matches('=')
                        .split('=')
                        .next()?;
                    let release = TorchWheel::parse(version)?.release;
                    let toolkit = install.packages.iter().find(|package| {
                        matches!(package.name.as_str(), "cudatoolkit" | "pytorch-cuda")
                    });
                    let cuda = toolkit.and_then(|toolkit| {
                        Cuda::parse(toolkit.version.as_deref()?.trim_start_matches('='))
                    });
                    all.push((release, cuda, package.span));
                }
            }
        }
        match all.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

impl Stage<'_> {
    /// Whether one of its instructions sets a variable of the image's environment.
    pub fn names_set_here(&self, name: &str) -> bool {
        self.environment_names().any(|one| one == name)
    }
}
