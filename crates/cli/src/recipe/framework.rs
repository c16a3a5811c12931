//! A Python program on PyTorch, TensorFlow or JAX.
//!
//! Their wheels bring CUDA and cuDNN, so the image is Python's own: all that comes from the machine is the driver.

use super::impossible::Impossible;
use super::packages;
use super::request::{Kind, Request};
use super::sheet::Sheet;
use super::wheel::{self, Chosen};
use super::{cuda, wheels};

const TEMPLATE: &str = include_str!("templates/python.Dockerfile");

pub(super) fn sheet(request: &Request) -> Result<(Sheet, &'static str), Impossible> {
    let (framework, offered) = match request.kind {
        Kind::Tensorflow => ("TensorFlow", wheels::TENSORFLOW),
        Kind::Jax => ("JAX", wheels::JAX),
        _ => ("PyTorch", wheels::PYTORCH),
    };
    let chosen = wheel::choose(request, framework, offered)?;
    let debian = debian(request.os.as_deref())?;
    let mut sheet = Sheet::default();
    sheet.set("head", request.head());
    sheet.set("name", &*request.name);
    let python = format!("3.{}", chosen.python);
    let base = format!("python:{python}-slim-{debian}");
    let why = match (request.python, chosen.python) {
        (Some(_), _) => "as asked",
        (None, wheel::USUAL_PYTHON) => "for which the most packages have wheels",
        (None, _) => "the nearest that this release is made for",
    };
    sheet.choose(
        "python",
        format!("python:{python}-{debian}"),
        format!("The full image has a compiler, for packages that come as source. Python {python}, {why}."),
    );
    install(&mut sheet, request, framework, &chosen);
    sheet.choose(
        "base",
        &*base,
        format!("{framework}'s wheels bring their own CUDA and cuDNN: an nvidia/cuda base would add a second one that nothing uses."),
    );
    compiler(&mut sheet, request.kind);
    needs(&mut sheet, request);
    cuda::machine(&mut sheet, request);
    Ok((sheet, TEMPLATE))
}

/// The framework, and where it comes from.
fn install(sheet: &mut Sheet, request: &Request, framework: &str, chosen: &Chosen) {
    let wheel = chosen.wheel;
    let (requirement, constraint, index, what) = match request.kind {
        Kind::Tensorflow => (
            format!("\"tensorflow[and-cuda]=={}\"", wheel.version),
            format!("tensorflow=={}", wheel.version),
            String::new(),
            "`tensorflow` alone has no CUDA, and runs on the CPU",
        ),
        Kind::Jax => (
            format!("\"jax[{}]=={}\"", wheel.flavour, wheel.version),
            format!("jax=={}", wheel.version),
            String::new(),
            "`jax` alone has no CUDA, and runs on the CPU",
        ),
        _ => (
            format!("torch=={}+{}", wheel.version, wheel.flavour),
            format!("torch=={}+{}", wheel.version, wheel.flavour),
            format!("https://download.pytorch.org/whl/{}", wheel.flavour),
            "this index, as PyPI has one CUDA for each release, whatever the driver is",
        ),
    };
    let option = if index.is_empty() {
        String::new()
    } else {
        format!(" --index-url {index}")
    };
    sheet.choose(
        "framework",
        &*requirement,
        format!(
            "{framework} {} is for {}; {what}.",
            wheel.version,
            chosen.reason(request)
        ),
    );
    sheet.set("framework.index", option);
    sheet.set("constraint", constraint);
    let extra = if index.is_empty() {
        String::new()
    } else {
        format!(" --extra-index-url {index}")
    };
    sheet.set("extra", extra);
    if !chosen.compiled.is_empty() {
        let names: Vec<String> = chosen.compiled.iter().map(|one| one.sm()).collect();
        sheet.warn(format!(
            "{framework} {} has only PTX for {}, or for the most of what runs there: the driver compiles it when the program first starts, which takes minutes",
            wheel.version,
            names.join(", ")
        ));
    }
}

/// Python's own image on Debian.
fn debian(os: Option<&str>) -> Result<&'static str, Impossible> {
    match os.map(str::to_ascii_lowercase).as_deref() {
        None | Some("bookworm" | "debian12" | "debian:12" | "debian") => Ok("bookworm"),
        Some("trixie" | "debian13" | "debian:13") => Ok("trixie"),
        Some(other) => Err(Impossible::new(
            format!("Python's images are made on Debian, not on `{other}`"),
            "name bookworm or trixie, or leave --os out",
        )),
    }
}

/// `torch.compile` and Triton compile a small C file before anything runs; XLA needs no compiler but its own.
fn compiler(sheet: &mut Sheet, kind: Kind) {
    if kind == Kind::Pytorch {
        sheet.choose(
            "compiler",
            "gcc libc6-dev",
            "torch.compile and Triton call a C compiler when the program runs; without them, these lines can go.",
        );
        sheet.set(
            "compiler.install",
            format!(
                "# {}\n{}",
                sheet_reason(sheet),
                packages::apt(&["gcc", "libc6-dev"])
            ),
        );
    } else {
        sheet.set("compiler.install", "");
    }
}

fn sheet_reason(sheet: &Sheet) -> String {
    sheet
        .choices
        .last()
        .map(|choice| choice.reason.clone())
        .unwrap_or_default()
}

/// What the program itself needs, and how it is started.
fn needs(sheet: &mut Sheet, request: &Request) {
    let project = &request.project;
    let lines = if project.has_requirements {
        "# The constraint keeps a requirement from bringing another build of the framework in.\n\
         COPY requirements.txt .\n\
         RUN --mount=type=cache,target=/root/.cache/pip \\\n    \
         echo '{{constraint}}' > /tmp/constraint.txt \\\n \
         && pip install --requirement requirements.txt --constraint /tmp/constraint.txt{{extra}}"
    } else if project.is_python_package {
        "# The constraint keeps a dependency from bringing another build of the framework in.\n\
         COPY . .\n\
         RUN --mount=type=cache,target=/root/.cache/pip \\\n    \
         echo '{{constraint}}' > /tmp/constraint.txt \\\n \
         && pip install . --constraint /tmp/constraint.txt{{extra}}"
    } else {
        sheet.warn("there is no requirements.txt here: only the framework is installed");
        ""
    };
    let lines = sheet.fill(lines);
    sheet.set("needs", lines.trim_end());
    let program = project.python_program.clone();
    if program.is_none() && !project.is_python_package {
        sheet.warn("there is no Python program here yet: the image starts `main.py`");
    }
    let command = match (&program, project.is_python_package) {
        (Some(program), _) => format!("[\"python\", \"{program}\"]"),
        (None, true) => format!("[\"python\", \"-m\", \"{}\"]", module(request)),
        (None, false) => "[\"python\", \"main.py\"]".to_owned(),
    };
    sheet.set("command", command);
}

/// The module that is started: the package's, else one by the name of the image.
pub(super) fn module(request: &Request) -> String {
    let own = request.project.python_module.clone();
    own.unwrap_or_else(|| request.name.replace('-', "_"))
}
