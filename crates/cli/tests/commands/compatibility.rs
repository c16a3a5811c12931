//! `liftgate compat`: what runs on what. Among the cases are those that another checker gets wrong: it takes the CUDA
//! version of a driver for the newest that runs, a `python` base for one without CUDA, and recommends tags that are not
//! the newest.

use crate::documents::{broken_ones_are_noticed, document, schema};
use crate::ground::{Place, Stage, trial};
use crate::validator::validate;
use libtest_mimic::Trial;
use serde_json::Value;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("compat::verdicts", Place::Anywhere, verdicts),
        trial("compat::suggestions", Place::Anywhere, suggestions),
        trial("compat::command_lines", Place::Anywhere, command_lines),
        trial(
            "compat::this_machine",
            Place::Inside("ubuntu-550"),
            this_machine,
        ),
        trial("compat::wsl", Place::Inside("wsl2"), wsl),
        trial("compat::jetson", Place::Inside("orin-csv"), jetson),
        trial(
            "compat::without_a_driver",
            Place::NoDriver,
            without_a_driver,
        ),
    ]
}

/// Options, the outcome of all of it, and the number of the error.
const VERDICTS: &[(&[&str], &str, Option<u16>)] = &[
    // The driver has 12.2, and every 12.x runs, on a GeForce too.
    (
        &[
            "--driver",
            "535.183.01",
            "--gpu",
            "RTX 4090",
            "--image",
            "nvidia/cuda:12.8.1-runtime-ubuntu22.04",
        ],
        "runs",
        None,
    ),
    (
        &[
            "--driver",
            "550.54.15",
            "--gpu",
            "RTX 3090",
            "--image",
            "nvidia/cuda:12.9.1-base-ubuntu22.04",
        ],
        "runs",
        None,
    ),
    (
        &["--driver", "525.60.13", "--toolkit", "12.9"],
        "runs",
        None,
    ),
    (
        &["--driver", "525.60.11", "--toolkit", "12.9"],
        "does-not-run",
        Some(35),
    ),
    // A wheel brings its CUDA along.
    (
        &[
            "--driver",
            "535.183.01",
            "--gpu",
            "T4",
            "--image",
            "python:3.11",
            "--torch",
            "2.8",
        ],
        "runs",
        None,
    ),
    (
        &[
            "--driver",
            "535.183.01",
            "--gpu",
            "T4",
            "--image",
            "nvidia/cuda:11.8.0-base-ubuntu22.04",
            "--torch",
            "2.8",
        ],
        "runs",
        None,
    ),
    (
        &["--image", "python:3.11-alpine", "--torch", "2.8"],
        "does-not-run",
        None,
    ),
    // PyPI's wheel of 2.11 is one of CUDA 13.
    (
        &["--driver", "550.54.15", "--gpu", "A100", "--torch", "2.11"],
        "does-not-run",
        Some(35),
    ),
    (
        &[
            "--driver",
            "550.54.15",
            "--gpu",
            "A100",
            "--image",
            "nvidia/cuda:13.0.0-base-ubuntu22.04",
            "--torch",
            "2.11",
        ],
        "runs",
        None,
    ),
    (
        &[
            "--driver",
            "570.124.06",
            "--gpu",
            "RTX 5090",
            "--torch",
            "2.6+cu126",
        ],
        "does-not-run",
        Some(209),
    ),
    (
        &[
            "--driver",
            "570.124.06",
            "--gpu",
            "RTX 5090",
            "--torch",
            "2.7+cu128",
        ],
        "runs",
        None,
    ),
    (&["--gpu", "H100", "--torch", "2.4+cu118"], "runs", None),
    (&["--torch", "2.4+cu128"], "does-not-run", None),
    (
        &[
            "--driver",
            "550.54.15",
            "--gpu",
            "RTX 5090",
            "--tensorflow",
            "2.18",
        ],
        "does-not-run",
        Some(222),
    ),
    (
        &[
            "--driver",
            "580.65.06",
            "--gpu",
            "V100",
            "--toolkit",
            "13.0",
        ],
        "does-not-run",
        Some(209),
    ),
    (
        &[
            "--driver",
            "590.48.01",
            "--gpu",
            "V100",
            "--toolkit",
            "12.4",
        ],
        "does-not-run",
        Some(100),
    ),
    (
        &[
            "--driver",
            "580.65.06",
            "--gpu",
            "V100",
            "--gpu",
            "H100",
            "--toolkit",
            "13.0",
        ],
        "perhaps",
        Some(209),
    ),
    (
        &[
            "--driver",
            "535.183.01",
            "--gpu",
            "RTX A6000",
            "--image",
            "nvidia/cuda:13.0.0-base-ubuntu22.04",
        ],
        "perhaps",
        None,
    ),
    (
        &["--driver", "551.78", "--toolkit", "12.4"],
        "perhaps",
        None,
    ),
    (&["--image", "example.com/some/thing:1"], "perhaps", None),
    (
        &[
            "--driver",
            "610.43.02",
            "--image",
            "nvidia/cuda:13.3.2-base-ubuntu24.04",
        ],
        "perhaps",
        None,
    ),
    (
        &["--image", "nvidia/cuda:11.8.0-base"],
        "does-not-run",
        None,
    ),
    (&["--image", "nvidia/cuda:latest"], "does-not-run", None),
    (&["--toolkit", "12.7"], "does-not-run", None),
    (
        &["--driver", "535.183.01", "--what-runs-here"],
        "runs",
        None,
    ),
];

fn verdicts(stage: &Stage) {
    let schema = schema(stage, "compat");
    for (options, outcome, error) in VERDICTS {
        let arguments = [&["compat", "--json"], *options].concat();
        let document = document(stage, &arguments, i32::from(*outcome != "runs"));
        assert_eq!(document["outcome"], *outcome, "{options:?}");
        assert_eq!(validate(&schema, &document), Ok(()), "{options:?}");
        let answers = document["answers"].as_array().expect("a list");
        let numbers: Vec<u64> = answers
            .iter()
            .filter_map(|answer| answer["error"]["number"].as_u64())
            .collect();
        assert_eq!(
            numbers,
            error.map(u64::from).into_iter().collect::<Vec<_>>(),
            "{options:?}"
        );
    }
    let options = [
        "compat",
        "--json",
        "--driver",
        "470.57.02",
        "--gpu",
        "T4",
        "--what-runs-here",
        "--torch",
        "2.4",
    ];
    broken_ones_are_noticed(&schema, &document(stage, &options, 1));
}

fn suggestions(stage: &Stage) {
    for (image, hint) in [
        (
            "nvidia/cuda:12.4-devel",
            "nvidia/cuda:12.4.1-devel-ubuntu22.04",
        ),
        (
            "nvcr.io/nvidia/cuda:12.4.1-devel-cudnn8-ubuntu22.04",
            "nvcr.io/nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04",
        ),
        (
            "nvidia/cuda:10.2-cudnn7-devel-ubuntu18.04",
            "nvidia/cuda:11.8.0-cudnn8-devel-ubuntu18.04",
        ),
        (
            "nvidia/cudagl:11.4.2-devel-ubuntu20.04",
            "nvidia/cuda:11.4.3-devel-ubuntu20.04",
        ),
    ] {
        let document = document(stage, &["compat", "--json", "--image", image], 1);
        let found = document["answers"][0]["hint"].as_str().unwrap_or_default();
        assert!(found.ends_with(hint), "{image}: {found}");
    }
}

fn command_lines(stage: &Stage) {
    for options in [
        &["--driver", "12.x"][..],
        &["--gpu", "RTX 6000"],
        &["--gpu", "Voodoo 2"],
        &["--toolkit", "twelve"],
        &["--torch", "2.4+cuda12"],
        &["--tensorflow", "latest"],
        &["--wheel", "x"],
    ] {
        let output = stage.run(&[&["compat"], options].concat());
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{options:?}"
        );
    }
}

fn target(stage: &Stage, status: i32) -> Value {
    let document = document(stage, &["compat", "--json", "--toolkit", "12.8"], status);
    assert_eq!(validate(&schema(stage, "compat"), &document), Ok(()));
    document
}

fn this_machine(stage: &Stage) {
    let document = target(stage, 0);
    assert_eq!(document["target"]["source"], "this-machine");
    assert_eq!(document["target"]["driver_cuda"], "12.4");
    assert_eq!(
        document["answers"][0]["verdict"],
        "runs, by minor-version compatibility"
    );
    assert!(
        !document["target"]["gpus"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}

fn wsl(stage: &Stage) {
    let document = target(stage, 0);
    assert_eq!(document["target"]["driver"], Value::Null);
    assert!(document["target"]["driver_cuda"].is_string(), "{document}");
}

fn jetson(stage: &Stage) {
    let document = document(stage, &["compat", "--json", "--torch", "2.8"], 1);
    assert_eq!(document["target"]["gpus"][0]["compute_capability"], "8.7");
    // Wheels for servers have no code for an Orin.
    assert_eq!(document["answers"][0]["error"]["number"], 209);
}

fn without_a_driver(stage: &Stage) {
    let document = target(stage, 0);
    assert_eq!(document["target"]["source"], "nothing");
    let output = stage.run(&["compat"]);
    assert_eq!(output.status.code(), Some(2));
}
