//! What the program says of itself, laid out as GNU argp does.

use super::arguments::{Definition, Value};

/// A command, with its options.
#[derive(Debug)]
pub(super) struct Command {
    /// Behind the program's name; empty: the program itself.
    pub(super) name: &'static str,
    pub(super) definitions: &'static [Definition],
    /// What stands behind the options in its usage.
    pub(super) words: &'static str,
    help: &'static str,
    usage: &'static str,
}

pub(super) const PROGRAM: Command = Command {
    name: "",
    definitions: &[
        (b'd', "debug", Value::Needed),
        (b'k', "load-kmods", Value::No),
        (b'n', "no-pivot", Value::No),
        (b'u', "user", Value::Possible),
        (b'r', "root", Value::Needed),
        (b'l', "ldcache", Value::Needed),
        (0, "no-create-imex-channels", Value::No),
    ],
    words: " COMMAND [ARG...]",
    help: "\
Gives containers their NVIDIA GPUs, and tells what there is to give.

 Commands:
  configure                  Give a container GPUs and driver
  info                       Show the driver and the GPUs
  list                       Show the files and nodes of the driver

 Options:
  -?, --help                 Give this help list
  -d, --debug=FILE           Write a log
  -k, --load-kmods           Load missing kernel modules, make missing nodes
  -l, --ldcache=FILE         Accepted; the driver is found without it
      --no-create-imex-channels   Accepted; no channel is ever created
  -n, --no-pivot             Accepted; no root is pivoted
  -r, --root=PATH            Where the driver's files are
      --usage                Give a short usage message
  -u, --user[=UID[:GID]]     Accepted; no code of the driver is run
  -V, --version              Print program version
",
    usage: " [-?knV] [-d FILE] [-l FILE] [-r PATH]
            [-u[UID[:GID]]] [--help] [--debug=FILE] [--load-kmods]
            [--ldcache=FILE] [--no-create-imex-channels] [--no-pivot]
            [--root=PATH] [--usage] [--user[=UID[:GID]]] [--version]
            COMMAND [ARG...]
",
};

pub(super) const INFO: Command = Command {
    name: " info",
    definitions: &[(0, "csv", Value::No)],
    words: "",
    help: "\
Shows the driver and the GPUs that it manages.

 Options:
  -?, --help                 Give this help list
      --csv                  As comma-separated values
      --usage                Give a short usage message
  -V, --version              Print program version
",
    usage: " [-?V] [--help] [--csv] [--usage] [--version]\n",
};

pub(super) const LIST: Command = Command {
    name: " list",
    definitions: &[
        (b'd', "device", Value::Needed),
        (b'l', "libraries", Value::No),
        (b'b', "binaries", Value::No),
        (b'i', "ipcs", Value::No),
        (b'f', "firmwares", Value::No),
        (0, "compat32", Value::No),
        (0, "mig-config", Value::Needed),
        (0, "mig-monitor", Value::Needed),
        (0, "no-persistenced", Value::No),
        (0, "no-fabricmanager", Value::No),
        (0, "no-gsp-firmware", Value::No),
        (0, "imex-channel", Value::Needed),
    ],
    words: "",
    help: "\
Shows what the driver has for containers, one path a line. Without options:
everything.

 Options:
  -?, --help                 Give this help list
  -b, --binaries             Programs
      --compat32             32-bit libraries too
  -d, --device=ID            Nodes of these GPUs, by index, UUID or bus address
  -f, --firmwares            Firmware
      --imex-channel=CHANNEL Nodes of these IMEX channels
  -i, --ipcs                 Sockets
  -l, --libraries            Libraries
      --mig-config=ID        What configures MIG devices (all)
      --mig-monitor=ID       What monitors MIG devices (all)
      --no-fabricmanager     Without the fabric manager's socket
      --no-gsp-firmware      Without firmware
      --no-persistenced      Without the persistence daemon's socket
      --usage                Give a short usage message
  -V, --version              Print program version
",
    usage: " [-?bfilV] [-d ID] [--help] [--binaries]
            [--compat32] [--device=ID] [--firmwares] [--imex-channel=CHANNEL]
            [--ipcs] [--libraries] [--mig-config=ID] [--mig-monitor=ID]
            [--no-fabricmanager] [--no-gsp-firmware] [--no-persistenced]
            [--usage] [--version]
",
};

pub(super) const CONFIGURE: Command = Command {
    name: " configure",
    definitions: &[
        (b'p', "pid", Value::Needed),
        (b'd', "device", Value::Needed),
        (b'r', "require", Value::Needed),
        (b'l', "ldconfig", Value::Needed),
        (b'c', "compute", Value::No),
        (b'u', "utility", Value::No),
        (b'v', "video", Value::No),
        (b'g', "graphics", Value::No),
        (b'D', "display", Value::No),
        (b'n', "ngx", Value::No),
        (0, "compat32", Value::No),
        (0, "mig-config", Value::Needed),
        (0, "mig-monitor", Value::Needed),
        (0, "no-cgroups", Value::No),
        (0, "no-devbind", Value::No),
        (0, "imex-channel", Value::Needed),
        (0, "no-persistenced", Value::No),
        (0, "no-fabricmanager", Value::No),
        (0, "no-gsp-firmware", Value::No),
        (0, "no-cntlibs", Value::No),
        (0, "cuda-compat-mode", Value::Needed),
    ],
    words: " ROOTFS",
    help: "\
Gives a container that was created, and not started, GPUs and the driver.

ROOTFS is the container's root file system, as its mount namespace shows it
before the root is changed. With --pid that namespace is entered; without, it
is the caller's own.

 Options:
  -?, --help                 Give this help list
      --compat32             32-bit libraries too
      --cuda-compat-mode=MODE   mount and ldconfig: newer CUDA libraries of the
                             image may be used; disabled: never
  -c, --compute              CUDA and OpenCL
  -d, --device=ID            These GPUs, by index, UUID or bus address, or all
  -D, --display              X11
  -g, --graphics             OpenGL and Vulkan
      --imex-channel=CHANNEL These IMEX channels
  -l, --ldconfig=PATH        Accepted; the loader's cache is written directly
      --mig-config=ID        Leave to configure MIG devices (all)
      --mig-monitor=ID       Leave to monitor MIG devices (all)
      --no-cgroups           Leave the device cgroup alone
      --no-cntlibs           The same as --cuda-compat-mode=disabled
      --no-devbind           No device nodes
      --no-fabricmanager     Without the fabric manager's socket
      --no-gsp-firmware      Without firmware
      --no-persistenced      Without the persistence daemon's socket
  -n, --ngx                  NGX
  -p, --pid=PID              The container's process
  -r, --require=EXPR         What driver and GPUs have to have
      --usage                Give a short usage message
  -u, --utility              nvidia-smi and NVML
  -v, --video                Video encoding and decoding
  -V, --version              Print program version
",
    usage: " [-?cDgnuvV] [-d ID] [-l PATH] [-p PID]
            [-r EXPR] [--help] [--compat32] [--cuda-compat-mode=MODE]
            [--compute] [--device=ID] [--display] [--graphics]
            [--imex-channel=CHANNEL] [--ldconfig=PATH] [--mig-config=ID]
            [--mig-monitor=ID] [--no-cgroups] [--no-cntlibs] [--no-devbind]
            [--no-fabricmanager] [--no-gsp-firmware] [--no-persistenced]
            [--ngx] [--pid=PID] [--require=EXPR] [--usage] [--utility]
            [--video] [--version] ROOTFS
",
};

/// The name that messages begin with.
pub(super) const NAME: &str = "nvidia-container-cli";

impl Command {
    pub(super) fn help(&self) -> String {
        format!(
            "Usage: {NAME}{} [OPTION...]{}\n{}",
            self.name, self.words, self.help
        )
    }

    pub(super) fn usage(&self) -> String {
        format!("Usage: {NAME}{}{}", self.name, self.usage)
    }

    /// Where to find more, behind a problem.
    pub(super) fn hint(&self) -> String {
        let name = self.name;
        wrapped(&format!(
            "Try `{NAME}{name} --help' or `{NAME}{name} --usage' for more information."
        ))
    }

    /// What is said to a command line without the words that it needs.
    pub(super) fn short_usage(&self) -> String {
        format!(
            "Usage: {NAME}{} [OPTION...]{}\n{}",
            self.name,
            self.words,
            self.hint()
        )
    }
}

/// Lines of less than 80 columns.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        if column > 0 && column + 1 + word.len() >= 80 {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += word.len();
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every option stands in the help and in the usage, and nothing else does.
    #[test]
    fn texts_and_definitions_agree() {
        for command in [PROGRAM, INFO, LIST, CONFIGURE] {
            let mut defined: Vec<String> = command
                .definitions
                .iter()
                .map(|(_, name, _)| (*name).to_owned())
                .chain(["help", "usage", "version"].map(str::to_owned))
                .collect();
            defined.sort();
            let named = |text: &str, only_first: bool| {
                let mut names: Vec<String> = text
                    .lines()
                    .filter(|line| !only_first || line.starts_with("  "))
                    .flat_map(|line| {
                        let count = if only_first { 1 } else { usize::MAX };
                        line.split("--").skip(1).take(count)
                    })
                    .map(|rest| {
                        rest.chars()
                            .take_while(|one| one.is_ascii_alphanumeric() || *one == '-')
                            .collect()
                    })
                    .collect();
                names.sort();
                names
            };
            let options = command.help.split(" Options:\n").nth(1).unwrap();
            let options: Vec<&str> = options
                .lines()
                .filter(|line| line.trim_start().starts_with('-'))
                .collect();
            assert_eq!(
                named(&options.join("\n"), true),
                defined,
                "{}",
                command.name
            );
            assert_eq!(named(command.usage, false), defined, "{}", command.name);
        }
    }

    #[test]
    fn hints_are_wrapped() {
        assert_eq!(
            INFO.hint(),
            "Try `nvidia-container-cli info --help' or `nvidia-container-cli info --usage'\nfor more information.\n"
        );
        assert_eq!(
            CONFIGURE.hint(),
            "Try `nvidia-container-cli configure --help' or `nvidia-container-cli configure\n--usage' for more information.\n"
        );
        assert_eq!(
            PROGRAM.hint(),
            "Try `nvidia-container-cli --help' or `nvidia-container-cli --usage' for more\ninformation.\n"
        );
    }
}
