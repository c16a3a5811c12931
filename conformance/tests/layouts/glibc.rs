//! What is said of an image whose C library the driver's libraries cannot use.

use crate::case::{Case, HOOK_STDERR};
use crate::program::{Kind, Linked};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, fail};
use liftgate_testhost::{Class, c_library, shared_object_needing};
use std::fs;

type Check = fn(&Case, &Linked) -> Result<(), Failed>;

/// By name and root.
pub(crate) const CASES: [(&str, &str, Check); 4] = [
    ("glibc-old-image", "scratch", old_image),
    ("glibc-new-driver", "bookworm", new_driver),
    ("glibc-new-enough", "bookworm", new_enough),
    ("glibc-none", "alpine", none),
];

/// An image with the glibc of 2012: a debugger's library needs more, and is named.
fn old_image(case: &Case, linked: &Linked) -> Result<(), Failed> {
    let said = said(case, linked, "", |root| {
        fs::create_dir_all(root.join("lib64"))?;
        fs::write(
            root.join("lib64/libc.so.6"),
            c_library(Class::Elf64, &["2.2.5", "2.14", "2.17"]),
        )
    })?;
    wants(
        &said,
        "`libcudadebugger.so.1` needs glibc 2.26, and the image has glibc 2.17 (`/lib64/libc.so.6`)",
    )
}

/// A library of the driver that needs more than any glibc has: found when the driver is looked for, kept in the host
/// record, and held against the glibc of a real image.
fn new_driver(case: &Case, linked: &Linked) -> Result<(), Failed> {
    const SONAME: &str = "libnvidia-ptxjitcompiler.so.1";
    let stub = shared_object_needing(Class::Elf64, SONAME, &["libc.so.6".to_owned()], "2.99");
    fs::create_dir_all(&case.directory)?;
    fs::write(case.directory.join("stub"), stub)?;
    let machine = suite::machine(&case.inside.machine);
    let library = machine
        .libraries()
        .iter()
        .find(|library| library.soname == SONAME && library.class == Class::Elf64)
        .ok_or("the machine has no such library")?;
    let prelude = format!(
        "mount --bind \"$BUNDLE/stub\" {}/{}",
        library.directory, library.file
    );
    let said = said(case, linked, &prelude, |_| Ok(()))?;
    wants(
        &said,
        "`libnvidia-ptxjitcompiler.so.1` needs glibc 2.99, and the image has glibc 2.36",
    )
}

fn new_enough(case: &Case, linked: &Linked) -> Result<(), Failed> {
    let said = said(case, linked, "", |_| Ok(()))?;
    if said.contains("glibc") {
        return Err(fail(said));
    }
    Ok(())
}

fn none(case: &Case, linked: &Linked) -> Result<(), Failed> {
    let said = said(case, linked, "", |_| Ok(()))?;
    wants(&said, "the image's C library is musl")?;
    wants(&said, "gcompat")
}

fn wants(said: &str, words: &str) -> Result<(), Failed> {
    if said.contains(words) {
        Ok(())
    } else {
        Err(fail(format!("`{words}` is missing: {said}")))
    }
}

/// What is said at a start of a program that takes nothing of the image.
fn said(
    case: &Case,
    linked: &Linked,
    prelude: &str,
    change: impl FnOnce(&std::path::Path) -> std::io::Result<()>,
) -> Result<String, Failed> {
    let bundle = case.bundle(linked.program(Kind::Static)?, false, false)?;
    change(&bundle.root())?;
    let outcome = case.start_on(&bundle, None, prelude)?;
    if outcome.status != Some(0) || !outcome.stdout.contains("/driver-user") {
        return Err(fail(outcome.describe()));
    }
    Ok(fs::read_to_string(case.directory.join(HOOK_STDERR)).unwrap_or_default())
}
