//! Version 2, with programs that the tests attach.

use super::Check;
use super::ground::{Cgroup, Ground, MAJOR, NODES, OTHER_MAJOR, Shell, apart, same};
use super::programs::{allowing, attach, attached, big, calling, denying, usual};
use libtest_mimic::Failed;
use liftgate_apply::cgroup::{DeviceCgroup, Error, Version};
use liftgate_sys::bpf::{self, ALLOW_MULTI, ALLOW_OVERRIDE, Instruction};
use liftgate_sys::mount;
use rustix::thread::CapabilitySet;
use std::os::fd::AsFd as _;
use std::path::Path;

pub(crate) const TESTS: &[(&str, Check)] = &[
    ("v2: granted, others not, undone", granted),
    ("v2: under every flag", flags),
    ("v2: several programs", several),
    ("v2: nothing was allowed", nothing_allowed),
    ("v2: a big program", big_program),
    ("v2: without a program all is allowed", no_program),
    ("v2: a program of a cgroup above stays", above),
    ("v2: programs do not grow with the times", idempotent),
    ("v2: thousands of devices are short", thousands),
    ("v2: a program that calls the kernel is refused", calls),
    (
        "v2: a program attached by a link is refused, others go back",
        linked,
    ),
    (
        "v2: programs that cannot be fetched are an error",
        forbidden,
    ),
    ("v2: with descriptors only", descriptors_only),
    (
        "v2: on a machine with both, where version 1 is covered",
        covered,
    ),
];

/// On a machine with both versions, version 2 is looked for only where version 1 is not to be seen.
fn open(shell: &Shell<'_>) -> Result<DeviceCgroup, Failed> {
    let cgroup = apart(|| {
        mount::file_system("cgroup2", Path::new("/sys/fs/cgroup"), "")?;
        Ok(DeviceCgroup::open(shell.pid, Path::new("/proc"))?)
    })?;
    same("version", cgroup.version(), Version::V2)?;
    Ok(cgroup)
}

/// Attaches a program, and sees what a shell may open before, with and after the grant of the first and the
/// third node.
fn exchange(
    ground: &Ground,
    flags: u32,
    program: &[Instruction],
    before: &[&str],
) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, flags, program);
    let mut shell = ground.shell(&cgroup);
    exchanged(&cgroup, &mut shell, before)
}

fn exchanged(cgroup: &Cgroup, shell: &mut Shell<'_>, before: &[&str]) -> Result<(), Failed> {
    shell.opens("r", before)?;
    let old = attached(cgroup.as_fd());
    let granted = open(shell)?.allow(&[(MAJOR, 2), (MAJOR, 0)], None)?;
    let mut with = before.to_vec();
    with.extend(["first", "third"]);
    shell.opens("r", &with)?;
    let new = attached(cgroup.as_fd());
    same("programs", new.len(), old.len())?;
    same(
        "is exchanged",
        new.iter().all(|new| !old.contains(new)),
        true,
    )?;
    granted.undo()?;
    same("programs", attached(cgroup.as_fd()), old)?;
    shell.opens("r", before)
}

fn granted(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    shell.opens("r", &["null", "zero"])?;
    shell.opens("rw", &["null"])?;
    let granted = open(&shell)?.allow(&[(MAJOR, 0), (MAJOR, 2)], None)?;
    shell.opens("r", &["null", "zero", "first", "third"])?;
    shell.opens("rw", &["null", "first", "third"])?;
    shell.opens("w", &["null", "first", "third"])?;
    same("may be made", shell.may_make(&format!("c {MAJOR} 0")), true)?;
    same(
        "is forbidden",
        shell.may_make(&format!("c {MAJOR} 1")),
        false,
    )?;
    same(
        "is forbidden",
        shell.may_make(&format!("b {MAJOR} 0")),
        false,
    )?;
    granted.undo()?;
    shell.opens("r", &["null", "zero"])?;
    shell.opens("rw", &["null"])
}

fn flags(ground: &Ground) -> Result<(), Failed> {
    for flags in [0, ALLOW_OVERRIDE, ALLOW_MULTI] {
        exchange(ground, flags, &usual(), &["null", "zero"])?;
    }
    Ok(())
}

fn several(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    attach(&cgroup, ALLOW_MULTI, &allowing(&[(1, 3, 7), (1, 7, 7)]));
    attach(
        &cgroup,
        ALLOW_MULTI,
        &allowing(&[(1, 3, 7), (1, 7, 7), (1, 5, 7)]),
    );
    let mut shell = ground.shell(&cgroup);
    exchanged(&cgroup, &mut shell, &["null"])
}

fn nothing_allowed(ground: &Ground) -> Result<(), Failed> {
    exchange(ground, ALLOW_MULTI, &denying(), &[])
}

fn big_program(ground: &Ground) -> Result<(), Failed> {
    exchange(ground, ALLOW_MULTI, &big(), &["null"])
}

fn no_program(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    let mut shell = ground.shell(&cgroup);
    shell.opens("r", &NODES)?;
    let granted = open(&shell)?.allow(&[(MAJOR, 0)], None)?;
    same("programs", attached(cgroup.as_fd()), [])?;
    shell.opens("r", &NODES)?;
    granted.undo()?;
    shell.opens("r", &NODES)
}

fn above(ground: &Ground) -> Result<(), Failed> {
    let parent = ground.unified();
    attach(&parent, ALLOW_MULTI, &allowing(&[(1, 3, 7), (MAJOR, 0, 7)]));
    let cgroup = Cgroup::make(&parent.path);
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let programs = attached(parent.as_fd());
    let granted = open(&shell)?.allow(&[(MAJOR, 0), (MAJOR, 1)], None)?;
    shell.opens("r", &["null", "first"])?;
    same("programs above", attached(parent.as_fd()), programs)?;
    drop(granted);
    drop(shell);
    drop(cgroup);
    Ok(())
}

fn idempotent(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let open = open(&shell)?;
    let _: Vec<_> = [(MAJOR, 0), (MAJOR, 2)]
        .iter()
        .map(|device| open.allow(&[*device], None))
        .collect::<Result<_, _>>()?;
    let grown = attached(cgroup.as_fd());
    for _ in 0..3 {
        for devices in [
            &[(MAJOR, 0)][..],
            &[(MAJOR, 2), (MAJOR, 0), (MAJOR, 2)],
            &[],
        ] {
            // Nothing is to be done, and so nothing is undone.
            open.allow(devices, None)?.undo()?;
        }
    }
    same("programs", attached(cgroup.as_fd()), &grown[..])?;
    shell.opens("r", &["null", "zero", "first", "third"])?;
    // What lies between joins two ranges to one: four instructions fewer.
    let granted = open.allow(&[(MAJOR, 1)], None)?;
    same("length", attached(cgroup.as_fd())[0].1, grown[0].1 - 4)?;
    shell.opens("r", &["null", "zero", "first", "second", "third"])?;
    granted.undo()?;
    shell.opens("r", &["null", "zero", "first", "third"])
}

fn thousands(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let old = attached(cgroup.as_fd());
    let mut devices: Vec<(u32, u32)> = (0..2048).map(|minor| (MAJOR, minor)).collect();
    devices.push((OTHER_MAJOR, 0));
    let granted = open(&shell)?.allow(&devices, None)?;
    same("length", attached(cgroup.as_fd())[0].1, old[0].1 + 15)?;
    shell.opens(
        "rw",
        &["null", "first", "second", "third", "far", "elsewhere"],
    )?;
    granted.undo()?;
    // As many as no range holds together.
    let devices: Vec<(u32, u32)> = (0..8000).map(|at| (MAJOR, 2 * at)).collect();
    let granted = open(&shell)?.allow(&devices, None)?;
    shell.opens("rw", &["null", "first", "third"])?;
    granted.undo()?;
    let devices: Vec<(u32, u32)> = (0..9000).map(|at| (MAJOR, 2 * at)).collect();
    let error = open(&shell)?
        .allow(&devices, None)
        .expect_err("a jump is too long");
    same("error", error, Error::TooMany(9000))
}

fn calls(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    attach(&cgroup, ALLOW_MULTI, &calling());
    let mut shell = ground.shell(&cgroup);
    let programs = attached(cgroup.as_fd());
    let error = open(&shell)?
        .allow(&[(MAJOR, 0)], None)
        .expect_err("it calls");
    same("error", error, Error::NotSelfContained(programs[1].0))?;
    same("programs", attached(cgroup.as_fd()), programs)?;
    shell.opens("r", &["null", "zero"])
}

fn linked(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let program = bpf::load(&usual())?;
    let link = bpf::attach_by_link(cgroup.as_fd(), program.as_fd())?;
    let mut shell = ground.shell(&cgroup);
    let programs = attached(cgroup.as_fd());
    let error = open(&shell)?
        .allow(&[(MAJOR, 0)], None)
        .expect_err("it is another's");
    same("error", error, Error::AttachedByLink(programs[1].0))?;
    let mut now = attached(cgroup.as_fd());
    now.sort_unstable();
    same("programs", now, programs)?;
    shell.opens("r", &["null", "zero"])?;
    drop(link);
    Ok(())
}

fn forbidden(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let open = open(&shell)?;
    let error = std::thread::scope(|scope| {
        let work = || {
            let mut sets = rustix::thread::capabilities(None)?;
            sets.effective -= CapabilitySet::SYS_ADMIN;
            rustix::thread::set_capabilities(None, sets)?;
            Ok::<_, Failed>(open.allow(&[(MAJOR, 0)], None))
        };
        scope.spawn(work).join().expect("the thread does not panic")
    })?
    .expect_err("without rights");
    same(
        "is of fetching",
        matches!(error, Error::NotFetched(_)),
        true,
    )?;
    shell.opens("r", &["null", "zero"])
}

fn descriptors_only(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    attach(&cgroup, ALLOW_MULTI, &usual());
    let mut shell = ground.shell(&cgroup);
    let open = open(&shell)?;
    apart(|| {
        mount::tmpfs(Path::new("/sys/fs/cgroup"), "")?;
        mount::tmpfs(Path::new("/proc"), "")?;
        let granted = open.allow(&[(MAJOR, 0)], None)?;
        shell.opens("r", &["null", "zero", "first"])?;
        granted.undo()?;
        shell.opens("r", &["null", "zero"])
    })
}

/// A path that is not below what is mounted is an error, and no reason to look at the other version.
fn covered(ground: &Ground) -> Result<(), Failed> {
    let cgroup = ground.unified();
    let shell = ground.shell(&cgroup);
    let other = ground.unified();
    let error = apart(|| {
        mount::tmpfs(Path::new("/sys/fs/cgroup"), "")?;
        let place = Path::new("/sys/fs/cgroup/unified");
        std::fs::create_dir(place)?;
        mount::file_system("cgroup2", place, "")?;
        let name = other.path.file_name().expect("a name");
        mount::bind(&place.join(name), place)?;
        Ok(DeviceCgroup::open(shell.pid, Path::new("/proc")).err())
    })?;
    // The mount that is covered leads to the process as well, but cannot be seen.
    same("error", matches!(error, Some(Error::NotBelow { .. })), true)
}
