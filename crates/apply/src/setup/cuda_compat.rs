//! CUDA libraries of the image that are newer than the driver's, and go before them.
//!
//! Whether they are taken, `liftgate_plan` decides; here is what it is decided on, and what follows. Taken, their
//! directory is the first of the loader's: in the cache, and in a file of `/etc/ld.so.conf.d` that is read
//! before ours and the image's, so that an `ldconfig` run later in the container finds the same. That file
//! is also how a later start knows what an earlier one has done: a driver may have been upgraded meanwhile,
//! and a container that still finds the older libraries fails (error 803).
//!
//! Of the image's libraries names are listed, headers and one note are read, and nothing else: links and pipes
//! named like libraries are passed over, and numbers and lengths have limits.

use super::directory::{Listing, entries};
use super::granted;
use super::loader_configuration::{self, COMPAT_FILE, Configuration};
use liftgate_elf::ldcache::Library;
use liftgate_elf::note;
use liftgate_plan::{
    COMPAT_NOTE_OWNER, COMPAT_NOTE_SECTION, CompatNote, CudaCompat, compat_version,
};
use liftgate_sys::Root;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// NVIDIA's package has a dozen files.
const MOST_FILES: usize = 256;

/// Our file names one.
const MOST_DIRECTORIES: usize = 4;

/// What the loader is to know.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compat {
    /// Libraries that go before the driver's.
    pub(super) libraries: Vec<Library>,
    /// Directories that an earlier start put before the driver's, and that are not to be there any more.
    pub(super) abandoned: Vec<PathBuf>,
    /// Whether the image's libraries are taken.
    pub(super) is_used: bool,
    /// Whether the file that names what is abandoned is left to be removed.
    has_file: bool,
}

/// Decides, and writes the decision where an `ldconfig` of the container looks for it.
pub(super) fn choose(
    root: &Root,
    compat: &CudaCompat,
    configuration: &Configuration,
    notes: &mut Vec<String>,
) -> Compat {
    let chosen = if compat.is_asked() {
        look(root, compat, notes).unwrap_or_else(|reason| {
            notes.push(format!(
                "newer CUDA libraries of the image are not used: {reason}"
            ));
            None
        })
    } else {
        None
    };
    let old = loader_configuration::first(root);
    let Some((directory, libraries)) = chosen else {
        return Compat {
            libraries: Vec::new(),
            is_used: false,
            has_file: old.is_some(),
            abandoned: configuration.abandoned(old.as_deref(), None),
        };
    };
    // Without the file, a later start would not know what to take out of the cache.
    if let Err(reason) = loader_configuration::put_first(root, old.as_deref(), &directory) {
        notes.push(format!(
            "newer CUDA libraries of the image are not used, because `{COMPAT_FILE}` cannot be written: {reason}"
        ));
        return Compat::default();
    }
    Compat {
        abandoned: configuration.abandoned(old.as_deref(), Some(&directory)),
        libraries,
        is_used: true,
        has_file: false,
    }
}

/// Removes the file that names what is no longer in the cache. Before, a start that fails on the way would
/// leave entries that nobody knows of.
pub(super) fn forget(root: &Root, compat: &Compat, notes: &mut Vec<String>) {
    if compat.has_file
        && let Err(reason) = loader_configuration::put_none_first(root)
    {
        notes.push(format!("`{COMPAT_FILE}` is not removed: {reason}"));
    }
}

/// Whether the image has libraries that could be chosen, by their names alone.
pub(super) fn is_there(root: &Root, compat: &CudaCompat) -> bool {
    let directory = root.open_directory(compat.root()).ok().flatten();
    let listing = directory.as_ref().map(|one| Listing::read(one, MOST_FILES));
    matches!(listing, Some(Ok(listing)) if could_prefer(&listing, compat))
}

fn could_prefer(listing: &Listing<'_>, compat: &CudaCompat) -> bool {
    listing
        .names()
        .filter_map(compat_version)
        .any(|version| compat.could_prefer(version))
}

type Chosen = (PathBuf, Vec<Library>);

fn look(
    root: &Root,
    compat: &CudaCompat,
    notes: &mut Vec<String>,
) -> Result<Option<Chosen>, String> {
    let text = |error: liftgate_sys::SysError| error.to_string();
    // Most images have none, and so most starts end here.
    let Some(metadata) = root.metadata(compat.root()).map_err(text)? else {
        return Ok(None);
    };
    if metadata.kind != liftgate_sys::FileKind::Directory {
        return Ok(None);
    }
    let Some(directory) = root.open_directory(compat.root()).map_err(text)? else {
        return Ok(None);
    };
    let listing = Listing::read(&directory, MOST_FILES).map_err(text)?;
    let mut found = Vec::new();
    for name in listing.names() {
        if let Some(version) = compat_version(name)
            && let Some(file) = directory.open_file(OsStr::new(name)).map_err(text)?
        {
            found.push((name, version, file));
        }
    }
    let (name, version, file) = match found.pop() {
        None => return Ok(None),
        Some(only) if found.is_empty() => only,
        Some(_) => {
            return Err(format!(
                "`{}` has more than one libcuda.so",
                compat.root().display()
            ));
        }
    };
    let note = read_note(&file).unwrap_or_else(|reason| {
        notes.push(format!(
            "`{}` in `{}` does not tell what it is for: {reason}",
            name,
            compat.root().display()
        ));
        None
    });
    if !compat.prefers_image(version, note.as_ref()) {
        return Ok(None);
    }
    let granted = granted::minors(root).map_err(text)?;
    let is_unsupported = |minor: &&u32| compat.unsupported_minors.contains(minor);
    if let Some(minor) = granted.iter().find(is_unsupported) {
        return Err(format!(
            "the GPU with the device minor {minor} is not meant for libraries newer than its driver's (error 804)"
        ));
    }
    let place = root.path_of(&directory).map_err(text)?;
    let place = loader_configuration::as_line(&place)
        .ok_or_else(|| format!("`{}` cannot be written in a line", place.display()))?;
    let libraries = listing.libraries(&mut |_| true);
    Ok(Some((PathBuf::from(place), entries(&libraries, place))))
}

fn read_note(file: &std::fs::File) -> Result<Option<CompatNote>, String> {
    note::read(file, COMPAT_NOTE_SECTION, COMPAT_NOTE_OWNER)
        .map_err(|error| error.to_string())?
        .map(|text| CompatNote::parse(&text))
        .transpose()
}

/// What an earlier hook of this start has put before the driver's libraries, or one of an earlier start: then the
/// driver may have been upgraded since, and they fail (error 803).
pub(super) fn chosen_before(root: &Root, host: &CudaCompat) -> Vec<Library> {
    let text = loader_configuration::first(root).unwrap_or_default();
    let mut libraries = Vec::new();
    for line in text.lines().take(MOST_DIRECTORIES) {
        let directory = Path::new(line);
        if !directory.is_absolute() {
            continue;
        }
        if let Ok(Some(opened)) = root.open_directory(directory)
            && let Ok(listing) = Listing::read(&opened, MOST_FILES)
            && could_prefer(&listing, host)
        {
            libraries.extend(entries(&listing.libraries(&mut |_| true), line));
        }
    }
    libraries
}

/// Whether an entry of the cache is one that an earlier start has put into it.
pub(super) fn is_abandoned(path: &[u8], abandoned: &[PathBuf]) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(OsStr::from_bytes(path))
        .parent()
        .is_some_and(|parent| abandoned.iter().any(|directory| directory == parent))
}

#[cfg(test)]
mod tests {
    use super::super::work;
    use super::*;
    use liftgate_elf::ldcache;
    use liftgate_plan::{ContainerSetup, LoaderEntry};
    use liftgate_testhost::{Class, shared_object, with_note};
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, symlink};

    const NOTE: &str = r#"{"Format":1,"CUDA Version":"12.9","Driver":[535,550],"Device":[]}"#;
    const IN_IMAGE: &str = "usr/local/cuda-12.9/compat";

    /// An image, and the driver that the host has.
    struct Image {
        directory: tempfile::TempDir,
        driver: &'static str,
    }

    fn library(soname: &str, note: Option<&str>) -> Vec<u8> {
        let object = shared_object(Class::Elf64, soname, &["libc.so.6".to_owned()]);
        match note {
            Some(text) => with_note(
                &object,
                COMPAT_NOTE_SECTION,
                COMPAT_NOTE_OWNER,
                text.as_bytes(),
            ),
            None => object,
        }
    }

    impl Image {
        /// As NVIDIA's images have it: `cuda` is a link.
        fn new(libcuda: &str, note: Option<&str>) -> Self {
            let image = Self::empty();
            fs::create_dir_all(image.at(IN_IMAGE)).unwrap();
            symlink("cuda-12.9", image.at("usr/local/cuda")).unwrap();
            image.add(libcuda, &library("libcuda.so.1", note));
            image
        }

        fn empty() -> Self {
            let image = Self {
                directory: tempfile::tempdir().unwrap(),
                driver: "550.54.15",
            };
            fs::create_dir_all(image.at("etc/ld.so.conf.d")).unwrap();
            fs::create_dir_all(image.at("usr/local")).unwrap();
            image
        }

        fn at(&self, path: &str) -> PathBuf {
            self.directory.path().join("root").join(path)
        }

        fn add(&self, name: &str, content: &[u8]) {
            fs::write(self.at(IN_IMAGE).join(name), content).unwrap();
        }

        fn start(&self) -> Vec<String> {
            let setup = ContainerSetup {
                loader_entries: vec![LoaderEntry {
                    name: "libcuda.so.1".to_owned(),
                    path: "/usr/lib64/libcuda.so.1".into(),
                    is_32_bit: false,
                }],
                library_directories: vec!["/usr/lib64".into()],
                cuda_compat: CudaCompat {
                    driver: Some(self.driver.to_owned()),
                    ..CudaCompat::default()
                },
                ..ContainerSetup::default()
            };
            let root = Root::open(&self.at("")).unwrap();
            work(&root, &setup).unwrap()
        }

        fn cache(&self, name: &str) -> Vec<String> {
            let bytes = fs::read(self.at("etc/ld.so.cache")).unwrap();
            ldcache::parse(&bytes)
                .unwrap()
                .lookup(name.as_bytes())
                .map(|entry| String::from_utf8_lossy(&entry.path).into_owned())
                .collect()
        }

        fn first(&self) -> Option<String> {
            fs::read_to_string(self.at(COMPAT_FILE.trim_start_matches('/'))).ok()
        }

        /// Nothing of the image's is taken.
        fn is_unused(&self) -> bool {
            self.first().is_none() && self.cache("libcuda.so.1") == ["/usr/lib64/libcuda.so.1"]
        }
    }

    #[test]
    fn newer_libraries_go_first_and_go_away_with_an_upgrade() {
        let mut image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        symlink(
            "libcuda.so.575.57.08",
            image.at(IN_IMAGE).join("libcuda.so.1"),
        )
        .unwrap();
        symlink("libcuda.so.1", image.at(IN_IMAGE).join("libcuda.so")).unwrap();
        image.add(
            "libnvidia-nvvm.so.575.57.08",
            &library("libnvidia-nvvm.so.4", None),
        );
        image.add("libnvidia-notes.so.txt", b"no library");
        let state = |image: &Image| {
            [COMPAT_FILE, "/etc/ld.so.cache", "/etc/ld.so.conf"].map(|path| {
                let path = image.at(path.trim_start_matches('/'));
                let metadata = fs::metadata(&path).unwrap();
                (metadata.ino(), fs::read(path).unwrap())
            })
        };
        assert_eq!(image.start(), Vec::<String>::new());
        let first = state(&image);
        assert_eq!(
            image.first().as_deref(),
            Some("/usr/local/cuda-12.9/compat\n")
        );
        let inside = |name: &str| format!("/{IN_IMAGE}/{name}");
        assert_eq!(
            image.cache("libcuda.so.1"),
            [inside("libcuda.so.1"), "/usr/lib64/libcuda.so.1".to_owned()]
        );
        assert_eq!(image.cache("libcuda.so"), [inside("libcuda.so")]);
        assert_eq!(
            image.cache("libnvidia-nvvm.so.4"),
            [inside("libnvidia-nvvm.so.575.57.08")]
        );
        image.start();
        assert_eq!(state(&image), first);

        image.driver = "580.65.06";
        assert_eq!(image.start(), Vec::<String>::new());
        assert!(image.is_unused());
        assert_eq!(image.cache("libnvidia-nvvm.so.4"), Vec::<String>::new());

        // And back again.
        image.driver = "550.54.15";
        image.start();
        assert_eq!(state(&image)[0].1, first[0].1);
        assert_eq!(state(&image)[1].1, first[1].1);
    }

    /// A specification whose hooks decide nothing, on a host whose driver has been upgraded since.
    #[test]
    fn what_was_chosen_once_is_held_against_the_driver_of_now() {
        let image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        image.start();
        let root = Root::open(&image.at("")).unwrap();
        let host = |driver: Option<&str>| CudaCompat {
            driver: driver.map(str::to_owned),
            ..CudaCompat::default()
        };
        for (driver, could) in [
            (Some("550.54.15"), true),
            (Some("575.57.08"), false),
            (Some("580.65.06"), false),
            (None, true),
        ] {
            let host = host(driver);
            assert_eq!(!chosen_before(&root, &host).is_empty(), could, "{driver:?}");
            assert_eq!(is_there(&root, &host), could, "{driver:?}");
        }
        let nothing = Image::empty();
        let root = Root::open(&nothing.at("")).unwrap();
        assert!(!is_there(&root, &host(None)));
    }

    /// A device's hook runs after the one for every container, and has links to make and no more.
    #[test]
    fn another_hook_of_the_same_start_changes_nothing() {
        let image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        image.start();
        let state = || {
            [COMPAT_FILE, "/etc/ld.so.cache", "/etc/ld.so.conf"].map(|path| {
                let path = image.at(path.trim_start_matches('/'));
                (fs::metadata(&path).unwrap().ino(), fs::read(path).unwrap())
            })
        };
        let before = state();
        let setup = ContainerSetup {
            links: vec![liftgate_plan::Link {
                path: "/dev/dri/by-path/x".into(),
                target: "../card0".to_owned(),
                yields_to_image: false,
            }],
            ..ContainerSetup::default()
        };
        work(&Root::open(&image.at("")).unwrap(), &setup).unwrap();
        assert!(image.at("dev/dri/by-path/x").is_symlink());
        assert_eq!(state(), before);
    }

    /// Where the image names the directory itself, its entries are its own.
    #[test]
    fn what_the_image_has_itself_stays() {
        let mut image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        fs::write(
            image.at("etc/ld.so.conf"),
            "include /etc/ld.so.conf.d/*.conf\n/usr/local/cuda-12.9/compat\n",
        )
        .unwrap();
        image.start();
        image.driver = "580.65.06";
        image.start();
        assert_eq!(image.first(), None);
        assert_eq!(
            image.cache("libcuda.so.1"),
            [
                "/usr/lib64/libcuda.so.1".to_owned(),
                format!("/{IN_IMAGE}/libcuda.so.575.57.08"),
            ]
        );
    }

    #[test]
    fn what_decides() {
        let two = Image::new("libcuda.so.575.57.08", Some(NOTE));
        two.add("libcuda.so.570.1.2", &library("libcuda.so.1", Some(NOTE)));
        let notes = two.start();
        assert!(notes[0].contains("more than one"), "{notes:?}");
        assert!(two.is_unused());

        let other_branch = Image::new("libcuda.so.575.57.08", Some(r#"{"Driver":[535]}"#));
        assert_eq!(other_branch.start(), Vec::<String>::new());
        assert!(other_branch.is_unused());

        let without_note = Image::new("libcuda.so.575.57.08", None);
        assert_eq!(without_note.start(), Vec::<String>::new());
        assert!(!without_note.is_unused());

        let same_major = Image::new("libcuda.so.550.90.07", None);
        same_major.start();
        assert!(same_major.is_unused());

        let broken = Image::new("libcuda.so.575.57.08", Some("{\"Driver\":"));
        let notes = broken.start();
        assert!(
            notes[0].contains("does not tell what it is for"),
            "{notes:?}"
        );
        assert!(!broken.is_unused());

        let none = Image::empty();
        assert_eq!(none.start(), Vec::<String>::new());
        assert!(none.is_unused());
    }

    /// One such GPU among those that were given is enough.
    #[test]
    fn gpus_that_fail_with_them() {
        let image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        let root = Root::open(&image.at("")).unwrap();
        let dev = image.at("dev");
        fs::create_dir(&dev).unwrap();
        for minor in [0, 3] {
            let node = dev.join(format!("nvidia{minor}"));
            if liftgate_sys::node::make_character_device(&node, 195, minor, 0o666).is_err() {
                // It takes root to make a node.
                return;
            }
        }
        let is_used = |unsupported: &[u32]| {
            let compat = CudaCompat {
                driver: Some("550.54.15".to_owned()),
                unsupported_minors: unsupported.to_vec(),
                ..CudaCompat::default()
            };
            let mut notes = Vec::new();
            let configuration = Configuration::read(&root);
            let used = choose(&root, &compat, &configuration, &mut notes).is_used;
            assert_eq!(used, notes.is_empty(), "{notes:?}");
            used
        };
        assert!(is_used(&[]));
        assert!(is_used(&[1, 2]));
        assert!(!is_used(&[3]));
        assert!(!is_used(&[0, 1]));
    }

    type Spoil<'a> = &'a dyn Fn(&Image);

    #[test]
    fn links_out_pipes_and_devices_are_passed_over() {
        let pipe = |path: &Path| {
            let status = std::process::Command::new("mkfifo").arg(path).status();
            assert!(status.unwrap().success());
        };
        let images: [(&str, Spoil<'_>); 6] = [
            ("a directory that is a link out", &|image| {
                let outside = image.directory.path().join("outside");
                fs::create_dir_all(&outside).unwrap();
                fs::write(
                    outside.join("libcuda.so.575.57.08"),
                    library("libcuda.so.1", Some(NOTE)),
                )
                .unwrap();
                fs::remove_dir_all(image.at(IN_IMAGE)).unwrap();
                symlink(&outside, image.at(IN_IMAGE)).unwrap();
            }),
            ("a directory that is a pipe", &|image| {
                fs::remove_dir_all(image.at(IN_IMAGE)).unwrap();
                pipe(&image.at(IN_IMAGE));
            }),
            ("a directory that is a loop", &|image| {
                fs::remove_dir_all(image.at(IN_IMAGE)).unwrap();
                symlink("compat", image.at(IN_IMAGE)).unwrap();
            }),
            ("a library that is a pipe", &|image| {
                let library = image.at(IN_IMAGE).join("libcuda.so.575.57.08");
                fs::remove_file(&library).unwrap();
                pipe(&library);
            }),
            ("a library that is a link", &|image| {
                let library = image.at(IN_IMAGE).join("libcuda.so.575.57.08");
                fs::rename(&library, image.at("usr/libcuda")).unwrap();
                symlink("/usr/libcuda", &library).unwrap();
            }),
            ("configuration that is a link out", &|image| {
                let outside = image.directory.path().join("outside");
                fs::create_dir_all(&outside).unwrap();
                fs::remove_dir_all(image.at("etc/ld.so.conf.d")).unwrap();
                symlink(&outside, image.at("etc/ld.so.conf.d")).unwrap();
            }),
        ];
        for (name, spoil) in images {
            let image = Image::new("libcuda.so.575.57.08", Some(NOTE));
            spoil(&image);
            image.start();
            assert!(image.is_unused(), "{name}");
            let outside = image.directory.path().join("outside");
            let mut written = fs::read_dir(outside).into_iter().flatten().flatten();
            assert!(
                written.all(|entry| entry.file_name() == "libcuda.so.575.57.08"),
                "{name}"
            );
        }
    }

    #[test]
    fn sizes_and_numbers_have_limits() {
        let huge = Image::new("libcuda.so.575.57.08", None);
        let file = fs::OpenOptions::new()
            .write(true)
            .open(huge.at(IN_IMAGE).join("libcuda.so.575.57.08"))
            .unwrap();
        file.set_len(1 << 40).unwrap();
        huge.start();
        assert!(!huge.is_unused());

        let many = Image::new("libcuda.so.575.57.08", Some(NOTE));
        for number in 0..2 * MOST_FILES {
            many.add(&format!("libx.so.{number}"), b"");
        }
        let notes = many.start();
        assert!(notes[0].contains("more than 256 entries"), "{notes:?}");
        assert!(many.is_unused());
    }

    #[test]
    fn a_directory_that_is_no_line_of_a_file_is_not_used() {
        let image = Image::new("libcuda.so.575.57.08", Some(NOTE));
        let odd = image.at("usr/local/cuda-12.9 # x\n");
        fs::rename(image.at("usr/local/cuda-12.9"), &odd).unwrap();
        fs::remove_file(image.at("usr/local/cuda")).unwrap();
        symlink(odd.file_name().unwrap(), image.at("usr/local/cuda")).unwrap();
        let notes = image.start();
        assert!(
            notes[0].contains("cannot be written in a line"),
            "{notes:?}"
        );
        assert!(image.is_unused());
    }
}
