//! What each form of an instruction reads as. The cases follow what `BuildKit`'s parser does with them, which was asked.

use std::fmt::Write;

use liftgate_dockerfile::{
    Body, Command, Dockerfile, Instruction, Item, Kind, Word, line_column, parse,
};

/// A file in a form that one can read: an instruction a line, what it has indented, mistakes last.
fn show(text: &str) -> String {
    let file = parse(text);
    let mut shown = String::new();
    for directive in &file.directives {
        let value = directive.value.of(text);
        writeln!(shown, "# {} = {value:?}", directive.name).expect("a string takes it");
    }
    for instruction in file.instructions() {
        show_instruction(&mut shown, &file, instruction);
    }
    for error in &file.errors {
        let (line, column) = line_column(text, error.span.start);
        let place = error.span.of(text);
        writeln!(shown, "! {line}:{column} {place:?}: {error}").expect("a string takes it");
    }
    shown
}

fn words(words: &[Word]) -> String {
    let words: Vec<_> = words
        .iter()
        .map(|word| format!("{:?}", word.value))
        .collect();
    words.join(" ")
}

fn show_instruction(shown: &mut String, file: &Dockerfile<'_>, instruction: &Instruction) {
    let (line, _) = line_column(file.text, instruction.whole.start);
    let (last, _) = line_column(file.text, instruction.whole.end.saturating_sub(1));
    write!(shown, "{line}-{last} {:?}", instruction.kind).expect("a string takes it");
    for flag in &instruction.flags {
        let value = flag.value.as_ref().map(|value| &value.value);
        write!(shown, " --{}", flag.name).expect("a string takes it");
        if let Some(value) = value {
            write!(shown, "={value:?}").expect("a string takes it");
        }
    }
    if instruction.json {
        shown.push_str(" JSON");
    }
    let body = match &instruction.body {
        Body::From { image, name } => match name {
            Some(name) => format!("{:?} as {:?}", image.value, name.value),
            None => format!("{:?}", image.value),
        },
        Body::Command(command) | Body::Healthcheck(Some(command)) => match command {
            Command::Shell(shell) => format!("$ {:?}", shell.text()),
            Command::Exec(exec) => format!("exec {}", words(exec)),
        },
        Body::Healthcheck(None) => "none".to_owned(),
        Body::Pairs(pairs) => {
            let pair = |pair: &liftgate_dockerfile::Pair| {
                let sign = if pair.old { "<-" } else { "=" };
                format!("{:?}{sign}{:?}", pair.name.value, pair.value.value)
            };
            pairs.iter().map(pair).collect::<Vec<_>>().join(" ")
        }
        Body::Arguments(arguments) => {
            let argument = |argument: &liftgate_dockerfile::Argument| match &argument.default {
                Some(default) => format!("{:?}={:?}", argument.name.value, default.value),
                None => format!("{:?}", argument.name.value),
            };
            arguments.iter().map(argument).collect::<Vec<_>>().join(" ")
        }
        Body::Files {
            sources,
            destination,
        } => format!("{} -> {:?}", words(sources), destination.value),
        Body::Onbuild(inner) => {
            shown.push_str(": ");
            show_instruction(shown, file, inner);
            return;
        }
        Body::Shell(all) | Body::Words(all) => words(all),
        Body::Invalid => "invalid".to_owned(),
    };
    writeln!(shown, ": {body}").expect("a string takes it");
    for heredoc in &instruction.heredocs {
        let body = heredoc.body.of(file.text);
        let expand = if heredoc.expand { "" } else { " quoted" };
        let tabs = if heredoc.strip_tabs { " tabs" } else { "" };
        writeln!(
            shown,
            "    << {:?}{expand}{tabs}: {body:?}",
            heredoc.delimiter
        )
        .expect("a string takes it");
    }
    for comment in &instruction.comments {
        writeln!(shown, "    {}", comment.of(file.text)).expect("a string takes it");
    }
}

/// Shows each of several files.
fn all(texts: &[&str]) -> String {
    texts.iter().fold(String::new(), |mut shown, text| {
        writeln!(shown, "=== {text:?}\n{}", show(text)).expect("a string takes it");
        shown
    })
}

#[test]
fn directives() {
    insta::assert_snapshot!(all(&[
        "# syntax=docker/dockerfile:1\n# escape=`\n# check=skip=all;error=true\nRUN a `\n b\n",
        "#Escape = `  \nRUN a \\\nRUN b `\n c",
        "  # escape=`\nRUN a `\n b",
        "\n# escape=`\nRUN a `\n b",
        "# a comment first\n# escape=`\nRUN a",
        "# unknown=x\n# escape=`\nRUN a",
        "# escape=x\nRUN a",
        "# escape= \nRUN a",
        "# escape=\\\n# escape=`\nRUN a",
        "\u{feff}# escape=`\nRUN a `\n b",
        "\u{feff}FROM a",
        "# syntax=my/frontend\nFROM --own=flag a",
        "# syntax=docker.io/docker/dockerfile-upstream:master\nFROM --own=flag a",
    ]));
}

#[test]
fn continued_lines() {
    insta::assert_snapshot!(all(&[
        "RUN a \\\n  b",
        "RUN a \\  \t\n  b \\\r\n  c\r\n",
        "RUN a \\\n# one\n   # two\n\n \t\n  b\nRUN c",
        "RUN a\\\\\nRUN b",
        "RUN a \\",
        "RUN a \\\n\n",
        "RU\\\nN a",
        "\\\nRUN a",
        "\\\n",
        "RUN a # no comment \\\n b",
        "run a\nCopy b c\n  env D=e  \n",
        "ENV A=1 \\\n    B=\"x \\\n y\" \\\n    C\\\n=d",
    ]));
}

#[test]
fn images() {
    insta::assert_snapshot!(all(&[
        "FROM a",
        "from a as Build-1.x",
        "FROM --platform=$BUILDPLATFORM nvidia/cuda:${V:-12}-devel AS build",
        "FROM \"a\"@sha256:00\tAS\tb",
        "FROM",
        "FROM a b",
        "FROM a AS",
        "FROM a AS b c",
        "FROM a # latest",
        "FROM a AS 1b",
        "FROM a AS b:c",
    ]));
}

#[test]
fn commands() {
    insta::assert_snapshot!(all(&[
        "RUN",
        "RUN [\"a\", \"b c\", \"\\u00e9\\n\\ud83d\\ude00\\ud800\", \"$D\"]",
        "CMD [ ]",
        "CMD [\"a\", 'b']",
        "CMD [\"a\"] b",
        "CMD [\"a\",]",
        "CMD [\"a\tb\"]",
        "CMD [\"a\", 1]",
        "CMD [\"a\", [\"b\"]]",
        "CMD [\"a\", {\"b\": null}]",
        "ENTRYPOINT [\"a\"]",
        "ENTRYPOINT exec a \"$@\"",
        "RUN [ -f a ] && b",
        "RUN --mount=type=cache,target=/c --mount=type=bind,\"source=a b\" --network=none --security=insecure make",
        "RUN --device=nvidia.com/gpu=all nvidia-smi",
        "RUN --gpus=all nvidia-smi",
        "RUN -- --a",
        "RUN --mount",
        "RUN --network=none --network=host a",
        "CMD --verbose",
        "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
        "SHELL bash -c",
        "SHELL []",
        "HEALTHCHECK NONE",
        "HEALTHCHECK none",
        "HEALTHCHECK --interval=5s --timeout=3s --start-period=1m --start-interval=1s --retries=3 CMD curl -f x || exit 1",
        "HEALTHCHECK CMD [\"a\"]",
        "HEALTHCHECK CMD",
        "HEALTHCHECK CMD []",
        "HEALTHCHECK curl",
        "HEALTHCHECK",
        "HEALTHCHECK NONE a",
    ]));
}

#[test]
fn pairs_and_words() {
    insta::assert_snapshot!(all(&[
        "ENV A=1 B=\"x y\" C='$z' D=\\$e F=\"$G\"h I=j\\ k L=",
        "ENV A b  c \"d\"",
        "ENV A",
        "ENV",
        "ENV A=1 B",
        "ENV =1",
        "ENV A=\"b",
        "ENV A=${B^}",
        "ENV A=${B:-\"x\\}y\"} C=a\\\\$D",
        "LABEL \"a.b\"=c d=\"e \\\" f\"",
        "LABEL a b",
        "ARG A B=1 C=\"x y\"",
        "ARG",
        "ARG =1",
        "EXPOSE 80 443/tcp $P",
        "EXPOSE",
        "VOLUME /a /b",
        "VOLUME [\"/a\", \"/b c\"]",
        "VOLUME [\"\"]",
        "USER a:b",
        "USER",
        "WORKDIR /a b/$C",
        "STOPSIGNAL SIGTERM",
        "MAINTAINER A <a@b> \"c\"",
        "COPY a b /c/",
        "COPY --from=build --chown=1:2 --chmod=755 --link --parents --exclude=*.o --exclude=d a b",
        "COPY --link=no a b",
        "COPY [\"a b\", \"$C\", \"/d\"]",
        "COPY [\"a\", 1]",
        "COPY a",
        "COPY \"a b\" c",
        "ADD --checksum=sha256:00 --keep-git-dir=true --unpack https://x/y /z",
        "FOO bar baz",
        "RUN a &&\n    b",
        "{{ template }}",
    ]));
}

#[test]
fn heredocs() {
    insta::assert_snapshot!(all(&[
        "RUN <<EOF\na\n  b\nEOF\nRUN c",
        "RUN <<-EOF\n\ta\n\t\tb\n\tEOF\n",
        "RUN <<'E F'\n$a\nE F\n",
        "RUN <<\"EOF\" cat\na\nEOF\n",
        "RUN <<\\EOF\na\nEOF\n",
        "RUN << EOF\na\nEOF\n",
        "RUN 3<<EOF cat <&3\na\nEOF\n",
        "RUN cat <<EOF > /etc/x && \\\n  b\na\nEOF\nRUN c",
        "RUN <<A cat <<B\n1\nA\n2\nB\nRUN c",
        "RUN python3 - <<PY\nimport torch\nPY\n",
        "RUN <<EOF\n#!/usr/bin/env python3\nimport torch\nEOF\n",
        "RUN <<EOF\n#!/bin/bash -e\na\nEOF\n",
        "RUN <<EOF\r\na\r\nEOF\r\nRUN b\r\n",
        "RUN <<EOF;\na\nEOF;\n",
        "RUN cat <<<EOF\nRUN b",
        "RUN a<<EOF\nRUN b",
        "RUN \"<<EOF\"\nRUN b",
        "RUN echo $((1<<2))\nRUN b",
        "RUN echo $(( 1 << 2 ))\nRUN b",
        "RUN echo ${A^^} <<EOF\nFROM b\nEOF\n",
        "RUN echo 'it <<EOF\nFROM b\nEOF\n",
        "RUN [\"a\", \"<<EOF\"]\nRUN b",
        "RUN <<${A:-EOF}\nRUN b",
        "RUN <<\"${A-}\"\nRUN b",
        "RUN echo ${A:-b <<EOF}\na\nEOF}\nRUN b",
        "CMD <<EOF\nRUN b",
        "RUN <<EOF\na\n",
        "RUN <<A <<B\n1\nA\n",
        "COPY <<a <<-'b' /x/\n$1\na\n\t$2\n\tb\nRUN c",
        "COPY a <<b\n1\nb\n",
        "ADD <<EOF /x\n1\nEOF\n",
        "ONBUILD RUN <<EOF\na\nEOF\nRUN b",
        "ONBUILD COPY <<EOF /x\na\nEOF\nRUN b",
        "ONBUILD CMD <<EOF\nRUN b",
    ]));
}

#[test]
fn triggers() {
    insta::assert_snapshot!(all(&[
        "ONBUILD RUN --network=none a \\\n b",
        "onbuild copy --from=x a b",
        "ONBUILD",
        "ONBUILD ONBUILD RUN a",
        "ONBUILD FROM a",
        "ONBUILD MAINTAINER a",
        "ONBUILD FOO",
    ]));
}

#[test]
fn a_mistake_does_not_end_the_reading() {
    let text = "FROM\nENV A\nFOO\nCOPY a\nRUN b\n";
    let file = parse(text);
    assert_eq!(file.errors.len(), 4);
    let last = file.instructions().last().unwrap();
    assert_eq!((last.kind, last.arguments.text()), (Kind::Run, "b"));
}

#[test]
fn items_keep_blanks_and_comments_apart() {
    let text = "\u{feff}\n\n# a\n  # b\n\nFROM c\n \n";
    let file = parse(text);
    let items: Vec<_> = file
        .items
        .iter()
        .map(|item| match item {
            Item::Blank(span) => ('b', span.of(text)),
            Item::Comment(span) => ('c', span.of(text)),
            Item::Instruction(instruction) => ('i', instruction.whole.of(text)),
        })
        .collect();
    let expected = [
        ('b', "\u{feff}"),
        ('b', "\n\n"),
        ('c', "# a\n"),
        ('c', "  # b\n"),
        ('b', "\n"),
        ('i', "FROM c\n"),
        ('b', " \n"),
    ];
    assert_eq!(items, expected);
}

#[test]
fn a_line_that_buildkit_does_not_read_is_a_mistake() {
    let fits = format!("RUN {}\n", "a".repeat(65_531));
    assert_eq!(parse(&fits).errors, []);
    let too_long = format!("#{}\nRUN a\n", "a".repeat(65_535));
    let file = parse(&too_long);
    assert_eq!(file.errors.len(), 1);
    assert_eq!(file.instructions().count(), 1);
}

#[test]
fn files_without_end_are_read_up_to_bounds() {
    let many = "RUN a\n".repeat((1 << 15) + 5);
    let file = parse(&many);
    assert_eq!(file.instructions().count(), (1 << 15) + 1);
    assert_eq!(file.errors.len(), 1);
    assert_eq!(file.items.last().unwrap().span().end, many.len());
    let mistakes = "x\n".repeat(2000);
    assert_eq!(parse(&mistakes).errors.len(), 1000);
    let heredocs = format!("RUN {}\n", "<<a ".repeat(5000));
    assert_eq!(parse(&heredocs).errors.len(), 1);
    let flags = format!("RUN {}\n", "--mount=a ".repeat(5000));
    assert_eq!(parse(&flags).errors.len(), 1);
    let line = format!("a={} \\\n", "b".repeat(1000));
    let words = format!("ENV {}c=d\nENV A=b\n", line.repeat(5000));
    let bodies: Vec<_> = parse(&words)
        .instructions()
        .map(|instruction| matches!(instruction.body, Body::Invalid))
        .collect();
    assert_eq!(bodies, [true, false]);
}
