//! What was typed at a terminal: the lines behind a prompt, and those that continue them.

use liftgate_dockerfile::Span;

/// The longest prompt: `(venv) user@machine:~/a/long/path$ `.
const LONGEST: usize = 80;

/// Whether a label says that there is output, too, and so a `#` may be root's prompt.
pub(super) fn is_session(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    ["console", "session", "terminal"]
        .iter()
        .any(|word| label.contains(word))
        || label.is_empty()
}

/// The typed parts of the lines. `None`: there is no prompt in them, and all of them are a script.
pub(super) fn typed(text: &str, lines: &[Span], is_session: bool) -> Option<Vec<Span>> {
    let length = |line: &Span| prompt(line.of(text));
    let is_user = lines.iter().any(|line| length(line).is_some());
    let root = |line: &Span| {
        let rest = line.of(text).strip_prefix("# ")?;
        let word = rest.split_whitespace().next().unwrap_or_default();
        is_program(word).then_some(2)
    };
    // A comment is one, unless what stands behind the sign is a command and nothing else is.
    let is_command = |line: &Span| {
        let word = line.of(text).split_whitespace().next().unwrap_or_default();
        is_program(word)
    };
    let is_root = !is_user
        && is_session
        && lines.iter().any(|line| root(line).is_some())
        && !lines.iter().any(is_command);
    if !is_user && !is_root {
        return None;
    }
    let mut found = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let content = line.of(text);
        let offset = match if is_root { root(line) } else { prompt(content) } {
            Some(offset) => offset,
            // The shell's own prompt for a line that goes on.
            None if goes_on && content.starts_with("> ") => 2,
            None if goes_on => 0,
            None => continue,
        };
        found.push(Span::new(line.start + offset, line.end));
        goes_on = content.trim_end_matches(['\n', '\r']).ends_with('\\');
    }
    Some(found)
}

/// The length of the prompt that a line begins with: `$ `, `% `, `❯ `, `user@host:~$ `, `root@0123:/# `, `(venv) $ `.
fn prompt(line: &str) -> Option<usize> {
    let mut head = line.len().min(LONGEST);
    while !line.is_char_boundary(head) {
        head -= 1;
    }
    let head = &line[..head];
    for sign in ["$ ", "# ", "% ", "❯ ", "➜ "] {
        let Some(at) = head.find(sign) else { continue };
        let before = head[..at].trim_end();
        let is_hash = sign == "# ";
        let is_bare = before.is_empty() && !is_hash;
        // `(base)`, `[user@host dir]`, `user@host:~/dir`, `bash-5.1`.
        let is_name =
            |word: &str| word.contains('@') || word.starts_with("bash-") || word.starts_with("sh-");
        let is_environment = |word: &str| word.starts_with('(') && word.ends_with(')');
        let mut words = before.split_whitespace();
        let is_prompt = !before.is_empty()
            && match words.next() {
                Some(word) if is_environment(word) => match words.next() {
                    None => !is_hash,
                    Some(word) => is_name(word) && words.count() < 2,
                },
                Some(word) => is_name(word) && words.count() < 2,
                None => false,
            };
        if is_bare || is_prompt {
            return Some(at + sign.len());
        }
    }
    // An empty prompt at the end of a session.
    (line.trim_end() == "$").then(|| line.trim_end_matches(['\n', '\r']).len())
}

/// Whether a word is one that commands of such texts begin with.
pub(super) fn is_program(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let known = [
        "apk",
        "apt",
        "apt-get",
        "bash",
        "cat",
        "cd",
        "chmod",
        "conda",
        "cp",
        "curl",
        "dnf",
        "docker",
        "docker-compose",
        "echo",
        "exec",
        "export",
        "git",
        "helm",
        "kubectl",
        "ldconfig",
        "ls",
        "make",
        "mkdir",
        "mv",
        "nerdctl",
        "nvcc",
        "nvidia-ctk",
        "nvidia-docker",
        "nvidia-smi",
        "pip",
        "pip3",
        "podman",
        "podman-compose",
        "python",
        "python3",
        "rm",
        "sh",
        "source",
        "sudo",
        "systemctl",
        "uv",
        "wget",
        "yum",
        "zypper",
    ];
    known.contains(&name) || word.starts_with("./")
}
