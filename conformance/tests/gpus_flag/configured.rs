//! What `config.toml` has the hook heed, and what it has to leave to other roads.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused, expect_untouched, run};
use crate::stage::{NONE, Stage};
use libtest_mimic::Failed;
use std::fs;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("volume-mounts-accepted", |stage| {
            mounted(
                stage,
                "accept-nvidia-visible-devices-as-volume-mounts = true\n",
                &[1],
            )
        }),
        Case::new("volume-mounts-not-accepted", |stage| {
            mounted(stage, "", &[0, 1, 2, 3])
        }),
        Case::new("environment-not-accepted", |stage| {
            let log = "/run/liftgate-ignored.log";
            let configuration = format!(
                "accept-nvidia-visible-devices-envvar-when-unprivileged = false\n[nvidia-container-cli]\ndebug = \"{log}\"\n"
            );
            stage.alone(&configuration, &NONE, |docker| {
                expect_untouched(docker, &["--gpus", "all"])
            })?;
            // Whoever wonders finds the reason in the log.
            stage.on_machine(&format!(
                "grep -q 'request by environment is ignored' {log}"
            ))
        }),
        Case::new("swarm-resource", swarm_resource),
        Case::new("cdi-name", cdi_name),
        Case::new("mode-cdi", mode_cdi),
        Case::new("no-cgroups", no_cgroups),
        Case::new("capabilities-not-supported", capabilities),
        Case::new("own-mount-stays", own_mount),
        Case::new("malformed", |stage| {
            stage.alone("disable-require = \"yes\"\n", &NONE, |docker| {
                expect_refused(docker, &["--gpus", "all"], &["[configuration-malformed]"])?;
                // Who asks for no GPU is not held up by it.
                expect_untouched(docker, &[])
            })
        }),
    ]
}

fn mounted(stage: &Stage, configuration: &str, gpus: &[usize]) -> Result<(), Failed> {
    let volume = "/dev/null:/var/run/nvidia-container-devices/1";
    let options = ["--gpus", "all", "--volume", volume];
    // The mounts that ask stay in the container, and are writable; so only the devices are looked at.
    let ran = stage.alone(configuration, &NONE, |docker| {
        run(docker, &options, "nvidia-smi -L")
    })?;
    if ran.stdout == stage.machine.smi_list(gpus) {
        Ok(())
    } else {
        ran.complain(&format!("wanted the GPUs {gpus:?}"))
    }
}

fn swarm_resource(stage: &Stage) -> Result<(), Failed> {
    let gpu = format!("DOCKER_RESOURCE_GPU={}", stage.machine.gpus()[2].uuid);
    let options = ["--gpus", "all", "--env", &gpu];
    let expect = |configuration: &str, gpus: &[usize]| {
        stage.alone(configuration, &NONE, |docker| {
            expect(
                docker,
                &stage.machine,
                &options,
                &Wanted::gpus(gpus.to_vec()),
            )
        })
    };
    expect("swarm-resource = \"DOCKER_RESOURCE_GPU\"\n", &[2])?;
    expect("", &[0, 1, 2, 3])
}

fn cdi_name(stage: &Stage) -> Result<(), Failed> {
    let options = ["--gpus", "device=nvidia.com/gpu=0"];
    let words = ["[wrong-road]", "--device nvidia.com/gpu=0"];
    stage.together(|docker| expect_refused(docker, &options, &words))
}

/// Then every name is one of a CDI device, unless the hook is told not to mind the mode.
fn mode_cdi(stage: &Stage) -> Result<(), Failed> {
    let cdi = "[nvidia-container-runtime]\nmode = \"cdi\"\n";
    stage.alone(cdi, &NONE, |docker| {
        let words = ["[wrong-road]", "nvidia.com/gpu=all", "mode = \"cdi\""];
        expect_refused(docker, &["--gpus", "all"], &words)
    })?;
    let skip = format!("{cdi}[nvidia-container-runtime-hook]\nskip-mode-detection = true\n");
    stage.alone(&skip, &NONE, |docker| {
        expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0]))
    })
}

/// The container would start, and every program in it would fail.
fn no_cgroups(stage: &Stage) -> Result<(), Failed> {
    let configuration = "[nvidia-container-cli]\nno-cgroups = true\n";
    stage.alone(configuration, &NONE, |docker| {
        let words = ["[cgroup-denies]", "no-cgroups = true"];
        expect_refused(docker, &["--gpus", "all"], &words)?;
        // Whoever gives the devices otherwise gets the driver all the same.
        let minor = stage.machine.gpus()[0].minor;
        let gpu = format!("/dev/nvidia{minor}");
        let mut options = vec!["--gpus", "1"];
        for device in [
            &*gpu,
            "/dev/nvidiactl",
            "/dev/nvidia-uvm",
            "/dev/nvidia-uvm-tools",
        ] {
            options.extend(["--device", device]);
        }
        expect(docker, &stage.machine, &options, &Wanted::gpus([0]))
    })
}

fn capabilities(stage: &Stage) -> Result<(), Failed> {
    let configuration = "supported-driver-capabilities = \"utility\"\n";
    let wanted = Wanted {
        cuda: false,
        ..Wanted::gpus([0])
    };
    stage.alone(configuration, &NONE, |docker| {
        let options = ["--gpus", "1", "--env", "NVIDIA_DRIVER_CAPABILITIES=all"];
        expect(docker, &stage.machine, &options, &wanted)
    })
}

/// What the user mounts where the driver's file would be is the user's.
fn own_mount(stage: &Stage) -> Result<(), Failed> {
    let file = stage.directory.join("own-file");
    fs::write(&file, "mine\n")?;
    let library = format!(
        "/usr/lib/x86_64-linux-gnu/libcuda.so.{}",
        stage.machine.driver_version()
    );
    let places = [&*library, "/usr/bin/nvidia-smi"];
    let volumes = places.map(|place| format!("{}:{place}", file.display()));
    let options = [
        "--gpus",
        "all",
        "--volume",
        &volumes[0],
        "--volume",
        &volumes[1],
    ];
    let script = format!(
        "cat {}; ldconfig -p | grep -c 'libnvidia-ml.so.1 '",
        places.join(" ")
    );
    let ran = stage.together(|docker| run(docker, &options, &script))?;
    if ran.stdout == "mine\nmine\n1\n" {
        Ok(())
    } else {
        ran.complain("the user's mounts were not left alone")
    }
}
