//! Everything that runs: CUDA versions, tags of `nvidia/cuda`, wheels of PyTorch.

use super::answer::Outcome;
use super::target::Target;
use super::{cuda, image, wheels};
use crate::error::CliError;
use crate::ui::Ui;
use liftgate_cuda::framework::TorchWheel;
use liftgate_cuda::image::{Flavour, Tag};
use liftgate_cuda::{Cuda, toolkits};
use schemars::JsonSchema;
use serde::Serialize;

/// What runs on a target.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WhatRuns {
    /// Every CUDA version from 11.0 on, the newest first.
    toolkits: Vec<ToolkitView>,
    /// For each of those that run a tag of nvidia/cuda: the newest patch, on the newest Ubuntu that is certain. Other
    /// flavours are to be had by their names.
    images: Vec<String>,
    /// Wheels of PyTorch that run, the newest first.
    wheels: Vec<WheelView>,
}

/// A CUDA version.
#[derive(Debug, Serialize, JsonSchema)]
struct ToolkitView {
    cuda: String,
    outcome: Outcome,
    verdict: String,
}

/// A wheel.
#[derive(Debug, Serialize, JsonSchema)]
struct WheelView {
    /// Such as `2.8+cu128`.
    wheel: String,
    /// Whether it is the one on PyPI.
    is_default: bool,
}

impl WhatRuns {
    pub(super) fn on(target: &Target) -> Result<Self, CliError> {
        if target.driver.is_none() && target.gpus.is_empty() {
            return Err(CliError::Usage {
                sentence: "there is nothing to say what runs on: this machine has no NVIDIA driver"
                    .to_owned(),
                hint: "name a driver, a GPU, or both: --driver 535.183.01 --gpu H100".to_owned(),
            });
        }
        let mut versions: Vec<Cuda> = toolkits().filter(|cuda| cuda.major >= 11).collect();
        versions.reverse();
        let mut here = Self {
            toolkits: Vec::new(),
            images: Vec::new(),
            wheels: Vec::new(),
        };
        for version in versions {
            let answer = cuda::toolkit(&version.to_string(), target)?;
            let tag = tag(version).map(|tag| format!("nvidia/cuda:{tag}"));
            // An image has libraries that a toolkit has not.
            here.images
                .extend(tag.filter(|tag| image::image(tag, target).outcome == Outcome::Runs));
            here.toolkits.push(ToolkitView {
                cuda: version.to_string(),
                outcome: answer.outcome,
                verdict: answer.verdict,
            });
        }
        let mut wheels: Vec<(TorchWheel, bool)> = TorchWheel::all()
            .filter(|(wheel, _)| wheel.release >= (1, 12))
            .collect();
        wheels.reverse();
        for (wheel, is_default) in wheels {
            let name = wheel.to_string().replace("torch ", "");
            if wheels::torch(&name, &[], target)?.outcome == Outcome::Runs {
                here.wheels.push(WheelView {
                    wheel: name,
                    is_default,
                });
            }
        }
        Ok(here)
    }

    pub(super) fn print(&self, ui: &mut Ui) {
        let lines: Vec<(String, String)> = self
            .toolkits
            .iter()
            .map(|one| (format!("CUDA {}", one.cuda), one.verdict.clone()))
            .collect();
        ui.table("Toolkits", &lines);
        let lines: Vec<(String, String)> = self
            .images
            .iter()
            .map(|tag| (tag.clone(), String::new()))
            .collect();
        ui.table("Images (also as runtime and devel)", &lines);
        let mut lines: Vec<(String, String)> = Vec::new();
        for one in &self.wheels {
            let (release, flavour) = one.wheel.split_once('+').unwrap_or((&one.wheel, ""));
            let flavour = if one.is_default {
                format!("{flavour} (PyPI)")
            } else {
                flavour.to_owned()
            };
            match lines.last_mut() {
                Some((last, flavours)) if *last == format!("torch {release}") => {
                    flavours.push_str(", ");
                    flavours.push_str(&flavour);
                }
                _ => lines.push((format!("torch {release}"), flavour)),
            }
        }
        ui.table("Wheels of PyTorch", &lines);
    }
}

/// The newest patch of a version, on the newest Ubuntu of which that is certain.
fn tag(cuda: Cuda) -> Option<Tag> {
    let tags = Tag::all().filter(|(tag, _)| {
        tag.release.cuda() == cuda && tag.flavour == Flavour::Base && tag.os.is_ubuntu()
    });
    let newest =
        tags.min_by_key(|(tag, mark)| (!mark.is_firm(), std::cmp::Reverse(tag.release), tag.os));
    newest.map(|(tag, _)| tag)
}
