//! Images with CUDA libraries of another driver than the machine's: the newer go first, and only where they
//! work.

use super::{all_gpus, contains, expect};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{Ground, fail};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use liftgate_testhost::{Class, shared_object, with_note};
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

const SECTION: &str = ".note.cuda.fwd_compatibility";
const OWNER: &str = "NVIDIA Corporation";
const NOTE: &str = r#"{"Format":1,"CUDA Version":"12.9","Driver":[535,550],"Device":[]}"#;
const DIRECTORY: &str = "usr/local/cuda-12.9/compat";
const OURS: &str = "/usr/lib/x86_64-linux-gnu/libcuda.so.1";
const IMAGES: &str = "/usr/local/cuda-12.9/compat/libcuda.so.1";

/// What the loader would take, now and after an `ldconfig` of the container's; and that the GPUs are there.
const SCRIPT: &str = "first() { ldconfig -p | grep -m1 'libcuda.so.1 '; }; first; \
                      echo == again; ldconfig 2>/dev/null; first; nvidia-smi -L | wc -l";

/// A library as NVIDIA's package has it, with the link that its package makes.
fn add(bundle: &Bundle, version: &str, note: Option<&str>) -> io::Result<()> {
    let directory = bundle.root().join(DIRECTORY);
    fs::create_dir_all(&directory)?;
    let cuda = bundle.root().join("usr/local/cuda");
    if !cuda.is_symlink() {
        symlink("cuda-12.9", cuda)?;
    }
    let object = shared_object(Class::Elf64, "libcuda.so.1", &["libc.so.6".to_owned()]);
    let object = match note {
        Some(text) => with_note(&object, SECTION, OWNER, text.as_bytes()),
        None => object,
    };
    let name = format!("libcuda.so.{version}");
    fs::write(directory.join(&name), object)?;
    let link = directory.join("libcuda.so.1");
    if !link.is_symlink() {
        symlink(name, link)?;
    }
    Ok(())
}

/// The first place of `libcuda.so.1` is `wanted`, before and after `ldconfig`.
fn is_first(outcome: &Outcome, wanted: &str) -> Result<(), Failed> {
    let places: Vec<&str> = outcome
        .stdout
        .lines()
        .filter_map(|line| line.split_once("=> "))
        .map(|(_, place)| place)
        .collect();
    if places == [wanted; 2] {
        Ok(())
    } else {
        Err(fail(format!("wanted {wanted}: {}", outcome.describe())))
    }
}

fn conf(bundle: &Bundle) -> Option<String> {
    fs::read_to_string(
        bundle
            .root()
            .join("etc/ld.so.conf.d/00-compat-liftgate.conf"),
    )
    .ok()
}

/// Newer libraries go first, and a restart changes nothing.
pub(super) fn restarts(ground: &Ground, inside: &Inside, place: &Path) -> Result<(), Failed> {
    // The container's own `ldconfig` writes another cache than we: a script without it.
    let quiet = SCRIPT.replace("ldconfig 2>/dev/null; ", "");
    let bundle = Bundle::make(place, &ground.image, &all_gpus(&quiet))?;
    add(&bundle, "575.57.08", Some(NOTE))?;
    let config = fs::read(bundle.config())?;
    let mut caches = Vec::new();
    for _ in 0..3 {
        fs::write(bundle.config(), &config)?;
        let outcome = inside.run(&bundle, "")?;
        is_first(&outcome, IMAGES)?;
        contains(&outcome, &outcome.stdout, "\n4\n")?;
        caches.push(fs::metadata(bundle.root().join("etc/ld.so.cache"))?.modified()?);
    }
    if caches[0] != caches[1] || caches[1] != caches[2] {
        return Err(fail("the cache is written at each start"));
    }
    match conf(&bundle).as_deref() {
        Some("/usr/local/cuda-12.9/compat\n") => Ok(()),
        other => Err(fail(format!("ld.so.conf.d says {other:?}"))),
    }
}

/// After an upgrade of the driver they go first no more: not in the cache, and not for an `ldconfig`.
pub(super) fn goes_with_an_upgrade(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    let bundle = Bundle::make(place, &ground.image, &all_gpus(SCRIPT))?;
    add(&bundle, "575.57.08", Some(NOTE))?;
    let config = fs::read(bundle.config())?;
    is_first(&inside.run(&bundle, "")?, IMAGES)?;
    fs::write(bundle.config(), &config)?;
    let upgraded = Inside {
        machine: "ubuntu-570".to_owned(),
        ..inside.clone()
    };
    is_first(&upgraded.run(&bundle, "")?, OURS)?;
    match conf(&bundle) {
        None => Ok(()),
        Some(text) => Err(fail(format!("ld.so.conf.d still says {text}"))),
    }
}

/// An `ldconfig` of the container's finds the same; and on a root that is read-only the cache is written, too.
pub(super) fn survives_ldconfig(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    let bundle = Bundle::make(&place.join("writable"), &ground.image, &all_gpus(SCRIPT))?;
    add(&bundle, "575.57.08", Some(NOTE))?;
    is_first(&inside.run(&bundle, "")?, IMAGES)?;
    let options = BundleOptions {
        is_read_only: true,
        ..all_gpus(SCRIPT)
    };
    let bundle = Bundle::make(&place.join("read-only"), &ground.image, &options)?;
    add(&bundle, "575.57.08", Some(NOTE))?;
    let outcome = inside.run(&bundle, "")?;
    is_first(&outcome, IMAGES)?;
    expect(
        &outcome,
        outcome.part("again").lines().last().unwrap_or_default(),
        "4",
    )
}

/// What the library says, and what it is called, decide.
pub(super) fn is_decided(ground: &Ground, inside: &Inside, place: &Path) -> Result<(), Failed> {
    type Case = (
        &'static str,
        &'static [(&'static str, Option<&'static str>)],
        &'static str,
    );
    let cases: [Case; 8] = [
        ("same-branch", &[("550.90.07", Some(NOTE))], IMAGES),
        ("older-host-is-needed", &[("550.20.01", Some(NOTE))], OURS),
        (
            "other-branch",
            &[("575.57.08", Some(r#"{"Driver":[535]}"#))],
            OURS,
        ),
        (
            "two",
            &[("575.57.08", Some(NOTE)), ("570.1.2", Some(NOTE))],
            OURS,
        ),
        ("no-note", &[("575.57.08", None)], IMAGES),
        ("no-note-same-branch", &[("550.90.07", None)], OURS),
        ("broken-note", &[("575.57.08", Some("{"))], IMAGES),
        ("no-version", &[("1.2.3.4", Some(NOTE))], OURS),
    ];
    for (name, libraries, wanted) in cases {
        let bundle = Bundle::make(&place.join(name), &ground.image, &all_gpus(SCRIPT))?;
        for (version, note) in libraries {
            add(&bundle, version, *note)?;
        }
        let outcome = inside.run(&bundle, "")?;
        is_first(&outcome, wanted)
            .map_err(|failed| fail(format!("{name}: {}", failed.message().unwrap_or_default())))?;
    }
    Ok(())
}

/// `config.toml` turns it off, in one of two ways.
pub(super) fn is_turned_off(ground: &Ground, inside: &Inside, place: &Path) -> Result<(), Failed> {
    for (name, line) in [
        (
            "hook-off",
            "[features]\ndisable-cuda-compat-lib-hook = true\n",
        ),
        (
            "mode-off",
            "[nvidia-container-runtime.modes.legacy]\ncuda-compat-mode = \"disabled\"\n",
        ),
    ] {
        let bundle = Bundle::make(&place.join(name), &ground.image, &all_gpus(SCRIPT))?;
        add(&bundle, "575.57.08", Some(NOTE))?;
        let text = inside.configuration() + line;
        fs::write(bundle.directory().join("config.toml"), text)?;
        is_first(&inside.run(&bundle, "")?, OURS)?;
    }
    Ok(())
}

/// A `GeForce` fails with them (error 804), whatever they say of themselves.
pub(super) fn not_on_a_geforce(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    let bundle = Bundle::make(place, &ground.image, &all_gpus(SCRIPT))?;
    add(&bundle, "575.57.08", Some(r#"{"Driver":[570]}"#))?;
    is_first(&inside.run(&bundle, "")?, "/usr/lib64/libcuda.so.1")?;
    match conf(&bundle) {
        None => Ok(()),
        Some(text) => Err(fail(format!("ld.so.conf.d says {text}"))),
    }
}
