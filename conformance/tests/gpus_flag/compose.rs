//! Device requests over the API, as Compose makes them of `gpus:` and of `deploy.resources.reservations`.

use crate::Case;
use crate::container::{Ran, Wanted, refused, script};
use crate::judge::judge;
use crate::stage::{IMAGE, Stage};
use libtest_mimic::Failed;
use liftgate_conformance::DockerApi;
use serde_json::{Value, json};

pub(crate) fn cases() -> Vec<Case> {
    let given = |label: &'static str, requests: Value, wanted: Wanted| {
        Case::new(format!("api-{label}"), move |stage| {
            let ran = run(stage, &requests, &script(&stage.machine, &wanted))?;
            judge(&stage.machine, &wanted, &ran)
        })
    };
    let all = || Wanted::gpus(0..4);
    let utility = || Wanted {
        cuda: false,
        ..all()
    };
    vec![
        given(
            "all",
            json!([{"Count": -1, "Capabilities": [["gpu"]]}]),
            all(),
        ),
        given(
            "count",
            json!([{"Driver": "nvidia", "Count": 1, "Capabilities": [["gpu"]]}]),
            Wanted::gpus([0]),
        ),
        given(
            "ids",
            json!([{"Driver": "nvidia", "DeviceIDs": ["0", "2"], "Capabilities": [["gpu"]]}]),
            Wanted::gpus([0, 2]),
        ),
        given(
            "utility",
            json!([{"Count": -1, "Capabilities": [["gpu", "utility"]]}]),
            utility(),
        ),
        given(
            "one-of-two-sets",
            json!([{"Count": -1, "Capabilities": [["gpu", "tpu"], ["gpu", "utility"]]}]),
            utility(),
        ),
        given(
            "options",
            json!([{"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]], "Options": {"virtualization": "false"}}]),
            all(),
        ),
        // The daemon calls the hook once for each, and the last environment counts.
        given(
            "two-requests",
            json!([
                {"Driver": "nvidia", "Count": 1, "Capabilities": [["gpu"]]},
                {"Driver": "nvidia", "DeviceIDs": ["1"], "Capabilities": [["gpu"]]}
            ]),
            Wanted::gpus([1]),
        ),
        Case::new("api-unknown", |stage| {
            let requests =
                json!([{"Driver": "nvidia", "DeviceIDs": ["GPU-0"], "Capabilities": [["gpu"]]}]);
            let ran = run(stage, &requests, "echo started")?;
            refused(
                &ran,
                &["device error: GPU-0: unknown device", "[device-unknown]"],
            )
        }),
    ]
}

fn run(stage: &Stage, requests: &Value, script: &str) -> Result<Ran, Failed> {
    let configuration = json!({
        "Image": IMAGE,
        "Cmd": ["sh", "-c", script],
        "HostConfig": {"NetworkMode": "none", "DeviceRequests": requests}
    });
    stage.together(|docker| Ok(DockerApi::at(&docker.socket()).run(&configuration)?.into()))
}
