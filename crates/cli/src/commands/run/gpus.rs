//! Which GPUs are meant: the value of `--gpus` in the spellings that people write.
//!
//! Docker reads one line of CSV, in which `0,1` is a count given twice and `device=0,1` a device and a count; neither says what its
//! writer means. Here quotation marks do not matter, a list goes on behind its first comma, and several numbers are GPUs. Only a
//! number that stands alone keeps Docker's meaning, a count: scripts rely on it.
//!
//! This file needs the standard library alone: it is also built into a fuzz target.

/// Which GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Devices {
    /// All of the machine.
    All,
    /// None.
    None,
    /// That many.
    Count(u32),
    /// These; each once.
    Named(Vec<String>),
}

/// What `--gpus` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) devices: Devices,
    /// Parts of the driver.
    pub(crate) capabilities: Vec<String>,
    /// What was left out.
    pub(crate) notes: Vec<String>,
}

/// The value cannot be understood: a sentence and a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotUnderstood {
    pub(crate) sentence: String,
    pub(crate) hint: &'static str,
}

/// More than any machine has.
const MOST: u32 = 1024;

const FORMS: &str =
    "write --gpus all, --gpus 0,1, --gpus GPU-UUID, --gpus 2 for the first two, or --gpus none";

/// The kind of GPUs in CDI specifications.
const KIND: &str = "nvidia.com/gpu";

/// Words of the driver's capabilities, for lists without `capabilities=`.
const CAPABILITIES: [&str; 7] = [
    "compat32", "compute", "display", "graphics", "ngx", "utility", "video",
];

impl Wish {
    /// For all GPUs.
    pub(crate) const fn all() -> Self {
        Self {
            devices: Devices::All,
            capabilities: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Reads the values of `--gpus`: given several times, they add up.
    pub(crate) fn parse(values: &[String]) -> Result<Self, NotUnderstood> {
        let text = values.join(",");
        let mut reader = Reader::default();
        for word in words(&text) {
            reader.take(word)?;
        }
        reader.conclude()
    }

    /// Reads a list of GPUs, as variables have it (`NV_GPU`, `NVIDIA_VISIBLE_DEVICES`): a number there is never a count.
    pub(crate) fn of_variable(value: &str) -> Self {
        let bare = |name| str::strip_prefix(name, "nvidia.com/gpu=").unwrap_or(name);
        let names: Vec<&str> = words(value)
            .map(bare)
            .filter(|name| !name.is_empty())
            .collect();
        let is = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        let devices = if names.is_empty() || is("none") || is("void") {
            Devices::None
        } else if is("all") {
            Devices::All
        } else {
            Devices::Named(unique(names.into_iter().map(str::to_owned)))
        };
        Self {
            devices,
            ..Self::all()
        }
    }

    /// What a user should know who has written a number and has several GPUs; `gpus`: how many, where that is known.
    pub(crate) fn about_count(&self, gpus: Option<usize>) -> Option<String> {
        match self.devices {
            Devices::Count(0) => Some("`--gpus 0` is a number of GPUs, as with Docker: none; the first GPU is `--gpus device=0`".to_owned()),
            Devices::Count(number) if gpus.is_some_and(|gpus| gpus > 1) => Some(format!(
                "`--gpus {number}` is a number of GPUs, as with Docker, which takes the first ones: {}; the GPU with the index {number} is `--gpus device={number}`",
                if number == 1 { "GPU 0".to_owned() } else { format!("GPUs 0 to {}", number - 1) }
            )),
            _ => None,
        }
    }
}

/// The words between commas, spaces and quotation marks.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\n', '"', '\''])
        .filter(|word| !word.is_empty())
}

/// Each once, in the order of first mention.
fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = std::collections::BTreeSet::new();
    names.filter(|name| known.insert(name.clone())).collect()
}

/// What a word without a key belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Devices,
    Capabilities,
    Options,
}

#[derive(Debug, Default)]
struct Reader {
    place: Place,
    is_all: bool,
    is_none: bool,
    /// Numbers without a key: one is a count, several are GPUs.
    numbers: Vec<String>,
    count: Option<u32>,
    names: Vec<String>,
    capabilities: Vec<String>,
    notes: Vec<String>,
    has_words: bool,
    /// `device=`, and perhaps nothing behind it.
    has_place_for_names: bool,
}

impl Reader {
    fn take(&mut self, word: &str) -> Result<(), NotUnderstood> {
        self.has_words = true;
        match word.split_once('=') {
            Some((kind, name)) if kind.contains('/') => self.take_specified(kind, name),
            Some((key, value)) => self.take_key(key, value),
            None => self.take_bare(word),
        }
    }

    /// `nvidia.com/gpu=0`, as Podman and Docker's `--device` have it.
    fn take_specified(&mut self, kind: &str, name: &str) -> Result<(), NotUnderstood> {
        if kind != KIND {
            return Err(NotUnderstood {
                sentence: format!(
                    "`{}` is no GPU of NVIDIA's",
                    short(&format!("{kind}={name}"))
                ),
                hint: "for devices of other kinds write --device KIND=NAME behind --gpus none",
            });
        }
        self.place = Place::Devices;
        self.has_place_for_names = true;
        self.take_list(name)
    }

    fn take_key(&mut self, key: &str, value: &str) -> Result<(), NotUnderstood> {
        match key.to_ascii_lowercase().as_str() {
            "device" | "devices" | "index" | "id" | "ids" | "uuid" => {
                self.place = Place::Devices;
                self.has_place_for_names = true;
                self.take_list(value)
            }
            "capabilities" | "capability" => {
                self.place = Place::Capabilities;
                self.take_list(value)
            }
            "count" => {
                self.place = Place::Start;
                match value {
                    "all" | "-1" => self.is_all = true,
                    _ => {
                        let number = number(value).ok_or_else(|| no_count(value))?;
                        if self.count.replace(number).is_some() {
                            return Err(twice());
                        }
                    }
                }
                Ok(())
            }
            "driver"
                if matches!(
                    value,
                    "" | "nvidia" | "cdi" | "nvidia.cdi" | "nvidia.runtime-hook"
                ) =>
            {
                self.place = Place::Start;
                Ok(())
            }
            "options" => {
                self.place = Place::Options;
                self.notes.push(
                    "`options=` in --gpus is left out: no driver of NVIDIA's heeds it".to_owned(),
                );
                Ok(())
            }
            _ => Err(NotUnderstood {
                sentence: format!(
                    "`{}` in --gpus is not understood",
                    short(&format!("{key}={value}"))
                ),
                hint: FORMS,
            }),
        }
    }

    /// What stands behind `key=`: a word, and the rest of the list comes as bare words.
    fn take_list(&mut self, value: &str) -> Result<(), NotUnderstood> {
        match value.split_once('=') {
            _ if value.is_empty() => Ok(()),
            Some((kind, name)) if kind.contains('/') => self.take_specified(kind, name),
            _ => self.take_bare(value),
        }
    }

    fn take_bare(&mut self, word: &str) -> Result<(), NotUnderstood> {
        let lower = word.to_ascii_lowercase();
        let is_capability =
            CAPABILITIES.contains(&lower.as_str()) || matches!(lower.as_str(), "gpu" | "nvidia");
        if self.place == Place::Options && !is_id(word) {
            return Ok(());
        }
        if is_capability || (self.place == Place::Capabilities && !is_id(word)) {
            self.capabilities.push(lower);
            return Ok(());
        }
        match lower.as_str() {
            "all" | "-1" => self.is_all = true,
            "none" | "void" => self.is_none = true,
            _ if self.place == Place::Devices => self.names.push(word.to_owned()),
            _ if number(word).is_some() => self.numbers.push(word.to_owned()),
            _ if is_id(word) => self.names.push(word.to_owned()),
            _ => {
                return Err(NotUnderstood {
                    sentence: format!(
                        "`{}` in --gpus is neither a GPU nor a number of them",
                        short(word)
                    ),
                    hint: FORMS,
                });
            }
        }
        Ok(())
    }

    fn conclude(mut self) -> Result<Wish, NotUnderstood> {
        if !self.has_words {
            return Err(NotUnderstood {
                sentence: "--gpus has no value".to_owned(),
                hint: FORMS,
            });
        }
        // One number is a count; beside another, or beside a name, it is a GPU.
        if self.numbers.len() == 1 && self.names.is_empty() {
            let count = self.numbers.pop().and_then(|text| number(&text));
            if self.count.is_some() {
                return Err(twice());
            }
            self.count = count;
        }
        let names = unique(self.numbers.into_iter().chain(self.names));
        let mut ways = [
            self.is_all,
            self.is_none,
            self.count.is_some(),
            !names.is_empty(),
        ];
        ways.sort_unstable();
        if ways[2] {
            return Err(NotUnderstood {
                sentence: "--gpus asks for GPUs in two ways, and they exclude each other"
                    .to_owned(),
                hint: FORMS,
            });
        }
        let devices = match self.count {
            _ if self.is_all => Devices::All,
            _ if self.is_none => Devices::None,
            Some(count) => Devices::Count(count),
            None if names.is_empty() && self.has_place_for_names => {
                return Err(NotUnderstood {
                    sentence: "`device=` in --gpus names no GPU".to_owned(),
                    hint: FORMS,
                });
            }
            // As with Docker: capabilities alone are for one GPU.
            None if names.is_empty() => Devices::Count(1),
            None => Devices::Named(names),
        };
        let capabilities = self.capabilities.into_iter();
        Ok(Wish {
            devices,
            // These two name the kind of device, not a part of the driver.
            capabilities: unique(
                capabilities.filter(|name| !matches!(name.as_str(), "gpu" | "nvidia")),
            ),
            notes: self.notes,
        })
    }
}

/// Whether the word looks like a GPU's: an index, a UUID, a bus address, a MIG device.
fn is_id(word: &str) -> bool {
    let begins = |prefix: &str| {
        word.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let is_address = word.contains(':')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    begins("GPU-") || begins("MIG-") || is_address || number(word).is_some()
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|&number| is_number && number <= MOST)
}

fn no_count(value: &str) -> NotUnderstood {
    NotUnderstood {
        sentence: format!("`{}` is no number of GPUs", short(value)),
        hint: FORMS,
    }
}

fn twice() -> NotUnderstood {
    NotUnderstood {
        sentence: "--gpus has two numbers of GPUs".to_owned(),
        hint: FORMS,
    }
}

/// A user's text in a message: it may have been pasted by accident.
fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(120).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &str) -> Devices {
        Devices::Named(names.split(',').map(str::to_owned).collect())
    }

    #[test]
    #[rustfmt::skip]
    fn spellings() {
        let uuid = "GPU-3a23c669-1f69-c64e-cf85-44e9b07e7a2a";
        let pair = format!("{uuid},1");
        for (value, devices, capabilities) in [
            ("all", Devices::All, ""),
            ("ALL", Devices::All, ""),
            ("\"all\"", Devices::All, ""),
            ("-1", Devices::All, ""),
            ("count=all", Devices::All, ""),
            ("device=all", Devices::All, ""),
            ("nvidia.com/gpu=all", Devices::All, ""),
            ("none", Devices::None, ""),
            ("void", Devices::None, ""),
            ("device=none", Devices::None, ""),
            ("2", Devices::Count(2), ""),
            ("1", Devices::Count(1), ""),
            ("0", Devices::Count(0), ""),
            ("\"2\"", Devices::Count(2), ""),
            ("count=2", Devices::Count(2), ""),
            ("0,1", named("0,1"), ""),
            ("0, 1", named("0,1"), ""),
            ("0 1", named("0,1"), ""),
            ("\"0,1\"", named("0,1"), ""),
            ("0,1,0", named("0,1"), ""),
            ("device=1", named("1"), ""),
            ("devices=1,2", named("1,2"), ""),
            ("index=1", named("1"), ""),
            ("device=0,1", named("0,1"), ""),
            ("\"device=0,1\"", named("0,1"), ""),
            ("'\"device=0,1\"'", named("0,1"), ""),
            ("device=0,device=1", named("0,1"), ""),
            ("device=\"0\",\"1\"", named("0,1"), ""),
            (uuid, named(uuid), ""),
            (&pair, named(&format!("1,{uuid}")), ""),
            ("device=GPU-3a23c669", named("GPU-3a23c669"), ""),
            ("uuid=GPU-3a23c669", named("GPU-3a23c669"), ""),
            ("0:1", named("0:1"), ""),
            ("0:0,0:1", named("0:0,0:1"), ""),
            ("device=0:1", named("0:1"), ""),
            ("MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", named("MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f"), ""),
            ("0000:06:00.0", named("0000:06:00.0"), ""),
            ("nvidia.com/gpu=0", named("0"), ""),
            ("device=nvidia.com/gpu=0", named("0"), ""),
            ("nvidia.com/gpu=0,1", named("0,1"), ""),
            ("nvidia.com/gpu=0,nvidia.com/gpu=1", named("0,1"), ""),
            ("all,capabilities=utility", Devices::All, "utility"),
            ("all,capabilities=compute,utility", Devices::All, "compute,utility"),
            ("all,\"capabilities=compute,utility\"", Devices::All, "compute,utility"),
            ("all,capabilities=all", Devices::All, "all"),
            ("all,capabilities=gpu", Devices::All, ""),
            ("all,utility", Devices::All, "utility"),
            ("capabilities=utility", Devices::Count(1), "utility"),
            ("capabilities=compute,utility,device=0,1", named("0,1"), "compute,utility"),
            ("\"device=0,1\",\"capabilities=compute,utility\"", named("0,1"), "compute,utility"),
            ("device=0,1,capabilities=compute,utility", named("0,1"), "compute,utility"),
            ("2,capabilities=video", Devices::Count(2), "video"),
            ("driver=nvidia,count=2", Devices::Count(2), ""),
            ("all,options=a=b", Devices::All, ""),
        ] {
            let wish = Wish::parse(&[value.to_owned()])
                .unwrap_or_else(|error| panic!("{value}: {error:?}"));
            assert_eq!(
                (wish.devices, wish.capabilities.join(",")),
                (devices, capabilities.to_owned()),
                "{value}"
            );
        }
        let several = ["0".to_owned(), "device=2".to_owned()];
        assert_eq!(Wish::parse(&several).unwrap().devices, named("0,2"));
    }

    #[test]
    #[rustfmt::skip]
    fn what_cannot_be_meant() {
        for value in [
            "", "device=", "nvidia.com/gpu=", "device=,capabilities=utility",
            ",",
            "\"\"",
            "many",
            "all,0",
            "none,1",
            "all,none",
            "count=2,device=0",
            "count=many",
            "count=1,count=2",
            "1,count=2",
            "colour=red",
            "amd.com/gpu=0",
            "driver=amd",
            "4294967296",
            "2000",
            "0.5",
            "1x",
        ] {
            let error = Wish::parse(&[value.to_owned()]).unwrap_err();
            assert!(
                !error.sentence.is_empty() && error.sentence.len() < 400,
                "{value}"
            );
        }
        assert!(
            Wish::parse(&["x".repeat(1 << 20)])
                .unwrap_err()
                .sentence
                .len()
                < 400
        );
    }

    #[test]
    fn variables_have_no_count() {
        for (value, devices) in [
            ("1", named("1")),
            ("0,1", named("0,1")),
            ("0 1", named("0,1")),
            ("0, 1,0", named("0,1")),
            ("GPU-x", named("GPU-x")),
            ("all", Devices::All),
            ("none", Devices::None),
            ("", Devices::None),
            ("nvidia.com/gpu=", Devices::None),
            ("nvidia.com/gpu=1", named("1")),
        ] {
            assert_eq!(Wish::of_variable(value).devices, devices, "{value}");
        }
    }

    #[test]
    fn a_count_is_explained_where_it_may_be_a_mistake() {
        let about = |value: &str, gpus| Wish::parse(&[value.to_owned()]).unwrap().about_count(gpus);
        assert!(about("1", Some(4)).unwrap().contains("`--gpus device=1`"));
        assert!(about("2", Some(4)).unwrap().contains("GPUs 0 to 1"));
        assert!(about("0", None).unwrap().contains("none"));
        assert_eq!(about("1", Some(1)), None);
        assert_eq!(about("1", None), None);
        assert_eq!(about("device=1", Some(4)), None);
    }
}
