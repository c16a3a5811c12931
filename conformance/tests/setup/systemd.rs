//! Docker as a service of systemd, as most machines have it.

use crate::docker::PROGRAMS;
use crate::ran::same;
use crate::restarts::{INSTALL_HOOK, NO_HOOK};
use crate::stage::Stage;
use crate::{Case, Release};
use libtest_mimic::Failed;
use liftgate_conformance::Init;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for release in Release::BOTH {
        let case = |label, test| Case::new(label, release, PROGRAMS, test).under(Init::Systemd);
        cases.extend([
            case("systemd::reload", reload),
            case("systemd::restart", restart).changed_by(NO_HOOK),
            case("systemd::often", often),
        ]);
    }
    let case = Case::new("systemd::fails", Release::Distribution, PROGRAMS, fails);
    cases.push(case.under(Init::Systemd).changed_by(NO_HOOK));
    cases
}

/// The service's process, which has to run.
fn process(stage: &Stage) -> Result<String, Failed> {
    stage.told("systemctl is-active --quiet docker && systemctl show --property MainPID docker")
}

fn forgot(stage: &Stage) -> Result<(), Failed> {
    process(stage)?;
    let info = stage.run("docker info --format '{{json .Runtimes}}'")?;
    info.succeeded()?.does_not_say("nvidia").map(drop)
}

fn reload(stage: &Stage) -> Result<(), Failed> {
    stage.told("systemctl start docker")?;
    stage.import("docker")?;
    let first = stage.files()?;
    let before = process(stage)?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says(", docker.service")?
        .says("reload it: systemctl reload docker.service")?
        .says("a container got 4 GPUs: docker run --gpus all")?;
    same("the daemon", &before, &process(stage)?)?;
    stage.container_has("docker", "--gpus '\"device=1\"'", Some(&[1]))?;
    stage.set_up_again("docker --yes")?;
    stage.undo(&first)?;
    forgot(stage)
}

fn restart(stage: &Stage) -> Result<(), Failed> {
    stage.told("systemctl start docker")?;
    stage.import("docker")?;
    let first = stage.files()?;
    stage.told(INSTALL_HOOK)?;
    let ran = stage.setup("docker --yes")?.succeeded()?;
    ran.says("systemctl restart docker.service")?
        .says("a container got 4 GPUs: docker run --gpus all")?;
    stage.container_has("docker", "--gpus all", Some(&[0, 1, 2, 3]))?;
    stage.undo(&first)?;
    forgot(stage)
}

/// A service that does not come back with the new configuration comes back with the old one.
fn fails(stage: &Stage) -> Result<(), Failed> {
    stage.told("echo --default-runtime=runc >/run/docker-flags; systemctl start docker")?;
    let first = stage.files()?;
    stage.told(INSTALL_HOOK)?;
    let ran = stage.setup("docker --yes --set-as-default")?;
    ran.refused_with("engine-not-restarted")?
        .says("`systemctl restart docker.service`: ")?;
    same("after a failure", &first, &stage.files()?)?;
    forgot(stage)
}

/// Docker's packages have systemd give up a service that was started three times in a minute. Whoever tries a setup, and takes it
/// back, is no reason to.
fn often(stage: &Stage) -> Result<(), Failed> {
    stage.told("systemctl start docker")?;
    let first = stage.files()?;
    for _ in 0..4 {
        stage.setup("docker --yes --no-proof")?.succeeded()?;
        stage.undo(&first)?;
    }
    forgot(stage)
}
