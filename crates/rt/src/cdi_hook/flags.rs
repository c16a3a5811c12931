//! Flags as the reference takes them: `--name value`, `--name=value`, one dash as good as two, a comma between the
//! values of a list. They end at the first word that is none.

use liftgate_plan::shortened;
use std::ffi::OsString;

/// The flags of a hook, in the order in which they were given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(Vec<(&'static str, String)>);

/// More flags than any driver has files.
const MOST: usize = 20_000;

impl Flags {
    /// Reads them. `None`: help is asked for.
    pub(super) fn parse(
        arguments: &[OsString],
        known: &[&'static str],
    ) -> Result<Option<Self>, String> {
        let mut flags = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let Some(text) = argument.to_str() else {
                return Err(format!(
                    "`{}` is not UTF-8",
                    shortened(&argument.to_string_lossy())
                ));
            };
            let Some(word) = text.strip_prefix("--").or_else(|| text.strip_prefix('-')) else {
                break;
            };
            if word.is_empty() {
                break;
            }
            if ["help", "h"].contains(&word) {
                return Ok(None);
            }
            let (name, given) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word, None),
            };
            let Some(name) = known.iter().find(|known| **known == name) else {
                return Err(format!("there is no flag `{}`", shortened(text)));
            };
            let value = match given {
                Some(value) => value,
                None => arguments
                    .next()
                    .and_then(|value| value.to_str())
                    .ok_or_else(|| format!("the flag `--{name}` has no value"))?,
            };
            if flags.0.len() >= MOST {
                return Err("there are too many flags".to_owned());
            }
            flags.0.push((name, value.to_owned()));
        }
        Ok(Some(flags))
    }

    /// The value of a flag; of several, the last. An empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().rev().find(|(flag, _)| *flag == name);
        given
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The values of a flag that is a list.
    pub(super) fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let given = self.0.iter().filter(move |(flag, _)| *flag == name);
        given.flat_map(|(_, value)| value.split(','))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["link", "container-spec"];

    fn parse(arguments: &[&str]) -> Result<Option<Flags>, String> {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        Flags::parse(&arguments, KNOWN)
    }

    #[test]
    fn spellings() {
        let flags = parse(&[
            "--link",
            "a::/b",
            "-link=c::/d,e::/f",
            "--container-spec=x",
            "-container-spec",
            "y",
            "z",
            "--link",
            "no",
        ]);
        let flags = flags.unwrap().unwrap();
        let links: Vec<&str> = flags.list("link").collect();
        assert_eq!(links, ["a::/b", "c::/d", "e::/f"]);
        assert_eq!(flags.text("container-spec"), Some("y"));
        assert_eq!(
            parse(&["--container-spec="])
                .unwrap()
                .unwrap()
                .text("container-spec"),
            None
        );
        assert_eq!(
            parse(&["--link", "--"]).unwrap().unwrap().text("link"),
            Some("--")
        );
    }

    #[test]
    fn what_is_no_flag() {
        for arguments in [
            &["--links", "x"][..],
            &["--link"],
            &["-x=1"],
            &["--link", "x", "--y"],
        ] {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
        for arguments in [&["--help"][..], &["--link", "x", "-h"]] {
            assert_eq!(parse(arguments), Ok(None), "{arguments:?}");
        }
        for arguments in [&[][..], &["--", "--link"], &["x", "--y"]] {
            assert_eq!(
                parse(arguments),
                Ok(Some(Flags::default())),
                "{arguments:?}"
            );
        }
    }
}
