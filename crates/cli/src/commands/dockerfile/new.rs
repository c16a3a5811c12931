use super::look;
use crate::commands::compat;
use crate::commands::explanation::print_json;
use crate::error::CliError;
use crate::recipe::{self, Impossible, Kind, Linkage, Recipe, Request, Source, Target, Version};
use crate::shell;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use liftgate_cuda::Driver;
use liftgate_sys::{Dir, FileKind, SysError};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Write a Dockerfile, a .dockerignore and a compose file
///
/// Base image, CUDA version, wheels and GPU code are chosen so that the driver runs them: that of --driver and --gpu, else this
/// machine's, else whatever the most machines have. The reason of each choice stands beside it as a comment. What is in the
/// directory (CMakeLists.txt, Makefile, sources, requirements.txt) says how it is built. Nothing is fetched, and a file that is
/// there already stays, unless --force is given.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What the image is for
    kind: KindName,

    /// Where the files are written, and whose sources they are for
    #[arg(default_value = ".")]
    directory: PathBuf,

    /// A GPU that it has to run on, such as "H100", "RTX 4090" or 8.6; may be repeated
    #[arg(long = "gpu", value_name = "NAME")]
    gpus: Vec<String>,

    /// The driver that it has to run with, such as 535.183.01 or 535
    #[arg(long, value_name = "VERSION")]
    driver: Option<String>,

    /// The CUDA version, such as 12.8 or 12.8.1
    #[arg(long, value_name = "VERSION")]
    cuda: Option<String>,

    /// The operating system, such as ubuntu22.04 or rockylinux9; bookworm or trixie for Python's images
    #[arg(long, value_name = "NAME")]
    os: Option<String>,

    /// The version of Python, such as 3.12
    #[arg(long, value_name = "VERSION")]
    python: Option<String>,

    /// How a library is linked with what uses it
    #[arg(long, value_enum, value_name = "HOW")]
    link: Option<LinkageName>,

    /// The name of the image and of what is built; the directory's name if not given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Print a file, and write none
    #[arg(
        long,
        value_enum,
        value_name = "FILE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "dockerfile",
        conflicts_with_all = ["json", "force"]
    )]
    print: Option<FileName>,

    /// Replace files that are there already
    #[arg(long)]
    force: bool,

    /// Write no compose file
    #[arg(long)]
    no_compose: bool,

    /// Print what was chosen, and why, as JSON
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  liftgate dockerfile new cuda
  liftgate dockerfile new pytorch --gpu V100 --driver 535 --print
  liftgate dockerfile new library . --link static --gpu \"RTX 4090\" --gpu H100
  liftgate dockerfile new serving --gpu B200 --name server";

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KindName {
    /// A CUDA program: cmake, make, or nvcc alone
    Cuda,
    /// A Python program on PyTorch
    Pytorch,
    /// A Python program on TensorFlow
    Tensorflow,
    /// A Python program on JAX
    Jax,
    /// A CUDA library, and a program or Python package that uses it
    Library,
    /// A server of language models: vLLM
    Serving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LinkageName {
    /// Into what uses it
    Static,
    /// As a file of its own
    Shared,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FileName {
    /// Dockerfile
    Dockerfile,
    /// .dockerignore
    Ignore,
    /// compose.yaml
    Compose,
}

/// The JSON form.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::commands) struct Written {
    /// Raised when a field changes its meaning.
    format: u32,
    /// What the image is for.
    kind: &'static str,
    /// The name of the image.
    name: String,
    /// The machine that it is for.
    target: TargetForm,
    /// What was chosen, in the order of the file.
    choices: Vec<ChoiceForm>,
    /// What has to be known besides.
    warnings: Vec<String>,
    /// The files that were written.
    files: Vec<PathBuf>,
}

/// A machine.
#[derive(Debug, Serialize, JsonSchema)]
struct TargetForm {
    /// Where it comes from.
    from: SourceForm,
    /// The version of the driver, if it is known.
    driver: Option<String>,
    /// The CUDA version that the driver has, if it is known.
    driver_cuda: Option<String>,
    /// The GPUs.
    gpus: Vec<GpuForm>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum SourceForm {
    /// The command line.
    Asked,
    /// This machine.
    Here,
    /// Nothing: GPUs from Turing to Blackwell were assumed.
    Unknown,
}

/// A GPU.
#[derive(Debug, Serialize, JsonSchema)]
struct GpuForm {
    /// Its model, if it is known.
    model: Option<&'static str>,
    /// Its compute capability: `9.0`.
    capability: String,
}

/// Something that was chosen.
#[derive(Debug, Serialize, JsonSchema)]
struct ChoiceForm {
    /// What about.
    subject: &'static str,
    /// What was taken.
    value: String,
    /// Why, as a sentence.
    reason: String,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let directory = Dir::open_host(&arguments.directory)
        .map_err(|error| cannot(&arguments.directory, &error))?;
    let request = arguments.request()?;
    let recipe = recipe::write(&request)
        .map_err(|Impossible { sentence, hint }| CliError::Usage { sentence, hint })?;
    if let Some(file) = arguments.print {
        let text = match file {
            FileName::Dockerfile => &recipe.dockerfile,
            FileName::Ignore => &recipe.ignore,
            FileName::Compose => &recipe.compose,
        };
        ui.raw(text.as_bytes());
        tell(&recipe, ui);
        return Ok(());
    }
    let files = arguments.files(&recipe);
    arguments.refuse_what_is_there(&directory, &files)?;
    let mut written = Vec::new();
    for (name, text) in &files {
        let path = arguments.directory.join(name);
        directory
            .put_file(OsStr::new(name), text.as_bytes(), 0o644)
            .map_err(|error| cannot(&path, &error))?;
        written.push(path);
    }
    if arguments.json {
        return print_json(&document(&request, recipe, written), ui);
    }
    for path in &written {
        ui.line(format_args!("wrote {}", path.display()));
    }
    tell(&recipe, ui);
    let place = shell::word(&arguments.directory);
    ui.note(format_args!(
        "next: docker build -t {} {place}",
        request.name
    ));
    if !arguments.no_compose {
        let (model, verb) = match request.kind {
            Kind::Serving => ("MODEL=Qwen/Qwen3-8B ", "up --build".to_owned()),
            _ => ("", format!("run --build --rm {}", request.name)),
        };
        ui.note(format_args!(
            "  or: {model}docker compose --project-directory {place} {verb}"
        ));
    }
    Ok(())
}

/// What was chosen and why, as words.
fn tell(recipe: &Recipe, ui: &mut Ui) {
    for choice in &recipe.choices {
        ui.note(format_args!("{}: {}", choice.subject, choice.value));
        ui.note(format_args!("  {}", choice.reason));
    }
    for warning in &recipe.warnings {
        ui.warning(warning);
    }
}

impl Arguments {
    fn request(&self) -> Result<Request, CliError> {
        let kind = match self.kind {
            KindName::Cuda => Kind::Cuda,
            KindName::Pytorch => Kind::Pytorch,
            KindName::Tensorflow => Kind::Tensorflow,
            KindName::Jax => Kind::Jax,
            KindName::Library => Kind::Library,
            KindName::Serving => Kind::Serving,
        };
        if self.link.is_some() && kind != Kind::Library {
            return Err(usage(
                "--link is for libraries",
                "leave it out, or ask for `library`",
            ));
        }
        if self.python.is_some() && kind == Kind::Cuda {
            return Err(usage("a CUDA program has no Python", "leave --python out"));
        }
        let cuda = self.cuda.as_deref().map(|text| {
            Version::parse(text).ok_or_else(|| {
                usage(
                    format!("`{text}` is no version of CUDA"),
                    "write it as 12.8 or 12.8.1",
                )
            })
        });
        let python = self.python.as_deref().map(|text| {
            python(text).ok_or_else(|| {
                usage(
                    format!("`{text}` is no version of Python"),
                    "write it as 3.12",
                )
            })
        });
        Ok(Request {
            kind,
            target: self.target()?,
            cuda: cuda.transpose()?,
            os: self.os.clone(),
            python: python.transpose()?,
            name: self.name()?,
            linkage: self.link.map(|link| match link {
                LinkageName::Static => Linkage::Static,
                LinkageName::Shared => Linkage::Shared,
            }),
            project: look::at(&self.directory).map_err(|error| cannot(&self.directory, &error))?,
        })
    }

    /// The machine: what was asked for, and if that is nothing, this one. Of a half the other half is nobody's: this machine's
    /// driver says nothing about another's GPU.
    fn target(&self) -> Result<Target, CliError> {
        let found = compat::Target::find(self.driver.as_deref(), &self.gpus)?;
        Ok(Target {
            driver: found.driver,
            gpus: found.gpus,
            source: match found.source {
                compat::Source::CommandLine => Source::Asked,
                compat::Source::ThisMachine => Source::Here,
                compat::Source::Nothing => Source::Unknown,
            },
            unknown: found.unknown,
        })
    }

    fn name(&self) -> Result<String, CliError> {
        if let Some(name) = &self.name {
            return if !name.is_empty() && *name == image_name(name) {
                Ok(name.clone())
            } else {
                Err(usage(
                    format!("`{name}` cannot be the name of an image"),
                    "use small letters and digits, with single dashes between them",
                ))
            };
        }
        let directory = std::fs::canonicalize(&self.directory).unwrap_or_default();
        let name = directory
            .file_name()
            .map(|name| image_name(&name.to_string_lossy()));
        Ok(name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "app".to_owned()))
    }

    fn files<'r>(&self, recipe: &'r Recipe) -> Vec<(&'static str, &'r str)> {
        let mut files = vec![
            ("Dockerfile", &*recipe.dockerfile),
            (".dockerignore", &*recipe.ignore),
        ];
        if !self.no_compose {
            files.push(("compose.yaml", &*recipe.compose));
        }
        files
    }

    /// Nothing is written where one of the files is there. With a compose file under another of its names there would be two, of
    /// which Compose takes ours.
    fn refuse_what_is_there(
        &self,
        directory: &Dir,
        files: &[(&str, &str)],
    ) -> Result<(), CliError> {
        let mut names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        if !self.no_compose {
            names.extend(["compose.yml", "docker-compose.yaml", "docker-compose.yml"]);
        }
        for name in names {
            let path = self.directory.join(name);
            let found = directory
                .metadata(OsStr::new(name))
                .map_err(|error| cannot(&path, &error))?;
            let Some(found) = found else {
                continue;
            };
            let is_ours = files.iter().any(|(own, _)| *own == name);
            if !is_ours {
                if self.force {
                    continue;
                }
                return Err(CliError::Failed {
                    sentence: format!(
                        "`{}` is there already, and Compose would read compose.yaml instead",
                        path.display()
                    ),
                    hint: "--no-compose writes none, --print=compose shows what would be in it"
                        .to_owned(),
                });
            }
            if found.kind != FileKind::Regular {
                return Err(CliError::Failed {
                    sentence: format!(
                        "`{}` is there already, and is no regular file",
                        path.display()
                    ),
                    hint: "remove it, or write into another directory".to_owned(),
                });
            }
            if !self.force {
                return Err(CliError::Failed {
                    sentence: format!("`{}` is there already", path.display()),
                    hint: "--force replaces it, --print shows what would be in it".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// `3.12`
fn python(text: &str) -> Option<(u8, u8)> {
    let (major, minor) = text.split_once('.')?;
    let number = |text: &str| {
        text.bytes()
            .all(|one| one.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten()
    };
    Some((number(major)?, number(minor)?))
}

/// What a name can be as that of an image, a service and a program: small letters, digits and single dashes.
fn image_name(name: &str) -> String {
    let mut plain = String::new();
    for one in name.chars().take(64) {
        if one.is_ascii_alphanumeric() {
            plain.push(one.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain.trim_end_matches('-').to_owned()
}

fn usage(sentence: impl Into<String>, hint: impl Into<String>) -> CliError {
    CliError::Usage {
        sentence: sentence.into(),
        hint: hint.into(),
    }
}

fn cannot(path: &Path, error: &SysError) -> CliError {
    CliError::Failed {
        sentence: format!("cannot use `{}`: {error}", path.display()),
        hint: "name a directory that is there and can be written to".to_owned(),
    }
}

fn document(request: &Request, recipe: Recipe, files: Vec<PathBuf>) -> Written {
    let target = &request.target;
    let driver = target.driver.as_ref();
    let gpus = target.gpus.iter().map(|gpu| GpuForm {
        model: gpu.model,
        capability: gpu.capability.to_string(),
    });
    let choices = recipe.choices.into_iter().map(|choice| ChoiceForm {
        subject: choice.subject,
        value: choice.value,
        reason: choice.reason,
    });
    Written {
        format: 1,
        kind: request.kind.name(),
        name: request.name.clone(),
        target: TargetForm {
            from: match target.source {
                Source::Asked => SourceForm::Asked,
                Source::Here => SourceForm::Here,
                Source::Unknown => SourceForm::Unknown,
            },
            driver: driver.and_then(Driver::version).map(str::to_owned),
            driver_cuda: driver.and_then(Driver::cuda).map(|cuda| cuda.to_string()),
            gpus: gpus.collect(),
        },
        choices: choices.collect(),
        warnings: recipe.warnings,
        files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, expected) in [
            ("saxpy", "saxpy"),
            ("My Project (2)", "my-project-2"),
            ("--x__y--", "x-y"),
            ("größe", "gr-e"),
            ("日本", ""),
        ] {
            assert_eq!(image_name(name), expected, "{name}");
        }
    }

    #[test]
    fn pythons() {
        assert_eq!(python("3.12"), Some((3, 12)));
        for text in ["3", "3.", "3.x", "+3.12", "3.12.1", ".12", "3.999"] {
            assert_eq!(python(text), None, "{text}");
        }
    }
}
