//! Docker's `daemon.json`.
//!
//! | key | what it does here |
//! |---|---|
//! | `runtimes.NAME.path` | the runtime's program; read anew at `SIGHUP` |
//! | `default-runtime` | the runtime of containers that name none; read anew at `SIGHUP` |
//! | `features.cdi` | Docker 25.0 to 28.1 take CDI devices only with it; read at start |
//!
//! dockerd refuses to start over a runtime that has a `path` and a `runtimeType`, so the second goes where the first comes; what
//! else a runtime's entry has stays, as do other features, both of which NVIDIA's tool drops.

use crate::text::json::{self, Json};
use crate::{Refused, Wish};
use jsonc_parser::cst::CstInputValue;

const RUNTIMES: &str = "runtimes";
const DEFAULT: &str = "default-runtime";
const FEATURES: &str = "features";
const CDI: &str = "cdi";
const PATH: &str = "path";

/// Keys of a runtime of another kind, which dockerd does not take beside a path.
const OF_ANOTHER_KIND: [&str; 2] = ["runtimeType", "options"];

/// dockerd keeps this name to itself.
const RESERVED: &str = "runc";

/// The text of a `daemon.json` that has what is wished for; the same text if it has it already.
/// Beside it, what the reader should know.
pub fn add(text: &str, wish: &Wish) -> Result<(String, Vec<String>), Refused> {
    wish.check()?;
    if wish.name == RESERVED {
        return Err(Refused::new(format!(
            "`{RESERVED}` is Docker's own runtime, and no name for another"
        )));
    }
    let document = Json::parse(text)?;
    let mut warnings = Vec::new();
    if document.has_comments() {
        warnings
            .push("it has comments, with which dockerd does not start; they are kept".to_owned());
    }
    let mut is_changed = false;

    let here = [RUNTIMES, &*wish.name];
    let path = document.string_at(&[here[0], here[1], PATH])?;
    if document.object_at(&here)?.is_none() {
        let entry = CstInputValue::Object(vec![
            ("args".to_owned(), CstInputValue::Array(Vec::new())),
            (PATH.to_owned(), CstInputValue::String(wish.path.clone())),
        ]);
        json::set(&document.object_or_new(&[RUNTIMES])?, &wish.name, entry);
        is_changed = true;
    } else {
        let entry = document.object_or_new(&here)?;
        if path.as_ref() != Some(&wish.path) {
            json::set(&entry, PATH, CstInputValue::String(wish.path.clone()));
            is_changed = true;
        }
        for key in OF_ANOTHER_KIND {
            if entry.get(key).is_some() {
                json::remove(&entry, key);
                warnings.push(format!(
                    "`{RUNTIMES}.{}.{key}` is taken out: dockerd does not start with it beside a path",
                    wish.name
                ));
                is_changed = true;
            }
        }
    }
    if wish.is_default && document.string_at(&[DEFAULT])?.as_ref() != Some(&wish.name) {
        let name = CstInputValue::String(wish.name.clone());
        json::set(document.object(), DEFAULT, name);
        is_changed = true;
    }
    if wish.with_cdi && document.boolean_at(&[FEATURES, CDI])? != Some(true) {
        let features = document.object_or_new(&[FEATURES])?;
        json::set(&features, CDI, CstInputValue::Bool(true));
        is_changed = true;
    }
    let text = if is_changed {
        document.text()
    } else {
        text.to_owned()
    };
    Ok((text, warnings))
}

/// The text without the runtime `name`; the same text if it does not have it. What else there is stays, `features.cdi` too:
/// nobody knows whose it is.
pub fn remove(text: &str, name: &str) -> Result<String, Refused> {
    let document = Json::parse(text)?;
    let mut is_changed = false;
    if document.object_at(&[RUNTIMES, name])?.is_some() {
        let runtimes = document.object_or_new(&[RUNTIMES])?;
        json::remove(&runtimes, name);
        if runtimes.properties().is_empty() {
            json::remove(document.object(), RUNTIMES);
        }
        is_changed = true;
    }
    // Without the runtime, dockerd would not start.
    if document.string_at(&[DEFAULT])?.as_deref() == Some(name) {
        json::remove(document.object(), DEFAULT);
        is_changed = true;
    }
    Ok(if is_changed {
        document.text()
    } else {
        text.to_owned()
    })
}

/// Whether nothing is left in it.
pub fn is_empty(text: &str) -> bool {
    Json::parse(text).is_ok_and(|document| document.is_empty())
}

#[cfg(test)]
mod tests;
