//! The promised numbers, measured in one run and given as ratios: absolute times mean little on a shared
//! machine.
//!
//! A low-level runtime that does nothing stands behind each runtime, so that what is left is the runtime's
//! own time. Candidates take turns, so that a change of the machine's pace meets all of them.

mod hooks;
mod lint;
mod prestart;
mod specifications;

use crate::{Failure, build, say, workspace};
use liftgate_conformance::{Bundle, BundleOptions, Image, find_program};
use liftgate_testhost::{Options, enter_command};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 60;
const CONTAINER_ROUNDS: usize = 15;
const MACHINE: &str = "h200-580";
/// Eight GPUs with seven MIG devices each.
const MIG_MACHINE: &str = "h100-mig-56";

/// The subcommand by which this program runs itself on the simulated machine.
const INSIDE: &str = "--inside";
/// The same, where only specifications are made.
const INSIDE_MIG: &str = "--inside-mig";

/// Runs the benchmark.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    if let [option, directory, rest @ ..] = arguments
        && option == INSIDE
    {
        return inside(Path::new(directory), rest.first().map(Path::new));
    }
    if let [option, directory, rest @ ..] = arguments
        && option == INSIDE_MIG
    {
        let nothing = Path::new(directory).join("nothing");
        let reference = rest.first().map(Path::new);
        let times = specifications::generate(&nothing, &own_programs()?, reference)?;
        report("cdi generate, 56 MIG devices", &times);
        return Ok(());
    }
    let mut reference = None;
    let mut dist = None;
    for pair in arguments.chunks(2) {
        match pair {
            [option, directory] if option == "--reference" => {
                reference = Some(Path::new(directory));
            }
            [option, directory] if option == "--dist" => dist = Some(PathBuf::from(directory)),
            _ => {
                return Err(
                    "`cargo xtask bench` takes --reference DIR, --dist DIR or nothing".into(),
                );
            }
        }
    }
    outside(reference, dist)
}

fn outside(reference: Option<&Path>, dist: Option<PathBuf>) -> Result<(), Failure> {
    if !liftgate_sys::namespace::is_real_root() {
        return Err("the benchmark starts containers, which takes root: run it with sudo".into());
    }
    let dist = match dist {
        Some(dist) => fs::canonicalize(dist)?,
        None => build::run()?,
    };
    let directory = tempfile::Builder::new()
        .prefix("liftgate-bench-")
        .tempdir()?;
    let image = Image::make(&directory.path().join("image"))?;
    for (name, request) in [
        ("gpu", Some("all")),
        ("one", Some("0")),
        ("named", Some("nvidia.com/gpu=all")),
        ("plain", None),
    ] {
        let environment = request
            .map(|request| format!("NVIDIA_VISIBLE_DEVICES={request}"))
            .into_iter()
            .collect();
        let options = BundleOptions {
            script: "true".to_owned(),
            environment,
            // The reference's hook looks for the driver in the container's `/proc`.
            has_host_proc: name == "one",
            ..BundleOptions::default()
        };
        Bundle::make(&directory.path().join(name), &image, &options)?;
    }
    fs::copy(std::env::current_exe()?, directory.path().join("xtask"))?;
    make_nothing(&directory.path().join("nothing"))?;
    let on_machine = |machine: &str, option: &str| -> Result<Command, Failure> {
        let options = Options {
            state: Some(workspace::machines()),
            writable: vec![directory.path().to_owned()],
        };
        let program = directory.path().join("xtask");
        let mut command = enter_command(&workspace::testhost()?, machine, &options, program);
        command.arg("bench").arg(option);
        Ok(command)
    };
    let is_real = Path::new("/proc/driver/nvidia/version").exists();
    let mut command = if is_real {
        say::heading("on this machine's driver");
        let mut command = Command::new(directory.path().join("xtask"));
        command.arg("bench").arg(INSIDE);
        command
    } else {
        say::heading(&format!("on the SIMULATED machine `{MACHINE}`"));
        on_machine(MACHINE, INSIDE)?
    };
    let reference = reference.map(fs::canonicalize).transpose()?;
    workspace::succeed(
        command
            .arg(directory.path())
            .args(&reference)
            .env("LIFTGATE_DIST", &dist),
    )?;
    if is_real {
        return Ok(());
    }
    say::heading(&format!("on the SIMULATED machine `{MIG_MACHINE}`"));
    workspace::succeed(
        on_machine(MIG_MACHINE, INSIDE_MIG)?
            .arg(directory.path())
            .args(&reference)
            .env("LIFTGATE_DIST", &dist),
    )
}

/// Where the programs to measure are.
fn own_programs() -> Result<PathBuf, Failure> {
    Ok(std::env::var_os("LIFTGATE_DIST")
        .map(PathBuf::from)
        .ok_or("LIFTGATE_DIST is not set")?)
}

/// A low-level runtime that does nothing, as fast as a program can: its time is the floor.
fn make_nothing(path: &Path) -> Result<(), Failure> {
    let source = path.with_extension("c");
    fs::write(&source, "int main(void) { return 0; }\n")?;
    workspace::succeed(
        Command::new("cc")
            .args(["-O2", "-static", "-o"])
            .arg(path)
            .arg(&source),
    )
}

/// A runtime to measure: its program and its configuration.
struct Candidate {
    name: &'static str,
    program: PathBuf,
    configuration: PathBuf,
}

fn inside(directory: &Path, reference: Option<&Path>) -> Result<(), Failure> {
    let dist = own_programs()?;
    let nothing = directory.join("nothing");
    let runc = find_program("runc");
    let ours = candidates("liftgate", &dist, &nothing, runc.as_deref(), directory)?;
    let theirs = match reference {
        Some(reference) => Some(candidates(
            "reference",
            reference,
            &nothing,
            runc.as_deref(),
            directory,
        )?),
        None => None,
    };
    say::words(&format!(
        "{:<34}{:>14}{:>14}{:>14}\n",
        "", "bare", "liftgate", "reference"
    ));
    let commands: [(&str, &str, &[&str]); 4] = [
        ("create with a GPU", "gpu", &["create", "--bundle"]),
        ("create by CDI name", "named", &["create", "--bundle"]),
        ("create without a GPU", "plain", &["create", "--bundle"]),
        ("state", "gpu", &["state"]),
    ];
    for (label, bundle, arguments) in commands {
        let bundle = directory.join(bundle);
        let times = measure(
            ROUNDS,
            &bundle,
            &nothing,
            &ours.0,
            theirs.as_ref().map(|theirs| &theirs.0),
            arguments,
        )?;
        report(label, &times);
    }
    let times = specifications::generate(&nothing, &dist, reference)?;
    report("cdi generate", &times);
    let times = lint::lint(&nothing, &dist, directory)?;
    report("lint, 100 lines", &times);
    let times = prestart::without_gpu(&nothing, &dist, reference, directory)?;
    report("prestart hook, no GPU", &times);
    let times = hooks::set_up(&nothing, &dist, reference, directory)?;
    report("work inside the container", &times);
    memory(
        "peak memory of create, MB",
        &directory.join("gpu"),
        &ours.0,
        theirs.as_ref().map(|theirs| &theirs.0),
    )?;
    if let Some(runc) = runc {
        let times = prestart::with_gpu(&runc, &directory.join("one"), &dist, reference, directory)?;
        report("runc create, prestart hook, a GPU", &times);
        let bundle = directory.join("gpu");
        let times = containers(
            CONTAINER_ROUNDS,
            &bundle,
            &runc,
            &ours.1,
            theirs.as_ref().map(|theirs| &theirs.1),
        )?;
        report("a whole container (runc)", &times);
    }
    Ok(())
}

/// The candidate in front of the runtime that does nothing, and in front of runc.
fn candidates(
    name: &'static str,
    programs: &Path,
    nothing: &Path,
    runc: Option<&Path>,
    directory: &Path,
) -> Result<(Candidate, Candidate), Failure> {
    let specifications = directory.join(format!("{name}-cdi"));
    fs::create_dir_all(&specifications)?;
    specifications::write(
        &programs.join("nvidia-ctk"),
        &specifications.join("nvidia.yaml"),
    )?;
    let make = |label: &str, low_level: &Path| -> Result<Candidate, Failure> {
        let configuration = directory.join(format!("{name}-{label}.toml"));
        // The last table is for the reference, whose hook for that file needs a driver's own `/proc`.
        let text = format!(
            "[nvidia-container-runtime]\nruntimes = [\"{}\"]\n[nvidia-ctk]\npath = \"{}\"\n[nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"{}\"]\n[nvidia-container-runtime.modes.jit-cdi]\nnvcdi-disable-hooks = [\"disable-device-node-modification\"]\n",
            low_level.display(),
            programs.join("nvidia-ctk").display(),
            specifications.display()
        );
        fs::write(&configuration, text)?;
        Ok(Candidate {
            name,
            program: programs.join("nvidia-container-runtime"),
            configuration,
        })
    };
    Ok((
        make("nothing", nothing)?,
        make("runc", runc.unwrap_or(nothing))?,
    ))
}

/// Median times: bare, ours, the reference's.
type Times = (Duration, Duration, Option<Duration>);

fn measure(
    rounds: usize,
    bundle: &Path,
    nothing: &Path,
    ours: &Candidate,
    theirs: Option<&Candidate>,
    arguments: &[&str],
) -> Result<Times, Failure> {
    let configuration = fs::read(bundle.join("config.json"))?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..rounds {
        let turns = [(nothing, None), (&ours.program, Some(ours))]
            .into_iter()
            .chain(theirs.map(|theirs| (theirs.program.as_path(), Some(theirs))));
        for (index, (program, candidate)) in turns.enumerate() {
            fs::write(bundle.join("config.json"), &configuration)?;
            let mut command = Command::new(program);
            command.args(arguments);
            if arguments.first() == Some(&"create") {
                command.arg(bundle);
            }
            command
                .arg("bench")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            if let Some(candidate) = candidate {
                command.env("NVIDIA_CTK_CONFIG_FILE_PATH", &candidate.configuration);
            }
            let begun = Instant::now();
            let status = command.status()?;
            times[index].push(begun.elapsed());
            if !status.success() {
                let name = candidate.map_or("bare", |candidate| candidate.name);
                return Err(format!("{name}: {command:?}: {status}").into());
            }
        }
    }
    fs::write(bundle.join("config.json"), &configuration)?;
    let [bare, ours, reference] = times;
    Ok((
        median(bare),
        median(ours),
        (!reference.is_empty()).then(|| median(reference)),
    ))
}

/// Whole containers: create, start, delete.
fn containers(
    rounds: usize,
    bundle: &Path,
    runc: &Path,
    ours: &Candidate,
    theirs: Option<&Candidate>,
) -> Result<Times, Failure> {
    let configuration = fs::read(bundle.join("config.json"))?;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for round in 0..rounds {
        let turns = [(runc, None), (ours.program.as_path(), Some(ours))]
            .into_iter()
            .chain(theirs.map(|theirs| (theirs.program.as_path(), Some(theirs))));
        for (index, (program, candidate)) in turns.enumerate() {
            fs::write(bundle.join("config.json"), &configuration)?;
            let id = format!("bench-{}-{round}-{index}", std::process::id());
            let command = |arguments: &[&str]| {
                let mut command = Command::new(program);
                command
                    .args(arguments)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null());
                if let Some(candidate) = candidate {
                    command.env("NVIDIA_CTK_CONFIG_FILE_PATH", &candidate.configuration);
                }
                command
            };
            let begun = Instant::now();
            workspace::succeed(command(&["create", "--bundle"]).arg(bundle).arg(&id))?;
            times[index].push(begun.elapsed());
            workspace::succeed(&mut command(&["delete", "--force", &id]))?;
        }
    }
    fs::write(bundle.join("config.json"), &configuration)?;
    let [bare, ours, reference] = times;
    Ok((
        median(bare),
        median(ours),
        (!reference.is_empty()).then(|| median(reference)),
    ))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn report(label: &str, (bare, ours, reference): &Times) {
    let millis = |duration: &Duration| format!("{:.2} ms", duration.as_secs_f64() * 1e3);
    let theirs = reference.as_ref().map_or_else(|| "-".to_owned(), millis);
    say::words(&format!(
        "{label:<34}{:>14}{:>14}{theirs:>14}\n",
        millis(bare),
        millis(ours)
    ));
    let over = |duration: &Duration| duration.saturating_sub(*bare).as_secs_f64() * 1e3;
    let mut line = format!("{:<34}{:>14}{:>11.2} ms", "  over bare", "", over(ours));
    if let Some(reference) = reference {
        line = format!("{line}{:>11.2} ms", over(reference));
        if over(ours) > 0.0 {
            line = format!(
                "{line}   1/{:.0} of the reference",
                over(reference) / over(ours)
            );
        }
    }
    say::words(&format!("{line}\n"));
}

fn memory(
    label: &str,
    bundle: &Path,
    ours: &Candidate,
    theirs: Option<&Candidate>,
) -> Result<(), Failure> {
    let configuration = fs::read(bundle.join("config.json"))?;
    let mut peaks = Vec::new();
    for candidate in [Some(ours), theirs].into_iter().flatten() {
        fs::write(bundle.join("config.json"), &configuration)?;
        peaks.push(peak(candidate, bundle)?);
    }
    fs::write(bundle.join("config.json"), &configuration)?;
    let show = |peak: Option<&Option<f64>>| match peak {
        Some(Some(megabytes)) => format!("{megabytes:.1}"),
        _ => "-".to_owned(),
    };
    say::words(&format!(
        "{label:<34}{:>14}{:>14}{:>14}\n",
        "",
        show(peaks.first()),
        show(peaks.get(1))
    ));
    Ok(())
}

/// The most memory that a `create` has resident, in MB, where `/usr/bin/time` is there to say.
fn peak(candidate: &Candidate, bundle: &Path) -> Result<Option<f64>, Failure> {
    let Some(time) = find_program("time") else {
        return Ok(None);
    };
    let output = Command::new(time)
        .args(["-f", "%M"])
        .arg(&candidate.program)
        .args(["create", "--bundle"])
        .arg(bundle)
        .arg("bench")
        .env("NVIDIA_CTK_CONFIG_FILE_PATH", &candidate.configuration)
        .stdin(Stdio::null())
        .output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let kilobytes: Option<f64> = text
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok());
    Ok(kilobytes.map(|kilobytes| kilobytes / 1024.0))
}
