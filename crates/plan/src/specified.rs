//! Devices of CDI specifications: found in the registry, and turned into edits of a container.
//!
//! The specifications may be ours or anybody's. What they say is carried out as the standard has it; what no
//! longer fits the host is not, and is named with file and line. An engine that injects the same file would
//! give the container somebody else's device, or fail with `no such file or directory`.

use crate::refusal::{Code, Refusal};
use crate::request::shortened;
use liftgate_cdi::{HostNodes, InjectError, QualifiedName, Registry, Unresolved};
use liftgate_oci::Edits;
use serde::Serialize;
use std::path::PathBuf;

/// What the devices of a request come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specified {
    /// The devices.
    pub devices: Vec<SpecifiedDevice>,
    /// What a container gets with them.
    pub edits: Edits,
}

/// A device of a specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpecifiedDevice {
    /// Its qualified name.
    pub name: String,
    /// The file that has it.
    pub file: PathBuf,
    /// Its place in the file.
    pub line: u32,
}

/// More lines of evidence than anybody reads.
const MOST_EVIDENCE: usize = 8;

impl Specified {
    /// Looks up `names` and makes the edits. `process` is the user and group of the container's process.
    pub fn find(
        names: &[String],
        registry: &Registry,
        host: &dyn HostNodes,
        process: (u32, u32),
    ) -> Result<Self, Refusal> {
        let parsed: Vec<QualifiedName> = names
            .iter()
            .map(|name| {
                name.parse().map_err(|error| {
                    Refusal::new(
                        Code::CdiNameMalformed,
                        format!("`{}` is not the name of a CDI device", shortened(name)),
                        "name it VENDOR/CLASS=NAME",
                    )
                    .because(shortened(&format!("{error}")))
                })
            })
            .collect::<Result<_, Refusal>>()?;
        let found = registry
            .resolve(&parsed)
            .map_err(|unresolved| unknown(&unresolved))?;
        let edits = liftgate_cdi::inject::edits(&found, host, process).map_err(unusable)?;
        let devices = found
            .iter()
            .zip(&parsed)
            .map(|(found, name)| SpecifiedDevice {
                name: name.to_string(),
                file: found.path.to_owned(),
                line: found.device.line.0,
            })
            .collect();
        Ok(Self { devices, edits })
    }
}

fn listed(names: &[QualifiedName]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(MOST_EVIDENCE)
        .map(|name| format!("`{}`", shortened(&name.to_string())))
        .collect();
    let more = names.len().saturating_sub(MOST_EVIDENCE);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", shown.join(", "))
}

fn unknown(unresolved: &Unresolved) -> Refusal {
    let mut missing = unresolved.missing.clone();
    missing.extend(unresolved.conflicting.iter().map(|(name, _)| name.clone()));
    let is_of_ours = missing.iter().any(|name| name.vendor == "nvidia.com");
    let hint = match unresolved.conflicting.is_empty() {
        false => "one of the files has to go: `liftgate cdi list` names them".to_owned(),
        true if is_of_ours => "`liftgate cdi refresh` makes the specification of this machine's GPUs; or ask by runtime.nvidia.com/gpu=…, which needs none".to_owned(),
        true => "`liftgate cdi list` shows what there is; whoever provides the device has to provide its specification".to_owned(),
    };
    let mut refusal = Refusal::new(
        Code::CdiDeviceUnknown,
        format!("no CDI specification has {}", listed(&missing)),
        hint,
    );
    for (name, files) in unresolved.conflicting.iter().take(MOST_EVIDENCE) {
        let files: Vec<String> = files
            .iter()
            .map(|file| format!("`{}`", file.display()))
            .collect();
        refusal = refusal.because(format!(
            "`{}` is in more than one file of the same directory, and so in none: {}",
            shortened(&name.to_string()),
            files.join(" and ")
        ));
    }
    for error in unresolved.errors.iter().take(MOST_EVIDENCE) {
        refusal = refusal.because(shortened_line(&error.to_string()));
    }
    refusal.because(if unresolved.devices.is_empty() {
        "no device is specified on this machine".to_owned()
    } else {
        format!("there are {}", listed(&unresolved.devices))
    })
}

/// Somebody else's file is quoted; it is the administrator's, and longer than a name.
fn shortened_line(text: &str) -> String {
    crate::request::shortened_to(text, 300)
}

fn unusable(error: InjectError) -> Refusal {
    match error {
        InjectError::Stale(entries) => {
            let mut refusal = Refusal::new(
                Code::CdiSpecificationStale,
                "a CDI specification names what is no longer on this machine",
                "`liftgate cdi refresh` makes our specifications anew; another's has to be made anew by whoever made it",
            );
            for entry in entries.iter().take(MOST_EVIDENCE) {
                refusal = refusal.because(shortened_line(&entry.to_string()));
            }
            let more = entries.len().saturating_sub(MOST_EVIDENCE);
            if more > 0 {
                refusal = refusal.because(format!("and {more} more lines"));
            }
            refusal
        }
        other @ InjectError::NotAbsolute { .. } => Refusal::new(
            Code::CdiSpecificationUnusable,
            "a CDI specification asks for what no container can be given",
            "`liftgate cdi validate` shows what is wrong with the file",
        )
        .because(shortened_line(&other.to_string())),
    }
}
