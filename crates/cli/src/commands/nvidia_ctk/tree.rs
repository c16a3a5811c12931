//! The commands of `nvidia-ctk` and their flags, and the help that they give.

use super::flags::{Flag, Kind};
use std::fmt::Write as _;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It has commands below it, and prints its help.
    Group,
    Generate,
    List,
    TransformRoot,
    Configure,
    /// It hands over to the program of the hooks.
    Hook,
    Config,
    ConfigDefault,
    CreateDeviceNodes,
    CreateCharLinks,
}

/// A command.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) name: &'static str,
    about: &'static str,
    pub(super) flags: &'static [Flag],
    pub(super) commands: &'static [Command],
    pub(super) work: Work,
}

use Kind::{List, Switch, Text};

pub(super) static ROOT: Command = Command {
    name: "nvidia-ctk",
    about: "liftgate, in the place of the NVIDIA Container Toolkit's command line",
    flags: ROOT_FLAGS,
    commands: &[CDI, HOOK, RUNTIME, CONFIG, SYSTEM, INFO],
    work: Work::Group,
};

const ROOT_FLAGS: &[Flag] = &[
    Flag::new(Switch, "debug", &["d"], "NVIDIA_CTK_DEBUG", "log more"),
    Flag::new(
        Switch,
        "quiet",
        &[],
        "NVIDIA_CTK_QUIET",
        "log errors only, whatever --debug says",
    ),
    Flag::new(
        Text,
        "config",
        &[],
        "NVIDIA_CTK_CONFIG",
        "the config.toml that names the driver root where --driver-root does not",
    ),
    Flag::new(Switch, "version", &["v"], "", "print the version"),
];

const CDI: Command = Command {
    name: "cdi",
    about: "work with CDI specifications",
    flags: &[],
    commands: &[
        Command {
            name: "generate",
            about: "make a specification of this machine's GPUs",
            flags: GENERATE_FLAGS,
            commands: &[],
            work: Work::Generate,
        },
        Command {
            name: "list",
            about: "list the devices that containers can be given by name",
            flags: &[Flag::new(
                List,
                "spec-dir",
                &[],
                "NVIDIA_CTK_CDI_SPEC_DIRS",
                "directories of specifications; the last overrules the others [/etc/cdi,/var/run/cdi]",
            )],
            commands: &[],
            work: Work::List,
        },
        Command {
            name: "transform",
            about: "rewrite a specification",
            flags: &[],
            commands: &[Command {
                name: "root",
                about: "make paths below one directory paths below another",
                flags: TRANSFORM_FLAGS,
                commands: &[],
                work: Work::TransformRoot,
            }],
            work: Work::Group,
        },
    ],
    work: Work::Group,
};

const HOOK: Command = Command {
    name: "hook",
    about: "do the work of a hook of a container: see nvidia-cdi-hook",
    flags: &[],
    commands: &[],
    work: Work::Hook,
};

const RUNTIME: Command = Command {
    name: "runtime",
    about: "tell engines of the runtime",
    flags: &[],
    commands: &[Command {
        name: "configure",
        about: "tell an engine of the runtime",
        flags: CONFIGURE_FLAGS,
        commands: &[],
        work: Work::Configure,
    }],
    work: Work::Group,
};

const CONFIG: Command = Command {
    name: "config",
    about: "print or change the file that configures the runtimes",
    flags: CONFIG_FLAGS,
    commands: &[
        config_default("default", "print a file with the default values"),
        config_default("create-default", "the same"),
        config_default("generate-default", "the same"),
    ],
    work: Work::Config,
};

const fn config_default(name: &'static str, about: &'static str) -> Command {
    Command {
        name,
        about,
        flags: CONFIG_DEFAULT_FLAGS,
        commands: &[],
        work: Work::ConfigDefault,
    }
}

const SYSTEM: Command = Command {
    name: "system",
    about: "prepare the machine",
    flags: &[],
    commands: &[
        Command {
            name: "create-dev-char-symlinks",
            about: "link the driver's device nodes by their numbers, for systemd",
            flags: CHAR_LINKS_FLAGS,
            commands: &[],
            work: Work::CreateCharLinks,
        },
        Command {
            name: "create-device-nodes",
            about: "make the driver's device nodes",
            flags: DEVICE_NODES_FLAGS,
            commands: &[],
            work: Work::CreateDeviceNodes,
        },
    ],
    work: Work::Group,
};

const INFO: Command = Command {
    name: "info",
    about: "has no commands",
    flags: &[],
    commands: &[],
    work: Work::Group,
};

#[rustfmt::skip]
const GENERATE_FLAGS: &[Flag] = &[
    Flag::new(Text, "output", &[], "NVIDIA_CTK_CDI_OUTPUT_FILE_PATH", "the file, instead of standard output"),
    Flag::new(Text, "format", &[], "NVIDIA_CTK_CDI_GENERATE_OUTPUT_FORMAT", "yaml or json [yaml, or the ending of --output]"),
    Flag::new(Text, "mode", &["discovery-mode"], "NVIDIA_CTK_CDI_GENERATE_MODE", "what it is about: auto, nvml, wsl, csv, management, gds, mofed, gdrcopy, nvswitch, imex [auto]"),
    Flag::new(List, "device-id", &["device-ids", "device", "devices"], "NVIDIA_CTK_CDI_GENERATE_DEVICE_IDS", "devices to be part of it: indices, UUIDs, all or none [all]"),
    Flag::new(List, "device-name-strategy", &[], "NVIDIA_CTK_CDI_GENERATE_DEVICE_NAME_STRATEGIES", "how devices are named: index, uuid, type-index [index,uuid]"),
    Flag::new(Switch, "no-all-device", &[], "NVIDIA_CTK_CDI_GENERATE_NO_ALL_DEVICE", "leave out the device `all`"),
    Flag::new(Text, "vendor", &["cdi-vendor"], "NVIDIA_CTK_CDI_GENERATE_VENDOR", "the vendor of the devices' kind [nvidia.com]"),
    Flag::new(Text, "class", &["cdi-class"], "NVIDIA_CTK_CDI_GENERATE_CLASS", "the class of the devices' kind [gpu]"),
    Flag::new(Text, "driver-root", &[], "NVIDIA_CTK_DRIVER_ROOT", "where the driver's files are [looked for]"),
    Flag::new(Text, "dev-root", &[], "NVIDIA_CTK_DEV_ROOT", "the root below whose /dev the nodes are [the driver root if it has /dev/nvidiactl]"),
    Flag::new(List, "library-search-path", &[], "NVIDIA_CTK_CDI_GENERATE_LIBRARY_SEARCH_PATHS", "directories to find libraries in, instead of looking for them"),
    Flag::new(List, "config-search-path", &[], "NVIDIA_CTK_CDI_GENERATE_CONFIG_SEARCH_PATHS", "directories to find configuration files in, instead of the usual ones"),
    Flag::new(Text, "nvidia-cdi-hook-path", &["nvidia-ctk-path"], "NVIDIA_CTK_CDI_HOOK_PATH", "the program of the hooks [liftgate-rt, beside this one]"),
    Flag::new(Text, "ldconfig-path", &[], "NVIDIA_CTK_CDI_GENERATE_LDCONFIG_PATH", "ldconfig where containers start, for another program of hooks"),
    Flag::new(List, "disable-hook", &["disable-hooks"], "NVIDIA_CTK_CDI_GENERATE_DISABLED_HOOKS", "hooks to leave out, or all"),
    Flag::new(List, "enable-hook", &["enable-hooks"], "NVIDIA_CTK_CDI_GENERATE_ENABLED_HOOKS", "hooks to keep although --disable-hook leaves them out"),
    Flag::new(List, "feature-flag", &["feature-flags"], "NVIDIA_CTK_CDI_GENERATE_FEATURE_FLAGS", "peculiarities: disable-ipc-discoverer, enable-coherent-annotations, enable-explicit-driver-libraries, no-additional-gids-for-device-nodes"),
    Flag::new(List, "csv.file", &[], "NVIDIA_CTK_CDI_GENERATE_CSV_FILES", "lists of what containers get on a Jetson, instead of the usual ones"),
    Flag::new(List, "csv.ignore-pattern", &[], "NVIDIA_CTK_CDI_GENERATE_CSV_IGNORE_PATTERNS", "patterns of links in them that are left out"),
    Flag::new(Text, "csv.compat-container-root", &[], "NVIDIA_CTK_CDI_GENERATE_CSV_CONTAINER_COMPAT_ROOT", "where images for a Jetson have newer CUDA libraries"),
];

#[rustfmt::skip]
const CONFIG_FLAGS: &[Flag] = &[
    Flag::new(Text, "config-file", &["config", "c"], "", "the file [/etc/nvidia-container-runtime/config.toml]; where there is none, the default values are taken"),
    Flag::new(List, "set", &[], "", "what to change: KEY=VALUE, or KEY for KEY=true; elements of a list are parted by : or a comma"),
    Flag::new(Switch, "in-place", &["i"], "", "change the file itself"),
    Flag::new(Text, "output", &["o"], "", "the file to be written, instead of standard output"),
    Flag::new(Text, "set-list-separator", &[], "", ""),
];

#[rustfmt::skip]
const CONFIG_DEFAULT_FLAGS: &[Flag] = &[
    Flag::new(Text, "output", &["o"], "", "the file to be written, instead of standard output"),
];

#[rustfmt::skip]
const CHAR_LINKS_FLAGS: &[Flag] = &[
    Flag::new(Text, "dev-char-path", &[], "DEV_CHAR_PATH", "the directory of the links [/dev/char]"),
    Flag::new(Text, "driver-root", &[], "NVIDIA_DRIVER_ROOT DRIVER_ROOT", "where the driver is installed: its modprobe is used, and its nodes where the host has none [/]"),
    Flag::new(Switch, "create-all", &[], "CREATE_ALL", "links to all nodes that there could be, not only to those that there are"),
    Flag::new(Switch, "load-kernel-modules", &[], "LOAD_KERNEL_MODULES", "with --create-all: load the driver's modules"),
    Flag::new(Switch, "create-device-nodes", &[], "CREATE_DEVICE_NODES", "with --create-all: make the nodes of the control devices"),
    Flag::new(Switch, "dry-run", &[], "DRY_RUN", "say what would be done, and do nothing"),
];

#[rustfmt::skip]
const DEVICE_NODES_FLAGS: &[Flag] = &[
    Flag::new(Text, "root", &["driver-root"], "ROOT NVIDIA_DRIVER_ROOT DRIVER_ROOT", "where the driver is installed: its modprobe is used [/]"),
    Flag::new(Text, "dev-root", &[], "NVIDIA_DEV_ROOT DEV_ROOT", "the root below whose /dev the nodes are made [what --root says]"),
    Flag::new(Switch, "control-devices", &[], "", "make nvidiactl, nvidia-modeset, nvidia-uvm and nvidia-uvm-tools"),
    Flag::new(Switch, "load-kernel-modules", &[], "", "load the driver's modules"),
    Flag::new(Switch, "dry-run", &[], "DRY_RUN", "say what would be done, and do nothing"),
];

#[rustfmt::skip]
const CONFIGURE_FLAGS: &[Flag] = &[
    Flag::new(Switch, "dry-run", &[], "", "print what would be written, and write nothing"),
    Flag::new(Text, "runtime", &[], "", "the engine: docker, containerd or crio [docker]"),
    Flag::new(Text, "config", &[], "", "the engine's configuration [/etc/docker/daemon.json, /etc/containerd/config.toml, /etc/crio/crio.conf]"),
    Flag::new(Text, "drop-in-config", &[], "", "the file to be written beside it; empty: none [/etc/containerd/conf.d/99-nvidia.toml, /etc/crio/crio.conf.d/99-nvidia.toml]"),
    Flag::new(Text, "config-mode", &[], "", "config-file, or oci-hook for a file in a directory of hooks [config-file]"),
    Flag::new(Text, "config-source", &[], "", "where the configuration is read: file, or command: the engine is asked [file]"),
    Flag::new(Text, "executable-path", &[], "", "the engine's program, to be asked"),
    Flag::new(Text, "oci-hook-path", &[], "", "the file of --config-mode=oci-hook, instead of standard output"),
    Flag::new(Text, "nvidia-runtime-name", &[], "", "the runtime's name [nvidia]"),
    Flag::new(Text, "nvidia-runtime-path", &["runtime-path"], "", "the runtime's program [nvidia-container-runtime, in /usr/bin]"),
    Flag::new(Text, "nvidia-runtime-hook-path", &[], "", "the program of --config-mode=oci-hook [/usr/bin/nvidia-container-runtime-hook]"),
    Flag::new(Switch, "nvidia-set-as-default", &["set-as-default"], "", "make it the runtime of containers that name none"),
    Flag::new(Switch, "cdi.enabled", &["cdi.enable", "enable-cdi"], "", "have the engine take devices of CDI specifications"),
];

#[rustfmt::skip]
const TRANSFORM_FLAGS: &[Flag] = &[
    Flag::new(Text, "from", &[], "", "the directory to be replaced"),
    Flag::new(Text, "to", &[], "", "what takes its place"),
    Flag::new(Text, "relative-to", &[], "", "whose paths are rewritten: host or container [host]"),
    Flag::new(Text, "input", &[], "", "the file to be read; -: standard input [-]"),
    Flag::new(Text, "output", &[], "", "the file to be written, instead of standard output"),
];

impl Command {
    /// The command of that name below this one.
    pub(super) fn below(&self, name: &str) -> Option<&'static Command> {
        self.commands.iter().find(|command| command.name == name)
    }

    /// The help text, for the command at the end of `path`.
    pub(super) fn help(&self, path: &str) -> String {
        let mut text = format!("{path}: {}\n\nUsage: {path}", self.about);
        if !self.commands.is_empty() {
            text.push_str(" COMMAND");
        }
        text.push_str(" [FLAG…]\n");
        if !self.commands.is_empty() {
            text.push_str("\nCommands:\n");
        }
        for command in self.commands {
            writeln!(text, "  {:<26} {}", command.name, command.about).ok();
        }
        let shown = |heading: &str, flags: &[Flag], text: &mut String| {
            writeln!(text, "\n{heading}:").ok();
            for flag in flags.iter().filter(|flag| !flag.about.is_empty()) {
                let names: Vec<String> = std::iter::once(&flag.name)
                    .chain(flag.aliases)
                    .map(|name| {
                        if name.len() == 1 {
                            format!("-{name}")
                        } else {
                            format!("--{name}")
                        }
                    })
                    .collect();
                let value = match flag.kind {
                    Switch => "",
                    Text => " VALUE",
                    List => " VALUE,…",
                };
                writeln!(text, "  {}{value}\n      {}", names.join(", "), flag.about).ok();
                if !flag.variable.is_empty() {
                    let variables = flag.variable.replace(' ', ", else ");
                    writeln!(text, "      variable: {variables}").ok();
                }
            }
        };
        if !self.flags.is_empty() && !std::ptr::eq(self, &raw const ROOT) {
            shown("Flags", self.flags, &mut text);
        }
        shown("Flags of every command", ROOT.flags, &mut text);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn check(command: &Command, outer: &[&'static str]) {
        let own = command.flags.iter();
        // Their `--config` is a flag of their own, and the outer one says nothing to them.
        let has_config = matches!(command.name, "config" | "configure");
        let outer = outer
            .iter()
            .copied()
            .filter(|name| !has_config || *name != "config");
        let names: Vec<&str> = own
            .flat_map(|flag| std::iter::once(flag.name).chain(flag.aliases.iter().copied()))
            .chain(outer)
            .collect();
        let unique: BTreeSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{}: {names:?}", command.name);
        assert_eq!(
            command.work == Work::Group,
            (!command.commands.is_empty() && command.name != "config") || command.name == "info",
            "{}",
            command.name
        );
        for inner in command.commands {
            check(
                inner,
                &ROOT_FLAGS.iter().map(|flag| flag.name).collect::<Vec<_>>(),
            );
        }
    }

    #[test]
    fn no_flag_has_two_meanings() {
        check(&ROOT, &[]);
    }
}
