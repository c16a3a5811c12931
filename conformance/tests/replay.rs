//! The attacks of published CVEs on container toolkits, replayed: each as an image and a test that bites.
//!
//! | CVE | what the image does | here |
//! |---|---|---|
//! | CVE-2024-0132 | has one mount of its libraries change what the next one's path leads to | `newer_cuda` |
//! | CVE-2024-0133 | has links in the places to be mounted on, so that files are made on the host | `mount_targets` |
//! | CVE-2024-0134 | has links where links are to be made | `links` |
//! | CVE-2024-0135 – 0137 | brings an `ldconfig` of its own | `images_ldconfig` |
//! | CVE-2025-23266 | names a library of its own in `LD_PRELOAD` | `loader_variables`, `inherited_environment` |
//! | CVE-2025-23267 | has links in the places of the loader's cache and configuration | `loader_files` |
//! | CVE-2025-23359 | swaps a library for a link when it has been looked at | `newer_cuda` |
//! | none | has a link where a mode is to be changed | `modes` |
//! | none | has links where the other hooks write, mount and read | `separate_hooks` |
//!
//! Each attack is made on what is shipped, and must come to nothing (`::holds`). It is made on a build of ours that
//! is weakened by the very fault that the CVE is about, and must succeed there (`::bites`): else the test
//! would see nothing. Where `LIFTGATE_OLD_REFERENCE` names a directory with old versions of the reference,
//! it is made on those, too (`::old-reference`).

#[path = "replay/attack.rs"]
mod attack;
#[path = "replay/hook_calls.rs"]
mod hook_calls;
#[path = "replay/images_ldconfig.rs"]
mod images_ldconfig;
#[path = "replay/inherited_environment.rs"]
mod inherited_environment;
#[path = "replay/links.rs"]
mod links;
#[path = "replay/loader_files.rs"]
mod loader_files;
#[path = "replay/loader_settings.rs"]
mod loader_settings;
#[path = "replay/loader_variables.rs"]
mod loader_variables;
#[path = "replay/modes.rs"]
mod modes;
#[path = "replay/mount_places.rs"]
mod mount_places;
#[path = "replay/mount_targets.rs"]
mod mount_targets;
#[path = "replay/newer_cuda.rs"]
mod newer_cuda;
#[path = "replay/road.rs"]
mod road;
#[path = "replay/separate_hooks.rs"]
mod separate_hooks;
#[path = "replay/small_image.rs"]
mod small_image;
#[path = "replay/target.rs"]
mod target;

use liftgate_conformance::suite::{self, Ground};
use std::process::ExitCode;

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let attacks = [
        newer_cuda::attacks(),
        mount_targets::attacks(),
        links::attacks(),
        images_ldconfig::attacks(),
        loader_files::attacks(),
        loader_variables::attacks(),
        inherited_environment::attacks(),
        modes::attacks(),
        separate_hooks::attacks(),
    ];
    let mut trials = vec![target::nothing_shipped_is_weakened(&ground)];
    for attack in attacks.into_iter().flatten() {
        trials.extend(attack.trials(&ground));
    }
    suite::conclude(trials, || {})
}
