//! Programs that a cgroup asks before it lets a process use a device (`BPF_PROG_TYPE_CGROUP_DEVICE`).
//!
//! Where cgroups are of version 2, the kernel has no file of allowed devices: a device may be used if every
//! program that is attached to the process's cgroup, or to one above it, answers other than 0. Whoever wants to
//! allow one more has to read a program, load another and put it in the old one's place; the calls for that
//! are here, and nothing of what the programs say.
//!
//! The kernel's behaviour that shaped it:
//!
//! - `BPF_PROG_QUERY` of Linux 6.17 to 7.1 writes the field `revision` (bytes 56 to 64) whether or not the
//!   caller passed that many: a shorter structure has its neighbours on the stack overwritten. So the structure
//!   here is that long, though only 28 bytes are of use; an older kernel wants no more of the rest than that it
//!   is zero.
//! - A kernel before 5.11 counts programs against `RLIMIT_MEMLOCK` and says EPERM where that is too low.
//! - The verifier says why it refuses a program, but only to who gave it room for the words; it is slower for
//!   it. So a refused program is loaded a second time.

use crate::error::{Errno, SysError};
use rustix::process::{Resource, Rlimit};
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

/// One instruction, as the kernel takes it from, and gives it to, a little-endian machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// The operation.
    pub code: u8,
    registers: u8,
    /// How far to jump, or where to load from.
    pub offset: i16,
    /// The constant.
    pub immediate: i32,
}

impl Instruction {
    /// An instruction with its destination and source register, both below 16.
    pub const fn new(code: u8, destination: u8, source: u8, offset: i16, immediate: i32) -> Self {
        Self {
            code,
            registers: destination & 0xf | source << 4,
            offset,
            immediate,
        }
    }

    /// The destination register.
    pub const fn destination(self) -> u8 {
        self.registers & 0xf
    }

    /// The source register.
    pub const fn source(self) -> u8 {
        self.registers >> 4
    }
}

/// The device programs that are attached to one cgroup itself, not to one above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Under which flags: [`ALLOW_OVERRIDE`], [`ALLOW_MULTI`] or neither. All programs of a cgroup share them.
    pub flags: u32,
    /// The programs' ids.
    pub ids: Vec<u32>,
}

/// A program of a cgroup below may take this one's place there.
pub const ALLOW_OVERRIDE: u32 = 1;
/// The cgroup may have several programs, and all of them must agree.
pub const ALLOW_MULTI: u32 = 2;
const REPLACE: u32 = 4;

const PROG_LOAD: i32 = 5;
const PROG_ATTACH: i32 = 8;
const PROG_DETACH: i32 = 9;
const PROG_GET_FD_BY_ID: i32 = 13;
const OBJ_GET_INFO_BY_FD: i32 = 15;
const PROG_QUERY: i32 = 16;
const LINK_CREATE: i32 = 28;

const CGROUP_DEVICE_TYPE: u32 = 15;
const CGROUP_DEVICE_ATTACH: u32 = 6;
/// No cgroup has more programs of one kind (`BPF_CGROUP_MAX_PROGS`).
const MOST_PROGRAMS: usize = 64;
const LOG_BYTES: usize = 64 << 10;
const INFO_BYTES: u32 = 40;

// Parts of `union bpf_attr`. None has padding: what the compiler leaves unset there, the kernel would read.

#[derive(Default)]
#[repr(C)]
struct Load {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buffer: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
}

#[derive(Default)]
#[repr(C)]
struct Attach {
    cgroup: u32,
    program: u32,
    kind: u32,
    flags: u32,
    replaced_program: u32,
}

#[repr(C)]
struct LinkCreate {
    program: u32,
    cgroup: u32,
    kind: u32,
    flags: u32,
}

#[derive(Default)]
#[repr(C)]
struct GetById {
    id: u32,
    next_id: u32,
    open_flags: u32,
}

#[derive(Default)]
#[repr(C)]
struct GetInfo {
    descriptor: u32,
    info_bytes: u32,
    info: u64,
}

/// The first part of `struct bpf_prog_info`: the kernel gives as much as is asked for.
#[derive(Default)]
#[repr(C)]
struct Info {
    program_type: u32,
    id: u32,
    tag: u64,
    jited_bytes: u32,
    translated_bytes: u32,
    jited: u64,
    translated: u64,
}

#[derive(Default)]
#[repr(C)]
struct Query {
    cgroup: u32,
    kind: u32,
    asked: u32,
    attach_flags: u32,
    ids: u64,
    count: u32,
    reserved: u32,
    unused: [u64; 3],
    revision: u64,
}

/// `attributes` must be one of the structures above, with every address in it either 0 or that of memory which
/// lives, and may be used as the command uses it, until this returns.
fn bpf<T>(command: i32, attributes: &mut T) -> Result<i32, Errno> {
    // SAFETY: the kernel reads `size_of::<T>()` bytes of `attributes`, all of them set, for the structures have
    // no padding; it writes into fields of the command's structure, which are all within `T` (see the module's
    // words on `revision`). What the addresses in it lead to is promised by the callers, all in this file.
    #[expect(unsafe_code, reason = "bpf has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command,
            std::ptr::from_mut(attributes),
            size_of::<T>(),
        )
    };
    i32::try_from(answer)
        .ok()
        .filter(|answer| *answer >= 0)
        .ok_or_else(|| {
            Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL)
        })
}

/// For commands that answer with a descriptor.
fn bpf_descriptor<T>(command: i32, attributes: &mut T) -> Result<OwnedFd, Errno> {
    let descriptor = bpf(command, attributes)?;
    // SAFETY: the command has just made this descriptor (closed on exec), and nobody else knows of it.
    #[expect(unsafe_code, reason = "the kernel answers with a number")]
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    Ok(owned)
}

fn number(descriptor: BorrowedFd<'_>) -> u32 {
    descriptor.as_raw_fd().cast_unsigned()
}

fn address<T: ?Sized>(memory: *const T) -> u64 {
    memory.cast::<u8>().expose_provenance() as u64
}

fn address_to_write<T: ?Sized>(memory: &mut T) -> u64 {
    address(std::ptr::from_mut(memory))
}

/// Loads a program. `instructions` are checked by the kernel, whose words are part of the error.
pub fn load(instructions: &[Instruction]) -> Result<OwnedFd, SysError> {
    let errno = match load_once(instructions, &mut []) {
        Err(Errno::PERM) if raise_locked_memory() => match load_once(instructions, &mut []) {
            Ok(program) => return Ok(program),
            Err(errno) => errno,
        },
        Ok(program) => return Ok(program),
        Err(errno) => errno,
    };
    let mut log = vec![0; LOG_BYTES];
    // It may fail in another way for want of room; the first answer is the one to tell.
    if let Ok(program) = load_once(instructions, &mut log) {
        return Ok(program);
    }
    let words = verifier_words(&log);
    Err(SysError::new(
        format!(
            "bpf(BPF_PROG_LOAD, cgroup device, {} instructions){}{words}",
            instructions.len(),
            if words.is_empty() { "" } else { ": " },
        ),
        errno,
    ))
}

fn load_once(instructions: &[Instruction], log: &mut [u8]) -> Result<OwnedFd, Errno> {
    let count = u32::try_from(instructions.len()).map_err(|_| Errno::TOOBIG)?;
    let mut attributes = Load {
        program_type: CGROUP_DEVICE_TYPE,
        instruction_count: count,
        instructions: address(instructions),
        license: address(c"Apache".as_ptr()),
        name: *b"liftgate\0\0\0\0\0\0\0\0",
        ..Load::default()
    };
    if !log.is_empty() {
        attributes.log_level = 1;
        attributes.log_size = u32::try_from(log.len()).unwrap_or(u32::MAX);
        attributes.log_buffer = address_to_write(log);
    }
    // A signal that comes while the verifier is at work makes it give up.
    for _ in 0..4 {
        match bpf_descriptor(PROG_LOAD, &mut attributes) {
            Err(Errno::AGAIN) => {}
            answer => return answer,
        }
    }
    bpf_descriptor(PROG_LOAD, &mut attributes)
}

/// The last of the verifier's words that says what is wrong; what follows are statistics.
fn verifier_words(log: &[u8]) -> String {
    let text = log.split(|byte| *byte == 0).next().unwrap_or_default();
    text.split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty() && !line.starts_with(b"processed "))
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .unwrap_or_default()
}

/// Lets this process lock as much memory as it likes; whether that was news.
fn raise_locked_memory() -> bool {
    let everything = Rlimit {
        current: None,
        maximum: None,
    };
    rustix::process::getrlimit(Resource::Memlock) != everything
        && rustix::process::setrlimit(Resource::Memlock, everything).is_ok()
}

/// The device programs attached to a cgroup (its directory).
pub fn attached(cgroup: BorrowedFd<'_>) -> Result<Attached, SysError> {
    let mut ids = [0_u32; MOST_PROGRAMS];
    let mut attributes = Query {
        cgroup: number(cgroup),
        kind: CGROUP_DEVICE_ATTACH,
        ids: address_to_write(&mut ids),
        count: u32::try_from(ids.len()).unwrap_or(0),
        ..Query::default()
    };
    bpf(PROG_QUERY, &mut attributes)
        .map_err(|errno| SysError::new("bpf(BPF_PROG_QUERY, cgroup, BPF_CGROUP_DEVICE)", errno))?;
    let count = usize::try_from(attributes.count).unwrap_or(0);
    Ok(Attached {
        flags: attributes.attach_flags,
        ids: ids.into_iter().take(count).collect(),
    })
}

/// The program with this id.
pub fn by_id(id: u32) -> Result<OwnedFd, SysError> {
    let mut attributes = GetById {
        id,
        ..GetById::default()
    };
    bpf_descriptor(PROG_GET_FD_BY_ID, &mut attributes)
        .map_err(|errno| SysError::new(format!("bpf(BPF_PROG_GET_FD_BY_ID, {id})"), errno))
}

/// The instructions of a program as the kernel keeps them; `None` if it keeps them to itself.
///
/// They are not quite those that were loaded: addresses of functions and ids of maps stand in them where
/// the loader wrote numbers and descriptors.
pub fn instructions(program: BorrowedFd<'_>) -> Result<Option<Vec<Instruction>>, SysError> {
    let length = info(program, &mut [])?.translated_bytes as usize / size_of::<Instruction>();
    let mut instructions = vec![Instruction::default(); length];
    if length == 0 {
        return Ok(None);
    }
    let info = info(program, &mut instructions)?;
    // The address is taken back where nothing was written to it.
    Ok((info.translated != 0).then_some(instructions))
}

fn info(program: BorrowedFd<'_>, room: &mut [Instruction]) -> Result<Info, SysError> {
    let mut info = Info::default();
    if !room.is_empty() {
        info.translated = address_to_write(room);
        info.translated_bytes = u32::try_from(size_of_val(room)).unwrap_or(0);
    }
    let mut attributes = GetInfo {
        descriptor: number(program),
        info_bytes: INFO_BYTES,
        info: address_to_write(&mut info),
    };
    bpf(OBJ_GET_INFO_BY_FD, &mut attributes)
        .map_err(|errno| SysError::new("bpf(BPF_OBJ_GET_INFO_BY_FD, program)", errno))?;
    Ok(info)
}

/// Attaches a program to a cgroup, under the flags that the cgroup's programs have. With [`ALLOW_MULTI`] it
/// joins the others, or takes the place of `replaced` in one step (Linux 5.6, before that `EINVAL`); without,
/// it takes the place of the one there is.
pub fn attach(
    cgroup: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
    flags: u32,
    replaced: Option<BorrowedFd<'_>>,
) -> Result<(), SysError> {
    let mut attributes = Attach {
        cgroup: number(cgroup),
        program: number(program),
        kind: CGROUP_DEVICE_ATTACH,
        flags: flags | if replaced.is_some() { REPLACE } else { 0 },
        replaced_program: replaced.map_or(0, number),
    };
    bpf(PROG_ATTACH, &mut attributes)
        .map(drop)
        .map_err(|errno| {
            let flags = attributes.flags;
            SysError::new(
                format!("bpf(BPF_PROG_ATTACH, cgroup, BPF_CGROUP_DEVICE, flags {flags})"),
                errno,
            )
        })
}

/// Attaches a program for as long as the link that is returned is open. The link alone can exchange it: it
/// is listed like others, and cannot be replaced or taken off like them. Nothing of ours attaches in this way;
/// tests do, to see what others would.
pub fn attach_by_link(
    cgroup: BorrowedFd<'_>,
    program: BorrowedFd<'_>,
) -> Result<OwnedFd, SysError> {
    let mut attributes = LinkCreate {
        program: number(program),
        cgroup: number(cgroup),
        kind: CGROUP_DEVICE_ATTACH,
        flags: 0,
    };
    bpf_descriptor(LINK_CREATE, &mut attributes)
        .map_err(|errno| SysError::new("bpf(BPF_LINK_CREATE, cgroup, BPF_CGROUP_DEVICE)", errno))
}

/// Takes a program off a cgroup.
pub fn detach(cgroup: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<(), SysError> {
    let mut attributes = Attach {
        cgroup: number(cgroup),
        program: number(program),
        kind: CGROUP_DEVICE_ATTACH,
        ..Attach::default()
    };
    bpf(PROG_DETACH, &mut attributes)
        .map(drop)
        .map_err(|errno| SysError::new("bpf(BPF_PROG_DETACH, cgroup, BPF_CGROUP_DEVICE)", errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifier_is_quoted_without_its_statistics() {
        let log = b"0: (b7) r0 = 1\nlast insn is not an exit or jmp\nprocessed 0 insns (limit 1000000)\n\0\0old";
        assert_eq!(verifier_words(log), "last insn is not an exit or jmp");
        assert_eq!(verifier_words(b""), "");
        assert_eq!(verifier_words(b"\xff\n"), "\u{fffd}");
    }

    #[test]
    fn registers_are_where_the_kernel_looks() {
        let instruction = Instruction::new(0x61, 2, 1, 4, 0);
        assert_eq!((instruction.destination(), instruction.source()), (2, 1));
        assert_eq!(instruction.registers, 0x12);
    }

    /// What a newer kernel writes into each structure must lie within it.
    #[test]
    fn a_query_has_room_for_all_that_is_written() {
        assert_eq!(size_of::<Query>(), 64);
        assert_eq!(std::mem::offset_of!(Query, count), 24);
        assert_eq!(std::mem::offset_of!(Query, revision), 56);
        assert_eq!(size_of::<Load>(), 64);
        assert_eq!(size_of::<Info>(), INFO_BYTES as usize);
    }
}
