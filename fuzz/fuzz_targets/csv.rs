//! Feeds text as a list of a Jetson, its paths as patterns: only whole paths, and a pattern matches what it matches by a second way.
//!
//! The first line is the name that is compared, beside the components of all paths.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_driver::fuzzing::{csv_list, csv_matches};

/// One element of a pattern.
enum Element {
    Any,
    One,
    Literal(char),
    Set(bool, Vec<(char, char)>),
    /// A `[` without an end, which nothing matches.
    Broken,
}

fn elements(pattern: &str) -> Vec<Element> {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut elements = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        at += 1;
        elements.push(match pattern[at - 1] {
            '*' => Element::Any,
            '?' => Element::One,
            '\\' if at < pattern.len() => {
                at += 1;
                Element::Literal(pattern[at - 1])
            }
            '[' => {
                // A `]` that comes first is one of the set.
                let end = (at + 1..pattern.len()).find(|&end| pattern[end] == ']');
                let Some(end) = end else {
                    elements.push(Element::Broken);
                    break;
                };
                let negated = pattern[at] == '^';
                let mut set = Vec::new();
                let mut place = at + usize::from(negated);
                while place < end {
                    if place + 2 < end && pattern[place + 1] == '-' {
                        set.push((pattern[place], pattern[place + 2]));
                        place += 3;
                    } else {
                        set.push((pattern[place], pattern[place]));
                        place += 1;
                    }
                }
                at = end + 1;
                Element::Set(negated, set)
            }
            literal => Element::Literal(literal),
        });
    }
    elements
}

/// By a table of which beginnings match, element by element.
fn matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for element in elements(pattern) {
        let mut next = vec![false; name.len() + 1];
        for at in 0..=name.len() {
            let takes = |one: char| match &element {
                Element::Any | Element::One => true,
                Element::Literal(literal) => *literal == one,
                Element::Set(negated, set) => {
                    set.iter().any(|&(low, high)| (low..=high).contains(&one)) != *negated
                }
                Element::Broken => false,
            };
            next[at] = match &element {
                Element::Any => reached[at] || (at > 0 && next[at - 1]),
                _ => at > 0 && reached[at - 1] && takes(name[at - 1]),
            };
        }
        reached = next;
    }
    reached[name.len()]
}

fuzz_target!(|text: &str| {
    let list = csv_list(text);
    assert!(list.len() <= text.lines().count());
    for (kind, path) in &list {
        assert!(["dev", "dir", "lib", "sym"].contains(kind));
        assert!(path.is_empty() || path.starts_with('/') && !path.ends_with('/'));
        assert!(!path.contains("//") && !path.contains('\n') && path.len() <= text.len());
    }
    let first = text.lines().next().unwrap_or_default();
    let mut names: Vec<&str> = list.iter().flat_map(|(_, path)| path.split('/')).collect();
    names.truncate(24);
    let patterns = names.clone();
    names.push(first);
    for pattern in patterns {
        for name in &names {
            assert_eq!(
                csv_matches(pattern, name),
                matches(pattern, name),
                "{pattern:?} {name:?}"
            );
        }
    }
});
