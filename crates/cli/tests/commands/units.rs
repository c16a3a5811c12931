//! The units that are shipped: systemd takes them, and the commands in them are commands of ours.

use crate::ground::{LIFTGATE, Place, Stage, trial};
use libtest_mimic::Trial;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = "/usr/bin/liftgate";
const UNITS: [&str; 3] = [
    "liftgate-device-nodes.service",
    "liftgate-cdi-refresh.service",
    "liftgate-cdi-refresh.path",
];

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![trial("units::commands", Place::Anywhere, commands)];
    let verify = "units::systemd_takes_them";
    trials.push(if has_systemd() {
        trial(verify, Place::Anywhere, systemd_takes_them)
    } else {
        Trial::test(format!("{verify} [skipped: needs systemd-analyze]"), || {
            Ok(())
        })
        .with_ignored_flag(true)
    });
    trials
}

fn has_systemd() -> bool {
    Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_ok()
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging/systemd")
}

fn unit(name: &str) -> String {
    std::fs::read_to_string(directory().join(name)).expect("a unit")
}

fn commands(stage: &Stage) {
    let service = unit("liftgate-cdi-refresh.service");
    let lines = service
        .lines()
        .filter_map(|line| line.strip_prefix("ExecStart="));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], PROGRAM);
        let help = [&words[1..], &["--help"]].concat();
        assert!(stage.run(&help).status.success(), "{line}");
    }
    assert!(service.contains("\nWants=liftgate-device-nodes.service\n"));
    let nodes = unit("liftgate-device-nodes.service");
    let line = nodes
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/"))
        .expect("a command");
    let words: Vec<&str> = line.split_whitespace().collect();
    let dry = stage.run(&[&words[..], &["--dry-run", "--root", "DIR"]].concat());
    let said = String::from_utf8_lossy(&dry.stderr);
    for name in ["nvidia", "nvidia-uvm", "nvidia-modeset"] {
        assert!(said.contains(&format!("modprobe {name}")), "{line}: {said}");
    }
    let rules = unit("99-liftgate-cdi-refresh.rules");
    assert!(rules.contains(" restart liftgate-cdi-refresh.service\""));
    assert!(unit("liftgate-cdi-refresh.path").contains(&format!("PathChanged={PROGRAM}\n")));
}

fn systemd_takes_them(stage: &Stage) {
    for name in UNITS {
        // It looks for the programs, and for manual pages, which are not installed here.
        let text = unit(name)
            .replace(PROGRAM, LIFTGATE)
            .replace("/usr/bin/nvidia-ctk", LIFTGATE);
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("Documentation="));
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        stage.write(name, &text);
    }
    let verify = || {
        let output = Command::new("systemd-analyze")
            .arg("verify")
            .args(UNITS.map(|name| stage.directory().join(name)))
            .output()
            .expect("systemd-analyze starts");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(verify(), (true, String::new()));
    let broken = unit("liftgate-cdi-refresh.path").replace("[Path]", "[Path]\nPathChange=/x");
    stage.write("liftgate-cdi-refresh.path", &broken);
    assert!(verify().1.contains("PathChange"), "systemd takes anything");
}
