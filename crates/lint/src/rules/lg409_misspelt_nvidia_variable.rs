use crate::context::Context;
use crate::finding::Fix;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// a variable that is nearly one of the container runtime's
    ///
    /// ## What it does
    /// Finds `ENV` names that are one or two letters from `NVIDIA_VISIBLE_DEVICES`, `NVIDIA_DRIVER_CAPABILITIES` or `CUDA_VISIBLE_DEVICES`, and names that people
    /// write for them (`NVIDIA_CAPABILITIES`, `NVIDIA_DRIVER_CAPABILITY`).
    ///
    /// ## Why
    /// Nobody reads it: the container has no GPU, or not the part of the driver that it needs, and nothing says why.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICE=all
    /// ```
    ///
    /// ```dockerfile,fixed
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM python:3.12-slim
    /// ENV NVIDIA_VISIBLE_DEVICES=all
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the image asks for GPUs then.
    MisspeltNvidiaVariable, "LG409", "misspelt-nvidia-variable", Warning, High
}

/// The right names, and others that people write for them.
const NAMES: &[(&str, &[&str])] = &[
    (
        "NVIDIA_VISIBLE_DEVICES",
        &["NVIDIA_DEVICES", "NVIDIA_GPUS", "NVIDIA_VISIBLE_GPUS"],
    ),
    (
        "NVIDIA_DRIVER_CAPABILITIES",
        &[
            "NVIDIA_CAPABILITIES",
            "NVIDIA_DRIVERS_CAPABILITIES",
            "NVIDIA_GPU_CAPABILITIES",
        ],
    ),
    ("CUDA_VISIBLE_DEVICES", &[]),
    (
        "NVIDIA_REQUIRE_CUDA",
        &["NVIDIA_REQUIRED_CUDA", "NVIDIA_CUDA_REQUIRE"],
    ),
];

/// Names that are near one of these, and mean something of their own.
const OTHERS: &[&str] = &[
    "HIP_VISIBLE_DEVICES",
    "NPU_VISIBLE_DEVICES",
    "AMD_VISIBLE_DEVICES",
];

impl Rule for MisspeltNvidiaVariable {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        for pair in at.environment_pairs() {
            let name = pair.name.value.as_str();
            if NAMES.iter().any(|(right, _)| *right == name)
                || OTHERS.contains(&name)
                || name.len() > 64
            {
                continue;
            }
            let right = NAMES.iter().find(|(right, others)| {
                others.contains(&name)
                    || name.eq_ignore_ascii_case(right)
                    || distance(name, right) <= 2
            });
            let Some((right, _)) = right else { continue };
            let finding = context.report(
                &Self::META,
                pair.name.span,
                format!("nobody reads `{name}`"),
            );
            finding.hint(format!("write `{right}`"));
            finding.fix(Fix::unsafe_(format!("write `{right}`")).replace(pair.name.span, *right));
        }
    }
}

/// How many letters have to be put in, taken out or exchanged.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for column in 0..other.len() {
            let cost = before + usize::from(*letter != other[column]);
            before = row[column + 1];
            row[column + 1] = cost.min(before + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
