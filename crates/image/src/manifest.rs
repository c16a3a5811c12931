//! The documents of an image: `manifest.json`, `index.json`, manifests, the configuration.
//!
//! They are read as loosely as engines read them: unknown keys are nothing, a missing one is empty.

use serde::Deserialize;

use crate::error::{ImageError, shown};
use crate::facts::{Configuration, Platform, Step};

/// The longest document. Registries take manifests of 4 MiB.
pub(crate) const LONGEST_DOCUMENT: u64 = 4 << 20;

/// An entry of `manifest.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Saved {
    pub(crate) config: String,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) repo_tags: Vec<String>,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) layers: Vec<String>,
}

/// An index or a manifest; they are told by what they have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Document {
    #[serde(deserialize_with = "or_empty")]
    pub(crate) manifests: Vec<Descriptor>,
    pub(crate) config: Option<Descriptor>,
    #[serde(deserialize_with = "or_empty")]
    pub(crate) layers: Vec<Descriptor>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) digest: String,
    pub(crate) platform: Option<PlatformDocument>,
    pub(crate) annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlatformDocument {
    os: String,
    architecture: String,
    variant: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ConfigurationDocument {
    os: String,
    architecture: String,
    variant: Option<String>,
    config: Option<Inner>,
    #[serde(deserialize_with = "or_empty")]
    history: Vec<History>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inner {
    #[serde(deserialize_with = "or_empty")]
    env: Vec<String>,
    #[serde(deserialize_with = "or_empty")]
    labels: std::collections::BTreeMap<String, String>,
    #[serde(deserialize_with = "or_empty")]
    entrypoint: Vec<String>,
    #[serde(deserialize_with = "or_empty")]
    cmd: Vec<String>,
    #[serde(deserialize_with = "or_empty")]
    user: String,
    #[serde(deserialize_with = "or_empty")]
    working_dir: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct History {
    #[serde(deserialize_with = "or_empty")]
    created_by: String,
    empty_layer: bool,
}

/// `null` is written for what is empty.
fn or_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads a document.
pub(crate) fn read<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, ImageError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ImageError::malformed(shown(what), error.to_string()))
}

/// Reads the configuration of an image.
pub(crate) fn configuration(
    what: &str,
    bytes: &[u8],
) -> Result<(Platform, Configuration), ImageError> {
    let document: ConfigurationDocument = read(what, bytes)?;
    let inner = document.config.unwrap_or_default();
    let mut layer = 0;
    let history = document.history.into_iter().map(|step| {
        let made = (!step.empty_layer).then_some(layer);
        layer += usize::from(made.is_some());
        Step {
            created_by: step.created_by,
            layer: made,
        }
    });
    let environment = inner.env.iter().map(|variable| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        (name.to_owned(), value.to_owned())
    });
    let platform = Platform {
        os: document.os,
        architecture: document.architecture,
        variant: document.variant.filter(|variant| !variant.is_empty()),
    };
    let configuration = Configuration {
        environment: environment.collect(),
        labels: inner.labels,
        entrypoint: inner.entrypoint,
        command: inner.cmd,
        user: inner.user,
        working_directory: inner.working_dir,
        history: history.collect(),
    };
    Ok((platform, configuration))
}

impl Descriptor {
    /// The path of the blob below a layout, if the digest is one: a word, a colon, hexadecimal digits.
    pub(crate) fn path(&self) -> Result<String, ImageError> {
        let digest = self.digest.split_once(':').filter(|(algorithm, value)| {
            let is_plain = |text: &str| {
                !text.is_empty()
                    && text.len() <= 128
                    && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            is_plain(algorithm) && is_plain(value)
        });
        digest
            .map(|(algorithm, value)| format!("blobs/{algorithm}/{value}"))
            .ok_or_else(|| ImageError::malformed(shown(&self.digest), "no digest"))
    }

    /// The platform that the index gives it; none where there is none, or none that anything runs on, as with the
    /// attestations that `BuildKit` puts beside images.
    pub(crate) fn platform(&self) -> Option<Platform> {
        let platform = self.platform.as_ref()?;
        Some(Platform {
            os: platform.os.clone(),
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone(),
        })
    }

    /// The name that the index gives it.
    pub(crate) fn name(&self) -> Option<String> {
        let annotations = self.annotations.as_ref()?;
        [
            "io.containerd.image.name",
            "org.opencontainers.image.ref.name",
        ]
        .iter()
        .find_map(|key| annotations.get(*key).cloned())
    }
}
