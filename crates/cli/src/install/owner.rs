//! Which package a file belongs to, as dpkg or rpm says; where neither is installed, none does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The name of liftgate's own package.
pub(crate) const OWN_PACKAGE: &str = "liftgate";

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) path: PathBuf,
    pub(crate) package: String,
}

/// The paths that belong to packages.
pub(crate) fn owners(paths: &[&Path]) -> Vec<Owned> {
    if paths.is_empty() {
        return Vec::new();
    }
    let mut owned = of_dpkg(&answer("dpkg-query", &["-S"], paths));
    // rpm answers a line for each path, in their order, and has no form that names both.
    for path in paths {
        let format = ["-qf", "--queryformat", "%{NAME}\n"];
        let Some(text) = checked("rpm", &format, &[path]) else {
            continue;
        };
        if let Some(package) = text.lines().next() {
            owned.push(Owned {
                path: (*path).to_owned(),
                package: package.to_owned(),
            });
        }
    }
    owned
}

/// Reads lines like `one, other:amd64: /usr/bin/name`; `diversion by one from: …` names no owner.
fn of_dpkg(text: &str) -> Vec<Owned> {
    let lines = text.lines().filter(|line| !line.starts_with("diversion "));
    lines
        .filter_map(|line| {
            let (packages, path) = line.split_once(": /")?;
            let package = packages.split(", ").next()?;
            let package = package.split(':').next()?;
            Some(Owned {
                path: Path::new("/").join(path),
                package: package.to_owned(),
            })
        })
        .collect()
}

fn command(program: &str, arguments: &[&str], paths: &[&Path]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(paths)
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

/// What it says, even if it does not know some of them.
fn answer(program: &str, arguments: &[&str], paths: &[&Path]) -> String {
    command(program, arguments, paths)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}

/// What it says if it succeeds: rpm says on standard output, too, that it does not know a file.
fn checked(program: &str, arguments: &[&str], paths: &[&Path]) -> Option<String> {
    let output = command(program, arguments, paths).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_dpkg() {
        let text =
            "diversion by dash from: /bin/sh\nlibc6:amd64: /lib/x\none, other: /usr/bin/a: b\n";
        let owned: Vec<(PathBuf, String)> = of_dpkg(text)
            .into_iter()
            .map(|owned| (owned.path, owned.package))
            .collect();
        assert_eq!(
            owned,
            [
                ("/lib/x".into(), "libc6".to_owned()),
                ("/usr/bin/a: b".into(), "one".to_owned())
            ]
        );
    }
}
