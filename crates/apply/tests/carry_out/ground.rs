//! A container to carry plans out in, and the program that does it.

use libtest_mimic::Failed;
use liftgate_apply::{Container, Order as ApplyOrder, Process};
use liftgate_driver::NodeOrigin;
use liftgate_plan::{ContainerSetup, LoaderEntry, Mount, Node, Plan};
use liftgate_sys::tree::Calls;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// By which this program carries an order out.
pub(crate) const SUBCOMMAND: &str = "carry-out";

/// A plan, in words of a command line.
#[derive(Debug, Default)]
pub(crate) struct Order {
    words: Vec<String>,
}

impl Order {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn with(mut self, words: &[&str]) -> Self {
        self.words
            .extend(words.iter().map(|word| (*word).to_owned()));
        self
    }

    pub(crate) fn mount(self, host: &Path, container: &str, options: &str) -> Self {
        self.with(&[
            "mount",
            host.to_str().expect("what the test gives is valid"),
            container,
            options,
        ])
    }

    /// The mount named last gives way to a file of the image.
    pub(crate) fn yields_to_image(self) -> Self {
        self.with(&["yields"])
    }

    /// `origin`: `host`, or anything else for a node that the host lacks.
    pub(crate) fn node(self, path: &str, device: (u32, u32), mode: u32, origin: &str) -> Self {
        let (major, minor) = (device.0.to_string(), device.1.to_string());
        self.with(&["node", path, &major, &minor, &format!("{mode:o}"), origin])
    }

    /// The node of the host that stands for the one in the container.
    pub(crate) fn node_of(self, path: &str, host: &str, device: (u32, u32)) -> Self {
        let (major, minor) = (device.0.to_string(), device.1.to_string());
        self.with(&["node-of", path, host, &major, &minor])
    }

    /// An entry of the loader's cache.
    pub(crate) fn library(self, name: &str, path: &str) -> Self {
        self.with(&["library", name, path])
    }

    /// `old-calls`, `no-nodes`, `cover`, or `users` with a place after it.
    pub(crate) fn switch(self, word: &str) -> Self {
        self.with(&[word])
    }

    pub(crate) fn users_mount(self, place: &str) -> Self {
        self.with(&["users", place])
    }

    pub(crate) fn read(words: impl Iterator<Item = String>) -> Self {
        Self {
            words: words.collect(),
        }
    }

    /// In the program that was started for it. The first words are the process and the root.
    pub(crate) fn carry_out(self) -> ExitCode {
        let mut words = self.words.into_iter();
        let process = match words.next().expect("what the test gives is valid").as_str() {
            "caller" => Process::Caller,
            pid => Process::Init(pid.parse().expect("what the test gives is valid")),
        };
        let root = PathBuf::from(words.next().expect("what the test gives is valid"));
        let (mut plan, mut calls) = (Plan::default(), Calls::Newest);
        let (mut gives_nodes, mut users_mounts) = (true, Vec::new());
        plan.setup = ContainerSetup::default();
        while let Some(word) = words.next() {
            let mut next = || words.next().expect("what the test gives is valid");
            match word.as_str() {
                "mount" => plan.mounts.push(Mount {
                    host_path: next().into(),
                    container_path: next().into(),
                    options: next()
                        .split(',')
                        .map(|option| &*option.to_owned().leak())
                        .collect(),
                    yields_to_image: false,
                    reason: String::new(),
                }),
                "yields" => {
                    let mount = plan.mounts.last_mut();
                    mount.expect("a mount before").yields_to_image = true;
                }
                "node" => {
                    let mut node = node(next(), &next(), &next());
                    node.mode =
                        u32::from_str_radix(&next(), 8).expect("what the test gives is valid");
                    node.gid = Some(7);
                    if next() != "host" {
                        node.origin = NodeOrigin::Majors;
                    }
                    plan.nodes.push(node);
                }
                "node-of" => {
                    let (path, host) = (next(), next());
                    let mut node = node(path, &next(), &next());
                    node.host_path = Some(host.into());
                    plan.nodes.push(node);
                }
                "library" => plan.setup.loader_entries.push(LoaderEntry {
                    name: next(),
                    path: next().into(),
                    is_32_bit: false,
                }),
                "users" => users_mounts.push(PathBuf::from(next())),
                "old-calls" => calls = Calls::Mount,
                "no-nodes" => gives_nodes = false,
                "cover" => plan.setup.cover_params = true,
                other => panic!("{other}"),
            }
        }
        let result = Container::open(process, &root)
            .map_err(|error| error.to_string())
            .and_then(|container| {
                liftgate_apply::carry_out(&ApplyOrder {
                    plan: &plan,
                    container: &container,
                    nodes: gives_nodes,
                    cgroup: false,
                    rules: None,
                    users_mounts: &users_mounts,
                    calls,
                })
                .map_err(|failure| failure.to_string())
            });
        let mut text = String::new();
        let code = match result {
            Ok(notes) => {
                for note in notes.notes {
                    writeln!(text, "{note}").expect("what the test gives is valid");
                }
                ExitCode::SUCCESS
            }
            Err(failure) => {
                text = failure;
                ExitCode::FAILURE
            }
        };
        std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())
            .expect("what the test gives is valid");
        code
    }
}

fn node(path: String, major: &str, minor: &str) -> Node {
    Node {
        path: path.into(),
        host_path: None,
        major: major.parse().expect("what the test gives is valid"),
        minor: minor.parse().expect("what the test gives is valid"),
        mode: 0o666,
        gid: None,
        origin: NodeOrigin::Host,
        reason: String::new(),
    }
}

/// A container that exists: a process in a mount namespace of its own.
pub(crate) struct Ground {
    directory: tempfile::TempDir,
    init: Child,
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.init.kill().ok();
        self.init.wait().ok();
    }
}

impl Ground {
    /// `script` is run in the container's mount namespace, with `$R` its root.
    pub(crate) fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().expect("what the test gives is valid");
        let path = directory
            .path()
            .canonicalize()
            .expect("what the test gives is valid");
        for made in ["root/dev", "root/etc", "root/usr/lib64", "host/directory"] {
            fs::create_dir_all(path.join(made)).expect("what the test gives is valid");
        }
        fs::write(path.join("host/file"), "the driver's").expect("what the test gives is valid");
        fs::write(path.join("host/directory/inside"), "").expect("what the test gives is valid");
        let script = format!(
            "set -e
mount --bind $R $R
{script}
: > $READY
while ! [ -e $READY.users ]; do sleep 0.05; done
exec unshare --user sleep 600"
        );
        let init = Command::new("unshare")
            .args(["--mount", "--propagation", "private"])
            .args(["sh", "-c", &script])
            .env("R", path.join("root"))
            .env("READY", path.join("ready"))
            .stdin(Stdio::null())
            .spawn()
            .expect("unshare");
        let mut ground = Self { directory, init };
        let begun = Instant::now();
        while !ground.at("ready").exists() {
            let ended = ground
                .init
                .try_wait()
                .expect("what the test gives is valid");
            assert!(ended.is_none(), "the container ended: {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(20), "no container");
            std::thread::sleep(Duration::from_millis(5));
        }
        ground
    }

    /// A path on the host.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.directory
            .path()
            .canonicalize()
            .expect("what the test gives is valid")
            .join(path)
    }

    /// A path as the container sees it, from the host.
    pub(crate) fn seen(&self, path: &str) -> PathBuf {
        let root = self.at("root");
        let root = root
            .strip_prefix("/")
            .expect("what the test gives is valid");
        Path::new(&format!("/proc/{}/root", self.init.id()))
            .join(root)
            .join(path.trim_start_matches('/'))
    }

    /// Carries the order out: what it said, or why it failed.
    pub(crate) fn carry_out(&self, order: &Order) -> Result<String, String> {
        self.carry_out_at(order, &self.at("root"))
    }

    pub(crate) fn carry_out_at(&self, order: &Order, root: &Path) -> Result<String, String> {
        carry_out(&self.init.id().to_string(), root, order).map_err(|failure| {
            failure.replace(
                self.at("").to_str().expect("what the test gives is valid"),
                "",
            )
        })
    }

    /// From now on the container is in a user namespace with these maps.
    pub(crate) fn enter_user_namespace(&self, users: &str, groups: &str) -> std::io::Result<()> {
        let of = |name: &str| PathBuf::from(format!("/proc/{}/{name}", self.init.id()));
        let before = fs::read_link(of("ns/user"))?;
        fs::write(self.at("ready.users"), "")?;
        while fs::read_link(of("ns/user"))? == before {
            std::thread::sleep(Duration::from_millis(5));
        }
        fs::write(of("uid_map"), users)?;
        fs::write(of("gid_map"), groups)
    }

    /// The mounts below the root: place and options, in order.
    pub(crate) fn mounts(&self) -> Vec<String> {
        let text = fs::read_to_string(format!("/proc/{}/mountinfo", self.init.id()))
            .expect("what the test gives is valid");
        let root = self.at("root");
        text.lines()
            .filter_map(|line| {
                let mut fields = line.split(' ').skip(4);
                let (place, options) = (Path::new(fields.next()?), fields.next()?);
                let place = place.strip_prefix(&root).ok()?;
                let options = options.replace(",relatime", "");
                (!place.as_os_str().is_empty()).then(|| format!("{} {options}", place.display()))
            })
            .collect()
    }

    /// Every path below the image's root as the host has it, without what is mounted there.
    pub(crate) fn image(&self) -> Vec<String> {
        let output = Command::new("find")
            .arg(self.at("root"))
            .args(["-mindepth", "1", "-printf", "%P %y %U %s\n"])
            .output()
            .expect("what the test gives is valid");
        let mut lines: Vec<String> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    }
}

/// Carries an order out for the container of `process`: what it said, or why it failed.
pub(crate) fn carry_out(process: &str, root: &Path, order: &Order) -> Result<String, String> {
    let output = Command::new(std::env::current_exe().expect("what the test gives is valid"))
        .args([SUBCOMMAND, process])
        .arg(root)
        .args(&order.words)
        .output()
        .expect("what the test gives is valid");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    if output.status.success() {
        Ok(text)
    } else {
        Err(text)
    }
}

/// A failed comparison.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a test compares what it has just made"
)]
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(one: T, other: T) -> Result<(), Failed> {
    if one == other {
        Ok(())
    } else {
        Err(Failed::from(format!("{one:#?}\nis not\n{other:#?}")))
    }
}

/// That a text has all of these in it.
pub(crate) fn has(text: &str, parts: &[&str]) -> Result<(), Failed> {
    match parts.iter().find(|part| !text.contains(**part)) {
        None => Ok(()),
        Some(part) => Err(Failed::from(format!("`{part}` is not in: {text}"))),
    }
}
