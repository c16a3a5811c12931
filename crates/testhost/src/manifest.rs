//! The vocabulary of a manifest: one TOML file describes one machine.
//!
//! `$V` stands for the driver version wherever a name, path or text may hold it.
//!
//! | key | meaning |
//! |---|---|
//! | `name`, `description` | what `testhost list` prints |
//! | `driver`, `cuda` | versions, such as `"550.54.15"` and `"12.4"` |
//! | `firmware-path` | what `/sys/module/firmware_class/parameters/path` holds; absent: untouched |
//! | `sockets` | paths of Unix sockets that nobody listens on |
//! | `nodes` | device nodes as `"PATH MAJOR:MINOR MODE"`; `/dev/nvidiaN` follow from `gpus` |
//! | `[proc] version`, `devices` | the text of `/proc/driver/nvidia/version` and of `/proc/devices` |
//! | `[proc] params` | lines of `/proc/driver/nvidia/params` that differ from the usual |
//! | `[proc.files]` | more files below `/proc/driver/nvidia` |
//! | `[models.KEY]` | a board: `name`, `pci-device`, `memory-mib`, `compute`, `vbios`, `mig` (capable of it), `coherent` (shares the processor's page tables), `mig-profiles` (of GPU instances → memory in MiB) |
//! | `[[gpus]]` | `model` (a key of `models`), `uuid`, `minor`, `bus`, `drm` (entries of `/dev/dri`), `lost` (fallen off the bus), and for MIG the next three |
//! | `mig-enabled` | whether MIG mode is on; it may be, without a MIG device |
//! | `mig` | its MIG devices, in the order of their indices: a list of the tables described below |
//! | `mig-fill` | a profile: as many MIG devices of it as seven slices hold, in place of a list |
//! | `[[libraries]]` | stub libraries of one `directory`, see below |
//! | `[[tools]]` | programs of one `directory`: `nvidia-smi` is the stand-in, any other does nothing |
//! | `[[wrappers]]` | shell scripts of one `directory` that call the program of the same name in `of` |
//! | `[needed]` | SONAME → the SONAMEs that the library needs besides `libc.so.6` |
//! | `[links]`, `[files]` | path → target of a symbolic link, path → text |
//! | `driver-root` | what a container tool's `config.toml` calls the driver root; absent: `/` |
//! | `smi` | the words by which one runs `nvidia-smi` on such a machine; absent: `nvidia-smi` |
//! | `[[mirrors]]` | links of one `directory` to the same `names` in `of`; `through` is a link on the way there |
//! | `gate` | the one node that every GPU is reached through, instead of `/dev/nvidiactl` and `/dev/nvidiaN` |
//! | `driver-stores` | what `libdxcore.so` says of the adapters: the directory of each one's driver |
//! | `loader-cache` | `false`: there is no `/etc/ld.so.cache`, and none is made |
//! | `writable` | the root is read-only but for these directories; absent: everything can be written to |
//! | `base` | the name of a machine whose manifest this one adds to, value by value |
//! | `[proc] misc` | the text of `/proc/misc`; absent: the host's |
//! | `[sys]` | path below `/sys` → text |
//! | `[[roots]]` | at `path`, a root file system of its own: C library, device nodes, loader cache; see below |
//!
//! Without `[proc] version` there is no `/proc/driver/nvidia`. With a `gate`, no GPU has a node of its own, a
//! directory in `/proc/driver/nvidia/gpus`, or a place in `/sys/bus/pci`; one without `bus` is no PCI device
//! even for NVML. `rpath` in `[[tools]]` is where `nvidia-smi` looks for libraries before the loader does.
//!
//! A node may end in the number of the group that owns it, `"/dev/nvmap 10:58 0660 44"`.
//!
//! A root of `[[roots]]` is a tree that programs can be run in with `chroot`, as a driver container's is. It
//! gets the running host's loader and C library in `c-library` (a path inside it), every node of the machine
//! in its `dev`, and an `etc/ld.so.cache` made of what `etc/ld.so.conf` inside it says. Everything else, its
//! absolute links too, the manifest says by paths that begin with `path`.
//!
//! Of a mirror, the name `*` is every library in `of` and every link beside one; `$N` in `through` is the name.
//!
//! A MIG device in `mig` is `{ profile, uuid, gpu-instance, compute-instance }`. The profile is written as
//! NVIDIA writes it: `1g.5gb`, `1g.5gb+me`, or, where a GPU instance is divided further, `1c.3g.20gb`; slices
//! follow from it, and memory from the model's `mig-profiles`, where the GPU instance's part of it (`3g.20gb`)
//! must stand. Ids are what the driver calls them: those of a GPU instance are below 15, of a compute
//! instance below 8. The UUID is `MIG-<uuid>`, or, as drivers before 470 have it,
//! `MIG-GPU-<uuid>/<gpu-instance>/<compute-instance>`. Access files below `/proc` and nodes in
//! `/dev/nvidia-caps` follow; the nodes' major is that of `nvidia-caps` in `[proc] devices`.
//!
//! A name in `[[libraries]]` is one of four things:
//!
//! | written | file | SONAME |
//! |---|---|---|
//! | `libcuda.so.1` | `libcuda.so.$V` | `libcuda.so.1` |
//! | `libnvidia-tls.so.$V` | the same | the same |
//! | `libnvidia-egl-gbm.so.1 @ 1.1.1` | `libnvidia-egl-gbm.so.1.1.1` | `libnvidia-egl-gbm.so.1` |
//! | `nvidia_drv.so` | the same | the same |
//!
//! `links` says which links a group gets: `"soname"` (the default) makes `libcuda.so.1` → file and
//! `libcuda.so` → `libcuda.so.1`, and none where SONAME and file are the same; `"every"` makes
//! `libnvidia-tls.so` → file as well; `"runtime"` makes `libcuda.so.1` → file alone; `"none"` makes none.
//! `mirror` is a directory that gets each of these
//! links too, leading to the first directory. `class = 32` makes i386 libraries; `mode` is the mode of the
//! files. `libcuda.so.1` and `libnvidia-ml.so.1` of a 64-bit group are stand-ins that work, unless the
//! name is written with `@`; with `works = true` they do even then. `libdxcore.so` is one too.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A manifest as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) driver: String,
    pub(crate) cuda: String,
    pub(crate) firmware_path: Option<String>,
    #[serde(default)]
    pub(crate) sockets: Vec<String>,
    #[serde(default)]
    pub(crate) nodes: Vec<String>,
    pub(crate) proc: ProcText,
    pub(crate) models: BTreeMap<String, Model>,
    pub(crate) gpus: Vec<GpuEntry>,
    pub(crate) libraries: Vec<LibraryGroup>,
    #[serde(default)]
    pub(crate) tools: Vec<ToolGroup>,
    #[serde(default)]
    pub(crate) wrappers: Vec<WrapperGroup>,
    #[serde(default)]
    pub(crate) needed: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) links: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
    #[serde(default = "host_root")]
    pub(crate) driver_root: String,
    #[serde(default = "plain_smi")]
    pub(crate) smi: Vec<String>,
    #[serde(default)]
    pub(crate) mirrors: Vec<MirrorGroup>,
    #[serde(default)]
    pub(crate) roots: Vec<RootEntry>,
    pub(crate) gate: Option<String>,
    #[serde(default)]
    pub(crate) driver_stores: Vec<String>,
    #[serde(default = "yes")]
    pub(crate) loader_cache: bool,
    #[serde(default)]
    pub(crate) writable: Vec<String>,
    #[serde(default)]
    pub(crate) sys: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

fn host_root() -> String {
    "/".to_owned()
}

fn plain_smi() -> Vec<String> {
    vec!["nvidia-smi".to_owned()]
}

/// `[proc]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProcText {
    pub(crate) version: Option<String>,
    pub(crate) devices: String,
    pub(crate) misc: Option<String>,
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
}

/// `[models.KEY]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Model {
    pub(crate) name: String,
    pub(crate) pci_device: u16,
    pub(crate) memory_mib: u64,
    pub(crate) compute: String,
    pub(crate) vbios: String,
    #[serde(default)]
    pub(crate) mig: bool,
    #[serde(default)]
    pub(crate) coherent: bool,
    #[serde(default)]
    pub(crate) mig_profiles: BTreeMap<String, u64>,
}

/// `[[gpus]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GpuEntry {
    pub(crate) model: String,
    pub(crate) uuid: String,
    #[serde(default)]
    pub(crate) minor: u32,
    #[serde(default)]
    pub(crate) bus: String,
    #[serde(default)]
    pub(crate) drm: Vec<String>,
    #[serde(default)]
    pub(crate) lost: bool,
    #[serde(default)]
    pub(crate) mig_enabled: bool,
    #[serde(default)]
    pub(crate) mig: Vec<MigEntry>,
    pub(crate) mig_fill: Option<String>,
}

/// A MIG device.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct MigEntry {
    pub(crate) profile: String,
    pub(crate) uuid: String,
    pub(crate) gpu_instance: u32,
    pub(crate) compute_instance: u32,
}

/// Which links a group of libraries gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LinkStyle {
    #[default]
    Soname,
    Every,
    None,
    Runtime,
}

/// `[[libraries]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LibraryGroup {
    pub(crate) directory: String,
    pub(crate) names: Vec<String>,
    #[serde(default)]
    pub(crate) links: LinkStyle,
    pub(crate) mirror: Option<String>,
    #[serde(default = "sixty_four")]
    pub(crate) class: u8,
    pub(crate) mode: Option<String>,
    #[serde(default)]
    pub(crate) works: bool,
}

fn sixty_four() -> u8 {
    64
}

/// `[[tools]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolGroup {
    pub(crate) directory: String,
    pub(crate) names: Vec<String>,
    pub(crate) rpath: Option<String>,
}

/// `[[wrappers]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrapperGroup {
    pub(crate) directory: String,
    pub(crate) of: String,
    pub(crate) names: Vec<String>,
}

/// `[[mirrors]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MirrorGroup {
    pub(crate) directory: String,
    pub(crate) of: String,
    pub(crate) through: Option<String>,
    pub(crate) names: Vec<String>,
}

/// `[[roots]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RootEntry {
    pub(crate) path: String,
    pub(crate) c_library: String,
}
