//! The same with crun below the daemon, which sets a container up in an order of its own.
//!
//! Only the distribution's crun is at hand, and a current Docker writes a configuration too new for it.

use crate::Case;
use crate::container::{Wanted, expect, expect_refused};
use crate::requests::capabilities;
use crate::stage::{Cgroups, Scene};
use liftgate_conformance::suite;

const CONFINED: &[&str] = &["--read-only", "--user", "1000", "--cap-drop", "ALL"];

pub(crate) fn cases(scene: &Scene) -> Vec<Case> {
    let missing = missing(scene);
    let containers: [(&str, &[&'static str]); 3] = [
        ("crun-root", &[]),
        ("crun-read-only", &["--read-only"]),
        ("crun-confined", CONFINED),
    ];
    let mut cases: Vec<Case> = containers
        .into_iter()
        .map(|(label, options)| {
            Case::new(label, move |stage| {
                let wanted = Wanted::gpus([1, 3]).confined_by(options);
                let gpus = ["--runtime", "crun", "--gpus", "\"device=1,3\""];
                let options = [&gpus, options].concat();
                stage.together(|docker| expect(docker, &stage.machine, &options, &wanted))
            })
        })
        .collect();
    cases.push(Case::new("crun-unknown", |stage| {
        let options = ["--runtime", "crun", "--gpus", "device=17"];
        // crun does not pass on what a hook says.
        let words = ["error executing hook"];
        stage.together(|docker| expect_refused(docker, &options, &words))
    }));
    let unless = |case: Case| case.unless(missing.clone());
    cases.into_iter().map(unless).collect()
}

/// With version 2, crun raises the limit of locked memory for its program.
fn missing(scene: &Scene) -> Option<String> {
    const SYS_RESOURCE: u64 = 1 << 24;
    if let Err(missing) = suite::low_level("crun") {
        return Some(missing);
    }
    let is_unified = scene.cgroups == Cgroups::Unified;
    let may = capabilities().is_none_or(|bounding| bounding & SYS_RESOURCE != 0);
    (is_unified && !may).then(|| "needs CAP_SYS_RESOURCE".to_owned())
}
