//! Another parser of Dockerfiles reads the same, or differs for a reason that is listed here.

use liftgate_dockerfile::{Body, Command, Dockerfile, Instruction, Span, Word, parse};
use parse_dockerfile as other;

/// Where things stand and what they say, an instruction a line.
fn ours(text: &str) -> Result<Vec<String>, String> {
    let file = parse(text);
    if let Some(error) = file.errors.first() {
        return Err(error.to_string());
    }
    Ok(file
        .instructions()
        .map(|one| our_line(&file, one))
        .collect())
}

fn our_line(file: &Dockerfile<'_>, instruction: &Instruction) -> String {
    let command = |command: &Command| match command {
        Command::Exec(words) => format!(
            "{:?}",
            words.iter().map(|word| &word.value).collect::<Vec<_>>()
        ),
        // Here-documents at the beginning of a command are not part of it for the other.
        Command::Shell(_) if !instruction.heredocs.is_empty() => {
            instruction.arguments.whole().end.to_string()
        }
        Command::Shell(_) => span(instruction.arguments.whole()),
    };
    // A string's quotes are part of a word here.
    let quote = usize::from(instruction.json);
    let place = |word: &Word| span(Span::new(word.span.start + quote, word.span.end - quote));
    let words = |words: &[Word]| words.iter().map(place).collect::<String>();
    let body = match &instruction.body {
        Body::From { image, name } => {
            format!(
                "{}{}",
                span(image.span),
                name.iter().map(|name| span(name.span)).collect::<String>()
            )
        }
        Body::Command(one) => command(one),
        Body::Healthcheck(Some(one)) => match one {
            Command::Exec(_) => command(one),
            Command::Shell(shell) => span(shell.whole()),
        },
        Body::Healthcheck(None) => "none".to_owned(),
        Body::Pairs(_) | Body::Arguments(_) => span(instruction.arguments.whole()),
        Body::Files {
            sources,
            destination,
        } => {
            // A source that is a here-document is among the here-documents.
            let paths = sources
                .iter()
                .filter(|source| !source.value.starts_with("<<"));
            let paths: String = paths.map(place).collect();
            format!("{paths}->{}", place(destination))
        }
        Body::Onbuild(inner) => {
            return format!("{} ON {}", instruction.keyword.start, our_line(file, inner));
        }
        Body::Shell(all) | Body::Words(all) => words(all),
        Body::Invalid => "invalid".to_owned(),
    };
    let flags = instruction.flags.iter().map(|flag| {
        format!(
            " --{}={:?}",
            flag.name,
            flag.value.as_ref().map(|value| value.value.as_str())
        )
    });
    let heredocs = instruction.heredocs.iter().map(|heredoc| {
        let body = heredoc.body.of(file.text);
        let lines = body.split_inclusive('\n');
        let body: String = lines
            .map(|line| {
                if heredoc.strip_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                }
            })
            .collect();
        format!(" <<{}{body:?}", heredoc.expand)
    });
    format!(
        "{}{} {body}{}",
        instruction.keyword.start,
        flags.collect::<String>(),
        heredocs.collect::<String>()
    )
}

fn span(span: Span) -> String {
    format!("[{}..{}]", span.start, span.end)
}

fn theirs(text: &str) -> Result<Vec<String>, String> {
    let file = other::parse(text).map_err(|error| error.to_string())?;
    Ok(file.instructions.iter().map(their_line).collect())
}

fn their_line(instruction: &other::Instruction<'_>) -> String {
    use other::Instruction as I;
    let place = |range: &std::ops::Range<usize>| span(Span::new(range.start, range.end));
    let flags = |flags: &[other::Flag<'_>]| -> String {
        let flag = |flag: &other::Flag<'_>| {
            format!(
                " --{}={:?}",
                flag.name.value,
                flag.value.as_ref().map(|value| &*value.value)
            )
        };
        flags.iter().map(flag).collect()
    };
    let command = |command: &other::Command<'_>| match command {
        other::Command::Exec(words) => {
            format!(
                "{:?}",
                words
                    .value
                    .iter()
                    .map(|word| &word.value)
                    .collect::<Vec<_>>()
            )
        }
        other::Command::Shell(shell) => place(&shell.span),
        _ => "new".to_owned(),
    };
    let heredoc =
        |heredoc: &other::HereDoc<'_>| format!(" <<{}{:?}", heredoc.expand, heredoc.value);
    let files = |keyword: usize,
                 options: &[other::Flag<'_>],
                 sources: &[other::Source<'_>],
                 to: &other::UnescapedString<'_>| {
        let mut paths = String::new();
        let mut heredocs = String::new();
        for source in sources {
            match source {
                other::Source::Path(path) => paths.push_str(&place(&path.span)),
                other::Source::HereDoc(one) => heredocs.push_str(&heredoc(one)),
                _ => paths.push_str("new"),
            }
        }
        format!(
            "{keyword}{} {paths}->{}{heredocs}",
            flags(options),
            place(&to.span)
        )
    };
    match instruction {
        I::Add(one) => files(one.add.span.start, &one.options, &one.src, &one.dest),
        I::Copy(one) => files(one.copy.span.start, &one.options, &one.src, &one.dest),
        I::Arg(one) => format!("{} {}", one.arg.span.start, place(&one.arguments.span)),
        I::Env(one) => format!("{} {}", one.env.span.start, place(&one.arguments.span)),
        I::Label(one) => format!("{} {}", one.label.span.start, place(&one.arguments.span)),
        I::Cmd(one) => format!("{} {}", one.cmd.span.start, command(&one.arguments)),
        I::Entrypoint(one) => format!("{} {}", one.entrypoint.span.start, command(&one.arguments)),
        I::Run(one) => {
            let heredocs: String = one.here_docs.iter().map(heredoc).collect();
            let body = match &one.arguments {
                other::Command::Shell(shell) if !one.here_docs.is_empty() => {
                    shell.span.end.to_string()
                }
                arguments => command(arguments),
            };
            let flags = flags(&one.options);
            format!("{}{flags} {body}{heredocs}", one.run.span.start)
        }
        I::Expose(one) => {
            let words: String = one.arguments.iter().map(|word| place(&word.span)).collect();
            format!("{} {words}", one.expose.span.start)
        }
        I::From(one) => {
            let name: String = one.as_.iter().map(|(_, name)| place(&name.span)).collect();
            format!(
                "{}{} {}{name}",
                one.from.span.start,
                flags(&one.options),
                place(&one.image.span)
            )
        }
        I::Healthcheck(one) => {
            let body = match &one.arguments {
                other::HealthcheckArguments::Cmd { arguments, .. } => command(arguments),
                _ => "none".to_owned(),
            };
            format!(
                "{}{} {body}",
                one.healthcheck.span.start,
                flags(&one.options)
            )
        }
        I::Maintainer(one) => format!("{} {}", one.maintainer.span.start, place(&one.name.span)),
        I::Onbuild(one) => format!(
            "{} ON {}",
            one.onbuild.span.start,
            their_line(&one.instruction)
        ),
        I::Shell(one) => {
            let words: String = one.arguments.iter().map(|word| place(&word.span)).collect();
            format!("{} {words}", one.shell.span.start)
        }
        I::Stopsignal(one) => format!(
            "{} {}",
            one.stopsignal.span.start,
            place(&one.arguments.span)
        ),
        I::User(one) => format!("{} {}", one.user.span.start, place(&one.arguments.span)),
        I::Volume(one) => {
            let words: String = match &one.arguments {
                other::JsonOrStringArray::Json(words) => {
                    words.value.iter().map(|word| place(&word.span)).collect()
                }
                other::JsonOrStringArray::String(words) => {
                    words.iter().map(|word| place(&word.span)).collect()
                }
            };
            format!("{} {words}", one.volume.span.start)
        }
        I::Workdir(one) => format!("{} {}", one.workdir.span.start, place(&one.arguments.span)),
        _ => "new".to_owned(),
    }
}

const HEREDOCS: &str =
    "it sees here-documents only at the beginning of a command, as `<<` and a plain word";
const NAMES: &str = "it takes any word for a stage's name";
const PAIRS: &str = "it does not look into the arguments of ENV, ARG and LABEL";
const JSON: &str = "a list with other things than strings is a command for the shell there";
const EMPTY: &str = "it takes empty arguments";
const ONBUILD: &str = "it takes any instruction behind ONBUILD";
const FLAGS: &str = "it takes any flag";
const QUOTED_FLAGS: &str = "it ends a flag at white space, be it quoted, and knows no `--`";
const CONTINUED: &str = "a continuation at the end of the file is part of its arguments";
const ESCAPED_ESCAPE: &str = "it continues a line whose escape character is escaped";

/// What is read, and why the two differ. Each text follows `FROM scratch`.
const CASES: &[(&str, Option<&str>)] = &[
    ("FROM a:b AS c", None),
    ("FROM --platform=linux/amd64 a AS b", None),
    ("from a as b", None),
    ("RUN a && b", None),
    ("RUN a \\\n  b \\\n# c\n  d", None),
    ("RUN --mount=type=cache,target=/x --network=none a", None),
    ("RUN [\"a\", \"b c\"]", None),
    ("CMD [\"a\", \"\\\"b\\\"\"]", None),
    ("CMD a b", None),
    ("ENTRYPOINT [\"a\"]", None),
    ("ENV A=b C=\"d e\"", None),
    ("ENV A b c", None),
    ("LABEL a=b c=d", None),
    ("ARG A=b", None),
    ("EXPOSE 80 443", None),
    ("USER a", None),
    ("WORKDIR /a", None),
    ("STOPSIGNAL 9", None),
    ("MAINTAINER a b", None),
    ("VOLUME /a /b", None),
    ("COPY a b /c/", None),
    ("COPY --from=x --chown=1:2 a b", None),
    ("ADD https://a/b /c", None),
    ("HEALTHCHECK NONE", None),
    ("HEALTHCHECK --interval=5s CMD a", None),
    ("ONBUILD RUN a", None),
    ("RUN <<EOF\na\nEOF\nRUN b", None),
    ("RUN <<-EOF\n\ta\n\tEOF\nRUN b", None),
    ("COPY <<a <<b /x/\n1\na\n2\nb\nRUN c", None),
    ("RUN cat <<EOF > f\na\nEOF\nRUN b", Some(HEREDOCS)),
    ("RUN a <<A cat <<B\n1\nA\n2\nB", Some(HEREDOCS)),
    ("RUN <<A <<B\n1\nA\n2\nB", Some(HEREDOCS)),
    ("RUN python3 - <<PY\nx\nPY", Some(HEREDOCS)),
    ("RUN <<\"E F\"\n$a\nE F", None),
    ("RUN <<EOF cat\na\nEOF", None),
    ("RUN 3<<EOF\na\nEOF", Some(HEREDOCS)),
    ("RUN << EOF\na\nEOF", Some(HEREDOCS)),
    ("RUN <<\\EOF\na\nEOF", None),
    ("RUN <<EOF;\na\nEOF;", None),
    ("RUN echo $(( 1 << 2 ))\n2", Some(HEREDOCS)),
    ("RUN <<EOF\na", None),
    ("RUN a<<EOF\nRUN b", None),
    ("RUN cat <<<a", None),
    ("ONBUILD RUN <<EOF\na\nEOF", None),
    ("CMD <<EOF", None),
    ("COPY <<-'a' /x\n\t1\n\ta", None),
    ("COPY a <<b\n1\nb", None),
    ("FROM a AS 1b", Some(NAMES)),
    ("FROM a AS", None),
    ("FROM a # b", None),
    ("FROM", None),
    ("ENV A=b C", Some(PAIRS)),
    ("ENV A", Some(PAIRS)),
    ("ENV =a", Some(PAIRS)),
    ("ENV A=\"b", Some(PAIRS)),
    ("ENV A=${B^}", Some(PAIRS)),
    ("ARG", None),
    ("ARG A B=c", None),
    ("LABEL a b", None),
    ("CMD [\"a\", 1]", Some(JSON)),
    ("CMD [\"a\", 'b']", None),
    ("CMD [\"a\"] b", None),
    ("CMD [\"a\",]", None),
    ("CMD []", None),
    ("CMD", None),
    ("RUN", None),
    ("RUN [\"\\u00e9\"]", None),
    ("SHELL [\"a\", \"-c\"]", None),
    ("SHELL a", None),
    ("SHELL []", None),
    ("VOLUME [\"/a\", \"/b\"]", None),
    ("VOLUME [\"\"]", Some(EMPTY)),
    ("VOLUME", None),
    ("EXPOSE", None),
    ("USER", None),
    ("WORKDIR /a b", None),
    ("COPY a", None),
    ("COPY [\"a b\", \"c\"]", None),
    ("COPY \"a\" b", None),
    ("ADD [\"a\", \"b\"]", None),
    ("HEALTHCHECK", None),
    ("HEALTHCHECK CMD", Some(EMPTY)),
    ("HEALTHCHECK CMD [\"a\"]", None),
    ("HEALTHCHECK none", None),
    ("HEALTHCHECK NONE a", None),
    ("HEALTHCHECK a", None),
    ("ONBUILD", None),
    ("ONBUILD FROM a", Some(ONBUILD)),
    ("ONBUILD ONBUILD RUN a", None),
    ("RUN --gpus=all a", Some(FLAGS)),
    ("RUN --mount", Some(FLAGS)),
    (
        "RUN --mount=\"type=cache,target=/a b\" c",
        Some(QUOTED_FLAGS),
    ),
    ("RUN -- --a", Some(QUOTED_FLAGS)),
    ("FOO a", None),
    ("RUN a \\\n\n\n b", None),
    ("RUN a \\", Some(CONTINUED)),
    ("RUN a \\  \n b", None),
    ("RUN a\\\\\nRUN b", Some(ESCAPED_ESCAPE)),
    ("RU\\\nN a", None),
    ("\\\nRUN a", None),
    ("RUN a\r\nRUN b \\\r\n c\r\n", None),
    ("Run a\n  Copy b c", None),
    ("RUN\ta", None),
    ("ENV A=b \\\n  # c\n  D=e", None),
    ("CMD --a", Some(FLAGS)),
];

#[test]
fn the_other_parser_reads_the_same_but_for_reasons() {
    let mut wrong = Vec::new();
    for (text, reason) in CASES {
        let text = format!("FROM scratch\n{text}\n");
        let (ours, theirs) = (ours(&text), theirs(&text));
        match (ours == theirs || ours.is_err() && theirs.is_err(), reason) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(reason)) => wrong.push(format!("{text:?} is read alike now: {reason}")),
            (false, None) => wrong.push(format!("{text:?}\n   {ours:?}\n   {theirs:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
