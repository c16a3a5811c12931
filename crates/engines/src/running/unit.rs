//! The systemd unit that a daemon belongs to.

use super::Process;

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name, such as `docker.service`.
    pub name: String,
    /// Whether a user's systemd runs it.
    pub is_of_user: bool,
}

impl Unit {
    /// The service that a process belongs to, by its control group.
    pub fn of(process: &Process) -> Option<Self> {
        Self::of_cgroup(&process.cgroup)
    }

    pub(super) fn of_cgroup(text: &str) -> Option<Self> {
        // The unified hierarchy, or systemd's own; where both are there, systemd may use only one.
        let mut paths = text.lines().filter_map(|line| {
            line.strip_prefix("0::")
                .or_else(|| line.split_once(":name=systemd:").map(|(_, path)| path))
        });
        paths.find_map(Self::of_path)
    }

    fn of_path(path: &str) -> Option<Self> {
        let services: Vec<&str> = path
            .split('/')
            .filter(|part| part.ends_with(".service"))
            .collect();
        let (name, above) = services.split_last()?;
        let is_of_user = above.iter().any(|name| name.starts_with("user@"));
        // Everything that a user starts in a session of its own belongs to this one, and restarting it ends the session.
        if name.starts_with("user@") {
            return None;
        }
        Some(Self {
            name: (*name).to_owned(),
            is_of_user,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        let unit = |name: &str, is_of_user| {
            let name = name.to_owned();
            Some(Unit { name, is_of_user })
        };
        for (cgroup, expected) in [
            (
                "0::/system.slice/docker.service\n",
                unit("docker.service", false),
            ),
            (
                "5:devices:/x\n1:name=systemd:/system.slice/containerd.service\n",
                unit("containerd.service", false),
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker.service",
                unit("docker.service", true),
            ),
            (
                "0::/system.slice/snap.docker.dockerd.service",
                unit("snap.docker.dockerd.service", false),
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/init.scope",
                None,
            ),
            ("0::/user.slice/user-0.slice/session-1.scope", None),
            (
                "9:name=systemd:/\n0::/system.slice/docker.service\n",
                unit("docker.service", false),
            ),
            ("0::/", None),
            ("", None),
        ] {
            assert_eq!(Unit::of_cgroup(cgroup), expected, "{cgroup}");
        }
    }
}
