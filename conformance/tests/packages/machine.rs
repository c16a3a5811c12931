//! A machine to install on: a root that nobody else sees, and that forgets nothing between two commands.

use crate::made::Made;
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Mounts the root, and becomes a shell: in it, or beside it for programs that it does not have.
const ENTER: &str = r#"
set -e
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$PLACE/upper,workdir=$PLACE/work" "$PLACE/merged"
export ROOT="$PLACE/merged"
mount --bind "$PLACE/shared" "$ROOT/mnt"
mount -t proc proc "$ROOT/proc"
mount -t devpts devpts "$ROOT/dev/pts"
[ "$WHERE" = outside ] && exec /bin/sh -euc "$SCRIPT"
exec chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive /bin/sh -euc "$SCRIPT"
"#;

/// Every path with what is to be the same after a removal. Left out is what the package manager writes about itself,
/// and its caches.
const STATE: &str = r"
cd /
find . -xdev -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./var/cache -prune \
    -o -path ./var/lib/apt -prune -o -path ./root/.rpmdb -prune -o -path ./etc/ld.so.cache -prune \
    -o -printf '%p %y %m %U %G %l\n'
find . -xdev -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./var/cache -prune \
    -o -path ./var/lib/apt -prune -o -path ./root/.rpmdb -prune -o -path ./etc/ld.so.cache -prune \
    -o -type f -exec sha256sum {} +
";

#[derive(Debug)]
pub(crate) struct Machine {
    directory: tempfile::TempDir,
    lower: PathBuf,
}

/// What a script has said, on both streams, and its status.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Option<i32>,
    pub(crate) words: String,
}

impl Machine {
    pub(crate) fn new(made: &Made) -> Result<Self, Failed> {
        let directory = tempfile::Builder::new()
            .prefix("liftgate-packages-")
            .tempdir()?;
        for name in ["upper", "work", "merged", "shared"] {
            fs::create_dir(directory.path().join(name))?;
        }
        let machine = Self {
            directory,
            lower: made.root.clone(),
        };
        // The root was stripped of them, and every machine has them.
        machine.run("mkdir -p /usr/share/doc /usr/share/man/man1")?;
        Ok(machine)
    }

    /// What the machine sees as `/mnt`.
    pub(crate) fn shared(&self) -> PathBuf {
        self.directory.path().join("shared")
    }

    /// Puts a file there.
    pub(crate) fn share(&self, file: &std::path::Path) -> Result<(), Failed> {
        let name = file.file_name().unwrap_or_default();
        fs::copy(file, self.shared().join(name))?;
        Ok(())
    }

    /// Runs a script on it, to its end, whatever comes of it.
    pub(crate) fn attempt(&self, script: &str) -> Result<Outcome, Failed> {
        self.enter("inside", script)
    }

    /// Runs a script on it, which must succeed.
    pub(crate) fn run(&self, script: &str) -> Result<String, Failed> {
        expect(script, self.enter("inside", script)?)
    }

    /// Runs a script of this machine's programs, with that machine's root in `$ROOT`.
    pub(crate) fn run_outside(&self, script: &str) -> Result<String, Failed> {
        expect(script, self.enter("outside", script)?)
    }

    /// As [`Self::run_outside`], whatever comes of it.
    pub(crate) fn attempt_outside(&self, script: &str) -> Result<Outcome, Failed> {
        self.enter("outside", script)
    }

    /// Every path and what is there.
    pub(crate) fn state(&self) -> Result<Vec<String>, Failed> {
        let text = self.run(STATE)?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        if lines.len() < 1000 {
            return Err(fail(format!("a machine of {} paths: {text}", lines.len())));
        }
        Ok(lines)
    }

    fn enter(&self, place: &str, script: &str) -> Result<Outcome, Failed> {
        let output = Command::new("unshare")
            .args(["--mount", "--propagation", "private"])
            // A package that needs the network is none that people can install from a file.
            .args(["--net", "--pid", "--fork", "--kill-child", "/bin/sh", "-c"])
            .arg(format!("exec 2>&1\n{ENTER}"))
            .env("LOWER", &self.lower)
            .env("PLACE", self.directory.path())
            .env("WHERE", place)
            .env("SCRIPT", script)
            .stdin(Stdio::null())
            .output()?;
        Ok(Outcome {
            status: output.status.code(),
            words: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}

fn expect(script: &str, outcome: Outcome) -> Result<String, Failed> {
    if outcome.status == Some(0) {
        Ok(outcome.words)
    } else {
        Err(fail(format!(
            "{:?} of\n{script}\n{}",
            outcome.status, outcome.words
        )))
    }
}

/// The lines that only one of two states has: `+` of the second, `-` of the first.
pub(crate) fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let only = |sign: char, these: &[String], those: &[String]| -> Vec<String> {
        these
            .iter()
            .filter(|line| those.binary_search(line).is_err())
            .map(|line| format!("{sign} {line}"))
            .collect()
    };
    let mut lines = only('-', before, after);
    lines.extend(only('+', after, before));
    lines
}

/// Fails unless both are the same.
pub(crate) fn same(before: &[String], after: &[String], when: &str) -> Result<(), Failed> {
    let lines = difference(before, after);
    if lines.is_empty() {
        Ok(())
    } else {
        Err(fail(format!("{when}:\n{}", lines.join("\n"))))
    }
}

/// Fails unless the words are among those that were said.
pub(crate) fn says(seen: &str, words: &str) -> Result<(), Failed> {
    if seen.contains(words) {
        Ok(())
    } else {
        Err(fail(format!("nothing says `{words}`:\n{seen}")))
    }
}
