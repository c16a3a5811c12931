//! Words as real shells see them: `sh` and, where it is, `bash` print the arguments that a function gets.

use std::io::Write;
use std::process::{Command, Stdio};

use liftgate_dockerfile::shell::{Script, parse};
use proptest::prelude::*;

/// Prints the arguments of each call of `f`, with a character between them and another behind them that no word has.
const RECORDER: &str = "set -f\nf() { for x; do printf '%s\\037' \"$x\"; done; printf '\\036'; }\n";

/// What a shell gives `f` in each call; none where there is no such shell.
fn calls(shell: &str, script: &str) -> Option<Vec<Vec<String>>> {
    let mut child = Command::new(shell)
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let text = format!("{RECORDER}{script}");
    child
        .stdin
        .take()
        .expect("it is there")
        .write_all(text.as_bytes())
        .expect("it is there");
    let output = child.wait_with_output().expect("it is there");
    let output = String::from_utf8(output.stdout).expect("it is there");
    let calls = output.split_terminator('\u{1e}');
    let words = |call: &str| call.split_terminator('\u{1f}').map(str::to_owned).collect();
    Some(calls.map(words).collect())
}

/// The same as this parser reads it.
fn read(script: &Script) -> Vec<Vec<String>> {
    assert_eq!(script.opaque, None);
    let calls = script.commands.iter();
    calls
        .filter(|command| command.program() == Some("f"))
        .map(|command| {
            let arguments = command.arguments().iter();
            arguments.map(|word| word.value.clone()).collect()
        })
        .collect()
}

/// Whether any shell was there to ask; `sh` has to be.
fn agree(script: &str) {
    let ours = read(&parse(script));
    let theirs = calls("sh", script).expect("every machine has a shell");
    assert_eq!(ours, theirs, "as sh reads {script:?}");
    if let Some(theirs) = calls("bash", script) {
        assert_eq!(ours, theirs, "as bash reads {script:?}");
    }
}

/// A piece of a word, in one of the ways to write it. Nothing is expanded in it.
fn piece() -> impl Strategy<Value = String> {
    let any = "[ -~é\n\t]{0,6}";
    prop_oneof![
        "[a-zA-Z0-9_=:,./%+@^-]{1,6}",
        // Single quotes.
        any.prop_map(|text| format!("'{}'", text.replace('\'', ""))),
        // Double quotes, with what is escaped in them and what is not.
        prop::collection::vec(
            prop_oneof![
                "[ -~é\n]{0,4}".prop_map(|text| text.replace(['"', '$', '`', '\\'], "")),
                prop::sample::select(vec![
                    "\\\"", "\\\\", "\\$", "\\`", "\\n", "\\ ", "\\\n", "\\'", "'",
                ])
                .prop_map(str::to_owned),
            ],
            0..5
        )
        .prop_map(|pieces| format!("\"{}\"", pieces.concat())),
        // Escaped characters, and a continued line.
        "[ -~\n]".prop_map(|text| format!("\\{text}")),
        // A comment sign within a word is none.
        Just("a#b".to_owned()),
        // Braces and tildes that expand nothing.
        prop::sample::select(vec!["{", "}", "a~", "{a", "!", "]"]).prop_map(str::to_owned),
    ]
}

fn line() -> impl Strategy<Value = String> {
    let word = prop::collection::vec(piece(), 1..4).prop_map(|pieces| pieces.concat());
    let space = prop::sample::select(vec![" ", "  ", "\t", " \\\n ", " \\\n"]);
    prop::collection::vec((space, word), 0..6).prop_map(|words| {
        let words: String = words
            .into_iter()
            .flat_map(|(space, word)| [space.to_owned(), word])
            .collect();
        format!("f{words}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn words_are_those_of_real_shells(lines in prop::collection::vec(line(), 1..40)) {
        agree(&format!("{}\n", lines.join(" \n")));
    }
}

#[test]
fn lists_and_compound_commands_run_what_is_listed() {
    // Everything in these runs, once and in order, so a shell's calls are the commands.
    for script in [
        "f a; f b && f c\nf d # f e\n",
        "true && f a || f b; f c",
        "if true; then f a; fi; { f b; }; (f c)",
        "for x in 1; do f a; done; f b",
        "case x in y) ;; x|z) f a;; esac; f b",
        "g() { f a; }; g; f b",
        "cat <<EOF >/dev/null && f a\n f no\nEOF\nf b\n",
        "cat <<-'E F' >/dev/null; f a\n\tf no\n\tE F\nf b\n",
        "cat <<EOF >/dev/null; f a\n \\\nEOF\nf no\nEOF\nf b\n",
        "cat <<'EOF' >/dev/null; f a\nf no \\\nEOF\nf b\n",
        "f a <<X 2>&1 b\n$(true)\nX\nf c\n",
        "A=1 B='x y' f a; f \"a\"'b'\\ c",
        "! f a; f b",
        "f `printf x` a 2>/dev/null; f $(printf y)",
        "f a \\\n  b\\\nc\n",
    ] {
        let ours: Vec<_> = read(&parse(script)).into_iter().collect();
        let theirs = calls("sh", script).expect("every machine has a shell");
        // `f b` behind `||` is listed and does not run; expansions are as they are written.
        let listed: Vec<_> = ours
            .iter()
            .filter(|words| {
                theirs.contains(words) || words.iter().any(|word| word.contains(['$', '`']))
            })
            .collect();
        assert_eq!(
            listed.len(),
            theirs.len(),
            "{script:?}: {ours:?} {theirs:?}"
        );
        if !script.contains("||") {
            assert_eq!(ours.len(), theirs.len(), "{script:?}: {ours:?}");
        }
    }
}
