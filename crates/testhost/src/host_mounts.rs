//! What the running host has mounted where, and how each of it reaches the simulated machine.
//!
//! A mount is either bound, and then shared with the host, or gets an overlay of its own, so that what
//! the machine writes there is gone with it. Nothing the machine has of its own may be bound: the host's
//! `/run` would hide the machine's sockets, and a daemon started inside would write into the host's.

use std::path::{Path, PathBuf};

/// These hold what a container engine writes beside its data, so each gets an overlay if it is a mount.
const OVERLAID: [&str; 8] = [
    "/etc",
    "/opt",
    "/run",
    "/usr",
    "/usr/local",
    "/var",
    "/var/lib",
    "/var/run",
];

/// These are bound as they are, mounts or not.
const BOUND: [&str; 3] = ["/proc", "/sys", "/tmp"];

/// A mount to make in the new root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mount {
    /// Show the host's directory or file, with all that is mounted below it.
    Bind(PathBuf),
    /// Lay an overlay over the host's directory.
    Overlay(PathBuf),
}

/// The mounts to make, parents first. `writable` are directories to share with the host, `apart` those that
/// are a file system of their own on the machine; `has_files` says whether the machine has files of its own
/// below a path.
pub(crate) fn plan(
    mountinfo: &str,
    writable: &[PathBuf],
    apart: &[PathBuf],
    has_files: impl Fn(&Path) -> bool,
) -> Vec<Mount> {
    let mut points: Vec<PathBuf> = mount_points(mountinfo);
    points.extend(BOUND.iter().map(PathBuf::from));
    points.extend(writable.iter().chain(apart).cloned());
    points.sort_by_key(|path| (path.components().count(), path.clone()));
    points.dedup();

    let mut covered: Vec<PathBuf> = vec![PathBuf::from("/dev")];
    let mut plan = Vec::new();
    for point in points {
        if point == Path::new("/") || covered.iter().any(|path| point.starts_with(path)) {
            continue;
        }
        let share = writable.contains(&point) || BOUND.iter().any(|path| point == Path::new(path));
        let overlay = OVERLAID.iter().any(|path| point == Path::new(path))
            || apart.contains(&point)
            || has_files(&point);
        if overlay && !share {
            plan.push(Mount::Overlay(point));
        } else {
            covered.push(point.clone());
            plan.push(Mount::Bind(point));
        }
    }
    plan
}

/// The mount points that `/proc/self/mountinfo` lists.
pub(crate) fn mount_points(mountinfo: &str) -> Vec<PathBuf> {
    mountinfo
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|path| PathBuf::from(unescape(path)))
        .collect()
}

/// The kernel writes a blank, a tab, a line end and a backslash as three octal digits.
pub(crate) fn unescape(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..3)
            .and_then(|code| u8::from_str_radix(code, 8).ok());
        if let Some(code) = code {
            out.push(char::from(code));
            out.push_str(&part[3..]);
        } else {
            out.push('\\');
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTINFO: &str = "\
21 1 254:0 / / rw - ext4 /dev/vda rw
22 21 0:5 / /proc rw - proc proc rw
23 22 0:30 / /proc/sys/fs/binfmt_misc rw - binfmt_misc none rw
24 21 0:6 / /dev rw - devtmpfs devtmpfs rw
25 24 0:7 / /dev/pts rw - devpts devpts rw
26 21 0:8 / /run rw - tmpfs tmpfs rw
27 26 0:9 / /run/user/1000 rw - tmpfs tmpfs rw
28 21 0:10 / /mnt/my\\040disk rw - ext4 /dev/vdb rw
29 21 0:11 / /usr/share rw - ext4 /dev/vdc rw
";

    fn bind(path: &str) -> Mount {
        Mount::Bind(PathBuf::from(path))
    }

    fn overlay(path: &str) -> Mount {
        Mount::Overlay(PathBuf::from(path))
    }

    #[test]
    fn binds_what_is_shared_and_overlays_what_the_machine_writes() {
        let machine = |path: &Path| Path::new("/usr/share/vulkan").starts_with(path);
        let plan = plan(
            MOUNTINFO,
            &[PathBuf::from("/var/out"), PathBuf::from("/tmp/x")],
            &[PathBuf::from("/home"), PathBuf::from("/tmp")],
            machine,
        );
        assert_eq!(
            plan,
            [
                overlay("/home"),
                bind("/proc"),
                overlay("/run"),
                bind("/sys"),
                bind("/tmp"),
                bind("/mnt/my disk"),
                overlay("/usr/share"),
                bind("/var/out"),
                bind("/run/user/1000"),
            ]
        );
    }

    #[test]
    fn a_broken_escape_stays_as_it_is() {
        assert_eq!(unescape("a\\04"), "a\\04");
        assert_eq!(unescape("a\\134b\\"), "a\\b\\");
        assert_eq!(unescape("\\é999"), "\\é999");
    }
}
