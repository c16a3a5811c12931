//! Taking a setup back: every file as it was before the first one.
//!
//! A file that somebody has edited since keeps their edits, and loses the runtime. Where nothing is remembered (another tool has
//! registered the runtime, or the records are gone), the runtime is taken out of what is there.

use super::engine_step::{self, Step};
use super::report::{EngineReport, Report};
use super::specification;
use super::target::{self, Target};
use super::{Arguments, targets};
use crate::consent;
use crate::error::CliError;
use crate::records;
use crate::ui::Ui;
use liftgate_engines::change::{self, FileChange, Records};
use liftgate_engines::{Configuration, Engine};
use liftgate_plan::{Code, Refusal};
use std::path::PathBuf;

/// What is to be taken back of an engine.
struct Work {
    target: Target,
    changes: Vec<FileChange>,
    step: Step,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let directory = records::directory();
    if !arguments.dry_run {
        Records::recover_from_kill(&directory);
    }
    let looked = Records::look(&directory);
    let mut works = Vec::new();
    let mut report = Report::planned();
    for target in meant(arguments, &looked)? {
        let (changes, edited) = target
            .configuration
            .undo(&arguments.runtime_name, &looked)?;
        let is_changed = changes.iter().any(|change| !change.is_nothing());
        let step = if is_changed {
            engine_step::to_forget(&target, arguments)?
        } else {
            Step::Nothing
        };
        let notes = edited.iter().map(|path: &PathBuf| {
            format!(
                "`{}` was edited since: it keeps what was written there, and loses the runtime",
                path.display()
            )
        });
        let notes = notes.collect();
        report
            .engines
            .push(EngineReport::new(&target, &changes, &step, notes));
        works.push(Work {
            target,
            changes,
            step,
        });
    }
    let is_nothing = report.engines.iter().all(EngineReport::is_nothing);
    if !arguments.json {
        for engine in report.engines.iter().filter(|engine| !engine.is_nothing()) {
            engine.print(ui);
        }
        if is_nothing {
            ui.line("nothing to be undone");
        }
    }
    if arguments.dry_run {
        return report.show(arguments.json, ui);
    }
    if !is_nothing && !consent::ask(arguments.yes, ui)? {
        return Ok(());
    }
    report.is_done = true;
    for (work, engine) in works.iter().zip(&mut report.engines) {
        match perform(work, arguments, ui) {
            Ok(()) => {}
            // What was done to the others is taken back all the same.
            Err(CliError::Refused(refusal)) => {
                engine.fail(refusal, ui);
                report.is_done = false;
            }
            Err(error) => return Err(error),
        }
    }
    report.conclude(arguments.json, ui)
}

/// The engines whose setup is to be taken back: the one that is named, or all that were set up.
fn meant(arguments: &Arguments, records: &Records) -> Result<Vec<Target>, CliError> {
    if arguments.engine.is_some() {
        // One that is gone may have left its configuration behind.
        return match targets(arguments) {
            Ok(targets) => Ok(targets),
            Err(error) => Ok(vec![gone(arguments, records).ok_or(error)?]),
        };
    }
    let mut found: Vec<Target> = Vec::new();
    for record in records.all()? {
        let Some(engine) = Engine::from_name(&record.engine) else {
            continue;
        };
        let target = target::find(engine, arguments).ok().flatten();
        let is_it = |target: &Target| target.configuration.identity() == record.configuration;
        // Files that another daemon read, or none any more, are put back; nobody has to be told.
        let target = target.filter(is_it).unwrap_or_else(|| {
            let mut configuration = Configuration::usual(engine);
            match engine {
                Engine::Docker | Engine::Containerd => configuration.main = record.configuration,
                Engine::Crio | Engine::Podman => configuration.drop_in = Some(record.configuration),
            }
            bare(configuration)
        });
        found.push(target);
    }
    Ok(found)
}

fn gone(arguments: &Arguments, records: &Records) -> Option<Target> {
    let mut configuration = Configuration::usual(arguments.engine?);
    if let Some(path) = &arguments.config {
        configuration.main = target::absolute(path);
    }
    let is_known = configuration.record(records).ok().flatten().is_some();
    (is_known || configuration.main.exists()).then(|| bare(configuration))
}

/// A configuration of which no engine is known.
const fn bare(configuration: Configuration) -> Target {
    Target {
        configuration,
        program: None,
        socket: None,
        process: None,
        info: None,
        aside: None,
    }
}

fn perform(work: &Work, arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let Work {
        target,
        changes: shown,
        step,
    } = work;
    let directory = records::directory();
    let record = |records: &Records| target.configuration.record(records);
    let is_nothing = shown.iter().all(FileChange::is_nothing);
    if is_nothing && record(&Records::look(&directory))?.is_none() {
        return Ok(());
    }
    let records = Records::open(&directory)?;
    let record = record(&records)?;
    let (changes, _) = target
        .configuration
        .undo(&arguments.runtime_name, &records)?;
    if &changes != shown {
        let path = target.configuration.identity().to_owned();
        return Err(change::ChangeError::WrittenMeanwhile(path).into());
    }
    change::make(&changes)?;
    let forgotten = record.as_ref().map_or(Ok(()), |record| {
        record.clean()?;
        if let Some(path) = &record.specification {
            specification::remove(path);
        }
        // The last thing: until here, another try would find what is left to be done.
        records.forget(record)
    });
    if let Some(words) = step.progress(target.engine()) {
        ui.note(words);
        ui.flush().ok();
    }
    step.perform().map_err(|reason| {
        Refusal::new(
            Code::EngineNotRestarted,
            format!(
                "{} has its old configuration, and has still to be restarted to forget the runtime",
                target.engine()
            ),
            "restart it",
        )
        .because(reason)
    })?;
    forgotten.map_err(|error| CliError::Failed {
        sentence: error.to_string(),
        hint: "the configuration is as it was before; call it again to remove what is left besides"
            .to_owned(),
    })
}
