//! The tarball: `liftgate install` on a machine, and `uninstall`.

use crate::debian::{DAEMON, SETUP, SYSTEMD, TOLD_AT_FIRST, WORKS, told};
use crate::machine::{Machine, same, says};
use crate::made::Made;
use crate::{Needs, Scene, stand_in};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;

pub(crate) const SCENES: &[Scene] = &[
    (
        "tarball::installed_and_uninstalled",
        Needs::Nothing,
        installed_and_uninstalled,
    ),
    (
        "tarball::beside_files_of_others",
        Needs::Nothing,
        beside_files_of_others,
    ),
    (
        "tarball::beside_nvidias_packages",
        Needs::Nothing,
        beside_nvidias_packages,
    ),
    ("tarball::tells_systemd", Needs::Nothing, tells_systemd),
    (
        "tarball::a_package_takes_over",
        Needs::Nothing,
        a_package_takes_over,
    ),
];

fn unpack(machine: &Machine, made: &Made) -> Result<(), Failed> {
    machine.share(&made.package(".tar.gz")?)?;
    machine.run("cd /mnt; tar xzf *.tar.gz; mv liftgate-*-linux liftgate")?;
    Ok(())
}

const INSTALL: &str = "/mnt/liftgate/liftgate install";

fn installed_and_uninstalled(machine: &Machine, made: &Made) -> Result<(), Failed> {
    unpack(machine, made)?;
    machine.run(DAEMON)?;
    let before = machine.state()?;
    machine.run(&format!("{INSTALL} --yes"))?;
    machine.run(WORKS)?;
    let installed = machine.state()?;
    says(&machine.run(INSTALL)?, "nothing to do")?;
    // The installed one finds itself in place, too.
    says(&machine.run("liftgate install")?, "nothing to do")?;
    same(&installed, &machine.state()?, "a second installation")?;
    // What the programs have written while they ran goes as well, and engines are told first.
    machine.run(SETUP)?;
    says(&machine.run("cat /etc/docker/daemon.json")?, "nvidia")?;
    machine.run(
        "mkdir -p /run/liftgate /run/cdi; echo {} >/run/liftgate/host.json
        printf -- '---\n# Made by liftgate\n# liftgate-record: {}\ncdiVersion: 0.5.0\n' >/run/cdi/nvidia.yaml",
    )?;
    let seen = machine.run("liftgate uninstall --yes")?;
    says(&seen, "liftgate is uninstalled.")?;
    same(&before, &machine.state()?, "uninstall")
}

fn beside_files_of_others(machine: &Machine, made: &Made) -> Result<(), Failed> {
    unpack(machine, made)?;
    machine.run("echo other >/usr/bin/nvidia-container-runtime; chmod 711 /usr/bin/nvidia-container-runtime")?;
    let before = machine.state()?;
    let outcome = machine.attempt(&format!("{INSTALL} --yes"))?;
    says(&outcome.words, "error[names-taken]: 1 file ")?;
    same(&before, &machine.state()?, "a refusal")?;
    machine.run(&format!("{INSTALL} --yes --replace"))?;
    machine.run(WORKS)?;
    machine.run("liftgate uninstall --yes")?;
    same(&before, &machine.state()?, "uninstall")
}

fn beside_nvidias_packages(machine: &Machine, made: &Made) -> Result<(), Failed> {
    unpack(machine, made)?;
    stand_in::install(machine)?;
    let before = machine.state()?;
    for (more, code) in [("", "names-taken"), ("--replace", "owned-by-package")] {
        let outcome = machine.attempt(&format!("{INSTALL} --yes {more}"))?;
        for words in [
            &format!("error[{code}]: 9 files "),
            "because: `/usr/bin/nvidia-ctk` belongs to the package nvidia-container-toolkit-base\n",
            "because: `/usr/bin/nvidia-container-toolkit` is no link to liftgate\n",
            "hint: install liftgate's .deb or .rpm",
        ] {
            says(&outcome.words, words)?;
        }
        if outcome.status != Some(1) {
            return Err(fail(format!("{outcome:?}")));
        }
        same(&before, &machine.state()?, "a refusal")?;
    }
    // Another prefix has none of these names.
    machine.run(&format!(
        "{INSTALL} --yes --prefix /usr/local; /usr/local/bin/liftgate --version"
    ))?;
    machine.run("/usr/local/bin/liftgate uninstall --yes --prefix /usr/local")?;
    same(&before, &machine.state()?, "uninstall from another prefix")
}

fn tells_systemd(machine: &Machine, made: &Made) -> Result<(), Failed> {
    unpack(machine, made)?;
    machine.run(SYSTEMD)?;
    machine.run(&format!("{INSTALL} --yes"))?;
    told(machine, &TOLD_AT_FIRST)?;
    machine.run(&format!("{INSTALL} --yes; liftgate uninstall --yes"))?;
    let at_last = [
        "systemctl disable --now UNITS",
        "systemctl daemon-reload",
        "udevadm control --reload",
    ];
    told(machine, &at_last)?;
    machine.run(&format!("{INSTALL} --yes --no-enable"))?;
    let restarted = ["systemctl try-restart UNITS"];
    told(machine, &[&TOLD_AT_FIRST[..3], &restarted[..]].concat())?;
    // A tree is not the machine.
    machine.run(&format!(
        "mkdir /mnt/tree; {INSTALL} --yes --destdir /mnt/tree"
    ))?;
    told(machine, &[])
}

fn a_package_takes_over(machine: &Machine, made: &Made) -> Result<(), Failed> {
    unpack(machine, made)?;
    machine.share(&made.package(".deb")?)?;
    let before = machine.state()?;
    machine.run(&format!("{INSTALL} --yes"))?;
    let seen = machine.run("apt-get install --yes /mnt/liftgate_*.deb")?;
    says(&seen, "is the package's now")?;
    machine.run(WORKS)?;
    says(&machine.run("liftgate uninstall --yes")?, "nothing to do")?;
    machine.run(WORKS)?;
    // The configuration was ours, and still is: nobody has edited it.
    machine.run("apt-get remove --yes liftgate")?;
    same(&before, &machine.state()?, "apt-get remove")
}
