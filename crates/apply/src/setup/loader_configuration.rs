//! `/etc/ld.so.conf.d`: the directories of the driver's libraries, so that an `ldconfig` run later in the
//! container (a package's post-install script, say) keeps what the cache has.
//!
//! Only directories that the image's configuration does not have already: naming a system directory in a
//! file that is read first would put it before the image's own.

use super::place;
use liftgate_elf::versions::LIBC;
use liftgate_sys::Root;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

const MAIN: &str = "ld.so.conf";
const DIRECTORY: &str = "/etc/ld.so.conf.d";
const NAME: &str = "00-liftgate.conf";
/// Read before the other: `ldconfig` takes files in the order of their names, whatever the language.
const COMPAT_NAME: &str = "00-compat-liftgate.conf";
/// Where it is.
pub(super) const COMPAT_FILE: &str = "/etc/ld.so.conf.d/00-compat-liftgate.conf";
const INCLUDE: &str = "include /etc/ld.so.conf.d/*.conf";

/// As much as is read of all files together, how many files are read, and how many includes are looked up.
/// An image can write an include that lists a directory of thousands into each line of a file, and each of
/// those files can hold as many lines.
const LIMIT: u64 = 1 << 20;
const MOST_FILES: usize = 256;
const MOST_INCLUDES: usize = 64;

/// Directories that `ldconfig` scans without being told: Debian's those of the architecture, everybody else's
/// those of the other word size. A driver of Fedora's lies in `/usr/lib64`, and Debian's `ldconfig` passes that by.
const BUILT_IN: [&str; 2] = ["/lib", "/usr/lib"];
const DEBIANS: [&str; 2] = if cfg!(target_arch = "aarch64") {
    ["/lib/aarch64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
} else {
    ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"]
};
const OTHERS: [&str; 2] = ["/lib64", "/usr/lib64"];

/// Writes the directories that are not known yet, and has the configuration read what we write.
pub(super) fn update(
    root: &Root,
    configuration: &Configuration,
    directories: &[PathBuf],
    has_compat: bool,
    notes: &mut Vec<String>,
) {
    if let Err(reason) = try_update(root, configuration, directories, has_compat) {
        notes.push(format!(
            "the loader's configuration is not updated: {reason}"
        ));
    }
}

fn try_update(
    root: &Root,
    configuration: &Configuration,
    directories: &[PathBuf],
    has_compat: bool,
) -> Result<(), String> {
    let wanted: Vec<&PathBuf> = directories
        .iter()
        .filter(|directory| !configuration.has(directory))
        .collect();
    if !wanted.is_empty() {
        let mut content = String::new();
        for directory in &wanted {
            content.push_str(&directory.to_string_lossy());
            content.push('\n');
        }
        let present = text(root, &Path::new(DIRECTORY).join(NAME), LIMIT);
        if present.as_deref() != Some(&content) {
            place::open(root, Path::new(DIRECTORY))
                .map_err(|unavailable| unavailable.reason().to_owned())?
                .put_file(OsStr::new(NAME), content.as_bytes(), 0o644)
                .map_err(|error| error.to_string())?;
        }
    }
    let has_files = !wanted.is_empty() || has_compat;
    if !has_files || configuration.includes_directory {
        return Ok(());
    }
    // Byte by byte what it was; and one that cannot be read stays.
    let mut main = root
        .read_on_same_mount(&Path::new("/etc").join(MAIN), LIMIT)
        .map_err(|error| error.to_string())?
        .unwrap_or_default();
    if main.last().is_some_and(|last| *last != b'\n') {
        main.push(b'\n');
    }
    main.extend(INCLUDE.as_bytes());
    main.push(b'\n');
    place::open(root, Path::new("/etc"))
        .map_err(|unavailable| unavailable.reason().to_owned())?
        .put_file(OsStr::new(MAIN), &main, 0o644)
        .map_err(|error| error.to_string())
}

/// What the file says by which an earlier start made a directory the first that the loader looks into.
pub(super) fn first(root: &Root) -> Option<String> {
    text(root, Path::new(COMPAT_FILE), LIMIT)
}

/// Makes `directory` the first, where the file does not say so.
pub(super) fn put_first(root: &Root, old: Option<&str>, directory: &Path) -> Result<(), String> {
    let new = format!("{}\n", directory.display());
    if old == Some(&new) {
        return Ok(());
    }
    place::open(root, Path::new(DIRECTORY))
        .map_err(|unavailable| unavailable.reason().to_owned())?
        .put_file(OsStr::new(COMPAT_NAME), new.as_bytes(), 0o644)
        .map_err(|error| error.to_string())
}

/// Removes the file.
pub(super) fn put_none_first(root: &Root) -> Result<(), String> {
    place::open(root, Path::new(DIRECTORY))
        .map_err(|unavailable| unavailable.reason().to_owned())?
        .remove_file(OsStr::new(COMPAT_NAME))
        .map_err(|error| error.to_string())
}

/// The directory as a line of a file, if it can be one: a `#` begins a comment, a blank ends a path.
pub(super) fn as_line(directory: &Path) -> Option<&str> {
    directory.to_str().filter(|text| {
        !text.contains(|one: char| one.is_whitespace() || one.is_control() || "#=:,".contains(one))
    })
}

/// What the image's loader configuration says, without our own file.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    directories: BTreeSet<PathBuf>,
    /// Those that files name, in the order in which they were read.
    configured: Vec<PathBuf>,
    includes_directory: bool,
}

impl Configuration {
    pub(super) fn read(root: &Root) -> Self {
        let is_debians = root.metadata(&Path::new(DEBIANS[0]).join(LIBC));
        let further = match is_debians {
            Ok(Some(_)) => DEBIANS,
            _ => OTHERS,
        };
        let mut configuration = Self {
            directories: BUILT_IN.iter().chain(&further).map(PathBuf::from).collect(),
            ..Self::default()
        };
        let mut pending = vec![Path::new("/etc").join(MAIN)];
        let mut read: BTreeSet<PathBuf> = BTreeSet::new();
        let mut includes: BTreeSet<PathBuf> = BTreeSet::new();
        let mut left = LIMIT;
        while let Some(path) = pending.pop() {
            // A file that includes itself is read once; so many files no image has.
            if read.len() >= MOST_FILES || !read.insert(path.clone()) {
                continue;
            }
            let Some(content) = text(root, &path, left) else {
                continue;
            };
            left = left.saturating_sub(content.len() as u64);
            for line in content.lines() {
                match Line::parse(line) {
                    Line::Directory(directory) => {
                        if configuration.directories.insert(directory.clone()) {
                            configuration.configured.push(directory);
                        }
                    }
                    Line::Include(patterns) => {
                        for pattern in patterns.split_whitespace() {
                            let pattern = path.parent().unwrap_or(Path::new("/")).join(pattern);
                            configuration.includes_directory |=
                                pattern == Path::new(DIRECTORY).join("*.conf");
                            if includes.len() < MOST_INCLUDES && includes.insert(pattern.clone()) {
                                pending.extend(matching(root, &pattern));
                            }
                        }
                    }
                    Line::Nothing => {}
                }
            }
        }
        configuration
    }

    /// The directories that our file named, and that are neither the first any more nor the image's own.
    pub(super) fn abandoned(&self, old: Option<&str>, first: Option<&Path>) -> Vec<PathBuf> {
        let old = old.into_iter().flat_map(str::lines).map(PathBuf::from);
        old.filter(|old| Some(old.as_path()) != first && !self.has(old))
            .collect()
    }

    /// The directories that the loader finds by its cache alone.
    pub(super) fn configured(&self) -> impl Iterator<Item = &Path> {
        self.configured.iter().map(PathBuf::as_path)
    }

    /// Whether the loader looks into the directory by it.
    pub(super) fn has(&self, directory: &Path) -> bool {
        self.directories.contains(directory)
    }
}

/// The image names the files, so only its own are read: neither a volume's, nor the kernel's in `/proc`.
fn text(root: &Root, path: &Path, limit: u64) -> Option<String> {
    let bytes = root.read_on_same_mount(path, limit).ok().flatten()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[derive(Debug, PartialEq, Eq)]
enum Line<'a> {
    Directory(PathBuf),
    Include(&'a str),
    Nothing,
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Self {
        let line = line
            .split_once('#')
            .map_or(line, |(before, _)| before)
            .trim();
        match line.split_once(char::is_whitespace) {
            Some(("include", pattern)) => Self::Include(pattern.trim()),
            Some(("hwcap", _)) => Self::Nothing,
            _ if line.starts_with('/') => {
                let directory = line.trim_end_matches('/');
                Self::Directory(PathBuf::from(if directory.is_empty() {
                    "/"
                } else {
                    directory
                }))
            }
            _ => Self::Nothing,
        }
    }
}

/// The files that a pattern matches; `*` in its last component only, which is all that is ever used.
fn matching(root: &Root, pattern: &Path) -> Vec<PathBuf> {
    let (Some(directory), Some(name)) = (
        pattern.parent(),
        pattern.file_name().and_then(OsStr::to_str),
    ) else {
        return Vec::new();
    };
    let Some((prefix, suffix)) = name.split_once('*') else {
        return vec![pattern.to_owned()];
    };
    let Ok(Some(open)) = root.open_directory(directory) else {
        return Vec::new();
    };
    let names = open.names(10 * MOST_FILES).unwrap_or_default();
    names
        .iter()
        .filter_map(|name| name.to_str())
        .filter(|name| ![NAME, COMPAT_NAME].contains(name) && !name.starts_with('.'))
        .filter(|name| {
            name.len() >= prefix.len() + suffix.len()
                && name.starts_with(prefix)
                && name.ends_with(suffix)
        })
        .map(|name| directory.join(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn image(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        directory
    }

    fn after(files: &[(&str, &str)], directories: &[&str]) -> (Option<String>, Option<String>) {
        let image = image(files);
        let root = Root::open(image.path()).unwrap();
        let directories: Vec<PathBuf> = directories.iter().map(PathBuf::from).collect();
        let mut notes = Vec::new();
        // Twice: the second time changes nothing.
        update(
            &root,
            &Configuration::read(&root),
            &directories,
            false,
            &mut notes,
        );
        let read = |name: &str| fs::read_to_string(image.path().join("etc").join(name)).ok();
        let first = (read("ld.so.conf.d/00-liftgate.conf"), read("ld.so.conf"));
        update(
            &root,
            &Configuration::read(&root),
            &directories,
            false,
            &mut notes,
        );
        assert_eq!(notes, Vec::<String>::new());
        let second = (read("ld.so.conf.d/00-liftgate.conf"), read("ld.so.conf"));
        assert_eq!(first, second);
        second
    }

    const DEBIAN: &[(&str, &str)] = &[
        ("lib/x86_64-linux-gnu/libc.so.6", ""),
        ("lib/aarch64-linux-gnu/libc.so.6", ""),
        ("etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n\n"),
        (
            "etc/ld.so.conf.d/x86_64-linux-gnu.conf",
            "# Multiarch support\n/usr/local/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu\n",
        ),
    ];

    const REDHAT: &[(&str, &str)] = &[
        ("usr/lib64/libc.so.6", ""),
        ("etc/ld.so.conf", "include ld.so.conf.d/*.conf\n"),
        ("etc/ld.so.conf.d/kernel.conf", "hwcap 1 nosegneg\n"),
    ];
    const SUSE: &[(&str, &str)] = &[
        ("lib64/libc.so.6", ""),
        (
            "etc/ld.so.conf",
            "/usr/local/lib64\n/usr/local/lib\ninclude /opt/*.conf /etc/ld.so.conf.d/*.conf\n\
             # /lib64, /lib, /usr/lib64 and /usr/lib are scanned behind these.\n",
        ),
    ];

    #[test]
    fn directories_that_the_image_knows_are_not_named_again() {
        let (ours, _) = after(DEBIAN, &["/usr/lib/x86_64-linux-gnu", "/usr/lib"]);
        assert_eq!(ours, None);
        let (ours, main) = after(
            DEBIAN,
            &["/usr/lib/x86_64-linux-gnu", "/usr/local/nvidia/lib64"],
        );
        assert_eq!(ours.as_deref(), Some("/usr/local/nvidia/lib64\n"));
        assert_eq!(main.as_deref(), Some(DEBIAN[2].1));
    }

    #[test]
    fn what_ldconfig_scans_by_itself_depends_on_the_distribution() {
        let of_debian = format!("{}\n", DEBIANS[1]);
        let driver = ["/usr/lib64", "/usr/lib", DEBIANS[1]];
        let (ours, _) = after(DEBIAN, &driver);
        assert_eq!(ours.as_deref(), Some("/usr/lib64\n"));
        let (ours, main) = after(REDHAT, &driver);
        assert_eq!(ours.as_deref(), Some(&*of_debian));
        assert_eq!(main.as_deref(), Some(REDHAT[1].1));
        let (ours, main) = after(SUSE, &driver);
        assert_eq!(ours.as_deref(), Some(&*of_debian));
        assert_eq!(main.as_deref(), Some(SUSE[1].1));
        // Named in the main file: nothing is to be added.
        let (ours, _) = after(SUSE, &["/usr/local/lib64", "/usr/lib64"]);
        assert_eq!(ours, None);
        // Without a configuration there is one that reads ours, and without `/etc` that too.
        for scratch in [&[("etc/passwd", "")][..], &[("app", "")]] {
            let (ours, main) = after(scratch, &driver);
            assert_eq!(ours.as_deref(), Some(&*of_debian));
            assert_eq!(main.as_deref(), Some("include /etc/ld.so.conf.d/*.conf\n"));
        }
    }

    /// A distribution may have comments in any language, and nobody else's line is changed.
    #[test]
    fn a_main_file_is_kept_byte_by_byte_or_left() {
        let image = image(&[("etc/x", "")]);
        let root = Root::open(image.path()).unwrap();
        let main = image.path().join("etc/ld.so.conf");
        let update = || {
            let mut notes = Vec::new();
            update(
                &root,
                &Configuration::read(&root),
                &["/d".into()],
                false,
                &mut notes,
            );
            notes.len()
        };
        fs::write(&main, b"# gr\xfc\xdfe\n/opt/\xff").unwrap();
        assert_eq!(update(), 0);
        let kept = b"# gr\xfc\xdfe\n/opt/\xff\ninclude /etc/ld.so.conf.d/*.conf\n";
        assert_eq!(fs::read(&main).unwrap(), kept);
        let long = vec![b'#'; 2 << 20];
        fs::write(&main, &long).unwrap();
        assert_eq!(update(), 1);
        assert_eq!(fs::read(&main).unwrap(), long);
    }

    #[test]
    fn a_configuration_without_the_include_gets_it_and_keeps_the_rest() {
        let (_, main) = after(
            &[("etc/ld.so.conf", "/opt/lib")],
            &["/usr/local/nvidia/lib64"],
        );
        assert_eq!(
            main.as_deref(),
            Some("/opt/lib\ninclude /etc/ld.so.conf.d/*.conf\n")
        );
        let (ours, main) = after(&[("bin/x", "")], &["/usr/local/nvidia/lib64"]);
        assert!(ours.is_some());
        assert_eq!(main.as_deref(), Some("include /etc/ld.so.conf.d/*.conf\n"));
    }

    #[test]
    fn what_is_no_text_is_kept() {
        let image = image(&[("etc/x", "")]);
        let main = image.path().join("etc/ld.so.conf");
        fs::write(&main, b"/opt/\xe9t\xe9").unwrap();
        let root = Root::open(image.path()).unwrap();
        let notes = || {
            let mut notes = Vec::new();
            update(
                &root,
                &Configuration::read(&root),
                &["/x".into()],
                false,
                &mut notes,
            );
            notes
        };
        assert_eq!(notes(), Vec::<String>::new());
        let expected = b"/opt/\xe9t\xe9\ninclude /etc/ld.so.conf.d/*.conf\n";
        assert_eq!(fs::read(&main).unwrap(), expected);
        // And what is too long to be read.
        let long = b"/opt/lib\n".repeat(1 << 17);
        fs::write(&main, &long).unwrap();
        assert_eq!(notes().len(), 1);
        assert!(fs::read(&main).unwrap() == long);
    }

    #[test]
    fn a_relative_include_is_the_same_include() {
        let (_, main) = after(
            &[("etc/ld.so.conf", "include ld.so.conf.d/*.conf\n")],
            &["/usr/local/nvidia/lib64"],
        );
        assert_eq!(main.as_deref(), Some("include ld.so.conf.d/*.conf\n"));
    }

    #[test]
    fn a_configuration_that_includes_itself_ends() {
        let (ours, _) = after(
            &[(
                "etc/ld.so.conf",
                "include /etc/ld.so.conf\ninclude /etc/*\n",
            )],
            &["/x"],
        );
        assert_eq!(ours.as_deref(), Some("/x\n"));
    }

    /// Without a limit of includes this reads a directory 60,000 times, and without one of all bytes together
    /// it keeps 80 MB.
    #[test]
    fn includes_and_their_bytes_are_bounded() {
        let names: Vec<String> = (0..100)
            .map(|number| format!("etc/many/{number}"))
            .collect();
        let text = "/some/directory\n".repeat(50_000) + "/last\n";
        let main = "include many/*\n".repeat(60_000) + "include ld.so.conf.d/*.conf\n";
        let mut files: Vec<(&str, &str)> =
            names.iter().map(|name| (name.as_str(), &*text)).collect();
        files.push(("etc/ld.so.conf", &main));
        let image = image(&files);
        let root = Root::open(image.path()).unwrap();
        let configuration = Configuration::read(&root);
        // What is read first counts, and what the main file says in its last line too.
        assert!(configuration.includes_directory);
        assert!(!configuration.has(Path::new("/last")));
        // `main` has used the most of it.
        assert!(main.len() as u64 + text.len() as u64 > LIMIT);
    }

    #[test]
    fn lines() {
        assert_eq!(
            Line::parse(" /usr/lib/ # x"),
            Line::Directory("/usr/lib".into())
        );
        assert_eq!(
            Line::parse("include\t a/*.conf "),
            Line::Include("a/*.conf")
        );
        assert_eq!(Line::parse("hwcap 0 nosegneg"), Line::Nothing);
        assert_eq!(Line::parse("# /x"), Line::Nothing);
        assert_eq!(Line::parse("relative"), Line::Nothing);
    }
}
