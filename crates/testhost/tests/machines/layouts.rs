//! What tells one machine's layout from another's: how its libraries are found, and by which links.

use crate::harness::{have_root, inside, output, state, text};
use liftgate_testhost::Machine;

/// How a program on such a machine comes by the driver's libraries.
enum Finding {
    /// The loader's cache lists them.
    Cache,
    /// The cache of another root does, and the host's does not.
    CacheOfRoot(&'static str),
    /// There is a cache and the driver is not in it: who needs it says where it is.
    NotByCache,
    /// There is no cache; programs carry the way in themselves.
    NoCache,
}

fn finding(machine: &str) -> Finding {
    match machine {
        "driver-container" => Finding::CacheOfRoot("/run/nvidia/driver"),
        "cos" => Finding::NotByCache,
        "nixos" => Finding::NoCache,
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
        if matches!(finding(name), Finding::NoCache) {
            text(inside(state(), name, "test").args(["!", "-e", "/etc/ld.so.cache"]));
            continue;
        }
        let of_host = cache("/");
        assert!(
            lists(&of_host, "libc.so.6"),
            "the host's own libraries are still there"
        );
        for library in DRIVER_LIBRARIES {
            let in_host = matches!(finding(name), Finding::Cache);
            assert_eq!(
                lists(&of_host, library),
                in_host,
                "{name}: {library}: {of_host}"
            );
            if let Finding::CacheOfRoot(root) = finding(name) {
                assert!(lists(&cache(root), library), "{library}: {}", cache(root));
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

#[test]
fn container_optimized_os_cannot_be_written_to() {
    if !have_root() {
        return;
    }
    let machine = Machine::by_name("cos").unwrap();
    let said = text(inside(state(), machine.name(), "sh").args([
        "-c",
        "for at in / /usr /opt /etc /home /run /var /tmp; do \
         touch $at/mark-$$ 2>/dev/null && echo $at && rm $at/mark-$$; done; true",
    ]));
    assert_eq!(said, "/etc\n/home\n/run\n/var\n/tmp\n");
    // Without a word about its place, the library is not found.
    let smi = format!("{}/bin/nvidia-smi", machine.driver_root());
    let lost = output(inside(state(), machine.name(), &smi).arg("-L"));
    assert_eq!(lost.status.code(), Some(12));
}

#[test]
fn nixos_leads_into_its_store() {
    if !have_root() {
        return;
    }
    let store = "/nix/store/a6kbivfsa0rscf11l4373v80c5c6l6na-nvidia-x11-570.153.02-6.12.42";
    let real = |path: &str| {
        let said = text(inside(state(), "nixos", "readlink").args(["-e", path]));
        said.trim_end().to_owned()
    };
    assert_eq!(
        real("/run/opengl-driver/lib/libcuda.so.1"),
        format!("{store}/lib/libcuda.so.570.153.02")
    );
    assert_eq!(
        real("/run/opengl-driver/lib/vdpau/libvdpau_nvidia.so.1"),
        format!("{store}/lib/vdpau/libvdpau_nvidia.so.570.153.02")
    );
    let smi = real("/run/current-system/sw/bin/nvidia-smi");
    assert!(smi.starts_with("/nix/store/"), "{smi}");
    // The program that knows its store works alone; the one that NVIDIA built needs a word.
    let original = smi.replace("/bin/nvidia-smi", "/origBin/nvidia-smi");
    let lost = output(inside(state(), "nixos", &original).arg("-L"));
    assert_eq!(lost.status.code(), Some(12));
    let libraries = "LD_LIBRARY_PATH=/run/opengl-driver/lib";
    text(inside(state(), "nixos", "env").args([libraries, &original, "-L"]));
    text(
        inside(state(), "nixos", "sh")
            .args(["-c", "[ -z \"$(find /usr/lib -name 'libcuda.so*')\" ]"]),
    );
}
