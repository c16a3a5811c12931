//! An attack, and the trials that are made of it.

use crate::target::{self, Target};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::hostile::{self, Prepared, Scene};
use liftgate_conformance::suite::{self, fail};
use std::io;
use std::sync::Arc;

/// What came of an attack.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What it did to the host, or had from it. Nothing, if all is well.
    pub(crate) harm: Vec<String>,
    /// What is wrong although the host is unharmed: a container that does not get its GPU, a refusal without words.
    pub(crate) faults: Vec<String>,
    /// Everything, for the message of a failed test.
    pub(crate) account: String,
}

impl Report {
    /// Adds what the scene shows. The reference needs a machine that is prepared for it: there the canary alone counts.
    pub(crate) fn look_at(&mut self, scene: &Scene, target: &Target) -> io::Result<()> {
        if target.is_reference() {
            self.harm.extend(scene.canary.changes()?);
        } else {
            self.harm.extend(scene.what_got_out()?);
        }
        Ok(())
    }

    fn describe(&self) -> String {
        let list = |items: &[String]| -> String {
            let items: Vec<String> = items.iter().map(|item| format!("- {item}\n")).collect();
            items.concat()
        };
        format!(
            "harm:\n{}faults:\n{}{}",
            list(&self.harm),
            list(&self.faults),
            self.account
        )
    }
}

type Run = Arc<dyn Fn(&Scene, &Target) -> Result<Report, Failed> + Send + Sync>;

/// An attack of a CVE by one road.
#[derive(Clone)]
pub(crate) struct Attack {
    name: String,
    machine: &'static str,
    /// The faults by which it succeeds.
    weakness: Option<&'static str>,
    /// Whether it comes to nothing there as long as the sandbox stands.
    is_contained: bool,
    /// The version of the reference on which it succeeds.
    old: Option<&'static str>,
    /// Why it cannot be seen to succeed on this machine.
    unseen: Option<String>,
    run: Run,
}

impl Attack {
    pub(crate) fn new(
        name: impl Into<String>,
        machine: &'static str,
        run: impl Fn(&Scene, &Target) -> Result<Report, Failed> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            machine,
            weakness: None,
            is_contained: false,
            old: None,
            unseen: None,
            run: Arc::new(run),
        }
    }

    /// It succeeds on a build with this fault and without the sandbox.
    pub(crate) fn bites(mut self, weakness: &'static str) -> Self {
        self.weakness = Some(weakness);
        self
    }

    /// It does not succeed on a build with that fault in which the sandbox stands.
    pub(crate) fn contained(mut self, is_contained: bool) -> Self {
        self.is_contained = is_contained;
        self
    }

    /// It succeeds on this version of the reference.
    pub(crate) fn bit(mut self, version: &'static str) -> Self {
        self.old = Some(version);
        self
    }

    /// It can be seen to succeed only if nothing speaks against it.
    pub(crate) fn only_seen_unless(mut self, reason: Option<String>) -> Self {
        self.unseen = reason;
        self
    }

    pub(crate) fn trials(self, ground: &Prepared) -> Vec<Trial> {
        let mut trials = vec![self.trial(ground, "holds", Ok(None), holds)];
        if let Some(weakness) = self.weakness {
            let with = |faults: String| {
                target::weakened().map(|directory| Some((directory, Some(faults))))
            };
            let without_sandbox = with(format!("{weakness}+no-sandbox"));
            trials.push(self.trial(ground, "bites", without_sandbox, bites));
            if self.is_contained {
                let contained = target::has_landlock().and_then(|()| with(weakness.to_owned()));
                trials.push(self.trial(ground, "contained", contained, is_harmless));
            }
        }
        if let Some(version) = self.old {
            let old = target::old_reference(version).map(|directory| Some((directory, None)));
            trials.push(self.trial(ground, "old-reference", old, bites));
        }
        trials
    }

    fn trial(
        &self,
        ground: &Prepared,
        half: &str,
        on: Result<Option<target::Source>, String>,
        judge: fn(&Report) -> Result<(), Failed>,
    ) -> Trial {
        let name = format!("{}::{half}", self.name);
        let unseen = self.unseen.clone().filter(|_| half != "holds");
        let on = match unseen.map_or(on, Err) {
            Ok(on) => on,
            Err(missing) => return suite::trial(&name, Some(&missing), || Ok(())),
        };
        let run = Arc::clone(&self.run);
        let check = move |scene: &Scene| {
            let target = match &on {
                None => Target::shipped(scene),
                Some((directory, Some(weakness))) => Target::weakened(scene, directory, weakness)?,
                Some((directory, None)) => Target::old(directory),
            };
            judge(&run(scene, &target)?)
        };
        hostile::trial(ground, "runc", self.machine, &name, Box::new(check))
    }
}

fn holds(report: &Report) -> Result<(), Failed> {
    if report.harm.is_empty() && report.faults.is_empty() {
        Ok(())
    } else {
        Err(fail(report.describe()))
    }
}

/// What becomes of the container is another matter.
fn is_harmless(report: &Report) -> Result<(), Failed> {
    if report.harm.is_empty() {
        Ok(())
    } else {
        Err(fail(report.describe()))
    }
}

fn bites(report: &Report) -> Result<(), Failed> {
    if report.harm.is_empty() {
        let words = "the attack came to nothing where it has to succeed, so it proves nothing";
        Err(fail(format!("{words}\n{}", report.describe())))
    } else {
        Ok(())
    }
}
