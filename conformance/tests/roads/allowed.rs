//! What may differ between the roads, and why. Nothing else may.
//!
//! Every row has a witness: a request in which the difference is seen. It fails where the row covers nothing
//! any more.

use crate::road::Road;
use liftgate_conformance::observe::matches;

/// A difference from the runtime that is meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    pub(crate) roads: &'static [Road],
    /// The name of the fact, in which a `*` is any text.
    pub(crate) fact: &'static str,
    /// The requests, in which a `*` is any text.
    pub(crate) requests: &'static str,
    /// A request in which it is seen.
    pub(crate) witness: &'static str,
    pub(crate) reason: &'static str,
}

impl Allowed {
    /// Whether this row speaks of that fact.
    pub(crate) fn covers(&self, request: &str, road: Road, fact: &str) -> bool {
        self.roads.contains(&road) && matches(self.requests, request) && matches(self.fact, fact)
    }
}

const TOO_LATE: &[Road] = &[Road::Hook, Road::Options];

pub(crate) const ALLOWED: &[Allowed] = &[
    Allowed {
        roads: TOO_LATE,
        fact: "environment NVIDIA_VISIBLE_DEVICES",
        requests: "*",
        witness: "ubuntu-550::all",
        reason: "nobody can change the environment of a container that exists",
    },
    Allowed {
        roads: TOO_LATE,
        fact: "environment NVIDIA_CTK_LIBCUDA_DIR",
        requests: "*",
        witness: "ubuntu-550::all",
        reason: "nobody can change the environment of a container that exists",
    },
    Allowed {
        roads: &[Road::Specification],
        fact: "place *",
        requests: "*",
        witness: "ubuntu-550::cuda-of-a-later-major",
        reason: "the low-level runtime makes the places of mounts before a hook can refuse",
    },
    Allowed {
        roads: TOO_LATE,
        fact: "group *",
        requests: "*",
        witness: "ubuntu-550::nodes-of-a-group",
        reason: "nobody can change the groups of a process that exists",
    },
    Allowed {
        roads: TOO_LATE,
        fact: "place /var/run/nvidia-container-devices/*",
        requests: "ubuntu-550::mounts-*",
        witness: "ubuntu-550::mounts-of-an-unknown",
        reason: "the low-level runtime has mounted what the user asked for before a hook can refuse",
    },
    Allowed {
        roads: &[Road::Specification],
        fact: "environment NVCT_EMPTY_DEVICE",
        requests: "*",
        witness: "ubuntu-550::none",
        reason: "a device of a specification has to change something",
    },
    Allowed {
        roads: &[Road::Specification],
        fact: "verdict",
        requests: "*::gpu-*-unmet",
        witness: "ubuntu-550::gpu-brand-of-a-branch-unmet",
        reason: "the hook of a specification is told the driver and no GPU; what is not known is no reason to refuse",
    },
    Allowed {
        roads: &[Road::Options],
        fact: "verdict",
        requests: "a100-mig::mig-config-of-a-part",
        witness: "a100-mig::mig-config-of-a-part",
        reason: "the reference's options for MIG do not go with some of the MIG devices",
    },
];
