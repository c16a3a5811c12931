//! The proof of the observer: each part of a specification that is spoilt changes what is observed, in
//! exactly the kind of fact that the part is about.

use crate::comparison::{Change, compare};
use crate::container::{Generator, Scene, request_of};
use libtest_mimic::Failed;
use liftgate_conformance::observe::Kind;
use liftgate_conformance::suite::fail;
use serde_json::{Value, json};
use std::fs;

/// A part of a specification, and the difference that is expected when it is spoilt.
pub(crate) struct Spoilt {
    /// What is done.
    pub(crate) name: &'static str,
    spoil: fn(&mut Value) -> Option<()>,
    kind: Kind,
    change: Change,
}

/// Everything that is spoilt, one at a time.
pub(crate) fn all() -> Vec<Spoilt> {
    let spoilt = |name, kind, change, spoil: fn(&mut Value) -> Option<()>| Spoilt {
        name,
        spoil,
        kind,
        change,
    };
    vec![
        spoilt("no-node", Kind::Node, Change::Missing, |specification| {
            take_first(specification, "deviceNodes").map(drop)
        }),
        // Another number would do as well, but our injection refuses one that is not the host's.
        spoilt("other-device", Kind::Node, Change::Other, |specification| {
            let node = common(specification, "deviceNodes")?.first_mut()?;
            *node = json!({"path": node["path"], "hostPath": "/dev/null"});
            Some(())
        }),
        spoilt("no-write", Kind::Node, Change::Other, |specification| {
            common(specification, "deviceNodes")?.first_mut()?["permissions"] = json!("r");
            Some(())
        }),
        spoilt("no-mount", Kind::File, Change::Missing, |specification| {
            take_first(specification, "mounts").map(drop)
        }),
        spoilt("other-file", Kind::File, Change::Other, |specification| {
            let mounts = common(specification, "mounts")?;
            let other = mounts.last()?["hostPath"].clone();
            mounts.first_mut()?["hostPath"] = other;
            Some(())
        }),
        spoilt("writable", Kind::File, Change::Other, |specification| {
            let options =
                common(specification, "mounts")?.first_mut()?["options"].as_array_mut()?;
            options.retain(|option| option != "ro");
            Some(())
        }),
        spoilt("no-hooks", Kind::Link, Change::Missing, |specification| {
            common(specification, "hooks")?.clear();
            Some(())
        }),
        spoilt("no-cache", Kind::Cache, Change::Missing, |specification| {
            common(specification, "hooks")?.clear();
            Some(())
        }),
        spoilt(
            "no-parameters",
            Kind::Parameter,
            Change::Missing,
            |specification| {
                common(specification, "hooks")?.clear();
                Some(())
            },
        ),
        spoilt(
            "no-variable",
            Kind::Environment,
            Change::Missing,
            |specification| take_first(specification, "env").map(drop),
        ),
        spoilt("more-groups", Kind::Group, Change::Extra, |specification| {
            // Groups came with this version.
            specification["cdiVersion"] = json!("0.7.0");
            specification["containerEdits"]["additionalGids"] = json!([44]);
            Some(())
        }),
    ]
}

fn common<'a>(specification: &'a mut Value, list: &str) -> Option<&'a mut Vec<Value>> {
    specification["containerEdits"][list].as_array_mut()
}

fn take_first(specification: &mut Value, list: &str) -> Option<Value> {
    let list = common(specification, list)?;
    (!list.is_empty()).then(|| list.remove(0))
}

/// Compares a container of the generator's specification with one of the same specification, spoilt.
pub(crate) fn check(
    scene: &Scene<'_>,
    generator: &Generator,
    spoilt: &Spoilt,
) -> Result<(), Failed> {
    let whole = scene.specification(generator, "whole.json")?;
    let text = fs::read_to_string(&whole)?;
    let mut specification: Value = serde_json::from_str(&text)?;
    (spoilt.spoil)(&mut specification)
        .ok_or_else(|| fail(format!("nothing to spoil in {text}")))?;
    let broken = whole.with_file_name("broken").join("broken.json");
    let directory = broken.parent().ok_or("no directory")?;
    fs::create_dir_all(directory)?;
    fs::write(&broken, serde_json::to_vec(&specification)?)?;
    let all = [request_of("nvidia.com/gpu", "all")];
    let differences = compare(
        &scene.observe(Some(&whole), &all)?,
        &scene.observe(Some(&broken), &all)?,
    );
    let is_seen = differences
        .iter()
        .any(|difference| difference.kind == spoilt.kind && difference.change == spoilt.change);
    if is_seen {
        Ok(())
    } else {
        Err(fail(format!("not seen; what is: {differences:?}")))
    }
}
