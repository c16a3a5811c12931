//! The runtime with real low-level runtimes, on simulated machines: what a container sees is what was
//! granted, and nothing else of the machine has changed.

#[path = "runtimes/newer_cuda.rs"]
mod newer_cuda;
#[path = "runtimes/own_devices.rs"]
mod own_devices;

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Expected, Ground, MACHINES, fail, trial};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome, Programs};
use std::fs;
use std::process::{Command, ExitCode};
use std::sync::Arc;

const RUNTIMES: [&str; 3] = ["runc", "crun", "youki"];

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let mut trials = Vec::new();
    for low_level in RUNTIMES {
        for machine in MACHINES {
            add_requests(&mut trials, &ground, low_level, machine);
        }
        add_special_cases(&mut trials, &ground, low_level);
        add_passing_on(&mut trials, &ground, low_level);
    }
    suite::conclude(trials, || {})
}

type Prepared = Result<Arc<Ground>, String>;

fn setting(
    ground: &Prepared,
    low_level: &str,
    machine: &str,
) -> Result<(Arc<Ground>, Inside), String> {
    let ground = ground.as_ref().map_err(Clone::clone)?;
    let inside = Inside {
        programs: ground.programs.clone(),
        machine: machine.to_owned(),
        state: ground.state.clone(),
        writable: Vec::new(),
        low_level: suite::low_level(low_level)?,
    };
    Ok((Arc::clone(ground), inside))
}

fn add_requests(trials: &mut Vec<Trial>, ground: &Prepared, low_level: &str, machine: &str) {
    let description = suite::machine(machine);
    for (label, value, expected) in suite::requests(&description) {
        let name = format!("{low_level}::{machine}::{label}");
        match setting(ground, low_level, machine) {
            Err(missing) => trials.push(trial(&name, Some(&missing), || Ok(()))),
            Ok((ground, inside)) => {
                let place = ground.place(&name);
                trials.push(trial(&name, None, move || {
                    check_request(&ground, &inside, &place, value.as_deref(), &expected)
                }));
            }
        }
    }
}

/// Lists the GPUs, and tries to open every node that there is and every node that there might be.
const LIST: &str =
    "nvidia-smi -L; echo status=$?; echo == nodes; ls /dev | grep -E '^nvidia[0-9]+$' | sort -V";

fn check_request(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
    value: Option<&str>,
    expected: &Expected,
) -> Result<(), Failed> {
    let options = BundleOptions {
        script: LIST.to_owned(),
        environment: value
            .map(|value| format!("NVIDIA_VISIBLE_DEVICES={value}"))
            .into_iter()
            .collect(),
        ..BundleOptions::default()
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let before = fs::read(bundle.config())?;
    let outcome = inside.run(&bundle, "")?;
    let after = fs::read(bundle.config())?;
    let machine = suite::machine(&inside.machine);
    match expected {
        Expected::Gpus(gpus) => {
            let listing = outcome
                .stdout
                .split("== nodes\n")
                .next()
                .unwrap_or_default();
            expect(&outcome, listing, &suite::expected_listing(&machine, gpus))?;
            let mut minors: Vec<u32> = gpus.iter().map(|&gpu| machine.gpus()[gpu].minor).collect();
            minors.sort_unstable();
            let names: Vec<String> = minors
                .iter()
                .map(|minor| format!("nvidia{minor}"))
                .collect();
            let nodes = names
                .iter()
                .fold(String::new(), |text, name| text + name + "\n");
            expect(&outcome, &outcome.part("nodes"), &nodes)
        }
        Expected::Refused(code) => {
            if outcome.status == Some(0) {
                return Err(fail(format!("was not refused: {}", outcome.describe())));
            }
            if !Programs::is_other_runtime() {
                contains(&outcome, &outcome.stderr, &format!("error[{code}]"))?;
                contains(&outcome, &outcome.stderr, "hint:")?;
                contains(&outcome, &outcome.log, &format!("[{code}]"))?;
            }
            same_bytes(&before, &after)
        }
        Expected::Untouched => {
            contains(&outcome, &outcome.stdout, "status=127")?;
            if Programs::is_other_runtime() {
                Ok(())
            } else {
                same_bytes(&before, &after)
            }
        }
    }
}

fn expect(outcome: &Outcome, found: &str, wanted: &str) -> Result<(), Failed> {
    if found == wanted {
        Ok(())
    } else {
        Err(fail(format!(
            "wanted:\n{wanted}found:\n{found}{}",
            outcome.describe()
        )))
    }
}

fn contains(outcome: &Outcome, text: &str, wanted: &str) -> Result<(), Failed> {
    if text.contains(wanted) {
        Ok(())
    } else {
        Err(fail(format!(
            "`{wanted}` is missing: {}",
            outcome.describe()
        )))
    }
}

fn same_bytes(before: &[u8], after: &[u8]) -> Result<(), Failed> {
    if before == after {
        Ok(())
    } else {
        Err(fail("config.json has changed"))
    }
}

type Case = fn(&Ground, &Inside, &std::path::Path) -> Result<(), Failed>;

fn add_special_cases(trials: &mut Vec<Trial>, ground: &Prepared, low_level: &str) {
    let cases: [(&str, &str, Case); 21] = [
        ("loader", "h200-580", loader_finds_the_driver),
        ("read-only-root", "ubuntu-550", read_only_root),
        ("restart", "h200-580", restart_adds_nothing),
        ("image-has-the-tool", "ubuntu-550", tool_of_the_image_stays),
        (
            "image-has-the-tool-on-path",
            "h200-580",
            tool_of_the_image_stays,
        ),
        ("user-mount", "ubuntu-550", mount_of_the_user_stays),
        ("volume", "h200-580", nothing_is_written_to_a_volume),
        ("own-library", "ubuntu-550", library_of_the_images_own),
        ("hook-log", "h200-580", the_hook_writes_to_the_log),
        ("device-cgroup", "dgx-h100-8", other_gpus_cannot_be_opened),
        ("params", "ubuntu-550", params_are_covered),
        ("newer-cuda-restart", "ubuntu-550", newer_cuda::restarts),
        (
            "newer-cuda-upgrade",
            "ubuntu-550",
            newer_cuda::goes_with_an_upgrade,
        ),
        (
            "newer-cuda-turned-off",
            "ubuntu-550",
            newer_cuda::is_turned_off,
        ),
        (
            "newer-cuda-ldconfig",
            "ubuntu-550",
            newer_cuda::survives_ldconfig,
        ),
        ("newer-cuda-decided", "ubuntu-550", newer_cuda::is_decided),
        (
            "newer-cuda-not-on-a-geforce",
            "fedora-570",
            newer_cuda::not_on_a_geforce,
        ),
        ("links-by-path", "ubuntu-550", own_devices::links_by_path),
        (
            "application-profile",
            "ubuntu-550",
            own_devices::application_profile,
        ),
        (
            "shared-dev",
            "ubuntu-550",
            own_devices::the_hosts_are_left_alone,
        ),
        (
            "volume-as-dev",
            "ubuntu-550",
            own_devices::a_volume_is_left_alone,
        ),
    ];
    for (label, machine, case) in cases {
        let name = format!("{low_level}::{label}::{machine}");
        // With or without a GPU: youki makes its links and nodes in a `/dev` and fails where one exists.
        let setting = if (low_level, label) == ("youki", "shared-dev") {
            Err("needs a runtime that starts a container in the host's /dev".to_owned())
        } else {
            setting(ground, low_level, machine)
        };
        match setting {
            Err(missing) => trials.push(trial(&name, Some(&missing), || Ok(()))),
            Ok((ground, inside)) => {
                let place = ground.place(&name);
                trials.push(trial(&name, None, move || case(&ground, &inside, &place)));
            }
        }
    }
}

fn all_gpus(script: &str) -> BundleOptions {
    BundleOptions {
        script: script.to_owned(),
        environment: vec!["NVIDIA_VISIBLE_DEVICES=all".to_owned()],
        ..BundleOptions::default()
    }
}

/// The cache lists the driver; after an `ldconfig` run in the container it still does.
fn loader_finds_the_driver(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let script = "ldconfig -p | grep -c 'libcuda.so.1 '; echo == images; ldconfig -p | grep -c libc.so.6; \
                  ldconfig; echo == again; ldconfig -p | grep -c 'libcuda.so.1 '; nvidia-smi -L";
    let bundle = Bundle::make(place, &ground.image, &all_gpus(script))?;
    let outcome = inside.run(&bundle, "")?;
    contains(
        &outcome,
        &outcome.stdout,
        "1\n== images\n1\n== again\n1\nGPU 0: NVIDIA H200",
    )
}

fn read_only_root(ground: &Ground, inside: &Inside, place: &std::path::Path) -> Result<(), Failed> {
    let options = BundleOptions {
        is_read_only: true,
        ..all_gpus("nvidia-smi -L | wc -l; (: > /etc/x) 2>/dev/null || echo read-only")
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let outcome = inside.run(&bundle, "")?;
    expect(&outcome, &outcome.stdout, "4\nread-only\n")
}

/// A second start of the same root file system finds everything in place and leaves nothing more.
fn restart_adds_nothing(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let bundle = Bundle::make(place, &ground.image, &all_gpus("nvidia-smi -L"))?;
    let config = fs::read(bundle.config())?;
    let mut listings = Vec::new();
    for _ in 0..3 {
        fs::write(bundle.config(), &config)?;
        let outcome = inside.run(&bundle, "")?;
        contains(&outcome, &outcome.stdout, "GPU 0: NVIDIA H200")?;
        let files = Command::new("find")
            .arg(bundle.root())
            .args(["-not", "-type", "d", "-printf", "%P %i %s %l %T@\n"])
            .output()?;
        listings.push(String::from_utf8_lossy(&files.stdout).into_owned());
    }
    // Not even an inode differs between the second start and the third.
    if listings[1] == listings[2] {
        Ok(())
    } else {
        let difference: Vec<&str> = listings[2]
            .lines()
            .filter(|line| !listings[1].lines().any(|other| other == *line))
            .collect();
        Err(fail(format!(
            "the root file system changes from start to start: {difference:?}"
        )))
    }
}

fn tool_of_the_image_stays(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let bundle = Bundle::make(
        place,
        &ground.image,
        &all_gpus("nvidia-smi; echo == cuda; ldconfig -p | grep -c 'libcuda.so.1 '"),
    )?;
    let tool = bundle.root().join("usr/bin/nvidia-smi");
    fs::write(&tool, "#!/bin/sh\necho the image\n")?;
    std::os::unix::fs::PermissionsExt::set_mode(&mut fs::metadata(&tool)?.permissions(), 0o755);
    Command::new("chmod").arg("755").arg(&tool).status()?;
    let outcome = inside.run(&bundle, "")?;
    expect(&outcome, &outcome.stdout, "the image\n== cuda\n1\n")
}

fn mount_of_the_user_stays(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let own = place.with_extension("own");
    fs::write(&own, "mine\n")?;
    let options = BundleOptions {
        binds: vec![(own.clone(), "/usr/bin/nvidia-debugdump".to_owned())],
        ..all_gpus("cat /usr/bin/nvidia-debugdump; nvidia-smi -L | wc -l")
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let outcome = inside.run(&bundle, "")?;
    expect(&outcome, &outcome.stdout, "mine\n4\n")
}

/// A library that was copied to where the loader looks, and for which nobody has run `ldconfig`.
fn library_of_the_images_own(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let options = all_gpus("/opt/own/program && nvidia-smi -L | wc -l");
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let root = bundle.root();
    fs::create_dir_all(root.join("opt/own/lib"))?;
    let source = |name: &str, text: &str| -> Result<std::path::PathBuf, Failed> {
        let path = bundle.directory().join(name);
        fs::write(&path, text)?;
        Ok(path)
    };
    let cc = |arguments: &[&std::ffi::OsStr]| -> Result<(), Failed> {
        let status = Command::new("cc").args(arguments).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(fail(format!("cc: {status}")))
        }
    };
    let library = root.join("opt/own/lib/libown.so.1.2");
    let answer = source("own.c", "int answer(void) { return 42; }\n")?;
    cc(&[
        "-shared".as_ref(),
        "-fPIC".as_ref(),
        "-Wl,-soname,libown.so.1".as_ref(),
        "-o".as_ref(),
        library.as_ref(),
        answer.as_ref(),
    ])?;
    let main = source(
        "main.c",
        "int answer(void);\n#include <stdio.h>\nint main(void) { printf(\"%d\\n\", answer()); return 0; }\n",
    )?;
    let program = root.join("opt/own/program");
    cc(&[
        "-o".as_ref(),
        program.as_ref(),
        main.as_ref(),
        library.as_ref(),
    ])?;
    // The files of an image are shared with other copies of it: they are replaced, not written to.
    let configuration = root.join("etc/ld.so.conf");
    fs::remove_file(&configuration).ok();
    fs::write(
        configuration,
        "include /etc/ld.so.conf.d/*.conf\n/opt/own/lib\n",
    )?;
    let outcome = inside.run(&bundle, "")?;
    expect(&outcome, &outcome.stdout, "42\n4\n")
}

/// What the hook has to say is in the file that the runtime logs to: on standard error it is thrown away where the
/// hook succeeds.
fn the_hook_writes_to_the_log(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let volume = place.with_extension("volume");
    fs::create_dir_all(volume.join("lib64"))?;
    let options = BundleOptions {
        binds: vec![(volume, "/usr/local/nvidia".to_owned())],
        ..all_gpus("true")
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let log = bundle.directory().join("debug.log");
    let text = inside.configuration() + &format!("debug = \"{}\"\n", log.display());
    fs::write(bundle.directory().join("config.toml"), text)?;
    let outcome = inside.run(&bundle, "")?;
    let log = fs::read_to_string(log)?;
    // Once, though several links are in that directory.
    let lines = log.lines().filter(|line| {
        line.contains("\"warning\"") && line.contains("`/usr/local/nvidia/lib64` lies on a volume")
    });
    if lines.count() == 1 && outcome.status == Some(0) {
        Ok(())
    } else {
        Err(fail(format!("{log}\n{}", outcome.describe())))
    }
}

/// A volume over the library directory is the host's: mounts go over it, but no link is made in it; the
/// loader's cache finds the library by its own name.
fn nothing_is_written_to_a_volume(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let volume = place.with_extension("volume");
    fs::create_dir_all(volume.join("lib64"))?;
    let options = BundleOptions {
        binds: vec![(volume.clone(), "/usr/local/nvidia".to_owned())],
        ..all_gpus(
            "nvidia-smi -L | wc -l; ldconfig -p | grep -c 'libnvidia-ml.so.1 .*libnvidia-ml.so.580'",
        )
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let outcome = inside.run(&bundle, "")?;
    let links: Vec<_> = fs::read_dir(volume.join("lib64"))?
        .flatten()
        .filter(|entry| entry.path().is_symlink())
        .collect();
    expect(&outcome, &outcome.stdout, "1\n1\n")?;
    if links.is_empty() {
        Ok(())
    } else {
        Err(fail(format!(
            "links in the volume: {links:?}: {}",
            outcome.describe()
        )))
    }
}

/// With the right to make nodes, a container still cannot open a GPU that it was not given: the device
/// cgroup says no (EPERM) before the kernel looks for a driver (ENXIO on a simulated machine).
fn other_gpus_cannot_be_opened(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let options = BundleOptions {
        script: "mknod /tmp/other c 195 5; cat /tmp/other; cat /dev/nvidia2; nvidia-smi -L | wc -l"
            .to_owned(),
        environment: vec!["NVIDIA_VISIBLE_DEVICES=2".to_owned()],
        capabilities: vec!["CAP_MKNOD".to_owned()],
        ..BundleOptions::default()
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let outcome = inside.run(&bundle, "")?;
    if outcome.stderr.contains("mknod") {
        // The cgroup forbids even the making.
        contains(&outcome, &outcome.stderr, "Operation not permitted")?;
    } else {
        contains(
            &outcome,
            &outcome.stderr,
            "/tmp/other: Operation not permitted",
        )?;
    }
    contains(
        &outcome,
        &outcome.stderr,
        "/dev/nvidia2: No such device or address",
    )?;
    expect(&outcome, &outcome.stdout, "1\n")
}

/// With the machine's own `/proc` in the container (its own has no driver, there being none), the file is
/// covered; on the host it still says 1.
fn params_are_covered(
    ground: &Ground,
    inside: &Inside,
    place: &std::path::Path,
) -> Result<(), Failed> {
    let options = BundleOptions {
        has_host_proc: true,
        ..all_gpus(
            "grep ModifyDeviceFiles /proc/driver/nvidia/params; ls /proc/driver/nvidia | wc -l; { echo x > /proc/driver/nvidia/params; } 2>/dev/null || echo read-only",
        )
    };
    let bundle = Bundle::make(place, &ground.image, &options)?;
    let outcome = inside.run(&bundle, "trap 'grep ModifyDeviceFiles /proc/driver/nvidia/params; grep -c nvidia /proc/self/mounts' EXIT")?;
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let is_covered = lines.first() == Some(&"ModifyDeviceFiles: 0")
        && lines.get(2) == Some(&"read-only")
        && lines.contains(&"ModifyDeviceFiles: 1");
    if is_covered {
        Ok(())
    } else {
        Err(fail(outcome.describe()))
    }
}

/// Commands that are none of ours: the low-level runtime's output and exit status, byte for byte.
fn add_passing_on(trials: &mut Vec<Trial>, ground: &Prepared, low_level: &str) {
    if low_level == "runc"
        && !Programs::is_other_runtime()
        && let Ok((ground, inside)) = setting(ground, low_level, "h200-580")
    {
        let name = "runc::passes-on::without-configuration";
        let place = ground.place(name);
        trials.push(trial(name, None, move || {
            passes_on_without_configuration(&inside, &place)
        }));
    }
    let commands: [&[&str]; 5] = [
        &["features"],
        &["state", "no-such-container"],
        &["kill", "no-such-container", "TERM"],
        &["delete", "create"],
        &["no-such-command"],
    ];
    for command in commands {
        let name = format!("{low_level}::passes-on::{}", command.join("-"));
        match setting(ground, low_level, "h200-580") {
            Err(missing) => trials.push(trial(&name, Some(&missing), || Ok(()))),
            Ok((ground, inside)) => {
                let place = ground.place(&name);
                trials.push(trial(&name, None, move || {
                    passes_on(&inside, &place, command)
                }));
            }
        }
    }
}

/// A `config.toml` that does not parse is named, and a container can be stopped all the same.
fn passes_on_without_configuration(inside: &Inside, place: &std::path::Path) -> Result<(), Failed> {
    fs::create_dir_all(place)?;
    let configuration = place.join("config.toml");
    fs::write(&configuration, "[nvidia-container-runtime]\nruntimes = [\n")?;
    let output = Command::new(&inside.programs.runtime)
        .args(["--root", "/nonexistent", "state", "no-such-container"])
        .env("NVIDIA_CTK_CONFIG_FILE_PATH", &configuration)
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("[configuration-malformed]") && stderr.contains("does not exist") {
        Ok(())
    } else {
        Err(fail(format!("{output:?}")))
    }
}

fn passes_on(inside: &Inside, place: &std::path::Path, command: &[&str]) -> Result<(), Failed> {
    fs::create_dir_all(place)?;
    let configuration = place.join("config.toml");
    fs::write(&configuration, inside.configuration())?;
    let run = |program: &std::path::Path| {
        Command::new(program)
            .arg("--root")
            .arg(place.join("state"))
            .args(command)
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", &configuration)
            .current_dir(place)
            .output()
    };
    let (ours, theirs) = (run(&inside.programs.runtime)?, run(&inside.low_level)?);
    // Times stand in the words of an error, so only the data and the exit status are compared; youki lists
    // its features in another order each time.
    let lines = |output: &[u8]| {
        let text = String::from_utf8_lossy(output).into_owned();
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect();
        lines.sort();
        lines
    };
    if lines(&ours.stdout) == lines(&theirs.stdout) && ours.status.code() == theirs.status.code() {
        Ok(())
    } else {
        Err(fail(format!("ours: {ours:?}\ntheirs: {theirs:?}")))
    }
}
