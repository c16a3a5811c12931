//! CRI-O's configuration: `crio.conf`, and every file of `crio.conf.d`, of which the later one counts.
//!
//! Only a drop-in is written. Its runtime is like the one that containers get today, with our program; CRI-O reads runtimes anew at
//! `SIGHUP`, and takes devices of CDI specifications without being told.

use crate::edit::{Edited, Places};
use crate::text::toml::{Toml, set_in, transplant};
use crate::{Refused, RefusedFile, Wish};
use std::path::PathBuf;
use toml_edit::{Item, Table};

const RUNTIME: [&str; 2] = ["crio", "runtime"];
const DEFAULT: [&str; 3] = ["crio", "runtime", "default_runtime"];
const RUNTIMES: [&str; 3] = ["crio", "runtime", "runtimes"];

const PLACES: Places<'_> = Places {
    runtimes: &RUNTIMES,
    default: &DEFAULT,
};

/// The files of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// What CRI-O reads, in the order in which it does, without the drop-in.
    pub read: Vec<(PathBuf, String)>,
    /// The drop-in that is to be written.
    pub drop_in: PathBuf,
    /// Its text, if it is there and not as we have written it.
    pub drop_in_text: Option<String>,
}

/// The drop-in, with what is wished for.
pub fn add(files: &Files, wish: &Wish) -> Result<Edited, RefusedFile> {
    let in_drop_in = |refused: Refused| refused.in_file(&files.drop_in);
    wish.check().map_err(in_drop_in)?;
    let mut model = None;
    for (path, text) in &files.read {
        let in_file = |refused: Refused| refused.in_file(path);
        let document = Toml::parse(text).map_err(in_file)?;
        model = model_in(&document).map_err(in_file)?.or(model);
    }
    let text = files.drop_in_text.as_deref().unwrap_or_default();
    let mut drop_in = Toml::parse(text).map_err(in_drop_in)?;
    write(&mut drop_in, wish, model).map_err(in_drop_in)?;
    let mut edited = Edited::default();
    if wish.with_cdi {
        edited.warnings.push(
            "CRI-O has no switch for CDI: it takes devices of CDI specifications always".to_owned(),
        );
    }
    edited.file(&files.drop_in, drop_in.text());
    Ok(edited)
}

/// The drop-in without the runtime `name`, if it has it.
pub fn remove(files: &Files, name: &str) -> Result<Edited, RefusedFile> {
    PLACES.without(&files.drop_in, files.drop_in_text.as_deref(), name)
}

/// The program of a runtime, by CRI-O's configuration.
pub fn program_of(text: &str, name: &str) -> Option<String> {
    let document = Toml::look(text)?;
    let path = [&RUNTIMES[..], &[name, "runtime_path"]].concat();
    document.string(&path).ok()?.map(str::to_owned)
}

/// The runtime that the new one is to be like.
fn model_in(document: &Toml) -> Result<Option<Table>, Refused> {
    let default = document.string(&DEFAULT)?;
    let default = default.filter(|name| !name.starts_with("nvidia"));
    for name in default.into_iter().chain(["runc", "crun"]) {
        let path = [&RUNTIMES[..], &[name]].concat();
        if let Some(item) = document.get(&path)? {
            // A virtual machine's runtime starts its guest, and takes no other program.
            let kind = document.string(&[&path[..], &["runtime_type"]].concat())?;
            if !matches!(kind, None | Some("" | "oci")) {
                continue;
            }
            return Ok(match item {
                Item::Table(table) => Some(transplant(table)),
                _ => item
                    .as_inline_table()
                    .map(|table| table.clone().into_table()),
            });
        }
    }
    Ok(None)
}

fn write(drop_in: &mut Toml, wish: &Wish, model: Option<Table>) -> Result<(), Refused> {
    drop_in.table(&RUNTIME)?;
    let here = [&RUNTIMES[..], &[&*wish.name]].concat();
    if drop_in.table(&here)?.is_none() {
        drop_in.put_table(&here, model.unwrap_or_default())?;
    }
    let table = drop_in.table_or_new(&here)?;
    set_in(table, "runtime_path", wish.path.as_str());
    set_in(table, "runtime_type", "oci");
    if wish.is_default {
        drop_in.set(&DEFAULT, wish.name.as_str())?;
    } else if drop_in.string(&DEFAULT)? == Some(&*wish.name) {
        drop_in.remove(&DEFAULT)?;
    }
    Ok(())
}
