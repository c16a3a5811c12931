//! The hooks of another toolkit's specifications that no CVE names, each attacked as its siblings were: with links
//! where it writes, where it mounts, and where it reads.

use crate::attack::{Attack, Report};
use crate::road::{self, Road, Wanted};
use liftgate_conformance::hostile::{HOSTS_SONAME, Scene, Spoiling};
use std::fs;
use std::io;

type Spoil = fn(&Spoiling<'_>) -> io::Result<()>;

struct Image {
    hook: &'static [&'static str],
    name: &'static str,
    spoil: Spoil,
    weakness: &'static str,
    /// Whether a build with that fault is kept from harm by the sandbox. What is mounted is mounted before there is one.
    is_contained: bool,
}

const COMPAT: &str = "usr/local/cuda/compat";
const PROFILES: &str = "etc/nvidia/nvidia-application-profiles-rc.d";
const PARAMS: &str = "proc/driver/nvidia/params";

const ENABLE_CUDA_COMPAT: &[&str] = &["enable-cuda-compat", "--host-driver-version=550.54.15"];

/// By its name newer than the driver.
fn newer_cuda(image: &Spoiling<'_>) -> io::Result<()> {
    let class = liftgate_testhost::Class::Elf64;
    image.file(
        &format!("{COMPAT}/libcuda.so.999.1.1"),
        liftgate_testhost::shared_object(class, "libcuda.so.1", &[]),
    )
}

/// The nodes that a profile is made for.
fn gpu(image: &Spoiling<'_>) -> io::Result<()> {
    image.device("dev/nvidia0", 195, 0)
}

const IMAGES: &[Image] = &[
    Image {
        hook: ENABLE_CUDA_COMPAT,
        name: "configuration-is-a-link-out",
        spoil: |image| {
            newer_cuda(image)?;
            image.link_out("etc/ld.so.conf.d", "ld.so.conf.d")
        },
        weakness: "joined-paths",
        is_contained: true,
    },
    Image {
        hook: ENABLE_CUDA_COMPAT,
        name: "own-file-is-a-link-up",
        spoil: |image| {
            newer_cuda(image)?;
            image.link_up(
                "etc/ld.so.conf.d/00-compat-liftgate.conf",
                "ld.so.conf.d/host.conf",
            )
        },
        weakness: "followed-links",
        is_contained: true,
    },
    Image {
        hook: &["update-application-profile"],
        name: "directory-is-a-link-out",
        spoil: |image| {
            gpu(image)?;
            image.link_out(PROFILES, "nvidia")
        },
        weakness: "joined-paths",
        is_contained: true,
    },
    Image {
        hook: &["update-application-profile"],
        name: "file-is-a-link-up",
        spoil: |image| {
            gpu(image)?;
            image.link_up(&format!("{PROFILES}/10-container.conf"), "ld.so.conf")
        },
        weakness: "followed-links",
        is_contained: true,
    },
    Image {
        hook: &["create-soname-symlinks", "--folder", "/usr/lib/trap"],
        name: "folder-is-a-link-out",
        spoil: |image| image.link_out("usr/lib/trap", "driver"),
        weakness: "joined-paths",
        is_contained: true,
    },
    Image {
        hook: &["create-soname-symlinks", "--folder", "/usr/lib/trap"],
        name: "folder-is-a-link-up",
        spoil: |image| image.link_up("usr/lib/trap", "driver"),
        weakness: "joined-paths",
        is_contained: true,
    },
    Image {
        hook: &["update-ldcache", "--folder", "/usr/lib/trap"],
        name: "folder-is-a-link-out",
        spoil: |image| image.link_out("usr/lib/trap", "driver"),
        weakness: "joined-paths",
        is_contained: true,
    },
    Image {
        hook: &["disable-device-node-modification"],
        name: "params-are-a-link-out",
        spoil: |image| image.link_out(PARAMS, "driver/params"),
        weakness: "joined-paths",
        is_contained: false,
    },
    Image {
        hook: &["disable-device-node-modification"],
        name: "directory-is-a-link-up",
        spoil: |image| image.link_up("proc/driver/nvidia", "driver"),
        weakness: "joined-paths",
        is_contained: false,
    },
];

pub(crate) fn attacks() -> Vec<Attack> {
    let attack = |image: &'static Image| {
        let road = Road::hook(image.hook);
        let name = format!("hooks/{}/{}", road.name(), image.name);
        Attack::new(name, "ubuntu-550", move |scene, target| {
            let wanted = Wanted::GpuOrWords;
            let mut report = road::attack(scene, target, &road, wanted, "", image.spoil)?;
            look_for_hosts_library(scene, &mut report)?;
            Ok(report)
        })
        .bites(image.weakness)
        .contained(image.is_contained)
    };
    IMAGES.iter().map(attack).collect()
}

/// A library of the host's that the container has no way to know of.
fn look_for_hosts_library(scene: &Scene, report: &mut Report) -> io::Result<()> {
    let cache = scene.place.join("rootfs/etc/ld.so.cache");
    let name = HOSTS_SONAME.as_bytes();
    if cache.is_file()
        && fs::read(cache)?
            .windows(name.len())
            .any(|part| part == name)
    {
        let words = format!("the container's cache has `{HOSTS_SONAME}`, which is the host's");
        report.harm.push(words);
    }
    Ok(())
}
