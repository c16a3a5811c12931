use std::fmt::Write as _;

use liftgate_dockerfile::shell::Connector;
use proptest::prelude::*;

use super::*;

/// The words of a line, as a shell takes them apart that knows quotes and expansions only.
fn command(line: &str) -> ShellCommand {
    let mut words: Vec<ShellWord> = Vec::new();
    let (mut word, mut quote): (Option<ShellWord>, Option<char>) = (None, None);
    for (at, sign) in line.char_indices() {
        if sign == ' ' && quote.is_none() {
            words.extend(word.take());
            continue;
        }
        let now = word.get_or_insert_with(|| ShellWord {
            span: Span::at(at),
            value: String::new(),
            literal: true,
            pattern: false,
            quoted: false,
        });
        now.span.end = at + sign.len_utf8();
        match (sign, quote) {
            ('\'' | '"', None) => {
                quote = Some(sign);
                now.quoted = true;
            }
            (sign, Some(open)) if sign == open => quote = None,
            (sign, quote) => {
                now.literal &= !(matches!(sign, '$' | '`') && quote != Some('\''));
                now.value.push(sign);
            }
        }
    }
    words.extend(word);
    ShellCommand {
        span: Span::new(0, line.len()),
        assignments: Vec::new(),
        words,
        redirections: Vec::new(),
        connector: Connector::First,
        conditional: false,
        depth: 0,
        script: None,
    }
}

/// `engine verb: options | operands`, by the text of their places.
fn shown(line: &str) -> String {
    let command = command(line);
    let Some(call) = Invocation::of(&command, line) else {
        return "nothing".to_owned();
    };
    let mut out = format!("{:?} {:?}:", call.engine, call.verb);
    if call.as_root {
        out.insert_str(0, "root ");
    }
    for (sign, options) in [("^", &call.global), ("", &call.options)] {
        for option in options {
            let doubt = if option.is_known { "" } else { "?" };
            write!(out, " {sign}{}{doubt}", option.name).unwrap();
            if let Some(value) = &option.value {
                write!(out, "={}", value.span.of(line)).unwrap();
            }
        }
    }
    for at in &call.opaque {
        write!(out, " <{}>", call.command.words[*at].value).unwrap();
    }
    let operands = &call.command.words[call.operands.clone()];
    let operands: Vec<&str> = operands.iter().map(|word| word.span.of(line)).collect();
    write!(out, " | {}", operands.join(" ")).unwrap();
    if !call.is_sure {
        out.push_str(" (a guess)");
    }
    out
}

#[test]
#[rustfmt::skip]
fn calls_are_taken_apart() {
    for (line, expected) in [
        ("docker run --rm -it --gpus all nvidia/cuda:12.8.1-base-ubuntu24.04 nvidia-smi -L",
         "Docker Run: rm interactive tty gpus=all | nvidia/cuda:12.8.1-base-ubuntu24.04 nvidia-smi -L"),
        ("sudo docker run --gpus=all IMAGE", "root Docker Run: gpus=all | IMAGE"),
        ("sudo -E -u me A=b docker run IMAGE", "root Docker Run: | IMAGE"),
        ("env A=b docker run IMAGE", "Docker Run: | IMAGE"),
        ("timeout -k 5 10 docker run IMAGE", "Docker Run: | IMAGE"),
        ("time exec /usr/bin/docker run IMAGE", "Docker Run: | IMAGE"),
        ("docker -H tcp://h:1 --context x container run -d IMAGE", "Docker Run: ^host=tcp://h:1 ^context=x detach | IMAGE"),
        ("docker create --name x IMAGE", "Docker Create: name=x | IMAGE"),
        ("docker run --gpus '\"device=0,1\"' IMAGE", "Docker Run: gpus='\"device=0,1\"' | IMAGE"),
        ("docker run --gpus='\"device=0,1\"' IMAGE", "Docker Run: gpus='\"device=0,1\"' | IMAGE"),
        ("docker run \"--gpus=all\" IMAGE", "Docker Run: gpus=all | IMAGE"),
        ("docker run '--gpus' all IMAGE", "Docker Run: gpus=all | IMAGE"),
        ("docker run -p80:80 -eA=B -e=C=D -v a:b -itw /x IMAGE", "Docker Run: publish=80:80 env=A=B env=C=D volume=a:b interactive tty workdir=/x | IMAGE"),
        ("docker run -v $(pwd):/x -e A=$B --user \"$(id -u)\" $IMAGE", "Docker Run: volume=$(pwd):/x env=A=$B user=\"$(id -u)\" | $IMAGE"),
        ("docker run --rm IMAGE --gpus all", "Docker Run: rm | IMAGE --gpus all"),
        ("docker run --rm -- IMAGE", "Docker Run: rm | IMAGE"),
        ("docker run -gpus all IMAGE", "Docker Run: gpus?=all | IMAGE (a guess)"),
        ("docker run -gpus=all IMAGE", "Docker Run: gpus?=all | IMAGE (a guess)"),
        ("docker run -rm IMAGE", "Docker Run: rm? | IMAGE (a guess)"),
        ("docker run --gpu all IMAGE", "Docker Run: gpu? | all IMAGE (a guess)"),
        ("docker run —gpus all IMAGE", "Docker Run: | —gpus all IMAGE"),
        ("docker run --gpus", "Docker Run: gpus | "),
        ("docker run -v", "Docker Run: volume | "),
        ("docker run", "Docker Run: | "),
        ("docker run -", "Docker Run: | -"),
        ("docker", "Docker Other: | "),
        ("docker ps -a", "Docker Other: | -a"),
        ("docker run $OPTS IMAGE", "Docker Run: <$OPTS> | IMAGE"),
        ("docker run \"${ARGS[@]}\" IMAGE", "Docker Run: <${ARGS[@]}> | IMAGE"),
        ("docker run $GPU_OPTIONS --rm $IMAGE_NAME run", "Docker Run: rm <$GPU_OPTIONS> | $IMAGE_NAME run"),
        ("docker run $X --rm IMAGE", "Docker Run: rm <$X> | IMAGE"),
        ("docker run $X", "Docker Run: | $X"),
        ("docker run $REPO:$TAG --flag", "Docker Run: | $REPO:$TAG --flag"),
        ("docker run \"$OPTS\" IMAGE", "Docker Run: | \"$OPTS\" IMAGE"),
        ("podman run --device nvidia.com/gpu=all --security-opt=label=disable IMAGE", "Podman Run: device=nvidia.com/gpu=all security-opt=label=disable | IMAGE"),
        ("podman --log-level debug run --tz=local IMAGE", "Podman Run: ^log-level=debug tz=local | IMAGE"),
        ("nvidia-docker run --rm IMAGE", "NvidiaDocker Run: rm | IMAGE"),
        ("nerdctl -n k8s.io run --gpus all IMAGE", "Nerdctl Run: ^namespace=k8s.io gpus=all | IMAGE"),
        ("docker build -t x --build-arg CUDA=12.8 -f gpu.Dockerfile .", "Docker Build: tag=x build-arg=CUDA=12.8 file=gpu.Dockerfile | ."),
        ("docker build . -t x --target run", "Docker Build: tag=x target=run | ."),
        ("docker buildx build --platform linux/arm64 --push .", "Docker Build: platform=linux/arm64 push | ."),
        ("docker image build .", "Docker Build: | ."),
        ("docker compose -f gpu.yaml --profile gpu up -d", "Docker Compose: file=gpu.yaml profile=gpu | up -d"),
        ("docker-compose -p x up", "DockerCompose Compose: project-name=x | up"),
        ("podman-compose up", "PodmanCompose Compose: | up"),
        ("docker.exe run IMAGE", "Docker Run: | IMAGE"),
        ("dockerd --debug", "nothing"),
        ("echo docker run IMAGE", "nothing"),
        ("sudo", "nothing"),
        ("", "nothing"),
    ] {
        assert_eq!(shown(line).trim_end(), expected.trim_end(), "{line}");
    }
}

#[test]
fn values_are_found() {
    let line = "docker run -e A=1 --env=B=x=y -e C --shm-size 1g --shm-size=8g --ipc host IMAGE --gpus all -p 1 --gpus=2 --frob";
    let command = command(line);
    let call = Invocation::of(&command, line).unwrap();
    assert_eq!(call.value("shm-size").unwrap().text, "8g");
    assert!(call.value("ipc").unwrap().is_word && !call.value("shm-size").unwrap().is_word);
    assert_eq!(call.assignment("env", "B").unwrap().0, "x=y");
    assert!(call.assignment("env", "C").is_none() && call.value("gpus").is_none());
    assert_eq!(call.image().unwrap().value, "IMAGE");
    assert_eq!(call.arguments().len(), 6);
    let behind: Vec<_> = call
        .options_behind_image(line)
        .iter()
        .map(|option| option.span.of(line).to_owned())
        .collect();
    assert_eq!(behind, ["--gpus all", "--gpus=2"]);
}

proptest! {
    #[test]
    fn no_words_break_it(line in "(sudo |env A=b |timeout 5 )?(docker|podman|nerdctl|docker-compose) (run|build|compose|container run|-H x run)?( (-|--|-é|--gpus|-gpus|=|all|-itv|'|\"|\\$X|\\$\\(|—|é|-e=|--env=é|IMAGE|\\.)){0,9}") {
        let command = command(&line);
        let Some(call) = Invocation::of(&command, &line) else { return Ok(()) };
        let words = &command.words;
        let mut last = call.verb_words.end;
        for option in &call.options {
            prop_assert!(option.span.end <= line.len());
            prop_assert!(line.is_char_boundary(option.span.start) && line.is_char_boundary(option.span.end));
            prop_assert!(option.words.end <= words.len() && option.words.start + 1 >= last);
            last = option.words.end;
            if let Some(value) = &option.value {
                prop_assert!(option.span.contains(value.span));
                prop_assert!(line.is_char_boundary(value.span.start) && line.is_char_boundary(value.span.end));
            }
        }
        prop_assert!(call.operands.start <= call.operands.end && call.operands.end <= words.len());
        let _ = (call.image(), call.arguments(), call.options_behind_image(&line));
    }
}
