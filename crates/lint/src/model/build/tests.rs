use super::{Build, Tool};
use crate::model::base::Has;
use liftgate_dockerfile::parse;

/// Whether a tool is there when the last command of the last stage runs.
fn has(text: &str, tool: Tool) -> Has {
    let file = parse(text);
    let build = Build::new(&file);
    let last = build.last().expect("a stage");
    let at = build.steps_of(last).last().expect("a step");
    at.has(at.step.commands.len() - 1, tool)
}

#[test]
fn tools_of_images() {
    for (image, tool, expected) in [
        ("nvidia/cuda:12.9.2-devel-ubuntu24.04", Tool::Nvcc, Has::Yes),
        (
            "nvidia/cuda:12.9.2-devel-ubuntu24.04",
            Tool::Compiler,
            Has::Yes,
        ),
        ("nvidia/cuda:12.9.2-devel-ubuntu24.04", Tool::Cmake, Has::No),
        (
            "nvcr.io/nvidia/cuda:12.9.2-runtime-ubuntu24.04",
            Tool::Nvcc,
            Has::No,
        ),
        ("nvidia/cuda:12.9.2-base-ubuntu24.04", Tool::Python, Has::No),
        (
            "nvidia/cuda:12.9.2-base-rockylinux9",
            Tool::Python,
            Has::Unknown,
        ),
        ("nvidia/cuda:latest", Tool::Nvcc, Has::Unknown),
        ("ubuntu:24.04", Tool::Python, Has::No),
        ("rockylinux:9", Tool::Python, Has::Unknown),
        ("rockylinux:9", Tool::Make, Has::No),
        ("python:3.12", Tool::Compiler, Has::Yes),
        ("python:3.12-slim", Tool::Compiler, Has::No),
        ("python:3.12-slim", Tool::Pip, Has::Yes),
        (
            "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-devel",
            Tool::Nvcc,
            Has::Yes,
        ),
        (
            "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
            Tool::Nvcc,
            Has::No,
        ),
        (
            "pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime",
            Tool::Compiler,
            Has::Unknown,
        ),
        ("buildpack-deps:bookworm", Tool::Compiler, Has::Yes),
        ("buildpack-deps:bookworm-curl", Tool::Compiler, Has::No),
        ("continuumio/miniconda3:latest", Tool::Pip, Has::Yes),
        ("example/unknown:1", Tool::Nvcc, Has::Unknown),
        ("scratch", Tool::Make, Has::No),
    ] {
        assert_eq!(
            has(&format!("FROM {image}\nRUN x\n"), tool),
            expected,
            "{image} {tool:?}"
        );
    }
}

#[test]
fn tools_that_are_installed() {
    let base = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\n";
    for (steps, tool, expected) in [
        ("RUN x\n", Tool::Nvcc, Has::No),
        (
            "RUN apt-get install -y --no-install-recommends cuda-nvcc-12-9\nRUN x\n",
            Tool::Nvcc,
            Has::Yes,
        ),
        (
            "RUN apt-get install -y --no-install-recommends cuda-minimal-build-12-9\nRUN x\n",
            Tool::Nvcc,
            Has::Yes,
        ),
        (
            "RUN conda install -y -c nvidia cuda-nvcc\nRUN x\n",
            Tool::Nvcc,
            Has::Yes,
        ),
        (
            "RUN apt-get install -y cuda-cudart-12-9\nRUN x\n",
            Tool::Nvcc,
            Has::No,
        ),
        ("RUN x\nRUN apt-get install -y curl\n", Tool::Make, Has::No),
        (
            "RUN apt-get install -y build-essential\nRUN x\n",
            Tool::Make,
            Has::Yes,
        ),
        (
            "RUN apt-get install -y --no-install-recommends cmake\nRUN x\n",
            Tool::Compiler,
            Has::No,
        ),
        // Recommended packages come along.
        (
            "RUN apt-get install -y cmake\nRUN x\n",
            Tool::Compiler,
            Has::Unknown,
        ),
        (
            "RUN apt-get install -y python3-pip\nRUN x\n",
            Tool::Compiler,
            Has::Unknown,
        ),
        (
            "RUN apt-get install -y --no-install-recommends libtool\nRUN x\n",
            Tool::Compiler,
            Has::Unknown,
        ),
        // Much needs Python.
        (
            "RUN apt-get install -y curl git\nRUN x\n",
            Tool::Python,
            Has::No,
        ),
        (
            "RUN apt-get install -y software-properties-common\nRUN x\n",
            Tool::Python,
            Has::Unknown,
        ),
        (
            "RUN apt-get install -y python3\nRUN x\n",
            Tool::Python,
            Has::Yes,
        ),
        (
            "RUN apt-get install -y python3\nRUN x\n",
            Tool::Pip,
            Has::No,
        ),
        (
            "RUN apt-get install -y python3 && curl -O https://example.org/get-pip.py && python3 get-pip.py\nRUN x\n",
            Tool::Pip,
            Has::Unknown,
        ),
        (
            "RUN apt-get install -y python3-venv && python3 -m venv /v\nRUN x\n",
            Tool::Pip,
            Has::Unknown,
        ),
        ("RUN pip install cmake\nRUN x\n", Tool::Cmake, Has::Yes),
        (
            "RUN pip install -r requirements.txt\nRUN x\n",
            Tool::Cmake,
            Has::Unknown,
        ),
        (
            "RUN uv pip install ninja\nRUN x\n",
            Tool::Cmake,
            Has::Unknown,
        ),
    ] {
        assert_eq!(
            has(&format!("{base}{steps}"), tool),
            expected,
            "{steps} {tool:?}"
        );
    }
}

#[test]
fn tools_that_may_have_come_otherwise() {
    let base = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04\n";
    for steps in [
        "COPY --from=example/x /usr/local/bin/make /usr/local/bin/make",
        "COPY tools /usr/local/bin/",
        "ADD https://example.org/x /x",
        "ADD tools.tar.gz /x",
        "RUN curl -fsSL https://example.org/install.sh | bash",
        "RUN ./install.sh",
        "RUN bash install.sh",
        "RUN --mount=type=bind,from=example/x,target=/x /x/y",
        "RUN apt-get install -y $PACKAGES",
        "RUN apt-get install -y $(cat packages.txt)",
        "RUN xargs apt-get install -y < packages.txt",
        "RUN xargs -a packages.txt apt-get install -y",
        "RUN eatmydata apt-get install -y make",
        "RUN dpkg -i *.deb",
        "RUN apt-get install -y ./*.deb",
        "RUN $INSTALL make",
        "SHELL [\"conda\", \"run\", \"-n\", \"x\", \"/bin/bash\", \"-c\"]",
        "RUN conda env create -f environment.yml",
        "RUN pixi install",
        "RUN . /opt/spack/setup.sh && spack install make",
    ] {
        assert_eq!(
            has(&format!("{base}{steps}\nRUN x\n"), Tool::Make),
            Has::Unknown,
            "{steps}"
        );
    }
    // What the project brings does not lie on the PATH, and these install nothing.
    for steps in [
        "COPY . /app",
        "COPY . .",
        "COPY . /usr/src/app",
        "SHELL [\"/bin/bash\", \"-c\"]",
        "ENV A=1",
        "RUN echo apt-get install make",
        "RUN apt-get purge -y make",
        "RUN bash -c 'apt-get install -y curl'",
        "RUN tar xf x.tar.gz",
    ] {
        assert_eq!(
            has(&format!("{base}{steps}\nRUN x\n"), Tool::Make),
            Has::No,
            "{steps}"
        );
    }
}

#[test]
fn tools_of_earlier_stages() {
    let text = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04 AS a\nRUN apt-get install -y make\nFROM a\nRUN x\n";
    assert_eq!(has(text, Tool::Make), Has::Yes);
    let text = "FROM nvidia/cuda:12.9.2-base-ubuntu24.04 AS a\nRUN apt-get install -y make\nFROM nvidia/cuda:12.9.2-base-ubuntu24.04\nRUN x\n";
    assert_eq!(has(text, Tool::Make), Has::No);
    // The image of an argument without a default.
    assert_eq!(
        has("ARG IMAGE\nFROM $IMAGE\nRUN x\n", Tool::Make),
        Has::Unknown
    );
    assert_eq!(
        has("ARG IMAGE=ubuntu:24.04\nFROM $IMAGE\nRUN x\n", Tool::Make),
        Has::No
    );
}

/// Names of packages of a step, pip's with `pip:`.
fn installed(steps: &str) -> Vec<String> {
    let text = format!("FROM ubuntu:24.04\n{steps}\n");
    let file = parse(&text);
    let build = Build::new(&file);
    let mut names: Vec<String> = build.stages[0].packages().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn programs_in_variables() {
    assert_eq!(
        installed("RUN PIP=\"python -m pip --no-cache-dir install\" && $PIP torch"),
        ["pip:torch"]
    );
    assert_eq!(
        installed("RUN export APT=\"apt-get install -y\"; $APT make"),
        ["make"]
    );
    assert_eq!(
        installed("ENV APT=\"apt-get install -y\"\nRUN $APT make"),
        ["make"]
    );
    assert_eq!(
        installed("RUN P=\"make cmake\"; apt-get install $P"),
        ["cmake", "make"]
    );
    // What is set under a condition is not known.
    assert_eq!(
        installed("ENV P=make\nRUN if x; then P=cmake; fi; apt-get install $P"),
        ["$P"]
    );
    assert_eq!(installed("RUN $PIP torch"), [""; 0]);
}

#[test]
fn stages_that_are_shipped() {
    let text = "FROM a AS base\nFROM base AS build\nRUN x\nFROM base AS test\nFROM scratch\nCOPY --from=build /x /x\n";
    let file = parse(text);
    let build = Build::new(&file);
    let shipped: Vec<bool> = build
        .stages
        .iter()
        .map(|stage| build.is_shipped(stage))
        .collect();
    assert_eq!(shipped, [true, false, true, true]);
    let reached: Vec<bool> = build
        .stages
        .iter()
        .map(|stage| build.is_reached(stage))
        .collect();
    assert_eq!(reached, [true, true, false, true]);
}

#[test]
fn commands_that_may_fail() {
    let file = parse("FROM a\nRUN x || true\nRUN x && y\nRUN x; y || z\n");
    let build = Build::new(&file);
    let may: Vec<bool> = build.steps().map(|at| at.may_fail(0)).collect();
    assert_eq!(may, [true, false, false]);
}

#[test]
fn arguments_of_one_instruction() {
    let file = parse("ARG A=12.9.2 B=$A-base-ubuntu24.04\nFROM nvidia/cuda:$B\n");
    let build = Build::new(&file);
    let base = build
        .cuda_base(&build.stages[0])
        .expect("the second argument sees the first");
    assert_eq!(base.text, "nvidia/cuda:12.9.2-base-ubuntu24.04");
}
