//! One root on one machine under one runtime: what is started in it, and what is to come of that.

use crate::program::{Kind, Linked};
use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, fail};
use liftgate_conformance::{Bundle, BundleOptions, Image, Inside, Outcome};
use liftgate_testhost::{Class, Library};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A root, and what there is in it.
pub(crate) struct Layout {
    pub(crate) root: &'static str,
    /// What its programs are linked against.
    pub(crate) kind: Kind,
    /// Whether it has a shell and `ldconfig`.
    pub(crate) has_ldconfig: bool,
    /// Whether 32-bit libraries are asked for, too.
    has_narrow: bool,
    pub(crate) machines: &'static [&'static str],
}

const BOTH: &[&str] = &["ubuntu-550", "h200-580"];
/// With a driver that lies where Debian's `ldconfig` does not look, and has 32-bit libraries.
const ALL: &[&str] = &["ubuntu-550", "h200-580", "fedora-570"];

const fn glibc(root: &'static str, machines: &'static [&'static str]) -> Layout {
    Layout {
        root,
        kind: Kind::Glibc,
        has_ldconfig: true,
        has_narrow: true,
        machines,
    }
}

const fn small(root: &'static str, kind: Kind) -> Layout {
    Layout {
        root,
        kind,
        has_ldconfig: false,
        has_narrow: true,
        machines: BOTH,
    }
}

pub(crate) const LAYOUTS: [Layout; 9] = [
    glibc("bookworm", ALL),
    glibc("trixie", ALL),
    glibc("redhat", ALL),
    glibc("suse", BOTH),
    Layout {
        // Where `/usr/lib64` is `/usr/lib`, a driver with both cannot have both in the same two places.
        has_narrow: false,
        ..glibc("arch", ALL)
    },
    small("distroless", Kind::Glibc),
    small("alpine", Kind::Musl),
    small("busybox", Kind::Static),
    small("scratch", Kind::Static),
];

/// Where the program is in the container.
const PROGRAM: &str = "/driver-user";
/// A `libcuda.so.1` of the image's, which knows no driver.
const OWN: &str = "usr/local/stubs/libcuda.so.1";
const CACHE: &str = "etc/ld.so.cache";
/// Where crun puts what hooks say; nobody else keeps it.
pub(crate) const HOOK_STDERR: &str = "hook-stderr";
/// The names of the word sizes in what `ldconfig -p` prints.
const WIDE: &str = "(libc6,x86-64)";
const NARROW: &str = "(libc6)";

/// What a shell is told; the second part only where the root can be written to.
const LOOK: &str = "echo == listed; ldconfig -p; echo == program; /driver-user; echo status=$?; ";
const REFRESH: &str = "ldconfig || echo failed; ";

pub(crate) struct Case {
    pub(crate) image: Image,
    pub(crate) directory: PathBuf,
    pub(crate) inside: Inside,
}

impl Case {
    /// Starts it, starts it again, and has its own `ldconfig` write the cache.
    pub(crate) fn check(
        &self,
        layout: &Layout,
        linked: &Linked,
        is_read_only: bool,
    ) -> Result<(), Failed> {
        let bundle = self.bundle(
            linked.program(layout.kind)?,
            layout.has_narrow,
            is_read_only,
        )?;
        let script = layout.has_ldconfig.then_some(LOOK);
        if layout.has_ldconfig {
            add_own(&bundle, linked.stub())?;
        }
        if layout.kind == Kind::Musl {
            fs::copy(linked.own(), bundle.root().join("usr/lib/libown.so.1"))?;
        }
        let first = self.start(&bundle, script)?;
        self.judge(layout, &bundle, &first)?;
        let after_first = state(&bundle)?;
        let second = self.start(&bundle, script)?;
        self.judge(layout, &bundle, &second)?;
        same(&after_first, &state(&bundle)?)?;
        if !layout.has_ldconfig || is_read_only {
            return Ok(());
        }
        // A directory that the image names before the driver's stays before it.
        fs::remove_file(bundle.root().join(OWN))?;
        let refreshed = self.start(&bundle, Some(&format!("{REFRESH}{LOOK}")))?;
        self.judge(layout, &bundle, &refreshed)?;
        // What `ldconfig` has written gets our entries back, and from then on nothing changes.
        self.judge(layout, &bundle, &self.start(&bundle, script)?)?;
        let settled = state(&bundle)?;
        self.judge(layout, &bundle, &self.start(&bundle, script)?)?;
        same(&settled, &state(&bundle)?)
    }

    /// A bundle with the program in it.
    pub(crate) fn bundle(
        &self,
        program: &Path,
        has_narrow: bool,
        is_read_only: bool,
    ) -> Result<Bundle, Failed> {
        let capabilities = if has_narrow { "all" } else { "compute,utility" };
        let hooks_words = self.directory.join(HOOK_STDERR).display().to_string();
        let options = BundleOptions {
            environment: vec![
                "NVIDIA_VISIBLE_DEVICES=all".to_owned(),
                format!("NVIDIA_DRIVER_CAPABILITIES={capabilities}"),
            ],
            annotations: vec![("run.oci.hooks.stderr".to_owned(), hooks_words)],
            is_read_only,
            ..BundleOptions::default()
        };
        let bundle = Bundle::make(&self.directory, &self.image, &options)?;
        fs::copy(program, bundle.root().join(PROGRAM.trim_start_matches('/')))?;
        fs::copy(bundle.config(), bundle.config().with_extension("first"))?;
        Ok(bundle)
    }

    /// Starts the container as it was asked for first: with a script, or with the program alone.
    fn start(&self, bundle: &Bundle, script: Option<&str>) -> Result<Outcome, Failed> {
        self.start_on(bundle, script, "")
    }

    /// As [`Self::start`], on a machine that was changed before.
    pub(crate) fn start_on(
        &self,
        bundle: &Bundle,
        script: Option<&str>,
        prelude: &str,
    ) -> Result<Outcome, Failed> {
        let first = fs::read(bundle.config().with_extension("first"))?;
        let mut config: Value = serde_json::from_slice(&first)?;
        config["process"]["args"] = match script {
            Some(script) => json!(["/bin/sh", "-c", script]),
            None => json!([PROGRAM]),
        };
        fs::write(bundle.config(), serde_json::to_vec(&config)?)?;
        Ok(self.inside.run(bundle, prelude)?)
    }

    /// The loader's cache lists the driver first, and the program has found it.
    fn judge(&self, layout: &Layout, bundle: &Bundle, outcome: &Outcome) -> Result<(), Failed> {
        let wrong = |what: String| Err(fail(format!("{what}: {}", outcome.describe())));
        let (listed, said) = if layout.has_ldconfig {
            if !outcome.stdout.contains("status=0") {
                return wrong("the program failed".to_owned());
            }
            (outcome.part("listed"), outcome.part("program"))
        } else {
            // Its own exit status is the container's, which nobody tells; that it ran to its end is seen.
            (listed_from_outside(bundle)?, outcome.stdout.clone())
        };
        let machine = suite::machine(&self.inside.machine);
        // An older driver's, too, lies about on one machine.
        let is_drivers = |library: &&Library| {
            library.soname == "libcuda.so.1"
                && library.file.ends_with(machine.driver_version())
                && (layout.has_narrow || library.class == Class::Elf64)
        };
        for library in machine.libraries().iter().filter(is_drivers) {
            let is_wide = library.class == Class::Elf64;
            let bits = if is_wide { WIDE } else { NARROW };
            let Some(found) = first_entry(&listed, "libcuda.so.1", bits) else {
                return wrong(format!("no libcuda.so.1 {bits} in the cache"));
            };
            if !is_same_directory(bundle, Path::new(&found), Path::new(&library.directory)) {
                return wrong(format!("{found} is not the driver's {}", library.directory));
            }
            let is_mapped = said.lines().any(|line| line.ends_with(&library.file));
            if is_wide && layout.kind != Kind::Static && !is_mapped {
                return wrong(format!("the program has not mapped {}", library.file));
            }
        }
        if layout.kind == Kind::Static && !said.contains(PROGRAM) {
            return wrong("the program did not run".to_owned());
        }
        Ok(())
    }
}

/// Gives the image a `libcuda.so.1` of its own, as a toolkit's stubs are one, that its loader finds.
fn add_own(bundle: &Bundle, stub: &Path) -> Result<(), Failed> {
    let place = bundle.root().join(OWN);
    let directory = place.parent().ok_or("a file lies in a directory")?;
    fs::create_dir_all(directory)?;
    fs::copy(stub, &place)?;
    let configuration = bundle.root().join("etc/ld.so.conf.d/zz-stubs.conf");
    fs::write(configuration, "/usr/local/stubs\n")?;
    let status = Command::new("/sbin/ldconfig")
        .arg("-r")
        .arg(bundle.root())
        .status()?;
    let listed = listed_from_outside(bundle)?;
    match first_entry(&listed, "libcuda.so.1", WIDE) {
        Some(found) if status.success() && found == format!("/{OWN}") => Ok(()),
        found => Err(fail(format!(
            "the image's own libcuda.so.1: {found:?}, {status}"
        ))),
    }
}

/// What this machine's `ldconfig` reads in the root's cache.
fn listed_from_outside(bundle: &Bundle) -> Result<String, Failed> {
    let output = Command::new("/sbin/ldconfig")
        .args(["-p", "-C"])
        .arg(bundle.root().join(CACHE))
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The path of the first entry that a loader of that word size takes.
fn first_entry(listed: &str, name: &str, bits: &str) -> Option<String> {
    let mut entries = listed.lines().filter_map(|line| {
        let (entry, path) = line.trim().split_once(" => ")?;
        let (found, about) = entry.split_once(' ')?;
        (found == name && about == bits).then(|| path.to_owned())
    });
    entries.next()
}

/// Whether the file lies in the directory, whatever links of the root lead there.
fn is_same_directory(bundle: &Bundle, file: &Path, directory: &Path) -> bool {
    let real = |path: &Path| {
        let inside = path.strip_prefix("/").unwrap_or(path);
        fs::canonicalize(bundle.root().join(inside)).ok()
    };
    let (found, wanted) = (file.parent().and_then(real), real(directory));
    found.is_some() && found == wanted
}

/// Every file of the root: inode, size, target and time.
fn state(bundle: &Bundle) -> Result<String, Failed> {
    let files = Command::new("find")
        .arg(bundle.root())
        .args(["-printf", "%P %i %s %l %T@\n"])
        .output()?;
    let mut lines: Vec<String> = String::from_utf8_lossy(&files.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    Ok(lines.join("\n"))
}

fn same(before: &str, after: &str) -> Result<(), Failed> {
    if before == after {
        return Ok(());
    }
    let lines: Vec<&str> = after
        .lines()
        .filter(|line| !before.lines().any(|other| other == *line))
        .collect();
    Err(fail(format!("a restart changes the root: {lines:?}")))
}
