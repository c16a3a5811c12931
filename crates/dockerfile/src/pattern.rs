//! Patterns of `${A#pattern}`: `*`, `?` and plain characters; there are no brackets.
//!
//! All places of the pattern are followed side by side, so time is the product of both lengths and no more, and that is
//! counted.

use crate::shown::shown;

/// A pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    elements: Vec<Element>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Any,
    One,
    Literal(char),
}

impl Pattern {
    /// Reads a pattern. A backslash escapes `*`, `?`, itself, and what ends a pattern.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let mut elements = Vec::new();
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            let element = match c {
                '*' => Element::Any,
                '?' => Element::One,
                '\\' => match characters.next() {
                    Some(c @ ('*' | '?' | '\\' | '}' | '/')) => Element::Literal(c),
                    _ => {
                        return Err(format!(
                            "the pattern `{}` escapes what needs no escape",
                            shown(text)
                        ));
                    }
                },
                c => Element::Literal(c),
            };
            // `**` is `*`.
            if element != Element::Any || elements.last() != Some(&Element::Any) {
                elements.push(element);
            }
        }
        Ok(Self { elements })
    }

    /// The length of the beginning that matches.
    pub(crate) fn prefix(
        &self,
        text: &str,
        longest: bool,
        steps: &mut usize,
    ) -> Result<Option<usize>, String> {
        matched(&self.elements, text.chars(), longest, steps)
    }

    /// The length of the end that matches.
    pub(crate) fn suffix(
        &self,
        text: &str,
        longest: bool,
        steps: &mut usize,
    ) -> Result<Option<usize>, String> {
        let elements: Vec<_> = self.elements.iter().rev().copied().collect();
        matched(&elements, text.chars().rev(), longest, steps)
    }

    /// A text with the first match replaced, or with all. Matches are the longest.
    pub(crate) fn replaced(
        &self,
        text: &str,
        with: &str,
        all: bool,
        longest: usize,
        steps: &mut usize,
    ) -> Result<String, String> {
        let mut result = String::new();
        let mut at = 0;
        // An empty match right behind another is none.
        let mut behind_match = false;
        while let Some(rest) = text.get(at..) {
            let length = self.prefix(rest, true, steps)?;
            let length = length.filter(|&length| !(length == 0 && behind_match));
            behind_match = length.is_some_and(|length| length > 0);
            if length.is_some() {
                result.push_str(with);
            }
            at += length.unwrap_or_default();
            if length.is_some() && !all {
                result.push_str(text.get(at..).unwrap_or_default());
                return Ok(result);
            }
            if result.len() > longest {
                return Err(format!("it grows longer than {longest} bytes"));
            }
            if !behind_match {
                let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) else {
                    break;
                };
                result.push(next);
                at += next.len_utf8();
            }
        }
        Ok(result)
    }
}

/// The shortest or longest beginning that matches, in bytes.
fn matched(
    elements: &[Element],
    text: impl Iterator<Item = char>,
    longest: bool,
    steps: &mut usize,
) -> Result<Option<usize>, String> {
    let end = elements.len();
    // Which elements may come next; an `Any` may be passed over.
    let mut places = Vec::new();
    add(elements, &mut places, 0);
    let mut found = None;
    let mut length = 0;
    let mut text = text;
    loop {
        if places.last() == Some(&end) {
            found = Some(length);
            if !longest {
                break;
            }
        }
        *steps = steps
            .checked_sub(places.len())
            .ok_or("its patterns take too long")?;
        let Some(c) = text.next().filter(|_| !places.is_empty()) else {
            break;
        };
        length += c.len_utf8();
        let mut next = Vec::with_capacity(places.len() + 1);
        for &place in &places {
            match elements.get(place) {
                // No line end: `.` of Go's regular expressions does not match one.
                Some(Element::Any) if c != '\n' => add(elements, &mut next, place),
                Some(Element::One) if c != '\n' => add(elements, &mut next, place + 1),
                Some(&Element::Literal(literal)) if literal == c => {
                    add(elements, &mut next, place + 1);
                }
                _ => {}
            }
        }
        places = next;
    }
    Ok(found)
}

/// Adds a place, and the one behind it where an `Any` may be passed over. Places come in ascending order, each once.
fn add(elements: &[Element], places: &mut Vec<usize>, place: usize) {
    let any = elements.get(place) == Some(&Element::Any);
    for place in place..=place + usize::from(any) {
        if places.last().is_none_or(|&last| last < place) {
            places.push(place);
        }
    }
}
