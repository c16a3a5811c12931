//! A small glibc image made of the host's own programs: enough for a shell, `ldconfig` and whatever a driver
//! brings. No registry is needed.

use crate::{context, find_program};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs of the image.
const PROGRAMS: &[&str] = &[
    "bash", "cat", "chmod", "env", "find", "grep", "head", "ldconfig", "ln", "ls", "mkdir",
    "mknod", "readlink", "sleep", "sort", "stat", "true", "wc",
];

/// Libraries that the driver needs and the programs do not.
const LIBRARIES: &[&str] = &["libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1"];

/// A root file system in a directory.
#[derive(Debug)]
pub struct Image {
    root: PathBuf,
}

impl Image {
    /// Makes the image in `root`, which must not exist or be empty.
    pub fn make(root: &Path) -> io::Result<Self> {
        for directory in [
            "etc/ld.so.conf.d",
            "tmp",
            "proc",
            "sys",
            "dev",
            "usr/bin",
            "usr/sbin",
            "usr/lib",
            "usr/lib64",
        ] {
            context(fs::create_dir_all(root.join(directory)), || {
                format!("mkdir `{directory}`")
            })?;
        }
        for name in ["bin", "sbin", "lib", "lib64"] {
            symlink(format!("usr/{name}"), root.join(name))?;
        }
        let image = Self {
            root: root.to_owned(),
        };
        let mut needed = BTreeSet::new();
        for program in PROGRAMS {
            let path = find_program(program).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::NotFound,
                    format!("this machine has no `{program}`"),
                )
            })?;
            let path = fs::canonicalize(path)?;
            fs::copy(&path, root.join("usr/bin").join(program))?;
            needed.extend(libraries_of(&path)?);
        }
        // On Debian `ldconfig` may be a script around this one.
        if Path::new("/sbin/ldconfig.real").exists() {
            fs::copy("/sbin/ldconfig.real", root.join("usr/bin/ldconfig"))?;
        }
        let libc = needed
            .iter()
            .find(|path| path.file_name().is_some_and(|name| name == "libc.so.6"))
            .cloned()
            .ok_or_else(|| io::Error::other("bash is not linked against glibc"))?;
        let directory = libc.parent().unwrap_or(Path::new("/lib"));
        needed.extend(
            LIBRARIES
                .iter()
                .map(|name| directory.join(name))
                .filter(|path| path.exists()),
        );
        for library in &needed {
            image.copy_to_same_place(library)?;
        }
        symlink("bash", root.join("usr/bin/sh"))?;
        fs::write(
            root.join("etc/ld.so.conf"),
            "include /etc/ld.so.conf.d/*.conf\n",
        )?;
        fs::write(
            root.join("etc/ld.so.conf.d/libc.conf"),
            format!("{}\n", usr(directory).display()),
        )?;
        fs::write(root.join("etc/os-release"), "ID=mini\n")?;
        let status = Command::new(root.join("usr/bin/ldconfig"))
            .arg("-r")
            .arg(root)
            .status()?;
        if !status.success() {
            return Err(io::Error::other(format!("ldconfig in the image: {status}")));
        }
        Ok(image)
    }

    /// What is a root file system already.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A copy in `target`, sharing the content of files: whoever replaces a file by rename, as we do,
    /// changes the copy alone.
    pub fn clone_to(&self, target: &Path) -> io::Result<()> {
        let status = Command::new("cp")
            .arg("-al")
            .arg(&self.root)
            .arg(target)
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!(
                "cp -al to `{}`: {status}",
                target.display()
            )))
        }
    }

    /// The image as an archive, for `docker import`.
    pub fn archive(&self, target: &Path) -> io::Result<()> {
        tar(&self.root, target)
    }

    /// The image as an archive with a configuration: it waits, if nothing else is asked of it.
    pub fn archive_with_configuration(&self, target: &Path, name: &str) -> io::Result<()> {
        let directory = target.with_extension("parts");
        fs::create_dir_all(&directory)?;
        let layer = directory.join("layer.tar");
        self.archive(&layer)?;
        let sum = Command::new("sha256sum").arg(&layer).output()?;
        let sum = String::from_utf8_lossy(&sum.stdout);
        let sum = sum.split_whitespace().next().unwrap_or_default();
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let configuration = json!({
            "architecture": architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/usr/bin/sleep", "infinity"],
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
            },
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{sum}")]}
        });
        let manifest = json!([
            {"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}
        ]);
        fs::write(directory.join("config.json"), configuration.to_string())?;
        fs::write(directory.join("manifest.json"), manifest.to_string())?;
        tar(&directory, target)?;
        fs::remove_dir_all(&directory)
    }

    fn copy_to_same_place(&self, library: &Path) -> io::Result<()> {
        let place = self
            .root
            .join(usr(library).strip_prefix("/").unwrap_or(library));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        context(fs::copy(library, &place), || {
            format!("copy `{}`", library.display())
        })
        .map(|_| ())
    }
}

fn tar(directory: &Path, target: &Path) -> io::Result<()> {
    let status = Command::new("tar")
        .arg("-C")
        .arg(directory)
        .arg("-cf")
        .arg(target)
        .arg(".")
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("tar: {status}")))
    }
}

/// `/lib/…` is `/usr/lib/…` in the image.
fn usr(path: &Path) -> PathBuf {
    if path.starts_with("/usr") {
        path.to_owned()
    } else {
        Path::new("/usr").join(path.strip_prefix("/").unwrap_or(path))
    }
}

/// The libraries that a program loads, as `ldd` lists them.
fn libraries_of(program: &Path) -> io::Result<Vec<PathBuf>> {
    let output = Command::new("ldd").arg(program).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')))
        .map(PathBuf::from)
        .collect())
}
