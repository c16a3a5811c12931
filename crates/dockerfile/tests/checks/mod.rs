//! What holds for every text, however broken. The fuzz targets `dockerfile` and `shell_words` check the same.

use liftgate_dockerfile::shell::{Script, ShellWord, parse as parse_shell, parse_joined};
use liftgate_dockerfile::{
    Body, Command, Instruction, Joined, Lines, Pair, Span, Word, expand, line_column, parse,
    variables,
};

/// Reads a text as a Dockerfile.
pub(crate) fn dockerfile(text: &str) {
    let file = parse(text);
    let mut at = 0;
    for item in &file.items {
        assert_eq!(item.span().start, at, "items follow one another");
        at = item.span().end;
    }
    assert_eq!(at, text.len(), "items are the text");
    for directive in &file.directives {
        within(text, Span::new(0, text.len()), directive.span);
        within(text, directive.span, directive.value);
    }
    assert!(file.errors.len() <= 1001);
    for error in &file.errors {
        within(text, Span::new(0, text.len()), error.span);
        assert!(error.message.len() < 1024, "{}", error.message);
        assert!(!error.message.contains(char::is_control), "{error}");
        assert!(!error.message.ends_with('.'), "{error}");
    }
    for instruction in file.instructions() {
        check(text, instruction);
    }
    let lines = Lines::of(text);
    for offset in 0..text.len().min(64) {
        assert_eq!(lines.line_column(offset), line_column(text, offset));
    }
}

fn within(text: &str, outer: Span, inner: Span) {
    assert!(outer.contains(inner), "{inner:?} in {outer:?}");
    assert!(text.get(inner.start..inner.end).is_some(), "{inner:?}");
}

fn check(text: &str, instruction: &Instruction) {
    let whole = instruction.whole;
    within(text, whole, instruction.span);
    within(text, whole, instruction.keyword);
    for flag in &instruction.flags {
        within(text, instruction.span, flag.span);
        if let Some(value) = &flag.value {
            word(text, flag.span, value);
        }
    }
    for heredoc in &instruction.heredocs {
        within(text, whole, heredoc.operator);
        within(text, whole, heredoc.body);
        if heredoc.closed {
            let behind = text.get(heredoc.body.end..).unwrap_or_default();
            let behind = behind.trim_start_matches('\t');
            assert!(behind.starts_with(&heredoc.delimiter));
        }
    }
    for &comment in &instruction.comments {
        within(text, whole, comment);
        assert!(comment.of(text).starts_with('#'));
    }
    joined(text, whole, &instruction.arguments);
    let words: Vec<&Word> = match &instruction.body {
        Body::From { image, name } => [image].into_iter().chain(name).collect(),
        Body::Command(command) | Body::Healthcheck(Some(command)) => match command {
            Command::Exec(words) => words.iter().collect(),
            Command::Shell(shell) => {
                joined(text, whole, shell);
                script(text, &parse_joined(shell));
                Vec::new()
            }
        },
        Body::Healthcheck(None) | Body::Invalid => Vec::new(),
        Body::Pairs(pairs) => {
            let pair = |pair: &Pair| within(text, whole, pair.span);
            pairs.iter().for_each(pair);
            pairs
                .iter()
                .flat_map(|pair| [&pair.name, &pair.value])
                .collect()
        }
        Body::Arguments(arguments) => {
            let names = arguments.iter().map(|argument| &argument.name);
            let defaults = arguments
                .iter()
                .filter_map(|argument| argument.default.as_ref());
            names.chain(defaults).collect()
        }
        Body::Files {
            sources,
            destination,
        } => sources.iter().chain([destination]).collect(),
        Body::Onbuild(inner) => {
            check(text, inner);
            Vec::new()
        }
        Body::Shell(words) | Body::Words(words) => words.iter().collect(),
    };
    for one in words {
        word(text, whole, one);
        // A word without anything special means what is written.
        let written = one.span.of(text);
        let special = |c: char| "'\"$\\`[]\n\r".contains(c);
        if !written.contains(special) {
            assert_eq!(written, one.value);
        }
    }
}

fn word(text: &str, outer: Span, word: &Word) {
    within(text, outer, word.span);
    for variable in variables(&word.value) {
        within(&word.value, Span::new(0, word.value.len()), variable.span);
        assert!(variable.span.of(&word.value).starts_with('$'));
    }
    let itself = expand(&word.value, |_| Some(word.value.clone()));
    assert!(itself.text.len() <= 1 << 20);
    assert!(itself.unknown.is_empty());
    let nothing = expand(&word.value, |_| None);
    let literal = variables(&word.value).is_empty() && nothing.error.is_none();
    assert_eq!(word.literal().is_some(), literal, "{word:?}");
}

/// Every character of a joined text stands where it says.
fn joined(text: &str, outer: Span, joined: &Joined) {
    within(text, outer, joined.whole());
    for (at, c) in joined.text().char_indices() {
        let source = joined.source(Span::new(at, at + c.len_utf8()));
        assert_eq!(source.of(text), c.encode_utf8(&mut [0; 4]));
    }
}

/// Reads a text as a script.
pub(crate) fn shell(text: &str) {
    let read = parse_shell(text);
    script(text, &read);
    // Two bytes further the same is read.
    let moved = format!("é{text}");
    let joined = Joined::of(&moved, Span::new(2, moved.len()));
    let again = parse_joined(&joined);
    script(&moved, &again);
    let starts = |script: &Script| -> Vec<usize> {
        let all = script.all();
        all.iter().map(|command| command.span.start).collect()
    };
    let expected: Vec<_> = starts(&read).iter().map(|start| start + 2).collect();
    assert_eq!(starts(&again), expected);
    for command in read.all() {
        for word in command.words.iter().filter(|word| word.literal) {
            quoted_again(word);
        }
    }
}

fn script(text: &str, script: &Script) {
    let all = Span::new(0, text.len());
    if let Some(opaque) = script.opaque {
        within(text, all, opaque);
    }
    let starts = script.commands.iter().map(|command| command.span.start);
    assert!(starts.is_sorted(), "commands are in order");
    for command in script.all() {
        within(text, all, command.span);
        assert!(!command.span.is_empty());
        for word in &command.words {
            within(text, command.span, word.span);
        }
        let starts = command.words.iter().map(|word| word.span.start);
        assert!(starts.is_sorted(), "words are in order");
        for assignment in &command.assignments {
            within(text, command.span, assignment.span);
            within(text, assignment.span, assignment.value.span);
        }
        for redirection in &command.redirections {
            within(text, command.span, redirection.span);
            within(text, redirection.span, redirection.target.span);
            if let Some(body) = redirection.body {
                within(text, all, body);
            }
        }
        // Both look at the same word.
        let place = command.place();
        assert!(command.program().is_none() || place.is_some());
        assert_eq!(
            command.arguments().len(),
            place.map_or(0, |place| command.words.len() - place - 1)
        );
    }
}

/// A literal word in single quotes is the same word.
fn quoted_again(word: &ShellWord) {
    let text = format!("x '{}'", word.value.replace('\'', "'\\''"));
    let again = parse_shell(&text);
    let words = again.commands.first().map(|command| &command.words);
    let second = words.and_then(|words| words.get(1));
    assert_eq!(
        second.map(|second| second.value.as_str()),
        Some(word.value.as_str()),
        "{text:?}"
    );
}
