//! What follows from the nodes in a container's `/dev`: links in its own and none in the host's, and the
//! application profile.

use super::all_gpus;
use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, fail};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn everything(devices: &str, script: &str) -> BundleOptions {
    BundleOptions {
        environment: vec![
            format!("NVIDIA_VISIBLE_DEVICES={devices}"),
            "NVIDIA_DRIVER_CAPABILITIES=all".to_owned(),
        ],
        ..all_gpus(script)
    }
}

const LINKS: &str = "for link in /dev/dri/by-path/*; do [ -c $link ] && echo $link; done; true";

/// Links by the place on the bus, of the GPUs that were granted and of no other; each leads to a node.
pub(super) fn links_by_path(ground: &Ground, inside: &Inside, place: &Path) -> Result<(), Failed> {
    let machine = suite::machine(&inside.machine);
    let wanted: Vec<String> = ["card", "render"]
        .iter()
        .map(|kind| format!("/dev/dri/by-path/pci-{}-{kind}", machine.gpus()[1].bus))
        .collect();
    let bundle = Bundle::make(place, &ground.image, &everything("1", LINKS))?;
    let outcome = inside.run(&bundle, "")?;
    let mut found: Vec<&str> = outcome.stdout.lines().collect();
    found.sort_unstable();
    same(&outcome, &found, &wanted)?;
    // Without graphics there are neither nodes nor links.
    let mut options = everything("1", LINKS);
    options.environment.pop();
    let bundle = Bundle::make(&place.join("plain"), &ground.image, &options)?;
    let outcome = inside.run(&bundle, "")?;
    let found: Vec<&str> = outcome.stdout.lines().collect();
    same(&outcome, &found, &[])
}

fn same(outcome: &Outcome, found: &[&str], wanted: &[String]) -> Result<(), Failed> {
    if found == wanted {
        Ok(())
    } else {
        Err(fail(format!("wanted {wanted:?}: {}", outcome.describe())))
    }
}

/// Where the user gives the container the host's `/dev`, or its `/dev/dri`, nothing is made in it: the host's
/// links are taken away between the plan and the hook, and do not come back.
pub(super) fn the_hosts_are_left_alone(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    for shared in ["/dev", "/dev/dri"] {
        let options = BundleOptions {
            binds: vec![(shared.into(), shared.to_owned())],
            ..everything("all", "echo started")
        };
        let place = place.join(shared.trim_start_matches('/'));
        let bundle = Bundle::make(&place, &ground.image, &options)?;
        let mut config: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
        config["hooks"] = json!({"createRuntime": [{
            "path": "/bin/sh", "args": ["sh", "-c", "rm -r /dev/dri/by-path"]
        }]});
        fs::write(bundle.config(), config.to_string())?;
        let outcome = inside.run(&bundle, "trap 'echo == host; ls /dev/dri' EXIT")?;
        let host = outcome.part("host");
        if !outcome.stdout.contains("started") || !host.contains("card") || host.contains("by-path")
        {
            return Err(fail(format!("{shared}: {}", outcome.describe())));
        }
    }
    Ok(())
}

/// Neither is anything made in a directory of a disk that the user gives the container as its `/dev`.
pub(super) fn a_volume_is_left_alone(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    let volume = place.join("volume");
    fs::create_dir_all(volume.join("dri"))?;
    let options = BundleOptions {
        binds: vec![(volume.clone(), "/dev".to_owned())],
        ..everything("all", "echo started")
    };
    let bundle = Bundle::make(&place.join("bundle"), &ground.image, &options)?;
    // runc and crun need it and take it as it is; youki makes it and fails where it is.
    let null = format!("mknod -m 666 {}/null c 1 3", volume.display());
    let prelude = if inside.low_level.ends_with("youki") {
        ""
    } else {
        &null
    };
    let outcome = inside.run(&bundle, prelude)?;
    if outcome.stdout.contains("started") && !volume.join("dri/by-path").exists() {
        Ok(())
    } else {
        Err(fail(outcome.describe()))
    }
}

/// The profile names the GPUs of the container by their minors, is written once, and only for who draws; also
/// where the root is read-only.
pub(super) fn application_profile(
    ground: &Ground,
    inside: &Inside,
    place: &Path,
) -> Result<(), Failed> {
    const FILE: &str = "etc/nvidia/nvidia-application-profiles-rc.d/10-container.conf";
    let minor = |gpu: usize| suite::machine(&inside.machine).gpus()[gpu].minor;
    let mask = (1_u64 << minor(1)) | (1 << minor(2));
    let wanted = format!(
        r#"{{"profiles":[{{"name":"_container_","settings":["EGLVisibleDGPUDevices",{mask:#x}]}}],"rules":[{{"pattern":[],"profile":"_container_"}}]}}"#
    );
    let script = format!("cat /{FILE}; echo; stat -c %a /{FILE} /etc/nvidia");
    for is_read_only in [false, true] {
        let options = BundleOptions {
            is_read_only,
            ..everything("1,2", &script)
        };
        let place = place.join(if is_read_only {
            "read-only"
        } else {
            "writable"
        });
        let bundle = Bundle::make(&place, &ground.image, &options)?;
        let config = fs::read(bundle.config())?;
        let mut written = Vec::new();
        for _ in 0..2 {
            fs::write(bundle.config(), &config)?;
            let outcome = inside.run(&bundle, "")?;
            if outcome.stdout != format!("{wanted}\n444\n555\n") {
                return Err(fail(format!("wanted {wanted}: {}", outcome.describe())));
            }
            written.push(std::os::unix::fs::MetadataExt::ino(&fs::metadata(
                bundle.root().join(FILE),
            )?));
        }
        if written[0] != written[1] {
            return Err(fail("a restart writes it again"));
        }
    }
    let bundle = Bundle::make(&place.join("plain"), &ground.image, &all_gpus("ls /etc"))?;
    let outcome = inside.run(&bundle, "")?;
    if bundle.root().join("etc/nvidia").exists() {
        return Err(fail(format!("who does not draw: {}", outcome.describe())));
    }
    Ok(())
}
