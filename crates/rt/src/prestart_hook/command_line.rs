//! The command line of the prestart hook: options as Go's `flag` package reads them, then one command.

use std::ffi::OsString;
use std::path::PathBuf;

pub(super) const USAGE: &str = "\
Usage of nvidia-container-runtime-hook:
  -config string
    \tconfiguration file
  -debug
    \tenable debug output
  -version
    \tenable version output

Commands:
  prestart
        run the prestart hook
  poststart
        no-op
  poststop
        no-op
";

/// What the hook is started for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Invocation {
    /// To give a container its GPUs.
    Prestart {
        config: Option<PathBuf>,
        is_debug: bool,
    },
    /// For a moment at which nothing is to be done.
    Nothing,
    Version,
    Help {
        is_asked: bool,
    },
    Problem(String),
}

impl Invocation {
    pub(super) fn parse(arguments: &[OsString]) -> Self {
        let (mut config, mut is_debug, mut is_version) = (None, false, false);
        let mut rest = arguments.iter();
        let command = loop {
            let Some(argument) = rest.next() else {
                break None;
            };
            let text = argument.to_string_lossy();
            let Some(option) = text.strip_prefix('-').filter(|option| !option.is_empty()) else {
                break Some(text.into_owned());
            };
            let option = option.strip_prefix('-').unwrap_or(option);
            if option.is_empty() {
                break rest
                    .next()
                    .map(|command| command.to_string_lossy().into_owned());
            }
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (option, None),
            };
            match (name, value) {
                ("h" | "help", _) => return Self::Help { is_asked: true },
                ("debug", value) => match truth(value) {
                    Some(truth) => is_debug = truth,
                    None => return Self::Problem(not_boolean(name, value)),
                },
                ("version", value) => match truth(value) {
                    Some(truth) => is_version = truth,
                    None => return Self::Problem(not_boolean(name, value)),
                },
                ("config", Some(value)) => config = Some(PathBuf::from(value)),
                ("config", None) => match rest.next() {
                    Some(value) => config = Some(PathBuf::from(value)),
                    None => return Self::Problem("flag needs an argument: -config".to_owned()),
                },
                _ => {
                    return Self::Problem(format!("flag provided but not defined: -{name}"));
                }
            }
        };
        // An empty name is none.
        let config = config.filter(|config| !config.as_os_str().is_empty());
        if is_version {
            return Self::Version;
        }
        match command.as_deref() {
            Some("prestart") => Self::Prestart { config, is_debug },
            Some("poststart" | "poststop") => Self::Nothing,
            _ => Self::Help { is_asked: false },
        }
    }
}

fn truth(value: Option<&str>) -> Option<bool> {
    match value {
        None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
        Some(_) => None,
    }
}

fn not_boolean(name: &str, value: Option<&str>) -> String {
    format!(
        "invalid boolean value \"{}\" for -{name}: parse error",
        value.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Invocation {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        Invocation::parse(&arguments)
    }

    #[test]
    fn commands_and_options() {
        let prestart = |config: Option<&str>, is_debug| Invocation::Prestart {
            config: config.map(PathBuf::from),
            is_debug,
        };
        assert_eq!(parse(&["prestart"]), prestart(None, false));
        assert_eq!(parse(&["--", "prestart"]), prestart(None, false));
        assert_eq!(
            parse(&["-debug", "--config=/c", "prestart", "-version"]),
            prestart(Some("/c"), true)
        );
        assert_eq!(
            parse(&["-config", "/c", "-debug=false", "prestart"]),
            prestart(Some("/c"), false)
        );
        assert_eq!(parse(&["-config=", "prestart"]), prestart(None, false));
        assert_eq!(parse(&["poststart"]), Invocation::Nothing);
        assert_eq!(parse(&["poststop", "x"]), Invocation::Nothing);
        assert_eq!(parse(&["-version"]), Invocation::Version);
        assert_eq!(parse(&["--help"]), Invocation::Help { is_asked: true });
        for unasked in [&[][..], &["x"], &["-debug"], &["-"], &["--"]] {
            assert_eq!(parse(unasked), Invocation::Help { is_asked: false });
        }
        for problem in [
            &["-x", "prestart"][..],
            &["-config"],
            &["-debug=2", "prestart"],
        ] {
            assert!(
                matches!(parse(problem), Invocation::Problem(_)),
                "{problem:?}"
            );
        }
    }
}
