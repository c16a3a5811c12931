//! The same specification for a host, or a container, whose driver lies elsewhere.
//!
//! A specification that was made in a container names the paths of that container; the engine reads it on the
//! host. The rewriting is that of the reference's `cdi transform root`, with what it touches and what it leaves:
//! arguments of `createContainer` and `startContainer` hooks name paths in the container, those of the other hooks
//! name paths of the host. A path is rewritten if it is `from` or below it, by whole components: `/driver` says
//! nothing of `/driver-backup`.

use liftgate_oci::Stage;

use crate::model::{ContainerEdits, Specification};

/// Whose paths are rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelativeTo {
    /// The host's: what is mounted, the nodes that are copied, programs of hooks.
    Host,
    /// The container's: where things go.
    Container,
}

impl Specification {
    /// Makes paths below `from` paths below `to`. The same root twice is no change; an empty `from` is `/`, and an
    /// empty `to` makes relative paths, as the reference has it.
    pub fn transform_root(&mut self, from: &str, to: &str, relative_to: RelativeTo) {
        if from == to {
            return;
        }
        let root = Rewrite { from, to };
        let all = self.devices.iter_mut().map(|device| &mut device.edits);
        for edits in all.chain([&mut self.edits]) {
            match relative_to {
                RelativeTo::Host => root.host(edits),
                RelativeTo::Container => root.container(edits),
            }
        }
    }
}

struct Rewrite<'t> {
    from: &'t str,
    to: &'t str,
}

impl Rewrite<'_> {
    fn host(&self, edits: &mut ContainerEdits) {
        for node in &mut edits.device_nodes {
            node.host_path = Some(self.path(node.host_path()));
        }
        for mount in &mut edits.mounts {
            mount.host_path = self.path(&mount.host_path);
        }
        for hook in &mut edits.hooks {
            let stage = Stage::from_name(&hook.stage);
            if stage != Some(Stage::StartContainer) {
                hook.path = self.path(&hook.path);
            }
            if !runs_in_container(stage) {
                self.arguments(&mut hook.args);
            }
        }
    }

    fn container(&self, edits: &mut ContainerEdits) {
        for node in &mut edits.device_nodes {
            node.path = self.path(&node.path);
        }
        for mount in &mut edits.mounts {
            mount.container_path = self.path(&mount.container_path);
        }
        for hook in &mut edits.hooks {
            let stage = Stage::from_name(&hook.stage);
            if stage == Some(Stage::StartContainer) {
                hook.path = self.path(&hook.path);
            }
            if runs_in_container(stage) {
                self.arguments(&mut hook.args);
            }
        }
    }

    /// Both halves of `target::link`, which is how a link is told to a hook.
    fn arguments(&self, arguments: &mut [String]) {
        for argument in arguments {
            *argument = match argument.split_once("::") {
                Some((target, link)) => format!("{}::{}", self.path(target), self.path(link)),
                None => self.path(argument),
            };
        }
    }

    fn path(&self, path: &str) -> String {
        let from = self.from.strip_suffix('/').unwrap_or(self.from);
        match path.strip_prefix(from) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => join(self.to, rest),
            _ => path.to_owned(),
        }
    }
}

fn runs_in_container(stage: Option<Stage>) -> bool {
    matches!(stage, Some(Stage::CreateContainer | Stage::StartContainer))
}

/// Go's `filepath.Join`: one slash between the two, and the whole cleaned, without a look at the file system.
fn join(root: &str, rest: &str) -> String {
    let is_absolute = root.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in root.split('/').chain(rest.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if is_absolute {
        format!("/{joined}")
    } else {
        joined
    }
}
