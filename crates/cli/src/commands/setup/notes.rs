//! What the reader should know before agreeing to a setup.

use super::engine_step::{GPU_PROGRAM, Step, gpu_programs};
use super::target::{HOOK_FILE, Target};
use liftgate_engines::running::DockerInfo;
use liftgate_engines::{Engine, Plan};
use std::path::Path;

/// The notes, the plan's own among them.
pub(super) fn before(target: &Target, plan: &Plan, step: &Step) -> Vec<String> {
    let mut notes = plan.warnings.clone();
    let info = target.info.as_ref();
    if let Some(info) = info
        && step.is_restart()
        && !info.live_restore_enabled
        && info.containers_running > 0
    {
        let running = usize::try_from(info.containers_running).unwrap_or(usize::MAX);
        notes.push(format!(
            "the restart stops {}; with \"live-restore\": true in daemon.json they would go on",
            crate::count::count(running, "running container", "running containers")
        ));
    }
    if let (Engine::Docker, Some(process)) = (target.engine(), &target.process)
        && gpu_programs(process).is_empty()
    {
        let path = process.path.clone().unwrap_or_default();
        notes.push(format!(
            "`docker run --gpus` will not work: dockerd looks for {GPU_PROGRAM} on its PATH ({}), and it is not there; hint: liftgate install",
            path.display()
        ));
    }
    if info.is_some_and(DockerInfo::is_rootless) && !has_no_cgroups() {
        notes.push(
            "a rootless Docker has no device cgroup to change: `--gpus` needs `nvidia-ctk config --set nvidia-container-cli.no-cgroups --in-place`".to_owned(),
        );
    }
    let has_other_hook = target.configuration.hook.is_none() && Path::new(HOOK_FILE).exists();
    if target.engine() == Engine::Podman && has_other_hook {
        notes.push(format!(
            "`{HOOK_FILE}` has a hook run for every container, beside what is asked for by CDI; remove it unless it is needed"
        ));
    }
    if let Some(reason) = &target.aside {
        notes.push(format!("{}: {reason}", target.engine()));
    }
    notes
}

fn has_no_cgroups() -> bool {
    liftgate_plan::load_configuration(None)
        .is_ok_and(|loaded| loaded.config.nvidia_container_cli.no_cgroups)
}
