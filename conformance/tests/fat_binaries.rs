//! The CUDA code that is found in real libraries, against what NVIDIA's `cuobjdump` finds.
//!
//! The libraries are NVIDIA's and too large to be kept here: `cargo xtask cuda-libraries` fetches the smallest, and
//! `cuobjdump` with it, from where Python packages are. Any others: a directory in `LIFTGATE_CUDA_LIBRARIES`, and in
//! `LIFTGATE_CUOBJDUMP` one `cuobjdump` or several, with colons between, the newest first: one of CUDA 13 refuses whole
//! libraries for one piece from before CUDA 12, and one of CUDA 12 knows no `f`. The first that does not give up counts.
//!
//! `cuobjdump` is asked three times. What it says of each piece has the suffix; its lists leave out the `f` of a cubin.

use libtest_mimic::Failed;
use liftgate_conformance::suite::{conclude, fail, trial};
use liftgate_elf::fatbin::{CodeCounts, CodeKind, FatBinaries, Reach};
use liftgate_elf::stream::Stream;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const LIBRARIES: &str = "LIFTGATE_CUDA_LIBRARIES";
const LISTER: &str = "LIFTGATE_CUOBJDUMP";

/// Names and how many there are of each.
type Counts = BTreeMap<String, u32>;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let given = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let listers = std::env::var_os(LISTER).unwrap_or_default();
    let mut listers: Vec<PathBuf> = std::env::split_paths(&listers).collect();
    listers.retain(|lister| lister.exists());
    let files = given(LIBRARIES).map(|directory| files_below(&directory));
    match files {
        Some(files) if !files.is_empty() && !listers.is_empty() => {
            for file in files {
                let name = file.file_name().unwrap_or_default().display().to_string();
                let listers = listers.clone();
                trials.push(trial(&format!("real/{name}"), None, move || {
                    agree(&listers, &file)
                }));
            }
        }
        _ => {
            let missing = format!("needs CUDA libraries, {LIBRARIES} and {LISTER}");
            trials.push(trial("real", Some(&missing), || Ok(())));
        }
    }
    conclude(trials, || ())
}

/// Holds what we find in a file against what `cuobjdump` says of it.
fn agree(listers: &[PathBuf], file: &Path) -> Result<(), Failed> {
    let found = found(file)?;
    let mut words = String::from("no cuobjdump");
    for lister in listers {
        match hold_against(lister, file, &found.sections) {
            Err(Refusal::GaveUp(its)) => words = its,
            Err(Refusal::Differs(failed)) => return Err(failed),
            Ok(()) => return Ok(()),
        }
    }
    Err(fail(words))
}

/// Why a `cuobjdump` does not agree.
enum Refusal {
    /// It has said so, in these words, and its list ends anywhere.
    GaveUp(String),
    Differs(Failed),
}

fn hold_against(lister: &Path, file: &Path, sections: &CodeCounts) -> Result<(), Refusal> {
    let theirs = described(&ask(lister, &["-all"], file)?);
    same(
        "what it says of each piece",
        &named(sections, true),
        &theirs,
    )?;
    for (option, kind) in [
        ("--list-elf", CodeKind::Cubin),
        ("--list-ptx", CodeKind::Ptx),
    ] {
        let of_kind = sections.iter().filter(|(code, _)| code.kind == kind);
        let of_kind: CodeCounts = of_kind.map(|(code, count)| (*code, *count)).collect();
        let ours = named(&of_kind, kind == CodeKind::Ptx);
        same(
            option,
            &ours,
            &listed(&ask(lister, &["-all", option], file)?),
        )?;
    }
    Ok(())
}

fn same(what: &str, ours: &Counts, theirs: &Counts) -> Result<(), Refusal> {
    if ours == theirs {
        Ok(())
    } else {
        let words = format!("{what}:\nours   {ours:?}\ntheirs {theirs:?}");
        Err(Refusal::Differs(fail(words)))
    }
}

fn found(file: &Path) -> Result<FatBinaries, Failed> {
    let mut file = File::open(file)?;
    let mut stream = Stream::new(file.metadata()?.len());
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            size => stream.feed(&buffer[..size]),
        }
    }
    Ok(stream.finish()?.code)
}

/// Ours in its words: PTX is `sm_` to it as well.
fn named(counts: &CodeCounts, with_family: bool) -> Counts {
    let mut named = Counts::new();
    for (code, count) in counts {
        let kind = match code.kind {
            CodeKind::Cubin => "elf",
            CodeKind::Ptx => "ptx",
            _ => continue,
        };
        let suffix = match code.reach {
            Reach::Specific => "a",
            Reach::Family if with_family => "f",
            Reach::Family | Reach::Plain => "",
        };
        *named
            .entry(format!("{kind} sm_{}{suffix}", code.architecture))
            .or_default() += count;
    }
    named
}

/// `Fatbin elf code:`, a line, and `arch = sm_90a`.
fn described(text: &str) -> Counts {
    let mut counts = Counts::new();
    let mut kind = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("Fatbin ") {
            kind = rest.strip_suffix(" code:");
        } else if let (Some(of), Some(architecture)) = (kind, line.strip_prefix("arch = ")) {
            *counts.entry(format!("{of} {architecture}")).or_default() += 1;
            kind = None;
        }
    }
    counts
}

/// `ELF file    1: libx.so.1.sm_90a.cubin`
fn listed(text: &str) -> Counts {
    let mut counts = Counts::new();
    for line in text.lines() {
        let mut parts = line.rsplit('.');
        let (end, architecture) = (parts.next(), parts.next());
        let kind = match end {
            Some("cubin") => "elf",
            Some("ptx") => "ptx",
            _ => continue,
        };
        let name = format!("{kind} {}", architecture.unwrap_or_default());
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// What it lists. A file without PTX is an error to `--list-ptx`, but none that it calls fatal.
fn ask(lister: &Path, arguments: &[&str], file: &Path) -> Result<String, Refusal> {
    let output = Command::new(lister).args(arguments).arg(file).output();
    let output = output.map_err(|error| Refusal::Differs(error.into()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    if output.status.code().is_none() || words.contains("fatal") {
        return Err(Refusal::GaveUp(format!("{}: {words}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().contains(".so"))
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
