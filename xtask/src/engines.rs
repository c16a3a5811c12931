//! Engines newer than the distribution's: what people run today, beside what Debian bookworm ships.
//!
//! They come from Debian unstable, through apt with a configuration of its own, and are only unpacked: this
//! machine's packages, sources and lists stay what they are. What is there is used again; remove the directory
//! to get newer ones.
//!
//! A program of theirs that needs a newer C library than this machine's gets theirs: its interpreter and its
//! library path are rewritten. Run through the loader instead, runc would take the loader for itself when it
//! starts itself anew.

use crate::{Failure, packages, say, workspace};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where to find engines that somebody has already.
const VARIABLE: &str = "LIFTGATE_ENGINES";

const SUITE: &str = "sid";
const PACKAGES: &[&str] = &[
    "docker.io",
    "docker-cli",
    "containerd",
    "runc",
    // For programs that need a newer C library.
    "libc6",
    "libseccomp2",
];
/// What the conformance tests need of it, below `bin`.
const PROGRAMS: &[&str] = &[
    "dockerd",
    "docker",
    "containerd",
    "ctr",
    "containerd-shim-runc-v2",
    "runc",
];
/// Written last, and what makes the directory one to use again: the packages and their versions.
const MARK: &str = "packages";

/// Fetches them, and prints the variable that the conformance tests read.
pub(crate) fn run(arguments: &[OsString]) -> Result<(), Failure> {
    if !arguments.is_empty() {
        return Err("`cargo xtask engines` takes no argument".into());
    }
    let directory = ensure().ok_or("no current engines; they take root, and Debian's packages")?;
    say::words(&format!("{VARIABLE}={}\n", directory.display()));
    Ok(())
}

/// The directory of current engines; without them their tests are counted as skipped.
pub(crate) fn ensure() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os(VARIABLE) {
        return Some(PathBuf::from(given));
    }
    let directory = workspace::target().join("engines");
    if !directory.join(MARK).exists() {
        let needs = [
            ("apt-get", "apt"),
            ("dpkg-deb", "dpkg"),
            ("patchelf", "patchelf"),
        ];
        if !liftgate_sys::namespace::is_real_root() || !packages::ensure(&needs).is_empty() {
            return None;
        }
        say::progress("current engines, from Debian unstable (once; about 100 MB)");
        if let Err(error) = fetch(&directory) {
            say::progress(&format!("no current engines: {error}"));
            return None;
        }
    }
    if let Ok(text) = fs::read_to_string(directory.join(MARK)) {
        say::progress(&format!(
            "current engines: {}",
            text.lines().collect::<Vec<_>>().join(", ")
        ));
    }
    Some(directory)
}

fn fetch(directory: &Path) -> Result<(), Failure> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    let archives = directory.join("archives");
    let root = directory.join("root");
    let bin = directory.join("bin");
    for made in [&archives, &root, &bin] {
        fs::create_dir_all(made)?;
    }
    let apt = Apt::new(&directory.join("apt"), SUITE)?;
    apt.run(&["update"], directory)?;
    let mut arguments = vec!["download"];
    arguments.extend(PACKAGES);
    apt.run(&arguments, &archives)?;

    let mut versions = Vec::new();
    for archive in fs::read_dir(&archives)? {
        let archive = archive?.path();
        quietly(
            Command::new("dpkg-deb")
                .arg("--extract")
                .arg(&archive)
                .arg(&root),
        )?;
        // NAME_VERSION_ARCHITECTURE.deb
        let name = archive.file_stem().unwrap_or_default().to_string_lossy();
        let mut parts = name.splitn(3, '_');
        if let (Some(package), Some(version)) = (parts.next(), parts.next()) {
            versions.push(format!("{package} {version}\n"));
        }
    }
    for program in PROGRAMS {
        let file = ["usr/sbin", "usr/bin"]
            .map(|place| root.join(place).join(program))
            .into_iter()
            .find(|file| file.exists())
            .ok_or_else(|| format!("no `{program}` in Debian's packages"))?;
        if !starts(&file) {
            use_own_libraries(&file, &root)?;
        }
        if !starts(&file) {
            return Err(format!("`{program}` does not start on this machine").into());
        }
        symlink(&file, bin.join(program))?;
    }
    fs::remove_dir_all(&archives)?;
    fs::remove_dir_all(directory.join("apt"))?;
    versions.sort();
    fs::write(directory.join(MARK), versions.concat())?;
    Ok(())
}

/// apt that knows one suite and writes into one directory.
pub(crate) struct Apt {
    options: Vec<String>,
}

impl Apt {
    pub(crate) fn new(directory: &Path, suite: &str) -> Result<Self, Failure> {
        for made in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(directory.join(made))?;
        }
        let sources = directory.join("sources.list");
        let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
        fs::write(
            &sources,
            format!("deb [signed-by={keys}] {} {suite} main\n", mirror()),
        )?;
        let at = |name: &str| directory.join(name).display().to_string();
        Ok(Self {
            options: [
                ("Dir::Etc::SourceList", sources.display().to_string()),
                ("Dir::Etc::SourceParts", "/dev/null".to_owned()),
                // This machine's preferences are about its own packages.
                ("Dir::Etc::Preferences", "/dev/null".to_owned()),
                ("Dir::Etc::PreferencesParts", "/dev/null".to_owned()),
                ("Dir::State::Lists", at("lists")),
                ("Dir::Cache", at("cache")),
                ("APT::Sandbox::User", "root".to_owned()),
                ("Acquire::Languages", "none".to_owned()),
                (
                    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled",
                    "false".to_owned(),
                ),
            ]
            .into_iter()
            .flat_map(|(name, value)| ["-o".to_owned(), format!("{name}={value}")])
            .collect(),
        })
    }

    pub(crate) fn run(&self, arguments: &[&str], directory: &Path) -> Result<(), Failure> {
        quietly(
            Command::new("apt-get")
                .arg("-qq")
                .args(&self.options)
                .args(arguments)
                .current_dir(directory),
        )
    }
}

/// The mirror that this machine is set up for.
pub(crate) fn mirror() -> String {
    Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .output()
        .ok()
        .and_then(|output| {
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .map(|line| line.trim_end_matches('/'))
                .find(|line| line.ends_with("/debian"))
                .map(str::to_owned)
        })
        .unwrap_or_else(|| "http://deb.debian.org/debian".to_owned())
}

/// Whether the loader starts it. The exit status is no answer: a program that does not know `--version`
/// fails as well, and a C library that is too old is told from it by its words alone.
fn starts(program: &Path) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| {
            let is_unlinked = output.status.code() == Some(127);
            !is_unlinked && !String::from_utf8_lossy(&output.stderr).contains("GLIBC_")
        })
}

fn use_own_libraries(program: &Path, root: &Path) -> Result<(), Failure> {
    let (directory, loader) =
        own_loader(root).ok_or_else(|| format!("no loader below `{}`", root.display()))?;
    quietly(
        Command::new("patchelf")
            .arg("--set-interpreter")
            .arg(loader)
            .arg("--set-rpath")
            .arg(directory)
            .arg(program),
    )
}

/// The directory of unpacked libraries, and the loader in it, whatever the architecture calls them.
fn own_loader(root: &Path) -> Option<(PathBuf, PathBuf)> {
    let directory = fs::read_dir(root.join("usr/lib"))
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.join("libc.so.6").exists())?;
    let loader = fs::read_dir(&directory)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("ld-linux") && name.contains(".so.")
        })?;
    Some((directory, loader))
}

pub(crate) fn quietly(command: &mut Command) -> Result<(), Failure> {
    let output = command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        let error = String::from_utf8_lossy(&output.stderr);
        let last = error.lines().rfind(|line| !line.trim().is_empty());
        let last = last.unwrap_or_default();
        Err(format!("{}: {last}", command.get_program().display()).into())
    }
}
