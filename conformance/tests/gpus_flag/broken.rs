//! Machines that are not as they should be, and containers that cannot be served: the words that people search
//! for, our code, and nothing left behind.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused};
use crate::stage::{Change, IMAGE, NONE, Scene, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{MACHINES, fail};
use std::fs;

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    if scene.machine == "dgx-h100-8" {
        return vec![
            Case::new("dead-gpu-is-silent", |stage| dead_gpu(stage, &SILENT)),
            Case::new("dead-gpu-says-nothing-useful", |stage| {
                dead_gpu(stage, &GARBLED)
            }),
        ];
    }
    if scene.machine != MACHINES[0] {
        return Vec::new();
    }
    vec![
        Case::new("no-driver", no_driver),
        Case::new("no-libraries", no_libraries),
        Case::new("refused-without-a-trace", without_a_trace),
    ]
}

/// After an upgrade, before the reboot.
pub(crate) fn between_drivers() -> Vec<Case> {
    vec![Case::new("refused", |stage| {
        let words = [
            "nvidia-container-cli: initialization error: nvml error: driver/library version mismatch\n",
            "[driver-version-mismatch]",
            "550.54.15",
            "570.86.15",
        ];
        stage.together(|docker| expect_refused(docker, &["--gpus", "all"], &words))
    })]
}

pub(crate) const NO_LOADING: &str = "[nvidia-container-cli]\nload-kmods = false\n";

fn no_driver(stage: &Stage) -> Result<(), Failed> {
    let change = Change {
        make: "mount -t tmpfs tmpfs /proc/driver",
        undo: "umount /proc/driver",
    };
    let words = [
        "nvidia-container-cli: initialization error: nvml error: driver not loaded\n",
        "[driver-not-loaded]",
    ];
    stage.alone(NO_LOADING, &change, |docker| {
        expect_refused(docker, &["--gpus", "all"], &words)
    })?;
    // As soon as it is there again it is found.
    stage.together(|docker| expect(docker, &stage.machine, &["--gpus", "1"], &Wanted::gpus([0])))
}

fn no_libraries(stage: &Stage) -> Result<(), Failed> {
    let change = Change {
        make: "mkdir /run/away
            for directory in /usr/lib/x86_64-linux-gnu /usr/lib/i386-linux-gnu; do
                mkdir -p /run/away$directory
                mv $directory/libcuda* $directory/libnvidia* /run/away$directory/
            done",
        undo: "for directory in /usr/lib/x86_64-linux-gnu /usr/lib/i386-linux-gnu; do
                mv /run/away$directory/* $directory/
            done
            rm -r /run/away",
    };
    let words = [
        "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory\n",
        "[driver-files-missing]",
    ];
    stage.alone("", &change, |docker| {
        expect_refused(docker, &["--gpus", "all"], &words)
    })
}

/// Which of eight GPUs, by index.
const DEAD: usize = 3;

/// The kernel lists it and has no word on it.
const SILENT: Change<'static> = Change {
    make: "mount -t tmpfs tmpfs $GPU",
    undo: "umount $GPU",
};
const GARBLED: Change<'static> = Change {
    make: "echo 'Device Minor: many' >/run/garbled; mount --bind /run/garbled $GPU/information",
    undo: "umount $GPU/information; rm /run/garbled",
};

/// Whoever wants all has those that work, and the log names the other; whoever wants that one is refused.
fn dead_gpu(stage: &Stage, change: &Change<'_>) -> Result<(), Failed> {
    let dead = &stage.machine.gpus()[DEAD];
    let place = format!("GPU=/proc/driver/nvidia/gpus/{}", dead.bus);
    let (make, undo) = (
        format!("{place}; {}", change.make),
        format!("{place}; {}", change.undo),
    );
    let change = Change {
        make: &make,
        undo: &undo,
    };
    let log = stage.directory.join("dead-gpu.log");
    let configuration = format!("[nvidia-container-cli]\ndebug = \"{}\"\n", log.display());
    stage.alone(&configuration, &change, |docker| {
        let count = stage.machine.gpus().len();
        let alive = (0..count).filter(|&index| index != DEAD);
        expect(
            docker,
            &stage.machine,
            &["--gpus", "all"],
            &Wanted::gpus(alive),
        )?;
        let words = fs::read_to_string(&log)?;
        fs::remove_file(&log)?;
        if !words.contains("[gpu-not-readable]") || !words.contains(&dead.bus) {
            return Err(fail(format!(
                "the log does not name {}:\n{words}",
                dead.bus
            )));
        }
        let dead = format!("device={}", dead.bus);
        expect_refused(docker, &["--gpus", &dead], &["[device-unknown]"])
    })
}

/// A start that fails half-way, because the image has a directory where a library has to be, leaves the
/// container's layer as it was.
fn without_a_trace(stage: &Stage) -> Result<(), Failed> {
    let place = format!(
        "/usr/lib/x86_64-linux-gnu/libcuda.so.{}",
        stage.machine.driver_version()
    );
    let directory = stage.directory.join("in-the-way");
    fs::create_dir_all(&directory)?;
    let directory = directory.to_string_lossy().into_owned();
    stage.alone("", &NONE, |docker| {
        let told = |arguments: &[&str]| -> Result<String, Failed> {
            let output = docker.run(arguments)?;
            Ok(format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ))
        };
        let created = told(&[
            "create",
            "--network",
            "none",
            "--gpus",
            "all",
            IMAGE,
            "true",
        ])?;
        let id = created.trim();
        told(&["cp", &directory, &format!("{id}:{place}")])?;
        let layer = || -> Result<Vec<String>, Failed> {
            let diff = told(&["diff", id])?;
            let mut lines: Vec<String> = diff.lines().map(str::to_owned).collect();
            lines.sort();
            Ok(lines)
        };
        let before = layer()?;
        let said = told(&["start", "--attach", id])?;
        let after = layer()?;
        told(&["rm", "--force", id])?;
        let words = [
            "nvidia-container-cli: mount error: ",
            "[not-carried-out]",
            &place,
        ];
        if let Some(words) = words.into_iter().find(|words| !said.contains(words)) {
            return Err(fail(format!("nobody said {words}: {said}")));
        }
        // What runc makes before the hook runs is not ours.
        let ours = |line: &&String| line.contains("nvidia") || line.contains("cuda");
        let before: Vec<&String> = before.iter().filter(ours).collect();
        let after: Vec<&String> = after.iter().filter(ours).collect();
        if before == after && !before.is_empty() {
            Ok(())
        } else {
            Err(fail(format!("before: {before:#?}\nafter: {after:#?}")))
        }
    })
}
