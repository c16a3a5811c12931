//! Our plan for the H200 machine beside what the reference gave a container there, line by line.

use crate::given_by_id;
use crate::machine::{Copy, skip};
use std::collections::BTreeSet;

#[test]
fn differences_on_the_h200_machine() {
    let copy = Copy::of("h200-580");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    let reference: BTreeSet<&str> = include_str!("h200-580-reference.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(reference.len(), 88, "the list is whole");
    let plan = given_by_id(&copy.host(), "all", "all").unwrap();
    let mounts = plan
        .mounts
        .iter()
        .map(|mount| format!("mount {}", mount.container_path.display()));
    let links = plan
        .links
        .iter()
        .map(|link| format!("link {} → {}", link.path.display(), link.target));
    let directories = plan
        .setup
        .library_directories
        .iter()
        .map(|path| format!("loader {}", path.display()));
    let nodes = plan
        .nodes
        .iter()
        .map(|node| format!("node {} {}:{}", node.path.display(), node.major, node.minor));
    let variables = plan
        .environment
        .iter()
        .map(|variable| format!("environment {}={}", variable.name, variable.value));
    let ours: Vec<String> = mounts
        .chain(links)
        .chain(directories)
        .chain(nodes)
        .chain(variables)
        .collect();
    let ours: BTreeSet<&str> = ours.iter().map(String::as_str).collect();
    let missing: Vec<&&str> = reference.difference(&ours).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let more: Vec<&str> = ours.difference(&reference).copied().collect();
    // The links put the tools on PATH; the reference leaves them where no shell looks. The layer lies beside
    // the driver, where the reference does not look for it.
    insta::assert_snapshot!(more.join("\n"), @r"
    link /usr/bin/nvidia-cuda-mps-control → /usr/local/nvidia/bin/nvidia-cuda-mps-control
    link /usr/bin/nvidia-cuda-mps-server → /usr/local/nvidia/bin/nvidia-cuda-mps-server
    link /usr/bin/nvidia-debugdump → /usr/local/nvidia/bin/nvidia-debugdump
    link /usr/bin/nvidia-persistenced → /usr/local/nvidia/bin/nvidia-persistenced
    link /usr/bin/nvidia-smi → /usr/local/nvidia/bin/nvidia-smi
    mount /etc/vulkan/implicit_layer.d/nvidia_layers.json
    ");
}
