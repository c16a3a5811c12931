//! A case laid out in a directory of its own, and the programs run on it.

use crate::cases::{Case, Engine, Lie};
use crate::tree::Tree;
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What stands for the directory of a case, in files and in flags.
pub(crate) const ROOT: &str = "@ROOT@";

/// The variable that names the directory of backups, to both of our programs.
const STATE: &str = "LIFTGATE_STATE_DIRECTORY";

/// The user and group of a file that is not root's.
const FOREIGN: u32 = 4321;

/// A case in a directory.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) case: Case,
    directory: tempfile::TempDir,
}

/// The corpus.
pub(crate) fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/configure/corpus")
}

impl Place {
    /// Lays the case out.
    pub(crate) fn new(case: Case) -> Result<Self, Failed> {
        let place = Self::empty(case)?;
        if let Some(file) = case.file {
            let folder = corpus().join(case.engine.name());
            let tree = folder.join(file);
            if tree.is_dir() {
                place.copy(&tree, &place.root())?;
            } else {
                let end = if case.engine == Engine::Docker {
                    "json"
                } else {
                    "toml"
                };
                let text = fs::read(folder.join(format!("{file}.{end}")))
                    .map_err(|error| fail(format!("the corpus has no `{file}`: {error}")))?;
                place.put(case.engine.main_file(), &text)?;
            }
        }
        place.lay()?;
        Ok(place)
    }

    /// Lays out one text as the main file.
    pub(crate) fn of_text(case: Case, text: &[u8]) -> Result<Self, Failed> {
        let place = Self::empty(case)?;
        place.put(case.engine.main_file(), text)?;
        Ok(place)
    }

    fn empty(case: Case) -> Result<Self, Failed> {
        let directory = tempfile::Builder::new()
            .prefix("liftgate-configure-")
            .tempdir()?;
        let place = Self { case, directory };
        fs::create_dir(place.root())?;
        Ok(place)
    }

    /// The directory that stands for `/`.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// The file that `--config` names.
    pub(crate) fn main_file(&self) -> PathBuf {
        self.root().join(self.case.engine.main_file())
    }

    /// Everything in it.
    pub(crate) fn look(&self) -> Result<Tree, Failed> {
        Ok(Tree::of(&self.root())?)
    }

    /// A text with the directory instead of its sign.
    pub(crate) fn filled(&self, text: &str) -> String {
        text.replace(ROOT, &self.root().to_string_lossy())
    }

    /// A text with the sign instead of the directory.
    pub(crate) fn emptied(&self, text: &str) -> String {
        text.replace(&*self.root().to_string_lossy(), ROOT)
    }

    fn put(&self, name: &str, text: &[u8]) -> Result<(), Failed> {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
        match std::str::from_utf8(text) {
            Ok(text) => fs::write(&path, self.filled(text))?,
            Err(_) => fs::write(&path, text)?,
        }
        let mode = if name.starts_with("bin/") {
            0o755
        } else {
            0o644
        };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(())
    }

    fn copy(&self, from: &Path, to: &Path) -> Result<(), Failed> {
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let target = to.join(path.file_name().unwrap_or_default());
            if path.is_dir() {
                fs::create_dir_all(&target)?;
                self.copy(&path, &target)?;
            } else {
                let root = self.root();
                let name = target.strip_prefix(&root).unwrap_or(&target);
                self.put(&name.to_string_lossy(), &fs::read(&path)?)?;
            }
        }
        Ok(())
    }

    fn lay(&self) -> Result<(), Failed> {
        let main = self.main_file();
        match self.case.lie {
            Lie::Usual | Lie::ReadOnly => {}
            Lie::Link => {
                let shared = self.case.engine.shared_file();
                fs::create_dir_all(self.root().join("etc/shared"))?;
                fs::rename(&main, self.root().join(shared))?;
                symlink(Path::new("../..").join(shared), &main)?;
            }
            Lie::Mode(mode) => fs::set_permissions(&main, fs::Permissions::from_mode(mode))?,
            Lie::Foreign => chown(&main, Some(FOREIGN), Some(FOREIGN))?,
        }
        Ok(())
    }

    /// Runs `nvidia-ctk runtime configure`, or for Podman `liftgate setup podman`, which the reference does not have.
    pub(crate) fn configure(
        &self,
        ctk: &Path,
        liftgate: &Path,
        more: &[&str],
    ) -> Result<Output, Failed> {
        let mut words: Vec<String> = Vec::new();
        let program = if self.case.engine == Engine::Podman {
            words.extend(
                ["setup", "podman", "--yes", "--no-restart", "--no-proof"].map(str::to_owned),
            );
            liftgate
        } else {
            words.extend(["runtime", "configure"].map(str::to_owned));
            words.push(format!("--runtime={}", self.case.engine.name()));
            ctk
        };
        words.extend(self.places());
        words.extend(self.case.flags.iter().map(|flag| self.filled(flag)));
        words.extend(more.iter().map(|&word| word.to_owned()));
        self.run(program, &words)
    }

    /// Takes it back.
    pub(crate) fn undo(&self, liftgate: &Path) -> Result<Output, Failed> {
        let mut words: Vec<String> = vec!["setup".to_owned(), self.case.engine.name().to_owned()];
        words.extend(["--undo", "--yes", "--no-restart"].map(str::to_owned));
        words.extend(self.places());
        if let Some(drop_in) = self
            .case
            .flag("--drop-in-config")
            .filter(|path| !path.is_empty())
        {
            words.push(self.filled(&format!("--drop-in-config={drop_in}")));
        }
        self.run(liftgate, &words)
    }

    fn places(&self) -> Vec<String> {
        let mut words = vec![format!("--config={}", self.main_file().display())];
        if self.case.flag("--drop-in-config").is_none()
            && let Some(drop_in) = self.case.engine.drop_in()
        {
            let drop_in = self.root().join(drop_in);
            words.push(format!("--drop-in-config={}", drop_in.display()));
        }
        words
    }

    fn run(&self, program: &Path, words: &[String]) -> Result<Output, Failed> {
        let mut command = if self.case.lie == Lie::ReadOnly {
            let mut command = Command::new("unshare");
            let script =
                r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@""#;
            let directory = self
                .main_file()
                .parent()
                .map(Path::to_owned)
                .unwrap_or_default();
            command
                .args(["--mount", "sh", "-c", script, "sh"])
                .arg(directory)
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        let output = command
            .args(words)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", self.directory.path())
            .env(STATE, self.directory.path().join("state"))
            .current_dir(self.directory.path())
            .output()
            .map_err(|error| fail(format!("`{}`: {error}", program.display())))?;
        Ok(output)
    }
}

/// What a program said, for the message of a failed test.
pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}\nstdout: {}\nstderr: {}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
