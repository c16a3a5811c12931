use crate::context::Context;
use crate::finding::{Confidence, Fix, Severity};
use crate::model::{At, Install, Manager, Package};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;
use liftgate_dockerfile::shell::{ShellCommand, ShellWord};

declare_rule! {
    /// the driver is installed in the image
    ///
    /// ## What it does
    /// Finds packages and installers that put NVIDIA's driver into an image: `nvidia-driver-…`, `nvidia-utils-…`, `libnvidia-compute-…`, the packages `cuda`
    /// and `cuda-12-9` (the toolkit *and* the driver), `NVIDIA-Linux-….run`, `cuda_….run` without `--toolkit`, and the archive `ppa:graphics-drivers`.
    ///
    /// ## Why
    /// The driver is a module of the host's kernel, and its libraries have to be of the very same version: the container runtime brings those. Others in the
    /// image hide them or clash with them, and CUDA ends with error 803, or `nvidia-smi` with `Driver/library version mismatch`. What of them is for the kernel
    /// is of no use in an image, and hundreds of megabytes.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends cuda-12-9
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends cuda-toolkit-12-9
    /// ```
    ///
    /// Use instead: the toolkit alone, or an image that has it.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-devel-ubuntu24.04
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: another set of packages is installed; `cuda-demo-suite`, for one, is not among them.
    ///
    /// ## Sources
    /// CUDA Installation Guide for Linux, Meta Packages; E4S-Project/e4s#172, BOINC/boinc-client-docker#108.
    DriverInstalled, "LG205", "driver-installed", Warning, High
}

/// Packages of the driver, by how their names begin. `nvidia-settings` and `nvidia-modprobe` need none of it.
const DRIVER: &[&str] = &[
    "nvidia-driver",
    "nvidia-headless",
    "nvidia-utils",
    "nvidia-compute-utils",
    "nvidia-dkms",
    "nvidia-kernel",
    "nvidia-open-",
    "nvidia-legacy",
    "nvidia-tesla",
    "nvidia-opencl-icd",
    "nvidia-libopencl",
    "nvidia-smi",
    "nvidia-peer-memory",
    "nv-peer-mem",
    "kmod-nvidia",
    "akmod-nvidia",
    "libnvidia-compute",
    "libnvidia-gl",
    "libnvidia-encode",
    "libnvidia-decode",
    "libnvidia-fbc",
    "libnvidia-ifr",
    "libnvidia-extra",
    "libnvidia-cfg",
    "libnvidia-common",
    "libnvidia-ml",
    "libcuda1",
    "xserver-xorg-video-nvidia",
    "xorg-x11-drv-nvidia",
    "cuda-drivers",
];

/// What of the driver a package brings.
fn brings(manager: Manager, name: &str) -> Option<&'static str> {
    if !matches!(manager, Manager::Apt | Manager::Dnf | Manager::Zypper) {
        return None;
    }
    let is_number = |rest: &str| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
    };
    let is_versioned = |start: &str| name.strip_prefix(start).is_some_and(is_number);
    if name == "cuda"
        || is_versioned("cuda-")
        || is_versioned("cuda-runtime-")
        || is_versioned("cuda-demo-suite-")
    {
        return Some("the driver with CUDA");
    }
    let is_kernel = !name.contains("no-dkms")
        && ["dkms", "kernel", "kmod", "peer"]
            .iter()
            .any(|part| name.contains(part));
    let is_driver = DRIVER.iter().any(|start| name.starts_with(start))
        || name
            .strip_prefix("nvidia-")
            .is_some_and(|rest| rest.len() == 3 && is_number(rest));
    is_driver.then_some(if is_kernel {
        "a module for the host's kernel"
    } else {
        "the driver"
    })
}

/// Packages that recommend a library of the driver.
const RECOMMEND: &[&str] = &["nvidia-opencl-dev", "boinc-client-nvidia-cuda"];

/// What of the driver a package of a command brings, by itself or with what it recommends.
fn brought(install: &Install, package: &Package) -> Option<&'static str> {
    let recommended = !install.no_recommends && RECOMMEND.contains(&package.name.as_str());
    brings(install.manager, &package.name)
        .or_else(|| recommended.then_some("a library of the driver, which it recommends"))
}

impl Rule for DriverInstalled {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for (_, install) in &at.step.installs {
            let mut found = install
                .packages
                .iter()
                .filter_map(|package| Some((package, brought(install, package)?)));
            let Some((package, what)) = found.next() else {
                continue;
            };
            // NVIDIA's repository for WSL has no driver in it.
            if at.stage_says("wsl-ubuntu") {
                continue;
            }
            let written = package.span.of(at.build.file.text);
            let is_with_toolkit =
                package.name.starts_with("cuda") && !package.name.starts_with("cuda-drivers");
            let is_shipped = at.build.is_shipped(at.stage);
            // A stage that is only copied from may link against the driver's own libraries.
            if !is_shipped && !is_with_toolkit {
                continue;
            }
            let sentence = if is_with_toolkit {
                format!(
                    "`{}` installs the driver beside the toolkit, and the driver belongs to the host",
                    package.name
                )
            } else {
                format!(
                    "`{}` installs {what}, which belongs to the host",
                    package.name
                )
            };
            let finding = context.report(&Self::META, package.span, sentence);
            if is_shipped {
                finding.because("libraries of a driver in the image hide the host's, or clash with them: error 803");
            } else {
                finding
                    .severity(Severity::Note)
                    .because("nothing of it is needed to build");
            }
            if found.next().is_some() {
                finding.because("it is not the only one of this command");
            }
            match instead(package).filter(|_| is_with_toolkit) {
                Some((name, edit)) => {
                    finding.hint(format!("install `{name}`: the same without the driver"));
                    let (from, to) = edit;
                    if let Some(place) = written.find(from) {
                        let start = package.span.start + place;
                        let fix = Fix::unsafe_(format!("install `{name}`"))
                            .replace(Span::new(start, start + from.len()), to);
                        finding.fix(fix);
                    }
                }
                None => {
                    finding.hint(hint_for(install));
                }
            }
        }
    }

    fn command(&self, at: At<'_>, command: &ShellCommand, context: &mut Context<'_>) {
        if at.step.instruction.kind != liftgate_dockerfile::Kind::Run
            || !at.build.is_shipped(at.stage)
        {
            return;
        }
        let Some(place) = command.place() else { return };
        let Some(program) = command.words.get(place) else {
            return;
        };
        if command.program() == Some("add-apt-repository") {
            if let Some(word) = command
                .arguments()
                .iter()
                .find(|word| word.value.starts_with("ppa:graphics-drivers"))
            {
                let finding = context.report(
                    &Self::META,
                    word.span,
                    "an archive of drivers is added to the image",
                );
                finding.at_most(Confidence::Medium);
                finding.because(
                    "even packages that only recommend a driver's library install it from there",
                );
                finding.hint("leave it out: the container runtime brings the host's driver");
            }
            return;
        }
        // `sh x.run`, or `./x.run`.
        let is_shell = matches!(command.program(), Some("sh" | "bash"));
        let words = if is_shell {
            command.arguments()
        } else {
            command.words.get(place..).unwrap_or_default()
        };
        let Some(installer) = words
            .iter()
            .find(|word| !word.value.starts_with('-'))
            .filter(|word| word.value.ends_with(".run"))
        else {
            return;
        };
        let name = installer
            .value
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let has = |options: &[&str]| {
            words
                .iter()
                .any(|word| options.iter().any(|option| word.value.starts_with(option)))
        };
        if name.starts_with("nvidia-linux") || name.starts_with("nvidia-driver") {
            if !has(&["-x", "--extract-only", "--help", "--info", "--check"]) {
                let finding = context.report(
                    &Self::META,
                    program.span.to(installer.span),
                    format!(
                        "`{}` installs the driver, which belongs to the host",
                        installer.value
                    ),
                );
                finding.because("its libraries hide the host's, or clash with them: error 803");
                finding.hint("leave it out: the container runtime brings the host's");
            }
        } else if name.starts_with("cuda") && takes_driver(words, &has) {
            let finding = context.report(
                &Self::META,
                program.span.to(installer.span),
                format!(
                    "`{}` installs the driver beside the toolkit",
                    installer.value
                ),
            );
            finding.because("without `--toolkit` the installer takes everything it has");
            finding.hint("write `--silent --toolkit`");
        }
    }
}

/// Whether NVIDIA's installer of CUDA, run with these words, takes the driver, too.
fn takes_driver(words: &[ShellWord], has: &dyn Fn(&[&str]) -> bool) -> bool {
    if words
        .iter()
        .any(|word| word.value == "--driver" || word.value == "-driver")
    {
        return true;
    }
    has(&["--silent", "-silent"])
        && !has(&[
            "--toolkit",
            "-toolkit",
            "--extract",
            "-extract",
            "--librarypath",
            "--samples",
            "-samples",
        ])
}

/// The package that brings the same without the driver, and what is to be written for what.
fn instead(package: &Package) -> Option<(String, (&'static str, &'static str))> {
    let name = package.name.as_str();
    if let Some(rest) = name.strip_prefix("cuda-runtime") {
        return Some((
            format!("cuda-libraries{rest}"),
            ("cuda-runtime", "cuda-libraries"),
        ));
    }
    if name.starts_with("cuda-demo-suite") {
        return None;
    }
    let rest = name.strip_prefix("cuda")?;
    Some((format!("cuda-toolkit{rest}"), ("cuda", "cuda-toolkit")))
}

fn hint_for(install: &Install) -> String {
    let smi = install
        .packages
        .iter()
        .any(|package| package.name.contains("utils") || package.name == "nvidia-smi");
    if smi {
        "leave it out: `nvidia-smi` comes with the container runtime, for `NVIDIA_DRIVER_CAPABILITIES=compute,utility`".to_owned()
    } else {
        "leave it out: the container runtime brings the host's".to_owned()
    }
}
