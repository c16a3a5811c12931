//! Plans for whole machines, through the public API alone: environment in, plan or refusal out.

#[path = "../../../driver/tests/host/machine.rs"]
mod machine;
mod properties;
mod reference;
mod refusals;
mod rendering;
mod requirements;
mod snapshots;
mod specification;

use liftgate_driver::{Capabilities, Host};
use liftgate_plan::{Asked, ContainerFacts, Devices, Plan, Policy, Refusal, Request, Source, plan};

/// A container that asks by environment.
fn container(variables: &[(&str, &str)]) -> ContainerFacts {
    ContainerFacts {
        environment: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..ContainerFacts::default()
    }
}

/// What a container with these variables is given.
fn given(host: &Host, variables: &[(&str, &str)]) -> Result<Plan, Refusal> {
    let policy = Policy::default();
    match Asked::by(&container(variables), &policy)? {
        Asked::For(request) => plan(&request, host, &policy),
        Asked::Nothing { reason, .. } => panic!("asked for nothing: {reason}"),
    }
}

/// What a container is given that asks for these devices and capabilities.
fn given_by_id(host: &Host, ids: &str, capabilities: &str) -> Result<Plan, Refusal> {
    given(
        host,
        &[
            ("NVIDIA_VISIBLE_DEVICES", ids),
            ("NVIDIA_DRIVER_CAPABILITIES", capabilities),
        ],
    )
}

/// A request made by hand.
fn request(devices: Devices, capabilities: Capabilities) -> Request {
    Request::of(
        Source::VolumeMounts,
        devices,
        capabilities,
        "a test says so",
    )
}
