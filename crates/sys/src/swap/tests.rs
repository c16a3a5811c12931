use super::place::{Pinned, exchange, give_back, put_new, take};
use super::*;
use rustix::fs::XattrFlags;
use std::fs::File;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

fn names(directory: &Path) -> Vec<OsString> {
    let mut names: Vec<OsString> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_that_is_what_was_read_gets_the_new_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("daemon.json");
    assert_eq!(swap(&path, None, Some(b"new"), 0o640), Ok(Swapped::Done));
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o604)).unwrap();
    let swapped = swap(&path, Some(b"new"), Some(b"newer"), 0o600);
    assert_eq!(swapped, Ok(Swapped::Done));
    assert_eq!(std::fs::read(&path).unwrap(), b"newer");
    assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o604);
    assert_eq!(names(directory.path()), ["daemon.json"]);
    assert_eq!(swap(&path, Some(b"newer"), None, 0), Ok(Swapped::Done));
    assert_eq!(names(directory.path()).len(), 0);
}

#[test]
fn a_file_that_somebody_wrote_meanwhile_stays_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, "theirs").unwrap();
    for expected in [None, Some(&b"mine"[..])] {
        for wanted in [None, Some(&b"new"[..])] {
            assert_eq!(swap(&path, expected, wanted, 0o600), Ok(Swapped::Changed));
        }
    }
    let aside = aside(&path);
    // Written after the comparison, just before the rename.
    std::fs::write(&aside, "new").unwrap();
    assert_eq!(put_new(&path, &aside), Ok(Swapped::Changed));
    std::fs::write(&aside, "new").unwrap();
    assert_eq!(
        exchange(&path, &aside, b"mine", b"new"),
        Ok(Swapped::Changed)
    );
    assert_eq!(take(&path, &aside, b"mine"), Ok(Swapped::Changed));
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    assert_eq!(names(directory.path()), ["file"]);
}

#[test]
fn what_a_killed_process_has_left_goes() {
    let directory = tempfile::tempdir().unwrap();
    let drop_ins = directory.path().join("crio.conf.d");
    std::fs::create_dir(&drop_ins).unwrap();
    let path = drop_ins.join("99.conf");
    assert_eq!(aside(&path), directory.path().join(".99.conf.liftgate-new"));
    std::fs::write(aside(&path), "half").unwrap();
    assert_eq!(swap(&path, None, Some(b"new"), 0o600), Ok(Swapped::Done));
    assert_eq!(names(directory.path()), ["crio.conf.d"]);
    assert_eq!(names(&drop_ins), ["99.conf"]);
    assert_eq!(clear(&path), Ok(false));
    let record = directory.path().join("docker.json");
    assert_eq!(named_for(&aside(&record)), record);
    assert_eq!(named_for(&record), record);
}

#[test]
fn extended_attributes_come_along() {
    let directory = tempfile::tempdir_in("/var/tmp").unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, "old").unwrap();
    let name = "user.note";
    rustix::fs::setxattr(&path, name, b"mine", XattrFlags::empty()).unwrap();
    assert_eq!(
        swap(&path, Some(b"old"), Some(b"new"), 0),
        Ok(Swapped::Done)
    );
    let mut value = [0; 16];
    let length = rustix::fs::getxattr(&path, name, &mut value[..]).unwrap();
    assert_eq!(&value[..length], b"mine");
}

#[test]
fn links_are_followed_also_to_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    symlink("there", at("one")).unwrap();
    symlink("one", at("two")).unwrap();
    symlink("loop", at("loop")).unwrap();
    assert_eq!(target_of(&at("two")), Ok(at("there")));
    assert_eq!(target_of(&at("nothing")), Ok(at("nothing")));
    assert!(target_of(&at("loop")).is_err());
}

/// The state after an exchange that has taken their file out: `new` at `path`, `theirs` aside.
fn exchanged(directory: &Path) -> (PathBuf, PathBuf, Pinned) {
    let path = directory.join("file");
    let aside = aside(&path);
    std::fs::write(&path, "new").unwrap();
    std::fs::write(&aside, "theirs").unwrap();
    let new = Pinned::of(&path).unwrap();
    (path, aside, new)
}

#[test]
fn what_was_taken_out_by_mistake_goes_back() {
    let directory = tempfile::tempdir().unwrap();
    let (path, aside, new) = exchanged(directory.path());
    let given = give_back(&path, &aside, new, b"new".to_vec());
    assert_eq!(given, Ok(Swapped::Changed));
    assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    assert_eq!(names(directory.path()), ["file"]);
}

#[test]
fn what_is_saved_while_an_older_text_goes_back_stays() {
    for is_in_place in [false, true] {
        let directory = tempfile::tempdir().unwrap();
        let (path, aside, new) = exchanged(directory.path());
        if !is_in_place {
            std::fs::remove_file(&path).unwrap();
        }
        std::fs::write(&path, "newest").unwrap();
        let given = give_back(&path, &aside, new, b"new".to_vec());
        assert_eq!(given, Ok(Swapped::Changed));
        assert_eq!(std::fs::read(&path).unwrap(), b"newest");
        assert_eq!(names(directory.path()), ["file"]);
    }
}

#[test]
fn a_file_that_somebody_is_about_to_write_in_is_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, "old").unwrap();
    let writer = File::options().write(true).open(&path).unwrap();
    for wanted in [None, Some(&b"new"[..])] {
        assert_eq!(swap(&path, Some(b"old"), wanted, 0), Ok(Swapped::Changed));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
    drop(writer);
    let reader = File::open(&path).unwrap();
    let swapped = swap(&path, Some(b"old"), Some(b"new"), 0);
    assert_eq!(swapped, Ok(Swapped::Done));
    drop(reader);
    assert_eq!(names(directory.path()), ["file"]);
}

#[test]
fn a_link_in_the_place_of_the_file_is_somebody_elses() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(directory.path().join("other"), "old").unwrap();
    symlink("other", &path).unwrap();
    for wanted in [None, Some(&b"new"[..])] {
        assert_eq!(swap(&path, Some(b"old"), wanted, 0), Ok(Swapped::Changed));
    }
    assert_eq!(names(directory.path()), ["file", "other"]);
    assert_eq!(std::fs::read_link(&path).unwrap(), Path::new("other"));
}
