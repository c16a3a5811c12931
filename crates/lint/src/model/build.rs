//! Stages, what they are built on, and what happens in them.

mod at;
mod making;
mod reach;
mod variables;

#[cfg(test)]
mod tests;

pub use at::At;

use super::base::{self, Provided, Tool};
use super::environment::{Certainty, Changes};
use super::packages::{Install, Manager};
use super::pip::PipInstall;
use super::reference::Reference;
use liftgate_cuda::image::{self, Judgement};
use liftgate_dockerfile::shell::ShellCommand;
use liftgate_dockerfile::{Dockerfile, Instruction, Span};
use std::cell::RefCell;
use std::collections::HashMap;

const DEEPEST: usize = 64;

/// A Dockerfile as something that is built.
#[derive(Debug)]
pub struct Build<'a> {
    /// The file.
    pub file: &'a Dockerfile<'a>,
    /// Its stages, in order.
    pub stages: Vec<Stage<'a>>,
    /// `ARG`s before the first `FROM`.
    global: Changes,
    /// The numbers of the stages of each name, in order.
    by_name: HashMap<String, Vec<usize>>,
    /// Which stages another is built on or copies from.
    used: Vec<bool>,
    /// Which stages are part of an image that somebody runs.
    shipped: Vec<bool>,
    /// What is known of the names of CUDA images, each looked up once.
    judgements: RefCell<HashMap<String, Option<Judgement>>>,
    /// Which stages the last one needs.
    reached: Vec<bool>,
}

/// A stage.
#[derive(Debug)]
pub struct Stage<'a> {
    /// Its number.
    pub index: usize,
    /// Its name, in lower case.
    pub name: Option<String>,
    /// Its `FROM`.
    pub from: &'a Instruction,
    /// Where the image is named in it.
    pub image_span: Span,
    /// What it is built on.
    pub origin: Origin,
    /// Its instructions but for `FROM`.
    pub steps: Vec<Step<'a>>,
    environment: Changes,
    arguments: Changes,
    /// Packages of every kind that its commands install, with the first place, by name.
    installed: HashMap<String, Place>,
    /// Where an `ARG` first names a variable, with a default or without one.
    declared: HashMap<String, usize>,
    /// Where a package with a tool is first installed, by tool.
    comes: [Option<Place>; Tool::COUNT],
    /// The first step that may bring a tool in a way that is not seen, by tool.
    may_come: [Option<usize>; Tool::COUNT],
    /// Which of [`TELLING`] its commands say, a bit each.
    says: u16,
    /// Where each manager of packages is called first.
    first_calls: Vec<(Manager, Place)>,
    /// Where the loader's cache is last made anew.
    last_cache: Option<Place>,
    /// Where a library of the driver is last taken away.
    last_removal: Option<Place>,
}

/// What a stage is built on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nothing.
    Scratch,
    /// An earlier stage.
    Stage(usize),
    /// An image.
    Image {
        /// Its name, expanded.
        text: String,
        /// The name, taken apart.
        reference: Reference,
        /// How sure the name is.
        certainty: Certainty,
    },
}

/// Words that tell what a stage is about, wherever they stand in its commands, in lower case.
const TELLING: &[&str] = &[
    "wsl-ubuntu",
    "3bf863cc",
    "cuda-keyring",
    "devtools/repos",
    "stubs",
    "codec",
    "get.docker.com",
    "download.docker.com",
    "dockerd",
    "k3s",
    "nvidia-ctk",
    "docker-in-docker",
];

/// A place in a stage: the step, and the command in it.
pub type Place = (usize, usize);

/// An instruction of a stage.
#[derive(Debug)]
pub struct Step<'a> {
    /// The instruction.
    pub instruction: &'a Instruction,
    /// Its commands, those within `bash -c '…'` too, if it is a `RUN`, `CMD`, `ENTRYPOINT` or `HEALTHCHECK`.
    pub commands: Vec<ShellCommand>,
    /// Whether there is more in it than its commands: a syntax that was not understood, or another language.
    pub opaque: bool,
    /// What its commands install, with the number of the command.
    pub installs: Vec<(usize, Install)>,
    /// What its commands install by pip, with the number of the command.
    pub pip: Vec<(usize, PipInstall)>,
}

impl<'a> Build<'a> {
    /// What is known of an image's name, if it is one of NVIDIA's CUDA images.
    pub(super) fn judgement(&self, name: &str) -> Option<Judgement> {
        if let Some(known) = self.judgements.borrow().get(name) {
            return known.clone();
        }
        let judgement = image::Reference::parse(name).map(|reference| reference.judge());
        self.judgements
            .borrow_mut()
            .insert(name.to_owned(), judgement.clone());
        judgement
    }

    /// Where the image of a stage is named, if its name is written out there: what a fix may replace.
    pub fn literal_image(&self, stage: &Stage<'a>) -> Option<Span> {
        match &stage.origin {
            Origin::Image { text, .. } => {
                (stage.image_span.of(self.file.text) == text).then_some(stage.image_span)
            }
            Origin::Scratch | Origin::Stage(_) => None,
        }
    }

    /// The stage that is built when nobody names one.
    pub fn last(&self) -> Option<&Stage<'a>> {
        self.stages.last()
    }

    /// Every step of every stage.
    pub fn steps(&self) -> impl Iterator<Item = At<'_>> {
        self.stages.iter().flat_map(|stage| self.steps_of(stage))
    }

    /// Every step of a stage.
    pub fn steps_of<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = At<'b>> {
        stage.steps.iter().enumerate().map(move |(index, step)| At {
            build: self,
            stage,
            step,
            index,
        })
    }

    /// A stage, and the stages that it is built on.
    pub fn lineage<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = &'b Stage<'a>> {
        std::iter::successors(Some(stage), |stage| match stage.origin {
            Origin::Stage(index) => self.stages.get(index),
            Origin::Scratch | Origin::Image { .. } => None,
        })
        .take(DEEPEST)
    }

    /// What the first stage of a stage's lineage is built on.
    pub fn root<'b>(&'b self, stage: &'b Stage<'a>) -> &'b Stage<'a> {
        self.lineage(stage).last().unwrap_or(stage)
    }

    /// The image at the root of a stage's lineage, if it is one and its name is known.
    pub fn base<'b>(&'b self, stage: &'b Stage<'a>) -> Option<(&'b Reference, Certainty)> {
        match &self.root(stage).origin {
            Origin::Image {
                reference,
                certainty,
                ..
            } if *certainty != Certainty::Unknown => Some((reference, *certainty)),
            _ => None,
        }
    }

    /// What the image at the root of a stage's lineage brings along.
    pub fn provided(&self, stage: &Stage<'a>) -> Provided {
        match &self.root(stage).origin {
            Origin::Scratch => Provided::nothing(),
            Origin::Image {
                reference,
                certainty,
                ..
            } if *certainty != Certainty::Unknown => base::provided(reference),
            Origin::Image { .. } | Origin::Stage(_) => Provided::unknown(),
        }
    }

    /// The stage that a name or a number means, as `COPY --from=` and `FROM` take it.
    pub fn stage_named(&self, name: &str, before: usize) -> Option<&Stage<'a>> {
        let named = self.by_name.get(&name.to_lowercase()).and_then(|numbers| {
            let last = numbers
                .partition_point(|number| *number < before)
                .checked_sub(1)?;
            self.stages.get(numbers[last])
        });
        named.or_else(|| self.stages.get(..before)?.get(name.parse::<usize>().ok()?))
    }
}

impl Stage<'_> {
    /// Whether a library of the driver is taken away behind a place.
    pub fn removes_driver_library_behind(&self, place: Place) -> bool {
        self.last_removal.is_some_and(|last| last > place)
    }

    /// Whether a command is the first of this stage that calls a manager of packages.
    pub fn is_first_call(&self, manager: Manager, place: Place) -> bool {
        self.first_calls.contains(&(manager, place))
    }

    /// Whether the loader's cache is made anew behind a place.
    pub(super) fn is_cache_made_behind(&self, place: Place) -> bool {
        self.last_cache.is_some_and(|last| last > place)
    }

    /// Whether an `ARG` before the step `order` names a variable, with a default or without one.
    pub fn declares(&self, order: usize, name: &str) -> bool {
        self.declared.get(name).is_some_and(|first| *first < order)
    }

    /// Where its commands first install a package of that name; `pip:torch` is one of pip's.
    pub fn installs(&self, package: &str) -> Option<Place> {
        self.installed.get(package).copied()
    }

    /// The names of all packages that its commands install.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.installed.keys().map(String::as_str)
    }

    /// The variables of the image's environment that its own instructions set.
    pub fn environment_names(&self) -> impl Iterator<Item = &str> {
        self.environment.names()
    }

    /// Its name as people read it: `build`, or its number.
    pub fn shown(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("number {}", self.index))
    }
}
