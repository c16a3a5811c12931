//! Flags as `nvidia-ctk` takes them.
//!
//! Not as our own verbs do: a long flag may have one dash, an unknown argument is no error, a list is cut at its
//! commas, flags of an outer command stand behind an inner one, too, and most have a variable that speaks for
//! them where the command line does not. Scripts and units rely on all of it.

use std::collections::BTreeMap;

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text; the last one counts.
    Text,
    /// Texts, each cut at its commas.
    List,
    /// Nothing, or a boolean after `=`.
    Switch,
}

/// A flag.
#[derive(Debug)]
pub(super) struct Flag {
    pub(super) name: &'static str,
    pub(super) aliases: &'static [&'static str],
    /// The variables that speak for it, with spaces between them; the first that is set counts.
    pub(super) variable: &'static str,
    pub(super) kind: Kind,
    /// What it does; empty for one that the help does not show.
    pub(super) about: &'static str,
}

impl Flag {
    pub(super) const fn new(
        kind: Kind,
        name: &'static str,
        aliases: &'static [&'static str],
        variable: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            aliases,
            variable,
            kind,
            about,
        }
    }

    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// What the flags were given.
#[derive(Debug, Default)]
pub(super) struct Values(BTreeMap<&'static str, Vec<String>>);

impl Values {
    /// Forgets what these flags were given.
    pub(super) fn forget(&mut self, flags: &[Flag]) {
        for flag in flags {
            self.0.remove(flag.name);
        }
    }

    /// The text of a flag; `None` where nobody gave one.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.last().map(String::as_str)
    }

    /// The text of a flag that means nothing when it is empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// The texts of a flag, as they were given.
    pub(super) fn texts(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The texts of a list; empty where nobody gave one.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let values = self.0.get(name).into_iter().flatten();
        let parts = values.flat_map(|value| value.split(','));
        parts.map(|part| part.trim().to_owned()).collect()
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.text(name).and_then(boolean) == Some(true)
    }

    /// Takes what the environment says for flags that the command line does not have.
    pub(super) fn add_environment<'f>(
        &mut self,
        flags: impl Iterator<Item = &'f Flag>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), String> {
        for flag in flags {
            if self.0.contains_key(flag.name) {
                continue;
            }
            let mut variables = flag.variable.split_whitespace();
            let Some((name, value)) = variables.find_map(|name| Some((name, variable(name)?)))
            else {
                continue;
            };
            if value.is_empty() && flag.kind != Kind::Text {
                continue;
            }
            if flag.kind == Kind::Switch && boolean(&value).is_none() {
                return Err(format!(
                    "could not parse {value:?} as bool value from environment variable {:?} for flag {}: parse error",
                    name, flag.name
                ));
            }
            self.0.insert(flag.name, vec![value]);
        }
        Ok(())
    }
}

/// What one argument is, seen by the flags that are known so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// A flag, with its value.
    Flag,
    /// Help is asked for.
    Help,
    /// No flag.
    Word,
    /// `--`: no flags from here on.
    End,
}

/// Takes the argument `argument`, and the value behind it where it needs one.
pub(super) fn take(
    values: &mut Values,
    flags: &[&'static Flag],
    argument: &str,
    rest: &mut impl Iterator<Item = String>,
) -> Result<Taken, String> {
    if argument == "--" {
        return Ok(Taken::End);
    }
    let Some(text) = argument.strip_prefix('-').filter(|rest| !rest.is_empty()) else {
        return Ok(Taken::Word);
    };
    let text = text.strip_prefix('-').unwrap_or(text);
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    let Some(flag) = flags.iter().find(|flag| flag.is_called(name)) else {
        if matches!(name, "help" | "h") {
            return Ok(match value.as_deref().and_then(boolean) {
                Some(false) => Taken::Flag,
                _ => Taken::Help,
            });
        }
        return Err(format!("flag provided but not defined: -{name}"));
    };
    let value = match (flag.kind, value) {
        (Kind::Switch, None) => "true".to_owned(),
        (Kind::Switch, Some(value)) if boolean(&value).is_none() => {
            return Err(format!(
                "invalid value {value:?} for flag -{name}: parse error"
            ));
        }
        (_, Some(value)) => value,
        (Kind::Text | Kind::List, None) => match rest.next() {
            Some(value) => value,
            None => return Err(format!("flag needs an argument: {argument}")),
        },
    };
    values.0.entry(flag.name).or_default().push(value);
    Ok(Taken::Flag)
}

/// A boolean as Go reads it.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OUTPUT: Flag = Flag::new(Kind::Text, "output", &["o"], "OUTPUT", "");
    static NAMES: Flag = Flag::new(Kind::List, "names", &[], "NAMES", "");
    static QUIET: Flag = Flag::new(Kind::Switch, "quiet", &[], "QUIET", "");

    fn parse(arguments: &[&str]) -> Result<(Values, Vec<Taken>), String> {
        let mut values = Values::default();
        let mut taken = Vec::new();
        let mut rest = arguments.iter().map(|text| (*text).to_owned());
        while let Some(argument) = rest.next() {
            let flags = [&OUTPUT, &NAMES, &QUIET];
            taken.push(take(&mut values, &flags, &argument, &mut rest)?);
        }
        Ok((values, taken))
    }

    #[test]
    fn flags_in_all_their_forms() {
        for arguments in [
            &["--output", "x"][..],
            &["-output", "x"],
            &["--output=x"],
            &["-o=x"],
            &["-o", "x"],
            &["--output", "y", "-o", "x"],
        ] {
            let (values, _) = parse(arguments).unwrap();
            assert_eq!(values.text("output"), Some("x"), "{arguments:?}");
        }
        let (values, _) = parse(&["--names", "a,b", "-names= c", "--output=", "--quiet"]).unwrap();
        assert_eq!(values.list("names"), ["a", "b", "c"]);
        assert_eq!(values.text("output"), Some(""));
        assert_eq!(values.filled("output"), None);
        assert!(values.is_on("quiet"));
        assert!(!parse(&["--quiet=false"]).unwrap().0.is_on("quiet"));
        // What stands behind a flag is its value, whatever it looks like.
        let (values, _) = parse(&["--output", "--quiet"]).unwrap();
        assert_eq!(values.text("output"), Some("--quiet"));
    }

    #[test]
    fn words_help_and_the_end() {
        let (_, taken) = parse(&["x", "-", "--", "--help", "-h", "--help=false"]).unwrap();
        assert_eq!(
            taken,
            [
                Taken::Word,
                Taken::Word,
                Taken::End,
                Taken::Help,
                Taken::Help,
                Taken::Flag
            ]
        );
    }

    #[test]
    fn mistakes_are_worded_as_scripts_know_them() {
        for (argument, error) in [
            ("--nope", "flag provided but not defined: -nope"),
            ("-q", "flag provided but not defined: -q"),
            ("--output", "flag needs an argument: --output"),
            (
                "--quiet=maybe",
                "invalid value \"maybe\" for flag -quiet: parse error",
            ),
        ] {
            assert_eq!(parse(&[argument]).unwrap_err(), error);
        }
    }

    #[test]
    fn the_environment_speaks_where_the_command_line_does_not() {
        let environment = |name: &str| match name {
            "OUTPUT" => Some("from-environment".to_owned()),
            "NAMES" => Some("a,b".to_owned()),
            "QUIET" => Some("T".to_owned()),
            _ => None,
        };
        let flags = || [&OUTPUT, &NAMES, &QUIET].into_iter();
        let (mut values, _) = parse(&["--output", "x"]).unwrap();
        values.add_environment(flags(), environment).unwrap();
        assert_eq!(values.text("output"), Some("x"));
        assert_eq!(values.list("names"), ["a", "b"]);
        assert!(values.is_on("quiet"));
        let mut values = Values::default();
        let empty = |_: &str| Some(String::new());
        values.add_environment(flags(), empty).unwrap();
        assert_eq!(values.text("output"), Some(""));
        assert!(values.list("names").is_empty());
        let error = values
            .add_environment(flags(), |_| Some("yes".to_owned()))
            .unwrap_err();
        assert!(error.contains("\"yes\" as bool value from environment variable \"QUIET\""));
    }
}
