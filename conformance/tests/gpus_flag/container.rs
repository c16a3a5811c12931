//! What a container is to have, a script that shows it from inside, and how containers are started.

use crate::judge::judge;
use crate::stage::IMAGE;
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use liftgate_conformance::{Docker, Ended};
use liftgate_testhost::Machine;
use std::process::Output;

/// What a container is to have.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The GPUs, by index.
    pub(crate) gpus: Vec<usize>,
    /// Whether it has what CUDA needs.
    pub(crate) cuda: bool,
    /// Whether it has `nvidia-smi`.
    pub(crate) utility: bool,
    /// Whether it may make nodes, and write where it makes them.
    pub(crate) may_make_nodes: bool,
    /// What happens to who writes into `/etc`: `written`, or the kernel's words.
    pub(crate) writing: &'static str,
}

impl Wanted {
    /// These GPUs, with what an image gets that does not say.
    pub(crate) fn gpus(gpus: impl IntoIterator<Item = usize>) -> Self {
        Self {
            gpus: gpus.into_iter().collect(),
            cuda: true,
            utility: true,
            may_make_nodes: true,
            writing: "written",
        }
    }

    /// The same, in a container with these options.
    pub(crate) fn confined_by(self, options: &[&str]) -> Self {
        let has = |option| options.contains(&option);
        Self {
            may_make_nodes: !has("--read-only") && !has("--user") && !has("--cap-drop"),
            writing: if has("--read-only") {
                "Read-only file system"
            } else if has("--user") {
                "Permission denied"
            } else {
                "written"
            },
            ..self
        }
    }
}

/// Shell text that prints all that [`judge`] looks at. A GPU that was granted, and one that was not or does not
/// exist, get nodes made by hand at the end.
pub(crate) fn script(machine: &Machine, wanted: &Wanted) -> String {
    let own = wanted
        .gpus
        .first()
        .map_or(255, |&index| minor(machine, index));
    format!(
        r#"
nodes() {{ find /dev -type c | grep -E -v '^/dev/(console|full|null|ptmx|pts/.*|random|tty|urandom|zero)$' | sort; }}
answer() {{ {{ : <>"$1"; }} 2>&1 | grep -o -e 'No such device or address' -e 'not permitted' -e 'denied'; }}
by_hand() {{ mknod /tmp/made c 195 "$1" && answer /tmp/made; find /tmp/made -delete 2>/dev/null; }}
echo == listing; nvidia-smi -L 2>/dev/null; echo status=$?
echo == nodes; for node in $(nodes); do stat -c '%n %t:%T %a %u:%g' "$node"; done
echo == opened; for node in $(nodes); do answer "$node"; done
echo == loader; ldconfig -p | grep -c 'libcuda\.so\.1 (libc6,.*64'
echo == mounts; grep -e nvidia -e libcuda /proc/self/mountinfo
echo == writing; {{ : >/etc/made && echo written; }} 2>&1 | grep -o -e written -e 'Read-only file system' -e 'Permission denied'
echo == own; by_hand {own}
echo == other; by_hand {other}
echo == end
"#,
        other = other_minor(machine, &wanted.gpus)
    )
}

pub(crate) fn minor(machine: &Machine, index: usize) -> u32 {
    machine.gpus()[index].minor
}

/// The number of a GPU that is not among these.
pub(crate) fn other_minor(machine: &Machine, granted: &[usize]) -> u32 {
    let mut others = machine.gpus().iter();
    others
        .find(|gpu| !granted.contains(&gpu.index))
        .map_or(200, |gpu| gpu.minor)
}

/// What a command in a container came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            is_success: output.status.success(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

impl From<Ended> for Ran {
    fn from(ended: Ended) -> Self {
        Self {
            is_success: ended.status == Some(0),
            stdout: ended.stdout,
            stderr: ended.stderr,
        }
    }
}

impl Ran {
    /// A failure that says all of it.
    pub(crate) fn complain<T>(&self, what: &str) -> Result<T, Failed> {
        Err(fail(format!(
            "{what}\nsuccess {}\n--- stdout\n{}--- stderr\n{}",
            self.is_success, self.stdout, self.stderr
        )))
    }

    /// What was printed behind the line `== name`, up to the next such line.
    pub(crate) fn part(&self, name: &str) -> String {
        let mark = format!("== {name}");
        let lines = self.stdout.lines().skip_while(|line| *line != mark).skip(1);
        lines
            .take_while(|line| !line.starts_with("== "))
            .flat_map(|line| [line, "\n"])
            .collect()
    }
}

/// `docker run` with these options, and this shell text.
pub(crate) fn run(docker: &Docker, options: &[&str], script: &str) -> Result<Ran, Failed> {
    let mut arguments = vec!["run", "--rm", "--network", "none"];
    arguments.extend(options);
    arguments.extend([IMAGE, "sh", "-c", script]);
    Ok(docker.run(&arguments)?.into())
}

/// Runs a container and holds it against what it has to be.
pub(crate) fn expect(
    docker: &Docker,
    machine: &Machine,
    options: &[&str],
    wanted: &Wanted,
) -> Result<(), Failed> {
    let ran = run(docker, options, &script(machine, wanted))?;
    judge(machine, wanted, &ran)
}

/// Runs a container that has to be as if nobody had asked for GPUs.
pub(crate) fn expect_untouched(docker: &Docker, options: &[&str]) -> Result<(), Failed> {
    const LOOK: &str = "find /dev | grep -c nvidia; grep -c nvidia /proc/self/mountinfo; nvidia-smi 2>/dev/null; echo $?";
    let ran = run(docker, options, LOOK)?;
    if ran.stdout == "0\n0\n127\n" {
        Ok(())
    } else {
        ran.complain("the container is not as any other")
    }
}

/// Runs a container that has to be refused, with all of these words.
pub(crate) fn expect_refused(
    docker: &Docker,
    options: &[&str],
    words: &[&str],
) -> Result<(), Failed> {
    let ran = run(docker, options, "echo started")?;
    refused(&ran, words)
}

/// Fails unless it was refused with all of these words.
pub(crate) fn refused(ran: &Ran, words: &[&str]) -> Result<(), Failed> {
    if ran.is_success || !ran.stdout.is_empty() {
        return ran.complain("the container was started");
    }
    match words.iter().find(|words| !ran.stderr.contains(**words)) {
        None => Ok(()),
        Some(words) => ran.complain(&format!("nobody said: {words}")),
    }
}
