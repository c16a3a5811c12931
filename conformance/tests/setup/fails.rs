//! Docker, when something fails: the configuration is as it was, byte for byte, and the daemon runs with it.

use crate::docker::PROGRAMS;
use crate::ran::{Ran, same};
use crate::restarts::{INSTALL_HOOK, NO_HOOK, WAITS, is_running};
use crate::stage::Stage;
use crate::{Case, Release};
use libtest_mimic::Failed;

const CONFIGURATION: &str = "/etc/docker/daemon.json";
const EXISTING: &str = "{  \"features\" : {\"buildkit\": true}, \"debug\": true}";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for release in Release::BOTH {
        let case = |label, test| Case::new(label, release, PROGRAMS, test);
        cases.push(case("fails::runtime", runtime));
    }
    let case = |label, test| Case::new(label, Release::Current, PROGRAMS, test);
    cases.extend([
        case("fails::restart-with-the-new", restart_with_the_new).changed_by(NO_HOOK),
        case("fails::conflict-foreseen", conflict_foreseen),
        case("fails::comments-foreseen", comments_foreseen),
    ]);
    let case = |label, test| Case::new(label, Release::Distribution, PROGRAMS, test);
    cases.extend([
        case(
            "fails::runtime-beside-containers",
            runtime_beside_containers,
        ),
        case("fails::start-with-the-new", start_with_the_new).changed_by(NO_HOOK),
        case("fails::restart", restart).changed_by(NO_HOOK),
        case("fails::nobody-restarts", nobody_restarts).changed_by(NO_HOOK),
        case("fails::reload", reload),
        case("fails::comments", comments),
        case("fails::malformed", malformed),
    ]);
    cases
}

/// After a failure: the files, and a daemon that runs without the runtime.
fn is_as_before(stage: &Stage, ran: Ran, code: &str, first: &str) -> Result<(), Failed> {
    ran.refused_with(code)?.does_not_say("✔ ")?;
    same("after a failure", first, &stage.files()?)?;
    stage.process("docker")?;
    let info = stage.run("docker info --format '{{json .Runtimes}} {{.DefaultRuntime}}'")?;
    info.succeeded()?.does_not_say("nvidia")?;
    stage.refuses("docker", "--runtime=nvidia")?;
    stage.container_has("docker", "", None)?;
    same("containers", "", &stage.told("docker ps --all --quiet")?)?;
    let again = stage.setup("--undo --yes")?.succeeded()?;
    again.says("nothing to be undone").map(drop)
}

/// A daemon with this configuration, and the files that are to be there in the end.
fn begin(stage: &Stage, existing: &str) -> Result<String, Failed> {
    stage.write(CONFIGURATION, existing)?;
    stage.service("docker", "start")?;
    stage.import("docker")?;
    stage.files()
}

/// The engine takes it, and containers do not start with it.
fn runtime(stage: &Stage) -> Result<(), Failed> {
    let first = begin(stage, EXISTING)?;
    let ran = stage.setup("docker --yes --set-as-default --runtime-path /bin/false")?;
    is_as_before(stage, ran, "engine-not-proven", &first)
}

/// dockerd forgets a runtime at its start alone. Containers that run are worth more than that, and it is said.
fn runtime_beside_containers(stage: &Stage) -> Result<(), Failed> {
    let first = begin(stage, EXISTING)?;
    let process = stage.process("docker")?;
    let container = stage.told(WAITS)?;
    let ran = stage.setup("docker --yes --set-as-default --runtime-path /bin/false")?;
    ran.refused_with("engine-not-proven")?
        .says("has still to be restarted, to forget the runtime")?
        .does_not_say("✔ a container")?;
    same("after a failure", &first, &stage.files()?)?;
    same("the daemon", &process, &stage.process("docker")?)?;
    is_running(stage, &container, "true")?;
    stage.service("docker", "restart")?;
    stage.container_has("docker", "", None)
}

/// A daemon that does not come back with the new configuration comes back with the old one: a default runtime may be said by
/// a flag or in the file, not by both.
fn start_with_the_new(stage: &Stage) -> Result<(), Failed> {
    stage.told("echo --default-runtime=runc >/run/docker-flags")?;
    let first = begin(stage, EXISTING)?;
    stage.told(INSTALL_HOOK)?;
    let ran = stage.setup("docker --yes --set-as-default")?;
    let ran = ran.says("default-runtime")?;
    is_as_before(stage, ran, "engine-not-restarted", &first)
}

/// A current dockerd says beforehand that it would not start, and nothing is touched.
fn conflict_foreseen(stage: &Stage) -> Result<(), Failed> {
    stage.told("echo --default-runtime=runc >/run/docker-flags")?;
    let first = begin(stage, EXISTING)?;
    let process = stage.process("docker")?;
    let ran = stage.setup("docker --yes --set-as-default")?;
    let ran = ran.says("dockerd would not start with")?;
    is_as_before(stage, ran, "engine-configuration-malformed", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// The daemon does not come back with the new configuration, and does with the old one.
fn restart_with_the_new(stage: &Stage) -> Result<(), Failed> {
    let first = begin(stage, EXISTING)?;
    stage.told(INSTALL_HOOK)?;
    let command = "/etc/init.d/docker stop; ! grep -q nvidia /etc/docker/daemon.json && /etc/init.d/docker start";
    let ran = stage.setup(&format!("docker --yes --restart-command '{command}'"))?;
    is_as_before(stage, ran, "engine-not-restarted", &first)
}

/// A daemon that nobody knows how to restart is left alone, with words; who only looks sees what it would take.
fn nobody_restarts(stage: &Stage) -> Result<(), Failed> {
    let first = begin(stage, EXISTING)?;
    stage.told(INSTALL_HOOK)?;
    stage.told("mv /etc/init.d/docker /etc/docker-by-hand")?;
    let process = stage.process("docker")?;
    let looked = stage.setup("docker --dry-run")?.succeeded()?;
    looked.says("by a command that --restart-command has to name")?;
    let ran = stage.setup("docker --yes")?.says("nobody says how")?;
    is_as_before(stage, ran, "engine-not-restarted", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// The same, where a signal is enough: the daemon goes on with what it had.
fn reload(stage: &Stage) -> Result<(), Failed> {
    stage.told("echo --default-runtime=runc >/run/docker-flags")?;
    let first = begin(stage, EXISTING)?;
    let process = stage.process("docker")?;
    let ran = stage.setup("docker --yes --set-as-default")?;
    is_as_before(stage, ran, "engine-not-proven", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// A command that cannot restart it.
fn restart(stage: &Stage) -> Result<(), Failed> {
    let first = begin(stage, EXISTING)?;
    stage.told(INSTALL_HOOK)?;
    let process = stage.process("docker")?;
    let ran = stage.setup("docker --yes --restart-command 'echo no such service >&2; exit 5'")?;
    let ran = ran
        .says("no such service")?
        .says("was not restarted with its old configuration either, and may not run")?;
    is_as_before(stage, ran, "engine-not-restarted", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// dockerd takes no comments: those that somebody has written since its start are kept, and keep it from reading the file.
fn comments(stage: &Stage) -> Result<(), Failed> {
    begin(stage, EXISTING)?;
    let process = stage.process("docker")?;
    let with_comments = format!("// Ours.\n{EXISTING} /* and that */\n");
    stage.write(CONFIGURATION, &with_comments)?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?;
    let ran = ran.says("it has comments, with which dockerd does not start; they are kept")?;
    is_as_before(stage, ran, "engine-not-proven", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// A current one is asked before.
fn comments_foreseen(stage: &Stage) -> Result<(), Failed> {
    begin(stage, EXISTING)?;
    let process = stage.process("docker")?;
    stage.write(CONFIGURATION, &format!("// Ours.\n{EXISTING}\n"))?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?;
    let ran = ran.says("dockerd would not start with")?;
    is_as_before(stage, ran, "engine-configuration-malformed", &first)?;
    same("the daemon", &process, &stage.process("docker")?)
}

/// What does not parse is not touched, and nobody is told to read it.
fn malformed(stage: &Stage) -> Result<(), Failed> {
    begin(stage, EXISTING)?;
    stage.write(CONFIGURATION, "{\"debug\": true,\n  \"runtimes\": [}")?;
    let first = stage.files()?;
    let ran = stage.setup("docker --yes")?;
    let ran = ran.says(&format!("{CONFIGURATION}:2:"))?;
    is_as_before(stage, ran, "engine-configuration-malformed", &first)
}
