//! MIG devices as a manifest names them, and the numbers that the driver gives their capability nodes.
//!
//! A MIG device is a compute instance (CI) in a GPU instance (GI) of a GPU. A process may use it if it may
//! open three nodes: the GPU's, and `/dev/nvidia-caps/nvidia-capN` of the GI and of the CI.
//!
//! Refused: MIG devices of a GPU without `mig-enabled`, of a profile that the board does not have, with ids
//! that the driver does not number or gives twice, on a machine whose kernel has no `nvidia-caps`.

use crate::manifest::{GpuEntry, Model};

/// The driver numbers the access files of this many GPUs, whether they exist or not.
pub(crate) const GPUS: u32 = 32;
pub(crate) const GPU_INSTANCES: u32 = 15;
pub(crate) const COMPUTE_INSTANCES: u32 = 8;
/// 1 is `config` and 2 `monitor`.
const FIRST_MINOR: u32 = 3;

/// A MIG device of a simulated machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mig {
    /// Its position among the MIG devices of its GPU, which is the management library's index.
    pub index: usize,
    /// `MIG-…`.
    pub uuid: String,
    /// Such as `1g.5gb`, `1c.3g.20gb` or `1g.5gb+me`.
    pub profile: String,
    /// The GPU instance's id on the GPU.
    pub gpu_instance: u32,
    /// The compute instance's id in the GPU instance.
    pub compute_instance: u32,
    /// The N of the GPU instance's `/dev/nvidia-caps/nvidia-capN`.
    pub gpu_instance_node: u32,
    /// The N of the compute instance's `/dev/nvidia-caps/nvidia-capN`.
    pub compute_instance_node: u32,
    /// The GPU instance's slices: the 3 of `1c.3g.20gb`.
    pub gpu_slices: u32,
    /// The compute instance's slices: the 1 of `1c.3g.20gb`.
    pub compute_slices: u32,
    /// The GPU instance's memory.
    pub memory_mib: u64,
    /// The first of the memory slices it takes, and how many: as many as fit after those before it.
    pub(crate) placement: (u32, u32),
}

/// A profile of GPU instances that a board has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardProfile {
    pub(crate) name: String,
    /// The `N` of `NVML_GPU_INSTANCE_PROFILE_N`, by which profiles are asked for.
    pub(crate) number: u32,
    /// The id that instances name their profile by.
    pub(crate) id: u32,
    pub(crate) slices: u32,
    pub(crate) memory_mib: u64,
}

/// The minor of the capability node of a GPU instance. The driver counts through every instance that could
/// be: after each GPU instance come its compute instances.
pub(crate) fn gpu_instance_minor(gpu_minor: u32, gpu_instance: u32) -> u32 {
    FIRST_MINOR + (gpu_minor * GPU_INSTANCES + gpu_instance) * (1 + COMPUTE_INSTANCES)
}

/// The minor of the capability node of a compute instance.
pub(crate) fn compute_instance_minor(gpu_minor: u32, gpu_instance: u32, instance: u32) -> u32 {
    gpu_instance_minor(gpu_minor, gpu_instance) + 1 + instance
}

/// A profile's name taken apart: `1c.3g.20gb+me` is one compute slice, `3g.20gb+me`, three slices.
struct Profile {
    compute_slices: u32,
    gpu_slices: u32,
    /// The name of the GPU instance's profile.
    gpu: String,
    /// `+me`, `-me`, `+gfx`, `+me.all` or nothing.
    attribute: String,
    gigabytes: u32,
}

fn parse(text: &str) -> Option<Profile> {
    let end = text.find(['+', '-']).unwrap_or(text.len());
    let (sizes, attribute) = text.split_at(end);
    let mut parts: Vec<&str> = sizes.split('.').collect();
    let number = |part: &str, unit: &str| part.strip_suffix(unit)?.parse::<u32>().ok();
    let compute = match parts.as_slice() {
        [first, _, _] => Some(number(first, "c")?),
        _ => None,
    };
    if compute.is_some() {
        parts.remove(0);
    }
    let [slices, memory] = parts[..] else {
        return None;
    };
    let gpu_slices = number(slices, "g")?;
    Some(Profile {
        compute_slices: compute.unwrap_or(gpu_slices),
        gpu_slices,
        gpu: format!("{slices}.{memory}{attribute}"),
        attribute: attribute.to_owned(),
        gigabytes: number(memory, "gb")?,
    })
}

/// NVML's number of a profile, and the id that boards of the A100's kind give it.
fn number_and_id(profile: &Profile, smallest: u32) -> Option<(u32, u32)> {
    Some(match (profile.gpu_slices, profile.attribute.as_str()) {
        // One slice with the memory of two.
        (1, "") if profile.gigabytes > smallest => (0x09, 15),
        (1, "") => (0x00, 19),
        (2, "") => (0x01, 14),
        (3, "") => (0x02, 9),
        (4, "") => (0x03, 5),
        (7, "") => (0x04, 0),
        (1, "+me") => (0x07, 20),
        (2, "+me") => (0x08, 21),
        (1, "+gfx") => (0x0a, 47),
        (2, "+gfx") => (0x0b, 35),
        (4, "+gfx") => (0x0c, 32),
        _ => return None,
    })
}

/// The profiles that a board has.
pub(crate) fn board_profiles(model: &Model) -> Result<Vec<BoardProfile>, (String, &'static str)> {
    let bad = |text: &str| (text.to_owned(), "a profile such as `1g.5gb`, `1g.5gb+me`");
    let mut profiles = Vec::new();
    let mut parsed = Vec::new();
    for (text, memory_mib) in &model.mig_profiles {
        parsed.push((parse(text).ok_or_else(|| bad(text))?, *memory_mib));
    }
    let smallest = parsed
        .iter()
        .map(|(profile, _)| profile.gigabytes)
        .min()
        .unwrap_or_default();
    for (profile, memory_mib) in parsed {
        let (number, id) = number_and_id(&profile, smallest).ok_or_else(|| bad(&profile.gpu))?;
        profiles.push(BoardProfile {
            name: profile.gpu,
            number,
            id,
            slices: profile.gpu_slices,
            memory_mib,
        });
    }
    Ok(profiles)
}

/// The MIG devices of a GPU, those of `mig-fill` included.
pub(crate) fn read(entry: &GpuEntry, model: &Model) -> Result<Vec<Mig>, (String, &'static str)> {
    let filled = fill(entry, model)?;
    let entries: Vec<_> = entry.mig.iter().chain(&filled).collect();
    let can_have = entry.mig_enabled && model.mig;
    if !can_have && !entries.is_empty() {
        return Err((
            entry.uuid.clone(),
            "a GPU that can have MIG devices: `mig` of its model and `mig-enabled`",
        ));
    }
    let mut devices: Vec<Mig> = Vec::new();
    let mut next_slice = 0;
    for (index, mig) in entries.into_iter().enumerate() {
        let profile = parse(&mig.profile)
            .ok_or_else(|| (mig.profile.clone(), "a profile such as `1g.5gb`"))?;
        let memory_mib = *model.mig_profiles.get(&profile.gpu).ok_or_else(|| {
            (
                mig.profile.clone(),
                "a profile in the model's `mig-profiles`",
            )
        })?;
        let ids_are_numbered = entry.minor < GPUS
            && mig.gpu_instance < GPU_INSTANCES
            && mig.compute_instance < COMPUTE_INSTANCES;
        let same_ids = |other: &Mig| {
            (other.gpu_instance, other.compute_instance) == (mig.gpu_instance, mig.compute_instance)
        };
        if !ids_are_numbered || devices.iter().any(same_ids) {
            return Err((
                mig.uuid.clone(),
                "a MIG device with ids of its own below those that the driver numbers",
            ));
        }
        let sibling = devices
            .iter()
            .find(|other| other.gpu_instance == mig.gpu_instance);
        let placement = match sibling {
            Some(sibling) if sibling.gpu_slices == profile.gpu_slices => sibling.placement,
            Some(_) => {
                return Err((
                    mig.uuid.clone(),
                    "of the profile that its GPU instance has already",
                ));
            }
            None => {
                // Memory comes in eight slices.
                let size = u32::try_from((memory_mib * 8).div_ceil(model.memory_mib.max(1)))
                    .unwrap_or(u32::MAX);
                next_slice += size;
                (next_slice - size, size)
            }
        };
        devices.push(Mig {
            index,
            uuid: mig.uuid.clone(),
            profile: mig.profile.clone(),
            gpu_instance: mig.gpu_instance,
            compute_instance: mig.compute_instance,
            gpu_instance_node: gpu_instance_minor(entry.minor, mig.gpu_instance),
            compute_instance_node: compute_instance_minor(
                entry.minor,
                mig.gpu_instance,
                mig.compute_instance,
            ),
            gpu_slices: profile.gpu_slices,
            compute_slices: profile.compute_slices,
            memory_mib,
            placement,
        });
    }
    Ok(devices)
}

/// As many devices of one profile as seven slices hold, with the ids that the driver gives them: instances
/// of three slices begin at 1, of two at 3, of one at 7.
fn fill(
    entry: &GpuEntry,
    model: &Model,
) -> Result<Vec<crate::manifest::MigEntry>, (String, &'static str)> {
    let Some(text) = &entry.mig_fill else {
        return Ok(Vec::new());
    };
    let profile = parse(text)
        .filter(|profile| (1..=7).contains(&profile.gpu_slices) && !model.mig_profiles.is_empty())
        .ok_or_else(|| (text.clone(), "a profile in the model's `mig-profiles`"))?;
    let first = match profile.gpu_slices {
        1 => 7,
        2 => 3,
        3 | 4 => 1,
        _ => 0,
    };
    let count = 7 / profile.gpu_slices;
    Ok((first..first + count)
        .map(|gpu_instance| crate::manifest::MigEntry {
            profile: text.clone(),
            uuid: uuid(&entry.uuid, gpu_instance),
            gpu_instance,
            compute_instance: 0,
        })
        .collect())
}

/// A UUID that follows from GPU and GPU instance, as the driver's does, though not by its rule.
fn uuid(gpu: &str, gpu_instance: u32) -> String {
    let hash = |salt: u64| {
        let text = format!("{gpu}/{gpu_instance}/0");
        // FNV-1a: no more is needed than that every device gets its own.
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64 ^ salt, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    };
    let (high, low) = (hash(0), hash(1));
    format!(
        "MIG-{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        low >> 48 & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    const MANIFEST: &str = include_str!("../machines/a100-mig.toml");

    #[test]
    fn a_profile_is_taken_apart() {
        let parts = |text| parse(text).map(|it| (it.compute_slices, it.gpu_slices, it.gpu));
        assert_eq!(parts("1g.5gb"), Some((1, 1, "1g.5gb".to_owned())));
        assert_eq!(parts("1c.3g.20gb"), Some((1, 3, "3g.20gb".to_owned())));
        assert_eq!(parts("1g.24gb-me"), Some((1, 1, "1g.24gb-me".to_owned())));
        for text in ["", "5gb", "1g", "1g.5", "g.5gb", "1c.1g.5gb.x", "1g.1c.5gb"] {
            assert_eq!(parts(text), None, "{text}");
        }
    }

    /// The numbers of NVIDIA's device plugin tests and of its MIG user guide.
    #[test]
    fn capability_nodes_have_the_drivers_numbers() {
        assert_eq!(gpu_instance_minor(0, 1), 12);
        assert_eq!(compute_instance_minor(0, 1, 0), 13);
        assert_eq!(gpu_instance_minor(0, 2), 21);
        assert_eq!(compute_instance_minor(31, 14, 7), 4322);
    }

    #[test]
    fn a_manifest_cannot_describe_what_no_driver_makes() {
        for (from, to) in [
            ("mig-enabled = true", "mig-enabled = false"),
            ("mig = true", "mig = false"),
            ("gpu-instance = 5", "gpu-instance = 15"),
            ("compute-instance = 1", "compute-instance = 0"),
            ("compute-instance = 1", "compute-instance = 8"),
            ("profile = \"2g.10gb\"", "profile = \"2g.11gb\""),
            ("profile = \"2c.3g.20gb\"", "profile = \"2g.10gb\""),
            ("\n511 nvidia-caps\n", "\n"),
        ] {
            assert!(MANIFEST.contains(from), "{from}");
            let text = MANIFEST.replacen(from, to, 1);
            let machine = Machine::from_manifest(&text);
            assert!(machine.is_err(), "{to}: {machine:?}");
        }
    }

    #[test]
    fn a_filled_gpu_has_seven_devices_of_one_slice() {
        let machine = Machine::by_name("h100-mig-56").unwrap();
        let ids: Vec<_> = machine.gpus()[7]
            .mig
            .iter()
            .map(|mig| (mig.gpu_instance, mig.compute_instance))
            .collect();
        assert_eq!(ids, [7, 8, 9, 10, 11, 12, 13].map(|id| (id, 0)));
        let mut uuids: Vec<_> = machine
            .gpus()
            .iter()
            .flat_map(|gpu| &gpu.mig)
            .map(|mig| mig.uuid.clone())
            .collect();
        uuids.sort();
        uuids.dedup();
        assert_eq!(uuids.len(), 56);
        assert!(uuids.iter().all(|uuid| uuid.len() == 40), "{uuids:?}");
    }
}
