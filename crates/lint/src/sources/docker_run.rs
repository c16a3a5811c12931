//! Command lines of `docker run` and its like, in scripts, READMEs and Dockerfiles.
//!
//! Of a simple command it says which engine is called, what for, with which options and values, which word is the image, and
//! which stand behind it. Which option takes a value is in [`flags`]; without that the image cannot be told from a value.
//!
//! A shell may make anything of `$OPTIONS`, `"${ARGS[@]}"` or `$(gpu_flags)`. Such a word before the image is
//! [opaque](Invocation::opaque): nobody may say that an option is missing where there is one. An option that no engine has is
//! told as such, and then the image is a guess ([`Invocation::is_sure`]).
//!
//! A text copied from a web page may have a dash that is none (`–gpus`, `—gpus all`): the engines take such a word for the image, and
//! so does this.

pub mod flags;
mod program;

#[cfg(test)]
mod tests;

use std::ops::Range;

use flags::{BUILD, COMPOSE, DOCKER, Flags, NERDCTL, PODMAN, RUN};
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};

/// A call of an engine's command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation<'c> {
    /// The command that it is.
    pub command: &'c ShellCommand,
    /// Which engine.
    pub engine: Engine,
    /// The word that names the engine.
    pub program: usize,
    /// Whether `sudo` or `doas` stands before it.
    pub as_root: bool,
    /// What it does.
    pub verb: Verb,
    /// The words that say so (`container run`, `buildx build`, `compose`); none where nothing does.
    pub verb_words: Range<usize>,
    /// Options before the verb, which are the engine's.
    pub global: Vec<GivenOption>,
    /// Options behind the verb.
    pub options: Vec<GivenOption>,
    /// Words among the options of which a shell may make any options.
    pub opaque: Vec<usize>,
    /// The words that are no options: of `run`, the image and what runs in it; of `build`, the context; of `compose`, its subcommand
    /// and what follows.
    pub operands: Range<usize>,
    /// Whether `operands` begins where it must: no option before it is unknown, and none a guess.
    pub is_sure: bool,
}

/// Which command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// `docker`.
    Docker,
    /// `nvidia-docker`, which adds `--runtime=nvidia`.
    NvidiaDocker,
    /// `podman`, `podman-remote`.
    Podman,
    /// `nerdctl`, and `finch`, which passes on to it.
    Nerdctl,
    /// `docker-compose`.
    DockerCompose,
    /// `podman-compose`.
    PodmanCompose,
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `run`, `container run`.
    Run,
    /// `create`, `container create`.
    Create,
    /// `build`, `image build`, `buildx build`, `builder build`, `buildx b`.
    Build,
    /// `compose`.
    Compose,
    /// Anything else, or nothing. Its options are not taken apart.
    Other,
}

/// An option, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenOption {
    /// Its long name, without dashes. Of one that is not known, what stands behind the dashes.
    pub name: String,
    /// Whether an engine has such an option.
    pub is_known: bool,
    /// How many dashes it has: one, where it is a short option, or a mistake (`-gpus`).
    pub dashes: usize,
    /// Where it stands, with its value.
    pub span: Span,
    /// The words that it is written in.
    pub words: Range<usize>,
    /// Its value.
    pub value: Option<OptionValue>,
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionValue {
    /// What it means, without quotes; expansions as they are written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// Whether there is no expansion in it.
    pub literal: bool,
    /// Whether it is a word of its own, not behind an equals sign or a letter.
    pub is_word: bool,
}

impl<'c> Invocation<'c> {
    /// Takes a command apart; `text` is what its spans are of. `None`: it calls no engine.
    pub fn of(command: &'c ShellCommand, text: &str) -> Option<Self> {
        let (program, as_root) = program::find(&command.words)?;
        let engine = Engine::of(&command.words.get(program)?.value)?;
        let mut invocation = Self {
            command,
            engine,
            program,
            as_root,
            verb: Verb::Other,
            verb_words: program + 1..program + 1,
            global: Vec::new(),
            options: Vec::new(),
            opaque: Vec::new(),
            operands: program + 1..program + 1,
            is_sure: true,
        };
        invocation.read(text);
        Some(invocation)
    }

    fn read(&mut self, text: &str) {
        let words = &self.command.words;
        let end = words.len();
        let is_compose = matches!(self.engine, Engine::DockerCompose | Engine::PodmanCompose);
        let mut at = self.program + 1;
        if !is_compose {
            let global = match self.engine {
                Engine::Podman => Flags::of(&[PODMAN, DOCKER]),
                Engine::Nerdctl => Flags::of(&[NERDCTL]),
                _ => Flags::of(&[DOCKER]),
            };
            let taken = Taker::take(words, at, text, &global);
            at = taken.end;
            self.global = taken.options;
            self.opaque = taken.opaque;
            self.is_sure = taken.is_sure;
        }
        let word = |at: usize| words.get(at).map_or("", |word| word.value.as_str());
        let (verb, length) = match (word(at), word(at + 1)) {
            _ if is_compose => (Verb::Compose, 0),
            ("container", "run") => (Verb::Run, 2),
            ("container", "create") => (Verb::Create, 2),
            ("image" | "builder" | "buildx", "build") | ("buildx", "b") => (Verb::Build, 2),
            ("run", _) => (Verb::Run, 1),
            ("create", _) => (Verb::Create, 1),
            ("build", _) => (Verb::Build, 1),
            ("compose", _) => (Verb::Compose, 1),
            _ => (Verb::Other, usize::from(at < end)),
        };
        self.verb = verb;
        self.verb_words = at..at + length;
        at += length;
        let known = match verb {
            Verb::Run | Verb::Create => Flags::of(&[RUN, PODMAN]),
            Verb::Build => Flags::of(&[BUILD]),
            Verb::Compose => Flags::of(&[COMPOSE]),
            Verb::Other => {
                self.operands = at.min(end)..end;
                return;
            }
        };
        let taken = Taker::take(words, at, text, &known);
        self.options = taken.options;
        self.opaque.extend(taken.opaque);
        self.is_sure &= taken.is_sure;
        self.operands = taken.end..end;
        // `docker build . -t x`: options of all but `run` may stand behind operands, too.
        if verb == Verb::Build {
            let behind = Taker::take(words, (taken.end + 1).min(end), text, &known);
            self.operands = taken.end..(taken.end + 1).min(end);
            self.options.extend(behind.options);
            self.opaque.extend(behind.opaque);
            self.is_sure &= behind.is_sure;
        }
    }

    /// The image of `run` and `create`.
    pub fn image(&self) -> Option<&'c ShellWord> {
        let is_run = matches!(self.verb, Verb::Run | Verb::Create);
        let at = self.operands.clone().next().filter(|_| is_run)?;
        self.command.words.get(at)
    }

    /// What runs in the image: the words behind it.
    pub fn arguments(&self) -> &'c [ShellWord] {
        let from = self.operands.start.saturating_add(1);
        self.command
            .words
            .get(from..self.operands.end)
            .unwrap_or_default()
    }

    /// The options of a long name, in order.
    pub fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s GivenOption> {
        self.options
            .iter()
            .filter(move |it| it.name == name && it.is_known)
    }

    /// The last value of an option, which is the one that counts where there may be one only.
    pub fn value(&self, name: &str) -> Option<&OptionValue> {
        self.options
            .iter()
            .rfind(|it| it.name == name && it.is_known)?
            .value
            .as_ref()
    }

    /// The values that an option has of `NAME=VALUE` (`--env`, `--build-arg`).
    pub fn assignment<'s>(
        &'s self,
        option: &'s str,
        name: &str,
    ) -> Option<(&'s str, &'s OptionValue)> {
        self.named(option)
            .filter_map(|it| it.value.as_ref())
            .find_map(|value| {
                let (left, right) = value.text.split_once('=')?;
                (left == name).then_some((right, value))
            })
    }

    /// Options of the engine that stand behind the image: whatever runs in it gets them, and not the engine. An option that
    /// programs have as well (`-p`, `--name`) is among them, too.
    pub fn options_behind_image(&self, text: &str) -> Vec<GivenOption> {
        let has_options = self
            .arguments()
            .iter()
            .any(|word| word.value.starts_with("--"));
        if self.image().is_none() || !has_options {
            return Vec::new();
        }
        let known = Flags::of(&[RUN]);
        let words = &self.command.words;
        let mut found = Vec::new();
        let mut at = self.operands.start + 1;
        while at < words.len() {
            let is_long = words[at].value.starts_with("--");
            let taken = Taker::one(words, at, text, &known);
            match taken {
                Some((options, next)) if is_long => {
                    found.extend(options.into_iter().filter(|it| it.is_known));
                    at = next;
                }
                _ => at += 1,
            }
        }
        found
    }
}

impl Engine {
    fn of(program: &str) -> Option<Self> {
        let name = program.rsplit('/').next().unwrap_or(program);
        Some(match name.strip_suffix(".exe").unwrap_or(name) {
            "docker" => Self::Docker,
            "nvidia-docker" => Self::NvidiaDocker,
            "podman" | "podman-remote" => Self::Podman,
            "nerdctl" | "finch" => Self::Nerdctl,
            "docker-compose" => Self::DockerCompose,
            "podman-compose" => Self::PodmanCompose,
            _ => return None,
        })
    }
}

/// Options, as they were found.
struct Taker {
    options: Vec<GivenOption>,
    opaque: Vec<usize>,
    is_sure: bool,
    /// The first word that is none of them.
    end: usize,
}

impl Taker {
    /// Takes options from a word on.
    fn take(words: &[ShellWord], from: usize, text: &str, known: &Flags) -> Self {
        let mut taken = Self {
            options: Vec::new(),
            opaque: Vec::new(),
            is_sure: true,
            end: from,
        };
        while let Some(word) = words.get(taken.end) {
            if word.value == "--" && word.literal {
                taken.end += 1;
                break;
            }
            if program::may_be_options(words, taken.end) {
                taken.opaque.push(taken.end);
                taken.end += 1;
                continue;
            }
            let Some((options, next)) = Self::one(words, taken.end, text, known) else {
                break;
            };
            taken.is_sure &= options.iter().all(|option| option.is_known);
            taken.options.extend(options);
            taken.end = next;
        }
        taken
    }

    /// The options that a word is, and the word behind them.
    fn one(
        words: &[ShellWord],
        at: usize,
        text: &str,
        known: &Flags,
    ) -> Option<(Vec<GivenOption>, usize)> {
        let word = words.get(at)?;
        let option = |name: &str, is_known, dashes, value: Option<OptionValue>, next: usize| {
            let end = value.as_ref().map_or(word.span, |value| value.span);
            GivenOption {
                name: name.to_owned(),
                is_known,
                dashes,
                span: if next > at + 1 {
                    word.span.to(end)
                } else {
                    word.span
                },
                words: at..next,
                value,
            }
        };
        let separate = || {
            words.get(at + 1).map(|value| OptionValue {
                text: value.value.clone(),
                span: value.span,
                literal: value.literal,
                is_word: true,
            })
        };
        if let Some(long) = word
            .value
            .strip_prefix("--")
            .filter(|long| !long.is_empty())
        {
            let (name, behind) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let flag = known.long(name);
            if let Some(value) = behind {
                let value = inner(word, text, value);
                return Some((
                    vec![option(name, flag.is_some(), 2, Some(value), at + 1)],
                    at + 1,
                ));
            }
            let value = if flag.is_some_and(|flag| flag.takes_value) {
                separate()
            } else {
                None
            };
            let next = at + 1 + usize::from(value.is_some());
            return Some((vec![option(name, flag.is_some(), 2, value, next)], next));
        }
        let short = word
            .value
            .strip_prefix('-')
            .filter(|short| !short.is_empty())?;
        let mut found = Vec::new();
        for (offset, letter) in short.char_indices() {
            let flag = u8::try_from(letter)
                .ok()
                .and_then(|letter| known.short(letter));
            let Some(flag) = flag else {
                // `-gpus all`, `-rm`: the name of a long option behind one dash. What it takes, it takes as well.
                let (name, behind) = match short.split_once('=') {
                    Some((name, value)) => (name, Some(inner(word, text, value))),
                    None => (short, None),
                };
                let takes_value = known.long(name).is_some_and(|flag| flag.takes_value);
                let value = if takes_value && behind.is_none() {
                    separate()
                } else {
                    behind
                };
                let next = at + 1 + usize::from(value.as_ref().is_some_and(|value| value.is_word));
                return Some((vec![option(name, false, 1, value, next)], next));
            };
            let rest = &short[offset + letter.len_utf8()..];
            if flag.takes_value || rest.starts_with('=') && rest.len() > 1 {
                let value = match rest.strip_prefix('=').unwrap_or(rest) {
                    "" => separate(),
                    rest => Some(inner(word, text, rest)),
                };
                let next = at + 1 + usize::from(value.as_ref().is_some_and(|value| value.is_word));
                found.push(option(&flag.name, true, 1, value, next));
                return Some((found, next));
            }
            found.push(option(&flag.name, true, 1, None, at + 1));
        }
        Some((found, at + 1))
    }
}

/// A value that ends a word; the whole word, where it is written in another way than it reads.
fn inner(word: &ShellWord, text: &str, value: &str) -> OptionValue {
    let written = word.span.of(text);
    let head = word.value.len() - value.len();
    let before = &word.value[..head];
    // The name is hardly ever in quotes, the value often: `--gpus='"device=0"'`. Or all of it is: `"--gpus=all"`.
    let span = if written.starts_with(before) {
        Span::new(word.span.start + head, word.span.end)
    } else if let Some(quoted) = written
        .strip_prefix(['"', '\''])
        .filter(|quoted| quoted.starts_with(before))
    {
        let is_whole = quoted.len() == word.value.len() + 1;
        Span::new(
            word.span.start + 1 + head,
            word.span.end - usize::from(is_whole),
        )
    } else {
        word.span
    };
    OptionValue {
        text: value.to_owned(),
        span,
        literal: word.literal,
        is_word: false,
    }
}
