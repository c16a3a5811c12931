//! A root file system that changes under the hook: another container that shares the volume, or the image's
//! own storage driver's other user, renames directories, links and pipes in and out of the places that the
//! hook is about to open (CVE-2024-0132, CVE-2025-23359).
//!
//! Our hook, and each of those that other toolkits' specifications name, is run as a low-level runtime runs it, with
//! the state on standard input, many times; `LIFTGATE_RACE_RUNS` says how many, and `cargo xtask soak` says 100,000.

use libtest_mimic::Failed;
use liftgate_conformance::Bundle;
use liftgate_conformance::hostile::{Check, Scene, gpus, library};
use liftgate_conformance::suite::fail;
use serde_json::Value;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const RUNS: &str = "LIFTGATE_RACE_RUNS";
const USUAL_RUNS: u32 = 700;

pub(crate) fn checks() -> Vec<(&'static str, Check)> {
    vec![
        ("race", Box::new(race)),
        ("hook/root-is-the-machines", Box::new(root_is_the_machines)),
        ("hook/hostile-environment", Box::new(hostile_environment)),
    ]
}

/// Runs a script inside the machine, with the arguments of the hook as its own.
pub(crate) fn run(
    scene: &Scene,
    hook: &Hook,
    script: &str,
    variables: &[(&'static str, &str)],
) -> io::Result<Output> {
    let own = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
    let mut variables: Vec<(&str, String)> = variables.iter().map(own).collect();
    variables.push(("HOOK", hook.program.to_string_lossy().into_owned()));
    scene.on_machine(script, &hook.arguments, &variables)
}

pub(crate) struct Hook {
    program: PathBuf,
    arguments: Vec<String>,
}

/// Has the runtime put its hook into the bundle, with a low-level runtime that does nothing.
pub(crate) fn hook_of(scene: &Scene, bundle: &Bundle) -> Result<Hook, Failed> {
    fs::write(
        scene.place.join("config.toml"),
        "[nvidia-container-runtime]\nruntimes = [\"/bin/true\"]\n",
    )?;
    let runtime = Hook {
        program: scene.inside.programs.runtime.clone(),
        arguments: ["create", "--bundle", &scene.place.to_string_lossy(), "x"]
            .map(str::to_owned)
            .to_vec(),
    };
    let configuration = scene.place.join("config.toml");
    let configuration = configuration.to_string_lossy();
    let variables = [("NVIDIA_CTK_CONFIG_FILE_PATH", &*configuration)];
    let output = run(scene, &runtime, "exec \"$HOOK\" \"$@\"", &variables)?;
    let config: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    let hook = &config["hooks"]["createContainer"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let arguments: Vec<String> = hook["args"]
        .as_array()
        .map(|arguments| arguments.iter().skip(1).map(text).collect())
        .unwrap_or_default();
    if arguments.len() < 10 {
        return Err(fail(format!("the runtime has made no hook: {output:?}")));
    }
    Ok(Hook {
        program: PathBuf::from(text(&hook["path"])),
        arguments,
    })
}

/// One after the other, line by line: no argument has a blank.
const MANY_RUNS: &str = r#"
mount --bind "$BUNDLE/rootfs" "$BUNDLE/rootfs" || exit 90
: > "$BUNDLE/racing"
number=0
while [ $number -lt "$RUNS" ]; do
  while [ $number -lt "$RUNS" ] && read -r line <&9; do
    set -- $line
    timeout -k 1 5 "$HOOK" "$@" < "$BUNDLE/state.json" 2>> "$BUNDLE/words"
    echo "$?"
    number=$((number + 1))
  done 9< "$BUNDLE/hooks"
done | sort | uniq -c
"#;

/// What a specification of NVIDIA's toolkit has for this machine, in the places that change.
const SEPARATE_HOOKS: [&str; 6] = [
    "create-symlinks --link libcuda.so.1::/usr/local/nvidia/lib64/libcuda.so --link x::/usr/bin/nvidia-smi --link y::/etc/z",
    "enable-cuda-compat --host-driver-version=580.159.04",
    "update-ldcache --folder /usr/local/nvidia/lib64 --folder /usr/local/nvidia",
    "create-soname-symlinks --folder /usr/local/nvidia/lib64",
    "update-application-profile",
    "chmod --mode 711 --path /usr/local/nvidia/lib64 --path /etc/ld.so.cache --path /usr/bin --path /dev/dri",
];

fn race(scene: &Scene) -> Result<(), Failed> {
    let runs = std::env::var(RUNS)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(USUAL_RUNS);
    let bundle = scene.bundle(&gpus("true"))?;
    let hook = hook_of(scene, &bundle)?;
    scene.write_state(None)?;
    let separate = SEPARATE_HOOKS.map(|hook| format!("nvidia-cdi-hook {hook}"));
    let mut hooks = vec![hook.arguments.join(" ")];
    hooks.extend(separate);
    fs::write(scene.place.join("hooks"), hooks.join("\n") + "\n")?;
    let racer = Racer::start(scene, &bundle)?;
    let output = run(scene, &hook, MANY_RUNS, &[("RUNS", &runs.to_string())]);
    let swaps = racer.stop();
    let output = output?;
    let words = fs::read_to_string(scene.place.join("words")).unwrap_or_default();
    let ends = String::from_utf8_lossy(&output.stdout).into_owned();
    let shown = || {
        let some: String = words.chars().take(2000).collect();
        format!("{runs} runs, {swaps} swaps, ended with\n{ends}{some}\n{output:?}")
    };
    scene
        .nothing_got_out()
        .map_err(|reason| fail(format!("{reason}: {}", shown())))?;
    let (mut total, mut succeeded) = (0, 0);
    for line in ends.lines() {
        let mut numbers = line
            .split_whitespace()
            .filter_map(|word| word.parse::<u32>().ok());
        let (Some(count), Some(status)) = (numbers.next(), numbers.next()) else {
            return Err(fail(shown()));
        };
        // A failure with words is an answer to a file system that is no longer what it was.
        if !(status == 0 || (status == 1 && words.contains("[setup-failed]"))) {
            return Err(fail(format!("exit status {status}: {}", shown())));
        }
        total += count;
        succeeded += if status == 0 { count } else { 0 };
    }
    // Slower than the hook, it would be no race; and the hook has met both sides of it.
    let is_race = swaps >= 10 * u64::from(runs) && succeeded > 0 && !words.is_empty();
    if total == runs && is_race && !words.contains("panicked") {
        Ok(())
    } else {
        Err(fail(shown()))
    }
}

/// A thread that renames.
struct Racer {
    is_over: Arc<AtomicBool>,
    swaps: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Racer {
    /// Each place is moved to `NAME-0`, and then is in turn the real thing and each of the others.
    fn start(scene: &Scene, bundle: &Bundle) -> io::Result<Self> {
        let root = bundle.root();
        let out = scene.canary.path();
        let up = |below: &str| {
            let target = out.join(below);
            Path::new(&"../".repeat(24)).join(target.strip_prefix("/").unwrap_or(&target))
        };
        fs::create_dir_all(root.join("usr/local/nvidia/lib64"))?;
        fs::create_dir_all(root.join("usr/local/cuda/compat"))?;
        fs::create_dir_all(root.join("dev/dri"))?;
        let library =
            liftgate_testhost::shared_object(liftgate_testhost::Class::Elf64, "libcuda.so.1", &[]);
        fs::write(
            root.join("usr/local/nvidia/lib64/libcuda.so.580.159.04"),
            &library,
        )?;
        fs::write(
            root.join("usr/local/cuda/compat/libcuda.so.999.1.1"),
            library,
        )?;
        let turns = vec![
            Turns::new(&root, "etc", &[out.to_owned(), up("")])?,
            Turns::new(
                &root,
                "usr/local/nvidia/lib64",
                &[out.join("lib64"), up("lib64"), PathBuf::from("/etc")],
            )?,
            Turns::new(&root, "usr/bin", &[out.join("bin"), up("bin")])?,
            Turns::new(
                &root,
                "usr/local/nvidia",
                &[out.join("nvidia"), up("nvidia")],
            )?,
            Turns::new(
                &root,
                "usr/local/cuda/compat",
                &[out.join("lib64"), up("lib64")],
            )?,
            Turns::new(&root, "dev/dri", &[out.join("bin"), up("bin")])?,
        ];
        let files = [
            Turns::pipe(&root.join("etc-0"), "ld.so.cache", &out.join("ld.so.cache"))?,
            Turns::pipe(&root.join("etc-0"), "ld.so.conf", &out.join("ld.so.conf"))?,
        ];
        let all: Vec<Turns> = turns.into_iter().chain(files).collect();
        let is_over = Arc::new(AtomicBool::new(false));
        let swaps = Arc::new(AtomicU64::new(0));
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&swaps));
        let begin = scene.place.join("racing");
        let thread = std::thread::spawn(move || {
            while !begin.exists() && !over.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            while !over.load(Ordering::Relaxed) {
                for place in &all {
                    count.fetch_add(place.all_once(), Ordering::Relaxed);
                }
            }
        });
        Ok(Self {
            is_over,
            swaps,
            thread,
        })
    }

    fn stop(self) -> u64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().ok();
        self.swaps.load(Ordering::Relaxed)
    }
}

/// One place, and what takes turns in it.
struct Turns {
    place: PathBuf,
    others: Vec<PathBuf>,
}

impl Turns {
    fn new(root: &Path, name: &str, targets: &[PathBuf]) -> io::Result<Self> {
        let place = root.join(name);
        let mut others = vec![beside(&place, 0)];
        fs::rename(&place, &others[0])?;
        // The real one is always there too, for what lies below.
        for (number, target) in targets.iter().enumerate() {
            let other = beside(&place, number + 1);
            symlink(target, &other)?;
            others.push(other);
        }
        Ok(Self { place, others })
    }

    /// A file, a link out and a pipe.
    fn pipe(directory: &Path, name: &str, target: &Path) -> io::Result<Self> {
        let turns = Self::new(directory, name, &[target.to_owned()])?;
        let pipe = beside(&turns.place, 2);
        let status = Command::new("mkfifo").arg(&pipe).status()?;
        if !status.success() {
            return Err(io::Error::other(format!("mkfifo: {status}")));
        }
        let mut others = turns.others;
        others.push(pipe);
        Ok(Self {
            place: turns.place,
            others,
        })
    }

    /// Puts each in the place and takes it away again. What the hook has put there meanwhile makes way.
    fn all_once(&self) -> u64 {
        let mut swaps = 0;
        for other in &self.others {
            if fs::rename(other, &self.place).is_ok() {
                swaps += 1;
                // Long enough to be met, short enough to change between two steps of the hook.
                for _ in 0..swaps * 20 {
                    std::hint::spin_loop();
                }
                fs::rename(&self.place, other).ok();
            } else if self.place.is_dir() {
                fs::remove_dir_all(&self.place).ok();
            } else {
                fs::remove_file(&self.place).ok();
            }
        }
        swaps
    }
}

fn beside(place: &Path, number: usize) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(format!("-{number}"));
    PathBuf::from(name)
}

/// A root that is the machine's own, however it is written.
fn root_is_the_machines(scene: &Scene) -> Result<(), Failed> {
    let bundle = scene.bundle(&gpus("true"))?;
    let hook = hook_of(scene, &bundle)?;
    symlink("/", scene.place.join("slash"))?;
    let link = scene.place.join("slash");
    for root in ["/", "//", "/..", "/proc/self/root", &link.to_string_lossy()] {
        scene.write_state(Some(root))?;
        let output = run(
            scene,
            &hook,
            "timeout -k 1 5 \"$HOOK\" \"$@\" < \"$BUNDLE/state.json\"",
            &[],
        )?;
        scene
            .nothing_got_out()
            .map_err(|reason| fail(format!("root `{root}`: {reason}: {output:?}")))?;
        let words = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(1) || !words.contains("[setup-failed]") {
            return Err(fail(format!("root `{root}` is not refused: {output:?}")));
        }
    }
    Ok(())
}

/// The hook with the image's variables as its own, as a runtime before runc 1.3 gives them to a hook without
/// an environment. Only a static executable is safe there, and only `cargo xtask build` makes one.
fn hostile_environment(scene: &Scene) -> Result<(), Failed> {
    let bundle = scene.bundle(&gpus("true"))?;
    let hook = hook_of(scene, &bundle)?;
    scene.write_state(None)?;
    library(scene, &bundle)?;
    let script = "mount --bind \"$BUNDLE/rootfs\" \"$BUNDLE/rootfs\" && cd \"$BUNDLE/rootfs\" && \
                  LD_PRELOAD=./owned.so:$BUNDLE/rootfs/owned.so LD_AUDIT=./owned.so LD_LIBRARY_PATH=. GCONV_PATH=. \
                  GLIBC_TUNABLES=glibc.malloc.check=3 MALLOC_CHECK_=3 \"$HOOK\" \"$@\" < \"$BUNDLE/state.json\"";
    let output = run(scene, &hook, script, &[])?;
    let got_out = scene.nothing_got_out();
    if is_dynamic(&hook.program)? {
        // Then this proves that the library would have been seen.
        return match got_out {
            Err(_) => Ok(()),
            Ok(()) => Err(fail(format!(
                "a dynamic executable was not moved by `LD_PRELOAD`, so this tests nothing: {output:?}"
            ))),
        };
    }
    got_out.map_err(|reason| fail(format!("{reason}: {output:?}")))?;
    let link = bundle.root().join("usr/local/nvidia/lib64/libcuda.so.1");
    if output.status.success() && link.is_symlink() {
        Ok(())
    } else {
        Err(fail(format!("the hook has done nothing: {output:?}")))
    }
}

/// Whether an executable names an interpreter, `PT_INTERP`, as those do that the loader starts.
fn is_dynamic(program: &Path) -> io::Result<bool> {
    let bytes = fs::read(program)?;
    let name = b"/ld-linux";
    Ok(bytes
        .get(..4096)
        .unwrap_or_default()
        .windows(name.len())
        .any(|window| window == name))
}
