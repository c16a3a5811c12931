//! The proof of the comparison, on data alone: a fact that is taken away, added or changed is a difference,
//! and the list of differences that are meant hides what it names and nothing else.

use crate::comparison::{Change, Difference, Meant, compare};
use crate::meant::{MEANT, not_argued, not_meant, not_seen};
use libtest_mimic::{Failed, Trial};
use liftgate_conformance::observe::{Kind, Look, Observation, read_mounts, without_random};
use liftgate_conformance::suite::{fail, trial};
use std::collections::{BTreeMap, BTreeSet};

type Case = fn() -> Result<(), Failed>;

/// The trials, which need nothing of the machine that they run on.
pub(crate) fn trials() -> Vec<Trial> {
    let cases: [(&str, Case); 5] = [
        ("proof::every-fact-counts", every_fact_counts),
        (
            "proof::the-list-hides-what-it-names",
            the_list_hides_what_it_names,
        ),
        ("proof::random-names-are-one", random_names_are_one),
        ("proof::mounts-of-the-machine", mounts_of_the_machine),
        ("differences-are-argued", differences_are_argued),
    ];
    cases
        .into_iter()
        .map(|(name, case)| trial(name, None, case))
        .collect()
}

fn sample() -> Observation {
    let pair = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    Observation {
        nodes: pair("/dev/nvidia0", "c 195:0 0666 0:0 rwm"),
        files: pair("/usr/bin/nvidia-smi", "/usr/bin/nvidia-smi ro"),
        links: pair("/usr/lib/libcuda.so", "libcuda.so.1"),
        cache: pair("libcuda.so.1 (libc6,x86-64)", "/usr/lib/libcuda.so.1"),
        made: pair("/etc/ld.so.conf.d/x.conf", "0644 /usr/lib"),
        environment: pair("NVIDIA_VISIBLE_DEVICES", "void"),
        groups: BTreeSet::from(["44".to_owned()]),
        parameters: BTreeSet::from(["ModifyDeviceFiles: 0".to_owned()]),
    }
}

fn every_fact_counts() -> Result<(), Failed> {
    let (whole, nothing) = (sample(), Observation::default());
    let kinds = |differences: &[Difference], change| -> Vec<Kind> {
        differences
            .iter()
            .filter(|difference| difference.change == change)
            .map(|difference| difference.kind)
            .collect()
    };
    let every = [
        Kind::Node,
        Kind::File,
        Kind::Link,
        Kind::Cache,
        Kind::Made,
        Kind::Environment,
        Kind::Group,
        Kind::Parameter,
    ];
    let mut other = sample();
    for map in [
        &mut other.nodes,
        &mut other.files,
        &mut other.links,
        &mut other.cache,
        &mut other.made,
        &mut other.environment,
    ] {
        for value in map.values_mut() {
            value.push('x');
        }
    }
    expect(compare(&whole, &sample()).is_empty(), "alike")?;
    let missing = kinds(&compare(&whole, &nothing), Change::Missing);
    expect(missing == every, "everything is missing")?;
    let extra = kinds(&compare(&nothing, &whole), Change::Extra);
    expect(extra == every, "everything is extra")?;
    let changed = kinds(&compare(&whole, &other), Change::Other);
    expect(changed == every[..6], "every value is another")
}

fn the_list_hides_what_it_names() -> Result<(), Failed> {
    let row = |setting, change, pattern| Meant {
        setting,
        kinds: &[Kind::Node],
        change,
        pattern,
        reason: "restarts",
    };
    let differences = compare(&sample(), &Observation::default());
    let node = BTreeMap::from([("all".to_owned(), differences[..1].to_vec())]);
    let left = |row: Meant| not_meant(&[row], "h200-580", &node).len();
    expect(left(row("*", Change::Missing, "/dev/*0")) == 0, "a pattern")?;
    expect(
        left(row("h200-580", Change::Missing, "/dev/nvidia0")) == 0,
        "the machine and the name",
    )?;
    expect(
        left(row("h200*", Change::Missing, "/dev/nvidia0")) == 0,
        "a pattern of machines",
    )?;
    expect(left(row("*", Change::Extra, "/dev/*")) == 1, "other change")?;
    expect(
        left(row("cos", Change::Missing, "/dev/*")) == 1,
        "another machine",
    )?;
    expect(left(row("*", Change::Missing, "/dev/n")) == 1, "a prefix")?;
    let machines = BTreeMap::from([("h200-580".to_owned(), node.clone())]);
    let rows = [
        row("*", Change::Missing, "/dev/*"),
        row("*", Change::Missing, "/dev/mem"),
    ];
    let unseen: Vec<&str> = not_seen(&rows, &machines)
        .iter()
        .map(|row| row.pattern)
        .collect();
    expect(unseen == ["/dev/mem"], "a row that covers nothing")
}

fn random_names_are_one() -> Result<(), Failed> {
    for (name, wanted) in [
        (
            "/etc/ld.so.conf.d/00-nvcr-1234.conf",
            "/etc/ld.so.conf.d/00-nvcr-*.conf",
        ),
        ("/run/x/01234567-89ab-cdef-0123-456789abcdef", "/run/x/*"),
        (
            "/usr/lib/libcuda.so.550.54.15",
            "/usr/lib/libcuda.so.550.54.15",
        ),
        ("/é/GPU-0123", "/é/GPU-0123"),
    ] {
        expect(without_random(name) == wanted, name)?;
    }
    Ok(())
}

/// A part of a file system is found where the machine has it mounted, the nearest mount first.
fn mounts_of_the_machine() -> Result<(), Failed> {
    let machine =
        read_mounts("1 0 0:50 / / rw - overlay o rw\n2 1 8:1 /data /srv/data rw - ext4 d rw\n");
    let container = read_mounts(
        "1 0 8:1 /root / rw - ext4 d rw\n\
         2 1 0:50 /usr/bin/tool /usr/bin/tool ro,nosuid shared:5 - overlay o rw\n\
         3 1 8:1 /data/file /opt/file rw master:5 - ext4 d rw\n\
         4 1 0:99 / /run/own rw - tmpfs t rw\n",
    );
    let before = Look {
        mounts: container[..1].to_vec(),
        ..Look::default()
    };
    let after = Look {
        mounts: container,
        mounted: ["/usr/bin/tool", "/opt/file", "/run/own/a/b"]
            .map(str::to_owned)
            .to_vec(),
        ..Look::default()
    };
    let made = ["/usr/bin/tool", "/opt/", "/opt/file", "/etc/new"]
        .map(|path| (path.to_owned(), "0644 ".to_owned()));
    let observation = Observation::between(&before, &after, &machine, &made.into());
    let files: Vec<(&str, &str)> = observation
        .files
        .iter()
        .map(|(path, value)| (path.as_str(), value.as_str()))
        .collect();
    let wanted = [
        ("/opt/file", "/srv/data/file slave"),
        ("/run/own/a/b", "made"),
        ("/usr/bin/tool", "/usr/bin/tool ro,nosuid,shared"),
    ];
    expect(files == wanted, &format!("{files:?}"))?;
    let made: Vec<&str> = observation.made.keys().map(String::as_str).collect();
    expect(made == ["/etc/new"], &format!("{made:?}"))
}

fn differences_are_argued() -> Result<(), Failed> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/differences.md");
    let document = std::fs::read_to_string(path)?;
    let row = |reason| Meant {
        setting: "*",
        kinds: &[Kind::Made],
        change: Change::Missing,
        pattern: "*",
        reason,
    };
    expect(
        not_argued(&[row("restarts")], &document).is_empty(),
        "a row of the document",
    )?;
    for reason in [
        "because",
        "a mount on `/var/run/nvidia-container-devices-1`",
    ] {
        expect(
            not_argued(&[row(reason)], &document).len() == 1,
            "no row of it, and one that does not say that it was seen",
        )?;
    }
    let missing = not_argued(MEANT, &document);
    expect(missing.is_empty(), &format!("{missing:?}"))
}

fn expect(is_so: bool, what: &str) -> Result<(), Failed> {
    if is_so {
        Ok(())
    } else {
        Err(fail(format!("not so: {what}")))
    }
}
