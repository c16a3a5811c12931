//! Files of a layer: writing them below a root, and copying a whole layer.
//!
//! Copying, because an overlay refuses a lower directory that lies below another one (`ELOOP`,
//! "overlapping lowerdir path"), and the tree of a machine usually lies below `/`.

use crate::device::device_numbers;
use liftgate_sys::node::make_character_device;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// Where `path`, absolute, lies below `root`; its directory is made.
///
/// Refused if the way there leads over a link: an absolute one, which a layer may well hold, would lead
/// out of the layer and onto the running host.
pub(crate) fn place(root: &Path, path: &str) -> io::Result<PathBuf> {
    let place = root.join(path.trim_start_matches('/'));
    let parents = place.ancestors().skip(1);
    for parent in parents.take_while(|parent| *parent != root) {
        if parent.is_symlink() {
            return Err(io::Error::other(format!(
                "`{}` is a link",
                parent.display()
            )));
        }
    }
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(place)
}

/// Writes a file with exactly this mode.
pub(crate) fn file(root: &Path, path: &str, content: &[u8], mode: u32) -> io::Result<()> {
    let place = place(root, path)?;
    std::fs::write(&place, content)?;
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode))
}

/// Makes a symbolic link.
pub(crate) fn link(root: &Path, path: &str, target: &str) -> io::Result<()> {
    symlink(target, place(root, path)?)
}

/// Makes a socket that nobody listens on.
pub(crate) fn socket(root: &Path, path: &str) -> io::Result<()> {
    bind_socket(&place(root, path)?)
}

/// The address of a socket holds 107 bytes and the path of a tree may be longer, so the directory is
/// named by a descriptor.
fn bind_socket(place: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;
    let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let directory = std::fs::File::open(parent)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd())).join(name);
    UnixListener::bind(short)?;
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o666))
}

/// A device node with the numbers, the mode and the owner of another.
fn copy_node(entry: &std::fs::DirEntry, target: &Path) -> io::Result<()> {
    let metadata = entry.metadata()?;
    let (major, minor) = device_numbers(metadata.rdev());
    make_character_device(target, major, minor, metadata.mode() & 0o7777)
        .map_err(io::Error::other)?;
    chown(target, Some(metadata.uid()), Some(metadata.gid()))
}

/// Copies directories (all open to everyone), files, links, sockets and device nodes below `from` to `to`, a directory
/// that exists.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            std::fs::create_dir_all(&target)?;
            // They cover directories of the host, and whoever made the layer may have had any umask.
            std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o755))?;
            copy(&source, &target)?;
        } else if kind.is_symlink() {
            symlink(std::fs::read_link(&source)?, &target)?;
        } else if kind.is_socket() {
            bind_socket(&target)?;
        } else if kind.is_char_device() {
            copy_node(&entry, &target)?;
        } else if kind.is_file() {
            std::fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_modes_links_and_sockets() {
        let scratch = tempfile::tempdir().unwrap();
        let long = "x".repeat(120);
        let (from, to) = (scratch.path().join(&long), scratch.path().join("to"));
        std::fs::create_dir_all(&to).unwrap();
        file(&from, "/bin/tool", b"#!", 0o755).unwrap();
        link(&from, "/bin/other", "tool").unwrap();
        socket(&from, "/run/daemon/socket").unwrap();
        copy(&from, &to).unwrap();
        let tool = std::fs::metadata(to.join("bin/tool")).unwrap();
        assert_eq!(tool.permissions().mode() & 0o7777, 0o755);
        assert_eq!(
            std::fs::read_link(to.join("bin/other")).unwrap(),
            Path::new("tool")
        );
        let socket = std::fs::metadata(to.join("run/daemon/socket")).unwrap();
        assert!(socket.file_type().is_socket());
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let scratch = tempfile::tempdir().unwrap();
        let (layer, outside) = (scratch.path().join("layer"), scratch.path().join("outside"));
        std::fs::create_dir(&outside).unwrap();
        link(&layer, "/lib", outside.to_str().unwrap()).unwrap();
        let error = file(&layer, "/lib/deep/file", b"", 0o644).unwrap_err();
        assert!(error.to_string().ends_with("lib` is a link"), "{error}");
        assert!(std::fs::read_dir(&outside).unwrap().next().is_none());
    }
}
