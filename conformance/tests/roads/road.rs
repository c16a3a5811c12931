//! The roads, and how a request goes each of them.

use crate::engine::Specification;
use crate::facts::{Came, script};
use crate::request::Request;
use libtest_mimic::Failed;
use liftgate_conformance::observe::{CAPABILITIES, Look, Mount, Observation, made, read_mounts};
use liftgate_conformance::suite::{Ground, fail};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use liftgate_testhost::Machine;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A way to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Road {
    Runtime,
    Hook,
    Options,
    Specification,
}

impl Road {
    /// All of them; the first is what the others are held against.
    pub(crate) const ALL: [Self; 4] = [
        Self::Runtime,
        Self::Hook,
        Self::Options,
        Self::Specification,
    ];
}

impl fmt::Display for Road {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Runtime => "runtime",
            Self::Hook => "hook",
            Self::Options => "options",
            Self::Specification => "specification",
        })
    }
}

/// What all roads share.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) ground: Arc<Ground>,
    pub(crate) low_level: PathBuf,
    /// Machine → a container without devices.
    plain: Mutex<BTreeMap<String, Look>>,
    /// Machine and options → what was generated, or the code of the refusal.
    pub(crate) generated: Mutex<BTreeMap<(String, String), Result<Specification, String>>>,
}

/// Where every road finds `config.toml`, and how the machine's own mounts are told.
const PRELUDE: &str = r#"mkdir -p /etc/nvidia-container-runtime
cp "$BUNDLE/config.toml" /etc/nvidia-container-runtime/config.toml
cat /proc/self/mountinfo >"$BUNDLE/machine.mountinfo""#;

/// Hooks of this kind read the state, and ask in words. The first words are the program and the root.
const CONFIGURE: &str = r#"pid=$(sed 's/.*"pid": *\([0-9]*\).*/\1/')
program=$1; root=$2; shift 2
exec "$program" --load-kmods configure "$@" --pid="$pid" "$root""#;

const HOOK_ENVIRONMENT: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Way {
    pub(crate) fn new(ground: Arc<Ground>, low_level: PathBuf) -> Self {
        Self {
            ground,
            low_level,
            plain: Mutex::default(),
            generated: Mutex::default(),
        }
    }

    fn inside(&self, machine: &str) -> Inside {
        Inside {
            programs: self.ground.programs.clone(),
            machine: machine.to_owned(),
            state: self.ground.state.clone(),
            writable: Vec::new(),
            low_level: self.low_level.clone(),
        }
    }

    /// What comes of the request on every road that it can go.
    pub(crate) fn go(
        &self,
        request: &Request,
        machine: &Machine,
    ) -> Result<Vec<(Road, Came)>, Failed> {
        let mut came = Vec::new();
        let mut ready = Vec::new();
        for road in Road::ALL {
            if request.reason_against(road).is_none() {
                match self.prepare(road, request, machine)? {
                    Ok(bundle) => ready.push((road, bundle)),
                    Err(code) => came.push((road, Came::refused(&code))),
                }
            }
        }
        let inside = self.inside(request.machine);
        let runs: Vec<(&Bundle, &Path)> = ready
            .iter()
            .map(|(road, bundle)| match road {
                Road::Runtime => (bundle, inside.programs.runtime.as_path()),
                _ => (bundle, inside.low_level.as_path()),
            })
            .collect();
        let outcomes = inside.run_each(&runs, &format!("{PRELUDE}\n{}", request.prelude))?;
        for ((road, bundle), outcome) in ready.iter().zip(outcomes) {
            came.push((*road, self.came(request, machine, bundle, &outcome)?));
        }
        Ok(came)
    }

    fn came(
        &self,
        request: &Request,
        machine: &Machine,
        bundle: &Bundle,
        outcome: &Outcome,
    ) -> Result<Came, Failed> {
        let made = made(&bundle.root(), self.ground.image.root())?;
        if outcome.status != Some(0) {
            return Came::of_refusal(outcome, &made);
        }
        let (after, mounts) = look(outcome, bundle)?;
        let mut before = self.plain(request, machine)?;
        before.environment.extend(request.environment());
        let observation = Observation::between(&before, &after, &mounts, &made);
        Ok(Came::of_container(outcome, &observation))
    }

    /// The bundle as whoever asks on this road makes it; or the code by which the request ends before.
    fn prepare(
        &self,
        road: Road,
        request: &Request,
        machine: &Machine,
    ) -> Result<Result<Bundle, String>, Failed> {
        let bundle = self.bundle(request, &format!("{}-{road}", request.full_name()), machine)?;
        let programs = &self.ground.programs;
        let mut config: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
        match road {
            Road::Runtime => return Ok(Ok(bundle)),
            Road::Hook => {
                let program = programs.named("nvidia-container-runtime-hook")?;
                let words = [json!(program), json!("prestart")];
                add_hook(&mut config, &program, &words);
            }
            Road::Options => {
                let program = programs.named("nvidia-container-cli")?;
                let mut words = ["sh", "-c", CONFIGURE, "sh"].map(Value::from).to_vec();
                words.extend([json!(program), json!(bundle.root())]);
                words.extend(request.configure_options().into_iter().map(Value::from));
                add_hook(&mut config, Path::new("/bin/sh"), &words);
            }
            Road::Specification => {
                if let Err(code) = self.inject(request, &mut config, machine)? {
                    return Ok(Err(code));
                }
            }
        }
        fs::write(bundle.config(), serde_json::to_vec(&config)?)?;
        Ok(Ok(bundle))
    }

    fn bundle(&self, request: &Request, name: &str, machine: &Machine) -> Result<Bundle, Failed> {
        let directory = self.ground.place(name);
        let mut capabilities = CAPABILITIES.map(str::to_owned).to_vec();
        if request.is_privileged {
            capabilities.push("CAP_SYS_ADMIN".to_owned());
        }
        let mount = |path: &&str| {
            let place = format!("/var/run/nvidia-container-devices/{path}");
            (PathBuf::from("/dev/null"), place)
        };
        let mut binds: Vec<_> = request.mounts.iter().map(mount).collect();
        binds.extend(
            request
                .users_mount
                .map(|place| ("/etc/os-release".into(), place.to_owned())),
        );
        let options = BundleOptions {
            script: script(machine),
            environment: request.environment(),
            is_read_only: request.is_read_only,
            binds,
            has_host_proc: true,
            capabilities,
            ..BundleOptions::default()
        };
        let bundle = Bundle::make(&directory, &self.ground.image, &options)?;
        if let Some(path) = request.file_of_image {
            let path = bundle.root().join(path.trim_start_matches('/'));
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(&path, "the image's\n")?;
        }
        let [top, tables] = request.configuration;
        let own = self.inside(request.machine).configuration();
        fs::write(
            directory.join("config.toml"),
            format!("{top}\n{own}\n{tables}\n"),
        )?;
        Ok(bundle)
    }

    /// A container of that machine without devices.
    fn plain(&self, request: &Request, machine: &Machine) -> Result<Look, Failed> {
        let mut plain = self.plain.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = plain.get(request.machine) {
            return Ok(known.clone());
        }
        let nothing = Request::unset(request.machine, "plain");
        let bundle = self.bundle(&nothing, &nothing.full_name(), machine)?;
        let mut inside = self.inside(request.machine);
        self.low_level.clone_into(&mut inside.programs.runtime);
        let (seen, _) = look(&inside.run(&bundle, PRELUDE)?, &bundle)?;
        plain.insert(request.machine.to_owned(), seen.clone());
        Ok(seen)
    }
}

/// A prestart hook, as dockerd and containerd's `ctr` add theirs.
fn add_hook(config: &mut Value, program: &Path, words: &[Value]) {
    config["hooks"] = json!({"prestart": [{
        "path": program, "args": words, "env": [HOOK_ENVIRONMENT],
    }]});
}

/// What the container showed, and the machine's own mounts.
fn look(outcome: &Outcome, bundle: &Bundle) -> Result<(Look, Vec<Mount>), Failed> {
    if outcome.status != Some(0) || !outcome.stdout.ends_with("== finished\n") {
        return Err(fail(outcome.describe()));
    }
    let machine = fs::read_to_string(bundle.directory().join("machine.mountinfo"))?;
    Ok((Look::read(|name| outcome.part(name)), read_mounts(&machine)))
}
