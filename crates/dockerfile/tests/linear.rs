//! Time is linear in what is read, whatever it is: sixteen times the text takes less than sixty times the
//! processor's time. Quadratic time would be 256 times.

use std::time::Duration;

use liftgate_dockerfile::{Body, expand, parse, shell};
use rustix::time::{ClockId, clock_gettime};

const SMALL: usize = 1 << 13;
const FACTOR: usize = 16;

/// Reads a text as a file, its commands as scripts, and expands its values.
fn file(text: &str) {
    let file = parse(text);
    for instruction in file.instructions() {
        match &instruction.body {
            Body::Command(liftgate_dockerfile::Command::Shell(shell)) => {
                shell::parse_joined(shell);
            }
            Body::Pairs(pairs) => {
                for pair in pairs {
                    expand(&pair.value.value, |_| Some("x*y".repeat(20)));
                }
            }
            _ => {}
        }
    }
}

fn script(text: &str) {
    for command in shell::parse(text).all() {
        command.program();
    }
}

/// The time that this thread has had.
fn now() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime)
        .try_into()
        .expect("it is after the beginning")
}

/// The least of some tries: others use the machine and its caches, too.
fn time(read: fn(&str), text: &str) -> Duration {
    let tries = (0..3).map(|_| {
        let start = now();
        read(text);
        now().saturating_sub(start)
    });
    tries.min().unwrap_or_default()
}

fn check(read: fn(&str), before: &str, unit: &str, behind: &str) {
    let text = |size: usize| format!("{before}{}{behind}", unit.repeat(size / unit.len()));
    let (small, large) = (text(SMALL), text(SMALL * FACTOR));
    // What is too short to measure counts as a millisecond.
    let least = time(read, &small).max(Duration::from_millis(1));
    let most = time(read, &large);
    assert!(
        most < least * 60,
        "{before:?} {unit:?} {behind:?}: {least:?}, then {most:?}"
    );
}

#[test]
fn files_are_read_in_linear_time() {
    for (before, unit, behind) in [
        ("RUN ", "a", ""),
        ("RUN a", " ", "b"),
        ("RUN ", "a \\\n", ""),
        ("ENV ", "a=b \\\n", ""),
        ("RUN a \\\n", "#\n", ""),
        ("RUN a \\\n", "\n", ""),
        ("", "RUN a\n", ""),
        ("", "x\n", ""),
        ("RUN ", "<<a ", "\n"),
        ("", "RUN <<a\na\n", ""),
        ("RUN <<-a\n", "\tx\n", "a\n"),
        ("RUN ", "<", ""),
        ("ENV A=", "\"", ""),
        ("ENV A=", "${", ""),
        ("ENV A=", "${A:-", ""),
        ("ENV A=", "$A", ""),
        ("ENV A=", "\\", "$B"),
        ("ENV A=", "\\$", ""),
        ("ENV A=", "\"$A\"b", ""),
        ("ENV A=${B#", "*", "}"),
        ("ENV ", "a=b ", ""),
        ("RUN << ", "${A:-<<b ", ""),
        ("RUN ", "--mount=a ", ""),
        ("RUN [", "\"a\",", "\"b\"]"),
        ("RUN ", "[", ""),
        ("COPY [", "[{\"a\":", ""),
        ("", "ONBUILD ", ""),
        ("COPY ", "<<b ", "/x\n"),
        ("RUN ", "\r", ""),
        ("", "# syntax=x\n", ""),
    ] {
        check(file, before, unit, behind);
    }
    let heredocs = |size: usize| format!("RUN {}\n{}", "<<a ".repeat(size), "a\n".repeat(size));
    let least = time(file, &heredocs(1 << 11)).max(Duration::from_millis(1));
    assert!(time(file, &heredocs(1 << 15)) < least * 60);
}

#[test]
fn scripts_are_read_in_linear_time() {
    for (before, unit, behind) in [
        ("", "a ", ""),
        ("", "a;", ""),
        ("", "$(", ""),
        ("x", "$(a)", ""),
        ("", "$((", ""),
        ("", "$((1)) $((", ""),
        ("", "$((a);b) ", ""),
        ("", "((a);b);", ""),
        ("", "(", ""),
        ("", "'", ""),
        ("", "\"$(", ""),
        ("", "`", ""),
        ("`", "\\`", "`"),
        ("", "`a \\`b\\`` ", ""),
        ("", "${a:-", ""),
        ("x ", "<<a ", "\n"),
        ("cat <<x\n", "$(a) ", "\nx\n"),
        ("cat <<x\n", "$( ", "\nx\n"),
        ("", "cat <<x\n$(a\nx\n", ""),
        ("", "if ", ""),
        ("case x in ", "a|", "b) c;; esac"),
        ("", "for x in ", ""),
        ("", "f()", ""),
        ("", "[[ ", ""),
        ("", "time ", ""),
        ("", "time (", ""),
        ("", "sudo ", ""),
        ("", "sh -c ", ""),
        ("", "sh -c \"sh -c \\\"a\\\"\";", ""),
        ("", "a[", ""),
        ("", "a=(", ""),
        ("$'", "\\x41", "'"),
        ("", "<(", ""),
        ("", "\\\n", ""),
    ] {
        check(script, before, unit, behind);
    }
}
