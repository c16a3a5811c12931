//! What asks for GPUs where nobody looks for it.
//!
//! Docker compose refuses all of them by its schema (`services.a.deploy.resources.limits additional properties 'devices' not
//! allowed`; before 2.37.2 `Additional property devices is not allowed`, as in manascb1344/zonos-api#2), podman-compose and
//! `docker stack deploy` with some versions drop them without a word, and the container starts without a GPU.

use super::Reader;
use super::devices::{DeviceRequest, Requests, items_of};
use crate::sources::yaml::{Entry, Value};

/// Something that stands in a wrong place.
#[derive(Debug, Clone)]
pub struct Misplaced<'t> {
    /// Where, below the service or the file: `deploy.resources.limits.devices`.
    pub path: String,
    /// Where it belongs: `deploy.resources.reservations.devices`.
    pub belongs: &'static str,
    /// The key and the value.
    pub entry: Entry<'t>,
    /// The requests in it, where it consists of some.
    pub requests: Vec<DeviceRequest<'t>>,
}

const RESERVATIONS: &str = "deploy.resources.reservations.devices";

/// Ways from a service to a wrong place, and to the right one.
#[rustfmt::skip]
const WRONG: &[(&[&str], &str)] = &[
    (&["deploy", "resources", "limits", "devices"], RESERVATIONS),
    (&["deploy", "resources", "limits", "gpus"], "gpus"),
    (&["deploy", "resources", "limits", "generic_resources"], "deploy.resources.reservations.generic_resources"),
    (&["deploy", "resources", "reservations", "gpus"], "gpus"),
    (&["deploy", "resources", "reservations", "driver"], RESERVATIONS),
    (&["deploy", "resources", "reservations", "capabilities"], RESERVATIONS),
    (&["deploy", "resources", "reservations", "device_ids"], RESERVATIONS),
    (&["deploy", "resources", "reservations", "count"], RESERVATIONS),
    (&["deploy", "resources", "devices"], RESERVATIONS),
    (&["deploy", "resources", "gpus"], "gpus"),
    (&["deploy", "reservations"], "deploy.resources.reservations"),
    (&["deploy", "limits"], "deploy.resources.limits"),
    (&["deploy", "devices"], RESERVATIONS),
    (&["deploy", "gpus"], "gpus"),
    (&["deploy", "runtime"], "runtime"),
    (&["deploy", "shm_size"], "shm_size"),
    (&["deploy", "ulimits"], "ulimits"),
    (&["resources"], "deploy.resources"),
    (&["reservations"], "deploy.resources.reservations"),
    (&["generic_resources"], "deploy.resources.reservations.generic_resources"),
    (&["gpu"], "gpus"),
    (&["driver"], RESERVATIONS),
    (&["capabilities"], RESERVATIONS),
    (&["device_ids"], RESERVATIONS),
    (&["device_requests"], RESERVATIONS),
    (&["build", "deploy"], "deploy"),
    (&["build", "gpus"], "gpus"),
    (&["build", "runtime"], "runtime"),
    (&["build", "devices"], "devices"),
];

/// Fields of services that have no business at the top of a file.
const NOT_AT_THE_TOP: &[&str] = &[
    "deploy",
    "devices",
    "environment",
    "gpus",
    "image",
    "ipc",
    "resources",
    "runtime",
    "shm_size",
];

pub(super) fn at_the_top<'t>(root: Value<'t>, reader: &mut Reader<'t>) -> Vec<Misplaced<'t>> {
    // Before version 2 of the format the services stood there, and one may have any name.
    if root.get("services").is_none() {
        return Vec::new();
    }
    let found = NOT_AT_THE_TOP.iter().filter_map(|name| root.entry(name));
    found
        .map(|entry| Misplaced {
            path: entry.key.text().unwrap_or_default().to_owned(),
            belongs: "a service",
            entry,
            requests: inner_requests(entry, reader),
        })
        .collect()
}

pub(super) fn of<'t>(service: Value<'t>, reader: &mut Reader<'t>) -> Vec<Misplaced<'t>> {
    let mut found = Vec::new();
    for (path, belongs) in WRONG {
        let Some((last, before)) = path.split_last() else {
            continue;
        };
        let Some(entry) = service.get_path(before).and_then(|value| value.entry(last)) else {
            continue;
        };
        if !reader.charge(entry.key) {
            break;
        }
        found.push(Misplaced {
            path: path.join("."),
            belongs,
            entry,
            requests: inner_requests(entry, reader),
        });
    }
    // Device nodes stand there, which are texts or have a source.
    if let Some(entry) = service.entry("devices") {
        let is_request = |item: &Value<'_>| {
            let keys = ["capabilities", "count", "device_ids", "driver"];
            item.get("source").is_none() && keys.iter().any(|key| item.get(key).is_some())
        };
        let mut requests = Vec::new();
        for item in items_of(entry.value) {
            if !reader.charge(item) {
                break;
            }
            if is_request(&item) {
                requests.push(DeviceRequest::of(item, reader));
            }
        }
        if !requests.is_empty() {
            found.push(Misplaced {
                path: "devices".to_owned(),
                belongs: RESERVATIONS,
                entry,
                requests,
            });
        }
    }
    found
}

/// The requests that something consists of, or that stand where they should below it (`resources.reservations.devices`).
fn inner_requests<'t>(entry: Entry<'t>, reader: &mut Reader<'t>) -> Vec<DeviceRequest<'t>> {
    let name = entry.key.text().unwrap_or_default();
    let ways: &[&[&str]] = match name {
        "devices" | "gpus" | "device_requests" => return Requests::of(entry, reader).requests,
        "deploy" => &[&["resources", "reservations"], &["resources", "limits"]],
        "resources" => &[&["reservations"], &["limits"], &[]],
        "reservations" | "limits" => &[&[]],
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for way in ways {
        let inner = entry
            .value
            .get_path(way)
            .and_then(|value| value.entry("devices"));
        if let Some(inner) = inner {
            found.extend(Requests::of(inner, reader).requests);
        }
    }
    found
}
