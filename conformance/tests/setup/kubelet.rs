//! The kubelet's side of containerd: pods with a runtime as their handler.

use crate::ran::same;
use crate::stage::{LIST, Stage, eventually, listing};
use libtest_mimic::Failed;
use liftgate_conformance::Cri;
use liftgate_conformance::cri::{Container, Pod, Road};
use liftgate_conformance::suite::fail;
use std::sync::atomic::{AtomicU32, Ordering};

/// Kubernetes knows no short names.
pub(crate) const REFERENCE: &str = "docker.io/library/mini:latest";

/// The kubelet's side.
pub(crate) struct Kubelet<'a> {
    stage: &'a Stage,
    cri: Cri,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl<'a> Kubelet<'a> {
    /// Waits until containerd serves pods, and gives it the image.
    pub(crate) fn of(stage: &'a Stage) -> Result<Self, Failed> {
        let cri = Cri::at(&stage.file("/run/containerd/containerd.sock"));
        let kubelet = Self { stage, cri };
        kubelet.is_served()?;
        let archive = stage.kubernetes_image(REFERENCE)?;
        stage.told(&format!(
            "ctr --namespace k8s.io images import {}",
            archive.display()
        ))?;
        eventually("the image is there", || {
            Ok(kubelet.cri.has_image(REFERENCE)?)
        })?;
        Ok(kubelet)
    }

    pub(crate) fn is_served(&self) -> Result<(), Failed> {
        let ready = || Ok(self.cri.is_ready());
        eventually("containerd serves the CRI", ready).map_err(|failure| {
            let log = self.stage.told("tail -n 20 /var/log/containerd.log");
            let failure = failure.message().unwrap_or_default().to_owned();
            fail(format!("{failure}\n{}", log.unwrap_or_default()))
        })
    }

    /// A pod with this handler, and what a container of it with this value of `NVIDIA_VISIBLE_DEVICES` has.
    pub(crate) fn pod_has(
        &self,
        handler: &str,
        value: &str,
        gpus: Option<&[usize]>,
    ) -> Result<(), Failed> {
        let running = self.start(handler, value)?;
        let result = self.listed(&running, gpus);
        self.remove(&running)?;
        result.map_err(|failure| {
            let failure = failure.message().unwrap_or_default();
            fail(format!("handler `{handler}`, `{value}`: {failure}"))
        })
    }

    /// The same, left to run.
    pub(crate) fn start(&self, handler: &str, value: &str) -> Result<Running, Failed> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let pod = Pod::new(&format!("pod-{number}"), "/pods").under(handler);
        let id = self.cri.run_pod(&pod)?;
        let container = Container {
            name: "case".to_owned(),
            image: REFERENCE.to_owned(),
            devices: Vec::new(),
            road: Road::Field,
            is_confined: false,
            environment: vec![("NVIDIA_VISIBLE_DEVICES".to_owned(), value.to_owned())],
        };
        let container = self.cri.start_container(&pod, &id, &container)?;
        Ok(Running { pod: id, container })
    }

    pub(crate) fn remove(&self, running: &Running) -> Result<(), Failed> {
        Ok(self.cri.remove_pod(&running.pod)?)
    }

    /// What a running container has.
    pub(crate) fn listed(&self, running: &Running, gpus: Option<&[usize]>) -> Result<(), Failed> {
        let executed = self.cri.execute(&running.container, &["sh", "-c", LIST])?;
        same("in a pod", &listing(gpus), &executed.stdout)
    }

    /// Pods with the runtime have GPUs, and others are as they were.
    pub(crate) fn serves(&self) -> Result<(), Failed> {
        self.is_served()?;
        self.pod_has("nvidia", "all", Some(&[0, 1, 2, 3]))?;
        self.pod_has("nvidia", "1", Some(&[1]))?;
        self.pod_has("", "all", None)
    }

    /// No pod gets the runtime, and others are as they were.
    pub(crate) fn forgot(&self) -> Result<(), Failed> {
        self.is_served()?;
        match self.start("nvidia", "all") {
            Ok(_) => Err(fail("a pod with the handler `nvidia` was started")),
            Err(_) => self.pod_has("", "all", None),
        }
    }
}

/// A pod, and its container.
pub(crate) struct Running {
    pod: String,
    container: String,
}
