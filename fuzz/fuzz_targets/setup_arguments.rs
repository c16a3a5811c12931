//! Feeds arguments of the setup hook, parted by NUL bytes as the kernel keeps them: what is understood survives being written and read again.
//!
//! Also: no path is relative or ends in `..`, no line can be added to `ld.so.conf.d`, and an error shows no more than the argument it is about.
#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use liftgate_plan::ContainerSetup;

fn check_path(path: &Path) {
    assert!(path.is_absolute() && path.file_name().is_some());
    assert!(!path.as_os_str().as_bytes().contains(&b'\n'));
}

fuzz_target!(|bytes: &[u8]| {
    let arguments: Vec<&OsStr> = bytes
        .split(|byte| *byte == 0)
        .map(OsStr::from_bytes)
        .collect();
    let setup = match ContainerSetup::from_arguments(arguments.iter().copied()) {
        Ok(setup) => setup,
        Err(error) => {
            // `Display` of a path writes three bytes for one that is not UTF-8.
            assert!(error.to_string().len() < 4096 + 3 * bytes.len());
            return;
        }
    };
    for link in &setup.links {
        check_path(&link.path);
        assert!(!link.target.is_empty());
    }
    for entry in &setup.loader_entries {
        check_path(&entry.path);
        assert!(!entry.name.is_empty());
    }
    for directory in setup
        .library_directories
        .iter()
        .chain(&setup.cuda_compat.root)
    {
        check_path(directory);
    }

    let written = setup.to_arguments();
    let again = ContainerSetup::from_arguments(written.iter().map(OsStr::new));
    assert_eq!(again, Ok(setup));
    assert!(written.len() <= arguments.len());
});
