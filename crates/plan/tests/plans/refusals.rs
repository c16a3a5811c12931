//! Every refusal that asking and planning can end in, with its full text.

use crate::machine::Copy;
use crate::{given, given_by_id, request};
use liftgate_driver::{Capabilities, Host};
use liftgate_plan::{Code, Devices, Plan, Policy, Refusal, plan};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Refusals, each under a title.
struct Table {
    text: String,
    codes: BTreeSet<&'static str>,
}

impl Table {
    fn add(&mut self, copy: &Copy, title: &str, answer: Result<Plan, Refusal>) {
        let refusal = match answer {
            Err(refusal) => refusal,
            Ok(plan) => panic!("{title}: not refused, gives {:?}", plan.gpus),
        };
        self.codes.insert(refusal.code.text());
        let line = refusal.one_line();
        assert!(line.starts_with(&format!("[{}] ", refusal.code)) && !line.contains('\n'));
        let text = copy.normalised(&refusal.to_string());
        write!(self.text, "# {title}\n{text}\n\n").expect("written");
    }
}

#[test]
fn every_refusal() {
    let mut table = Table {
        text: String::new(),
        codes: BTreeSet::new(),
    };

    let copy = Copy::of("ubuntu-550");
    std::fs::remove_dir_all(copy.proc("driver")).unwrap();
    table.add(
        &copy,
        "no kernel module",
        given_by_id(&copy.host(), "all", ""),
    );

    let copy = Copy::of("ubuntu-550");
    copy.remove_files();
    table.add(&copy, "no libraries", given_by_id(&copy.host(), "all", ""));
    let mut places = copy.places();
    places.host_root = copy.at("/nowhere");
    let host = Host::discover(&places).unwrap();
    table.add(&copy, "no driver root", given_by_id(&host, "all", ""));
    copy.write("/usr/lib64/libcuda.so.550.54.15", "half a download");
    table.add(
        &copy,
        "a library that is none",
        given_by_id(&copy.host(), "all", ""),
    );
    places.configured_root = Some(copy.at("/nowhere"));
    let error = Host::discover(&places).unwrap_err();
    table.add(
        &copy,
        "a configured root that is not there",
        Err(error.into()),
    );

    let copy = Copy::of("ubuntu-550");
    copy.edit_proc("driver/nvidia/version", "550.54.15", "550.120");
    table.add(
        &copy,
        "another version",
        given_by_id(&copy.host(), "0", "utility"),
    );

    let copy = Copy::of("h200-580");
    std::fs::remove_dir_all(copy.proc("driver/nvidia/gpus")).unwrap();
    let host = copy.host();
    table.add(&copy, "all of no GPU", given_by_id(&host, "all", ""));
    table.add(
        &copy,
        "all of no GPU, as the reference names it",
        given_by_id(&host, "runtime.nvidia.com/gpu=all", ""),
    );
    table.add(&copy, "the first of no GPU", given_by_id(&host, "0", ""));

    let copy = Copy::of("ubuntu-550");
    let uuid = copy.machine.gpus()[3].uuid.clone();
    copy.edit_proc(
        &copy.information(3),
        &uuid,
        "GPU-6d3c1a55-ffff-4d7a-9c1e-8a4b2f7e1101",
    );
    let host = copy.host();
    for (title, ids) in [
        ("an index too high", "0,4"),
        ("a UUID of another machine", "GPU-ffffffff"),
        ("an address without a GPU", "0000:65:00.0"),
        ("a word", "first"),
        ("an escape sequence", "\u{1b}[2J"),
        ("the beginning of two UUIDs", "gpu-6D3C"),
        ("a MIG device by numbers", "1:0"),
        (
            "a MIG device by UUID",
            "MIG-41b36413-caa5-59f3-b8b2-3ffec1ec8f9d",
        ),
        ("no name of a CDI device", "a/bb=c"),
        ("no vendor and no class", "x=0"),
        (
            "the reference's own kind, without a name",
            "runtime.nvidia.com/gpu=",
        ),
    ] {
        table.add(&copy, title, given_by_id(&host, ids, ""));
    }
    table.add(
        &copy,
        "a name of a thousand letters",
        given_by_id(&host, &"x".repeat(1000), ""),
    );
    for ids in [vec![], vec![String::new()]] {
        let empty = request(Devices::Ids(ids), Capabilities::all());
        table.add(
            &copy,
            "an empty list",
            plan(&empty, &host, &Policy::default()),
        );
    }
    table.add(
        &copy,
        "a capability that is none",
        given_by_id(&host, "0", "compute,cuda"),
    );

    let copy = Copy::of("h200-580");
    let uuid = copy.machine.gpus()[0].uuid.clone();
    copy.edit_proc(
        &copy.information(0),
        &uuid,
        "GPU-????????-????-????-????-????????????",
    );
    table.add(
        &copy,
        "a UUID that the kernel does not know yet",
        given_by_id(&copy.host(), &uuid, ""),
    );

    let copy = Copy::of("h200-580");
    copy.edit_proc("devices", "195 nvidia\n195 nvidiactl\n", "");
    table.add(
        &copy,
        "no device number",
        given_by_id(&copy.host(), "all", ""),
    );

    let config = |text: &str| liftgate_config::Config::parse(text).unwrap().0;
    let strict = config("supported-driver-capabilities = \"compute,utility\"\n");
    let policy = Policy::from_config(&strict).unwrap();
    let asked = liftgate_plan::Asked::by(
        &crate::container(&[
            ("NVIDIA_VISIBLE_DEVICES", "all"),
            ("NVIDIA_DRIVER_CAPABILITIES", "graphics"),
        ]),
        &policy,
    );
    table.add(
        &copy,
        "a capability that is not allowed",
        asked.map(|_| unreachable!()),
    );
    let broken = config("supported-driver-capabilities = \"compute,cuda\"\n");
    table.add(
        &copy,
        "a configuration that means nothing",
        Policy::from_config(&broken).map(|_| unreachable!()),
    );

    insta::assert_snapshot!(table.text);
    let expected = [
        Code::DriverNotLoaded,
        Code::DriverFilesMissing,
        Code::DriverVersionMismatch,
        Code::DriverRootUnreadable,
        Code::NoGpu,
        Code::DeviceUnknown,
        Code::DeviceAmbiguous,
        Code::CdiNameMalformed,
        Code::DeviceNodeUnknown,
        Code::CapabilityUnknown,
        Code::CapabilityNotAllowed,
        Code::ConfigurationMalformed,
    ];
    assert_eq!(table.codes, expected.map(Code::text).into());
}

/// `none` needs a driver, and no GPU.
#[test]
fn none_is_served_where_there_is_no_gpu() {
    let copy = Copy::of("h200-580");
    std::fs::remove_dir_all(copy.proc("driver/nvidia/gpus")).unwrap();
    let plan = given_by_id(&copy.host(), "none", "").unwrap();
    assert_eq!(plan.gpus, []);
    std::fs::remove_dir_all(copy.proc("driver")).unwrap();
    let refusal = given_by_id(&copy.host(), "none", "").unwrap_err();
    assert_eq!(refusal.code, Code::DriverNotLoaded);
}

/// An image may name a million devices; the answer must not take a minute.
#[test]
fn a_list_without_end_is_answered_at_once() {
    let copy = Copy::of("ubuntu-550");
    let host = copy.host();
    let ids: Vec<String> = (0..300_000).map(|index| index.to_string()).collect();
    let begun = std::time::Instant::now();
    let refusal = given(&host, &[("NVIDIA_VISIBLE_DEVICES", &ids.join(","))]).unwrap_err();
    assert_eq!(refusal.code, Code::DeviceUnknown);
    assert!(refusal.to_string().len() < 2000);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// `void` is no request, so there is nothing to wonder about where requests by environment are ignored.
#[test]
fn void_is_not_an_ignored_request() {
    let strict = Policy {
        accept_environment_when_unprivileged: false,
        ..Policy::default()
    };
    let ignored = |ids: &str| {
        let asking = crate::container(&[("NVIDIA_VISIBLE_DEVICES", ids)]);
        match liftgate_plan::Asked::by(&asking, &strict) {
            Ok(liftgate_plan::Asked::Nothing {
                is_ignored_request, ..
            }) => is_ignored_request,
            other => panic!("{ids}: {other:?}"),
        }
    };
    assert!(ignored("all"));
    assert!(!ignored("void"));
    assert!(!ignored(""));
}
