//! The main job, from one end to the other: a container gets its GPU.
//!
//! On this machine's GPU if it has one, on a simulated machine otherwise, and it says which. A private Docker
//! daemon with a private socket and a temporary root; nothing of it stays.

use crate::{Failure, build, packages, say, workspace};
use liftgate_conformance::{Docker, Image, Programs};
use liftgate_testhost::{Options, enter_command};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIMULATED: &str = "h200-580";

/// Runs the demo.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let built = match arguments {
        [] => None,
        [option, directory] if option == "--dist" => Some(PathBuf::from(directory)),
        _ => return Err("`cargo xtask demo` takes --dist DIR or nothing".into()),
    };
    if !liftgate_sys::namespace::is_real_root() {
        return Err(
            "the demo starts a container engine of its own, which takes root: run it with sudo"
                .into(),
        );
    }
    let is_real = Path::new("/proc/driver/nvidia/version").exists();
    let dist = if let Some(dist) = built {
        dist
    } else {
        say::heading("building");
        say::progress("the two executables (the first time takes some minutes)");
        build::run()?
    };
    let testhost = if is_real {
        PathBuf::new()
    } else {
        workspace::testhost()?
    };
    let programs = Programs {
        testhost,
        runtime: dist.join("nvidia-container-runtime"),
        liftgate: dist.join("liftgate"),
    };
    let missing = packages::ensure(packages::DOCKER);
    if !missing.is_empty() {
        return Err(format!(
            "Docker is needed and could not be installed: no {}",
            missing.join(", ")
        )
        .into());
    }
    let machine = if is_real {
        say::heading("this machine has an NVIDIA driver: the demo runs on its real GPUs");
        None
    } else {
        say::heading(&format!(
            "this machine has no NVIDIA driver: the demo runs on the SIMULATED machine `{SIMULATED}`"
        ));
        Some(SIMULATED)
    };
    let directory = tempfile::Builder::new()
        .prefix("liftgate-demo-")
        .tempdir()?;
    show(&programs, machine, directory.path())
}

fn show(programs: &Programs, machine: Option<&str>, directory: &Path) -> Result<(), Failure> {
    say::heading("what the host sees: nvidia-smi -L");
    let host = output(&mut on_host(
        programs,
        machine,
        directory,
        "nvidia-smi",
        &["-L"],
    ))?;
    say::words(&host);

    say::heading("what liftgate says a container would get: liftgate explain --gpus all");
    let liftgate = programs.liftgate.to_string_lossy();
    let explained = output(&mut on_host(
        programs,
        machine,
        directory,
        &liftgate,
        &["explain", "--gpus", "all"],
    ))?;
    say::words(&explained);

    let place = directory.join("docker");
    let specification = write_specification(programs, machine, directory, &place)?;
    say::words(&specification);

    say::heading("and for who calls it by hand: nvidia-container-cli info");
    let cli = programs.runtime.with_file_name("nvidia-container-cli");
    let cli = cli.to_string_lossy();
    let info = output(&mut on_host(programs, machine, directory, &cli, &["info"]))?;
    say::words(&info);

    say::progress("starting a private Docker daemon that knows nothing of liftgate");
    let docker = Docker::start_unconfigured(programs, machine, &workspace::machines(), &place)?;
    say::heading("Docker is told of the runtime, and proves it: liftgate setup docker --yes");
    say::words(&set_up(programs, &docker, &place, "")?);
    let image = Image::make(&directory.join("image"))?;
    docker.import(&image, "mini")?;

    let by_hook = run_container(&docker, &["--gpus", "all"])?;
    let container = in_container(&docker, "all")?;
    let named = in_container(&docker, "nvidia.com/gpu=all")?;
    let none = in_container(&docker, "none")?;
    let refused = in_container(&docker, "17")?;
    say::heading("and all of it back: liftgate setup --undo");
    say::words(&set_up(programs, &docker, &place, "--undo --no-restart")?);
    let configuration = fs::read_to_string(place.join("daemon.json"))?;
    drop(docker);

    say::heading("the result");
    if configuration.trim() != "{}" {
        return Err("an undone setup has not given back the first configuration".into());
    }
    if container != host {
        return Err("the container does not see what the host sees".into());
    }
    if by_hook != host {
        return Err("a container started with --gpus does not see what the host sees".into());
    }
    if named != host {
        return Err("a container that names a CDI device does not see what the host sees".into());
    }
    if !none.contains("No devices") {
        return Err("a container that asked for none has seen a GPU".into());
    }
    if !refused.contains("[device-unknown]") {
        return Err("a GPU that does not exist was not refused".into());
    }
    let place = machine.map_or("on this machine's GPUs".to_owned(), |name| {
        format!("on the simulated machine `{name}`")
    });
    say::words(&format!("The container sees the host's GPUs, {place}.\n"));
    Ok(())
}

/// Makes the CDI specification of the machine in a directory of its own, which the runtime is told of.
fn write_specification(
    programs: &Programs,
    machine: Option<&str>,
    directory: &Path,
    place: &Path,
) -> Result<String, Failure> {
    let specifications = place.join("cdi");
    fs::create_dir_all(&specifications)?;
    fs::write(
        place.join("config.toml"),
        format!(
            "[nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"{}\"]\n",
            specifications.display()
        ),
    )?;
    let file = specifications.join("nvidia.yaml").display().to_string();
    say::heading(&format!(
        "the same for engines that know CDI: liftgate cdi generate --output {file}"
    ));
    let liftgate = programs.liftgate.to_string_lossy();
    let arguments = ["cdi", "generate", "--output", &file];
    output(&mut on_host(
        programs, machine, directory, &liftgate, &arguments,
    ))
}

/// `liftgate setup docker`, where the daemon runs; what it remembers and makes lies in the demo's directory.
fn set_up(
    programs: &Programs,
    docker: &Docker,
    place: &Path,
    arguments: &str,
) -> Result<String, Failure> {
    let script = format!(
        "export LIFTGATE_STATE_DIRECTORY='{0}/setup' NVIDIA_CTK_CDI_OUTPUT_FILE_PATH='{0}/docker.yaml'\n'{1}' setup docker --yes --socket '{0}/socket' {arguments} 2>&1",
        place.display(),
        programs.liftgate.display(),
    );
    let output = docker.on_machine(&script)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("liftgate setup: {}: {text}", output.status).into())
    }
}

fn in_container(docker: &Docker, gpus: &str) -> Result<String, Failure> {
    let variable = format!("NVIDIA_VISIBLE_DEVICES={gpus}");
    run_container(docker, &["--runtime=nvidia", "-e", &variable])
}

fn run_container(docker: &Docker, options: &[&str]) -> Result<String, Failure> {
    let mut arguments = vec!["run", "--rm", "--network", "none"];
    arguments.extend(options);
    arguments.extend(["mini", "nvidia-smi", "-L"]);
    say::heading(&format!("docker {}", arguments.join(" ")));
    let output = docker.run(&arguments)?;
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    say::words(&text);
    Ok(text)
}

/// A command on the machine that the demo runs on.
fn on_host(
    programs: &Programs,
    machine: Option<&str>,
    directory: &Path,
    program: &str,
    arguments: &[&str],
) -> Command {
    let mut command = match machine {
        Some(machine) => {
            let options = Options {
                state: Some(workspace::machines()),
                writable: vec![directory.to_owned()],
            };
            // On this machine the tools are beside the libraries; a shell's PATH there begins with them.
            let mut command = enter_command(&programs.testhost, machine, &options, "env");
            let path = std::env::var("PATH").unwrap_or_default();
            command
                .arg(format!("PATH=/usr/local/nvidia/bin:{path}"))
                .arg(program);
            command
        }
        None => Command::new(program),
    };
    command.args(arguments);
    command
}

fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
