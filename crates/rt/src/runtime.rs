//! `nvidia-container-runtime`: edits the bundle's `config.json` at `create`, then becomes the low-level
//! runtime.
//!
//! Every other command becomes the low-level runtime at once, with the arguments as they came. So does
//! `create` for a container that asks for no GPU, whose `config.json` is not even rewritten.

mod command_line;
mod edits;
mod low_level;
mod specified;

use crate::bundle::Bundle;
use crate::journal::{Journal, Style};
use crate::{host, output};
use command_line::CommandLine;
use liftgate_config::{Config, LogLevel, Mode};
use liftgate_plan::{Asked, Code, Configuration, Devices, Policy, Refusal};
use std::ffi::OsString;
use std::process::ExitCode;

/// The runtime specification that our edits follow.
const SPECIFICATION: &str = "1.3.0";

/// Runs as the runtime. Returns only on failure: otherwise this process has become another program.
pub(crate) fn run(forced_mode: Option<Mode>, arguments: &[OsString]) -> ExitCode {
    let command_line = CommandLine::parse(arguments.get(1..).unwrap_or_default());
    let mut journal = Journal::default();
    match serve(forced_mode, arguments, &command_line, &mut journal) {
        Ok(never) => match never {},
        Err(refusal) => {
            journal.error(&refusal.one_line());
            journal.flush();
            output::error(&format!("{refusal}\n"));
            ExitCode::FAILURE
        }
    }
}

fn serve(
    forced_mode: Option<Mode>,
    arguments: &[OsString],
    command_line: &CommandLine,
    journal: &mut Journal,
) -> Result<std::convert::Infallible, Refusal> {
    if !command_line.is_create {
        let runtime = low_level::find(&runtimes())?;
        if command_line.is_version {
            say_version();
        }
        return low_level::start(&runtime, arguments);
    }
    let configuration = liftgate_plan::load_configuration(None);
    // What goes wrong from here on is to be found in the engine's log.
    open_journal(
        journal,
        command_line,
        configuration.as_ref().ok().map(|loaded| &loaded.config),
    );
    let Configuration {
        config,
        path,
        warnings,
    } = configuration?;
    for warning in warnings {
        journal.warning(&format!("{}: {warning}", path.display()));
    }
    let runtime = low_level::find(&config.nvidia_container_runtime.runtimes)?;
    journal.debug(&format!(
        "using the low-level runtime {}",
        runtime.display()
    ));
    if let Some(problem) = &command_line.problem {
        return Err(Refusal::new(
            Code::CommandLineMalformed,
            problem.clone(),
            "run the command as an OCI runtime takes it: create --bundle DIR ID",
        ));
    }
    create(
        forced_mode.unwrap_or(config.nvidia_container_runtime.mode),
        command_line,
        &config,
        journal,
    )?;
    journal.flush();
    low_level::start(&runtime, arguments)
}

/// Logs to the file that `config.toml` names and to the one that the engine passes with `--log`: containerd reads
/// the last error line of that and shows it to the user.
fn open_journal(journal: &mut Journal, command_line: &CommandLine, config: Option<&Config>) {
    let own = config.and_then(|config| config.nvidia_container_runtime.debug.as_deref());
    let style = if command_line.is_json {
        Style::Json
    } else {
        Style::Text
    };
    let threshold = if command_line.is_debug {
        LogLevel::Debug
    } else {
        config.map_or(LogLevel::Info, |config| {
            config.nvidia_container_runtime.log_level
        })
    };
    journal.open(
        own.into_iter().chain(command_line.log.as_deref()),
        style,
        threshold,
    );
    if let Some(own) = own {
        journal.is_administrators(own);
    }
}

/// The low-level runtimes, for a command that needs nothing else of `config.toml`. A container that runs
/// must stay stoppable, whatever has become of that file since: one that does not parse is named, and the
/// defaults are taken.
fn runtimes() -> Vec<String> {
    let path = liftgate_config::config_path(|name| std::env::var_os(name));
    let glance = liftgate_sys::file::read(&path, liftgate_config::MAX_BYTES as u64)
        .ok()
        .flatten()
        .and_then(|bytes| liftgate_config::runtimes_at_a_glance(std::str::from_utf8(&bytes).ok()?));
    glance.unwrap_or_else(|| {
        let config = liftgate_plan::load_configuration(Some(&path)).map_or_else(
            |refusal| {
                output::error(&format!("{refusal}\n"));
                Config::default()
            },
            |configuration| configuration.config,
        );
        config.nvidia_container_runtime.runtimes
    })
}

fn create(
    mode: Mode,
    command_line: &CommandLine,
    config: &Config,
    journal: &mut Journal,
) -> Result<(), Refusal> {
    let policy = Policy {
        mode,
        ..Policy::from_config(config)?
    };
    let bundle = Bundle::read(
        command_line.bundle.as_deref(),
        command_line.config_name.as_deref(),
    )?;
    let mut document = bundle.parse()?;
    let facts = bundle.facts(&document)?;
    let request = match Asked::by(&facts, &policy)? {
        Asked::For(request) => request,
        Asked::Nothing {
            reason,
            is_ignored_request,
        } => {
            let sentence = format!("no GPU is asked for: {reason}");
            if is_ignored_request {
                journal.warning(&sentence);
            } else {
                journal.debug(&sentence);
            }
            return Ok(());
        }
    };
    let is_planned = request.devices != Devices::Unasked;
    journal.info(&match mode {
        Mode::Auto if is_planned => "Auto-detected mode as 'jit-cdi'".to_owned(),
        Mode::Auto => "Auto-detected mode as 'cdi'".to_owned(),
        _ => format!("Using requested mode '{}'", mode.name()),
    });
    let mut edits = Vec::new();
    if is_planned {
        let places = liftgate_plan::places(config, mode, &facts);
        let mut host = host::acquire(config, &places, journal)?;
        if liftgate_plan::needs_nvml(&request, &host, &policy) {
            host = host::acquire_knowing(config, &places, true, journal)?;
        }
        host.read_extras(&places, &request.extras, !request.imex_channels.is_empty());
        let plan = liftgate_plan::plan(&request, &host, &policy)?;
        edits.push(edits::of_plan(&plan, &bundle, &document, journal)?);
        for warning in &plan.warnings {
            journal.warning(&format!("[{}] {}", warning.code, warning.sentence));
        }
    }
    if !request.specified.is_empty() {
        edits.push(specified::edits(
            &request.specified,
            config,
            &bundle,
            &document,
            journal,
        )?);
    }
    for edits in &edits {
        document
            .apply(edits)
            .map_err(|error| bundle.malformed(&error))?;
    }
    bundle.write(&document)
}

/// As the reference: our version and the specification's, an empty line, then the low-level runtime's.
fn say_version() {
    use std::io::Write as _;
    let text = format!(
        "NVIDIA Container Runtime version {} (liftgate)\nspec: {SPECIFICATION}\n\n",
        env!("CARGO_PKG_VERSION")
    );
    std::io::stdout().write_all(text.as_bytes()).ok();
}
