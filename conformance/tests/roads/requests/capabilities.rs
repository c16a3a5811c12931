//! Parts of the driver, by themselves and together.

use super::{DGX, FEDORA, H200, MIG, UBUNTU, gpu, gpus};
use crate::request::Request;
use crate::road::Road;
use crate::wanted::Wanted;

const EACH: [&str; 7] = [
    "compute", "utility", "video", "graphics", "display", "ngx", "compat32",
];

/// Two of which the second is `utility`, so that the GPUs can be listed.
const PAIRS: [&str; 6] = [
    "compute,utility",
    "video,utility",
    "graphics,utility",
    "display,utility",
    "ngx,utility",
    "compat32,utility",
];

const WORDS: &str = "whoever calls it reads a list of options, and no variable";

pub(super) fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for capability in EACH {
        let wanted = match capability {
            "utility" => gpu(0),
            _ => Wanted::Unlisted(vec![0]),
        };
        let name = format!("only-{capability}");
        requests.push(Request::of(UBUNTU, &name, "0", wanted.clone()).capabilities(capability));
        requests.push(Request::of(FEDORA, &name, "0", wanted).capabilities(capability));
    }
    for pair in PAIRS {
        let name = format!("both-{}", pair.replace(',', "-"));
        requests.push(Request::of(UBUNTU, &name, "1", gpu(1)).capabilities(pair));
    }
    for machine in [UBUNTU, FEDORA, H200, DGX, MIG] {
        let wanted = match machine {
            MIG => Wanted::Migs(vec![(0, 0)]),
            _ => gpu(0),
        };
        let ids = if machine == MIG { "0:0" } else { "0" };
        requests.push(Request::of(machine, "every-capability", ids, wanted).capabilities("all"));
    }
    let ask = |name, capabilities, wanted| {
        Request::of(UBUNTU, name, "2", wanted).capabilities(capabilities)
    };
    let not_a_word = |name, capabilities| {
        ask(name, capabilities, Wanted::Refused("capability-unknown"))
            .not(&[Road::Options, Road::Specification], WORDS)
    };
    requests.extend([
        ask("empty-capabilities", "", gpu(2)),
        ask("capabilities-with-blanks", "compute, utility", gpu(2)),
        ask("all-among-capabilities", "utility,all", gpu(2)),
        ask("screens", "graphics,display,utility", gpu(2)),
        not_a_word("unknown-capability", "compute,teleport"),
        not_a_word("capability-in-capitals", "Utility"),
        Request::of(UBUNTU, "none-for-graphics", "none", gpus(&[]))
            .capabilities("graphics,utility"),
        Request::of(FEDORA, "none-with-everything", "none", gpus(&[])).capabilities("all"),
        Request::of(FEDORA, "two-for-32-bit", "0,1", gpus(&[0, 1]))
            .capabilities("compute,utility,compat32"),
        ask(
            "capability-not-allowed",
            "graphics,utility",
            Wanted::Refused("capability-not-allowed"),
        )
        .configured("supported-driver-capabilities = \"compute,utility\"", "")
        .who_asks(),
        ask("all-of-the-allowed", "all", gpu(2))
            .configured("supported-driver-capabilities = \"compute,utility\"", "")
            .who_asks(),
    ]);
    requests
}
