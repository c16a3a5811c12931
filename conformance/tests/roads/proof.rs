//! What the table and the comparison are held against, on data alone: a fact that differs on one road fails,
//! and the list of what may differ hides what it names and nothing else.

use crate::allowed::{ALLOWED, Allowed};
use crate::engine::Specification;
use crate::facts::{Came, LISTING, STARTED, VERDICT, code_in, probe_of};
use crate::judgement::judge;
use crate::request::Request;
use crate::requests;
use crate::road::Road;
use crate::wanted::Wanted;
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::suite::{self, fail, trial};
use serde_json::json;
use std::collections::BTreeMap;

type Case = fn() -> Result<(), Failed>;

/// The trials, which need nothing of the machine that they run on.
pub(crate) fn trials() -> Vec<Trial> {
    let cases: [(&str, Case); 5] = [
        ("proof::the-table", the_table),
        ("proof::every-fact-counts", every_fact_counts),
        ("proof::the-list-hides-what-it-names", the_list_hides),
        ("proof::codes-are-found", codes_are_found),
        ("proof::the-engine", the_engine),
    ];
    cases
        .into_iter()
        .map(|(name, case)| trial(name, None, case))
        .collect()
}

/// Enough requests, each by more than one road, each once; every difference with a witness that is one.
fn the_table() -> Result<(), Failed> {
    let all = requests::all();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for request in &all {
        let name = request.full_name();
        let roads = Road::ALL
            .iter()
            .filter(|road| request.reason_against(**road).is_none());
        expect(
            roads.count() > 1,
            &format!("{name} goes more than one road"),
        )?;
        *names.entry(name).or_default() += 1;
    }
    expect(all.len() >= 100, &format!("enough: {}", all.len()))?;
    let twice: Vec<_> = names.iter().filter(|(_, count)| **count > 1).collect();
    expect(twice.is_empty(), &format!("each name once: {twice:?}"))?;
    for row in ALLOWED {
        let is_covered = row.covers(row.witness, row.roads[0], row.fact);
        expect(
            names.contains_key(row.witness) && is_covered,
            &format!("a witness: {}", row.witness),
        )?;
    }
    Ok(())
}

const MACHINE: &str = "h200-580";

/// One GPU, as it has to be; and one fact more.
fn sample(fact: &str, value: &str) -> Came {
    let mut came = Came::refused("x");
    for (name, value) in [
        (VERDICT, STARTED),
        (
            LISTING,
            &Wanted::Gpus(vec![0])
                .listing(&suite::machine(MACHINE))
                .unwrap_or_default(),
        ),
        (&probe_of("/dev/nvidia0"), "yes"),
        (fact, value),
    ] {
        came.facts.insert(name.to_owned(), value.to_owned());
    }
    came
}

fn judged(request: &Request, came: &[(Road, Came)], allowed: &[Allowed]) -> Option<String> {
    judge(request, &suite::machine(MACHINE), came, allowed)
        .err()
        .map(|failed| failed.message().unwrap_or_default().to_owned())
}

fn every_fact_counts() -> Result<(), Failed> {
    let request = Request::of(MACHINE, "one", "0", Wanted::Gpus(vec![0]));
    let runtime = (Road::Runtime, sample("node /dev/nvidia0", "0666"));
    let with = |came: Came| judged(&request, &[runtime.clone(), (Road::Hook, came)], &[]);
    expect(with(runtime.1.clone()).is_none(), "alike")?;
    for (fact, value) in [
        ("node /dev/nvidia0", "0600"),
        ("node /dev/nvidia1", "0666"),
        (VERDICT, "refused: device-unknown"),
        (LISTING, "No devices found.\n"),
        ("reach /dev/nvidia0", "no"),
    ] {
        let mut other = runtime.1.clone();
        other.facts.insert(fact.to_owned(), value.to_owned());
        let words = with(other).unwrap_or_default();
        expect(
            words.contains(&format!("hook: {fact}\n")),
            &format!("{fact}: {words}"),
        )?;
    }
    let mut less = runtime.1.clone();
    less.facts.remove("node /dev/nvidia0");
    expect(with(less).is_some(), "a fact that is missing")?;
    let refused = Request::of(MACHINE, "one", "0", Wanted::Refused("no-gpu"));
    expect(
        judged(&refused, &[(Road::Runtime, Came::refused("no-gpu"))], &[]).is_none(),
        "the code",
    )?;
    expect(
        judged(&refused, &[(Road::Runtime, Came::refused("no-gpus"))], &[]).is_some(),
        "another code",
    )?;
    let nothing = Request::of(MACHINE, "void", "void", Wanted::Nothing);
    expect(
        judged(&nothing, &[runtime], &[]).is_some(),
        "something where nothing is wanted",
    )
}

fn the_list_hides() -> Result<(), Failed> {
    let row = |fact, requests| Allowed {
        roads: &[Road::Hook],
        fact,
        requests,
        witness: "h200-580::one",
        reason: "",
    };
    let request = Request::of(MACHINE, "one", "0", Wanted::Gpus(vec![0]));
    let fails = |row: Allowed, road| {
        let came = [
            (Road::Runtime, sample("group 44", "")),
            (road, sample("group 45", "")),
        ];
        judged(&request, &came, &[row]).is_some()
    };
    expect(!fails(row("group *", "*"), Road::Hook), "what it names")?;
    expect(fails(row("group *", "*"), Road::Options), "another road")?;
    expect(fails(row("group 44", "*"), Road::Hook), "another fact")?;
    expect(fails(row("group *", "cos*"), Road::Hook), "another request")?;
    let alike = [
        (Road::Runtime, sample("group 44", "")),
        (Road::Hook, sample("group 44", "")),
    ];
    expect(
        judged(&request, &alike, &[row("group *", "*")]).is_some(),
        "a row whose witness does not see it",
    )
}

fn codes_are_found() -> Result<(), Failed> {
    for (words, code) in [
        ("error[device-unknown]: x", Some("device-unknown")),
        ("time=[12:00] a[0] [no-gpu] it", Some("no-gpu")),
        ("[sic] none", None),
        ("[unclosed-one", None),
    ] {
        expect(code_in(words).as_deref() == code, words)?;
    }
    Ok(())
}

/// What the host has is taken from it; what is there twice is replaced.
fn the_engine() -> Result<(), Failed> {
    let specification = Specification(json!({
        "containerEdits": {"env": ["A=1"], "additionalGids": [44]},
        "devices": [{"name": "0", "containerEdits": {
            "deviceNodes": [{"path": "/dev/nvidia0"}],
            "mounts": [{"hostPath": "/h", "containerPath": "/c", "options": ["ro"]}],
            "hooks": [{"hookName": "createContainer", "path": "/p", "args": ["p"]}],
        }}],
    }));
    let plain = json!({
        "process": {"env": ["A=0", "AB=2"], "user": {}},
        "mounts": [{"destination": "/c"}], "linux": {"resources": {}},
    });
    let machine = suite::machine(MACHINE);
    let mut config = plain.clone();
    expect(
        specification.inject(&["0"], &mut config, &machine).is_ok(),
        "a device that there is",
    )?;
    let wanted = json!({
        "process": {"env": ["AB=2", "A=1"], "user": {"additionalGids": [44]}},
        "mounts": [{"destination": "/c", "source": "/h", "type": "", "options": ["ro"]}],
        "hooks": {"createContainer": [{"path": "/p", "args": ["p"]}]},
        "linux": {
            "devices": [{
                "path": "/dev/nvidia0", "type": "c", "major": 195, "minor": 0, "fileMode": 0o666,
            }],
            "resources": {"devices": [
                {"allow": true, "type": "c", "major": 195, "minor": 0, "access": "rwm"},
            ]},
        },
    });
    expect(config == wanted, &config.to_string())?;
    let unknown = specification.inject(&["1"], &mut plain.clone(), &machine);
    expect(unknown == Err("1".to_owned()), "a device that there is not")
}

fn expect(is_so: bool, what: &str) -> Result<(), Failed> {
    if is_so {
        Ok(())
    } else {
        Err(fail(format!("not so: {what}")))
    }
}
