//! Archives whose bytes depend on nothing but the files' names, modes and contents.

use super::{Material, VERSION, architecture, filled, floor};
use crate::Failure;
use crate::workspace::{root, succeed};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The tarball; its name is returned.
pub(super) fn tarball(material: &Material) -> Result<String, Failure> {
    let name = format!("liftgate-{VERSION}-{}-linux", architecture(false));
    let directory = material.work.join(&name);
    fs::create_dir_all(&directory)?;
    for program in ["liftgate", "liftgate-rt"] {
        fs::copy(material.programs.join(program), directory.join(program))?;
    }
    fs::copy(root().join("LICENSE"), directory.join("LICENSE"))?;
    let readme = filled(
        "tarball/README",
        &[
            ("@VERSION@", VERSION),
            ("@ARCHITECTURE@", architecture(false)),
            ("@GLIBC@", floor::GLIBC),
        ],
    )?;
    fs::write(directory.join("README"), readme)?;
    let file = format!("{name}.tar.gz");
    pack(
        material,
        &material.work,
        &[&name],
        "gzip -9n",
        &material.place.join(&file),
    )?;
    Ok(file)
}

/// Packs what lies in `directory` under `names` with everybody's rights on it and nobody's name.
pub(super) fn pack(
    material: &Material,
    directory: &Path,
    names: &[&str],
    compressor: &str,
    archive: &Path,
) -> Result<(), Failure> {
    succeed(
        Command::new("tar")
            .args(["--create", "--format=gnu", "--sort=name", "--numeric-owner"])
            .args(["--owner=0", "--group=0", "--mode=u=rwX,go=rX"])
            .arg(format!("--mtime=@{}", material.epoch))
            .arg(format!("--use-compress-program={compressor}"))
            .arg("--directory")
            .arg(directory)
            .arg("--file")
            .arg(archive)
            .args(names)
            .env("LC_ALL", "C"),
    )
}

/// An `ar` archive of files in this order. A member has a head of sixty characters, and an even length.
pub(super) fn ar(members: &[(&str, Vec<u8>)], epoch: &str) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let head = format!(
            "{name:<16}{epoch:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            "100644",
            content.len()
        );
        archive.extend(head.as_bytes());
        archive.extend(content);
        if content.len() % 2 == 1 {
            archive.push(b'\n');
        }
    }
    archive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_begins_at_an_even_place() {
        let archive = ar(&[("odd", b"x".to_vec()), ("even", b"yy".to_vec())], "7");
        let text = String::from_utf8(archive).unwrap();
        let head = |name: &str, size: &str| {
            format!("{name:<16}7           0     0     100644  {size:<10}`\n")
        };
        assert_eq!(
            text,
            format!("!<arch>\n{}x\n{}yy", head("odd", "1"), head("even", "2"))
        );
        assert_eq!(head("odd", "1").len(), 60);
    }
}
