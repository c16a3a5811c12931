//! The command line of an OCI runtime, as far as we have to understand it.
//!
//! It is read only up to the subcommand, and behind `create` only for the bundle. What follows is the
//! container's: the reference looked for `--log` and `create` anywhere, so that
//! `exec CONTAINER prog --log /x` made a file on the host.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// What the command line says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CommandLine {
    /// Whether the subcommand is `create`.
    pub(crate) is_create: bool,
    /// Whether the version is asked for.
    pub(crate) is_version: bool,
    /// The bundle; none: the working directory.
    pub(crate) bundle: Option<PathBuf>,
    /// Another name for `config.json` (crun's `--config`).
    pub(crate) config_name: Option<PathBuf>,
    /// The file that the low-level runtime logs to.
    pub(crate) log: Option<PathBuf>,
    /// Whether that file is JSON.
    pub(crate) is_json: bool,
    /// Whether everything is to be logged.
    pub(crate) is_debug: bool,
    /// Why `create` cannot be understood.
    pub(crate) problem: Option<String>,
}

/// Global options of runc, crun and youki that take a value.
const GLOBAL_WITH_VALUE: &[&[u8]] = &[
    b"cgroup-manager",
    b"criu",
    b"log",
    b"log-format",
    b"log-level",
    b"l",
    b"r",
    b"root",
    b"rootless",
];

/// Their subcommands. A word that is none of them is the value of an option that we do not know.
const SUBCOMMANDS: &[&[u8]] = &[
    b"checkpoint",
    b"completion",
    b"create",
    b"delete",
    b"events",
    b"exec",
    b"features",
    b"help",
    b"info",
    b"init",
    b"kill",
    b"list",
    b"mounts",
    b"pause",
    b"ps",
    b"restore",
    b"resume",
    b"run",
    b"spec",
    b"start",
    b"state",
    b"update",
];

/// Options of `create` that take a value.
const CREATE_WITH_VALUE: &[&[u8]] = &[
    b"b",
    b"bundle",
    b"config",
    b"console-socket",
    b"f",
    b"pid-file",
    b"preserve-fds",
];

impl CommandLine {
    /// Reads the arguments behind the program's name.
    pub(crate) fn parse(arguments: &[OsString]) -> Self {
        let mut line = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some((name, value)) = option(argument) else {
                if SUBCOMMANDS.contains(&argument.as_bytes()) {
                    line.is_create = argument == "create";
                    break;
                }
                continue;
            };
            if name == b"version" || name == b"v" {
                line.is_version = true;
            } else if name == b"debug" {
                line.is_debug = true;
            } else if GLOBAL_WITH_VALUE.contains(&name) {
                let value = value.or_else(|| rest.next().map(OsString::as_os_str));
                match name {
                    b"log" => line.log = value.map(PathBuf::from),
                    b"log-format" => line.is_json = value.is_some_and(|value| value == "json"),
                    _ => {}
                }
            }
        }
        if line.is_create {
            line.parse_create(rest.as_slice());
        }
        line
    }

    fn parse_create(&mut self, arguments: &[OsString]) {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                break;
            }
            let Some((name, value)) = option(argument) else {
                continue;
            };
            if !CREATE_WITH_VALUE.contains(&name) {
                continue;
            }
            let Some(value) = value.or_else(|| rest.next().map(OsString::as_os_str)) else {
                self.problem = Some(format!("the option `{}` has no value", argument.display()));
                break;
            };
            match name {
                b"b" | b"bundle" => self.bundle = Some(PathBuf::from(value)),
                b"f" | b"config" => self.config_name = Some(PathBuf::from(value)),
                _ => {}
            }
        }
    }
}

/// The name of an option, without its dashes, and the value behind `=`.
fn option(argument: &OsStr) -> Option<(&[u8], Option<&OsStr>)> {
    let bytes = argument.as_bytes();
    let name = bytes
        .strip_prefix(b"--")
        .or_else(|| bytes.strip_prefix(b"-"))?;
    if name.is_empty() {
        return None;
    }
    Some(match name.iter().position(|byte| *byte == b'=') {
        Some(at) => (&name[..at], Some(OsStr::from_bytes(&name[at + 1..]))),
        None => (name, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> CommandLine {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        CommandLine::parse(&arguments)
    }

    #[test]
    fn create_as_containerd_writes_it() {
        let line = parse(
            "--root /run/runc --log /run/b/log.json --log-format json --systemd-cgroup create --bundle /run/b --pid-file /run/b/init.pid --console-socket /tmp/pty ID",
        );
        assert!(line.is_create && line.is_json && !line.is_debug);
        assert_eq!(line.bundle, Some(PathBuf::from("/run/b")));
        assert_eq!(line.log, Some(PathBuf::from("/run/b/log.json")));
    }

    #[test]
    fn every_way_to_write_the_bundle() {
        for form in [
            "--bundle /b",
            "--bundle=/b",
            "-b /b",
            "-b=/b",
            "-bundle /b",
            "--bundle /a --bundle /b",
        ] {
            assert_eq!(
                parse(&format!("create {form} ID")).bundle,
                Some(PathBuf::from("/b")),
                "{form}"
            );
        }
        assert_eq!(parse("create ID").bundle, None);
        assert!(parse("create --bundle").problem.is_some());
    }

    #[test]
    fn a_container_called_create_is_not_a_command() {
        for other in [
            "state create",
            "delete create",
            "--root create state x",
            "--log create kill create",
            "exec c prog create",
        ] {
            assert!(!parse(other).is_create, "{other}");
        }
        assert!(parse("--root create create -b create x").is_create);
    }

    #[test]
    fn nothing_behind_the_subcommand_is_ours() {
        let line = parse("exec c prog --log /x --version --debug");
        assert_eq!(
            (line.log, line.is_version, line.is_debug),
            (None, false, false)
        );
    }

    #[test]
    fn an_unknown_global_option_with_a_value_does_not_hide_create() {
        assert!(parse("--new-option value create -b /b x").is_create);
    }

    #[test]
    fn version_before_a_subcommand() {
        assert!(parse("--version").is_version);
        assert!(parse("-v").is_version);
        assert!(!parse("--version").is_create);
    }
}
