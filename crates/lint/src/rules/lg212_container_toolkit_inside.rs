use crate::context::Context;
use crate::model::At;
use crate::rule::{Meta, Rule, declare_rule};

declare_rule! {
    /// the container toolkit is installed in the image
    ///
    /// ## What it does
    /// Finds images that install `nvidia-container-toolkit`, `nvidia-docker2` or their libraries, and no container engine beside it.
    ///
    /// ## Why
    /// The toolkit belongs to the host, where it gives containers their GPUs before they start. Within a container it does nothing: who has no GPU there
    /// has none with it either.
    ///
    /// ## Example
    /// ```dockerfile,bad
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends nvidia-container-toolkit
    /// ```
    ///
    /// Use instead: install it on the host, and start the container with a GPU.
    /// ```dockerfile,good
    /// FROM nvidia/cuda:12.9.2-base-ubuntu24.04
    /// ```
    ///
    /// An engine within a container, which starts containers with GPUs itself, needs it:
    /// ```dockerfile,good
    /// FROM ubuntu:24.04
    /// RUN apt-get update && apt-get install -y --no-install-recommends docker.io nvidia-container-toolkit
    /// ```
    ContainerToolkitInside, "LG212", "container-toolkit-inside", Warning, Medium
}

/// Packages of the toolkit.
const TOOLKIT: &[&str] = &[
    "nvidia-container-toolkit",
    "nvidia-container-runtime",
    "nvidia-docker2",
    "nvidia-docker",
    "libnvidia-container-tools",
    "libnvidia-container1",
];

/// Packages of what starts containers, by how their names begin.
const ENGINES: &[&str] = &[
    "docker",
    "containerd",
    "podman",
    "cri-o",
    "kubelet",
    "k3s",
    "moby",
    "buildah",
    "lxc",
    "lxd",
    "runc",
    "crun",
    "apptainer",
    "singularity",
    "slurm",
    "systemd",
];

impl Rule for ContainerToolkitInside {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn step(&self, at: At<'_>, context: &mut Context<'_>) {
        let package = at
            .step
            .installs
            .iter()
            .flat_map(|(_, install)| &install.packages)
            .find(|package| TOOLKIT.contains(&package.name.as_str()));
        let Some(package) = package.filter(|_| at.build.is_shipped(at.stage)) else {
            return;
        };
        let has_engine = at.build.lineage(at.stage).any(|stage| {
            stage
                .packages()
                .any(|name| ENGINES.iter().any(|engine| name.starts_with(engine)))
        });
        let (is_engine, text) = match at.build.base(at.stage) {
            Some((reference, _)) => (
                ["docker", "kind", "k3s", "podman"]
                    .iter()
                    .any(|name| reference.repository.contains(name)),
                reference.repository.as_str(),
            ),
            None => (false, ""),
        };
        let words = [
            "get.docker.com",
            "download.docker.com",
            "dockerd",
            "k3s",
            "nvidia-ctk",
            "docker-in-docker",
        ];
        if has_engine
            || is_engine
            || text.contains("runner")
            || words.iter().any(|word| at.stage_says(word))
        {
            return;
        }
        let finding = context.report(
            &Self::META,
            package.span,
            format!("`{}` does nothing within a container", package.name),
        );
        finding.because("it gives containers their GPUs before they start, on the host");
        finding.hint("leave it out, and start the container with `--gpus all`");
    }
}
