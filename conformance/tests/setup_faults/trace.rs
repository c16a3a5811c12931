//! The system calls of a run, by `strace`: which of them change something, and each of them made to end the run, to fail, or to take
//! its time.

use crate::scene::{Scene, said};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::process::{Output, Stdio};

/// Calls that change something, or make a change last.
const CHANGING: &[&str] = &[
    "chmod",
    "chown",
    "copy_file_range",
    "creat",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "fchown",
    "fchownat",
    "fdatasync",
    "flock",
    "fremovexattr",
    "fsetxattr",
    "fsync",
    "ftruncate",
    "lchown",
    "link",
    "linkat",
    "lsetxattr",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "mount",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "removexattr",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "setxattr",
    "splice",
    "symlink",
    "symlinkat",
    "sync",
    "syncfs",
    "truncate",
    "umount2",
    "unlink",
    "unlinkat",
    "utimensat",
    "write",
    "writev",
];

/// Calls that change something if they are told to.
const OPENING: &[&str] = &["open", "openat", "openat2"];
const CHANGING_FLAGS: &[&str] = &["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];

/// Calls that change no file.
const HARMLESS: &[&str] = &[
    "access",
    "arch_prctl",
    "brk",
    "clone",
    "clone3",
    "close",
    "close_range",
    "connect",
    "dup",
    "dup2",
    "dup3",
    "execve",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
    "fcntl",
    "fgetxattr",
    "flistxattr",
    "fork",
    "fstat",
    "fstatfs",
    "futex",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "gettid",
    "getuid",
    "getxattr",
    "ioctl",
    "kill",
    "lgetxattr",
    "listxattr",
    "llistxattr",
    "lseek",
    "lstat",
    "madvise",
    "membarrier",
    "memfd_create",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "newfstatat",
    "pidfd_open",
    "pidfd_send_signal",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pread64",
    "prlimit64",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "recvfrom",
    "recvmsg",
    "restart_syscall",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "sched_getaffinity",
    "sched_yield",
    "sendto",
    "set_robust_list",
    "set_tid_address",
    "setpgid",
    "setsid",
    "sigaltstack",
    "socket",
    "socketpair",
    "stat",
    "statfs",
    "statx",
    "sysinfo",
    "tgkill",
    "umask",
    "uname",
    "vfork",
    "wait4",
    "waitid",
];

/// A system call that changes something: its name, which of that name it is, and how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) nth: usize,
    pub(crate) line: String,
}

/// Runs the words to their good end, and says which calls of the program itself change something, in their order. None may change
/// anything outside the scene, and none may be one that nobody has thought of.
pub(crate) fn changing_calls(scene: &Scene, words: &[OsString]) -> Result<Vec<Call>, String> {
    let trace = scene.beside("trace");
    let strace = ["strace", "-f", "-y", "-s", "4096", "-o"].map(OsString::from);
    let strace = [&strace[..], &[trace.clone().into()]].concat();
    let output = scene
        .under(&strace, words)
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{words:?}: {}", said(&output)));
    }
    let text = fs::read(&trace).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&text);
    let own = text.split_whitespace().next().unwrap_or_default();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let Some((id, line)) = line.split_once(' ') else {
            continue;
        };
        let line = line.trim_start();
        let Some((name, rest)) = line.split_once('(') else {
            continue;
        };
        if !name
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '_')
        {
            // A signal, or the end.
            continue;
        }
        let is_changing = if OPENING.contains(&name) {
            CHANGING_FLAGS.iter().any(|flag| rest.contains(flag))
        } else if CHANGING.contains(&name) {
            true
        } else if HARMLESS.contains(&name) {
            false
        } else {
            return Err(format!(
                "nobody has said whether this call changes anything: {line}"
            ));
        };
        if is_changing {
            stays_within(scene, line)?;
        }
        if id == own {
            let count = counts.entry(name).or_default();
            *count += 1;
            if is_changing {
                calls.push(Call {
                    name: name.to_owned(),
                    nth: *count,
                    line: line.to_owned(),
                });
            }
        }
    }
    Ok(calls)
}

/// Paths in a line that are not the scene's.
fn stays_within(scene: &Scene, line: &str) -> Result<(), String> {
    let within = scene
        .root
        .parent()
        .unwrap_or(&scene.root)
        .display()
        .to_string();
    let is_write = line.starts_with("write") || line.starts_with("pwrite");
    let quoted = line.split('"').skip(1).step_by(2).filter(|_| !is_write);
    let opened = line
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    let is_of_cwd = |path: &str| line.contains(&format!("AT_FDCWD<{path}>"));
    let mut strange = quoted
        .chain(opened)
        .filter(|path| path.starts_with('/') && !path.starts_with(&within))
        .filter(|path| {
            !path.starts_with("/dev/null") && !path.starts_with("/memfd:") && !is_of_cwd(path)
        });
    match strange.next() {
        None => Ok(()),
        Some(path) => Err(format!("`{path}` is changed: {line}")),
    }
}

/// How a run went that was to be disturbed.
pub(crate) struct Disturbed {
    pub(crate) output: Output,
    /// The calls of the name that was disturbed, the program's own, the last one last.
    pub(crate) trace: String,
}

/// Runs the words, with what is injected into a call, in the words of `strace`; only the program itself is disturbed.
pub(crate) fn disturb(
    scene: &Scene,
    words: &[OsString],
    call: &str,
    injected: &str,
) -> Result<Disturbed, String> {
    let strace = inject(scene, call, injected);
    let trace = scene.beside("trace");
    let output = scene
        .under(&strace, words)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| error.to_string())?;
    let trace = fs::read(trace).map_err(|error| error.to_string())?;
    Ok(Disturbed {
        output,
        trace: String::from_utf8_lossy(&trace).into_owned(),
    })
}

/// `strace`, which injects that into a call.
pub(crate) fn inject(scene: &Scene, call: &str, injected: &str) -> Vec<OsString> {
    let trace = scene.beside("trace");
    // Whoever runs the tests in the background has had SIGINT ignored for all of them, and nothing would end by it.
    let words = [
        "env",
        "--default-signal=HUP,INT,TERM",
        "strace",
        "-s",
        "4096",
        "-o",
    ];
    let mut strace: Vec<OsString> = words.map(OsString::from).to_vec();
    strace.push(trace.into());
    strace.extend(["-e".into(), format!("trace={call}").into()]);
    strace.extend(["-e".into(), format!("inject={call}:{injected}").into()]);
    strace
}
