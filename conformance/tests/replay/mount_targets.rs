//! CVE-2024-0133, and CVE-2024-0132 from its other end: links in the places that are mounted on, so that files are
//! made, or covered, on the host.
//!
//! Each mount and each node of the plan is asked of the program itself. Then there is an image for each of them in
//! which it is a link out, and one for each directory above any of them in which that is.

use crate::attack::{Attack, Report};
use crate::mount_places::{
    Place, fewer_groups, groups, is_to_be_served, is_tool, name_of, options, places,
};
use crate::target::{Kind, Target};
use crate::{road, small_image};
use libtest_mimic::Failed;
use liftgate_conformance::Bundle;
use liftgate_conformance::hostile::{LINKS_OF_RUNC, Scene, Spoiling};
use liftgate_conformance::suite::fail;
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
        small_image::make(&bundle, &bundle.join("rootfs"), &scene.ground.image)?;
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
    let output = scene.on_machine(EACH, &[], &variables)?;
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
