//! The names in a request, sorted by who answers for them: the planner, or the CDI specifications of this
//! machine.
//!
//! `nvidia.com/gpu=0` is a device of a specification; `runtime.nvidia.com/gpu=0` and a bare `0` are made up
//! on the spot. The reference refuses a list that holds both kinds. Nothing is ambiguous about it: each name
//! is served by its own rule.

use crate::refusal::{Code, Refusal};
use crate::request::{Devices, shortened};
use liftgate_cdi::QualifiedName;
use liftgate_config::Mode;
use std::collections::BTreeSet;

/// The vendor and class of devices made up on the spot; what follows is an id.
pub(crate) const JUST_IN_TIME: &str = "runtime.nvidia.com/gpu=";

/// The names of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Names {
    /// `void`: whoever wrote it has seen to the GPUs, or wants none.
    Void,
    /// Devices of the planner, and devices of specifications, each once and in order.
    These {
        devices: Devices,
        specified: Vec<String>,
    },
}

impl Names {
    /// Sorts `ids`. In mode `cdi` a bare name is one of `default_kind`.
    pub(crate) fn sort(ids: &[String], mode: Mode, default_kind: &str) -> Result<Self, Refusal> {
        if ids.iter().any(|id| is(id, "void")) {
            return Ok(Self::Void);
        }
        let mut seen = BTreeSet::new();
        let (mut own, mut specified) = (Vec::new(), Vec::new());
        // A set, because an image may name a million ids.
        for id in ids.iter().filter(|id| seen.insert(id.as_str())) {
            if id.starts_with(JUST_IN_TIME) {
                own.push(id.clone());
            } else if id.contains('=') {
                specified.push(qualified(id)?);
            } else if mode == Mode::Cdi && !is(id, "none") {
                specified.push(qualified(&format!("{default_kind}={id}"))?);
            } else {
                own.push(id.clone());
            }
        }
        // The first of `all` and `none` that stands in the list decides.
        let special = own.iter().find_map(|id| {
            let bare = id.strip_prefix(JUST_IN_TIME).unwrap_or(id);
            if is(bare, "all") {
                Some(Devices::All)
            } else if is(bare, "none") {
                Some(Devices::None)
            } else {
                None
            }
        });
        let devices = match special {
            Some(special) => special,
            None if own.is_empty() => Devices::Unasked,
            None => Devices::Ids(own),
        };
        Ok(Self::These { devices, specified })
    }
}

fn is(id: &str, word: &str) -> bool {
    id.eq_ignore_ascii_case(word)
}

/// A name of a device of a specification, checked. (The reference ends in a panic over `a/bb=c`.)
fn qualified(id: &str) -> Result<String, Refusal> {
    match id.parse::<QualifiedName>() {
        Ok(_) => Ok(id.to_owned()),
        Err(error) => Err(Refusal::new(
            Code::CdiNameMalformed,
            format!("`{}` is not the name of a CDI device", shortened(id)),
            "a CDI device is named VENDOR/CLASS=NAME, as in nvidia.com/gpu=0; `liftgate cdi list` shows what there is",
        )
        .because(shortened(&error.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(text: &str, mode: Mode) -> Result<(Devices, Vec<String>), Code> {
        let ids: Vec<String> = text.split(',').map(str::to_owned).collect();
        match Names::sort(&ids, mode, "nvidia.com/gpu") {
            Ok(Names::These { devices, specified }) => Ok((devices, specified)),
            Ok(Names::Void) => Ok((Devices::Unasked, Vec::new())),
            Err(refusal) => Err(refusal.code),
        }
    }

    fn ids(ids: &[&str]) -> Devices {
        Devices::Ids(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn each_name_by_its_own_rule() {
        let auto = |text| sort(text, Mode::Auto);
        assert_eq!(auto("0,1,0"), Ok((ids(&["0", "1"]), vec![])));
        assert_eq!(
            auto("nvidia.com/gpu=0,nvidia.com/gpu=0"),
            Ok((Devices::Unasked, vec!["nvidia.com/gpu=0".to_owned()]))
        );
        assert_eq!(
            auto("1,acme.com/net=eth0"),
            Ok((ids(&["1"]), vec!["acme.com/net=eth0".to_owned()]))
        );
        assert_eq!(
            auto("runtime.nvidia.com/gpu=all,acme.com/net=eth0").map(|(devices, _)| devices),
            Ok(Devices::All)
        );
        assert_eq!(auto("0,all"), Ok((Devices::All, vec![])));
        assert_eq!(auto("0,none,all"), Ok((Devices::None, vec![])));
        assert_eq!(auto("0,void"), Ok((Devices::Unasked, vec![])));
        for malformed in ["a/bb=c", "aa/b=c", "nvidia.com/gpu=", "=x", "x=1", "a=b=c"] {
            assert_eq!(auto(malformed), Err(Code::CdiNameMalformed), "{malformed}");
        }
    }

    #[test]
    fn in_mode_cdi_a_bare_name_is_of_the_default_kind() {
        let cdi = |text| sort(text, Mode::Cdi);
        assert_eq!(
            cdi("0,all"),
            Ok((
                Devices::Unasked,
                vec![
                    "nvidia.com/gpu=0".to_owned(),
                    "nvidia.com/gpu=all".to_owned()
                ]
            ))
        );
        // The reference looks for a device called `none` and refuses.
        assert_eq!(cdi("none"), Ok((Devices::None, vec![])));
        assert_eq!(
            cdi("runtime.nvidia.com/gpu=0"),
            Ok((ids(&["runtime.nvidia.com/gpu=0"]), vec![]))
        );
    }
}
