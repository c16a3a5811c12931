//! Bad input: a code, a sentence, a hint, a non-zero exit, and `config.json` as it was.

use libtest_mimic::Failed;
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Bundle, BundleOptions, Inside};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// One kind of bad input.
#[derive(Clone)]
struct Case {
    name: &'static str,
    code: &'static str,
    request: &'static str,
    /// Shell text that spoils the machine.
    prelude: &'static str,
    /// Spoils the bundle.
    spoil: fn(&Bundle) -> std::io::Result<()>,
}

const fn case(name: &'static str, code: &'static str) -> Case {
    Case {
        name,
        code,
        request: "NVIDIA_VISIBLE_DEVICES=all",
        prelude: "",
        spoil: |_| Ok(()),
    }
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            spoil: |bundle| fs::write(bundle.config(), "{\"process\": {\"env\": [}"),
            ..case("broken-config-json", "bundle-malformed")
        },
        Case {
            spoil: |bundle| fs::write(bundle.config(), "[]"),
            ..case("config-json-is-a-list", "bundle-malformed")
        },
        Case {
            spoil: |bundle| fs::write(bundle.config(), ""),
            ..case("empty-config-json", "bundle-malformed")
        },
        Case {
            spoil: |bundle| fs::remove_file(bundle.config()),
            ..case("no-config-json", "bundle-unreadable")
        },
        Case {
            request: "NVIDIA_VISIBLE_DEVICES",
            ..case("environment-entry-without-equals", "environment-malformed")
        },
        Case {
            request: "NVIDIA_VISIBLE_DEVICES=7",
            ..case("unknown-index", "device-unknown")
        },
        Case {
            request: "NVIDIA_VISIBLE_DEVICES=GPU-00000000",
            ..case("unknown-uuid", "device-unknown")
        },
        Case {
            request: "NVIDIA_VISIBLE_DEVICES=0:1",
            ..case("mig-device", "device-unknown")
        },
        Case {
            request: "NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu=0",
            ..case("cdi-device", "cdi-device-unknown")
        },
        Case {
            prelude: "umount /proc/driver",
            ..case("no-driver", "driver-not-loaded")
        },
        Case {
            prelude: "sed 's/580[.]159[.]04/575.57.08/' /proc/driver/nvidia/version > /run/version; mount --bind /run/version /proc/driver/nvidia/version",
            ..case("another-kernel-module", "driver-version-mismatch")
        },
        Case {
            prelude: "rm -rf /usr/local/nvidia/lib64 /usr/lib/libcuda* /usr/lib/libnvidia*",
            ..case("no-libraries", "driver-files-missing")
        },
        Case {
            spoil: |bundle| {
                fs::write(
                    bundle.directory().join("config.toml"),
                    "[nvidia-container-runtime]\nruntimes = [\"no-such-runtime\"]\n",
                )
            },
            ..case("no-low-level-runtime", "runtime-not-found")
        },
        Case {
            spoil: |bundle| {
                fs::write(
                    bundle.directory().join("config.toml"),
                    "[nvidia-container-runtime]\nruntimes = \"runc\"\n",
                )
            },
            ..case("config-toml-with-a-wrong-type", "configuration-malformed")
        },
        Case {
            spoil: |bundle| {
                fs::write(
                    bundle.directory().join("config.toml"),
                    "[nvidia-container-runtime]\nmode = \"csv\"\n",
                )
            },
            ..case("mode-csv-on-another-machine", "driver-files-missing")
        },
        Case {
            prelude: "mkdir -p /run/log; export LOG=/run/log; mount --bind $BUNDLE $BUNDLE; mount -o remount,bind,ro $BUNDLE",
            ..case("unwritable-bundle", "bundle-not-writable")
        },
    ]
}

fn main() -> ExitCode {
    let ground = Ground::prepare();
    let trials = cases()
        .into_iter()
        .map(|case| {
            let setting = ground
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|ground| Ok((Arc::clone(ground), suite::low_level("runc")?)));
            match setting {
                Err(missing) => trial(case.name, Some(&missing), || Ok(())),
                Ok((ground, low_level)) => trial(case.name, None, move || {
                    let inside = Inside {
                        programs: ground.programs.clone(),
                        machine: "h200-580".to_owned(),
                        state: ground.state.clone(),
                        writable: Vec::new(),
                        low_level,
                    };
                    check(&ground, &inside, &case)
                }),
            }
        })
        .collect();
    suite::conclude(trials, || {})
}

fn check(ground: &Ground, inside: &Inside, case: &Case) -> Result<(), Failed> {
    let place = ground.place(case.name);
    let options = BundleOptions {
        script: "nvidia-smi -L".to_owned(),
        environment: vec![case.request.to_owned()],
        ..BundleOptions::default()
    };
    let bundle = Bundle::make(&place, &ground.image, &options)?;
    (case.spoil)(&bundle)?;
    let before = fs::read(bundle.config()).ok();
    let outcome = inside.run(&bundle, case.prelude)?;
    let after = fs::read(bundle.config()).ok();
    let mut problems = Vec::new();
    if outcome.status == Some(0) {
        problems.push("the exit status is 0");
    }
    if !outcome.stderr.contains(&format!("error[{}]: ", case.code)) {
        problems.push("the code is not on standard error");
    }
    if !outcome.stderr.contains("  hint: ") {
        problems.push("there is no hint");
    }
    if !outcome.log.contains(&format!("[{}]", case.code)) && is_writable(case) {
        problems.push("the code is not in the log");
    }
    if before != after {
        problems.push("config.json has changed");
    }
    if left_over(&place) {
        problems.push("a temporary file was left in the bundle");
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(fail(format!(
            "{}: {}",
            problems.join(", "),
            outcome.describe()
        )))
    }
}

/// Where the bundle cannot be written, neither can the log in it.
fn is_writable(case: &Case) -> bool {
    case.code != "bundle-not-writable"
}

fn left_over(bundle: &Path) -> bool {
    fs::read_dir(bundle).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with('.'))
    })
}
