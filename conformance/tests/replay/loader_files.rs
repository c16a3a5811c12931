//! CVE-2025-23267: links where the loader's cache and its configuration are, so that what is written there is
//! written on the host.

use crate::attack::Attack;
use crate::road::{self, Road, Wanted};
use liftgate_conformance::hostile::Spoiling;
use std::io;

type Spoil = fn(&Spoiling<'_>) -> io::Result<()>;

struct Image {
    name: &'static str,
    spoil: Spoil,
    /// The fault by which it succeeds on our own roads, and on the hook `update-ldcache`.
    weakness: Option<&'static str>,
    hook_weakness: Option<&'static str>,
    /// The version of the reference's hook on which it succeeds.
    old: Option<&'static str>,
}

const CACHE: &str = "etc/ld.so.cache";
const CONF: &str = "etc/ld.so.conf";
const DIRECTORY: &str = "etc/ld.so.conf.d";

/// Beside what the reference's hook wrote: its temporary names cannot be foreseen, ours are fixed.
const IMAGES: &[Image] = &[
    Image {
        name: "cache-is-a-link-out",
        spoil: |image| image.link_out(CACHE, "ld.so.cache"),
        weakness: Some("followed-links"),
        hook_weakness: Some("followed-links"),
        // `ldconfig -r` is in the container's root by then.
        old: None,
    },
    Image {
        name: "cache-is-a-link-up",
        spoil: |image| image.link_up(CACHE, "ld.so.cache"),
        weakness: Some("followed-links"),
        hook_weakness: Some("followed-links"),
        old: None,
    },
    Image {
        name: "cache-is-a-link-to-nothing",
        spoil: |image| image.link_out(CACHE, "new.cache"),
        weakness: Some("followed-links"),
        hook_weakness: Some("followed-links"),
        old: None,
    },
    Image {
        name: "directory-is-a-link-out",
        spoil: |image| image.link_out(DIRECTORY, "ld.so.conf.d"),
        weakness: Some("joined-paths"),
        hook_weakness: Some("joined-paths"),
        old: Some("1.17.3"),
    },
    Image {
        name: "directory-is-a-link-up",
        spoil: |image| image.link_up(DIRECTORY, "ld.so.conf.d"),
        weakness: Some("joined-paths"),
        hook_weakness: Some("joined-paths"),
        old: Some("1.17.3"),
    },
    Image {
        name: "own-file-is-a-link-out",
        spoil: |image| {
            image.link_out(
                "etc/ld.so.conf.d/00-liftgate.conf",
                "ld.so.conf.d/host.conf",
            )
        },
        weakness: Some("followed-links"),
        hook_weakness: Some("followed-links"),
        old: None,
    },
    Image {
        name: "configuration-is-a-link-out",
        spoil: |image| image.link_out(CONF, "ld.so.conf"),
        weakness: Some("followed-links"),
        hook_weakness: Some("followed-links"),
        old: None,
    },
    Image {
        name: "etc-is-a-link-out",
        spoil: |image| image.link_out("etc", ""),
        weakness: Some("joined-paths"),
        hook_weakness: Some("joined-paths"),
        old: Some("1.17.3"),
    },
    Image {
        name: "etc-is-a-link-up",
        spoil: |image| image.link_up("etc", ""),
        weakness: Some("joined-paths"),
        hook_weakness: Some("joined-paths"),
        old: Some("1.17.3"),
    },
];

/// The driver's libraries of this machine lie in a directory that no image's configuration names.
const MACHINE: &str = "h200-580";

pub(crate) fn attacks() -> Vec<Attack> {
    let hook = Road::hook(&["update-ldcache", "--folder", "/usr/local/nvidia/lib64"]);
    let mut attacks = Vec::new();
    for image in IMAGES {
        for road in [
            Road::Runtime,
            Road::PrestartHook,
            Road::Configure,
            hook.clone(),
        ] {
            let is_separate_hook = matches!(road, Road::CdiHook(_));
            let is_hook_alone = is_separate_hook || matches!(road, Road::Runtime);
            let name = format!("CVE-2025-23267/{}/{}", road.name(), image.name);
            let mut attack = Attack::new(name, MACHINE, move |scene, target| {
                road::attack(scene, target, &road, Wanted::GpuOrWords, "", image.spoil)
            });
            let weakness = if is_separate_hook {
                image.hook_weakness
            } else {
                image.weakness
            };
            if let Some(weakness) = weakness {
                // Where we mount, that is before there is a sandbox.
                let is_contained = is_hook_alone || weakness == "followed-links";
                attack = attack.bites(weakness).contained(is_contained);
            }
            if let (true, Some(version)) = (is_separate_hook, image.old) {
                attack = attack.bit(version);
            }
            attacks.push(attack);
        }
    }
    attacks
}
