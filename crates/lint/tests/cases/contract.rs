//! What an image asks of the driver and the container runtime.

use super::{Row, check_family, covers};

macro_rules! cuda {
    ($steps:literal) => {
        concat!(
            "FROM nvidia/cuda:12.9.2-runtime-ubuntu22.04\n",
            $steps,
            "\n"
        )
    };
}

macro_rules! plain {
    ($steps:literal) => {
        concat!("FROM python:3.12-slim\n", $steps, "\n")
    };
}

#[rustfmt::skip]
const CAPABILITIES: &[Row] = &[
    ("nvidia-smi", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=compute\nHEALTHCHECK CMD nvidia-smi"), &["3: LG401"]),
    ("nvidia-smi that may be missing", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=compute\nCMD nvidia-smi || true"), &[]),
    ("nvidia-smi with all", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=all\nCMD nvidia-smi"), &[]),
    ("nvidia-smi, and the image's own", cuda!("CMD nvidia-smi"), &[]),
    ("NVML", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=compute,video\nRUN pip install nvitop"), &["3: LG401"]),
    ("capabilities by an argument", plain!("ARG C\nENV NVIDIA_DRIVER_CAPABILITIES=$C\nCMD nvidia-smi"), &[]),
    ("video", cuda!("RUN ./configure --enable-nvenc"), &["2: LG402"]),
    ("video is asked for", cuda!("RUN ./configure --enable-nvenc\nENV NVIDIA_DRIVER_CAPABILITIES=${NVIDIA_DRIVER_CAPABILITIES},video"), &[]),
    ("FFmpeg of another stage", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN ./configure --enable-nvenc\nFROM ubuntu:22.04\nCOPY --from=build /usr/local/bin/ffmpeg /usr/local/bin/\n", &["4: LG402"]),
    ("something else of that stage", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN ./configure --enable-nvenc\nFROM ubuntu:22.04\nCOPY --from=build /x /x\n", &[]),
    ("an image that is not known", "FROM example/x:1\nRUN ./configure --enable-nvenc\n", &[]),
    ("Vulkan", cuda!("RUN apt-get install -y libvulkan1"), &["2: LG403"]),
    ("Vulkan under a condition", cuda!("RUN if x; then apt-get install -y libvulkan1; fi"), &[]),
    ("Vulkan with graphics", cuda!("RUN apt-get install -y libvulkan1\nENV NVIDIA_DRIVER_CAPABILITIES=all"), &[]),
    ("Gazebo", cuda!("RUN apt-get install -y gazebo11"), &["2: LG403"]),
    ("OpenCV's libraries", cuda!("RUN apt-get install -y libgl1 libegl1 libglib2.0-0 libglew-dev"), &[]),
    ("in a stage that is left behind", "FROM nvidia/cuda:12.9.2-devel-ubuntu22.04 AS build\nRUN apt-get install -y libvulkan1\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\n", &[]),
    ("unknown", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=gpu,utility"), &["2: LG404"]),
    ("known", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics,display,video,compat32,ngx"), &[]),
    ("no compute", cuda!("ENV NVIDIA_DRIVER_CAPABILITIES=utility"), &["2: LG411"]),
    ("no compute is needed", plain!("ENV NVIDIA_DRIVER_CAPABILITIES=utility"), &[]),
];

#[rustfmt::skip]
const CHOICES: &[Row] = &[
    ("a GPU of CUDA's", plain!("ENV CUDA_VISIBLE_DEVICES=1"), &["2: LG405"]),
    ("all of CUDA's", plain!("ENV CUDA_VISIBLE_DEVICES=all"), &["2: LG405"]),
    ("none, for the processor", plain!("ENV CUDA_VISIBLE_DEVICES=\"\""), &[]),
    ("by a variable", plain!("ARG GPU\nENV CUDA_VISIBLE_DEVICES=$GPU"), &[]),
    ("a GPU of the host's", plain!("ENV NVIDIA_VISIBLE_DEVICES=0"), &["2: LG406"]),
    ("a GPU of a Jetson", "FROM nvcr.io/nvidia/l4t-base:r32.7.1\nENV NVIDIA_VISIBLE_DEVICES=0\n", &[]),
    ("a GPU of a Jetson of some version", "ARG V\nFROM nvcr.io/nvidia/l4t-base:r$V\nENV NVIDIA_VISIBLE_DEVICES=0\n", &[]),
    ("all, none, void", plain!("ENV NVIDIA_VISIBLE_DEVICES=all\nENV NVIDIA_VISIBLE_DEVICES=none\nENV NVIDIA_VISIBLE_DEVICES=void"), &[]),
    ("only for the build", plain!("ARG NVIDIA_VISIBLE_DEVICES=all"), &["2: LG413"]),
    ("an argument with a variable", plain!("ARG NVIDIA_VISIBLE_DEVICES=all\nENV NVIDIA_VISIBLE_DEVICES=$NVIDIA_VISIBLE_DEVICES"), &[]),
    ("an argument for who builds", plain!("ARG NVIDIA_VISIBLE_DEVICES"), &[]),
    ("in another stage", "FROM ubuntu:22.04 AS build\nENV NVIDIA_VISIBLE_DEVICES=all\nFROM ubuntu:22.04\nCOPY --from=build /x /x\n", &["2: LG414"]),
    ("in a stage that an argument chooses", "ARG GPU\nFROM ubuntu:22.04 AS plain\nFROM ubuntu:22.04 AS gpu\nENV NVIDIA_VISIBLE_DEVICES=all\nFROM ${GPU:-plain}\nRUN true\n", &[]),
    ("for an empty image", "FROM ubuntu:22.04 AS build\nENV NVIDIA_VISIBLE_DEVICES=all\nFROM scratch\nCOPY --from=build /x /x\n", &[]),
    ("in the stage below", "FROM ubuntu:22.04 AS build\nENV NVIDIA_VISIBLE_DEVICES=all\nFROM build\nRUN true\n", &[]),
    ("in the base image, too", "FROM ubuntu:22.04 AS build\nENV NVIDIA_VISIBLE_DEVICES=all\nFROM nvidia/cuda:12.9.2-base-ubuntu22.04\nCOPY --from=build /x /x\n", &[]),
    ("misspelt", plain!("ENV NVIDIA_VISIBLE_DEVICE=all"), &["2: LG409"]),
    ("of other makers", plain!("ENV HIP_VISIBLE_DEVICES=0 ROCR_VISIBLE_DEVICES=0 ZE_AFFINITY_MASK=0"), &[]),
];

#[rustfmt::skip]
const REQUIREMENTS: &[Row] = &[
    ("cannot be read", plain!("ENV NVIDIA_REQUIRE_CUDA=12.0"), &["2: LG407"]),
    ("of a Jetson", plain!("ENV NVIDIA_REQUIRE_JETPACK_HOST_MOUNTS=base-only"), &[]),
    ("by an argument", plain!("ARG V\nENV NVIDIA_REQUIRE_CUDA=cuda>=$V"), &[]),
    ("too strict", plain!("ENV NVIDIA_REQUIRE_CUDA=\"cuda>=12.8\""), &["2: LG412"]),
    ("a major version", plain!("ENV NVIDIA_REQUIRE_CUDA=\"cuda>=12.0\""), &[]),
    ("with older drivers", plain!("ENV NVIDIA_REQUIRE_CUDA=\"cuda>=12.8 brand=tesla,driver>=535,driver<536\""), &[]),
    ("before minor-version compatibility", plain!("ENV NVIDIA_REQUIRE_CUDA=\"cuda>=10.1\""), &[]),
    ("off", cuda!("ENV NVIDIA_DISABLE_REQUIRE=1"), &["2: LG408"]),
    ("off, where nothing is required", plain!("ENV NVIDIA_DISABLE_REQUIRE=1"), &[]),
    ("off, misspelt", plain!("ENV NVIDIA_DISABLE_REQUIRES=1"), &["2: LG408"]),
];

#[test]
fn capabilities() {
    check_family("LG4", CAPABILITIES);
}

#[test]
fn choices() {
    check_family("LG4", CHOICES);
}

#[test]
fn requirements() {
    check_family("LG4", REQUIREMENTS);
}

/// LG410 is about a machine, and its page has that.
#[test]
fn each_rule_has_a_row() {
    let of_page: &[Row] = &[("on its page", "", &["1: LG410"])];
    covers("LG4", &[CAPABILITIES, CHOICES, REQUIREMENTS, of_page]);
}
