//! What tells one machine's layout from another's: how its libraries are found, and by which links.

use crate::harness::{have_root, inside, state, text};
use liftgate_testhost::Machine;

/// How a program on such a machine comes by the driver's libraries.
enum Finding {
    /// The loader's cache lists them.
    Cache,
    /// The cache of another root does, and the host's does not.
    CacheOfRoot(&'static str),
}

fn finding(machine: &str) -> Finding {
    match machine {
        "driver-container" => Finding::CacheOfRoot("/run/nvidia/driver"),
        _ => Finding::Cache,
    }
}

const DRIVER_LIBRARIES: [&str; 2] = ["libcuda.so.1", "libnvidia-ml.so.1"];

fn lists(cache: &str, name: &str) -> bool {
    cache.contains(&format!("\t{name} (libc6,x86-64)"))
}

#[test]
fn the_loader_cache_lists_the_driver_where_it_does_in_life() {
    if !have_root() {
        return;
    }
    for machine in Machine::all().unwrap() {
        let name = machine.name();
        let cache = |root: &str| {
            let arguments = ["-r", root, "-p"];
            text(inside(state(), name, "/sbin/ldconfig").args(arguments))
        };
        let of_host = cache("/");
        assert!(
            lists(&of_host, "libc.so.6"),
            "the host's own libraries are still there"
        );
        for library in DRIVER_LIBRARIES {
            match finding(name) {
                Finding::Cache => assert!(lists(&of_host, library), "{library}: {of_host}"),
                Finding::CacheOfRoot(root) => {
                    assert!(!lists(&of_host, library), "{library}: {of_host}");
                    assert!(lists(&cache(root), library), "{library}: {}", cache(root));
                }
            }
        }
        assert!(!of_host.contains("535.104.05"), "{of_host}");
        assert!(!of_host.contains("/glibc/"), "{of_host}");
    }
}

/// The links from `path` to the end, as `readlink` says them.
fn chain(machine: &str, path: &str) -> Vec<String> {
    const SCRIPT: &str = "at=$1; while [ -L \"$at\" ]; do to=$(readlink \"$at\"); echo \"$to\"; cd \"${at%/*}\"; at=$to; \
         case $at in /*) ;; *) at=$PWD/$at ;; esac; done; [ -f \"$at\" ]";
    let said = text(inside(state(), machine, "sh").args(["-c", SCRIPT, "sh", path]));
    said.lines().map(str::to_owned).collect()
}

#[test]
fn debian_reaches_its_driver_by_alternatives() {
    if !have_root() {
        return;
    }
    let current = "/usr/lib/x86_64-linux-gnu/nvidia/current";
    assert_eq!(
        chain("debian-550", "/usr/lib/x86_64-linux-gnu/libcuda.so.1"),
        [
            "/etc/alternatives/nvidia--libcuda.so.1-x86_64-linux-gnu",
            &format!("{current}/libcuda.so.1"),
            "libcuda.so.550.163.01",
        ]
    );
    assert_eq!(
        chain("debian-550", "/usr/bin/nvidia-smi"),
        [
            "/etc/alternatives/nvidia--nvidia-smi",
            "/usr/lib/nvidia/current/nvidia-smi"
        ]
    );
    // The longest way: first which graphics, then which driver.
    assert_eq!(
        chain(
            "debian-550",
            "/usr/lib/xorg/modules/extensions/libglxserver_nvidia.so"
        ),
        [
            "/etc/alternatives/glx--libglxserver_nvidia.so",
            "/usr/lib/nvidia/libglxserver_nvidia.so",
            "/etc/alternatives/nvidia--libglxserver_nvidia.so",
            "/usr/lib/nvidia/current/libglxserver_nvidia.so",
            "libglxserver_nvidia.so.550.163.01",
        ]
    );
}

#[test]
fn fedora_has_no_directory_of_debians() {
    let machine = Machine::by_name("fedora-570").unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let tree = machine.materialise(&scratch.path().join("tree")).unwrap();
    let below: Vec<String> = std::fs::read_dir(tree.root().join("usr/lib"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("linux-gnu"))
        .collect();
    assert!(below.is_empty(), "{below:?}");
    assert!(
        tree.root()
            .join("usr/lib64/xorg/modules/drivers/nvidia_drv.so")
            .is_file()
    );
    assert!(tree.root().join("usr/lib/libcuda.so.570.144").is_file());
}

#[test]
fn a_driver_container_is_a_root_of_its_own() {
    if !have_root() {
        return;
    }
    let machine = Machine::by_name("driver-container").unwrap();
    let root = machine.driver_root();
    assert_eq!(root, "/run/nvidia/driver");
    let said = |script: &str| text(inside(state(), machine.name(), "sh").args(["-c", script]));

    // Nothing of the driver is on the host, and the links inside the root lead nowhere there.
    let strays = said("find /usr /opt /lib/ -name 'libcuda.so*' -o -name nvidia-smi");
    assert_eq!(strays, "");
    let link = format!("{root}/usr/lib/x86_64-linux-gnu/libnvidia-opticalflow.so.1");
    said(&format!("[ -L {link} ] && [ ! -e {link} ]"));

    for node in machine.nodes() {
        let (path, in_root) = (&node.path, format!("{root}{}", node.path));
        let numbers = said(&format!("stat -c '%t:%T %a' {path} {in_root}"));
        let (here, inside) = numbers.trim_end().split_once('\n').unwrap();
        assert_eq!(here, inside, "{path}");
    }
}
