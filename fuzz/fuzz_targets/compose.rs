//! Feeds a text as a compose file and as a `devcontainer.json`: every place is one in the text, what is there under a key is found under
//! it, and aliases cost nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_dockerfile::Span;
use liftgate_lint::sources::compose::{Compose, Template};
use liftgate_lint::sources::devcontainer::DevContainer;
use liftgate_lint::sources::recognise::recognise;
use liftgate_lint::sources::yaml::{Value, Yaml};

fn check_place(text: &str, span: Span) {
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?}");
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
}

/// Aliases make a graph of the tree: not more of it than this is looked at.
fn check_value(text: &str, value: Value<'_>, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    check_place(text, value.used());
    check_place(text, value.written());
    if !value.is_shared() {
        assert_eq!(value.used(), value.written());
    }
    if let Some(joined) = value.joined(text) {
        assert_eq!(Some(joined.text()), value.text());
        for (at, sign) in joined.text().char_indices() {
            assert!(text[joined.offset(at)..].starts_with(sign));
        }
    }
    value.items().for_each(|item| check_value(text, item, left));
    for entry in value.merged() {
        if let Some(key) = entry.key.text() {
            let found = value.entry(key).expect("what is there is found");
            assert_eq!(found.value.written(), entry.value.written());
        }
    }
    for entry in value.entries() {
        check_value(text, entry.key, left);
        check_value(text, entry.value, left);
    }
}

fuzz_target!(|bytes: &[u8]| {
    if let Err(refusal) = recognise("compose.yaml", bytes, bytes.len() as u64) {
        assert!(!refusal.to_string().is_empty());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let yaml = Yaml::read(text);
    for error in yaml.errors() {
        check_place(text, error.span);
        assert!(!error.message.is_empty() && !error.message.contains(char::is_control));
    }
    for duplicate in yaml.duplicates() {
        check_place(text, duplicate.first.to(duplicate.again));
        assert!(duplicate.first.end <= duplicate.again.start);
    }
    yaml.others().iter().for_each(|other| check_place(text, *other));
    if let Some(root) = yaml.root() {
        check_value(text, root, &mut 5000);
    }
    let compose = Compose::of(&yaml, text);
    compose.errors.iter().for_each(|error| check_place(text, error.span));
    for service in &compose.services {
        for it in &service.environment {
            for place in [it.name_place, it.value_place] {
                check_place(text, place.used);
                check_place(text, place.written);
            }
            let value = it.value.unwrap_or_default();
            let resolved = Template::of(value).resolved();
            assert!(resolved.text.len() <= value.len());
        }
        for (path, entry) in &service.unknown {
            assert!(path.ends_with(entry.key.text().expect("a name")));
        }
        for misplaced in &service.misplaced {
            check_place(text, misplaced.entry.key.used());
        }
        if let Some(base) = compose.base(service) {
            assert!(compose.services.iter().any(|other| other.name == base.name));
        }
    }
    match DevContainer::read(text) {
        Ok(container) => {
            for word in container.run_args {
                check_place(text, word.span);
                assert!(word.span.of(text).starts_with('"'));
            }
        }
        Err(error) => check_place(text, error.span),
    }
});
