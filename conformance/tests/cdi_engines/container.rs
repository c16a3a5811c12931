//! What is asked for, and what the container has to be.

use libtest_mimic::Failed;
use liftgate_conformance::suite::{expected_listing, fail};
use liftgate_testhost::Machine;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What it is called.
    pub(crate) label: &'static str,
    /// The devices, by qualified names.
    pub(crate) devices: Vec<String>,
    /// The GPUs that these are, by index; `None` if the specification has no such device.
    pub(crate) gpus: Option<Vec<usize>>,
    /// Whether the container has a read-only root, no capabilities and a user that is not root.
    pub(crate) is_confined: bool,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Whether the engine took the request and the command ended well.
    pub(crate) is_success: bool,
    /// What the container wrote.
    pub(crate) stdout: String,
    /// What it or the engine wrote on standard error.
    pub(crate) stderr: String,
    /// Containers that the engine still knows.
    pub(crate) left: Vec<String>,
}

/// The requests of a machine. The first is for all GPUs.
pub(crate) fn cases(machine: &Machine) -> Vec<Case> {
    let gpus = machine.gpus();
    let last = gpus.len() - 1;
    let case = |label, names: &[&str], gpus: Option<&[usize]>| Case {
        label,
        devices: names
            .iter()
            .map(|name| format!("nvidia.com/gpu={name}"))
            .collect(),
        gpus: gpus.map(<[usize]>::to_vec),
        is_confined: false,
    };
    let every: Vec<usize> = (0..gpus.len()).collect();
    let mut cases = vec![
        case("all", &["all"], Some(&every)),
        case("index", &["0"], Some(&[0])),
        case("uuid", &[&gpus[last].uuid], Some(&[last])),
        case("unknown", &["17"], None),
        Case {
            is_confined: true,
            ..case("confined", &["0"], Some(&[0]))
        },
    ];
    if gpus.len() > 3 {
        cases.push(case("two", &["1", "3"], Some(&[1, 3])));
    }
    cases
}

/// Shell text that shows what a container was given.
///
/// The last part makes the node of a GPU that was not granted (or that does not exist) and opens it: the
/// device cgroup has to forbid one or the other, because the kernel would only say that no driver is there.
pub(crate) fn script(machine: &Machine, case: &Case) -> String {
    let granted = case.gpus.as_deref().unwrap_or_default();
    let other = machine
        .gpus()
        .iter()
        .find(|gpu| !granted.contains(&gpu.index))
        .map_or(200, |gpu| gpu.minor);
    format!(
        r#"
echo == listing; nvidia-smi -L; echo status=$?
echo == nodes; for node in /dev/nvidia[0-9]*; do echo "$node"; done
echo == program; command -v nvidia-smi
echo == loader; ldconfig -p | grep -c 'libcuda\.so\.1 (libc6,.*64'
echo == forbidden; {{ mknod /tmp/other c 195 {other} && : </tmp/other; }} 2>&1 | grep -o 'not permitted'
echo == end
"#
    )
}

/// Holds what came of a request against what has to.
pub(crate) fn judge(machine: &Machine, case: &Case, ran: &Ran) -> Result<(), Failed> {
    let complain = |what: String| {
        Err(fail(format!(
            "{what}\n{:?}: success {}, left {:?}\n--- stdout\n{}--- stderr\n{}",
            case.devices, ran.is_success, ran.left, ran.stdout, ran.stderr
        )))
    };
    if !ran.left.is_empty() {
        return complain("a container is left behind".to_owned());
    }
    let Some(gpus) = &case.gpus else {
        let named = format!("unresolvable CDI devices {}", case.devices.join(", "));
        return if !ran.is_success && ran.stderr.contains(&named) && ran.stdout.is_empty() {
            Ok(())
        } else {
            complain(format!("the engine has to say: {named}"))
        };
    };
    let mut nodes: Vec<String> = gpus
        .iter()
        .map(|index| format!("/dev/nvidia{}", machine.gpus()[*index].minor))
        .collect();
    nodes.sort();
    let mut wanted = vec![
        ("listing", expected_listing(machine, gpus)),
        ("nodes", format!("{}\n", nodes.join("\n"))),
        ("program", "/usr/bin/nvidia-smi\n".to_owned()),
        ("loader", "1\n".to_owned()),
    ];
    if !case.is_confined {
        wanted.push(("forbidden", "not permitted\n".to_owned()));
    }
    for (part, wanted) in wanted {
        let found = part_of(&ran.stdout, part);
        if found != wanted {
            return complain(format!("{part}: wanted\n{wanted}found\n{found}"));
        }
    }
    if ran.is_success {
        Ok(())
    } else {
        complain("the command failed".to_owned())
    }
}

/// What was printed behind the line `== name`, up to the next such line.
fn part_of(stdout: &str, name: &str) -> String {
    let mark = format!("== {name}");
    stdout
        .lines()
        .skip_while(|line| *line != mark)
        .skip(1)
        .take_while(|line| !line.starts_with("== "))
        .flat_map(|line| [line, "\n"])
        .collect()
}
