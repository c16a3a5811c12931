//! The host record: it answers as a search would, or says why it does not.

use crate::machine::{Copy, skip};
use liftgate_driver::{GpuKind, Host, NvmlAnswer, NvmlFacts, Record, RecordError, brand_name};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

/// A machine and a record of it.
struct Recorded {
    copy: Copy,
    directory: tempfile::TempDir,
}

impl Recorded {
    fn of(name: &str) -> Self {
        Self::from(Copy::of(name))
    }

    fn from(copy: Copy) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (record, _) =
            Record::make(&copy.places(), &|_| Ok(NvmlFacts::default())).expect("a record");
        record.save(directory.path()).expect("saved");
        Self { copy, directory }
    }

    fn path(&self) -> PathBuf {
        Record::path(self.directory.path())
    }

    fn load(&self) -> Result<Host, RecordError> {
        Record::load(self.directory.path(), &self.copy.places())
    }

    /// Why the record no longer holds.
    fn stale(&self) -> String {
        match self.load() {
            Err(RecordError::Stale { path, difference }) => {
                assert_eq!(path, self.path());
                self.copy.normalised(&difference)
            }
            other => panic!("the record is not stale: {other:?}"),
        }
    }

    fn assert_holds(&self) {
        let mut host = self.load().expect("a host");
        // Whether NVML was asked is told apart.
        host.nvml = None;
        assert_eq!(host, self.copy.host());
    }
}

/// What NVML answered is recorded, asked or not: nobody asks again because it said nothing.
#[test]
fn what_nvml_says_is_kept() {
    let copy = Copy::of("ubuntu-550");
    let directory = tempfile::tempdir().unwrap();
    let load = || Record::load(directory.path(), &copy.places()).unwrap().nvml;
    let never = |_: &Host| panic!("was asked");
    let (record, host) = Record::make_asking(&copy.places(), &never, false).unwrap();
    record.save(directory.path()).unwrap();
    assert_eq!((host.nvml, load()), (None, None));
    let kind = GpuKind {
        bus: copy.host().gpus[1].bus,
        brand: brand_name(14).to_owned(),
        architecture: (8, 6),
    };
    let known = NvmlAnswer {
        cuda: Some((12, 4)),
        gpus: vec![kind.clone()],
        unknown: None,
    };
    let answer = |_: &Host| {
        Ok(NvmlFacts {
            answer: known.clone(),
            ..NvmlFacts::default()
        })
    };
    let (record, host) = Record::make_asking(&copy.places(), &answer, true).unwrap();
    record.save(directory.path()).unwrap();
    assert_eq!(host.nvml.as_ref(), Some(&known));
    assert_eq!(load().unwrap().of(kind.bus), Some(&kind));
    assert_eq!(load().unwrap().of(copy.host().gpus[0].bus), None);
    let silent = |_: &Host| Err("it is broken".to_owned());
    let (record, _) = Record::make_asking(&copy.places(), &silent, true).unwrap();
    record.save(directory.path()).unwrap();
    assert_eq!(load().unwrap().unknown.as_deref(), Some("it is broken"));
    assert_eq!(
        [brand_name(0), brand_name(17), brand_name(5)],
        ["Unknown", "Unknown", "GeForce"]
    );
}

#[test]
fn a_record_answers_as_a_search_does() {
    for name in ["ubuntu-550", "h200-580", "dgx-h100-8"] {
        let copy = Copy::of(name);
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().join("run/liftgate");
        let (record, host) = Record::make(&copy.places(), &|_| Ok(NvmlFacts::default())).unwrap();
        assert_eq!(host, copy.host());
        record.save(&below).unwrap();
        assert_eq!(
            Record::load(&below, &copy.places()).unwrap(),
            host,
            "{name}"
        );
        // A second record takes the place of the first, and nothing else stays.
        record.save(&below).unwrap();
        assert_eq!(std::fs::read_dir(&below).unwrap().count(), 1);
        let mode = std::fs::metadata(Record::path(&below))
            .unwrap()
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o644);
    }
}

#[test]
fn a_machine_without_a_driver_has_a_record_too() {
    let copy = Copy::of("ubuntu-550");
    copy.remove_files();
    std::fs::remove_dir_all(copy.proc("driver")).unwrap();
    let recorded = Recorded::from(copy);
    recorded.assert_holds();
    // It is noticed when a driver appears, wherever that is.
    recorded
        .copy
        .write("/usr/local/nvidia/lib64/libcuda.so.1", "");
    assert_eq!(
        recorded.stale(),
        "`/root/usr/local/nvidia/lib64` has changed"
    );
}

#[test]
fn no_record() {
    let copy = Copy::of("h200-580");
    let directory = tempfile::tempdir().unwrap();
    for place in [
        directory.path().to_owned(),
        directory.path().join("nowhere"),
    ] {
        let error = Record::load(&place, &copy.places()).unwrap_err();
        assert_eq!(error, RecordError::Missing(place.join("host.json")));
    }
}

#[test]
fn a_boot_makes_it_stale() {
    let recorded = Recorded::of("h200-580");
    recorded
        .copy
        .write_proc("sys/kernel/random/boot_id", "second\n");
    assert_eq!(recorded.stale(), "the machine was booted since");
}

#[test]
fn another_kernel_module_makes_it_stale() {
    let recorded = Recorded::of("h200-580");
    recorded
        .copy
        .edit_proc("driver/nvidia/version", "580.159.04", "580.159.05");
    assert_eq!(recorded.stale(), "another kernel module is loaded");
    // The build counts, not the version alone.
    let recorded = Recorded::of("h200-580");
    recorded
        .copy
        .edit_proc("driver/nvidia/version", "nixbld", "root");
    assert_eq!(recorded.stale(), "another kernel module is loaded");
    // As does its going.
    let recorded = Recorded::of("h200-580");
    std::fs::remove_file(recorded.copy.proc("driver/nvidia/version")).unwrap();
    assert_eq!(recorded.stale(), "another kernel module is loaded");
}

#[test]
fn other_gpus_make_it_stale() {
    let recorded = Recorded::of("ubuntu-550");
    let gone = recorded.copy.proc("driver/nvidia/gpus/0000:b1:00.0");
    std::fs::remove_dir_all(gone).unwrap();
    assert_eq!(recorded.stale(), "there are other GPUs");

    let recorded = Recorded::of("ubuntu-550");
    let text = std::fs::read(recorded.copy.proc(&recorded.copy.information(0))).unwrap();
    recorded
        .copy
        .write_proc("driver/nvidia/gpus/0000:e1:00.0/information", text);
    assert_eq!(recorded.stale(), "there are other GPUs");
}

/// Two GPUs that were given to virtual machines and came back in another order: same addresses, same boot,
/// same module, and their device minors have changed places.
#[test]
fn gpus_that_changed_their_minors_are_read_anew() {
    let recorded = Recorded::of("ubuntu-550");
    let (first, second) = (recorded.copy.information(0), recorded.copy.information(1));
    recorded
        .copy
        .edit_proc(&first, "Device Minor: \t 0", "Device Minor: \t 1");
    recorded
        .copy
        .edit_proc(&second, "Device Minor: \t 1", "Device Minor: \t 0");
    match recorded.load() {
        Ok(host) => {
            assert_eq!(host, recorded.copy.host());
            assert_eq!((host.gpus[0].minor, host.gpus[1].minor), (1, 0));
        }
        Err(RecordError::Stale { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn mig_instances_make_it_stale() {
    let recorded = Recorded::of("h200-580");
    recorded.copy.write_proc(
        "driver/nvidia/capabilities/gpu0/mig/gi1/access",
        "DeviceFileMinor: 12\n",
    );
    assert_eq!(recorded.stale(), "there are other MIG instances");
    assert_eq!(recorded.copy.host().gpus[0].mig, []);

    // A GPU instance is nothing to give away; a compute instance in it is, and has a name to be recorded.
    let recorded = Recorded::from(recorded.copy);
    recorded.assert_holds();
    recorded.copy.write_proc(
        "driver/nvidia/capabilities/gpu0/mig/gi1/ci0/access",
        "DeviceFileMinor: 13\n",
    );
    assert_eq!(recorded.stale(), "there are other MIG instances");
    let devices = recorded.copy.host().gpus[0].mig.clone();
    assert_eq!(devices.len(), 1);
    assert_eq!(devices[0].gpu_instance_minor, Some(12));
    assert_eq!(devices[0].compute_instance_minor, Some(13));
    let recorded = Recorded::from(recorded.copy);
    recorded.assert_holds();
    std::fs::remove_dir_all(
        recorded
            .copy
            .proc("driver/nvidia/capabilities/gpu0/mig/gi1"),
    )
    .unwrap();
    assert_eq!(recorded.stale(), "there are other MIG instances");
}

#[test]
fn other_majors_make_it_stale() {
    let recorded = Recorded::of("h200-580");
    recorded
        .copy
        .edit_proc("devices", "238 nvidia-uvm", "237 nvidia-uvm");
    assert_eq!(recorded.stale(), "device majors have changed");
    // A driver of somebody else's is nobody's business here.
    let recorded = Recorded::of("h200-580");
    recorded.copy.edit_proc("devices", "247 mei", "247 gone");
    recorded.assert_holds();
}

#[test]
fn another_firmware_directory_makes_it_stale() {
    let recorded = Recorded::of("h200-580");
    let path = recorded
        .copy
        .places()
        .sys
        .join("module/firmware_class/parameters/path");
    std::fs::write(path, "/elsewhere\n").unwrap();
    assert_eq!(recorded.stale(), "firmware is looked for elsewhere");
}

#[test]
fn a_changed_library_directory_makes_it_stale() {
    let directory = "/usr/lib/x86_64-linux-gnu";
    // The directory has two names, with a merged `/usr`; the first is told.
    let says = "`/root/lib/x86_64-linux-gnu` has changed";

    let recorded = Recorded::of("ubuntu-550");
    std::fs::remove_file(
        recorded
            .copy
            .at(&format!("{directory}/libnvcuvid.so.550.54.15")),
    )
    .unwrap();
    assert_eq!(recorded.stale(), says);

    let recorded = Recorded::of("ubuntu-550");
    recorded
        .copy
        .write(&format!("{directory}/libnvidia-late.so.550.54.15"), "");
    assert_eq!(recorded.stale(), says);

    // Whatever it is: a record does not guess which files matter.
    let recorded = Recorded::of("ubuntu-550");
    recorded.copy.write(&format!("{directory}/readme"), "");
    assert_eq!(recorded.stale(), says);
}

/// A directory that was not there, and would have been looked into.
#[test]
fn a_directory_that_appears_makes_it_stale() {
    for (machine, file, says) in [
        (
            "h200-580",
            "/etc/vulkan/icd.d/nvidia_icd.json",
            "`/root/etc/vulkan/icd.d` has changed",
        ),
        (
            "ubuntu-550",
            "/usr/lib64/libcuda.so.550.54.15",
            "`/root/usr/lib64` has changed",
        ),
        (
            "ubuntu-550",
            "/usr/local/nvidia/bin/nvidia-smi",
            "`/root/usr/local/nvidia/bin` has changed",
        ),
        (
            "h200-580",
            "/run/nvidia-persistenced/socket",
            "`/root/run/nvidia-persistenced` has changed",
        ),
        (
            "h200-580",
            "/lib/firmware/nvidia/580.159.04/gsp_ga10x.bin",
            "`/root/lib/firmware/nvidia/580.159.04` has changed",
        ),
        (
            "ubuntu-550",
            "/etc/ld.so.cache",
            "`/root/etc/ld.so.cache` has changed",
        ),
    ] {
        let recorded = Recorded::of(machine);
        recorded.copy.write(file, "");
        assert_eq!(recorded.stale(), says, "{file}");
    }
}

#[test]
fn a_driver_root_that_appears_makes_it_stale() {
    let copy = Copy::of("ubuntu-550");
    copy.remove_files();
    let recorded = Recorded::from(copy);
    recorded.assert_holds();
    recorded
        .copy
        .write("/run/nvidia/driver/usr/lib64/libcuda.so.550.54.15", "");
    let difference = recorded.stale();
    assert_eq!(difference, "`/root/run/nvidia/driver` has changed");
}

#[test]
fn another_configured_root_makes_it_stale() {
    let recorded = Recorded::of("ubuntu-550");
    let mut places = recorded.copy.places();
    places.configured_root = Some(recorded.copy.root());
    let error = Record::load(recorded.directory.path(), &places).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the host record `{}` no longer holds: another driver root is configured",
            recorded.path().display()
        )
    );
}

#[test]
fn another_liftgate_makes_it_stale() {
    let recorded = Recorded::of("h200-580");
    let text = std::fs::read_to_string(recorded.path()).unwrap();
    let version = format!("\"program\":\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&version), "{text}");
    std::fs::write(
        recorded.path(),
        text.replace(&version, "\"program\":\"0.0.0\""),
    )
    .unwrap();
    assert_eq!(recorded.stale(), "another liftgate made it");
}

/// The kernel learns a UUID when the GPU is first used, which leaves no trace elsewhere.
#[test]
fn a_uuid_that_was_not_known_is_read_again() {
    let copy = Copy::of("ubuntu-550");
    let uuid = copy.machine.gpus()[2].uuid.clone();
    let unknown = "GPU-????????-????-????-????-????????????";
    let information = copy.information(2);
    copy.edit_proc(&information, &uuid, unknown);
    let recorded = Recorded::from(copy);
    assert_eq!(recorded.load().unwrap().gpus[2].uuid, None);
    recorded.copy.edit_proc(&information, unknown, &uuid);
    assert_eq!(recorded.load().unwrap().gpus[2].uuid, Some(uuid));
    recorded.assert_holds();
}

/// Nodes are never recorded: one that comes or goes shows at once.
#[test]
fn nodes_are_read_at_each_load() {
    let recorded = Recorded::of("h200-580");
    if !recorded.copy.has_nodes {
        return skip("device nodes, which take root");
    }
    std::fs::remove_file(recorded.copy.dev("nvidia-uvm")).unwrap();
    recorded.assert_holds();
    let host = recorded.load().unwrap();
    assert_eq!(
        host.devices.unified_memory[0].origin,
        liftgate_driver::NodeOrigin::Majors
    );
}

#[test]
fn a_record_that_others_can_write_is_not_trusted() {
    for mode in [0o664, 0o646, 0o666, 0o777, 0o622] {
        let recorded = Recorded::of("h200-580");
        std::fs::set_permissions(recorded.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let error = recorded.load().unwrap_err();
        assert!(
            matches!(&error, RecordError::NotTrusted { mode: told, .. } if *told == mode),
            "{error}"
        );
        assert!(
            error.to_string().contains(&format!("mode {mode:o}")),
            "{error}"
        );
    }
    let recorded = Recorded::of("h200-580");
    std::fs::set_permissions(recorded.path(), std::fs::Permissions::from_mode(0o600)).unwrap();
    recorded.assert_holds();
}

#[test]
fn a_record_of_somebody_else_is_not_trusted() {
    let recorded = Recorded::of("h200-580");
    if chown(recorded.path(), Some(65534), None).is_err() {
        return skip("root, who can give files away");
    }
    let error = recorded.load().unwrap_err();
    assert!(
        matches!(error, RecordError::NotTrusted { uid: 65534, .. }),
        "{error}"
    );
}

/// The link would be believed for its target's owner, who is root for any file of root's.
#[test]
fn a_record_that_is_a_link_is_not_used() {
    let recorded = Recorded::of("h200-580");
    let real = recorded.directory.path().join("elsewhere");
    std::fs::rename(recorded.path(), &real).unwrap();
    symlink(&real, recorded.path()).unwrap();
    assert!(matches!(
        recorded.load().unwrap_err(),
        RecordError::NotTrusted { .. }
    ));
}

#[test]
fn what_is_no_record_is_an_error() {
    let recorded = Recorded::of("ubuntu-550");
    let good = std::fs::read(recorded.path()).unwrap();
    let fails = |content: &[u8]| {
        std::fs::write(recorded.path(), content).unwrap();
        let error = recorded.load().unwrap_err();
        assert!(matches!(error, RecordError::Malformed { .. }), "{error}");
    };
    fails(b"");
    fails(b"null");
    fails(b"{}");
    fails(b"[[[[");
    fails(&[0xff; 100]);
    fails("[".repeat(100_000).as_bytes());
    for cut in (0..good.len()).step_by(good.len() / 64) {
        fails(&good[..cut]);
    }
    let mut doubled = good.clone();
    doubled.extend_from_slice(&good);
    fails(&doubled);

    std::fs::write(recorded.path(), &good).unwrap();
    recorded.assert_holds();
}

#[test]
fn a_record_that_is_huge_or_no_file_is_an_error() {
    let recorded = Recorded::of("h200-580");
    let file = std::fs::File::create(recorded.path()).unwrap();
    file.set_len(1 << 40).unwrap();
    let error = recorded.load().unwrap_err().to_string();
    assert!(error.contains("larger than"), "{error}");

    std::fs::remove_file(recorded.path()).unwrap();
    std::fs::create_dir(recorded.path()).unwrap();
    assert!(matches!(recorded.load(), Err(RecordError::System(_))));

    std::fs::remove_dir(recorded.path()).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg("-m600")
        .arg(recorded.path())
        .status();
    assert!(pipe.unwrap().success());
    assert!(matches!(recorded.load(), Err(RecordError::System(_))));
}

#[test]
fn any_one_byte_changed_is_no_panic() {
    let recorded = Recorded::of("h200-580");
    let good = std::fs::read(recorded.path()).unwrap();
    for at in (0..good.len()).step_by(29) {
        let mut bad = good.clone();
        bad[at] = bad[at].wrapping_add(1);
        std::fs::write(recorded.path(), &bad).unwrap();
        // Some changes leave a record, of another library name for example; that is what the owner and the
        // mode are checked for.
        recorded.load().ok();
    }
}

#[test]
fn a_record_that_cannot_be_written_is_an_error() {
    let recorded = Recorded::of("h200-580");
    let (record, _) = Record::make(&recorded.copy.places(), &|_| Ok(NvmlFacts::default())).unwrap();
    let error = record
        .save(&Path::new("/proc/self").join("liftgate"))
        .unwrap_err();
    assert!(error.to_string().contains("/proc/self/liftgate"), "{error}");
}
