//! Which program a command runs, behind the programs that only run others.

use super::syntax::{Script, ShellCommand, ShellWord};

/// A program that runs another, and which of its words are its own.
struct Wrapper {
    name: &'static str,
    /// Short options that take a word.
    short: &'static str,
    /// Long options that take a word.
    long: &'static [&'static str],
    /// How many words stand between its options and the program.
    operands: usize,
    /// Whether `NAME=value` may stand before the program.
    assignments: bool,
    /// Options with which it runs nothing.
    unless: &'static [&'static str],
}

impl Wrapper {
    const fn new(name: &'static str, short: &'static str) -> Self {
        Self {
            name,
            short,
            long: &[],
            operands: 0,
            assignments: false,
            unless: &[],
        }
    }
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        long: &["--user", "--group", "--chdir", "--host", "--prompt"],
        assignments: true,
        unless: &["-l", "-v", "-e", "-s", "-i"],
        ..Wrapper::new("sudo", "ughpCcDRrtTU")
    },
    Wrapper::new("doas", "uC"),
    Wrapper {
        long: &["--unset", "--chdir"],
        assignments: true,
        unless: &["-S", "--split-string"],
        ..Wrapper::new("env", "uC")
    },
    Wrapper::new("exec", "a"),
    Wrapper {
        unless: &["-v", "-V"],
        ..Wrapper::new("command", "")
    },
    Wrapper::new("builtin", ""),
    Wrapper {
        long: &["--format", "--output"],
        ..Wrapper::new("time", "fo")
    },
    Wrapper {
        long: &["--adjustment"],
        ..Wrapper::new("nice", "n")
    },
    Wrapper {
        long: &["--class", "--classdata"],
        unless: &["-p"],
        ..Wrapper::new("ionice", "cn")
    },
    Wrapper::new("nohup", ""),
    Wrapper::new("setsid", ""),
    Wrapper {
        long: &["--signal", "--kill-after"],
        operands: 1,
        ..Wrapper::new("timeout", "sk")
    },
    Wrapper {
        long: &["--input", "--output", "--error"],
        ..Wrapper::new("stdbuf", "ioe")
    },
    Wrapper {
        operands: 1,
        ..Wrapper::new("gosu", "")
    },
    Wrapper {
        operands: 1,
        ..Wrapper::new("su-exec", "")
    },
    Wrapper::new("tini", "pe"),
    Wrapper::new("dumb-init", "r"),
    Wrapper::new("catchsegv", ""),
    Wrapper {
        long: &["--max-args", "--max-procs", "--arg-file", "--delimiter"],
        ..Wrapper::new("xargs", "nPILdasE")
    },
];

impl ShellCommand {
    /// The name of the program that it runs, without its directory, behind `sudo`, `env A=b`, `exec`, `xargs` and other
    /// programs that run a program. None where that is not known, or nothing runs.
    pub fn program(&self) -> Option<&str> {
        let word = self.words.get(self.place()?)?;
        word.literal.then(|| name(word))
    }

    /// The words behind [`Self::program`]. Behind `xargs` there are more than these, see [`Self::is_extended`].
    pub fn arguments(&self) -> &[ShellWord] {
        let place = self.place().unwrap_or(self.words.len());
        self.words.get(place + 1..).unwrap_or_default()
    }

    /// Whether the program gets more arguments than are written here, from `xargs`.
    pub fn is_extended(&self) -> bool {
        let place = self.place().unwrap_or_default();
        self.words
            .iter()
            .take(place)
            .any(|word| word.literal && name(word) == "xargs")
    }

    /// Where the program stands among the words.
    pub fn place(&self) -> Option<usize> {
        let mut at = 0;
        loop {
            let word = self.words.get(at)?;
            let wrapper = word.literal.then(|| name(word)).and_then(wrapper);
            let Some(wrapper) = wrapper else {
                return Some(at);
            };
            match wrapper.behind(&self.words, at + 1) {
                Behind::Program(program) => at = program,
                // `env` alone is a program, too.
                Behind::Nothing => return Some(at),
                Behind::Unknown => return None,
            }
        }
    }

    /// The word that a shell reads as a script: `sh -c '…'`.
    pub(super) fn script_word(&self) -> Option<ShellWord> {
        let mut words = self.arguments().iter();
        match self.program()? {
            "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" => {}
            "busybox" if words.next()?.value == "sh" => {}
            _ => return None,
        }
        let mut command = false;
        while let Some(word) = words.next() {
            let value = word.value.as_str();
            if let Some(long) = value.strip_prefix("--") {
                if matches!(long, "rcfile" | "init-file") {
                    words.next();
                }
                continue;
            }
            match value.strip_prefix(['-', '+']) {
                Some(options) if !options.is_empty() => {
                    command |= options.contains('c') && value.starts_with('-');
                    if options.ends_with(['o', 'O']) {
                        words.next();
                    }
                }
                _ => return command.then(|| word.clone()),
            }
        }
        None
    }
}

/// What stands behind a wrapper.
enum Behind {
    Program(usize),
    Nothing,
    Unknown,
}

impl Wrapper {
    fn behind(&self, words: &[ShellWord], from: usize) -> Behind {
        let mut at = from;
        let mut operands = self.operands;
        let mut options = true;
        while let Some(word) = words.get(at) {
            let value = word.value.as_str();
            at += 1;
            if !word.literal {
                // It may be anything: an option, the program, or nothing. An operand it may be, too.
                if operands > 0 && !value.starts_with('-') {
                    operands -= 1;
                    continue;
                }
                if self.assignments && is_assignment(value) {
                    continue;
                }
                if value.starts_with(['$', '`']) {
                    return Behind::Unknown;
                }
                return Behind::Program(at - 1);
            }
            if options && value == "--" {
                options = false;
            } else if options && value.len() > 1 && value.starts_with('-') {
                if self.unless.contains(&value) {
                    return Behind::Nothing;
                }
                at += usize::from(self.takes_word(value));
            } else if self.assignments && is_assignment(value) {
            } else if operands > 0 {
                operands -= 1;
                options = false;
            } else {
                return Behind::Program(at - 1);
            }
        }
        Behind::Nothing
    }

    /// Whether an option's value is the next word.
    fn takes_word(&self, option: &str) -> bool {
        if option.starts_with("--") {
            return self.long.contains(&option);
        }
        let mut letters = option.chars().skip(1);
        let taking = letters.find(|&letter| self.short.contains(letter));
        taking.is_some() && letters.next().is_none()
    }
}

fn wrapper(name: &str) -> Option<&'static Wrapper> {
    WRAPPERS.iter().find(|wrapper| wrapper.name == name)
}

/// A program's name without its directory.
fn name(word: &ShellWord) -> &str {
    let value = word.value.as_str();
    value.rsplit('/').next().unwrap_or(value)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let mut characters = name.chars();
        characters
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

impl Script {
    /// All commands, those in nested scripts (`sh -c '…'`) too, each behind the command that it is written in.
    pub fn all(&self) -> Vec<&ShellCommand> {
        let mut all = Vec::with_capacity(self.commands.len());
        let mut open = vec![self.commands.iter()];
        while let Some(commands) = open.last_mut() {
            let Some(command) = commands.next() else {
                open.pop();
                continue;
            };
            all.push(command);
            open.extend(command.script.iter().map(|script| script.commands.iter()));
        }
        all
    }
}
