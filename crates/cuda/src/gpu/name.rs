//! Models by name.
//!
//! A name is words. Some say nothing (`NVIDIA`, `Tesla`, `GPU`), some say a size or a form factor, which no capability
//! depends on (`80GB`, `SXM5`, `Ti`, `MIG 1g.10gb`); what is left has to be a model's words, all of them. So a name of a
//! model that the table does not have is not taken for another's.

use super::{Architecture, Capability, Gpu};
use crate::tables::models::{ROWS, Row};

/// A GPU that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct UnknownGpu {
    /// As written: short and printable.
    pub text: String,
    /// Models that it may mean, of different capabilities.
    pub candidates: Vec<&'static str>,
}

impl UnknownGpu {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: crate::expression::shown(text),
            candidates: Vec::new(),
        }
    }

    fn sentence(&self) -> String {
        if self.candidates.is_empty() {
            format!("`{}` is no GPU that is known", self.text)
        } else {
            format!("`{}` is {}", self.text, self.candidates.join(" or "))
        }
    }
}

/// Words that say nothing.
const NOISE: &[&str] = &[
    "nvidia",
    "corporation",
    "geforce",
    "tesla",
    "grid",
    "gpu",
    "gpus",
    "graphics",
    "card",
    "series",
    "generation",
    "edition",
    "jetson",
    "agx",
    "dgx",
    "hgx",
    "drive",
    "the",
    "lovelace",
];

/// Words that people leave out.
const OMITTED: &[&str] = &["rtx", "gtx", "quadro", "ada", "dgx"];

/// Words that may stand behind a model's.
const MODIFIERS: &[&str] = &[
    "ti",
    "super",
    "d",
    "mobile",
    "laptop",
    "max",
    "maxq",
    "q",
    "m",
    "v2",
    "sxm",
    "sxm2",
    "sxm3",
    "sxm4",
    "sxm5",
    "sxm6",
    "pcie",
    "pci",
    "e",
    "nvl",
    "nvl2",
    "nvl4",
    "nvl16",
    "nvl72",
    "hbm2",
    "hbm2e",
    "hbm3",
    "hbm3e",
    "mig",
    "dgxs",
    "fhhl",
    "cnx",
    "ac",
    "sff",
    "embedded",
    "nx",
    "nano",
    "devkit",
    "developer",
    "kit",
    "superchip",
    "server",
    "workstation",
    "blackwell",
    "ada",
    "oem",
    "x",
    "industrial",
    "64gb",
    "8gb",
    "16gb",
    "super",
    "tensor",
    "core",
    "module",
    "nvlink",
];

/// The longest text that can be a name.
const LONGEST: usize = 96;

pub(super) fn find(text: &str) -> Result<Gpu, UnknownGpu> {
    if text.len() > LONGEST {
        return Err(UnknownGpu::new(text));
    }
    let words = words(text);
    let by = |matches: fn(&[String], &[String]) -> bool| -> Vec<&'static Row> {
        let rows = ROWS
            .iter()
            .filter(|row| matches(&words, &self::words(row.name)));
        let rows: Vec<(usize, &Row)> = rows.map(|row| (self::words(row.name).len(), row)).collect();
        let longest = rows.iter().map(|(length, _)| *length).max();
        rows.iter()
            .filter(|(length, _)| Some(*length) == longest)
            .map(|(_, row)| *row)
            .collect()
    };
    let mut rows = by(is_named);
    if rows.is_empty() {
        rows = by(is_named_shortly);
    }
    let Some(first) = rows.first() else {
        return of_architecture(&words).ok_or_else(|| UnknownGpu::new(text));
    };
    if rows.iter().all(|row| row.capability == first.capability) {
        return Ok(Gpu::of_model(first));
    }
    let mut candidates: Vec<&'static str> = rows.iter().map(|row| row.name).collect();
    candidates.dedup();
    Err(UnknownGpu {
        candidates,
        ..UnknownGpu::new(text)
    })
}

/// Whether a name begins with a model's words, and goes on with nothing that matters.
fn is_named(name: &[String], model: &[String]) -> bool {
    !model.is_empty()
        && name.starts_with(model)
        && name[model.len()..].iter().all(|word| is_modifier(word))
}

/// As [`is_named`], for a model whose words were not all written.
fn is_named_shortly(name: &[String], model: &[String]) -> bool {
    let is_needed = |word: &&String| !OMITTED.contains(&word.as_str());
    let needed: Vec<String> = model.iter().filter(is_needed).cloned().collect();
    let name: Vec<String> = name.iter().filter(is_needed).cloned().collect();
    needed.len() < model.len() && is_named(&name, &needed)
}

fn is_modifier(word: &str) -> bool {
    let digits = word.trim_start_matches(|one: char| one.is_ascii_digit());
    let is_size = digits.len() < word.len()
        && matches!(digits, "g" | "gb" | "gib" | "q" | "c" | "a" | "b" | "");
    // `1g.10gb`, of MIG.
    let is_slice = word.split_once("g.").is_some_and(|(count, size)| {
        count.parse::<u8>().is_ok() && size.trim_end_matches(['g', 'b']).parse::<u16>().is_ok()
    });
    MODIFIERS.contains(&word) || is_size || is_slice
}

fn of_architecture(words: &[String]) -> Option<Gpu> {
    let [word] = words else {
        return None;
    };
    let is_of = |architecture: Architecture| architecture.name().eq_ignore_ascii_case(word);
    let mut known =
        Capability::all().filter(|one| !one.is_tegra() && one.architecture().is_some_and(is_of));
    match (known.next(), known.next()) {
        (Some(only), None) => Some(Gpu::of_capability(only)),
        _ => None,
    }
}

/// The words of a name that say something.
fn words(text: &str) -> Vec<String> {
    let text = text.to_ascii_lowercase();
    let is_part = |one: char| one.is_ascii_alphanumeric() || one == '.';
    let mut words = Vec::new();
    for word in text
        .split(|one: char| !is_part(one))
        .filter(|word| !word.is_empty())
    {
        split(word, &mut words);
    }
    // `RTX 6000 Ada` and `RTX A6000` lose nothing by it, `Ada` alone would.
    if words.len() > 1 {
        words.retain(|word| !NOISE.contains(&word.as_str()));
    }
    words
}

/// Takes `rtx4090ti` apart, and `h100nvl`.
fn split(word: &str, words: &mut Vec<String>) {
    for start in [
        "geforce", "nvidia", "tesla", "quadro", "titan", "rtx", "gtx", "gt", "mx",
    ] {
        let rest = word.strip_prefix(start).unwrap_or_default();
        // `gtx` alone is no `gt` with an `x`.
        let is_number = rest
            .trim_start_matches('a')
            .starts_with(|one: char| one.is_ascii_digit());
        if is_number || !rest.is_empty() && start.len() > 3 {
            words.push(start.to_owned());
            return split(rest, words);
        }
    }
    for end in [
        "super", "nvl", "pcie", "sxm5", "sxm4", "sxm3", "sxm2", "sxm", "ti",
    ] {
        let model = word.strip_suffix(end);
        if let Some(model) = model.filter(|model| model.ends_with(|one: char| one.is_ascii_digit()))
        {
            split(model, words);
            words.push(end.to_owned());
            return;
        }
    }
    words.push(word.to_owned());
}
