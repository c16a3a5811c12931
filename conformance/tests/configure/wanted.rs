//! What the files of a case are to say afterwards.

use crate::cases::{Case, Expected};
use crate::meaning::{self, Language, patched};
use crate::recorded::{Facts, Files};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the files are to say.
pub(crate) fn wanted(facts: &Facts, case: &Case) -> Result<Files, Failed> {
    let mut files = of_case(facts, case)?;
    for file in files.values_mut() {
        with_runc(file, case.runtime());
    }
    Ok(files)
}

fn of_case(facts: &Facts, case: &Case) -> Result<Files, Failed> {
    let recorded = || {
        let fact = facts.get(&case.name());
        let fact =
            fact.ok_or_else(|| fail("the reference's facts are not recorded; record them anew"))?;
        if fact.status == 0 {
            Ok(fact.files.clone())
        } else {
            Err(fail(
                "the reference fails here; the case has to say what is meant",
            ))
        }
    };
    match case.expected {
        Expected::Reference => recorded(),
        Expected::Differs { patch, .. } => {
            let mut files = recorded()?;
            for (name, change) in written(patch)? {
                let before = files.get(&name).cloned().unwrap_or(Value::Null);
                files.insert(name, patched(&before, &change));
            }
            Ok(files)
        }
        Expected::InMain { .. } => {
            let mut files = recorded()?;
            let drop_in = case.engine.drop_in().and_then(|name| files.remove(name));
            let drop_in = drop_in.ok_or_else(|| fail("the reference writes no drop-in here"))?;
            files.insert(case.engine.main_file().to_owned(), drop_in);
            Ok(files)
        }
        Expected::Meant { files, .. } => written(files),
        Expected::Refused { .. } | Expected::Fails { .. } => Err(fail("the case is refused")),
    }
}

/// A table of runtimes takes the place of the one that containerd 1 has built in, and runc is gone: seen with 1.6,
/// whose CRI plugin does not load then (`no corresponding runtime configured`). So who writes the first runtime into a file
/// that it reads has to write runc too. The reference does not.
fn with_runc(file: &mut Value, runtime: &str) {
    for plugin in ["cri", "io.containerd.grpc.v1.cri"] {
        let path = ["plugins", plugin, "containerd", "runtimes"];
        let runtimes = path
            .iter()
            .try_fold(&mut *file, |table, key| table.get_mut(*key))
            .and_then(Value::as_object_mut);
        if let Some(runtimes) = runtimes
            && runtimes.keys().all(|name| name == runtime)
        {
            let runc = json!({ "runtime_type": "io.containerd.runc.v2" });
            runtimes.insert("runc".to_owned(), runc);
        }
    }
}

/// The files of a case's table.
fn written(text: &str) -> Result<Files, Failed> {
    let files: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text)?;
    files
        .into_iter()
        .map(|(name, value)| {
            let value = meaning::read(Language::Json, value.get().as_bytes());
            Ok((
                name,
                value.ok_or_else(|| fail("the case's table is no JSON"))?,
            ))
        })
        .collect()
}

/// Podman's list of paths with a word for each `nvidia-container-runtime`: where that is, the machine says.
pub(crate) fn without_path(mut value: Value) -> Value {
    let paths = value
        .pointer_mut("/engine/runtimes/nvidia")
        .and_then(Value::as_array_mut);
    for path in paths.into_iter().flatten() {
        let text = path.as_str().unwrap_or_default();
        if text.starts_with('/') && text.ends_with("/nvidia-container-runtime") {
            *path = Value::from("@RUNTIME@");
        }
    }
    value
}
