//! The machine that an image is for.

use liftgate_cuda::Driver;
use liftgate_cuda::gpu::{Capability, Gpu};

/// Where the target comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was asked for.
    Asked,
    /// It is this machine.
    Here,
    /// Nobody said anything, and this machine has no driver.
    Unknown,
}

/// A driver and GPUs, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The driver.
    pub(crate) driver: Option<Driver>,
    /// The GPUs, each kind once.
    pub(crate) gpus: Vec<Gpu>,
    /// Where it comes from.
    pub(crate) source: Source,
    /// GPUs of this machine that are not known.
    pub(crate) unknown: Vec<String>,
}

/// The GPUs of the last years, one of each kind of code: what is built for where no GPU was named.
pub(crate) const WIDE: [Capability; 7] = [
    Capability::new(7, 5),
    Capability::new(8, 0),
    Capability::new(8, 6),
    Capability::new(8, 9),
    Capability::new(9, 0),
    Capability::new(10, 0),
    Capability::new(12, 0),
];

impl Target {
    /// The compute capabilities that code is needed for, ascending, each once.
    pub(crate) fn capabilities(&self) -> Vec<Capability> {
        let mut all: Vec<Capability> = self.gpus.iter().map(|gpu| gpu.capability).collect();
        if all.is_empty() {
            all.extend(WIDE);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether GPUs are known.
    pub(crate) fn has_gpus(&self) -> bool {
        !self.gpus.is_empty()
    }

    /// The GPUs by name: `T4 and H100`.
    pub(crate) fn gpu_words(&self) -> String {
        let names: Vec<String> = self.gpus.iter().map(gpu_name).collect();
        match names.as_slice() {
            [] => "any GPU from Turing on".to_owned(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }

    /// `H100 with driver 535.183.01`.
    pub(crate) fn words(&self) -> String {
        match &self.driver {
            Some(driver) => format!("{} with {driver}", self.gpu_words()),
            None => self.gpu_words(),
        }
    }
}

/// The model, or what is known instead.
pub(crate) fn gpu_name(gpu: &Gpu) -> String {
    match gpu.model {
        Some(model) => model.to_owned(),
        None => gpu.capability.sm(),
    }
}
