//! What came of a request on one road, as facts by name.

use libtest_mimic::Failed;
use liftgate_conformance::Outcome;
use liftgate_conformance::observe::{Kind, Observation, SCRIPT};
use liftgate_conformance::suite::fail;
use liftgate_testhost::Machine;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The name of the fact that says whether a container started, or by which code it was refused.
pub(crate) const VERDICT: &str = "verdict";
/// What `nvidia-smi -L` prints.
pub(crate) const LISTING: &str = "listing";
/// What the verdict on a container is that started.
pub(crate) const STARTED: &str = "started";

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) facts: BTreeMap<String, String>,
    /// All that was written, for the message of a failed test.
    pub(crate) words: String,
}

impl Came {
    /// There was no container to start.
    pub(crate) fn refused(code: &str) -> Self {
        Self {
            facts: BTreeMap::from([(VERDICT.to_owned(), format!("refused: {code}"))]),
            words: String::new(),
        }
    }

    /// The container did not start; `made` is what is left in its root file system.
    pub(crate) fn of_refusal(
        outcome: &Outcome,
        made: &BTreeMap<String, String>,
    ) -> Result<Self, Failed> {
        let words = format!("{}{}", outcome.stderr, outcome.log);
        let Some(code) = code_in(&words) else {
            return Err(fail(format!("no code: {}", outcome.describe())));
        };
        let mut came = Self::refused(&code);
        let left = made.iter().map(|(path, value)| {
            // An empty file is what is made to mount on.
            let kind = if value.trim_end().contains(' ') {
                "left"
            } else {
                "place"
            };
            (format!("{kind} {path}"), value.clone())
        });
        came.facts.extend(left);
        came.words = outcome.describe();
        Ok(came)
    }

    /// It started.
    pub(crate) fn of_container(outcome: &Outcome, observation: &Observation) -> Self {
        let mut facts = BTreeMap::from([
            (VERDICT.to_owned(), STARTED.to_owned()),
            (LISTING.to_owned(), outcome.part(LISTING)),
        ]);
        for ((kind, subject), value) in observation.facts() {
            let kind = match kind {
                Kind::Node => "node",
                Kind::File => "file",
                Kind::Link => "link",
                Kind::Cache => "cache",
                Kind::Made => "made",
                Kind::Environment => "environment",
                Kind::Group => "group",
                Kind::Parameter => "parameter",
            };
            facts.insert(format!("{kind} {subject}"), value);
        }
        for line in outcome.part("probes").lines() {
            if let Some((path, answer)) = line.split_once('\t') {
                facts.insert(probe_of(path), answer.to_owned());
            }
        }
        Self {
            facts,
            words: format!("{}{}", outcome.stderr, outcome.log),
        }
    }

    pub(crate) fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", String::as_str)
    }
}

/// The name of the fact whether a device can be reached by a node of the container's own making.
pub(crate) fn probe_of(path: &str) -> String {
    format!("reach {path}")
}

/// What the container runs. It makes a node for every device that the machine has, whether it was given it or
/// not, and opens it: the device cgroup forbids the one or the other, or the kernel finds no driver.
pub(crate) fn script(machine: &Machine) -> String {
    let mut script = format!(
        "echo '== {LISTING}'\nnvidia-smi -L 2>/dev/null\necho status=$?\n{SCRIPT}\n{PROBE}"
    );
    for node in machine.nodes() {
        // Writing to a string does not fail.
        writeln!(script, "probe {} {} {}", node.path, node.major, node.minor).ok();
    }
    script + "echo '== finished'\n"
}

const PROBE: &str = r#"
echo '== probes'
probe() {
  node=/dev/probe-$2-$3 answer=no
  if mknod "$node" c "$2" "$3" 2>/dev/null; then
    case $({ : <"$node"; } 2>&1) in *'not permitted'*) ;; *) answer=yes ;; esac
  fi
  printf '%s\t%s\n' "$1" $answer
}
"#;

/// The code of a refusal, which stands in brackets.
pub(crate) fn code_in(words: &str) -> Option<String> {
    let is_code = |text: &&str| {
        text.contains('-')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    words
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .map(|(code, _)| code)
        .find(is_code)
        .map(str::to_owned)
}
