//! The hook `chmod`, which once changed the mode of whatever the image's link led to. No CVE has been
//! published.

use crate::attack::Attack;
use crate::road::{self, Road, Wanted};
use liftgate_conformance::hostile::Spoiling;
use std::io;

type Spoil = fn(&Spoiling<'_>) -> io::Result<()>;

const IMAGES: &[(&str, Spoil)] = &[
    ("file-is-a-link-out", |image| {
        image.link_out("usr/lib/ld.so.conf", "ld.so.conf")
    }),
    ("file-is-a-link-up", |image| {
        image.link_up("usr/lib/ld.so.conf", "ld.so.conf")
    }),
    ("directory-is-a-link-out", |image| {
        image.link_out("usr/lib/ld.so.conf", "lib64")
    }),
    ("parent-is-a-link-out", |image| {
        image.link_out("usr/lib", "")
    }),
];

pub(crate) fn attacks() -> Vec<Attack> {
    IMAGES
        .iter()
        .map(|(name, spoil)| {
            let road = Road::hook(&["chmod", "--mode", "700", "--path", "/usr/lib/ld.so.conf"]);
            Attack::new(
                format!("chmod/{name}"),
                "ubuntu-550",
                move |scene, target| {
                    road::attack(scene, target, &road, Wanted::GpuOrWords, "", spoil)
                },
            )
            .bites("joined-paths")
            // Not by Landlock, which knows no right to change a mode: by a second look at where the file lies.
            .contained(true)
            .bit("1.20.0")
        })
        .collect()
}
