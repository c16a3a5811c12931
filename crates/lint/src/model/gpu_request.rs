//! Requests for GPUs, as Docker reads them: capabilities, drivers, the ids of devices, the value of `--gpus`.
//!
//! The value of `--gpus` is a line of CSV (docker/cli, opts/gpus.go). What is in no `key=value` is a count, and of several counts the last one
//! stays. So `device=0,1` is the device 0 and a count of one, which dockerd refuses (`cannot set both Count and DeviceIDs on device request`), but
//! `device=1,0` is the device 1 and a count of none, which it takes. What the command line says to the others was tried with Docker 28.5.

/// What dockerd's driver for NVIDIA's GPUs takes for capabilities (moby, `daemon/nvidia_linux.go`). A request without a driver is given to the first
/// driver that has all of its capabilities; there is none for any other word: `could not select device driver "" with capabilities: [[gpu cuda]]`.
pub const REQUEST_CAPABILITIES: &[&str] = &[
    "gpu", "nvidia", "compute", "compat32", "graphics", "utility", "video", "display",
];

/// The drivers that dockerd may have.
pub const REQUEST_DRIVERS: &[&str] = &[
    "nvidia",
    "nvidia.cdi",
    "nvidia.runtime-hook",
    "cdi",
    "amd",
    "amd.cdi",
];

/// The capabilities among these words that are parts of the driver. If there is one, dockerd sets `NVIDIA_DRIVER_CAPABILITIES` to
/// them and nothing else.
pub fn driver_parts<'w>(words: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
    let is_part =
        |word: &&str| REQUEST_CAPABILITIES.contains(word) && !matches!(*word, "gpu" | "nvidia");
    words.into_iter().filter(is_part).collect()
}

/// What the id of a device looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdShape {
    /// A number.
    Index,
    /// `GPU-…` or `MIG-…`.
    Uuid,
    /// `0:1`: an instance of a GPU.
    Instance,
    /// `0000:65:00.0`: a place on the bus, which the hook knows and CDI does not.
    Bus,
    /// `all`, `none`, `void`.
    Word,
    /// `nvidia.com/gpu=0`.
    Cdi,
    /// Several of them, with commas.
    Several,
    /// Something with a variable, or a word that is to be replaced.
    Open,
    /// Nothing of that.
    Other,
}

impl IdShape {
    /// What a text looks like.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_hex =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_without_dollar = text.starts_with('{') && text.contains(":-");
        if text.contains(['$', '<', '>', '`'])
            || (text.contains(['{', '}']) && !is_without_dollar)
            || text.contains("...")
            || text.contains("xxx")
        {
            return Self::Open;
        }
        if text.contains(',') {
            return Self::Several;
        }
        if text.contains('/') && text.contains('=') {
            return Self::Cdi;
        }
        let parts: Vec<&str> = text.split(':').collect();
        match parts.as_slice() {
            [one] if is_number(one) => Self::Index,
            [one] if one.starts_with("GPU-") || one.starts_with("MIG-") => Self::Uuid,
            [one] if ["all", "none", "void"].contains(one) => Self::Word,
            [gpu, instance] if is_number(gpu) && is_number(instance) => Self::Instance,
            [.., bus, slot] if is_hex(bus) && slot.contains('.') => Self::Bus,
            _ => Self::Other,
        }
    }
}

/// The value of `--gpus`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GpusValue {
    /// How many; `-1` is all of them.
    pub count: Option<i64>,
    /// Which.
    pub ids: Vec<String>,
    /// `capabilities`.
    pub capabilities: Vec<String>,
    /// `driver`.
    pub driver: Option<String>,
    /// What is wrong, the worst first.
    pub problem: Option<GpusProblem>,
    /// Whether a variable hides a part of it.
    pub is_open: bool,
}

/// What is wrong with the value of `--gpus`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpusProblem {
    /// Quotes in it that CSV does not take there.
    Quotes,
    /// Something that should be a number.
    Count(String),
    /// A key that there is not.
    Key(String),
    /// The same thing twice.
    Twice(String),
    /// A list of devices without quotes of its own: what is behind the comma is a count.
    CountAndDevices,
    /// Likewise, with a count of none: the last device is dropped.
    DroppedDevice,
    /// A list of counts, of which the last one stays.
    SeveralCounts,
    /// Nothing.
    Empty,
}

impl GpusValue {
    /// Reads it. `has_expansions`: a shell, or an editor, puts something in where there is a dollar sign.
    pub fn of(text: &str, has_expansions: bool) -> Self {
        let mut value = Self::default();
        let Some(fields) = csv(text, has_expansions) else {
            value.problem = Some(GpusProblem::Quotes);
            return value;
        };
        if text.is_empty() {
            value.problem = Some(GpusProblem::Empty);
            return value;
        }
        let mut seen: Vec<String> = Vec::new();
        let mut counts = 0;
        for field in &fields {
            let is_open = has_expansions && field.contains(['$', '`']);
            value.is_open |= is_open;
            let (key, inner) = match field.split_once('=') {
                Some((key, inner)) if !(is_open && key.contains(['$', '`'])) => (key, Some(inner)),
                _ => (field.as_str(), None),
            };
            // `all,all` is refused, `0,0` too: what is seen is the word.
            if seen.iter().any(|other| other == key) && !is_open {
                value.problem = value
                    .problem
                    .or_else(|| Some(GpusProblem::Twice(key.to_owned())));
            }
            seen.push(key.to_owned());
            match (key, inner) {
                (_, None) => {
                    counts += 1;
                    value.take_count(field, is_open);
                }
                ("count", Some(inner)) => {
                    counts += 1;
                    value.take_count(inner, is_open);
                }
                ("device", Some(inner)) => {
                    value.ids = inner.split(',').map(str::to_owned).collect();
                }
                ("driver", Some(inner)) => value.driver = Some(inner.to_owned()),
                ("capabilities", Some(inner)) => {
                    value.capabilities = inner.split(',').map(str::to_owned).collect();
                }
                ("options", Some(_)) => {}
                (key, Some(_)) => {
                    value.problem = value
                        .problem
                        .or_else(|| Some(GpusProblem::Key(key.to_owned())));
                }
            }
        }
        value.weigh(counts, &fields);
        value
    }

    fn take_count(&mut self, text: &str, is_open: bool) {
        match text.parse() {
            _ if text == "all" => self.count = Some(-1),
            Ok(number) => self.count = Some(number),
            Err(_) if is_open => self.count = self.count.or(None),
            Err(_) => {
                self.problem = self
                    .problem
                    .take()
                    .or_else(|| Some(GpusProblem::Count(text.to_owned())));
            }
        }
    }

    fn weigh(&mut self, counts: usize, fields: &[String]) {
        let is_list_of_devices = fields
            .first()
            .is_some_and(|field| field.starts_with("device="))
            && counts > 0;
        if is_list_of_devices
            && matches!(
                self.problem,
                Some(GpusProblem::Count(_) | GpusProblem::Twice(_)) | None
            )
        {
            // What is open may be a number or a UUID: it is refused in either case, but for 0.
            self.problem = Some(if self.count == Some(0) {
                GpusProblem::DroppedDevice
            } else {
                GpusProblem::CountAndDevices
            });
        }
        if self.problem.is_some() {
            return;
        }
        if counts > 0 && !self.ids.is_empty() && self.count.is_some_and(|count| count != 0) {
            self.problem = Some(GpusProblem::CountAndDevices);
        } else if counts > 1 {
            self.problem = Some(GpusProblem::SeveralCounts);
        }
    }
}

/// The fields of a line, as Go's reader takes them apart; `None`: it refuses the line. An expansion (`${A:-0,1}`) is not looked into.
fn csv(text: &str, has_expansions: bool) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            let mut inner = quoted;
            loop {
                let end = inner.find('"')?;
                field.push_str(&inner[..end]);
                inner = &inner[end + 1..];
                let Some(more) = inner.strip_prefix('"') else {
                    break;
                };
                field.push('"');
                inner = more;
            }
            fields.push(field);
            if inner.is_empty() {
                return Some(fields);
            }
            rest = inner.strip_prefix(',')?;
        } else {
            let end = comma(rest, has_expansions);
            let field = &rest[..end];
            let is_open = has_expansions && field.contains('$');
            if field.contains('"') && !is_open {
                return None;
            }
            fields.push(field.to_owned());
            if end == rest.len() {
                return Some(fields);
            }
            rest = &rest[end + 1..];
        }
    }
}

/// Where the first comma is that stands in no braces.
fn comma(text: &str, has_expansions: bool) -> usize {
    let mut depth = 0_usize;
    for (at, sign) in text.char_indices() {
        match sign {
            '{' | '(' if has_expansions => depth += 1,
            '}' | ')' if has_expansions => depth = depth.saturating_sub(1),
            ',' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_docker_takes_them() {
        use GpusProblem::{
            Count, CountAndDevices, DroppedDevice, Empty, Key, Quotes, SeveralCounts, Twice,
        };
        let name = |name: &str| name.to_owned();
        for (text, expected) in [
            ("all", None),
            ("0", None),
            ("-1", None),
            ("device=0", None),
            ("device=0:0", None),
            ("device=all", None),
            ("\"device=0,1\"", None),
            ("\"all\"", None),
            ("\"device=0,1\",capabilities=utility", None),
            ("all,\"capabilities=compute,utility\"", None),
            ("driver=nvidia,count=all", None),
            ("options=a=b", None),
            ("ALL", Some(Count(name("ALL")))),
            ("all ", Some(Count(name("all ")))),
            ("none", Some(Count(name("none")))),
            ("'all'", Some(Count(name("'all'")))),
            ("1.5", Some(Count(name("1.5")))),
            ("\"0,1\"", Some(Count(name("0,1")))),
            (
                "all,capabilities=compute,utility",
                Some(Count(name("utility"))),
            ),
            ("gpu=all", Some(Key(name("gpu")))),
            ("nvidia.com/gpu=all", Some(Key(name("nvidia.com/gpu")))),
            ("all,all", Some(Twice(name("all")))),
            ("device=0,device=1", Some(Twice(name("device")))),
            ("device=0,1", Some(CountAndDevices)),
            ("device=GPU-a,GPU-b", Some(CountAndDevices)),
            ("1,device=0", Some(CountAndDevices)),
            ("all,device=0", Some(CountAndDevices)),
            ("device=1,0", Some(DroppedDevice)),
            ("0,1", Some(SeveralCounts)),
            ("\"device=0,1", Some(Quotes)),
            ("\\\"device=0,1\\\"", Some(Quotes)),
            ("\"\"device=0,1\"\"", Some(Quotes)),
            ("", Some(Empty)),
        ] {
            assert_eq!(GpusValue::of(text, false).problem, expected, "{text}");
        }
    }

    #[test]
    fn what_a_shell_puts_in_is_open() {
        for (text, expected) in [
            ("$GPUS", None),
            ("device=$GPU", None),
            ("\"device=$GPUS\"", None),
            ("${GPUS:-0,1}", None),
            ("${GPUS:-\"device=0,1\"}", None),
            ("device=$A,$B", Some(GpusProblem::CountAndDevices)),
            ("$(gpus a,b)", None),
        ] {
            assert_eq!(GpusValue::of(text, true).problem, expected, "{text}");
        }
        assert!(GpusValue::of("all,capabilities=$C", true).is_open);
    }

    #[test]
    fn ids() {
        for (text, expected) in [
            ("0", IdShape::Index),
            ("GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a", IdShape::Uuid),
            ("0:1", IdShape::Instance),
            ("0000:65:00.0", IdShape::Bus),
            ("65:00.0", IdShape::Bus),
            ("all", IdShape::Word),
            ("nvidia.com/gpu=all", IdShape::Cdi),
            ("0,1", IdShape::Several),
            ("${GPU:-0}", IdShape::Open),
            ("<id>", IdShape::Open),
            ("GPU_ID", IdShape::Other),
            ("{GPU_ID:-0}", IdShape::Other),
            ("{gpu}", IdShape::Open),
            ("", IdShape::Other),
        ] {
            assert_eq!(IdShape::of(text), expected, "{text}");
        }
    }

    #[test]
    fn parts_of_the_driver() {
        assert_eq!(driver_parts(["gpu", "utility"]), ["utility"]);
        assert!(driver_parts(["gpu", "nvidia", "ngx"]).is_empty());
    }
}
