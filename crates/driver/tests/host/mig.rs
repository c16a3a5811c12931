//! MIG devices, from the kernel's lists; and their names, from whoever asked NVML.

use crate::machine::Copy;
use liftgate_driver::{Host, MigName, NvmlAnswer, NvmlFacts, Record, TegraGpu};

const MACHINES: [&str; 2] = ["a100-mig", "h100-mig-56"];

/// What NVML would say of the machine.
fn names(copy: &Copy) -> NvmlFacts {
    let gpus = copy.machine.gpus().iter();
    let mig = gpus.flat_map(|gpu| {
        gpu.mig.iter().map(|mig| MigName {
            bus: gpu.bus.parse().expect("an address"),
            gpu_instance: mig.gpu_instance,
            compute_instance: mig.compute_instance,
            index: u32::try_from(mig.index).expect("few"),
            uuid: mig.uuid.clone(),
            profile: Some(mig.profile.clone()),
            has_graphics: false,
        })
    });
    NvmlFacts {
        mig: mig.collect(),
        tegra: None,
        answer: NvmlAnswer::default(),
    }
}

#[test]
fn the_kernel_tells_instances_and_the_minors_that_open_them() {
    for name in MACHINES {
        let copy = Copy::of(name);
        let host = copy.host();
        assert!(host.needs_nvml());
        for (gpu, expected) in host.gpus.iter().zip(copy.machine.gpus()) {
            let mut wanted: Vec<_> = expected
                .mig
                .iter()
                .map(|mig| {
                    (
                        mig.gpu_instance,
                        mig.compute_instance,
                        Some(mig.gpu_instance_node),
                        Some(mig.compute_instance_node),
                    )
                })
                .collect();
            wanted.sort_unstable();
            let found: Vec<_> = gpu
                .mig
                .iter()
                .map(|mig| {
                    (
                        mig.gpu_instance,
                        mig.compute_instance,
                        mig.gpu_instance_minor,
                        mig.compute_instance_minor,
                    )
                })
                .collect();
            assert_eq!(found, wanted, "{name}");
            assert!(gpu.mig.iter().all(|mig| mig.index.is_none()));
        }
        for (nodes, gpu) in host.devices.gpus.iter().zip(&host.gpus) {
            for (nodes, mig) in nodes.mig.iter().zip(&gpu.mig) {
                let node = nodes.compute_instance.as_ref().expect("a node");
                let minor = mig.compute_instance_minor.expect("a minor");
                let path = format!("/dev/nvidia-caps/nvidia-cap{minor}");
                assert_eq!(node.path.to_str(), Some(path.as_str()));
                assert_eq!((node.minor, node.mode), (minor, 0o444));
            }
        }
        let config = host.devices.mig_config.expect("the node that configures");
        assert_eq!((config.minor, config.mode & 0o777), (1, 0o400));
    }
}

/// NVML alone knows the CUDA version of a Jetson's driver, and whether the chip is an Orin.
#[test]
fn a_record_keeps_what_nvml_says_of_a_jetson() {
    let copy = Copy::of("orin-csv");
    let known = TegraGpu {
        cuda: "12.6".to_owned(),
        is_orin: true,
    };
    let answers = [
        Ok(NvmlFacts {
            mig: Vec::new(),
            tegra: Some(known.clone()),
            answer: NvmlAnswer::default(),
        }),
        Err("NVML does not answer".to_owned()),
    ];
    for answer in answers {
        let (record, host) = Record::make(&copy.places(), &|_| answer.clone()).unwrap();
        assert_eq!(host.tegra.as_ref(), answer.is_ok().then_some(&known));
        assert_eq!(host.tegra_unknown.as_ref(), answer.as_ref().err());
        assert_eq!(host.mig_unnamed, None);
        let directory = tempfile::tempdir().unwrap();
        record.save(directory.path()).unwrap();
        let loaded = Record::load(directory.path(), &copy.places()).unwrap();
        assert_eq!(loaded, host);
    }
}

/// Drivers before 450.80 tell the minors in one table only.
#[test]
fn without_access_files_the_table_tells_the_minors() {
    let copy = Copy::of("a100-mig");
    let before = copy.host();
    let directory = copy.proc("driver/nvidia/capabilities/gpu1/mig");
    for entry in [
        "gi1/access",
        "gi1/ci0/access",
        "gi5/access",
        "gi5/ci0/access",
    ] {
        std::fs::write(directory.join(entry), "").unwrap();
    }
    assert_eq!(copy.host().gpus, before.gpus);
    std::fs::remove_dir_all(copy.proc("driver/nvidia-caps")).unwrap();
    let devices = &copy.host().gpus[0].mig;
    assert_eq!(devices[0].gpu_instance_minor, None);
    assert!(copy.host().devices.gpus[0].mig[0].gpu_instance.is_none());
}

#[test]
fn a_record_keeps_the_names() {
    for name in MACHINES {
        let copy = Copy::of(name);
        let known = names(&copy);
        let (record, host) = Record::make(&copy.places(), &|_| Ok(known.clone())).unwrap();
        let named = |host: &Host| {
            let devices = host.gpus.iter().flat_map(|gpu| &gpu.mig);
            devices
                .map(|mig| (mig.index, mig.uuid.clone()))
                .collect::<Vec<_>>()
        };
        assert!(
            named(&host)
                .iter()
                .all(|(index, uuid)| index.is_some() && uuid.is_some())
        );
        let directory = tempfile::tempdir().unwrap();
        record.save(directory.path()).unwrap();
        let loaded = Record::load(directory.path(), &copy.places()).unwrap();
        assert_eq!(loaded, host);
    }
}

#[test]
fn where_nvml_cannot_be_asked_the_reason_is_kept() {
    let copy = Copy::of("a100-mig");
    let reason = "NVML does not answer";
    let (record, host) = Record::make(&copy.places(), &|_| Err(reason.to_owned())).unwrap();
    assert_eq!(host.mig_unnamed.as_deref(), Some(reason));
    let directory = tempfile::tempdir().unwrap();
    record.save(directory.path()).unwrap();
    assert_eq!(
        Record::load(directory.path(), &copy.places()).unwrap(),
        host
    );
    // Where there is nothing to name, nobody asks.
    let plain = Copy::of("h200-580");
    Record::make(&plain.places(), &|_| panic!("was asked")).unwrap();
}
