//! Where a process's cgroups are, from the texts that say so. Pure: nothing is opened here.
//!
//! `/proc/PID/cgroup` has a line for each hierarchy, `NUMBER:CONTROLLERS:PATH`, and `/proc/PID/mountinfo`
//! says which part of which hierarchy is mounted where. It lists mounts that others cover too, and by their
//! mount points something else is found, perhaps another part of the same hierarchy: what was opened is of a
//! mount only if `/proc/PID/fdinfo/FD` says so.
//!
//! The container's processes name their cgroups, where
//! a cgroup was delegated to them, so a path may hold any byte but a line feed; a colon is common
//! (`/system.slice:docker:…`).
//!
//! A path is relative to the cgroup namespace of whoever reads it. What lies outside of that namespace is
//! written with `..`: such a path names nothing that could be opened below a mount point, and is refused.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

/// The two versions of cgroups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A hierarchy for each controller, or for some: here, that of `devices`.
    V1,
    /// One hierarchy for all.
    V2,
}

/// The paths, in their hierarchies, of the two cgroups that can restrict a process's devices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    devices: Option<Vec<u8>>,
    unified: Option<Vec<u8>>,
}

impl Membership {
    /// Reads `/proc/PID/cgroup`. Lines that are not understood are not looked at.
    pub fn parse(text: &[u8]) -> Self {
        let mut membership = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            let mut fields = line.splitn(3, |byte| *byte == b':');
            let (Some(number), Some(controllers), Some(path)) =
                (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let place = if number == b"0" && controllers.is_empty() {
                &mut membership.unified
            } else if has_devices(controllers) {
                &mut membership.devices
            } else {
                continue;
            };
            place.get_or_insert_with(|| path.to_owned());
        }
        membership
    }

    /// The path in the hierarchy of `version` that has to do with devices.
    pub fn path(&self, version: Version) -> Option<&[u8]> {
        match version {
            Version::V1 => self.devices.as_deref(),
            Version::V2 => self.unified.as_deref(),
        }
    }
}

/// A mount of a hierarchy that has to do with devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Its number, among all mounts there are.
    pub id: u64,
    /// Which kind of hierarchy.
    pub version: Version,
    /// What part of the hierarchy is mounted.
    pub root: Vec<u8>,
    /// Where.
    pub point: PathBuf,
}

impl Mount {
    /// The mounts of version 1's `devices` controller and of version 2 that a `mountinfo` lists, in its order.
    /// Lines that are not understood are not looked at.
    pub fn parse(mountinfo: &[u8]) -> Vec<Self> {
        mountinfo
            .split(|byte| *byte == b'\n')
            .filter_map(Self::parse_line)
            .collect()
    }

    /// `36 31 0:33 /root /mount/point rw,relatime shared:1 - cgroup cgroup rw,devices`
    fn parse_line(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ');
        let id = number(fields.next()?)?;
        let root = unescaped(fields.nth(2)?);
        let point = unescaped(fields.next()?);
        // After the mount options comes any number of tags, then a hyphen.
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        let version = match kind {
            b"cgroup" => Version::V1,
            b"cgroup2" => Version::V2,
            _ => return None,
        };
        let options = line.rsplit(|byte| *byte == b' ').next()?;
        if version == Version::V1 && !has_devices(options) {
            return None;
        }
        Some(Self {
            id,
            version,
            root,
            point: PathBuf::from(OsString::from_vec(point)),
        })
    }

    /// Where `path` of the hierarchy is below the mount point; `None` if it is not below it.
    pub fn below(&self, path: &[u8]) -> Option<PathBuf> {
        let relative = match self.root.as_slice() {
            b"/" => path,
            root => path.strip_prefix(root)?,
        };
        let is_whole = relative.is_empty() || relative[0] == b'/';
        if !is_whole || leads_out(path) {
            return None;
        }
        let from = relative.iter().take_while(|byte| **byte == b'/').count();
        Some(PathBuf::from(OsString::from_vec(
            relative[from..].to_owned(),
        )))
    }
}

/// The mount that a descriptor is of, by its `/proc/PID/fdinfo/FD`.
pub fn mount_id(fdinfo: &[u8]) -> Option<u64> {
    fdinfo
        .split(|byte| *byte == b'\n')
        .find_map(|line| number(line.strip_prefix(b"mnt_id:")?.trim_ascii()))
}

fn number(digits: &[u8]) -> Option<u64> {
    str::from_utf8(digits).ok()?.parse().ok()
}

fn has_devices(list: &[u8]) -> bool {
    list.split(|byte| *byte == b',')
        .any(|entry| entry == b"devices")
}

/// Whether a component of the path is `..`.
fn leads_out(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/')
        .any(|component| component == b"..")
}

/// Mount tables write space, tab, line feed and backslash as `\` and three octal digits.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let value = match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                Some((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'))
            }
            _ => None,
        };
        plain.push(value.unwrap_or(first));
        rest = if value.is_some() { &rest[4..] } else { after };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &[u8] = b"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
        32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n\
        36 31 0:33 / /sys/fs/cgroup/devices rw,relatime shared:9 master:2 - cgroup cgroup rw,devices\n\
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=devices\n\
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

    fn mount(root: &str) -> Mount {
        Mount {
            id: 1,
            version: Version::V1,
            root: root.into(),
            point: "/c".into(),
        }
    }

    #[test]
    fn a_process_of_both_versions() {
        let membership = Membership::parse(
            b"9:name=devices:/wrong\n5:cpu,devices:/docker/a:b:c\n4:memory:/\n0::/system.slice:docker:1\n",
        );
        assert_eq!(membership.path(Version::V1), Some(&b"/docker/a:b:c"[..]));
        assert_eq!(
            membership.path(Version::V2),
            Some(&b"/system.slice:docker:1"[..])
        );
    }

    #[test]
    fn a_process_of_one_version_or_none() {
        let v2 = Membership::parse(b"0::/\n");
        assert_eq!(
            (v2.path(Version::V1), v2.path(Version::V2)),
            (None, Some(&b"/"[..]))
        );
        // Number 0 is version 2 only where no controller stands beside it.
        for text in [
            &b""[..],
            b"\n\n",
            b"0:",
            b"0:cpu:/x",
            b"7::/x",
            b"5:devicesx:/",
        ] {
            assert_eq!(Membership::parse(text), Membership::default());
        }
    }

    #[test]
    fn mounts_that_have_to_do_with_devices() {
        let found = Mount::parse(HYBRID);
        let points: Vec<_> = found
            .iter()
            .map(|mount| (mount.id, mount.version, mount.point.to_str().unwrap()))
            .collect();
        assert_eq!(
            points,
            [
                (36, Version::V1, "/sys/fs/cgroup/devices"),
                (41, Version::V2, "/sys/fs/cgroup/unified")
            ]
        );
    }

    #[test]
    fn mount_points_with_spaces() {
        let line = br"36 31 0:33 /a\134b /sys/my\040cgroups\04 rw - cgroup2 none rw";
        let found = Mount::parse(line);
        assert_eq!(found[0].root, br"/a\b");
        assert_eq!(found[0].point, PathBuf::from(r"/sys/my cgroups\04"));
    }

    #[test]
    fn the_mount_of_a_descriptor() {
        assert_eq!(
            mount_id(b"pos:\t0\nflags:\t012100000\nmnt_id:\t41\nino:\t1\n"),
            Some(41)
        );
        for text in [&b""[..], b"mnt_id:", b"mnt_id:\tx", b"xmnt_id:\t1"] {
            assert_eq!(mount_id(text), None);
        }
    }

    #[test]
    fn short_lines_are_not_looked_at() {
        for line in [
            "36 31 0:33 /",
            "x 31 0:33 / /c rw - cgroup2 none rw",
            "36 31 0:33 / /c rw - ",
            "36 31 0:33 / /c rw -",
            "- cgroup2",
        ] {
            assert_eq!(Mount::parse(line.as_bytes()), [], "{line}");
        }
    }

    #[test]
    fn the_root_of_a_mount_is_taken_off() {
        let below = |root: &str, path: &str| mount(root).below(path.as_bytes());
        assert_eq!(below("/", "/"), Some("".into()));
        assert_eq!(below("/", "/docker/1"), Some("docker/1".into()));
        assert_eq!(below("/docker", "/docker/1"), Some("1".into()));
        assert_eq!(below("/docker", "/docker"), Some("".into()));
        // `/docker2` is no child of `/docker`, nor is its parent.
        assert_eq!(below("/docker", "/docker2/1"), None);
        assert_eq!(below("/docker", "/"), None);
    }

    #[test]
    fn a_path_that_leads_out_is_below_nothing() {
        for (root, path) in [
            ("/", "/.."),
            ("/", "/../../other"),
            ("/..", "/../x"),
            ("/a", "/a/../b"),
            ("/", "/a/.."),
        ] {
            assert_eq!(mount(root).below(path.as_bytes()), None, "{root} {path}");
        }
        // A name may begin with two dots.
        assert_eq!(mount("/").below(b"/..a/b.."), Some("..a/b..".into()));
    }
}
