//! Whether a specification makes sense: the rules that every engine applies to a whole file.
//!
//! One violation and the engines drop the file with all its devices, so each is told with its line, its field and
//! what is wrong. The rules are those of the Go library 1.1.0, with three differences: `enableCMT` and
//! `enableMBM` are legal in files that declare a version below 1.1 (that library refuses files that were valid
//! when they were written); a vendor or class of one character is an error (that library panics); and so is a
//! NUL byte, which no path and no variable can have.

use std::collections::BTreeSet;
use std::fmt;

use liftgate_oci::Stage;

use crate::decode::line_of;
use crate::model::{ContainerEdits, DeviceNode, Hook, IntelRdt, Line, Mount, Specification};
use crate::name;
use crate::shown::Shown;
use crate::source::ReadError;
use crate::version::Version;

/// A violation of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The line; 0 where it is not known.
    pub line: Line,
    /// The field, such as `devices[0].containerEdits.env[1]`.
    pub field: String,
    /// What is wrong with it, to be read after its name.
    pub reason: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line.0 > 0 {
            write!(f, "line {}: ", self.line.0)?;
        }
        write!(f, "`{}` {}", self.field, self.reason)
    }
}

impl std::error::Error for Invalid {}

impl Invalid {
    /// The same, with the line of the field itself in the text that it was found in.
    #[must_use]
    pub fn placed(mut self, bytes: &[u8]) -> Self {
        if let Some(line) = line_of(bytes, &self.field) {
            self.line = Line(line);
        }
        self
    }
}

/// Why a file is no valid specification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecificationError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It can, and breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Specification {
    /// Reads YAML or JSON, and checks it: what an engine does with a file. Errors carry the line of the field itself.
    pub fn load(bytes: &[u8]) -> Result<Self, SpecificationError> {
        let specification = Self::parse(bytes)?;
        specification
            .validate()
            .map_err(|invalid| invalid.placed(bytes))?;
        Ok(specification)
    }

    /// The first violation. What was read by [`Self::parse`] has the line of the device, node, mount or hook.
    pub fn validate(&self) -> Result<(), Invalid> {
        self.violations().into_iter().next().map_or(Ok(()), Err)
    }

    /// Every violation.
    pub fn violations(&self) -> Vec<Invalid> {
        let mut check = Check {
            found: Vec::new(),
            version: None,
            line: Line(0),
        };
        check.version(self);
        let names = [
            name::check_vendor(&self.vendor),
            name::check_class(&self.class),
        ];
        for error in names.into_iter().filter_map(Result::err) {
            check.add("kind", format!("is no kind: {error}"));
        }
        check.edits("", &self.edits);
        let mut names = BTreeSet::new();
        for (index, device) in self.devices.iter().enumerate() {
            check.line = device.line;
            let field = format!("devices[{index}]");
            if let Err(error) = name::check_device(&device.name) {
                check.add(&format!("{field}.name"), format!("is no name: {error}"));
            }
            if !names.insert(&device.name) {
                let reason = format!("is `{}`, as a device before it", Shown(&device.name));
                check.add(&format!("{field}.name"), reason);
            }
            if device.edits.is_empty() {
                check.add(
                    &field,
                    "does nothing: it has no `containerEdits`".to_owned(),
                );
            }
            check.edits(&format!("{field}."), &device.edits);
        }
        check.line = Line(0);
        if self.devices.is_empty() {
            check.add("devices", "is empty".to_owned());
        }
        check.found
    }
}

struct Check {
    found: Vec<Invalid>,
    /// The declared version, if it is one.
    version: Option<Version>,
    /// The line of what is being checked.
    line: Line,
}

impl Check {
    fn add(&mut self, field: &str, reason: String) {
        self.found.push(Invalid {
            line: self.line,
            field: field.to_owned(),
            reason,
        });
    }

    fn version(&mut self, specification: &Specification) {
        let version: Version = match specification.version.parse() {
            Ok(version) => version,
            Err(error) => return self.add("cdiVersion", format!("cannot be read: {error}")),
        };
        self.version = Some(version);
        if let Some(need) = specification.need().filter(|need| need.version > version) {
            self.line = need.line;
            let reason = format!(
                "needs CDI {}, and the file declares {version}",
                need.version
            );
            self.add(&need.field, reason);
            self.line = Line(0);
        }
    }

    fn edits(&mut self, place: &str, edits: &ContainerEdits) {
        let place = format!("{place}containerEdits");
        self.env(&format!("{place}.env"), &edits.env);
        let own_line = self.line;
        for (index, node) in edits.device_nodes.iter().enumerate() {
            self.line = node.line;
            self.device_node(&format!("{place}.deviceNodes[{index}]"), node);
        }
        for (index, hook) in edits.hooks.iter().enumerate() {
            self.line = hook.line;
            self.hook(&format!("{place}.hooks[{index}]"), hook);
        }
        for (index, mount) in edits.mounts.iter().enumerate() {
            self.line = mount.line;
            self.mount(&format!("{place}.mounts[{index}]"), mount);
        }
        self.line = own_line;
        if let Some(rdt) = &edits.intel_rdt {
            self.intel_rdt(&format!("{place}.intelRdt"), rdt);
        }
        let (mut hosts, mut names) = (BTreeSet::new(), BTreeSet::new());
        for (index, device) in edits.net_devices.iter().enumerate() {
            for (key, value, seen) in [
                ("hostInterfaceName", &device.host_interface, &mut hosts),
                ("name", &device.name, &mut names),
            ] {
                let field = format!("{place}.netDevices[{index}].{key}");
                self.filled(&field, value);
                if !value.is_empty() && !seen.insert(value) {
                    self.add(&field, format!("is `{}`, as one before it", Shown(value)));
                }
            }
        }
    }

    fn env(&mut self, field: &str, variables: &[String]) {
        for (index, variable) in variables.iter().enumerate() {
            let field = format!("{field}[{index}]");
            if variable.find('=').is_none_or(|at| at == 0) {
                self.add(
                    &field,
                    format!("is `{}`, not `NAME=VALUE`", Shown(variable)),
                );
            }
            self.no_nul(&field, variable);
        }
    }

    fn device_node(&mut self, field: &str, node: &DeviceNode) {
        self.filled(&format!("{field}.path"), &node.path);
        self.no_nul(&format!("{field}.hostPath"), node.host_path());
        if let Some(kind) = &node.kind
            && !["", "b", "c", "u", "p"].contains(&&**kind)
        {
            let reason = format!("is `{}`, none of `b`, `c`, `u` and `p`", Shown(kind));
            self.add(&format!("{field}.type"), reason);
        }
        if let Some(letters) = &node.permissions
            && letters.contains(|letter| !"rwm".contains(letter))
        {
            let reason = format!(
                "is `{}`, with other letters than `r`, `w` and `m`",
                Shown(letters)
            );
            self.add(&format!("{field}.permissions"), reason);
        }
    }

    fn hook(&mut self, field: &str, hook: &Hook) {
        if Stage::from_name(&hook.stage).is_none() {
            let stages = Stage::ALL.map(Stage::name).join("`, `");
            let reason = format!("is `{}`, none of `{stages}`", Shown(&hook.stage));
            self.add(&format!("{field}.hookName"), reason);
        }
        self.filled(&format!("{field}.path"), &hook.path);
        for (index, argument) in hook.args.iter().enumerate() {
            self.no_nul(&format!("{field}.args[{index}]"), argument);
        }
        self.env(&format!("{field}.env"), &hook.env);
    }

    fn mount(&mut self, field: &str, mount: &Mount) {
        self.filled(&format!("{field}.hostPath"), &mount.host_path);
        self.filled(&format!("{field}.containerPath"), &mount.container_path);
    }

    fn intel_rdt(&mut self, field: &str, rdt: &IntelRdt) {
        let id = rdt.clos_id.as_deref().unwrap_or_default();
        // A directory of resctrl; `/` is its root.
        if id != "/" && (id.len() >= 4096 || matches!(id, "." | "..") || id.contains(['/', '\n'])) {
            self.add(&format!("{field}.closID"), "is no file name".to_owned());
        }
        self.no_nul(&format!("{field}.closID"), id);
        for (key, is_on) in [("enableCMT", rdt.enable_cmt), ("enableMBM", rdt.enable_mbm)] {
            if is_on && self.version >= Some(Version::V1_1) {
                let reason = "is gone since CDI 1.1.0: `enableMonitoring` is in its place";
                self.add(&format!("{field}.{key}"), reason.to_owned());
            }
        }
    }

    fn filled(&mut self, field: &str, text: &str) {
        if text.is_empty() {
            self.add(field, "is empty".to_owned());
        }
        self.no_nul(field, text);
    }

    fn no_nul(&mut self, field: &str, text: &str) {
        if text.contains('\0') {
            self.add(field, "has a NUL byte".to_owned());
        }
    }
}
