//! From a generator's specification, or from a container's variables alone, to an observed container: write
//! the specification on the machine, have the runtime inject, run the bundle, look.

use crate::machines::{Asked, Setting};
use libtest_mimic::Failed;
use liftgate_conformance::observe::{CAPABILITIES, Look, Observation, SCRIPT, made, read_mounts};
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

    /// Ours, with a hook for each part of the work, by the names that NVIDIA's toolkit has for them.
    pub(crate) fn ours_with_separate_hooks(program: &Path) -> Self {
        Self {
            program: program.to_owned(),
            arguments: ["--hook-style", "separate"].map(str::to_owned).to_vec(),
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
    /// Prepares a machine; `runtime` is `nvidia-container-runtime`, which injects.
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
        let bundle = scene.bundle("without", &[])?;
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
        let Asked::Specified { flags, .. } = self.setting.asked else {
            return Err(fail("these containers need no specification"));
        };
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
        .args(flags)
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

    /// What a container is that has these variables. If there is a specification, the runtime is to look for
    /// devices in it and nowhere else.
    pub(crate) fn observe(
        &self,
        specification: Option<&Path>,
        variables: &[String],
    ) -> Result<Observation, Failed> {
        let source = specification.and_then(Path::parent);
        let label = format!(
            "{}-{}",
            source
                .and_then(Path::file_name)
                .unwrap_or_default()
                .display(),
            variables.join("-").replace('/', "-")
        );
        let bundle = self.bundle(&label, variables)?;
        let configuration = self.configuration(source);
        fs::write(bundle.directory().join("config.toml"), configuration)?;
        let (after, machine) = look(&self.inside, &bundle)?;
        let mut before = self.baseline.clone();
        before.environment.extend(variables.iter().cloned());
        let made = made(&bundle.root(), self.ground.image.root())?;
        Ok(Observation::between(
            &before,
            &after,
            &read_mounts(&machine),
            &made,
        ))
    }

    /// The text of `config.toml`.
    fn configuration(&self, specifications: Option<&Path>) -> String {
        let low_level = self.inside.low_level.display();
        if let Some(directory) = specifications {
            return format!(
                "[nvidia-container-runtime]\nmode = \"cdi\"\nruntimes = [\"{low_level}\"]\n\
                 [nvidia-container-runtime.modes.cdi]\nspec-dirs = [\"{}\"]\n",
                directory.display()
            );
        }
        let mut text = format!("[nvidia-container-runtime]\nruntimes = [\"{low_level}\"]\n");
        // On a simulated machine the reference would name a program of hooks that is not there.
        let hooks = self.inside.programs.runtime.with_file_name("nvidia-ctk");
        if hooks.exists() {
            text = format!("{text}[nvidia-ctk]\npath = \"{}\"\n", hooks.display());
        }
        if let Asked::Requested { root, .. } = self.setting.asked
            && !root.is_empty()
        {
            text = format!("{text}[nvidia-container-cli]\nroot = \"{root}\"\n");
        }
        text
    }

    /// One observation for each container of the setting.
    pub(crate) fn observe_all(
        &self,
        generator: &Generator,
    ) -> Result<BTreeMap<String, Observation>, Failed> {
        let specification = match self.setting.asked {
            Asked::Specified { .. } => Some(self.specification(generator, "nvidia.yaml")?),
            Asked::Requested { .. } => None,
        };
        self.setting
            .containers()
            .into_iter()
            .map(|(name, variables)| {
                let observation = self.observe(specification.as_deref(), &variables)?;
                Ok((name, observation))
            })
            .collect()
    }

    fn bundle(&self, label: &str, variables: &[String]) -> Result<Bundle, Failed> {
        let options = BundleOptions {
            script: SCRIPT.to_owned(),
            environment: variables.to_vec(),
            has_host_proc: true,
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
            ..BundleOptions::default()
        };
        let directory = self.place.join(format!("bundle-{label}"));
        Ok(Bundle::make(&directory, &self.ground.image, &options)?)
    }
}

/// The variable that asks for a device of a specification.
pub(crate) fn request_of(kind: &str, device: &str) -> String {
    format!("NVIDIA_VISIBLE_DEVICES={kind}={device}")
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
