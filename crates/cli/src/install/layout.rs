//! What is put where: a list, from a prefix and from what the machine says. No file is looked at here.
//!
//! systemd, udev and tmpfiles read their files below `/usr/lib` and below `/etc`, and not below any other prefix; so
//! with one the files go to `/etc`. `config.toml` has one place, whatever the prefix: engines start the runtime
//! without telling it another.

use super::{Scope, thing::Thing};
use crate::commands::{completion_script, manual_pages};
use clap_complete::Shell;
use liftgate_sys::{Root, SysError};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Names of the reference's, and which of the two programs answers to each. `liftgate-rt` becomes `liftgate` where
/// a name's work is not that of a container's start.
const NAMES: [(&str, &str); 9] = [
    ("nvidia-container-runtime", RT),
    ("nvidia-container-runtime.cdi", RT),
    ("nvidia-container-runtime.legacy", RT),
    ("nvidia-container-runtime-hook", RT),
    ("nvidia-container-toolkit", RT),
    ("nvidia-container-cli", RT),
    ("nvidia-cdi-hook", RT),
    ("nvidia-ctk", RT),
    ("nvidia-docker", LIFTGATE),
];

const RT: &str = "liftgate-rt";
const LIFTGATE: &str = "liftgate";

/// The units, which are enabled in this order.
pub(crate) const UNITS: [&str; 3] = [
    "liftgate-device-nodes.service",
    "liftgate-cdi-refresh.service",
    "liftgate-cdi-refresh.path",
];

macro_rules! packaging {
    ($name:literal) => {
        include_str!(concat!("../../../../packaging/", $name))
    };
}

const UNIT_TEXTS: [&str; 3] = [
    packaging!("systemd/liftgate-device-nodes.service"),
    packaging!("systemd/liftgate-cdi-refresh.service"),
    packaging!("systemd/liftgate-cdi-refresh.path"),
];
const RULES: &str = packaging!("systemd/99-liftgate-cdi-refresh.rules");
const TMPFILES: &str = packaging!("tmpfiles/liftgate.conf");
const LICENSE: &str = include_str!("../../../../LICENSE");

/// In the texts above, and rewritten for another prefix.
const PROGRAMS_IN_TEXTS: [&str; 2] = ["/usr/bin/liftgate", "/usr/bin/nvidia-ctk"];

/// The place of the configuration.
pub(crate) const CONFIGURATION: &str = "/etc/nvidia-container-runtime/config.toml";

/// Something to be put in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) path: PathBuf,
    pub(crate) content: Content,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    File { bytes: Vec<u8>, mode: u32 },
    Link { target: &'static str },
}

/// How an item gets along with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ours alone.
    Own,
    /// A name that the reference has, too: what is there may be the reference's, at any time.
    Name,
    /// The administrator's, once it is there.
    Configuration,
    /// A package's, which somebody else's script may have removed.
    Packaged,
}

/// The two executables.
#[derive(Debug, Default)]
pub(crate) struct Programs {
    pub(crate) liftgate: Vec<u8>,
    pub(crate) rt: Vec<u8>,
}

/// What `config.toml` depends on.
#[derive(Debug)]
pub(crate) struct Machine {
    ldconfig: &'static str,
    is_suse: bool,
}

impl Machine {
    /// The machine whose root this is.
    pub(crate) fn of(root: &Root) -> Result<Self, SysError> {
        let is_wrapped = root.metadata(Path::new("/sbin/ldconfig.real"))?.is_some();
        let release = root.read(Path::new("/etc/os-release"), 64 << 10)?;
        let release = release.unwrap_or_default();
        Ok(Self {
            ldconfig: if is_wrapped {
                "@/sbin/ldconfig.real"
            } else {
                "@/sbin/ldconfig"
            },
            is_suse: liftgate_config::is_suse(&String::from_utf8_lossy(&release)),
        })
    }
}

/// Everything that is put in place.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) items: Vec<Item>,
}

impl Layout {
    /// What `scope` comprises below `prefix`.
    pub(crate) fn new(prefix: &Path, scope: Scope, programs: Programs, machine: &Machine) -> Self {
        let mut items = vec![Item {
            path: CONFIGURATION.into(),
            content: file(liftgate_config::default_text(
                machine.ldconfig,
                machine.is_suse,
            )),
            kind: Kind::Configuration,
        }];
        match scope {
            Scope::Whole => drop(items.splice(0..0, own(prefix, programs))),
            Scope::Package => items.extend(names(prefix, Kind::Packaged)),
        }
        Self { items }
    }

    /// Where tmpfiles finds ours.
    pub(crate) fn tmpfiles(prefix: &Path) -> PathBuf {
        read_by_system(prefix, "tmpfiles.d").join("liftgate.conf")
    }
}

/// A directory that systemd, udev or tmpfiles reads.
fn read_by_system(prefix: &Path, name: &str) -> PathBuf {
    let is_usr = prefix == Path::new("/usr");
    Path::new(if is_usr { "/usr/lib" } else { "/etc" }).join(name)
}

/// The names of the reference's, as links beside the programs that answer to them.
fn names(prefix: &Path, kind: Kind) -> impl Iterator<Item = Item> {
    NAMES.into_iter().map(move |(name, target)| Item {
        path: prefix.join("bin").join(name),
        content: Content::Link { target },
        kind,
    })
}

fn own(prefix: &Path, programs: Programs) -> Vec<Item> {
    let units = read_by_system(prefix, "systemd/system");
    let rules = read_by_system(prefix, "udev/rules.d");
    let bin = prefix.join("bin");
    let share = prefix.join("share");

    let new = |path: PathBuf, content: Content| Item {
        path,
        content,
        kind: Kind::Own,
    };
    // A start of a container between two of these finds names that lead somewhere: programs come before names,
    // and whatever starts programs comes last.
    let mut items: Vec<Item> = [(RT, programs.rt), (LIFTGATE, programs.liftgate)]
        .into_iter()
        .map(|(name, bytes)| new(bin.join(name), Content::File { bytes, mode: 0o755 }))
        .collect();
    items.extend(names(prefix, Kind::Name));
    let mut add = |path, content| items.push(new(path, content));
    for (shell, path) in [
        (Shell::Bash, "bash-completion/completions/liftgate"),
        (Shell::Zsh, "zsh/site-functions/_liftgate"),
        (Shell::Fish, "fish/vendor_completions.d/liftgate.fish"),
    ] {
        add(share.join(path), file(completion_script(shell)));
    }
    for (name, page) in manual_pages() {
        add(share.join("man/man1").join(name), file(page));
    }
    add(share.join("doc/liftgate/LICENSE"), file(LICENSE));
    add(Layout::tmpfiles(prefix), file(TMPFILES));
    for (name, text) in UNITS.iter().zip(UNIT_TEXTS) {
        add(units.join(name), file(for_prefix(text, prefix)));
    }
    add(rules.join("99-liftgate-cdi-refresh.rules"), file(RULES));
    items
}

fn file(text: impl Into<Vec<u8>>) -> Content {
    Content::File {
        bytes: text.into(),
        mode: 0o644,
    }
}

/// A unit's text with the programs below another prefix.
fn for_prefix(text: &str, prefix: &Path) -> String {
    PROGRAMS_IN_TEXTS
        .iter()
        .fold(text.to_owned(), |text, program| {
            let below = Path::new(program)
                .strip_prefix("/usr")
                .unwrap_or(Path::new(""));
            text.replace(program, &prefix.join(below).display().to_string())
        })
}

impl Item {
    /// What will be at the path.
    pub(super) fn thing(&self) -> Thing {
        match &self.content {
            Content::File { bytes, mode } => Thing::file(bytes, *mode),
            Content::Link { target } => Thing::link(OsStr::new(target)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn layout(prefix: &str, scope: Scope) -> Layout {
        let programs = Programs {
            liftgate: Vec::new(),
            rt: Vec::new(),
        };
        let machine = Machine {
            ldconfig: "@/sbin/ldconfig.real",
            is_suse: false,
        };
        Layout::new(Path::new(prefix), scope, programs, &machine)
    }

    fn text(layout: &Layout, name: &str) -> String {
        let item = layout.items.iter().find(|item| item.path.ends_with(name));
        match &item.expect("it is there").content {
            Content::File { bytes, .. } => String::from_utf8(bytes.clone()).unwrap(),
            Content::Link { target } => (*target).to_owned(),
        }
    }

    #[test]
    fn nothing_is_outside_of_the_prefix_but_what_has_one_place() {
        for (prefix, elsewhere) in [("/usr", 1), ("/opt/liftgate", 6)] {
            let layout = layout(prefix, Scope::Whole);
            let paths: BTreeSet<&Path> = layout.items.iter().map(|item| &*item.path).collect();
            assert_eq!(paths.len(), layout.items.len());
            let outside: Vec<_> = paths
                .iter()
                .filter(|path| !path.starts_with(prefix))
                .collect();
            assert_eq!(outside.len(), elsewhere, "{outside:?}");
            assert!(outside.iter().all(|path| path.starts_with("/etc")));
        }
    }

    #[test]
    fn units_name_the_programs_of_the_prefix() {
        let elsewhere = layout("/opt/liftgate", Scope::Whole);
        let all = UNITS.map(|unit| text(&elsewhere, unit)).concat();
        assert!(!all.contains("/usr/bin"), "{all}");
        assert!(all.contains("ExecStart=/opt/liftgate/bin/liftgate inventory\n"));
        assert!(all.contains("PathChanged=/opt/liftgate/bin/liftgate\n"));
        assert!(all.contains("/opt/liftgate/bin/nvidia-ctk system create-device-nodes"));
        // systemctl is not ours.
        assert!(text(&elsewhere, "99-liftgate-cdi-refresh.rules").contains("/usr/bin/systemctl "));
        let usual = layout("/usr", Scope::Whole);
        for (unit, as_shipped) in UNITS.iter().zip(UNIT_TEXTS) {
            assert_eq!(text(&usual, unit), as_shipped);
        }
    }

    #[test]
    fn the_manual_pages_that_units_refer_to_are_there() {
        let layout = layout("/usr", Scope::Whole);
        for unit in UNIT_TEXTS {
            let page = unit
                .lines()
                .find_map(|line| line.strip_prefix("Documentation=man:"))
                .and_then(|line| line.strip_suffix("(1)"))
                .expect("a page of section 1");
            assert!(!text(&layout, &format!("man1/{page}.1")).is_empty());
        }
    }

    #[test]
    fn a_package_has_the_rest_itself() {
        let layout = layout("/usr", Scope::Package);
        let is_packaged = |item: &&Item| item.kind == Kind::Packaged;
        assert_eq!(layout.items.iter().filter(is_packaged).count(), NAMES.len());
        assert_eq!(layout.items.len(), NAMES.len() + 1);
        assert!(text(&layout, "config.toml").contains("ldconfig = \"@/sbin/ldconfig.real\"\n"));
    }
}
