//! A cache of ours before the real ld.so, in a temporary root.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{REAL_CACHE, compile, is_root, library};
use liftgate_elf::facts;
use liftgate_elf::ldcache::{Abi, Cache, Entry, Library, merge, parse};

/// A root in which `/prog` exits with what `x()` of `libx.so.1` returns; the libraries are where only a cache leads to.
fn root() -> (tempfile::TempDir, Abi) {
    let root = tempfile::tempdir().expect("temporary directory");
    let soname = "-Wl,-soname,libx.so.1";
    for (directory, value) in [("opt/image", 7), ("opt/driver", 8)] {
        let source = format!("int x(void) {{ return {value}; }}");
        library(
            &root.path().join(directory).join("libx.so.1"),
            &source,
            &[soname],
        );
    }
    let program = root.path().join("prog");
    let against = root.path().join("opt/image/libx.so.1");
    compile(
        &program,
        "int x(void); int main(void) { return x(); }",
        &[against.to_str().expect("text path")],
    );

    let facts =
        facts::read(fs::File::open(&program).expect("open program")).expect("facts of a program");
    let loader = facts.interpreter.expect("interpreter of a program");
    copy(
        Path::new(&loader),
        &root.path().join(loader.trim_start_matches('/')),
    );
    // Next to nothing in this root is in the loader's default directories: libc is found through the cache as well.
    copy(&libc(), &root.path().join("opt/libc/libc.so.6"));
    fs::create_dir(root.path().join("etc")).expect("create etc");
    let abi = match facts.machine {
        facts::Machine::Aarch64 => Abi::Aarch64,
        _ => Abi::X86_64,
    };
    (root, abi)
}

fn libc() -> std::path::PathBuf {
    let cache = parse(&fs::read(REAL_CACHE).expect("read cache")).expect("parse cache");
    let entry = cache
        .lookup(b"libc.so.6")
        .find(|entry| entry.flags != Abi::I386.flags());
    String::from_utf8(entry.expect("libc in the cache").path.clone())
        .expect("text path")
        .into()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().expect("a file in a directory")).expect("create directory");
    fs::copy(from, to).expect("copy");
}

fn run_with(root: &Path, cache: Option<&Cache>) -> Option<i32> {
    let file = root.join("etc/ld.so.cache");
    match cache {
        Some(cache) => {
            fs::write(&file, cache.to_bytes().expect("bytes of a cache")).expect("write cache");
        }
        None => assert!(!file.exists()),
    }
    Command::new("chroot")
        .arg(root)
        .arg("/prog")
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .status()
        .expect("chroot")
        .code()
}

#[test]
fn the_loader_finds_libraries_through_our_cache() {
    if !is_root() {
        return eprintln!("skipped: needs root");
    }
    let (root, abi) = root();
    let root = root.path();
    let ours = |name: &str, path: &str, abi| Library {
        name: name.into(),
        path: path.into(),
        abi,
    };
    let libc = ours("libc.so.6", "/opt/libc/libc.so.6", abi);
    let driver = ours("libx.so.1", "/opt/driver/libx.so.1", abi);
    assert_eq!(
        run_with(root, None),
        Some(127),
        "without a cache nothing is found"
    );

    // The image's own library first, among the hundreds of names of a real cache: the search must still find it.
    let mut image = merge(
        Some(parse(&fs::read(REAL_CACHE).unwrap()).unwrap()),
        std::slice::from_ref(&libc),
    );
    let plain = Entry {
        flags: abi.flags(),
        name: b"libx.so.1".to_vec(),
        path: b"/opt/image/libx.so.1".to_vec(),
        os_version: 0,
        hwcap: 0,
    };
    image.entries.push(plain.clone());
    assert_eq!(
        run_with(root, Some(&image)),
        Some(7),
        "the image's library, through a cache we wrote"
    );

    let merged = merge(Some(image.clone()), std::slice::from_ref(&driver));
    assert_eq!(run_with(root, Some(&merged)), Some(8), "ours goes first");

    let foreign = Library {
        abi: if abi == Abi::I386 {
            Abi::X86_64
        } else {
            Abi::I386
        },
        ..driver.clone()
    };
    let merged = merge(Some(image.clone()), &[foreign]);
    assert_eq!(
        run_with(root, Some(&merged)),
        Some(7),
        "an entry of another ABI is passed over"
    );

    // A variant for a hardware level of this machine wins over any plain entry but ours.
    if fs::read_to_string("/proc/cpuinfo")
        .unwrap()
        .contains("sse4_2")
    {
        let variant = Entry {
            hwcap: 1 << 62,
            ..plain.clone()
        };
        let fallback = Entry {
            path: b"/opt/nowhere/libx.so.1".to_vec(),
            ..plain
        };
        let mut levels = Cache {
            hwcaps: vec![b"x86-64-v2".to_vec()],
            ..image
        };
        levels.entries.retain(|entry| entry.name != b"libx.so.1");
        levels.entries.extend([variant, fallback]);
        assert_eq!(
            run_with(root, Some(&levels)),
            Some(7),
            "the variant, by the hwcaps names we wrote"
        );
        let merged = merge(Some(levels), &[driver]);
        assert_eq!(
            run_with(root, Some(&merged)),
            Some(8),
            "ours goes before hwcaps variants"
        );
    }
    assert_eq!(
        run_with(root, Some(&merge(None, &[libc]))),
        Some(127),
        "a name that is not in the cache"
    );
}
