//! `liftgate install` into a tree, and `uninstall`: what is put there is taken away, and nothing else; whatever was
//! killed in the middle can be completed and taken away.

use crate::ground::{LIFTGATE, Place, Scene, Stage, trial};
use crate::specifications::text;
use libtest_mimic::Trial;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn trials() -> Vec<Trial> {
    #[rustfmt::skip]
    let trials: &[Scene] = &[
        ("and_back", Place::Anywhere, and_back),
        ("twice_writes_nothing", Place::Anywhere, twice_writes_nothing),
        ("asks", Place::Anywhere, asks),
        ("prefix", Place::Anywhere, prefix),
        ("what_people_edited_stays", Place::Anywhere, what_people_edited_stays),
        ("a_configuration_is_kept", Place::Anywhere, a_configuration_is_kept),
        ("the_machine_is_asked_for_its_ldconfig", Place::Anywhere, the_machine_is_asked_for_its_ldconfig),
        ("an_upgrade_clears_up", Place::Anywhere, an_upgrade_clears_up),
        ("others_files", Place::Anywhere, others_files),
        ("links_lead_nowhere_else", Place::Anywhere, links_lead_nowhere_else),
        ("a_manifest_that_is_none", Place::Anywhere, a_manifest_that_is_none),
    ];
    let mut trials: Vec<Trial> = trials
        .iter()
        .map(|&(name, place, runner)| trial(&format!("installation::{name}"), place, runner))
        .collect();
    let killed = "installation::killed_anywhere";
    trials.push(if has_strace() {
        trial(killed, Place::Anywhere, killed_anywhere)
    } else {
        Trial::test(format!("{killed} [skipped: needs strace]"), || Ok(())).with_ignored_flag(true)
    });
    trials
}

const MANIFEST: &str = "usr/share/liftgate/manifest";
const CONFIGURATION: &str = "etc/nvidia-container-runtime/config.toml";
const CTK: &str = "usr/bin/nvidia-ctk";

/// What is run. Beside it are stand-ins of the programs that are installed: as cargo builds them for tests, they are a
/// hundred times as large as everything else.
const OWN_NAME: &str = "under-test";

/// A tree to install into, and the programs.
struct Tree<'a> {
    stage: &'a Stage,
    root: PathBuf,
}

impl<'a> Tree<'a> {
    fn new(stage: &'a Stage) -> Self {
        let root = stage.directory().join("root");
        fs::create_dir_all(&root).expect("mkdir");
        let programs = stage.directory().join("programs");
        fs::create_dir_all(&programs).expect("mkdir");
        if !programs.join("liftgate").exists() {
            fs::hard_link(LIFTGATE, programs.join(OWN_NAME))
                .or_else(|_| fs::copy(LIFTGATE, programs.join(OWN_NAME)).map(drop))
                .expect("the program");
            fs::write(programs.join("liftgate"), "dynamic").expect("write");
            fs::write(programs.join("liftgate-rt"), "static").expect("write");
        }
        Self { stage, root }
    }

    fn program(&self) -> PathBuf {
        self.stage.directory().join("programs").join(OWN_NAME)
    }

    /// The command, under an administrator's umask that lets nobody else read.
    fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "umask 077; exec \"$0\" \"$@\""])
            .arg(self.program())
            .args([verb, "--destdir"])
            .arg(&self.root)
            .args(more)
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, verb: &str, more: &[&str]) -> Output {
        let output = self.command(verb, more).output().expect("it starts");
        let words = text(&output.stderr);
        assert!(!words.contains("panicked"), "{words}");
        output
    }

    fn succeed(&self, verb: &str, more: &[&str]) -> String {
        let output = self.run(verb, more);
        let seen = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{seen}");
        seen
    }

    fn install(&self) -> String {
        self.succeed("install", &["--yes"])
    }

    fn uninstall(&self) -> String {
        self.succeed("uninstall", &["--yes"])
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("mkdir");
        fs::write(path, content).expect("write");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Everything in it.
    fn state(&self) -> BTreeMap<PathBuf, String> {
        state(&self.root)
    }
}

/// Paths, and of each the mode and the content.
fn state(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut state = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).expect("a directory").flatten() {
            let path = entry.path();
            let metadata = path.symlink_metadata().expect("metadata");
            let content = if metadata.is_dir() {
                open.push(path.clone());
                String::new()
            } else if metadata.is_symlink() {
                fs::read_link(&path).expect("a link").display().to_string()
            } else {
                String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned()
            };
            let mode = metadata.permissions().mode();
            let inside = path.strip_prefix(root).expect("inside").to_owned();
            state.insert(inside, format!("{mode:o} {content}"));
        }
    }
    state
}

/// Says which paths differ, and not all there is.
fn same(found: &BTreeMap<PathBuf, String>, expected: &BTreeMap<PathBuf, String>, when: &str) {
    let differ: Vec<&PathBuf> = found
        .keys()
        .chain(expected.keys())
        .filter(|path| found.get(*path) != expected.get(*path))
        .collect();
    assert!(differ.is_empty(), "{when}: {differ:?}");
}

fn and_back(stage: &Stage) {
    let tree = Tree::new(stage);
    // What a machine has anyway.
    for path in ["usr/bin/true", "etc/passwd", "usr/share/man/man1/true.1"] {
        tree.write(path, "x");
    }
    let before = tree.state();
    let seen = tree.install();
    assert!(
        seen.contains("  /usr/bin/nvidia-ctk → liftgate-rt "),
        "{seen}"
    );
    assert!(seen.contains("is installed in /usr"), "{seen}");
    for (path, mode) in [
        ("usr/share/doc/liftgate", 0o40_755),
        ("usr/bin/liftgate", 0o100_755),
        ("usr/bin/liftgate-rt", 0o100_755),
        ("usr/share/man/man1/liftgate-cdi-refresh.1", 0o100_644),
        ("usr/share/man/man1/liftgate-install.1", 0o100_644),
        ("usr/share/bash-completion/completions/liftgate", 0o100_644),
        (
            "usr/lib/systemd/system/liftgate-device-nodes.service",
            0o100_644,
        ),
        (
            "usr/lib/udev/rules.d/99-liftgate-cdi-refresh.rules",
            0o100_644,
        ),
        ("usr/lib/tmpfiles.d/liftgate.conf", 0o100_644),
        (CONFIGURATION, 0o100_644),
        (MANIFEST, 0o100_644),
    ] {
        let metadata = tree.at(path).symlink_metadata();
        let metadata = metadata.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(metadata.permissions().mode(), mode, "{path}");
    }
    assert_eq!(tree.read("usr/bin/liftgate"), "dynamic");
    assert_eq!(tree.read("usr/bin/liftgate-rt"), "static");
    for (name, target) in [
        ("nvidia-container-runtime", "liftgate-rt"),
        ("nvidia-container-runtime.cdi", "liftgate-rt"),
        ("nvidia-container-runtime.legacy", "liftgate-rt"),
        ("nvidia-container-runtime-hook", "liftgate-rt"),
        ("nvidia-container-toolkit", "liftgate-rt"),
        ("nvidia-container-cli", "liftgate-rt"),
        ("nvidia-cdi-hook", "liftgate-rt"),
        ("nvidia-ctk", "liftgate-rt"),
        ("nvidia-docker", "liftgate"),
    ] {
        let link = fs::read_link(tree.at("usr/bin").join(name)).expect("a link");
        assert_eq!(link, Path::new(target), "{name}");
    }
    // `sha256sum` agrees with what is written down.
    let script = "sed -n 's,^file [0-7]* \\([0-9a-f]*\\) /,\\1  ,p' usr/share/liftgate/manifest | sha256sum --check --quiet";
    let check = Command::new("sh")
        .args(["-c", script])
        .current_dir(&tree.root)
        .output();
    let check = check.expect("a shell");
    assert!(check.status.success(), "{}", text(&check.stdout));
    let seen = tree.uninstall();
    assert!(seen.contains("liftgate is uninstalled."), "{seen}");
    assert_eq!(tree.state(), before);
    let seen = tree.uninstall();
    assert!(seen.contains("nothing to do"), "{seen}");
}

fn twice_writes_nothing(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.install();
    let times = || {
        let script = "find . -printf '%p %T@ %C@ %i\\n' | sort";
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(&tree.root)
            .output();
        text(&output.expect("a shell").stdout)
    };
    let before = times();
    // Nobody needs to be asked where there is nothing to do.
    let seen = tree.succeed("install", &[]);
    assert!(seen.contains("nothing to do"), "{seen}");
    assert_eq!(times(), before);
    fs::remove_file(tree.at(CTK)).expect("remove");
    let seen = tree.install();
    assert_eq!(seen.matches(" new\n").count(), 1, "{seen}");
    assert!(
        seen.contains("/usr/bin/nvidia-ctk → liftgate-rt  new"),
        "{seen}"
    );
}

fn asks(stage: &Stage) {
    let tree = Tree::new(stage);
    let output = tree.run("install", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hint: say --yes"));
    assert_eq!(tree.state(), BTreeMap::new());
    let seen = tree.succeed("install", &["--dry-run"]);
    assert!(
        seen.contains("/usr/bin/liftgate-rt") && seen.contains("Nothing was changed"),
        "{seen}"
    );
    assert_eq!(tree.state(), BTreeMap::new());
    tree.install();
    let before = tree.state();
    assert_eq!(tree.run("uninstall", &[]).status.code(), Some(2));
    tree.succeed("uninstall", &["--dry-run"]);
    assert_eq!(tree.state(), before);
}

fn prefix(stage: &Stage) {
    let tree = Tree::new(stage);
    for bad in ["usr", "/opt/my tools", "/opt/../usr", "/opt/%n"] {
        let output = tree.run("install", &["--yes", "--prefix", bad]);
        assert_eq!(output.status.code(), Some(2), "{bad}");
    }
    assert_eq!(tree.state(), BTreeMap::new());
    let prefix = ["--yes", "--prefix", "/opt/liftgate"];
    tree.succeed("install", &prefix);
    assert!(!tree.at("usr").exists());
    let unit = tree.read("etc/systemd/system/liftgate-cdi-refresh.service");
    assert!(
        unit.contains("ExecStart=/opt/liftgate/bin/liftgate inventory\n"),
        "{unit}"
    );
    // Another prefix knows nothing of it.
    assert!(tree.uninstall().contains("nothing to do"));
    tree.succeed("uninstall", &prefix);
    assert_eq!(tree.state(), BTreeMap::new());
}

fn what_people_edited_stays(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.install();
    let unit = "usr/lib/systemd/system/liftgate-cdi-refresh.path";
    for path in [CONFIGURATION, unit] {
        tree.write(path, &(tree.read(path) + "# mine\n"));
    }
    // A second installation makes the unit what it was, and says so; the configuration is the administrator's.
    let seen = tree.install();
    assert!(
        seen.contains("was edited; replaced") && !seen.contains("config.toml"),
        "{seen}"
    );
    assert!(!tree.read(unit).contains("# mine"));
    assert!(tree.read(CONFIGURATION).ends_with("# mine\n"));
    assert!(tree.install().contains("nothing to do"));
    tree.write(unit, "# mine\n");
    let seen = tree.uninstall();
    assert_eq!(
        seen.matches("was changed since; stays").count(),
        2,
        "{seen}"
    );
    let left: Vec<PathBuf> = tree
        .state()
        .into_keys()
        .filter(|path| tree.root.join(path).is_file())
        .collect();
    assert_eq!(left, [Path::new(CONFIGURATION), Path::new(unit)]);
}

fn a_configuration_is_kept(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.write(CONFIGURATION, "[nvidia-container-cli]\nno-cgroups = true\n");
    let before = tree.state();
    assert!(!tree.install().contains("config.toml"));
    tree.uninstall();
    assert_eq!(tree.state(), before);
    // Also one that has our own text by chance.
    let other = Tree::new(stage);
    other.install();
    let ours = other.read(CONFIGURATION);
    other.uninstall();
    tree.write(CONFIGURATION, &ours);
    tree.install();
    tree.uninstall();
    assert_eq!(tree.read(CONFIGURATION), ours);
}

fn the_machine_is_asked_for_its_ldconfig(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.install();
    assert!(
        tree.read(CONFIGURATION)
            .contains("ldconfig = \"@/sbin/ldconfig\"\n")
    );
    // The machine has become another, and nobody has touched the file.
    tree.write("sbin/ldconfig.real", "");
    tree.write("etc/os-release", "ID_LIKE=\"suse\"\n");
    let seen = tree.install();
    assert!(seen.contains("config.toml  renewed"), "{seen}");
    let text = tree.read(CONFIGURATION);
    assert!(
        text.contains("ldconfig = \"@/sbin/ldconfig.real\"\n"),
        "{text}"
    );
    assert!(text.contains("\nuser = \"root:video\"\n"), "{text}");
}

fn an_upgrade_clears_up(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.install();
    let before = tree.state();
    // As if an earlier version had put more there.
    let sum = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    for name in ["gone", "edited"] {
        tree.write(&format!("usr/share/liftgate/{name}"), "x");
        let line = format!("file 0644 {sum} /usr/share/liftgate/{name}\n");
        tree.write(MANIFEST, &(tree.read(MANIFEST) + &line));
    }
    tree.write("usr/share/liftgate/edited", "mine");
    let seen = tree.install();
    assert_eq!(seen.matches("not needed any more").count(), 1, "{seen}");
    let mut after = tree.state();
    assert!(
        after
            .remove(Path::new("usr/share/liftgate/edited"))
            .is_some()
    );
    assert_eq!(after, before);
}

fn others_files(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.write(CTK, "NVIDIA's");
    fs::set_permissions(tree.at(CTK), fs::Permissions::from_mode(0o711)).expect("chmod");
    symlink("nvidia-ctk", tree.at("usr/bin/nvidia-container-toolkit")).expect("symlink");
    let before = tree.state();
    let output = tree.run("install", &["--yes"]);
    let words = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "error[names-taken]: 2 files ",
        "because: `/usr/bin/nvidia-container-toolkit` is no link to liftgate",
        "because: `/usr/bin/nvidia-ctk` is no link",
        "hint: --replace ",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(tree.state(), before);

    let seen = tree.succeed("install", &["--yes", "--replace"]);
    assert_eq!(seen.matches("kept aside").count(), 2, "{seen}");
    assert_eq!(
        tree.read("usr/bin/nvidia-ctk.liftgate-replaced"),
        "NVIDIA's"
    );
    assert!(tree.install().contains("nothing to do"));
    // NVIDIA's is installed once more, over ours: that is no file of ours that somebody has edited.
    fs::remove_file(tree.at(CTK)).expect("remove");
    tree.write(CTK, "newer");
    assert_eq!(tree.run("install", &["--yes"]).status.code(), Some(1));
    fs::remove_file(tree.at(CTK)).expect("remove");
    tree.install();
    let seen = tree.uninstall();
    assert_eq!(seen.matches("brought back").count(), 2, "{seen}");
    assert_eq!(tree.state(), before);

    // What has the name when ours goes keeps it.
    tree.succeed("install", &["--yes", "--replace"]);
    fs::remove_file(tree.at(CTK)).expect("remove");
    tree.write(CTK, "newer");
    let seen = tree.uninstall();
    assert!(
        seen.contains("/usr/bin/nvidia-ctk                       something else")
            || seen.contains("something else has the name"),
        "{seen}"
    );
    assert_eq!(tree.read(CTK), "newer");
    assert_eq!(
        tree.read("usr/bin/nvidia-ctk.liftgate-replaced"),
        "NVIDIA's"
    );
}

fn links_lead_nowhere_else(stage: &Stage) {
    let tree = Tree::new(stage);
    let outside = stage.directory().join("outside");
    fs::create_dir(&outside).expect("mkdir");
    // As a tree that was copied from a machine has them: the same paths are inside and outside of it.
    let inside = tree.at(outside.to_str().expect("text").trim_start_matches('/'));
    fs::create_dir_all(&inside).expect("mkdir");
    symlink(&outside, tree.at("etc")).expect("symlink");
    fs::create_dir(tree.at("usr")).expect("mkdir");
    symlink("../../../../../../../../outside", tree.at("usr/bin")).expect("symlink");
    fs::create_dir(tree.at("outside")).expect("mkdir");
    let before = tree.state();
    tree.install();
    assert_eq!(state(&outside), BTreeMap::new());
    assert!(inside.join("nvidia-container-runtime/config.toml").exists());
    assert!(tree.at("outside/liftgate-rt").exists());
    tree.uninstall();
    assert_eq!(tree.state(), before);
}

fn a_manifest_that_is_none(stage: &Stage) {
    let tree = Tree::new(stage);
    tree.install();
    let kept = tree.state();
    let whole = tree.read(MANIFEST);
    for line in [
        "file 0644 0 /usr/../etc/passwd\n",
        "file 0644 0 etc/passwd\n",
        "rm /etc\n",
    ] {
        tree.write(MANIFEST, &(whole.clone() + line));
        for verb in ["install", "uninstall"] {
            let output = tree.run(verb, &["--yes"]);
            assert_eq!(output.status.code(), Some(3), "{line}");
            assert!(text(&output.stderr).contains("cannot read the manifest"));
        }
    }
    tree.write(MANIFEST, &whole);
    assert_eq!(tree.state(), kept);
}

fn has_strace() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}

/// The calls by which anything changes.
const CALLS: [&str; 5] = ["renameat", "mkdirat", "symlinkat", "unlinkat", "write"];

/// Kills it at every call that changes something, completes it once, takes it away once.
fn killed_anywhere(stage: &Stage) {
    let tree = Tree::new(stage);
    let prepare = || {
        if tree.root.exists() {
            fs::remove_dir_all(&tree.root).expect("remove");
        }
        tree.write("usr/bin/true", "x");
        tree.write(CTK, "NVIDIA's");
    };
    let replace: &[&str] = &["--yes", "--replace"];
    prepare();
    let before = tree.state();
    tree.succeed("install", replace);
    let whole = tree.state();
    let kill = |verb: &str, call: &str, number: usize| {
        let mut command = Command::new("strace");
        let command = command
            .args(["-f", "-qq", "-o", "/dev/null", "-e"])
            .arg(format!("trace={call}"))
            .arg("-e")
            .arg(format!("inject={call}:signal=KILL:when={number}"))
            .arg(tree.program())
            .args([verb, "--destdir"])
            .arg(&tree.root)
            .args(if verb == "install" {
                replace
            } else {
                &["--yes"]
            });
        command.output().expect("strace starts").status.success()
    };
    let mut killed = 0;
    for call in CALLS {
        // Between two pieces of a file there is little to tell.
        let step = if call == "write" { 9 } else { 1 };
        let step = if is_quick() { step * 7 } else { step };
        for number in (1..).step_by(step) {
            prepare();
            if kill("install", call, number) {
                break;
            }
            killed += 1;
            let half = stage.directory().join("half");
            fs::remove_dir_all(&half).ok();
            let copied = Command::new("cp")
                .arg("-a")
                .arg(&tree.root)
                .arg(&half)
                .status();
            assert!(copied.expect("cp starts").success());
            tree.succeed("install", replace);
            same(
                &tree.state(),
                &whole,
                &format!("completed after {call} {number}"),
            );
            tree.uninstall();
            same(
                &tree.state(),
                &before,
                &format!("taken away after {call} {number}"),
            );
            // Taken away without being completed.
            fs::remove_dir_all(&tree.root).expect("remove");
            fs::rename(&half, &tree.root).expect("rename");
            tree.uninstall();
            same(
                &tree.state(),
                &before,
                &format!("half, after {call} {number}"),
            );
        }
        for number in (1..).step_by(step) {
            prepare();
            tree.succeed("install", replace);
            if kill("uninstall", call, number) {
                break;
            }
            killed += 1;
            tree.uninstall();
            same(
                &tree.state(),
                &before,
                &format!("uninstall, killed at {call} {number}"),
            );
        }
    }
    let enough = if is_quick() { 10 } else { 100 };
    assert!(killed > enough, "{killed}");
}

/// Whether few inputs are to be tried of many, which a quick run says to the properties' tests.
fn is_quick() -> bool {
    std::env::var("PROPTEST_CASES")
        .is_ok_and(|cases| cases.parse().is_ok_and(|cases: u32| cases < 100))
}
