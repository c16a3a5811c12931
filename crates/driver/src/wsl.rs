//! The driver of Windows Subsystem for Linux: files of the Windows host in its *driver store*, mounted below
//! `/usr/lib/wsl/drivers`, and `libdxcore.so`, through which they reach the GPUs.
//!
//! Windows keeps the stores of earlier drivers. The reference has dxcore name the one in use; without
//! loading anything, it is the one whose NVML is also the one in `/usr/lib/wsl/lib`, which Windows makes
//! from the driver in use; failing that, the youngest.

use crate::capability::Capabilities;
use crate::installation::{Installation, ListedFile, Unrecognised};
use crate::library;
use crate::platform::DXCORE;
use crate::record::DirectoryState;
use crate::search::Search;
use crate::tool::Tool;
use liftgate_sys::SysError;
use std::path::{Path, PathBuf};

const STORES: &str = "/usr/lib/wsl/drivers";
const LIBRARIES: &str = "/usr/lib/wsl/lib";
/// Only the store of an NVIDIA driver has it.
const CUDA: &str = "libcuda.so.1.1";
const NVML: &str = "libnvidia-ml.so.1";
const SMI: &str = "nvidia-smi";

/// Finds the driver below `root`.
pub(crate) fn find(root: &Path) -> Result<(Installation, Vec<DirectoryState>), SysError> {
    let mut search = Search::open(root)?;
    let mut installation = Installation::empty(root);
    let stores = stores(&mut search);
    let chosen = choose(&mut search, &stores);
    if let Some(store) = &chosen {
        take(&mut search, store, &mut installation);
    }
    for other in stores
        .iter()
        .filter(|&store| Some(store) != chosen.as_ref())
    {
        installation.unrecognised.push(Unrecognised {
            path: search.host_path(other),
            reason: "is one of several driver stores; the one in use is given".to_owned(),
        });
    }
    Ok((installation, search.looked_into()))
}

/// The driver stores of NVIDIA drivers.
fn stores(search: &mut Search) -> Vec<PathBuf> {
    search
        .names(Path::new(STORES))
        .into_iter()
        .map(|name| Path::new(STORES).join(name))
        .filter(|store| search.file(&store.join(CUDA)).is_some())
        .collect()
}

fn choose(search: &mut Search, stores: &[PathBuf]) -> Option<PathBuf> {
    if let [only] = stores {
        return Some(only.clone());
    }
    let in_use = search.file(&Path::new(LIBRARIES).join(NVML));
    let used = in_use.and_then(|path| search.read(&path, 64 << 20));
    let same = stores.iter().find(|store| {
        used.is_some() && search.read(&store.join(NVML), 64 << 20).as_ref() == used.as_ref()
    });
    let youngest = stores
        .iter()
        .max_by_key(|store| search.metadata(&store.join(CUDA)).map(|file| file.modified));
    same.or(youngest).cloned()
}

fn take(search: &mut Search, store: &Path, installation: &mut Installation) {
    let everything = Capabilities::all();
    let mut paths = vec![PathBuf::from(DXCORE)];
    paths.extend(search.names(store).iter().map(|name| store.join(name)));
    for path in paths {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_library = name.contains(".so");
        let is_other = [".bin", ".dll"].iter().any(|ending| name.ends_with(ending));
        if is_library && let Some(library) = library::at(search, &path, everything) {
            installation.libraries.push(library);
        } else if (is_library || is_other) && search.regular_file(&path).is_some() {
            installation.listed.push(ListedFile {
                host_path: search.host_path(&path),
                container_path: path.clone(),
                source: "the driver store".to_owned(),
            });
        } else if name == SMI && search.regular_file(&path).is_some() {
            installation.tools.push(Tool {
                name: SMI.to_owned(),
                host_path: search.host_path(&path),
                container_path: path.clone(),
                capabilities: everything,
            });
        }
    }
    installation.note_directories();
}
