//! Which commands a script has.

use std::fmt::Write;

use liftgate_dockerfile::shell::{Script, ShellCommand, parse};

/// The words of each command, a line a command.
fn commands(text: &str) -> String {
    fn line(command: &ShellCommand) -> String {
        let words: Vec<_> = command
            .words
            .iter()
            .map(|word| word.value.as_str())
            .collect();
        let conditional = if command.conditional { "?" } else { "" };
        format!(
            "{}{conditional}{:?} {}",
            command.depth,
            command.connector,
            words.join("|")
        )
    }
    let script: Script = parse(text);
    let mut lines: Vec<_> = script.all().into_iter().map(line).collect();
    lines.extend(
        script
            .opaque
            .map(|span| format!("opaque {}", span.of(text))),
    );
    lines.join("\n")
}

#[test]
fn each_form_gives_its_commands() {
    let mut all = String::new();
    for text in [
        "set -ex; apt-get update && apt-get install -y \"a b\" c\\ d 'e' $F || true",
        "if [ -f x ]; then a; elif b; then c; else d; fi && e",
        "for i in a $(ls b) `c d`; do echo $i | tee \"$(dirname $x)/y\" > /dev/null 2>&1; done",
        "case $x in a|b*) y;; (c) z ;; *) w; esac; v",
        "f() { a; }; function g { b; }\nf",
        "(cd /x && make -j$(nproc)) | tee log",
        "[[ $a == b* && ( -f c || $d =~ ^(x|y)$ ) ]] && e",
        "bash -c 'echo \"$(date)\" && nvcc -o x y.cu'",
        "cat <<EOF > f && g\nline $(h)\nEOF\ni",
        "! time -p a; time { b; }; A=1 B=(x y) C+=z cmd; export D=e F=(g)",
        "echo $((1 + 2)) $(( $(nproc) / 2 )) $((a); b) ${A:-$(x)} \"${B:-it's}\"",
        "a `b \\`c\\` d` e",
        "while read -r l; do x; done < f",
        "echo 'unclosed",
        "a # comment ' \nb",
        "cat <<A <<'B'\n$(x)\nA\n$(y)\nB\nz",
    ] {
        writeln!(all, "=== {text}\n{}", commands(text)).unwrap();
    }
    insta::assert_snapshot!(all);
}
