//! What is asked of every case: the meaning, that nothing is lost, that a second run writes nothing, the undo, the
//! refusal, the dry run.

use crate::cases::{Case, Engine, Expected, Lie};
use crate::layout::{Place, said};
use crate::lossless;
use crate::meaning::{Language, differences, normal};
use crate::recorded::{Fact, Facts, Files};
use crate::touched;
use crate::tree::{Content, Tree};
use crate::wanted::{wanted, without_path};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use std::path::PathBuf;
use std::process::Output;

/// The programs under test.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) ctk: PathBuf,
    pub(crate) liftgate: PathBuf,
}

impl Tools {
    /// Configures, and it has to succeed.
    pub(crate) fn configure(&self, place: &Place) -> Result<Output, Failed> {
        let output = place.configure(&self.ctk, &self.liftgate, &[])?;
        if output.status.success() {
            Ok(output)
        } else {
            Err(fail(format!("configure: {}", said(&output))))
        }
    }
}

/// The files say what they are to say.
pub(crate) fn meaning(tools: &Tools, facts: &Facts, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let wanted = wanted(facts, &case)?;
    let output = tools.configure(&place)?;
    let is = Fact::of(&place, &output)?.files;
    let mut names: Vec<&String> = is.keys().chain(wanted.keys()).collect();
    names.sort();
    names.dedup();
    let in_form =
        |files: &Files, name: &String| files.get(name).cloned().map(normal).map(without_path);
    let found: Vec<String> = names
        .into_iter()
        .flat_map(|name| {
            let (is, wanted) = (in_form(&is, name), in_form(&wanted, name));
            differences(name, is.as_ref(), wanted.as_ref())
        })
        .collect();
    verdict("the meaning", &found)
}

/// Nothing is lost of any file but the one that is NVIDIA's by its name, and links, modes and owners stay.
pub(crate) fn lossless(tools: &Tools, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let before = place.look()?;
    tools.configure(&place)?;
    let after = place.look()?;
    let mut found = Vec::new();
    for (name, entry) in &before.entries {
        let Some(now) = after.entries.get(name) else {
            found.push(format!("`{name}` is gone"));
            continue;
        };
        if (now.mode, now.owner) != (entry.mode, entry.owner) {
            found.push(format!("`{name}` has another mode or owner"));
        }
        match (&entry.content, &now.content) {
            (Content::File(old), Content::File(new)) if old == new => {}
            // The drop-in is NVIDIA's by its name.
            (Content::File(_), Content::File(_)) if case.engine.drop_in() == Some(name) => {}
            (Content::File(old), Content::File(new)) => found.extend(lost(&case, name, old, new)),
            (old, new) if old != new => {
                found.push(format!("`{name}` is something else now"));
            }
            _ => {}
        }
    }
    verdict("lossless", &found)
}

fn lost(case: &Case, name: &str, old: &[u8], new: &[u8]) -> Option<String> {
    let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) else {
        return Some(format!("`{name}` is no text"));
    };
    let language = match case.engine {
        Engine::Docker => Language::Json,
        _ => Language::Toml,
    };
    let sets_default = case.has("--set-as-default");
    let enables_cdi = case.has("--cdi.enabled");
    let runtime = case.runtime();
    let touched = match language {
        Language::Json => touched::touched_json(old, runtime, sets_default, enables_cdi),
        Language::Toml => {
            let mut keys = case.touched.to_vec();
            if sets_default {
                keys.push("default_runtime_name");
            }
            if enables_cdi {
                keys.push("enable_cdi");
            }
            if case.engine == Engine::Podman {
                keys.push(runtime);
            }
            let table = [format!("runtimes.{runtime}")];
            touched::touched_toml(old, &keys, &table)
        }
    };
    // One run for each thing that is asked for: the runtime, the default, CDI, the import or the version.
    lossless::lost(language, old, new, &touched, 4).map(|lost| format!("`{name}`, {lost}"))
}

/// A second run writes nothing.
pub(crate) fn again(tools: &Tools, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    tools.configure(&place)?;
    let before = place.look()?;
    tools.configure(&place)?;
    let after = place.look()?;
    verdict("a second run writes", &after.written_since(&before))
}

/// After an undo everything is as it was.
///
/// Where there was nothing to configure, nothing was remembered: the runtime is somebody else's work, and an undo
/// takes it out.
pub(crate) fn undo(tools: &Tools, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let before = place.look()?;
    tools.configure(&place)?;
    if place.look()?.written_since(&before).is_empty() {
        let output = place.undo(&tools.liftgate)?;
        let after = place.look()?;
        let left = after.files().filter(|(name, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            !name.starts_with("bin/") && text.contains("nvidia-container-runtime")
        });
        let left: Vec<&str> = left.map(|(name, _)| name).collect();
        let words = said(&output);
        let failed = (!output.status.success()).then_some(words.as_str());
        return verdict(
            "after the undo the runtime is in",
            &[left, failed.into_iter().collect()].concat(),
        );
    }
    taken_back(tools, &place, &before)?;
    // Twice configured is once undone.
    tools.configure(&place)?;
    tools.configure(&place)?;
    taken_back(tools, &place, &before)
}

/// Undoes, and compares.
pub(crate) fn taken_back(tools: &Tools, place: &Place, before: &Tree) -> Result<(), Failed> {
    let output = place.undo(&tools.liftgate)?;
    if !output.status.success() {
        return Err(fail(format!("undo: {}", said(&output))));
    }
    verdict("after the undo", &place.look()?.differences(before))
}

/// Exit status 1, path, line and column; and nothing is written.
pub(crate) fn refused(tools: &Tools, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let before = place.look()?;
    let output = place.configure(&tools.ctk, &tools.liftgate, &[])?;
    let mut found: Vec<String> = Vec::new();
    if output.status.code() != Some(1) {
        found.push(format!("exit status: {}", output.status));
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    match case.expected {
        Expected::Refused { file, from, to, .. } => {
            let name = file.unwrap_or_else(|| case.engine.main_file());
            if !words.contains(&*place.root().join(name).to_string_lossy()) {
                found.push(format!("the path of `{name}` is not said"));
            }
            let places = places(&words);
            if !places.iter().any(|place| (from..=to).contains(place)) {
                found.push(format!(
                    "no place from {from:?} to {to:?} is said, but {places:?}"
                ));
            }
        }
        Expected::Fails { words: wanted } => {
            let missing = wanted.iter().filter(|word| !words.contains(**word));
            found.extend(missing.map(|word| format!("`{word}` is not said")));
        }
        _ => {}
    }
    let after = place.look()?;
    let written = after.written_since(&before);
    found.extend(written.iter().map(|name| format!("`{name}` was written")));
    found.extend(after.differences(&before));
    if !found.is_empty() {
        found.push(said(&output));
    }
    verdict("refused", &found)
}

/// The places that a message names: `line 3, column 5`, or `…:3:5`.
pub(crate) fn places(words: &str) -> Vec<(usize, usize)> {
    let numbers = |text: &str| -> Option<usize> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    };
    let mut found = Vec::new();
    for (at, _) in words.match_indices("line ") {
        let rest = &words[at + 5..];
        let column = rest
            .find("column ")
            .filter(|&at| at < 12)
            .and_then(|at| numbers(&rest[at + 7..]));
        found.extend(numbers(rest).zip(column));
    }
    for (at, _) in words.match_indices(':') {
        let line = numbers(&words[at + 1..]);
        let column = words[at + 1..]
            .trim_start_matches(|one: char| one.is_ascii_digit())
            .strip_prefix(':')
            .and_then(numbers);
        found.extend(line.zip(column));
    }
    found
}

/// Nothing is written, and stdout is the text that would be.
pub(crate) fn dry_run(tools: &Tools, case: Case) -> Result<(), Failed> {
    let place = Place::new(case)?;
    let before = place.look()?;
    let dry = place.configure(&tools.ctk, &tools.liftgate, &["--dry-run"])?;
    if !dry.status.success() {
        return Err(fail(format!("dry run: {}", said(&dry))));
    }
    let after = place.look()?;
    verdict("a dry run writes", &after.written_since(&before))?;
    tools.configure(&place)?;
    let tree = place.look()?;
    let text = |name: &str| {
        let name = match case.lie {
            Lie::Link if name == case.engine.main_file() => case.engine.shared_file(),
            _ => name,
        };
        tree.bytes(name)
            .map(|bytes| String::from_utf8_lossy(bytes).trim_end().to_owned())
            .unwrap_or_default()
    };
    let main = text(case.engine.main_file());
    let drop_in = match case.flag("--drop-in-config") {
        Some(path) => text(path.trim_start_matches("@ROOT@/")),
        None => case.engine.drop_in().map(text).unwrap_or_default(),
    };
    let wanted = match case.engine {
        Engine::Docker => main,
        Engine::Crio => drop_in,
        Engine::Containerd if drop_in.is_empty() => main,
        Engine::Containerd => format!("{drop_in}\n\n{main}"),
        // The command that shows a plan is no stand-in for a file.
        Engine::Podman => return Ok(()),
    };
    let said = String::from_utf8_lossy(&dry.stdout).trim_end().to_owned();
    // Blanks at a file's end are not worth a line of their own.
    let trimmed = |text: &str| {
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    if trimmed(&said) == trimmed(&wanted) {
        Ok(())
    } else {
        Err(fail(format!(
            "stdout: {said:?}\nwould be written: {wanted:?}"
        )))
    }
}

/// Nothing is found, or the test fails with what was.
pub(crate) fn verdict<T: AsRef<str>>(what: &str, found: &[T]) -> Result<(), Failed> {
    if found.is_empty() {
        return Ok(());
    }
    let lines: Vec<&str> = found.iter().map(AsRef::as_ref).collect();
    Err(fail(format!("{what}:\n  {}", lines.join("\n  "))))
}
