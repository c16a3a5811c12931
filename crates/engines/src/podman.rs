//! Podman's `containers.conf`, of which a drop-in below `containers.conf.d` is written; and the file for directories of OCI hooks,
//! by which Podman before 4.1, which knows no CDI, comes to a GPU.
//!
//! There is no daemon: each `podman` reads both anew.

use crate::edit::{Edited, Places};
use crate::text::toml::Toml;
use crate::{Refused, RefusedFile, Wish};
use liftgate_sys::process::USUAL_PATH;
use serde_json::json;
use std::path::{Path, PathBuf};
use toml_edit::{Array, Value};

const RUNTIMES: [&str; 2] = ["engine", "runtimes"];
const DEFAULT: [&str; 2] = ["engine", "runtime"];

const PLACES: Places<'_> = Places {
    runtimes: &RUNTIMES,
    default: &DEFAULT,
};

/// The files of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The drop-in that is to be written.
    pub drop_in: PathBuf,
    /// Its text, if it is there.
    pub drop_in_text: Option<String>,
}

/// The drop-in, with what is wished for.
pub fn add(files: &Files, wish: &Wish) -> Result<Edited, RefusedFile> {
    let in_drop_in = |refused: Refused| refused.in_file(&files.drop_in);
    wish.check().map_err(in_drop_in)?;
    let text = files.drop_in_text.as_deref().unwrap_or_default();
    let mut drop_in = Toml::parse(text).map_err(in_drop_in)?;
    write(&mut drop_in, wish).map_err(in_drop_in)?;
    let mut edited = Edited::default();
    edited.file(&files.drop_in, drop_in.text());
    Ok(edited)
}

fn write(drop_in: &mut Toml, wish: &Wish) -> Result<(), Refused> {
    let here = [&RUNTIMES[..], &[&*wish.name]].concat();
    let mut programs = Array::new();
    programs.push(wish.path.as_str());
    drop_in.set(&here, Value::Array(programs))?;
    if wish.is_default {
        drop_in.set(&DEFAULT, wish.name.as_str())?;
    }
    Ok(())
}

/// The drop-in without the runtime `name`, if it has it.
pub fn remove(files: &Files, name: &str) -> Result<Edited, RefusedFile> {
    PLACES.without(&files.drop_in, files.drop_in_text.as_deref(), name)
}

/// The file for a directory of OCI hooks that has `hook` run for every container: the hook itself looks whether one asks for GPUs.
///
/// Schema 1.0.0 of containers/common; the hook finds the programs of its own directory.
pub fn hook_file(hook: &Path) -> String {
    let mut path: Vec<String> = USUAL_PATH.map(str::to_owned).to_vec();
    let own = hook
        .parent()
        .unwrap_or(Path::new("/"))
        .display()
        .to_string();
    if !path.contains(&own) {
        path.push(own);
    }
    let name = hook.file_name().unwrap_or_default().to_string_lossy();
    let file = json!({
        "version": "1.0.0",
        "hook": {
            "path": hook.display().to_string(),
            "args": [name, "prestart"],
            "env": [format!("PATH={}", path.join(":"))],
        },
        "when": { "always": true, "commands": [".*"] },
        "stages": ["prestart"],
    });
    format!("{file:#}\n")
}
