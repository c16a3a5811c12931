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
        let (program, arguments) = machine.smi().split_first().unwrap();
        let said = text(
            inside(state(), machine.name(), program)
                .args(arguments)
                .arg("-L"),
        );
        assert_eq!(said, machine.smi_list_host(), "{}", machine.name());
    }
}

#[test]
fn a_mig_device_takes_three_nodes() {
    if !have_root() {
        return;
    }
    let machine = Machine::by_name("a100-mig").unwrap();
    let gpu = &machine.gpus()[0];
    let list = |script: &str| {
        let script = format!("cd /dev/nvidia-caps; {script}; nvidia-smi -L");
        text(inside(state(), machine.name(), "sh").args(["-c", &script]))
    };
    let without = |removed: &[usize]| {
        let rest: Vec<_> = (0..gpu.mig.len())
            .filter(|index| !removed.contains(index))
            .map(|index| (0, index))
            .chain([(1, 0)])
            .collect();
        machine.smi_list_mig(&rest)
    };
    // Its own node; the node of a GPU instance, which two have part in; a node of the wrong number; all.
    let [first, second, ..] = gpu.mig.as_slice() else {
        panic!("five devices");
    };
    assert_eq!(first.gpu_instance_node, second.gpu_instance_node);
    let own = second.compute_instance_node;
    assert_eq!(list(&format!("rm nvidia-cap{own}")), without(&[1]));
    let shared = first.gpu_instance_node;
    assert_eq!(list(&format!("rm nvidia-cap{shared}")), without(&[0, 1]));
    let fake = format!("rm nvidia-cap{own}; mknod -m 444 nvidia-cap{own} c 511 7");
    assert_eq!(list(&fake), without(&[1]));
    assert_eq!(list("rm nvidia-cap??*"), machine.smi_list(&[0, 1]));
    // Without the GPU's node the capabilities are worth nothing.
    let gone = format!("rm /dev/nvidia{}", gpu.minor);
    assert_eq!(list(&gone), machine.smi_list(&[1]));
}

#[test]
fn the_access_files_lead_to_the_nodes() {
    if !have_root() {
        return;
    }
    let script = "cd /proc/driver/nvidia/capabilities/gpu1/mig; for file in gi*/access gi*/ci*/access; do
                  N=$(sed -n 's/^DeviceFileMinor: //p' $file);
                  grep -qx \"gpu1/$file $N\" /proc/driver/nvidia-caps/mig-minors || echo \"$file is not $N\";
                  stat -c %t:%T /dev/nvidia-caps/nvidia-cap$N; done";
    let said = text(inside(state(), "a100-mig", "sh").args(["-c", script]));
    let machine = Machine::by_name("a100-mig").unwrap();
    let mig = &machine.gpus()[0].mig;
    let instances: BTreeSet<u32> = mig.iter().map(|mig| mig.gpu_instance_node).collect();
    let instances = instances.into_iter();
    let expected: Vec<String> = instances
        .chain(mig.iter().map(|mig| mig.compute_instance_node))
        .map(|minor| format!("1ff:{minor:x}"))
        .collect();
    let mut found: Vec<&str> = said.lines().collect();
    let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
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
    let gpu = |index: usize| gpu_node(&machine, index);
    if let Some(list) = list_in_container(&machine, &[gpu(1), gpu(3)], &[gpu(0)]) {
        assert_eq!(list, machine.smi_list(&[1, 3]));
    }
}

/// A container gets the second compute instance of a GPU instance. The nodes of its sibling and of the rest
/// are there too, but without leave.
#[test]
fn a_container_sees_the_mig_device_it_was_given() {
    if !have_root() || !have("runc") {
        return;
    }
    let machine = Machine::by_name("a100-mig").unwrap();
    let mig = &machine.gpus()[0].mig;
    let node = |minor: u32| (format!("/dev/nvidia-caps/nvidia-cap{minor}"), 511, minor);
    let nodes = |index: usize| {
        [
            node(mig[index].gpu_instance_node),
            node(mig[index].compute_instance_node),
        ]
    };
    let granted = [vec![gpu_node(&machine, 0)], nodes(1).to_vec()].concat();
    let denied: Vec<_> = [0, 2, 3, 4]
        .into_iter()
        .flat_map(nodes)
        .filter(|node| !granted.contains(node))
        .chain([gpu_node(&machine, 1)])
        .collect();
    if let Some(list) = list_in_container(&machine, &granted, &denied) {
        assert_eq!(list, machine.smi_list_mig(&[(0, 1)]));
    }
}

/// Path, major and minor.
type ContainerNode = (String, u32, u32);

fn gpu_node(machine: &Machine, index: usize) -> ContainerNode {
    let minor = machine.gpus()[index].minor;
    (format!("/dev/nvidia{minor}"), 195, minor)
}

/// What `nvidia-smi -L` prints in a container that has the nodes of both lists and may open those of the
/// first.
fn list_in_container(
    machine: &Machine,
    granted: &[ContainerNode],
    denied: &[ContainerNode],
) -> Option<String> {
    let bundle = tempfile::tempdir().expect("made");
    write_bundle(bundle.path(), granted, denied);
    let name = bundle.path().file_name().expect("a name");
    let container = format!(
        "liftgate-testhost-{}",
        name.to_string_lossy().replace('.', "")
    );
    let mut command = inside(state(), machine.name(), "runc");
    command
        .arg("run")
        .arg("--bundle")
        .arg(bundle.path())
        .arg(&container);
    let ran = output(&mut command);
    let complaint = String::from_utf8_lossy(&ran.stderr);
    if complaint.contains("cgroup") && !ran.status.success() {
        skip(&format!("cgroups that runc can use: {complaint}"));
        return None;
    }
    assert!(ran.status.success(), "{complaint}");
    Some(String::from_utf8(ran.stdout).expect("text"))
}

/// A bundle whose root is the machine's `/usr` and whose process is `nvidia-smi -L`.
fn write_bundle(bundle: &Path, granted: &[ContainerNode], denied: &[ContainerNode]) {
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
    let control = [("/dev/nvidiactl".to_owned(), 195, 255)];
    let mut nodes = Vec::new();
    let mut rules = vec![r#"{"allow":false,"access":"rwm"}"#.to_owned()];
    for (path, major, minor) in control.iter().chain(granted).chain(denied) {
        nodes.push(format!(
            r#"{{"path":"{path}","type":"c","major":{major},"minor":{minor},"fileMode":438}}"#
        ));
    }
    for (_, major, minor) in control.iter().chain(granted) {
        rules.push(format!(
            r#"{{"allow":true,"type":"c","major":{major},"minor":{minor},"access":"rwm"}}"#
        ));
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
