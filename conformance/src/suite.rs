//! What the suites have in common: the machines, the image, and skips that are seen.

use crate::{Image, Programs, find_program};
use libtest_mimic::{Arguments, Failed, Trial};
use liftgate_testhost::Machine;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The simulated machines.
pub const MACHINES: [&str; 3] = ["ubuntu-550", "h200-580", "dgx-h100-8"];

/// What every test of a suite shares.
#[derive(Debug)]
pub struct Ground {
    /// The programs under test.
    pub programs: Programs,
    /// The image that containers are started from.
    pub image: Image,
    /// Where the trees of machines are kept.
    pub state: PathBuf,
    /// A directory for what the tests write.
    pub directory: tempfile::TempDir,
}

impl Ground {
    /// Prepares it, or says what the machine lacks.
    pub fn prepare() -> Result<Arc<Self>, String> {
        if !liftgate_sys::namespace::is_real_root() {
            return Err("needs root".to_owned());
        }
        let directory = tempfile::Builder::new()
            .prefix("liftgate-test-")
            .tempdir()
            .map_err(|error| error.to_string())?;
        let image =
            Image::make(&directory.path().join("image")).map_err(|error| error.to_string())?;
        let programs = Programs::find().map_err(|error| error.to_string())?;
        Ok(Arc::new(Self {
            programs,
            image,
            state: std::env::temp_dir().join("liftgate-testhost"),
            directory,
        }))
    }

    /// A new directory for one test.
    pub fn place(&self, name: &str) -> PathBuf {
        let name: String = name
            .chars()
            .map(|character| {
                if character.is_ascii_alphanumeric() {
                    character
                } else {
                    '-'
                }
            })
            .collect();
        self.directory.path().join(name)
    }
}

/// A low-level runtime, or why there is none.
pub fn low_level(name: &str) -> Result<PathBuf, String> {
    let variable = format!("LIFTGATE_{}", name.to_uppercase());
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.exists())
        .or_else(|| find_program(name))
        .ok_or_else(|| format!("needs {name}"))
}

/// The manifest of a machine.
///
/// # Panics
/// If there is no such machine: then the tests are wrong.
pub fn machine(name: &str) -> Machine {
    Machine::by_name(name).expect("the machine's manifest is valid")
}

/// A trial that runs, or one that is counted as ignored and says in its name what is missing.
pub fn trial<F>(name: &str, missing: Option<&str>, runner: F) -> Trial
where
    F: FnOnce() -> Result<(), Failed> + Send + 'static,
{
    match missing {
        None => Trial::test(name.to_owned(), runner),
        Some(missing) => {
            Trial::test(format!("{name} [skipped: {missing}]"), || Ok(())).with_ignored_flag(true)
        }
    }
}

/// Runs the trials, then `cleanup`; whatever ran must not have changed this machine's mounts, nor left a
/// control group.
pub fn conclude(trials: Vec<Trial>, cleanup: impl FnOnce()) -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Each trial starts containers; two at a time are what two cores bear.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let before = mount_table();
    let conclusion = libtest_mimic::run(&arguments, trials);
    cleanup();
    let after = mount_table();
    if before != after {
        let words =
            format!("the machine's mounts have changed\nbefore: {before:?}\nafter: {after:?}\n");
        std::io::stderr().write_all(words.as_bytes()).ok();
        return ExitCode::FAILURE;
    }
    let left = left_cgroups();
    if !left.is_empty() {
        let words = format!("control groups are left behind: {left:?}\n");
        std::io::stderr().write_all(words.as_bytes()).ok();
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

/// The mounts of this machine, in a fixed order.
fn mount_table() -> Vec<String> {
    let table = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Control groups of this run that are still there, in any hierarchy: those of engines, and those of bundles.
fn left_cgroups() -> Vec<PathBuf> {
    let own = format!("liftgate-{}-", std::process::id());
    let root = PathBuf::from("/sys/fs/cgroup");
    let within = |directory: &PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).into_iter().flatten();
        entries.flatten().map(|entry| entry.path()).collect()
    };
    let mut directories = within(&root);
    directories.extend(directories.iter().flat_map(within).collect::<Vec<_>>());
    directories.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&own)
    });
    directories
}

/// A failed test, with the reason.
pub fn fail(message: impl Into<String>) -> Failed {
    Failed::from(message.into())
}

/// What a request is expected to come to.
#[derive(Debug, Clone)]
pub enum Expected {
    /// These GPUs, by index.
    Gpus(Vec<usize>),
    /// A refusal with this code.
    Refused(&'static str),
    /// A container as any other.
    Untouched,
}

/// The requests that every machine is asked, with what they are expected to come to.
///
/// # Panics
/// If the machine has no GPU: then its manifest is wrong.
pub fn requests(machine: &Machine) -> Vec<(String, Option<String>, Expected)> {
    let gpus = machine.gpus();
    let last = gpus.last().expect("every machine has a GPU");
    let all = Expected::Gpus((0..gpus.len()).collect());
    let one = |index: usize| Expected::Gpus(vec![index]);
    let at = gpus.len() - 1;
    let value = |text: &str| Some(text.to_owned());
    let mut requests = vec![
        ("all".to_owned(), value("all"), all),
        ("index".to_owned(), value("0"), one(0)),
        ("uuid".to_owned(), value(&last.uuid), one(at)),
        ("uuid-prefix".to_owned(), value(&last.uuid[..12]), one(at)),
        ("pci".to_owned(), value(&last.bus), one(at)),
        ("twice".to_owned(), value("0,0"), one(0)),
        ("none".to_owned(), value("none"), Expected::Gpus(Vec::new())),
        ("void".to_owned(), value("void"), Expected::Untouched),
        ("empty".to_owned(), value(""), Expected::Untouched),
        ("unset".to_owned(), None, Expected::Untouched),
        (
            "unknown".to_owned(),
            value("17"),
            Expected::Refused("device-unknown"),
        ),
    ];
    if gpus.len() > 3 {
        requests.push(("two".to_owned(), value("1,3"), Expected::Gpus(vec![1, 3])));
        requests.push((
            "backwards".to_owned(),
            value("3,1"),
            Expected::Gpus(vec![1, 3]),
        ));
    }
    requests
}

/// The text that `nvidia-smi -L` and its exit status give in a container with these GPUs.
pub fn expected_listing(machine: &Machine, gpus: &[usize]) -> String {
    if gpus.is_empty() {
        "No devices found.\nstatus=6\n".to_owned()
    } else {
        format!("{}\nstatus=0\n", machine.smi_list(gpus).trim_end())
    }
}
