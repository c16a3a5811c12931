//! What runs on what: driver, GPU, CUDA, image, wheel. All of it is known beforehand; nothing is started or pulled.

mod answer;
mod cuda;
mod here;
mod image;
mod target;
mod wheels;

use super::explanation::print_json;
use crate::error::CliError;
use crate::ui::Ui;
use answer::{Answer, Outcome};
use clap::Args;
use here::WhatRuns;
use liftgate_cuda::Driver;
use liftgate_cuda::gpu::Gpu;
use schemars::JsonSchema;
use serde::Serialize;
use target::TargetView;
pub(super) use target::{Source, Target};

/// Say whether an image, a toolkit or a wheel runs on a driver and a GPU, before anything is pulled
///
/// Without --driver and --gpu it is about this machine. What is not given is not judged: without a driver, the
/// answer says which one is needed. The exit status is 0 if everything asked for runs, 1 if something does not,
/// or only perhaps.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The version of the Linux driver (535.183.01; a short one stands for the newest that begins so)
    #[arg(long, value_name = "VERSION")]
    driver: Option<String>,

    /// The GPU: a model (H100, "RTX 4090", T4), a PCI id (10de:2330), a compute capability (9.0); may be repeated
    #[arg(long, value_name = "GPU")]
    gpu: Vec<String>,

    /// An image; may be repeated
    #[arg(long, value_name = "NAME")]
    image: Vec<String>,

    /// A CUDA version, of a toolkit or of a program made with it; may be repeated
    #[arg(long, value_name = "VERSION")]
    toolkit: Vec<String>,

    /// A wheel of PyTorch: 2.4.1, 2.4+cu118; may be repeated. With --image, in that image
    #[arg(long, value_name = "VERSION")]
    torch: Vec<String>,

    /// A release of TensorFlow; may be repeated
    #[arg(long, value_name = "VERSION")]
    tensorflow: Vec<String>,

    /// List the toolkits, image tags and wheels that run; so it is too where nothing is asked for
    #[arg(long)]
    what_runs_here: bool,

    /// Print JSON; `docs/schema/compat.json` is its schema
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  liftgate compat --driver 535.183.01 --image nvidia/cuda:12.8.1-runtime-ubuntu22.04
  liftgate compat --gpu H100 --torch 2.4+cu118
  liftgate compat --driver 550.54.15 --gpu 'RTX 4090' --image python:3.11 --torch 2.11
  liftgate compat --toolkit 13.0
  liftgate compat --what-runs-here";

/// What is said. This is also its JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Compatibility {
    /// Raised when a field changes its meaning.
    format: u32,
    /// What it is judged for.
    target: TargetView,
    /// All answers in one word: the worst of them.
    outcome: Outcome,
    /// An answer to each question, in the order of the options' names.
    answers: Vec<Answer>,
    /// What runs, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    what_runs: Option<WhatRuns>,
}

/// The driver and the GPUs of this machine, of several of one kind one; `None`: it has no driver.
pub(super) fn this_machine() -> Option<(Driver, Vec<Gpu>)> {
    let target = Target::find(None, &[]).ok()?;
    Some((target.driver?, target.gpus))
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let target = Target::find(arguments.driver.as_deref(), &arguments.gpu)?;
    let answers = answers(arguments, &target)?;
    let what_runs = if arguments.what_runs_here || answers.is_empty() {
        Some(WhatRuns::on(&target)?)
    } else {
        None
    };
    let compatibility = Compatibility {
        format: 1,
        target: target.view(),
        outcome: answers
            .iter()
            .map(|answer| answer.outcome)
            .max()
            .unwrap_or(Outcome::Runs),
        answers,
        what_runs,
    };
    if arguments.json {
        print_json(&compatibility, ui)?;
    } else {
        compatibility.print(ui);
    }
    match compatibility.outcome {
        Outcome::Runs => Ok(()),
        Outcome::Perhaps | Outcome::DoesNotRun => Err(CliError::Shown),
    }
}

fn answers(arguments: &Arguments, target: &Target) -> Result<Vec<Answer>, CliError> {
    let mut answers = Vec::new();
    for image in &arguments.image {
        answers.push(image::image(image, target));
    }
    for tensorflow in &arguments.tensorflow {
        answers.push(wheels::tensorflow(tensorflow, &arguments.image, target)?);
    }
    for toolkit in &arguments.toolkit {
        answers.push(cuda::toolkit(toolkit, target)?);
    }
    for torch in &arguments.torch {
        answers.push(wheels::torch(torch, &arguments.image, target)?);
    }
    Ok(answers)
}

impl Compatibility {
    fn print(&self, ui: &mut Ui) {
        self.target.print(ui);
        for answer in &self.answers {
            answer.print(ui);
        }
        if let Some(what_runs) = &self.what_runs {
            what_runs.print(ui);
        }
    }
}
