//! The rpm package, by this machine's `rpm` with that machine's root. There are no packages of rpm in it, so what the
//! C library must have is read, and not asked of it.

use crate::debian::{CONFIGURATION, WORKS};
use crate::machine::{Machine, difference, same, says};
use crate::made::Made;
use crate::{Needs, Scene};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::process::Command;

pub(crate) const SCENES: &[Scene] = &[
    (
        "rpm::installed_and_erased",
        Needs::Rpm,
        installed_and_erased,
    ),
    ("rpm::an_edited_configuration_stays", Needs::Rpm, edited),
    ("rpm::does_not_mix_with_nvidias", Needs::Rpm, does_not_mix),
    (
        "rpm::needs_no_newer_glibc_than_promised",
        Needs::Rpm,
        needs_no_newer_glibc,
    ),
];

const INSTALL: &str = "rpm --root $ROOT --install --nodeps $ROOT/mnt/liftgate-*.rpm";
const ERASE: &str = "rpm --root $ROOT --erase liftgate";

fn with_package(machine: &Machine, made: &Made) -> Result<(), Failed> {
    machine.share(&made.package(".rpm")?)?;
    // rpm makes its database at the first question.
    machine.run_outside("rpm --root $ROOT --initdb")?;
    Ok(())
}

fn installed_and_erased(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run_outside(INSTALL)?;
    machine.run(WORKS)?;
    let installed = machine.state()?;
    machine.run_outside("rpm --root $ROOT --verify --nodeps liftgate")?;
    // The same once more: scripts of an upgrade, and nothing changes.
    let again = INSTALL.replace("--install", "--upgrade --replacepkgs");
    let seen = machine.run_outside(&again)?;
    if seen.contains("undone") {
        return Err(fail(format!("an upgrade is no removal: {seen}")));
    }
    machine.run(WORKS)?;
    same(&installed, &machine.state()?, "an upgrade")?;
    machine.run_outside(ERASE)?;
    same(&before, &machine.state()?, "rpm --erase")
}

fn edited(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run_outside(INSTALL)?;
    machine.run(&format!("echo '# mine' >>{CONFIGURATION}"))?;
    says(&machine.run_outside(ERASE)?, "was changed since; stays")?;
    let left = difference(&before, &machine.state()?);
    if left.len() == 3
        && left
            .iter()
            .all(|line| line.contains("/etc/nvidia-container-runtime"))
    {
        Ok(())
    } else {
        Err(fail(format!("left: {left:?}")))
    }
}

/// A stand-in of NVIDIA's package. Its script removes a name that it had made, after whatever is installed in its place.
const STAND_IN: &str = r"
cat >$ROOT/mnt/stand-in.spec <<'EOF'
%global debug_package %{nil}
Name: nvidia-container-toolkit
Version: 1.17.8
Release: 1
Summary: a stand-in
License: none
%description
A stand-in.
%install
mkdir -p %{buildroot}/usr/bin
echo other >%{buildroot}/usr/bin/nvidia-container-runtime-hook
%posttrans
ln -sf /usr/bin/nvidia-container-runtime-hook /usr/bin/nvidia-container-toolkit
%postun
[ $1 -ne 0 ] || rm -f /usr/bin/nvidia-container-toolkit
%files
/usr/bin/nvidia-container-runtime-hook
EOF
rpmbuild -bb --quiet --target x86_64 --define '_topdir '$ROOT/mnt/top $ROOT/mnt/stand-in.spec
cp $ROOT/mnt/top/RPMS/x86_64/nvidia-container-toolkit-1.17.8-1.x86_64.rpm $ROOT/mnt/
rm -r $ROOT/mnt/top
rpm --root $ROOT --install --nodeps $ROOT/mnt/nvidia-container-toolkit-*.rpm
";

fn does_not_mix(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run_outside(STAND_IN)?;
    let nvidias = machine.state()?;
    // Without --nodeps, which would let it: what is missing is said beside it.
    let outcome = machine.attempt_outside("rpm --root $ROOT --upgrade $ROOT/mnt/liftgate-*.rpm")?;
    says(&outcome.words, "nvidia-container-toolkit conflicts with")
        .or_else(|_| says(&outcome.words, "conflicts with liftgate"))?;
    same(&nvidias, &machine.state()?, "a refusal")?;
    machine.run_outside("rpm --root $ROOT --erase nvidia-container-toolkit")?;
    same(&before, &machine.state()?, "the stand-in is gone")?;
    machine.run_outside(INSTALL)?;
    machine.run(WORKS)?;
    machine.run_outside(ERASE)?;
    same(&before, &machine.state()?, "rpm --erase")
}

/// The oldest glibc that the packages promise to run with.
const GLIBC: (u32, u32) = (2, 17);

fn needs_no_newer_glibc(_: &Machine, made: &Made) -> Result<(), Failed> {
    let output = Command::new("rpm")
        .args(["--query", "--requires", "--package"])
        .arg(made.package(".rpm")?)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut versions = Vec::new();
    for line in text.lines() {
        let Some((_, rest)) = line.split_once("(GLIBC_") else {
            continue;
        };
        let version = rest.split(')').next().unwrap_or_default();
        let mut numbers = version
            .split('.')
            .map(|number| number.parse().unwrap_or(u32::MAX));
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version > GLIBC {
            return Err(fail(format!("needs `{line}`")));
        }
        versions.push(version);
    }
    // Libraries of nobody but glibc.
    let is_foreign = |line: &&str| {
        line.contains(".so.")
            && !["libc.", "libm.", "libdl.", "libpthread.", "librt."]
                .iter()
                .any(|known| line.starts_with(known))
    };
    let foreign: Vec<&str> = text.lines().filter(is_foreign).collect();
    if versions.is_empty() || !foreign.is_empty() {
        return Err(fail(format!("{foreign:?} of\n{text}")));
    }
    Ok(())
}
