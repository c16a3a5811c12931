//! What must not change: a directory of the host's, and the places of the machine that a container's setup
//! has namesakes of.
//!
//! A file's time of change (`ctime`) cannot be set back, so equal listings mean that nobody has written,
//! linked, renamed or changed a mode in between, even if the content is the same again.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

/// A word that is in files of the canary only; found in a container, it was read on the host.
pub const SECRET: &str = "/secret-of-the-host";

/// The name of a library that the canary has, and nobody else.
pub const HOSTS_SONAME: &str = "libhost.so.1";

/// Links that runc 1.1 makes by a joined path, with a GPU or without: where `/dev` is a link out, it makes
/// them there. Neither a device node nor anything of ours is among them.
pub const LINKS_OF_RUNC: [&str; 6] = ["fd", "stdin", "stdout", "stderr", "ptmx", "core"];

/// Where images link their `/dev` to: the directory in which those links, and they only, are passed over.
pub const DEV: &str = "dev";

/// A directory tree with the names that the hook looks for.
#[derive(Debug)]
pub struct Canary {
    directory: PathBuf,
    before: Vec<String>,
}

impl Canary {
    /// Makes the tree; `cache` is a loader's cache that can be read.
    pub fn make(directory: &Path, cache: &[u8]) -> io::Result<Self> {
        for name in [
            "bin",
            "ld.so.conf.d",
            "lib64",
            "nvidia/lib64",
            "nvidia/bin",
            "driver",
            DEV,
        ] {
            fs::create_dir_all(directory.join(name))?;
        }
        for name in [
            "ld.so.conf",
            "ld.so.conf.d/host.conf",
            "bin/nvidia-smi",
            "lib64/libcuda.so.580.159.04",
            "nvidia/lib64/libcuda.so.580.159.04",
        ] {
            fs::write(directory.join(name), format!("{SECRET}\n"))?;
        }
        fs::write(directory.join("ld.so.cache"), with_secret(cache)?)?;
        fs::write(
            directory.join("driver/params"),
            format!("{SECRET}\nModifyDeviceFiles: 1\n"),
        )?;
        let class = liftgate_testhost::Class::Elf64;
        fs::write(
            directory.join("driver/libhost.so.1.2"),
            liftgate_testhost::shared_object(class, HOSTS_SONAME, &[]),
        )?;
        symlink(
            "libcuda.so.580.159.04",
            directory.join("lib64/libcuda.so.1"),
        )?;
        Ok(Self {
            directory: directory.to_owned(),
            before: listing(directory)?,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// The lines that differ from the beginning: none, unless something has got out.
    pub fn changes(&self) -> io::Result<Vec<String>> {
        Ok(difference(&self.before, &listing(&self.directory)?))
    }
}

/// The cache with the word in place of the beginning of a path: what is merged with it has the word too.
fn with_secret(cache: &[u8]) -> io::Result<Vec<u8>> {
    let mut cache = cache.to_vec();
    let secret = SECRET.as_bytes();
    let is_path = |window: &[u8]| {
        (window.starts_with(b"/lib") || window.starts_with(b"/usr")) && !window.contains(&0)
    };
    let place = cache
        .windows(secret.len() + 1)
        .position(is_path)
        .ok_or_else(|| io::Error::other("the image's cache has no paths"))?;
    cache[place..place + secret.len()].copy_from_slice(secret);
    Ok(cache)
}

fn listing(directory: &Path) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut pending = vec![directory.to_owned()];
    let dev = directory.join(DEV);
    let of_runc = LINKS_OF_RUNC.map(|name| dev.join(name));
    while let Some(path) = pending.pop() {
        let metadata = path.symlink_metadata()?;
        if metadata.is_symlink() && of_runc.contains(&path) {
            continue;
        }
        if path == dev {
            // Its times change with the links.
            for entry in fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
            continue;
        }
        lines.push(format!(
            "{} mode={:o} inode={} size={} changed={}.{}",
            path.display(),
            metadata.mode(),
            metadata.ino(),
            metadata.size(),
            metadata.ctime(),
            metadata.ctime_nsec()
        ));
        if metadata.is_dir() {
            for entry in fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
        }
    }
    lines.sort();
    Ok(lines)
}

fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let missing = |from: &[String], sign: char, other: &[String]| -> Vec<String> {
        from.iter()
            .filter(|line| !other.contains(line))
            .map(|line| format!("{sign} {line}"))
            .collect()
    };
    let mut lines = missing(before, '-', after);
    lines.extend(missing(after, '+', before));
    lines
}

/// Shell text that lists the machine's places into `$BUNDLE/before`, and into `$BUNDLE/after` when the shell
/// ends. Of `/var` and of `/` only names count: other programs of the host are at work there.
pub(super) const WATCH_MACHINE: &str = r#"
look() {
  {
    find /etc /usr/local/nvidia /usr/bin /usr/sbin /usr/lib /usr/lib64 /usr/lib/x86_64-linux-gnu /usr/local \
      -maxdepth 2 -xdev -printf '%p %y %m %i %s %C@ %l\n'
    find /var /opt -maxdepth 2 -xdev -printf '%p %y %l\n'
    find / -maxdepth 1 -printf '%p %y %l\n'
    find /run/liftgate -printf '%p %y %i %s %C@\n'
  } 2>/dev/null | LC_ALL=C sort -u
}
# The first start on a machine writes the host record.
[ -z "${LIFTGATE-}" ] || "$LIFTGATE" inventory > /dev/null 2>&1
look > "$BUNDLE/before"
trap 'look > "$BUNDLE/after"' EXIT
"#;

/// The lines of the machine's two listings that differ.
pub(super) fn machine_changes(bundle: &Path) -> io::Result<Vec<String>> {
    let read = |name: &str| -> io::Result<Vec<String>> {
        let text = fs::read(bundle.join(name))?;
        Ok(String::from_utf8_lossy(&text)
            .lines()
            .map(str::to_owned)
            .collect())
    };
    let (before, after) = (read("before")?, read("after")?);
    if before.len() < 500 {
        return Err(io::Error::other("the machine was not listed"));
    }
    let after_lines: std::collections::BTreeSet<&String> = after.iter().collect();
    let before_lines: std::collections::BTreeSet<&String> = before.iter().collect();
    Ok(before_lines
        .symmetric_difference(&after_lines)
        .map(|line| (*line).clone())
        .collect())
}
