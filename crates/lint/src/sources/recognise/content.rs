//! What a file's first bytes say.

use super::{Kind, Refusal};

/// What files of other kinds begin with.
const SIGNS: &[(&[u8], &str)] = &[
    (b"\x7fELF", "a program or library (ELF)"),
    (b"MZ", "a program for Windows"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"SQLite format 3", "a database"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS or Java"),
    (b"!<arch>\n", "a library archive"),
];

/// An archive: a tar, or compressed, so that there may be one in it.
pub(super) fn archive(head: &[u8]) -> Option<&'static str> {
    if head.get(257..262) == Some(b"ustar") {
        return Some("a tar archive");
    }
    let signs: [(&[u8], &str); 4] = [
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"\xfd7zXZ\0", "compressed (xz)"),
        (b"BZh", "compressed (bzip2)"),
    ];
    let found = signs.iter().find(|(sign, _)| head.starts_with(sign))?;
    // `BZh` might begin a text.
    let is_text = found.0 == b"BZh" && std::str::from_utf8(head).is_ok();
    (!is_text).then_some(found.1)
}

/// The text that the bytes are; their last character may be cut off, where they are not all.
pub(super) fn text_of(head: &[u8], size: u64) -> Result<&str, Refusal> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(Refusal::Utf16);
    }
    let is_text = std::str::from_utf8(head).is_ok();
    let sign = SIGNS.iter().find(|(sign, _)| head.starts_with(sign));
    if let Some((sign, what)) = sign
        && (!is_text || sign.len() > 3)
    {
        return Err(Refusal::Binary(what));
    }
    if head.contains(&0) {
        return Err(Refusal::Binary("binary data"));
    }
    match std::str::from_utf8(head) {
        Ok(text) => Ok(text),
        Err(error) => {
            let good = error.valid_up_to();
            let is_cut = error.error_len().is_none() && (head.len() as u64) < size;
            let text = std::str::from_utf8(head.get(..good).unwrap_or_default());
            text.ok().filter(|_| is_cut).ok_or(Refusal::NotUtf8(good))
        }
    }
}

/// The kind of a text whose name says nothing.
pub(super) fn kind(text: &str) -> Result<Kind, Refusal> {
    let text = text.trim_start_matches('\u{feff}');
    if let Some(line) = text.strip_prefix("#!") {
        return shebang(line.lines().next().unwrap_or_default());
    }
    if text.trim_start().starts_with('{') || text.trim_start().starts_with("//") {
        return json(text);
    }
    let mut lines = text.lines().map(str::trim_end);
    // `# syntax=` is a Dockerfile's, other comments are anybody's.
    let directive = |line: &str| {
        let line = line.trim_start_matches(['#', ' ']).to_ascii_lowercase();
        line.starts_with("syntax=") || line.starts_with("escape=")
    };
    if lines
        .clone()
        .next()
        .is_some_and(|line| line.starts_with('#') && directive(line))
    {
        return Ok(Kind::Dockerfile);
    }
    let says = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let first = lines.clone().find(says).unwrap_or_default();
    let mut words = first.split_whitespace();
    let word = words.next().unwrap_or_default();
    // Prose begins with `From` as well, but not with `FROM image` or `FROM image AS name`.
    let rest: Vec<&str> = words
        .filter(|word| !word.starts_with("--"))
        .take(4)
        .collect();
    let is_image = match rest.as_slice() {
        [_] => true,
        [_, word, _] => word.eq_ignore_ascii_case("as"),
        _ => false,
    };
    if word.eq_ignore_ascii_case("from") && is_image {
        return Ok(Kind::Dockerfile);
    }
    // `ARG` stands before the first `FROM`.
    let is_from = |line: &str| {
        line.get(..5)
            .is_some_and(|head| head.eq_ignore_ascii_case("from "))
    };
    if word.eq_ignore_ascii_case("arg") && lines.clone().any(is_from) {
        return Ok(Kind::Dockerfile);
    }
    if lines.any(|line| line == "services:" || line.starts_with("services: ")) {
        return Ok(Kind::Compose);
    }
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    if has("apiVersion:") && has("kind:") {
        return Err(Refusal::Other("a manifest of Kubernetes"));
    }
    if text.lines().any(|line| line.starts_with("```")) {
        return Ok(Kind::Markdown);
    }
    Err(Refusal::Unknown)
}

fn shebang(line: &str) -> Result<Kind, Refusal> {
    let mut words = line
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut program = words.next().unwrap_or_default();
    if program == "env" {
        program = words
            .find(|word| !word.starts_with('-') && !word.contains('='))
            .unwrap_or_default();
    }
    match program {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "busybox" => Ok(Kind::Shell),
        _ => Err(Refusal::Other("a script for another program than a shell")),
    }
}

fn json(text: &str) -> Result<Kind, Refusal> {
    let keys = [
        "\"runArgs\"",
        "\"hostRequirements\"",
        "\"dockerComposeFile\"",
        "\"containerEnv\"",
        "\"remoteUser\"",
        "\"postCreateCommand\"",
    ];
    if keys.iter().any(|key| text.contains(key)) {
        Ok(Kind::DevContainer)
    } else if text.contains("\"services\"") {
        Ok(Kind::Compose)
    } else {
        Err(Refusal::Unknown)
    }
}
