//! The options of `docker run`, `docker build` and their like: IMAGE is the first word that is neither an option nor the value of one, so
//! which options take a value has to be known.
//!
//! The words are taken apart as the engines take them apart (pflag): `--name=value`, `--name value`, `-it`, `-p80:80`, `-e=A=B`;
//! a switch takes no word of its own. One table serves both engines: where both have an option, it takes the same. An option
//! that is not in the table is looked up in the engine's own `--help`.
//!
//! It needs the standard library alone.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Options of `run` and `create`, of both engines. `=` behind a name: it takes a value; a letter before it: its short form.
pub const RUN: &str = "
add-host= annotation= arch= a|attach= authfile= blkio-weight= blkio-weight-device= cap-add= cap-drop= cert-dir= cgroup-conf=
cgroup-parent= cgroupns= cgroups= chrootdirs= cidfile= conmon-pidfile= cpu-count= cpu-percent= cpu-period= cpu-quota=
cpu-rt-period= cpu-rt-runtime= c|cpu-shares= cpus= cpuset-cpus= cpuset-mems= creds= decryption-key= d|detach detach-keys= device=
device-cgroup-rule= device-read-bps= device-read-iops= device-write-bps= device-write-iops= disable-content-trust dns= dns-opt=
dns-option= dns-search= domainname= entrypoint= e|env= env-file= env-host env-merge= expose= gidmap= gpus= group-add= group-entry=
health-cmd= health-interval= health-log-destination= health-max-log-count= health-max-log-size= health-on-failure=
health-retries= health-start-interval= health-start-period= health-startup-cmd= health-startup-interval= health-startup-retries=
health-startup-success= health-startup-timeout= health-timeout= help h|hostname= hosts-file= hostuser= http-proxy image-volume=
init init-ctr= init-path= i|interactive io-maxbandwidth= io-maxiops= ip= ip6= ipc= isolation= kernel-memory= l|label= label-file=
link= link-local-ip= log-driver= log-opt= mac-address= m|memory= memory-reservation= memory-swap= memory-swappiness= mount= name=
net= net-alias= network= network-alias= no-healthcheck no-hostname no-hosts oom-kill-disable oom-score-adj= os= passwd
passwd-entry= personality= pid= pidfile= pids-limit= platform= pod= pod-id-file= preserve-fd= preserve-fds= privileged p|publish=
P|publish-all pull= q|quiet rdt-class= read-only read-only-tmpfs replace requires= restart= retry= retry-delay= rm rmi rootfs
runtime= sdnotify= seccomp-policy= secret= security-opt= shm-size= shm-size-systemd= sig-proxy signature-policy= stop-signal=
stop-timeout= storage-opt= subgidname= subuidname= sysctl= systemd= timeout= tls-verify tmpfs= t|tty tz= uidmap= ulimit= umask=
unsetenv= unsetenv-all use-api-socket u|user= userns= uts= variant= v|volume= volume-driver= volumes-from= w|workdir=";

/// Podman's options for every subcommand, which may stand behind one, too; but for short ones, which mean others there.
pub const PODMAN: &str = "cgroup-manager= conmon= events-backend= hooks-dir= identity= imagestore= log-level= module=
namespace= network-cmd-path= network-config-dir= noout out= root= runroot= runtime-flag= ssh= storage-driver= syslog tmpdir=
transient-store url= volumepath=";

/// Options of `build`: of docker, with `BuildKit` and without, and of podman.
pub const BUILD: &str = "
add-host= all-platforms allow= annotation= arch= attest= authfile= build-arg= build-context= builder= cache-from= cache-to=
cache-ttl= call= cap-add= cap-drop= cert-dir= cgroup-parent= cgroupns= check compress cpp-flag= cpu-period= cpu-quota=
c|cpu-shares= cpuset-cpus= cpuset-mems= creds= debug decryption-key= device= D|disable-compression disable-content-trust dns=
dns-option= dns-search= env= f|file= force-rm format= from= help hooks-dir= http-proxy identity-label ignorefile= iidfile=
ipc= isolation= jobs= label= layers load logfile= logsplit manifest= m|memory= memory-swap= metadata-file= network= no-cache
no-cache-filter= no-hosts omit-history os= os-feature= os-version= o|output= pid= platform= progress= provenance= pull push
q|quiet retry= retry-delay= rm runtime-flag= sbom= secret= security-opt= shm-size= sign-by= skip-unused-stages squash
squash-all ssh= stdin t|tag= target= timestamp= tls-verify ulimit= unsetenv= userns= userns-gid-map= userns-gid-map-group=
userns-uid-map= userns-uid-map-user= uts= variant= v|volume=";

/// Options that stand before the subcommand of `docker compose`.
pub const COMPOSE: &str = "all-resources ansi= compatibility dry-run env-file= f|file= h|help H|host= parallel= profile= progress=
project-directory= p|project-name= verbose v|version";

/// Options that stand before `nerdctl`'s subcommand.
pub const NERDCTL: &str = "a|address= cgroup-manager= cni-netconfpath= cni-path= data-root= debug debug-full experimental h|help
H|host= hosts-dir= insecure-registry n|namespace= snapshotter= storage-driver= v|version";

/// Options that stand before `docker`'s subcommand.
pub const DOCKER: &str = "config= c|context= D|debug H|host= h|help l|log-level= tls tlscacert= tlscert= tlskey= tlsverify
v|version";

/// More options than any engine has.
const MOST: usize = 1000;

/// An option that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flag {
    short: Option<u8>,
    pub(super) name: String,
    pub(super) takes_value: bool,
}

/// Options that there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags(Vec<Flag>);

/// An option, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Its long name.
    pub name: String,
    /// Its value; a switch mostly has none.
    pub value: Option<OsString>,
    /// The words that it is written in; of short ones, several may be written in one.
    pub words: Range<usize>,
}

/// Words, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The options, in order.
    pub given: Vec<Given>,
    /// Where the words begin that are no options: IMAGE is there.
    pub operands: usize,
}

/// Why words cannot be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagError {
    /// There is no such option: `--name`, or `-x`.
    Unknown(String),
    /// The value is missing.
    NoValue(String),
}

impl Flags {
    /// Reads tables.
    pub fn of(tables: &[&str]) -> Self {
        let entries = tables.iter().flat_map(|table| table.split_whitespace());
        Self(
            entries
                .map(|entry| {
                    let (short, name) = match entry.split_once('|') {
                        Some((short, name)) => (short.bytes().next(), name),
                        None => (None, entry),
                    };
                    Flag {
                        short,
                        name: name.trim_end_matches('=').to_owned(),
                        takes_value: name.ends_with('='),
                    }
                })
                .collect(),
        )
    }

    /// Reads what an engine prints for `--help`.
    pub fn of_help(text: &str) -> Self {
        Self(text.lines().filter_map(help_line).take(MOST).collect())
    }

    /// Adds those of `others` that are not there yet; whether any was.
    pub fn add(&mut self, others: &Self) -> bool {
        let before = self.0.len();
        for other in &others.0 {
            if self.long(&other.name).is_none() {
                self.0.push(other.clone());
            }
        }
        self.0.len() > before
    }

    /// Takes an option that nobody knows for a switch.
    pub fn add_switch(&mut self, option: &str) {
        let name = option.trim_start_matches('-');
        let is_short = !option.starts_with("--");
        self.0.push(Flag {
            short: if is_short { name.bytes().next() } else { None },
            name: name.to_owned(),
            takes_value: false,
        });
    }

    pub(super) fn long(&self, name: &str) -> Option<&Flag> {
        self.0.iter().find(|flag| flag.name == name)
    }

    pub(super) fn short(&self, letter: u8) -> Option<&Flag> {
        self.0.iter().find(|flag| flag.short == Some(letter))
    }

    /// Options of the tables that cannot be told from one another: there should be none.
    pub fn overlaps(tables: &[&str]) -> Vec<String> {
        let flags = Self::of(tables).0;
        let pairs = flags.iter().enumerate().flat_map(|(at, flag)| {
            let others = flags.iter().skip(at + 1);
            others.map(move |other| (flag, other))
        });
        let is_same = |(flag, other): &(&Flag, &Flag)| {
            flag.name == other.name || (flag.short.is_some() && flag.short == other.short)
        };
        pairs
            .filter(is_same)
            .map(|(flag, other)| format!("{} {}", flag.name, other.name))
            .collect()
    }

    /// Takes the words apart, up to the first that is no option.
    pub fn parse(&self, words: &[OsString]) -> Result<Parsed, FlagError> {
        let mut given = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                at += 1;
                break;
            }
            let taken = match bytes {
                [b'-', b'-', long @ ..] => self.take_long(long, words.get(at + 1))?,
                [b'-', short @ ..] if !short.is_empty() => {
                    self.take_short(short, words.get(at + 1))?
                }
                _ => break,
            };
            let end = at + 1 + usize::from(taken.has_next_word);
            given.extend(taken.options.into_iter().map(|(name, value)| Given {
                name,
                value,
                words: at..end,
            }));
            at = end;
        }
        Ok(Parsed {
            given,
            operands: at,
        })
    }

    fn take_long(&self, text: &[u8], next: Option<&OsString>) -> Result<Taken, FlagError> {
        let (name, value) = match text.iter().position(|&byte| byte == b'=') {
            Some(at) => (&text[..at], Some(owned(&text[at + 1..]))),
            None => (text, None),
        };
        let shown = || format!("--{}", OsStr::from_bytes(name).to_string_lossy());
        let flag = std::str::from_utf8(name)
            .ok()
            .and_then(|name| self.long(name))
            .ok_or_else(|| FlagError::Unknown(shown()))?;
        let mut taken = Taken::default();
        let value = match value {
            None if flag.takes_value => {
                taken.has_next_word = true;
                Some(next.cloned().ok_or_else(|| FlagError::NoValue(shown()))?)
            }
            value => value,
        };
        taken.options.push((flag.name.clone(), value));
        Ok(taken)
    }

    /// A word of short options: switches, and perhaps one with a value as the last.
    fn take_short(&self, mut text: &[u8], next: Option<&OsString>) -> Result<Taken, FlagError> {
        let mut taken = Taken::default();
        while let [letter, rest @ ..] = text {
            let shown = || format!("-{}", OsStr::from_bytes(&[*letter]).to_string_lossy());
            let flag = self
                .short(*letter)
                .ok_or_else(|| FlagError::Unknown(shown()))?;
            let value = match rest {
                [b'=', value @ ..] if !value.is_empty() => {
                    text = &[];
                    Some(owned(value))
                }
                _ if !flag.takes_value => {
                    text = rest;
                    None
                }
                [] => {
                    text = rest;
                    taken.has_next_word = true;
                    Some(next.cloned().ok_or_else(|| FlagError::NoValue(shown()))?)
                }
                value => {
                    text = &[];
                    Some(owned(value))
                }
            };
            taken.options.push((flag.name.clone(), value));
        }
        Ok(taken)
    }
}

impl Parsed {
    /// The values that an option was given, where they are text.
    pub fn values<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> {
        let given = self.given.iter().filter(move |given| given.name == name);
        given.filter_map(|given| given.value.as_deref()?.to_str())
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        let last = self.given.iter().rfind(|given| given.name == name);
        last.is_some_and(|given| {
            let value = given.value.as_deref().and_then(OsStr::to_str);
            !matches!(value, Some("false" | "0" | "f" | "F" | "FALSE" | "False"))
        })
    }
}

/// What one word came to, with the one behind it where that is a value.
#[derive(Debug, Default)]
struct Taken {
    options: Vec<(String, Option<OsString>)>,
    has_next_word: bool,
}

fn owned(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// How far to the right an option may begin in a help text; what is behind that goes on from the line before.
const MARGIN: usize = 8;

/// `  -e, --env list      Set environment variables`: behind a type stand two spaces or more. A type with `[=` is of a value
/// that may be left out, and is then never the next word.
fn help_line(line: &str) -> Option<Flag> {
    let at = line.find("--").filter(|&at| at <= MARGIN)?;
    let before = line[..at].trim();
    let short = match before.as_bytes() {
        [] => None,
        [b'-', letter, b','] => Some(*letter),
        _ => return None,
    };
    let rest = &line[at + 2..];
    let end = rest.find(' ').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let kind = rest.strip_prefix(' ').unwrap_or_default();
    let kind = kind.split("  ").next().unwrap_or_default();
    if name.is_empty() {
        return None;
    }
    Some(Flag {
        short,
        name: name.to_owned(),
        takes_value: !kind.is_empty() && !kind.starts_with(' ') && !kind.contains("[="),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    fn shown(text: &str) -> Result<(Vec<String>, Vec<String>), FlagError> {
        let words = words(text);
        let parsed = Flags::of(&[RUN]).parse(&words)?;
        let given = parsed.given.iter().map(|given| match &given.value {
            Some(value) => format!("{}={}", given.name, value.display()),
            None => given.name.clone(),
        });
        let operands = words[parsed.operands..].iter();
        Ok((
            given.collect(),
            operands
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
        ))
    }

    #[test]
    #[rustfmt::skip]
    fn the_image_is_found() {
        for (line, given, operands) in [
            ("IMAGE", "", "IMAGE"),
            ("IMAGE --rm -it", "", "IMAGE --rm -it"),
            ("--rm -it -v a:b IMAGE cmd -v", "rm interactive tty volume=a:b", "IMAGE cmd -v"),
            ("-itv a:b IMAGE", "interactive tty volume=a:b", "IMAGE"),
            ("-p80:80 -eA=B -e=C=D IMAGE", "publish=80:80 env=A=B env=C=D", "IMAGE"),
            ("-dit=true IMAGE", "detach interactive tty=true", "IMAGE"),
            ("-P -h IMAGE IMAGE", "publish-all hostname=IMAGE", "IMAGE"),
            ("--rm=false --init IMAGE", "rm=false init", "IMAGE"),
            ("--name --rm IMAGE", "name=--rm", "IMAGE"),
            ("--name= IMAGE", "name=", "IMAGE"),
            ("--rm -- IMAGE -x", "rm", "IMAGE -x"),
            ("--net host --ulimit a=1:2 IMAGE", "net=host ulimit=a=1:2", "IMAGE"),
            ("--gpus 0,1 --read-only IMAGE", "gpus=0,1 read-only", "IMAGE"),
            ("--rm", "rm", ""),
            ("- x", "", "- x"),
        ] {
            let found = shown(line).unwrap();
            assert_eq!(
                (found.0.join(" "), found.1.join(" ")),
                (given.into(), operands.into()),
                "{line}"
            );
        }
        let unknown = |name: &str| Err(FlagError::Unknown(name.into()));
        assert_eq!(shown("--frob IMAGE"), unknown("--frob"));
        assert_eq!(shown("--frob=1 IMAGE"), unknown("--frob"));
        assert_eq!(shown("-rm IMAGE"), unknown("-r"));
        assert_eq!(shown("-t= IMAGE"), unknown("-="));
        assert_eq!(shown("--=x"), unknown("--"));
        assert_eq!(
            shown("--rm --name"),
            Err(FlagError::NoValue("--name".into()))
        );
        assert_eq!(shown("-it -v"), Err(FlagError::NoValue("-v".into())));
    }

    #[test]
    fn the_subcommand_is_found() {
        for (line, operands) in [
            ("ps -a", "ps -a"),
            (
                "-H tcp://h:1 --context X --log-level=debug -D run x",
                "run x",
            ),
            ("-c X -l debug --tlsverify --tlscacert run run x", "run x"),
            ("-Htcp://h:1 --config=d container run", "container run"),
            ("--version", ""),
        ] {
            let words = words(line);
            let at = Flags::of(&[DOCKER]).parse(&words).unwrap().operands;
            assert_eq!(words[at..].join(OsStr::new(" ")), operands, "{line}");
        }
    }

    #[test]
    fn switches_have_values_at_times() {
        let parsed = |line| Flags::of(&[RUN]).parse(&words(line)).unwrap();
        assert!(parsed("--rm").is_on("rm") && parsed("--rm=true").is_on("rm"));
        assert!(!parsed("--rm --rm=false").is_on("rm") && !parsed("-it").is_on("rm"));
        assert_eq!(
            parsed("-e A --env=B -eC").values("env").collect::<Vec<_>>(),
            ["A", "B", "C"]
        );
    }

    #[test]
    fn help_texts_are_read() {
        let help = "Options:\n      --add-host list          Add a\n  -d, --detach                 Run, see\n                    --tls for more\n      --pull string[=\"x\"]  Pull\n      --memory <n>[<u>]   M\n  --ssh list   default[=socket]\n  --help\n";
        assert_eq!(
            Flags::of_help(help),
            Flags::of(&["add-host= d|detach pull memory= ssh= help"])
        );
    }

    /// The table has every option of the engines that are installed, each as the engine says. What is not installed is not
    /// compared, and said.
    #[test]
    fn the_tables_are_those_of_the_engines() {
        let engines = std::env::var_os("LIFTGATE_ENGINES")
            .map(|place| format!("{}/bin/docker", place.display()));
        let mut programs = vec![
            "docker".to_owned(),
            "/usr/bin/docker".to_owned(),
            "podman".to_owned(),
        ];
        programs.extend(engines);
        let mut compared = 0;
        for program in programs {
            for (arguments, table) in [
                (&["run", "--help"][..], RUN),
                (&["create", "--help"], RUN),
                (&["build", "--help"], BUILD),
                (&["--help"], DOCKER),
            ] {
                if table == DOCKER && program == "podman" {
                    continue;
                }
                let Ok(output) = Command::new(&program).args(arguments).output() else {
                    continue;
                };
                let of_engine = Flags::of_help(&String::from_utf8(output.stdout).unwrap());
                assert!(
                    of_engine.0.len() > 9,
                    "{program} {arguments:?}: not understood"
                );
                let table = Flags::of(&[table]);
                for flag in &of_engine.0 {
                    let known = table
                        .long(&flag.name)
                        .unwrap_or_else(|| panic!("{program}: no --{}", flag.name));
                    assert_eq!(
                        known.takes_value, flag.takes_value,
                        "{program}: --{}",
                        flag.name
                    );
                    assert!(
                        flag.short.is_none() || known.short == flag.short,
                        "{program}: --{}",
                        flag.name
                    );
                }
                compared += 1;
            }
        }
        let words = format!("{compared} help texts of engines were compared\n");
        std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()).unwrap();
    }

    #[test]
    fn no_letter_means_two_options() {
        for tables in [
            &[RUN, PODMAN][..],
            &[DOCKER],
            &[BUILD],
            &[COMPOSE],
            &[NERDCTL],
        ] {
            assert_eq!(Flags::overlaps(tables), Vec::<String>::new());
        }
        assert_eq!(Flags::overlaps(&["a|x b|y a|z x="]), ["x z", "x x"]);
    }
}
