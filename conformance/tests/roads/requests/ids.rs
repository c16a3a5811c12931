//! Names of GPUs and of MIG devices, by every spelling that there is.

use super::{DGX, FEDORA, H200, MIG, UBUNTU, gpu, gpus};
use crate::request::Request;
use crate::road::Road;
use crate::wanted::Wanted;
use liftgate_conformance::suite;

pub(super) fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for machine in [UBUNTU, FEDORA] {
        requests.extend(on(machine));
    }
    // There the names are the same; what they stand for is not.
    let few = [
        "all",
        "none",
        "index",
        "twice",
        "uuid-prefix",
        "bus-short",
        "unknown",
    ];
    for machine in [H200, DGX] {
        let is_one_of_few = |request: &Request| few.contains(&request.name.as_str());
        requests.extend(on(machine).into_iter().filter(is_one_of_few));
    }
    requests.extend(several());
    requests.extend(mig());
    requests
}

const UNKNOWN: Wanted = Wanted::Refused("device-unknown");
const AMBIGUOUS: &str = "a specification has whole names alone";

/// What is asked of every machine whose GPUs are whole.
fn on(machine: &'static str) -> Vec<Request> {
    let description = suite::machine(machine);
    let all = description.gpus();
    let (at, last) = (all.len() - 1, &all[all.len() - 1]);
    let index = at.to_string();
    let every: Vec<usize> = (0..all.len()).collect();
    let ask = |name, ids: &str, wanted| Request::of(machine, name, ids, wanted);
    let (domain, short) = last.bus.split_once(':').unwrap_or_default();
    let capitals = last.uuid[4..].to_uppercase();
    vec![
        ask("all", "all", gpus(&every)),
        ask("capitals", "ALL", gpus(&every)).by_names("all"),
        ask("none", "none", gpus(&[])),
        ask("void", "void", Wanted::Nothing),
        ask("empty", "", Wanted::Nothing),
        Request::unset(machine, "unset"),
        ask("index", &index, gpu(at)),
        ask("twice", "0,0", gpu(0)),
        ask("uuid", &last.uuid, gpu(at)),
        ask("uuid-in-capitals", &format!("GPU-{capitals}"), gpu(at)).by_names(&index),
        ask("uuid-prefix", &last.uuid[..12], gpu(at)).by_names(&index),
        ask("by-two-names", &format!("{index},{}", last.uuid), gpu(at)),
        ask("bus", &last.bus, gpu(at)).by_names(&index),
        ask("bus-long", &format!("0000{domain}:{short}"), gpu(at)).by_names(&index),
        ask("bus-short", short, gpu(at)).by_names(&index),
        ask("unknown", "17", UNKNOWN),
        ask(
            "unknown-uuid",
            "GPU-00000000-0000-0000-0000-000000000000",
            UNKNOWN,
        ),
        ask("unknown-bus", "0000:fe:00.0", UNKNOWN),
        ask("one-of-two-unknown", "0,17", UNKNOWN),
    ]
}

/// More than one GPU, and names that are nearly right.
fn several() -> Vec<Request> {
    let ask = |name, ids, wanted| Request::of(UBUNTU, name, ids, wanted);
    vec![
        ask("two", "1,3", gpus(&[1, 3])),
        ask("backwards", "3,1", gpus(&[1, 3])),
        ask("blanks", " 1 , 2 ", gpus(&[1, 2])).by_names("1,2"),
        ask("a-comma-too-many", "2,,", gpu(2)).by_names("2"),
        ask("all-and-one", "all,0", gpus(&[0, 1, 2, 3])).by_names("all"),
        ask(
            "index-and-uuid",
            "0,GPU-b2e8f0d4-37c9-4a15-8e62-51d09c3f2202",
            gpus(&[0, 1]),
        ),
        ask("index-and-bus", "0,0000:ca:00.0", gpus(&[0, 3])).by_names("0,3"),
        ask("three", "0,1,2", gpus(&[0, 1, 2])),
        ask("leading-zero", "02", gpu(2)).by_names("2"),
        ask("negative", "-1", UNKNOWN),
        ask("a-word", "first", UNKNOWN),
        ask("prefix-of-all", "GPU-", UNKNOWN),
        ask("mig-where-there-is-none", "0:0", UNKNOWN),
        Request::of(DGX, "half", "1,3,5,7", gpus(&[1, 3, 5, 7])),
        Request::of(DGX, "prefix-of-none", "GPU-55b", UNKNOWN),
        Request::of(DGX, "prefix", "GPU-55", gpu(2)).by_names("2"),
        // GPU-41…, GPU-4acc…: one digit says too little.
        Request::of(
            DGX,
            "prefix-of-two",
            "GPU-4",
            Wanted::Refused("device-ambiguous"),
        )
        .not(&[Road::Specification], AMBIGUOUS),
    ]
}

/// Devices of a machine with one partitioned GPU, and one that is whole.
fn mig() -> Vec<Request> {
    let ask = |name, ids, wanted| Request::of(MIG, name, ids, wanted);
    let one = |gpu, device| Wanted::Migs(vec![(gpu, device)]);
    vec![
        ask("all", "all", Wanted::Everything),
        ask("none", "none", gpus(&[])),
        ask("void", "void", Wanted::Nothing),
        ask("mig-index", "0:0", one(0, 0)),
        ask("mig-other-instance", "0:3", one(0, 3)),
        ask(
            "mig-uuid",
            "MIG-a28ad590-3fda-56dd-84fc-0a0b96ed0002",
            one(0, 1),
        ),
        ask("mig-uuid-prefix", "MIG-5b53", one(0, 2)).by_names("0:2"),
        ask(
            "mig-of-old-drivers",
            "MIG-GPU-e86cb44c-6756-4d30-8d4a-1e6da3caf9b0/1/1",
            one(0, 1),
        )
        .by_names("0:1"),
        ask("mig-two", "0:1,0:4", Wanted::Migs(vec![(0, 1), (0, 4)])),
        ask(
            "mig-backwards",
            "0:4,0:1",
            Wanted::Migs(vec![(0, 1), (0, 4)]),
        ),
        ask("mig-twice", "0:2,0:2", one(0, 2)),
        ask("whole", "1", gpu(1)),
        ask(
            "whole-uuid",
            "GPU-3b5f8d2e-91c4-4a76-be03-6f7a2d9c5e18",
            gpu(1),
        ),
        ask("mig-unknown", "0:5", UNKNOWN),
        ask("mig-of-whole", "1:0", UNKNOWN),
        ask(
            "mig-unknown-uuid",
            "MIG-00000000-0000-0000-0000-000000000000",
            UNKNOWN,
        ),
        ask("mig-one-of-two-unknown", "0:1,0:9", UNKNOWN),
    ]
}
