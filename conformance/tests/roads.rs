//! One verdict on every road: the same request, made in each of the ways that there are, comes to the same
//! container or to the same refusal.
//!
//! | road | who asks, and how |
//! |---|---|
//! | runtime | an engine with our runtime: the container's environment |
//! | hook | dockerd: a plain runtime, and our prestart hook in `config.json` |
//! | options | `ctr --gpus`, enroot, LXC: `nvidia-container-cli configure` with the request's options |
//! | specification | an engine that knows CDI: edits of `liftgate cdi generate`, a plain runtime, our hook |
//!
//! What a container got is seen from inside and outside, as one text of facts a road. What the request has to
//! come to is written beside it; and each road's text has to be the runtime's, but for what stands in one list,
//! with the reason.

#[path = "roads/allowed.rs"]
mod allowed;
#[path = "roads/engine.rs"]
mod engine;
#[path = "roads/facts.rs"]
mod facts;
#[path = "roads/generated.rs"]
mod generated;
#[path = "roads/judgement.rs"]
mod judgement;
#[path = "roads/proof.rs"]
mod proof;
#[path = "roads/request.rs"]
mod request;
#[path = "roads/requests.rs"]
mod requests;
#[path = "roads/road.rs"]
mod road;
#[path = "roads/wanted.rs"]
mod wanted;

use libtest_mimic::Failed;
use liftgate_conformance::Programs;
use liftgate_conformance::suite::{self, Ground, trial};
use request::Request;
use road::Way;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let way = prepare();
    let mut trials = proof::trials();
    for request in requests::all() {
        let name = request.full_name();
        match &way {
            Err(missing) => trials.push(trial(&name, Some(missing), || Ok(()))),
            Ok(way) => {
                let way = Arc::clone(way);
                trials.push(trial(&name, None, move || check(&way, &request)));
            }
        }
    }
    suite::conclude(trials, || {})
}

fn prepare() -> Result<Arc<Way>, String> {
    if Programs::is_other_runtime() {
        return Err("is about our programs alone".to_owned());
    }
    let ground = Ground::prepare()?;
    let low_level = suite::low_level("runc")?;
    Ok(Arc::new(Way::new(ground, low_level)))
}

/// Goes every road that the request can go, and holds what came of it against the table and the runtime's.
fn check(way: &Way, request: &Request) -> Result<(), Failed> {
    let machine = suite::machine(request.machine);
    let came = way.go(request, &machine)?;
    judgement::judge(request, &machine, &came, allowed::ALLOWED)
}
