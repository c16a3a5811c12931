//! Which word of a command is the program, and which words a shell may make options of.

use liftgate_dockerfile::shell::ShellWord;

/// The program that runs in the end, and whether it runs as root for that: `sudo -u x env A=b docker` is `docker`.
pub(super) fn find(words: &[ShellWord]) -> Option<(usize, bool)> {
    let mut as_root = false;
    let mut at = 0;
    loop {
        let word = words.get(at)?;
        // Options of the wrapper that have a value behind them.
        let values = match word.value.rsplit('/').next()? {
            "sudo" | "doas" => {
                as_root = true;
                "ugpCcRTDrt"
            }
            "env" => "uCS",
            "nice" => "n",
            "timeout" => "ks",
            "time" | "nohup" | "exec" | "command" | "builtin" | "setsid" | "winpty" | "!" => "",
            _ => return Some((at, as_root)),
        };
        let is_timeout = word.value.ends_with("timeout");
        at += 1;
        while let Some(option) = words.get(at) {
            let text = option.value.as_str();
            let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
            if let Some(letters) = letters {
                let takes_next =
                    letters.ends_with(|sign| values.contains(sign)) && !values.is_empty();
                at += 1 + usize::from(takes_next);
            } else if text.starts_with("--") || is_assignment(text) {
                at += 1;
            } else {
                break;
            }
        }
        at += usize::from(is_timeout);
    }
}

fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        !name.is_empty() && name.chars().all(is_name)
    })
}

/// Whether a shell may make any number of options of a word that stands where options do.
///
/// `$OPTIONS` may be that and `$IMAGE` may not, and nothing but the name tells them apart, and what follows: an image is followed
/// by no option of the engine that begins with two dashes, and by something else or nothing.
pub(super) fn may_be_options(words: &[ShellWord], at: usize) -> bool {
    let Some(word) = words.get(at).filter(|word| !word.literal) else {
        return false;
    };
    let value = word.value.as_str();
    let is_all = ["$@", "$*", "${@}", "${*}"].contains(&value)
        || (value.starts_with("${") && (value.ends_with("[@]}") || value.ends_with("[*]}")));
    if is_all {
        return true;
    }
    if word.quoted {
        return false;
    }
    let is_expansion = value.starts_with('$') || value.starts_with('`');
    let is_one = is_expansion && !value.contains([':', '/']) || value.starts_with("$(");
    if !is_one {
        return false;
    }
    let upper = value.to_ascii_uppercase();
    let has = |names: &[&str]| names.iter().any(|name| upper.contains(name));
    if has(&["IMAGE", "IMG", "TAG", "CONTAINER"]) && !has(&["OPT", "ARG", "FLAG"]) {
        return false;
    }
    if has(&[
        "OPT", "ARG", "FLAG", "PARAM", "GPU", "RUNTIME", "MOUNT", "VOLUME", "DEVICE", "EXTRA",
    ]) {
        return true;
    }
    let next = words.get(at + 1).map_or("", |word| word.value.as_str());
    value.starts_with("$(") || value.starts_with('`') || next.starts_with('-')
}
