//! How long a container start waits for the host: printed, not asserted.
//!
//! `cargo test --release -p liftgate-driver --test host -- --ignored --nocapture speed`

use crate::machine::Copy;
use liftgate_driver::{Host, NvmlFacts, Record};
use std::time::{Duration, Instant};

const ROUNDS: usize = 500;

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

#[test]
#[ignore = "a measurement; it asserts nothing"]
fn speed() {
    for name in ["ubuntu-550", "h200-580", "dgx-h100-8"] {
        let copy = Copy::of(name);
        let places = copy.places();
        let directory = tempfile::tempdir().unwrap();
        let (record, _) = Record::make(&places, &|_| Ok(NvmlFacts::default())).unwrap();
        record.save(directory.path()).unwrap();
        let size = std::fs::metadata(Record::path(directory.path()))
            .unwrap()
            .len();
        let discover = median(|| {
            Host::discover(&places).unwrap();
        });
        let load = median(|| {
            Record::load(directory.path(), &places).unwrap();
        });
        println!("{name}: discover {discover:?}, load {load:?}, record {size} bytes");
    }
}

/// One load and nothing else, for `strace -c`: `LIFTGATE_SPEED=load` or `discover`.
#[test]
#[ignore = "a measurement; it asserts nothing"]
fn one_of_each() {
    let copy = Copy::of("h200-580");
    let places = copy.places();
    let directory = tempfile::tempdir().unwrap();
    let (record, _) = Record::make(&places, &|_| Ok(NvmlFacts::default())).unwrap();
    record.save(directory.path()).unwrap();
    for _ in 0..1000 {
        if std::env::var_os("LIFTGATE_SPEED").is_some_and(|what| what == "load") {
            Record::load(directory.path(), &places).unwrap();
        } else {
            Host::discover(&places).unwrap();
        }
    }
}
