//! What the tests stand on: nodes, cgroups of their own, and processes in them.

use libtest_mimic::Failed;
use liftgate_apply::cgroup::Version;
use liftgate_apply::cgroup::locate::Mount;
use liftgate_sys::{mount, namespace};
use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Numbers for local use, which no driver of the kernel has.
pub(crate) const MAJOR: u32 = 61;
pub(crate) const OTHER_MAJOR: u32 = 62;

/// All the nodes there are.
pub(crate) const NODES: [&str; 9] = [
    "null",
    "zero",
    "full",
    "first",
    "second",
    "third",
    "far",
    "elsewhere",
    "block",
];

/// What the shell in a cgroup does: for each line, `HOW PATH`, it answers with one line.
pub(crate) const SCRIPT: &str = r#"
while read -r how path numbers; do
    case $how in
        r) said=$( ( : < "$path" ) 2>&1 ) ;;
        w) said=$( ( : >> "$path" ) 2>&1 ) ;;
        rw) said=$( ( : <> "$path" ) 2>&1 ) ;;
        m) said=$( ( mknod "$path" $numbers && rm "$path" ) 2>&1 ) ;;
    esac
    echo "$how $path: ${said:-done}" | tr '\n' ' '
    echo
done
"#;

/// What all tests share.
pub(crate) struct Ground {
    /// Where version 1's `devices` controller is mounted.
    pub(crate) legacy: Option<PathBuf>,
    /// Where version 2 is mounted.
    pub(crate) unified: Option<PathBuf>,
    /// A tmpfs that only this process and its children see.
    pub(crate) directory: tempfile::TempDir,
}

impl Ground {
    /// Prepares it, or says what the machine lacks. Called before the first thread is started.
    pub(crate) fn prepare() -> Result<Arc<Self>, String> {
        if !namespace::is_real_root() {
            return Err("needs root".to_owned());
        }
        let error = |error: &dyn fmt::Display| error.to_string();
        let directory = tempfile::tempdir().map_err(|failure| error(&failure))?;
        namespace::unshare_mounts()
            .and_then(|()| mount::make_private(Path::new("/")))
            .and_then(|()| mount::tmpfs(directory.path(), "mode=755"))
            .map_err(|failure| error(&failure))?;
        let mountinfo = fs::read("/proc/self/mountinfo").map_err(|failure| error(&failure))?;
        let place = |version| {
            let mounts = Mount::parse(&mountinfo);
            let found = mounts
                .into_iter()
                .find(|mount| mount.version == version && mount.root == b"/");
            found.map(|mount| mount.point)
        };
        let ground = Self {
            legacy: place(Version::V1),
            unified: place(Version::V2),
            directory,
        };
        for (name, kind, major, minor) in [
            ("null", "c", 1, 3),
            ("zero", "c", 1, 5),
            ("full", "c", 1, 7),
            ("first", "c", MAJOR, 0),
            ("second", "c", MAJOR, 1),
            ("third", "c", MAJOR, 2),
            ("far", "c", MAJOR, 2047),
            ("elsewhere", "c", OTHER_MAJOR, 0),
            ("block", "b", MAJOR, 0),
        ] {
            let made = Command::new("mknod")
                .arg(ground.node(name))
                .args([kind, &major.to_string(), &minor.to_string()])
                .status();
            if !made.is_ok_and(|status| status.success()) {
                return Err("needs mknod".to_owned());
            }
        }
        Ok(Arc::new(ground))
    }

    pub(crate) fn node(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A new cgroup of version 1, which allows everything.
    pub(crate) fn legacy(&self) -> Cgroup {
        Cgroup::make(self.legacy.as_deref().expect("the test was not skipped"))
    }

    /// A new cgroup of version 2, with no program.
    pub(crate) fn unified(&self) -> Cgroup {
        Cgroup::make(self.unified.as_deref().expect("the test was not skipped"))
    }

    /// A shell in a cgroup.
    pub(crate) fn shell<'a>(&'a self, cgroup: &Cgroup) -> Shell<'a> {
        let procs = cgroup.path.join("cgroup.procs");
        let child = Command::new("/bin/sh")
            .args(["-c", &format!("echo $$ > \"$0\"\n{SCRIPT}")])
            .arg(procs)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let pid = child.id();
        let mut shell = Shell::new(child, pid, self.directory.path());
        // Its answer says that it has entered the cgroup.
        shell.say("r /dev/null");
        shell
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        mount::unmount_detach(self.directory.path()).ok();
    }
}

/// A cgroup that goes with the test.
pub(crate) struct Cgroup {
    pub(crate) path: PathBuf,
    directory: fs::File,
}

impl Cgroup {
    pub(crate) fn make(parent: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("liftgate-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).expect("a cgroup");
        let directory = fs::File::open(&path).expect("the cgroup's directory");
        Self { path, directory }
    }

    pub(crate) fn write(&self, file: &str, line: &str) {
        fs::write(self.path.join(file), line).expect("the kernel takes the line");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).expect("a file of the cgroup")
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A process that was killed is still in its cgroup for a moment.
        for _ in 0..200 {
            if fs::remove_dir(&self.path).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// A shell that opens what it is told to, and says how that went.
pub(crate) struct Shell<'a> {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// Of the shell, on this machine.
    pub(crate) pid: u32,
    nodes: &'a Path,
}

impl<'a> Shell<'a> {
    pub(crate) fn new(mut child: Child, pid: u32, nodes: &'a Path) -> Self {
        Self {
            input: child.stdin.take().expect("a pipe"),
            output: BufReader::new(child.stdout.take().expect("a pipe")),
            child,
            pid,
            nodes,
        }
    }

    pub(crate) fn say(&mut self, line: &str) -> String {
        let mut answer = String::new();
        writeln!(self.input, "{line}").expect("the shell listens");
        self.output
            .read_line(&mut answer)
            .expect("the shell answers");
        answer
    }

    /// Whether the cgroup lets it open a node: `r`, `w`, `rw`.
    fn may(&mut self, how: &str, name: &str) -> bool {
        let path = self.nodes.join(name).display().to_string();
        let answer = self.say(&format!("{how} {path}"));
        allowed(&answer)
    }

    /// Whether the cgroup lets it make a node.
    pub(crate) fn may_make(&mut self, numbers: &str) -> bool {
        let path = self.nodes.join(format!("made-{}", self.pid));
        let answer = self.say(&format!("m {} {numbers}", path.display()));
        allowed(&answer)
    }

    /// Fails unless exactly these nodes can be opened in this way, of all there are.
    pub(crate) fn opens(&mut self, how: &str, expected: &[&str]) -> Result<(), Failed> {
        let found: Vec<&str> = NODES
            .into_iter()
            .filter(|name| self.may(how, name))
            .collect();
        same(&format!("opened with `{how}`"), &found[..], expected)
    }
}

impl Drop for Shell<'_> {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Without a driver behind the number, what the cgroup allows fails all the same, but not with EPERM.
fn allowed(answer: &str) -> bool {
    let said = answer.trim_end();
    if said.ends_with("Operation not permitted") {
        return false;
    }
    assert!(
        said.ends_with(": done") || said.ends_with("No such device or address"),
        "the shell said {said}"
    );
    true
}

/// Fails unless both are the same.
#[expect(
    clippy::needless_pass_by_value,
    reason = "most of what is compared is made for it"
)]
pub(crate) fn same<T, U>(what: &str, found: T, expected: U) -> Result<(), Failed>
where
    T: fmt::Debug + PartialEq<U>,
    U: fmt::Debug,
{
    if found == expected {
        Ok(())
    } else {
        Err(Failed::from(format!(
            "{what}: {found:?}, but expected was {expected:?}"
        )))
    }
}

/// Runs in a thread whose mount namespace is its own.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> Result<T, Failed> + Send) -> Result<T, Failed> {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                namespace::unshare_mounts()?;
                mount::make_private(Path::new("/"))?;
                work()
            })
            .join()
            .expect("the thread does not panic")
    })
}
