//! Whether an edit lost anything of the old text.
//!
//! Both texts are cut into words: strings, comments, line ends, runs of blanks, bare words, and every other
//! character by itself. The edit is lossless if the old words, but for those that it had to touch, are in the new
//! text in the old order, and what is new stands in a few runs between them. Without a limit for the runs any text
//! would be "in" one that is long enough.

use crate::meaning::Language;
use crate::touched::Touched;
use std::ops::Range;

/// Says what was lost, or nothing.
pub(crate) fn lost(
    language: Language,
    old: &str,
    new: &str,
    touched: &Touched,
    runs_allowed: u32,
) -> Option<String> {
    let (before, after) = (words(language, old), words(language, new));
    let may_go = |word: &Range<usize>| {
        touched
            .0
            .iter()
            .any(|span| span.start <= word.start && word.end <= span.end)
    };
    if old.ends_with('\n') && !old.trim().is_empty() && !new.ends_with('\n') {
        return Some("the line end of the last line is lost".to_owned());
    }
    match fewest_runs(old, new, &before, &after, &may_go) {
        Ok(runs) if runs <= runs_allowed => None,
        Ok(runs) => Some(format!(
            "what is new stands in {runs} places, {runs_allowed} would do"
        )),
        Err(index) => {
            let word = &before[index];
            let line = old[..word.start].matches('\n').count() + 1;
            Some(format!("line {line}: {:?} is lost", &old[word.clone()]))
        }
    }
}

/// The words of a text, as ranges of bytes that cover all of it.
pub(crate) fn words(language: Language, text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let length = word_length(language, &text[start..]);
        words.push(start..start + length);
        start += length;
    }
    words
}

fn word_length(language: Language, rest: &str) -> usize {
    let first = rest.chars().next().unwrap_or('\0');
    let run = |belongs: fn(char) -> bool| rest.find(|one| !belongs(one)).unwrap_or(rest.len());
    match (language, first) {
        (Language::Toml, '#') => rest.find(['\r', '\n']).unwrap_or(rest.len()),
        (Language::Toml, '"' | '\'') if is_long(rest) => {
            let quotes = &rest[..3];
            rest[3..].find(quotes).map_or(rest.len(), |end| end + 6)
        }
        (_, '"') => string_length(rest, '"', true),
        (Language::Toml, '\'') => string_length(rest, '\'', false),
        (_, ' ' | '\t') => run(|one| matches!(one, ' ' | '\t')),
        _ if rest.starts_with("\r\n") => 2,
        _ if is_bare(first) => run(is_bare),
        _ => first.len_utf8(),
    }
}

fn is_bare(one: char) -> bool {
    one.is_alphanumeric() || matches!(one, '_' | '-' | '+')
}

fn is_long(rest: &str) -> bool {
    rest.starts_with("\"\"\"") || rest.starts_with("'''")
}

fn string_length(rest: &str, quote: char, has_escapes: bool) -> usize {
    let mut is_escaped = false;
    for (at, one) in rest.char_indices().skip(1) {
        match one {
            _ if is_escaped => is_escaped = false,
            '\\' if has_escapes => is_escaped = true,
            '\n' => return at,
            _ if one == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The fewest runs of new words with which the new text holds the old one; or the old word that is lost. Blanks
/// alone are no run: they say nothing.
///
/// For every pair of positions: the fewest runs so far, by what the last word is: an old one, a new blank with
/// nothing new before it, or a new one.
fn fewest_runs(
    old: &str,
    new: &str,
    before: &[Range<usize>],
    after: &[Range<usize>],
    may_go: &dyn Fn(&Range<usize>) -> bool,
) -> Result<u32, usize> {
    const NEVER: u32 = u32::MAX / 2;
    let is_blank: Vec<bool> = after
        .iter()
        .map(|word| new[word.clone()].trim().is_empty())
        .collect();
    let insert = |row: &mut Vec<[u32; 3]>, at: usize| {
        let [kept, blank, run] = row[at - 1];
        if is_blank[at - 1] {
            row[at][1] = row[at][1].min(kept).min(blank);
            row[at][2] = row[at][2].min(run);
        } else {
            row[at][2] = row[at][2].min(kept + 1).min(blank + 1).min(run);
        }
    };
    let mut row = vec![[NEVER; 3]; after.len() + 1];
    row[0][0] = 0;
    for at in 1..=after.len() {
        insert(&mut row, at);
    }
    for (index, word) in before.iter().enumerate() {
        let mut next = if may_go(word) {
            row.clone()
        } else {
            vec![[NEVER; 3]; after.len() + 1]
        };
        for at in 1..=after.len() {
            if old[word.clone()] == new[after[at - 1].clone()] {
                let kept = row[at - 1].into_iter().min().unwrap_or(NEVER);
                next[at][0] = next[at][0].min(kept);
            }
            insert(&mut next, at);
        }
        if next.iter().flatten().all(|&runs| runs >= NEVER) {
            return Err(index);
        }
        row = next;
    }
    let last = row.last().into_iter().flatten().copied().min();
    match last.unwrap_or(0) {
        NEVER.. => Err(before.len().saturating_sub(1)),
        runs => Ok(runs),
    }
}
