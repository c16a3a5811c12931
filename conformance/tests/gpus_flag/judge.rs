//! Holds what a container has shown against what it is to have.

use crate::container::{Ran, Wanted, minor};
use libtest_mimic::Failed;
use liftgate_conformance::suite::expected_listing;
use liftgate_testhost::Machine;

/// Holds what the script printed against what the container has to be.
pub(crate) fn judge(machine: &Machine, wanted: &Wanted, ran: &Ran) -> Result<(), Failed> {
    const ENXIO: &str = "No such device or address\n";
    let nodes = nodes(machine, wanted);
    let listing = if wanted.utility {
        expected_listing(machine, &wanted.gpus)
    } else {
        "status=127\n".to_owned()
    };
    let mut parts = vec![
        ("listing", listing),
        ("nodes", nodes.concat()),
        ("opened", ENXIO.repeat(nodes.len())),
        ("loader", format!("{}\n", u8::from(wanted.cuda))),
        ("writing", format!("{}\n", wanted.writing)),
    ];
    if wanted.may_make_nodes {
        parts.push(("own", ENXIO.to_owned()));
        parts.push(("other", "not permitted\n".to_owned()));
    }
    for (name, wanted) in parts {
        let found = ran.part(name);
        if found != wanted {
            return ran.complain(&format!("{name}: wanted\n{wanted}found\n{found}"));
        }
    }
    judge_mounts(machine, wanted, ran)?;
    if ran.is_success {
        Ok(())
    } else {
        ran.complain("the command failed")
    }
}

/// The lines of the nodes, as the machine itself has them.
fn nodes(machine: &Machine, wanted: &Wanted) -> Vec<String> {
    let mut paths = vec!["/dev/nvidiactl".to_owned()];
    if wanted.cuda {
        paths.extend(["/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"].map(str::to_owned));
    }
    for &index in &wanted.gpus {
        paths.push(format!("/dev/nvidia{}", minor(machine, index)));
    }
    let mut lines: Vec<String> = machine
        .nodes()
        .iter()
        .filter(|node| paths.contains(&node.path))
        .map(|node| {
            format!(
                "{} {:x}:{:x} {:o} 0:{}\n",
                node.path, node.major, node.minor, node.mode, node.group
            )
        })
        .collect();
    lines.sort();
    lines
}

/// The driver's files are there, each once, and nothing of them can be written; sockets have to be.
fn judge_mounts(machine: &Machine, wanted: &Wanted, ran: &Ran) -> Result<(), Failed> {
    let mounts = ran.part("mounts");
    let mut points = Vec::new();
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(4);
        let (Some(point), Some(options)) = (fields.next(), fields.next()) else {
            return ran.complain("a line of mountinfo is short");
        };
        let options: Vec<&str> = options.split(',').collect();
        let is_file = !point.ends_with("/socket");
        let needs = ["nosuid", "nodev"].iter().chain(is_file.then_some(&"ro"));
        let lacks = needs.into_iter().find(|option| !options.contains(option));
        if let Some(lacks) = lacks
            && point != "/"
        {
            return ran.complain(&format!("{point} is not {lacks}"));
        }
        if points.contains(&point) {
            return ran.complain(&format!("{point} is mounted twice"));
        }
        points.push(point);
    }
    let version = machine.driver_version();
    for (library, is_wanted) in [("libcuda", wanted.cuda), ("libnvidia-ml", wanted.utility)] {
        let name = format!("/{library}.so.{version}");
        if points.iter().any(|point| point.ends_with(&name)) != is_wanted {
            return ran.complain(&format!("{name}: wanted {is_wanted}"));
        }
    }
    Ok(())
}
