use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn change(path: PathBuf, before: Option<&str>, after: Option<&str>) -> FileChange {
    FileChange {
        path,
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// As a killed process leaves it beside a file.
fn leave_beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap().to_string_lossy();
    let left = path.with_file_name(format!(".{name}.liftgate-new"));
    fs::write(&left, "half").unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o200)).unwrap();
    assert_eq!(swap::named_for(&left), path);
    left
}

#[test]
fn what_was_made_is_taken_back_if_the_rest_cannot_be() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("one"), directory.path().join("two"));
    fs::write(&one, "old").unwrap();
    fs::write(&two, "theirs").unwrap();
    let changes = [
        change(one.clone(), Some("old"), Some("new")),
        change(two.clone(), Some("old"), Some("new")),
    ];
    let made = make(&changes);
    assert!(matches!(made, Err(ChangeError::WrittenMeanwhile(path)) if path == two));
    assert_eq!(fs::read_to_string(&one).unwrap(), "old");
    assert_eq!(fs::read_to_string(&two).unwrap(), "theirs");
    assert_eq!(names(directory.path()), ["one", "two"]);
}

#[test]
fn what_somebody_else_has_written_stays_and_be_it_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, "new").unwrap();
    let made = make(&[change(path.clone(), Some("old"), Some("new"))]);
    assert!(matches!(made, Err(ChangeError::WrittenMeanwhile(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

#[test]
fn a_new_directory_is_for_anybody_to_read_and_for_nobody_else_to_write() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("above/conf.d/99.toml");
    make(&[change(path.clone(), None, Some("new"))]).unwrap();
    for directory in path.ancestors().skip(1).take(2) {
        let mode = fs::metadata(directory).unwrap().permissions().mode();
        assert_eq!(mode & 0o022, 0, "{mode:o}");
    }
}

#[test]
fn what_killed_processes_have_left_goes_when_the_records_are_opened() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("state");
    let path = directory.path().join("daemon.json");
    let changes = [change(path.clone(), None, Some("new"))];
    let record = Record::of("docker", &path, "nvidia", &changes, None, |_, _| None);
    Records::open(&place).unwrap().keep(&record).unwrap();
    let record_name = names(&place).swap_remove(0);
    leave_beside(&path);
    leave_beside(&place.join(&record_name));
    // Of a record that was never finished, or is already gone, nothing else is left.
    leave_beside(&place.join("crio-0.json"));
    let records = Records::open(&place).unwrap();
    assert_eq!(names(&place), [record_name.as_str(), "lock"]);
    assert_eq!(names(directory.path()), ["state"]);
    assert!(matches!(
        Records::open(&place),
        Err(ChangeError::Busy(path)) if path == place.join("lock")
    ));
    assert_eq!(records.all().unwrap(), [record]);
}

#[test]
fn the_order_of_files_is_that_in_which_they_were_first_written() {
    let at = |name: &str| PathBuf::from("/nonexistent").join(name);
    let first = [
        change(at("drop-in"), None, Some("one")),
        change(at("main"), Some("old"), Some("import")),
    ];
    let of = |changes: &[FileChange], old: Option<&Record>| {
        Record::of("containerd", &at("main"), "nvidia", changes, old, |_, _| {
            None
        })
    };
    let record = of(&first, None);
    // Killed between the two: the drop-in is there.
    let rest = [
        change(at("drop-in"), Some("one"), Some("one")),
        change(at("main"), Some("old"), Some("import")),
    ];
    assert_eq!(of(&rest, Some(&record)), record);
    // A file that is as it is to be, and that nobody of us has written, is not ours to take back.
    let only_main = [
        change(at("drop-in"), Some("theirs"), Some("theirs")),
        change(at("main"), Some("old"), Some("import")),
    ];
    let record = of(&only_main, None);
    assert_eq!(record.files.len(), 1);
    assert_eq!(record.files[0].path, at("main"));
}

#[test]
fn a_change_that_was_taken_back_is_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("state");
    let path = directory.path().join("new/daemon.json");
    let changes = [change(path.clone(), None, Some("new"))];
    let record = Record::of("docker", &path, "nvidia", &changes, None, |_, _| None);
    let records = Records::open(&place).unwrap();
    records.keep(&record).unwrap();
    fs::create_dir(path.parent().unwrap()).unwrap();
    records.restore(&record, None).unwrap();
    assert_eq!(records.find("docker", &path).unwrap(), None);
    assert_eq!(names(directory.path()), ["state"]);
    // Nobody else is in it, and nothing is remembered.
    drop(records);
    assert!(names(directory.path()).is_empty());
}

#[test]
fn the_last_written_is_the_first_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let changes = [
        change(at("drop-in"), None, Some("new")),
        change(at("main"), None, Some("import")),
    ];
    make(&changes).unwrap();
    fs::write(at("drop-in"), "theirs").unwrap();
    assert!(matches!(
        take_back(&changes),
        Err(ChangeError::WrittenMeanwhile(_))
    ));
    // Nobody reads the drop-in any more.
    assert_eq!(names(directory.path()), ["drop-in"]);
}
