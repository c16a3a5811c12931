//! Which GPU a name means.
//!
//! An index, a UUID or the beginning of one, a PCI bus address: each form means the same on every road. A
//! name that means nothing, or more than one thing, is refused with the list of what there is.

use crate::refusal::{Code, Refusal};
use crate::request::shortened;
use liftgate_driver::{BusId, Gpu};

/// The vendor and class that the reference gives to devices made up on the spot; what follows is an id.
const JUST_IN_TIME: &str = "runtime.nvidia.com/gpu=";

/// A GPU that was asked for: its place in the host's list, and the names that it was asked by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) position: usize,
    pub(crate) asked_as: Vec<String>,
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
        let positions = if bare.eq_ignore_ascii_case("all") {
            (0..gpus.len()).collect()
        } else {
            vec![position(bare, gpus)?]
        };
        for position in positions {
            match selected.iter_mut().find(|known| known.position == position) {
                Some(known) => known.asked_as.push(id.clone()),
                None => selected.push(Selected {
                    position,
                    asked_as: vec![id.clone()],
                }),
            }
        }
    }
    Ok(selected)
}

fn position(id: &str, gpus: &[Gpu]) -> Result<usize, Refusal> {
    if id.bytes().all(|byte| byte.is_ascii_digit()) {
        return id
            .parse::<u32>()
            .ok()
            .and_then(|index| gpus.iter().position(|gpu| gpu.index == index))
            .ok_or_else(|| unknown(id, gpus));
    }
    if is_mig(id) {
        return Err(Refusal::new(
            Code::DeviceIsMig,
            format!(
                "`{}` names a MIG device, and MIG devices cannot be given yet",
                shortened(id)
            ),
            "ask for a whole GPU by its index, UUID or PCI bus address",
        ));
    }
    if let Some((kind, _)) = id.split_once('=').filter(|(kind, _)| kind.contains('/')) {
        return Err(Refusal::new(
            Code::DeviceIsCdi,
            format!(
                "`{}` is the name of a CDI device of kind `{}`, and CDI specifications are not read yet",
                shortened(id),
                shortened(kind)
            ),
            "ask for the GPU by its index, UUID or PCI bus address, or let the engine inject the CDI device (`--device`)",
        ));
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

fn by_uuid(id: &str, gpus: &[Gpu]) -> Result<usize, Refusal> {
    let begins = |gpu: &Gpu| {
        gpu.uuid
            .as_deref()
            .and_then(|uuid| uuid.get(..id.len()))
            .is_some_and(|beginning| beginning.eq_ignore_ascii_case(id))
    };
    let matches: Vec<usize> = (0..gpus.len()).filter(|&at| begins(&gpus[at])).collect();
    match matches.as_slice() {
        [only] => Ok(*only),
        [] => Err(unknown(id, gpus)),
        several => {
            let mut refusal = Refusal::new(
                Code::DeviceAmbiguous,
                format!(
                    "`{}` is the beginning of {} UUIDs",
                    shortened(id),
                    several.len()
                ),
                "write more of the UUID",
            );
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
    );
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
            mig_instances: 0,
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
        assert_eq!(of(&["1:0"]), Err(Code::DeviceIsMig));
        assert_eq!(of(&["MIG-x"]), Err(Code::DeviceIsMig));
        assert_eq!(of(&["nvidia.com/gpu=0"]), Err(Code::DeviceIsCdi));
        // One bad name spoils the list: fewer GPUs than were asked for is no grant.
        assert_eq!(of(&["0", "7"]), Err(Code::DeviceUnknown));
        assert_eq!(of(&[]), Err(Code::DeviceUnknown));
        assert_eq!(of(&[""]), Err(Code::DeviceUnknown));
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_answered(id in ".*") {
            let selected = resolve(std::slice::from_ref(&id), &gpus());
            if let Ok(selected) = selected {
                proptest::prop_assert!(!selected.is_empty());
            }
        }
    }
}
