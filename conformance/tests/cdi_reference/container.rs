//! From a generator's specification to an observed container: write the specification on the machine,
//! inject it into a bundle, run the bundle, look.

use crate::look::{CAPABILITIES, Look, SCRIPT, read_mounts};
use crate::machines::Setting;
use crate::made::made;
use crate::observation::Observation;
use libtest_mimic::Failed;
use liftgate_conformance::suite::{Ground, fail};
use liftgate_conformance::{Bundle, BundleOptions, Inside, Outcome};
use liftgate_testhost::{Options, enter_command};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A program that writes specifications.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    program: PathBuf,
    arguments: Vec<String>,
}

impl Generator {
    /// Ours.
    pub(crate) fn ours(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            arguments: Vec::new(),
        }
    }

    /// The reference's, in a directory with the program of its hooks: on a simulated machine it would write
    /// a path where no program is.
    pub(crate) fn reference(program: &Path) -> Self {
        let hooks = program.with_file_name("nvidia-cdi-hook");
        Self {
            program: program.to_owned(),
            arguments: vec![
                "--nvidia-cdi-hook-path".to_owned(),
                hooks.display().to_string(),
            ],
        }
    }
}

/// A specification on a machine, and the runtime that injects it.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    ground: &'a Ground,
    setting: Setting,
    inside: Inside,
    place: PathBuf,
    baseline: Look,
}

impl<'a> Scene<'a> {
    /// Prepares a machine; `runtime` is `nvidia-container-runtime`, which injects in its mode `cdi`.
    pub(crate) fn new(
        ground: &'a Ground,
        setting: Setting,
        runtime: &Path,
        low_level: &Path,
        label: &str,
    ) -> Result<Self, Failed> {
        let mut programs = ground.programs.clone();
        runtime.clone_into(&mut programs.runtime);
        let inside = Inside {
            programs,
            machine: setting.machine.to_owned(),
            state: ground.state.clone(),
            writable: Vec::new(),
            low_level: low_level.to_owned(),
        };
        let place = ground.place(&format!("{label}-{}", setting.name));
        fs::create_dir_all(&place)?;
        let mut scene = Self {
            ground,
            setting,
            inside,
            place,
            baseline: Look::default(),
        };
        let mut plain = scene.inside.clone();
        low_level.clone_into(&mut plain.programs.runtime);
        let bundle = scene.bundle("without", None)?;
        let (baseline, _) = look(&plain, &bundle)?;
        scene.baseline = baseline;
        Ok(scene)
    }

    /// Runs the generator on the machine; the path of the specification.
    pub(crate) fn specification(
        &self,
        generator: &Generator,
        name: &str,
    ) -> Result<PathBuf, Failed> {
        // A directory of its own: whoever injects reads the whole directory.
        let directory = self.place.join(name.replace('.', "-"));
        fs::create_dir_all(&directory)?;
        let file = directory.join(name);
        let options = Options {
            state: Some(self.inside.state.clone()),
            writable: vec![self.place.clone()],
        };
        let output = enter_command(
            &self.inside.programs.testhost,
            self.setting.machine,
            &options,
            &generator.program,
        )
        // Where programs and configuration are looked for may hang on the caller's environment.
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .args(["cdi", "generate", "--output"])
        .arg(&file)
        .args(&generator.arguments)
        .args(self.setting.flags)
        .output()?;
        if output.status.success() && file.exists() {
            Ok(file)
        } else {
            Err(fail(format!(
                "{}: no specification: {}\n{}",
                generator.program.display(),
                output.status,
                String::from_utf8_lossy(&output.stderr)
            )))
        }
    }

    /// What a container is that was given this device of the specification.
    pub(crate) fn observe(
        &self,
        specification: &Path,
        device: &str,
    ) -> Result<Observation, Failed> {
        let directory = specification.parent().unwrap_or(Path::new("/"));
        let label = format!(
            "{}-{device}",
            directory.file_name().unwrap_or_default().display()
        );
        let bundle = self.bundle(&label, Some(device))?;
        fs::write(
            bundle.directory().join("config.toml"),
            format!(
                "[nvidia-container-runtime]\nmode = \"cdi\"\nruntimes = [\"{}\"]\n\
                 [nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"{}\"]\n",
                self.inside.low_level.display(),
                directory.display()
            ),
        )?;
        let (after, machine) = look(&self.inside, &bundle)?;
        let mut before = self.baseline.clone();
        before.environment.push(request(device));
        let made = made(&bundle.root(), self.ground.image.root())?;
        Ok(Observation::between(
            &before,
            &after,
            &read_mounts(&machine),
            &made,
        ))
    }

    /// One observation for each device that the setting names.
    pub(crate) fn observe_all(
        &self,
        specification: &Path,
    ) -> Result<BTreeMap<String, Observation>, Failed> {
        self.setting
            .devices
            .iter()
            .map(|device| Ok(((*device).to_owned(), self.observe(specification, device)?)))
            .collect()
    }

    fn bundle(&self, label: &str, device: Option<&str>) -> Result<Bundle, Failed> {
        let options = BundleOptions {
            script: SCRIPT.to_owned(),
            environment: device.map(request).into_iter().collect(),
            has_host_proc: true,
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            ..BundleOptions::default()
        };
        let directory = self.place.join(format!("bundle-{label}"));
        Ok(Bundle::make(&directory, &self.ground.image, &options)?)
    }
}

fn request(device: &str) -> String {
    format!("NVIDIA_VISIBLE_DEVICES=nvidia.com/gpu={device}")
}

/// Runs the bundle; what it showed, and the machine's own mounts.
fn look(inside: &Inside, bundle: &Bundle) -> Result<(Look, String), Failed> {
    const MOUNTS: &str = "machine.mountinfo";
    let prelude = format!("cat /proc/self/mountinfo >\"$BUNDLE/{MOUNTS}\"");
    let outcome: Outcome = inside.run(bundle, &prelude)?;
    if outcome.status != Some(0) || !outcome.stdout.ends_with("== end\n") {
        return Err(fail(outcome.describe()));
    }
    let machine = fs::read_to_string(bundle.directory().join(MOUNTS))?;
    Ok((Look::read(|name| outcome.part(name)), machine))
}
