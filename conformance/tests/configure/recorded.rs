//! The facts that were recorded from the reference, `conformance/reference/configure.json`: of every case its exit
//! status, and what each file says afterwards.

use crate::layout::Place;
use crate::meaning::{self, Language};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

/// File → what it says.
pub(crate) type Files = BTreeMap<String, Value>;

/// What came of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fact {
    /// The exit status.
    pub(crate) status: i32,
    /// Every file that can be read, with what it says.
    pub(crate) files: Files,
}

/// Case → what came of it.
pub(crate) type Facts = BTreeMap<String, Fact>;

impl Fact {
    /// Of a case that was run.
    pub(crate) fn of(place: &Place, output: &Output) -> Result<Self, Failed> {
        let tree = place.look()?;
        let mut files: Files = tree
            .files()
            .filter(|(name, _)| !name.starts_with("bin/"))
            .filter_map(|(name, bytes)| {
                let text = place.emptied(&String::from_utf8_lossy(bytes));
                Some((
                    name.to_owned(),
                    meaning::read(Language::of(name), text.as_bytes())?,
                ))
            })
            .collect();
        // A hook that is to be written to stdout is no less a file.
        if place.case.has("--config-mode=oci-hook")
            && !output.stdout.is_empty()
            && let Some(hook) = meaning::read(Language::Json, &output.stdout)
        {
            files.insert("stdout.json".to_owned(), hook);
        }
        Ok(Self {
            status: output.status.code().unwrap_or(-1),
            files,
        })
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("reference/configure.json")
}

/// Reads the facts.
pub(crate) fn read() -> Result<Facts, Failed> {
    let path = file();
    let text = fs::read_to_string(&path)
        .map_err(|error| fail(format!("read `{}`: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| fail(format!("`{}`: {error}", path.display())))
}

/// Writes the facts.
pub(crate) fn write(facts: &Facts) -> Result<(), Failed> {
    let mut text = serde_json::to_string_pretty(facts)?;
    text.push('\n');
    fs::write(file(), text)?;
    Ok(())
}
