//! Compose files, as far as GPUs are concerned.
//!
//! The view is tolerant: a file that docker compose refuses is read all the same, and what stands where it has no effect is told
//! with the place where it belongs ([`Service::misplaced`]). Nothing is a default here: what the file does not say is `None`.
//!
//! Every field is an [`Entry`] of the tree or a [`Value`] of it, with the place where it is used and the one where it is written;
//! they differ behind aliases (`deploy: *gpu`) and merges (`<<: *gpu`).
//!
//! What the file says is not all that counts: `extends` of another file, further files (`-f`), `!reset` and `.env` change it. A
//! [`Service::is_whole`] says whether all of a service is in this file.
//!
//! What docker compose says to a mistake is in the comments of the modules. Sources: `compose-go` at e70e961 (July 2026), `compose`
//! at f729794 (August 2026), the compose specification; older words from issues, where they are named.

mod devices;
mod environment;
mod misplaced;
mod service;
mod size;
mod variable;

#[cfg(test)]
mod tests;

pub use devices::{Count, DeviceRequest, Gpus, Requests};
pub use environment::{Assignment, Place};
pub use misplaced::Misplaced;
pub use service::{Build, Device, Extends, Service, Ulimit, Volume};
pub use size::bytes;
pub use variable::{Operator, Part, Resolved, Template};

use liftgate_dockerfile::Span;

use super::yaml::{Entry, Shape, Value, Yaml};

/// The most values of all services, once aliases are followed: a thousand services with a hundred each have enough.
const MOST_VALUES: usize = 1 << 18;

/// A compose file.
#[derive(Debug, Clone)]
pub struct Compose<'t> {
    /// `version:`. Docker compose 2 ignores it: ``the attribute `version` is obsolete, it will be ignored, please remove it to avoid
    /// potential confusion`` (a warning, loader/loader.go). To docker-compose 1 it says which keys there are: `runtime` in 2.3 and
    /// 2.4 only, device reservations not before 1.28 of the program.
    pub version: Option<Entry<'t>>,
    /// `name:`.
    pub name: Option<Entry<'t>>,
    /// The services, in order.
    pub services: Vec<Service<'t>>,
    /// Fields of services that stand at the top of the file: `additional properties 'deploy' not allowed`.
    pub misplaced: Vec<Misplaced<'t>>,
    /// What is not of the shape that it must have.
    pub errors: Vec<ComposeError>,
}

/// What is not of the shape that it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ComposeError {
    /// Where.
    pub span: Span,
    /// One sentence: lower case, no full stop.
    pub message: String,
}

impl<'t> Compose<'t> {
    /// Looks at a tree as at a compose file; `text` is what the tree was read from.
    pub fn of(yaml: &'t Yaml, text: &'t str) -> Self {
        let mut compose = Self {
            version: None,
            name: None,
            services: Vec::new(),
            misplaced: Vec::new(),
            errors: Vec::new(),
        };
        let Some(root) = yaml.root() else {
            return compose;
        };
        let mut reader = Reader {
            text,
            left: MOST_VALUES,
            is_over: false,
            errors: Vec::new(),
        };
        compose.version = root.entry("version");
        compose.name = root.entry("name");
        compose.misplaced = misplaced::at_the_top(root, &mut reader);
        match root.get("services") {
            None if root.shape() == Shape::Mapping => {}
            None => reader.error(root, "no mapping, and so no compose file"),
            Some(services) if services.shape() == Shape::Mapping => {
                for entry in services.merged() {
                    if !reader.charge(entry.key) {
                        break;
                    }
                    if let Some(service) = Service::of(entry, &mut reader) {
                        compose.services.push(service);
                    }
                }
            }
            Some(services) if services.is_null() => {}
            Some(services) => {
                reader.error(services, "`services` is no mapping of names to services");
            }
        }
        compose.errors = reader.errors;
        compose
    }

    /// The service that another one of the same file extends.
    pub fn base(&self, service: &Service<'t>) -> Option<&Service<'t>> {
        let extends = service.extends.as_ref()?;
        let name = extends.service?.text()?;
        let is_here = extends.file.is_none();
        is_here.then(|| self.services.iter().find(|other| other.name == name))?
    }
}

/// What all parts of the view need.
struct Reader<'t> {
    text: &'t str,
    left: usize,
    /// Whether that was said.
    is_over: bool,
    errors: Vec<ComposeError>,
}

impl<'t> Reader<'t> {
    fn error(&mut self, value: Value<'_>, message: &str) {
        self.errors.push(ComposeError {
            span: value.used(),
            message: message.to_owned(),
        });
    }

    /// One more value; whether there may be one. Aliases can make any number of a short file.
    fn charge(&mut self, value: Value<'_>) -> bool {
        let cost = 1 + value.text().map_or(0, |text| text.len() / 64);
        if self.left < cost {
            if !self.is_over {
                self.error(
                    value,
                    "more values than any compose file needs, once aliases are followed",
                );
            }
            self.is_over = true;
            self.left = 0;
            return false;
        }
        self.left -= cost;
        true
    }

    /// The items of a list, or the one scalar in place of one.
    fn list(&mut self, entry: Option<Entry<'t>>) -> Vec<Value<'t>> {
        let Some(Entry { value, .. }) = entry else {
            return Vec::new();
        };
        match value.shape() {
            Shape::Sequence => value
                .items()
                .take_while(|item| self.charge(*item))
                .collect(),
            Shape::Scalar if !value.is_null() && self.charge(value) => vec![value],
            _ => Vec::new(),
        }
    }

    /// The pairs of a mapping.
    fn pairs(&mut self, value: Value<'t>) -> Vec<Entry<'t>> {
        if value.shape() != Shape::Mapping || self.is_over {
            return Vec::new();
        }
        let mut pairs = value.merged();
        let allowed = pairs
            .iter()
            .take_while(|pair| self.charge(pair.key) && self.charge(pair.value))
            .count();
        pairs.truncate(allowed);
        pairs
    }

    /// Where a part of a scalar stands; all of the scalar, where it is written with escapes.
    fn part(&self, value: Value<'t>, part: std::ops::Range<usize>) -> Place {
        let whole = value.written();
        let text = value.text().unwrap_or_default();
        let quote = usize::from(!whole.of(self.text).starts_with(text));
        let inner = whole.start + quote;
        let is_verbatim = self
            .text
            .get(inner..)
            .is_some_and(|rest| rest.starts_with(text))
            && whole.len() == text.len() + 2 * quote;
        let written = if is_verbatim {
            Span::new(inner + part.start, inner + part.end)
        } else {
            whole
        };
        Place {
            used: if value.is_shared() {
                value.used()
            } else {
                written
            },
            written,
        }
    }
}
