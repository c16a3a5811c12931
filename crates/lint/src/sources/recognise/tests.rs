use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

#[test]
#[rustfmt::skip]
fn names() {
    use Kind::{Compose, DevContainer, Dockerfile, ImageArchive, Markdown, Shell};
    for (path, expected) in [
        ("Dockerfile", Some(Dockerfile)), ("a/b/Dockerfile", Some(Dockerfile)), ("dockerfile", Some(Dockerfile)),
        ("gpu.Dockerfile", Some(Dockerfile)), ("gpu.dockerfile", Some(Dockerfile)), ("Dockerfile.gpu", Some(Dockerfile)),
        ("Dockerfile-12.8", Some(Dockerfile)), ("Dockerfile_dev", Some(Dockerfile)), ("Containerfile", Some(Dockerfile)),
        ("Containerfile.cuda", Some(Dockerfile)), ("Dockerfile.j2", Some(Dockerfile)), ("Dockerfile.template", Some(Dockerfile)),
        ("Dockerfile.gpu.tmpl", Some(Dockerfile)), ("Dockerfile.ubuntu22.04", Some(Dockerfile)),
        ("Dockerfile.dockerignore", None), ("dockerfile.py", None), ("Dockerfiles", None), ("mydockerfile", None),
        ("Dockerfile.md", Some(Markdown)), ("Dockerfile.sh", Some(Shell)), ("Dockerfile.yml", None),
        ("compose.yaml", Some(Compose)), ("compose.yml", Some(Compose)), ("docker-compose.yml", Some(Compose)),
        ("docker-compose.gpu.yml", Some(Compose)), ("docker-compose-gpu.yaml", Some(Compose)), ("compose.gpu.yaml", Some(Compose)),
        ("gpu.compose.yaml", Some(Compose)), ("podman-compose.yml", Some(Compose)), ("docker-compose.yml.j2", Some(Compose)),
        ("composer.yaml", None), ("decompose.yaml", None), ("values.yaml", None), ("compose.json", None),
        ("devcontainer.json", Some(DevContainer)), (".devcontainer/gpu/devcontainer.json", Some(DevContainer)),
        (".devcontainer.json", Some(DevContainer)), ("package.json", None),
        ("run.sh", Some(Shell)), ("run.bash", Some(Shell)), ("run", None), ("run.sh.in", Some(Shell)),
        ("README.md", Some(Markdown)), ("README", Some(Markdown)), ("a.markdown", Some(Markdown)),
        ("image.tar", Some(ImageArchive)), ("image.tar.gz", Some(ImageArchive)), ("image.tgz", Some(ImageArchive)), ("a.gz", None),
        ("", None), ("/", None), ("-", None), ("a\\Dockerfile", Some(Dockerfile)),
    ] {
        assert_eq!(by_name(path), expected, "{path}");
    }
}

fn tar() -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[257..262].copy_from_slice(b"ustar");
    bytes
}

#[test]
#[rustfmt::skip]
fn contents() {
    use Kind::{Compose, DevContainer, Dockerfile, ImageArchive, Markdown, Shell};
    use Refusal::{Binary, Empty, NotUtf8, Other, Unknown, Utf16};
    let tar = tar();
    for (path, content, expected) in [
        ("x", &b"FROM a\n"[..], Ok(Dockerfile)),
        ("x", b"# a comment\n\nARG A=b\nfrom $A\n", Ok(Dockerfile)),
        ("x", b"# syntax=docker/dockerfile:1\nENV A=b\n", Ok(Dockerfile)),
        ("x", b"\xef\xbb\xbfFROM a\n", Ok(Dockerfile)),
        ("x", b"FROM --platform=linux/amd64 a AS b\n", Ok(Dockerfile)),
        ("x", b"From here on it is prose", Err(Unknown)),
        ("x", b"version: '3'\nservices:\n  a:\n", Ok(Compose)),
        ("x.yml", b"services: {a: {image: b}}\n", Ok(Compose)),
        ("x.yml", b"apiVersion: v1\nkind: Pod\n", Err(Other("a manifest of Kubernetes"))),
        ("x.yml", b"a: b\n", Err(Unknown)),
        ("x", b"#!/bin/bash\n", Ok(Shell)),
        ("x", b"#!/usr/bin/env -S bash -e\n", Ok(Shell)),
        ("x", b"#!/usr/bin/env python3\n", Err(Other("a script for another program than a shell"))),
        ("x", b"{\"runArgs\": []}", Ok(DevContainer)),
        ("x", b"{\"services\": {}}", Ok(Compose)),
        ("x", b"{}", Err(Unknown)),
        ("x", b"# Title\n\n```sh\na\n```\n", Ok(Markdown)),
        ("x", b"hello\n", Err(Unknown)),
        ("x", &tar, Ok(ImageArchive)),
        ("x", b"\x1f\x8b\x08\0", Ok(ImageArchive)),
        ("image.tar", b"FROM a", Err(Other("a text with the name of an archive"))),
        ("Dockerfile", &tar, Err(Binary("a tar archive"))),
        ("Dockerfile", b"\x7fELF\x02\x01", Err(Binary("a program or library (ELF)"))),
        ("Dockerfile", b"FROM a\0", Err(Binary("binary data"))),
        ("Dockerfile", b"MZ is how this text begins", Ok(Dockerfile)),
        ("Dockerfile", b"\xff\xfeF\0R\0", Err(Utf16)),
        ("Dockerfile", b"FROM a # caf\xe9\n", Err(NotUtf8(12))),
        ("Dockerfile", b"", Err(Empty)),
        ("Dockerfile", b" \n\t\n", Err(Empty)),
        ("Dockerfile", b"\xef\xbb\xbf", Err(Empty)),
        ("Dockerfile", b"anything", Ok(Dockerfile)),
    ] {
        let found = recognise(path, content, content.len() as u64).map(|found| found.kind);
        assert_eq!(found, expected, "{path} {:?}", String::from_utf8_lossy(content));
    }
}

#[test]
fn sizes() {
    let kind = |size| recognise("Dockerfile", b"FROM a\xc3", size).map(|found| found.kind);
    assert_eq!(kind(MAX_BYTES), Ok(Kind::Dockerfile));
    assert_eq!(kind(MAX_BYTES + 1), Err(Refusal::TooLarge(MAX_BYTES + 1)));
    // The last character is cut off only where there is more.
    assert_eq!(kind(7), Err(Refusal::NotUtf8(6)));
    let broken = recognise("Dockerfile", b"FROM \xe9 a", 100).map(|found| found.kind);
    assert_eq!(broken, Err(Refusal::NotUtf8(5)));
    let archive = recognise("a.tar", &tar(), 1 << 40).map(|found| found.kind);
    assert_eq!(archive, Ok(Kind::ImageArchive));
}

#[test]
#[rustfmt::skip]
fn templates() {
    use TemplateLanguage::{Erb, Go, Jinja, Other};
    for (path, text, expected) in [
        ("Dockerfile", "FROM a:{{ version }}\n", Some((Jinja, "{{ version }}"))),
        ("Dockerfile", "FROM a\n{% if gpu %}\nRUN x\n{% endif %}\n", Some((Jinja, "{% if gpu %}"))),
        ("Dockerfile", "FROM a\n{{- range .Packages }}\n", Some((Go, "{{- range .Packages }}"))),
        ("Dockerfile", "FROM {{ .Base }}\n", Some((Go, "{{ .Base }}"))),
        ("Dockerfile", "FROM <%= base %>\n", Some((Erb, "<%= base %>"))),
        ("Dockerfile", "FROM a\nRUN docker info --format '{{.Runtimes}}'\n", None),
        ("Dockerfile", "# {{ x }}\nFROM a\n", None),
        ("Dockerfile", "FROM ${{ x }}\n", None),
        ("Dockerfile.j2", "FROM a\n", Some((Jinja, ""))),
        ("Dockerfile.in", "FROM a\n", Some((Other, ""))),
        ("compose.yaml", "services:\n  a:\n    image: {{ image }}\n", Some((Jinja, "{{ image }}"))),
        ("compose.yaml", "services:\n  a:\n    image: \"{{ image }}\"\n", None),
        ("compose.yaml", "services:\n  a:\n    hostname: x-{{.Node.Hostname}}\n", None),
        ("compose.yaml", "services:\n  a: {b: {c: d}}\n", None),
        ("compose.yaml", "services:\n  a:\n    image: ${{ x }}\n", None),
        ("README.md", "{{ x }}\n", None),
        ("run.sh", "{{ x }}\n", None),
    ] {
        let found = recognise(path, text.as_bytes(), text.len() as u64).unwrap().template;
        let found = found.map(|it| (it.language, it.span.of(text)));
        assert_eq!(found, expected, "{path} {text}");
    }
}

/// A directory of directories and files, by their paths.
fn tree(
    paths: &'static [&'static str],
) -> impl FnMut(&Path) -> Option<std::vec::IntoIter<(String, Node)>> {
    move |directory| {
        if directory.ends_with("locked") {
            return None;
        }
        let mut found = Vec::new();
        for path in paths {
            let Ok(rest) = Path::new(path).strip_prefix(directory) else {
                continue;
            };
            let mut parts = rest.components();
            let Some(name) = parts.next() else { continue };
            let name = name.as_os_str().to_string_lossy().into_owned();
            let node = match parts.next() {
                Some(_) => Node::Directory,
                None if name.ends_with("link") => Node::Other,
                None => Node::File,
            };
            if !found.contains(&(name.clone(), node)) {
                found.push((name, node));
            }
        }
        Some(found.into_iter())
    }
}

#[test]
fn directories_are_walked() {
    const PATHS: &[&str] = &[
        "r/b/Dockerfile",
        "r/a/compose.yaml",
        "r/README.md",
        "r/run.sh",
        "r/values.yaml",
        "r/image.tar",
        "r/main.py",
        "r/.devcontainer/devcontainer.json",
        "r/.git/Dockerfile",
        "r/.hidden.sh",
        "r/node_modules/x/Dockerfile",
        "r/Dockerfile.link",
        "r/locked/Dockerfile",
        "r/1/2/3/4/Dockerfile",
    ];
    let shown = |walk: &Walk| -> Vec<String> {
        walk.chosen
            .iter()
            .map(|it| format!("{} {:?}", it.path.display(), it.kind))
            .collect()
    };
    let found = walk(Path::new("r"), Limits::default(), tree(PATHS));
    assert_eq!(
        shown(&found),
        [
            "r/.devcontainer/devcontainer.json Some(DevContainer)",
            "r/1/2/3/4/Dockerfile Some(Dockerfile)",
            "r/README.md Some(Markdown)",
            "r/a/compose.yaml Some(Compose)",
            "r/b/Dockerfile Some(Dockerfile)",
            "r/run.sh Some(Shell)",
            "r/values.yaml None",
        ]
    );
    assert_eq!(
        (found.is_cut, found.unread),
        (false, vec![PathBuf::from("r/locked")])
    );
    let shallow = Limits {
        depth: 3,
        ..Limits::default()
    };
    let found = walk(Path::new("r"), shallow, tree(PATHS));
    assert!(found.is_cut && found.chosen.len() == 6);
    let few = Limits {
        entries: 3,
        ..Limits::default()
    };
    let found = walk(Path::new("r"), few, tree(PATHS));
    assert!(found.is_cut && found.chosen.len() == 1);
    // A directory that has itself in it ends, too.
    let endless = |_: &Path| Some([("a".to_owned(), Node::Directory)].into_iter());
    assert!(walk(Path::new("r"), Limits::default(), endless).is_cut);
}

proptest! {
    #[test]
    fn no_bytes_break_it(path in ".{0,20}", head in proptest::collection::vec(any::<u8>(), 0..600), more in 0_u64..2) {
        if let Err(refusal) = recognise(&path, &head, head.len() as u64 + more) {
            prop_assert!(!refusal.to_string().is_empty());
        }
    }

    #[test]
    fn no_text_breaks_it(path in "(Dockerfile|compose.yaml|x)", text in "([{}%<> $:#-]|FROM |services:|é|\n){0,30}") {
        if let Ok(found) = recognise(&path, text.as_bytes(), text.len() as u64)
            && let Some(template) = found.template {
            prop_assert!(template.span.end <= text.len() && !template.span.of(&text).is_empty());
        }
    }
}
