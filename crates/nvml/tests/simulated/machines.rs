//! What NVML says inside simulated machines, beside what their manifests say.

use crate::ground::{Check, as_nobody, trial};
use libtest_mimic::Trial;
use liftgate_nvml::{
    AddressingMode, AnyDevice, Device, FabricState, MigDevice, Nvml, NvmlError, Placement,
    ReturnCode, Survey, survey,
};
use liftgate_testhost::{Gpu, Machine};
use std::time::{Duration, Instant};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "a_gpu_is_what_the_manifest_says",
        machine: || named("ubuntu-550"),
        run: gpu_by_gpu,
    },
    Check {
        name: "a_survey_has_all_of_every_gpu",
        machine: || named("ubuntu-550"),
        run: surveyed,
    },
    Check {
        name: "a_mig_device_is_what_the_manifest_says",
        machine: || named("a100-mig"),
        run: mig_by_mig,
    },
    Check {
        name: "a_survey_has_every_mig_device",
        machine: || named("a100-mig"),
        run: surveyed,
    },
    Check {
        name: "a_survey_sees_what_may_be_opened",
        machine: || named("a100-mig"),
        run: one_mig_device,
    },
    Check {
        name: "fifty_six_mig_devices_are_surveyed_at_once",
        machine: || named("h100-mig-56"),
        run: in_time,
    },
    Check {
        name: "a_lost_gpu_does_not_hide_the_others",
        machine: dgx_with_a_lost_gpu,
        run: lost,
    },
    Check {
        name: "graphics_are_known_to_root",
        machine: a100_with_graphics,
        run: graphics,
    },
    Check {
        name: "graphics_are_known_to_anybody",
        machine: a100_with_graphics,
        run: graphics_to_nobody,
    },
    Check {
        name: "without_the_driver_nvml_says_so",
        machine: || named("h200-580"),
        run: no_driver,
    },
    Check {
        name: "a_new_driver_tells_its_addressing_mode",
        machine: || named("h200-580"),
        run: new_driver,
    },
    Check {
        name: "sessions_do_not_end_each_other",
        machine: || named("h200-580"),
        run: two_sessions,
    },
];

pub(crate) fn trials() -> Vec<Trial> {
    CHECKS.iter().map(trial).collect()
}

fn named(name: &str) -> Machine {
    Machine::by_name(name).expect("a machine")
}

fn manifest(text: &str, changes: &[(&str, &str)]) -> Machine {
    let mut text = text.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Machine::from_manifest(&text).expect("a machine")
}

fn dgx_with_a_lost_gpu() -> Machine {
    manifest(
        include_str!("../../../testhost/machines/dgx-h100-8.toml"),
        &[(
            "bus = \"0000:61:00.0\"",
            "bus = \"0000:61:00.0\"\nlost = true",
        )],
    )
}

/// The last of the MIG devices can do graphics, and the driver is new enough to say so.
fn a100_with_graphics() -> Machine {
    manifest(
        include_str!("../../../testhost/machines/a100-mig.toml"),
        &[("1g.5gb+me", "1g.5gb+gfx"), ("550.127.08", "580.65.06")],
    )
}

fn load() -> Nvml {
    Nvml::load(&[Nvml::SONAME]).expect("NVML")
}

fn expect_gpu(found: AnyDevice<'_>) -> Device<'_> {
    match found {
        AnyDevice::Gpu(device) => device,
        AnyDevice::Mig(device) => panic!("{device:?}"),
    }
}

fn expect_mig(found: AnyDevice<'_>) -> MigDevice<'_> {
    match found {
        AnyDevice::Mig(device) => device,
        AnyDevice::Gpu(device) => panic!("{device:?}"),
    }
}

fn gpu_by_gpu(machine: &Machine) {
    let nvml = load();
    assert_eq!(
        nvml.driver_version().as_deref(),
        Ok(machine.driver_version())
    );
    assert_eq!(nvml.cuda_version(), Ok(machine.cuda_version()));
    assert_eq!(nvml.device_count(), Ok(4));
    for (index, gpu) in (0..).zip(machine.gpus()) {
        let by_index = nvml.device(index).expect("a GPU");
        let by_uuid = expect_gpu(nvml.device_by_uuid(&gpu.uuid).expect("a GPU"));
        let by_bus = nvml.device_by_bus_id(&gpu.bus).expect("a GPU");
        for device in [by_index, by_uuid, by_bus] {
            assert_eq!(device.index(), Ok(index));
            assert_eq!(device.uuid().as_ref(), Ok(&gpu.uuid));
            assert_eq!(device.minor(), Ok(gpu.minor));
            assert_eq!(device.name().as_ref(), Ok(&gpu.model));
            assert_eq!(
                device.bus_id().map(|bus| bus.to_string()).as_ref(),
                Ok(&gpu.bus)
            );
            assert_eq!(device.compute_capability(), Ok(gpu.compute));
            assert_eq!(device.memory().map(|memory| memory.total), Ok(23028 << 20));
            assert_eq!(device.brand(), Ok(14));
            let error = device.mig_mode().expect_err("refused");
            assert!(error.is_unsupported(), "an A10 cannot: {error}");
            assert_eq!(device.max_mig_devices(), Ok(0));
            assert!(device.mig_device(0).is_err());
        }
    }
    let error = nvml.device(4).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "nvmlDeviceGetHandleByIndex_v2(4): NVML_ERROR_INVALID_ARGUMENT (2): Invalid Argument"
    );
    let error = nvml.device_by_uuid("GPU-nothing").expect_err("refused");
    assert!(error.is(ReturnCode::NOT_FOUND), "{error}");
    // The library is of driver 550, the function of 580.
    let error = nvml
        .device(0)
        .expect("a GPU")
        .addressing_mode()
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "`libnvidia-ml.so.1` has no function `nvmlDeviceGetAddressingMode`"
    );
}

/// A survey in the form that `of_machine` gives too.
fn of_survey(survey: &Survey) -> Vec<String> {
    let mut lines = Vec::new();
    for gpu in &survey.gpus {
        lines.push(format!(
            "{} {} {:?} {} {} {:?} {}",
            gpu.index,
            gpu.uuid,
            gpu.minor,
            gpu.bus.expect("a bus"),
            gpu.name,
            gpu.compute_capability,
            gpu.mig_enabled
        ));
        for mig in &gpu.mig_devices {
            lines.push(format!(
                "  {} {} {}/{} {} {}c.{}g {}",
                mig.index,
                mig.uuid,
                mig.gpu_instance,
                mig.compute_instance,
                mig.profile,
                mig.compute_slices,
                mig.gpu_slices,
                mig.memory_mib
            ));
        }
    }
    lines
}

fn of_machine(gpus: &[Gpu]) -> Vec<String> {
    let mut lines = Vec::new();
    for gpu in gpus {
        lines.push(format!(
            "{} {} {:?} {} {} {:?} {}",
            gpu.index,
            gpu.uuid,
            Some(gpu.minor),
            gpu.bus,
            gpu.model,
            gpu.compute,
            gpu.mig_enabled
        ));
        for mig in &gpu.mig {
            lines.push(format!(
                "  {} {} {}/{} {} {}c.{}g {}",
                mig.index,
                mig.uuid,
                mig.gpu_instance,
                mig.compute_instance,
                mig.profile,
                mig.compute_slices,
                mig.gpu_slices,
                mig.memory_mib
            ));
        }
    }
    lines
}

fn surveyed(machine: &Machine) {
    let survey = survey(&load()).expect("surveyed");
    assert_eq!(survey.driver_version, machine.driver_version());
    assert_eq!(survey.cuda_version, machine.cuda_version());
    assert_eq!(survey.failures, []);
    assert_eq!(of_survey(&survey), of_machine(machine.gpus()));
    let graphics =
        |gpu: &liftgate_nvml::SurveyedGpu| gpu.mig_devices.iter().any(|it| it.has_graphics);
    assert!(!survey.gpus.iter().any(graphics));
}

fn mig_by_mig(machine: &Machine) {
    let nvml = load();
    let gpu = &machine.gpus()[0];
    let device = nvml.device(0).expect("a GPU");
    let mode = device.mig_mode().expect("a mode");
    assert!(mode.enabled && mode.pending);
    assert_eq!(device.max_mig_devices(), Ok(7));
    let mut placements = Vec::new();
    for (index, expected) in (0..).zip(&gpu.mig) {
        let by_index = device.mig_device(index).expect("asked").expect("there");
        let by_uuid = expect_mig(nvml.device_by_uuid(&expected.uuid).expect("there"));
        for mig in [&by_index, &by_uuid] {
            assert_eq!(mig.index(), Ok(index));
            assert_eq!(mig.uuid().as_ref(), Ok(&expected.uuid));
            assert_eq!(
                mig.name(),
                Ok(format!("{} MIG {}", gpu.model, expected.profile))
            );
            assert_eq!(mig.gpu_instance(), Ok(expected.gpu_instance));
            assert_eq!(mig.compute_instance(), Ok(expected.compute_instance));
            assert_eq!(
                mig.memory().map(|memory| memory.total >> 20),
                Ok(expected.memory_mib)
            );
            let attributes = mig.attributes().expect("attributes");
            assert_eq!(attributes.gpu_slices, expected.gpu_slices);
            assert_eq!(attributes.compute_slices, expected.compute_slices);
            assert_eq!(attributes.memory_mib, expected.memory_mib);
            assert_eq!(attributes.multiprocessors, 14 * expected.compute_slices);
            assert_eq!(mig.has_graphics(), Ok(false));
            let parent = mig.parent().expect("a GPU");
            assert_eq!(parent.uuid().as_ref(), Ok(&gpu.uuid));
        }
        placements.push(by_index.placement().expect("privilege"));
    }
    // 3g takes four of the eight memory slices, and its two compute instances share them.
    let place = |start, size| Placement { start, size };
    assert_eq!(
        placements,
        [
            place(0, 4),
            place(0, 4),
            place(4, 2),
            place(6, 1),
            place(7, 1)
        ]
    );
    assert!(device.mig_device(5).expect("asked").is_none(), "a hole");
    assert!(device.mig_device(6).expect("asked").is_none());

    let whole = nvml.device(1).expect("a GPU");
    assert!(!whole.mig_mode().expect("a mode").enabled);
    assert_eq!(whole.max_mig_devices(), Ok(0));
    let error = whole.fabric();
    assert_eq!(error.map(|it| it.state), Ok(FabricState::NotSupported));
}

/// As in a container that was given one MIG device: it is the first that there is.
fn one_mig_device(machine: &Machine) {
    let mig = &machine.gpus()[0].mig;
    for other in [0, 2, 3, 4] {
        let node = mig[other].compute_instance_node;
        std::fs::remove_file(format!("/dev/nvidia-caps/nvidia-cap{node}")).expect("removed");
    }
    std::fs::remove_file("/dev/nvidia0").expect("removed");
    let survey = survey(&load()).expect("surveyed");
    let [gpu] = survey.gpus.as_slice() else {
        panic!("{survey:?}");
    };
    assert_eq!((gpu.index, gpu.minor), (0, Some(1)));
    let [device] = gpu.mig_devices.as_slice() else {
        panic!("{gpu:?}");
    };
    assert_eq!((device.index, &device.uuid), (0, &mig[1].uuid));
}

fn in_time(machine: &Machine) {
    let nvml = load();
    let began = Instant::now();
    let survey = survey(&nvml).expect("surveyed");
    let took = began.elapsed();
    assert_eq!(of_survey(&survey), of_machine(machine.gpus()));
    let devices = survey.gpus.iter().map(|gpu| gpu.mig_devices.len());
    assert_eq!(devices.sum::<usize>(), 56);
    assert!(took < Duration::from_millis(50), "{took:?}");
}

fn lost(machine: &Machine) {
    let survey = survey(&load()).expect("surveyed");
    let [failure] = survey.failures.as_slice() else {
        panic!("{:?}", survey.failures);
    };
    assert_eq!((failure.gpu, failure.mig), (3, None));
    assert!(failure.error.is(ReturnCode::GPU_IS_LOST));
    assert_eq!(
        failure.error.to_string(),
        "nvmlDeviceGetHandleByIndex_v2(3): NVML_ERROR_GPU_IS_LOST (15): GPU is lost"
    );
    let mut gpus = machine.gpus().to_vec();
    gpus.remove(3);
    assert_eq!(of_survey(&survey), of_machine(&gpus), "the other seven");
}

fn graphics(machine: &Machine) {
    let nvml = load();
    let found = survey(&nvml).expect("surveyed");
    let graphics: Vec<bool> = found.gpus[0]
        .mig_devices
        .iter()
        .map(|mig| mig.has_graphics)
        .collect();
    assert_eq!(graphics, [false, false, false, false, true]);
    assert_eq!(of_survey(&found), of_machine(machine.gpus()));
}

fn graphics_to_nobody(machine: &Machine) {
    if !as_nobody("graphics_are_known_to_anybody") {
        return;
    }
    graphics(machine);
    let nvml = load();
    let device = nvml.device(0).expect("a GPU");
    let mig = device.mig_device(4).expect("asked").expect("there");
    let error = mig.placement().expect_err("refused");
    assert!(error.is(ReturnCode::NO_PERMISSION), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("nvmlDeviceGetGpuInstanceById("),
        "{error}"
    );
}

fn no_driver(_: &Machine) {
    std::fs::remove_file("/dev/nvidiactl").expect("removed");
    let error = Nvml::load(&[Nvml::SONAME]).expect_err("refused");
    assert!(error.is(ReturnCode::DRIVER_NOT_LOADED));
    assert_eq!(
        error.to_string(),
        "nvmlInit_v2(): NVML_ERROR_DRIVER_NOT_LOADED (9): Driver Not Loaded"
    );
}

fn new_driver(machine: &Machine) {
    let path = "/usr/local/nvidia/lib64/libnvidia-ml.so.1";
    let nvml = Nvml::load(&["/run/nvidia/driver/usr/lib64/libnvidia-ml.so.1", path]).expect("NVML");
    assert_eq!(nvml.library().to_str(), Some(path));
    assert_eq!(nvml.cuda_version(), Ok((13, 0)));
    let device = nvml.device(0).expect("a GPU");
    assert_eq!(device.addressing_mode(), Ok(AddressingMode::None));
    let mode = device.mig_mode().expect("an H200 can");
    assert!(!mode.enabled && !mode.pending);
    assert_eq!(
        of_survey(&survey(&nvml).expect("surveyed")),
        of_machine(machine.gpus())
    );
}

fn two_sessions(_: &Machine) {
    let first = load();
    let second = load();
    drop(first);
    assert_eq!(second.device_count(), Ok(1));
    let device = second.device(0).expect("a GPU");
    assert!(device.uuid().is_ok());
    drop(second);
    let third: Result<u32, NvmlError> = load().device_count();
    assert_eq!(third, Ok(1));
}
