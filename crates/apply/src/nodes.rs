//! Device nodes in a container that exists already.
//!
//! Two ways. In a `/dev` of the container's own, which its low-level runtime mounted for it, nodes are made,
//! as the runtime itself would have. Elsewhere the host's node is mounted: in a user namespace, whose file
//! systems no kernel lets open devices; in a `/dev` that is part of the image, where a node would outlive the
//! container. Mounted nodes are read-only: their mode is that of the host's own file.

use crate::container::Container;
use crate::points::Points;
use crate::step::{Failure, Step};
use liftgate_driver::NodeOrigin;
use liftgate_plan::Node;
use liftgate_sys::tree::{Calls, Flags, Tree};
use liftgate_sys::{FileKind, SysError};
use std::os::fd::AsFd as _;
use std::path::Path;

const NODE_FLAGS: Flags = Flags {
    read_only: true,
    no_suid: true,
    no_devices: false,
    no_execution: true,
};

/// Nodes, with what is mounted where none can be made.
#[derive(Debug)]
pub(crate) struct Ready<'a>(Vec<(&'a Node, Option<Tree>)>);

/// Takes hold of the host's nodes, if this container needs them mounted.
pub(crate) fn ready<'a>(
    nodes: &'a [Node],
    container: &Container,
    calls: Calls,
) -> Result<Ready<'a>, Failure> {
    let may_make = container.users.is_none() && liftgate_sys::namespace::is_real_root();
    // Directories below `/dev` may still be missing; they will be where `/dev` is.
    let devices = Path::new("/dev");
    let is_own = container
        .root
        .open_directory(devices)
        .and_then(|directory| directory.map_or(Ok(false), |one| container.is_own_devices(&one)))
        .map_err(|error| Step::Node.failed(devices, &error))?;
    let mut ready = Vec::with_capacity(nodes.len());
    for node in nodes {
        let is_mounted = !(may_make && is_own) && node.origin == NodeOrigin::Host;
        let tree = if is_mounted {
            let source = node.host_path.as_ref().unwrap_or(&node.path);
            let tree = Tree::of(source, NODE_FLAGS, calls);
            Some(tree.map_err(|error| Step::Node.failed(&node.path, &error))?)
        } else {
            None
        };
        ready.push((node, tree));
    }
    Ok(Ready(ready))
}

impl Ready<'_> {
    /// Makes or mounts the nodes.
    pub(crate) fn give(
        self,
        container: &Container,
        points: &mut Points<'_>,
    ) -> Result<(), Failure> {
        for (node, tree) in self.0 {
            give(node, tree, container, points)
                .map_err(|error| Step::Node.failed(&node.path, &error))?;
        }
        Ok(())
    }
}

fn give(
    node: &Node,
    tree: Option<Tree>,
    container: &Container,
    points: &mut Points<'_>,
) -> Result<(), SysError> {
    let (Some(parent), Some(name)) = (node.path.parent(), node.path.file_name()) else {
        return Ok(());
    };
    let directory = points.directory(parent)?;
    let there = directory.metadata(name)?;
    // A privileged container has every node of the host already.
    if there.is_some_and(|there| {
        there.kind == FileKind::CharacterDevice && there.device == (node.major, node.minor)
    }) {
        return Ok(());
    }
    if let Some(tree) = tree {
        let target = points.point(&node.path, FileKind::CharacterDevice)?;
        points.undo.mounted(tree.attach(target.as_fd())?);
        return Ok(());
    }
    if container.users.is_some() || !container.is_own_devices(&directory)? {
        return Err(SysError::refused(
            format!("mount(`{}`)", node.path.display()),
            format!(
                "the host has no such node with the numbers {}:{}, and none can be made in this container; `nvidia-modprobe -c0 -u` makes them on the host",
                node.major, node.minor
            ),
        ));
    }
    if there.is_some() {
        directory.remove_file(name)?;
    }
    directory.add_character_device(
        name,
        (node.major, node.minor),
        node.mode,
        (0, node.gid.unwrap_or(0)),
    )?;
    points.undo.made_file(&directory, name.to_owned());
    Ok(())
}
