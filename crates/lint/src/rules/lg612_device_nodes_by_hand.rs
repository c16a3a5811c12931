use crate::context::Context;
use crate::finding::Severity;
use crate::rule::{Meta, Rule, declare_rule};
use crate::sources::compose::{Compose, Service};

declare_rule! {
    /// a GPU's device nodes, or the driver's libraries, given by hand
    ///
    /// ## What it does
    /// Finds `/dev/nvidia…` among a service's `devices`, and the driver's libraries among its `volumes`.
    ///
    /// ## Why
    /// Nodes are half of it: without the driver's libraries, of the very version of the kernel's module, no program can use them. Libraries from the host
    /// by their paths fit until the driver is updated, and then fail with `driver/library version mismatch`. Nodes such as `/dev/nvidia-uvm` are made when the
    /// first program uses the driver: after a reboot the container does not start.
    ///
    /// ## Example
    /// ```yaml,bad
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     devices:
    ///       - /dev/nvidia0:/dev/nvidia0
    ///       - /dev/nvidiactl:/dev/nvidiactl
    /// ```
    ///
    /// Use instead:
    /// ```yaml,good
    /// services:
    ///   app:
    ///     image: example/app:1.0
    ///     gpus: all
    /// ```
    ///
    /// ## Sources
    /// NVIDIA/nvidia-docker#139, NVIDIA/nvidia-docker#526, NVIDIA/nvidia-docker#1730.
    DeviceNodesByHand, "LG612", "device-nodes-by-hand", Warning, High
}

/// Whether a path on the host is a GPU's device node.
pub(super) fn is_node(path: &str) -> bool {
    // Channels of IMEX, and what is for storage and switches, comes in no other way with many engines.
    let is_one = |rest: &str| {
        let first = rest.chars().next();
        first.is_none_or(|first| first.is_ascii_digit() || matches!(first, '*' | '[' | '$'))
            || ["ctl", "-uvm", "-modeset"]
                .iter()
                .any(|name| rest.starts_with(name))
    };
    path.strip_prefix("/dev/nvidia").is_some_and(is_one)
}

/// Whether a path on the host is a library of the driver, or a volume of them.
pub(super) fn is_library(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_file = [
        "libcuda.so",
        "libnvidia-",
        "libnvcuvid.so",
        "libEGL_nvidia",
        "libGLX_nvidia",
    ]
    .iter()
    .any(|word| name.starts_with(word));
    (is_file && path.starts_with('/'))
        || path.starts_with("nvidia_driver")
        || path.starts_with("nvidia-driver")
        || name == "nvidia-smi" && path.starts_with('/')
}

impl Rule for DeviceNodesByHand {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn service(&self, _compose: &Compose<'_>, service: &Service<'_>, context: &mut Context<'_>) {
        let has_request = service.request_span().is_some() || service.nvidia_runtime().is_some();
        let mut nodes = service
            .devices
            .iter()
            .filter(|device| is_node(device.source));
        let library = service
            .volumes
            .iter()
            .find(|volume| volume.source.is_some_and(is_library));
        let sentence = if has_request {
            "the request brings the device nodes itself"
        } else {
            "device nodes of a GPU, given by hand"
        };
        if let Some(first) = nodes.next() {
            let last = nodes
                .next_back()
                .filter(|_| !first.value.is_shared())
                .map_or(first, |last| last);
            let finding = context.report(
                &Self::META,
                first.value.used().to(last.value.used()),
                sentence,
            );
            if has_request {
                finding.severity(Severity::Note);
                finding.because(
                    "a node that is missing on some host keeps the container from starting there",
                );
                finding.hint("remove them");
            } else {
                finding.because("without the driver's libraries no program can use them");
                finding.hint("ask for GPUs instead: `gpus: all`, or a device reservation");
            }
            if let Some(library) = library {
                finding.related(
                    library.value.used(),
                    "the driver's libraries fit until it is updated",
                );
            }
        } else if let Some(library) = library {
            let finding = context.report(
                &Self::META,
                library.value.used(),
                "a part of the driver, given by hand",
            );
            finding
                .because("it fits until the driver is updated: `driver/library version mismatch`");
            if has_request {
                finding.severity(Severity::Note);
            }
            finding
                .hint("ask for GPUs instead: `gpus: all`, or a device reservation, which bring it");
        }
    }
}
