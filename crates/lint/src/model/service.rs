//! How a service of a compose file asks for GPUs.

use crate::sources::compose::{Compose, DeviceRequest, Gpus, Service, Template};
use crate::sources::yaml::{Entry, Shape, Value};
use liftgate_dockerfile::Span;

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestPlace {
    /// `deploy.resources.reservations.devices`.
    Reservation,
    /// `gpus`.
    Gpus,
}

impl<'t> Service<'t> {
    /// Its requests for devices, in both places where they may stand.
    pub fn requests(&self) -> impl Iterator<Item = (&DeviceRequest<'t>, RequestPlace)> {
        let reserved = self.reservations.iter().flat_map(|list| &list.requests);
        let gpus = match &self.gpus {
            Some(Gpus::List(list)) => list.requests.as_slice(),
            _ => &[],
        };
        let reserved = reserved.map(|request| (request, RequestPlace::Reservation));
        reserved.chain(gpus.iter().map(|request| (request, RequestPlace::Gpus)))
    }

    /// Its requests for NVIDIA's GPUs, as far as is known.
    pub fn gpu_requests(&self) -> impl Iterator<Item = (&DeviceRequest<'t>, RequestPlace)> {
        self.requests()
            .filter(|(request, place)| *place == RequestPlace::Gpus || request.is_for_gpus())
    }

    /// Where it asks for GPUs by a request.
    pub fn request_span(&self) -> Option<Span> {
        let short = match &self.gpus {
            Some(Gpus::Short(entry)) => Some(entry.key.used()),
            _ => None,
        };
        let request = self
            .gpu_requests()
            .next()
            .map(|(request, _)| shown(request.value));
        request.or(short)
    }

    /// Its `runtime`, if that is one that brings GPUs.
    pub fn nvidia_runtime(&self) -> Option<Entry<'t>> {
        self.runtime.filter(|entry| {
            entry
                .value
                .text()
                .is_some_and(|text| text.contains("nvidia"))
        })
    }

    /// Whether anything in it may bring a GPU, of any maker, in any way, also by mistake.
    pub fn may_have_gpu(&self) -> bool {
        let is_gpu = |text: &str| {
            text.contains(['$', '*'])
                || [
                    "nvidia", "/dev/dri", "/dev/kfd", "/dev/dxg", "amd.com", "nvhost",
                ]
                .iter()
                .any(|word| text.contains(word))
        };
        !self.is_whole()
            || self.gpus.is_some()
            || self.reservations.is_some()
            || self.generic_resources.is_some()
            || self.runtime.is_some()
            || !self.misplaced.is_empty()
            || self.devices.iter().any(|device| is_gpu(device.source))
            || self.entry.value.get("provider").is_some()
            || self.entry.value.get("device_cgroup_rules").is_some()
    }

    /// Its image, with the defaults of its variables, if nothing in it is unknown; and whether it was written without one.
    pub fn known_image(&self) -> Option<(String, bool, Value<'t>)> {
        let value = self.image?.value;
        let text = value.text()?;
        let template = Template::of(text);
        let resolved = template.resolved();
        resolved
            .is_known
            .then_some((resolved.text, !template.has_variables(), value))
    }

    /// The words of `entrypoint` and `command`: a text is taken apart at white space, which is enough to look for words.
    pub fn words(&self) -> Vec<&'t str> {
        let mut words = Vec::new();
        for entry in [self.entrypoint, self.command].into_iter().flatten() {
            let items = entry.value.items().filter_map(Value::text);
            let single = entry
                .value
                .text()
                .filter(|_| entry.value.shape() == Shape::Scalar);
            for text in items.chain(single) {
                words.extend(
                    text.split(|sign: char| {
                        sign.is_whitespace() || matches!(sign, '"' | '\'' | ';' | '&' | '|')
                    })
                    .filter(|word| !word.is_empty()),
                );
            }
        }
        words
    }
}

impl Compose<'_> {
    /// Whether something in the file is for a swarm.
    pub fn is_for_swarm(&self) -> bool {
        self.services.iter().any(|service| {
            let deploy = service.deploy.map(|deploy| deploy.value);
            deploy.is_some_and(|deploy| {
                [
                    "placement",
                    "mode",
                    "update_config",
                    "endpoint_mode",
                    "rollback_config",
                ]
                .iter()
                .any(|key| deploy.get(key).is_some())
            })
        })
    }
}

/// What to point at of a mapping: its first key and what is behind it, as all of it may be long.
pub fn shown(value: Value<'_>) -> Span {
    if value.is_shared() {
        return value.used();
    }
    let first = value.entries().next();
    match first {
        Some(entry) if entry.value.shape() == Shape::Scalar && !entry.value.is_shared() => {
            entry.key.written().to(entry.value.written())
        }
        Some(entry) => entry.key.written(),
        None => value.written(),
    }
}

/// Where a key may be put before the first one of a mapping, and what separates them; `None`: it is written elsewhere, or is empty.
pub fn before_first_key(value: Value<'_>, text: &str) -> Option<(usize, String)> {
    if value.is_shared() || value.tag().is_some() {
        return None;
    }
    let at = value.entries().next()?.key.written().start;
    if value.written().of(text).starts_with('{') {
        return Some((at, ", ".to_owned()));
    }
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..at];
    before
        .chars()
        .all(|sign| matches!(sign, ' ' | '-'))
        .then(|| (at, format!("\n{}", " ".repeat(before.len()))))
}
