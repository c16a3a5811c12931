//! Which wheel of a framework: one that has code for the GPUs, of a CUDA version that the driver runs.

use super::impossible::Impossible;
use super::request::Request;
use super::support::{Support, oldest_driver, rank_without_driver, support};
use liftgate_cuda::Cuda;
use liftgate_cuda::code::{Loading, Target as Code, loading};
use liftgate_cuda::gpu::Capability;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// A release of a framework for a version of CUDA.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// `2.14.1`
    pub(crate) version: &'static str,
    /// What names the CUDA version: `cu126` of an index, `cuda12` of an extra.
    pub(crate) flavour: &'static str,
    /// The CUDA that it brings.
    pub(crate) cuda: Cuda,
    /// The versions of Python 3 that it is made for, first and last.
    pub(crate) python: (u8, u8),
    /// The code inside: `sm_80 sm_90 compute_90`.
    pub(crate) code: &'static str,
}

/// A wheel that was chosen.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) wheel: &'static Wheel,
    /// How far the driver runs its CUDA.
    pub(crate) support: Support,
    /// The minor version of Python 3.
    pub(crate) python: u8,
    /// The GPUs for which there is nothing in it but PTX, which the driver compiles.
    pub(crate) compiled: Vec<Capability>,
}

/// Python, where none was asked for: what the most packages have wheels for.
pub(crate) const USUAL_PYTHON: u8 = 12;

/// Chooses from `wheels`, of which the first that fits is the best: the newest.
pub(crate) fn choose(
    request: &Request,
    framework: &str,
    wheels: &'static [Wheel],
) -> Result<Chosen, Impossible> {
    let python = match request.python {
        Some((3, minor)) => Some(minor),
        Some((major, minor)) => {
            return Err(Impossible::new(
                format!("there is no {framework} for Python {major}.{minor}"),
                "name a Python 3",
            ));
        }
        None => None,
    };
    let has_cuda = |wheel: &&Wheel| request.cuda.is_none_or(|asked| asked.cuda() == wheel.cuda);
    let has_python = |wheel: &&Wheel| {
        python.is_none_or(|minor| (wheel.python.0..=wheel.python.1).contains(&minor))
    };
    let offered: Vec<&'static Wheel> = wheels.iter().filter(has_cuda).filter(has_python).collect();
    if offered.is_empty() {
        return Err(not_offered(request, framework, wheels));
    }
    let driver = request.target.driver.as_ref();
    let run: Vec<(&'static Wheel, Support)> = offered
        .iter()
        .filter_map(|wheel| Some((*wheel, support(driver, wheel.cuda)?)))
        .collect();
    if run.is_empty() {
        let lowest = offered
            .iter()
            .map(|wheel| wheel.cuda)
            .min()
            .unwrap_or(Cuda::new(0, 0));
        let driver = driver.map(ToString::to_string).unwrap_or_default();
        return Err(Impossible::new(
            format!(
                "{driver} runs no {framework} that there is: the oldest CUDA of it is {lowest}"
            ),
            format!(
                "CUDA {lowest} needs driver {} or newer",
                oldest_driver(lowest)
            ),
        ));
    }
    let wanted = request.target.capabilities();
    let fitting = run.iter().enumerate().filter(|(_, (wheel, support))| {
        wanted
            .iter()
            .all(|gpu| wheel.loading(*gpu, *support) != Fit::No)
    });
    let best = fitting.min_by_key(|(place, (wheel, support))| {
        let is_jit = wanted
            .iter()
            .any(|gpu| wheel.loading(*gpu, *support) == Fit::Compiled);
        let major = if *support == Support::Unknown {
            rank_without_driver(wheel.cuda)
        } else {
            0
        };
        let same_release = wheels
            .iter()
            .position(|other| other.version == wheel.version);
        (
            is_jit,
            major,
            same_release,
            *support,
            Reverse(wheel.cuda),
            *place,
        )
    });
    let Some((_, (wheel, support))) = best else {
        let missing = wanted.iter().find(|gpu| {
            run.iter()
                .all(|(wheel, support)| wheel.loading(**gpu, *support) == Fit::No)
        });
        let (first, last) = missing.map_or_else(
            || ("these GPUs together".to_owned(), None),
            |gpu| (gpu.sm(), Some(*gpu)),
        );
        let hint = match last {
            Some(gpu) if gpu.is_tegra() => "a Jetson has images of its own (nvcr.io/nvidia/l4t-*), with wheels made for it".to_owned(),
            _ => match &request.target.driver {
                Some(_) => "a newer driver may run a wheel that has it; so may another --cuda or --python have one".to_owned(),
                None => "name another --gpu, --cuda or --python".to_owned(),
            },
        };
        return Err(Impossible::new(
            format!("no wheel of {framework} that fits has code for {first}"),
            hint,
        ));
    };
    let own = wheel.python;
    Ok(Chosen {
        wheel,
        support: *support,
        python: python.unwrap_or(USUAL_PYTHON.clamp(own.0, own.1)),
        compiled: wanted
            .iter()
            .filter(|gpu| wheel.loading(**gpu, *support) == Fit::Compiled)
            .copied()
            .collect(),
    })
}

/// How a GPU gets its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Native,
    Compiled,
    No,
}

impl Wheel {
    fn loading(&self, gpu: Capability, support: Support) -> Fit {
        match loading(&self.targets(), gpu) {
            Loading::Native(_) => Fit::Native,
            // The PTX is of this toolkit, and a driver that is older does not compile it (error 222).
            Loading::Jit(_) if support != Support::MinorVersion => Fit::Compiled,
            Loading::Jit(_) | Loading::No => Fit::No,
        }
    }

    pub(crate) fn targets(&self) -> Vec<Code> {
        self.code.split(' ').filter_map(Code::parse).collect()
    }
}

fn not_offered(request: &Request, framework: &str, wheels: &[Wheel]) -> Impossible {
    let mut sentence = format!("there is no {framework}");
    if let Some(asked) = request.cuda {
        write!(sentence, " for CUDA {}", asked.cuda()).ok();
    }
    if let Some((major, minor)) = request.python {
        write!(sentence, " for Python {major}.{minor}").ok();
    }
    let all = wheels.iter().map(|wheel| {
        format!(
            "{} for CUDA {} and Python 3.{} to 3.{}",
            wheel.version, wheel.cuda, wheel.python.0, wheel.python.1
        )
    });
    Impossible::new(
        sentence,
        format!("there are {}", all.collect::<Vec<_>>().join("; ")),
    )
}

impl Chosen {
    /// Why this one, as the end of a sentence: `CUDA 12.6, which …`.
    pub(crate) fn reason(&self, request: &Request) -> String {
        let cuda = self.wheel.cuda;
        let gpus = request.target.gpu_words();
        let driver = request
            .target
            .driver
            .as_ref()
            .and_then(|driver| driver.version());
        let driver = driver.map_or_else(
            || "the driver".to_owned(),
            |version| format!("driver {version}"),
        );
        let runs = match self.support {
            Support::Full => format!("which {driver} has itself"),
            Support::MinorVersion => format!("which {driver} runs by minor-version compatibility"),
            Support::Unknown => format!("which every driver from {} on runs", oldest_driver(cuda)),
        };
        let code = if !self.compiled.is_empty() && request.target.gpus.len() == 1 {
            "PTX"
        } else {
            "code"
        };
        format!("CUDA {cuda}, {runs}, with {code} for {gpus}")
    }
}
