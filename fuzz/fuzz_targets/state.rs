//! Feeds bytes as a container's state and as a `config.json` whose root is asked for: no panic, and no path that is empty.
//!
//! Also: a state holds no more text than the bytes it was read from.
#![no_main]

use std::ffi::OsStr;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use liftgate_oci::state::{State, container_root, root_path_of};

fuzz_target!(|bytes: &[u8]| {
    let bundle = Path::new("/bundle");
    match State::parse(bytes) {
        Ok(state) => {
            let paths = [state.bundle.as_deref(), state.root.as_deref()];
            for path in paths.into_iter().flatten() {
                assert!(!path.as_os_str().is_empty());
            }
            let length = |path: Option<&Path>| path.map_or(0, |path| path.as_os_str().len());
            let held =
                state.id.len() + state.status.len() + paths.map(length).iter().sum::<usize>();
            assert!(held <= bytes.len());

            let root = container_root(state.root.as_deref(), bundle, None);
            assert_eq!(root, state.root.as_deref().unwrap_or(bundle));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match root_path_of(bytes) {
        Ok(path) => {
            let path = path.as_deref();
            assert_ne!(path.map(Path::as_os_str), Some(OsStr::new("")));
            let root = container_root(None, bundle, path);
            assert!(root.is_absolute());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
