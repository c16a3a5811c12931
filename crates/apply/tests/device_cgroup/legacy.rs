//! Version 1.

use super::Check;
use super::ground::{Cgroup, Ground, MAJOR, OTHER_MAJOR, apart, same};
use libtest_mimic::Failed;
use liftgate_apply::cgroup::{DeviceCgroup, Error, Version};
use liftgate_sys::mount;
use std::path::Path;

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("v1: granted, others not, undone", granted),
    ("v1: what was partly allowed is so again", partly),
    ("v1: what was allowed stays when undone", already),
    ("v1: where everything is allowed but a few", everything_but),
    ("v1: what the cgroup above forbids", above),
    ("v1: twice is once", twice),
    ("v1: a list of many pages", long_list),
    ("v1: with descriptors only", descriptors_only),
];

const PROC: &str = "/proc";

/// Forbids everything but these lines.
fn restrict(cgroup: &Cgroup, lines: &[&str]) {
    cgroup.write("devices.deny", "a");
    for line in lines {
        cgroup.write("devices.allow", line);
    }
}

fn open(pid: u32) -> Result<DeviceCgroup, Failed> {
    let cgroup = DeviceCgroup::open(pid, Path::new(PROC))?;
    same("version", cgroup.version(), Version::V1)?;
    Ok(cgroup)
}

fn granted(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &["c 1:3 rwm", "c 1:5 r"]);
    let mut shell = ground.shell(&cgroup);
    let before = cgroup.read("devices.list");
    shell.opens("r", &["null", "zero"])?;
    let granted = open(shell.pid)?.allow(&[(MAJOR, 0), (MAJOR, 2)], None)?;
    shell.opens("r", &["null", "zero", "first", "third"])?;
    shell.opens("rw", &["null", "first", "third"])?;
    same("may be made", shell.may_make(&format!("c {MAJOR} 0")), true)?;
    same(
        "is forbidden",
        shell.may_make(&format!("c {MAJOR} 1")),
        false,
    )?;
    granted.undo()?;
    shell.opens("r", &["null", "zero"])?;
    same("list", cgroup.read("devices.list"), before)
}

fn partly(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &[&format!("c {MAJOR}:0 r")]);
    let mut shell = ground.shell(&cgroup);
    let granted = open(shell.pid)?.allow(&[(MAJOR, 0)], None)?;
    shell.opens("w", &["first"])?;
    granted.undo()?;
    shell.opens("r", &["first"])?;
    shell.opens("w", &[])
}

fn already(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &[&format!("c {MAJOR}:* rwm"), "c 1:3 rwm"]);
    let mut shell = ground.shell(&cgroup);
    let before = cgroup.read("devices.list");
    let granted = open(shell.pid)?.allow(&[(MAJOR, 0), (1, 3)], None)?;
    same("list", cgroup.read("devices.list"), &before[..])?;
    granted.undo()?;
    same("list", cgroup.read("devices.list"), &before[..])?;
    shell.opens("rw", &["null", "first", "second", "third", "far"])
}

/// The list says that everything is allowed, and does not tell what is denied.
fn everything_but(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    cgroup.write("devices.deny", &format!("c {MAJOR}:0 rwm"));
    cgroup.write("devices.deny", &format!("c {MAJOR}:1 rwm"));
    let mut shell = ground.shell(&cgroup);
    let others = ["null", "zero", "full", "third", "far", "elsewhere", "block"];
    shell.opens("r", &others)?;
    let granted = open(shell.pid)?.allow(&[(MAJOR, 0), (OTHER_MAJOR, 0)], None)?;
    let with_first = [
        "null",
        "zero",
        "full",
        "first",
        "third",
        "far",
        "elsewhere",
        "block",
    ];
    shell.opens("r", &with_first)?;
    granted.undo()?;
    // Nothing that was allowed is lost.
    shell.opens("r", &with_first)
}

fn above(ground: &Ground) -> Result<(), Failed> {
    let parent = ground.legacy();
    restrict(&parent, &["c 1:3 rwm", &format!("c {MAJOR}:0 rwm")]);
    let cgroup = Cgroup::make(&parent.path);
    restrict(&cgroup, &["c 1:3 rwm"]);
    let mut shell = ground.shell(&cgroup);
    let before = cgroup.read("devices.list");
    let error = open(shell.pid)?
        .allow(&[(MAJOR, 0), (MAJOR, 1)], None)
        .expect_err("the cgroup above does not allow it");
    let expected =
        format!("write(`devices.allow`, `c {MAJOR}:1 rwm`): Operation not permitted (os error 1)");
    same("error", error.to_string(), expected)?;
    same("is the kernel's", matches!(error, Error::System(_)), true)?;
    // The first had been allowed by then.
    same("list", cgroup.read("devices.list"), before)?;
    shell.opens("r", &["null"])?;
    drop(shell);
    drop(cgroup);
    Ok(())
}

fn twice(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &["c 1:3 rwm"]);
    let mut shell = ground.shell(&cgroup);
    let open = open(shell.pid)?;
    let first = open.allow(&[(MAJOR, 0), (MAJOR, 0)], None)?;
    let once = cgroup.read("devices.list");
    // The second time there is nothing to do, and so nothing to undo.
    open.allow(&[(MAJOR, 0)], None)?.undo()?;
    same("list", cgroup.read("devices.list"), once)?;
    shell.opens("rw", &["null", "first"])?;
    first.undo()?;
    shell.opens("rw", &["null"])
}

fn long_list(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &[]);
    for minor in 0..1000 {
        cgroup.write("devices.allow", &format!("c {OTHER_MAJOR}:{minor} rwm"));
    }
    let shell = ground.shell(&cgroup);
    let before = cgroup.read("devices.list");
    same("is long", before.len() > 3 * 4096, true)?;
    let allowed: Vec<(u32, u32)> = (0..1000).map(|minor| (OTHER_MAJOR, minor)).collect();
    open(shell.pid)?.allow(&allowed, None)?.undo()?;
    same("is as before", cgroup.read("devices.list") == before, true)
}

fn descriptors_only(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.legacy();
    restrict(&cgroup, &["c 1:3 rwm"]);
    let mut shell = ground.shell(&cgroup);
    apart(|| {
        let open = open(shell.pid)?;
        mount::tmpfs(Path::new("/sys/fs/cgroup"), "")?;
        mount::tmpfs(Path::new("/proc"), "")?;
        let granted = open.allow(&[(MAJOR, 0)], None)?;
        shell.opens("rw", &["null", "first"])?;
        granted.undo()?;
        shell.opens("rw", &["null"])
    })
}
