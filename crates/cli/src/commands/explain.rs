use super::explanation::{self, Explanation, Outcome, Road};
use crate::error::CliError;
use crate::ui::Ui;
use clap::Args;
use liftgate_config::{Config, Mode};
use liftgate_driver::{Host, Places, Record};
use liftgate_oci::Document;
use liftgate_plan::{Asked, ContainerFacts, DockerGpus, Policy, Refusal};
use std::path::{Path, PathBuf};

/// Say what a container would get, and the reason for every line of it
///
/// Describe the container by the options of `docker run`, or name an OCI bundle. Nothing is changed.
/// The exit status is 0 if GPUs are granted or none are asked for, 1 if they are refused.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The value of `docker run --gpus`
    #[arg(long, value_name = "REQUEST", conflicts_with = "bundle")]
    gpus: Option<String>,

    /// A variable that the image sets
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "bundle")]
    image_env: Vec<String>,

    /// A variable that `docker run` sets
    #[arg(long, short, value_name = "KEY=VALUE", conflicts_with = "bundle")]
    env: Vec<String>,

    /// Whether the container is privileged
    #[arg(long, conflicts_with = "bundle")]
    privileged: bool,

    /// The directory of an OCI bundle
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,

    /// The configuration file, instead of the usual one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print JSON; `docs/schema/explain.json` is its schema
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let configuration = liftgate_plan::load_configuration(arguments.config.as_deref())?;
    for warning in &configuration.warnings {
        ui.warning(format!("{}: {warning}", configuration.path.display()));
    }
    let (facts, road) = container(arguments, &configuration.config)?;
    let explanation = explain(&facts, road, &configuration.config)?;
    if arguments.json {
        explanation::print_json(&explanation, ui)?;
    } else {
        explanation.print(ui);
    }
    match explanation.outcome {
        Outcome::Refused { refusal } if !arguments.json => Err(refusal.into()),
        Outcome::Refused { .. } => Err(CliError::Shown),
        Outcome::Granted { .. } | Outcome::NothingAsked { .. } => Ok(()),
    }
}

/// What is known of the container, and the road that its request takes.
fn container(arguments: &Arguments, config: &Config) -> Result<(ContainerFacts, Road), CliError> {
    let low_level = config.nvidia_container_runtime.runtimes.join(" or ");
    if let Some(bundle) = &arguments.bundle {
        return Ok((
            of_bundle(bundle)?,
            Road::runtime("an OCI bundle", &low_level),
        ));
    }
    let mut environment = pairs(&arguments.image_env, "--image-env")?;
    environment.extend(pairs(&arguments.env, "--env")?);
    let mut road = Road::runtime("docker run --runtime=nvidia", &low_level);
    if let Some(value) = &arguments.gpus {
        let gpus = DockerGpus::parse(value).map_err(|error| CliError::Usage {
            sentence: error.to_string(),
            hint: "write --gpus all, --gpus 2 or --gpus '\"device=0,2\"'".to_owned(),
        })?;
        // Docker appends its variables after the image's and the user's.
        environment.push(("NVIDIA_VISIBLE_DEVICES".to_owned(), gpus.visible_devices));
        if let Some(capabilities) = gpus.driver_capabilities {
            environment.push(("NVIDIA_DRIVER_CAPABILITIES".to_owned(), capabilities));
        }
        road = Road::runtime("docker run --runtime=nvidia --gpus", &low_level);
        road.notes.push("docker run --gpus without --runtime=nvidia takes another road: Docker itself starts nvidia-container-runtime-hook, or reads a CDI specification".to_owned());
    }
    let facts = ContainerFacts {
        environment,
        mounts: Vec::new(),
        is_privileged: arguments.privileged,
    };
    Ok((facts, road))
}

fn pairs(entries: &[String], option: &str) -> Result<Vec<(String, String)>, CliError> {
    entries
        .iter()
        .map(|entry| {
            entry
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .ok_or_else(|| CliError::Usage {
                    sentence: format!("`{option} {entry}` has no `=`"),
                    hint: format!("write {option} NAME=VALUE"),
                })
        })
        .collect()
}

fn of_bundle(directory: &Path) -> Result<ContainerFacts, Refusal> {
    let path = directory.join("config.json");
    let bytes = liftgate_sys::file::read(&path, liftgate_oci::MAX_BYTES as u64)
        .map_err(|error| Refusal::unreadable_bundle(&path, error.to_string()))?
        .ok_or_else(|| Refusal::unreadable_bundle(&path, "there is no such file"))?;
    Document::parse(&bytes)
        .and_then(|document| ContainerFacts::of_document(&document))
        .map_err(|error| Refusal::of_document(&path, &error))
}

fn explain(
    facts: &ContainerFacts,
    mut road: Road,
    config: &Config,
) -> Result<Explanation, Refusal> {
    let policy = Policy::from_config(config)?;
    let mode = config.nvidia_container_runtime.mode;
    if matches!(mode, Mode::Cdi | Mode::Csv) {
        road.notes.push(format!(
            "config.toml says mode = \"{}\", which the runtime does not serve yet: it would refuse",
            mode.name()
        ));
    }
    let request = match Asked::by(facts, &policy) {
        Ok(Asked::For(request)) => request,
        Ok(Asked::Nothing { reason, .. }) => {
            return Ok(Explanation::new(
                road,
                None,
                None,
                Outcome::NothingAsked { reason },
            ));
        }
        Err(refusal) => {
            return Ok(Explanation::new(
                road,
                None,
                None,
                Outcome::Refused { refusal },
            ));
        }
    };
    let host = match find_host(config) {
        Ok(host) => host,
        Err(refusal) => {
            return Ok(Explanation::new(
                road,
                Some(request),
                None,
                Outcome::Refused { refusal },
            ));
        }
    };
    let outcome = match liftgate_plan::plan(&request, &host, &policy) {
        Ok(plan) => Outcome::Granted {
            plan: Box::new(plan),
        },
        Err(refusal) => Outcome::Refused { refusal },
    };
    Ok(Explanation::new(road, Some(request), Some(&host), outcome))
}

/// The host as a container start would find it; looking at it writes nothing.
fn find_host(config: &Config) -> Result<Host, Refusal> {
    let places = Places::host(config.nvidia_container_cli.root.as_deref());
    match Record::load(&config.liftgate.record_directory, &places) {
        Ok(host) => Ok(host),
        Err(_) => Ok(Host::discover(&places)?),
    }
}
