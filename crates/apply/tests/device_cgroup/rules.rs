//! Programs made of a container's rules, asked by the kernel; and the machine that makes them necessary.

use super::Check;
use super::ground::{Ground, MAJOR, NODES, OTHER_MAJOR, Shell, apart, same};
use super::programs::{attach, attached, usual};
use libtest_mimic::Failed;
use liftgate_apply::cgroup::{DeviceCgroup, Error, Kind, Rule, program};
use liftgate_sys::bpf::ALLOW_MULTI;
use liftgate_sys::mount;
use std::fs;
use std::path::Path;

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("v2, rules: the last that matches decides", last_decides),
    ("v2, rules: each access for itself", each_access),
    ("v2, rules: kinds of devices", kinds),
    ("v2, rules: without rules", none),
    ("v2, rules: hardened", hardened),
];

fn rule(allow: bool, kind: Kind, major: Option<u32>, minor: Option<u32>, access: &str) -> Rule {
    Rule {
        allow,
        kind,
        major,
        minor,
        read: access.contains('r'),
        write: access.contains('w'),
        mknod: access.contains('m'),
    }
}

const DENY_ALL: Rule = Rule {
    allow: false,
    kind: Kind::All,
    major: None,
    minor: None,
    read: true,
    write: true,
    mknod: true,
};

/// What a shell finds in a cgroup with the program made of these rules.
fn with_rules(
    ground: &Ground,
    rules: &[Rule],
    devices: &[(u32, u32)],
    check: impl FnOnce(&mut Shell<'_>) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let cgroup = ground.unified();
    let program = program::from_rules(rules, devices).expect("it is short");
    attach(&cgroup, ALLOW_MULTI, &program);
    check(&mut ground.shell(&cgroup))
}

fn last_decides(ground: &Ground) -> Result<(), Failed> {
    let rules = [
        rule(true, Kind::Char, Some(MAJOR), None, "rwm"),
        DENY_ALL,
        rule(true, Kind::Char, Some(MAJOR), None, "rw"),
        rule(false, Kind::Char, Some(MAJOR), Some(1), "rwm"),
        rule(false, Kind::Char, Some(MAJOR), Some(2), "rwm"),
        rule(true, Kind::Char, Some(MAJOR), Some(2), "rw"),
    ];
    with_rules(ground, &rules, &[], |shell| {
        shell.opens("rw", &["null", "zero", "full", "first", "third", "far"])
    })?;
    // What is granted is granted whatever the rules say.
    with_rules(ground, &rules, &[(MAJOR, 1)], |shell| {
        let with = ["null", "zero", "full", "first", "second", "third", "far"];
        shell.opens("rw", &with)
    })
}

fn each_access(ground: &Ground) -> Result<(), Failed> {
    let rules = [
        DENY_ALL,
        rule(true, Kind::Char, Some(MAJOR), Some(0), "rw"),
        rule(false, Kind::Char, Some(MAJOR), Some(0), "w"),
        rule(true, Kind::Char, Some(MAJOR), Some(1), "r"),
        rule(true, Kind::Char, Some(MAJOR), Some(1), "w"),
        rule(true, Kind::Char, Some(MAJOR), Some(2), "w"),
    ];
    with_rules(ground, &rules, &[], |shell| {
        shell.opens("r", &["null", "zero", "full", "first", "second"])?;
        shell.opens("w", &["null", "zero", "full", "second", "third"])?;
        shell.opens("rw", &["null", "zero", "full", "second"])?;
        // Runtimes let containers make any node.
        same("may be made", shell.may_make(&format!("b {MAJOR} 0")), true)
    })
}

fn kinds(ground: &Ground) -> Result<(), Failed> {
    let of = |kind| [DENY_ALL, rule(true, kind, Some(MAJOR), Some(0), "rw")];
    for (kind, nodes) in [
        (Kind::Block, &["block"][..]),
        (Kind::Char, &["first"]),
        (Kind::All, &["first", "block"]),
    ] {
        let mut expected = vec!["null", "zero", "full"];
        expected.extend(nodes);
        with_rules(ground, &of(kind), &[], |shell| shell.opens("r", &expected))?;
    }
    let everything = [DENY_ALL, rule(true, Kind::All, None, None, "rwm")];
    with_rules(ground, &everything, &[], |shell| shell.opens("rw", &NODES))
}

fn none(ground: &Ground) -> Result<(), Failed> {
    with_rules(ground, &[], &[(OTHER_MAJOR, 0)], |shell| {
        shell.opens("rw", &["null", "zero", "full", "elsewhere"])
    })
}

/// Sets `net.core.bpf_jit_harden`, and sets it back.
struct Hardened {
    before: String,
}

const HARDEN: &str = "/proc/sys/net/core/bpf_jit_harden";

impl Hardened {
    fn set() -> Result<Self, Failed> {
        let before = fs::read_to_string(HARDEN)?;
        fs::write(HARDEN, "2")?;
        Ok(Self { before })
    }
}

impl Drop for Hardened {
    fn drop(&mut self) {
        fs::write(HARDEN, &self.before).ok();
    }
}

fn hardened(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    let harden = Hardened::set()?;
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let open = apart(|| {
        mount::file_system("cgroup2", Path::new("/sys/fs/cgroup"), "")?;
        Ok(DeviceCgroup::open(shell.pid, Path::new("/proc"))?)
    })?;
    let programs = attached(cgroup.as_fd());
    let error = open
        .allow(&[(MAJOR, 0)], None)
        .expect_err("it cannot be read");
    same("error", error, Error::Unreadable(programs[0].0))?;
    let rules = [DENY_ALL, rule(true, Kind::Char, Some(MAJOR), Some(1), "r")];
    let granted = open.allow(&[(MAJOR, 0)], Some(&rules))?;
    shell.opens("r", &["null", "zero", "full", "first", "second"])?;
    shell.opens("rw", &["null", "zero", "full", "first"])?;
    let length = attached(cgroup.as_fd())[0].1;
    // Ours cannot be read either: it is made anew, and is no longer than it was.
    let again = open.allow(&[(MAJOR, 0)], Some(&rules))?;
    same("length", attached(cgroup.as_fd())[0].1, length)?;
    again.undo()?;
    granted.undo()?;
    drop(harden);
    same("programs", attached(cgroup.as_fd()), programs)?;
    shell.opens("r", &["null", "zero"])
}
