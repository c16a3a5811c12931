//! Device requests: `deploy.resources.reservations.devices` and `gpus`.
//!
//! A request has the keys `capabilities`, `driver`, `count`, `device_ids` and `options`, and no others (schema, `devices`). What
//! docker compose says to mistakes:
//!
//! | mistake | docker compose 2.37.2 and later |
//! |---|---|
//! | no `capabilities` in a reservation | `services.a.deploy.resources.reservations.devices.0 missing property 'capabilities'` |
//! | `count` and `device_ids` | `services.a.deploy.resources.reservations.devices.[]: "count" and "device_ids" attributes are exclusive` (since 2.30) |
//! | another key in a reservation | `services.a.deploy.resources.reservations.devices.0 additional properties 'x' not allowed`; before 2.37.2 `Additional property x is not allowed` |
//! | `count: two` | `invalid value "two", the only value allowed is 'all' or a number` (types/device.go) |
//! | neither `count` nor `device_ids` | nothing: it is `count: all` (transform/devices.go) |
//! | `gpus: 2`, `gpus: "2"` | refused: the text is `all` or there is a list |
//! | another key in an item of `gpus` | nothing since 2.33: the schema forbids it for the list in place of its items, and the key is dropped |
//!
//! `capabilities` is mandatory in a reservation; in `gpus` it is not, as docker compose adds `gpu` itself (pkg/compose/create.go).
//! `driver` names a driver of the daemon (`nvidia`, `cdi`), not a GPU's.
//!
//! Since when: reservations of devices, docker-compose 1.28 (before: `services.a.deploy.resources.reservations value Additional
//! properties are not allowed ('devices' was unexpected)`, docker/compose#8142) and every docker compose 2; `gpus` as a list, docker
//! compose 2.30.0 (compose-go 2.3.0); `gpus: all`, docker compose 2.33.0 (compose-go 2.4.8; between the two it is refused for not
//! being a list). Before 2.30: `services.a Additional property gpus is not allowed`.

use super::Reader;
use super::environment::{Assignment, assignments};
use crate::sources::yaml::{Entry, Shape, Value};

/// A list of requests.
#[derive(Debug, Clone)]
pub struct Requests<'t> {
    /// The key and the list.
    pub entry: Entry<'t>,
    /// The requests in it. Of a mapping that stands in place of a list, which docker compose refuses, the one that it would be.
    pub requests: Vec<DeviceRequest<'t>>,
}

/// A request for devices.
#[derive(Debug, Clone)]
pub struct DeviceRequest<'t> {
    /// All of it.
    pub value: Value<'t>,
    /// `driver`.
    pub driver: Option<Entry<'t>>,
    /// `count`, with what it says.
    pub count: Option<(Entry<'t>, Count)>,
    /// `device_ids`.
    pub device_ids: Option<Entry<'t>>,
    /// Its items, or the scalar in its place.
    pub ids: Vec<Value<'t>>,
    /// `capabilities`.
    pub capabilities: Option<Entry<'t>>,
    /// Its items, or the scalar in its place. An item that is a list itself (`[[gpu]]`, the form of Docker's API) is one of them.
    pub capability_names: Vec<Value<'t>>,
    /// `options`.
    pub options: Vec<Assignment<'t>>,
    /// Keys that no request has.
    pub unknown: Vec<Entry<'t>>,
}

/// How many devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// `all`, in any case of letters; `-1` is the same to the daemon.
    All,
    /// A number, with or without quotes.
    Number(i64),
    /// Something with a variable in it.
    Variable,
    /// Anything else.
    Invalid,
}

/// `gpus`.
#[derive(Debug, Clone)]
pub enum Gpus<'t> {
    /// A scalar: `all` is right, anything else is refused.
    Short(Entry<'t>),
    /// A list.
    List(Requests<'t>),
}

impl<'t> Gpus<'t> {
    /// The key and the value.
    pub fn entry(&self) -> Entry<'t> {
        match self {
            Self::Short(entry) => *entry,
            Self::List(requests) => requests.entry,
        }
    }

    pub(super) fn of(entry: Entry<'t>, reader: &mut Reader<'t>) -> Self {
        if entry.value.shape() == Shape::Scalar {
            Self::Short(entry)
        } else {
            Self::List(Requests::of(entry, reader))
        }
    }
}

impl<'t> Requests<'t> {
    pub(super) fn of(entry: Entry<'t>, reader: &mut Reader<'t>) -> Self {
        let items = items_of(entry.value);
        let mut requests = Vec::new();
        for item in items {
            if !reader.charge(item) {
                break;
            }
            requests.push(DeviceRequest::of(item, reader));
        }
        Self { entry, requests }
    }
}

/// The items of a list, or the one mapping in place of one.
pub(super) fn items_of(value: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let single = (value.shape() == Shape::Mapping).then_some(value);
    value.items().chain(single)
}

impl<'t> DeviceRequest<'t> {
    pub(super) fn of(value: Value<'t>, reader: &mut Reader<'t>) -> Self {
        let mut request = Self {
            value,
            driver: None,
            count: None,
            device_ids: None,
            ids: Vec::new(),
            capabilities: None,
            capability_names: Vec::new(),
            options: Vec::new(),
            unknown: Vec::new(),
        };
        for pair in reader.pairs(value) {
            match pair.key.text() {
                Some("driver") => request.driver = Some(pair),
                Some("count") => request.count = Some((pair, Count::of(pair.value))),
                Some("device_ids") => {
                    request.device_ids = Some(pair);
                    request.ids = reader.list(Some(pair));
                }
                Some("capabilities") => {
                    request.capabilities = Some(pair);
                    request.capability_names = reader.list(Some(pair));
                }
                Some("options") => request.options = assignments(Some(pair.value), reader),
                Some(name) if name.starts_with("x-") => {}
                _ => request.unknown.push(pair),
            }
        }
        request
    }

    /// Whether it asks for GPUs: a capability says so, or the driver.
    pub fn is_for_gpus(&self) -> bool {
        let is_gpu = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == "gpu" || name.starts_with("nvidia")
        };
        let names_gpu = |value: &Value<'_>| value.text().is_some_and(is_gpu);
        let mut names = self.capability_names.iter();
        names.any(|name| names_gpu(name) || name.items().take(16).any(|inner| names_gpu(&inner)))
            || self.driver.and_then(|driver| driver.value.text()) == Some("nvidia")
    }
}

impl Count {
    fn of(value: Value<'_>) -> Self {
        let Some(text) = value.text() else {
            return Self::Invalid;
        };
        if text.eq_ignore_ascii_case("all") {
            Self::All
        } else if let Some(number) = value.as_int().or_else(|| text.parse().ok()) {
            Self::Number(number)
        } else if text.contains('$') {
            Self::Variable
        } else {
            Self::Invalid
        }
    }
}
