//! The registry on directories in which anything may lie.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests; clippy exempts only the tests themselves"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use liftgate_cdi::{QualifiedName, Registry};

/// A specification of kind `vendor.com/gpu` with devices of these names.
fn specification(devices: &[&str]) -> String {
    let devices: Vec<String> = devices
        .iter()
        .map(|name| format!("- name: {name}\n  containerEdits:\n    env: [A={name}]\n"))
        .collect();
    let devices = devices.concat();
    format!("cdiVersion: 0.5.0\nkind: vendor.com/gpu\ndevices:\n{devices}")
}

fn name(device: &str) -> QualifiedName {
    format!("vendor.com/gpu={device}").parse().unwrap()
}

struct Directories {
    place: tempfile::TempDir,
}

impl Directories {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("etc")).unwrap();
        fs::create_dir(place.path().join("run")).unwrap();
        Self { place }
    }
    fn at(&self, path: &str) -> PathBuf {
        self.place.path().join(path)
    }
    fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }
    fn load(&self) -> Registry {
        Registry::load(&[self.at("etc"), self.at("run"), self.at("missing")])
    }
}

fn devices(registry: &Registry) -> Vec<String> {
    registry.devices().map(|name| name.name.clone()).collect()
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn errors(registry: &Registry) -> Vec<(&str, &str)> {
    let errors = registry.errors().iter();
    errors
        .map(|error| (file_name(&error.path), &*error.reason))
        .collect()
}

#[test]
fn a_later_directory_goes_before_an_earlier_one() {
    let directories = Directories::new();
    directories.write("etc/a.yaml", &specification(&["0", "1"]));
    directories.write("run/a.yaml", &specification(&["1", "2"]));
    let registry = directories.load();
    assert_eq!(devices(&registry), ["0", "1", "2"]);
    assert_eq!(errors(&registry), []);
    let found = registry.get(&name("1")).unwrap();
    assert_eq!(found.path, directories.at("run/a.yaml"));
    assert_eq!(found.device.name, "1");
    let files: Vec<(&Path, usize)> = registry
        .specifications()
        .map(|loaded| (&*loaded.path, loaded.priority))
        .collect();
    let (first, second) = (directories.at("etc/a.yaml"), directories.at("run/a.yaml"));
    assert_eq!(files, [(&*first, 0), (&*second, 1)]);
}

#[test]
fn a_conflict_takes_its_device_alone() {
    let directories = Directories::new();
    directories.write("etc/a.yaml", &specification(&["0", "1", "both"]));
    directories.write("etc/b.json", &specification(&["1", "2", "both"]));
    directories.write("run/a.yaml", &specification(&["both"]));
    let registry = directories.load();
    // In the Go library the valid definition of `both` in the later directory goes, too.
    assert_eq!(devices(&registry), ["0", "2", "both"]);
    assert_eq!(
        registry.get(&name("both")).unwrap().path,
        directories.at("run/a.yaml")
    );
    let reason = |other: &str| {
        let other = directories.at(other);
        let other = other.display();
        format!(
            "defines `vendor.com/gpu=1`, `vendor.com/gpu=both`, and so does `{other}`: neither is used"
        )
    };
    let (a, b) = (reason("etc/a.yaml"), reason("etc/b.json"));
    assert_eq!(errors(&registry), [("a.yaml", &*b), ("b.json", &*a)]);

    let unresolved = registry.resolve(&[name("0"), name("1")]).unwrap_err();
    let files = vec![directories.at("etc/a.yaml"), directories.at("etc/b.json")];
    assert_eq!(unresolved.conflicting, [(name("1"), files)]);
    assert_eq!(unresolved.missing, []);
}

#[test]
fn a_conflict_hides_what_an_earlier_directory_has() {
    let directories = Directories::new();
    directories.write("etc/a.yaml", &specification(&["0"]));
    directories.write("run/a.yaml", &specification(&["0"]));
    directories.write("run/b.yaml", &specification(&["0"]));
    directories.write("run/c.yaml", &specification(&["0"]));
    let registry = directories.load();
    assert_eq!(devices(&registry), Vec::<String>::new());
    assert_eq!(errors(&registry).len(), 6);
}

#[test]
fn twenty_broken_files_of_two_hundred() {
    let directories = Directories::new();
    let mut broken = Vec::new();
    for index in 0..200 {
        let path = format!("etc/{index:03}.yaml");
        if index % 10 == 7 {
            let text = specification(&["x"]);
            let text = match index / 10 % 5 {
                0 => text.replace("kind:", "kin:"),
                1 => text.replace("vendor.com", "v"),
                2 => text[..text.len() / 2].to_owned(),
                3 => String::new(),
                _ => "\u{0}\u{1}[[[".to_owned(),
            };
            directories.write(&path, &text);
            broken.push(format!("{index:03}.yaml"));
        } else {
            directories.write(&path, &specification(&[&format!("d{index}")]));
        }
    }
    let registry = directories.load();
    assert_eq!(registry.devices().count(), 180);
    let named: Vec<&str> = errors(&registry).iter().map(|(path, _)| *path).collect();
    assert_eq!(named, broken);
    assert!(
        errors(&registry)
            .iter()
            .all(|(_, reason)| !reason.is_empty())
    );
}

#[test]
fn what_is_no_file_is_an_error_at_once() {
    let directories = Directories::new();
    directories.write("etc/a.yaml", &specification(&["0"]));
    directories.write("real", &specification(&["1"]));
    symlink("../real", directories.at("etc/link.json")).unwrap();
    symlink("loop.yaml", directories.at("etc/loop.yaml")).unwrap();
    symlink("nothing", directories.at("etc/dangling.yaml")).unwrap();
    symlink("/dev/zero", directories.at("etc/zero.yaml")).unwrap();
    fs::create_dir(directories.at("etc/directory.yaml")).unwrap();
    let _socket =
        std::os::unix::net::UnixListener::bind(directories.at("etc/socket.yaml")).unwrap();
    let fifo = std::process::Command::new("mkfifo")
        .arg(directories.at("etc/fifo.yaml"))
        .status();
    assert!(fifo.unwrap().success());
    let large = fs::File::create(directories.at("etc/large.yaml")).unwrap();
    large.set_len(10 << 20).unwrap();

    let start = Instant::now();
    let registry = directories.load();
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(devices(&registry), ["0", "1"]);
    let named: Vec<&str> = errors(&registry).iter().map(|(path, _)| *path).collect();
    assert_eq!(
        named,
        [
            "dangling.yaml",
            "directory.yaml",
            "fifo.yaml",
            "large.yaml",
            "loop.yaml",
            "socket.yaml",
            "zero.yaml"
        ]
    );
}

#[test]
fn other_names_and_deeper_directories_are_not_read() {
    let directories = Directories::new();
    fs::create_dir(directories.at("etc/sub")).unwrap();
    for name in [
        "a.yml",
        "a.JSON",
        "a.Yaml",
        "a.yaml.bak",
        "spec.123.tmp",
        "json",
        "sub/a.yaml",
    ] {
        directories.write(&format!("etc/{name}"), "[broken");
    }
    let registry = directories.load();
    assert_eq!(errors(&registry), []);
    assert_eq!(registry.specifications().count(), 0);
}

#[test]
fn a_directory_that_cannot_be_read_is_told_and_the_others_are_read() {
    let directories = Directories::new();
    directories.write("run/a.yaml", &specification(&["0"]));
    fs::remove_dir(directories.at("etc")).unwrap();
    directories.write("etc", "a file");
    let registry = directories.load();
    assert_eq!(devices(&registry), ["0"]);
    assert_eq!(errors(&registry)[0].0, "etc");

    fs::remove_file(directories.at("etc")).unwrap();
    fs::create_dir(directories.at("etc")).unwrap();
    directories.write("etc/b.yaml", &specification(&["1"]));
    fs::set_permissions(directories.at("etc"), fs::Permissions::from_mode(0o000)).unwrap();
    let registry = directories.load();
    // Root reads it all the same.
    let is_read = registry.get(&name("1")).is_some();
    assert_eq!(errors(&registry).len(), usize::from(!is_read));
}

#[test]
fn a_directory_that_is_a_link_is_followed() {
    let directories = Directories::new();
    directories.write("run/a.yaml", &specification(&["0"]));
    fs::remove_dir(directories.at("etc")).unwrap();
    symlink("run", directories.at("etc")).unwrap();
    let registry = Registry::load(&[directories.at("etc")]);
    assert_eq!(devices(&registry), ["0"]);
}

#[test]
fn names_are_resolved_all_or_none() {
    let directories = Directories::new();
    directories.write("etc/a.yaml", &specification(&["0", "1"]));
    directories.write("etc/b.yaml", "[");
    let registry = directories.load();
    let found = registry
        .resolve(&[name("1"), name("0"), name("1")])
        .unwrap();
    let names: Vec<&str> = found.iter().map(|found| &*found.device.name).collect();
    assert_eq!(names, ["1", "0", "1"]);

    let unresolved = registry
        .resolve(&[name("1"), name("5"), name("4")])
        .unwrap_err();
    assert_eq!(unresolved.missing, [name("5"), name("4")]);
    assert_eq!(unresolved.kinds, ["vendor.com/gpu"]);
    assert_eq!(unresolved.devices, [name("0"), name("1")]);
    assert_eq!(file_name(&unresolved.errors[0].path), "b.yaml");
    assert_eq!(
        unresolved.to_string(),
        "no CDI device `vendor.com/gpu=5`, `vendor.com/gpu=4`"
    );
}
