//! The variables that options of `docker run` set: `-e NAME=VALUE`, `-e NAME` from our own environment, and files of them.

use super::flags::Parsed;

/// More than anybody writes by hand.
const MOST: u64 = 1 << 20;

/// In the order in which they count: files first.
pub(crate) fn variables(options: &Parsed) -> Vec<(String, String)> {
    let files = options.values("env-file");
    let texts: Vec<String> = files
        .filter_map(|path| {
            let bytes = liftgate_sys::file::read_regular(path.as_ref(), MOST).ok()??;
            // The engine reads it again, and says what it does not like.
            String::from_utf8(bytes).ok()
        })
        .collect();
    let lines = texts.iter().flat_map(|text| text.lines());
    let lines = lines.map(str::trim_start);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .chain(options.values("env"))
        .filter_map(variable)
        .collect()
}

fn variable(entry: &str) -> Option<(String, String)> {
    match entry.split_once('=') {
        Some((name, value)) => Some((name.to_owned(), value.to_owned())),
        None => Some((entry.to_owned(), std::env::var(entry).ok()?)),
    }
}

/// The last value of a variable.
pub(crate) fn last<'v>(variables: &'v [(String, String)], name: &str) -> Option<&'v str> {
    let found = variables.iter().rfind(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::run::flags::{Flags, RUN};
    use std::ffi::OsString;

    #[test]
    fn variables_of_options_and_files() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("env");
        std::fs::write(
            &file,
            "# A=comment\n\nA=file\n  B=file=2\nPATH\nNO_SUCH_VARIABLE\n",
        )
        .unwrap();
        let words: Vec<OsString> = ["-e", "A=1", "-eA=2", "--env=NO_SUCH_VARIABLE", "--env-file"]
            .into_iter()
            .map(OsString::from)
            .chain([
                file.into(),
                "--env-file=/nonexistent".into(),
                "IMAGE".into(),
            ])
            .collect();
        let found = variables(&Flags::of(&[RUN]).parse(&words).unwrap());
        assert_eq!(last(&found, "A"), Some("2"));
        assert_eq!(last(&found, "B"), Some("file=2"));
        assert_eq!(last(&found, "PATH"), std::env::var("PATH").ok().as_deref());
        assert_eq!(last(&found, "NO_SUCH_VARIABLE"), None);
        assert_eq!(found[0], ("A".to_owned(), "file".to_owned()));
    }
}
