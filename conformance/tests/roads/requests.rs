//! The table.

#[path = "requests/beside.rs"]
mod beside;
#[path = "requests/capabilities.rs"]
mod capabilities;
#[path = "requests/ids.rs"]
mod ids;
#[path = "requests/requirements.rs"]
mod requirements;

use crate::request::Request;
use crate::wanted::Wanted;

/// Every request.
pub(crate) fn all() -> Vec<Request> {
    let mut requests = ids::requests();
    requests.extend(capabilities::requests());
    requests.extend(requirements::requests());
    requests.extend(beside::requests());
    requests
}

const UBUNTU: &str = "ubuntu-550";
const MIG: &str = "a100-mig";
const H200: &str = "h200-580";
const DGX: &str = "dgx-h100-8";
const FEDORA: &str = "fedora-570";

/// One GPU.
fn gpu(index: usize) -> Wanted {
    Wanted::Gpus(vec![index])
}

/// GPUs.
fn gpus(indices: &[usize]) -> Wanted {
    Wanted::Gpus(indices.to_vec())
}
