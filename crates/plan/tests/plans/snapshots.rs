//! Plans to be read by people.

use crate::machine::{Copy, skip};
use crate::rendering::rendering;
use crate::{given, given_by_id};

/// The plan of a machine, as text. Without root there are no device nodes, and the plan says so.
fn planned(machine: &str, ids: &str, capabilities: &str) -> Option<String> {
    let copy = Copy::of(machine);
    if !copy.has_nodes {
        skip("device nodes, which take root");
        return None;
    }
    let plan = given_by_id(&copy.host(), ids, capabilities).expect("a plan");
    Some(rendering(&copy, &plan))
}

macro_rules! plans {
    ($($name:ident: $machine:literal, $ids:literal, $capabilities:literal;)*) => {$(
        #[test]
        fn $name() {
            if let Some(text) = planned($machine, $ids, $capabilities) {
                insta::assert_snapshot!(text);
            }
        }
    )*};
}

plans! {
    h200_all: "h200-580", "all", "all";
    h200_by_default: "h200-580", "all", "";
    ubuntu_two_by_default: "ubuntu-550", "1,3", "";
    ubuntu_all: "ubuntu-550", "all", "all";
    ubuntu_utility: "ubuntu-550", "0", "utility";
    ubuntu_graphics: "ubuntu-550", "2", "graphics";
    ubuntu_none: "ubuntu-550", "none", "";
    dgx_all_by_default: "dgx-h100-8", "all", "";
}

/// Nothing of a host's trouble is passed over in silence.
#[test]
fn warnings() {
    let copy = Copy::of("ubuntu-550");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    copy.edit_proc("devices", "508 nvidia-uvm\n", "");
    copy.edit_proc("devices", "195 nvidia\n", "200 nvidia\n");
    copy.write_proc("driver/nvidia/capabilities/gpu0/mig/gi1/ci0/access", "");
    std::fs::remove_file(copy.at("/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.15")).unwrap();
    std::os::unix::fs::chown(copy.dev("nvidiactl"), None, Some(44)).unwrap();
    std::fs::remove_file(copy.dev("nvidia0")).unwrap();
    let plan = given_by_id(&copy.host(), "0", "").unwrap();
    let text: Vec<String> = plan
        .nodes
        .iter()
        .map(|node| {
            format!(
                "{} {}:{} {:?} {}",
                node.path.display(),
                node.major,
                node.minor,
                node.gid,
                node.reason
            )
        })
        .chain(
            plan.warnings
                .iter()
                .map(|warning| format!("[{}] {}", warning.code, warning.sentence)),
        )
        .collect();
    insta::assert_snapshot!(copy.normalised(&text.join("\n")));
    assert!(
        plan.environment
            .iter()
            .all(|variable| variable.name != "NVIDIA_CTK_LIBCUDA_DIR")
    );
}

/// A group is given for a node that not everybody may open, and for no other.
#[test]
fn groups() {
    let copy = Copy::of("ubuntu-550");
    if !copy.has_nodes {
        return skip("device nodes, which take root");
    }
    for (name, group) in [
        ("dri/card1", 44),
        ("dri/renderD128", 109),
        ("dri/card2", 45),
        ("nvidia0", 46),
    ] {
        std::os::unix::fs::chown(copy.dev(name), None, Some(group)).unwrap();
    }
    let host = copy.host();
    let groups = |capabilities| {
        given_by_id(&host, "0", capabilities)
            .unwrap()
            .additional_groups
    };
    assert_eq!(groups("graphics"), [44]);
    assert_eq!(groups("compute"), [0_u32; 0]);
    let policy = liftgate_plan::Policy {
        additional_groups: false,
        ..liftgate_plan::Policy::default()
    };
    let asked = crate::request(
        liftgate_plan::Devices::All,
        liftgate_driver::Capabilities::all(),
    );
    let plan = liftgate_plan::plan(&asked, &host, &policy).unwrap();
    assert_eq!(plan.additional_groups, [0_u32; 0]);
}

/// `config.toml` can leave out parts of the hook's work, and all of it.
#[test]
fn hooks_that_the_administrator_disables() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let with = |list: &str| {
        let text = format!(
            "[nvidia-container-runtime.modes.jit-cdi]\nnvcdi-disable-hooks = [{list}]\nnvcdi-feature-flags = [\"disable-ipc-discoverer\", \"unheard-of\"]\n"
        );
        let config = liftgate_config::Config::parse(&text).unwrap().0;
        let policy = liftgate_plan::Policy::from_config(&config).unwrap();
        let asked = crate::request(
            liftgate_plan::Devices::All,
            liftgate_driver::Capabilities::all(),
        );
        liftgate_plan::plan(&asked, &host, &policy).unwrap()
    };
    let plan = with("");
    assert!(plan.setup.cover_params && !plan.links.is_empty());
    assert!(
        !plan
            .mounts
            .iter()
            .any(|mount| mount.container_path.ends_with("socket"))
    );
    assert!(
        !with("\"disable-device-node-modification\"")
            .setup
            .cover_params
    );
    let none = with("\"all\"");
    assert_eq!(none.setup, liftgate_plan::ContainerSetup::default());
    assert_eq!(none.links, []);
}

/// Images of before 2018 ask by being what they are.
#[test]
fn an_image_of_the_first_generation() {
    let copy = Copy::of("h200-580");
    let host = copy.host();
    let legacy = given(&host, &[("CUDA_VERSION", "8.0.61")]).unwrap();
    let all = given_by_id(&host, "all", "all").unwrap();
    assert_eq!(legacy.nodes, all.nodes);
    assert_eq!(legacy.mounts, all.mounts);
    assert_eq!(legacy.setup, all.setup);
}
