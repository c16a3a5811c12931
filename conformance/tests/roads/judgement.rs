//! What came of a request, held against the table; and every road against the runtime.

use crate::allowed::Allowed;
use crate::facts::{Came, LISTING, STARTED, VERDICT, probe_of};
use crate::request::Request;
use crate::road::Road;
use crate::wanted::Wanted;
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use liftgate_testhost::Machine;
use std::fmt::Write as _;

/// A fact on which a road and the runtime do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) road: Road,
    pub(crate) fact: String,
    /// The runtime's value, then the road's.
    pub(crate) values: [Option<String>; 2],
}

/// Fails with everything that is not as it has to be.
pub(crate) fn judge(
    request: &Request,
    machine: &Machine,
    came: &[(Road, Came)],
    allowed: &[Allowed],
) -> Result<(), Failed> {
    let name = request.full_name();
    let mut text = String::new();
    let mut seen = vec![false; allowed.len()];
    let mut guilty: Vec<Road> = Vec::new();
    for (road, one) in came {
        let mut all = unexpected(request, machine, *road, one);
        if let Some((_, runtime)) = came.first().filter(|(first, _)| first != road) {
            all.extend(differences(*road, runtime, one));
        }
        let excused = |difference: &Difference, seen: &mut [bool]| {
            let found = allowed
                .iter()
                .position(|row| row.covers(&name, difference.road, &difference.fact));
            if let Some(at) = found {
                seen[at] = true;
            }
            found.is_some()
        };
        // Another verdict is another container: nothing more can be compared.
        let is_other = all
            .iter()
            .any(|difference| difference.fact == VERDICT && excused(difference, &mut seen));
        if is_other {
            continue;
        }
        all.retain(|difference| !excused(difference, &mut seen));
        for difference in all {
            describe(&mut text, &difference);
            if !guilty.contains(road) {
                guilty.push(*road);
            }
        }
    }
    let unseen = allowed
        .iter()
        .zip(seen)
        .filter(|(row, seen)| row.witness == name && !seen);
    for (row, _) in unseen {
        let Allowed { fact, reason, .. } = row;
        writeln!(
            text,
            "does not differ here, and is allowed to: {fact} ({reason})"
        )
        .ok();
    }
    if text.is_empty() {
        return Ok(());
    }
    for (road, one) in came.iter().filter(|(road, _)| guilty.contains(road)) {
        writeln!(text, "--- {road}\n{}", one.words).ok();
    }
    Err(fail(text))
}

fn describe(text: &mut String, difference: &Difference) {
    let Difference { road, fact, values } = difference;
    let [wanted, found] = values.each_ref().map(|value| {
        let value = value.as_deref().unwrap_or("(nothing)");
        value.trim_end().replace('\n', "\n      ")
    });
    // Writing to a string does not fail.
    writeln!(text, "{road}: {fact}\n    - {wanted}\n    + {found}").ok();
}

/// Where a road does not give what the table says.
fn unexpected(request: &Request, machine: &Machine, road: Road, came: &Came) -> Vec<Difference> {
    let verdict = match &request.wanted {
        Wanted::Refused(code) => format!("refused: {code}"),
        _ => STARTED.to_owned(),
    };
    let mut wanted = vec![(VERDICT.to_owned(), verdict)];
    if let Some(listing) = request.wanted.listing(machine) {
        wanted.push((LISTING.to_owned(), listing));
        let granted = request.wanted.gpus(machine);
        for gpu in machine.gpus() {
            let answer = if granted.contains(&gpu.index) {
                "yes"
            } else {
                "no"
            };
            let node = format!("/dev/nvidia{}", gpu.minor);
            wanted.push((probe_of(&node), answer.to_owned()));
        }
    }
    let mut unexpected: Vec<Difference> = wanted
        .into_iter()
        .filter(|(fact, value)| came.fact(fact) != value)
        .map(|(fact, value)| Difference {
            road,
            values: [Some(value), came.facts.get(&fact).cloned()],
            fact,
        })
        .collect();
    if matches!(request.wanted, Wanted::Nothing) {
        let is_about_devices =
            |fact: &str| fact != VERDICT && fact != LISTING && !fact.starts_with("reach ");
        let extra = came.facts.iter().filter(|(fact, _)| is_about_devices(fact));
        unexpected.extend(extra.map(|(fact, value)| Difference {
            road,
            fact: fact.clone(),
            values: [None, Some(value.clone())],
        }));
    }
    unexpected
}

/// Where a road differs from the runtime.
pub(crate) fn differences(road: Road, runtime: &Came, other: &Came) -> Vec<Difference> {
    let mut names: Vec<&String> = runtime.facts.keys().chain(other.facts.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| runtime.facts.get(*name) != other.facts.get(*name))
        .map(|name| Difference {
            road,
            fact: name.clone(),
            values: [runtime, other].map(|came| came.facts.get(name).cloned()),
        })
        .collect()
}
