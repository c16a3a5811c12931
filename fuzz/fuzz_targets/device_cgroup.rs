//! Feeds bytes as `/proc/PID/cgroup`, as a mount table, as `devices.list` and as a device program: no panic, no path that leads out of a mount.
//!
//! The first line is the path of a cgroup. A program is rewritten once: what has been granted is granted, and the old
//! instructions are all still there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use liftgate_apply::cgroup::Version;
use liftgate_apply::cgroup::list::{Access, List};
use liftgate_apply::cgroup::locate::{Membership, Mount, mount_id};
use liftgate_apply::cgroup::program::{Rewritten, granting};
use liftgate_sys::bpf::Instruction;
use std::path::Component;

fuzz_target!(|bytes: &[u8]| {
    let path = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let membership = Membership::parse(bytes);
    let paths = [Version::V1, Version::V2].map(|version| membership.path(version));
    for mount in Mount::parse(bytes) {
        for path in paths.iter().flatten().copied().chain([path]) {
            if let Some(below) = mount.below(path) {
                let is_plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
                assert!(below.components().all(is_plain), "{}", below.display());
            }
        }
    }
    let _: Option<u64> = mount_id(bytes);

    let list = List::parse(&String::from_utf8_lossy(bytes));
    for device in [(195, 0), (195, 255), (0, 0), (u32::MAX, u32::MAX)] {
        if let Some(missing) = list.missing(device) {
            let letters = missing.letters();
            assert!(["rwm", "rw", "rm", "wm", "r", "w", "m"].contains(&&*letters));
            assert!(!list.is_everything() || missing == Access::ALL || bytes.contains(&b'c'));
        }
    }

    let program: Vec<Instruction> = bytes
        .chunks_exact(8)
        .map(|chunk| {
            let offset = i16::from_le_bytes([chunk[2], chunk[3]]);
            let immediate = i32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
            Instruction::new(chunk[0], chunk[1] & 0xf, chunk[1] >> 4, offset, immediate)
        })
        .collect();
    let devices = [(195, 0), (195, 255), (510, 0)];
    if let Rewritten::New(new) = granting(&devices, &program) {
        assert_eq!(granting(&devices, &new), Rewritten::Same);
        assert_eq!(granting(&devices[..1], &new), Rewritten::Same);
        // Ours is at most 5 + 2 + 4 × 3 instructions long, and takes the place of none but ours.
        assert!(new.len() <= program.len() + 19);
        if program.first().is_some_and(|first| first.code != 0x61) {
            assert!(new.ends_with(&program));
        }
    }
});
