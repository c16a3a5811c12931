//! Which file is read.

use std::ffi::OsString;
use std::path::PathBuf;

/// The configuration file: `$NVIDIA_CTK_CONFIG_FILE_PATH`, else below `$XDG_CONFIG_HOME`, else below `/etc`. An empty variable is none.
///
/// A runtime gets its environment from containerd's shim or from dockerd, not from a shell: a variable that is set at a
/// prompt says nothing about the containers that the daemon starts.
pub fn config_path(env: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let given = |name: &str| {
        env(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    given("NVIDIA_CTK_CONFIG_FILE_PATH").unwrap_or_else(|| {
        given("XDG_CONFIG_HOME")
            .unwrap_or_else(|| PathBuf::from("/etc"))
            .join("nvidia-container-runtime/config.toml")
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_first_that_is_not_empty() {
        for (file, home, expected) in [
            (None, None, "/etc/nvidia-container-runtime/config.toml"),
            (
                Some(""),
                Some(""),
                "/etc/nvidia-container-runtime/config.toml",
            ),
            (
                None,
                Some("/home/a/.config"),
                "/home/a/.config/nvidia-container-runtime/config.toml",
            ),
            (
                Some(""),
                Some("/x"),
                "/x/nvidia-container-runtime/config.toml",
            ),
            (Some("/a/b.toml"), Some("/x"), "/a/b.toml"),
        ] {
            let found = config_path(|name| match name {
                "NVIDIA_CTK_CONFIG_FILE_PATH" => file.map(OsString::from),
                "XDG_CONFIG_HOME" => home.map(OsString::from),
                _ => None,
            });
            assert_eq!(found, Path::new(expected));
        }
    }
}
