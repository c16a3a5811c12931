//! Images: their tags, what they run on, what they bring along.

use crate::table::{Case, check, found, machine, of};
use liftgate_lint::{Applicability, Confidence, Finding, Language, Settings, Severity, fix, lint};

const TAGS: &[Case] = &[
    (
        "one that there is",
        "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n",
        "",
    ),
    (
        "of another registry's name",
        "FROM docker.io/nvidia/cuda:12.4.1-base\n",
        "LG101:1",
    ),
    (
        "of NVIDIA's own registry",
        "FROM nvcr.io/nvidia/cuda:12.4.1-base\n",
        "LG101:1",
    ),
    (
        "with a digest the tag means nothing",
        "FROM nvidia/cuda:12.4.1-base@sha256:00\n",
        "",
    ),
    (
        "with a platform",
        "FROM --platform=linux/amd64 nvidia/cuda:12.4.1-base\n",
        "LG101:1",
    ),
    (
        "two numbers",
        "FROM nvidia/cuda:12.4-devel-ubuntu22.04\n",
        "LG101:1",
    ),
    (
        "a release candidate of another's",
        "FROM example/cuda:12.4-devel\n",
        "",
    ),
    (
        "OpenGL's repository still has its images",
        "FROM nvidia/opengl:1.2-glvnd-devel-ubuntu22.04\n",
        "",
    ),
    (
        "that of both is gone",
        "FROM nvidia/cudagl:11.4.2-devel-ubuntu20.04\n",
        "LG102:1",
    ),
    ("gone", "FROM nvidia/cuda:10.2-base\n", "LG102:1"),
    ("no tag", "FROM nvidia/cuda\n", "LG104:1"),
    ("latest", "FROM nvidia/cuda:latest AS build\n", "LG104:1"),
    (
        "superseded",
        "FROM nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "LG103:1",
    ),
    (
        "a copy is deleted by others",
        "FROM registry.example.com/nvidia/cuda:12.4.0-base-ubuntu22.04\n",
        "",
    ),
    (
        "a stage of that name",
        "FROM ubuntu:22.04 AS nvidia\nFROM nvidia\n",
        "",
    ),
    // Variables.
    (
        "a default",
        "ARG V=12.4.0\nFROM nvidia/cuda:${V}-base-ubuntu22.04\n",
        "LG103:2",
    ),
    (
        "defaults of defaults",
        "ARG V=12.4.0\nARG T=${V}-base\nARG I=nvidia/cuda:$T-ubuntu22.04\nFROM $I\n",
        "LG103:4",
    ),
    (
        "no default",
        "ARG V\nFROM nvidia/cuda:${V}-base-ubuntu22.04\n",
        "",
    ),
    (
        "a default in the place itself",
        "ARG V\nFROM nvidia/cuda:${V:-12.4.0}-base-ubuntu22.04\n",
        "LG103:2",
    ),
    (
        "the last default counts",
        "ARG V=12.4.0\nARG V=12.4.1\nFROM nvidia/cuda:${V}-base-ubuntu22.04\n",
        "",
    ),
    (
        "an argument of a stage is not for the next FROM",
        "FROM ubuntu:22.04\nARG V=12.4.0\nFROM nvidia/cuda:${V}-base-ubuntu22.04\n",
        "",
    ),
    (
        "nor in the stage's own environment",
        "FROM ubuntu:22.04\nENV V=12.4.0\nFROM nvidia/cuda:${V}-base-ubuntu22.04\n",
        "",
    ),
    (
        "an automatic argument",
        "FROM nvidia/cuda:12.4.1-base-${TARGETOS}22.04\n",
        "",
    ),
    (
        "a default that is there to be replaced",
        "ARG V=notset\nFROM nvidia/cuda:${V}\n",
        "",
    ),
    (
        "a pattern in an expansion",
        "ARG V=12.4.0-x\nFROM nvidia/cuda:${V%-x}-base-ubuntu22.04\n",
        "LG103:2",
    ),
    (
        "replaced in an expansion",
        "ARG V=12.4.0-rc\nFROM nvidia/cuda:${V//-rc/}-base-ubuntu22.04\n",
        "LG103:2",
    ),
    ("cyclic", "ARG A=$B\nARG B=$A\nFROM nvidia/cuda:$A\n", ""),
    ("a template", "FROM nvidia/cuda:{{ tag }}\n", "LG901:1"),
    // Other places where images are named.
    (
        "copied from",
        "FROM ubuntu:22.04\nCOPY --from=nvidia/cuda:12.4.0-base-ubuntu22.04 /a /b\n",
        "LG103:2",
    ),
    (
        "copied from without a tag",
        "FROM ubuntu:22.04\nCOPY --from=nvidia/cuda /a /b\n",
        "LG104:2",
    ),
    (
        "mounted",
        "FROM ubuntu:22.04\nRUN --mount=type=bind,from=nvidia/cuda:10.2-base,target=/c true\n",
        "LG102:2",
    ),
    // Stages.
    (
        "each once",
        "FROM nvidia/cuda AS a\nFROM nvidia/cuda AS b\nCOPY --from=a /x /y\n",
        "LG104:1 LG104:2",
    ),
    (
        "a stage upon it says it no more",
        "FROM nvidia/cuda AS a\nFROM a\n",
        "LG104:1",
    ),
];

#[test]
fn tags() {
    check(
        TAGS,
        Language::Dockerfile,
        &of(Settings::default(), &["LG1", "LG901"]),
    );
}

const CONTENT: &[Case] = &[
    (
        "the other manager",
        "FROM nvidia/cuda:12.9.2-base-rockylinux9\nRUN apt-get update\n",
        "LG113:2",
    ),
    (
        "once a stage",
        "FROM nvidia/cuda:12.9.2-base-rockylinux9\nRUN apt-get update\nRUN apt-get install x\n",
        "LG113:2",
    ),
    (
        "in each stage",
        "FROM alpine AS a\nRUN apt-get update\nFROM alpine\nRUN apt update\nCOPY --from=a /x /y\n",
        "LG113:2 LG113:4",
    ),
    (
        "asked for before",
        "FROM nvidia/cuda:12.9.2-base-rockylinux9\nRUN if command -v apt-get; then apt-get update; else dnf install -y x; fi\n",
        "",
    ),
    (
        "on an unknown image",
        "FROM example/x\nRUN apt-get update\n",
        "",
    ),
    (
        "on a default",
        "ARG OS=rockylinux9\nFROM nvidia/cuda:12.9.2-base-$OS\nRUN apt-get update\n",
        "LG113:3",
    ),
    // Alpine.
    (
        "Alpine that wants GPUs",
        "FROM alpine:3.20\nENV NVIDIA_VISIBLE_DEVICES=all\n",
        "LG114:1",
    ),
    (
        "Alpine that wants none",
        "FROM alpine:3.20\nENV NVIDIA_VISIBLE_DEVICES=void\n",
        "",
    ),
    (
        "Alpine with glibc",
        "FROM alpine:3.20\nRUN apk add gcompat\nENV NVIDIA_VISIBLE_DEVICES=all\n",
        "",
    ),
    (
        "Alpine and PyTorch",
        "FROM python:3.12-alpine\nRUN pip install torch\n",
        "LG114:1",
    ),
    (
        "Alpine in a stage that is copied from",
        "FROM alpine AS a\nFROM ubuntu:22.04\nENV NVIDIA_VISIBLE_DEVICES=all\nCOPY --from=a /x /y\n",
        "",
    ),
    // The old key.
    (
        "the old key",
        "FROM pytorch/pytorch:1.9.0-cuda11.1-cudnn8-devel\nRUN apt-get update\n",
        "LG116:2",
    ),
    (
        "no repository of NVIDIA's",
        "FROM pytorch/pytorch:1.9.0-cuda11.1-cudnn8-runtime\nRUN apt-get update\n",
        "",
    ),
    (
        "built since",
        "FROM pytorch/pytorch:1.13.1-cuda11.6-cudnn8-devel\nRUN apt-get update\n",
        "",
    ),
    (
        "TensorFlow's",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN apt-get update && apt-get install -y git\n",
        "LG116:2",
    ),
    (
        "TensorFlow's of May 2022",
        "FROM tensorflow/tensorflow:2.8.1-gpu\nRUN apt-get update\n",
        "",
    ),
    (
        "without GPU",
        "FROM tensorflow/tensorflow:2.4.1\nRUN apt-get update\n",
        "",
    ),
    (
        "always the newest",
        "FROM tensorflow/tensorflow:latest-gpu\nRUN apt-get update\n",
        "",
    ),
    (
        "lists taken away",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN rm /etc/apt/sources.list.d/cuda.list\nRUN apt-get update\n",
        "",
    ),
    (
        "the new key fetched",
        "FROM tensorflow/tensorflow:2.4.1-gpu\nRUN apt-key adv --fetch-keys https://x/3bf863cc.pub\nRUN apt-get update\n",
        "",
    ),
    (
        "cured in the stage below",
        "FROM tensorflow/tensorflow:2.4.1-gpu AS a\nRUN rm /etc/apt/sources.list.d/*\nFROM a\nRUN apt-get update\n",
        "",
    ),
    (
        "what is gone is said once",
        "FROM nvidia/cuda:10.2-base\nRUN apt-get update\n",
        "LG102:1",
    ),
    (
        "a copy of it may be pulled",
        "FROM r.example.com/nvidia/cuda:10.2-base\nRUN apt-get update\n",
        "LG102:1 LG116:2",
    ),
    // The compiler in the image that runs.
    (
        "the compiler is shipped",
        "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN nvcc -o /a a.cu\nCMD [\"/a\"]\n",
        "LG111:1",
    ),
    (
        "it is left behind",
        "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04 AS b\nRUN nvcc -o /a a.cu\nFROM nvidia/cuda:12.9.2-base-ubuntu24.04\nCOPY --from=b /a /a\nCMD [\"/a\"]\n",
        "",
    ),
    (
        "Python may compile when it runs",
        "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN nvcc -o /a a.cu && pip install triton\nCMD [\"/a\"]\n",
        "",
    ),
    // Architectures.
    (
        "unknown to the toolkit",
        "FROM nvidia/cuda:11.8.0-devel-ubuntu22.04\nRUN nvcc -arch=sm_100 a.cu\n",
        "LG108:2",
    ),
    (
        "known",
        "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN nvcc -arch=sm_100 a.cu\n",
        "",
    ),
    (
        "no longer known",
        "FROM nvidia/cuda:13.0.3-devel-ubuntu24.04\nRUN nvcc -gencode arch=compute_60,code=sm_60 a.cu\n",
        "LG108:2",
    ),
    (
        "native is what is there",
        "FROM nvidia/cuda:11.8.0-devel-ubuntu22.04\nRUN nvcc -arch=native a.cu\n",
        "",
    ),
    (
        "of PyTorch",
        "FROM nvidia/cuda:11.8.0-devel-ubuntu22.04\nENV TORCH_CUDA_ARCH_LIST=\"8.0 10.0\"\n",
        "LG108:2",
    ),
];

#[test]
fn content() {
    check(
        CONTENT,
        Language::Dockerfile,
        &of(Settings::default(), &["LG1"]),
    );
}

#[test]
fn machines() {
    type Case<'c> = (&'c str, Option<&'c str>, &'c [&'c str], &'c str, &'c str);
    let cases: &[Case<'_>] = &[
        (
            "too old",
            Some("525.147.05"),
            &["RTX 4090"],
            "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n",
            "LG105:1",
        ),
        (
            "what is only copied from needs no driver",
            Some("525.147.05"),
            &["RTX 4090"],
            "FROM nvidia/cuda:13.0.3-base-ubuntu24.04 AS a\nFROM ubuntu:22.04\nCOPY --from=a /x /y\n",
            "",
        ),
        (
            "the one below the last stage does",
            Some("525.147.05"),
            &["RTX 4090"],
            "FROM nvidia/cuda:13.0.3-base-ubuntu24.04 AS a\nFROM a\n",
            "LG105:1",
        ),
        (
            "every minor version of its major",
            Some("535.183.01"),
            &["RTX 4090"],
            "FROM nvidia/cuda:12.9.2-base-ubuntu22.04\n",
            "LG106:1",
        ),
        (
            "its own",
            Some("550.54.14"),
            &["RTX 4090"],
            "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n",
            "",
        ),
        (
            "forward compatibility",
            Some("535.183.01"),
            &["A100"],
            "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n",
            "",
        ),
        (
            "nothing for it any more",
            None,
            &["V100"],
            "FROM nvidia/cuda:13.0.3-base-ubuntu24.04\n",
            "LG107:1",
        ),
        (
            "nothing for it yet",
            None,
            &["B200"],
            "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n",
            "LG107:1",
        ),
        (
            "code for one of its kind runs",
            None,
            &["RTX 4090"],
            "FROM nvidia/cuda:11.4.3-base-ubuntu20.04\n",
            "",
        ),
        (
            "one of two",
            None,
            &["A100", "B200"],
            "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\n",
            "LG107:1",
        ),
        (
            "no code for the GPU",
            None,
            &["A100"],
            "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN nvcc -arch=sm_90 a.cu\n",
            "LG109:2",
        ),
        (
            "older PTX is compiled",
            None,
            &["A100"],
            "FROM nvidia/cuda:12.9.2-devel-ubuntu24.04\nRUN nvcc -gencode arch=compute_75,code=compute_75 a.cu\n",
            "",
        ),
        (
            "a Jetson's image",
            None,
            &["H100"],
            "FROM nvcr.io/nvidia/l4t-base:r35.4.1\n",
            "LG115:1",
        ),
        (
            "a Jetson's image for a Jetson",
            None,
            &["Orin"],
            "FROM nvcr.io/nvidia/l4t-base:r35.4.1\n",
            "",
        ),
        (
            "a server's image for a Jetson",
            None,
            &["Orin"],
            "FROM --platform=linux/amd64 ubuntu:22.04\n",
            "LG115:1",
        ),
    ];
    for (what, driver, gpus, text, expected) in cases {
        let settings = of(machine(*driver, gpus), &["LG1"]);
        assert_eq!(
            found(text, Language::Dockerfile, &settings),
            *expected,
            "{what}"
        );
    }
}

#[test]
fn branches_that_have_ended() {
    let text = "FROM nvidia/cuda:12.2.2-base-ubuntu22.04\n";
    for (driver, month, expected) in [
        ("550.54.14", None, "LG110:1"),
        ("535.183.01", None, ""),
        ("535.183.01", Some((2026, 6)), ""),
        ("535.183.01", Some((2026, 7)), "LG110:1"),
        ("580.95.05", Some((2026, 7)), ""),
        ("551.12", Some((2026, 7)), ""),
    ] {
        let mut settings = of(machine(Some(driver), &[]), &["LG110"]);
        settings.target.month = month;
        assert_eq!(
            found(text, Language::Dockerfile, &settings),
            expected,
            "{driver} {month:?}"
        );
    }
    assert_eq!(
        found(
            "FROM ubuntu\n",
            Language::Dockerfile,
            &of(machine(Some("550"), &[]), &["LG110"])
        ),
        ""
    );
}

fn only(text: &str) -> Finding {
    let mut findings = lint(
        text,
        Language::Dockerfile,
        &of(Settings::default(), &["LG1"]),
    );
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

/// Where the tag is put together from defaults, these are shown, and the one that has to change is changed.
#[test]
fn defaults_are_shown_and_mended() {
    let text = "ARG OS=ubuntu22.04\nARG V=\"12.4.0\"\nFROM nvidia/cuda:${V}-base-${OS}\n";
    let finding = only(text);
    assert_eq!(finding.confidence, Confidence::Medium);
    let shown: Vec<&str> = finding
        .related
        .iter()
        .map(|related| related.span.of(text))
        .collect();
    assert_eq!(shown, ["ubuntu22.04", "\"12.4.0\""]);
    for (what, before, after, applicability) in [
        (
            "quoted",
            text,
            text.replace("12.4.0", "12.4.1"),
            Some(Applicability::Safe),
        ),
        (
            "the whole name",
            "ARG I=nvidia/cuda:12.4.0-base-ubuntu22.04\nFROM $I\n",
            "ARG I=nvidia/cuda:12.4.1-base-ubuntu22.04\nFROM $I\n".to_owned(),
            Some(Applicability::Safe),
        ),
        (
            "used elsewhere, too",
            "ARG V=12.4.0\nFROM nvidia/cuda:$V-base-ubuntu22.04\nARG V\nRUN echo $V\n",
            "ARG V=12.4.1\nFROM nvidia/cuda:$V-base-ubuntu22.04\nARG V\nRUN echo $V\n".to_owned(),
            Some(Applicability::Unsafe),
        ),
        (
            "no default alone does it",
            "ARG V=9.0\nFROM nvidia/cuda:$V-$V\n",
            "ARG V=9.0\nFROM nvidia/cuda:$V-$V\n".to_owned(),
            None,
        ),
    ] {
        let settings = of(Settings::default(), &["LG1"]);
        let fixed = fix::fix(before, true, |text| {
            lint(text, Language::Dockerfile, &settings)
        });
        assert_eq!(fixed.text, after, "{what}");
        assert_eq!(
            only(before).fix.map(|fix| fix.applicability),
            applicability,
            "{what}"
        );
    }
    let both = "ARG V=12.4.0\nFROM nvidia/cuda:$V-devel-ubuntu22.04 AS b\nFROM nvidia/cuda:$V-base-ubuntu22.04\nCOPY --from=b /a /a\n";
    let settings = of(Settings::default(), &["LG1"]);
    let fixed = fix::fix(both, false, |text| {
        lint(text, Language::Dockerfile, &settings)
    });
    assert_eq!(
        fixed.text,
        both.replace("12.4.0", "12.4.1"),
        "both stages have it then"
    );
}

/// What nobody builds unless it is named is no error.
#[test]
fn stages_that_nothing_uses() {
    let finding = only("FROM nvidia/cuda AS old\nFROM ubuntu:22.04\n");
    assert_eq!(finding.severity, Severity::Warning);
    for used in [
        "FROM nvidia/cuda AS old\nFROM old\n",
        "FROM nvidia/cuda AS old\nFROM ubuntu:22.04\nCOPY --from=OLD /a /a\n",
        "FROM nvidia/cuda AS old\nFROM ubuntu:22.04\nCOPY --from=0 /a /a\n",
        "FROM nvidia/cuda AS old\nFROM ubuntu:22.04\nRUN --mount=type=bind,from=old,target=/o true\n",
        "FROM ubuntu:22.04 AS first\nFROM nvidia/cuda\n",
    ] {
        assert_eq!(only(used).severity, Severity::Error, "{used}");
    }
}
