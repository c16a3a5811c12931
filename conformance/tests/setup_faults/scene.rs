//! A directory in which engines are set up: `etc` for configurations, `state` for what is remembered of them, `bin` for programs of
//! engines, which do nothing but say their version. Nothing else is to be written.

use crate::subject::Subject;
use crate::tree::{DIRECTORY, Entry, Tree};
use libtest_mimic::Trial;
use liftgate_conformance::suite::{self, Ground};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

/// The programs of engines, and what they say.
const ENGINES: [(&str, &str); 2] = [
    ("containerd", "containerd example.org/containerd 1.6.20 0"),
    ("podman", "podman version 4.3.1"),
];

/// What every setup is told: nobody is asked, no daemon is looked for, none is touched.
const QUIETLY: &[&str] = &["--yes", "--no-restart", "--socket", "/nonexistent"];
const UNPROVEN: &[&str] = &["--no-proof", "--runtime-path", "/bin/true"];

/// Where the CDI specification goes, from the scene's directory.
pub(crate) const SPECIFICATION: &str = "run/cdi/nvidia.yaml";

/// A scene.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Everything that may change lies in here.
    pub(crate) root: PathBuf,
    aside: PathBuf,
    liftgate: PathBuf,
    /// What enters the machine on which it is run; nothing for this one.
    enter: Vec<OsString>,
}

impl Scene {
    pub(crate) fn new(ground: &Ground, name: &str) -> io::Result<Self> {
        let place = ground.place(name);
        let scene = Self {
            root: place.join("root"),
            aside: place.join("aside"),
            liftgate: ground.programs.liftgate.clone(),
            enter: Vec::new(),
        };
        fs::create_dir_all(&scene.root)?;
        fs::create_dir_all(scene.aside.join("bin"))?;
        // Another user has to get in, too.
        for directory in [ground.directory.path(), &place] {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o755))?;
        }
        for (name, words) in ENGINES {
            let program = scene.aside.join("bin").join(name);
            fs::write(&program, format!("#!/bin/sh\necho '{words}'\n"))?;
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        }
        Ok(scene)
    }

    /// The same on a simulated machine, which has GPUs.
    pub(crate) fn on_machine(mut self, ground: &Ground, machine: &str) -> Self {
        let place = self.root.parent().unwrap_or(&self.root).to_owned();
        self.enter = vec![
            ground.programs.testhost.clone().into(),
            "run".into(),
            machine.into(),
            "--state".into(),
            ground.state.clone().into(),
            "--writable".into(),
            place.into(),
            "--".into(),
        ];
        self
    }

    /// A file beside the scene.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.aside.join(name)
    }

    /// The words that set the subject up, or set it up otherwise.
    pub(crate) fn set_up(&self, subject: &Subject, is_otherwise: bool) -> Vec<OsString> {
        let mut words = subject.set_up.to_vec();
        if is_otherwise {
            words.extend(subject.other);
        }
        if words[0] == "setup" {
            words.extend(QUIETLY);
            words.extend(UNPROVEN);
        }
        self.words(&words)
    }

    /// The words that take it back.
    pub(crate) fn undo(&self, subject: &Subject) -> Vec<OsString> {
        self.words(&[subject.undo, QUIETLY].concat())
    }

    fn words(&self, words: &[&str]) -> Vec<OsString> {
        let root = self.root.display().to_string();
        words
            .iter()
            .map(|word| word.replace('@', &root).into())
            .collect()
    }

    /// The command with these words.
    pub(crate) fn command(&self, words: &[OsString]) -> Command {
        self.under(&[], words)
    }

    /// The same, started by another program, whose words these are.
    pub(crate) fn under(&self, program: &[OsString], words: &[OsString]) -> Command {
        let liftgate = [self.liftgate.clone().into()];
        let line = [&self.enter[..], program, &liftgate, words].concat();
        let mut command = Command::new(&line[0]);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places = vec![self.aside.join("bin")];
        places.extend(std::env::split_paths(&path));
        command
            .args(&line[1..])
            .stdin(Stdio::null())
            .env("PATH", std::env::join_paths(places).unwrap_or_default())
            .env("HOME", self.root.join("home"))
            .env("LIFTGATE_STATE_DIRECTORY", self.root.join("state/setup"))
            .env(
                "NVIDIA_CTK_CDI_OUTPUT_FILE_PATH",
                self.root.join(SPECIFICATION),
            );
        command
    }

    /// Runs it, which has to end well.
    pub(crate) fn succeed(&self, words: &[OsString]) -> Result<Output, String> {
        let output = self
            .command(words)
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(output)
        } else {
            Err(format!("{words:?}: {}", said(&output)))
        }
    }

    /// Lays the tree down.
    pub(crate) fn lay(&self, tree: &Tree) -> Result<(), String> {
        tree.write(&self.root)
            .map_err(|error| format!("cannot lay the scene: {error}"))
    }

    /// Takes it up.
    pub(crate) fn take_up(&self) -> Result<Tree, String> {
        Tree::read(&self.root).map_err(|error| format!("cannot read the scene: {error}"))
    }

    /// The trees of an untroubled life: before, set up, set up otherwise, taken back.
    pub(crate) fn life(&self, subject: &Subject) -> Result<Life, String> {
        let mut before = (subject.first)();
        for directory in ["state", "run", "run/cdi"] {
            before = before.with(directory, Entry::Directory(DIRECTORY));
        }
        self.lay(&before)?;
        self.succeed(&self.set_up(subject, false))?;
        let set_up = self.take_up()?;
        self.succeed(&self.set_up(subject, false))?;
        let again = self.take_up()?;
        again
            .is(&set_up)
            .map_err(|reason| format!("a second setup changes something: {reason}"))?;
        self.succeed(&self.set_up(subject, true))?;
        let otherwise = self.take_up()?;
        if otherwise.within("etc") == set_up.within("etc") {
            return Err("a second setup with other words changes nothing".to_owned());
        }
        self.succeed(&self.undo(subject))?;
        let undone = self.take_up()?;
        let life = Life {
            before,
            set_up,
            otherwise,
            undone,
        };
        life.is_undone(&life.undone)?;
        Ok(life)
    }
}

/// The trees of an untroubled life.
pub(crate) struct Life {
    pub(crate) before: Tree,
    pub(crate) set_up: Tree,
    pub(crate) otherwise: Tree,
    pub(crate) undone: Tree,
}

impl Life {
    /// That a tree is as it was before the first setup; of what was remembered, only the lock may be left.
    pub(crate) fn is_undone(&self, tree: &Tree) -> Result<(), String> {
        tree.within("etc").is(&self.before.within("etc"))?;
        let may_be = ["state", "state/setup", "state/setup/lock", "run", "run/cdi"];
        let left: Vec<&Path> = tree
            .paths()
            .filter(|path| {
                !path.starts_with("etc") && !may_be.iter().any(|one| Path::new(one) == *path)
            })
            .collect();
        if left.is_empty() {
            Ok(())
        } else {
            Err(format!("left over: {left:?}"))
        }
    }
}

/// A trial with a scene of its own, or one that is skipped.
pub(crate) fn trial(
    ground: &Result<Arc<Ground>, String>,
    name: &str,
    check: impl FnOnce(&Scene) -> Result<(), String> + Send + 'static,
) -> Trial {
    match ground {
        Err(missing) => suite::trial(name, Some(missing), || Ok(())),
        Ok(ground) => {
            let (ground, place) = (Arc::clone(ground), name.to_owned());
            suite::trial(name, None, move || {
                let scene = Scene::new(&ground, &place)?;
                check(&scene).map_err(suite::fail)
            })
        }
    }
}

/// What a program said, and how it ended.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
