//! The places that a plan mounts on, and which of them are spoilt in one image.

use libtest_mimic::Failed;
use liftgate_conformance::hostile::{Scene, gpus};
use liftgate_conformance::suite::fail;
use liftgate_conformance::{Bundle, BundleOptions};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A container with all that there is to be mounted.
pub(crate) fn options(script: &str) -> BundleOptions {
    let mut options = gpus(script);
    let all = "NVIDIA_DRIVER_CAPABILITIES=all".to_owned();
    options.environment.push(all);
    options
}

/// A place that the image has spoilt.
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) is_parent: bool,
}

/// Every mount and node of the plan for this machine, as the runtime writes them for the low-level runtime, and the
/// directories above.
pub(crate) fn places(scene: &Scene) -> Result<Vec<Place>, Failed> {
    let directory = scene.place.join("plan");
    let bundle = Bundle::make(&directory, &scene.ground.image, &options("true"))?;
    let configuration = "[nvidia-container-runtime]\nruntimes = [\"/bin/true\"]\n";
    fs::write(directory.join("config.toml"), configuration)?;
    let own = destinations(&bundle)?;
    let script = "export NVIDIA_CTK_CONFIG_FILE_PATH=$BUNDLE/plan/config.toml\n\
                  \"$1\" create --bundle \"$BUNDLE/plan\" x";
    let runtime = scene.inside.programs.runtime.display().to_string();
    let output = scene.on_machine(script, &[runtime], &[])?;
    let mut places: Vec<Place> = Vec::new();
    let mut parents = BTreeSet::new();
    for path in destinations(&bundle)?.difference(&own) {
        let above = path.ancestors().skip(1);
        parents.extend(
            above
                .filter(|above| *above != Path::new("/"))
                .map(Path::to_owned),
        );
        places.push(Place {
            path: path.clone(),
            is_parent: false,
        });
    }
    if places.len() < 20 {
        return Err(fail(format!(
            "the plan is {} places: {output:?}",
            places.len()
        )));
    }
    places.extend(parents.into_iter().map(|path| Place {
        path,
        is_parent: true,
    }));
    Ok(places)
}

fn destinations(bundle: &Bundle) -> Result<BTreeSet<PathBuf>, Failed> {
    let configuration: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    let list = |value: &Value, key: &str| -> Vec<PathBuf> {
        let items = value.as_array().into_iter().flatten();
        items
            .filter_map(|item| item[key].as_str().map(PathBuf::from))
            .collect()
    };
    let mut found = list(&configuration["mounts"], "destination");
    found.extend(list(&configuration["linux"]["devices"], "path"));
    Ok(found.into_iter().collect())
}

/// The places of one image, by number.
pub(crate) type Group<'a> = Vec<(usize, &'a Place)>;

/// One image for all that is mounted on, one for the tools, which give way to what the image has, and for the
/// directories above one each.
pub(crate) fn groups(places: &[Place]) -> Vec<Group<'_>> {
    let numbered = places.iter().enumerate();
    let (parents, ends): (Vec<_>, Vec<_>) = numbered.partition(|(_, place)| place.is_parent);
    let (tools, ends): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(_, place)| is_tool(place));
    let mut groups = vec![ends, tools];
    groups.extend(parents.into_iter().map(|parent| vec![parent]));
    groups
}

/// The same with the directories of one depth in one image, but for those without which no program runs: real
/// containers take longer.
pub(crate) fn fewer_groups(places: &[Place]) -> Vec<Group<'_>> {
    let mut groups = groups(places);
    let mut by_depth: BTreeMap<usize, Group<'_>> = BTreeMap::new();
    for parent in groups.split_off(2).into_iter().flatten() {
        let path = &parent.1.path;
        if ["/etc", "/usr", "/lib", "/usr/lib"]
            .iter()
            .any(|alone| path == Path::new(alone))
        {
            groups.push(vec![parent]);
        } else {
            let depth = path.components().count();
            by_depth.entry(depth).or_default().push(parent);
        }
    }
    groups.extend(by_depth.into_values());
    groups
}

/// Whether the container has to be served. Links in the places themselves are no reason to refuse: they lead somewhere
/// inside.
pub(crate) fn is_to_be_served(group: &Group<'_>) -> bool {
    group
        .iter()
        .all(|(_, place)| !place.is_parent && !is_tool(place))
}

pub(crate) fn is_tool(place: &Place) -> bool {
    place
        .path
        .parent()
        .is_some_and(|parent| parent.ends_with("bin"))
}

pub(crate) fn name_of(group: &Group<'_>) -> String {
    let paths: Vec<String> = group
        .iter()
        .map(|(_, place)| place.path.display().to_string())
        .collect();
    match paths.as_slice() {
        [first, rest @ ..] if rest.len() > 8 => format!("{first} and {} more", rest.len()),
        few => few.join(" "),
    }
}
