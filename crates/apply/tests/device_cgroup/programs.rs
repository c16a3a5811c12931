//! Device programs as others write them: runc's way, and some that nobody would.

use super::ground::{Cgroup, MAJOR};
use liftgate_sys::bpf::{self, Instruction};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

fn op(code: u8, to: u8, from: u8, offset: i16, immediate: i32) -> Instruction {
    Instruction::new(code, to, from, offset, immediate)
}

/// Allows character devices, by numbers and access bits (1 make, 2 read, 4 write), and denies all else.
/// Written with 32-bit arithmetic and a load of half a word, as runc does.
pub(crate) fn allowing(devices: &[(u32, u32, i32)]) -> Vec<Instruction> {
    let mut program = vec![
        op(0x69, 2, 1, 0, 0),  // r2 = *(u16 *)(r1 + 0)
        op(0x61, 3, 1, 0, 0),  // r3 = *(u32 *)(r1 + 0)
        op(0x74, 3, 0, 0, 16), // w3 >>= 16
        op(0x61, 4, 1, 4, 0),  // r4 = *(u32 *)(r1 + 4)
        op(0x61, 5, 1, 8, 0),  // r5 = *(u32 *)(r1 + 8)
    ];
    for &(major, minor, access) in devices {
        program.extend([
            op(0x55, 2, 0, 7, 2),                   // if r2 != 2 goto next
            op(0xbc, 1, 3, 0, 0),                   // w1 = w3
            op(0x54, 1, 0, 0, access),              // w1 &= access
            op(0x5d, 1, 3, 4, 0),                   // if r1 != r3 goto next
            op(0x55, 4, 0, 3, major.cast_signed()), // if r4 != major goto next
            op(0x55, 5, 0, 2, minor.cast_signed()), // if r5 != minor goto next
            op(0xb7, 0, 0, 0, 1),                   // r0 = 1
            op(0x95, 0, 0, 0, 0),                   // exit
        ]);
    }
    program.extend(denying());
    program
}

/// Denies everything.
pub(crate) fn denying() -> Vec<Instruction> {
    vec![op(0xb7, 0, 0, 0, 0), op(0x95, 0, 0, 0, 0)]
}

/// What a container has to begin with: `null` whole, `zero` to read.
pub(crate) fn usual() -> Vec<Instruction> {
    allowing(&[(1, 3, 7), (1, 5, 2)])
}

/// Thousands of instructions, with a jump from the first to nearly the last.
pub(crate) fn big() -> Vec<Instruction> {
    let devices: Vec<(u32, u32, i32)> = (100..700)
        .map(|minor| (MAJOR, minor, 7))
        .chain([(1, 3, 7)])
        .collect();
    let mut program = allowing(&devices);
    let over = i16::try_from(program.len()).expect("a jump goes so far") - 2;
    // A block device: straight to the verdict.
    program.insert(0, op(0x69, 2, 1, 0, 0));
    program.insert(1, op(0x15, 2, 0, over, 1));
    program
}

/// Asks the kernel who is calling, and allows `null` only.
pub(crate) fn calling() -> Vec<Instruction> {
    let mut program = vec![
        op(0xbf, 6, 1, 0, 0),  // r6 = r1
        op(0x85, 0, 0, 0, 15), // call bpf_get_current_uid_gid
        op(0xbf, 1, 6, 0, 0),  // r1 = r6
    ];
    program.extend(usual());
    program
}

/// Loads a program and attaches it.
pub(crate) fn attach(cgroup: &Cgroup, flags: u32, program: &[Instruction]) -> OwnedFd {
    let program = bpf::load(program).expect("the verifier accepts it");
    bpf::attach(cgroup.as_fd(), program.as_fd(), flags, None).expect("it can be attached");
    program
}

/// The ids and lengths of the programs that are attached.
pub(crate) fn attached(cgroup: BorrowedFd<'_>) -> Vec<(u32, usize)> {
    let ids = bpf::attached(cgroup).expect("a list").ids;
    ids.into_iter()
        .map(|id| {
            let program = bpf::by_id(id).expect("a program");
            let instructions = bpf::instructions(program.as_fd()).expect("its facts");
            (
                id,
                instructions.map_or(0, |instructions| instructions.len()),
            )
        })
        .collect()
}
