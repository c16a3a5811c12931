//! Root file systems as distributions lay them out, for the suite `layouts`.
//!
//! Debian's two come from `debootstrap`. The others are made of the same files, put where another distribution
//! has them: a loader reads the path in the program's header and the cache, wherever it was built. One thing is not
//! as in life: Debian's `ldconfig` scans Debian's directories, so what Fedora's and SUSE's scan without being told
//! stands in a file of `/etc/ld.so.conf.d` there. musl and busybox are Debian's too, unpacked where Alpine has them;
//! of musl there is also what a program is linked with.
//!
//! Packages come through apt with a configuration of its own, and are only unpacked. What is there is used
//! again; remove the directory to have it made anew.

use crate::engines::{Apt, mirror, quietly};
use crate::{Failure, packages, say, workspace};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where to find roots that somebody has already.
const VARIABLE: &str = "LIFTGATE_ROOTS";

/// Raised when a root is to look different.
const RECIPE: &str = "1";

const PACKAGES: [&str; 3] = ["musl", "musl-dev", "busybox-static"];
/// What a stand-in of the driver, or a program, may need of glibc.
const GLIBC: [&str; 6] = [
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
];
const DEBIANS: &str = "usr/lib/x86_64-linux-gnu";
const INCLUDE: &str = "include ld.so.conf.d/*.conf\n";
/// Fedora's and SUSE's `ldconfig` know these.
const SCANNED: &str = "/lib64\n/usr/lib64\n";

type Make = fn(&Sources, &Tree) -> Result<(), Failure>;

/// The roots by name, in the order in which they need each other.
const ROOTS: [(&str, Make); 10] = [
    ("bookworm", |_, tree| debootstrap("bookworm", &tree.root)),
    ("trixie", |_, tree| debootstrap("trixie", &tree.root)),
    ("redhat", redhat),
    ("suse", suse),
    ("arch", arch),
    ("distroless", distroless),
    ("busybox", busybox),
    ("alpine", alpine),
    ("scratch", |_, _| Ok(())),
    ("musl-dev", musl_dev),
];

/// Makes them, and prints the variable that the conformance tests read.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err("`cargo xtask roots` takes no argument".into());
    }
    let directory = ensure().ok_or("no roots; they take root, Debian's packages and x86-64")?;
    say::words(&format!("{VARIABLE}={}\n", directory.display()));
    Ok(())
}

/// The directory of roots. Those that could not be made are missing in it, and their tests counted as skipped.
pub(crate) fn ensure() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE) {
        return Some(PathBuf::from(given));
    }
    let directory = workspace::target().join("roots");
    if ROOTS.iter().all(|(name, _)| is_made(&directory, name)) {
        return Some(directory);
    }
    let needs = [
        ("apt-get", "apt"),
        ("dpkg-deb", "dpkg"),
        ("debootstrap", "debootstrap"),
    ];
    let is_able = cfg!(target_arch = "x86_64") && liftgate_sys::namespace::is_real_root();
    if !is_able || !packages::ensure(&needs).is_empty() {
        return None;
    }
    say::progress(
        "roots of distributions, from Debian's packages (once; about 100 MB, two minutes)",
    );
    let sources = Sources::new(&directory);
    for (name, make) in ROOTS {
        if is_made(&directory, name) {
            continue;
        }
        if let Err(error) = make_one(&directory, name, make, &sources) {
            say::progress(&format!("no root `{name}`: {error}"));
        }
    }
    fs::remove_dir_all(directory.join(UNPACKED)).ok();
    Some(directory)
}

fn mark(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{name}.made"))
}

fn is_made(directory: &Path, name: &str) -> bool {
    fs::read_to_string(mark(directory, name)).is_ok_and(|recipe| recipe == RECIPE)
}

fn make_one(directory: &Path, name: &str, make: Make, sources: &Sources) -> Result<(), Failure> {
    let tree = Tree {
        root: directory.join(name),
    };
    fs::remove_file(mark(directory, name)).ok();
    if tree.root.exists() {
        fs::remove_dir_all(&tree.root)?;
    }
    fs::create_dir_all(&tree.root)?;
    make(sources, &tree)?;
    fs::write(mark(directory, name), RECIPE)?;
    Ok(())
}

fn debootstrap(suite: &str, root: &Path) -> Result<(), Failure> {
    quietly(
        Command::new("debootstrap")
            .args(["--variant=minbase", suite])
            .arg(root)
            .arg(mirror()),
    )?;
    // What no program reads, and every copy would have to link.
    for unread in [
        "usr/share/doc",
        "usr/share/man",
        "usr/share/locale",
        "var/cache/apt",
        "var/lib/apt/lists",
    ] {
        fs::remove_dir_all(root.join(unread)).ok();
    }
    Ok(())
}

const UNPACKED: &str = "unpacked";

/// Where files are taken from.
struct Sources {
    directory: PathBuf,
    packages: Result<(), String>,
}

impl Sources {
    fn new(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            packages: unpack(&directory.join(UNPACKED)).map_err(|error| error.to_string()),
        }
    }

    /// A file of the unpacked packages.
    fn package(&self, path: &str) -> Result<PathBuf, Failure> {
        self.packages.clone()?;
        Ok(self.directory.join(UNPACKED).join("root").join(path))
    }

    /// A file of Debian's own root.
    fn debian(&self, path: &str) -> Result<PathBuf, Failure> {
        let root = self.directory.join("bookworm");
        if is_made(&self.directory, "bookworm") {
            Ok(root.join(path))
        } else {
            Err("it is made of bookworm's files".into())
        }
    }
}

fn unpack(directory: &Path) -> Result<(), Failure> {
    let archives = directory.join("archives");
    fs::create_dir_all(&archives)?;
    let apt = Apt::new(&directory.join("apt"), "bookworm")?;
    apt.run(&["update"], directory)?;
    let arguments: Vec<&str> = ["download"].into_iter().chain(PACKAGES).collect();
    apt.run(&arguments, &archives)?;
    for archive in fs::read_dir(&archives)? {
        quietly(
            Command::new("dpkg-deb")
                .arg("--extract")
                .arg(archive?.path())
                .arg(directory.join("root")),
        )?;
    }
    Ok(())
}

/// A root being made.
struct Tree {
    root: PathBuf,
}

impl Tree {
    fn at(&self, path: &str) -> Result<PathBuf, Failure> {
        let place = self.root.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(place)
    }

    fn directories(&self, paths: &[&str]) -> Result<(), Failure> {
        for path in paths {
            fs::create_dir_all(self.root.join(path))?;
        }
        Ok(())
    }

    fn link(&self, path: &str, target: &str) -> Result<(), Failure> {
        Ok(symlink(target, self.at(path)?)?)
    }

    fn text(&self, path: &str, text: &str) -> Result<(), Failure> {
        Ok(fs::write(self.at(path)?, text)?)
    }

    /// Copies a file, whatever links lead to it.
    fn copy(&self, from: &Path, path: &str) -> Result<(), Failure> {
        let place = self.at(path)?;
        fs::copy(from, place).map_err(|error| format!("copy `{}`: {error}", from.display()))?;
        Ok(())
    }

    /// glibc in one directory, its loader where programs look for it, a shell and `ldconfig`.
    fn glibc(&self, sources: &Sources, libraries: &str, programs: &str) -> Result<(), Failure> {
        for name in GLIBC {
            let from = sources.debian(&format!("{DEBIANS}/{name}"))?;
            self.copy(&from, &format!("{libraries}/{name}"))?;
        }
        self.copy(&sources.debian("usr/bin/dash")?, "usr/bin/sh")?;
        self.copy(
            &sources.debian("usr/sbin/ldconfig")?,
            &format!("{programs}/ldconfig"),
        )
    }

    fn write_cache(&self) -> Result<(), Failure> {
        quietly(Command::new("/sbin/ldconfig").arg("-r").arg(&self.root))
    }
}

/// Everything below `/usr`, libraries in `lib64`, 32-bit ones in `lib`.
fn redhat(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    tree.directories(&["usr/lib", "usr/bin", "usr/sbin"])?;
    for name in ["bin", "sbin", "lib", "lib64"] {
        tree.link(name, &format!("usr/{name}"))?;
    }
    tree.text(
        "etc/redhat-release",
        "Red Hat Enterprise Linux, as it is laid out\n",
    )?;
    tree.text("etc/ld.so.conf", INCLUDE)?;
    tree.text("etc/ld.so.conf.d/scanned.conf", SCANNED)?;
    tree.glibc(sources, "usr/lib64", "usr/sbin")?;
    tree.write_cache()
}

/// `/lib64` and `/usr/lib64` apart, and a configuration that begins with directories.
fn suse(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    tree.directories(&["lib", "usr/lib", "usr/lib64", "usr/local/lib64"])?;
    tree.link("bin", "usr/bin")?;
    tree.text(
        "etc/ld.so.conf",
        "/usr/local/lib64\n/usr/local/lib\ninclude /etc/ld.so.conf.d/*.conf\n# the rest is scanned without being named\n",
    )?;
    tree.text("etc/ld.so.conf.d/scanned.conf", SCANNED)?;
    tree.glibc(sources, "lib64", "sbin")?;
    tree.write_cache()
}

/// Everything in `/usr/lib` and `/usr/bin`, and all other names are links to these.
fn arch(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    for (path, target) in [
        ("usr/lib64", "lib"),
        ("usr/sbin", "bin"),
        ("bin", "usr/bin"),
        ("sbin", "usr/bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib"),
    ] {
        tree.link(path, target)?;
    }
    tree.text("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n")?;
    tree.directories(&["etc/ld.so.conf.d"])?;
    tree.glibc(sources, "usr/lib", "usr/bin")?;
    tree.write_cache()
}

/// Debian's glibc without a shell, a cache or a configuration of the loader.
fn distroless(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    for name in GLIBC {
        let from = sources.debian(&format!("{DEBIANS}/{name}"))?;
        tree.copy(&from, &format!("lib/x86_64-linux-gnu/{name}"))?;
    }
    tree.link(
        "lib64/ld-linux-x86-64.so.2",
        "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    )?;
    tree.directories(&["home/nonroot", "tmp", "usr/lib"])?;
    tree.text(
        "etc/passwd",
        "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    )?;
    tree.text("etc/debian_version", "12\n")
}

/// One static program under many names, and `/etc`.
fn busybox(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    tree.copy(&sources.package("bin/busybox")?, "bin/busybox")?;
    for name in ["sh", "cat", "ls"] {
        tree.link(&format!("bin/{name}"), "busybox")?;
    }
    tree.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
}

/// musl in `/lib`, busybox for the rest.
fn alpine(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    busybox(sources, tree)?;
    let musl = sources.package("lib/x86_64-linux-musl/libc.so")?;
    tree.copy(&musl, "lib/ld-musl-x86_64.so.1")?;
    tree.link("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1")?;
    tree.directories(&["usr/lib", "usr/local/lib"])?;
    tree.text("etc/alpine-release", "3.22.0\n")
}

/// What a program for musl is linked with: no root, but made in the same way.
fn musl_dev(sources: &Sources, tree: &Tree) -> Result<(), Failure> {
    let place = "lib/x86_64-linux-musl";
    tree.copy(&sources.package(&format!("{place}/libc.so"))?, "libc.so")?;
    for name in ["Scrt1.o", "crti.o", "crtn.o"] {
        tree.copy(&sources.package(&format!("usr/{place}/{name}"))?, name)?;
    }
    Ok(())
}
