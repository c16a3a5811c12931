//! What each form of an instruction reads as.

use liftgate_dockerfile::{Body, Command, Dockerfile, Instruction, Kind, parse};

fn one(text: &str) -> (Dockerfile<'_>, Instruction) {
    let file = parse(text);
    let first = file.instructions().next().unwrap().clone();
    (file, first)
}

#[test]
fn a_file_is_read_item_by_item() {
    let text = "# syntax=docker/dockerfile:1\n\nFROM --platform=linux/amd64 nvidia/cuda:12.8.1-devel-ubuntu22.04 AS build\nRUN a \\\n # no\n\n  && b <<EOF\nx\nEOF\nCOPY --from=build /a \"/b\" \nENV A=1 B=\"x y\"\nenv C d  e\n";
    let file = parse(text);
    assert!(file.errors.is_empty(), "{:?}", file.errors);
    let texts: String = file.items.iter().map(|item| item.span().of(text)).collect();
    assert_eq!(texts, text);
    let run = file.instructions().nth(1).unwrap();
    assert_eq!(run.kind, Kind::Run);
    let Body::Command(Command::Shell(shell)) = &run.body else {
        panic!("{run:?}");
    };
    assert_eq!(shell.text(), "a   && b <<EOF\nx\nEOF");
    let (_, from) = one("from a as b\n");
    assert!(matches!(from.body, Body::From { .. }));
}
