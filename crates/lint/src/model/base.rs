//! What well-known images bring along, and what brings more.
//!
//! An image that is not in here is one of which nothing is known, and a rule that asks for a tool in it says nothing.
//! What NVIDIA's own images have is in `liftgate-cuda`; what the others have was looked up in their Dockerfiles
//! (docker-library/python and buildpack-deps, pytorch/pytorch, tensorflow/tensorflow, conda's images).

use super::build::Step;
use super::environment::Certainty;
use super::packages::{Install, Manager};
use super::reference::Reference;
use liftgate_cuda::image::{self, Flavour, Os, Part, Parts, Presence};
use liftgate_dockerfile::shell::ShellCommand;
use liftgate_dockerfile::{Body, Kind};

/// A program that builds need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// `nvcc`, with CUDA's headers.
    Nvcc,
    /// `gcc`, `g++`, `cc`.
    Compiler,
    /// `make`.
    Make,
    /// `cmake`.
    Cmake,
    /// `python3`, `python`.
    Python,
    /// `pip`, `pip3`.
    Pip,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// The file does not say.
    Unknown,
}

/// What an image brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provided(Known);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Nothing is in it.
    Nothing,
    /// Nothing is known of it.
    Unknown,
    /// `nvidia/cuda`
    Cuda { flavour: Flavour, os: Option<Os> },
    /// A distribution: a shell, a package manager. That of RHEL's kin is written in Python, which is on the `PATH` of
    /// some of their images.
    Distribution { is_like_rhel: bool },
    /// Python's own images; the slim ones have no compiler.
    Python { is_slim: bool },
    /// `pytorch/pytorch`
    Pytorch { is_devel: bool },
    /// `gcc`, `buildpack-deps`: what is needed to compile.
    Compilers,
    /// Conda, on a slim Debian.
    Conda,
}

impl Provided {
    /// An empty image.
    pub(crate) const fn nothing() -> Self {
        Self(Known::Nothing)
    }

    /// An image of which nothing is known.
    pub(crate) const fn unknown() -> Self {
        Self(Known::Unknown)
    }

    /// Whether a tool is among it.
    pub fn has(self, tool: Tool) -> Has {
        let yes = |is: bool| if is { Has::Yes } else { Has::No };
        match self.0 {
            Known::Nothing => Has::No,
            Known::Unknown => Has::Unknown,
            Known::Cuda { flavour, os } => {
                let part = match tool {
                    Tool::Nvcc => Part::Nvcc,
                    Tool::Compiler => Part::HostCompiler,
                    Tool::Make => Part::Make,
                    Tool::Cmake => Part::Cmake,
                    Tool::Python => Part::Python,
                    Tool::Pip => Part::Pip,
                };
                match image::presence(part, flavour, false, os) {
                    Presence::Yes => Has::Yes,
                    Presence::No => Has::No,
                    Presence::Unknown => Has::Unknown,
                }
            }
            Known::Distribution { is_like_rhel } => match tool {
                Tool::Python | Tool::Pip if is_like_rhel => Has::Unknown,
                _ => Has::No,
            },
            Known::Python { is_slim } => match tool {
                Tool::Python | Tool::Pip => Has::Yes,
                Tool::Compiler | Tool::Make => yes(!is_slim),
                Tool::Nvcc | Tool::Cmake => Has::No,
            },
            Known::Pytorch { is_devel } => match tool {
                Tool::Python | Tool::Pip => Has::Yes,
                Tool::Nvcc => yes(is_devel),
                // Newer runtime images have a compiler, for Triton; conda's cmake was in some.
                Tool::Compiler | Tool::Make | Tool::Cmake if is_devel => Has::Yes,
                Tool::Compiler | Tool::Make | Tool::Cmake => Has::Unknown,
            },
            Known::Compilers => match tool {
                Tool::Compiler | Tool::Make => Has::Yes,
                Tool::Nvcc | Tool::Cmake | Tool::Pip => Has::No,
                Tool::Python => Has::Unknown,
            },
            Known::Conda => match tool {
                Tool::Python | Tool::Pip => Has::Yes,
                Tool::Nvcc | Tool::Make | Tool::Cmake | Tool::Compiler => Has::No,
            },
        }
    }

    /// Whether anything is known of the image.
    pub fn is_known(self) -> bool {
        self.0 != Known::Unknown
    }
}

/// What the image of a name brings along.
pub(crate) fn provided(reference: &Reference) -> Provided {
    let tag = reference.tag_or_latest();
    let known = match reference.repository.as_str() {
        "nvidia/cuda" | "nvcr.io/nvidia/cuda" | "nvidia/cudagl" | "nvcr.io/nvidia/cudagl" => {
            let parts = Parts::of(tag);
            match parts.flavour {
                Some(flavour) => Known::Cuda {
                    flavour,
                    os: parts.meant_os(),
                },
                None => Known::Unknown,
            }
        }
        "ubuntu" | "debian" | "alpine" => Known::Distribution {
            is_like_rhel: false,
        },
        "rockylinux"
        | "rockylinux/rockylinux"
        | "almalinux"
        | "fedora"
        | "registry.access.redhat.com/ubi8/ubi"
        | "registry.access.redhat.com/ubi9/ubi" => Known::Distribution { is_like_rhel: true },
        // They have what fetches and what checks out, and no compiler.
        "buildpack-deps" if tag.contains("curl") || tag.contains("scm") => Known::Distribution {
            is_like_rhel: false,
        },
        "python" => Known::Python {
            is_slim: tag.contains("slim") || tag.contains("alpine"),
        },
        "pytorch/pytorch" => Known::Pytorch {
            is_devel: tag.contains("devel"),
        },
        "gcc" | "buildpack-deps" => Known::Compilers,
        "continuumio/miniconda3"
        | "continuumio/anaconda3"
        | "condaforge/miniforge3"
        | "condaforge/mambaforge" => Known::Conda,
        _ => Known::Unknown,
    };
    Provided(known)
}

/// What a variable is in the image of a name, as far as that is known.
pub(crate) fn environment(reference: &Reference, name: &str) -> Option<String> {
    let text = format!("{}:{}", reference.repository, reference.tag.as_ref()?);
    let tag = image::Reference::parse(&text)?.judge().tag?;
    tag.environment().get(name).map(str::to_owned)
}

impl Tool {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Nvcc,
        Self::Compiler,
        Self::Make,
        Self::Cmake,
        Self::Python,
        Self::Pip,
    ];

    /// The tool of a command's name.
    pub fn of(program: &str) -> Option<Self> {
        let is_versioned = |name: &str, start: &str| {
            name.strip_prefix(start).is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
            })
        };
        match program {
            "nvcc" => Some(Self::Nvcc),
            "gcc" | "g++" | "cc" | "c++" => Some(Self::Compiler),
            "make" => Some(Self::Make),
            "cmake" => Some(Self::Cmake),
            _ if is_versioned(program, "python") => Some(Self::Python),
            _ if is_versioned(program, "pip") => Some(Self::Pip),
            _ => None,
        }
    }

    /// Its program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Nvcc => "nvcc",
            Self::Compiler => "g++",
            Self::Make => "make",
            Self::Cmake => "cmake",
            Self::Python => "python3",
            Self::Pip => "pip",
        }
    }

    /// Whether a package of a distribution, of conda or of pip (`pip:cmake`) has it, or brings it along.
    pub fn is_in(self, package: &str) -> bool {
        let starts =
            |beginnings: &[&str]| beginnings.iter().any(|start| package.starts_with(start));
        let is = |names: &[&str]| names.contains(&package);
        match self {
            Self::Nvcc => {
                starts(&[
                    "cuda-toolkit",
                    "cuda-nvcc",
                    "cuda-compiler",
                    "cuda-minimal-build",
                    "cuda-command-line-tools",
                    "cuda-core",
                    "cuda-samples",
                    "nvhpc",
                ]) || is(&[
                    "cuda",
                    "nvidia-cuda-toolkit",
                    "nvidia-cuda-dev",
                    "cudatoolkit-dev",
                    "cuda-devel",
                    "cuda-compiler",
                ]) || package
                    .strip_prefix("cuda-")
                    .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
                    || starts(&["pip:nvidia-cuda-nvcc"])
            }
            Self::Compiler => {
                is(&[
                    "build-essential",
                    "gcc",
                    "g++",
                    "gcc-c++",
                    "base-devel",
                    "build-base",
                    "development tools",
                    "compilers",
                    "clang",
                    "devtoolset",
                    "ros-dev-tools",
                ]) || starts(&[
                    "gcc-",
                    "g++-",
                    "gxx",
                    "gcc_",
                    "clang",
                    "devtoolset-",
                    "pattern:devel",
                    "@development",
                ]) || package.contains("build-essential")
                    || Self::Nvcc.is_in(package) && !starts(&["cuda-compiler", "pip:"])
            }
            Self::Make => {
                is(&[
                    "make",
                    "build-essential",
                    "base-devel",
                    "build-base",
                    "development tools",
                    "automake",
                    "cmake",
                ]) || starts(&["pattern:devel", "@development"])
                    || package.contains("build-essential")
                    || Self::Nvcc.is_in(package) && !starts(&["cuda-compiler", "pip:"])
            }
            Self::Cmake => starts(&["cmake", "pip:cmake", "python3-cmake"]),
            Self::Python => {
                starts(&["python", "conda", "miniconda", "ipython"]) || Self::Pip.is_in(package)
            }
            Self::Pip => {
                is(&["pip", "python", "virtualenv", "python3-virtualenv", "pip:pip", "uv"])
                    || starts(&["python3-pip", "python-pip", "py3-pip", "python2-pip", "pip:pip", "pip=", "python3.10-pip"])
                    || package.starts_with("python3") && package.ends_with("-pip")
                    // RHEL's `python39` brings pip along, Debian's `python3.9` does not.
                    || package.strip_prefix("python3").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
                    || package.starts_with("python=")
            }
        }
    }
}

/// Programs that bring what cannot be seen: they run what was fetched, or scripts of the project, or unpack packages.
const INSTALLERS: &[&str] = &[
    "sh",
    "bash",
    "zsh",
    "dash",
    "source",
    ".",
    "spack",
    "nix",
    "nix-env",
    "nix-build",
    "brew",
    "mise",
    "asdf",
    "pyenv",
    "dpkg",
    "rpm",
    "gdebi",
    "ansible-playbook",
    "eval",
    "rosdep",
    "apt-build",
    "guix",
    "vcpkg",
    "conan",
];

/// Programs that put files anywhere: a compiler, CMake or Python comes in an archive, and make does not.
const UNPACKERS: &[&str] = &["tar", "unzip", "bsdtar", "cp", "mv", "ln", "install"];

/// Scripts that configure or build what is there.
const BUILDERS: &[&str] = &[
    "configure",
    "autogen.sh",
    "bootstrap.sh",
    "bootstrap",
    "b2",
    "waf",
    "gradlew",
    "config",
];

/// Whether a step may bring a tool in a way that its commands do not show.
pub(crate) fn may_bring(step: &Step<'_>, tool: Tool) -> bool {
    let instruction = step.instruction;
    match instruction.kind {
        Kind::Copy | Kind::Add => {
            let Body::Files {
                sources,
                destination,
            } = &instruction.body
            else {
                return true;
            };
            // Files of the project do not become programs on the PATH by lying in the project's directory.
            instruction.flag("from").is_some()
                || sources.iter().any(|source| {
                    source.value.contains("://")
                        || instruction.kind == Kind::Add && is_archive(&source.value)
                })
                || ["/usr", "/bin", "/opt", "/etc", "/root", "$"]
                    .iter()
                    .any(|start| {
                        destination.value.starts_with(start)
                            && !destination.value.starts_with("/usr/src")
                    })
                || destination.value == "/"
        }
        Kind::Run => {
            step.opaque
                || instruction
                    .flags("mount")
                    .any(|flag| flag.value.as_ref().is_some_and(|value| value.value.contains("from=")))
                || step.commands.iter().any(|command| may_install(command, tool))
                || step.installs.iter().any(|(_, install)| may_come_with(install, tool))
                // Wheels bring programs: CMake comes with some, and with requirements that are not seen.
                || tool == Tool::Cmake && !step.pip.is_empty()
        }
        // `SHELL ["conda", "run", …]`: what is on the PATH there is not what is here.
        Kind::Shell => match &instruction.body {
            Body::Shell(words) => !words.first().is_some_and(|word| {
                let name = word.value.rsplit('/').next().unwrap_or_default();
                matches!(name, "sh" | "bash" | "dash" | "ash" | "zsh")
                    && !words.iter().any(|word| {
                        matches!(
                            word.value.as_str(),
                            "--login" | "-l" | "-lc" | "-i" | "-ic" | "-lic"
                        )
                    })
            }),
            _ => true,
        },
        Kind::Onbuild | Kind::Unknown => true,
        _ => false,
    }
}

/// Packages that need neither Python nor a compiler, nor recommend them.
const PLAIN: &[&str] = &[
    "apt-utils",
    "bash",
    "bc",
    "binutils",
    "build-essential",
    "bzip2",
    "ca-certificates",
    "coreutils",
    "cpp",
    "curl",
    "dialog",
    "diffutils",
    "file",
    "findutils",
    "g++",
    "gawk",
    "gcc",
    "git",
    "gnupg",
    "gnupg2",
    "gpg",
    "grep",
    "gzip",
    "htop",
    "iproute2",
    "iputils-ping",
    "jq",
    "less",
    "libgl1",
    "libgomp1",
    "locales",
    "make",
    "nano",
    "net-tools",
    "openssl",
    "patch",
    "perl",
    "pigz",
    "pkg-config",
    "procps",
    "psmisc",
    "rsync",
    "sed",
    "sudo",
    "tar",
    "tini",
    "tmux",
    "tree",
    "tzdata",
    "unzip",
    "wget",
    "which",
    "xz-utils",
    "zip",
    "zlib1g",
    "zlib1g-dev",
];

/// Packages that need a compiler or make.
const WITH_COMPILER: &[&str] = &[
    "automake",
    "cargo",
    "debhelper",
    "devscripts",
    "dkms",
    "dpkg-dev",
    "gfortran",
    "ghc",
    "gnat",
    "libtool",
    "linux-headers",
    "mpi-default-dev",
    "mpich",
    "libmpich",
    "libopenmpi-dev",
    "r-base",
    "rustc",
    "ros-",
    "libboost-all-dev",
    "nvhpc",
    "erlang",
    "ocaml",
    "qemu",
    "rpm-build",
    "python3-all-dev",
    "intel-",
];

/// Packages that recommend a compiler or make.
const RECOMMEND_COMPILER: &[&str] = &[
    "cmake",
    "python3-pip",
    "python-pip",
    "python3-dev",
    "npm",
    "golang",
    "ruby",
    "cython",
    "ninja-build",
    "php",
    "swig",
    "ccache",
    "bison",
    "flex",
    "autoconf",
];

/// Whether a tool may come with packages that are installed for something else, or whose names are not known.
fn may_come_with(install: &Install, tool: Tool) -> bool {
    if install.packages.is_empty() {
        return true;
    }
    let begins =
        |name: &str, beginnings: &[&str]| beginnings.iter().any(|start| name.starts_with(start));
    install.packages.iter().any(|package| {
        let name = package.name.as_str();
        let is_plain = PLAIN.contains(&name);
        if package.certainty == Certainty::Unknown
            || name.contains(['/', '$', '*', '?', '['])
            || name.ends_with(".deb")
            || name.ends_with(".rpm")
        {
            return true;
        }
        match tool {
            Tool::Compiler | Tool::Make => {
                begins(name, WITH_COMPILER)
                    || !install.no_recommends && begins(name, RECOMMEND_COMPILER)
            }
            // So much is written in Python that only what is known not to be can be left aside.
            Tool::Python => !is_plain,
            Tool::Pip => {
                name.contains("pip")
                    || name.contains("virtualenv")
                    || name.contains("poetry")
                    || name.contains("python") && install.manager != Manager::Apt
            }
            Tool::Cmake => begins(name, &["ros-", "qt", "extra-cmake"]),
            Tool::Nvcc => begins(
                name,
                &[
                    "nvhpc",
                    "cuda-samples",
                    "cuda-core",
                    "cuda-repo",
                    "hpcx",
                    "tensorrt-dev",
                    "nvidia-jetpack",
                    "nvidia-l4t",
                ],
            ),
        }
    })
}

/// Whether a command may bring a tool in a way that cannot be seen.
fn may_install(command: &ShellCommand, tool: Tool) -> bool {
    let Some(place) = command.place() else {
        return false;
    };
    let program = command
        .words
        .get(place)
        .map_or("", |word| word.value.as_str());
    let name = program.rsplit('/').next().unwrap_or_default();
    let arguments = command.arguments();
    let has_word = |test: &dyn Fn(&str) -> bool| arguments.iter().any(|word| test(&word.value));
    // `python3 get-pip.py`, `python3 -m ensurepip`, `easy_install pip`, `ln -s /usr/bin/pip3.9 pip`
    // an environment of its own, or a script of the project's
    let brings_pip = |word: &str| {
        ["get-pip", "ensurepip", "venv", "virtualenv"]
            .iter()
            .any(|part| word.contains(part))
            || word.ends_with("/pip")
            || word == "pip"
            || word.ends_with(".py")
    };
    if tool == Tool::Pip && Tool::of(name) != Some(Tool::Pip) && has_word(&brings_pip) {
        return true;
    }
    if program.starts_with('$') || program.contains("$(") || program.contains('`') {
        return true;
    }
    if INSTALLERS.contains(&name) {
        // What `sh -c '…'` runs is seen.
        return command.script.is_none();
    }
    if UNPACKERS.contains(&name) {
        return tool != Tool::Make;
    }
    // `eatmydata apt-get install`, `retry 3 pip install`, a function of the script's: what it runs is not seen.
    let is_manager = Manager::of(name).is_some()
        || matches!(Tool::of(name), Some(Tool::Pip | Tool::Python))
        || name == "uv"
        || name == "apt-mark";
    let says =
        |word: &str| Manager::of(word).is_some() || matches!(Tool::of(word), Some(Tool::Pip));
    if !is_manager
        && !matches!(name, "echo" | "printf" | "which" | "rm" | "type")
        && has_word(&says)
        && has_word(&|word: &str| matches!(word, "install" | "add"))
    {
        return true;
    }
    let is_usual_place = ["/usr/", "/bin/", "/sbin/", "/opt/conda/"]
        .iter()
        .any(|start| program.starts_with(start));
    if program.contains('/') && !is_usual_place {
        return !BUILDERS.contains(&name);
    }
    match name {
        "conda" | "mamba" | "micromamba" | "pixi" => {
            has_word(&|word: &str| word == "env")
                || has_word(&|word: &str| matches!(word, "-f" | "--file"))
                || name == "pixi"
        }
        "uv" | "pipx" | "poetry" | "pdm" | "rye" => {
            matches!(tool, Tool::Python | Tool::Pip | Tool::Cmake)
        }
        "apt-get" | "apt" => has_word(&|word: &str| word == "build-dep") || command.is_extended(),
        "make" => matches!(tool, Tool::Python | Tool::Pip | Tool::Cmake),
        "snap" | "flatpak" | "emerge" | "chroot" | "easy_install" | "devbox" => true,
        _ => command.is_extended() && Manager::of(name).is_some(),
    }
}

fn is_archive(name: &str) -> bool {
    [".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".txz"]
        .iter()
        .any(|end| name.ends_with(end))
}
