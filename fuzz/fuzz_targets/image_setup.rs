//! Feeds files of an image, on which the setup hook then works: what it writes is ours, the rest stays, and twice is once.
//!
//! Files are parted by the bytes FF FE, path and content in turn; a content that begins with `->` is the text of a link. The
//! hook reads the loader's configuration with what it includes, its cache, and the CUDA libraries that the image
//! brings: headers and a note.
//!
//! It happens in a directory of `TMPDIR`, which wants to be in memory.
#![no_main]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use liftgate_apply::work;
use liftgate_plan::ContainerSetup;
use liftgate_sys::Root;

const SEPARATOR: [u8; 2] = [0xff, 0xfe];
const MOST_FILES: usize = 12;
/// What the hook writes. `etc` may be a link, so files are known by their names.
const CACHE: &str = "ld.so.cache";
const MAIN: &str = "ld.so.conf";
const DIRECTORIES: &str = "00-liftgate.conf";
const FIRST: &str = "00-compat-liftgate.conf";
const LINK: &str = "libcuda.so";

static IMAGE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("liftgate-fuzz-{}", std::process::id())));

static SETUP: LazyLock<ContainerSetup> = LazyLock::new(|| {
    let arguments = [
        ["--link", "libcuda.so.1::/usr/lib64/libcuda.so"],
        ["--library", "libcuda.so.1::/usr/lib64/libcuda.so.1"],
        ["--library-directory", "/usr/lib64"],
        ["--library-directory", "/usr/local/nvidia/lib64"],
        ["--cuda-compat-driver", "550.54.15"],
        ["--cuda-compat-cuda", "12.4"],
    ];
    ContainerSetup::from_arguments(arguments.as_flattened().iter().map(OsStr::new))
        .expect("arguments of ours")
});

/// What is before the next separator, taken off.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let end = rest.windows(2).position(|pair| pair == SEPARATOR);
    let part = &rest[..end.unwrap_or(rest.len())];
    *rest = end.map_or(&[], |end| &rest[end + SEPARATOR.len()..]);
    Some(part)
}

/// Puts one file in place, by the same door as the hook: a link may lead anywhere.
fn put(root: &Root, path: &[u8], content: &[u8]) -> Option<()> {
    let path = Path::new(OsStr::from_bytes(path));
    let name = path.file_name()?;
    let parent = Path::new("/").join(path.parent()?);
    let directory = root.make_directories(&parent, 0o755).ok()?;
    match content.strip_prefix(b"->") {
        Some(text) => directory.put_symlink(OsStr::from_bytes(text), name).ok(),
        None => directory.put_file(name, content, 0o644).ok(),
    }
}

/// Every file and link, with what is in it. Nobody else is at work, so paths may be joined here.
fn files(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let entry = entry.expect("an entry");
        let (path, kind) = (entry.path(), entry.file_type().expect("a type"));
        if kind.is_dir() {
            files(&path, found);
        } else {
            let content = if kind.is_symlink() {
                let text = std::fs::read_link(&path).expect("a link");
                [b"->", text.as_os_str().as_bytes()].concat()
            } else {
                std::fs::read(&path).expect("a file")
            };
            let path = path.strip_prefix(&*IMAGE).expect("in the image");
            found.insert(path.to_owned(), content);
        }
    }
}

fn image() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    files(&IMAGE, &mut found);
    found
}

fuzz_target!(|bytes: &[u8]| {
    std::fs::remove_dir_all(&*IMAGE).ok();
    std::fs::create_dir_all(&*IMAGE).expect("a directory for the image");
    let root = Root::open(&IMAGE).expect("the image");
    let mut rest = bytes;
    for _ in 0..MOST_FILES {
        let (Some(path), Some(content)) = (part(&mut rest), part(&mut rest)) else {
            break;
        };
        put(&root, path, content);
    }
    let before = image();

    let first = work(&root, &SETUP);
    let after = image();
    let is = |path: &Path, name: &str| path.file_name() == Some(OsStr::new(name));
    let is_ours = |path: &Path| {
        [CACHE, DIRECTORIES, FIRST, LINK]
            .iter()
            .any(|name| is(path, name))
    };
    for (path, content) in before.iter().filter(|(path, _)| !is_ours(path)) {
        let now = after.get(path);
        let is_kept = now.is_some_and(|now| {
            now == content
                || is(path, MAIN) && (content.starts_with(b"->") || now.starts_with(content))
        });
        assert!(is_kept, "the image's own `{}`: {now:?}", path.display());
    }
    for (path, content) in &after {
        let old = before.get(path);
        assert!(
            old.is_some() || is_ours(path) || is(path, MAIN),
            "new: `{}`",
            path.display()
        );
        if is(path, DIRECTORIES) && old != Some(content) {
            let known = ["/usr/lib64", "/usr/local/nvidia/lib64"].map(str::as_bytes);
            let mut lines = content
                .strip_suffix(b"\n")
                .expect("lines")
                .split(|byte| *byte == b'\n');
            assert!(lines.all(|line| known.contains(&line)));
        }
    }

    let second = work(&root, &SETUP);
    assert_eq!(first.is_ok(), second.is_ok());
    assert_eq!(image(), after, "a second start writes nothing new");
});
