//! What the tests against the real tools share: the C compiler, `ldconfig`, and a temporary root for both.

use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) const LDCONFIG: &str = "/sbin/ldconfig";
pub(crate) const REAL_CACHE: &str = "/etc/ld.so.cache";

/// Runs a command that has to succeed; its output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .output()
        .expect(program);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Builds a shared library from C text.
pub(crate) fn library(path: &Path, source: &str, flags: &[&str]) {
    compile(
        path,
        source,
        &[&["-shared", "-fPIC", "-nostdlib"], flags].concat(),
    );
}

/// Compiles C text.
pub(crate) fn compile(path: &Path, source: &str, flags: &[&str]) {
    fs::create_dir_all(path.parent().expect("a file in a directory")).expect("create directory");
    let text = path.with_extension("build.c");
    fs::write(&text, source).expect("write source");
    let out = path.to_str().expect("text path");
    run(
        "cc",
        &[&["-o", out, text.to_str().expect("text path")], flags].concat(),
    );
    fs::remove_file(text).expect("remove source");
}

/// The lines of `ldconfig -p` for a cache file as (name, path), and the bracket with ABI and hwcap.
pub(crate) fn listed(cache: &Path) -> Vec<(String, String, String)> {
    run(LDCONFIG, &["-p", "-C", cache.to_str().expect("text path")])
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.strip_prefix('\t')?.split_once(" (")?;
            let (about, path) = rest.split_once(") => ")?;
            Some((name.to_owned(), path.to_owned(), about.to_owned()))
        })
        .collect()
}

pub(crate) fn is_root() -> bool {
    run("id", &["-u"]).trim() == "0"
}

/// Why a test against ldconfig cannot run here.
pub(crate) fn no_ldconfig() -> Option<&'static str> {
    (!Path::new(LDCONFIG).exists()).then_some("skipped: no /sbin/ldconfig")
}
