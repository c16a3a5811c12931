//! What the device programs of version 2 say. Pure: instructions in, instructions out.
//!
//! A program is called with a context of three words in register 1: the access that is asked (below 16 the
//! kind of device, above it what is to be done), the major and the minor number. It answers in register 0.
//!
//! Ours is put before what was there. It answers 1 for the devices that are granted, whatever is to be done
//! with them, and otherwise goes on to the first instruction of the old program, which finds register 1 as the
//! kernel left it and no other that it could rely on. Jumps are relative, so the old instructions stay as
//! they are. Granted devices are written as ranges of minor numbers: 2048 IMEX channels cost as many
//! instructions as one.

use super::{Device, Kind, Rule};
use liftgate_sys::bpf::Instruction;

/// Loads a word of the context: `destination = *(u32 *)(source + offset)`.
const LOAD: u8 = 0x61;
const MOVE: u8 = 0xb7;
const AND: u8 = 0x57;
const SHIFT_RIGHT: u8 = 0x77;
const JUMP: u8 = 0x05;
const JUMP_IF_ABOVE: u8 = 0x25;
const JUMP_IF_ANY: u8 = 0x45;
const JUMP_IF_OTHER: u8 = 0x55;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const JUMP_IF_BELOW: u8 = 0xa5;
/// Its second half, the instruction after it, has the operation 0.
const LOAD_WIDE: u8 = 0x18;

const CONTEXT: u8 = 1;
const KIND: u8 = 2;
const ACCESS: u8 = 3;
const MAJOR: u8 = 4;
const MINOR: u8 = 5;

const BLOCK: i32 = 1;
const CHARACTER: i32 = 2;
const MAY_MAKE: i32 = 1;
const MAY_READ: i32 = 2;
const MAY_WRITE: i32 = 4;
const EVERYTHING: i32 = MAY_MAKE | MAY_READ | MAY_WRITE;

/// Minor numbers of one major number, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    major: u32,
    first: u32,
    last: u32,
}

/// The same minor numbers, sorted, with no range touching the next.
fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable_by_key(|range| (range.major, range.first));
    let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(before)
                if before.major == range.major && range.first <= before.last.saturating_add(1) =>
            {
                before.last = before.last.max(range.last);
            }
            _ => merged.push(range),
        }
    }
    merged
}

fn single((major, minor): Device) -> Range {
    Range {
        major,
        first: minor,
        last: minor,
    }
}

const fn instruction(code: u8, register: u8, offset: i16, immediate: i32) -> Instruction {
    Instruction::new(code, register, 0, offset, immediate)
}

const fn load(register: u8, offset: i16) -> Instruction {
    Instruction::new(LOAD, register, CONTEXT, offset, 0)
}

const fn answer(value: i32) -> [Instruction; 2] {
    [instruction(MOVE, 0, 0, value), instruction(EXIT, 0, 0, 0)]
}

const HEAD: usize = 5;
const RANGE: usize = 4;

/// No number of a device is larger than 2²⁰; one that is matches nothing, as the kernel extends its sign.
fn number(number: u32) -> i32 {
    number.cast_signed()
}

/// What is put before a program; `ranges` are [`merged`]. `None` if it would be too long to jump over.
///
/// A minor number below a range is in none of those that follow, and goes on to the old program at once. That
/// is for the verifier: it follows every way through a program, and with ways that lead past all ranges
/// the work would be the square of their number, which is too much for it with five hundred.
fn prologue(ranges: &[Range]) -> Option<Vec<Instruction>> {
    let groups = || ranges.chunk_by(|a, b| a.major == b.major);
    let length = HEAD + groups().count() + RANGE * ranges.len();
    let end = i16::try_from(length).ok()?;
    let mut program = Vec::with_capacity(length);
    // From the instruction that comes next; the length of what there is fits, as it is below the end.
    let over = |program: &Vec<Instruction>| end - 1 - i16::try_from(program.len()).unwrap_or(0);
    program.extend([load(KIND, 0), instruction(AND, KIND, 0, 0xffff)]);
    program.push(instruction(JUMP_IF_OTHER, KIND, over(&program), CHARACTER));
    program.extend([load(MAJOR, 4), load(MINOR, 8)]);
    for group in groups() {
        let to_next_group = i16::try_from(RANGE * group.len()).unwrap_or(0);
        let major = number(group[0].major);
        program.push(instruction(JUMP_IF_OTHER, MAJOR, to_next_group, major));
        for range in group {
            let first = number(range.first);
            program.push(instruction(JUMP_IF_BELOW, MINOR, over(&program), first));
            program.push(instruction(JUMP_IF_ABOVE, MINOR, 2, number(range.last)));
            program.extend(answer(1));
        }
    }
    Some(program)
}

/// The devices that a prologue of ours at the program's beginning grants, and what follows it.
fn split(program: &[Instruction]) -> Option<(Vec<Range>, &[Instruction])> {
    // The jump for what is no character device says how long it is.
    let length = usize::try_from(program.get(2)?.offset).ok()? + 3;
    let (head, rest) = program.split_at_checked(length)?;
    let mut ranges = Vec::new();
    let mut at = HEAD;
    let mut major = 0;
    while let Some(instruction) = head.get(at) {
        if instruction.code == JUMP_IF_OTHER {
            major = instruction.immediate.cast_unsigned();
            at += 1;
        } else {
            ranges.push(Range {
                major,
                first: instruction.immediate.cast_unsigned(),
                last: head.get(at + 1)?.immediate.cast_unsigned(),
            });
            at += RANGE;
        }
    }
    // What was read means something only if it is just what we would have written. Ranges in another order
    // would not all be reached.
    let is_ours = merged(ranges.clone()) == ranges && prologue(&ranges)? == head;
    is_ours.then_some((ranges, rest))
}

/// What became of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewritten {
    /// It grants the devices already.
    Same,
    /// It has to give way to this one.
    New(Vec<Instruction>),
    /// It cannot be read: the kernel has blinded or blanked it.
    Unreadable,
    /// It calls functions or uses maps, which stand in it as addresses that mean nothing when it is loaded.
    NotSelfContained,
    /// So many devices are granted that a jump cannot go over them.
    TooLong,
}

/// The program `old`, with `devices` granted. A prologue of ours that it begins with is extended: however
/// often devices are granted, the program grows with the devices and not with the times.
pub fn granting(devices: &[Device], old: &[Instruction]) -> Rewritten {
    if !is_readable(old) {
        return Rewritten::Unreadable;
    }
    if !is_self_contained(old) {
        return Rewritten::NotSelfContained;
    }
    let (granted, rest) = split(old).unwrap_or((Vec::new(), old));
    let devices = devices.iter().copied().map(single);
    let wanted = merged(granted.iter().copied().chain(devices).collect());
    if wanted == granted {
        return Rewritten::Same;
    }
    match prologue(&wanted) {
        Some(mut program) => {
            program.extend_from_slice(rest);
            Rewritten::New(program)
        }
        None => Rewritten::TooLong,
    }
}

/// Whether these are the instructions that were loaded. With `net.core.bpf_jit_harden` the kernel rewrites
/// constants by way of a register that programs cannot name (11), or gives zeros.
fn is_readable(program: &[Instruction]) -> bool {
    program.first().is_some_and(|first| first.code != 0)
        && program
            .iter()
            .all(|instruction| instruction.destination() <= 10 && instruction.source() <= 10)
}

/// Whether nothing in it is an address or an id that the kernel has put there. To load those again would give
/// another program, and perhaps one that the verifier lets pass.
fn is_self_contained(program: &[Instruction]) -> bool {
    !program.iter().any(|instruction| {
        instruction.code == CALL || instruction.code == LOAD_WIDE && instruction.source() != 0
    })
}

/// What runc and crun allow every container, after and in spite of its own rules: to make any node, and to use
/// `null`, `zero`, `full`, `random`, `urandom`, `tty`, `console`, `ptmx` and pseudoterminals.
const ALWAYS: [(Kind, Option<u32>, Option<u32>, i32); 11] = [
    (Kind::Char, None, None, MAY_MAKE),
    (Kind::Block, None, None, MAY_MAKE),
    (Kind::Char, Some(1), Some(3), EVERYTHING),
    (Kind::Char, Some(1), Some(5), EVERYTHING),
    (Kind::Char, Some(1), Some(7), EVERYTHING),
    (Kind::Char, Some(1), Some(8), EVERYTHING),
    (Kind::Char, Some(1), Some(9), EVERYTHING),
    (Kind::Char, Some(5), Some(0), EVERYTHING),
    (Kind::Char, Some(5), Some(1), EVERYTHING),
    (Kind::Char, Some(5), Some(2), EVERYTHING),
    (Kind::Char, Some(136), None, EVERYTHING),
];

/// A whole program: `devices`, what runtimes always allow, and the rules of a container's `config.json`. For
/// each thing that is to be done with a device the last rule that speaks of it decides, and without one it is
/// denied. `None` if it would be too long.
pub fn from_rules(rules: &[Rule], devices: &[Device]) -> Option<Vec<Instruction>> {
    let mut program = prologue(&merged(devices.iter().copied().map(single).collect()))?;
    program.extend([
        load(KIND, 0),
        load(ACCESS, 0),
        instruction(AND, KIND, 0, 0xffff),
        instruction(SHIFT_RIGHT, ACCESS, 0, 16),
        load(MAJOR, 4),
        load(MINOR, 8),
    ]);
    for (kind, major, minor, access) in ALWAYS {
        decide(&mut program, kind, major, minor, true, access);
    }
    for rule in rules.iter().rev() {
        let access = if rule.read { MAY_READ } else { 0 }
            | if rule.write { MAY_WRITE } else { 0 }
            | if rule.mknod { MAY_MAKE } else { 0 };
        decide(
            &mut program,
            rule.kind,
            rule.major,
            rule.minor,
            rule.allow,
            access,
        );
    }
    program.extend(answer(0));
    Some(program)
}

/// One rule, later ones first. The register ACCESS holds what no later rule has decided: what this one
/// allows is taken out of it, and when nothing is left the answer is yes; one thing that this one denies is
/// enough for a no.
fn decide(
    program: &mut Vec<Instruction>,
    kind: Kind,
    major: Option<u32>,
    minor: Option<u32>,
    allow: bool,
    access: i32,
) {
    let verdict = if allow {
        [
            instruction(AND, ACCESS, 0, EVERYTHING & !access),
            instruction(JUMP_IF_OTHER, ACCESS, 2, 0),
        ]
    } else {
        [
            instruction(JUMP_IF_ANY, ACCESS, 1, access),
            instruction(JUMP, 0, 2, 0),
        ]
    };
    let kind = match kind {
        Kind::All => None,
        Kind::Char => Some(CHARACTER),
        Kind::Block => Some(BLOCK),
    };
    let conditions = [
        (KIND, kind),
        (MAJOR, major.map(number)),
        (MINOR, minor.map(number)),
    ];
    // The last condition has the shortest way over the verdict and the answer.
    let mut over = 4;
    let mut checks = Vec::with_capacity(conditions.len());
    for (register, value) in conditions.into_iter().rev() {
        if let Some(value) = value {
            checks.push(instruction(JUMP_IF_OTHER, register, over, value));
            over += 1;
        }
    }
    program.extend(checks.into_iter().rev());
    program.extend(verdict);
    program.extend(answer(i32::from(allow)));
}

#[cfg(test)]
mod tests;
