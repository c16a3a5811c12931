//! What a process that has entered the sandbox can still do, and what not: each as that process finds it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, with the place"
)]

use liftgate_sys::sandbox::{Job, run_in_child};
use liftgate_sys::{Root, mount, node};
use std::ffi::OsStr;
use std::fmt::Debug;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Held by every test while it works, and by itself by the one that counts the process's descriptors.
static OTHERS: RwLock<()> = RwLock::new(());

struct Ground {
    directory: tempfile::TempDir,
    root: Root,
    _beside: Option<RwLockReadGuard<'static, ()>>,
}

impl Ground {
    /// `root/` is the container's; `secret` beside it is the host's.
    fn new() -> Self {
        let beside = OTHERS.read().unwrap_or_else(PoisonError::into_inner);
        Self::made(Some(beside))
    }

    fn made(beside: Option<RwLockReadGuard<'static, ()>>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("root/etc")).unwrap();
        fs::write(directory.path().join("root/etc/file"), "container").unwrap();
        fs::write(directory.path().join("secret"), "host").unwrap();
        let root = Root::open(&directory.path().join("root")).unwrap();
        Self {
            directory,
            root,
            _beside: beside,
        }
    }

    /// What `work` says in the sandbox.
    fn inside(&self, job: Job, work: impl FnOnce() -> Vec<String>) -> Vec<String> {
        let ended = run_in_child(&self.root, job, || Ok(work())).unwrap();
        assert_eq!(ended.kept.len(), usize::from(!has_landlock()), "{ended:?}");
        ended.result.unwrap()
    }
}

fn has_landlock() -> bool {
    let ground = tempfile::tempdir().unwrap();
    let root = Root::open(ground.path()).unwrap();
    let ended = run_in_child(&root, Job::Files, || Ok(Vec::new())).unwrap();
    !ended.kept.iter().any(|kept| kept.contains("landlock"))
}

fn is_root() -> bool {
    liftgate_sys::process::effective_user() == 0
}

/// Says what should have failed for want of a permission, and did not.
fn denied<T: Debug, E: ToString>(name: &str, result: Result<T, E>) -> Option<String> {
    match result {
        Ok(value) => Some(format!("{name} succeeded: {value:?}")),
        Err(error) => {
            let error = error.to_string();
            let is_denied = ["(os error 1)", "(os error 13)"]
                .iter()
                .any(|number| error.ends_with(number));
            (!is_denied).then(|| format!("{name} failed otherwise: {error}"))
        }
    }
}

#[test]
fn files_of_the_container_are_worked_on() {
    let ground = Ground::new();
    let root = &ground.root;
    symlink("/etc/file", ground.directory.path().join("root/link")).unwrap();
    let problems = ground.inside(Job::Files, || {
        let work = || -> Result<(), liftgate_sys::SysError> {
            let etc = root.make_directories(Path::new("/etc/new/deep"), 0o755)?;
            etc.put_file(OsStr::new("a"), b"text", 0o644)?;
            etc.put_symlink(OsStr::new("a"), OsStr::new("b"))?;
            etc.remove_file(OsStr::new("a"))?;
            etc.names(10)?;
            let read = root.read(Path::new("/link"), 100)?;
            assert_eq!(read.as_deref(), Some(&b"container"[..]));
            root.canonicalize(Path::new("/link"))?;
            Ok(())
        };
        let error = work().err().map(|error| error.to_string());
        error.into_iter().collect()
    });
    assert_eq!(problems, Vec::<String>::new());
    let link = ground.directory.path().join("root/etc/new/deep/b");
    assert!(link.is_symlink());
}

/// As many are held by whoever has mounted a driver, and may have to take it back.
#[test]
fn work_is_done_beside_descriptors_that_are_held() {
    // The limit begins at the lowest number that is free: another test that closes a file would move it.
    let _alone = OTHERS.write().unwrap_or_else(PoisonError::into_inner);
    let ground = Ground::made(None);
    let root = &ground.root;
    let secret = ground.directory.path().join("secret");
    let held: Vec<fs::File> = (0..400).map(|_| fs::File::open(&secret).unwrap()).collect();
    let problems = ground.inside(Job::Files, || {
        let read = root.read(Path::new("/etc/file"), 100);
        let some: Vec<_> = (0..600)
            .map(|_| root.open_path(Path::new("/etc")))
            .collect();
        let refused = some.iter().filter(|one| one.is_err()).count();
        let mut problems: Vec<String> = read.err().iter().map(ToString::to_string).collect();
        if refused == 0 {
            problems.push("there is no limit".to_owned());
        }
        problems
    });
    drop(held);
    assert_eq!(problems, Vec::<String>::new());
}

/// What a directory's mode forbids would be forbidden to root without a capability as well.
#[test]
fn directories_of_another_user_are_written_to() {
    let ground = Ground::new();
    let directory = ground.directory.path().join("root/theirs");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o555)).unwrap();
    if !is_root() {
        // Who is not root cannot give it to another.
        return;
    }
    std::os::unix::fs::chown(&directory, Some(1000), Some(1000)).unwrap();
    let root = &ground.root;
    let problems = ground.inside(Job::Files, || {
        let theirs = root.open_directory(Path::new("/theirs")).unwrap().unwrap();
        let put = theirs.put_file(OsStr::new("a"), b"", 0o644);
        put.err()
            .map(|error| error.to_string())
            .into_iter()
            .collect()
    });
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn files_of_the_host_are_out_of_reach() {
    if !has_landlock() {
        return;
    }
    let ground = Ground::new();
    let outside = ground.directory.path().to_owned();
    let secret = outside.join("secret");
    let problems = ground.inside(Job::Files, || {
        use rustix::fs::{AtFlags, CWD, Mode};
        let here = [
            Path::new("/proc/self/root").join(secret.strip_prefix("/").unwrap()),
            // The working directory is the container's root.
            "../secret".into(),
            "/etc/passwd".into(),
            "/dev/null".into(),
            "/proc/self/status".into(),
            secret.clone(),
        ];
        let mut problems: Vec<Option<String>> = here
            .iter()
            .map(|path| denied(&path.display().to_string(), fs::read(path)))
            .collect();
        let mode = Mode::from_raw_mode(0o755);
        problems.extend([
            denied("write", fs::write(&secret, "x")),
            denied("truncate", fs::File::create(&secret)),
            denied("make", fs::write(outside.join("new"), "")),
            denied("list", fs::read_dir(&outside).map(Iterator::count)),
            denied("symlink", rustix::fs::symlinkat("x", CWD, "../new")),
            denied("mkdir", rustix::fs::mkdirat(CWD, "../new", mode)),
            denied(
                "unlink",
                rustix::fs::unlinkat(CWD, "../secret", AtFlags::empty()),
            ),
            denied("rename in", fs::rename("../secret", "etc/new")),
        ]);
        // Out of its directory a file cannot go at all: the kernel says that this would cross a border.
        match rustix::fs::renameat(CWD, "etc/file", CWD, "../new") {
            Err(rustix::io::Errno::XDEV | rustix::io::Errno::ACCESS) => {}
            other => problems.push(Some(format!("rename out: {other:?}"))),
        }
        problems.into_iter().flatten().collect()
    });
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(fs::read_to_string(secret).unwrap(), "host");
}

#[test]
fn nothing_is_left_but_files() {
    use liftgate_sys::process::exec;
    use rustix::process::{Resource, Rlimit, Uid, setrlimit, test_kill_process};

    let ground = Ground::new();
    let root = ground.directory.path().join("root");
    let file = root.join("etc/file");
    let problems = ground.inside(Job::Files, || {
        let myself = rustix::process::getpid();
        let modes = fs::Permissions::from_mode(0o4755);
        let limit = Rlimit {
            current: Some(1),
            maximum: Some(1),
        };
        let program = Path::new("/bin/true");
        let owner = std::os::unix::fs::chown(&file, Some(1), None);
        let node = node::make_character_device(&root.join("n"), 1, 5, 0o666);
        let problems = [
            denied("start", Command::new(program).status()),
            denied("become", exec(program, &["true".into()])),
            denied("listen", std::net::TcpListener::bind("127.0.0.1:0")),
            denied("socket", socket()),
            denied("unix socket", std::os::unix::net::UnixStream::pair()),
            denied("thread", std::thread::Builder::new().spawn(|| ())),
            denied("signal", test_kill_process(myself)),
            denied("mount", mount::tmpfs(&root, "size=4k")),
            denied("namespace", liftgate_sys::namespace::unshare_mounts()),
            denied("node", node),
            denied("owner", owner),
            denied("mode by path", fs::set_permissions(&file, modes)),
            denied("hard link", fs::hard_link(&file, root.join("hard"))),
            denied("host name", rustix::system::sethostname(b"x")),
            denied("user", rustix::thread::set_thread_uid(Uid::from_raw(1))),
            denied("working directory", std::env::set_current_dir("/")),
            denied("limits", setrlimit(Resource::Core, limit)),
            denied("executable memory", executable_memory()),
        ];
        problems.into_iter().flatten().collect()
    });
    assert_eq!(problems, Vec::<String>::new());
}

fn socket() -> std::io::Result<()> {
    // SAFETY: three numbers are passed, and nothing is done with what comes back.
    #[expect(unsafe_code, reason = "the call itself is what is tested")]
    let answer = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM, 0) };
    if answer == -1 {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// What comes in and goes out by the standard streams was somebody else's.
#[test]
fn standard_input_and_output_are_the_root() {
    use std::io::Read as _;

    let ground = Ground::new();
    let identity = |path: &str| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    let root = identity(&ground.directory.path().join("root").to_string_lossy()).unwrap();
    let problems = ground.inside(Job::Files, || {
        let mut problems = Vec::new();
        for stream in ["/proc/self/fd/0", "/proc/self/fd/1", "."] {
            match identity(stream) {
                Ok(there) if there == root => {}
                other => problems.push(format!("{stream}: {other:?}")),
            }
        }
        if std::io::stdin().read(&mut [0]).is_ok_and(|count| count > 0) {
            problems.push("there is something to be read".to_owned());
        }
        problems
    });
    assert_eq!(problems, Vec::<String>::new());
}

fn executable_memory() -> std::io::Result<()> {
    // SAFETY: a new private mapping touches no memory that anybody has; it is never used.
    #[expect(unsafe_code, reason = "the call itself is what is tested")]
    let answer = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_EXEC,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if answer == libc::MAP_FAILED {
        Err(std::io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// As the kernel tells it of the child, to whom `/proc` is closed.
#[test]
fn capabilities_are_gone_also_from_the_bounding_set() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    let ground = Ground::new();
    if !is_root() {
        return;
    }
    for (job, expected) in [(Job::Files, 1 << 1), (Job::Modes, 1 << 1 | 1 << 3)] {
        let (reader, writer) = std::io::pipe().unwrap();
        let (told, go_on) = std::io::pipe().unwrap();
        let status = std::thread::scope(|scope| {
            let watch = scope.spawn(move || {
                let mut line = String::new();
                BufReader::new(reader).read_line(&mut line).unwrap();
                let status = fs::read_to_string(format!("/proc/{}/status", line.trim()));
                (&go_on).write_all(b".").unwrap();
                status.unwrap()
            });
            run_in_child(&ground.root, job, || {
                let line = format!("{}\n", std::process::id());
                (&writer).write_all(line.as_bytes()).unwrap();
                (&told).read_exact(&mut [0]).unwrap();
                Ok(Vec::new())
            })
            .unwrap();
            watch.join().unwrap()
        });
        let set = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            let number = line.split_whitespace().nth(1).unwrap();
            u64::from_str_radix(number, 16).unwrap()
        };
        let of_process = [set("CapPrm:"), set("CapEff:")];
        assert_eq!(of_process, [expected; 2], "{job:?}");
        let of_programs = [set("CapInh:"), set("CapBnd:"), set("CapAmb:")];
        assert_eq!(of_programs, [0; 3], "{job:?}");
        assert_eq!(set("Seccomp:"), 2);
    }
}

#[test]
fn a_child_that_dies_is_told_of() {
    let ground = Ground::new();
    let error = run_in_child(&ground.root, Job::Files, || std::process::abort()).unwrap_err();
    assert!(error.to_string().contains("was ended by signal"), "{error}");
}

#[test]
fn what_a_child_says_comes_back() {
    let ground = Ground::new();
    let said = || vec!["one".to_owned(), "t\0w\u{1}o".to_owned()];
    let notes = ground.inside(Job::Files, said);
    assert_eq!(notes, ["one", "t\u{fffd}w\u{fffd}o"]);
    let no = || Err(vec!["no".to_owned()]);
    let ended = run_in_child(&ground.root, Job::Files, no).unwrap();
    assert_eq!(ended.result, Err(vec!["no".to_owned()]));
}
