//! What lies in the directory, as far as it decides something.

use std::collections::BTreeSet;

/// What a directory has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Project {
    /// What builds it.
    pub(crate) builder: Builder,
    /// Sources at the top: `main.cu`, `help.cpp`. Names without anything that a shell could take for something else.
    pub(crate) sources: Vec<String>,
    /// Directories with sources of CUDA, apart from the top.
    pub(crate) source_directories: Vec<String>,
    /// Whether there is a directory `include`.
    pub(crate) has_include: bool,
    /// What Python needs, in files: `requirements.txt`.
    pub(crate) has_requirements: bool,
    /// Whether it is a Python package: `pyproject.toml` or `setup.py`.
    pub(crate) is_python_package: bool,
    /// The name of its module, as far as `pyproject.toml` tells it.
    pub(crate) python_module: Option<String>,
    /// The Python program: `main.py`, `train.py`.
    pub(crate) python_program: Option<String>,
    /// Names of libraries that the sources include or the build files link: `cublas`.
    pub(crate) libraries: BTreeSet<&'static str>,
}

/// What builds a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Builder {
    /// nvcc itself.
    #[default]
    Nvcc,
    /// A `Makefile`.
    Make(MakeFacts),
    /// A `CMakeLists.txt`.
    Cmake(CmakeFacts),
}

/// What a `Makefile` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct MakeFacts {
    /// The file that it makes: the value of `TARGET`, `PROGRAM`, `BIN` or `EXE`.
    pub(crate) program: Option<String>,
    /// Whether it takes `SMS`, as NVIDIA's samples do.
    pub(crate) takes_sms: bool,
    /// Whether it names architectures itself.
    pub(crate) names_architectures: bool,
}

/// What a `CMakeLists.txt` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CmakeFacts {
    /// The first executable that it adds.
    pub(crate) program: Option<String>,
    /// Whether it says what is installed.
    pub(crate) installs: bool,
    /// Whether it names architectures itself, whatever it is told.
    pub(crate) names_architectures: bool,
}

impl MakeFacts {
    /// Reads a `Makefile`, roughly: what is in variables of variables is not followed.
    pub(crate) fn of(text: &str) -> Self {
        let assigned = |names: &[&str]| {
            text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                let name = name.trim_end_matches([':', '?', '+', ' ', '\t']).trim();
                let value = value.split('#').next().unwrap_or_default().trim();
                (names.contains(&name) && is_plain(value)).then(|| value.to_owned())
            })
        };
        Self {
            program: assigned(&["TARGET", "PROGRAM", "PROG", "BIN", "EXE", "EXECUTABLE"]),
            takes_sms: text.contains("$(SMS)") || text.contains("${SMS}"),
            names_architectures: ["-arch", "-gencode", "--gpu-architecture", "--generate-code"]
                .iter()
                .any(|word| text.contains(word)),
        }
    }
}

impl CmakeFacts {
    /// Reads a `CMakeLists.txt`, roughly.
    pub(crate) fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let argument_of = |command: &str| {
            let at = lower.find(command)? + command.len();
            let rest = text[at..].trim_start().strip_prefix('(')?;
            let word = rest.split_whitespace().next()?.trim_end_matches(')');
            is_plain(word).then(|| word.to_owned())
        };
        Self {
            program: argument_of("add_executable"),
            installs: lower.contains("install(") || lower.contains("install ("),
            names_architectures: lower.contains("set(cmake_cuda_architectures")
                || lower.contains("cuda_architectures \""),
        }
    }
}

/// The module of a package, by the name in its `pyproject.toml`: the two differ by dashes, usually.
pub(crate) fn python_module(text: &str) -> Option<String> {
    let mut is_project = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            is_project = matches!(line, "[project]" | "[tool.poetry]");
        } else if let Some(("name", value)) = line
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|_| is_project)
        {
            let value = value.split('#').next()?.trim();
            let name = value.strip_prefix('"')?.strip_suffix('"')?;
            let is_name = name
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || b"-_.".contains(&one));
            return (is_name && !name.is_empty())
                .then(|| name.to_ascii_lowercase().replace(['-', '.'], "_"));
        }
    }
    None
}

/// Whether a name can stand in a command as it is.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && !name.split('/').any(|part| part == "..")
        && !name.starts_with('/')
        && name
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || b"._-/+".contains(&one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makefiles() {
        let facts = MakeFacts::of("CC = nvcc\nTARGET := bin/saxpy # the program\nall: $(TARGET)\n");
        assert_eq!(facts.program.as_deref(), Some("bin/saxpy"));
        assert!(!facts.takes_sms && !facts.names_architectures);
        let facts = MakeFacts::of(
            "SMS ?= 50\nF = $(foreach sm,$(SMS),-gencode arch=compute_$(sm),code=sm_$(sm))\nEXE = $(shell id)\n",
        );
        assert_eq!(facts.program, None);
        assert!(facts.takes_sms && facts.names_architectures);
    }

    #[test]
    fn cmake() {
        let facts = CmakeFacts::of(
            "project(x CUDA)\nADD_EXECUTABLE (saxpy main.cu)\ninstall(TARGETS saxpy)\n",
        );
        assert_eq!(facts.program.as_deref(), Some("saxpy"));
        assert!(facts.installs && !facts.names_architectures);
        let facts =
            CmakeFacts::of("set(CMAKE_CUDA_ARCHITECTURES 70)\nadd_executable(${NAME} main.cu)\n");
        assert_eq!(facts.program, None);
        assert!(!facts.installs && facts.names_architectures);
    }

    #[test]
    fn modules() {
        let text = "[build-system]\nname = \"no\"\n[project]\nversion = \"1\"\nname = \"My-Package\" # its name\n";
        assert_eq!(python_module(text).as_deref(), Some("my_package"));
        assert_eq!(python_module("[project]\nname = \"a b\"\n"), None);
        assert_eq!(python_module("name = \"x\"\n"), None);
    }

    #[test]
    fn names() {
        for name in ["main.cu", "src/a-b_c.cu", "libstdc++.cu"] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "", "a b.cu", "$(id).cu", "-o", "../x", "/etc/x", "a;b", "ü.cu", "a\nb",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
