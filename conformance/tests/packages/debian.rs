//! The Debian package, by apt and dpkg.

use crate::machine::{Machine, difference, same, says};
use crate::made::Made;
use crate::{Needs, Scene, stand_in};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;

pub(crate) const SCENES: &[Scene] = &[
    (
        "debian::installed_and_removed",
        Needs::Nothing,
        installed_and_removed,
    ),
    (
        "debian::an_edited_configuration_stays_until_purge",
        Needs::Nothing,
        edited,
    ),
    (
        "debian::purge_leaves_what_nvidias_toolkit_reads",
        Needs::Nothing,
        purged_beside_nvidias,
    ),
    (
        "debian::takes_the_place_of_nvidias_packages",
        Needs::Nothing,
        takes_the_place,
    ),
    (
        "debian::takes_their_place_by_dpkg_alone",
        Needs::Nothing,
        takes_the_place_by_dpkg,
    ),
    (
        "debian::gives_way_to_nvidias_packages",
        Needs::Nothing,
        gives_way,
    ),
    ("debian::upgraded", Needs::Nothing, upgraded),
    (
        "debian::names_that_somebody_has_removed_come_back",
        Needs::Nothing,
        names_come_back,
    ),
    (
        "debian::what_cannot_be_undone_is_said",
        Needs::Nothing,
        what_cannot_be_undone_is_said,
    ),
    ("debian::tells_systemd", Needs::Nothing, tells_systemd),
    (
        "debian::removal_undoes_setup",
        Needs::Nothing,
        removal_undoes_setup,
    ),
    (
        "debian::is_left_alone_by_install",
        Needs::Nothing,
        is_left_alone_by_install,
    ),
];

pub(crate) const CONFIGURATION: &str = "/etc/nvidia-container-runtime/config.toml";
const INSTALL: &str = "apt-get install --yes /mnt/liftgate_*.deb";
const REMOVE: &str = "apt-get remove --yes liftgate";

/// What must hold wherever liftgate is installed in `/usr`: every name is there, and does its work.
pub(crate) const WORKS: &str = r#"
for name in nvidia-container-runtime nvidia-container-runtime.cdi nvidia-container-runtime.legacy \
    nvidia-container-runtime-hook nvidia-container-toolkit nvidia-container-cli nvidia-cdi-hook nvidia-ctk; do
    [ "$(readlink /usr/bin/$name)" = liftgate-rt ] || { echo "$name is no link to liftgate-rt"; exit 1; }
done
[ "$(readlink /usr/bin/nvidia-docker)" = liftgate ]
liftgate --version
nvidia-container-cli --version
nvidia-ctk --version
nvidia-ctk cdi list --help >/dev/null
"#;

fn with_package(machine: &Machine, made: &Made) -> Result<(), Failed> {
    machine.share(&made.package(".deb")?)
}

fn installed_and_removed(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run(INSTALL)?;
    let seen = machine.run(WORKS)?;
    says(&seen, &format!("liftgate {}\n", made.version))?;
    machine.run("dpkg --verify liftgate; dpkg --audit; apt-get check")?;
    let text = machine.run(&format!(
        "cat {CONFIGURATION}; stat -c %a:%U {CONFIGURATION}"
    ))?;
    says(&text, "ldconfig = \"@/sbin/ldconfig\"\n")?;
    says(&text, "644:root\n")?;
    machine.run("[ -z \"$(dpkg-query -L liftgate | grep ^/etc)\" ]")?;
    machine.run(REMOVE)?;
    same(&before, &machine.state()?, "apt-get remove")?;
    // Nor does anything stay behind that is registered.
    machine.run("dpkg --purge liftgate")?;
    same(&before, &machine.state()?, "dpkg --purge")?;
    machine.run("[ -z \"$(ls /var/lib/dpkg/info | grep liftgate)\" ]")?;
    Ok(())
}

fn edited(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run(INSTALL)?;
    machine.run(&format!("echo '# mine' >>{CONFIGURATION}"))?;
    let seen = machine.run(REMOVE)?;
    says(&seen, "was changed since; stays")?;
    let left = difference(&before, &machine.state()?);
    let is_configuration = |line: &&String| line.contains("./etc/nvidia-container-runtime");
    // The file, its content, and its directory.
    if left.len() != 3 || !left.iter().all(|line| is_configuration(&line)) {
        return Err(fail(format!("left: {left:?}")));
    }
    says(&machine.run(&format!("tail -1 {CONFIGURATION}"))?, "# mine")?;
    // It comes back to what was left.
    machine.run(INSTALL)?;
    says(&machine.run(&format!("tail -1 {CONFIGURATION}"))?, "# mine")?;
    machine.run(REMOVE)?;
    machine.run("apt-get purge --yes liftgate")?;
    same(&before, &machine.state()?, "purge")
}

fn purged_beside_nvidias(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.run(INSTALL)?;
    machine.run(&format!("echo '# mine' >>{CONFIGURATION}"))?;
    machine.run(REMOVE)?;
    stand_in::install(machine)?;
    machine.run("dpkg --purge liftgate")?;
    says(&machine.run(&format!("tail -1 {CONFIGURATION}"))?, "# mine")
}

fn takes_the_place(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    stand_in::install(machine)?;
    machine.run(&format!("echo '# mine' >>{CONFIGURATION}"))?;
    let configuration = machine.run(&format!("cat {CONFIGURATION}"))?;
    let seen = machine.run(INSTALL)?;
    says(&seen, "Removing nvidia-container-toolkit (1.17.8-1)")?;
    machine.run(WORKS)?;
    for name in stand_in::NAMES {
        let script = format!("dpkg-query -W -f '${{db:Status-Status}}' {name} 2>/dev/null || :");
        let status = machine.run(&script)?;
        if !["", "not-installed", "config-files"].contains(&status.as_str()) {
            return Err(fail(format!("{name} is {status}")));
        }
    }
    // Whoever depends on NVIDIA's by version stays, and nothing is broken.
    machine.run("[ -e /usr/bin/gpu-workload ]; apt-get check; [ -z \"$(dpkg --audit)\" ]")?;
    if machine.run(&format!("cat {CONFIGURATION}"))? != configuration {
        return Err(fail("the configuration was touched"));
    }
    // It was there before us, and is there after us.
    machine.run(REMOVE)?;
    if machine.run(&format!("cat {CONFIGURATION}"))? != configuration {
        return Err(fail("the configuration is gone"));
    }
    let left =
        "find / -xdev -name '*liftgate*' ! -path '/var/*' ! -path '/mnt/*' ! -path '/proc/*'";
    let left = machine.run(left)?;
    if left.is_empty() {
        Ok(())
    } else {
        Err(fail(left))
    }
}

fn takes_the_place_by_dpkg(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    stand_in::install(machine)?;
    let seen = machine.run("dpkg -i /mnt/liftgate_*.deb")?;
    says(&seen, "in favour of liftgate")?;
    machine.run(WORKS)?;
    machine.run("[ -e /usr/bin/gpu-workload ]; apt-get check; [ -z \"$(dpkg --audit)\" ]")?;
    Ok(())
}

fn gives_way(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.run(INSTALL)?;
    stand_in::install(machine)?;
    says(
        &machine.run("cat /usr/bin/nvidia-ctk")?,
        "a stand-in of usr/bin/nvidia-ctk",
    )?;
    machine.run("[ ! -e /usr/bin/liftgate ]; apt-get check; [ -z \"$(dpkg --audit)\" ]")?;
    // Ours went with us, and NVIDIA's script has written its own.
    says(
        &machine.run(&format!("cat {CONFIGURATION}"))?,
        "# by a script",
    )
}

/// The package again, as a later version of itself.
const LATER: &str = r"
dpkg-deb --raw-extract /mnt/liftgate_*_amd64.deb /mnt/later
sed -i 's/^Version: .*/Version: 99.0/' /mnt/later/DEBIAN/control
dpkg-deb --root-owner-group --build /mnt/later /mnt/later.deb >/dev/null
rm -r /mnt/later
";

fn upgraded(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    let before = machine.state()?;
    machine.run(LATER)?;
    machine.run(INSTALL)?;
    let present = machine.state()?;
    // An earlier version had written another default, and nobody has touched it.
    machine.run(&format!(
        "old=$(sha256sum {CONFIGURATION} | cut -d' ' -f1); echo '# an earlier default' >{CONFIGURATION}; \
         new=$(sha256sum {CONFIGURATION} | cut -d' ' -f1); sed -i s/$old/$new/ /var/lib/liftgate/manifest; \
         grep -q $new /var/lib/liftgate/manifest"
    ))?;
    let seen = machine.run("dpkg -i /mnt/later.deb")?;
    if seen.contains("undone") || seen.contains("stays") {
        return Err(fail(format!("an upgrade is no removal: {seen}")));
    }
    machine.run(WORKS)?;
    same(&present, &machine.state()?, "an upgrade")?;
    // One that was edited stays.
    machine.run(&format!("echo '# mine' >>{CONFIGURATION}"))?;
    machine.run(&format!(
        "dpkg -i --force-downgrade /mnt/liftgate_*.deb; tail -1 {CONFIGURATION} | grep -qx '# mine'"
    ))?;
    machine.run("dpkg -i /mnt/later.deb")?;
    machine.run("dpkg --purge liftgate")?;
    same(&before, &machine.state()?, "purge of what was upgraded")
}

fn names_come_back(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    stand_in::install(machine)?;
    machine.run(INSTALL)?;
    // NVIDIA's script removes the link that it takes for its own.
    machine
        .run("dpkg --purge nvidia-container-toolkit; [ ! -L /usr/bin/nvidia-container-toolkit ]")?;
    machine.run("dpkg-reconfigure liftgate")?;
    machine.run(WORKS)?;
    machine.run("dpkg --verify liftgate")?;
    Ok(())
}

fn what_cannot_be_undone_is_said(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.run(INSTALL)?;
    // A liftgate that cannot undo what `setup` has done.
    machine.run(
        r#"mv /usr/bin/liftgate /usr/bin/liftgate.whole
        printf '#!/bin/sh\n[ "$1" != setup ] || { echo "no room on the disk: $*"; exit 3; }\nexec /usr/bin/liftgate.whole "$@"\n' >/usr/bin/liftgate
        chmod 755 /usr/bin/liftgate"#,
    )?;
    let seen = machine.run(REMOVE)?;
    says(
        &seen,
        "no room on the disk: setup --undo --yes --no-restart",
    )?;
    says(
        &seen,
        "liftgate: the configuration of engines was not undone",
    )?;
    machine.run("[ ! -e /usr/bin/liftgate ]")?;
    Ok(())
}

/// An engine that names a runtime which is gone starts nothing.
fn removal_undoes_setup(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.run(DAEMON)?;
    let before = machine.state()?;
    machine.run(INSTALL)?;
    machine.run(SETUP)?;
    says(&machine.run("cat /etc/docker/daemon.json")?, "nvidia")?;
    machine.run(REMOVE)?;
    same(&before, &machine.state()?, "apt-get remove")
}

/// A configuration of Docker's; there is no Docker.
pub(crate) const DAEMON: &str =
    "mkdir -p /etc/docker; printf '{\n  \"debug\": true\n}\n' >/etc/docker/daemon.json";
pub(crate) const SETUP: &str =
    "liftgate setup docker --config /etc/docker/daemon.json --yes --no-restart --no-proof";

/// systemd's programs, which write down how they are called; `systemctl` fails where a file says so.
pub(crate) const SYSTEMD: &str = r#"
mkdir -p /run/systemd/system
for name in systemctl udevadm systemd-tmpfiles; do
    printf '#!/bin/sh\necho "${0##*/} $*" >>/var/log/calls\n[ ! -e /var/log/fail ] || { echo no room >&2; exit 1; }\n' >/usr/bin/$name
    chmod 755 /usr/bin/$name
done
"#;
const UNITS: &str =
    "liftgate-device-nodes.service liftgate-cdi-refresh.service liftgate-cdi-refresh.path";

/// What systemd was told since the last time.
pub(crate) fn calls(machine: &Machine) -> Result<Vec<String>, Failed> {
    let text = machine.run("touch /var/log/calls; cat /var/log/calls; rm /var/log/calls")?;
    Ok(text.lines().map(str::to_owned).collect())
}

pub(crate) fn told(machine: &Machine, expected: &[&str]) -> Result<(), Failed> {
    let calls = calls(machine)?;
    let expected: Vec<String> = expected
        .iter()
        .map(|line| line.replace("UNITS", UNITS))
        .collect();
    if calls == expected {
        Ok(())
    } else {
        Err(fail(format!("{calls:#?}, and not {expected:#?}")))
    }
}

pub(crate) const TOLD_AT_FIRST: [&str; 4] = [
    "systemctl daemon-reload",
    "udevadm control --reload",
    "systemd-tmpfiles --create /usr/lib/tmpfiles.d/liftgate.conf",
    "systemctl enable --now UNITS",
];

fn tells_systemd(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.run(SYSTEMD)?;
    machine.run(LATER)?;
    machine.run(INSTALL)?;
    told(machine, &TOLD_AT_FIRST)?;
    // Which of them run is the administrator's affair from now on.
    let again = ["systemctl try-restart UNITS"];
    let again = [&TOLD_AT_FIRST[..3], &again[..]].concat();
    machine.run("dpkg -i /mnt/later.deb")?;
    told(machine, &again)?;
    // Also after a version that was another.
    machine.run("sed -i 's/^version .*/version 0.0.1/' /var/lib/liftgate/manifest")?;
    machine.run("dpkg -i /mnt/later.deb")?;
    told(machine, &again)?;
    machine.run(REMOVE)?;
    told(
        machine,
        &["systemctl disable --now UNITS", "systemctl daemon-reload"],
    )?;
    // A systemd that fails is no reason to leave a package half installed.
    machine.run("touch /var/log/fail")?;
    let seen = machine.run(INSTALL)?;
    says(
        &seen,
        "warning: `/usr/bin/systemctl daemon-reload`: exit status: 1: no room",
    )?;
    says(
        &machine.run("dpkg-query -W -f '${db:Status-Status}' liftgate")?,
        "installed",
    )?;
    told(machine, &TOLD_AT_FIRST)?;
    machine.run(REMOVE)?;
    Ok(())
}

fn is_left_alone_by_install(machine: &Machine, made: &Made) -> Result<(), Failed> {
    with_package(machine, made)?;
    machine.share(&made.package(".tar.gz")?)?;
    machine.run(INSTALL)?;
    let before = machine.state()?;
    let outcome = machine
        .attempt("cd /mnt; tar xzf *.tar.gz; ./liftgate-*/liftgate install --yes --replace")?;
    says(
        &outcome.words,
        "error[owned-by-package]: liftgate is installed as a package",
    )?;
    if outcome.status != Some(1) {
        return Err(fail(format!("{outcome:?}")));
    }
    same(&before, &machine.state()?, "a refusal")
}
