//! CVE-2024-0133, and CVE-2024-0132 from its other end: links in the places that are mounted on, so that files are
//! made, or covered, on the host.
//!
//! Each mount and each node of the plan is asked of the program itself. Then there is an image for each of them in
//! which it is a link out, and one for each directory above any of them in which that is.

use crate::attack::{Attack, Report};
use crate::road;
use crate::target::{Kind, Target};
use libtest_mimic::Failed;
use liftgate_conformance::hostile::{LINKS_OF_RUNC, Scene, Spoiling, gpus};
use liftgate_conformance::suite::fail;
use liftgate_conformance::{Bundle, BundleOptions, Image};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const MACHINES: [&str; 2] = ["ubuntu-550", "h200-580"];

/// How a link is written that leads out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Absolute,
    Up,
}

pub(crate) fn attacks() -> Vec<Attack> {
    let mut attacks = Vec::new();
    for machine in MACHINES {
        for way in [Way::Absolute, Way::Up] {
            let label = if way == Way::Absolute {
                "links-out"
            } else {
                "links-up"
            };
            let name = format!("CVE-2024-0133/prestart-hook/{machine}-{label}");
            let run = move |scene: &Scene, target: &Target| by_hook(scene, target, way);
            attacks.push(Attack::new(name, machine, run).bites("joined-paths"));
            let name = format!("CVE-2024-0133/runtime/{machine}-{label}");
            let run = move |scene: &Scene, target: &Target| by_runtime(scene, target, way);
            attacks.push(Attack::new(name, machine, run).bites("joined-paths"));
        }
    }
    attacks
}

fn options(script: &str) -> BundleOptions {
    let mut options = gpus(script);
    let all = "NVIDIA_DRIVER_CAPABILITIES=all".to_owned();
    options.environment.push(all);
    options
}

/// A place that the image has spoilt.
struct Place {
    path: PathBuf,
    is_parent: bool,
}

/// Every mount and node of the plan for this machine, as the runtime writes them for the low-level runtime, and the
/// directories above.
fn places(scene: &Scene) -> Result<Vec<Place>, Failed> {
    let directory = scene.place.join("plan");
    let bundle = Bundle::make(&directory, &scene.ground.image, &options("true"))?;
    let configuration = "[nvidia-container-runtime]\nruntimes = [\"/bin/true\"]\n";
    fs::write(directory.join("config.toml"), configuration)?;
    let own = destinations(&bundle)?;
    let script = "export NVIDIA_CTK_CONFIG_FILE_PATH=$BUNDLE/plan/config.toml\n\
                  \"$1\" create --bundle \"$BUNDLE/plan\" x";
    let runtime = scene.inside.programs.runtime.display().to_string();
    let output = road::on_machine(scene, script, &[runtime], &[])?;
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

/// Puts the link in the place: to a directory that is there for a parent, to a file that is not yet for what is
/// mounted on.
fn spoil(
    image: &Spoiling<'_>,
    hits: &Path,
    place: &Place,
    number: usize,
    way: Way,
) -> io::Result<()> {
    let path = place.path.strip_prefix("/").unwrap_or(&place.path);
    let path = path.to_string_lossy();
    let mut target = hits.join(number.to_string());
    if !place.is_parent {
        target.push("made");
    }
    match way {
        Way::Absolute => image.link(&path, target),
        Way::Up => image.link_by_dots(&path, &target),
    }
}

/// Directories beside the canary, one for each place.
fn make_hits(scene: &Scene, count: usize) -> io::Result<PathBuf> {
    let hits = scene.canary.path().with_extension("hits");
    for number in 0..count {
        fs::create_dir_all(hits.join(number.to_string()))?;
    }
    Ok(hits)
}

/// A container for each image, with as much of one as the prestart hook needs.
const EACH: &str = r#"
mkfifo "$BUNDLE/ready"
number=0
while [ $number -lt "$COUNT" ]; do
  export IMAGE="$BUNDLE/$number"
  unshare --mount --propagation private /bin/sh -c '
    mount --bind "$IMAGE/rootfs" "$IMAGE/rootfs"
    echo > "$BUNDLE/ready"
    exec sleep 60' < /dev/null > /dev/null 2>&1 &
  pid=$!
  read line < "$BUNDLE/ready"
  before=$(wc -l < /proc/$pid/mountinfo)
  printf '{"ociVersion":"1.0.2","id":"x","status":"created","pid":%s,"bundle":"%s"}' $pid "$IMAGE" |
    timeout -k 1 20 "$HOOK" -config "$BUNDLE/config.toml" prestart 2> "$IMAGE/words"
  echo "$number $? $(($(wc -l < /proc/$pid/mountinfo) - before)) $(grep -c " $HITS" /proc/$pid/mountinfo)"
  kill $pid
  number=$((number + 1))
done
"#;

fn by_hook(scene: &Scene, target: &Target, way: Way) -> Result<Report, Failed> {
    fs::create_dir_all(&scene.place)?;
    let places = places(scene)?;
    let hits = make_hits(scene, places.len())?;
    let groups = groups(&places);
    for (number, group) in groups.iter().enumerate() {
        let bundle = scene.place.join(number.to_string());
        small_image(&bundle, &bundle.join("rootfs"), &scene.ground.image)?;
        let image = Spoiling::of(&bundle.join("rootfs"), &scene.canary);
        for (number, place) in group {
            spoil(&image, &hits, place, *number, way)?;
        }
    }
    fs::write(
        scene.place.join("config.toml"),
        "[nvidia-container-cli]\nno-cgroups = true\n",
    )?;
    let hook = target.named("nvidia-container-runtime-hook");
    let variables = [
        ("COUNT", groups.len().to_string()),
        ("HITS", hits.display().to_string()),
        ("HOOK", hook.display().to_string()),
    ];
    let output = road::on_machine(scene, EACH, &[], &variables)?;
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut report = Report {
        account: format!(
            "image, status, mounts, mounts on the host\n{table}{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        ..Report::default()
    };
    if table.lines().count() != groups.len() {
        report.faults.push("not every image was tried".to_owned());
    }
    for (number, (group, line)) in groups.iter().zip(table.lines()).enumerate() {
        let numbers: Vec<usize> = line
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [_, status, mounts, outside] = numbers[..] else {
            return Err(fail(report.account));
        };
        let words = fs::read_to_string(scene.place.join(format!("{number}/words")))?;
        let name = name_of(group);
        if outside > 0 {
            report.harm.push(format!("{name}: mounted on the host"));
        }
        let is_served = status == 0 && mounts > 10;
        let is_refused = status == 1 && !words.trim().is_empty() && !words.contains("panicked");
        if !(is_served || is_refused && !is_to_be_served(group)) {
            report.faults.push(format!("{name}: {line}: {words}"));
        }
        if !is_served {}
    }
    let is_each_hit = count_hits(&mut report, &hits, &places)?;
    // Each place is a test of its own, so each has to bite.
    if target.kind == Kind::Weakened && !is_each_hit {
        return Err(fail(report.account));
    }
    report.look_at(scene, target)?;
    Ok(report)
}

/// The places of one image, by number.
type Group<'a> = Vec<(usize, &'a Place)>;

/// One image for all that is mounted on, one for the tools, which give way to what the image has, and for the
/// directories above one each.
fn groups(places: &[Place]) -> Vec<Group<'_>> {
    let numbered = places.iter().enumerate();
    let (parents, ends): (Vec<_>, Vec<_>) = numbered.partition(|(_, place)| place.is_parent);
    let (tools, ends): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(_, place)| is_tool(place));
    let mut groups = vec![ends, tools];
    groups.extend(parents.into_iter().map(|parent| vec![parent]));
    groups
}

/// The same with the directories of one depth in one image, but for those without which no program runs: real
/// containers take longer.
fn fewer_groups(places: &[Place]) -> Vec<Group<'_>> {
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
fn is_to_be_served(group: &Group<'_>) -> bool {
    group
        .iter()
        .all(|(_, place)| !place.is_parent && !is_tool(place))
}

fn is_tool(place: &Place) -> bool {
    place
        .path
        .parent()
        .is_some_and(|parent| parent.ends_with("bin"))
}

fn name_of(group: &Group<'_>) -> String {
    let paths: Vec<String> = group
        .iter()
        .map(|(_, place)| place.path.display().to_string())
        .collect();
    match paths.as_slice() {
        [first, rest @ ..] if rest.len() > 8 => format!("{first} and {} more", rest.len()),
        few => few.join(" "),
    }
}

/// The places for which something was made on the host, and those for which nothing was; whether it was for each that
/// something is mounted on.
fn count_hits(report: &mut Report, hits: &Path, places: &[Place]) -> io::Result<bool> {
    let mut unharmed = Vec::new();
    let mut is_each_hit = true;
    for (number, place) in places.iter().enumerate() {
        let path = place.path.display();
        let made = fs::read_dir(hits.join(number.to_string()))?;
        let mut made: Vec<_> = made.flatten().map(|entry| entry.file_name()).collect();
        if place.path == Path::new("/dev") {
            made.retain(|name| !LINKS_OF_RUNC.iter().any(|link| name == link));
        }
        if made.is_empty() {
            is_each_hit &= is_tool(place);
            unharmed.push(path.to_string());
        } else {
            report.harm.push(format!("`{path}` led out: {made:?}"));
        }
    }
    let line = format!("without harm: {unharmed:?}\n");
    report.account.push_str(&line);
    Ok(is_each_hit)
}

/// As much of an image as the hook looks at, and a configuration.
pub(crate) fn small_image(bundle: &Path, root: &Path, image: &Image) -> io::Result<()> {
    for directory in [
        "etc/ld.so.conf.d",
        "usr/bin",
        "usr/lib",
        "usr/lib64",
        "tmp",
        "proc",
    ] {
        fs::create_dir_all(root.join(directory))?;
    }
    for name in ["etc/ld.so.cache", "etc/ld.so.conf"] {
        fs::copy(image.root().join(name), root.join(name))?;
    }
    let configuration = json!({
        "ociVersion": "1.0.2",
        "process": {
            "args": ["true"], "cwd": "/", "user": {"uid": 0, "gid": 0},
            "env": ["NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=all"]
        },
        "root": {"path": "rootfs"},
        "linux": {"namespaces": [{"type": "mount"}]}
    });
    fs::write(bundle.join("config.json"), configuration.to_string())
}

/// Real containers: one in which everything that is mounted on is a link, and one for each directory above.
fn by_runtime(scene: &Scene, target: &Target, way: Way) -> Result<Report, Failed> {
    fs::create_dir_all(&scene.place)?;
    let places = places(scene)?;
    let hits = make_hits(scene, places.len())?;
    let runtime = target.named("nvidia-container-runtime");
    let groups = fewer_groups(&places);
    let mut bundles = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let directory = scene.place.join(number.to_string());
        let bundle = Bundle::make(&directory, &scene.ground.image, &options(road::LIST))?;
        let image = Spoiling::new(&bundle, &scene.canary);
        for (number, place) in group {
            // The low-level runtime covers `/dev` before anything is mounted in it.
            spoil(&image, &hits, place, *number, way)?;
        }
        fs::write(directory.join("config.toml"), scene.inside.configuration())?;
        bundles.push(bundle);
    }
    let runs: Vec<(&Bundle, &Path)> = bundles.iter().map(|bundle| (bundle, &*runtime)).collect();
    let outcomes = scene.inside.run_each(&runs, ":")?;
    let mut report = Report::default();
    for (group, outcome) in groups.iter().zip(&outcomes) {
        let name = name_of(group);
        let has_gpu = outcome.stdout.contains("GPU 0: NVIDIA");
        let is_refused = outcome.status != Some(0) && road::is_in_words(outcome);
        let starts = outcome.status == Some(0);
        // Without `/usr` and `/usr/lib` the image has no programs to ask.
        if !(has_gpu || !is_to_be_served(group) && (is_refused || starts)) {
            let account = outcome.describe();
            report.faults.push(format!("{name}: {account}"));
        }
        let with = if has_gpu { ", GPU" } else { "" };
        let line = format!("{name}: {:?}{with}\n", outcome.status);
        report.account.push_str(&line);
    }
    count_hits(&mut report, &hits, &places)?;
    report.look_at(scene, target)?;
    Ok(report)
}
