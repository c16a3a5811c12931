//! Libraries that are not there, are not NVML, or answer oddly.

use crate::ground::plain;
use libtest_mimic::Trial;
use liftgate_nvml::{Nvml, NvmlError, ReturnCode, survey};
use liftgate_testhost::{Class, shared_object};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        plain("no_library_is_an_error_that_tells_every_attempt", nowhere),
        plain("a_candidate_that_does_not_load_is_passed_over", passed_over),
        plain("a_library_without_functions_lacks_the_first", no_functions),
        plain(
            "what_a_library_lacks_is_missed_when_called",
            missed_when_called,
        ),
        plain("an_odd_machine_is_surveyed_as_far_as_it_goes", odd_machine),
        plain("an_id_with_a_nul_is_not_given_to_nvml", nul),
    ]
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("made")
}

fn write(directory: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, content).expect("written");
    path
}

/// Compiles C text as a shared library.
fn compile(directory: &Path, text: &str) -> PathBuf {
    let source = write(directory, "library.c", text.as_bytes());
    let library = directory.join("libnvidia-ml.so.1");
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .args([&library, &source])
        .output()
        .expect("the C compiler");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    library
}

fn odd() -> (tempfile::TempDir, Nvml) {
    let scratch = scratch();
    let library = compile(scratch.path(), include_str!("odd.c"));
    let nvml = Nvml::load(&[library]).expect("loaded");
    (scratch, nvml)
}

fn nowhere() {
    let scratch = scratch();
    let missing = scratch.path().join("libnvidia-ml.so.1");
    let short = write(scratch.path(), "short", b"\x7fELF");
    let text = write(
        scratch.path(),
        "text",
        "not a library\n".repeat(40).as_bytes(),
    );
    let old = write(
        scratch.path(),
        "i386",
        &shared_object(Class::Elf32, "libnvidia-ml.so.1", &[]),
    );
    let error = Nvml::load(&[&missing, &short, &text, &old]).expect_err("refused");
    let NvmlError::Load(attempts) = &error else {
        panic!("{error}");
    };
    let reasons: Vec<&str> = attempts.iter().map(|it| it.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "cannot open shared object file: No such file or directory",
            "file too short",
            "invalid ELF header",
            "wrong ELF class: ELFCLASS32",
        ]
    );
    let told = error.to_string();
    let beginning = format!("dlopen(`{}`): cannot open", missing.display());
    assert!(told.starts_with(&beginning), "{told}");
    assert!(told.contains(&format!("; dlopen(`{}`): wrong ELF", old.display())));

    let none: [&Path; 0] = [];
    let error = Nvml::load(&none).expect_err("refused");
    assert_eq!(error.to_string(), "no library was named");
}

fn passed_over() {
    let scratch = scratch();
    let text = write(scratch.path(), "text", b"not a library");
    let library = compile(scratch.path(), include_str!("odd.c"));
    let nvml = Nvml::load(&[&scratch.path().join("missing"), &text, &library]).expect("loaded");
    assert_eq!(nvml.library(), library);
}

fn no_functions() {
    let scratch = scratch();
    let stub = shared_object(Class::Elf64, "libnvidia-ml.so.1", &[]);
    let library = write(scratch.path(), "libnvidia-ml.so.1", &stub);
    let error = Nvml::load(&[&library]).expect_err("refused");
    let expected = NvmlError::MissingFunction {
        library: library.clone(),
        function: "nvmlInit_v2",
    };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        format!("`{}` has no function `nvmlInit_v2`", library.display())
    );
}

fn missed_when_called() {
    let (_scratch, nvml) = odd();
    let device = nvml.device(0).expect("a GPU");
    let error = device.addressing_mode().expect_err("refused");
    assert!(error.is_unsupported(), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("has no function `nvmlDeviceGetAddressingMode`"),
        "{error}"
    );
    assert_eq!(device.uuid().expect("a UUID"), "GPU-1", "the rest goes on");
    let error = nvml.device_by_uuid("GPU-1").expect_err("refused");
    assert!(matches!(
        error,
        NvmlError::MissingFunction {
            function: "nvmlDeviceGetHandleByUUID",
            ..
        }
    ));
}

fn odd_machine() {
    let (_scratch, nvml) = odd();
    let survey = survey(&nvml).expect("surveyed");
    assert_eq!(survey.driver_version, "999.1");
    assert_eq!(survey.cuda_version, (14, 5));
    let [gpu] = survey.gpus.as_slice() else {
        panic!("{survey:?}");
    };
    assert_eq!((gpu.minor, gpu.bus, gpu.memory_mib), (None, None, None));
    assert_eq!(gpu.compute_capability, (12, 1));
    assert!(gpu.mig_enabled);

    let [mig] = gpu.mig_devices.as_slice() else {
        panic!("{gpu:?}");
    };
    assert_eq!(
        (mig.index, mig.gpu_instance, mig.compute_instance),
        (1, 3, 0)
    );
    assert_eq!(mig.uuid, "MIG-GPU-1/3/0", "as drivers before 470 say it");
    // Worked out, as the name says nothing.
    assert_eq!(mig.profile, "1c.2g.48gb+gfx");
    assert!(mig.has_graphics);

    let failures: Vec<_> = survey
        .failures
        .iter()
        .map(|it| (it.gpu, it.mig, it.error.to_string()))
        .collect();
    assert_eq!(
        failures,
        [
            (
                0,
                Some(3),
                "nvmlDeviceGetMigDeviceHandleByIndex(GPU 0, 3): an error that this version does not know \
                 (77): Time Has Passed"
                    .to_owned()
            ),
            (
                0,
                Some(4),
                "nvmlDeviceGetGpuInstanceId(GPU 0, MIG device 4): NVML_ERROR_UNINITIALIZED (1)".to_owned()
            ),
        ]
    );
    assert!(survey.failures[0].error.is(ReturnCode(77)));
}

fn nul() {
    let (_scratch, nvml) = odd();
    let error = nvml.device_by_uuid("GPU-1\0").expect_err("refused");
    assert_eq!(error.to_string(), "`GPU-1\\0` cannot be the id of a device");
    assert!(nvml.device_by_bus_id("\0").is_err());
}
