//! What people read, as snapshots: standard output, standard error and exit status.

use crate::ground::{Place, trial};
use libtest_mimic::Trial;

const UBUNTU: Place = Place::Inside("ubuntu-550");
const DGX: Place = Place::Inside("dgx-h100-8");
const H200: Place = Place::Inside("h200-580");

/// A command, and what lies around it.
struct Case {
    name: &'static str,
    place: Place,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
}

const fn case(
    name: &'static str,
    place: Place,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
) -> Case {
    Case {
        name,
        place,
        files,
        arguments,
    }
}

const ALL: &str = "NVIDIA_VISIBLE_DEVICES=all";
const STRICT: (&str, &str) = (
    "config.toml",
    "accept-nvidia-visible-devices-envvar-when-unprivileged = false\n",
);
const BUNDLE: &str = r#"{
  "ociVersion": "1.0.2",
  "process": {"args": ["sh"], "cwd": "/", "user": {"uid": 0, "gid": 0},
              "env": ["PATH=/bin", "NVIDIA_VISIBLE_DEVICES=0", "NVIDIA_DRIVER_CAPABILITIES=utility"]},
  "root": {"path": "rootfs"}
}"#;
const HOSTILE_BUNDLE: &str = r#"{
  "ociVersion": "1.0.2",
  "process": {"args": ["sh"], "cwd": "/", "user": {"uid": 0, "gid": 0},
              "env": ["NVIDIA_VISIBLE_DEVICES=\u001b[2J\u001b]0;owned\u0007"]},
  "root": {"path": "rootfs"}
}"#;

#[rustfmt::skip]
const CASES: &[Case] = &[
    // Granted.
    case("gpus-all", UBUNTU, &[], &["explain", "--gpus", "all"]),
    case("gpus-all-own-layout", H200, &[], &["explain", "--gpus", "all"]),
    case("gpus-two", DGX, &[], &["explain", "--gpus", "2"]),
    case("gpus-named", UBUNTU, &[], &["explain", "--gpus", "\"device=0,2\""]),
    case("gpus-all-utility", UBUNTU, &[], &["explain", "--gpus", "all,capabilities=utility"]),
    case("image-env", UBUNTU, &[],
        &["explain", "--image-env", ALL, "--image-env", "NVIDIA_DRIVER_CAPABILITIES=compute,utility"]),
    case("env-over-image-env", DGX, &[],
        &["explain", "--image-env", ALL, "-e", "NVIDIA_VISIBLE_DEVICES=GPU-8", "-e", "NVIDIA_DRIVER_CAPABILITIES=utility"]),
    case("env-none", H200, &[], &["explain", "-e", "NVIDIA_VISIBLE_DEVICES=none", "-e", "NVIDIA_DRIVER_CAPABILITIES=utility"]),
    case("privileged-may-ask", H200, &[STRICT],
        &["explain", "--privileged", "-e", ALL, "-e", "NVIDIA_DRIVER_CAPABILITIES=utility"]),
    case("bundle", UBUNTU, &[("bundle/config.json", BUNDLE)], &["explain", "--bundle", "DIR/bundle"]),
    case("configuration-unknown-key", H200, &[("config.toml", "[nvidia-container-cli]\nloadkmods = true\n\n[unheard]\nof = 1\n")],
        &["explain", "--gpus", "all,capabilities=utility"]),
    // Nothing asked, or not heeded.
    case("env-void", UBUNTU, &[], &["explain", "--image-env", ALL, "-e", "NVIDIA_VISIBLE_DEVICES=void"]),
    case("env-empty", UBUNTU, &[], &["explain", "-e", "NVIDIA_VISIBLE_DEVICES="]),
    case("env-unset", UBUNTU, &[], &["explain"]),
    case("unprivileged-is-not-heeded", UBUNTU, &[STRICT], &["explain", "-e", ALL]),
    case("bundle-served", UBUNTU, &[("bundle/config.json", r#"{"ociVersion": "1.0.2", "process": {"env": ["NVIDIA_VISIBLE_DEVICES=void"]}}"#)],
        &["explain", "--bundle", "DIR/bundle"]),
    // Refused.
    case("gpus-too-many", UBUNTU, &[], &["explain", "--gpus", "5"]),
    case("device-unknown", UBUNTU, &[], &["explain", "-e", "NVIDIA_VISIBLE_DEVICES=GPU-0000"]),
    case("device-ambiguous", DGX, &[], &["explain", "-e", "NVIDIA_VISIBLE_DEVICES=GPU-5"]),
    case("device-hostile", UBUNTU, &[("bundle/config.json", HOSTILE_BUNDLE)], &["explain", "--bundle", "DIR/bundle"]),
    case("device-many", UBUNTU, &[],
        &["explain", "-e", "NVIDIA_VISIBLE_DEVICES=90,91,92,93,94,95,96,97,98,99,100,101,102,103,104,105,106,107"]),
    case("capability-unknown", UBUNTU, &[], &["explain", "-e", ALL, "-e", "NVIDIA_DRIVER_CAPABILITIES=compute,cuda"]),
    case("capability-not-allowed", UBUNTU, &[("config.toml", "supported-driver-capabilities = \"compute,utility\"\n")],
        &["explain", "-e", ALL, "-e", "NVIDIA_DRIVER_CAPABILITIES=graphics"]),
    case("mode-not-served", UBUNTU, &[("config.toml", "[nvidia-container-runtime]\nmode = \"csv\"\n")], &["explain", "--gpus", "all"]),
    case("driver-root-missing", UBUNTU, &[("config.toml", "[nvidia-container-cli]\nroot = \"/nowhere\"\n")], &["explain", "--gpus", "all"]),
    case("driver-not-loaded", Place::NoDriver, &[], &["explain", "--gpus", "all"]),
    case("configuration-syntax", Place::Anywhere, &[("config.toml", "[nvidia-container-cli\nroot = \"/\"\n")], &["explain", "--gpus", "all"]),
    case("configuration-type", Place::Anywhere, &[("config.toml", "[nvidia-container-cli]\nroot = 7\n")], &["explain", "--gpus", "all"]),
    case("bundle-broken", Place::Anywhere, &[("bundle/config.json", "{\"process\": {\"env\": [1]}}")], &["explain", "--bundle", "DIR/bundle"]),
    case("bundle-cut-short", Place::Anywhere, &[("bundle/config.json", "{\"process\": {")], &["explain", "--bundle", "DIR/bundle"]),
    case("bundle-missing", Place::Anywhere, &[], &["explain", "--bundle", "DIR/bundle"]),
    // The command line is wrong.
    case("gpus-word", Place::Anywhere, &[], &["explain", "--gpus", "many"]),
    case("gpus-without-quotation-marks", Place::Anywhere, &[], &["explain", "--gpus", "device=0,2"]),
    case("env-without-value", Place::Anywhere, &[], &["explain", "-e", "NVIDIA_VISIBLE_DEVICES"]),
    case("configuration-missing", Place::Anywhere, &[], &["explain", "--config", "DIR/no.toml"]),
    case("bundle-and-gpus", Place::Anywhere, &[], &["explain", "--bundle", "DIR", "--gpus", "all"]),
    case("verb-unknown", Place::Anywhere, &[], &["explian"]),
    case("no-arguments", Place::Anywhere, &[], &[]),
    // Inventory.
    case("inventory", UBUNTU, &[], &["inventory", "--record-directory", "DIR/record"]),
    case("inventory-dry-run", H200, &[], &["inventory", "--dry-run", "--record-directory", "DIR/record"]),
    case("inventory-unwritable", DGX, &[("file", "")], &["inventory", "--record-directory", "DIR/file"]),
    case("inventory-no-driver", Place::NoDriver, &[], &["inventory", "--dry-run", "--record-directory", "DIR/record"]),
    case("inventory-driver-root-missing", UBUNTU, &[], &["inventory", "--dry-run", "--driver-root", "/nowhere"]),
    // About the tool.
    case("version", Place::Anywhere, &[], &["--version"]),
    case("help", Place::Anywhere, &[], &["--help"]),
    case("help-explain", Place::Anywhere, &[], &["explain", "--help"]),
    case("help-inventory", Place::Anywhere, &[], &["inventory", "--help"]),
];

pub(crate) fn trials() -> Vec<Trial> {
    let trials = CASES.iter().map(|case| {
        trial(&format!("text::{}", case.name), case.place, move |stage| {
            for (name, text) in case.files {
                stage.write(name, text);
            }
            let seen = stage.seen(case.arguments);
            let mut settings = insta::Settings::clone_current();
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_snapshot!(case.name, seen));
        })
    });
    trials.collect()
}
