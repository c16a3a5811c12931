//! What holds for every plan.

use crate::machine::Copy;
use crate::{given_by_id, request};
use liftgate_driver::{BusId, Capabilities, Capability, GlibcVersion, Gpu};
use liftgate_plan::{Asked, ContainerSetup, Devices, Plan, Policy, plan};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// The minors of the GPUs whose nodes are in the plan.
fn nodes_of_gpus(plan: &Plan) -> BTreeSet<u32> {
    plan.nodes
        .iter()
        .filter_map(|node| {
            let number = node
                .path
                .to_str()?
                .strip_prefix("/dev/nvidia")?
                .parse()
                .ok()?;
            assert_eq!((node.major, node.minor), (195, number));
            Some(number)
        })
        .collect()
}

/// A name for a GPU, in one of the forms that people write.
fn name(gpu: &Gpu, form: usize) -> String {
    let uuid = gpu.uuid.as_deref().expect("a UUID");
    match form {
        0 => gpu.index.to_string(),
        1 => uuid.to_owned(),
        2 => uuid[..12].to_owned(),
        3 => uuid.to_uppercase(),
        4 => uuid.to_lowercase(),
        5 => gpu.bus.to_string(),
        6 => gpu.bus.long().to_uppercase(),
        7 => gpu.bus.to_string()["0000:".len()..].to_owned(),
        _ => format!("runtime.nvidia.com/gpu={}", gpu.index),
    }
}

/// Whether `id` can be meant to name `gpu`: said once more, in other words than the planner's.
fn may_name(id: &str, gpu: &Gpu) -> bool {
    let id = id
        .strip_prefix("runtime.nvidia.com/gpu=")
        .unwrap_or(id)
        .to_lowercase();
    let uuid = gpu.uuid.clone().unwrap_or_default().to_lowercase();
    id == "all"
        || id.parse() == Ok(gpu.index)
        || id.len() > 4 && uuid.starts_with(&id)
        || id.parse::<BusId>() == Ok(gpu.bus)
}

#[test]
fn exactly_the_named_gpus_are_given() {
    for machine in ["ubuntu-550", "dgx-h100-8"] {
        let copy = Copy::of(machine);
        let host = copy.host();
        let count = host.gpus.len();
        let named = prop::collection::vec((0..count, 0..9_usize), 1..12);
        proptest!(|(named in named)| {
            let ids: Vec<String> = named.iter().map(|(at, form)| name(&host.gpus[*at], *form)).collect();
            let expected: BTreeSet<u32> = named.iter().map(|(at, _)| host.gpus[*at].minor).collect();
            let plan = given_by_id(&host, &ids.join(","), "all").expect("a plan");
            prop_assert_eq!(nodes_of_gpus(&plan), expected.clone());
            prop_assert_eq!(plan.gpus.len(), expected.len());
            let granted: BTreeSet<u32> = plan.gpus.iter().map(|gpu| gpu.minor).collect();
            prop_assert_eq!(granted, expected);
            // Display nodes too: those of the granted GPUs and no other's.
            let drm: BTreeSet<&Path> = plan.nodes.iter().map(|node| &*node.path).filter(|path| path.starts_with("/dev/dri")).collect();
            let own: BTreeSet<&Path> = named.iter().flat_map(|(at, _)| &host.devices.gpus[*at].drm).map(|node| &*node.path).collect();
            prop_assert_eq!(drm, own);
        });
    }
}

#[test]
fn one_bad_name_spoils_the_list() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let bad = prop::sample::select(vec![
        "4",
        "99",
        "GPU-0",
        "1:0",
        "x",
        "0000:01:00.0",
        "a/b=0",
        "-1",
    ]);
    proptest!(|(good in prop::collection::vec((0..4_usize, 0..9_usize), 0..5), bad in bad, at in 0..5_usize)| {
        let mut ids: Vec<String> = good.iter().map(|(at, form)| name(&host.gpus[*at], *form)).collect();
        ids.insert(at.min(ids.len()), bad.to_owned());
        prop_assert!(given_by_id(&host, &ids.join(","), "").is_err());
    });
}

/// Whatever a container writes: an answer, and never a GPU that it did not name.
#[test]
fn no_text_gives_a_gpu_that_it_does_not_name() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let policy = Policy::default();
    let word = prop_oneof![
        (0..4_usize, 0..9_usize).prop_map(|(at, form)| name(&host.gpus[at], form)),
        "[0-9a-f:.,GPUMIG -]{0,14}",
        "(all|ALL|none|None|void|VOID| |)",
        ".{0,8}",
    ];
    proptest!(ProptestConfig::with_cases(1000), |(words in prop::collection::vec(word, 0..5))| {
        let text = words.join(",");
        let facts = crate::container(&[("NVIDIA_VISIBLE_DEVICES", &text)]);
        let ids: Vec<&str> = text.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
        let Ok(asked) = Asked::by(&facts, &policy) else {
            prop_assert!(ids.iter().any(|id| id.contains('=')), "only names of CDI devices have a form");
            return Ok(());
        };
        let Asked::For(request) = asked else {
            prop_assert!(ids.is_empty() || ids.iter().any(|id| id.eq_ignore_ascii_case("void")));
            return Ok(());
        };
        prop_assert!(!ids.is_empty(), "an empty list asks for nothing");
        if request.devices == Devices::Unasked {
            prop_assert!(ids.iter().all(|id| id.contains('=')));
            return Ok(());
        }
        let says = |what: &str| ids.iter().position(|id| id.eq_ignore_ascii_case(what));
        let Ok(plan) = plan(&request, &host, &policy) else {
            return Ok(());
        };
        prop_assert_eq!(nodes_of_gpus(&plan).len(), plan.gpus.len());
        match (says("none"), says("all")) {
            (Some(none), all) if all.is_none_or(|all| none < all) => {
                prop_assert_eq!(plan.gpus, vec![]);
            }
            (_, Some(_)) => prop_assert_eq!(plan.gpus.len(), 4),
            _ => {
                prop_assert!(!plan.gpus.is_empty());
                for granted in &plan.gpus {
                    let gpu = &host.gpus[granted.index as usize];
                    prop_assert!(ids.iter().any(|id| may_name(id, gpu)), "{:?} for {}", granted, text);
                }
                for id in ids.into_iter().filter(|id| !id.contains('=')) {
                    prop_assert!(plan.gpus.iter().any(|granted| may_name(id, &host.gpus[granted.index as usize])), "{} is not served", id);
                }
            }
        }
    });
}

fn every_set() -> Vec<Capabilities> {
    (0..1_usize << Capability::ALL.len())
        .map(|bits| {
            let members: Vec<Capability> = Capability::ALL
                .into_iter()
                .enumerate()
                .filter(|(at, _)| bits & 1 << at != 0)
                .map(|(_, capability)| capability)
                .collect();
            Capabilities::of(&members)
        })
        .collect()
}

/// The machine's plans for all GPUs, one for each set of capabilities.
fn every_plan(copy: &Copy) -> Vec<(Capabilities, Plan)> {
    let host = copy.host();
    every_set()
        .into_iter()
        .map(|set| {
            let plan = plan(&request(Devices::All, set), &host, &Policy::default());
            (set, plan.expect("a plan"))
        })
        .collect()
}

const MACHINES: [&str; 3] = ["ubuntu-550", "h200-580", "dgx-h100-8"];

/// What a plan gives, without the reasons.
fn contents(plan: &Plan) -> BTreeSet<String> {
    let nodes = plan
        .nodes
        .iter()
        .map(|node| format!("node {}", node.path.display()));
    let mounts = plan.mounts.iter().map(|mount| {
        format!(
            "mount {} {} {:?}",
            mount.host_path.display(),
            mount.container_path.display(),
            mount.options
        )
    });
    let links = plan.setup.links.iter().map(|link| format!("{link:?}"));
    let entries = plan
        .setup
        .loader_entries
        .iter()
        .map(|entry| format!("{entry:?}"));
    let directories = plan
        .setup
        .library_directories
        .iter()
        .map(|path| format!("loader {}", path.display()));
    let variables = plan
        .environment
        .iter()
        .map(|variable| format!("{}={}", variable.name, variable.value));
    let groups = plan
        .additional_groups
        .iter()
        .map(|group| format!("group {group}"));
    nodes
        .chain(mounts)
        .chain(links)
        .chain(entries)
        .chain(directories)
        .chain(variables)
        .chain(groups)
        .collect()
}

#[test]
fn fewer_capabilities_give_nothing_that_more_do_not() {
    for machine in MACHINES {
        let copy = Copy::of(machine);
        let plans: Vec<_> = every_plan(&copy)
            .into_iter()
            .map(|(set, plan)| (set, contents(&plan)))
            .collect();
        for (fewer, less) in &plans {
            for (more, all) in plans
                .iter()
                .filter(|(more, _)| fewer.intersection(*more) == *fewer)
            {
                let extra: Vec<_> = less.difference(all).collect();
                assert!(
                    extra.is_empty(),
                    "{machine}: {fewer} but not {more}: {extra:?}"
                );
            }
        }
    }
}

fn assert_clean(path: &Path) {
    assert!(
        path.is_absolute()
            && path
                .components()
                .all(|part| matches!(part, Component::RootDir | Component::Normal(_))),
        "{}",
        path.display()
    );
}

#[test]
fn every_mount_is_of_a_file_that_is_there() {
    for machine in MACHINES {
        let copy = Copy::of(machine);
        for (set, plan) in every_plan(&copy) {
            let mut places = BTreeSet::new();
            for mount in &plan.mounts {
                assert_clean(&mount.container_path);
                assert_clean(&mount.host_path);
                let metadata = std::fs::symlink_metadata(&mount.host_path).expect("it is there");
                assert!(
                    !metadata.is_symlink() && !metadata.is_dir(),
                    "{}",
                    mount.host_path.display()
                );
                assert!(
                    mount.host_path.starts_with(copy.root()),
                    "{}",
                    mount.host_path.display()
                );
                assert!(
                    places.insert(&mount.container_path),
                    "{set}: {} twice",
                    mount.container_path.display()
                );
                let is_socket = mount.container_path.ends_with("socket");
                assert_eq!(mount.options.contains(&"ro"), !is_socket);
                assert!(
                    ["nosuid", "nodev", "rprivate"]
                        .iter()
                        .all(|option| mount.options.contains(option))
                );
                assert!(!mount.reason.is_empty());
            }
        }
    }
}

/// A link that leads nowhere, or a name in the loader's cache that nothing answers to, is worse than none.
#[test]
fn every_link_and_loader_entry_leads_to_something_in_the_plan() {
    for machine in MACHINES {
        let copy = Copy::of(machine);
        for (set, plan) in every_plan(&copy) {
            let there: BTreeSet<PathBuf> = plan
                .mounts
                .iter()
                .map(|mount| mount.container_path.clone())
                .chain(plan.setup.links.iter().map(|link| link.path.clone()))
                .collect();
            for link in &plan.setup.links {
                assert_clean(&link.path);
                let mut target = link.path.parent().expect("a parent").to_owned();
                for part in Path::new(&link.target).components() {
                    match part {
                        Component::ParentDir => assert!(target.pop()),
                        part => target.push(part),
                    }
                }
                assert!(there.contains(&target), "{set}: {link:?}");
                assert_ne!(target, link.path);
            }
            for entry in &plan.setup.loader_entries {
                assert!(there.contains(&entry.path), "{set}: {entry:?}");
                assert_eq!(
                    entry.is_32_bit,
                    entry.path.starts_with("/usr/lib/i386-linux-gnu")
                );
                let directory = entry.path.parent().expect("a parent");
                assert!(
                    plan.setup
                        .library_directories
                        .iter()
                        .any(|known| known == directory)
                );
            }
        }
    }
}

/// One that the container does not get is no reason to find its image too old.
#[test]
fn the_glibc_that_is_asked_for_is_that_of_the_libraries_that_are_given() {
    for machine in MACHINES {
        let copy = Copy::of(machine);
        let libraries = &copy.host().installation.expect("files").libraries;
        for (set, plan) in every_plan(&copy) {
            let given = libraries.iter().filter(|library| {
                let mut mounts = plan.mounts.iter();
                !library.is_32_bit
                    && !library.is_module
                    && mounts.any(|mount| mount.host_path == library.host_path)
            });
            let version = |text: &str| GlibcVersion::parse(text).expect("a version");
            let needs = |name: Option<&str>| {
                let of = given
                    .clone()
                    .filter(|one| name.is_none_or(|name| one.soname == name));
                of.filter_map(|library| library.needs_glibc.as_deref().map(version))
                    .max()
            };
            let asked: Vec<_> = plan.setup.glibc.iter().collect();
            for need in &asked {
                assert_eq!(
                    Some(version(&need.version)),
                    needs(Some(&need.library)),
                    "{set}"
                );
            }
            let greatest = asked.iter().map(|need| version(&need.version)).max();
            assert_eq!(greatest, needs(None), "{set}");
            // CUDA comes first: of two libraries that cannot be loaded it is the one to be named.
            let has_cuda = needs(Some("libcuda.so.1")).is_some();
            assert_eq!(
                asked
                    .first()
                    .is_some_and(|need| need.library == "libcuda.so.1"),
                has_cuda
            );
            assert!(asked.len() <= 2);
        }
    }
}

#[test]
fn the_hooks_arguments_go_both_ways_for_every_plan() {
    for machine in MACHINES {
        for (_, plan) in every_plan(&Copy::of(machine)) {
            let arguments = plan.setup.to_arguments();
            let read = ContainerSetup::from_arguments(arguments.iter().map(OsStr::new));
            assert_eq!(read.expect("understood"), plan.setup);
        }
    }
}

#[test]
fn the_promises_of_single_capabilities() {
    let copy = Copy::of("ubuntu-550");
    for (set, plan) in every_plan(&copy) {
        let has = |capability| set.contains(capability);
        let mounts = |text: &str| {
            plan.mounts
                .iter()
                .any(|mount| mount.container_path.to_string_lossy().contains(text))
        };
        let node = |path: &str| plan.nodes.iter().any(|node| node.path == Path::new(path));
        let screen = has(Capability::Graphics) || has(Capability::Display);
        let cuda = has(Capability::Compute) || has(Capability::Video);
        assert_eq!(mounts("x86_64-linux-gnu/libcuda.so"), cuda, "{set}");
        assert_eq!(
            mounts("x86_64-linux-gnu/libnvidia-ml.so"),
            has(Capability::Utility),
            "{set}"
        );
        assert_eq!(
            mounts("/usr/bin/nvidia-smi"),
            has(Capability::Utility),
            "{set}"
        );
        assert_eq!(
            mounts("x86_64-linux-gnu/libnvidia-encode.so"),
            has(Capability::Video),
            "{set}"
        );
        assert_eq!(mounts("x86_64-linux-gnu/libGLX_nvidia.so"), screen, "{set}");
        assert_eq!(mounts("nvidia_drv.so"), has(Capability::Display), "{set}");
        assert_eq!(
            mounts("persistenced/socket"),
            has(Capability::Utility),
            "{set}"
        );
        assert_eq!(
            mounts("i386-linux-gnu/libcuda.so"),
            cuda && has(Capability::Compat32),
            "{set}"
        );
        assert!(!mounts("i386") || has(Capability::Compat32), "{set}");
        assert!(!mounts("535.104.05"), "{set}");
        assert_eq!(node("/dev/nvidia-uvm"), cuda, "{set}");
        assert_eq!(node("/dev/nvidia-modeset"), screen, "{set}");
        assert_eq!(
            node("/dev/dri/renderD128"),
            screen && copy.has_nodes,
            "{set}"
        );
        assert!(node("/dev/nvidiactl") && node("/dev/nvidia0"), "{set}");
        assert!(
            !plan
                .nodes
                .iter()
                .any(|node| node.path.starts_with("/dev/nvidia-caps")),
            "{set}"
        );
        let void = plan
            .environment
            .iter()
            .find(|variable| variable.name == "NVIDIA_VISIBLE_DEVICES");
        assert_eq!(void.expect("said").value, "void");
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let copy = Copy::of("ubuntu-550");
    let (first, second) = (copy.host(), copy.host());
    assert_eq!(
        given_by_id(&first, "3,1", "all"),
        given_by_id(&second, "3,1", "all")
    );
}
