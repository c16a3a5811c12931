//! CVE-2024-0135, 0136 and 0137: an image that brings an `ldconfig` of its own, under every name that one is looked
//! for by, and a configuration that says to run it. It must not be run on the host, nor with the host's
//! namespaces in the container's root.

use crate::attack::{Attack, Report};
use crate::road::{self, Road, Wanted};
use liftgate_conformance::hostile::{Scene, Spoiling};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;

const NAMES: [&str; 4] = [
    "usr/sbin/ldconfig",
    "usr/sbin/ldconfig.real",
    "usr/bin/ldconfig",
    "usr/bin/ldconfig.real",
];

/// It leaves a trace in the host's file system or, if it runs in the container's root, there.
fn spoil(image: &Spoiling<'_>) -> io::Result<()> {
    for name in NAMES {
        let canary = image.target("owned");
        image.file(
            name,
            format!(
                "#!/bin/sh\necho run > /owned\necho run > {}\n",
                canary.display()
            ),
        )?;
        fs::set_permissions(image.at(name), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

fn look(scene: &Scene, report: &mut Report) {
    let traces = [scene.place.join("rootfs/owned"), "/owned".into()];
    for trace in traces.iter().filter(|trace| trace.exists()) {
        let words = format!("the image's ldconfig was run: `{}`", trace.display());
        report.harm.push(words);
    }
}

pub(crate) fn attacks() -> Vec<Attack> {
    let hook = Road::hook(&[
        "update-ldcache",
        "--ldconfig-path",
        "/sbin/ldconfig",
        "--folder",
        "/opt/lib",
    ]);
    let mut attacks = Vec::new();
    for road in [Road::Runtime, Road::PrestartHook, Road::Configure, hook] {
        let is_separate_hook = matches!(road, Road::CdiHook(_));
        let is_configure = matches!(road, Road::Configure);
        let attack = Attack::new(
            format!(
                "CVE-2024-0135-0136-0137/{}/ldconfig-of-the-image",
                road.name()
            ),
            "ubuntu-550",
            move |scene, target| {
                let mut report = road::attack(scene, target, &road, Wanted::Gpu, "", spoil)?;
                look(scene, &mut report);
                Ok(report)
            },
        );
        let attack = if is_separate_hook {
            attack
        } else {
            attack.bites("runs-images-ldconfig").contained(true)
        };
        attacks.push(if is_configure {
            attack.bit("libnvidia-container")
        } else {
            attack
        });
    }
    attacks
}
