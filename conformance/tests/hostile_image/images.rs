//! The hostile images: what each has in the places that the hook looks at.

use liftgate_conformance::hostile::{DEV, Spoiling};
use std::fmt::Write as _;
use std::fs;
use std::io;

/// How a start with the image ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The container sees its GPU.
    Serves,
    /// The container starts; what the image has broken in itself stays broken.
    Starts,
    /// The low-level runtime, or we, refuse.
    Refused,
    /// One of these; low-level runtimes differ.
    Any,
}

/// One hostile image.
#[derive(Clone, Copy)]
pub(crate) struct Hostile {
    pub(crate) name: &'static str,
    pub(crate) machine: &'static str,
    pub(crate) ending: Ending,
    pub(crate) spoil: fn(&Spoiling<'_>) -> io::Result<()>,
}

const fn on_h200(
    name: &'static str,
    ending: Ending,
    spoil: fn(&Spoiling<'_>) -> io::Result<()>,
) -> Hostile {
    Hostile {
        name,
        machine: "h200-580",
        ending,
        spoil,
    }
}

const fn on_ubuntu(
    name: &'static str,
    ending: Ending,
    spoil: fn(&Spoiling<'_>) -> io::Result<()>,
) -> Hostile {
    Hostile {
        name,
        machine: "ubuntu-550",
        ending,
        spoil,
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Hostile> {
    [
        ETC,
        CACHE,
        CONFIGURATION,
        MUSL,
        LINKS,
        LIBRARIES,
        NEWER_CUDA,
        PROFILE,
        MOUNT_POINTS,
    ]
    .concat()
}

const ETC: &[Hostile] = &[
    on_h200("etc/absolute-link-out", Ending::Refused, |image| {
        image.link_out("etc", "")
    }),
    on_h200("etc/relative-link-out", Ending::Refused, |image| {
        image.link_up("etc", "")
    }),
    on_h200("etc/link-to-proc-root", Ending::Refused, |image| {
        image.link("etc", "/proc/1/root/etc")
    }),
    on_h200("etc/link-to-own-root", Ending::Any, |image| {
        image.link("etc", "/proc/self/root/etc")
    }),
    on_h200("etc/link-to-proc-sys", Ending::Refused, |image| {
        image.link("etc", "/proc/sys/kernel")
    }),
    on_h200("etc/link-loop", Ending::Refused, |image| {
        image.link("etc", "etc")
    }),
    on_h200("etc/file", Ending::Refused, |image| image.file("etc", "")),
    on_h200("etc/missing", Ending::Serves, |image| {
        image.clear("etc").map(drop)
    }),
    on_ubuntu("etc/absolute-link-out", Ending::Any, |image| {
        image.link_out("etc", "")
    }),
    on_ubuntu("etc/relative-link-out", Ending::Any, |image| {
        image.link_up("etc", "")
    }),
    on_ubuntu("etc/file", Ending::Refused, |image| image.file("etc", "")),
];

const CACHE: &[Hostile] = &[
    on_h200("cache/link-out", Ending::Serves, |image| {
        image.link_out("etc/ld.so.cache", "ld.so.cache")
    }),
    on_ubuntu("cache/link-out", Ending::Serves, |image| {
        image.link_up("etc/ld.so.cache", "ld.so.cache")
    }),
    on_h200("cache/link-to-the-machines", Ending::Serves, |image| {
        image.link("etc/ld.so.cache", "../".repeat(24) + "etc/ld.so.cache")
    }),
    on_h200("cache/pipe", Ending::Serves, |image| {
        image.pipe("etc/ld.so.cache")
    }),
    on_h200("cache/directory", Ending::Any, |image| {
        image.directory("etc/ld.so.cache")
    }),
    on_h200("cache/device-zero", Ending::Serves, |image| {
        image.device("etc/ld.so.cache", 1, 5)
    }),
    on_h200("cache/device-unknown", Ending::Serves, |image| {
        image.device("etc/ld.so.cache", 250, 4000)
    }),
    on_h200("cache/20-mebibytes-of-zeros", Ending::Serves, |image| {
        image.large("etc/ld.so.cache", 20)
    }),
    on_h200("cache/truncated", Ending::Serves, |image| {
        let cache = image.cache()?;
        image.file("etc/ld.so.cache", &cache[..cache.len() / 3])
    }),
    on_h200("cache/out-of-bounds", Ending::Serves, |image| {
        let mut cache = image.cache()?;
        // Behind the header of 48 bytes: entries of 24, with key and value as offsets.
        let end = cache.len().min(48 + 24 * 64);
        for entry in cache[48..end].chunks_exact_mut(24) {
            entry[4..12].fill(0xff);
        }
        image.file("etc/ld.so.cache", cache)
    }),
    on_h200("cache/more-entries-than-bytes", Ending::Serves, |image| {
        let mut cache = image.cache()?;
        cache[20..24].fill(0xff);
        image.file("etc/ld.so.cache", cache)
    }),
];

const CONF: &str = "etc/ld.so.conf";

const CONFIGURATION: &[Hostile] = &[
    on_h200("configuration/pipe", Ending::Serves, |image| {
        image.pipe(CONF)
    }),
    on_h200("configuration/link-loop", Ending::Serves, |image| {
        image.link(CONF, "ld.so.conf")
    }),
    on_h200("configuration/link-out", Ending::Serves, |image| {
        image.link_out(CONF, "ld.so.conf")
    }),
    on_h200("configuration/50-mebibytes", Ending::Serves, |image| {
        image.large(CONF, 50)
    }),
    on_h200(
        "configuration/directory-is-a-link-out",
        Ending::Serves,
        |image| image.link_out("etc/ld.so.conf.d", "ld.so.conf.d"),
    ),
    on_h200(
        "configuration/directory-is-a-relative-link-out",
        Ending::Serves,
        |image| image.link_up("etc/ld.so.conf.d", "ld.so.conf.d"),
    ),
    on_h200(
        "configuration/own-file-is-a-link-out",
        Ending::Serves,
        |image| {
            image.link_out(
                "etc/ld.so.conf.d/00-liftgate.conf",
                "ld.so.conf.d/host.conf",
            )
        },
    ),
    on_h200(
        "configuration/includes-special-files",
        Ending::Serves,
        |image| {
            image.pipe("etc/pipe")?;
            image.device("etc/zero", 1, 5)?;
            image.file(
                CONF,
                "include /proc/self/environ\ninclude /dev/zero\ninclude /etc/pipe\n\
                 include /etc/zero\ninclude /proc/self/mem\ninclude /proc/*\n",
            )
        },
    ),
    // A regular file to `stat`, whose read waits for the kernel's next message and takes it from the host's
    // log.
    on_h200(
        "configuration/includes-the-kernels-log",
        Ending::Serves,
        |image| image.file(CONF, "include /proc/kmsg\n"),
    ),
    on_h200(
        "configuration/is-the-kernels-log",
        Ending::Serves,
        |image| image.link(CONF, "/proc/kmsg"),
    ),
    on_h200("cache/is-the-kernels-log", Ending::Serves, |image| {
        image.link("etc/ld.so.cache", "/proc/kmsg")
    }),
    on_h200("configuration/includes-itself", Ending::Serves, |image| {
        image.file(
            CONF,
            "include /etc/ld.so.conf\ninclude /etc/*\n".repeat(100),
        )
    }),
    on_h200(
        "configuration/includes-10000-files",
        Ending::Serves,
        |image| {
            fs::create_dir_all(image.at("etc/many"))?;
            for number in 0..10_000 {
                fs::write(image.at(&format!("etc/many/{number}.conf")), "/x\n")?;
            }
            image.file(CONF, "include /etc/many/*.conf\n")
        },
    ),
    // Each line lists a directory of as many names as one listing may have.
    on_h200("configuration/include-bomb", Ending::Serves, |image| {
        fs::create_dir_all(image.at("etc/many"))?;
        for number in 0..2_500 {
            fs::write(image.at(&format!("etc/many/{number}.conf")), "/x\n")?;
        }
        image.file(CONF, "include many/*\n".repeat(60_000))
    }),
    // As much as may be read, in every file that may be read.
    on_h200("configuration/directory-bomb", Ending::Serves, |image| {
        fs::create_dir_all(image.at("etc/many"))?;
        for file in 0..100 {
            let mut text = String::new();
            for number in 0..70_000 {
                writeln!(text, "/{file:x}/{number:x}").ok();
            }
            fs::write(image.at(&format!("etc/many/{file}.conf")), text)?;
        }
        image.file(CONF, "include many/*\n")
    }),
];

/// musl's loader is there, and its search path is not what it should be.
const MUSL: &[Hostile] = &[
    on_h200("musl/link-out", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.link_out(MUSL_PATH, "ld-musl-x86_64.path")
    }),
    on_ubuntu("musl/link-up", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.link_up(MUSL_PATH, "ld-musl-x86_64.path")
    }),
    on_h200("musl/pipe", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.pipe(MUSL_PATH)
    }),
    on_h200("musl/device-zero", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.device(MUSL_PATH, 1, 5)
    }),
    on_h200("musl/is-the-kernels-log", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.link(MUSL_PATH, "/proc/kmsg")
    }),
    on_h200("musl/20-mebibytes-of-zeros", Ending::Serves, |image| {
        image.file(MUSL_LOADER, "")?;
        image.large(MUSL_PATH, 20)
    }),
    on_h200("musl/loader-is-a-link-out", Ending::Serves, |image| {
        image.link_out(MUSL_LOADER, "ld-musl-x86_64.so.1")
    }),
];
const MUSL_LOADER: &str = "usr/lib/ld-musl-x86_64.so.1";
const MUSL_PATH: &str = "etc/ld-musl-x86_64.path";

const LINKS: &[Hostile] = &[
    on_h200("links/bin-is-a-link-out", Ending::Serves, |image| {
        fs::rename(image.at("usr/bin"), image.at("programs"))?;
        image.link("bin", "programs")?;
        image.link_out("usr/bin", "bin")
    }),
    on_h200(
        "links/bin-is-a-relative-link-out",
        Ending::Serves,
        |image| {
            fs::rename(image.at("usr/bin"), image.at("programs"))?;
            image.link("bin", "programs")?;
            image.link_up("usr/bin", "bin")
        },
    ),
    on_h200("links/tool-is-a-directory", Ending::Serves, |image| {
        image.directory("usr/bin/nvidia-smi")
    }),
    on_h200("links/tool-is-a-pipe", Ending::Serves, |image| {
        image.pipe("usr/bin/nvidia-smi")
    }),
    on_h200("links/tool-is-a-link-out", Ending::Serves, |image| {
        image.link_out("usr/bin/nvidia-smi", "bin/nvidia-smi")
    }),
    on_h200("links/tool-is-a-link-loop", Ending::Serves, |image| {
        image.link("usr/bin/nvidia-smi", "nvidia-smi")
    }),
    on_ubuntu("links/tool-is-a-directory", Ending::Any, |image| {
        image.directory("usr/bin/nvidia-smi")
    }),
    on_ubuntu("links/tool-is-a-pipe", Ending::Any, |image| {
        image.pipe("usr/bin/nvidia-smi")
    }),
    on_ubuntu("links/tool-is-a-link-out", Ending::Any, |image| {
        image.link_out("usr/bin/nvidia-smi", "bin/nvidia-smi")
    }),
    on_ubuntu("links/tool-is-a-link-loop", Ending::Any, |image| {
        image.link("usr/bin/nvidia-smi", "nvidia-smi")
    }),
    on_ubuntu("links/bin-is-a-link-out", Ending::Any, |image| {
        fs::rename(image.at("usr/bin"), image.at("programs"))?;
        image.link("bin", "programs")?;
        image.link_out("usr/bin", "bin")
    }),
];

const LIBRARIES: &[Hostile] = &[
    on_h200("libraries/local-is-a-link-out", Ending::Any, |image| {
        image.link_out("usr/local", "")
    }),
    on_h200(
        "libraries/local-is-a-relative-link-out",
        Ending::Any,
        |image| image.link_up("usr/local", ""),
    ),
    on_h200("libraries/nvidia-is-a-link-out", Ending::Any, |image| {
        image.link_out("usr/local/nvidia", "nvidia")
    }),
    on_h200("libraries/nvidia-is-a-file", Ending::Refused, |image| {
        image.file("usr/local/nvidia", "")
    }),
    on_h200(
        "libraries/lib64-is-a-link-to-usr-lib",
        Ending::Serves,
        |image| image.link("usr/local/nvidia/lib64", "/usr/lib"),
    ),
    on_h200("libraries/lib64-is-a-link-out", Ending::Any, |image| {
        image.link_out("usr/local/nvidia/lib64", "lib64")
    }),
    on_h200(
        "libraries/lib64-is-a-relative-link-out",
        Ending::Any,
        |image| image.link_up("usr/local/nvidia/lib64", "lib64"),
    ),
    on_h200(
        "libraries/libcuda-is-a-directory",
        Ending::Serves,
        |image| image.directory("usr/local/nvidia/lib64/libcuda.so.1"),
    ),
    on_h200("libraries/libcuda-is-a-link-out", Ending::Serves, |image| {
        image.link_out(
            "usr/local/nvidia/lib64/libcuda.so.1",
            "lib64/libcuda.so.580.159.04",
        )
    }),
    on_h200(
        "libraries/real-libcuda-is-a-link-out",
        Ending::Any,
        |image| {
            image.link_out(
                "usr/local/nvidia/lib64/libcuda.so.580.159.04",
                "lib64/libcuda.so.580.159.04",
            )
        },
    ),
    on_h200(
        "libraries/real-libcuda-is-a-relative-link-out",
        Ending::Any,
        |image| {
            image.link_up(
                "usr/local/nvidia/lib64/libcuda.so.580.159.04",
                "lib64/libcuda.so.580.159.04",
            )
        },
    ),
    on_ubuntu("libraries/multiarch-is-a-link-out", Ending::Any, |image| {
        image.link_out("usr/lib/x86_64-linux-gnu", "lib64")
    }),
];

const COMPAT: &str = "usr/local/cuda/compat";
/// By its name newer than every machine's driver.
const NEWER: &str = "usr/local/cuda/compat/libcuda.so.999.1.1";

/// A library that is taken, for images that spoil something else.
fn newer(image: &Spoiling<'_>) -> io::Result<()> {
    image.file(
        NEWER,
        liftgate_testhost::shared_object(liftgate_testhost::Class::Elf64, "libcuda.so.1", &[]),
    )
}

const NEWER_CUDA: &[Hostile] = &[
    on_ubuntu("newer-cuda/link-out", Ending::Serves, |image| {
        image.link_out(COMPAT, "lib64")
    }),
    on_ubuntu("newer-cuda/relative-link-out", Ending::Serves, |image| {
        image.link_up(COMPAT, "lib64")
    }),
    on_ubuntu("newer-cuda/pipe", Ending::Serves, |image| {
        image.pipe(COMPAT)
    }),
    on_ubuntu("newer-cuda/link-loop", Ending::Serves, |image| {
        image.link(COMPAT, "compat")
    }),
    on_ubuntu("newer-cuda/link-to-proc", Ending::Serves, |image| {
        image.link(COMPAT, "/proc/1/root/usr/lib/x86_64-linux-gnu")
    }),
    on_ubuntu("newer-cuda/library-is-a-pipe", Ending::Serves, |image| {
        image.pipe(NEWER)
    }),
    on_ubuntu("newer-cuda/library-is-a-device", Ending::Serves, |image| {
        image.device(NEWER, 1, 5)
    }),
    on_ubuntu(
        "newer-cuda/library-is-a-link-out",
        Ending::Serves,
        |image| image.link_out(NEWER, "lib64/libcuda.so.580.159.04"),
    ),
    on_ubuntu("newer-cuda/library-is-huge", Ending::Serves, |image| {
        image.large(NEWER, 1 << 20)
    }),
    on_ubuntu("newer-cuda/10000-files", Ending::Serves, |image| {
        newer(image)?;
        for number in 0..10_000 {
            image.link(&format!("{COMPAT}/libx.so.{number}"), "libcuda.so.999.1.1")?;
        }
        Ok(())
    }),
    on_ubuntu(
        "newer-cuda/configuration-is-a-link-out",
        Ending::Serves,
        |image| {
            newer(image)?;
            image.link_out("etc/ld.so.conf.d", "ld.so.conf.d")
        },
    ),
    on_ubuntu(
        "newer-cuda/own-file-is-a-link-out",
        Ending::Serves,
        |image| {
            newer(image)?;
            image.link_out(
                "etc/ld.so.conf.d/00-compat-liftgate.conf",
                "ld.so.conf.d/host.conf",
            )
        },
    ),
    on_ubuntu("newer-cuda/own-file-is-a-pipe", Ending::Serves, |image| {
        image.pipe("etc/ld.so.conf.d/00-compat-liftgate.conf")
    }),
    // The file says which entries of the cache an earlier start has made: the loader's own directories are not.
    on_ubuntu(
        "newer-cuda/own-file-names-everything",
        Ending::Serves,
        |image| {
            let mut text = "/usr/lib/x86_64-linux-gnu\n/lib\n/\n".to_owned();
            text.push_str(&"/x\n".repeat(100_000));
            image.file("etc/ld.so.conf.d/00-compat-liftgate.conf", text)
        },
    ),
];

const PROFILES: &str = "etc/nvidia/nvidia-application-profiles-rc.d";

const PROFILE: &[Hostile] = &[
    on_ubuntu("profile/link-out", Ending::Serves, |image| {
        image.link_out("etc/nvidia", "nvidia")
    }),
    on_ubuntu("profile/relative-link-out", Ending::Serves, |image| {
        image.link_up(PROFILES, "nvidia")
    }),
    on_ubuntu("profile/file-is-a-link-out", Ending::Serves, |image| {
        image.link_out(&format!("{PROFILES}/10-container.conf"), "ld.so.conf")
    }),
    on_ubuntu("profile/file-is-a-pipe", Ending::Serves, |image| {
        image.pipe(&format!("{PROFILES}/10-container.conf"))
    }),
    on_ubuntu("profile/file-is-a-directory", Ending::Serves, |image| {
        image.directory(&format!("{PROFILES}/10-container.conf"))
    }),
    on_ubuntu("profile/link-to-dev", Ending::Serves, |image| {
        image.link(PROFILES, "/dev")
    }),
];

const MOUNT_POINTS: &[Hostile] = &[
    on_h200(
        "mount-points/proc-is-a-link-out",
        Ending::Refused,
        |image| image.link_out("proc", "driver"),
    ),
    on_ubuntu(
        "mount-points/proc-is-a-relative-link-out",
        Ending::Refused,
        |image| image.link_up("proc", "driver"),
    ),
    on_h200("mount-points/dev-is-a-link-out", Ending::Any, |image| {
        image.link_out("dev", DEV)
    }),
    on_ubuntu(
        "mount-points/dev-is-a-relative-link-out",
        Ending::Any,
        |image| image.link_up("dev", DEV),
    ),
];
