//! A CUDA program.

use super::impossible::Impossible;
use super::packages;
use super::project::{Builder, CmakeFacts, MakeFacts};
use super::request::{Request, Version};
use super::sheet::Sheet;
use super::support::Support;
use super::toolkit::{self, Needs, Toolkit};
use super::{linked, target};
use liftgate_cuda::code::Target as Code;
use liftgate_cuda::first_release;
use liftgate_cuda::image::Flavour;

const TEMPLATE: &str = include_str!("templates/cuda.Dockerfile");

pub(super) fn sheet(request: &Request) -> Result<(Sheet, &'static str), Impossible> {
    let (flags, _, cudnn) = linked::needs(&request.project.libraries);
    let needs = Needs {
        cudnn,
        ..Needs::default()
    };
    let toolkit = toolkit::choose(request, needs)?;
    let mut sheet = Sheet::default();
    images(&mut sheet, request, &toolkit);
    build(&mut sheet, request, &toolkit, &flags);
    Ok((sheet, TEMPLATE))
}

/// The two images, and what is the same whatever builds.
pub(super) fn images(sheet: &mut Sheet, request: &Request, toolkit: &Toolkit) {
    let (_, flavour, _) = linked::needs(&request.project.libraries);
    // cuDNN is in no `base`; a program without libraries needs no more than the runtime library.
    sheet.set("head", request.head());
    sheet.set("name", &*request.name);
    sheet.choose(
        "toolkit",
        toolkit.image(Flavour::Devel),
        format!(
            "`devel` has nvcc and the headers. {}.",
            capital(&toolkit.reason(request))
        ),
    );
    let libraries: Vec<&str> = request
        .project
        .libraries
        .iter()
        .copied()
        .filter(|name| *name != "cuda" && *name != "nvidia-ml")
        .collect();
    let reason = if libraries.is_empty() {
        "`base` has the CUDA runtime library and no compiler; the driver's libraries come from the machine.".to_owned()
    } else {
        format!(
            "`{flavour}` has {}, which the sources use, and no compiler; the driver's libraries come from the machine.",
            libraries.join(", ")
        )
    };
    sheet.choose("flavour", toolkit.image(flavour), reason);
    sheet.set("require", requirement(toolkit));
    sheet.choose(
        "architectures",
        toolkit.architectures.nvcc(),
        format!("{}.", toolkit.architectures_reason(request)),
    );
    superseded(sheet, request, toolkit);
    if request
        .target
        .gpus
        .iter()
        .any(|gpu| gpu.capability.is_tegra())
    {
        sheet.warn("a Jetson runs arm64 images, and the libraries in those of nvidia/cuda are for servers: where the program links one, take a base of nvcr.io/nvidia/l4t-*");
    }
    machine(sheet, request);
}

/// A release that was asked for, and is on its way out.
pub(super) fn superseded(sheet: &mut Sheet, request: &Request, toolkit: &Toolkit) {
    // Only such a one is not the newest.
    let is_asked = matches!(request.cuda, Some(Version::Release(_)));
    if is_asked && let Some(newer) = toolkit.newer() {
        let own = toolkit.devel.release;
        sheet.warn(format!("CUDA {newer} has taken the place of {own}: NVIDIA deletes such images half a year later"));
    }
}

/// The images' own requirement does not know minor-version compatibility.
pub(super) fn requirement(toolkit: &Toolkit) -> String {
    let driver = match toolkit.support {
        Support::Full => return String::new(),
        Support::MinorVersion => "this driver",
        Support::Unknown => "an older driver that runs this",
    };
    format!(
        "# NVIDIA's own container toolkit goes by the image's NVIDIA_REQUIRE_CUDA, which does not know minor-version compatibility:\n\
         # where it refuses {driver}, start the container with -e NVIDIA_DISABLE_REQUIRE=1. liftgate does not refuse it."
    )
}

/// What has to be known of the driver and the GPUs.
pub(super) fn machine(sheet: &mut Sheet, request: &Request) {
    for model in &request.target.unknown {
        sheet.warn(format!("`{model}` of this machine is not among the GPUs that are known: name its compute capability with --gpu"));
    }
    let Some(driver) = &request.target.driver else {
        if request.target.source == target::Source::Unknown {
            sheet.warn("this machine has no NVIDIA driver, and neither --gpu nor --driver was given: the files are for GPUs from Turing to Blackwell, and not for the smallest image");
        }
        return;
    };
    if driver.cuda().is_none() && driver.branch().is_some_and(|branch| branch < 610) {
        sheet.warn(format!("{driver} is of no branch of the Linux driver: what it runs is not known, and nothing was chosen by it"));
    }
    for gpu in &request.target.gpus {
        let first = Code::sass(gpu.capability)
            .toolkits()
            .and_then(|(first, _)| first_release(first));
        let last = gpu.capability.last_driver_branch();
        if let (Some(branch), Some(last)) = (driver.branch(), last)
            && branch > last
        {
            sheet.warn(format!(
                "driver branch {branch} no longer drives {}: {last} is the last one",
                target::gpu_name(gpu)
            ));
        } else if let (Some(own), Some((release, first))) = (driver.cuda(), first)
            && own < release.cuda()
        {
            sheet.warn(format!(
                "{driver} came before {}, which needs about {first}",
                target::gpu_name(gpu)
            ));
        }
    }
}

/// How the program is built.
pub(super) fn build(sheet: &mut Sheet, request: &Request, toolkit: &Toolkit, flags: &str) {
    let project = &request.project;
    let name = &request.name;
    sheet.set("program", &**name);
    let (builder, reason, packages, lines) = match &project.builder {
        Builder::Nvcc => {
            let sources = match (
                project.sources.as_slice(),
                project.source_directories.first(),
            ) {
                ([], Some(directory)) => format!("{directory}/*.cu"),
                ([], None) => {
                    sheet.warn("there is no CUDA source here yet: the file builds `main.cu`");
                    "main.cu".to_owned()
                }
                (sources, _) => sources.join(" "),
            };
            let include = if project.has_include {
                " -Iinclude"
            } else {
                ""
            };
            let line = format!(
                "RUN mkdir -p /out/bin \\\n && nvcc -O3 {}{include} -o /out/bin/{name} {sources}{}",
                toolkit.architectures.nvcc_lines(),
                spaced(flags)
            );
            (
                format!("nvcc {sources}"),
                "There is neither CMakeLists.txt nor Makefile.".to_owned(),
                String::new(),
                line,
            )
        }
        Builder::Make(facts) => {
            let program = facts.program.clone().unwrap_or_else(|| name.clone());
            let why = match &facts.program {
                Some(_) => format!("The directory has a Makefile, which makes `{program}`."),
                None => format!(
                    "The directory has a Makefile; which file it makes is not said there: `{program}` is a guess."
                ),
            };
            let (before, make) = make(sheet, facts, toolkit);
            let line = format!(
                "{before}RUN {make} \\\n && install -D --mode=0755 {program} /out/bin/{name}"
            );
            ("make".to_owned(), why, String::new(), line)
        }
        Builder::Cmake(facts) => {
            let (packages, line) = cmake(sheet, facts, toolkit, &[], "", name);
            if let Some(own) = facts.program.as_deref().filter(|_| facts.installs) {
                sheet.set("program", own);
            }
            (
                "cmake".to_owned(),
                "The directory has a CMakeLists.txt; `devel` images have no cmake.".to_owned(),
                packages,
                line,
            )
        }
    };
    sheet.choose("builder", builder, reason);
    sheet.set("packages", packages);
    sheet.set("build", lines);
}

/// What stands before `make`, and the command.
pub(super) fn make(sheet: &mut Sheet, facts: &MakeFacts, toolkit: &Toolkit) -> (String, String) {
    let make = "make -j\"$(nproc)\"";
    if facts.takes_sms {
        return (
            String::new(),
            format!("{make} SMS=\"{}\"", toolkit.architectures.sms()),
        );
    }
    if facts.names_architectures {
        sheet.warn("the Makefile names GPU architectures itself: what is generated for the GPU comes on top of it");
    }
    // Whatever the Makefile calls its options, nvcc reads this.
    (
        format!(
            "ENV NVCC_APPEND_FLAGS=\"{}\"\n",
            toolkit.architectures.nvcc()
        ),
        make.to_owned(),
    )
}

/// The packages that cmake takes, and the commands.
pub(super) fn cmake(
    sheet: &mut Sheet,
    facts: &CmakeFacts,
    toolkit: &Toolkit,
    more: &[&str],
    options: &str,
    name: &str,
) -> (String, String) {
    if facts.names_architectures {
        sheet.warn("CMakeLists.txt sets the GPU architectures itself, whatever cmake is told: take that line out, or change it there");
    }
    // CMake learned CMAKE_CUDA_ARCHITECTURES with 3.18; Ubuntu 20.04 and 18.04 have older ones.
    let os = toolkit.devel.os;
    let is_old = os.is_ubuntu() && os.glibc() < (2, 35);
    let architectures = if is_old {
        format!("-DCMAKE_CUDA_FLAGS=\"{}\"", toolkit.architectures.nvcc())
    } else {
        format!(
            "-DCMAKE_CUDA_ARCHITECTURES=\"{}\"",
            toolkit.architectures.cmake()
        )
    };
    let (packages, generator) = if os.is_ubuntu() {
        (
            packages::install(os, &[&["cmake", "ninja-build"], more].concat()),
            " -G Ninja",
        )
    } else {
        (packages::install(os, &[&["cmake"], more].concat()), "")
    };
    let program = facts.program.clone().unwrap_or_else(|| name.to_owned());
    let put = if facts.installs {
        "cmake --install /build --prefix /out".to_owned()
    } else {
        format!("install -D --mode=0755 /build/{program} /out/bin/{name}")
    };
    let lines = format!(
        "RUN cmake -S . -B /build{generator} -DCMAKE_BUILD_TYPE=Release{options} {architectures} \\\n \
         && cmake --build /build --parallel \\\n && {put}"
    );
    (packages, lines)
}

pub(super) fn spaced(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" {text}")
    }
}

/// With a capital first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
