//! The options of `docker run` and `podman run`, and those that `liftgate run` adds.
//!
//! The table and how it is read are the linter's, which looks for the same image in other people's command lines. This file needs
//! nothing else: it is also built into a fuzz target.

pub(crate) use liftgate_lint::sources::docker_run::flags::{
    DOCKER, FlagError, Flags, PODMAN, Parsed, RUN,
};

/// What `liftgate run` adds.
pub(crate) const OWN: &str = "engine= dry-run no-check";

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn our_own_stand_among_the_engines() {
        let words: Vec<OsString> = "--gpus 0,1 --engine podman --dry-run -it IMAGE -x"
            .split(' ')
            .map(OsString::from)
            .collect();
        let parsed = Flags::of(&[RUN, OWN]).parse(&words).unwrap();
        let names: Vec<_> = parsed.given.iter().map(|given| &*given.name).collect();
        assert_eq!(names, ["gpus", "engine", "dry-run", "interactive", "tty"]);
        assert_eq!(words[parsed.operands], "IMAGE");
        assert_eq!(Flags::overlaps(&[RUN, OWN, PODMAN]), Vec::<String>::new());
    }
}
