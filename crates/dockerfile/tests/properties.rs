//! What holds for every text: nothing panics, items are the text, positions are on characters.

use proptest::prelude::*;

mod checks;

/// Pieces of Dockerfiles and scripts, so that broken texts are nearly right.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "FROM ",
            "RUN ",
            "COPY ",
            "ADD ",
            "ENV ",
            "ARG ",
            "LABEL ",
            "CMD ",
            "ENTRYPOINT ",
            "HEALTHCHECK ",
            "ONBUILD ",
            "SHELL ",
            "EXPOSE ",
            "VOLUME ",
            "USER ",
            "WORKDIR ",
            "STOPSIGNAL ",
            "MAINTAINER ",
            "NONE",
            " AS ",
            "--from=x ",
            "--mount=type=cache ",
            "\\\n",
            "\\ \n",
            "\n",
            "\r\n",
            "# c\n",
            "# escape=`\n",
            "`\n",
            "# syntax=x\n",
            "\u{feff}",
            "<<EOF",
            "<<-'E F'",
            "3<<\"X\" ",
            "EOF\n",
            "\tEOF\n",
            "[\"a\", ",
            "\"b\"]",
            "{}",
            "\"",
            "'",
            "\\",
            "$A",
            "${A:-",
            "${B%%*",
            "${C//x/",
            "}",
            "=",
            "a",
            " ",
            "é",
            "\u{a0}",
        ]),
        prop::sample::select(vec![
            "$(",
            "$((",
            "))",
            ")",
            "(",
            "`",
            "&&",
            "||",
            ";",
            ";;",
            "|",
            "&",
            "if ",
            "then ",
            "else ",
            "fi",
            "for i in ",
            "do ",
            "done",
            "case x in ",
            "esac",
            "{ ",
            "}",
            "f() ",
            "[[ ",
            "]]",
            "! ",
            "time ",
            "sudo ",
            "sh -c ",
            "env ",
            "A=",
            "A=(",
            "export ",
            "> f",
            "2>&1",
            "<(",
            "$'\\x41'",
            "~",
            "*",
            "[a]",
            "#",
        ]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_string_is_read(text in any::<String>()) {
        checks::dockerfile(&text);
        checks::shell(&text);
    }

    #[test]
    fn broken_files_are_read(text in pieces()) {
        checks::dockerfile(&text);
    }

    #[test]
    fn broken_scripts_are_read(text in pieces()) {
        checks::shell(&text);
    }
}

#[test]
fn texts_that_once_broke_something_are_read() {
    for text in [
        "a `A=\\`b\\``",
        "x `A[0]=\\`\\``",
        "`\\`<<a\\`",
        "sh -c <(a)",
    ] {
        checks::shell(text);
    }
    for text in [
        "ENV A=\\\n\\\n\nENV B=\\\n",
        "RUN \\\n`A=\\\n\\`",
        "RUN --a=\\\n\\\n b",
    ] {
        checks::dockerfile(text);
    }
}
