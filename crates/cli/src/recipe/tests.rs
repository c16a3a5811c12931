//! All kinds for all machines, and some of them by eye.

use super::request::Version;
use super::support::{Support, support};
use super::*;
use liftgate_cuda::code::{Loading, cmake_list, loading};
use liftgate_cuda::framework::{Runs, TensorFlow, TorchWheel, WheelPresence};
use liftgate_cuda::gpu::Gpu;
use liftgate_cuda::image::{Part, Presence, Reference, SigningKey, TagVerdict};
use liftgate_cuda::{Cuda, Driver};
use liftgate_lint::{Language, Settings, lint};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

const DRIVERS: [Option<&str>; 14] = [
    None,
    Some("450.80.02"),
    Some("470.82.01"),
    Some("510.68.02"),
    Some("525.60.13"),
    Some("535.183.01"),
    Some("545"),
    Some("550.54.15"),
    Some("565.57.01"),
    Some("570.133.20"),
    Some("575.57.08"),
    Some("580.95.05"),
    Some("595.58.03"),
    Some("616.00"),
];

const GPUS: [&[&str]; 14] = [
    &[],
    &["K80"],
    &["GTX 980"],
    &["GTX 1080"],
    &["V100"],
    &["T4"],
    &["A100"],
    &["RTX 4090"],
    &["H100"],
    &["B200"],
    &["sm_121"],
    &["T4", "H100"],
    &["V100", "B200"],
    &["Jetson AGX Orin"],
];

fn target(gpus: &[&str], driver: Option<&str>) -> Target {
    Target {
        driver: driver.map(|driver| Driver::parse(driver).unwrap()),
        gpus: gpus.iter().map(|gpu| Gpu::parse(gpu).unwrap()).collect(),
        source: if gpus.is_empty() && driver.is_none() {
            Source::Unknown
        } else {
            Source::Asked
        },
        unknown: Vec::new(),
    }
}

fn request(kind: Kind, gpus: &[&str], driver: Option<&str>) -> Request {
    Request {
        kind,
        target: target(gpus, driver),
        cuda: None,
        os: None,
        python: None,
        name: "saxpy".to_owned(),
        linkage: None,
        project: Project::default(),
    }
}

/// Directories of all sorts.
fn projects() -> Vec<(&'static str, Project)> {
    let plain = Project {
        sources: vec!["main.cu".to_owned()],
        source_directories: vec!["src".to_owned()],
        has_include: true,
        python_program: Some("train.py".to_owned()),
        has_requirements: true,
        ..Project::default()
    };
    let package = Project {
        is_python_package: true,
        has_requirements: false,
        python_program: None,
        ..plain.clone()
    };
    let cmake = |text: &str| Builder::Cmake(CmakeFacts::of(text));
    vec![
        ("empty", Project::default()),
        ("plain", plain.clone()),
        (
            "flat",
            Project {
                sources: ["kernel.cu", "main.cpp"].map(str::to_owned).into(),
                source_directories: Vec::new(),
                has_include: false,
                ..plain.clone()
            },
        ),
        (
            "cudnn",
            Project {
                libraries: ["cublas", "cudnn"].into(),
                ..plain.clone()
            },
        ),
        (
            "make",
            Project {
                builder: Builder::Make(MakeFacts::of("TARGET = bin/saxpy\n")),
                ..plain.clone()
            },
        ),
        (
            "make-sms",
            Project {
                builder: Builder::Make(MakeFacts::of("x: $(SMS)\n")),
                ..plain.clone()
            },
        ),
        (
            "cmake",
            Project {
                builder: cmake("add_executable(saxpy main.cu)\n"),
                ..plain.clone()
            },
        ),
        (
            "cmake-install",
            Project {
                builder: cmake("add_executable(s main.cu)\ninstall(TARGETS s)\n"),
                ..plain.clone()
            },
        ),
        ("package", package.clone()),
        (
            "package-cmake",
            Project {
                builder: cmake("install(TARGETS s)\n"),
                ..package.clone()
            },
        ),
        (
            "package-make",
            Project {
                builder: Builder::Make(MakeFacts::default()),
                ..package
            },
        ),
    ]
}

/// A request by its name, and what came of it.
type Case = (String, Request, Result<Recipe, Impossible>);

/// Every kind of file for every machine and directory. Whoever has to say something of all that is written gets it here.
fn each() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases = Vec::new();
        for kind in Kind::ALL {
            let projects = projects().into_iter().filter(|(name, _)| match kind {
                Kind::Cuda => !name.starts_with("package"),
                Kind::Library => *name != "empty",
                Kind::Serving => *name == "empty",
                _ => matches!(*name, "empty" | "plain" | "package"),
            });
            let linkages: &[Option<Linkage>] = match kind {
                Kind::Library => &[Some(Linkage::Static), Some(Linkage::Shared)],
                _ => &[None],
            };
            for (directory, project) in projects {
                for (gpus, driver, linkage) in machines()
                    .flat_map(|(gpus, driver)| linkages.iter().map(move |one| (gpus, driver, *one)))
                {
                    let mut request = request(kind, gpus, driver);
                    request.linkage = linkage;
                    request.project = project.clone();
                    let name = format!(
                        "{} for {gpus:?} and {driver:?} in {directory}, {linkage:?}",
                        kind.name()
                    );
                    let recipe = write(&request);
                    cases.push((name, request, recipe));
                }
            }
        }
        cases
    })
}

fn machines() -> impl Iterator<Item = (&'static [&'static str], Option<&'static str>)> {
    GPUS.into_iter()
        .flat_map(|gpus| DRIVERS.into_iter().map(move |driver| (gpus, driver)))
}

/// The images of a Dockerfile, by its stages.
fn images(dockerfile: &str) -> Vec<&str> {
    let lines = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("FROM "));
    lines.filter_map(|rest| rest.split(' ').next()).collect()
}

#[test]
fn every_image_exists_and_its_cuda_runs() {
    let mut seen = [0, 0];
    let mut tags = BTreeMap::new();
    for (name, request, recipe) in each() {
        let Ok(recipe) = recipe else {
            seen[0] += 1;
            continue;
        };
        seen[1] += 1;
        for image in images(&recipe.dockerfile) {
            if image.starts_with("python:3.") && image.ends_with("-bookworm") {
                continue;
            }
            let tag = *tags.entry(image).or_insert_with(|| {
                let judgement = Reference::parse(image).unwrap().judge();
                assert_eq!(judgement.verdict, TagVerdict::Exists, "{name}: {image}");
                let tag = judgement.tag.unwrap();
                assert_eq!(tag.signing_key(), SigningKey::Current, "{name}: {image}");
                tag
            });
            let runs = support(request.target.driver.as_ref(), tag.release.cuda());
            assert!(runs.is_some(), "{name}: {image}");
        }
    }
    assert!(seen[0] > 500 && seen[1] > 2500, "{seen:?}");
    assert!(tags.len() > 20, "{tags:?}");
}

#[test]
fn every_file_is_whole() {
    for (name, _, recipe) in each() {
        let Ok(Recipe {
            dockerfile,
            ignore,
            compose,
            choices,
            ..
        }) = recipe
        else {
            continue;
        };
        for text in [dockerfile, ignore, compose] {
            assert!(
                !text.contains("{{") && !text.contains("}}"),
                "{name}: {text}"
            );
            assert!(
                text.ends_with('\n') && !text.contains("\n\n\n") && !text.contains("  \n"),
                "{name}: {text}"
            );
            assert!(
                text.lines().all(|line| line == line.trim_end()),
                "{name}: {text}"
            );
        }
        // Two stages, nothing of a compiler's but by COPY, and not as root.
        assert_eq!(images(dockerfile).len(), 2, "{name}");
        let run = dockerfile.rsplit_once("FROM ").unwrap().1;
        assert!(run.contains("COPY --from=build "), "{name}: {run}");
        assert!(run.contains("\nUSER 10001:10001\n"), "{name}: {run}");
        let last = dockerfile.rsplit("USER ").next().unwrap();
        assert!(
            !last.contains("RUN ") && !last.contains("COPY "),
            "{name}: {last}"
        );
        assert_eq!(
            dockerfile.matches("apt-get install").count(),
            dockerfile.matches("--no-install-recommends").count(),
            "{name}"
        );
        assert_eq!(
            dockerfile.matches("pip install").count() > 0,
            dockerfile.contains("target=/root/.cache/pip"),
            "{name}"
        );
        // The reason of each choice stands there as a comment, on one line.
        for choice in choices {
            let reason = &choice.reason;
            assert!(
                reason.ends_with('.') && !reason.contains('\n'),
                "{name}: {reason}"
            );
            assert!(
                dockerfile.contains(&format!("# {reason}\n")),
                "{name}: {reason}\n{dockerfile}"
            );
        }
        assert!(
            compose.contains("driver: nvidia") && compose.contains("capabilities: [gpu]"),
            "{name}"
        );
    }
}

/// What the generated options are, read back: code for every GPU, and PTX only where its driver compiles it.
#[test]
fn every_gpu_has_code() {
    let mut seen = 0;
    for (name, request, recipe) in each() {
        let (Ok(recipe), Builder::Cmake(_)) = (recipe, &request.project.builder) else {
            continue;
        };
        let Some((_, rest)) = recipe
            .dockerfile
            .split_once("-DCMAKE_CUDA_ARCHITECTURES=\"")
        else {
            continue;
        };
        let list = cmake_list(rest.split('"').next().unwrap()).unwrap();
        let image = Reference::parse(images(&recipe.dockerfile)[0])
            .unwrap()
            .judge()
            .tag
            .unwrap();
        let cuda = image.release.cuda();
        for code in &list {
            assert!(code.is_made_by(cuda), "{name}: {code} with {cuda}");
        }
        for gpu in &request.target.gpus {
            assert!(
                matches!(loading(&list, gpu.capability), Loading::Native(_)),
                "{name}"
            );
        }
        let has_ptx = list
            .iter()
            .any(|code| code.to_string().starts_with("compute"));
        let is_full = support(request.target.driver.as_ref(), cuda) != Some(Support::MinorVersion);
        let is_tegra = request
            .target
            .gpus
            .iter()
            .any(|gpu| gpu.capability.is_tegra());
        assert_eq!(has_ptx, is_full && !is_tegra, "{name}");
        seen += 1;
    }
    assert!(seen > 300, "{seen}");
}

/// What is linked is in the image that it runs on.
#[test]
fn flavours_have_what_is_linked() {
    let mut request = request(Kind::Cuda, &["H100"], Some("550.54.15"));
    for (library, part) in [
        ("cublas", Part::MathLibraries),
        ("nccl", Part::Nccl),
        ("cudnn", Part::Cudnn),
    ] {
        request.project.libraries = [library].into();
        let recipe = write(&request).unwrap();
        let images = images(&recipe.dockerfile);
        let tags: Vec<_> = images
            .iter()
            .map(|image| Reference::parse(image).unwrap().judge().tag.unwrap())
            .collect();
        assert_eq!(tags[1].has(part), Presence::Yes, "{library}: {}", images[1]);
        assert_eq!(tags[1].has(Part::Nvcc), Presence::No, "{library}");
        assert_eq!(tags[0].has(Part::Nvcc), Presence::Yes, "{library}");
        assert!(
            recipe.dockerfile.contains(&format!("-l{library}")),
            "{library}"
        );
    }
}

/// Other sources of the same facts come to the same verdict.
#[test]
fn wheels_run_where_they_were_chosen_for() {
    let mut seen = 0;
    for (name, request, recipe) in each() {
        let Ok(recipe) = recipe else {
            continue;
        };
        let Some(choice) = recipe
            .choices
            .iter()
            .find(|choice| choice.subject == "framework")
        else {
            continue;
        };
        let value = choice.value.trim_matches('"');
        let driver = request.target.driver.as_ref();
        for gpu in &request.target.gpus {
            let judgement = match request.kind {
                Kind::Pytorch => TorchWheel::parse(value)
                    .unwrap()
                    .judge(driver, Some(gpu), false),
                Kind::Tensorflow => {
                    TensorFlow::parse(value)
                        .unwrap()
                        .judge(driver, Some(gpu), false)
                }
                // The tables know of JAX which CUDA major it needs, and no more.
                _ => continue,
            };
            assert_eq!(judgement.presence, WheelPresence::Exists, "{name}");
            let expected = if driver.is_some() {
                Runs::Yes
            } else {
                Runs::Perhaps
            };
            assert_eq!(judgement.runs(), expected, "{name}: {value:?}");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
}

/// Nothing that we write is what we find fault with: for whom it was written, and with every rule that there is. But for two
/// notes: a digest is to be had from a registry only, and minor-version compatibility, where nothing better is to be had, is said
/// in the file.
#[test]
fn the_linter_finds_nothing() {
    let mut seen = BTreeSet::new();
    let mut found = BTreeMap::new();
    let mut limits = [0, 0];
    // The first lines of a Dockerfile name the machine, so a text is that of one.
    for (name, request, recipe) in each().iter().filter(|(_, request, _)| is_linted(request)) {
        let Ok(recipe) = recipe else {
            continue;
        };
        let settings = Settings {
            pedantic: true,
            // A digest cannot be had without a registry; and how old a machine's driver is, is not the file's.
            ignore: vec![
                "image-not-pinned".to_owned(),
                "driver-branch-eol".to_owned(),
            ],
            target: liftgate_lint::Target {
                driver: request.target.driver.clone(),
                gpus: request.target.gpus.clone(),
                month: None,
            },
            ..Settings::default()
        };
        for (text, language) in [
            (&recipe.dockerfile, Language::Dockerfile),
            (&recipe.compose, Language::Compose),
        ] {
            if !seen.insert(text) {
                continue;
            }
            let is_limited = text.contains("by minor-version compatibility");
            let (expected, others): (Vec<_>, Vec<_>) = lint(text, language, &settings)
                .into_iter()
                .partition(|finding| finding.name == "minor-version-limits" && is_limited);
            limits[usize::from(expected.is_empty())] += 1;
            for finding in others {
                let words = format!("{name}: {finding:?}\n{text}");
                found.entry(finding.code).or_insert(words);
            }
        }
    }
    let found: Vec<String> = found.into_values().collect();
    assert!(found.is_empty(), "{}", found.join("\n\n"));
    assert!(
        seen.len() > 200 && limits[0] > 20 && limits[1] > 100,
        "{} {limits:?}",
        seen.len()
    );
}

/// Each machine with one kind of directory, and each kind of directory with a few machines: the linter takes its time.
fn is_linted(request: &Request) -> bool {
    let is_empty = request.project == Project::default();
    let driver = request.target.driver.as_ref().and_then(Driver::branch);
    let is_usual = matches!(driver, None | Some(535 | 580)) && request.target.gpus.len() < 2;
    is_empty || is_usual && !matches!(request.kind, Kind::Serving)
}

/// Kind, GPUs and driver; a value among the choices, or the refusal.
type Expected<'e> = (
    Kind,
    &'e [&'e str],
    Option<&'e str>,
    Result<&'e str, &'e str>,
);

/// The choices that others get wrong.
#[test]
fn choices() {
    #[rustfmt::skip] // one machine a line
    let expected: &[Expected] = &[
        // Maxwell, Pascal and Volta need CUDA 12, whatever the driver is.
        (Kind::Pytorch, &["V100"], Some("580.95.05"), Ok("torch==2.14.1+cu126")),
        (Kind::Pytorch, &["GTX 1080"], Some("535"), Ok("torch==2.14.1+cu126")),
        (Kind::Pytorch, &["GTX 980"], None, Ok("torch==2.14.1+cu126")),
        // Blackwell needs 12.8; CUDA 13 only from driver 580 on.
        (Kind::Pytorch, &["B200"], Some("570.133.20"), Ok("torch==2.11.0+cu128")),
        (Kind::Pytorch, &["RTX 5090"], Some("580.95.05"), Ok("torch==2.14.1+cu130")),
        (Kind::Pytorch, &["B200"], Some("595.58.03"), Ok("torch==2.14.1+cu132")),
        (Kind::Pytorch, &["H100"], Some("550.54.15"), Ok("torch==2.14.1+cu126")),
        (Kind::Pytorch, &["H100"], Some("525.60.13"), Ok("torch==2.14.1+cu126")),
        (Kind::Pytorch, &["A100"], Some("470.82.01"), Ok("torch==2.7.1+cu118")),
        (Kind::Pytorch, &["K80"], Some("470.82.01"), Err("no wheel of PyTorch that fits has code for sm_37")),
        (Kind::Pytorch, &["V100", "B200"], None, Err("no wheel of PyTorch that fits has code for these GPUs together")),
        (Kind::Pytorch, &["Jetson AGX Orin"], None, Err("no wheel of PyTorch that fits has code for sm_87")),
        (Kind::Pytorch, &[], None, Ok("torch==2.11.0+cu128")),
        // Hopper has PTX only, which a driver of an older CUDA does not compile.
        (Kind::Tensorflow, &["H100"], Some("535.183.01"), Ok("tensorflow[and-cuda]==2.15.1")),
        (Kind::Tensorflow, &["H100"], Some("550.54.15"), Ok("tensorflow[and-cuda]==2.17.1")),
        (Kind::Tensorflow, &["H100"], Some("570.133.20"), Ok("tensorflow[and-cuda]==2.19.1")),
        (Kind::Tensorflow, &["H100"], Some("525.60.13"), Err("no wheel of TensorFlow that fits has code for sm_90")),
        (Kind::Tensorflow, &["A100"], Some("525.60.13"), Ok("tensorflow[and-cuda]==2.19.1")),
        // Only PTX for Blackwell, which a driver of 12.8 compiles.
        (Kind::Tensorflow, &["B200"], Some("570.133.20"), Ok("tensorflow[and-cuda]==2.19.1")),
        (Kind::Tensorflow, &["A100"], Some("470.82.01"), Err("driver 470.82.01 (CUDA 11.4) runs no TensorFlow that there is: the oldest CUDA of it is 12.2")),
        (Kind::Jax, &["H100"], Some("535.183.01"), Ok("jax[cuda12]==0.10.2")),
        (Kind::Jax, &["H100"], Some("580.95.05"), Ok("jax[cuda13]==0.10.2")),
        (Kind::Jax, &["V100"], Some("580.95.05"), Ok("jax[cuda12]==0.10.2")),
        (Kind::Serving, &["H100"], Some("550.54.15"), Ok("vllm==0.19.1")),
        (Kind::Serving, &["B200"], Some("580.95.05"), Ok("vllm==0.33.0")),
        (Kind::Serving, &["V100"], Some("550.54.15"), Err("no wheel of vLLM that fits has code for sm_70")),
        (Kind::Cuda, &["H100"], Some("535.183.01"), Ok("nvidia/cuda:12.2.2-devel-ubuntu22.04")),
        (Kind::Cuda, &["V100"], Some("580.95.05"), Ok("nvidia/cuda:12.9.2-devel-ubuntu24.04")),
        (Kind::Cuda, &["RTX 5090"], Some("570.133.20"), Ok("nvidia/cuda:12.8.2-devel-ubuntu24.04")),
        (Kind::Cuda, &["K80"], Some("470.82.01"), Ok("nvidia/cuda:11.4.3-devel-ubuntu20.04")),
        (Kind::Cuda, &["K80"], Some("535"), Ok("nvidia/cuda:11.8.0-devel-ubuntu22.04")),
        // A driver that reports a version of which there is no toolkit.
        (Kind::Cuda, &["H100"], Some("565.57.01"), Ok("nvidia/cuda:12.6.3-devel-ubuntu24.04")),
        (Kind::Cuda, &["T4"], None, Ok("nvidia/cuda:12.9.2-devel-ubuntu24.04")),
        (Kind::Cuda, &["K80"], None, Ok("nvidia/cuda:11.8.0-devel-ubuntu22.04")),
        (Kind::Cuda, &["V100", "B200"], None, Ok("nvidia/cuda:12.9.2-devel-ubuntu24.04")),
    ];
    for (kind, gpus, driver, expected) in expected {
        let name = format!("{} for {gpus:?} and {driver:?}", kind.name());
        match (write(&request(*kind, gpus, *driver)), expected) {
            (Ok(recipe), Ok(expected)) => {
                let has = recipe
                    .choices
                    .iter()
                    .any(|choice| choice.value.trim_matches('"') == *expected);
                assert!(has, "{name}: {:?}", recipe.choices);
            }
            (Err(impossible), Err(expected)) => {
                assert_eq!(impossible.sentence, *expected, "{name}");
            }
            (got, _) => panic!("{name}: {got:?}"),
        }
    }
}

#[test]
fn what_was_asked_for_is_taken_or_refused() {
    let cuda = |text: &str| Version::parse(text).unwrap();
    let with = |change: &dyn Fn(&mut Request)| {
        let mut request = request(Kind::Cuda, &["T4"], Some("535.183.01"));
        change(&mut request);
        write(&request)
            .map(|recipe| images(&recipe.dockerfile)[0].to_owned())
            .map_err(|impossible| impossible.sentence)
    };
    assert_eq!(
        with(&|request| request.cuda = Some(cuda("12.4"))).unwrap(),
        "nvidia/cuda:12.4.1-devel-ubuntu22.04"
    );
    assert_eq!(
        with(&|request| request.os = Some("rocky9".into())).unwrap(),
        "nvidia/cuda:12.2.2-devel-rockylinux9"
    );
    assert_eq!(
        with(&|request| request.cuda = Some(cuda("13.0"))).unwrap_err(),
        "driver 535.183.01 (CUDA 12.2) does not run CUDA 13.0"
    );
    assert_eq!(
        with(&|request| request.cuda = Some(cuda("12.7"))).unwrap_err(),
        "there is no image of CUDA 12.7 on Ubuntu"
    );
    assert_eq!(
        with(&|request| request.os = Some("alpine".into())).unwrap_err(),
        "`alpine` is no operating system that nvidia/cuda is made on"
    );
    let jetson = write(&request(Kind::Cuda, &["Jetson AGX Orin"], None)).unwrap();
    assert!(
        jetson.warnings.iter().any(|one| one.contains("l4t")),
        "{:?}",
        jetson.warnings
    );
    // A release by its number is taken though a newer one has its place, and whoever asked is told.
    let mut old = request(Kind::Cuda, &["T4"], Some("535.183.01"));
    old.cuda = Some(cuda("12.2.0"));
    let recipe = write(&old).unwrap();
    assert_eq!(
        images(&recipe.dockerfile)[0],
        "nvidia/cuda:12.2.0-devel-ubuntu22.04"
    );
    let warning =
        "CUDA 12.2.2 has taken the place of 12.2.0: NVIDIA deletes such images half a year later";
    assert!(
        recipe.warnings.iter().any(|one| one == warning),
        "{:?}",
        recipe.warnings
    );
    let mut wheel = request(Kind::Pytorch, &["T4"], Some("550.54.15"));
    wheel.cuda = Some(cuda("12.1"));
    wheel.python = Some((3, 11));
    let recipe = write(&wheel).unwrap();
    assert!(
        recipe.dockerfile.contains("torch==2.5.1+cu121")
            && recipe.dockerfile.contains("python:3.11-slim-bookworm")
    );
    wheel.python = Some((3, 14));
    assert_eq!(
        write(&wheel).unwrap_err().sentence,
        "there is no PyTorch for CUDA 12.1 for Python 3.14"
    );
    assert_eq!(cuda("12.1").cuda(), Cuda::new(12, 1));
}

#[test]
fn by_eye() {
    let machines: [(&str, &[&str], Option<&str>); 3] = [
        ("old", &["GTX 1080"], Some("535.183.01")),
        ("new", &["B200"], Some("580.95.05")),
        ("none", &[], None),
    ];
    for kind in Kind::ALL {
        for (name, gpus, driver) in machines {
            let recipe = write(&request(kind, gpus, driver));
            let text = match recipe {
                Ok(recipe) => {
                    let warnings: Vec<String> = recipe
                        .warnings
                        .iter()
                        .map(|one| format!("warning: {one}\n"))
                        .collect();
                    format!("{}---\n{}", recipe.dockerfile, warnings.concat())
                }
                Err(Impossible { sentence, hint }) => {
                    format!("error: {sentence}\n  hint: {hint}\n")
                }
            };
            insta::assert_snapshot!(format!("{}-{name}", kind.name()), text);
        }
        let recipe = write(&request(kind, &[], None)).unwrap();
        insta::assert_snapshot!(
            format!("{}-files", kind.name()),
            format!("{}---\n{}", recipe.ignore, recipe.compose)
        );
    }
}

#[test]
fn directories_by_eye() {
    for (name, project) in projects() {
        for kind in [Kind::Cuda, Kind::Library, Kind::Pytorch] {
            let mut request = request(kind, &["RTX 4090"], Some("550.54.15"));
            request.project = project.clone();
            let recipe = write(&request).unwrap();
            // From the sources on: what is before is seen elsewhere.
            insta::assert_snapshot!(
                format!("directory-{}-{name}", kind.name()),
                recipe.dockerfile
            );
        }
    }
}
