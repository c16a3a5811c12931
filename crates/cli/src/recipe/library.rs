//! A CUDA library, and a program or Python package that uses it.
//!
//! Without a build file the layout is the usual one: the library's sources in `src`, its headers in `include`, and at the
//! top either `main.cu` (or `main.cpp`) or a Python package.

use super::impossible::Impossible;
use super::project::{Builder, CmakeFacts, Project};
use super::request::{Linkage, Request};
use super::sheet::Sheet;
use super::toolkit::{self, Needs, Toolkit};
use super::{cuda, framework, linked, packages};
use liftgate_cuda::image::Os;

const PROGRAM: &str = include_str!("templates/library.Dockerfile");
const PYTHON: &str = include_str!("templates/library-python.Dockerfile");

pub(super) fn sheet(request: &Request) -> Result<(Sheet, &'static str), Impossible> {
    let is_python = request.project.is_python_package;
    let (flags, _, cudnn) = linked::needs(&request.project.libraries);
    let os = match request.python {
        Some(version) if is_python => Some(os_of_python(version)?),
        _ => None,
    };
    let needs = Needs {
        cudnn,
        os,
        ..Needs::default()
    };
    let toolkit = toolkit::choose(request, needs)?;
    if is_python && !toolkit.devel.os.is_ubuntu() {
        return Err(Impossible::new(
            format!(
                "the Python package takes Python from {}, for which there is no recipe",
                toolkit.devel.os
            ),
            "leave --os out, or name an Ubuntu",
        ));
    }
    let mut sheet = Sheet::default();
    cuda::images(&mut sheet, request, &toolkit);
    let linkage = request.linkage.unwrap_or(Linkage::Shared);
    let (words, reason) = match (linkage, is_python) {
        (Linkage::Shared, true) => (
            "shared",
            "Python opens a library by its file, so it is a shared one.",
        ),
        (Linkage::Shared, false) => (
            "shared",
            "A shared library: the program finds it without LD_LIBRARY_PATH, which would come before the driver's own libraries.",
        ),
        (Linkage::Static, true) => (
            "static",
            "A static library goes into the extension module, position-independent; nothing of it is copied beside it.",
        ),
        (Linkage::Static, false) => (
            "static",
            "A static library is linked into the program: there is nothing to be found when it starts.",
        ),
    };
    sheet.choose("linkage", words, reason);
    build(&mut sheet, request, &toolkit, linkage, &flags);
    if is_python {
        python(&mut sheet, &toolkit, linkage, request);
        Ok((sheet, PYTHON))
    } else {
        // A program of a Makefile has no RUNPATH, if that does not say so.
        let is_made =
            matches!(request.project.builder, Builder::Make(_)) && linkage == Linkage::Shared;
        let cache = "# The loader's cache knows the library from here on; LD_LIBRARY_PATH would come before the driver's own libraries.\nRUN ldconfig";
        sheet.set("library.cache", if is_made { cache } else { "" });
        Ok((sheet, PROGRAM))
    }
}

/// Ubuntu's own Python is the one that there is; another version is on another Ubuntu.
fn os_of_python(version: (u8, u8)) -> Result<Os, Impossible> {
    let found = PYTHONS.iter().find(|(_, own)| *own == version);
    found.map(|(os, _)| *os).ok_or_else(|| {
        let all = PYTHONS
            .iter()
            .map(|(os, (major, minor))| format!("{major}.{minor} of {os}"));
        Impossible::new(
            format!(
                "no Ubuntu that nvidia/cuda is made on has Python {}.{}",
                version.0, version.1
            ),
            format!("there are {}", all.collect::<Vec<_>>().join(", ")),
        )
    })
}

/// What building and installing a Python package takes.
const PYTHON_PACKAGES: [&str; 2] = ["python3-dev", "python3-venv"];

const PYTHONS: [(Os, (u8, u8)); 3] = [
    (Os::Ubuntu2404, (3, 12)),
    (Os::Ubuntu2204, (3, 10)),
    (Os::Ubuntu2004, (3, 8)),
];

fn python(sheet: &mut Sheet, toolkit: &Toolkit, linkage: Linkage, request: &Request) {
    let is_cmake = matches!(request.project.builder, Builder::Cmake(_));
    let os = toolkit.devel.os;
    let version = PYTHONS
        .iter()
        .find(|(own, _)| *own == os)
        .map(|(_, version)| version);
    let version = version.map_or_else(String::new, |(major, minor)| format!(" {major}.{minor}"));
    sheet.choose(
        "python",
        format!("python3{version}"),
        format!("Ubuntu's own Python{version}: nvidia/cuda images have none."),
    );
    // With cmake they are installed already.
    let packages: &[&str] = if is_cmake { &[] } else { &PYTHON_PACKAGES };
    sheet.set("python.build", packages::install(os, packages));
    sheet.set("python.run", packages::install(os, &["python3"]));
    sheet.set("module", framework::module(request));
    // A static library is in the extension module; a shared one is looked for by the loader.
    let (place, copy) = match linkage {
        Linkage::Static if is_cmake => ("/out/lib", ""),
        Linkage::Static => ("/build", ""),
        Linkage::Shared => (
            "/out/lib",
            "COPY --from=build /out/lib/ /usr/local/lib/\n\
             # The loader's cache knows the library from here on; LD_LIBRARY_PATH would come before the driver's own libraries.\n\
             RUN ldconfig",
        ),
    };
    sheet.set("library.place", place);
    sheet.set("library.copy", copy);
}

/// The library, and the program if there is one.
fn build(sheet: &mut Sheet, request: &Request, toolkit: &Toolkit, linkage: Linkage, flags: &str) {
    let name = &request.name;
    let project = &request.project;
    let is_python = project.is_python_package;
    sheet.set("program", &**name);
    let (builder, reason, packages, lines) = match &project.builder {
        Builder::Nvcc => {
            let (library, program) = sources(project);
            if project.source_directories.is_empty() && project.sources.is_empty() {
                sheet.warn("there are no CUDA sources here yet: the file builds a library of `src/*.cu`, with headers in `include`");
            }
            let lines = nvcc(request, toolkit, linkage, flags, &library, &program);
            (
                format!("nvcc {library}"),
                "There is neither CMakeLists.txt nor Makefile.".to_owned(),
                String::new(),
                lines,
            )
        }
        Builder::Make(facts) => {
            let (before, make) = cuda::make(sheet, facts, toolkit);
            let (ending, place) = match linkage {
                Linkage::Static => ("a", "/build"),
                Linkage::Shared => ("so", "/out/lib"),
            };
            let program = if is_python {
                String::new()
            } else {
                let program = facts.program.clone().unwrap_or_else(|| name.clone());
                format!(" \\\n && install -D --mode=0755 {program} /out/bin/{name}")
            };
            let lines = format!(
                "{before}RUN {make} \\\n && install -D --mode=0644 -t {place} lib*.{ending}*{program}"
            );
            (
                "make".to_owned(),
                "The directory has a Makefile; it is expected to make the library at the top."
                    .to_owned(),
                String::new(),
                lines,
            )
        }
        Builder::Cmake(facts) => {
            let options = match linkage {
                Linkage::Static => {
                    " -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON"
                }
                Linkage::Shared => {
                    " -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_RPATH='$ORIGIN/../lib'"
                }
            };
            let more: &[&str] = if is_python { &PYTHON_PACKAGES } else { &[] };
            let facts = CmakeFacts {
                installs: true,
                ..facts.clone()
            };
            let (packages, lines) = cuda::cmake(sheet, &facts, toolkit, more, options, name);
            if let Some(own) = &facts.program {
                sheet.set("program", &**own);
            }
            let reason = "The directory has a CMakeLists.txt, whose install() rules put library and program in place; `devel` images have no cmake.";
            ("cmake".to_owned(), reason.to_owned(), packages, lines)
        }
    };
    sheet.choose("builder", builder, reason);
    sheet.set("packages", packages);
    sheet.set("build", lines);
}

/// What the library is made of, and the program. Sources in a directory of their own are the library's; where all lie at the
/// top, the program is the one that is called `main`.
fn sources(project: &Project) -> (String, String) {
    let (main, others): (Vec<&str>, Vec<&str>) = project
        .sources
        .iter()
        .map(String::as_str)
        .partition(|name| name.starts_with("main."));
    let main = if main.is_empty() {
        "main.cu".to_owned()
    } else {
        main.join(" ")
    };
    match (
        project.source_directories.first(),
        project.sources.is_empty(),
    ) {
        (Some(directory), true) => (format!("{directory}/*.cu"), main),
        (Some(directory), false) => (format!("{directory}/*.cu"), project.sources.join(" ")),
        (None, _) if others.is_empty() => ("src/*.cu".to_owned(), main),
        (None, _) => (others.join(" "), main),
    }
}

/// One call of nvcc for the library (it takes several sources only without `-o` or when it links), one for the program.
fn nvcc(
    request: &Request,
    toolkit: &Toolkit,
    linkage: Linkage,
    flags: &str,
    library: &str,
    program: &str,
) -> String {
    let name = &request.name;
    let architectures = toolkit.architectures.nvcc_lines();
    let include = if request.project.has_include
        || request.project.source_directories.is_empty() && request.project.sources.is_empty()
    {
        " -Iinclude"
    } else {
        ""
    };
    let flags = cuda::spaced(flags);
    let first = match linkage {
        Linkage::Static => format!(
            "RUN mkdir -p /build /out/bin \\\n \
             && nvcc -O3 {architectures} -Xcompiler -fPIC{include} --lib -o /build/lib{name}.a {library}"
        ),
        // One CUDA runtime library for the library and what uses it: the image has it.
        Linkage::Shared => format!(
            "RUN mkdir -p /out/bin /out/lib \\\n \
             && nvcc -O3 {architectures} -Xcompiler -fPIC{include} --shared --cudart=shared -Xlinker -soname=lib{name}.so \\\n         \
             -o /out/lib/lib{name}.so {library}{flags}"
        ),
    };
    if request.project.is_python_package {
        return first;
    }
    let (runtime, place, flags) = match linkage {
        Linkage::Static => ("", "/build", flags.as_str()),
        Linkage::Shared => (
            " --cudart=shared -Xlinker '-rpath=$ORIGIN/../lib'",
            "/out/lib",
            "",
        ),
    };
    format!(
        "{first} \\\n && nvcc -O3 {architectures}{include}{runtime} -o /out/bin/{name} {program} -L{place} -l{name}{flags}"
    )
}
