//! The CRI plugin's table, and the runtime in it.

use super::{CONTAINERD, DEFAULT_NAME, ENABLE_CDI, PLUGINS};
use crate::text::toml::{Toml, fill, set_in, transplant};
use crate::{Refused, Wish};
use toml_edit::{Item, Table};

const RUNTIMES: &str = "runtimes";
/// The runtime that containerd has by itself.
const BUILTIN: &str = "runc";
const OPTIONS: &str = "options";
const TYPE: &str = "runtime_type";
const RUNC_SHIM: &str = "io.containerd.runc.v2";
/// The shims whose options have `BinaryName`: those of runc, and of what is called like it.
const RUNC_SHIMS: [&str; 3] = [
    RUNC_SHIM,
    "io.containerd.runc.v1",
    "io.containerd.runtime.v1.linux",
];

/// Where the CRI plugin has its table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cri {
    plugin: &'static str,
    version: i64,
}

impl Cri {
    pub(super) const fn new(version: i64) -> Self {
        let plugin = match version {
            ..=1 => "cri",
            2 => "io.containerd.grpc.v1.cri",
            _ => "io.containerd.cri.v1.runtime",
        };
        Self { plugin, version }
    }

    /// The path of what is inside the plugin's table.
    pub(super) fn path<'p>(self, inner: &[&'p str]) -> Vec<&'p str> {
        [&[PLUGINS, self.plugin], inner].concat()
    }

    /// The file whose table counts where tables are not merged: the last one that has it.
    pub(super) fn last<'s>(self, sources: &[&'s Toml]) -> Result<Option<&'s Toml>, Refused> {
        for source in sources.iter().rev() {
            if source.table(&self.path(&[]))?.is_some() {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    /// The runtime that the new one is to be like: the default one, `runc` or `crun`, if it is called as runc is.
    pub(super) fn model(self, sources: &[&Toml]) -> Result<Option<Table>, Refused> {
        for source in sources.iter().rev() {
            let default = source.string(&self.path(&[CONTAINERD, DEFAULT_NAME]))?;
            // NVIDIA's is not a model: it is what the new one takes the place of.
            let default = default.filter(|name| !name.starts_with("nvidia"));
            for name in default.into_iter().chain(["runc", "crun"]) {
                let path = self.path(&[CONTAINERD, RUNTIMES, name]);
                let Some(table) = source.table(&path)? else {
                    continue;
                };
                let shim = table.get(TYPE).and_then(Item::as_str).unwrap_or(RUNC_SHIM);
                if RUNC_SHIMS.contains(&shim) || shim.is_empty() {
                    return Ok(source.get(&path)?.and_then(table_of));
                }
            }
        }
        Ok(None)
    }

    /// Adds the runtime, and what else is wished for.
    pub(super) fn add(
        self,
        document: &mut Toml,
        wish: &Wish,
        like: Option<&Table>,
    ) -> Result<(), Refused> {
        let here = self.path(&[CONTAINERD, RUNTIMES, &wish.name]);
        if document.table(&here)?.is_none() {
            let new = like.cloned().unwrap_or_else(|| self.unlike_any());
            document.put_table(&here, new)?;
        }
        let table = document.table_or_new(&here)?;
        // One that was there keeps what it says, and has the cgroup driver of the others if it says nothing of it.
        if let Some(like) = like {
            fill(table, like);
        }
        if table
            .get(TYPE)
            .and_then(Item::as_str)
            .is_none_or(str::is_empty)
        {
            set_in(table, TYPE, RUNC_SHIM);
        }
        // The program's name stands in the options; a path of another shim would take its place.
        table.remove("runtime_path");
        let options =
            document.table_or_new(&self.path(&[CONTAINERD, RUNTIMES, &wish.name, OPTIONS]))?;
        set_in(options, "BinaryName", wish.path.as_str());
        if self.version == 1 {
            set_in(options, "Runtime", wish.path.as_str());
        }
        let default = self.path(&[CONTAINERD, DEFAULT_NAME]);
        if wish.is_default {
            document.set(&default, wish.name.as_str())?;
        } else if document.string(&default)? == Some(&*wish.name) {
            document.remove(&default)?;
        }
        if wish.with_cdi {
            let cdi = if self.version == 1 {
                self.path(&[CONTAINERD, ENABLE_CDI])
            } else {
                self.path(&[ENABLE_CDI])
            };
            document.set(&cdi, true)?;
        }
        Ok(())
    }

    /// Writes out the runtime that containerd 1 has without being told, if no file tells of any: with the first one that is written
    /// it is gone, and without its default runtime the plugin does not load.
    pub(super) fn keep_builtin(self, document: &mut Toml, wish: &Wish) -> Result<(), Refused> {
        let runtimes = document.table(&self.path(&[CONTAINERD, RUNTIMES]))?;
        let is_alone =
            runtimes.is_some_and(|table| table.iter().all(|(name, _)| name == wish.name));
        let default = document.string(&self.path(&[CONTAINERD, DEFAULT_NAME]))?;
        let is_default = default.is_none_or(|default| default == BUILTIN || default == wish.name);
        if is_alone && is_default {
            let mut table = Table::new();
            set_in(&mut table, TYPE, RUNC_SHIM);
            document.put_table(&self.path(&[CONTAINERD, RUNTIMES, BUILTIN]), table)?;
        }
        Ok(())
    }

    /// Takes the runtime out, and the default that names it; says whether there was any.
    pub(super) fn remove(self, document: &mut Toml, name: &str) -> Result<bool, Refused> {
        document.remove_runtime(
            &self.path(&[CONTAINERD, RUNTIMES]),
            &self.path(&[CONTAINERD, DEFAULT_NAME]),
            name,
        )
    }

    /// A runtime where there is none to be like.
    fn unlike_any(self) -> Table {
        let mut table = Table::new();
        if self.version < 3 {
            // containerd 1 writes these out; 2.0 no longer knows the first two.
            set_in(&mut table, "runtime_engine", "");
            set_in(&mut table, "runtime_root", "");
        }
        set_in(&mut table, "privileged_without_host_devices", false);
        set_in(&mut table, TYPE, RUNC_SHIM);
        table
    }
}

/// A copy of a table that can stand in another file, however it is written in its own.
fn table_of(item: &Item) -> Option<Table> {
    match item {
        Item::Table(table) => Some(transplant(table)),
        _ => item
            .as_inline_table()
            .map(|table| table.clone().into_table()),
    }
}
