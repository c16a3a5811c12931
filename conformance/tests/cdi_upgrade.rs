//! A driver upgrade, step by step: at each step a container start either works or says why it does not; and
//! after `liftgate cdi refresh` it works again. Nobody edits a file.
//!
//! | step | files | kernel module | specification |
//! |---|---|---|---|
//! | before | 550 | 550 | none, then made by refresh |
//! | upgraded | 570 | 550 | of 550 |
//! | booted | 570 | 570 | of 550, then made anew |

use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, Ground, fail, trial};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

const BEFORE: &str = "ubuntu-550";
const UPGRADED: &str = "ubuntu-570+ubuntu-550";
const BOOTED: &str = "ubuntu-570";

fn main() -> ExitCode {
    let setting = Ground::prepare().and_then(|ground| Ok((ground, suite::low_level("runc")?)));
    let names = ["by-the-runtime", "old-libraries-left-behind"];
    let trials: Vec<Trial> = match setting {
        Err(missing) => names
            .iter()
            .map(|name| trial(name, Some(&missing), || Ok(())))
            .collect(),
        Ok((ground, low_level)) => {
            let upgrade = |name: &str| Upgrade::new(&ground, &low_level, name);
            let (one, other) = (upgrade(names[0]), upgrade(names[1]));
            vec![
                trial(names[0], None, move || by_the_runtime(&one?)),
                trial(names[1], None, move || old_libraries_left_behind(&other?)),
            ]
        }
    };
    suite::conclude(trials, || {})
}

/// What lasts over the steps: the specifications and the host record.
struct Upgrade {
    ground: Arc<Ground>,
    low_level: PathBuf,
    place: PathBuf,
}

impl Upgrade {
    fn new(ground: &Arc<Ground>, low_level: &Path, name: &str) -> std::io::Result<Self> {
        let place = ground.place(name);
        fs::create_dir_all(place.join("cdi"))?;
        Ok(Self {
            ground: Arc::clone(ground),
            low_level: low_level.to_owned(),
            place,
        })
    }

    fn specification(&self) -> PathBuf {
        self.place.join("cdi/nvidia.yaml")
    }

    /// What `liftgate cdi refresh` says on a machine, with its exit status.
    fn refresh(&self, machine: &str) -> Result<String, Failed> {
        let outcome = self.run(
            machine,
            "void",
            &format!(
                "$LIFTGATE cdi refresh --verbose --spec-dir {0}/cdi --output {0}/cdi/nvidia.yaml 2>&1; echo refresh=$?",
                self.place.display()
            ),
        )?;
        Ok(outcome.stdout)
    }

    /// As [`Self::refresh`], then once more; and whether the second one touched the file.
    fn refresh_twice(&self, machine: &str) -> Result<String, Failed> {
        let place = self.place.display();
        let refresh = format!(
            "$LIFTGATE cdi refresh --verbose --spec-dir {place}/cdi --output {place}/cdi/nvidia.yaml 2>&1"
        );
        let state = format!("stat -c '%i %y' {place}/cdi/nvidia.yaml");
        let outcome = self.run(
            machine,
            "void",
            &format!(
                "{refresh}; before=$({state}); {refresh}; [ \"$before\" = \"$({state})\" ] && echo untouched"
            ),
        )?;
        Ok(outcome.stdout)
    }

    /// A container that asks for this.
    fn start(&self, machine: &str, request: &str) -> Result<Outcome, Failed> {
        self.run(machine, request, "")
    }

    fn run(&self, machine: &str, request: &str, prelude: &str) -> Result<Outcome, Failed> {
        let bundle = self.place.join("bundle");
        if bundle.exists() {
            fs::remove_dir_all(&bundle)?;
        }
        let options = BundleOptions {
            script: "nvidia-smi -L; echo status=$?".to_owned(),
            environment: vec![format!("NVIDIA_VISIBLE_DEVICES={request}")],
            ..BundleOptions::default()
        };
        let bundle = Bundle::make(&bundle, &self.ground.image, &options)?;
        let inside = Inside {
            programs: self.ground.programs.clone(),
            machine: machine.to_owned(),
            state: self.ground.state.clone(),
            writable: vec![self.place.clone()],
            low_level: self.low_level.clone(),
        };
        let configuration = format!(
            "{}\n[nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"{place}/cdi\"]\n[liftgate]\nrecord-directory = \"{place}/record\"\n",
            inside.configuration(),
            place = self.place.display()
        );
        fs::write(bundle.directory().join("config.toml"), configuration)?;
        Ok(inside.run(&bundle, prelude)?)
    }

    /// Works, and lists the first GPU.
    fn works(&self, machine: &str, request: &str) -> Result<(), Failed> {
        let outcome = self.start(machine, request)?;
        let wanted = suite::expected_listing(&suite::machine(machine), &[0]);
        if outcome.stdout == wanted {
            return Ok(());
        }
        Err(fail(format!(
            "{request} on {machine}: wanted {wanted}{}",
            outcome.describe()
        )))
    }

    /// Says why not: with this code, and this evidence.
    fn says(&self, machine: &str, request: &str, texts: &[&str]) -> Result<(), Failed> {
        let outcome = self.start(machine, request)?;
        let said = format!("{}{}", outcome.stderr, outcome.log);
        let missing = texts.iter().find(|text| !said.contains(**text));
        match missing {
            None if outcome.status != Some(0) => Ok(()),
            _ => Err(fail(format!(
                "{request} on {machine} does not say {missing:?}: {}",
                outcome.describe()
            ))),
        }
    }
}

fn holds(said: &str, wanted: &str) -> Result<(), Failed> {
    if said.contains(wanted) {
        Ok(())
    } else {
        Err(fail(format!("`{wanted}` is not in: {said}")))
    }
}

const BY_NAME: &str = "nvidia.com/gpu=0";

fn by_the_runtime(upgrade: &Upgrade) -> Result<(), Failed> {
    upgrade.says(BEFORE, BY_NAME, &["[cdi-device-unknown]", "cdi refresh"])?;
    holds(&upgrade.refresh(BEFORE)?, "refresh=0")?;
    upgrade.works(BEFORE, BY_NAME)?;
    upgrade.works(BEFORE, "0")?;

    // New libraries, old module: nothing can work, and everything says so.
    let old = fs::read(upgrade.specification())?;
    upgrade.says(
        UPGRADED,
        BY_NAME,
        &[
            "[cdi-specification-stale]",
            "libcuda.so.550.54.15",
            "nvidia.yaml`, line ",
        ],
    )?;
    upgrade.says(
        UPGRADED,
        "0",
        &["[driver-version-mismatch]", "570.86.15", "reboot"],
    )?;
    let said = upgrade.refresh(UPGRADED)?;
    holds(&said, "refresh=1")?;
    holds(&said, "driver-version-mismatch")?;
    if fs::read(upgrade.specification())? != old {
        return Err(fail("the old specification was touched"));
    }

    // Booted: a request without a specification works at once, one by name after a refresh.
    upgrade.works(BOOTED, "0")?;
    upgrade.says(
        BOOTED,
        BY_NAME,
        &["[cdi-specification-stale]", "cdi refresh"],
    )?;
    holds(&upgrade.refresh(BOOTED)?, "refresh=0")?;
    upgrade.works(BOOTED, BY_NAME)?;
    let new = fs::read(upgrade.specification())?;
    if new == old {
        return Err(fail("the specification was not made anew"));
    }
    // Each run is a machine booted anew, as far as device numbers go; so twice in one.
    let said = upgrade.refresh_twice(BOOTED)?;
    holds(&said, "untouched")?;
    Ok(())
}

/// With the old libraries still there, every path of the old specification is: only the hook can tell that
/// they are of another driver than the one that runs.
fn old_libraries_left_behind(upgrade: &Upgrade) -> Result<(), Failed> {
    holds(&upgrade.refresh(BEFORE)?, "refresh=0")?;
    let libraries = upgrade.place.join("old");
    upgrade.run(
        BEFORE,
        "void",
        &format!(
            "mkdir -p {0}; cp -a /usr/lib/x86_64-linux-gnu/*.so.550.54.15 /usr/lib/x86_64-linux-gnu/vdpau /usr/lib/x86_64-linux-gnu/nvidia {0}; cp -a /usr/lib/firmware/nvidia {0}/firmware",
            libraries.display()
        ),
    )?;
    let put_back = format!(
        "cp -a {0}/*.so.550.54.15 {0}/vdpau {0}/nvidia /usr/lib/x86_64-linux-gnu/; cp -a {0}/firmware/* /usr/lib/firmware/nvidia/",
        libraries.display()
    );
    let outcome = upgrade.run(BOOTED, BY_NAME, &put_back)?;
    let said = format!("{}{}", outcome.stderr, outcome.log);
    if outcome.status == Some(0) {
        return Err(fail(format!("was started: {}", outcome.describe())));
    }
    for text in ["cdi-specification-stale", "driver 550.54.15", "570.86.15"] {
        holds(&said, text)?;
    }
    Ok(())
}
