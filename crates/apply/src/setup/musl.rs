//! musl's search path: its loader has no cache and reads no `ld.so.conf`.
//!
//! The loader of an architecture looks into the directories of `/etc/ld-musl-ARCH.path`, parted by newlines or
//! colons, and where there is no such file into `/lib:/usr/local/lib:/usr/lib` (`dynlink.c`). The file takes the
//! place of these, even an empty one, so a new one begins with them. Ours come last: the image's libraries keep
//! their order, and an Alpine image has none of the driver's names.
//!
//! A library of the other word size ends the loader's search with a failure, where glibc's loader passes over it. So
//! a loader gets only directories with libraries for it.
//!
//! A driver's programs and libraries are glibc's all the same, and ask for its loader by path; who has none is told.

use super::loader_configuration::as_line;
use super::place;
use liftgate_plan::ContainerSetup;
use liftgate_sys::{FileKind, Root};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What musl calls the machine's architectures, and whether they are 32-bit ones.
const ARCHITECTURES: &[(&str, bool)] = if cfg!(target_arch = "aarch64") {
    &[("aarch64", false)]
} else {
    &[("x86_64", false), ("i386", true)]
};

/// Where glibc's programs look for their loader.
const GLIBC_LOADER: &str = if cfg!(target_arch = "aarch64") {
    "/lib/ld-linux-aarch64.so.1"
} else {
    "/lib64/ld-linux-x86-64.so.2"
};

const BUILT_IN: &str = "/lib\n/usr/local/lib\n/usr/lib\n";

/// No image has a longer one.
const LIMIT: u64 = 64 << 10;

/// Adds the directories of the driver's libraries, where the image has musl's loader.
pub(super) fn update(root: &Root, setup: &ContainerSetup, notes: &mut Vec<String>) {
    if setup.library_directories.is_empty() {
        return;
    }
    for (architecture, is_32_bit) in ARCHITECTURES {
        if !is_file(root, &format!("/lib/ld-musl-{architecture}.so.1")) {
            continue;
        }
        if let Err(reason) = add(root, architecture, &directories(setup, *is_32_bit)) {
            notes.push(format!("musl's search path is not updated: {reason}"));
        }
        if !is_32_bit && !is_file(root, GLIBC_LOADER) {
            notes.push(format!(
                "the image's C library is musl: `nvidia-smi` and the driver's libraries need glibc's loader `{GLIBC_LOADER}`, which Alpine's package gcompat has"
            ));
        }
    }
}

fn is_file(root: &Root, path: &str) -> bool {
    let metadata = root.metadata(Path::new(path));
    metadata.is_ok_and(|found| found.is_some_and(|found| found.kind == FileKind::Regular))
}

/// The directories but for those with libraries of the other word size alone.
fn directories(setup: &ContainerSetup, is_32_bit: bool) -> Vec<&str> {
    let is_of_use = |directory: &&Path| {
        let mut inside = setup
            .loader_entries
            .iter()
            .filter(|entry| entry.path.parent() == Some(directory))
            .map(|entry| entry.is_32_bit)
            .peekable();
        inside.peek().is_none() || inside.any(|narrow| narrow == is_32_bit)
    };
    let directories = setup.library_directories.iter().map(PathBuf::as_path);
    directories.filter(is_of_use).filter_map(as_line).collect()
}

fn add(root: &Root, architecture: &str, directories: &[&str]) -> Result<(), String> {
    let name = format!("ld-musl-{architecture}.path");
    // What cannot be read may be a volume's, or nothing that musl reads either; it is left as it is.
    let old = root
        .read_on_same_mount(&Path::new("/etc").join(&name), LIMIT)
        .map_err(|error| error.to_string())?;
    // musl reads up to a NUL.
    let old = old.as_deref().map_or(BUILT_IN.as_bytes(), |bytes| {
        bytes.split(|byte| *byte == 0).next().unwrap_or_default()
    });
    let is_end = |byte: &u8| matches!(byte, b'\n' | b':');
    let mut new = old.to_vec();
    for directory in directories {
        if new.split(is_end).any(|known| known == directory.as_bytes()) {
            continue;
        }
        if new.last().is_some_and(|last| !is_end(last)) {
            new.push(b'\n');
        }
        new.extend(directory.as_bytes());
        new.push(b'\n');
    }
    if new == old {
        return Ok(());
    }
    place::open(root, Path::new("/etc"))
        .map_err(|unavailable| unavailable.reason().to_owned())?
        .put_file(OsStr::new(&name), &new, 0o644)
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_plan::LoaderEntry;
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    const LOADER: &str = if cfg!(target_arch = "aarch64") {
        "lib/ld-musl-aarch64.so.1"
    } else {
        "lib/ld-musl-x86_64.so.1"
    };
    const FILE: &str = if cfg!(target_arch = "aarch64") {
        "etc/ld-musl-aarch64.path"
    } else {
        "etc/ld-musl-x86_64.path"
    };

    struct Image(tempfile::TempDir);

    impl Image {
        /// With musl's loader, and something in the place of glibc's.
        fn new() -> Self {
            let image = Self(tempfile::tempdir().unwrap());
            for path in [LOADER, GLIBC_LOADER.trim_start_matches('/')] {
                let path = image.at(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            image
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn start(&self, directories: &[&str]) -> Vec<String> {
            let setup = ContainerSetup {
                library_directories: directories.iter().map(PathBuf::from).collect(),
                ..ContainerSetup::default()
            };
            let mut notes = Vec::new();
            update(&Root::open(self.0.path()).unwrap(), &setup, &mut notes);
            notes
        }

        /// What the file says after a start; a second one changes nothing, not even the inode.
        fn after(&self, directories: &[&str]) -> String {
            assert_eq!(self.start(directories), Vec::<String>::new());
            let inode = || fs::metadata(self.at(FILE)).unwrap().ino();
            let first = (inode(), fs::read_to_string(self.at(FILE)).unwrap());
            assert_eq!(self.start(directories), Vec::<String>::new());
            assert_eq!(first, (inode(), fs::read_to_string(self.at(FILE)).unwrap()));
            first.1
        }
    }

    const DRIVER: &[&str] = &["/usr/lib/x86_64-linux-gnu", "/usr/local/nvidia/lib64"];

    #[test]
    fn a_new_file_has_what_musl_would_look_into_without_one() {
        assert_eq!(
            Image::new().after(DRIVER),
            "/lib\n/usr/local/lib\n/usr/lib\n/usr/lib/x86_64-linux-gnu\n/usr/local/nvidia/lib64\n"
        );
        // What is looked into anyway needs no file: with one, a package's new directory would not be.
        let image = Image::new();
        assert_eq!(image.start(&["/usr/lib"]), Vec::<String>::new());
        assert!(!image.at(FILE).exists());
    }

    #[test]
    fn an_old_file_keeps_what_it_has() {
        for (old, new) in [
            ("/opt:/lib", "/opt:/lib\n/d\n"),
            ("/opt\n\n", "/opt\n\n/d\n"),
            ("/opt:", "/opt:/d\n"),
            ("", "/d\n"),
            ("/d:/opt", "/d:/opt"),
            ("/dd\n/opt/d\n", "/dd\n/opt/d\n/d\n"),
            ("/opt\0/d\n", "/opt\n/d\n"),
        ] {
            let image = Image::new();
            fs::create_dir(image.at("etc")).unwrap();
            fs::write(image.at(FILE), old).unwrap();
            assert_eq!(image.after(&["/d"]), new, "{old:?}");
        }
    }

    #[test]
    fn another_image_is_left_alone() {
        let image = Image::new();
        fs::remove_file(image.at(LOADER)).unwrap();
        assert_eq!(image.start(DRIVER), Vec::<String>::new());
        symlink("nowhere", image.at(LOADER)).unwrap();
        assert_eq!(image.start(DRIVER), Vec::<String>::new());
        assert!(!image.at("etc").exists());
    }

    #[test]
    fn a_link_out_of_the_image_is_not_followed() {
        let (image, outside) = (Image::new(), tempfile::tempdir().unwrap());
        let theirs = outside.path().join("theirs");
        fs::write(&theirs, "/theirs\n").unwrap();
        fs::create_dir(image.at("etc")).unwrap();
        symlink(&theirs, image.at(FILE)).unwrap();
        let text = image.after(&["/d"]);
        assert_eq!(text, format!("{BUILT_IN}/d\n"));
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "/theirs\n");
        // As a directory, it cannot be read, and is left.
        let image = Image::new();
        fs::create_dir_all(image.at(FILE)).unwrap();
        assert_eq!(image.start(&["/d"]).len(), 1);
        assert!(image.at(FILE).is_dir());
    }

    #[test]
    fn who_has_no_loader_of_glibcs_is_told() {
        let image = Image::new();
        fs::remove_file(image.at(GLIBC_LOADER.trim_start_matches('/'))).unwrap();
        let notes = image.start(DRIVER);
        assert!(
            notes.len() == 1 && notes[0].contains("gcompat"),
            "{notes:?}"
        );
    }

    #[test]
    fn a_loader_gets_no_directory_of_the_other_word_size_alone() {
        let entry = |path: &str, is_32_bit| LoaderEntry {
            name: "libcuda.so.1".to_owned(),
            path: path.into(),
            is_32_bit,
        };
        let setup = ContainerSetup {
            loader_entries: vec![
                entry("/wide/libcuda.so.1", false),
                entry("/narrow/libcuda.so.1", true),
                entry("/both/libcuda.so.1", true),
                entry("/both/libnvidia-ml.so.1", false),
            ],
            library_directories: ["/wide", "/narrow", "/both", "/others", "/a b"]
                .map(PathBuf::from)
                .to_vec(),
            ..ContainerSetup::default()
        };
        assert_eq!(directories(&setup, false), ["/wide", "/both", "/others"]);
        assert_eq!(directories(&setup, true), ["/narrow", "/both", "/others"]);
    }
}
