//! The command line of `liftgate run`: our own options anywhere before IMAGE, among those of the engine, which are passed on as they
//! are.

use super::flags::{FlagError, Flags, Parsed};
use std::ffi::{OsStr, OsString};

/// Names of options that are ours, and not passed on.
const OURS: [&str; 4] = ["gpus", "engine", "dry-run", "no-check"];

/// A command line, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandLine {
    pub(super) options: Parsed,
    words: Vec<OsString>,
}

impl CommandLine {
    pub(super) fn parse(words: &[OsString], flags: &Flags) -> Result<Self, FlagError> {
        Ok(Self {
            options: flags.parse(words)?,
            words: words.to_vec(),
        })
    }

    /// The image; none, where the words end before it.
    pub(super) fn image(&self) -> Option<&OsStr> {
        self.words
            .get(self.options.operands)
            .map(OsString::as_os_str)
    }

    /// The words that the engine gets, but for those that are to be added.
    pub(super) fn passed_on(&self) -> impl Iterator<Item = &OsString> {
        let mut are_ours = vec![false; self.words.len()];
        let given = self.options.given.iter();
        for ours in given.filter(|given| OURS.contains(&&*given.name)) {
            are_ours[ours.words.clone()].fill(true);
        }
        let words = self.words.iter().zip(are_ours);
        words.filter(|(_, is_ours)| !is_ours).map(|(word, _)| word)
    }
}

/// The first option by which the user sees to GPUs without us, if there is one.
pub(crate) fn own_gpu_option(options: &Parsed) -> Option<String> {
    if options.values("runtime").next().is_some() {
        return Some("--runtime".to_owned());
    }
    let is_gpu = |device: &&str| device.starts_with("nvidia.com/");
    let device = options.values("device").find(is_gpu)?;
    Some(format!("--device {device}"))
}

#[cfg(test)]
mod tests {
    use super::super::flags::{OWN, PODMAN, RUN};
    use super::*;
    use crate::shell;

    fn parse(line: &str) -> CommandLine {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        CommandLine::parse(&words, &Flags::of(&[RUN, OWN, PODMAN])).unwrap()
    }

    #[test]
    #[rustfmt::skip]
    fn ours_are_taken_out() {
        for (line, passed_on) in [
            ("IMAGE", "IMAGE"),
            ("--gpus 0,1 --rm -it -v a:b IMAGE cmd --gpus x", "--rm -it -v a:b IMAGE cmd --gpus x"),
            ("--rm --gpus=0 --dry-run -it --engine podman --no-check IMAGE --dry-run", "--rm -it IMAGE --dry-run"),
            ("--name --gpus IMAGE", "--name --gpus IMAGE"),
            ("--rm -- IMAGE -it", "--rm -- IMAGE -it"),
        ] {
            let line = parse(line);
            assert_eq!(shell::line(line.passed_on()), passed_on);
            assert_eq!(line.image(), Some(OsStr::new("IMAGE")));
        }
        assert_eq!(parse("--rm").image(), None);
    }

    #[test]
    #[rustfmt::skip]
    fn who_sees_to_gpus_himself() {
        for (line, option) in [
            ("--runtime=nvidia IMAGE", Some("--runtime")),
            ("--device nvidia.com/gpu=all IMAGE", Some("--device nvidia.com/gpu=all")),
            ("--device /dev/fuse --device=nvidia.com/gpu=0 IMAGE", Some("--device nvidia.com/gpu=0")),
            ("--device /dev/nvidia0 IMAGE --runtime x", None),
        ] {
            assert_eq!(own_gpu_option(&parse(line).options).as_deref(), option);
        }
    }
}
