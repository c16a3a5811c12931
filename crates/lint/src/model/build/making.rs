//! How stages are made of a file's instructions: once, in order, remembering what rules ask of many commands, so that none of
//! them has to look through all others.

use super::variables::expanded;
use super::{Build, Origin, Place, Stage, Step, TELLING};
use crate::model::base::{self, Tool};
use crate::model::environment::{Certainty, Changes, Value};
use crate::model::packages::{self, Manager};
use crate::model::reference::Reference;
use crate::model::{loader_path, pip};
use liftgate_dockerfile::shell::{self, Connector, Script, ShellCommand, ShellWord};
use liftgate_dockerfile::{Body, Command, Dockerfile, Instruction, Kind, Word};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

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
        build.shipped = build.all_shipped();
        build.reached = build.all_reached();
        build
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
            let (text, certainty) = expanded(&default.value, |name| {
                global.before(order + 1, name).cloned()
            });
            let value = Value {
                text,
                certainty: certainty.min(Certainty::Default),
                span: Some(default.span),
            };
            // In `ARG A=1 B=$A` the second sees the first.
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

    fn install(&mut self, name: String, place: Place) {
        for tool in Tool::ALL {
            let first = &mut self.comes[tool as usize];
            if first.is_none() && tool.is_in(&name) {
                *first = Some(place);
            }
        }
        self.installed.entry(name).or_insert(place);
    }
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
