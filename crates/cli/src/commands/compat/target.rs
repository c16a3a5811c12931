//! What a question is about: a driver and GPUs, given or this machine's.

use crate::error::CliError;
use crate::nvml_names;
use crate::ui::Ui;
use liftgate_cuda::gpu::{Class, Gpu};
use liftgate_cuda::{Branch, BranchKind, Cuda, Driver, EndOfLife};
use liftgate_driver::{Host, Places, PlatformKind};
use schemars::JsonSchema;
use serde::Serialize;

/// Where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::commands) enum Source {
    CommandLine,
    ThisMachine,
    /// Nothing was given, and this machine has no driver.
    Nothing,
}

/// A driver and GPUs, as far as they are known.
#[derive(Debug)]
pub(in crate::commands) struct Target {
    pub(in crate::commands) driver: Option<Driver>,
    /// Of several of one kind one.
    pub(in crate::commands) gpus: Vec<Gpu>,
    /// Models that nobody knows.
    pub(in crate::commands) unknown: Vec<String>,
    pub(in crate::commands) source: Source,
}

impl Target {
    /// What the options say, or else this machine's.
    pub(in crate::commands) fn find(
        driver: Option<&str>,
        gpus: &[String],
    ) -> Result<Self, CliError> {
        if driver.is_none() && gpus.is_empty() {
            return Ok(Self::of_this_machine());
        }
        let driver = driver.map(|text| {
            Driver::parse(text).ok_or_else(|| CliError::Usage {
                sentence: format!("`{text}` is no version of a driver"),
                hint: "write --driver 535.183.01, as /proc/driver/nvidia/version has it".to_owned(),
            })
        });
        let mut kinds = Vec::new();
        for text in gpus {
            let gpu = Gpu::parse(text).map_err(|error| CliError::Usage {
                hint: match error.candidates.as_slice() {
                    [] => "name a model (H100, 'RTX 4090'), or a compute capability (--gpu 9.0)"
                        .to_owned(),
                    _ => "name one of them, or a compute capability (--gpu 8.9)".to_owned(),
                },
                sentence: error.to_string(),
            })?;
            add(&mut kinds, gpu);
        }
        Ok(Self {
            driver: driver.transpose()?,
            gpus: kinds,
            unknown: Vec::new(),
            source: Source::CommandLine,
        })
    }

    fn of_this_machine() -> Self {
        // A machine that cannot be read is one of which nothing is known.
        let places = Places::host(None);
        let host = nvml_names::make_record(&places).map(|(_, host)| host).ok();
        let host = match host {
            // The number of a driver on WSL is Windows'; only NVML has the CUDA version.
            Some(host) if host.platform.kind() == PlatformKind::Wsl => {
                let asked = nvml_names::make_record_asking(&places, true);
                asked.map(|(_, host)| host).ok()
            }
            other => other,
        };
        host.map_or_else(Self::nothing, |host| Self::of_host(&host))
    }

    fn nothing() -> Self {
        Self {
            driver: None,
            gpus: Vec::new(),
            unknown: Vec::new(),
            source: Source::Nothing,
        }
    }

    fn of_host(host: &Host) -> Self {
        let narrow = |(major, minor): (u32, u32)| {
            Some(Cuda::new(major.try_into().ok()?, minor.try_into().ok()?))
        };
        let reported = host
            .nvml
            .as_ref()
            .and_then(|nvml| nvml.cuda)
            .and_then(narrow);
        let reported = reported.or_else(|| Cuda::parse(&host.tegra.as_ref()?.cuda));
        let version = host
            .kernel_module
            .as_ref()
            .and_then(|module| Driver::parse(&module.version));
        let driver = match (version, reported) {
            (Some(driver), Some(cuda)) => Some(driver.reporting(cuda)),
            (Some(driver), None) => Some(driver),
            (None, cuda) => cuda.map(Driver::of_cuda),
        };
        let mut target = Self {
            source: if driver.is_some() {
                Source::ThisMachine
            } else {
                Source::Nothing
            },
            driver,
            gpus: Vec::new(),
            unknown: Vec::new(),
        };
        for gpu in &host.gpus {
            match Gpu::parse(&gpu.model) {
                Ok(gpu) => add(&mut target.gpus, gpu),
                Err(_) => target.unknown.push(gpu.model.clone()),
            }
        }
        if host.tegra.as_ref().is_some_and(|gpu| gpu.is_orin) {
            target.gpus.extend(Gpu::parse("Orin"));
        }
        target
    }

    /// Each GPU, or once none.
    pub(super) fn each_gpu(&self) -> Vec<Option<&Gpu>> {
        if self.gpus.is_empty() {
            vec![None]
        } else {
            self.gpus.iter().map(Some).collect()
        }
    }

    pub(super) fn view(&self) -> TargetView {
        TargetView {
            source: self.source,
            driver: self
                .driver
                .as_ref()
                .and_then(Driver::version)
                .map(str::to_owned),
            driver_cuda: self
                .driver
                .as_ref()
                .and_then(Driver::cuda)
                .map(|cuda| cuda.to_string()),
            branch: self.driver.as_ref().and_then(branch),
            gpus: self.gpus.iter().map(GpuView::from).collect(),
            unknown_gpus: self.unknown.clone(),
        }
    }
}

/// How long the branch of a driver is maintained.
fn branch(driver: &Driver) -> Option<String> {
    let branch = Branch::of(driver.branch()?)?;
    let kind = match branch.kind {
        BranchKind::LongTerm => "a long-term branch",
        BranchKind::Production => "a production branch",
        BranchKind::NewFeature => "a new-feature branch",
    };
    let end = match branch.end {
        EndOfLife::In(year, month) => format!("maintained until {year}-{month:02}"),
        EndOfLife::Past => "no longer maintained".to_owned(),
    };
    Some(format!("{}: {kind}, {end}", branch.number))
}

fn add(gpus: &mut Vec<Gpu>, gpu: Gpu) {
    let is_same = |other: &Gpu| (other.capability, other.class) == (gpu.capability, gpu.class);
    if !gpus.iter().any(is_same) {
        gpus.push(gpu);
    }
}

/// The target, as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TargetView {
    /// Where it comes from.
    source: Source,
    /// The driver's version; none: not known, or on WSL.
    driver: Option<String>,
    /// The CUDA version that the driver reports.
    driver_cuda: Option<String>,
    /// How long the driver's branch is maintained.
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    /// The GPUs: of several of one kind one.
    gpus: Vec<GpuView>,
    /// Models of this machine that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_gpus: Vec<String>,
}

/// A GPU, as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
struct GpuView {
    /// The model, if one was said.
    model: Option<String>,
    /// Such as `9.0`.
    compute_capability: String,
    /// Such as `Hopper`.
    architecture: Option<String>,
    /// What it is sold for, on which forward compatibility depends.
    class: Option<ClassView>,
}

/// What a GPU is sold for.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ClassView {
    DataCentre,
    Workstation,
    GeForce,
    Jetson,
}

impl From<&Gpu> for GpuView {
    fn from(gpu: &Gpu) -> Self {
        Self {
            model: gpu.model.map(str::to_owned),
            compute_capability: gpu.capability.to_string(),
            architecture: gpu.architecture().map(|one| one.name().to_owned()),
            class: gpu.class.map(|class| match class {
                Class::DataCentre => ClassView::DataCentre,
                Class::Workstation => ClassView::Workstation,
                Class::GeForce => ClassView::GeForce,
                Class::Jetson => ClassView::Jetson,
            }),
        }
    }
}

impl TargetView {
    pub(super) fn print(&self, ui: &mut Ui) {
        let of = match self.source {
            Source::ThisMachine => " (this machine)",
            Source::CommandLine | Source::Nothing => "",
        };
        match (&self.driver, &self.driver_cuda) {
            (Some(driver), Some(cuda)) => {
                ui.field("Driver", format!("{driver}, which is CUDA {cuda}{of}"));
            }
            (Some(driver), None) => ui.field("Driver", format!("{driver}{of}")),
            (None, Some(cuda)) => ui.field("Driver", format!("of CUDA {cuda}{of}")),
            (None, None) if self.source == Source::Nothing => {
                ui.field("Driver", "not given, and this machine has none");
            }
            (None, None) => ui.field("Driver", "not given"),
        }
        if let Some(branch) = &self.branch {
            ui.field("Branch", branch);
        }
        for gpu in &self.gpus {
            let model = gpu.model.as_deref().unwrap_or("any model");
            let architecture = gpu
                .architecture
                .as_deref()
                .unwrap_or("an architecture without a name");
            ui.field(
                "GPU",
                format!(
                    "{model}, compute capability {}, {architecture}{of}",
                    gpu.compute_capability
                ),
            );
        }
        for model in &self.unknown_gpus {
            ui.warning(format!("`{model}` is not among the GPUs that are known; name its compute capability with --gpu"));
        }
    }
}
