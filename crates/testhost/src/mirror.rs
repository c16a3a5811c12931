//! Links that lead from where a system looks for a driver to where it lies.
//!
//! Debian's alternatives go by way of `/etc/alternatives`, so that an administrator can turn a link round
//! without a package noticing; a profile of NixOS links straight into its store. What is mounted into a
//! container must be the file at the end: a link of the host means nothing there.

use crate::library::Library;
use crate::machine::Machine;
use crate::manifest::MirrorGroup;

/// Path and target of every link that `[[mirrors]]` asks for.
pub(crate) fn links(machine: &Machine) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for group in &machine.manifest.mirrors {
        for name in names(machine, group) {
            let place = format!("{}/{name}", machine.expand(&group.directory));
            let end = format!("{}/{name}", machine.expand(&group.of));
            match &group.through {
                Some(through) => {
                    let between = through.replace("$N", &name);
                    links.push((place, between.clone()));
                    links.push((between, end));
                }
                None => links.push((place, end)),
            }
        }
    }
    links
}

/// The names of a group; `*` is every library in `of` and every link beside one.
fn names(machine: &Machine, group: &MirrorGroup) -> Vec<String> {
    let mut names = Vec::new();
    for name in &group.names {
        if name != "*" {
            names.push(machine.expand(name));
            continue;
        }
        let of = machine.expand(&group.of);
        let there = |library: &&Library| machine.expand(&library.directory) == of;
        for library in machine.libraries().iter().filter(there) {
            names.push(library.file.clone());
            names.extend(library.links.iter().map(|link| link.0.clone()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_is_two_links() {
        let links = links(&Machine::by_name("debian-550").unwrap());
        let target = |path: &str| {
            links
                .iter()
                .find(|link| link.0 == path)
                .map(|link| &*link.1)
        };
        let between = "/etc/alternatives/nvidia--libcuda.so.1-x86_64-linux-gnu";
        assert_eq!(
            target("/usr/lib/x86_64-linux-gnu/libcuda.so.1"),
            Some(between)
        );
        assert_eq!(
            target(between),
            Some("/usr/lib/x86_64-linux-gnu/nvidia/current/libcuda.so.1")
        );
    }
}
