//! Variables in values: which there are, and what becomes of them. `BuildKit`'s lexer was asked about each case.

use liftgate_dockerfile::{Body, Expanded, Operator, Word, expand, parse, variables};

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "A" => "va",
        "EMPTY" => "",
        "FILE" => "x/y.z*w/x",
        "PATH" => "/usr/bin:/bin",
        _ => return None,
    };
    Some(value.to_owned())
}

/// What a word of an `ENV` means, and what it expands to.
fn word(written: &str) -> (Word, Expanded) {
    let text = format!("ENV N={written}");
    let file = parse(&text);
    let Some(Body::Pairs(pairs)) = file.instructions().next().map(|first| &first.body) else {
        panic!("{text:?} is no pair");
    };
    let word = pairs[0].value.clone();
    let expanded = expand(&word.value, environment);
    (word, expanded)
}

#[test]
fn variables_are_put_in() {
    for (written, expected) in [
        ("$A", "va"),
        ("${A}b", "vab"),
        ("\"$A\"b", "vab"),
        ("'$A'", "$A"),
        ("\\$A", "$A"),
        ("\\\\$A", "\\va"),
        ("\\\\\\$A", "\\$A"),
        ("'\\'$A", "\\va"),
        ("c:\\\\dir", "c:\\dir"),
        ("a$", "a$"),
        ("$%x", "$%x"),
        ("\"a b $A\"", "a b va"),
        ("'it'\\''s'", "it's"),
        ("\"\\n\\\"\\\\\"", "\\n\"\\"),
        ("${A:-d}${EMPTY:-d}${EMPTY-d}${NO-d}", "vadd"),
        ("${A:+d}${EMPTY:+d}${EMPTY+d}${NO+d}", "dd"),
        ("${NO:-${A}/${NO:-'e $f'}}", "va/e $f"),
        ("${NO:-\"a b\"}", "a b"),
        ("\"${NO:-'a'}\"", "a"),
        ("${NO:-a\\}b}", "a}b"),
        ("${A:?no}", "va"),
        ("${FILE#*/}|${FILE##*/}", "y.z*w/x|x"),
        ("${FILE%/*}|${FILE%%/*}", "x/y.z*w|x"),
        ("${FILE#x/?}|${FILE%\\*w/x}", ".z*w/x|x/y.z"),
        ("${FILE/x/X}|${FILE//x/X}", "X/y.z*w/x|X/y.z*w/X"),
        ("${FILE//\\//_}", "x_y.z*w_x"),
        ("${FILE/*/_}", "_"),
        ("${A//x}y/b}", "va"),
        ("${PATH}:/cuda/bin", "/usr/bin:/bin:/cuda/bin"),
        ("$NO|${NO}|${NO#x}", "||"),
    ] {
        let (word, expanded) = word(written);
        assert_eq!(expanded.text, expected, "{written} is {word:?}");
        assert_eq!(expanded.error, None, "{written}");
    }
}

#[test]
fn what_a_build_refuses_is_an_error() {
    for written in ["${NO:?}", "${NO?is-needed}", "${EMPTY:?}", "${A#\\x}"] {
        let (word, expanded) = word(written);
        assert!(expanded.error.is_some(), "{written} is {word:?}");
    }
    assert_eq!(
        word("${NO:?is-needed}").1.error.as_deref(),
        Some("NO: is-needed")
    );
    for written in [
        "${A", "${}", "${:x}", "${A^}", "${A:#x}", "${A@Q}", "${A:-\"}", "'a", "\"a",
    ] {
        let text = format!("ENV N={written}");
        assert_eq!(parse(&text).errors.len(), 1, "{text}");
    }
}

#[test]
fn what_is_not_known_is_told() {
    let expanded = expand("$A $X ${Y:-d} ${X%x} ${Z+a}", environment);
    assert_eq!(expanded.unknown, ["X"]);
    assert_eq!(expanded.defaulted, ["Y", "Z"]);
    assert_eq!(expanded.text, "va  d  ");
}

#[test]
fn literal_words_are_told_from_others() {
    assert_eq!(word("'$A'\\$b").0.literal().as_deref(), Some("$A$b"));
    assert_eq!(word("$A").0.literal(), None);
    assert_eq!(word("${X:-d}").0.literal(), None);
}

#[test]
fn variables_are_found_with_their_operators() {
    let found: Vec<_> = variables("$A-${B}${C:-$D${E##x}}\\$F${G//a/b}\\\\$H")
        .into_iter()
        .map(|variable| {
            (
                variable.name,
                variable.operator,
                variable.argument,
                variable.depth,
            )
        })
        .collect();
    let default = Some(Operator::Default { empty: true });
    let replace = Some(Operator::Replace { all: true });
    let expected = [
        ("A", None, None, 0),
        ("B", None, None, 0),
        ("C", default, Some("$D${E##x}"), 0),
        ("D", None, None, 1),
        ("E", Some(Operator::WithoutPrefix), Some("#x"), 1),
        ("G", replace, Some("a/b"), 0),
        ("H", None, None, 0),
    ];
    assert_eq!(found, expected);
}

#[test]
fn with_a_backtick_as_escape_values_are_the_same() {
    let text = "# escape=`\nENV A=c:\\dir\\$B C=`$D E=${F:-a`}\\}";
    let file = parse(text);
    let Some(Body::Pairs(pairs)) = file.instructions().next().map(|first| &first.body) else {
        panic!("{file:?}");
    };
    let expanded = |at: usize| {
        expand(&pairs[at].value.value, |name| {
            (name == "B").then(|| "b".to_owned())
        })
    };
    assert_eq!(expanded(0).text, "c:\\dir\\b");
    assert_eq!(expanded(1).text, "$D");
    assert_eq!(expanded(2).text, "a}\\");
}

#[test]
fn a_variable_that_refers_to_itself_ends() {
    let mut value = "$X$X".to_owned();
    let mut error = None;
    for _ in 0..64 {
        let expanded = expand("$X$X", |_| Some(value.clone()));
        error = expanded.error;
        if error.is_some() {
            break;
        }
        value = expanded.text;
    }
    assert!(error.is_some());
    assert!(value.len() <= 1 << 20);
}

#[test]
fn patterns_have_a_bound() {
    let value = "a".repeat(1 << 18);
    let pattern = format!("${{X#{}b}}", "*a".repeat(1 << 12));
    let expanded = expand(&pattern, |_| Some(value.clone()));
    assert!(expanded.error.is_some());
}
