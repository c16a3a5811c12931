//! The hook on a kernel that lacks what it would use: the system calls are there, and `strace` has them answer
//! that they are not.

use crate::race::{hook_of, run};
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{Scene, gpus};
use liftgate_conformance::suite::fail;

/// By the versions in which they came, from 5.2 on: 4.18, which RHEL 8 has, is without any of them.
const MISSING: &[(&str, &str)] = &[
    ("before-5.13", "landlock_create_ruleset"),
    ("before-5.12", "landlock_create_ruleset,mount_setattr"),
    (
        "before-5.2",
        "landlock_create_ruleset,mount_setattr,close_range,openat2,open_tree,move_mount,fsopen",
    ),
    ("without-seccomp", "seccomp"),
];

/// What each is called, and what its kernel lacks.
pub(crate) fn kernels() -> impl Iterator<Item = (String, &'static str)> {
    MISSING
        .iter()
        .map(|(name, missing)| (format!("hook/old-kernel/{name}"), *missing))
}

const SCRIPT: &str = r#"
mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs" && mount -o remount,bind,ro "$BUNDLE/rootfs" || exit 90
strace -f -o "$BUNDLE/trace" -e "inject=$MISSING:error=ENOSYS" "$HOOK" "$@" < "$BUNDLE/state.json" || exit 91
touch "$BUNDLE/rootfs/new" 2> /dev/null && exit 92
exit 0
"#;

/// The work is done, on a root that is read-only before and after; nothing got out.
pub(crate) fn check(scene: &Scene, missing: &str) -> Result<(), Failed> {
    let bundle = scene.bundle(&gpus("true"))?;
    let hook = hook_of(scene, &bundle)?;
    scene.write_state(None)?;
    let output = run(scene, &hook, SCRIPT, &[("MISSING", missing)])?;
    scene
        .nothing_got_out()
        .map_err(|reason| fail(format!("{reason}: {output:?}")))?;
    let link = bundle.root().join("usr/local/nvidia/lib64/libcuda.so.1");
    if output.status.code() == Some(0) && link.is_symlink() {
        Ok(())
    } else {
        Err(fail(format!("{output:?}")))
    }
}
