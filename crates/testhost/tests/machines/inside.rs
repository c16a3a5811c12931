//! Machines from within: what a program that runs there finds, and that the host does not notice.

use crate::harness::{have, have_root, inside, output, skip, state, text};
use liftgate_testhost::Machine;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

#[test]
fn nvidia_smi_lists_the_gpus_of_the_manifest() {
    if !have_root() {
        return;
    }
    for machine in Machine::all().unwrap() {
        let all: Vec<usize> = (0..machine.gpus().len()).collect();
        let (program, arguments) = machine.smi().split_first().unwrap();
        let said = text(
            inside(state(), machine.name(), program)
                .args(arguments)
                .arg("-L"),
        );
        assert_eq!(said, machine.smi_list(&all), "{}", machine.name());
    }
}

#[test]
fn the_kernels_files_are_those_of_the_machine() {
    if !have_root() {
        return;
    }
    for machine in Machine::all().unwrap() {
        let script = "ls /proc/driver/nvidia/gpus 2>/dev/null; echo --; \
             cat /proc/driver/nvidia/version 2>/dev/null; echo --; cat /proc/devices";
        let said = text(inside(state(), machine.name(), "sh").args(["-c", script]));
        let parts: Vec<&str> = said.split("--\n").collect();
        let [gpus, version, devices] = parts[..] else {
            panic!("{said}");
        };
        let on_bus = if machine.has_gpu_nodes() {
            machine.gpus()
        } else {
            &[]
        };
        let buses: Vec<&str> = on_bus.iter().map(|gpu| gpu.bus.as_str()).collect();
        assert_eq!(gpus.lines().collect::<Vec<_>>(), buses);
        // Windows has the driver; there is no module here.
        let has_module = machine.name() != "wsl2";
        assert_eq!(version.contains(machine.module_version()), has_module);
        assert_eq!(devices.contains("195 nvidiactl\n"), has_module);
    }
}

#[test]
fn the_device_nodes_have_the_true_numbers() {
    if !have_root() {
        return;
    }
    for machine in Machine::all().unwrap() {
        let nodes: BTreeSet<String> = machine
            .nodes()
            .iter()
            .map(|node| {
                format!(
                    "{} {:x}:{:x} {:o} {}",
                    node.path, node.major, node.minor, node.mode, node.group
                )
            })
            .collect();
        let said = text(inside(state(), machine.name(), "sh").args([
            "-c",
            // Whatever the host has in these places is hidden; what the machine has elsewhere is its own.
            &format!(
                "{{ find /dev/nvidia* /dev/dri -type c; printf '%s\\n' {}; }} 2>/dev/null | sort -u \
                 | xargs stat -c '%n %t:%T %a %g'",
                machine.nodes().iter().map(|node| &*node.path).collect::<Vec<_>>().join(" ")
            ),
        ]));
        let found: BTreeSet<String> = said.lines().map(str::to_owned).collect();
        assert_eq!(found, nodes, "{}", machine.name());
    }
}

/// The node that a machine says it has counts, not the one that the host happens to have in its place.
#[test]
fn a_node_of_the_machine_takes_the_place_of_the_hosts() {
    if !have_root() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let manifest = scratch.path().join("machine.toml");
    std::fs::write(
        &manifest,
        "name = \"own-node\"\nbase = \"ubuntu-550\"\nnodes = [\"/dev/full 195:255 0640 44\"]\n",
    )
    .unwrap();
    let mut stat = inside(state(), manifest.to_str().unwrap(), "stat");
    assert_eq!(
        text(stat.args(["-c", "%t:%T %a %g", "/dev/full"])),
        "c3:ff 640 44\n"
    );
}

#[test]
fn a_tight_umask_closes_no_directory() {
    if !have_root() {
        return;
    }
    let mode = |path: &str| {
        std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(path).unwrap()) & 0o7777
    };
    let fresh = tempfile::tempdir().unwrap();
    let paths = ["/", "/etc", "/run", "/usr", "/usr/bin", "/usr/share"];
    let said = text(
        Command::new("sh")
            .args(["-c", "umask 077; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_testhost"))
            .args(["run", "ubuntu-550", "--state"])
            .arg(fresh.path())
            .args(["--", "stat", "-c", "%a"])
            .args(paths),
    );
    let modes: Vec<String> = paths
        .iter()
        .map(|path| format!("{:o}", mode(path)))
        .collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), modes);
}

#[test]
fn without_its_nodes_the_driver_does_not_answer() {
    if !have_root() {
        return;
    }
    let said = |script: &str| output(inside(state(), "ubuntu-550", "sh").args(["-c", script]));
    let none = said("rm /dev/nvidia[0-9]; nvidia-smi -L");
    assert_eq!(none.stdout, b"No devices found.\n");
    assert_eq!(none.status.code(), Some(6));

    let control = said("rm /dev/nvidiactl; nvidia-smi -L");
    assert_eq!(control.status.code(), Some(9));
    assert!(control.stdout.is_empty());

    let library = said("rm /usr/lib/*/libnvidia-ml.so*; nvidia-smi -L");
    assert_eq!(library.status.code(), Some(12));
    assert!(String::from_utf8_lossy(&library.stderr).contains("libnvidia-ml.so.1"));

    // A node of the right name and another device is no GPU.
    let machine = Machine::by_name("ubuntu-550").unwrap();
    let fake = said("rm /dev/nvidia1; mknod -m 666 /dev/nvidia1 c 195 77; nvidia-smi -L");
    let list = String::from_utf8(fake.stdout).unwrap();
    assert_eq!(list, machine.smi_list(&[0, 2, 3]));
}

#[test]
fn the_host_does_not_notice() {
    if !have_root() {
        return;
    }
    let look = || {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
        let mut devices: Vec<_> = std::fs::read_dir("/dev")
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        devices.sort();
        (mounts, devices)
    };
    let before = look();
    let mark = "/etc/liftgate-testhost-mark";
    text(inside(state(), "dgx-h100-8", "sh").args(["-c", &format!("echo x > {mark}; cat {mark}")]));
    assert!(!Path::new(mark).exists());
    assert!(!Path::new("/run/nvidia-fabricmanager").exists());
    assert_eq!(look(), before);
}

#[test]
fn writable_directories_and_tmp_are_the_hosts() {
    if !have_root() {
        return;
    }
    let shared = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let below_tmp = tempfile::tempdir_in("/tmp").unwrap();
    let options = liftgate_testhost::Options {
        state: Some(state().to_owned()),
        writable: vec![shared.path().to_owned()],
    };
    let testhost = Path::new(env!("CARGO_BIN_EXE_testhost"));
    text(
        liftgate_testhost::enter_command(testhost, "h200-580", &options, "touch")
            .arg(shared.path().join("kept"))
            .arg(below_tmp.path().join("kept")),
    );
    assert!(shared.path().join("kept").exists());
    assert!(below_tmp.path().join("kept").exists());
}

#[test]
fn the_exit_status_and_the_working_directory_pass_through() {
    if !have_root() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut command = inside(state(), "h200-580", "sh");
    command
        .args(["-c", "pwd; exit 42"])
        .current_dir(directory.path());
    let output = output(&mut command);
    assert_eq!(output.status.code(), Some(42));
    let directory = std::fs::canonicalize(directory.path()).unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!("{}\n", directory.display())
    );

    let missing = crate::harness::output(&mut inside(state(), "h200-580", "/no/such/program"));
    assert_eq!(missing.status.code(), Some(127));
}

/// The point of all this: a container gets GPUs 1 and 3, and its `nvidia-smi` can tell. GPU 0 has a node in
/// it too, but no leave from the device cgroup.
#[test]
fn runc_runs_inside_and_the_container_sees_what_it_was_given() {
    if !have_root() || !have("runc") {
        return;
    }
    let machine = Machine::by_name("ubuntu-550").unwrap();
    let bundle = tempfile::tempdir().unwrap();
    write_bundle(bundle.path(), &machine, &[1, 3], &[0]);
    let container = format!("liftgate-testhost-{}", std::process::id());
    let mut command = inside(state(), machine.name(), "runc");
    command
        .arg("run")
        .arg("--bundle")
        .arg(bundle.path())
        .arg(&container);
    let ran = output(&mut command);
    let complaint = String::from_utf8_lossy(&ran.stderr);
    if complaint.contains("cgroup") && !ran.status.success() {
        return skip(&format!("cgroups that runc can use: {complaint}"));
    }
    assert!(ran.status.success(), "{complaint}");
    assert_eq!(
        String::from_utf8(ran.stdout).unwrap(),
        machine.smi_list(&[1, 3])
    );
}

/// A bundle whose root is the machine's `/usr` and whose process is `nvidia-smi -L`.
fn write_bundle(bundle: &Path, machine: &Machine, granted: &[usize], denied: &[usize]) {
    let rootfs = bundle.join("rootfs");
    std::fs::create_dir_all(rootfs.join("etc")).expect("written");
    let mut mounts = r#"{"destination":"/proc","type":"proc","source":"proc"},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["mode=755"]}"#
        .to_owned();
    for path in ["/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache"] {
        match std::fs::read_link(path) {
            Ok(target) => std::os::unix::fs::symlink(target, rootfs.join(&path[1..])).expect("written"),
            Err(_) => write!(
                mounts,
                r#",{{"destination":"{path}","type":"bind","source":"{path}","options":["rbind","ro"]}}"#
            )
            .expect("written"),
        }
    }
    let node = |path: &str, minor: u32| {
        format!(r#"{{"path":"{path}","type":"c","major":195,"minor":{minor},"fileMode":438}}"#)
    };
    let allow = |minor: u32| {
        format!(r#"{{"allow":true,"type":"c","major":195,"minor":{minor},"access":"rwm"}}"#)
    };
    let mut nodes = vec![node("/dev/nvidiactl", 255)];
    let mut rules = vec![r#"{"allow":false,"access":"rwm"}"#.to_owned(), allow(255)];
    for index in granted.iter().chain(denied) {
        let minor = machine.gpus()[*index].minor;
        nodes.push(node(&format!("/dev/nvidia{minor}"), minor));
    }
    for index in granted {
        rules.push(allow(machine.gpus()[*index].minor));
    }
    let config = format!(
        r#"{{"ociVersion":"1.0.2","root":{{"path":"rootfs"}},
        "process":{{"user":{{"uid":0,"gid":0}},"cwd":"/","args":["nvidia-smi","-L"],
            "env":["PATH=/usr/bin:/bin"]}},
        "mounts":[{mounts}],
        "linux":{{"namespaces":[{{"type":"mount"}},{{"type":"pid"}},{{"type":"ipc"}}],
            "devices":[{}],"resources":{{"devices":[{}]}}}}}}"#,
        nodes.join(","),
        rules.join(",")
    );
    std::fs::write(bundle.join("config.json"), config).expect("written");
}

#[test]
fn nothing_runs_without_root() {
    if !have_root() || !have("setpriv") {
        return;
    }
    // The program may lie where another user cannot go, so it is copied to where anyone can.
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("testhost");
    std::fs::copy(env!("CARGO_BIN_EXE_testhost"), &program).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path(), mode).unwrap();
    let ran = output(
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
            .arg(&program)
            .args(["run", "h200-580", "--", "true"]),
    );
    assert_eq!(ran.status.code(), Some(77));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("needs root"));
}
