//! What people read, as snapshots: standard output, standard error and exit status.

use crate::ground::{Place, Stage, trial};
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

/// Two directories: a device in both, one that two files of a directory have, and files that are broken.
const FILES: &[(&str, &str)] = &[
    (
        "low/gpu.yaml",
        "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: \"0\"\n  containerEdits: {env: [A=low]}\n- name: \"1\"\n  containerEdits: {env: [A=low]}\n",
    ),
    (
        "high/good.yaml",
        "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: \"0\"\n  containerEdits: {env: [A=high]}\n- name: x\n  containerEdits: {env: [A=b]}\n",
    ),
    (
        "high/twin.json",
        "{\"cdiVersion\": \"0.5.0\", \"kind\": \"nvidia.com/gpu\", \"devices\": [{\"name\": \"x\", \"containerEdits\": {\"env\": [\"A=b\"]}}]}",
    ),
    ("high/broken.yaml", "cdiVersion: 0.5.0\nkind: [\n"),
    (
        "high/unknown-field.yaml",
        "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ncolour: red\n",
    ),
    ("high/ignored.yml", "rubbish: ["),
];
const MANY_ERRORS: &str = "\
cdiVersion: 0.3.0
kind: a/gpu
devices:
  - name: \"0\"
    containerEdits:
      env: [NOTHING]
      deviceNodes:
        - path: /dev/null
          permissions: xyz
  - name: \"0\"
    containerEdits:
      hooks:
        - hookName: sometimes
          path: /bin/true
";
const STALE: &str = "\
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
  - name: all
    containerEdits:
      deviceNodes:
        - path: /dev/nvidia-uvm
        - path: /dev/null
          type: c
          major: 195
          minor: 7
containerEdits:
  mounts:
    - hostPath: /usr/lib/libcuda.so.1.2.3
      containerPath: /usr/lib/libcuda.so.1.2.3
  hooks:
    - hookName: createContainer
      path: /usr/bin/no-such-hook
      args: [hook, /usr/lib]
";

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
    case("mode-csv", UBUNTU, &[("config.toml", "[nvidia-container-runtime]\nmode = \"csv\"\n")], &["explain", "--gpus", "all"]),
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
    // What runs on what.
    case("compat-minor-version", Place::Anywhere, &[],
        &["compat", "--driver", "535.183.01", "--gpu", "RTX 4090", "--image", "nvidia/cuda:12.6.3-runtime-ubuntu22.04"]),
    case("compat-tag", Place::Anywhere, &[], &["compat", "--driver", "550.54.15", "--image", "nvidia/cuda:12.4-devel"]),
    case("compat-wheel", Place::Anywhere, &[],
        &["compat", "--driver", "550.54.15", "--gpu", "RTX 4090", "--image", "python:3.11", "--torch", "2.11"]),
    case("compat-gpus", Place::Anywhere, &[], &["compat", "--driver", "580.65.06", "--gpu", "V100", "--gpu", "H100", "--toolkit", "13.0"]),
    case("compat-what-runs", DGX, &[], &["compat"]),
    case("compat-gpu-ambiguous", Place::Anywhere, &[], &["compat", "--gpu", "RTX 6000"]),
    case("dockerfile-new", Place::Anywhere, &[("main.cu", "#include <cublas_v2.h>\n")],
        &["dockerfile", "new", "cuda", "DIR", "--gpu", "RTX 4090", "--driver", "535.183.01", "--name", "saxpy"]),
    case("dockerfile-new-here", H200, &[("p/requirements.txt", ""), ("p/train.py", "")], &["dockerfile", "new", "pytorch", "DIR/p", "--name", "train"]),
    case("dockerfile-new-unknown", Place::NoDriver, &[], &["dockerfile", "new", "serving", "DIR", "--name", "server"]),
    case("dockerfile-new-print", Place::Anywhere, &[], &["dockerfile", "new", "tensorflow", "DIR", "--gpu", "B200", "--driver", "570", "--name", "x", "--print"]),
    case("dockerfile-new-is-there", Place::Anywhere, &[("Dockerfile", "")], &["dockerfile", "new", "cuda", "DIR", "--gpu", "T4"]),
    case("dockerfile-new-impossible", Place::Anywhere, &[], &["dockerfile", "new", "pytorch", "DIR", "--gpu", "K80", "--driver", "470.82.01"]),
    case("compat-nothing", Place::NoDriver, &[], &["compat"]),
    // CDI.
    case("cdi-list", Place::Anywhere, FILES, &["cdi", "list", "--spec-dir", "DIR/low,DIR/high"]),
    case("cdi-list-nothing", Place::Anywhere, &[], &["cdi", "list", "--spec-dir", "DIR/none", "--spec-dir", "DIR/neither"]),
    case("cdi-validate", Place::Anywhere, FILES, &["cdi", "validate", "--spec-dir", "DIR/low,DIR/high"]),
    case("cdi-validate-files", Place::Anywhere, FILES, &["cdi", "validate", "DIR/high/good.yaml", "DIR/none.yaml"]),
    case("cdi-validate-every-error", Place::Anywhere, &[("x.yaml", MANY_ERRORS)], &["cdi", "validate", "DIR/x.yaml"]),
    case("cdi-validate-stale", Place::NoDriver, &[("x.yaml", STALE)], &["cdi", "validate", "DIR/x.yaml"]),
    case("cdi-transform-host", Place::Anywhere, &[("x.yaml", STALE)],
        &["cdi", "transform", "root", "--from", "/", "--to", "/host", "--input", "DIR/x.yaml"]),
    case("cdi-transform-container", Place::Anywhere, &[("x.yaml", STALE)],
        &["cdi", "transform", "root", "--from", "/usr", "--to", "/opt", "--relative-to", "container", "--input", "DIR/x.yaml", "--output", "DIR/y.json"]),
    case("cdi-transform-broken", Place::Anywhere, &[("x.yaml", "cdiVersion: [\n")],
        &["cdi", "transform", "root", "--from", "/", "--to", "/host", "--input", "DIR/x.yaml"]),
    case("cdi-refresh-foreign", Place::Anywhere, FILES, &["cdi", "refresh", "-v", "--spec-dir", "DIR/high", "--output", "DIR/high/nvidia.yaml"]),
    case("cdi-refresh-record-unclear", Place::Anywhere, &[("x.yaml", "---\n# liftgate-record: {\"format\":99}\n")], &["cdi", "refresh", "DIR/x.yaml"]),
    case("cdi-refresh-no-driver", Place::NoDriver, &[], &["cdi", "refresh", "--spec-dir", "DIR", "--output", "DIR/x.yaml"]),
    // About the tool.
    case("version", Place::Anywhere, &[], &["--version"]),
    case("help", Place::Anywhere, &[], &["--help"]),
    case("help-run", Place::Anywhere, &[], &["run", "--help"]),
    case("help-explain", Place::Anywhere, &[], &["explain", "--help"]),
    case("help-dockerfile-new", Place::Anywhere, &[], &["dockerfile", "new", "--help"]),
    case("help-compat", Place::Anywhere, &[], &["compat", "--help"]),
    case("help-inventory", Place::Anywhere, &[], &["inventory", "--help"]),
    case("help-cdi", Place::Anywhere, &[], &["cdi", "--help"]),
    case("help-cdi-generate", Place::Anywhere, &[], &["cdi", "generate", "--help"]),
    case("help-cdi-list", Place::Anywhere, &[], &["cdi", "list", "--help"]),
    case("help-cdi-refresh", Place::Anywhere, &[], &["cdi", "refresh", "--help"]),
    case("help-cdi-transform", Place::Anywhere, &[], &["cdi", "transform", "root", "--help"]),
    case("help-cdi-validate", Place::Anywhere, &[], &["cdi", "validate", "--help"]),
    case("help-nvidia-ctk", Place::Anywhere, &[], &["nvidia-ctk", "--help"]),
    case("help-nvidia-ctk-generate", Place::Anywhere, &[], &["nvidia-ctk", "cdi", "help", "generate"]),
];

const MIG: Place = Place::Inside("a100-mig");
const MAKE: [&str; 7] = [
    "cdi",
    "generate",
    "--no-record",
    "--nvidia-cdi-hook-path",
    "/usr/bin/liftgate-rt",
    "--hook-style",
    "one",
];

/// Specifications: name, machine, and what follows [`MAKE`].
#[rustfmt::skip]
const SPECIFICATIONS: &[(&str, Place, &[&str])] = &[
    ("cdi-generate", H200, &[]),
    ("cdi-generate-separate-hooks", H200, &["--hook-style", "separate", "--ldconfig-path", "/sbin/ldconfig", "--driver-capabilities", "compute,utility"]),
    ("cdi-generate-no-hooks", H200, &["--disable-hook", "all", "--driver-capabilities", "utility"]),
    ("cdi-generate-json", H200, &["--format", "json", "--disable-hook", "all", "--driver-capabilities", "utility"]),
    ("cdi-generate-mig", MIG, &["--disable-hook", "all", "--driver-capabilities", "utility"]),
    ("cdi-generate-names", UBUNTU, &["--device-id", "1,GPU-1c84", "--device-name-strategy", "type-index", "--no-all-device",
        "--disable-hook", "all", "--driver-capabilities", "utility", "--feature-flag", "disable-ipc-discoverer", "--vendor", "example.com", "--class", "accelerator"]),
    ("cdi-generate-none", UBUNTU, &["--device-id", "none", "--driver-capabilities", "utility", "--disable-hook", "all"]),
    ("cdi-generate-management", DGX, &["--mode", "management", "--disable-hook", "all", "--driver-capabilities", "utility"]),
    ("cdi-generate-imex", DGX, &["--mode", "imex-channel", "--class", "imex-channel"]),
    ("cdi-generate-nvswitch", DGX, &["--mode", "nvswitch", "--class", "nvswitch"]),
    ("cdi-generate-wsl", Place::Inside("wsl2"), &[]),
    ("cdi-generate-jetson", Place::Inside("orin-csv"), &["--csv.ignore-pattern", "**/libcuda.so"]),
    ("cdi-generate-driver-container", Place::Inside("driver-container"), &["--driver-root", "/run/nvidia/driver", "--disable-hook", "all", "--driver-capabilities", "utility"]),
    ("cdi-generate-into-a-file", UBUNTU, &["--output", "DIR/cdi/x", "--format", "json"]),
    ("cdi-generate-format-overruled", UBUNTU, &["--output", "DIR/x.yaml", "--format", "json"]),
    // Refused.
    ("cdi-generate-no-driver", Place::NoDriver, &[]),
    ("cdi-generate-between-upgrades", Place::Inside("ubuntu-570+ubuntu-550"), &[]),
    ("cdi-generate-gds", UBUNTU, &["--mode", "gds"]),
    ("cdi-generate-device-unknown", UBUNTU, &["--device-id", "0,7"]),
    ("cdi-generate-mig-unknown", MIG, &["--device-id", "0:9"]),
    ("cdi-generate-vendor", UBUNTU, &["--vendor", "a"]),
    ("cdi-generate-names-twice", UBUNTU, &["--device-name-strategy", "index,index"]),
    ("cdi-generate-dev-root", UBUNTU, &["--dev-root", "/nowhere"]),
    ("cdi-generate-driver-root", UBUNTU, &["--driver-root", "/nowhere"]),
    ("cdi-generate-unwritable", UBUNTU, &["--output", "/dev/null/nvidia.yaml"]),
    // The command line is wrong.
    ("cdi-generate-mode", Place::Anywhere, &["--mode", "tegra"]),
    ("cdi-generate-capability", Place::Anywhere, &["--driver-capabilities", "compute,cuda"]),
    ("cdi-generate-hook", Place::Anywhere, &["--disable-hook", "none"]),
    ("cdi-generate-feature", Place::Anywhere, &["--feature-flag", "none"]),
];

fn check(stage: &Stage, name: &str, arguments: &[&str]) {
    let seen = stage.seen(arguments);
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, seen));
}

pub(crate) fn trials() -> Vec<Trial> {
    let specifications = SPECIFICATIONS.iter().map(|(name, place, more)| {
        trial(&format!("text::{name}"), *place, move |stage| {
            // Options that may stand once only are the case's own, if it has them.
            let own = |option: &&str| more.contains(option);
            let mut arguments: Vec<&str> = Vec::new();
            for pair in MAKE[3..].chunks(2).filter(|pair| !own(&pair[0])) {
                arguments.extend(pair);
            }
            check(stage, name, &[&MAKE[..3], &arguments, more].concat());
        })
    });
    let trials = CASES.iter().map(|case| {
        trial(&format!("text::{}", case.name), case.place, move |stage| {
            for (name, text) in case.files {
                stage.write(name, text);
            }
            check(stage, case.name, case.arguments);
        })
    });
    trials.chain(specifications).collect()
}
