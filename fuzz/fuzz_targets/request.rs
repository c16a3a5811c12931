//! Feeds lines as a container's environment and mounts and as `--gpus`: ids are some and each once, what people are shown is short and tame.
//!
//! The first byte chooses the policy and whether the container is privileged. A line `/DESTINATION /SOURCE` is a mount, `--gpus VALUE`
//! Docker's option, `--many COUNT` that many distinct ids, as variable and as mounts: what is quadratic in them runs into the time limit.
//! `@KEY VALUE` is an annotation. Any other line with `=` is a variable, in which `\x01` stands for a line feed, since a value may have one.
#![no_main]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use liftgate_cdi::QualifiedName;
use liftgate_driver::{
    Capabilities, Capability, CharacterMajors, Devices as Nodes, Gpu, Host, Installation,
    KernelModule, Library, MigDevice, Platform,
};
use liftgate_plan::{Asked, ContainerFacts, Devices, DockerGpus, Policy, Refusal, plan};

/// No message is longer, whatever a container says. What the machine has is not counted: here it is two GPUs.
const LONGEST: usize = 4096;

static POLICIES: LazyLock<[Policy; 4]> = LazyLock::new(|| {
    [
        Policy::default(),
        Policy {
            accept_environment_when_unprivileged: false,
            accept_volume_mounts: true,
            ..Policy::default()
        },
        Policy {
            supported_capabilities: Capabilities::of(&[Capability::Utility]),
            swarm_resources: vec!["DOCKER_RESOURCE_A".to_owned(), "B".to_owned()],
            ..Policy::default()
        },
        Policy {
            accept_volume_mounts: true,
            additional_groups: false,
            ..Policy::default()
        },
    ]
});

/// The most ids that `--many` makes: with `config.json` up to 16 MiB a container can have fifty times as many.
const MOST_IDS: usize = 50_000;

/// A driver that runs, and two GPUs whose UUIDs begin alike.
static HOST: LazyLock<Host> = LazyLock::new(|| Host {
    platform: Platform::Nvidia,
    kernel_module: Some(KernelModule {
        version: "550.54.15".to_owned(),
        open: false,
    }),
    majors: CharacterMajors::default(),
    installation: Some(Installation {
        root: "/".into(),
        libraries: vec![Library {
            needs_glibc: None,
            host_path: "/usr/lib64/libcuda.so.550.54.15".into(),
            container_path: "/usr/lib64/libcuda.so.550.54.15".into(),
            soname: "libcuda.so.1".to_owned(),
            is_32_bit: false,
            is_module: false,
            capabilities: Capabilities::of(&[Capability::Compute]),
            links: Vec::new(),
        }],
        library_directories: vec!["/usr/lib64".into()],
        other_versions: Vec::new(),
        tools: Vec::new(),
        firmware: Vec::new(),
        configurations: Vec::new(),
        sockets: Vec::new(),
        listed: Vec::new(),
        listed_links: Vec::new(),
        unrecognised: Vec::new(),
    }),
    gpus: ["aaaa1111", "aaaa2222"]
        .into_iter()
        .zip(0..)
        .map(|(uuid, index)| Gpu {
            index,
            minor: index,
            uuid: Some(format!("GPU-{uuid}-0000-0000-0000-000000000000")),
            bus: format!("0000:0{index}:00.0")
                .parse()
                .expect("a bus address"),
            model: "NVIDIA H200".to_owned(),
            // The first is partitioned.
            mig: (0..2)
                .filter(|_| index == 0)
                .map(|device| MigDevice {
                    gpu_instance: device + 1,
                    compute_instance: 0,
                    gpu_instance_minor: Some(12),
                    compute_instance_minor: Some(13),
                    index: Some(device),
                    uuid: Some(format!("MIG-{uuid}-000{device}")),
                    profile: None,
                    has_graphics: false,
                })
                .collect(),
        })
        .collect(),
    unreadable_gpus: Vec::new(),
    mig_unnamed: None,
    tegra: None,
    tegra_unknown: None,
    nvml: None,
    devices: Nodes::default(),
    extras: Vec::new(),
    imex_channels: Vec::new(),
});

fn check_shown(text: &str, what: &str) {
    assert!(text.len() < LONGEST, "{what} of {} bytes", text.len());
    let control = text
        .chars()
        .find(|character| character.is_control() && *character != '\n');
    assert_eq!(control, None, "{what}");
}

fn check_refusal(refusal: &Refusal) {
    check_shown(&refusal.to_string(), "refusal");
    let line = refusal.one_line();
    check_shown(&line, "refusal in one line");
    assert!(!line.contains('\n'));
    // The lines of the long form are ours alone: a container cannot add one.
    assert_eq!(
        refusal.to_string().lines().count(),
        refusal.evidence.len() + 2
    );
}

fn check_request(container: &ContainerFacts, policy: &Policy) {
    match Asked::by(container, policy) {
        Ok(Asked::For(request)) => {
            for name in &request.specified {
                assert!(name.parse::<QualifiedName>().is_ok(), "{name}");
            }
            for sentence in &request.unheeded {
                check_shown(sentence, "what is not heeded");
            }
            if request.devices == Devices::Unasked {
                assert!(!request.specified.is_empty());
                return;
            }
            if let Devices::Ids(ids) = &request.devices {
                assert!(!ids.is_empty());
                let unique: HashSet<&String> = ids.iter().collect();
                assert_eq!(unique.len(), ids.len());
                assert!(ids.iter().all(|id| !id.is_empty()));
            }
            check_shown(&request.capabilities_reason, "reason of capabilities");
            assert!(!request.capabilities_reason.contains('\n'));
            let supported = policy.supported_capabilities;
            assert_eq!(
                request.capabilities.intersection(supported),
                request.capabilities
            );
            match plan(&request, &HOST, policy) {
                Ok(plan) => assert!(plan.gpus.is_empty(), "no node, no GPU"),
                Err(refusal) => check_refusal(&refusal),
            }
        }
        Ok(Asked::Nothing { reason, .. }) => {
            check_shown(&reason, "reason");
            assert!(!reason.contains('\n'));
        }
        Err(refusal) => check_refusal(&refusal),
    }
}

fn check_docker_gpus(value: &str) {
    match DockerGpus::parse(value) {
        Ok(asked) => {
            assert_ne!(asked.driver_capabilities.as_deref(), Some(""));
            assert!(asked.visible_devices.len() <= LONGEST + value.len());
        }
        Err(error) => check_shown(&error.to_string(), "error of --gpus"),
    }
}

fn add_ids(container: &mut ContainerFacts, count: usize) {
    let ids: Vec<String> = (0..count).map(|id| format!("{id:x}")).collect();
    let root = Path::new("/var/run/nvidia-container-devices");
    container.mounts = ids
        .iter()
        .map(|id| (root.join(id), PathBuf::from("/dev/null")))
        .collect();
    container.environment = vec![("NVIDIA_VISIBLE_DEVICES".to_owned(), ids.join(","))];
}

fuzz_target!(|text: &str| {
    let Some(first) = text.bytes().next().filter(u8::is_ascii) else {
        return;
    };
    let mut container = ContainerFacts {
        is_privileged: first & 4 != 0,
        ..ContainerFacts::default()
    };
    for line in text[1..].lines() {
        if let Some(value) = line.strip_prefix("--gpus ") {
            check_docker_gpus(value);
        } else if let Some(count) = line.strip_prefix("--many ") {
            let count = count.parse().map_or(0, |count: usize| count.min(MOST_IDS));
            add_ids(&mut container, count);
        } else if let Some(annotation) = line.strip_prefix('@') {
            let (key, value) = annotation.split_once(' ').unwrap_or((annotation, ""));
            container
                .annotations
                .push((key.to_owned(), value.to_owned()));
        } else if line.starts_with('/') {
            let (destination, source) = line.split_once(' ').unwrap_or((line, "/dev/null"));
            container
                .mounts
                .push((PathBuf::from(destination), PathBuf::from(source)));
        } else if let Some((name, value)) = line.split_once('=') {
            container
                .environment
                .push((name.to_owned(), value.replace('\x01', "\n")));
        }
    }
    check_request(&container, &POLICIES[usize::from(first & 3)]);
});
