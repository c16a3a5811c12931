use super::explanation::{
    self, ConfigurationFile, Explanation, HostSummary, Outcome, Road, SpecifiedShare,
};
use super::next_step;
use crate::error::CliError;
use crate::nvml_names;
use crate::ui::Ui;
use clap::Args;
use liftgate_cdi::{Registry, ThisHost};
use liftgate_config::Config;
use liftgate_driver::{Host, Places, Record};
use liftgate_oci::Document;
use liftgate_plan::{
    Asked, ContainerFacts, Devices, DockerGpus, DockerGpusError, Policy, Refusal, Request,
    Specified,
};
use std::path::{Path, PathBuf};

/// Say what a container would get, and the reason for every line of it
///
/// Describe the container by the options of `docker run`, or name an OCI bundle. Nothing is changed.
/// The exit status is 0 if GPUs are granted or none are asked for, 1 if they are refused.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The value of `docker run --gpus`
    #[arg(long, value_name = "REQUEST", conflicts_with = "bundle")]
    pub(super) gpus: Option<String>,

    /// A variable that the image sets (`docker inspect IMAGE` lists them); may be repeated
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "bundle")]
    image_env: Vec<String>,

    /// A variable that `docker run` sets; may be repeated
    #[arg(long, short, value_name = "NAME=VALUE", conflicts_with = "bundle")]
    pub(super) env: Vec<String>,

    /// Take the container for a privileged one
    #[arg(long, conflicts_with = "bundle")]
    pub(super) privileged: bool,

    /// The directory of an OCI bundle
    #[arg(long, value_name = "DIR")]
    pub(super) bundle: Option<PathBuf>,

    /// The configuration file, instead of the usual one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Print JSON; `docs/schema/explain.json` is its schema
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  liftgate explain --gpus all
  liftgate explain --gpus '\"device=0,2\"'
  liftgate explain --image-env NVIDIA_VISIBLE_DEVICES=all -e NVIDIA_DRIVER_CAPABILITIES=utility
  liftgate explain --bundle /run/containerd/io.containerd.runtime.v2.task/default/NAME";

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let explanation = explain(arguments, ui)?;
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

/// The whole explanation, as far as it goes: what was found out before a refusal is part of it.
fn explain(arguments: &Arguments, ui: &mut Ui) -> Result<Explanation, CliError> {
    if let Some(path) = arguments.config.as_ref().filter(|path| !path.exists()) {
        return Err(CliError::Usage {
            sentence: format!("there is no configuration file `{}`", path.display()),
            hint: "leave --config out to have the usual one, or the defaults".to_owned(),
        });
    }
    let loaded = liftgate_plan::load_configuration(arguments.config.as_deref());
    let defaults = Config::default();
    let config = loaded.as_ref().map_or(&defaults, |loaded| &loaded.config);
    let mut road = road(arguments, config)?;
    let described = match arguments.bundle {
        Some(_) => None,
        None => Some(described(arguments)?),
    };
    let mut findings = Findings::default();
    let decide = || -> Result<Outcome, Refusal> {
        let configuration = loaded.as_ref().map_err(Refusal::clone)?;
        for warning in &configuration.warnings {
            ui.warning(format!("{}: {warning}", configuration.path.display()));
        }
        findings.configuration = Some(ConfigurationFile {
            path: configuration.path.clone(),
            exists: configuration.path.exists(),
        });
        let facts = match &arguments.bundle {
            Some(bundle) => of_bundle(bundle, &mut road)?,
            None => described.unwrap_or_default(),
        };
        decide(&facts, config, &mut findings)
    };
    let outcome = decide().unwrap_or_else(|refusal| Outcome::Refused { refusal });
    Ok(Explanation {
        format: 1,
        road,
        configuration: findings.configuration,
        request: findings.request,
        host: findings.host,
        next: next_step::after(arguments, &outcome),
        outcome,
    })
}

/// What is found out on the way to an outcome, as far as the way goes.
#[derive(Default)]
pub(super) struct Findings {
    configuration: Option<ConfigurationFile>,
    request: Option<Request>,
    pub(super) host: Option<HostSummary>,
}

/// The road that the request takes.
fn road(arguments: &Arguments, config: &Config) -> Result<Road, CliError> {
    let low_level = config.nvidia_container_runtime.runtimes.join(" or ");
    if arguments.bundle.is_some() {
        return Ok(Road::runtime("an OCI bundle", &low_level));
    }
    let Some(gpus) = docker_gpus(arguments)? else {
        return Ok(Road::runtime("docker run --runtime=nvidia", &low_level));
    };
    let mut road = Road::runtime("docker run --runtime=nvidia --gpus", &low_level);
    road.notes.push(format!(
        "Docker turns --gpus into {}",
        variables(gpus)
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" and ")
    ));
    road.notes.push("without --runtime=nvidia, Docker before 29.2 starts nvidia-container-runtime-hook, which gives the same but for environment and groups; from 29.2 on it prefers a CDI specification".to_owned());
    Ok(road)
}

fn docker_gpus(arguments: &Arguments) -> Result<Option<DockerGpus>, CliError> {
    let Some(value) = &arguments.gpus else {
        return Ok(None);
    };
    DockerGpus::parse(value).map(Some).map_err(|error| {
        let hint = match error {
            DockerGpusError::CountAndDevices => {
                "a list of GPUs stands in quotation marks of its own, which the shell must leave in place: --gpus '\"device=0,2\"'"
            }
            _ => "write --gpus all, --gpus 2 or --gpus '\"device=0,2\"'",
        };
        CliError::Usage {
            sentence: error.to_string(),
            hint: hint.to_owned(),
        }
    })
}

/// The variables that Docker makes of `--gpus`.
fn variables(gpus: DockerGpus) -> impl Iterator<Item = (String, String)> {
    let capabilities = gpus
        .driver_capabilities
        .map(|value| ("NVIDIA_DRIVER_CAPABILITIES".to_owned(), value));
    std::iter::once(("NVIDIA_VISIBLE_DEVICES".to_owned(), gpus.visible_devices)).chain(capabilities)
}

/// The container that the options describe.
fn described(arguments: &Arguments) -> Result<ContainerFacts, CliError> {
    let mut environment = pairs(&arguments.image_env, "--image-env")?;
    environment.extend(pairs(&arguments.env, "--env")?);
    // Docker appends its variables after the image's and the user's.
    environment.extend(docker_gpus(arguments)?.into_iter().flat_map(variables));
    Ok(ContainerFacts {
        environment,
        mounts: Vec::new(),
        annotations: Vec::new(),
        is_privileged: arguments.privileged,
    })
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

fn of_bundle(directory: &Path, road: &mut Road) -> Result<ContainerFacts, Refusal> {
    let path = directory.join("config.json");
    let bytes = liftgate_sys::file::read(&path, liftgate_oci::MAX_BYTES as u64)
        .map_err(|error| Refusal::unreadable_bundle(&path, error.to_string()))?
        .ok_or_else(|| Refusal::unreadable_bundle(&path, "there is no such file"))?;
    let facts = Document::parse(&bytes)
        .and_then(|document| ContainerFacts::of_document(&document))
        .map_err(|error| Refusal::of_document(&path, &error))?;
    if facts.variable("NVIDIA_VISIBLE_DEVICES") == Some("void") {
        road.notes.push("nvidia-container-runtime writes NVIDIA_VISIBLE_DEVICES=void into a bundle that it has served: linux.devices and mounts of config.json then hold what the container was given".to_owned());
    }
    Ok(facts)
}

/// What comes of it. Request and host are noted once they are known.
fn decide(
    facts: &ContainerFacts,
    config: &Config,
    findings: &mut Findings,
) -> Result<Outcome, Refusal> {
    decide_by(&Policy::from_config(config)?, facts, config, findings)
}

/// As [`decide`], by a policy that may be another than that of the configuration.
pub(super) fn decide_by(
    policy: &Policy,
    facts: &ContainerFacts,
    config: &Config,
    findings: &mut Findings,
) -> Result<Outcome, Refusal> {
    let request = match Asked::by(facts, policy)? {
        Asked::For(request) => request,
        Asked::Nothing {
            reason,
            is_ignored_request,
        } => {
            return Ok(Outcome::NothingAsked {
                reason,
                is_ignored_request,
            });
        }
    };
    let request: &Request = findings.request.insert(request);
    let plan = if request.devices == Devices::Unasked {
        None
    } else {
        let places = liftgate_plan::places(config, config.nvidia_container_runtime.mode, facts);
        let mut host = find_host(config, &places)?;
        if liftgate_plan::needs_nvml(request, &host, policy) {
            (_, host) = nvml_names::make_record_asking(&places, true).map_err(Refusal::from)?;
        }
        let has_channels = !request.imex_channels.is_empty();
        host.read_extras(&places, &request.extras, has_channels);
        findings.host = Some(HostSummary::from(&host));
        Some(Box::new(liftgate_plan::plan(request, &host, policy)?))
    };
    let specified = if request.specified.is_empty() {
        None
    } else {
        let registry = Registry::load(&config.nvidia_container_runtime.modes.cdi.spec_dirs);
        // Root's, unless the container says otherwise; it only decides who owns nodes.
        let found = Specified::find(&request.specified, &registry, &ThisHost, (0, 0))?;
        Some(SpecifiedShare::from(found))
    };
    Ok(Outcome::Granted { plan, specified })
}

/// The host as a container start would find it; looking at it writes nothing.
fn find_host(config: &Config, places: &Places) -> Result<Host, Refusal> {
    let usual = Places::host(config.nvidia_container_cli.root.as_deref());
    if *places == usual
        && let Ok(host) = Record::load(&config.liftgate.record_directory, places)
    {
        return Ok(host);
    }
    let (_, host) = nvml_names::make_record(places)?;
    Ok(host)
}
