//! The container state that a runtime writes to a hook's standard input, and where that says the container's root file system is.
//!
//! Runtimes differ in almost every field (runc gives `createContainer` hooks a pid in the container's own namespace, crun 0; crun
//! adds `root`), so nothing is required but that it is a JSON object.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::document::Document;
use crate::error::OciError;
use crate::source::{Source, text_of};

/// The largest state that is accepted; it grows with the annotations, which it repeats.
pub const MAX_STATE_BYTES: usize = 4 * 1024 * 1024;

/// A container's state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Container id; empty when not given.
    pub id: String,
    /// The bundle's directory; `bundlePath`, its name before version 1.0 of the specification, when `bundle` is not given.
    pub bundle: Option<PathBuf>,
    /// Process id. Only in `prestart` and `createRuntime` hooks is it one of the host.
    pub pid: Option<i64>,
    /// `creating`, `created`, `running`, `stopped` …; empty when not given.
    pub status: String,
    /// The root file system, which crun gives and others do not.
    pub root: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    id: Option<String>,
    bundle: Option<String>,
    bundle_path: Option<String>,
    pid: Option<i64>,
    status: Option<String>,
    root: Option<String>,
}

impl State {
    /// Read a state. Unknown keys are ignored; `null` and empty paths count as not given.
    pub fn parse(bytes: &[u8]) -> Result<Self, OciError> {
        let text = text_of(bytes, MAX_STATE_BYTES)?;
        let source = Source(text);
        // A struct is also read from a sequence by serde: an array is refused before that.
        let body = text.trim_start();
        if body.starts_with('[') {
            return Err(source.wrong_type(body, "state", "an object"));
        }
        let written: Written = serde_json::from_str(text).map_err(|error| source.syntax(&error))?;
        let path = |path: Option<String>| path.filter(|path| !path.is_empty()).map(PathBuf::from);
        Ok(Self {
            id: written.id.unwrap_or_default(),
            bundle: path(written.bundle).or_else(|| path(written.bundle_path)),
            pid: written.pid,
            status: written.status.unwrap_or_default(),
            root: path(written.root),
        })
    }
}

/// Where the container's root file system is: what the state says; else `root.path` of `config.json`, relative to the bundle
/// unless absolute; else the bundle itself. An empty path counts as not given.
pub fn container_root(
    state_root: Option<&Path>,
    bundle: &Path,
    config_root_path: Option<&Path>,
) -> PathBuf {
    let given = |path: &&Path| !path.as_os_str().is_empty();
    match (state_root.filter(given), config_root_path.filter(given)) {
        (Some(root), _) => root.to_owned(),
        (None, Some(path)) => bundle.join(path),
        (None, None) => bundle.to_owned(),
    }
}

/// `root.path` of a `config.json`, with nothing else of it decoded.
pub fn root_path_of(config_json: &[u8]) -> Result<Option<PathBuf>, OciError> {
    let path = Document::parse(config_json)?.root()?.path;
    Ok(Some(path).filter(|path| !path.as_os_str().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_runc_and_crun() {
        let runc = br#"{"ociVersion":"1.2.1","id":"c1","status":"creating","pid":4242,"bundle":"/run/b","annotations":{"a":"b"}}"#;
        let state = State::parse(runc).unwrap();
        assert_eq!(state.bundle.as_deref(), Some(Path::new("/run/b")));
        assert_eq!(
            (
                state.id.as_str(),
                state.status.as_str(),
                state.pid,
                state.root
            ),
            ("c1", "creating", Some(4242), None)
        );

        let crun = br#"{"ociVersion":"1.0","id":"c2","pid":0,"root":"/var/r","bundle":"/run/b","status":"created","new":[{"x":1.0}]}"#;
        let state = State::parse(crun).unwrap();
        assert_eq!(
            (state.pid, state.root.as_deref()),
            (Some(0), Some(Path::new("/var/r")))
        );
    }

    #[test]
    fn bundle_by_its_old_name_and_fields_without_a_value() {
        let bundle = |text: &str| State::parse(text.as_bytes()).unwrap().bundle;
        assert_eq!(
            bundle(r#"{"bundlePath":"/old"}"#).as_deref(),
            Some(Path::new("/old"))
        );
        assert_eq!(
            bundle(r#"{"bundle":"","bundlePath":"/old"}"#).as_deref(),
            Some(Path::new("/old"))
        );
        assert_eq!(
            bundle(r#"{"bundle":"/new","bundlePath":"/old"}"#).as_deref(),
            Some(Path::new("/new"))
        );
        assert_eq!(
            bundle(r#"{"bundle":null,"pid":null,"root":null,"id":null,"status":null}"#),
            None
        );
        assert_eq!(State::parse(b"{}").unwrap(), State::default());
    }

    #[test]
    fn what_is_not_a_state() {
        for (text, expected) in [
            (
                "",
                "not JSON at line 1, column 1: EOF while parsing a value",
            ),
            (
                "[\"c1\"]",
                "`state` is an array and must be an object, at line 1, column 1",
            ),
            (
                "{\"pid\":\"1\"}",
                "not JSON at line 1, column 10: invalid type: string \"1\", expected i64",
            ),
            ("{} x", "not JSON at line 1, column 4: trailing characters"),
            (
                "{\"bundle\":\"/a\",\n\"bundle\":\"/b\"}",
                "not JSON at line 2, column 8: duplicate field `bundle`",
            ),
        ] {
            assert_eq!(
                State::parse(text.as_bytes()).unwrap_err().to_string(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn the_root_is_the_first_that_is_given() {
        let bundle = Path::new("/b");
        let some = |path: &'static str| Some(Path::new(path));
        for (state, config, expected) in [
            (some("/s"), some("/c"), "/s"),
            (some(""), some("/c"), "/c"),
            (None, some("rootfs"), "/b/rootfs"),
            (None, some(""), "/b"),
            (None, None, "/b"),
        ] {
            assert_eq!(container_root(state, bundle, config), Path::new(expected));
        }
    }

    #[test]
    fn root_path_alone() {
        let config = br#"{"future":{"x":[1e400]},"root":{"readonly":true,"new":1,"path":"rootfs"},"process":7}"#;
        assert_eq!(
            root_path_of(config).unwrap().as_deref(),
            Some(Path::new("rootfs"))
        );
        assert_eq!(root_path_of(b"{}").unwrap(), None);
        assert_eq!(root_path_of(br#"{"root":null}"#).unwrap(), None);
        assert!(root_path_of(br#"{"root":{"path":"/a"},"root":{"path":"/b"}}"#).is_err());
    }
}
