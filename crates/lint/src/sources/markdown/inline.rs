//! Commands in the middle of a line: `` `docker run --gpus all IMAGE` ``, as READMEs have them.
//!
//! Only what calls an engine is one; anything else between backticks may be a word.

use super::blocks;
use liftgate_dockerfile::{Joined, Span};

/// The engines that a command may begin with.
const ENGINES: &[&str] = &["docker ", "nvidia-docker ", "podman ", "nerdctl "];

/// The commands in the middle of lines, in order, each with its place.
pub fn commands_in_lines(text: &str) -> Vec<Joined> {
    let mut found = Vec::new();
    let mut at = 0;
    for block in blocks(text) {
        // Blocks come in order, and do not overlap.
        let start = block.whole.start.max(at);
        in_prose(text, Span::new(at, start), &mut found);
        at = block.whole.end.max(at);
    }
    in_prose(text, Span::new(at, text.len()), &mut found);
    found
}

/// Those of a piece of prose.
fn in_prose(text: &str, piece: Span, found: &mut Vec<Joined>) {
    let mut in_comment = false;
    let mut at = piece.start;
    for line in piece.of(text).split_inclusive('\n') {
        let start = at;
        at += line.len();
        let opens = line.rfind("<!--");
        let closes = line.rfind("-->");
        let was_in_comment = in_comment;
        in_comment = match (opens, closes) {
            (Some(open), Some(close)) => open > close,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => in_comment,
        };
        if was_in_comment || opens.is_some() {
            continue;
        }
        in_line(text, start, line, found);
    }
}

fn in_line(text: &str, start: usize, line: &str, found: &mut Vec<Joined>) {
    let mut rest = 0;
    while let Some(open) = line[rest..].find('`') {
        let open = rest + open;
        let fence = line[open..].len() - line[open..].trim_start_matches('`').len();
        let inner = open + fence;
        let Some(length) = closing(&line[inner..], fence) else {
            return;
        };
        let content = &line[inner..inner + length];
        let trimmed = content.trim_start().trim_start_matches("$ ").trim_start();
        let command = trimmed.strip_prefix("sudo ").unwrap_or(trimmed);
        if ENGINES.iter().any(|engine| command.starts_with(engine)) {
            let begin = start + inner + content.len() - trimmed.len();
            let end = begin + trimmed.trim_end().len();
            found.push(Joined::of(text, Span::new(begin, end)));
        }
        rest = inner + length + fence;
    }
}

/// Where a run of exactly so many backticks is.
fn closing(text: &str, fence: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text[at..].find('`') {
        let begin = at + next;
        let length = text[begin..].len() - text[begin..].trim_start_matches('`').len();
        if length == fence {
            return Some(begin);
        }
        at = begin + length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_engines_and_no_others() {
        let text = "See `docker run a` or ``sudo docker run `b` ``, `make`, `$ podman run c`.\n\n```sh\n`docker run d`\n```\n<!-- `docker run e` -->\n<!--\n`docker run f`\n-->\n- `nvidia-docker run g`\n`docker run h\n";
        let found = commands_in_lines(text);
        let texts: Vec<&str> = found.iter().map(Joined::text).collect();
        assert_eq!(
            texts,
            [
                "docker run a",
                "sudo docker run `b`",
                "podman run c",
                "nvidia-docker run g"
            ]
        );
        for piece in &found {
            let span = piece.source(Span::new(0, piece.text().len()));
            assert_eq!(span.of(text), piece.text());
        }
    }

    #[test]
    fn it_is_quick() {
        for text in [
            "`".repeat(200_001),
            "`a``".repeat(50_000),
            "``` `".repeat(50_000),
        ] {
            assert!(commands_in_lines(&text).is_empty());
        }
    }
}
