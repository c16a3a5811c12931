//! Running a bundle inside a simulated machine.

use crate::{Bundle, Programs, context};
use liftgate_testhost::{Options, enter_command};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

/// A simulated machine to run bundles on.
#[derive(Debug, Clone)]
pub struct Inside {
    /// The programs under test.
    pub programs: Programs,
    /// The machine's name.
    pub machine: String,
    /// Where the trees of machines are kept.
    pub state: PathBuf,
    /// Directories that are shared with the outside.
    pub writable: Vec<PathBuf>,
    /// The low-level runtime.
    pub low_level: PathBuf,
}

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status of the last runtime command that ran.
    pub status: Option<i32>,
    /// What the container, and the runtime, wrote.
    pub stdout: String,
    /// What they wrote on standard error.
    pub stderr: String,
    /// The log that the runtime was told to write.
    pub log: String,
}

/// Creates, starts, awaits and deletes a container, as an engine does.
///
/// crun refuses hosts on which both cgroup hierarchies are mounted; in this mount namespace the second one
/// can go.
const SCRIPT: &str = r#"
set -u
umount /sys/fs/cgroup/unified 2>/dev/null
eval "$PRELUDE"
"$RUNTIME" --log "$BUNDLE/log.json" --log-format json create --bundle "$BUNDLE" "$ID" </dev/null || exit $?
"$RUNTIME" start "$ID" || { code=$?; "$RUNTIME" delete --force "$ID"; exit $code; }
tries=0
while [ $tries -lt 400 ]; do
  case $("$RUNTIME" state "$ID" 2>/dev/null) in *stopped*) break ;; esac
  tries=$((tries + 1)); sleep 0.05
done
"$RUNTIME" delete --force "$ID"
exit 0
"#;

/// The same for several bundles, one after the other on one machine; no host record is left to the next.
const EACH: &str = r#"
while [ $# -gt 0 ]; do
  RUNTIME=$1 BUNDLE=$2 ID=$3; shift 3
  export RUNTIME BUNDLE ID NVIDIA_CTK_CONFIG_FILE_PATH="$BUNDLE/config.toml"
  /bin/sh -c "$SCRIPT" >"$BUNDLE/stdout" 2>"$BUNDLE/stderr"
  echo $? >"$BUNDLE/status"
  rm -rf /run/liftgate
done
"#;

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Inside {
    /// Runs the bundle; `prelude` is shell text for what the machine is to look like.
    pub fn run(&self, bundle: &Bundle, prelude: &str) -> io::Result<Outcome> {
        let directory = bundle.directory();
        let configuration = directory.join("config.toml");
        if !configuration.exists() {
            fs::write(&configuration, self.configuration())?;
        }
        let mut writable = self.writable.clone();
        writable.push(directory.to_owned());
        let options = Options {
            state: Some(self.state.clone()),
            writable,
        };
        let mut command =
            enter_command(&self.programs.testhost, &self.machine, &options, "/bin/sh");
        let output = command
            .arg("-c")
            .arg(SCRIPT)
            .env("RUNTIME", &self.programs.runtime)
            .env("LIFTGATE", &self.programs.liftgate)
            .env("BUNDLE", directory)
            .env("PRELUDE", prelude)
            .env("ID", container_name())
            .env("NVIDIA_CTK_CONFIG_FILE_PATH", &configuration)
            .env("XDG_RUNTIME_DIR", "/run")
            .stdin(Stdio::null())
            .output();
        let output = context(output, || format!("run on {}", self.machine))?;
        Ok(Outcome {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            log: fs::read_to_string(directory.join("log.json")).unwrap_or_default(),
        })
    }

    /// Runs several bundles on one machine, each with its own low-level or other runtime.
    pub fn run_each(&self, runs: &[(&Bundle, &Path)], prelude: &str) -> io::Result<Vec<Outcome>> {
        let mut writable = self.writable.clone();
        let mut arguments: Vec<OsString> = Vec::new();
        for (bundle, runtime) in runs {
            let directory = bundle.directory();
            writable.push(directory.to_owned());
            arguments.extend([
                runtime.as_os_str().to_owned(),
                directory.as_os_str().to_owned(),
                container_name().into(),
            ]);
        }
        let options = Options {
            state: Some(self.state.clone()),
            writable,
        };
        let mut command =
            enter_command(&self.programs.testhost, &self.machine, &options, "/bin/sh");
        let output = command
            .args(["-c", EACH, "sh"])
            .args(arguments)
            .env("SCRIPT", SCRIPT)
            .env("PRELUDE", prelude)
            .env("LIFTGATE", &self.programs.liftgate)
            .env("XDG_RUNTIME_DIR", "/run")
            .stdin(Stdio::null())
            .output();
        let output = context(output, || format!("run on {}", self.machine))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!(
                "run on {}: {words}",
                self.machine
            )));
        }
        let outcome = |(bundle, _): &(&Bundle, &Path)| {
            let text = |name: &str| fs::read(bundle.directory().join(name));
            Ok(Outcome {
                status: String::from_utf8_lossy(&text("status")?)
                    .trim()
                    .parse()
                    .ok(),
                stdout: String::from_utf8_lossy(&text("stdout")?).into_owned(),
                stderr: String::from_utf8_lossy(&text("stderr")?).into_owned(),
                log: String::from_utf8_lossy(&text("log.json").unwrap_or_default()).into_owned(),
            })
        };
        runs.iter().map(outcome).collect()
    }

    /// A `config.toml` that names the low-level runtime, and the hooks of another runtime under test, which
    /// lie beside it.
    pub fn configuration(&self) -> String {
        let mut text = format!(
            "[nvidia-container-runtime]\nruntimes = [\"{}\"]\n",
            self.low_level.display()
        );
        if Programs::is_other_runtime() {
            let hooks = self.programs.runtime.with_file_name("nvidia-ctk");
            text = format!("{text}[nvidia-ctk]\npath = \"{}\"\n", hooks.display());
            // A container's own `/proc` shows no driver here, there being none; the reference insists.
            text.push_str(
                "[nvidia-container-runtime.modes.jit-cdi]\nnvcdi-disable-hooks = [\"disable-device-node-modification\"]\n",
            );
        }
        text
    }
}

fn container_name() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("liftgate-{}-{number}", std::process::id())
}

impl Outcome {
    /// The whole of it, for a failed test's message.
    pub fn describe(&self) -> String {
        format!(
            "status {:?}\n--- stdout\n{}--- stderr\n{}--- log\n{}",
            self.status, self.stdout, self.stderr, self.log
        )
    }
}

/// The lines of a script's output between two marks, for scripts that print several things.
impl Outcome {
    /// What was printed behind the line `== name`, up to the next such line.
    pub fn part(&self, name: &str) -> String {
        let mark = format!("== {name}");
        let mut part = String::new();
        let lines = self.stdout.lines().skip_while(|line| *line != mark).skip(1);
        for line in lines.take_while(|line| !line.starts_with("== ")) {
            part.push_str(line);
            part.push('\n');
        }
        part
    }
}
