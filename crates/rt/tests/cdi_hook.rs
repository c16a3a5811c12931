//! The hooks of specifications, by the names and flags that they are known by: what is done inside a container's root,
//! what is refused, and what is passed over.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to stop, with the place"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn hook_by(name: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_liftgate-rt"))
        .arg0(name)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn hook(arguments: &[&str]) -> Output {
    hook_by("/usr/bin/nvidia-cdi-hook", arguments)
}

fn answer(arguments: &[&str]) -> (Option<i32>, String) {
    let output = hook(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?} writes data");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), words)
}

/// A container's root, beside something of the host's.
struct Container {
    directory: tempfile::TempDir,
}

impl Container {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("rootfs/etc")).unwrap();
        let root = directory.path().join("rootfs");
        let state = format!("{{\"bundle\":\"/none\",\"root\":\"{}\"}}", root.display());
        fs::write(directory.path().join("state.json"), state).unwrap();
        fs::write(directory.path().join("secret"), "host").unwrap();
        Self { directory }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join("rootfs").join(path)
    }

    fn outside(&self, path: &str) -> PathBuf {
        self.directory.path().join(path)
    }

    fn hook(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let state = self.outside("state.json");
        let state = ["--container-spec", state.to_str().unwrap()];
        let (name, flags) = arguments.split_first().unwrap();
        answer(&[&[*name][..], &state, flags].concat())
    }

    fn library(&self, path: &str, soname: &str) {
        let bytes = liftgate_testhost::shared_object(
            liftgate_testhost::Class::Elf64,
            soname,
            &["libc.so.6".to_owned()],
        );
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), bytes).unwrap();
    }

    fn cache(&self, name: &str) -> Vec<String> {
        let bytes = fs::read(self.at("etc/ld.so.cache")).unwrap();
        let cache = liftgate_elf::ldcache::parse(&bytes).unwrap();
        let paths = cache.lookup(name.as_bytes());
        paths
            .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
            .collect()
    }
}

const DONE: (Option<i32>, String) = (Some(0), String::new());

/// A newer toolkit's hook must not stop every container.
#[test]
fn unknown_hooks_are_passed_over() {
    let (status, words) = answer(&["a-hook-of-2030", "--with", "flags"]);
    assert_eq!(status, Some(0));
    assert!(words.starts_with("warning: "), "{words}");
    let hostile = "\u{1b}[2J".to_owned() + &"x".repeat(10_000);
    let (status, words) = answer(&[&hostile]);
    assert_eq!(status, Some(0));
    assert!(!words.contains('\u{1b}') && words.len() < 200, "{words}");
}

/// The state is not even read, where there is nothing to do for a container.
#[test]
fn nothing_to_do_is_no_failure() {
    for arguments in [
        &["noop"][..],
        &["--debug", "noop"],
        &["create-symlinks"],
        &["enable-cuda-compat"],
        &["enable-cuda-compat", "--host-driver-version="],
    ] {
        assert_eq!(answer(arguments), DONE, "{arguments:?}");
    }
    assert_eq!(answer(&[]).0, Some(0));
    assert_eq!(answer(&["--quiet"]).0, Some(0));
}

#[test]
fn known_hooks_want_their_flags_and_a_container() {
    for arguments in [
        &["create-symlinks", "--link", "a::/b"][..],
        &["create-symlinks", "--links", "a::/b"],
        &["create-symlinks", "--link"],
        &["update-ldcache"],
        &["update-ldcache", "--container-spec", "/none"],
        &["enable-cuda-compat", "--host-driver-version", "550.54.15"],
        &["update-application-profile"],
        &["chmod", "--path", "/etc"],
        &["chmod", "--mode", "789"],
        &["chmod", "--mode", "+755"],
        &["chmod", "--mode", "10000"],
        &["noop", "--flag"],
    ] {
        let (status, words) = answer(arguments);
        assert_eq!(status, Some(1), "{arguments:?}");
        assert!(words.starts_with("[setup-failed] "), "{words}");
        assert!(words.contains("hint: "), "{words}");
    }
}

#[test]
fn links() {
    let container = Container::new();
    fs::create_dir_all(container.at("lib")).unwrap();
    fs::write(container.at("lib/libx.so.1"), "the image's").unwrap();
    symlink("../secret", container.at("out")).unwrap();
    let both = "libx.so.2::/lib/libx.so.1,/a/b::rel/c";
    assert_eq!(
        container.hook(&["create-symlinks", "-link", both, "--host-root=/"]),
        DONE
    );
    let text = |path: &str| fs::read_link(container.at(path)).unwrap();
    assert_eq!(text("lib/libx.so.1"), PathBuf::from("libx.so.2"));
    assert_eq!(text("rel/c"), PathBuf::from("/a/b"));
    // The same again changes nothing.
    let inode = || {
        let link = container.at("lib/libx.so.1");
        link.symlink_metadata().unwrap().ino()
    };
    let before = inode();
    assert_eq!(container.hook(&["create-symlinks", "--link", both]), DONE);
    assert_eq!(inode(), before);
    // Over a link out, and up.
    for place in ["/out", "/../../../secret"] {
        let link = format!("x::{place}");
        assert_eq!(container.hook(&["create-symlinks", "--link", &link]), DONE);
    }
    assert_eq!(text("out"), PathBuf::from("x"));
    assert_eq!(text("secret"), PathBuf::from("x"));
    for malformed in ["a:/b", "a::/b::/c", "a", "a::/", "::/x", "a::/etc"] {
        let (status, words) = container.hook(&["create-symlinks", "--link", malformed]);
        assert_eq!(status, Some(1), "{malformed}: {words}");
    }
    assert!(container.at("etc").is_dir());
    assert_eq!(
        fs::read_to_string(container.outside("secret")).unwrap(),
        "host"
    );
}

/// A parent that is a link out is a link inside, to nothing.
#[test]
fn links_below_a_link_out() {
    let container = Container::new();
    fs::create_dir(container.outside("host")).unwrap();
    symlink(container.outside("host"), container.at("lib")).unwrap();
    let (status, words) = container.hook(&["create-symlinks", "--link", "x::/lib/y"]);
    assert_eq!(status, Some(1), "{words}");
    assert_eq!(fs::read_dir(container.outside("host")).unwrap().count(), 0);
}

/// Of toolkits before 1.17: the links of a Jetson's lists, as they are on the host.
#[test]
fn links_of_lists() {
    let container = Container::new();
    let host = container.outside("host");
    fs::create_dir_all(host.join("usr/lib/tegra")).unwrap();
    symlink("b.so.1", host.join("usr/lib/tegra/b.so")).unwrap();
    symlink("/usr/lib/b.so.1.2", host.join("usr/lib/tegra/b.so.1")).unwrap();
    let list = container.outside("l4t.csv");
    fs::write(
        &list,
        "lib, /usr/lib/x.so\nsym, /usr/lib/tegra/b.so\nsym, /none\n",
    )
    .unwrap();
    let (list, host) = (list.to_str().unwrap(), host.to_str().unwrap());
    let flags = [
        "create-symlinks",
        "--csv-filename",
        list,
        "--csv-filename=/none",
        "--host-root",
        host,
    ];
    assert_eq!(container.hook(&flags), DONE);
    let text = |path: &str| fs::read_link(container.at(path)).unwrap();
    assert_eq!(text("usr/lib/tegra/b.so"), PathBuf::from("b.so.1"));
    assert_eq!(
        text("usr/lib/tegra/b.so.1"),
        PathBuf::from("/usr/lib/b.so.1.2")
    );
    assert!(!container.at("usr/lib/x.so").exists());
}

#[test]
fn libraries_of_directories() {
    let container = Container::new();
    container.library("opt/nvidia/libcuda.so.550.54.15", "libcuda.so.1");
    container.library("opt/nvidia/libnvidia-ml.so.550.54.15", "libnvidia-ml.so.1");
    symlink(
        "libnvidia-ml.so.1",
        container.at("opt/nvidia/libnvidia-ml.so"),
    )
    .unwrap();
    symlink(
        "libnvidia-ml.so.550.54.15",
        container.at("opt/nvidia/libnvidia-ml.so.1"),
    )
    .unwrap();
    fs::write(container.at("opt/nvidia/libno.so"), "no library").unwrap();
    symlink("/none", container.at("opt/nvidia/libdangling.so")).unwrap();
    let flags = [
        "update-ldcache",
        "--folder",
        "/opt/nvidia",
        "--folder=/none",
        "--folder",
        "/opt/nvidia",
        "--ldconfig-path",
        "@/sbin/ldconfig.real",
    ];
    let state = || {
        [
            "etc/ld.so.cache",
            "etc/ld.so.conf",
            "etc/ld.so.conf.d/00-liftgate.conf",
        ]
        .map(|path| {
            let path = container.at(path);
            (fs::metadata(&path).unwrap().ino(), fs::read(path).unwrap())
        })
    };
    assert_eq!(container.hook(&flags), DONE);
    let first = state();
    assert_eq!(
        container.cache("libcuda.so.1"),
        ["/opt/nvidia/libcuda.so.1"]
    );
    assert_eq!(
        container.cache("libnvidia-ml.so.1"),
        ["/opt/nvidia/libnvidia-ml.so.1"]
    );
    assert_eq!(
        container.cache("libnvidia-ml.so"),
        ["/opt/nvidia/libnvidia-ml.so"]
    );
    assert_eq!(container.cache("libno.so"), Vec::<String>::new());
    // As `ldconfig` would have made it.
    let link = fs::read_link(container.at("opt/nvidia/libcuda.so.1")).unwrap();
    assert_eq!(link, PathBuf::from("libcuda.so.550.54.15"));
    assert_eq!(String::from_utf8_lossy(&first[2].1), "/opt/nvidia\n/none\n");
    assert_eq!(container.hook(&flags), DONE);
    assert_eq!(state(), first);
}

/// A directory that the image's loader looks into anyway holds the image's own, which its cache has in its order.
#[test]
fn libraries_of_the_image_keep_their_place() {
    let container = Container::new();
    container.library("usr/lib/libz.so.1", "libz.so.1");
    assert_eq!(
        container.hook(&["update-ldcache", "--folder", "/usr/lib"]),
        DONE
    );
    assert_eq!(container.cache("libz.so.1"), Vec::<String>::new());
    assert!(!container.at("etc/ld.so.conf.d").exists());
}

/// Where the name is taken by another library, ours is found by the cache all the same.
#[test]
fn a_soname_that_is_taken() {
    let container = Container::new();
    container.library("opt/nvidia/libcuda.so.550.54.15", "libcuda.so.1");
    container.library("opt/nvidia/libcuda.so.1", "libcuda.so.0");
    let (status, _) = container.hook(&["update-ldcache", "--folder", "/opt/nvidia"]);
    assert_eq!(status, Some(0));
    assert_eq!(
        container.cache("libcuda.so.1"),
        ["/opt/nvidia/libcuda.so.550.54.15"]
    );
    assert!(!container.at("opt/nvidia/libcuda.so.1").is_symlink());
}

#[test]
fn links_of_sonames_alone() {
    let container = Container::new();
    container.library("opt/nvidia/libcuda.so.550.54.15", "libcuda.so.1");
    let flags = ["create-soname-symlinks", "--folder", "/opt/nvidia"];
    assert_eq!(container.hook(&flags), DONE);
    assert!(container.at("opt/nvidia/libcuda.so.1").is_symlink());
    assert_eq!(fs::read_dir(container.at("etc")).unwrap().count(), 0);
}

/// Newer libraries are put first by one process, and stay so when another adds the driver's.
#[test]
fn newer_cuda_of_the_image() {
    let container = Container::new();
    let compat = "usr/local/cuda-12.9/compat";
    container.library(&format!("{compat}/libcuda.so.575.57.08"), "libcuda.so.1");
    symlink("cuda-12.9", container.at("usr/local/cuda")).unwrap();
    container.library("opt/nvidia/libcuda.so.550.54.15", "libcuda.so.1");
    let (newer, ours) = (
        format!("/{compat}/libcuda.so.575.57.08"),
        "/opt/nvidia/libcuda.so.1".to_owned(),
    );
    let start = |driver: &str| {
        let driver = format!("--host-driver-version={driver}");
        assert_eq!(container.hook(&["enable-cuda-compat", &driver]), DONE);
        let folder = ["update-ldcache", "--folder", "/opt/nvidia"];
        assert_eq!(container.hook(&folder), DONE);
        container.cache("libcuda.so.1")
    };
    assert_eq!(start("550.54.15"), [newer.clone(), ours.clone()]);
    assert_eq!(start("550.54.15"), [newer.clone(), ours.clone()]);
    // The driver was upgraded, and the container is started again.
    assert_eq!(start("580.65.06"), [ours]);
    // Elsewhere, where it is said to be.
    let flags = [
        "enable-cuda-compat",
        "--host-driver-version",
        "550.54.15",
        "--cuda-compat-container-root",
        "/usr/local/none",
    ];
    assert_eq!(container.hook(&flags), DONE);
    assert_ne!(container.cache("libcuda.so.1").first(), Some(&newer));
}

#[test]
fn modes() {
    let container = Container::new();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    fs::create_dir_all(container.at("dir/in")).unwrap();
    fs::write(container.at("file"), "").unwrap();
    fs::set_permissions(
        container.outside("secret"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    symlink(container.outside("secret"), container.at("out")).unwrap();
    symlink("../../secret", container.at("up")).unwrap();
    symlink("dir", container.at("inside")).unwrap();
    let paths = [
        "--path",
        "/inside",
        "--path=/file,/none",
        "--path",
        "/out,/up,/../secret",
    ];
    let flags = [&["chmod", "--mode", "2751"][..], &paths].concat();
    assert_eq!(container.hook(&flags), DONE);
    assert_eq!(mode(container.at("dir")), 0o2751);
    assert_eq!(mode(container.at("file")), 0o2751);
    assert_eq!(mode(container.at("dir/in")), 0o755);
    assert_eq!(mode(container.outside("secret")), 0o600);
    for malformed in ["10000", "+755", "0o755", "758", "-1"] {
        let flags = ["chmod", "--path", "/dir", "--mode", malformed];
        let (status, words) = container.hook(&flags);
        assert_eq!(status, Some(1), "{malformed}: {words}");
        assert!(words.contains("is not an octal number"), "{words}");
    }
    assert_eq!(mode(container.at("dir")), 0o2751);
}

/// As specifications of each version have them, the newest last.
#[test]
fn hooks_of_every_toolkit_since_1_10() {
    let container = Container::new();
    let state = container.outside("state.json");
    let state = ["--container-spec", state.to_str().unwrap()];
    let by_ctk: [&[&str]; 4] = [
        &["update-ldcache", "--folder", "/usr/lib/x86_64-linux-gnu"],
        &[
            "create-symlinks",
            "--csv-filename",
            "/none.csv",
            "--link",
            "libcuda.so.1::/usr/lib/libcuda.so",
        ],
        &["chmod", "--mode", "755", "--path", "/dev/dri"],
        &[
            "create-symlinks",
            "--host-root",
            "/",
            "--link",
            "../x::/usr/lib/gbm/nvidia-drm_gbm.so",
        ],
    ];
    let by_hook: [&[&str]; 6] = [
        &[
            "update-ldcache",
            "--ldconfig-path",
            "/sbin/ldconfig",
            "--folder",
            "/lib64",
            "--folder",
            "/lib64/vdpau",
        ],
        &["enable-cuda-compat", "--host-driver-version=570.86.15"],
        &["create-soname-symlinks", "--folder", "/lib64"],
        &["disable-device-node-modification"],
        &[
            "enable-cuda-compat",
            "--host-cuda-version=12.6",
            "--cuda-compat-container-root=/usr/local/cuda/compat_orin",
        ],
        &["update-application-profile"],
    ];
    let old = by_ctk
        .iter()
        .map(|words| ("/usr/bin/nvidia-ctk", [&["hook"][..], words].concat()));
    let new = by_hook
        .iter()
        .map(|words| ("/usr/bin/nvidia-cdi-hook", words.to_vec()));
    for (name, words) in old.chain(new) {
        let output = hook_by(name, &[&words[..], &state].concat());
        assert!(output.status.success(), "{words:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
    let links = ["usr/lib/libcuda.so", "usr/lib/gbm/nvidia-drm_gbm.so"];
    assert!(links.iter().all(|link| container.at(link).is_symlink()));
}

/// As old specifications name it: the program is `nvidia-ctk`, and its first word `hook`.
#[test]
fn by_the_name_of_nvidia_ctk() {
    let container = Container::new();
    let state = container.outside("state.json");
    let state = state.to_str().unwrap();
    let words = [
        "--debug",
        "hook",
        "create-symlinks",
        "--link",
        "x::/y",
        "--container-spec",
        state,
    ];
    let output = hook_by("/usr/bin/nvidia-ctk", &words);
    assert!(output.status.success(), "{output:?}");
    assert!(container.at("y").is_symlink());
    let output = hook_by("/usr/bin/nvidia-ctk", &["hook", "a-hook-of-2030"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_one_hook_does_its_work_or_says_why_not() {
    let (status, words) = answer(&["container-setup", "--cover-params"]);
    assert_eq!(status, Some(1));
    assert!(words.contains("[setup-failed]"), "{words}");
    let (status, words) = answer(&["container-setup", "--driver-version", "1.2.3"]);
    assert_eq!(status, Some(1));
    assert!(words.contains("[cdi-specification-stale]"), "{words}");
    assert!(words.contains("driver 1.2.3"), "{words}");
}

/// Another container's processes may see it, and are not to open what it was started from. The kernel gives what is in
/// `/proc/PID` to root where a process is hidden, and else to the process's user.
#[test]
fn nobody_looks_into_the_process() {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if fs::metadata(place.path()).unwrap().uid() != 0 {
        // It takes root to be another user.
        return;
    }
    let program = place.path().join("nvidia-cdi-hook");
    // Not by this process: a file that a thread of it still has open to be written cannot be started.
    let copy = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_liftgate-rt"))
        .arg(&program)
        .status();
    assert!(copy.unwrap().success());
    let mut process = Command::new(&program)
        .args(["update-ldcache", "--folder", "/x"])
        .uid(65534)
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It waits for the container's state.
    let owner = || {
        fs::metadata(format!("/proc/{}/stat", process.id()))
            .unwrap()
            .uid()
    };
    let is_hidden = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        owner() == 0
    });
    drop(process.stdin.take());
    process.wait().unwrap();
    assert!(is_hidden);
}

#[test]
fn its_version_and_its_help_are_told() {
    let output = hook(&["--version"]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("liftgate-rt "));
    for arguments in [&["--help"][..], &["help"], &["create-symlinks", "--help"]] {
        let output = hook(arguments);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("create-symlinks"));
    }
}
