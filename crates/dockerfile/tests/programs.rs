//! Which program runs behind those that only run others, and scripts within commands.

use liftgate_dockerfile::shell::{Script, ShellCommand, parse, parse_joined};
use liftgate_dockerfile::{Body, Command, parse as parse_file};

/// The program and its arguments, as one reads them.
fn first(text: &str) -> Option<String> {
    let script = parse(text);
    let command = script.commands.first()?;
    let program = command.program()?;
    let arguments = command.arguments().iter();
    let words = std::iter::once(program).chain(arguments.map(|word| word.value.as_str()));
    Some(words.collect::<Vec<_>>().join(" "))
}

#[test]
fn programs_that_run_programs_are_looked_through() {
    for (text, expected) in [
        ("nvcc -o x", "nvcc -o x"),
        ("/usr/local/cuda/bin/nvcc x.cu", "nvcc x.cu"),
        ("\"nvcc\" x", "nvcc x"),
        ("sudo apt-get install -y a", "apt-get install -y a"),
        ("sudo -EH -u root A=b pip install c", "pip install c"),
        ("sudo --user=root -- make", "make"),
        ("env -i A=b C=\"$d\" python3 x", "python3 x"),
        ("env -u A nvcc", "nvcc"),
        ("A=b exec -a name nvcc", "nvcc"),
        ("command make -j4", "make -j4"),
        ("time -p make", "make"),
        ("/usr/bin/time -f %e make", "make"),
        ("nice -n 10 make", "make"),
        ("nice -10 make", "make"),
        ("nohup setsid make", "make"),
        ("timeout -k 5 3m make", "make"),
        ("timeout $T make", "make"),
        ("ionice -c2 -n 7 make", "make"),
        ("gosu app:app make", "make"),
        ("tini -- make", "make"),
        ("xargs -n1 -P 4 pip install", "pip install"),
        ("sudo env time nice make", "make"),
        // What runs nothing is the program itself.
        ("command -v nvcc", "command -v nvcc"),
        ("sudo -v", "sudo -v"),
        ("env", "env"),
        ("env A=b", "env A=b"),
        ("env -S 'a b'", "env -S a b"),
    ] {
        assert_eq!(first(text).as_deref(), Some(expected), "{text}");
    }
    // Nobody knows.
    for text in ["$CC x.cu", "sudo $X make", "A=b", "> x", "$(which nvcc) x"] {
        assert_eq!(first(text), None, "{text}");
    }
}

#[test]
fn whoever_gets_more_arguments_is_told() {
    let script = parse("cat x | xargs pip install && pip install xargs");
    let extended: Vec<_> = script
        .commands
        .iter()
        .map(ShellCommand::is_extended)
        .collect();
    assert_eq!(extended, [false, true, false]);
}

/// The commands of a script within a script, each with what stands at its place in the source.
fn nested(script: &Script, source: &str) -> Vec<(String, String)> {
    let scripts = script
        .commands
        .iter()
        .filter_map(|command| command.script.as_deref());
    scripts
        .flat_map(|script| script.all())
        .map(|command| {
            let words: Vec<_> = command
                .words
                .iter()
                .map(|word| word.value.as_str())
                .collect();
            (words.join("|"), command.span.of(source).to_owned())
        })
        .collect()
}

#[test]
fn scripts_in_words_are_read_where_they_stand() {
    for (text, expected) in [
        (
            "bash -c 'a \"b c\" && d'",
            vec![("a|b c", "a \"b c\""), ("d", "d")],
        ),
        (
            "sh -ec \"a \\\"b\\\" $c\"",
            vec![("a|b|$c", "a \\\"b\\\" $c")],
        ),
        ("sudo bash -lc 'a'", vec![("a", "a")]),
        ("bash -o pipefail -c a", vec![("a", "a")]),
        ("bash --norc --rcfile x -c 'a' name", vec![("a", "a")]),
        ("busybox sh -c 'a'", vec![("a", "a")]),
        (
            "sh -c 'a'\"'\"'b c'\"'\"",
            vec![("ab c", "a'\"'\"'b c'\"'\"")],
        ),
        (
            "sh -c \"sh -c 'a b'\"",
            vec![("sh|-c|a b", "sh -c 'a b'"), ("a|b", "a b")],
        ),
        // No script, or one that nobody knows.
        ("bash script.sh -c 'a'", vec![]),
        ("bash -x script.sh", vec![]),
        ("bash -c $'a\\nb'", vec![]),
        ("bash -c \"$(a)\"", vec![]),
        ("python3 -c 'a'", vec![]),
    ] {
        let script = parse(text);
        let found = nested(&script, text);
        let found: Vec<_> = found
            .iter()
            .map(|(words, place)| (words.as_str(), place.as_str()))
            .collect();
        // The last quote of a word that goes on behind it is no part of its content.
        let expected: Vec<_> = expected;
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.0, expected.0, "{text}");
            assert!(expected.1.starts_with(found.1), "{text}: {found:?}");
        }
    }
}

#[test]
fn places_are_those_of_the_file() {
    let text = "FROM a\nRUN set -e; \\\n # note\n  bash -c 'nvcc \\\n -o x' \\\n  && python3 <<EOF > log\nimport torch\nEOF\n";
    let file = parse_file(text);
    let run = file.instructions().nth(1).unwrap();
    let Body::Command(Command::Shell(shell)) = &run.body else {
        panic!("{run:?}");
    };
    let script = parse_joined(shell);
    assert_eq!(script.opaque, None);
    let places: Vec<_> = script
        .all()
        .into_iter()
        .map(|command| command.span.of(text))
        .collect();
    let expected = [
        "set -e",
        "bash -c 'nvcc \\\n -o x'",
        "nvcc \\\n -o x",
        "python3 <<EOF > log",
    ];
    assert_eq!(places, expected);
    let python = script.commands.last().unwrap();
    assert_eq!(python.program(), Some("python3"));
    let body = python.redirections[0].body.unwrap();
    assert_eq!(body.of(text), "import torch\n");
    assert_eq!(python.redirections[1].target.span.of(text), "log");
}

#[test]
fn redirections_and_assignments_have_their_parts() {
    let script = parse(
        "A=1 B+=\"x $y\" cmd <in 2>&1 >>\"o ut\" 3<<-'E' &>all <<<word\n\tbody\n\tE\nexport C=d\n",
    );
    let command = &script.commands[0];
    let assignments: Vec<_> = command
        .assignments
        .iter()
        .map(|one| {
            (
                one.name.as_str(),
                one.value.value.as_str(),
                one.value.literal,
            )
        })
        .collect();
    assert_eq!(assignments, [("A", "1", true), ("B", "x $y", false)]);
    let redirections: Vec<_> = command
        .redirections
        .iter()
        .map(|one| (one.operator.as_str(), one.target.value.as_str()))
        .collect();
    let expected = [
        ("<", "in"),
        ("2>&", "1"),
        (">>", "o ut"),
        ("3<<-", "E"),
        ("&>", "all"),
        ("<<<", "word"),
    ];
    assert_eq!(redirections, expected);
    let bodies = command.redirections.iter().filter_map(|one| one.body);
    assert_eq!(bodies.count(), 1);
    assert_eq!(script.commands[1].assignments[0].name, "C");
    assert_eq!(script.commands[1].words.len(), 2);
}

#[test]
fn words_say_what_they_are() {
    let script = parse("a *.cu '*.cu' \"$x\" ~/b \\$c [ab] [ d\"e\"");
    let words: Vec<_> = script.commands[0]
        .words
        .iter()
        .map(|word| (word.value.as_str(), word.literal, word.pattern, word.quoted))
        .collect();
    let expected = [
        ("a", true, false, false),
        ("*.cu", true, true, false),
        ("*.cu", true, false, true),
        ("$x", false, false, true),
        ("~/b", false, false, false),
        ("$c", true, false, true),
        ("[ab]", true, true, false),
        ("[", true, false, false),
        ("de", true, false, true),
    ];
    assert_eq!(words, expected);
}

#[test]
fn what_cannot_be_taken_apart_is_opaque() {
    for (text, before, opaque) in [
        ("a; b 'c", 1, "'c"),
        ("a\n)", 1, ")"),
        ("a; fi", 1, "fi"),
        ("if a; then b", 2, ""),
        ("a $(b", 1, "b"),
        ("a ${b", 0, "${b"),
        ("a; b ( c )", 1, "c )"),
        ("a; coproc b", 1, "coproc b"),
    ] {
        let script = parse(text);
        assert_eq!(
            script.opaque.map(|span| span.of(text)),
            Some(opaque),
            "{text}"
        );
        assert_eq!(script.commands.len(), before, "{text}: {script:?}");
    }
    // A carriage return is part of the line end.
    assert_eq!(
        parse("a b\r\nc \\\r\n d\r\n").commands[1].words[1].value,
        "d"
    );
}
