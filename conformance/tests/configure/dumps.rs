//! What an engine says of its configuration, before and after: the runtime is there, and nothing else has changed.

use crate::cases::Case;
use crate::meaning::{self, Language, differences};
use crate::steps::verdict;
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use serde_json::{Map, Value, json};
use std::process::Output;

/// Two dumps of containerd are the same, but for the runtime and what else was asked for.
pub(crate) fn of_containerd(case: &Case, before: &Output, after: &Output) -> Result<(), Failed> {
    let (Some(mut before), Some(mut after)) = (dump(before), dump(after)) else {
        return Err(fail("the dump cannot be read"));
    };
    let name = case.runtime();
    let path = case
        .flag("--nvidia-runtime-path")
        .unwrap_or("/usr/bin/nvidia-container-runtime");
    let Some(cri_before) = cri(&mut before) else {
        // It is disabled, and is not shown: that is somebody's decision.
        return Ok(());
    };
    let knows_cdi = cri_before.get("enable_cdi").is_some();
    let was_default = cri_before.pointer("/containerd/default_runtime_name") == Some(&json!(name));
    let Some(cri) = cri(&mut after) else {
        return Err(fail("the dump has no CRI plugin"));
    };
    let mut found = Vec::new();
    let entry = cri.pointer(&format!("/containerd/runtimes/{name}"));
    let binary = entry.and_then(|entry| entry.pointer("/options/BinaryName"));
    if binary != Some(&json!(path)) {
        found.push(format!("the runtime's entry is {entry:?}"));
    }
    let default = cri.pointer("/containerd/default_runtime_name").cloned();
    if case.has("--set-as-default") && default != Some(json!(name)) {
        found.push(format!("the default runtime is {default:?}"));
    }
    // containerd knows the key since 1.7.
    if knows_cdi && case.has("--cdi.enabled") && cri.get("enable_cdi") != Some(&json!(true)) {
        found.push("CDI is not enabled".to_owned());
    }
    // Whose default it is has to exist, or the plugin does not load.
    let default = default.unwrap_or_default();
    let is_known = default.as_str().is_some_and(|one| {
        cri.pointer(&format!("/containerd/runtimes/{one}"))
            .is_some()
    });
    if !is_known {
        found.push(format!("the default runtime {default} does not exist"));
    }
    for dump in [&mut before, &mut after] {
        if let Some(map) = dump.as_object_mut() {
            map.remove("imports");
            // A file that did not say its version says it now, and dumps of 1.x repeat it.
            map.remove("version");
        }
        if let Some(cri) = cri_map(dump) {
            forget(cri, case, was_default);
        }
        remove_zeros(dump);
    }
    if !case.is_stale {
        found.extend(differences("", Some(&after), Some(&before)));
    }
    verdict("the dump", &found)
}

/// Takes out of a dump what was asked for.
fn forget(cri: &mut Map<String, Value>, case: &Case, was_default: bool) {
    if case.has("--cdi.enabled") {
        cri.remove("enable_cdi");
    }
    let Some(containerd) = cri.get_mut("containerd").and_then(Value::as_object_mut) else {
        return;
    };
    // Without the flag a default that was this runtime is given up, as the reference does.
    if case.has("--set-as-default") || was_default {
        containerd.remove("default_runtime_name");
    }
    if let Some(runtimes) = containerd
        .get_mut("runtimes")
        .and_then(Value::as_object_mut)
    {
        runtimes.remove(case.runtime());
    }
}

fn dump(output: &Output) -> Option<Value> {
    meaning::read(Language::Toml, &output.stdout)
}

fn cri(dump: &mut Value) -> Option<&mut Value> {
    let plugins = dump.get_mut("plugins")?;
    let name = ["io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri"]
        .into_iter()
        .find(|name| plugins.pointer(&format!("/{name}/containerd")).is_some())?;
    plugins.get_mut(name)
}

fn cri_map(dump: &mut Value) -> Option<&mut Map<String, Value>> {
    cri(dump)?.as_object_mut()
}

/// Zero values are what a dump says of a setting that nobody made.
fn remove_zeros(value: &mut Value) {
    if let Value::Object(map) = value {
        map.values_mut().for_each(remove_zeros);
        let zeros = [
            json!(""),
            json!(false),
            json!([]),
            json!({}),
            json!({"number": "0"}),
        ];
        map.retain(|_, one| !zeros.contains(one) && !one.is_null());
    }
}

/// CRI-O knows the runtime, has the default that was asked for, and everything else is as it was.
pub(crate) fn of_crio(case: &Case, before: &Output, after: &Output) -> Result<(), Failed> {
    let (Some(mut before), Some(mut after)) = (dump(before), dump(after)) else {
        return Err(fail("CRI-O's configuration cannot be read"));
    };
    let name = case.runtime();
    let mut found = Vec::new();
    let path = case
        .flag("--nvidia-runtime-path")
        .unwrap_or("/usr/bin/nvidia-container-runtime");
    let entry = after.pointer(&format!("/crio/runtime/runtimes/{name}"));
    if entry.and_then(|entry| entry.get("runtime_path")) != Some(&json!(path)) {
        found.push(format!("the runtime's entry is {entry:?}"));
    }
    let default = after.pointer("/crio/runtime/default_runtime");
    if case.has("--set-as-default") && default != Some(&json!(name)) {
        found.push(format!("the default runtime is {default:?}"));
    }
    for dump in [&mut before, &mut after] {
        let runtime = dump
            .pointer_mut("/crio/runtime")
            .and_then(Value::as_object_mut);
        let Some(runtime) = runtime else { continue };
        let was_default = runtime.get("default_runtime") == Some(&json!(name));
        if case.has("--set-as-default") || was_default {
            runtime.remove("default_runtime");
        }
        if let Some(runtimes) = runtime.get_mut("runtimes").and_then(Value::as_object_mut) {
            runtimes.remove(name);
        }
    }
    // What is built in is shown as a comment, until a file has a runtime.
    let built_in = before.pointer("/crio/runtime/runtimes").is_none();
    if let Some(runtime) = after.pointer_mut("/crio/runtime").filter(|_| built_in) {
        runtime
            .as_object_mut()
            .map(|runtime| runtime.remove("runtimes"));
    }
    found.extend(differences("", Some(&after), Some(&before)));
    verdict("CRI-O", &found)
}
