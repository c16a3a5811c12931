//! What hook and program change: files below the container's root, their own log, and the device cgroup of the
//! container. Seen by `strace`, which names the file behind every descriptor.

use crate::stage::{self, PREPARE, Prepared};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::find_program;
use liftgate_conformance::suite::{Ground, fail};
use std::fs;
use std::path::Path;

/// A container that was made and not begun: a process in a mount namespace and a device cgroup of its own. `$PID`
/// is its process, `$STATE` what a runtime tells a hook of it.
const CONTAINER: &str = r#"
set -e
$LIFTGATE inventory > /dev/null
mkdir -p $S/bundle
cat > $S/inside
unshare -m sh $S/inside &
PID=$!
while ! [ -e $S/ready ]; do sleep 0.02; done
C=/sys/fs/cgroup/devices/liftgate-touched-$$
mkdir $C
echo $PID > $C/cgroup.procs
echo a > $C/devices.deny
printf '[nvidia-container-cli]\ndebug = "%s/log"\n' $S > $S/config.toml
cat > $S/bundle/config.json <<EOF
{"ociVersion": "1.0.2", "root": {"path": "$R"},
 "process": {"args": ["sh"], "cwd": "/", "env": ["NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_DRIVER_CAPABILITIES=all"]}}
EOF
trace() { strace -f -y -s 4096 -o $S/trace "$@"; }
finish() { code=$?; grep -c . $C/devices.list; chroot_list; kill $PID; sleep 0.1; rmdir $C; exit $code; }
chroot_list() { nsenter -t $PID -m chroot $R nvidia-smi -L; }
set +e
"#;

const HOOK: &str = r#"printf '{"ociVersion":"1.0.2","id":"x","status":"creating","pid":%s,"bundle":"%s"}' $PID $S/bundle | trace nvidia-container-runtime-hook prestart
finish
"#;

const CONFIGURE: &str = "trace nvidia-container-cli --debug=$S/log configure --device=0 --compute --utility --video --graphics --pid=$PID $R\nfinish\n";

pub(crate) fn add(trials: &mut Vec<Trial>, ground: &Prepared) {
    let missing = if find_program("strace").is_none() {
        Some("needs strace")
    } else if !Path::new("/sys/fs/cgroup/devices").exists() {
        Some("needs the devices controller of cgroup v1")
    } else {
        None
    };
    for (label, call) in [("hook", HOOK), ("configure", CONFIGURE)] {
        for machine in ["ubuntu-550", "h200-580"] {
            let name = format!("touched::{label}::{machine}");
            stage::add(trials, ground, &name, missing, move |ground, name| {
                only_the_container(ground, name, machine, call)
            });
        }
    }
}

fn only_the_container(
    ground: &Ground,
    name: &str,
    machine: &str,
    call: &str,
) -> Result<(), Failed> {
    let script = format!(
        "{}\n{call}",
        CONTAINER.replace(
            "cat > $S/inside\n",
            &format!("cat > $S/inside <<'EOF'\n{PREPARE}\n: > $S/ready\nexec sleep 60\nEOF\n")
        )
    );
    let outcome = stage::run(ground, name, machine, &script, &[])?;
    let trace = fs::read_to_string(outcome.directory.join("trace"))?;
    if outcome.status != Some(0) || !outcome.stdout.contains("GPU 0: ") {
        return Err(fail(outcome.describe()));
    }
    let root = outcome.directory.join("root");
    let log = outcome.directory.join("log");
    let mut inside = 0;
    let mut outside = Vec::new();
    for line in trace.lines() {
        let Some(touched) = touched(line) else {
            continue;
        };
        let path = Path::new(&touched);
        if path.starts_with(&root) {
            inside += 1;
        } else if path != log && !is_of_the_cgroup(path) {
            outside.push(line.to_owned());
        }
    }
    // The mounts, links and nodes of a container, and its loader's cache.
    if inside > 20 && outside.is_empty() {
        Ok(())
    } else {
        Err(fail(format!(
            "{inside} below the root, and elsewhere:\n{}",
            outside.join("\n")
        )))
    }
}

fn is_of_the_cgroup(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    path.starts_with("/sys/fs/cgroup/devices")
        && path.to_string_lossy().contains("/liftgate-touched-")
        && (name == "devices.allow" || name == "devices.deny")
}

/// Calls that change what a directory or a file is, with the argument that says where.
const CHANGES: &[&str] = &[
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "unlink",
    "unlinkat",
    "rmdir",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "fchownat",
    "lchown",
    "truncate",
    "ftruncate",
    "utimensat",
    "setxattr",
    "fsetxattr",
    "lsetxattr",
    "mount",
    "move_mount",
    "umount2",
    "pivot_root",
    "creat",
];

/// The file that a call has changed, made or opened to be written; `None` if it has not.
fn touched(line: &str) -> Option<String> {
    let line = line.split_once(' ')?.1.trim_start();
    let (call, rest) = line.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    if result.starts_with('-') || result.starts_with('?') {
        return None;
    }
    if matches!(call, "open" | "openat" | "openat2") {
        let writes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
        let is_written = writes.iter().any(|flag| arguments.contains(flag));
        return is_written.then(|| behind(result))?;
    }
    if !CHANGES.contains(&call) {
        return None;
    }
    match call {
        // The place is the second.
        "move_mount" => behind(arguments.split_once(", \"\", ")?.1),
        "symlink" => quoted(arguments, 1),
        "symlinkat" => Some(join(&behind(arguments)?, &quoted(arguments, 1)?)),
        "fchmod" | "fchown" | "ftruncate" | "fsetxattr" => behind(arguments),
        _ if arguments.starts_with("AT_FDCWD")
            || arguments.starts_with(|one: char| one.is_ascii_digit()) =>
        {
            Some(join(&behind(arguments)?, &quoted(arguments, 0)?))
        }
        _ => quoted(arguments, 0),
    }
}

/// The path in the first `<…>`.
fn behind(text: &str) -> Option<String> {
    Some(text.split_once('<')?.1.split_once('>')?.0.to_owned())
}

/// The quoted argument of this number.
fn quoted(text: &str, number: usize) -> Option<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .nth(number)
        .map(str::to_owned)
}

fn join(directory: &str, name: &str) -> String {
    Path::new(directory)
        .join(name)
        .to_string_lossy()
        .into_owned()
}
