//! Which GPU a name means.
//!
//! An index, a UUID or the beginning of one, a PCI bus address: each form means the same on every road. So do
//! the names of MIG devices: `0:1`, `MIG-…`, and `MIG-GPU-…/<gi>/<ci>` of drivers before 470. A name that
//! means nothing, or more than one thing, is refused with the list of what there is.

use crate::names::JUST_IN_TIME;
use crate::refusal::{Code, Refusal};
use crate::request::shortened;
use liftgate_driver::{BusId, Gpu, MigDevice};

/// A GPU or MIG device that was asked for: its place in the host's list, and the names that it was asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) position: usize,
    pub(crate) mig: Option<usize>,
    pub(crate) asked_as: Vec<String>,
}

/// What one name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Meant {
    position: usize,
    mig: Option<usize>,
}

/// Finds the GPUs that `ids` name, each once, in the order of first mention. Never none: who wants none says
/// `none`, and an empty list is a mistake somewhere.
pub(crate) fn resolve(ids: &[String], gpus: &[Gpu]) -> Result<Vec<Selected>, Refusal> {
    if gpus.is_empty() {
        return Err(no_gpu());
    }
    if ids.is_empty() {
        return Err(unknown("", gpus));
    }
    let mut selected: Vec<Selected> = Vec::new();
    for id in ids {
        let bare = id.strip_prefix(JUST_IN_TIME).unwrap_or(id);
        let meant = if bare.eq_ignore_ascii_case("all") {
            everything(gpus)
        } else {
            vec![meaning(bare, gpus)?]
        };
        for Meant { position, mig } in meant {
            let known = selected
                .iter_mut()
                .find(|known| known.position == position && known.mig == mig);
            match known {
                Some(known) => known.asked_as.push(id.clone()),
                None => selected.push(Selected {
                    position,
                    mig,
                    asked_as: vec![id.clone()],
                }),
            }
        }
    }
    Ok(selected)
}

/// Everything that CUDA can compute on: of a partitioned GPU its MIG devices, and not the board that only
/// drives the screen of a DGX Station.
fn everything(gpus: &[Gpu]) -> Vec<Meant> {
    let is_display = |gpu: &Gpu| matches!(&*gpu.model, "DGX Display" | "NVIDIA DGX Display");
    let mut whole = Vec::new();
    let mut parts = Vec::new();
    for (position, gpu) in gpus.iter().enumerate() {
        if !gpu.mig.is_empty() {
            let devices = 0..gpu.mig.len();
            parts.extend(devices.map(|at| Meant {
                position,
                mig: Some(at),
            }));
        } else if !is_display(gpu) {
            whole.push(Meant {
                position,
                mig: None,
            });
        }
    }
    whole.append(&mut parts);
    if whole.is_empty() {
        // A board that only drives a screen is still what this machine has.
        whole = (0..gpus.len())
            .map(|position| Meant {
                position,
                mig: None,
            })
            .collect();
    }
    whole
}

fn meaning(id: &str, gpus: &[Gpu]) -> Result<Meant, Refusal> {
    if is_mig(id) {
        return mig_device(id, gpus);
    }
    let position = position(id, gpus)?;
    Ok(Meant {
        position,
        mig: None,
    })
}

fn position(id: &str, gpus: &[Gpu]) -> Result<usize, Refusal> {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        return id
            .parse::<u32>()
            .ok()
            .and_then(|index| gpus.iter().position(|gpu| gpu.index == index))
            .ok_or_else(|| unknown(id, gpus));
    }
    if id
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("GPU-"))
        && id.len() > 4
    {
        return by_uuid(id, gpus);
    }
    if let Ok(bus) = id.parse::<BusId>() {
        return gpus
            .iter()
            .position(|gpu| gpu.bus == bus)
            .ok_or_else(|| unknown(id, gpus));
    }
    Err(unknown(id, gpus))
}

fn is_mig(id: &str) -> bool {
    let numbers = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    id.get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("MIG-"))
        || id
            .split_once(':')
            .is_some_and(|(gpu, instance)| numbers(gpu) && numbers(instance))
}

/// The MIG device that a name means.
fn mig_device(id: &str, gpus: &[Gpu]) -> Result<Meant, Refusal> {
    let mut devices = gpus.iter().enumerate().flat_map(|(position, gpu)| {
        let devices = gpu.mig.iter().enumerate();
        devices.map(move |(at, device)| {
            let meant = Meant {
                position,
                mig: Some(at),
            };
            (gpu, device, meant)
        })
    });
    if let Some((gpu_index, index)) = id.split_once(':') {
        let (gpu_index, index) = (gpu_index.parse().ok(), index.parse().ok());
        return devices
            .find(|(gpu, device, _)| {
                Some(gpu.index) == gpu_index && index.is_some() && device.index == index
            })
            .map(|(_, _, meant)| meant)
            .ok_or_else(|| unknown_mig(id, gpus));
    }
    if let Some((uuid, gpu_instance, compute_instance)) = old_form(id) {
        return devices
            .find(|(gpu, device, _)| {
                gpu.uuid
                    .as_deref()
                    .is_some_and(|own| own.eq_ignore_ascii_case(uuid))
                    && device.gpu_instance == gpu_instance
                    && device.compute_instance == compute_instance
            })
            .map(|(_, _, meant)| meant)
            .ok_or_else(|| unknown_mig(id, gpus));
    }
    let matches: Vec<_> = devices
        .filter(|(_, device, _)| id.len() > 4 && begins(device.uuid.as_deref(), id))
        .collect();
    match matches.as_slice() {
        [(_, _, only)] => Ok(*only),
        [] => Err(unknown_mig(id, gpus)),
        several => {
            let mut refusal = ambiguous(id, several.len());
            for (gpu, device, _) in several {
                refusal = refusal.because(describe_mig(gpu, device));
            }
            Err(refusal)
        }
    }
}

/// `MIG-GPU-<uuid>/<gi>/<ci>`.
fn old_form(id: &str) -> Option<(&str, u32, u32)> {
    let mut parts = id.get(4..)?.split('/');
    let parsed = (
        parts.next()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    parts.next().is_none().then_some(parsed)
}

fn begins(uuid: Option<&str>, beginning: &str) -> bool {
    uuid.and_then(|uuid| uuid.get(..beginning.len()))
        .is_some_and(|own| own.eq_ignore_ascii_case(beginning))
}

fn ambiguous(id: &str, count: usize) -> Refusal {
    Refusal::new(
        Code::DeviceAmbiguous,
        format!("`{}` is the beginning of {count} UUIDs", shortened(id)),
        "write more of the UUID",
    )
    .about(shortened(id))
}

fn unknown_mig(id: &str, gpus: &[Gpu]) -> Refusal {
    let mut refusal = Refusal::new(
        Code::DeviceUnknown,
        format!("this machine has no MIG device `{}`", shortened(id)),
        "ask for one of these by its index (`GPU:DEVICE`) or UUID, or for all",
    )
    .about(shortened(id));
    let mut unnamed = false;
    for gpu in gpus {
        for device in &gpu.mig {
            unnamed |= device.index.is_none();
            refusal = refusal.because(describe_mig(gpu, device));
        }
    }
    if refusal.evidence.is_empty() {
        refusal = refusal.because("no GPU has MIG devices");
        "ask for a whole GPU, or make MIG devices (`nvidia-smi mig -cgi PROFILE -C`)"
            .clone_into(&mut refusal.hint);
    }
    if unnamed {
        refusal.hint.push_str(
            "; only NVML knows their names: `liftgate inventory` asks it and says why it cannot",
        );
    }
    refusal
}

/// One line that tells which MIG device is meant.
pub(crate) fn describe_mig(gpu: &Gpu, device: &MigDevice) -> String {
    let name = device.index.map_or_else(
        || format!("a MIG device of GPU {}", gpu.index),
        |index| format!("{}:{index}", gpu.index),
    );
    format!(
        "{name}: {}, {}, GPU instance {}, compute instance {}",
        device.profile.as_deref().unwrap_or("MIG"),
        device.uuid.as_deref().unwrap_or("no UUID known"),
        device.gpu_instance,
        device.compute_instance
    )
}

fn by_uuid(id: &str, gpus: &[Gpu]) -> Result<usize, Refusal> {
    let matches: Vec<usize> = (0..gpus.len())
        .filter(|&at| begins(gpus[at].uuid.as_deref(), id))
        .collect();
    match matches.as_slice() {
        [only] => Ok(*only),
        [] => Err(unknown(id, gpus)),
        several => {
            let mut refusal = ambiguous(id, several.len());
            for &at in several {
                refusal = refusal.because(describe(&gpus[at]));
            }
            Err(refusal)
        }
    }
}

fn no_gpu() -> Refusal {
    Refusal::new(
        Code::NoGpu,
        "the NVIDIA driver is loaded and manages no GPU",
        "`lspci -d 10de:` shows whether the machine has a GPU; `dmesg | grep NVRM` says why the driver left it alone",
    )
    .because("`/proc/driver/nvidia/gpus` lists no GPU")
}

fn unknown(id: &str, gpus: &[Gpu]) -> Refusal {
    let mut refusal = Refusal::new(
        Code::DeviceUnknown,
        match id {
            "" => "the name of a GPU is empty".to_owned(),
            id => format!("this machine has no GPU `{}`", shortened(id)),
        },
        "ask for one of these by its index, UUID (or the beginning of it) or PCI bus address, or for all",
    )
    .about(shortened(id));
    for gpu in gpus {
        refusal = refusal.because(describe(gpu));
    }
    if gpus.iter().any(|gpu| gpu.uuid.is_none()) {
        refusal.hint.push_str(
            "; a GPU without a UUID was not initialised yet: run `nvidia-smi` on the host once, or start nvidia-persistenced",
        );
    }
    refusal
}

/// One line that tells which GPU is meant.
pub(crate) fn describe(gpu: &Gpu) -> String {
    format!(
        "GPU {}: {}, {}, {}",
        gpu.index,
        gpu.model,
        gpu.uuid.as_deref().unwrap_or("no UUID yet"),
        gpu.bus
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpus() -> Vec<Gpu> {
        [
            ("GPU-aaaa1111-0000-0000-0000-000000000000", "0000:17:00.0"),
            ("GPU-aaaa2222-0000-0000-0000-000000000000", "0000:31:00.0"),
            ("GPU-bbbb0000-0000-0000-0000-000000000000", "0001:31:00.0"),
        ]
        .into_iter()
        .zip(0..)
        .map(|((uuid, bus), index)| Gpu {
            index,
            minor: index,
            uuid: Some(uuid.to_owned()),
            bus: bus.parse().unwrap(),
            model: "NVIDIA A10".to_owned(),
            mig: Vec::new(),
        })
        .collect()
    }

    fn of(ids: &[&str]) -> Result<Vec<usize>, Code> {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        resolve(&ids, &gpus())
            .map(|selected| selected.into_iter().map(|gpu| gpu.position).collect())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn every_form_of_a_name() {
        assert_eq!(of(&["1"]), Ok(vec![1]));
        assert_eq!(of(&["2", "0"]), Ok(vec![2, 0]));
        assert_eq!(
            of(&["GPU-aaaa2222-0000-0000-0000-000000000000"]),
            Ok(vec![1])
        );
        assert_eq!(of(&["gpu-BBBB"]), Ok(vec![2]));
        assert_eq!(of(&["0000:31:00.0"]), Ok(vec![1]));
        assert_eq!(of(&["00000001:31:00.0"]), Ok(vec![2]));
        assert_eq!(of(&["31:00.0"]), Ok(vec![1]));
        assert_eq!(of(&["runtime.nvidia.com/gpu=0"]), Ok(vec![0]));
        assert_eq!(of(&["runtime.nvidia.com/gpu=all"]), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn one_gpu_by_several_names_is_one_gpu() {
        assert_eq!(of(&["1", "GPU-aaaa2", "31:00.0", "01"]), Ok(vec![1]));
    }

    #[test]
    fn what_means_nothing_or_too_much() {
        for unknown in [
            "7",
            "99999999999999999999",
            "GPU-",
            "GPU-c",
            "foo",
            "0000:99:00.0",
            "-1",
            "+1",
            "1.5",
        ] {
            assert_eq!(of(&[unknown]), Err(Code::DeviceUnknown), "{unknown}");
        }
        assert_eq!(of(&["GPU-aaaa"]), Err(Code::DeviceAmbiguous));
        assert_eq!(of(&["1:0"]), Err(Code::DeviceUnknown));
        assert_eq!(of(&["MIG-x"]), Err(Code::DeviceUnknown));
        assert_eq!(of(&["nvidia.com/gpu=0"]), Err(Code::DeviceUnknown));
        // One bad name spoils the list: fewer GPUs than were asked for is no grant.
        assert_eq!(of(&["0", "7"]), Err(Code::DeviceUnknown));
        assert_eq!(of(&[]), Err(Code::DeviceUnknown));
        assert_eq!(of(&[""]), Err(Code::DeviceUnknown));
    }

    /// The GPUs, the second of them partitioned into three.
    fn partitioned() -> Vec<Gpu> {
        let mut gpus = gpus();
        for (index, (gpu_instance, compute_instance, uuid)) in
            [(1, 0, "MIG-c1"), (1, 1, "MIG-c2"), (5, 0, "MIG-d0")]
                .into_iter()
                .enumerate()
        {
            gpus[1].mig.push(MigDevice {
                gpu_instance,
                compute_instance,
                gpu_instance_minor: Some(12),
                compute_instance_minor: Some(13),
                index: u32::try_from(index).ok(),
                uuid: Some(uuid.to_owned()),
                profile: Some("1g.5gb".to_owned()),
                has_graphics: false,
            });
        }
        gpus
    }

    #[test]
    fn mig_devices_by_every_name() {
        let of = |id: &str| {
            resolve(&[id.to_owned()], &partitioned())
                .map(|selected| {
                    selected
                        .into_iter()
                        .map(|one| (one.position, one.mig))
                        .collect::<Vec<_>>()
                })
                .map_err(|refusal| refusal.code)
        };
        assert_eq!(of("1:0"), Ok(vec![(1, Some(0))]));
        assert_eq!(of("1:2"), Ok(vec![(1, Some(2))]));
        assert_eq!(of("mig-D"), Ok(vec![(1, Some(2))]));
        assert_eq!(
            of("MIG-GPU-aaaa2222-0000-0000-0000-000000000000/1/1"),
            Ok(vec![(1, Some(1))])
        );
        assert_eq!(of("1"), Ok(vec![(1, None)]), "the board itself");
        assert_eq!(
            of("all"),
            Ok(vec![
                (0, None),
                (2, None),
                (1, Some(0)),
                (1, Some(1)),
                (1, Some(2))
            ])
        );
        assert_eq!(of("MIG-c"), Err(Code::DeviceAmbiguous));
        for unknown in [
            "1:3",
            "0:0",
            "9:0",
            "MIG-",
            "MIG-x",
            "MIG-GPU-aaaa2222-0000-0000-0000-000000000000/1/7",
            "MIG-GPU-aaaa2222-0000-0000-0000-000000000000/1/1/1",
            "1:99999999999",
        ] {
            assert_eq!(of(unknown), Err(Code::DeviceUnknown), "{unknown}");
        }
    }

    #[test]
    fn a_mig_device_that_nvml_has_not_named_is_not_guessed() {
        let mut gpus = partitioned();
        for device in &mut gpus[1].mig {
            device.index = None;
            device.uuid = None;
        }
        let refusal = resolve(&["1:0".to_owned()], &gpus).unwrap_err();
        assert_eq!(refusal.code, Code::DeviceUnknown);
        assert!(refusal.hint.contains("NVML"), "{}", refusal.hint);
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_answered(id in ".*") {
            resolve(std::slice::from_ref(&id), &partitioned()).ok();
            let selected = resolve(std::slice::from_ref(&id), &gpus());
            if let Ok(selected) = selected {
                proptest::prop_assert!(!selected.is_empty());
            }
        }
    }
}
