//! Setting engines up: planned, shown, agreed to, done, proven; or as before.

use super::engine_step::{self, Step};
use super::report::{EngineReport, Report};
use super::target::Target;
use super::{Arguments, check, notes, proof, specification, targets};
use crate::cdi::hook_executable;
use crate::commands::cdi::usual_output;
use crate::consent;
use crate::error::CliError;
use crate::records;
use crate::ui::Ui;
use liftgate_engines::change::{self, ChangeError, Record, Records};
use liftgate_engines::{Engine, Plan, Wish};
use liftgate_plan::{Code, Refusal};
use liftgate_sys::process::is_executable;
use std::path::{Path, PathBuf};

const RUNTIME: &str = "nvidia-container-runtime";

/// A target, with what is to become of it.
struct Work {
    target: Target,
    wish: Wish,
    plan: Plan,
    step: Step,
}

pub(super) fn run(arguments: &Arguments, ui: &mut Ui) -> Result<(), CliError> {
    let path = runtime_path(arguments)?;
    let directory = records::directory();
    if !arguments.dry_run {
        Records::recover_from_kill(&directory);
    }
    let mut works = Vec::new();
    let mut report = Report::planned();
    for target in targets(arguments)? {
        let wish = Wish {
            name: arguments.runtime_name.clone(),
            path: path.display().to_string(),
            is_default: arguments.set_as_default,
            with_cdi: arguments.cdi
                && (target.engine() != Engine::Docker || engine_step::wants_cdi_feature(&target)),
        };
        let plan = target
            .configuration
            .add(&wish, &Records::look(&directory))?;
        let step = engine_step::needed(&target, &wish, !plan.is_nothing(), arguments)?;
        if target.engine() == Engine::Docker {
            check::would_start(&target, &plan.changes)?;
        }
        let notes = notes::before(&target, &plan, &step);
        report
            .engines
            .push(EngineReport::new(&target, &plan.changes, &step, notes));
        works.push(Work {
            target,
            wish,
            plan,
            step,
        });
    }
    if !arguments.json {
        for engine in &report.engines {
            engine.print(ui);
        }
    }
    if arguments.dry_run {
        return report.show(arguments.json, ui);
    }
    let is_nothing = report.engines.iter().all(EngineReport::is_nothing);
    if !is_nothing && !consent::ask(arguments.yes, ui)? {
        return Ok(());
    }
    report.is_done = true;
    for (work, engine) in works.iter().zip(&mut report.engines) {
        match perform(work, &directory, arguments, ui) {
            Ok(proven) => engine.proven = proven,
            // It is as it was before, and keeps none of the others from their GPUs.
            Err(CliError::Refused(refusal)) => {
                engine.fail(refusal, ui);
                report.is_done = false;
            }
            Err(error) => return Err(error),
        }
        if !arguments.json {
            for proven in &engine.proven {
                ui.line(format!("✔ {proven}"));
            }
        }
    }
    report.conclude(arguments.json, ui)
}

fn perform(
    work: &Work,
    directory: &Path,
    arguments: &Arguments,
    ui: &mut Ui,
) -> Result<Vec<String>, CliError> {
    let Work {
        target,
        wish,
        plan: shown,
        step,
    } = work;
    let records = Records::open(directory)?;
    let old = target.configuration.record(&records)?;
    let plan = target.configuration.add(wish, &records)?;
    if plan.changes != shown.changes {
        let path = &target.configuration.main;
        return Err(ChangeError::WrittenMeanwhile(path.clone()).into());
    }
    let mut record = plan.record.clone();
    let specification = specification::is_wanted(target).then(usual_output);
    if let (Some(record), Some(path)) = (&mut record, &specification)
        && !path.exists()
    {
        record.specification = Some(path.clone());
    }
    if let Some(record) = &record {
        records.keep(record)?;
    }
    let back = |failure: CliError, ui: &mut Ui| -> CliError {
        put_back(&plan, old.as_ref(), record.as_ref(), &records, ui);
        failure
    };
    if let Err(error) = change::make(&plan.changes) {
        // The files are put back already, but for those that are somebody else's now.
        let nothing = Plan::default();
        put_back(&nothing, old.as_ref(), record.as_ref(), &records, ui);
        return Err(error.into());
    }
    if specification.is_some() {
        specification::refresh(ui);
    }
    if let Some(words) = step.progress(target.engine()) {
        ui.note(words);
        // Whoever does not listen any more has still to get an engine that runs.
        ui.flush().ok();
    }
    if let Err(reason) = step.perform() {
        let failure = Refusal::new(
            Code::EngineNotRestarted,
            format!(
                "{} was not restarted; its configuration is as it was before",
                target.engine()
            ),
            "look at its log; --no-restart leaves the restart to you",
        )
        .because(reason);
        let failure = back(failure.into(), ui);
        if let Err(reason) = engine_step::put_back(step, target, wish, arguments) {
            ui.warning(format!(
                "{} was not restarted with its old configuration either, and may not run: {reason}",
                target.engine()
            ));
        }
        return Err(failure);
    }
    if arguments.no_proof || arguments.no_restart {
        return Ok(Vec::new());
    }
    match proof::prove(target, wish) {
        Ok(proven) => Ok(proven),
        Err(reason) => {
            let failure = back(proof::failed(target, &reason), ui);
            if plan.record.is_some()
                && let Err(reason) = engine_step::put_back(step, target, wish, arguments)
            {
                ui.warning(format!(
                    "{} has still to be restarted, to forget the runtime: {reason}",
                    target.engine()
                ));
            }
            Err(failure)
        }
    }
}

/// Everything as it was before this setup.
fn put_back(
    plan: &Plan,
    old: Option<&Record>,
    record: Option<&Record>,
    records: &Records,
    ui: &mut Ui,
) {
    // What was never written is as it was.
    let is_written = |change: &&change::FileChange| {
        change::read(&change.path).is_ok_and(|now| now == change.after)
    };
    let written: Vec<change::FileChange> =
        plan.changes.iter().filter(is_written).cloned().collect();
    let mut result = change::take_back(&written);
    if let Some(record) = record {
        // One that an earlier setup has made is that one's.
        let is_new = old.is_none_or(|old| old.specification.is_none());
        if let Some(path) = record.specification.as_ref().filter(|_| is_new) {
            specification::remove(path);
        }
        result = result.and_then(|()| records.restore(record, old));
    }
    if let Err(error) = result {
        ui.warning(format!("not everything could be put back: {error}"));
    }
}

/// The runtime's program.
fn runtime_path(arguments: &Arguments) -> Result<PathBuf, CliError> {
    let beside = || hook_executable().map(|program| program.with_file_name(RUNTIME));
    let path = arguments.runtime_path.clone().or_else(beside);
    let path = path.unwrap_or_else(|| Path::new("/usr/bin").join(RUNTIME));
    if path.is_absolute() && is_executable(&path) {
        return Ok(path);
    }
    Err(Refusal::new(
        Code::RuntimeNotFound,
        format!("`{}` is no program that an engine could start", path.display()),
        "put the programs in their places with `liftgate install`, or name another with --runtime-path",
    )
    .into())
}
