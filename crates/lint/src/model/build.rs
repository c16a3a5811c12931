//! Stages, what they are built on, and what happens in them.

use super::base::{self, Has, Provided, Tool};
use super::environment::{Certainty, Changes, LONGEST_VALUE, Value};
use super::loader_path;
use super::packages::{self, Install, Manager};
use super::pip::{self, PipInstall};
use super::reference::Reference;
use crate::finding::{Confidence, Finding};
use liftgate_cuda::image::{self, Judgement};
use liftgate_dockerfile::shell::{self, Connector, Script, ShellCommand, ShellWord};
use liftgate_dockerfile::{Body, Command, Dockerfile, Instruction, Kind, Span, Word, expand};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

/// Stages that are built on stages that are … : more of them in a row are not looked through.
const DEEPEST: usize = 64;
/// A working directory that was set more steps ago than these is not known: each command may ask for it.
const MOST_STEPS_BACK: usize = 512;

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

/// A step, where it stands.
#[derive(Debug, Clone, Copy)]
pub struct At<'b> {
    /// The build.
    pub build: &'b Build<'b>,
    /// The stage.
    pub stage: &'b Stage<'b>,
    /// The step.
    pub step: &'b Step<'b>,
    /// The step's number.
    pub index: usize,
}

impl<'a> Build<'a> {
    /// Makes stages of a file's instructions.
    pub fn new(file: &'a Dockerfile<'a>) -> Self {
        let mut build = Self {
            file,
            stages: Vec::new(),
            global: Changes::default(),
            by_name: HashMap::new(),
            used: Vec::new(),
            shipped: Vec::new(),
            judgements: RefCell::default(),
            reached: Vec::new(),
        };
        for (order, instruction) in file.instructions().enumerate() {
            if instruction.kind == Kind::From {
                build.begin(instruction);
            } else if build.stages.is_empty() {
                build.before_stages(order, instruction);
            } else {
                build.step(instruction);
            }
        }
        build.used = build.uses();
        build.shipped = vec![false; build.stages.len()];
        for at in 0..build.stages.len() {
            // What no other stage uses is an image of its own, if somebody names it as the target.
            if at + 1 == build.stages.len() || !build.used[at] {
                let parts: Vec<usize> = build
                    .lineage(&build.stages[at])
                    .map(|stage| stage.index)
                    .collect();
                for part in parts {
                    build.shipped[part] = true;
                }
            }
        }
        build.reached = build.all_reached();
        build
    }

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

    /// Which stages another is built on, copies from or mounts.
    fn uses(&self) -> Vec<bool> {
        let mut used = vec![false; self.stages.len()];
        for later in &self.stages {
            if let Origin::Stage(index) = later.origin {
                used[index] = true;
            }
            for named in self.copied_from(later) {
                used[named.index] = true;
            }
        }
        used
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

    /// Whether a later stage is built on this one, copies from it or mounts it.
    pub fn is_used(&self, stage: &Stage<'a>) -> bool {
        self.used.get(stage.index).copied().unwrap_or(false)
    }

    /// Whether a stage is part of an image that somebody runs: the last one, one that no other uses, and what these are
    /// built on. What is only copied from is not.
    pub fn is_shipped(&self, stage: &Stage<'a>) -> bool {
        self.shipped.get(stage.index).copied().unwrap_or(false)
    }

    /// Whether a stage is none that is built when nobody names one: neither the last one, nor used by another.
    pub fn is_idle(&self, stage: &Stage<'a>) -> bool {
        stage.index + 1 < self.stages.len() && !self.is_used(stage)
    }

    /// Whether the build of the last stage needs a stage.
    pub fn is_reached(&self, stage: &Stage<'a>) -> bool {
        self.reached.get(stage.index).copied().unwrap_or_default()
    }

    fn all_reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.stages.len()];
        if let Some(last) = reached.last_mut() {
            *last = true;
        }
        // What a stage needs stands before it.
        for later in self.stages.iter().rev() {
            if !reached[later.index] {
                continue;
            }
            if let Origin::Stage(index) = later.origin {
                reached[index] = true;
            }
            for named in self.copied_from(later) {
                reached[named.index] = true;
            }
        }
        reached
    }

    /// The stages that a stage copies from or mounts.
    fn copied_from<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = &'b Stage<'a>> {
        stage
            .steps
            .iter()
            .flat_map(|step| &step.instruction.flags)
            .filter_map(move |flag| {
                let value = flag.value.as_ref()?.value.as_str();
                let name = match flag.name.as_str() {
                    "from" => value,
                    "mount" => value
                        .split(',')
                        .find_map(|part| part.strip_prefix("from="))?,
                    _ => return None,
                };
                self.stage_named(name, stage.index)
            })
    }

    /// What a variable is before the step `order` of a stage.
    pub fn variable(&self, stage: &Stage<'a>, order: usize, name: &str) -> Option<Value> {
        if let Some(value) = self.environment(stage, order, name) {
            return Some(value);
        }
        stage.arguments.before(order, name).cloned()
    }

    /// What a variable of the image's environment is before the step `order` of a stage.
    pub fn environment(&self, stage: &Stage<'a>, order: usize, name: &str) -> Option<Value> {
        let mut order = order;
        for ancestor in self.lineage(stage) {
            if let Some(value) = ancestor.environment.before(order, name) {
                return Some(value.clone());
            }
            order = usize::MAX;
        }
        let (reference, certainty) = self.base(stage)?;
        base::environment(reference, name).map(|text| Value {
            text,
            certainty,
            span: None,
        })
    }

    /// What a variable of the image's environment is when a stage has been built.
    pub fn final_environment(&self, stage: &Stage<'a>, name: &str) -> Option<Value> {
        self.environment(stage, usize::MAX, name)
    }

    /// The variables that a stage and those that it is built on set.
    pub fn names_set<'b>(&'b self, stage: &'b Stage<'a>) -> impl Iterator<Item = &'b str> {
        self.lineage(stage)
            .flat_map(|stage| stage.environment.names())
    }

    /// A word of a command with its variables expanded, those that the script has set itself first.
    fn expanded_word(
        &self,
        stage: &Stage<'a>,
        order: usize,
        set: &HashMap<String, Value>,
        word: &ShellWord,
    ) -> (String, Certainty) {
        if word.literal {
            return (word.value.clone(), Certainty::Written);
        }
        if runs_command(&word.value) {
            return (word.value.clone(), Certainty::Unknown);
        }
        expanded(&word.value, |name| {
            set.get(name)
                .cloned()
                .or_else(|| self.variable(stage, order, name))
        })
    }

    /// A text of the step `order` of a stage with its variables expanded.
    pub fn expanded(&self, stage: &Stage<'a>, order: usize, text: &str) -> (String, Certainty) {
        expanded(text, |name| self.variable(stage, order, name))
    }

    fn before_stages(&mut self, order: usize, instruction: &Instruction) {
        let Body::Arguments(arguments) = &instruction.body else {
            return;
        };
        for argument in arguments {
            let Some(default) = &argument.default else {
                continue;
            };
            let global = &self.global;
            let (text, certainty) =
                expanded(&default.value, |name| global.before(order, name).cloned());
            let value = Value {
                text,
                certainty: certainty.min(Certainty::Default),
                span: Some(default.span),
            };
            // An order of its own: `ARG A=1 B=$A` sees what stands before it.
            self.global.set(order, &argument.name.value, value);
        }
    }

    fn begin(&mut self, from: &'a Instruction) {
        let (image_span, origin, name) = match &from.body {
            Body::From { image, name } => {
                let global = &self.global;
                let (text, certainty) = expanded(&image.value, |name| {
                    global.before(usize::MAX, name).cloned()
                });
                let earlier = self.stage_named(&text, self.stages.len());
                // Only a name means a stage here; a number is an image's name.
                let earlier =
                    earlier.filter(|stage| stage.name.is_some() && text.parse::<usize>().is_err());
                let origin = match earlier {
                    Some(stage) if certainty != Certainty::Unknown => Origin::Stage(stage.index),
                    _ if text == "scratch" => Origin::Scratch,
                    _ => Origin::Image {
                        reference: Reference::parse(&text),
                        text,
                        certainty,
                    },
                };
                let name = name.as_ref().map(|name| name.value.to_lowercase());
                (image.span, origin, name)
            }
            _ => (
                from.span,
                Origin::Image {
                    text: String::new(),
                    reference: Reference::parse(""),
                    certainty: Certainty::Unknown,
                },
                None,
            ),
        };
        if let Some(name) = &name {
            self.by_name
                .entry(name.clone())
                .or_default()
                .push(self.stages.len());
        }
        self.stages.push(Stage {
            index: self.stages.len(),
            name,
            from,
            image_span,
            origin,
            steps: Vec::new(),
            environment: Changes::default(),
            arguments: Changes::default(),
            installed: HashMap::new(),
            declared: HashMap::new(),
            comes: [None; Tool::COUNT],
            may_come: [None; Tool::COUNT],
            says: 0,
            first_calls: Vec::new(),
            last_cache: None,
            last_removal: None,
        });
    }

    fn step(&mut self, instruction: &'a Instruction) {
        let Some(index) = self.stages.len().checked_sub(1) else {
            return;
        };
        let order = self.stages[index].steps.len();
        match &instruction.body {
            Body::Pairs(pairs) if instruction.kind == Kind::Env => {
                // All values of an instruction see the variables as they were before it.
                let values: Vec<_> = pairs
                    .iter()
                    .map(|pair| {
                        let (text, certainty) =
                            self.expanded(&self.stages[index], order, &pair.value.value);
                        let span = Some(pair.value.span);
                        (
                            pair.name.value.as_str(),
                            Value {
                                text,
                                certainty,
                                span,
                            },
                        )
                    })
                    .collect();
                for (name, value) in values {
                    self.stages[index].environment.set(order, name, value);
                }
            }
            Body::Arguments(arguments) => {
                for argument in arguments {
                    let name = argument.name.value.as_str();
                    self.stages[index]
                        .declared
                        .entry(name.to_owned())
                        .or_insert(order);
                    let value = match &argument.default {
                        Some(default) => {
                            let (text, certainty) =
                                self.expanded(&self.stages[index], order, &default.value);
                            Some(Value {
                                text,
                                certainty: certainty.min(Certainty::Default),
                                span: Some(default.span),
                            })
                        }
                        None => self.global.before(usize::MAX, name).cloned(),
                    };
                    if let Some(value) = value {
                        self.stages[index].arguments.set(order, name, value);
                    }
                }
            }
            _ => {}
        }
        let (commands, opaque) = commands(instruction);
        let stage = &self.stages[index];
        let mut installs = Vec::new();
        let mut pips = Vec::new();
        if instruction.kind == Kind::Run {
            // What the script sets itself: `PIP="pip install"; $PIP torch`.
            let mut set = HashMap::new();
            for (number, command) in commands.iter().enumerate() {
                let expand = |word: &ShellWord| self.expanded_word(stage, order, &set, word);
                let command = resolved(command, expand);
                if let Some(install) = packages::read(&command, expand) {
                    installs.push((number, install));
                }
                if let Some(install) = pip::read(&command, expand) {
                    pips.push((number, install));
                }
                if command.words.is_empty() || command.program() == Some("export") {
                    let values: Vec<_> = command
                        .assignments
                        .iter()
                        .map(|assignment| {
                            let (text, certainty) = expand(&assignment.value);
                            let certainty = if command.conditional {
                                Certainty::Unknown
                            } else {
                                certainty
                            };
                            let span = Some(assignment.span);
                            (
                                assignment.name.clone(),
                                Value {
                                    text,
                                    certainty,
                                    span,
                                },
                            )
                        })
                        .collect();
                    set.extend(values);
                }
            }
        }
        let stage = &mut self.stages[index];
        if instruction.kind == Kind::Run {
            for (number, command) in commands.iter().enumerate() {
                stage.note(command, (order, number));
            }
        }
        for (number, install) in &installs {
            for package in &install.packages {
                stage.install(package.name.clone(), (order, *number));
            }
        }
        for (number, install) in &pips {
            for requirement in &install.requirements {
                stage.install(format!("pip:{}", requirement.name), (order, *number));
            }
        }
        let step = Step {
            instruction,
            commands,
            opaque,
            installs,
            pip: pips,
        };
        for tool in Tool::ALL {
            let first = &mut stage.may_come[tool as usize];
            if first.is_none() && base::may_bring(&step, tool) {
                *first = Some(order);
            }
        }
        stage.says |= said(&step);
        stage.steps.push(step);
    }
}

impl Stage<'_> {
    /// Remembers what is asked of many commands, so that not each of them looks through all others.
    fn note(&mut self, command: &ShellCommand, place: Place) {
        let Some(program) = command.program() else {
            return;
        };
        let manager = Manager::of(program);
        if let Some(manager) = manager
            && !self.first_calls.iter().any(|(known, _)| *known == manager)
        {
            self.first_calls.push((manager, place));
        }
        let installs = manager == Some(Manager::Apt)
            && command
                .arguments()
                .iter()
                .any(|word| word.value == "install");
        if installs || program == "ldconfig" && loader_path::operands(command).next().is_none() {
            self.last_cache = Some(place);
        }
        if program == "rm"
            && command
                .words
                .iter()
                .any(|word| word.value.contains("libcuda.so") || word.value.contains("libnvidia-"))
        {
            self.last_removal = Some(place);
        }
    }

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

    fn install(&mut self, name: String, place: Place) {
        for tool in Tool::ALL {
            let first = &mut self.comes[tool as usize];
            if first.is_none() && tool.is_in(&name) {
                *first = Some(place);
            }
        }
        self.installed.entry(name).or_insert(place);
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

impl At<'_> {
    /// Whether one of these packages has been installed before a command of this step, here or in what the stage is built on.
    pub fn installed(&self, command: usize, packages: &[&str]) -> bool {
        let here = packages
            .iter()
            .filter_map(|package| self.stage.installs(package));
        let parents = self.build.lineage(self.stage).skip(1);
        here.into_iter().any(|place| place < (self.index, command))
            || parents.into_iter().any(|stage| {
                packages
                    .iter()
                    .any(|package| stage.installs(package).is_some())
            })
    }

    /// Whether a package whose name a test accepts has been installed before this step or in it, here or in what the
    /// stage is built on.
    pub fn installed_like(&self, test: impl Fn(&str) -> bool) -> bool {
        let here = self.stage.installed.iter();
        here.filter(|(_, place)| place.0 <= self.index)
            .any(|(name, _)| test(name))
            || self
                .build
                .lineage(self.stage)
                .skip(1)
                .any(|stage| stage.packages().any(&test))
    }

    /// Whether a tool is there when a command of this step runs, as far as that can be seen.
    ///
    /// Steps that copy from other images, unpack archives or run unknown installers make it unknown.
    pub fn has(&self, command: usize, tool: Tool) -> Has {
        match self.build.provided(self.stage).has(tool) {
            Has::No if self.comes(command, tool) => Has::Yes,
            Has::No if self.may_come_otherwise(tool) || self.is_chosen_otherwise() => Has::Unknown,
            other => other,
        }
    }

    /// Whether the whole name of the image is an argument's default, in a stage that the default build does not reach:
    /// who builds that one names an image of their own.
    fn is_chosen_otherwise(&self) -> bool {
        let root = self.build.root(self.stage);
        let is_default = matches!(
            &root.origin,
            Origin::Image {
                certainty: Certainty::Default,
                ..
            }
        );
        let is_whole = root.image_span.of(self.build.file.text).starts_with('$');
        is_default && is_whole && !self.build.is_reached(self.stage)
    }

    /// Whether a command of this step may fail without ending the build: `pip --version || true`.
    pub fn may_fail(&self, command: usize) -> bool {
        let commands = &self.step.commands;
        let Some(depth) = commands.get(command).map(|command| command.depth) else {
            return false;
        };
        let next = commands
            .iter()
            .skip(command + 1)
            .take(256)
            .find(|next| next.depth <= depth);
        next.is_some_and(|next| next.connector == Connector::Or)
    }

    /// Whether a package with the tool is installed before a command.
    fn comes(&self, command: usize, tool: Tool) -> bool {
        let mut end = (self.index, command);
        self.build.lineage(self.stage).any(|stage| {
            let comes = stage.comes[tool as usize].is_some_and(|place| place < end);
            end = (usize::MAX, 0);
            comes
        })
    }

    /// Whether an earlier step, or this one, may bring a tool in a way that is not seen.
    fn may_come_otherwise(&self, tool: Tool) -> bool {
        let mut end = self.index;
        self.build.lineage(self.stage).any(|stage| {
            let comes = stage.may_come[tool as usize].is_some_and(|order| order <= end);
            end = usize::MAX;
            comes
        })
    }

    /// A word with its variables expanded as far as they are known.
    pub fn expanded(&self, word: &ShellWord) -> (String, Certainty) {
        self.build
            .expanded_word(self.stage, self.index, &HashMap::new(), word)
    }

    /// The number of one of this step's commands.
    pub fn number_of(&self, command: &ShellCommand) -> Option<usize> {
        let commands = &self.step.commands;
        // By its address: a search for each of so many commands would take the square of their number.
        let distance = std::ptr::from_ref(command)
            .addr()
            .checked_sub(commands.as_ptr().addr())?;
        let number = distance / size_of::<ShellCommand>();
        commands
            .get(number)
            .filter(|one| std::ptr::eq(*one, command))
            .map(|_| number)
    }

    /// Says of which image the stage of a finding is.
    pub fn blame_base(&self, finding: &mut Finding) {
        let root = self.build.root(self.stage);
        if let Origin::Image {
            text, certainty, ..
        } = &root.origin
        {
            finding.related(root.image_span, format!("it is built on `{text}`"));
            if *certainty == Certainty::Default {
                finding.at_most(Confidence::Medium);
            }
        }
    }

    /// What installs packages in this stage's image, as far as that is known.
    pub fn manager(&self) -> Option<Manager> {
        if let Some(os) = self.build.cuda_base(self.stage).and_then(|base| base.os) {
            return Manager::of(os.package_manager().command());
        }
        let (reference, _) = self.build.base(self.stage)?;
        match reference.repository.as_str() {
            "alpine" => Some(Manager::Apk),
            "python" | "buildpack-deps" | "gcc" if reference.tag_or_latest().contains("alpine") => {
                Some(Manager::Apk)
            }
            "ubuntu" | "debian" | "python" | "buildpack-deps" | "gcc" => Some(Manager::Apt),
            "rockylinux" | "almalinux" | "fedora" => Some(Manager::Dnf),
            name if name.starts_with("registry.access.redhat.com/ubi") => Some(Manager::Dnf),
            _ => None,
        }
    }

    /// A path of a command of this step, from the root on; `None` where the working directory is not known.
    pub fn path(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return Some(path.to_owned());
        }
        let mut directory: Option<String> = None;
        let mut end = self.index;
        let mut left = MOST_STEPS_BACK;
        for stage in self.build.lineage(self.stage) {
            let steps = stage.steps.iter().enumerate().take(end).rev();
            for (order, step) in steps {
                left = left.checked_sub(1)?;
                let Body::Words(words) = &step.instruction.body else {
                    continue;
                };
                let Some(word) = words
                    .first()
                    .filter(|_| step.instruction.kind == Kind::Workdir)
                else {
                    continue;
                };
                let (text, certainty) = self.build.expanded(stage, order, &word.value);
                if certainty == Certainty::Unknown {
                    return None;
                }
                let is_absolute = text.starts_with('/');
                directory = Some(match directory {
                    Some(below) => format!("{}/{below}", text.trim_end_matches('/')),
                    None => text,
                });
                if is_absolute {
                    let directory = directory?;
                    let path = path.trim_start_matches("./");
                    return Some(format!("{}/{path}", directory.trim_end_matches('/')));
                }
            }
            end = usize::MAX;
        }
        None
    }

    /// Whether a command of this stage, or of what it is built on, says one of [`TELLING`], whatever its case. A key that
    /// is taken away (`apt-key del …`) does not count.
    pub fn stage_says(&self, text: &str) -> bool {
        let place = TELLING.iter().position(|telling| *telling == text);
        debug_assert!(place.is_some(), "`{text}` is not looked for");
        let bit = place.map_or(0, |place| 1_u16 << place);
        self.build
            .lineage(self.stage)
            .any(|stage| stage.says & bit != 0)
    }

    /// What a variable is before this step.
    pub fn variable(&self, name: &str) -> Option<Value> {
        self.build.variable(self.stage, self.index, name)
    }
}

/// A text with its variables expanded, and how sure it is.
fn expanded(text: &str, lookup: impl Fn(&str) -> Option<Value>) -> (String, Certainty) {
    let mut certainty = Certainty::Written;
    let expansion = expand(text, |name| {
        let value = lookup(name)?;
        certainty = certainty.min(value.certainty);
        Some(value.text)
    });
    let is_known = expansion.unknown.is_empty()
        && expansion.error.is_none()
        && certainty != Certainty::Unknown
        && expansion.text.len() <= LONGEST_VALUE;
    if !is_known {
        return (text.to_owned(), Certainty::Unknown);
    }
    if !expansion.defaulted.is_empty() {
        certainty = certainty.min(Certainty::Default);
    }
    (expansion.text, certainty)
}

/// Which of [`TELLING`] a step says, a bit each.
fn said(step: &Step<'_>) -> u16 {
    let sources = match &step.instruction.body {
        Body::Files { sources, .. } => sources.as_slice(),
        _ => &[],
    };
    let commands = step
        .commands
        .iter()
        .filter(|command| !command.words.iter().any(|word| word.value == "del"));
    let words = commands
        .flat_map(|command| &command.words)
        .map(|word| &word.value);
    let mut said = 0;
    for word in words.chain(sources.iter().map(|source| &source.value)) {
        let word = word.to_ascii_lowercase();
        for (place, telling) in TELLING.iter().enumerate() {
            said |= u16::from(word.contains(telling)) << place;
        }
    }
    said
}

/// Whether the shell runs a command for a part of a word.
fn runs_command(word: &str) -> bool {
    word.contains("$(") || word.contains('`')
}

/// A command whose program is in a variable (`$PIP_INSTALL torch`), with the words of that variable.
fn resolved(
    command: &ShellCommand,
    expand: impl Fn(&ShellWord) -> (String, Certainty),
) -> Cow<'_, ShellCommand> {
    let Some((place, word)) = command
        .place()
        .and_then(|place| Some((place, command.words.get(place)?)))
    else {
        return Cow::Borrowed(command);
    };
    if word.literal || word.quoted {
        return Cow::Borrowed(command);
    }
    let (text, certainty) = expand(word);
    if certainty == Certainty::Unknown || text.trim().is_empty() {
        return Cow::Borrowed(command);
    }
    let words = text.split_whitespace().map(|part| ShellWord {
        value: part.to_owned(),
        literal: true,
        ..word.clone()
    });
    let mut command = command.clone();
    command.words.splice(place..=place, words);
    Cow::Owned(command)
}

/// The commands of an instruction, and whether there is more in it than these.
fn commands(instruction: &Instruction) -> (Vec<ShellCommand>, bool) {
    let (Body::Command(command) | Body::Healthcheck(Some(command))) = &instruction.body else {
        return (Vec::new(), false);
    };
    let script = match command {
        Command::Shell(joined) => shell::parse_joined(joined),
        Command::Exec(words) => Script {
            commands: of_words(words).into_iter().collect(),
            opaque: None,
        },
    };
    let all = script.all().into_iter().cloned();
    (all.collect(), script.opaque.is_some())
}

/// A list of words as a command: no shell sees it, so nothing in it is expanded.
fn of_words(words: &[Word]) -> Option<ShellCommand> {
    let (first, last) = (words.first()?, words.last()?);
    Some(ShellCommand {
        span: first.span.to(last.span),
        assignments: Vec::new(),
        words: words
            .iter()
            .map(|word| ShellWord {
                span: word.span,
                value: word.value.clone(),
                literal: true,
                pattern: false,
                quoted: true,
            })
            .collect(),
        redirections: Vec::new(),
        connector: Connector::First,
        conditional: false,
        depth: 0,
        script: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Build, Has, Tool};
    use liftgate_dockerfile::parse;

    /// Whether a tool is there when the last command of the last stage runs.
    fn has(text: &str, tool: Tool) -> Has {
        let file = parse(text);
        let build = Build::new(&file);
        let last = build.last().expect("a stage");
        let at = build.steps_of(last).last().expect("a step");
        at.has(at.step.commands.len() - 1, tool)
    }

    #[test]
    fn tools_of_images() {
        for (image, tool, expected) in [
            ("nvidia/cuda:12.9.2-devel-ubuntu24.04", Tool::Nvcc, Has::Yes),
            (
                "nvidia/cuda:12.9.2-devel-ubuntu24.04",
                Tool::Compiler,
                Has::Yes,
            ),
            ("nvidia/cuda:12.9.2-devel-ubuntu24.04", Tool::Cmake, Has::No),
            (
                "nvcr.io/nvidia/cuda:12.9.2-runtime-ubuntu24.04",
                Tool::Nvcc,
                Has::No,
            ),
            ("nvidia/cuda:12.9.2-base-ubuntu24.04", Tool::Python, Has::No),
            (
                "nvidia/cuda:12.9.2-base-rockylinux9",
                Tool::Python,
                Has::Unknown,
            ),
            ("nvidia/cuda:latest", Tool::Nvcc, Has::Unknown),
            ("ubuntu:24.04", Tool::Python, Has::No),
            ("rockylinux:9", Tool::Python, Has::Unknown),
            ("rockylinux:9", Tool::Make, Has::No),
            ("python:3.12", Tool::Compiler, Has::Yes),
            ("python:3.12-slim", Tool::Compiler, Has::No),
            ("python:3.12-slim", Tool::Pip, Has::Yes),
            (
                "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel",
                Tool::Nvcc,
                Has::Yes,
            ),
            (
                "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
                Tool::Nvcc,
                Has::No,
            ),
            (
                "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
                Tool::Compiler,
                Has::Unknown,
            ),
            ("buildpack-deps:bookworm", Tool::Compiler, Has::Yes),
            ("buildpack-deps:bookworm-curl", Tool::Compiler, Has::No),
            ("continuumio/miniconda3:latest", Tool::Pip, Has::Yes),
            ("example/unknown:1", Tool::Nvcc, Has::Unknown),
            ("scratch", Tool::Make, Has::No),
        ] {
            assert_eq!(
                has(&format!("FROM {image}\nRUN x\n"), tool),
                expected,
                "{image} {tool:?}"
            );
        }
    }

    #[test]
    fn tools_that_are_installed() {
        let base = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\n";
        for (steps, tool, expected) in [
            ("RUN x\n", Tool::Nvcc, Has::No),
            (
                "RUN apt-get install -y --no-install-recommends cuda-nvcc-12-9\nRUN x\n",
                Tool::Nvcc,
                Has::Yes,
            ),
            (
                "RUN apt-get install -y --no-install-recommends cuda-minimal-build-12-9\nRUN x\n",
                Tool::Nvcc,
                Has::Yes,
            ),
            (
                "RUN conda install -y -c nvidia cuda-nvcc\nRUN x\n",
                Tool::Nvcc,
                Has::Yes,
            ),
            (
                "RUN apt-get install -y cuda-cudart-12-9\nRUN x\n",
                Tool::Nvcc,
                Has::No,
            ),
            ("RUN x\nRUN apt-get install -y curl\n", Tool::Make, Has::No),
            (
                "RUN apt-get install -y build-essential\nRUN x\n",
                Tool::Make,
                Has::Yes,
            ),
            (
                "RUN apt-get install -y --no-install-recommends cmake\nRUN x\n",
                Tool::Compiler,
                Has::No,
            ),
            // Recommended packages come along.
            (
                "RUN apt-get install -y cmake\nRUN x\n",
                Tool::Compiler,
                Has::Unknown,
            ),
            (
                "RUN apt-get install -y python3-pip\nRUN x\n",
                Tool::Compiler,
                Has::Unknown,
            ),
            (
                "RUN apt-get install -y --no-install-recommends libtool\nRUN x\n",
                Tool::Compiler,
                Has::Unknown,
            ),
            // Much needs Python.
            (
                "RUN apt-get install -y curl git\nRUN x\n",
                Tool::Python,
                Has::No,
            ),
            (
                "RUN apt-get install -y software-properties-common\nRUN x\n",
                Tool::Python,
                Has::Unknown,
            ),
            (
                "RUN apt-get install -y python3\nRUN x\n",
                Tool::Python,
                Has::Yes,
            ),
            (
                "RUN apt-get install -y python3\nRUN x\n",
                Tool::Pip,
                Has::No,
            ),
            (
                "RUN apt-get install -y python3 && curl -O https://example.org/get-pip.py && python3 get-pip.py\nRUN x\n",
                Tool::Pip,
                Has::Unknown,
            ),
            (
                "RUN apt-get install -y python3-venv && python3 -m venv /v\nRUN x\n",
                Tool::Pip,
                Has::Unknown,
            ),
            ("RUN pip install cmake\nRUN x\n", Tool::Cmake, Has::Yes),
            (
                "RUN pip install -r requirements.txt\nRUN x\n",
                Tool::Cmake,
                Has::Unknown,
            ),
            (
                "RUN uv pip install ninja\nRUN x\n",
                Tool::Cmake,
                Has::Unknown,
            ),
        ] {
            assert_eq!(
                has(&format!("{base}{steps}"), tool),
                expected,
                "{steps} {tool:?}"
            );
        }
    }

    #[test]
    fn tools_that_may_have_come_otherwise() {
        let base = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\n";
        for steps in [
            "COPY --from=example/x /usr/local/bin/make /usr/local/bin/make",
            "COPY tools /usr/local/bin/",
            "ADD https://example.org/x /x",
            "ADD tools.tar.gz /x",
            "RUN curl -fsSL https://example.org/install.sh | bash",
            "RUN ./install.sh",
            "RUN bash install.sh",
            "RUN --mount=type=bind,from=example/x,target=/x /x/y",
            "RUN apt-get install -y $PACKAGES",
            "RUN apt-get install -y $(cat packages.txt)",
            "RUN xargs apt-get install -y < packages.txt",
            "RUN xargs -a packages.txt apt-get install -y",
            "RUN eatmydata apt-get install -y make",
            "RUN dpkg -i *.deb",
            "RUN apt-get install -y ./*.deb",
            "RUN $INSTALL make",
            "SHELL [\"conda\", \"run\", \"-n\", \"x\", \"/bin/bash\", \"-c\"]",
            "RUN conda env create -f environment.yml",
            "RUN pixi install",
            "RUN . /opt/spack/setup.sh && spack install make",
        ] {
            assert_eq!(
                has(&format!("{base}{steps}\nRUN x\n"), Tool::Make),
                Has::Unknown,
                "{steps}"
            );
        }
        // What the project brings does not lie on the PATH, and these install nothing.
        for steps in [
            "COPY . /app",
            "COPY . .",
            "COPY . /usr/src/app",
            "SHELL [\"/bin/bash\", \"-c\"]",
            "ENV A=1",
            "RUN echo apt-get install make",
            "RUN apt-get purge -y make",
            "RUN bash -c 'apt-get install -y curl'",
            "RUN tar xf x.tar.gz",
        ] {
            assert_eq!(
                has(&format!("{base}{steps}\nRUN x\n"), Tool::Make),
                Has::No,
                "{steps}"
            );
        }
    }

    #[test]
    fn tools_of_earlier_stages() {
        let text = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04 AS a\nRUN apt-get install -y make\nFROM a\nRUN x\n";
        assert_eq!(has(text, Tool::Make), Has::Yes);
        let text = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04 AS a\nRUN apt-get install -y make\nFROM nvidia/cuda:12.9.2-base-ubuntu24.04\nRUN x\n";
        assert_eq!(has(text, Tool::Make), Has::No);
        // The image of an argument without a default.
        assert_eq!(
            has("ARG IMAGE\nFROM $IMAGE\nRUN x\n", Tool::Make),
            Has::Unknown
        );
        assert_eq!(
            has("ARG IMAGE=ubuntu:24.04\nFROM $IMAGE\nRUN x\n", Tool::Make),
            Has::No
        );
    }

    /// Names of packages of a step, pip's with `pip:`.
    fn installed(steps: &str) -> Vec<String> {
        let text = format!("FROM ubuntu:24.04\n{steps}\n");
        let file = parse(&text);
        let build = Build::new(&file);
        let mut names: Vec<String> = build.stages[0].packages().map(str::to_owned).collect();
        names.sort();
        names
    }

    #[test]
    fn programs_in_variables() {
        assert_eq!(
            installed("RUN PIP=\"python -m pip --no-cache-dir install\" && $PIP torch"),
            ["pip:torch"]
        );
        assert_eq!(
            installed("RUN export APT=\"apt-get install -y\"; $APT make"),
            ["make"]
        );
        assert_eq!(
            installed("ENV APT=\"apt-get install -y\"\nRUN $APT make"),
            ["make"]
        );
        assert_eq!(
            installed("RUN P=\"make cmake\"; apt-get install $P"),
            ["cmake", "make"]
        );
        // What is set under a condition is not known.
        assert_eq!(
            installed("ENV P=make\nRUN if x; then P=cmake; fi; apt-get install $P"),
            ["$P"]
        );
        assert_eq!(installed("RUN $PIP torch"), [""; 0]);
    }

    #[test]
    fn stages_that_are_shipped() {
        let text = "FROM a AS base\nFROM base AS build\nRUN x\nFROM base AS test\nFROM scratch\nCOPY --from=build /x /x\n";
        let file = parse(text);
        let build = Build::new(&file);
        let shipped: Vec<bool> = build
            .stages
            .iter()
            .map(|stage| build.is_shipped(stage))
            .collect();
        assert_eq!(shipped, [true, false, true, true]);
        let reached: Vec<bool> = build
            .stages
            .iter()
            .map(|stage| build.is_reached(stage))
            .collect();
        assert_eq!(reached, [true, true, false, true]);
    }

    #[test]
    fn commands_that_may_fail() {
        let file = parse("FROM a\nRUN x || true\nRUN x && y\nRUN x; y || z\n");
        let build = Build::new(&file);
        let may: Vec<bool> = build.steps().map(|at| at.may_fail(0)).collect();
        assert_eq!(may, [true, false, false]);
    }
}
