//! `liftgate lint`: mistakes that can be seen before a container starts.

mod files;
mod fixes;
mod image;
mod show;
mod source;

use crate::calendar;
use crate::error::CliError;
use crate::ui::Ui;
use clap::{Args, Subcommand, ValueEnum};
use files::{Input, Project};
use liftgate_lint::{Finding, Language, Settings, Severity, Target, lint};
use std::path::PathBuf;

/// Find what is wrong in Dockerfiles, compose files, command lines and images that use CUDA
///
/// Reads Dockerfiles, compose files, devcontainer.json, shell scripts and Markdown (its code blocks); a directory stands for those in it.
/// With --driver and --gpu, or --here, it compares with that machine; else it says only what is wrong on every one. Nothing is fetched and
/// nothing is run. The exit status is 1 if there is a finding of --fail-on or worse, 2 if the command line is wrong, 3 if a file could not
/// be read.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,

    /// Files and directories; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,

    /// What the files are, whatever they are called
    #[arg(long = "as", value_name = "KIND")]
    language: Option<LanguageName>,

    /// Make the changes that change nothing else
    #[arg(long)]
    fix: bool,

    /// Make those, too, that may change more, or guess at what was meant
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show the changes as a patch, and make none
    #[arg(long)]
    diff: bool,

    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Other {
    Image(image::Arguments),
}

/// What files and images have in common.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The driver of the machine that it is meant for: a version (`550.54.14`) or a branch (`550`)
    #[arg(long, value_name = "VERSION", conflicts_with = "here")]
    driver: Option<String>,

    /// A GPU of that machine: a model (`A100`, `RTX 4090`), `sm_80` or `8.0`; may be repeated
    #[arg(long = "gpu", value_name = "GPU", conflicts_with = "here")]
    gpus: Vec<String>,

    /// It is meant for this machine, with its driver and GPUs
    #[arg(long)]
    here: bool,

    /// Apply these rules alone, by code, beginning of a code (`LG1`) or name
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    select: Vec<String>,

    /// Do not apply these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    ignore: Vec<String>,

    /// Apply the rules that only some want, too, and ask for reasons of comments that ignore rules
    #[arg(long)]
    pedantic: bool,

    /// From which severity on the exit status is 1 [default: warning]
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,

    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Print JSON; `docs/schema/lint.json` is its schema
    #[arg(long, conflicts_with = "format")]
    json: bool,

    /// The project's settings, instead of the nearest .liftgate.toml
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Take no settings from a .liftgate.toml
    #[arg(long)]
    no_config: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LanguageName {
    Dockerfile,
    Compose,
    Devcontainer,
    Shell,
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Note,
    Never,
}

/// How findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the lines
    Text,
    /// For programs
    Json,
    /// For code hosts
    Sarif,
    /// Annotations of GitHub's workflows
    Github,
}

const EXAMPLES: &str = "\
Examples:
  liftgate lint
  liftgate lint Dockerfile compose.yaml README.md
  liftgate lint --driver 535.183.01 --gpu A100 Dockerfile
  liftgate lint --fix --unsafe-fixes --diff Dockerfile
  liftgate lint image my-service:latest

A comment `# liftgate: ignore[LG103] the reason` before an instruction silences a rule there;
`liftgate rule LG103` prints a rule's page.";

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::Dockerfile => Self::Dockerfile,
            LanguageName::Compose => Self::Compose,
            LanguageName::Devcontainer => Self::Devcontainer,
            LanguageName::Shell => Self::Shell,
            LanguageName::Markdown => Self::Markdown,
        }
    }
}

impl Options {
    /// The format that was asked for.
    const fn shown_as(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// The settings of the command line, over those of the project.
    fn settings(&self, project: &Project) -> Result<Settings, CliError> {
        let table = &project.configuration.lint;
        let known = |words: &[String]| {
            let unknown = words
                .iter()
                .find(|word| !liftgate_lint::rules::is_word(word));
            unknown.map_or(Ok(()), |word| {
                Err(CliError::Usage {
                    sentence: format!("there is no rule `{word}`"),
                    hint: "`liftgate rule` lists them, with their codes".to_owned(),
                })
            })
        };
        known(&self.select)?;
        known(&self.ignore)?;
        let or = |own: &Vec<String>, theirs: &Vec<String>| {
            if own.is_empty() {
                theirs.clone()
            } else {
                own.clone()
            }
        };
        Ok(Settings {
            select: or(&self.select, &table.select),
            ignore: table.ignore.iter().chain(&self.ignore).cloned().collect(),
            severity: table.severity.clone(),
            pedantic: self.pedantic || table.pedantic,
            target: self.target(project)?,
        })
    }

    /// The machine that images are meant for, now.
    fn target(&self, project: &Project) -> Result<Target, CliError> {
        let target = self.machine(project)?;
        Ok(Target {
            month: calendar::this_month(),
            ..target
        })
    }

    fn machine(&self, project: &Project) -> Result<Target, CliError> {
        let wrong = |error: liftgate_lint::TargetError| {
            CliError::Usage {
            sentence: error.to_string(),
            hint: "name a GPU as `A100`, `RTX 4090`, `sm_80` or `8.0`, a driver as `550.54.14` or `550`".to_owned(),
        }
        };
        if self.here {
            let (driver, gpus) = super::compat::this_machine().ok_or_else(|| CliError::Failed {
                sentence: "there is no working NVIDIA driver on this machine".to_owned(),
                hint: "say with --driver and --gpu which machine is meant; `liftgate inventory` shows this one".to_owned(),
            })?;
            return Ok(Target {
                driver: Some(driver),
                gpus,
                month: None,
            });
        }
        let table = &project.configuration.lint.target;
        if self.driver.is_some() || !self.gpus.is_empty() {
            return Target::new(self.driver.as_deref(), &self.gpus).map_err(wrong);
        }
        Target::new(table.driver.as_deref(), &table.gpus).map_err(wrong)
    }

    /// From which severity on findings fail; `None`: none does.
    fn fails_from(&self, project: &Project) -> Option<Severity> {
        match self.fail_on {
            Some(FailOn::Error) => Some(Severity::Error),
            Some(FailOn::Warning) => Some(Severity::Warning),
            Some(FailOn::Note) => Some(Severity::Note),
            Some(FailOn::Never) => None,
            None => Some(
                project
                    .configuration
                    .lint
                    .fail_on
                    .unwrap_or(Severity::Warning),
            ),
        }
    }
}

/// A file that was looked at.
#[derive(Debug)]
pub(super) struct Looked {
    path: String,
    text: String,
    findings: Vec<Finding>,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    if let Some(Other::Image(image)) = &arguments.other {
        return image::run(image, ui);
    }
    let options = &arguments.options;
    if arguments.unsafe_fixes && !arguments.fix && !arguments.diff {
        return Err(CliError::Usage {
            sentence: "--unsafe-fixes says which changes are made, and not that any are".to_owned(),
            hint: "add --fix, or --diff to see them first".to_owned(),
        });
    }
    let mut projects = files::Projects::new(options.config.as_deref(), options.no_config);
    let inputs = files::inputs(&arguments.paths, arguments.language.map(Language::from), ui)?;
    if inputs.is_empty() {
        return Err(CliError::Failed {
            sentence:
                "there is no Dockerfile, compose file or other file here that could be looked at"
                    .to_owned(),
            hint: "name the file, and with --as what it is".to_owned(),
        });
    }
    let mut looked = Vec::with_capacity(inputs.len());
    let mut fails = false;
    let mut changes = fixes::Changes::default();
    for input in inputs {
        let project = projects.of(&input)?;
        let mut settings = options.settings(&project)?;
        settings.ignore.extend(project.ignored_for(&input));
        let look = |text: &str| lint(text, input.language, &settings);
        let mut findings = look(&input.text);
        let Input { mut text, .. } = input.clone();
        if arguments.fix || arguments.diff {
            let fixed = liftgate_lint::fix::fix(&text, arguments.unsafe_fixes, look);
            // Who sends a text through gets it back, changed or not.
            let is_passed_on = input.path.is_none() && !arguments.diff;
            if fixed.text != text || is_passed_on {
                if arguments.diff {
                    changes.show(&input, &fixed.text, ui);
                } else {
                    changes.make(&input, &fixed, ui)?;
                    findings = look(&fixed.text);
                    text = fixed.text;
                }
            }
        }
        let fails_from = options.fails_from(&project);
        fails |= findings
            .iter()
            .any(|finding| fails_from.is_some_and(|least| finding.severity >= least));
        looked.push(Looked {
            path: input.shown,
            text,
            findings,
        });
    }
    if arguments.diff {
        changes.summary(ui);
    } else if changes.has_passed_on() {
        // Standard output is the text's.
        show::count_findings(&looked, ui);
    } else {
        show::show(&looked, options.shown_as(), ui)?;
    }
    if fails { Err(CliError::Shown) } else { Ok(()) }
}
