use crate::context::Context;
use crate::finding::{Confidence, Severity};
use crate::model::{At, Build};
use crate::rule::{Meta, Rule, declare_rule};
use liftgate_dockerfile::Span;

declare_rule! {
    /// the image installs Vulkan or EGL, and does not ask for that part of the driver
    ///
    /// ## What it does
    /// Finds images that install Vulkan's libraries, Gazebo, RViz or other programs that draw, that are built on NVIDIA's CUDA images, and whose
    /// `NVIDIA_DRIVER_CAPABILITIES` has neither `graphics` nor `display` nor `all`.
    ///
    /// ## Why
    /// OpenGL, EGL and Vulkan are the driver's part `graphics`, which CUDA images do not ask for. Programs find only `llvmpipe`, and draw on the
    /// processor.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y libvulkan1
    /// ```
    ///
    /// Use instead:
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y libvulkan1
    /// ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-container-toolkit#16, #767, #1952.
    GraphicsCapabilityMissing, "LG403", "graphics-capability-missing", Warning, Medium
}

/// Packages that are there to draw with a GPU. `libgl1` is not among them: OpenCV wants it, and draws nothing.
const PACKAGES: &[&str] = &[
    "libvulkan1",
    "vulkan-tools",
    "vulkan-utils",
    "vulkan-loader",
    "virtualgl",
    "vulkan",
];

/// Packages of programs that draw, and can do so on the processor, too: by how their names begin, and Python's.
const DRAW: &[&str] = &[
    "gazebo",
    "rviz",
    "pip:pyopengl",
    "pip:pyrender",
    "pip:moderngl",
    "pip:vispy",
];

/// What of this is installed in a step, and whether it cannot do without.
fn found(at: &At<'_>) -> Option<(Span, String, bool)> {
    let is_drawing = |name: &str| {
        DRAW.iter().any(|start| name.starts_with(start))
            || name.starts_with("ros-") && (name.contains("-desktop") || name.contains("-gazebo"))
    };
    let is_certain = |number: &usize| {
        at.step
            .commands
            .get(*number)
            .is_some_and(|command| !command.conditional)
    };
    let packages = at
        .step
        .installs
        .iter()
        .filter(|(number, _)| is_certain(number))
        .flat_map(|(_, install)| &install.packages);
    let requirements = at
        .step
        .pip
        .iter()
        .filter(|(number, _)| is_certain(number))
        .flat_map(|(_, install)| &install.requirements);
    let packages = packages.map(|package| (package.span, package.name.clone()));
    let requirements =
        requirements.map(|requirement| (requirement.span, format!("pip:{}", requirement.name)));
    packages.chain(requirements).find_map(|(span, name)| {
        let needs = PACKAGES.contains(&name.as_str());
        (needs || is_drawing(&name))
            .then(|| (span, name.trim_start_matches("pip:").to_owned(), needs))
    })
}

impl Rule for GraphicsCapabilityMissing {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn dockerfile(&self, build: &Build<'_>, context: &mut Context<'_>) {
        let Some(last) = build.last() else { return };
        if build.asks_for(last, "graphics") != Some(false)
            || build.asks_for(last, "display") != Some(false)
        {
            return;
        }
        let Some(value) = build.capabilities(last) else {
            return;
        };
        let all: Vec<_> = build
            .lineage(last)
            .flat_map(|stage| build.steps_of(stage))
            .filter_map(|at| found(&at))
            .collect();
        let first = all.iter().find(|(_, _, needs)| *needs).or(all.first());
        let Some((span, name, needs)) = first else {
            return;
        };
        let sentence = format!(
            "`{name}` needs the driver's part `graphics`, which the image does not ask for"
        );
        let finding = context.report(&Self::META, *span, sentence);
        if !needs {
            finding
                .severity(Severity::Note)
                .at_most(Confidence::Low)
                .because("without it everything is drawn by the processor");
        }
        match value.span {
            Some(at) => finding.related(at, "it asks for these"),
            None => finding.related(
                build.root(last).image_span,
                format!("its base image asks for `{}`", value.text),
            ),
        };
        finding.hint(format!(
            "set `ENV NVIDIA_DRIVER_CAPABILITIES={},graphics`",
            value.text
        ));
    }
}
