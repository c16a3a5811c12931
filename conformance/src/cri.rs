//! A client of the Kubernetes container runtime interface, as the kubelet is one: the calls that it takes to
//! run one command in one container of one pod.

mod grpc;
mod protobuf;

use protobuf::{Message, number_in, text_in, texts_in};
use std::io;
use std::path::{Path, PathBuf};

/// A client at the socket of an engine.
#[derive(Debug, Clone)]
pub struct Cri {
    socket: PathBuf,
}

/// How a container asks for CDI devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Road {
    /// The field of the container's configuration, as device plugins and DRA have it.
    Field,
    /// An annotation, as older device plugins have it.
    Annotation,
}

/// A container to create.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The CDI devices it asks for, by qualified names.
    pub devices: Vec<String>,
    /// How it asks for them.
    pub road: Road,
    /// Whether it has a read-only root, no capabilities and a user that is not root.
    pub is_confined: bool,
    /// Its environment, beside the image's.
    pub environment: Vec<(String, String)>,
}

/// What a command in a container came to.
#[derive(Debug, Clone)]
pub struct Executed {
    /// Its exit status.
    pub status: i64,
    /// What it wrote.
    pub stdout: String,
    /// What it wrote on standard error.
    pub stderr: String,
}

/// A pod of its own, described as the kubelet describes it with every request.
#[derive(Debug, Clone)]
pub struct Pod {
    name: String,
    cgroup: String,
    runtime: String,
}

impl Pod {
    /// A pod whose control groups are below `cgroup`.
    pub fn new(name: &str, cgroup: &str) -> Self {
        Self {
            name: name.to_owned(),
            cgroup: cgroup.to_owned(),
            runtime: String::new(),
        }
    }

    /// The same under a runtime that is named, as a `RuntimeClass` names its handler.
    #[must_use]
    pub fn under(mut self, runtime: &str) -> Self {
        runtime.clone_into(&mut self.runtime);
        self
    }

    /// `PodSandboxConfig`. The pod shares the machine's network, so that no network plugin is needed.
    fn configuration(&self) -> Message {
        const NODE: u64 = 2;
        let metadata = Message::new()
            .text(1, &self.name)
            .text(2, &self.name)
            .text(3, "default");
        let namespaces = Message::new().number(1, NODE);
        let linux = Message::new()
            .text(1, &self.cgroup)
            .message(2, &Message::new().message(1, &namespaces));
        Message::new().message(1, &metadata).message(8, &linux)
    }
}

impl Container {
    /// `ContainerConfig`. The container waits; commands are run in it.
    fn configuration(&self) -> Message {
        let mut configuration = Message::new()
            .message(1, &Message::new().text(1, &self.name))
            .message(2, &Message::new().text(1, &self.image))
            .text(3, "sleep")
            .text(4, "600");
        for (name, value) in &self.environment {
            configuration = configuration.message(6, &Message::new().text(1, name).text(2, value));
        }
        match self.road {
            Road::Annotation if !self.devices.is_empty() => {
                let entry = Message::new()
                    .text(1, "cdi.k8s.io/liftgate_test")
                    .text(2, &self.devices.join(","));
                configuration = configuration.message(10, &entry);
            }
            Road::Annotation => {}
            Road::Field => {
                for device in &self.devices {
                    configuration = configuration.message(17, &Message::new().text(1, device));
                }
            }
        }
        if self.is_confined {
            // LinuxContainerConfig.security_context: capabilities to drop, user, read-only root.
            let dropped = Message::new().text(2, "ALL");
            let context = Message::new()
                .message(1, &dropped)
                .message(5, &Message::new().number(1, 1000))
                .number(7, 1);
            configuration = configuration.message(15, &Message::new().message(2, &context));
        }
        configuration
    }
}

impl Cri {
    /// A client at this socket.
    pub fn at(socket: &Path) -> Self {
        Self {
            socket: socket.to_owned(),
        }
    }

    /// The engine's name and version.
    pub fn version(&self) -> io::Result<String> {
        let answer = self.call("Version", &Message::new())?;
        let name = text_in(&answer, 2)?;
        Ok(format!("{name} {}", text_in(&answer, 3)?))
    }

    /// Whether the engine can run containers yet. A pod without a network of its own needs no ready network.
    pub fn is_ready(&self) -> bool {
        // StatusResponse.status.conditions: type and status.
        let ready = || -> io::Result<bool> {
            let answer = self.call("Status", &Message::new())?;
            for status in protobuf::bytes_in(&answer, 1)? {
                for condition in protobuf::bytes_in(status, 1)? {
                    if text_in(condition, 1)? == "RuntimeReady" {
                        return Ok(number_in(condition, 2)? == 1);
                    }
                }
            }
            Ok(false)
        };
        ready().unwrap_or(false)
    }

    /// Whether the engine has an image of this name.
    pub fn has_image(&self, name: &str) -> io::Result<bool> {
        let request = Message::new().message(1, &Message::new().text(1, name));
        let answer = grpc::call(
            &self.socket,
            "/runtime.v1.ImageService/ImageStatus",
            &request,
        )?;
        Ok(!protobuf::bytes_in(&answer, 1)?.is_empty())
    }

    /// Starts a pod; its id.
    pub fn run_pod(&self, pod: &Pod) -> io::Result<String> {
        let request = Message::new()
            .message(1, &pod.configuration())
            .text(2, &pod.runtime);
        text_in(&self.call("RunPodSandbox", &request)?, 1)
    }

    /// Ends and removes a pod and its containers.
    pub fn remove_pod(&self, id: &str) -> io::Result<()> {
        let request = Message::new().text(1, id);
        self.call("StopPodSandbox", &request)?;
        self.call("RemovePodSandbox", &request).map(|_| ())
    }

    /// The ids of all pods.
    pub fn pods(&self) -> io::Result<Vec<String>> {
        let answer = self.call("ListPodSandbox", &Message::new())?;
        protobuf::bytes_in(&answer, 1)?
            .into_iter()
            .map(|pod| text_in(pod, 1))
            .collect()
    }

    /// Creates and starts a container in a pod; its id.
    pub fn start_container(
        &self,
        pod: &Pod,
        id: &str,
        container: &Container,
    ) -> io::Result<String> {
        let request = Message::new()
            .text(1, id)
            .message(2, &container.configuration())
            .message(3, &pod.configuration());
        let container = text_in(&self.call("CreateContainer", &request)?, 1)?;
        self.call("StartContainer", &Message::new().text(1, &container))?;
        Ok(container)
    }

    /// The ids of the containers of a pod, running or not.
    pub fn containers(&self, pod: &str) -> io::Result<Vec<String>> {
        let request = Message::new().message(1, &Message::new().text(3, pod));
        let answer = self.call("ListContainers", &request)?;
        protobuf::bytes_in(&answer, 1)?
            .into_iter()
            .map(|container| text_in(container, 1))
            .collect()
    }

    /// Runs a command in a container.
    pub fn execute(&self, container: &str, command: &[&str]) -> io::Result<Executed> {
        const SECONDS: u64 = 60;
        let request = command
            .iter()
            .fold(Message::new().text(1, container), |request, word| {
                request.text(2, word)
            })
            .number(3, SECONDS);
        let answer = self.call("ExecSync", &request)?;
        Ok(Executed {
            stdout: texts_in(&answer, 1)?.concat(),
            stderr: texts_in(&answer, 2)?.concat(),
            status: number_in(&answer, 3)?.cast_signed(),
        })
    }

    fn call(&self, method: &str, request: &Message) -> io::Result<Vec<u8>> {
        let path = format!("/runtime.v1.RuntimeService/{method}");
        grpc::call(&self.socket, &path, request)
            .map_err(|error| io::Error::new(error.kind(), format!("{method}: {error}")))
    }
}
