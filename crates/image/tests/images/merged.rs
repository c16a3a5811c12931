//! What is found in the merged file system.

use crate::support::{Image, Layer, cuda_library, read};
use liftgate_image::facts::{Family, ImageFacts, LibcKind, SearchOrigin};
use liftgate_testhost::{Class, FatBinary, c_library};

fn facts(layers: Vec<Layer>) -> ImageFacts {
    read(&Image::of(layers).saved()).expect("an image")
}

fn paths(facts: &ImageFacts) -> Vec<&str> {
    facts
        .libraries
        .iter()
        .map(|library| library.path.as_str())
        .collect()
}

#[test]
fn whiteouts_and_opaque_directories_hide_what_is_below() {
    let library = cuda_library("libcublas.so.12", &[], &["sm_80"]);
    let found = facts(vec![
        Layer::new()
            .file("a/libcublas.so.12", &library)
            .file("b/libcublas.so.12", &library)
            .file("b/deep/libcublas.so.12", &library)
            .file("c/libcublas.so.12", &library),
        Layer::new()
            .file("a/.wh.libcublas.so.12", b"")
            .file("b/.wh..wh..opq", b"")
            .file("b/libcufft.so.11", &library)
            .file("c/.wh..wh.plnk", b""),
    ]);
    assert_eq!(paths(&found), ["/b/libcufft.so.11", "/c/libcublas.so.12"]);
}

/// A program with CUDA code, whose name tells nothing, and what takes its place.
#[test]
fn a_file_in_the_place_of_another_hides_it() {
    let program = cuda_library("x", &[], &["sm_80", "lto_90"]);
    let lower = || {
        Layer::new()
            .file("opt/app/solver", &program)
            .file("opt/other", &program)
            .link("opt/current", "app")
    };
    assert_eq!(
        paths(&facts(vec![lower()])),
        ["/opt/app/solver", "/opt/other"]
    );
    let script = Layer::new().file("opt/app/solver", b"#!/bin/sh\n");
    assert_eq!(paths(&facts(vec![lower(), script])), ["/opt/other"]);
    let file = Layer::new().file("opt/app", b"text");
    assert_eq!(paths(&facts(vec![lower(), file])), ["/opt/other"]);
    let link = Layer::new().link("opt/app", "elsewhere");
    assert_eq!(paths(&facts(vec![lower(), link])), ["/opt/other"]);
    // Written through a link, it takes the place of what the link leads to.
    let through = Layer::new().file("opt/current/solver", &cuda_library("y", &[], &["sm_90"]));
    let found = facts(vec![lower(), through]);
    assert_eq!(paths(&found), ["/opt/app/solver", "/opt/other"]);
    assert_eq!(found.libraries[0].layer, 1);
}

#[test]
fn hard_links_long_names_and_sparse_files() {
    let library = cuda_library("libcublas.so.12", &[], &["sm_80"]);
    let long = format!("opt/{}/libcublas.so.12", "directory/".repeat(30));
    let longer = format!("opt/{}/libcufft.so.11", "x".repeat(200));
    let mut pax = tar::Builder::new(Vec::new());
    pax.append_pax_extensions([
        ("path", longer.as_bytes()),
        ("SCHILY.xattr.a", &[7; 3000][..]),
    ])
    .unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_size(library.len() as u64);
    header.set_path("short").unwrap();
    header.set_cksum();
    pax.append(&header, library.as_slice()).unwrap();
    let mut image = Image::of(vec![
        Layer::new()
            .file(&long, &library)
            .hard("usr/lib/libcublas.so.12", &long)
            .hard("usr/lib/libnccl.so.2", "nothing/there"),
    ]);
    image.layers.push(pax.into_inner().unwrap());
    let found = read(&image.saved()).unwrap();
    let expected = [
        format!("/{}", long.replace("//", "/")),
        format!("/{longer}"),
        "/usr/lib/libcublas.so.12".to_owned(),
    ];
    assert_eq!(paths(&found), expected);
    for library in &found.libraries {
        assert!(
            !library.elf.as_ref().unwrap().code.is_empty(),
            "{}",
            library.path
        );
    }

    // A sparse file of GNU's old format: a map of two more blocks, and its content without the holes.
    let mut sparse = vec![0; 512];
    sparse[..16].copy_from_slice(b"lib/libnccl.so.2");
    sparse[124..136].copy_from_slice(b"00000001000\0");
    sparse[156] = b'S';
    sparse[257..265].copy_from_slice(b"ustar  \0");
    sparse[482] = 1;
    sparse[483..495].copy_from_slice(b"00010000000\0");
    sparse[148..156].copy_from_slice(b"        ");
    let sum: u32 = sparse.iter().map(|byte| u32::from(*byte)).sum();
    sparse[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut map = vec![0; 512];
    map[504] = 1;
    sparse.extend(map);
    sparse.extend(vec![0; 512]);
    sparse.extend(vec![9; 512]);
    sparse.extend(Layer::new().file("lib/libcufft.so.11", &library).bytes());
    let mut image = Image::of(vec![]);
    image.layers.push(sparse);
    let found = read(&image.saved()).unwrap();
    assert_eq!(paths(&found), ["/lib/libcufft.so.11", "/lib/libnccl.so.2"]);
    assert_eq!(found.libraries[1].size, 0o10_000_000);
    assert!(found.gaps[0].contains("sparse"), "{:?}", found.gaps);
}

#[test]
fn libraries_are_found_as_the_loader_finds_them() {
    let app = cuda_library(
        "libapp.so",
        &["libcudart.so.12", "libcuda.so.1", "libno.so"],
        &["sm_80"],
    );
    let runtime = cuda_library("libcudart.so.12", &[], &[]);
    let layers = || {
        vec![
            Layer::new()
                .link("lib", "usr/lib")
                .file("usr/local/cuda-12.1/lib64/libcudart.so.12.1.105", &runtime)
                .link(
                    "usr/local/cuda-12.1/lib64/libcudart.so.12",
                    "libcudart.so.12.1.105",
                )
                .link("usr/local/cuda", "/etc/alternatives/cuda")
                .link("etc/alternatives/cuda", "/usr/local/cuda-12.1")
                .file("opt/libapp.so", &app),
            Layer::new().file(
                "etc/ld.so.conf.d/cuda.conf",
                b"# CUDA\n/usr/local/cuda/lib64\n",
            ),
        ]
    };
    let lib64 = Some("/usr/local/cuda-12.1/lib64");
    let find = |facts: &ImageFacts| {
        let app = facts
            .libraries
            .iter()
            .find(|library| library.path == "/opt/libapp.so");
        facts.find("libcudart.so.12", app.unwrap())
    };
    let mut bare = layers();
    bare.pop();
    assert_eq!(find(&facts(bare)), None);
    let configured = facts(layers());
    assert_eq!(find(&configured).as_deref(), lib64);
    let app = configured
        .libraries
        .iter()
        .find(|library| library.path == "/opt/libapp.so");
    // The driver's is not the image's to have.
    assert_eq!(configured.missing(app.unwrap()), ["libno.so"]);
    let mut bare = layers();
    bare.pop();
    let image = Image::of(bare).environment(&["LD_LIBRARY_PATH=/x:/usr/local/cuda/lib64:"]);
    let by_variable = read(&image.saved()).unwrap();
    assert_eq!(find(&by_variable).as_deref(), lib64);
    assert_eq!(by_variable.search[1].from, SearchOrigin::LibraryPath);
    assert_eq!(by_variable.search[1].path, "/usr/local/cuda-12.1/lib64");
    assert!(
        by_variable
            .search
            .iter()
            .any(|directory| directory.path == "/usr/lib")
    );
    assert!(
        !by_variable
            .search
            .iter()
            .any(|directory| directory.path == "/lib")
    );
}

#[test]
fn the_rest_of_what_matters() {
    let stub = cuda_library("libcuda.so.1", &[], &[]);
    let found = facts(vec![
        Layer::new()
            .file(
                "etc/os-release",
                b"ID=ubuntu\nVERSION_ID=\"22.04\"\n# no=thing\n",
            )
            .file(
                "usr/lib/x86_64-linux-gnu/libc.so.6",
                &c_library(Class::Elf64, &["2.2.5", "2.35"]),
            )
            .file("usr/lib/ld-musl-x86_64.so.1", &stub)
            .file("usr/local/cuda-12.1/lib64/stubs/libcuda.so", &stub)
            .file(
                "usr/local/cuda-12.1/version.json",
                br#"{"cuda":{"version":"12.1.1"}}"#,
            )
            .file("usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15", b"")
            .file("usr/bin/nvidia-smi", b"")
            .file("usr/bin/empty", b"")
            .link(
                "usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
                "libnvidia-ml.so.550.54.15",
            ),
        Layer::new()
            .file(
                "opt/venv/lib/python3.11/site-packages/torch-2.4.1+cu121.dist-info/METADATA",
                &vec![b'x'; 200_000],
            )
            .file(
                "opt/venv/lib/python3.11/site-packages/torch/version.py",
                b"__version__ = '2.4.1+cu121'\ncuda: Optional[str] = '12.1'\n",
            )
            .file(
                "opt/venv/lib/python3.11/site-packages/six-1.16.0.dist-info/METADATA",
                b"x",
            ),
    ]);
    assert_eq!(found.os_release["ID"], "ubuntu");
    assert_eq!(found.os_release["VERSION_ID"], "22.04");
    let kinds: Vec<String> = found
        .libc
        .iter()
        .map(|libc| match libc.kind {
            LibcKind::Glibc(version) => version.unwrap().to_string(),
            LibcKind::Musl => "musl".to_owned(),
        })
        .collect();
    assert_eq!(kinds, ["musl", "2.35"]);
    assert_eq!(
        Vec::from_iter(found.stub_directories()),
        ["/usr/local/cuda-12.1/lib64/stubs"]
    );
    assert_eq!(found.of_family(Family::Driver).count(), 1, "the stub");
    assert_eq!(found.toolkits[0].version, "12.1.1");
    let empty: Vec<&str> = found
        .empty_driver_files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        empty,
        [
            "/usr/bin/nvidia-smi",
            "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15"
        ]
    );
    assert_eq!(
        found.dangling[0].path,
        "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1"
    );
    let torch = found.python("torch").unwrap();
    assert_eq!((torch.version.as_str(), torch.layer), ("2.4.1+cu121", 1));
    assert_eq!(torch.directory, "/opt/venv/lib/python3.11/site-packages");
    assert_eq!(found.python.len(), 2);
    assert_eq!(found.torch[0].cuda.as_deref(), Some("12.1"));
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
}

/// Bytes of a fat binary in a file that is no ELF file run on nothing.
#[test]
fn only_elf_files_have_code() {
    let code = FatBinary::of(&["sm_80"]).bytes();
    let found = facts(vec![
        Layer::new()
            .file("opt/kernels.fatbin", &code)
            .file("opt/libx.so", &code),
    ]);
    assert!(found.libraries.is_empty());
    assert!(found.present.contains_key("libx.so"));
}
