//! Requests and annotations made to be printed: long, and full of what a terminal or a log obeys.
//!
//! A message of ours ends in `docker run`'s output and in a JSON log that other programs read line by line.

use crate::{Check, LIST, Scene, gpus};
use libtest_mimic::Failed;
use liftgate_conformance::suite::fail;
use liftgate_conformance::{Bundle, Outcome};
use serde_json::Value;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

const LONGEST_MESSAGE: usize = 4 << 10;
const LONGEST_TIME: Duration = Duration::from_secs(5);

const UNRULY: &str = "0\n\u{1b}]0;title\u{7}\u{1b}[2J\r\u{202e}\u{9b}31m\nerror[forged]: x\n\u{0}";

/// What is to come of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Refused,
    Served,
    /// Low-level runtimes differ.
    Whatever,
}

struct Odd {
    name: &'static str,
    answer: Answer,
    spoil: fn(&mut Value),
}

fn variable(config: &mut Value, name: &str, value: &str) {
    if let Some(environment) = config["process"]["env"].as_array_mut() {
        environment.retain(|entry| !entry.as_str().is_some_and(|text| text.starts_with(name)));
        environment.push(Value::from(format!("{name}={value}")));
    }
}

const DEVICES: &str = "NVIDIA_VISIBLE_DEVICES";

const ODD: &[Odd] = &[
    Odd {
        name: "one-long-device",
        answer: Answer::Refused,
        spoil: |config| variable(config, DEVICES, &"A".repeat(100_000)),
    },
    Odd {
        name: "many-unknown-devices",
        answer: Answer::Refused,
        spoil: |config| variable(config, DEVICES, &"GPU-7,".repeat(17_000)),
    },
    Odd {
        name: "many-different-devices",
        answer: Answer::Refused,
        spoil: |config| {
            let many: Vec<String> = (1..17_000).map(|index| index.to_string()).collect();
            variable(config, DEVICES, &many.join(","));
        },
    },
    Odd {
        name: "the-same-device-50000-times",
        answer: Answer::Served,
        spoil: |config| variable(config, DEVICES, &vec!["0"; 50_000].join(",")),
    },
    Odd {
        name: "unruly-device",
        answer: Answer::Refused,
        spoil: |config| variable(config, DEVICES, UNRULY.trim_end_matches('\u{0}')),
    },
    Odd {
        name: "device-with-a-nul",
        answer: Answer::Refused,
        spoil: |config| variable(config, DEVICES, UNRULY),
    },
    Odd {
        name: "unruly-capabilities",
        answer: Answer::Refused,
        spoil: |config| {
            variable(
                config,
                "NVIDIA_DRIVER_CAPABILITIES",
                UNRULY.trim_end_matches('\u{0}'),
            );
        },
    },
    Odd {
        name: "long-capabilities",
        answer: Answer::Refused,
        spoil: |config| variable(config, "NVIDIA_DRIVER_CAPABILITIES", &"x\t,".repeat(30_000)),
    },
    Odd {
        name: "unruly-environment-without-equals",
        answer: Answer::Refused,
        spoil: |config| config["process"]["env"] = Value::from(vec![UNRULY.repeat(1000)]),
    },
    Odd {
        name: "unruly-requirement",
        answer: Answer::Whatever,
        spoil: |config| {
            variable(
                config,
                "NVIDIA_REQUIRE_CUDA",
                &format!("cuda>={}", &UNRULY[..20]),
            );
            variable(config, "NVIDIA_REQUIRE_X", &"cuda>=1 ".repeat(10_000));
        },
    },
    Odd {
        name: "annotations",
        answer: Answer::Served,
        spoil: |config| {
            config["annotations"] = serde_json::json!({
                "org.example/long": "x".repeat(100_000),
                "org.example/unruly": UNRULY.trim_end_matches('\u{0}'),
                "\u{1b}[2J\n": "y",
            });
        },
    },
    Odd {
        name: "cdi-annotation",
        answer: Answer::Whatever,
        spoil: |config| {
            config["annotations"] = serde_json::json!({
                "cdi.k8s.io/x": format!("nvidia.com/gpu={}", UNRULY.trim_end_matches('\u{0}').repeat(1000)),
            });
        },
    },
    Odd {
        name: "unruly-mount",
        answer: Answer::Whatever,
        spoil: |config| {
            if let Some(mounts) = config["mounts"].as_array_mut() {
                mounts.push(serde_json::json!({
                    "destination": format!("/var/run/nvidia-container-devices/{}", &UNRULY[2..20]),
                    "source": "/dev/null", "type": "bind", "options": ["bind"],
                }));
            }
        },
    },
    Odd {
        name: "deep-nesting",
        answer: Answer::Whatever,
        spoil: |config| config["annotations"] = Value::from("DEEP"),
    },
    Odd {
        name: "unruly-key",
        answer: Answer::Refused,
        spoil: |config| {
            config["process"][UNRULY] = Value::from(1);
            config["process"]["env"] = serde_json::json!({ UNRULY: UNRULY });
        },
    },
];

pub(crate) fn checks() -> Vec<(String, Check)> {
    ODD.iter()
        .map(|odd| {
            let check: Check = Box::new(|scene| check(scene, odd));
            (format!("requests/{}", odd.name), check)
        })
        .collect()
}

fn write(bundle: &Bundle, odd: &Odd) -> io::Result<()> {
    let mut config: Value = serde_json::from_slice(&fs::read(bundle.config())?)?;
    (odd.spoil)(&mut config);
    let text = config
        .to_string()
        .replace("\"DEEP\"", &("[".repeat(100_000) + &"]".repeat(100_000)));
    fs::write(bundle.config(), text)
}

fn check(scene: &Scene, odd: &Odd) -> Result<(), Failed> {
    let bundle = scene.bundle(&gpus(LIST))?;
    write(&bundle, odd)?;
    let began = Instant::now();
    let outcome = scene.start(&bundle)?;
    let took = began.elapsed();
    let mut problems = Vec::new();
    if took > LONGEST_TIME {
        problems.push(format!("took {took:?}"));
    }
    problems.extend(of_messages(&outcome));
    let is_served = outcome.stdout.contains("GPU 0: NVIDIA H200");
    match odd.answer {
        Answer::Refused if outcome.status == Some(0) || is_served => {
            problems.push("was not refused".to_owned());
        }
        Answer::Refused if !outcome.stderr.contains("error[") => {
            problems.push("the code is not on standard error".to_owned());
        }
        Answer::Served if !is_served => problems.push("was not served".to_owned()),
        _ => {}
    }
    if problems.is_empty() {
        Ok(())
    } else {
        let shown: String = outcome.describe().escape_debug().take(3000).collect();
        Err(fail(format!("{}: {shown}", problems.join(", "))))
    }
}

fn of_messages(outcome: &Outcome) -> Vec<String> {
    let mut problems = Vec::new();
    if outcome.stderr.len() > LONGEST_MESSAGE {
        problems.push(format!("{} bytes on standard error", outcome.stderr.len()));
    }
    if let Some(unruly) = outcome
        .stderr
        .chars()
        .find(|&character| character != '\n' && is_unruly(character))
    {
        problems.push(format!("{unruly:?} on standard error"));
    }
    if outcome
        .stderr
        .lines()
        .any(|line| line.starts_with("error[forged]"))
    {
        problems.push("a line of the image's on standard error".to_owned());
    }
    for line in outcome.log.lines() {
        if serde_json::from_str::<Value>(line).is_err() {
            problems.push(format!("not JSON in the log: {line:.100}"));
        }
    }
    problems
}

/// Controls of both halves, and the marks that turn text around.
fn is_unruly(character: char) -> bool {
    character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character)
}
