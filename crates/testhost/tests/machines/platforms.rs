//! Machines whose GPU is no PCI device with a node of its own: WSL and Jetson.

use crate::harness::{have_root, inside, output, state, text};
use liftgate_testhost::Machine;
use std::path::Path;
use std::process::Command;

/// A program that calls functions of a library which is found as any library is.
fn compiled(place: &Path, source: &str) -> String {
    let (code, program) = (place.join("ask.c"), place.join("ask"));
    std::fs::write(&code, source).expect("written");
    text(
        Command::new("cc")
            .arg(&code)
            .arg("-o")
            .arg(&program)
            .arg("-ldl"),
    );
    program.to_str().expect("a path").to_owned()
}

/// Asks for the adapters as a container tool does: first how many and how long, then again with the room.
const ASK_DXCORE: &str = r#"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
struct adapter { unsigned handle, low; int high; unsigned sources; int preferred; };
struct list { unsigned long long filter; unsigned count; struct adapter *all; };
struct query { unsigned handle, kind; void *data; unsigned size; };
struct registry {
    unsigned kind, flags; wchar_t name[260]; unsigned type, index, size, status;
    union { unsigned long long number; wchar_t text; } out;
};
int main(void)
{
    void *library = dlopen("libdxcore.so", RTLD_LAZY);
    if (!library) return puts(dlerror()), 1;
    int (*enumerate)(struct list *) = dlsym(library, "D3DKMTEnumAdapters3");
    int (*ask)(struct query *) = dlsym(library, "D3DKMTQueryAdapterInfo");
    if (!enumerate || !ask || !dlsym(library, "D3DKMTEnumAdapters2")) return 2;
    struct list list = {1, 0, NULL};
    if (enumerate(&list) != 0) return 3;
    list.all = calloc(list.count, sizeof *list.all);
    if (enumerate(&list) != 0) return 4;
    for (unsigned i = 0; i < list.count; i++) {
        unsigned version = 0;
        struct query query = {list.all[i].handle, 13, &version, sizeof version};
        if (ask(&query) != 0 || version < 2700) return 5;
        struct registry first = {2};
        query = (struct query){list.all[i].handle, 48, &first, sizeof first};
        if (ask(&query) != 0 || first.status != 1) return 6;
        struct registry *second = calloc(1, sizeof *second + first.size);
        second->kind = 2;
        second->size = first.size;
        query = (struct query){list.all[i].handle, 48, second, sizeof *second + first.size};
        if (ask(&query) != 0 || second->status != 0) return 7;
        printf("%ls\n", &second->out.text);
    }
    return 0;
}
"#;

#[test]
fn wsl_names_its_driver_stores() {
    if !have_root() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let ask = compiled(scratch.path(), ASK_DXCORE);
    let stores = text(&mut inside(state(), "wsl2", &ask));
    let stores: Vec<&str> = stores.lines().collect();
    assert_eq!(stores.len(), 2, "{stores:?}");
    assert!(stores[0].starts_with("/usr/lib/wsl/drivers/iigd_dch.inf_amd64_"));
    assert!(stores[1].starts_with("/usr/lib/wsl/drivers/nv_dispi.inf_amd64_"));

    for file in [
        "libcuda.so.1.1",
        "libcuda_loader.so",
        "libnvidia-ptxjitcompiler.so.1",
        "libnvidia-ml.so.1",
        "libnvidia-ml_loader.so",
        "libnvdxgdmal.so.1",
        "nvcubins.bin",
        "nvidia-smi",
    ] {
        let path = format!("{}/{file}", stores[1]);
        text(inside(state(), "wsl2", "test").args(["-f", &path]));
        let other = format!("{}/{file}", stores[0]);
        text(inside(state(), "wsl2", "test").args(["!", "-e", &other]));
    }
}

#[test]
fn wsl_has_no_gpu_without_its_one_node() {
    if !have_root() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let ask = compiled(scratch.path(), ASK_DXCORE);
    let said = |script: &str| output(inside(state(), "wsl2", "sh").args(["-c", script]));
    let smi = said("rm /dev/dxg; /usr/lib/wsl/lib/nvidia-smi -L");
    assert_eq!(smi.status.code(), Some(9));
    assert_eq!(said(&format!("rm /dev/dxg; {ask}")).status.code(), Some(3));
    // A node of the right name and another device is none.
    let fake = said("rm /dev/dxg; mknod /dev/dxg c 1 3; /usr/lib/wsl/lib/nvidia-smi -L");
    assert_eq!(fake.status.code(), Some(9));

    let nothing = said("ls -A /proc/driver; ls -d /dev/nvidia*; cat /sys/bus/pci/devices/*/vendor");
    assert_eq!(nothing.stdout, b"0x1414\n0x1414\n");
}

/// What NVML says of the first GPU: its name, and the answers about PCI, minor number and memory.
const ASK_NVML: &str = r#"
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW), *gpu;
    if (!library) return puts(dlerror()), 1;
    int (*init)(void) = dlsym(library, "nvmlInit_v2");
    int (*handle)(unsigned, void **) = dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    int (*name)(void *, char *, unsigned) = dlsym(library, "nvmlDeviceGetName");
    int (*pci)(void *, void *) = dlsym(library, "nvmlDeviceGetPciInfo_v3");
    int (*minor)(void *, unsigned *) = dlsym(library, "nvmlDeviceGetMinorNumber");
    int (*memory)(void *, void *) = dlsym(library, "nvmlDeviceGetMemoryInfo");
    char text[96], room[256];
    unsigned number;
    if (init() != 0 || handle(0, &gpu) != 0 || name(gpu, text, sizeof text) != 0) return 2;
    printf("%s %d %d %d\n", text, pci(gpu, room), minor(gpu, &number), memory(gpu, room));
    return 0;
}
"#;

#[test]
fn nvml_says_what_kind_of_gpu_it_is() {
    if !have_root() {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let ask = compiled(scratch.path(), ASK_NVML);
    for (machine, said) in [
        ("ubuntu-550", "NVIDIA A10 0 0 0\n"),
        ("wsl2", "NVIDIA GeForce RTX 4070 Laptop GPU 0 3 0\n"),
        ("orin-csv", "Orin (nvgpu) 3 3 3\n"),
    ] {
        assert_eq!(text(&mut inside(state(), machine, &ask)), said, "{machine}");
    }
}

#[test]
fn a_jetson_says_what_it_is() {
    if !have_root() {
        return;
    }
    let said = text(inside(state(), "orin-csv", "sh").args([
        "-c",
        "head -n1 /etc/nv_tegra_release; cat /sys/devices/soc0/family; \
         [ -e /sys/devices/system/cpu/online ] && readlink /dev/dri/by-path/platform-13e00000.host1x-card",
    ]));
    let lines: Vec<&str> = said.lines().collect();
    assert!(
        lines[0].starts_with("# R36 (release), REVISION: 4.3,"),
        "{said}"
    );
    assert_eq!(
        &lines[1..],
        ["Tegra", "../card1"],
        "and the host's own devices are still there"
    );
}

/// The tables name what is there, but for the lines that are there to be borne.
#[test]
fn a_jetsons_tables_name_what_it_has() {
    if !have_root() {
        return;
    }
    let said = text(inside(state(), "orin-csv", "sh").args([
        "-c",
        "cd /etc/nvidia-container-runtime/host-files-for-container.d; ls; echo --; cat *.csv | tr -d ' ' | \
         while IFS=, read kind path; do case $kind in \
         dev) set -- $path; [ -c \"$1\" ] || echo \"$path\" ;; \
         dir) [ -d \"$path\" ] || echo \"$path\" ;; \
         lib) set -- $path; [ -f \"$1\" ] || echo \"$path\" ;; \
         sym) [ -L \"$path\" ] && [ -e \"$path\" ] || echo \"$path\" ;; esac; done",
    ]));
    assert_eq!(
        said,
        "devices.csv\ndrivers.csv\nl4t.csv\n--\n/dev/fb1\n\
         /usr/lib/aarch64-linux-gnu/nvidia/libnvmedia_dla.so\n\
         /usr/lib/aarch64-linux-gnu/nvidia/libvulkansc.so\n\n\n"
    );
    // Names, and which of them are links: libcuda is reached over both directories.
    let real = text(
        inside(state(), "orin-csv", "readlink")
            .args(["-e", "/usr/lib/aarch64-linux-gnu/libcuda.so"]),
    );
    assert_eq!(real, "/usr/lib/aarch64-linux-gnu/nvidia/libcuda.so.1.1\n");
    let orin = Machine::by_name("orin-csv").unwrap();
    let uuid = &orin.gpus()[0].uuid;
    assert!(!uuid.starts_with("GPU-"), "{uuid}");
}
