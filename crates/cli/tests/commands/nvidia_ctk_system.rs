//! `nvidia-ctk system`: device nodes and links, made for real on simulated machines, as root.
//!
//! Each script runs on a machine of its own; what it changes outside the test's directory is gone afterwards.

use crate::ground::{Place, Scene, Stage, trial};
use crate::nvidia_ctk::{log, text};
use libtest_mimic::Trial;
use std::process::Output;

const UBUNTU: &str = "ubuntu-550";
const MIG: &str = "a100-mig";

pub(crate) fn trials() -> Vec<Trial> {
    let (ubuntu, mig) = (Place::Inside(UBUNTU), Place::Inside(MIG));
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("dry_runs_as_the_reference_prints_them", ubuntu, dry_runs_as_the_reference_prints_them),
        ("nodes", ubuntu, nodes),
        ("nodes_that_are_there", ubuntu, nodes_that_are_there),
        ("nodes_stay_in_their_root", ubuntu, nodes_stay_in_their_root),
        ("nodes_without_a_module", ubuntu, nodes_without_a_module),
        ("modules", ubuntu, modules),
        ("links", ubuntu, links),
        ("links_that_are_there", ubuntu, links_that_are_there),
        ("links_to_all_that_could_be", mig, links_to_all_that_could_be),
        ("links_to_nodes_of_a_driver_container", ubuntu, links_to_nodes_of_a_driver_container),
        ("links_that_cannot_be_made", ubuntu, links_that_cannot_be_made),
    ];
    let trials = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("nvidia_ctk_system::{name}"), place, runner));
    trials.collect()
}

/// Runs a script in the test's directory on a machine; `$C` is `nvidia-ctk system`.
fn script(stage: &Stage, machine: &str, script: &str) -> Output {
    let script = format!("cd $DIR && C=\"$L nvidia-ctk system\"\n{script}");
    stage.script(Some(machine), &script)
}

/// What it wrote to standard output, if all went well.
fn answer(stage: &Stage, machine: &str, text_of_script: &str) -> String {
    let output = script(stage, machine, &format!("set -e\n{text_of_script}"));
    let said = log(&output);
    assert_eq!(output.status.code(), Some(0), "{text_of_script}: {said:?}");
    text(&output.stdout)
}

const MKNODS: [&str; 4] = [
    "level=info msg=\"Running: mknod --mode=0666 ROOT/dev/nvidiactl c 195 255\"",
    "level=info msg=\"Running: mknod --mode=0666 ROOT/dev/nvidia-modeset c 195 254\"",
    "level=info msg=\"Running: mknod --mode=0666 ROOT/dev/nvidia-uvm c 508 0\"",
    "level=info msg=\"Running: mknod --mode=0666 ROOT/dev/nvidia-uvm-tools c 508 1\"",
];

/// The lines that the original printed for the same on the same machine.
fn dry_runs_as_the_reference_prints_them(stage: &Stage) {
    let using = |root: &str| format!("level=info msg=\"Using dev-root \\\"{root}\\\"\"");
    let creating =
        |root: &str| format!("level=info msg=\"Creating control device nodes at {root}\"");
    let modprobe = |before: &str| {
        ["nvidia", "nvidia-uvm", "nvidia-modeset"]
            .map(|module| format!("level=info msg=\"Running: {before}/sbin/modprobe {module}\""))
            .to_vec()
    };
    let mknod = |root: &str| MKNODS.map(|line| line.replace("ROOT", root)).to_vec();
    for (command, lines) in [
        ("$C create-device-nodes --dry-run", vec![using("/")]),
        ("$C create-device-nodes --dry-run --control-devices", [vec![using("/"), creating("/")], mknod("")].concat()),
        ("$C create-device-nodes --dry-run --control-devices --root /x", [vec![using("/x"), creating("/x")], mknod("/x")].concat()),
        ("$C create-device-nodes --dry-run --control-devices --driver-root /x --dev-root /y", [vec![creating("/y")], mknod("/y")].concat()),
        ("DRY_RUN=1 ROOT=/x DRIVER_ROOT=/z $C create-device-nodes --control-devices", [vec![using("/x"), creating("/x")], mknod("/x")].concat()),
        ("DRY_RUN=1 NVIDIA_DRIVER_ROOT=/x DRIVER_ROOT=/z DEV_ROOT=/y $C create-device-nodes --control-devices", [vec![creating("/y")], mknod("/y")].concat()),
        ("$C create-device-nodes --dry-run --load-kernel-modules", [vec![using("/")], modprobe("")].concat()),
        ("$C create-device-nodes --dry-run --load-kernel-modules --root /x --dev-root /", modprobe("chroot /x ")),
        ("$C create-dev-char-symlinks --dry-run --dev-char-path c --load-kernel-modules", [
            vec!["level=warning msg=\"load-kernel-modules is only applicable when create-all is set; ignoring\"".to_owned()],
            ["195:254 => /dev/nvidia-modeset", "508:0 => /dev/nvidia-uvm", "508:1 => /dev/nvidia-uvm-tools", "195:0 => /dev/nvidia0",
             "195:1 => /dev/nvidia1", "195:2 => /dev/nvidia2", "195:3 => /dev/nvidia3", "195:255 => /dev/nvidiactl",
             "511:1 => /dev/nvidia-caps/nvidia-cap1", "511:2 => /dev/nvidia-caps/nvidia-cap2"]
                .map(|link| format!("level=info msg=\"Creating link c/{link}\"")).to_vec(),
        ].concat()),
    ] {
        let output = script(stage, UBUNTU, command);
        assert_eq!((log(&output), output.status.code()), (lines, Some(0)), "{command}");
    }
    let nothing = std::fs::read_dir(stage.directory())
        .expect("readdir")
        .count();
    assert_eq!(nothing, 0, "a dry run makes nothing");
}

const STAT: &str = "stat -c '%n %F %a %t:%T %u:%g'";

fn nodes(stage: &Stage) {
    let seen = answer(
        stage,
        UBUNTU,
        &format!(
            "umask 077; rm -r /dev/nvidia*; mkdir -p root/dev
             $C create-device-nodes --control-devices; {STAT} /dev/nvidia*
             $C create-device-nodes --control-devices --dev-root root; {STAT} root/dev/*"
        ),
    );
    let of = |root: &str| {
        [
            ("nvidia-modeset", "c3:fe"),
            ("nvidia-uvm", "1fc:0"),
            ("nvidia-uvm-tools", "1fc:1"),
            ("nvidiactl", "c3:ff"),
        ]
        .map(|(name, device)| {
            format!("{root}/dev/{name} character special file 666 {device} 0:0\n")
        })
        .concat()
    };
    assert_eq!(seen, of("") + &of("root"));
}

fn nodes_that_are_there(stage: &Stage) {
    let output = script(
        stage,
        UBUNTU,
        &format!(
            "rm /dev/nvidia-uvm /dev/nvidia-uvm-tools /dev/nvidiactl
             mknod -m 600 /dev/nvidia-uvm c 240 0; ln -s /nowhere /dev/nvidia-uvm-tools; echo file >/dev/nvidiactl; chmod 600 /dev/nvidia-modeset
             $C create-device-nodes --control-devices && {STAT} /dev/nvidia-* /dev/nvidiactl && readlink /dev/nvidia-uvm-tools"
        ),
    );
    assert_eq!(
        log(&output)[2..],
        [
            "level=info msg=\"Skipping: /dev/nvidiactl already exists\"",
            "level=info msg=\"Skipping: /dev/nvidia-modeset already exists\"",
            "level=warning msg=\"Replacing: /dev/nvidia-uvm is 240:0, left over from an earlier load of the module\"",
            "level=info msg=\"Skipping: /dev/nvidia-uvm-tools already exists\"",
        ]
    );
    let seen = text(&output.stdout);
    for line in [
        "/dev/nvidia-modeset character special file 600 c3:fe 0:0",
        "/dev/nvidia-uvm character special file 666 1fc:0 0:0",
        "/dev/nvidia-uvm-tools symbolic link 777 0:0 0:0",
        "/dev/nvidiactl regular file 644 0:0 0:0",
        "/nowhere",
    ] {
        assert!(seen.lines().any(|found| found == line), "{line}: {seen}");
    }
}

/// Links below a root lead nowhere else, and what is in the way of a node is not followed.
fn nodes_stay_in_their_root(stage: &Stage) {
    let seen = answer(
        stage,
        UBUNTU,
        "mkdir outside a b b/dev c d; ln -s $DIR/outside a/dev; ln -s ../outside c/dev; ln -s b link
         ln -s $DIR/outside/x b/dev/nvidiactl
         for root in a c d; do $C create-device-nodes --control-devices --dev-root $root && echo made || echo $?; done
         $C create-device-nodes --control-devices --dev-root link; ls b/dev; readlink b/dev/nvidiactl; ls outside",
    );
    let here = stage.directory().to_str().expect("text");
    assert_eq!(
        seen.replace(here, "DIR"),
        "1\n1\n1\nnvidia-modeset\nnvidia-uvm\nnvidia-uvm-tools\nnvidiactl\nDIR/outside/x\n"
    );
}

fn nodes_without_a_module(stage: &Stage) {
    for (devices, command, said) in [
        (
            "",
            "create-device-nodes --control-devices",
            "failed to create devices info: no NVIDIA devices found",
        ),
        (
            "",
            "create-device-nodes --control-devices --dry-run",
            "failed to create devices info: no NVIDIA devices found",
        ),
        (
            "",
            "create-dev-char-symlinks --create-all",
            "no NVIDIA devices found",
        ),
        (
            "195 nvidia",
            "create-device-nodes --control-devices",
            "failed to create device node nvidia-uvm: failed to determine major: invalid device node",
        ),
    ] {
        let output = script(
            stage,
            UBUNTU,
            &format!(
                "printf 'Character devices:\\n{devices}\\n' >devices; mount --bind devices /proc/devices && $C {command}"
            ),
        );
        let log = log(&output);
        let last = log.last().expect("a line");
        assert!(
            last.starts_with("level=error") && last.contains(said),
            "{command}: {log:?}"
        );
        assert_eq!(output.status.code(), Some(1), "{command}");
    }
    let seen = answer(
        stage,
        UBUNTU,
        "mount --bind /dev/null /proc/devices; $C create-device-nodes; $C create-dev-char-symlinks --dev-char-path c; ls c | wc -l",
    );
    assert_eq!(seen, "10\n");
}

/// A stand-in for modprobe, which fails for the module that is named in a file.
const MODPROBE: &str = "rm -f /sbin/modprobe; printf '#!/bin/sh\\necho $0 $* $LEAK >>%s/loaded; if [ \"$1\" = \"$(cat %s/fails 2>/dev/null)\" ]; then echo no such module >&2; exit 3; fi\\n' $DIR $DIR >/sbin/modprobe; chmod 755 /sbin/modprobe";

fn modules(stage: &Stage) {
    let seen = answer(
        stage,
        UBUNTU,
        &format!(
            "{MODPROBE}; export LEAK=leaked
             $C create-device-nodes --load-kernel-modules; cat loaded; rm loaded
             mkdir root; mount --rbind / root
             $C create-device-nodes --load-kernel-modules --root root --dev-root /; cat loaded; rm loaded
             $C create-dev-char-symlinks --load-kernel-modules --create-all --dev-char-path c >/dev/null; cat loaded"
        ),
    );
    let loaded =
        "/sbin/modprobe nvidia\n/sbin/modprobe nvidia-uvm\n/sbin/modprobe nvidia-modeset\n";
    assert_eq!(seen, loaded.repeat(3));
    let output = script(
        stage,
        UBUNTU,
        &format!(
            "rm -f loaded; {MODPROBE}; echo nvidia-uvm >fails; $C create-device-nodes --load-kernel-modules --control-devices; s=$?; cat loaded; exit $s"
        ),
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stdout),
        "/sbin/modprobe nvidia\n/sbin/modprobe nvidia-uvm\n"
    );
    let last = "level=error msg=\"failed to load NVIDIA kernel modules: failed to load module nvidia-uvm: exit status: 3; output=no such module\"";
    assert_eq!(log(&output).last().map(String::as_str), Some(last));
}

const LINKS: &str = "for l in $(ls -v c); do echo $l $(readlink c/$l); done";

fn links(stage: &Stage) {
    let seen = answer(
        stage,
        UBUNTU,
        &format!(
            "mknod /dev/nvidia-fs0 c 9 9; mknod /dev/nvidia-nvswitch0 c 9 8; mknod /dev/nvidia-nvlink c 9 7; mknod /dev/nvidia9 b 9 6
             mkdir /dev/nvidia8; ln -s zero /dev/nvidia7; mkdir /dev/nvidia-caps-imex-channels; mknod /dev/nvidia-caps-imex-channels/channel0 c 9 5
             $C create-dev-char-symlinks --dev-char-path c; {LINKS}; rm /dev/char -rf; $C create-dev-char-symlinks; ls /dev/char | wc -l
             rm -r /dev/nvidia*; rm -r c; $C create-dev-char-symlinks --dev-char-path c; ls"
        ),
    );
    assert_eq!(
        seen,
        "195:0 /dev/nvidia0\n195:1 /dev/nvidia1\n195:2 /dev/nvidia2\n195:3 /dev/nvidia3\n195:254 /dev/nvidia-modeset\n\
         195:255 /dev/nvidiactl\n508:0 /dev/nvidia-uvm\n508:1 /dev/nvidia-uvm-tools\n511:1 /dev/nvidia-caps/nvidia-cap1\n\
         511:2 /dev/nvidia-caps/nvidia-cap2\n10\n"
    );
}

fn links_that_are_there(stage: &Stage) {
    let output = script(
        stage,
        UBUNTU,
        &format!(
            "mkdir c; ln -s /dev/nvidia7 c/195:0; ln -s $DIR/same c/195:1; ln -s /dev/nvidia1 same; ln -s /dev/nvidia3 c/195:2; echo x >c/195:3
             $C create-dev-char-symlinks --dev-char-path c; s=$?; {LINKS}; exit $s"
        ),
    );
    assert_eq!(output.status.code(), Some(0));
    let here = stage.directory().to_str().expect("text");
    let links = text(&output.stdout).replace(here, "DIR");
    assert!(
        links
            .starts_with("195:0 /dev/nvidia0\n195:1 DIR/same\n195:2 /dev/nvidia2\n195:3\n195:254 "),
        "{links}"
    );
    let warnings: Vec<String> = log(&output)
        .into_iter()
        .filter(|line| !line.starts_with("level=info"))
        .collect();
    assert_eq!(
        warnings,
        [
            "level=warning msg=\"Replaced link c/195:0: it led to /dev/nvidia7\"",
            "level=warning msg=\"Replaced link c/195:2: it led to /dev/nvidia3\"",
            "level=warning msg=\"Could not create symlink: c/195:3 is there, and is no link\"",
        ]
    );
    let output = script(
        stage,
        UBUNTU,
        "rm -r c; $C create-dev-char-symlinks --dev-char-path c && $C --quiet create-dev-char-symlinks --dev-char-path c",
    );
    assert_eq!(
        (output.status.code(), log(&output).len()),
        (Some(0), 10),
        "twice is as good as once"
    );
}

/// What the original links on this machine: the control devices, and both GPUs with every instance that they could have.
fn links_to_all_that_could_be(stage: &Stage) {
    let seen = answer(
        stage,
        MIG,
        &format!(
            "rm -r /dev/nvidia*; $C --quiet create-dev-char-symlinks --create-all --create-device-nodes --dev-char-path c; {LINKS}; ls /dev | grep nvidia"
        ),
    );
    let (links, nodes): (Vec<&str>, Vec<&str>) = seen.lines().partition(|line| line.contains(' '));
    assert_eq!(
        nodes,
        [
            "nvidia-modeset",
            "nvidia-uvm",
            "nvidia-uvm-tools",
            "nvidiactl"
        ]
    );
    let minors: Vec<u32> = links
        .iter()
        .filter_map(|line| {
            line.strip_prefix("511:")?
                .split_once(" /dev/nvidia-caps/nvidia-cap")
        })
        .map(|(minor, name)| {
            assert_eq!(minor, name);
            minor.parse().expect("a number")
        })
        .collect();
    let table = answer(stage, MIG, "cat /proc/driver/nvidia-caps/mig-minors");
    let mut expected: Vec<u32> = table
        .lines()
        .filter(|line| {
            ["config ", "monitor ", "gpu0/", "gpu1/"]
                .iter()
                .any(|own| line.starts_with(own))
        })
        .filter_map(|line| line.split_once(' ')?.1.parse().ok())
        .collect();
    expected.sort_unstable();
    assert!(expected.len() > 200 && table.contains("gpu2/"));
    assert_eq!(minors, expected);
    let others: Vec<&&str> = links
        .iter()
        .filter(|line| !line.starts_with("511:"))
        .collect();
    assert_eq!(
        others,
        [
            &"195:0 /dev/nvidia0",
            &"195:1 /dev/nvidia1",
            &"195:254 /dev/nvidia-modeset",
            &"195:255 /dev/nvidiactl",
            &"508:0 /dev/nvidia-uvm",
            &"508:1 /dev/nvidia-uvm-tools",
        ]
    );
    // They lead to where there is nothing yet, and that is right.
    let output = script(
        stage,
        MIG,
        "rm -r /dev/nvidia*; $C create-dev-char-symlinks --create-all --dev-char-path c",
    );
    let said = log(&output);
    assert!(said.len() > 200 && said.iter().all(|line| line.starts_with("level=info")));
}

fn links_to_nodes_of_a_driver_container(stage: &Stage) {
    let seen = answer(
        stage,
        UBUNTU,
        &format!(
            "rm /dev/nvidia2 /dev/nvidia3; mkdir -p root/dev out; mknod root/dev/nvidia1 c 195 1; mknod root/dev/nvidia2 c 195 2; mknod out/nvidia-cap3 c 511 3
             ln -s $DIR/out root/dev/nvidia-caps
             DRIVER_ROOT=root $C create-dev-char-symlinks --dev-char-path c 2>said; {LINKS} | head -3; ls c | grep -c 511; grep -c 195:1 said"
        ),
    );
    let here = stage.directory().to_str().expect("text");
    assert_eq!(
        seen.replace(here, "DIR"),
        "195:0 /dev/nvidia0\n195:1 /dev/nvidia1\n195:2 DIR/root/dev/nvidia2\n2\n1\n"
    );
}

fn links_that_cannot_be_made(stage: &Stage) {
    for (script_before, said) in [
        (
            "mkdir c; mount -t tmpfs -o ro none c",
            "failed to create links: 10 of 10 were not made",
        ),
        (
            "echo x >c",
            "failed to create links: failed to create directory c: ",
        ),
    ] {
        let output = script(
            stage,
            UBUNTU,
            &format!("rm -rf c; {script_before}; $C create-dev-char-symlinks --dev-char-path c"),
        );
        let log = log(&output);
        let last = log.last().expect("a line");
        assert!(
            last.starts_with("level=error") && last.contains(said),
            "{log:?}"
        );
        assert_eq!(output.status.code(), Some(1));
    }
}
