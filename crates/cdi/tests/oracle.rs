//! Against another implementation: the same files, names and documents, and the same answers.
//!
//! `LIFTGATE_CDI_ORACLE` names an executable around that implementation, usually the Go library that the engines
//! use (`tags.cncf.io/container-device-interface`). It is a few lines of `main`, and speaks:
//!
//! ```text
//! ORACLE parse FILE…                     a line for each: `ok JSON` (the specification), `error: WORDS`, or
//!                                        anything else, such as a panic, which counts as an error
//! ORACLE names NAME…                     a line for each: `ok VENDOR CLASS DEVICE`, or `error: WORDS`
//! ORACLE inject DIRECTORY… -- CONFIG NAME…   a line: the edited `config.json`, or `error: WORDS`
//! ```
//!
//! Where we differ on purpose, a case says so, and fails once we agree: then the documentation is out of date.

#[path = "oracle/cases.rs"]
mod cases;
#[path = "oracle/generated.rs"]
mod generated;
#[path = "oracle/injected.rs"]
mod injected;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use liftgate_cdi::{QualifiedName, Specification, Version};
use serde_json::Value;

/// The other implementation.
#[derive(Clone)]
struct Oracle(PathBuf);

impl Oracle {
    fn ask(&self, arguments: &[&str]) -> Result<Vec<String>, Failed> {
        let output = Command::new(&self.0).args(arguments).output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// What it makes of each text: the specification, or the words of its refusal.
    fn parse(&self, texts: &[Vec<u8>]) -> Result<Vec<Result<Value, String>>, Failed> {
        let directory = tempfile::tempdir()?;
        let mut paths = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let path = directory.path().join(format!("{index}.yaml"));
            std::fs::write(&path, text)?;
            paths.push(path.to_string_lossy().into_owned());
        }
        let mut arguments = vec!["parse"];
        arguments.extend(paths.iter().map(String::as_str));
        let lines = self.ask(&arguments)?;
        if lines.len() != texts.len() {
            return Err(format!("{} answers to {} questions", lines.len(), texts.len()).into());
        }
        let answer = |line: String| match line.strip_prefix("ok ") {
            Some(json) => Ok(Ok(without_zeros(serde_json::from_str(json)?))),
            None => Ok(Err(line)),
        };
        lines.into_iter().map(answer).collect()
    }
}

/// What we make of a text.
fn our_parse(text: &[u8]) -> Result<Value, String> {
    match Specification::load(text) {
        Ok(specification) => {
            let value = serde_json::from_str(&specification.to_json());
            Ok(without_zeros(value.map_err(|error| error.to_string())?))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The Go library cannot tell a number that is zero from one that is absent, and leaves both out.
fn without_zeros(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = without_zeros(item.take())),
        Value::Object(members) => {
            members.retain(|key, value| !(matches!(&**key, "major" | "minor") && *value == 0));
            for (_, item) in members.iter_mut() {
                *item = without_zeros(item.take());
            }
        }
        _ => {}
    }
    value
}

/// Says where the answers are not as alike as they should be.
fn compare(
    what: &str,
    ours: &Result<Value, String>,
    theirs: &Result<Value, String>,
    is_alike: bool,
    complaints: &mut Vec<String>,
) {
    let same = match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => ours == theirs,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    if same != is_alike {
        let words = if is_alike { "differ" } else { "agree by now" };
        complaints.push(format!(
            "{what}\n  {words}\n  ours:   {ours:?}\n  theirs: {theirs:?}"
        ));
    }
}

fn conclude(complaints: &[String]) -> Result<(), Failed> {
    match complaints.len() {
        0 => Ok(()),
        count => Err(format!("{count} cases:\n{}", complaints.join("\n")).into()),
    }
}

/// Texts made by hand.
fn texts(oracle: &Oracle) -> Result<(), Failed> {
    let cases = cases::texts();
    let bytes: Vec<Vec<u8>> = cases
        .iter()
        .map(|case| case.text.clone().into_bytes())
        .collect();
    let mut complaints = Vec::new();
    for (case, theirs) in cases.iter().zip(oracle.parse(&bytes)?) {
        let ours = our_parse(case.text.as_bytes());
        compare(
            &format!("{:?}", case.text),
            &ours,
            &theirs,
            case.is_alike,
            &mut complaints,
        );
    }
    conclude(&complaints)
}

/// Valid specifications at random, as YAML and as JSON, and as an older writer would have declared them.
fn written(oracle: &Oracle) -> Result<(), Failed> {
    let mut texts = Vec::new();
    for seed in 0..300 {
        let specification = generated::specification(seed);
        specification.validate()?;
        texts.push(specification.to_yaml().into_bytes());
        texts.push(specification.to_json().into_bytes());
        // The Go library 1.1.0 looks for some fields in the last device alone (its loops are those of Go before 1.22),
        // and so lets files of a lower version pass. Those are left out here.
        let last = format!("devices[{}]", specification.devices.len() - 1);
        let is_overlooked = specification.need().is_some_and(|need| {
            need.version <= Version::V0_5
                && need.field.starts_with("devices")
                && !need.field.starts_with(&last)
        });
        for version in Version::ALL.into_iter().filter(|_| !is_overlooked) {
            let mut specification = specification.clone();
            version.text().clone_into(&mut specification.version);
            texts.push(specification.to_yaml().into_bytes());
        }
    }
    let mut complaints = Vec::new();
    for (texts, answers) in texts.chunks(200).map(|texts| (texts, oracle.parse(texts))) {
        for (text, theirs) in texts.iter().zip(answers?) {
            let shown = String::from_utf8_lossy(text);
            compare(&shown, &our_parse(text), &theirs, true, &mut complaints);
        }
    }
    conclude(&complaints)
}

fn names(oracle: &Oracle) -> Result<(), Failed> {
    let names = cases::names();
    let mut arguments = vec!["names"];
    arguments.extend(names.iter().map(String::as_str));
    let mut complaints = Vec::new();
    for (name, theirs) in names.iter().zip(oracle.ask(&arguments)?) {
        let ours = match name.parse::<QualifiedName>() {
            Ok(name) => Ok(Value::from(format!(
                "{} {} {}",
                name.vendor, name.class, name.name
            ))),
            Err(error) => Err(error.to_string()),
        };
        let theirs = theirs
            .strip_prefix("ok ")
            .map(Value::from)
            .ok_or(theirs.clone());
        compare(name, &ours, &theirs, true, &mut complaints);
    }
    conclude(&complaints)
}

type Comparison = fn(&Oracle) -> Result<(), Failed>;

fn main() -> ExitCode {
    let oracle = std::env::var_os("LIFTGATE_CDI_ORACLE").map(|path| Oracle(path.into()));
    let comparisons: [(&str, Comparison); 4] = [
        ("texts", texts),
        ("written", written),
        ("names", names),
        ("injected", |oracle| injected::compare(oracle)),
    ];
    let trials = comparisons
        .into_iter()
        .map(|(name, comparison)| match &oracle {
            Some(oracle) => {
                let oracle = oracle.clone();
                Trial::test(name, move || comparison(&oracle))
            }
            None => Trial::test(
                format!("{name} [skipped: needs LIFTGATE_CDI_ORACLE]"),
                || Ok(()),
            )
            .with_ignored_flag(true),
        });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// A path as text; those of the tests are.
fn text_of(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
