//! Command lines as GNU argp reads them: scripts have been written against it for years.
//!
//! A long option may be cut short as long as it stays unambiguous, and takes its value behind `=` or as the next
//! word; short ones may be clustered, the last with a value that begins at once. `-?`, `--usage` and `-V` are
//! everywhere.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Whether an option has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    No,
    Needed,
    /// Only behind `=`, or at once behind the letter.
    Possible,
}

/// An option: its letter (0: none), its name, and whether it has a value.
pub(super) type Definition = (u8, &'static str, Value);

/// Those of every command.
const COMMON: [Definition; 3] = [
    (b'?', "help", Value::No),
    (0, "usage", Value::No),
    (b'V', "version", Value::No),
];

/// What was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// Options by name, in order.
    pub(super) options: Vec<(&'static str, Option<OsString>)>,
    /// The other words.
    pub(super) words: Vec<OsString>,
    /// How many arguments they were written in.
    pub(super) count: usize,
}

/// A command line that is answered at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Help,
    Usage,
    Version,
    /// It cannot be understood: the sentence.
    Problem(String),
}

impl Given {
    /// Reads `arguments`. With `stops`, everything from the first word on is left to a command.
    pub(super) fn read(
        arguments: &[OsString],
        definitions: &[Definition],
        stops: bool,
    ) -> Result<Self, Answer> {
        let mut given = Self {
            count: arguments.len(),
            ..Self::default()
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let bytes = argument.as_bytes();
            if bytes == b"--" {
                given.words.extend(rest.by_ref().cloned());
            } else if let Some(long) = bytes.strip_prefix(b"--") {
                let definition = given.long(long, argument, definitions, &mut rest)?;
                answer(definition)?;
            } else if bytes.len() > 1 && bytes[0] == b'-' {
                given.cluster(&bytes[1..], definitions, &mut rest)?;
            } else {
                given.words.push(argument.clone());
                if stops {
                    given.words.extend(rest.by_ref().cloned());
                }
            }
        }
        Ok(given)
    }

    fn long<'a>(
        &mut self,
        text: &[u8],
        argument: &OsStr,
        definitions: &[Definition],
        rest: &mut impl Iterator<Item = &'a OsString>,
    ) -> Result<&'static str, Answer> {
        let (name, value) = match text.iter().position(|byte| *byte == b'=') {
            Some(at) => (
                &text[..at],
                Some(OsString::from_vec(text[at + 1..].to_vec())),
            ),
            None => (text, None),
        };
        let all = || definitions.iter().chain(&COMMON);
        let exact = all().find(|(_, long, _)| long.as_bytes() == name);
        let begun: Vec<&Definition> = all()
            .filter(|(_, long, _)| long.as_bytes().starts_with(name))
            .collect();
        let shown = argument.to_string_lossy();
        let (_, long, wants) = match (exact, begun.as_slice()) {
            (Some(exact), _) => exact,
            (None, []) => {
                return Err(Answer::Problem(format!("unrecognized option '{shown}'")));
            }
            (None, [only]) => *only,
            (None, several) => {
                let names: Vec<String> = several
                    .iter()
                    .map(|(_, long, _)| format!(" '--{long}'"))
                    .collect();
                return Err(Answer::Problem(format!(
                    "option '{shown}' is ambiguous; possibilities:{}",
                    names.concat()
                )));
            }
        };
        let value = match (wants, value) {
            (Value::No, Some(_)) => {
                return Err(Answer::Problem(format!(
                    "option '--{long}' doesn't allow an argument"
                )));
            }
            (Value::Needed, None) => Some(rest.next().cloned().ok_or_else(|| {
                Answer::Problem(format!("option '--{long}' requires an argument"))
            })?),
            (_, value) => value,
        };
        self.options.push((long, value));
        Ok(long)
    }

    fn cluster<'a>(
        &mut self,
        letters: &[u8],
        definitions: &[Definition],
        rest: &mut impl Iterator<Item = &'a OsString>,
    ) -> Result<(), Answer> {
        for (at, letter) in letters.iter().enumerate() {
            let definition = definitions
                .iter()
                .chain(&COMMON)
                .find(|(short, _, _)| short == letter && *short != 0);
            let shown = char::from(*letter);
            let Some((_, long, wants)) = definition else {
                return Err(Answer::Problem(format!("invalid option -- '{shown}'")));
            };
            let behind = &letters[at + 1..];
            let behind = (!behind.is_empty()).then(|| OsString::from_vec(behind.to_vec()));
            if *wants == Value::No {
                self.options.push((long, None));
                answer(long)?;
                continue;
            }
            let value = match (wants, behind) {
                (Value::Needed, None) => Some(rest.next().cloned().ok_or_else(|| {
                    Answer::Problem(format!("option requires an argument -- '{shown}'"))
                })?),
                (_, behind) => behind,
            };
            self.options.push((long, value));
            break;
        }
        Ok(())
    }

    /// Whether the option was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.options.iter().any(|(given, _)| *given == name)
    }

    /// The values of an option, in order.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &OsStr> {
        self.options
            .iter()
            .filter(move |(given, _)| *given == name)
            .filter_map(|(_, value)| value.as_deref())
    }

    /// The last value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.values(name).last()
    }

    /// All values of an option, joined by commas and parted again, without empty ones and without blanks around
    /// them: callers pass on what stands in a variable, where blanks mean nothing.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.values(name)
            .flat_map(|value| {
                value
                    .to_string_lossy()
                    .split(',')
                    .map(|item| item.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|item| !item.is_empty())
            .collect()
    }
}

/// The three that are answered as soon as they are read.
fn answer(long: &str) -> Result<(), Answer> {
    match long {
        "help" => Err(Answer::Help),
        "usage" => Err(Answer::Usage),
        "version" => Err(Answer::Version),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITIONS: &[Definition] = &[
        (b'd', "device", Value::Needed),
        (b'c', "compute", Value::No),
        (b'u', "user", Value::Possible),
        (0, "no-cgroups", Value::No),
        (0, "no-devbind", Value::No),
    ];

    fn read(arguments: &[&str]) -> Result<Given, Answer> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        Given::read(&arguments, DEFINITIONS, false)
    }

    type Written<'a> = (Vec<(&'static str, Option<&'a str>)>, Vec<&'a str>);

    fn given<'a>(options: &[(&'static str, Option<&'a str>)], words: &[&'a str]) -> Written<'a> {
        (options.to_vec(), words.to_vec())
    }

    fn written(given: &Given) -> Written<'_> {
        let options = given
            .options
            .iter()
            .map(|(name, value)| (*name, value.as_ref().map(|value| value.to_str().unwrap())))
            .collect();
        let words = given.words.iter().map(|word| word.to_str().unwrap());
        (options, words.collect())
    }

    #[test]
    fn spellings_of_options() {
        for device in [
            &["--device=0"][..],
            &["--device", "0"],
            &["--dev=0"],
            &["--d", "0"],
            &["-d0"],
            &["-d", "0"],
        ] {
            assert_eq!(
                written(&read(device).unwrap()),
                given(&[("device", Some("0"))], &[]),
                "{device:?}"
            );
        }
        assert_eq!(
            written(&read(&["-cd1", "/r", "-u", "--user=1:2", "-u3", "--", "-c"]).unwrap()),
            given(
                &[
                    ("compute", None),
                    ("device", Some("1")),
                    ("user", None),
                    ("user", Some("1:2")),
                    ("user", Some("3")),
                ],
                &["/r", "-c"]
            )
        );
        assert_eq!(
            written(&read(&["--device="]).unwrap()),
            given(&[("device", Some(""))], &[])
        );
        assert_eq!(
            written(&read(&["-", "x"]).unwrap()),
            given(&[], &["-", "x"])
        );
    }

    #[test]
    fn problems() {
        for (arguments, sentence) in [
            (&["--frob"][..], "unrecognized option '--frob'"),
            (&["--frob=1"], "unrecognized option '--frob=1'"),
            (&["-x"], "invalid option -- 'x'"),
            (&["-cx"], "invalid option -- 'x'"),
            (&["-d"], "option requires an argument -- 'd'"),
            (&["--dev"], "option '--device' requires an argument"),
            (
                &["--comp=1"],
                "option '--compute' doesn't allow an argument",
            ),
            (
                &["--no"],
                "option '--no' is ambiguous; possibilities: '--no-cgroups' '--no-devbind'",
            ),
        ] {
            assert_eq!(
                read(arguments).unwrap_err(),
                Answer::Problem(sentence.to_owned()),
                "{arguments:?}"
            );
        }
    }

    #[test]
    fn answers_come_before_what_follows() {
        assert_eq!(read(&["-c?", "--frob"]), Err(Answer::Help));
        assert_eq!(read(&["--usa"]), Err(Answer::Usage));
        assert_eq!(read(&["-V", "-x"]), Err(Answer::Version));
        assert!(matches!(read(&["-x", "-V"]), Err(Answer::Problem(_))));
    }

    #[test]
    fn a_command_keeps_its_own_options() {
        let arguments = ["-c", "list", "-x"].map(OsString::from);
        let read = Given::read(&arguments, DEFINITIONS, true).unwrap();
        assert_eq!(written(&read), given(&[("compute", None)], &["list", "-x"]));
    }

    #[test]
    fn lists() {
        let read = read(&["-d0, 1", "-d", " ", "--device=,GPU-x "]).unwrap();
        assert_eq!(read.list("device"), ["0", "1", "GPU-x"]);
        assert_eq!(read.value("device").unwrap(), ",GPU-x ");
        assert!(read.has("device") && !read.has("compute"));
    }

    proptest::proptest! {
        #[test]
        fn anything_is_read_without_a_panic(words in proptest::collection::vec("(-{0,2}[a-z=?]{0,6})", 0..6)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if let Err(Answer::Problem(sentence)) = read(&words) {
                assert!(!sentence.is_empty());
            }
        }
    }
}
