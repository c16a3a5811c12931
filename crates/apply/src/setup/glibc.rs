//! The image's glibc, held against what the driver's libraries need.
//!
//! A library that was built on a newer system fails in the loader, which then blames a file of the image
//! (``/lib64/libc.so.6: version `GLIBC_2.26' not found``). Nothing can be done about it here: a C library is never
//! injected, and the container may do without that library. So it is said, once, for the one that matters most.
//!
//! Of the image's C library the tables of versions are read, with bounds, and nothing of it is loaded. It is looked
//! for where the image's cache has it, else where distributions put it; a volume's is none of the image's.

use super::loader_cache::abi;
use liftgate_elf::facts;
use liftgate_elf::ldcache::Abi;
use liftgate_elf::versions::{GlibcVersion, LIBC};
use liftgate_plan::GlibcNeed;
use liftgate_sys::Root;
use std::path::{Path, PathBuf};

/// Debian, Fedora and SUSE, Arch; where `/lib` has 32-bit libraries, `/lib64` is there and comes before.
const DIRECTORIES: [&str; 5] = [
    if cfg!(target_arch = "aarch64") {
        "/lib/aarch64-linux-gnu"
    } else {
        "/lib/x86_64-linux-gnu"
    },
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
];

/// Says which library the image's glibc is too old for. `in_cache` is where the image's cache has its C library.
pub(super) fn check(
    root: &Root,
    needs: &[GlibcNeed],
    in_cache: Option<PathBuf>,
    notes: &mut Vec<String>,
) {
    if needs.is_empty() {
        return;
    }
    let usual = DIRECTORIES.iter().map(|place| Path::new(place).join(LIBC));
    let Some((path, has)) = in_cache
        .into_iter()
        .chain(usual)
        .find_map(|path| version(root, &path).map(|has| (path, has)))
    else {
        return;
    };
    let is_unmet =
        |need: &&GlibcNeed| GlibcVersion::parse(&need.version).is_some_and(|version| version > has);
    if let Some(need) = needs.iter().find(is_unmet) {
        notes.push(format!(
            "`{}` needs glibc {}, and the image has glibc {has} (`{}`): its programs cannot load that library",
            need.library,
            need.version,
            path.display()
        ));
    }
}

/// The version of the C library at the path, if there is one for this machine.
fn version(root: &Root, path: &Path) -> Option<GlibcVersion> {
    let file = root.open_on_same_mount(path).ok()??;
    let facts = facts::read(&file).ok()?;
    facts
        .has_glibc
        .filter(|_| Abi::of(&facts) == Some(abi(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_testhost::{Class, c_library};
    use std::fs;
    use std::os::unix::fs::symlink;

    fn need(version: &str, library: &str) -> GlibcNeed {
        GlibcNeed {
            version: version.to_owned(),
            library: library.to_owned(),
        }
    }

    fn image(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
        let image = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = image.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        image
    }

    fn notes(image: &tempfile::TempDir, in_cache: Option<&str>) -> Vec<String> {
        let root = Root::open(image.path()).unwrap();
        let needs = [
            need("2.9", "libcuda.so.1"),
            need("2.26", "libcudadebugger.so.1"),
        ];
        let mut notes = Vec::new();
        check(&root, &needs, in_cache.map(PathBuf::from), &mut notes);
        notes
    }

    fn libc(version: &str) -> Vec<u8> {
        c_library(Class::Elf64, &["2.2.5", version])
    }

    #[test]
    fn the_library_that_matters_is_named_with_both_versions() {
        let path = "usr/lib64/libc.so.6";
        assert_eq!(
            notes(&image(&[(path, libc("2.26"))]), None),
            Vec::<String>::new()
        );
        assert_eq!(
            notes(&image(&[(path, libc("2.17"))]), None),
            [
                "`libcudadebugger.so.1` needs glibc 2.26, and the image has glibc 2.17 (`/usr/lib64/libc.so.6`): \
              its programs cannot load that library"
            ]
        );
        let old = notes(&image(&[(path, libc("2.5"))]), None);
        assert_eq!(old.len(), 1);
        assert!(old[0].starts_with("`libcuda.so.1` needs glibc 2.9, and the image has glibc 2.5 "));
    }

    #[test]
    fn the_one_of_the_cache_counts_and_then_the_usual_places() {
        let both = [
            ("opt/glibc/libc.so.6", libc("2.17")),
            ("lib/x86_64-linux-gnu/libc.so.6", libc("2.36")),
            ("lib/aarch64-linux-gnu/libc.so.6", libc("2.36")),
        ];
        let image = image(&both);
        assert_eq!(notes(&image, Some("/opt/glibc/libc.so.6")).len(), 1);
        assert_eq!(notes(&image, None).len(), 0);
        assert_eq!(notes(&image, Some("/opt/nothing/libc.so.6")).len(), 0);
        // As on Debian 11: a link to a file with the version in its name.
        symlink("libc-2.17.so", image.path().join("opt/libc.so.6")).unwrap();
        fs::write(image.path().join("opt/libc-2.17.so"), libc("2.17")).unwrap();
        assert_eq!(notes(&image, Some("/opt/libc.so.6")).len(), 1);
    }

    #[test]
    fn what_is_no_c_library_of_this_machine_says_nothing() {
        let path = "lib64/libc.so.6";
        let narrow = c_library(Class::Elf32, &["2.0", "2.5"]);
        for content in [b"text".to_vec(), libc("2.5")[..200].to_vec(), narrow] {
            assert_eq!(
                notes(&image(&[(path, content)]), None),
                Vec::<String>::new()
            );
        }
        let odd = image(&[]);
        fs::create_dir_all(odd.path().join("lib64")).unwrap();
        // Opened for reading, a pipe would hang here, and the host's own C library would answer.
        rustix::fs::mknodat(
            rustix::fs::CWD,
            odd.path().join(path),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let outside = fs::canonicalize("/lib64/ld-linux-x86-64.so.2").unwrap_or_default();
        let outside = outside.with_file_name("libc.so.6");
        assert_eq!(notes(&odd, outside.to_str()), Vec::<String>::new());
    }
}
