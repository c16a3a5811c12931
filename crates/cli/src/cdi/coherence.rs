//! The same specification once more for the GPUs that share the processor's page tables (as on Grace), and for
//! those that do not: with `coherent` and `noncoherent` behind the class, so that whoever hands out devices can
//! choose by kind.
//!
//! Only NVML knows, and only of whole GPUs; a GPU of a driver that does not know of such is none.

use super::make::{Made, make};
use super::recipe::Recipe;
use crate::nvml_names;
use liftgate_plan::{Code, Refusal};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What stands behind the class, and in the name of the file.
const KINDS: [(&str, bool); 2] = [("coherent", true), ("noncoherent", false)];

/// The specifications of each kind of which there are GPUs.
pub(crate) fn split(recipe: &Recipe, whole: &Made) -> Result<Vec<(&'static str, Made)>, Refusal> {
    let coherent = nvml_names::coherent_gpus(&whole.host).map_err(|reason| {
        Refusal::new(
            Code::SpecificationMalformed,
            "which GPUs are coherent is not known",
            "leave enable-coherent-annotations out; `nvidia-smi` shows whether NVML works",
        )
        .because(reason)
    })?;
    let given = given(whole);
    let mut split = Vec::new();
    for (kind, is_coherent) in KINDS {
        let devices: Vec<String> = whole
            .host
            .gpus
            .iter()
            .filter(|gpu| given.contains(&gpu.minor) && gpu.mig.is_empty())
            .filter(|gpu| coherent.contains(&gpu.bus) == is_coherent)
            .map(|gpu| gpu.index.to_string())
            .collect();
        if devices.is_empty() {
            continue;
        }
        let recipe = Recipe {
            class: format!("{}.{kind}", recipe.class),
            devices,
            ..recipe.clone()
        };
        split.push((kind, make(&recipe)?));
    }
    Ok(split)
}

/// The minors of the GPUs that the specification gives.
fn given(made: &Made) -> BTreeSet<u32> {
    let devices = made.specification.devices.iter();
    devices
        .flat_map(|device| &device.edits.device_nodes)
        .filter_map(|node| node.path.strip_prefix("/dev/nvidia")?.parse().ok())
        .collect()
}

/// The file for a kind: `x.yaml` becomes `x.coherent.yaml`.
pub(crate) fn file_of(path: &Path, kind: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}.{kind}.{ending}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        let of = |path: &str| file_of(Path::new(path), "coherent");
        assert_eq!(of("/run/cdi/x.yaml"), Path::new("/run/cdi/x.coherent.yaml"));
        assert_eq!(of("a.b.json"), Path::new("a.b.coherent.json"));
    }
}
