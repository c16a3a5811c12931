//! How long the work inside the container's file system takes: our one hook, and the reference's, each a process.
//!
//! Each candidate's hooks are those of its own specification, run one after the other on a root file system that is as
//! the image has it: what the round before has written is taken away. The cover of `/proc/driver/nvidia/params` is left
//! out on both sides: a simulated machine's containers have no such file.

use super::{ROUNDS, Times, median};
use crate::Failure;
use liftgate_sys::mount;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const COVER: [&str; 2] = ["--cover-params", "disable-device-node-modification"];

/// A candidate: its hooks, with their arguments.
struct Candidate {
    hooks: Vec<(PathBuf, Vec<String>)>,
}

impl Candidate {
    fn of(generator: &Path, program: &Path, arguments: &[&str]) -> Result<Self, Failure> {
        let output = Command::new(generator)
            .args(["cdi", "generate", "--format", "json"])
            .args(arguments)
            .stdin(Stdio::null())
            .output()?;
        let specification: Value = serde_json::from_slice(&output.stdout)?;
        let hooks = specification["containerEdits"]["hooks"].as_array();
        let hooks = hooks.ok_or("a specification without hooks")?;
        let words = |hook: &Value| -> Vec<String> {
            let words = hook["args"].as_array().into_iter().flatten().skip(1);
            words
                .filter_map(|word| Some(word.as_str()?.to_owned()))
                .filter(|word| word != COVER[0])
                .collect()
        };
        Ok(Self {
            hooks: hooks
                .iter()
                .map(words)
                .filter(|words| words.first().is_some_and(|name| name != COVER[1]))
                .map(|words| (program.to_owned(), words))
                .collect(),
        })
    }

    fn run(&self, state: &Path) -> Result<(), Failure> {
        for (program, arguments) in &self.hooks {
            let mut command = Command::new(program);
            command
                .args(arguments)
                .stdin(File::open(state)?)
                .stdout(Stdio::null())
                .stderr(Stdio::inherit())
                .env_clear()
                .env("NVIDIA_CTK_DEBUG", "false");
            let status = command.status()?;
            if !status.success() {
                return Err(format!("{command:?}: {status}").into());
            }
        }
        Ok(())
    }
}

/// Bare is a program that does nothing.
pub(super) fn set_up(
    nothing: &Path,
    programs: &Path,
    reference: Option<&Path>,
    directory: &Path,
) -> Result<Times, Failure> {
    let root = directory.join("gpu/rootfs");
    // The reference pivots into it, which takes a mount point, and nothing around it that is shared.
    liftgate_sys::namespace::unshare_mounts()?;
    mount::make_private(Path::new("/"))?;
    mount::bind(&root, &root)?;
    let result = measure(nothing, programs, reference, directory, &root);
    mount::unmount_detach(&root)?;
    result
}

fn measure(
    nothing: &Path,
    programs: &Path,
    reference: Option<&Path>,
    directory: &Path,
    root: &Path,
) -> Result<Times, Failure> {
    let state = directory.join("hooks.json");
    let text = json!({"ociVersion": "1.0.2", "id": "bench", "status": "creating", "pid": 0,
        "bundle": directory.join("gpu")});
    fs::write(&state, text.to_string())?;
    let image = Image::of(root)?;
    let bare = Candidate {
        hooks: vec![(nothing.to_owned(), Vec::new())],
    };
    let ours = programs.join("nvidia-cdi-hook");
    let mut candidates = vec![bare, Candidate::of(&programs.join("liftgate"), &ours, &[])?];
    if let Some(reference) = reference {
        let theirs = reference.join("nvidia-cdi-hook");
        let generator = reference.join("nvidia-ctk");
        candidates.push(Candidate::of(&generator, &theirs, &[])?);
    }
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (index, candidate) in candidates.iter().enumerate() {
            let begun = Instant::now();
            candidate.run(&state)?;
            times[index].push(begun.elapsed());
            image.restore(&candidate.hooks)?;
        }
    }
    let [bare, ours, reference] = times;
    Ok((
        median(bare),
        median(ours),
        (!reference.is_empty()).then(|| median(reference)),
    ))
}

/// What hooks write in the image.
struct Image {
    root: PathBuf,
    cache: Option<Vec<u8>>,
    configuration: Vec<PathBuf>,
}

impl Image {
    fn of(root: &Path) -> Result<Self, Failure> {
        Ok(Self {
            root: root.to_owned(),
            cache: fs::read(root.join("etc/ld.so.cache")).ok(),
            configuration: entries(&root.join("etc/ld.so.conf.d"))?,
        })
    }

    fn restore(&self, hooks: &[(PathBuf, Vec<String>)]) -> Result<(), Failure> {
        let cache = self.root.join("etc/ld.so.cache");
        fs::remove_file(&cache).ok();
        if let Some(bytes) = &self.cache {
            fs::write(cache, bytes)?;
        }
        for file in entries(&self.root.join("etc/ld.so.conf.d"))? {
            if !self.configuration.contains(&file) {
                fs::remove_file(file)?;
            }
        }
        let arguments = hooks.iter().flat_map(|(_, arguments)| arguments);
        for (_, link) in arguments.filter_map(|argument| argument.split_once("::")) {
            let link = self.root.join(link.trim_start_matches('/'));
            if link.is_symlink() {
                fs::remove_file(link)?;
            }
        }
        Ok(())
    }
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    match fs::read_dir(directory) {
        Ok(entries) => Ok(entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?),
        Err(_) => Ok(Vec::new()),
    }
}
