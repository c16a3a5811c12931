//! The file that a machine without one is given.
//!
//! Its text is a documented format: people compare it, and tools set keys where its comments show them. A line that is
//! commented out shows an example, which is not always what holds without it: `root` is no driver root by default.

use std::fmt::Write as _;

/// The text of a default file.
///
/// Two values are the machine's: `ldconfig` is `@/sbin/ldconfig`, or `@/sbin/ldconfig.real` where the former is a
/// wrapper of the latter; and on SUSE ([`is_suse`]) `nvidia-container-cli` needs the group `video`.
pub fn default_text(ldconfig: &str, is_suse: bool) -> String {
    let ldconfig = quoted(ldconfig);
    let is_comment = if is_suse { "" } else { "#" };
    format!(
        r#"#accept-nvidia-visible-devices-as-volume-mounts = false
#accept-nvidia-visible-devices-envvar-when-unprivileged = true
disable-require = false
supported-driver-capabilities = "compat32,compute,display,graphics,ngx,utility,video"
#swarm-resource = "DOCKER_RESOURCE_GPU"

[nvidia-container-cli]
#debug = "/var/log/nvidia-container-toolkit.log"
environment = []
#ldcache = "/etc/ld.so.cache"
ldconfig = {ldconfig}
load-kmods = true
#no-cgroups = false
#path = "/usr/bin/nvidia-container-cli"
#root = "/run/nvidia/driver"
{is_comment}user = "root:video"

[nvidia-container-runtime]
#debug = "/var/log/nvidia-container-runtime.log"
log-level = "info"
mode = "auto"
runtimes = ["runc", "crun"]

[nvidia-container-runtime.modes]

[nvidia-container-runtime.modes.cdi]
annotation-prefixes = ["cdi.k8s.io/"]
default-kind = "nvidia.com/gpu"
spec-dirs = ["/etc/cdi", "/var/run/cdi"]

[nvidia-container-runtime.modes.csv]
mount-spec-path = "/etc/nvidia-container-runtime/host-files-for-container.d"

[nvidia-container-runtime.modes.legacy]
cuda-compat-mode = "ldconfig"

[nvidia-container-runtime-hook]
path = "nvidia-container-runtime-hook"
skip-mode-detection = false

[nvidia-ctk]
path = "nvidia-ctk"
"#
    )
}

/// Whether a text of `os-release` is of SUSE or of something like it: `ID_LIKE` has the word.
///
/// The values are those of a shell: in quotation marks of either kind, and the last one holds.
pub fn is_suse(os_release: &str) -> bool {
    let like = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID_LIKE="))
        .next_back()
        .unwrap_or_default();
    like.trim()
        .trim_matches(['"', '\''])
        .split_whitespace()
        .any(|word| matches!(word, "suse" | "opensuse"))
}

/// The text as a basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            unruly if unruly.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(unruly)).ok();
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    /// As the file's documentation shows it.
    const DOCUMENTED: &str = include_str!("../tests/data/default.toml");

    #[test]
    fn it_is_the_documented_one_and_says_what_holds_anyway() {
        let text = default_text("@/sbin/ldconfig", false);
        assert_eq!(text, DOCUMENTED);
        assert_eq!(Config::parse(&text), Ok((Config::default(), Vec::new())));
    }

    #[test]
    fn what_depends_on_the_machine() {
        for ldconfig in ["@/sbin/ldconfig.real", "@/a \"b\"\\\u{1}\u{7f}é"] {
            let (config, warnings) = Config::parse(&default_text(ldconfig, true)).unwrap();
            let mut expected = Config::default();
            ldconfig.clone_into(&mut expected.nvidia_container_cli.ldconfig);
            expected.nvidia_container_cli.user = Some("root:video".to_owned());
            assert_eq!((config, warnings), (expected, Vec::new()));
        }
    }

    #[test]
    fn suse_is_told_by_a_word() {
        for (text, expected) in [
            ("NAME=x\nID_LIKE=\"suse opensuse\"\n", true),
            ("ID_LIKE=suse", true),
            ("ID_LIKE='opensuse'\n", true),
            ("ID_LIKE=debian\nID_LIKE=suse\n", true),
            ("ID_LIKE=suse\nID_LIKE=debian\n", false),
            ("ID=suse\n", false),
            ("ID_LIKE=\"opensuse-leap rhel\"\n", false),
            ("XID_LIKE=suse\n", false),
            ("#ID_LIKE=suse\n", false),
            ("", false),
        ] {
            assert_eq!(is_suse(text), expected, "{text}");
        }
    }
}
