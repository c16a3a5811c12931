//! Engines that are none, and files: what is asked of them, and what their answers come to.

use super::http::Host;
use super::{Source, docker_at, is_path, of_file, of_path, podman_at, valid};
use crate::error::CliError;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// An image with one layer that has nothing but a Python package.
fn archive() -> Vec<u8> {
    let layer = tar_of(&[("x/torch-2.4.1+cu121.dist-info/METADATA", b"x")]);
    let manifest = br#"[{"Config": "c.json", "RepoTags": ["app:1"], "Layers": ["l/layer.tar"]}]"#;
    let configuration = br#"{"os": "linux", "architecture": "amd64", "config": {}}"#;
    tar_of(&[
        ("l/layer.tar", &layer),
        ("c.json", configuration),
        ("manifest.json", manifest),
    ])
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, path, *content)
            .expect("memory");
    }
    tar.into_inner().expect("memory")
}

/// A daemon that gives these answers, one a connection, and returns what it was asked.
fn daemon(directory: &Path, answers: Vec<Vec<u8>>) -> (PathBuf, JoinHandle<Vec<String>>) {
    let socket = directory.join("socket");
    let listener = UnixListener::bind(&socket).expect("a socket");
    let thread = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("a request") > 0
            {
                request.push(byte[0]);
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            asked.push(request.lines().next().unwrap_or_default().to_owned());
            // One that has heard enough closes the connection.
            stream.write_all(&answer).ok();
        }
        asked
    });
    (socket, thread)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [head.as_bytes(), b"\r\n\r\n", body].concat()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    for chunk in body.chunks(1000) {
        chunks.extend(format!("{:x};ignored=1\r\n", chunk.len()).bytes());
        chunks.extend(chunk);
        chunks.extend(b"\r\n");
    }
    chunks.extend(b"0\r\n\r\n");
    chunks
}

fn sentence(error: CliError) -> String {
    match error {
        CliError::Failed { sentence, .. } | CliError::Usage { sentence, .. } => sentence,
        other => panic!("{other:?}"),
    }
}

/// The package that the image has, or the sentence.
fn looked(found: Result<Option<Source>, CliError>) -> Result<String, String> {
    let source = found.map_err(sentence)?.ok_or("none")?;
    let facts = source.facts(&mut |_| ()).map_err(sentence)?;
    Ok(facts
        .python
        .first()
        .map(|package| package.name.clone())
        .unwrap_or_default())
}

#[test]
fn docker_gives_an_image_in_every_framing_of_http() {
    let whole = archive();
    let length = format!("HTTP/1.0 200 OK\r\nContent-Length: {}", whole.len());
    for (words, given) in [
        (
            "closing",
            answer("HTTP/1.0 200 OK\r\nContent-Type: x", &whole),
        ),
        ("length", answer(&length, &whole)),
        (
            "chunks",
            answer(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nContent-Length: 3",
                &chunked(&whole),
            ),
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let known = answer("HTTP/1.0 200 OK", b"{}");
        let (socket, thread) = daemon(directory.path(), vec![known, given]);
        let found = docker_at(Host(Some(socket)), "registry.example:5000/app:1");
        assert_eq!(looked(found).as_deref(), Ok("torch"), "{words}");
        assert_eq!(
            thread.join().unwrap(),
            [
                "GET /images/registry.example:5000/app:1/json HTTP/1.0",
                "GET /images/registry.example:5000/app:1/get HTTP/1.0"
            ]
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_no_image() {
    let whole = archive();
    let cut = &whole[..whole.len() - 2000];
    let chunks = chunked(&whole);
    let length = format!("HTTP/1.0 200 OK\r\nContent-Length: {}", whole.len());
    for given in [
        answer("HTTP/1.0 200 OK", cut),
        answer(&length, cut),
        // At the end of a tar zeros are missing, which nobody would miss.
        answer(&length, &whole[..whole.len() - 10]),
        answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
            &chunks[..chunks.len() - 5],
        ),
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", b"zz\r\n"),
        b"HTTP/1.0 200 OK\r\n".to_vec(),
        b"220 mail ready\r\n\r\n".to_vec(),
        Vec::new(),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let known = answer("HTTP/1.0 200 OK", b"{}");
        let (socket, thread) = daemon(directory.path(), vec![known, given.clone()]);
        let found = looked(docker_at(Host(Some(socket)), "app"));
        assert!(found.is_err(), "{found:?}: {}", given.escape_ascii());
        thread.join().unwrap();
    }
}

#[test]
fn what_docker_says_is_passed_on() {
    let directory = tempfile::tempdir().unwrap();
    let none = answer(
        "HTTP/1.0 404 Not Found",
        b"{\"message\": \"No such image\"}",
    );
    let error = answer("HTTP/1.0 500 Error", b"{\"message\": \"disk full\"}");
    let (socket, thread) = daemon(directory.path(), vec![none, error]);
    let host = || Host(Some(socket.clone()));
    assert!(docker_at(host(), "app").unwrap().is_none());
    let words = sentence(docker_at(host(), "app").unwrap_err());
    assert!(
        words.contains("500") && words.contains("disk full"),
        "{words}"
    );
    thread.join().unwrap();
    let words = sentence(docker_at(Host(Some(directory.path().join("no"))), "app").unwrap_err());
    assert!(words.contains("does not answer"), "{words}");
}

/// A program that is called as Podman is.
fn program(directory: &Path, text: &str) -> PathBuf {
    let path = directory.join("podman");
    fs::write(&path, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn podman_gives_an_image_and_its_words() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("archive.tar");
    fs::write(&file, archive()).unwrap();
    let file = file.display();
    let exists = r#"test "$1" = image && { echo "$*" >&2; test "$4" = app:1; exit; }"#;
    let text = format!(
        "{exists}\ntest \"$*\" = 'save --quiet --format docker-archive -- app:1' && cat {file}"
    );
    let found = podman_at(&program(directory.path(), &text), "app:1");
    assert_eq!(looked(found).as_deref(), Ok("torch"));
    let found = podman_at(&program(directory.path(), &text), "other:1");
    assert_eq!(looked(found), Err("none".to_owned()));
    // It breaks off, says why, and says much.
    let text = format!(
        "{exists}\nhead -c 700 {file}\nhead -c 200000 /dev/zero >&2\necho >&2; echo no space >&2; exit 125"
    );
    let words = looked(podman_at(&program(directory.path(), &text), "app:1")).unwrap_err();
    assert!(
        words.contains("125") && words.contains("no space"),
        "{words}"
    );
    // It never ends, but what it writes is no image: it is not waited for.
    let text = format!("{exists}\nexec yes");
    let words = looked(podman_at(&program(directory.path(), &text), "app:1")).unwrap_err();
    assert!(words.contains("malformed"), "{words}");
}

#[test]
fn names_and_paths_are_told_apart() {
    for name in [
        "app",
        "app:1",
        "registry.example:5000/team/app@sha256:0123",
        "A_b.c-d",
    ] {
        assert!(valid(name).is_ok(), "{name}");
    }
    for name in [
        "",
        "-v",
        "--help",
        "a b",
        "a\r\nHost: x",
        "a?x",
        "a%2f",
        "a#x",
        "../x",
        "é",
    ] {
        assert!(valid(name).is_err(), "{name}");
    }
    assert!(
        is_path("./app".as_ref()) && is_path("/app".as_ref()) && is_path("Cargo.toml".as_ref())
    );
    assert!(!is_path("app".as_ref()) && !is_path("src".as_ref()));
}

#[test]
fn files_and_directories_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("archive.tar");
    fs::write(&file, archive()).unwrap();
    let text = file.display().to_string();
    assert_eq!(
        looked(of_file(&file, None).map(Some)).as_deref(),
        Ok("torch")
    );
    for path in [
        text.clone(),
        format!("{text}:latest"),
        format!("{text}:registry/app:1"),
    ] {
        assert_eq!(
            looked(of_path(&path).map(Some)).as_deref(),
            Ok("torch"),
            "{path}"
        );
    }
    assert!(of_path(&format!("{text}.no:x")).is_err());
    assert!(of_file(Path::new("/dev/null"), None).is_err());
    // A layout whose blob is a link out of it.
    let layout = directory.path().join("layout");
    fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
    fs::write(directory.path().join("manifest"), b"{\"config\": {}}").unwrap();
    let digest = "a".repeat(64);
    fs::write(
        layout.join("index.json"),
        format!("{{\"manifests\": [{{\"digest\": \"sha256:{digest}\"}}]}}"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        "../../../manifest",
        layout.join("blobs/sha256").join(&digest),
    )
    .unwrap();
    let words = looked(of_file(&layout, None).map(Some)).unwrap_err();
    assert!(words.contains("lacks every manifest"), "{words}");
    // The same link, to a file within.
    fs::write(layout.join("manifest"), b"{\"config\": {}}").unwrap();
    let words = looked(of_file(&layout, None).map(Some)).unwrap_err();
    assert!(words.contains("no digest"), "{words}");
}

/// An image of an engine that runs, or a file: prints what is found in it.
#[test]
#[ignore = "needs an image, by name in LIFTGATE_IMAGE, and where it says so packages in LIFTGATE_IMAGE_PACKAGES"]
fn an_image_of_a_real_engine() {
    let name = std::env::var_os("LIFTGATE_IMAGE").expect("LIFTGATE_IMAGE names an image");
    let source = super::open(&name).map_err(sentence).unwrap();
    let mut read = 0;
    let facts = source
        .facts(&mut |bytes| read = bytes)
        .map_err(sentence)
        .unwrap();
    let packages: Vec<&str> = facts
        .python
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let libraries: Vec<&str> = facts
        .libraries
        .iter()
        .map(|library| library.path.as_str())
        .collect();
    println!("{read} bytes: {:?} {:?}", facts.name, facts.platform);
    println!(
        "{:?}\n{packages:?}\n{libraries:?}\n{:?}",
        facts.layers, facts.gaps
    );
    if let Some(expected) = std::env::var_os("LIFTGATE_IMAGE_PACKAGES") {
        assert_eq!(packages.join(" ").as_str(), expected);
    }
}
