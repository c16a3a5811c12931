//! Which GPUs a container gets, and which of them CUDA shows: the same question asked of compose files, dev containers and command lines.

use super::gpu_request::{GpusValue, IdShape};
use super::service::RequestPlace;
use crate::sources::compose::{Count, DeviceRequest, Gpus, Service, Template};
use crate::sources::docker_run::Invocation;

/// A choice of GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// All of them.
    All,
    /// None.
    None,
    /// So many of them, from the first on.
    First(usize),
    /// These.
    These(Vec<String>),
    /// It hangs on a variable, or on something else that is not known.
    Unknown,
}

impl Choice {
    /// What `NVIDIA_VISIBLE_DEVICES` chooses.
    pub fn of_variable(value: &str) -> Self {
        match value.trim() {
            "all" => Self::All,
            "" | "none" | "void" => Self::None,
            value => Self::of_ids(value.split(',')),
        }
    }

    /// What ids choose.
    pub fn of_ids<'i>(ids: impl IntoIterator<Item = &'i str>) -> Self {
        let mut found: Vec<String> = Vec::new();
        for id in ids {
            let id = id.trim();
            match IdShape::of(id) {
                IdShape::Word if id == "all" => return Self::All,
                IdShape::Index | IdShape::Uuid | IdShape::Instance | IdShape::Bus => {
                    found.push(id.to_owned());
                }
                _ => return Self::Unknown,
            }
        }
        found.sort();
        found.dedup();
        if found.is_empty() {
            Self::Unknown
        } else {
            Self::These(found)
        }
    }

    /// What a request of a compose file chooses.
    pub fn of_request(request: &DeviceRequest<'_>) -> Self {
        if let Some((entry, count)) = request.count.filter(|_| request.device_ids.is_none()) {
            return match count {
                Count::All | Count::Number(-1) => Self::All,
                Count::Number(number) => {
                    usize::try_from(number).map_or(Self::Unknown, Self::of_count)
                }
                Count::Variable => {
                    let resolved = entry.value.text().map(|text| Template::of(text).resolved());
                    let known =
                        resolved.filter(|resolved| resolved.is_known && resolved.text == "all");
                    known.map_or(Self::Unknown, |_| Self::All)
                }
                Count::Invalid => Self::Unknown,
            };
        }
        if request.device_ids.is_none() {
            return Self::All;
        }
        Self::of_ids(request.ids.iter().map(|id| id.text().unwrap_or("$")))
    }

    fn of_count(count: usize) -> Self {
        if count == 0 {
            Self::None
        } else {
            Self::First(count)
        }
    }

    /// What `--gpus` chooses.
    pub fn of_gpus(value: &GpusValue) -> Self {
        if value.problem.is_some() || value.is_open {
            return Self::Unknown;
        }
        if !value.ids.is_empty() {
            return Self::of_ids(value.ids.iter().map(String::as_str));
        }
        match value.count {
            Some(-1) => Self::All,
            Some(count) => usize::try_from(count).map_or(Self::Unknown, Self::of_count),
            None => Self::Unknown,
        }
    }

    /// How many GPUs they are, if that is known.
    pub fn number(&self) -> Option<usize> {
        match self {
            Self::First(count) => Some(*count),
            Self::These(ids) => Some(ids.len()),
            _ => None,
        }
    }

    /// Whether it is some of the GPUs and not the others.
    pub fn is_limited(&self) -> bool {
        matches!(self, Self::First(_) | Self::These(_))
    }

    /// How it is told.
    pub fn text(&self) -> String {
        match self {
            Self::All => "all GPUs".to_owned(),
            Self::None => "no GPU".to_owned(),
            Self::First(1) => "the first GPU".to_owned(),
            Self::First(count) => format!("the first {count} GPUs"),
            Self::These(ids) if ids.len() == 1 => format!("GPU {}", ids[0]),
            Self::These(ids) => format!("GPUs {}", ids.join(", ")),
            Self::Unknown => "GPUs".to_owned(),
        }
    }

    /// Whether both are known, and choose other GPUs: an index and a UUID may be the same.
    pub fn contradicts(&self, other: &Self) -> bool {
        let indices = |choice: &Self| match choice {
            Self::First(count) => Some((0..*count).map(|index| index.to_string()).collect()),
            Self::These(ids) if ids.iter().all(|id| IdShape::of(id) == IdShape::Index) => {
                Some(ids.clone())
            }
            _ => None::<Vec<String>>,
        };
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => false,
            (Self::All | Self::None, _) | (_, Self::All | Self::None) => self != other,
            _ => match (indices(self), indices(other)) {
                (Some(one), Some(other)) => one != other,
                _ => false,
            },
        }
    }
}

impl Service<'_> {
    /// What its requests choose; `None`: it has none.
    pub fn choice(&self) -> Option<Choice> {
        if matches!(self.gpus, Some(Gpus::Short(_))) {
            return Some(Choice::All);
        }
        let mut requests = self.gpu_requests();
        let (first, _): (_, RequestPlace) = requests.next()?;
        // Several requests are added up.
        Some(if requests.next().is_some() {
            Choice::Unknown
        } else {
            Choice::of_request(first)
        })
    }
}

impl Invocation<'_> {
    /// What its `--gpus` chooses; `None`: there is none.
    pub fn choice(&self) -> Option<Choice> {
        let value = self.value("gpus")?;
        Some(Choice::of_gpus(&GpusValue::of(&value.text, !value.literal)))
    }

    /// Whether anything in it may bring a GPU, of any maker, in any way.
    pub fn may_have_gpu(&self) -> bool {
        let brings = |name: &str, words: &[&str]| {
            self.options.iter().any(|option| {
                let is_it = option.name == name || option.name.eq_ignore_ascii_case("gpu");
                let value = option.value.as_ref();
                // `-v $HOME:/data` brings none, whatever it holds.
                let is_open = |value: &crate::sources::docker_run::OptionValue| {
                    !value.literal
                        && matches!(name, "device" | "env")
                        && value.text.starts_with('$')
                };
                is_it
                    && value.is_none_or(|value| {
                        is_open(value) || words.iter().any(|word| value.text.contains(word))
                    })
            })
        };
        !self.opaque.is_empty()
            || self.options.iter().any(|option| {
                matches!(
                    option.name.as_str(),
                    "gpus" | "device-cgroup-rule" | "runtime" | "env-file" | "volumes-from"
                ) || !option.is_known
            })
            || brings(
                "device",
                &[
                    "nvidia", "/dev/dri", "/dev/kfd", "/dev/dxg", "nvhost", "amd.com", "gpu",
                ],
            )
            || brings("env", &["NVIDIA_VISIBLE_DEVICES"])
            || brings("mount", &["nvidia", "NVIDIA"])
            || brings(
                "volume",
                &[
                    "/var/run/nvidia-container-devices",
                    "/usr/lib/wsl",
                    "nvidia",
                ],
            )
    }
}

/// What is wrong with a value of `CUDA_VISIBLE_DEVICES`: it takes indices and UUIDs with commas between them, and what comes behind the first
/// thing that is none is not seen.
pub fn cuda_visible_devices_problem(value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.contains('$') {
        return None;
    }
    if value.starts_with(['"', '\'']) {
        return Some("the quotes are part of the value");
    }
    let lower = value.to_ascii_lowercase();
    if lower == "all" {
        return Some("`all` is neither an index nor a UUID");
    }
    let is_range = value.split_once('-').is_some_and(|(from, to)| {
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number(from) && is_number(to)
    });
    let is_slice = value.contains(':')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b':');
    if is_range || is_slice {
        return Some("a range is no list of indices");
    }
    if value.contains([';', ' '])
        && value
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b' '))
    {
        return Some("indices are separated by commas");
    }
    None
}

/// The first index of `CUDA_VISIBLE_DEVICES` that a container with so many GPUs does not have.
pub fn beyond(value: &str, granted: usize) -> Option<usize> {
    let mut indices = value
        .split(',')
        .map_while(|part| part.trim().parse::<usize>().ok());
    indices.find(|index| *index >= granted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices() {
        let these = |ids: &[&str]| Choice::These(ids.iter().map(|id| (*id).to_owned()).collect());
        for (one, other, expected) in [
            (Choice::All, Choice::All, false),
            (Choice::All, these(&["0"]), true),
            (Choice::First(1), these(&["0"]), false),
            (Choice::First(2), these(&["0", "2"]), true),
            (these(&["0"]), these(&["GPU-a"]), false),
            (Choice::None, Choice::First(1), true),
            (Choice::Unknown, Choice::None, false),
        ] {
            assert_eq!(one.contradicts(&other), expected, "{one:?} {other:?}");
        }
        assert_eq!(Choice::of_variable("1,0"), these(&["0", "1"]));
        assert_eq!(Choice::of_variable("$X"), Choice::Unknown);
    }

    #[test]
    fn what_cuda_sees() {
        for (value, expected) in [
            ("0", false),
            ("0,1", false),
            ("-1", false),
            ("", false),
            ("GPU-3a23c669", false),
            ("MIG-1", false),
            ("$GPU", false),
            ("all", true),
            ("0-3", true),
            ("0:3", true),
            ("\"0\"", true),
            ("0 1", true),
        ] {
            assert_eq!(
                cuda_visible_devices_problem(value).is_some(),
                expected,
                "{value}"
            );
        }
        assert_eq!(
            (
                beyond("1", 1),
                beyond("0,1", 2),
                beyond("GPU-1", 1),
                beyond("0,3", 2)
            ),
            (Some(1), None, None, Some(3))
        );
    }
}
