//! seccomp: the system calls that work on files takes, and no other.
//!
//! What is missing says more than what is there: nothing starts or becomes another process, mounts, enters or makes
//! a namespace, sends another a signal, opens a socket, changes an owner or a user, makes a node or a hard link, loads
//! anything into the kernel, or maps memory that can be executed. A call that is not in the list fails with `EPERM`,
//! so that a mistake of ours is an error with a sentence; one of a foreign architecture ends the process, because it
//! can only be somebody else's.

use super::Job;
use crate::error::{Errno, SysError};
use libc::c_long;

/// For reading, writing and renaming files by descriptor and name, and for the memory that this takes.
const CALLS: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fchmod,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_futex,
    libc::SYS_getdents64,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_mkdirat,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_symlinkat,
    libc::SYS_unlinkat,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Older spellings, that the C library of this architecture prefers.
#[cfg(target_arch = "x86_64")]
const OLD_CALLS: &[c_long] = &[libc::SYS_open, libc::SYS_readlink, libc::SYS_rename];
#[cfg(not(target_arch = "x86_64"))]
const OLD_CALLS: &[c_long] = &[];

#[cfg(target_arch = "x86_64")]
const MODES: &[c_long] = &[libc::SYS_fchmodat, libc::SYS_chmod];
#[cfg(not(target_arch = "x86_64"))]
const MODES: &[c_long] = &[libc::SYS_fchmodat];

/// Allowed without `PROT_EXEC`.
const MAPPING: [c_long; 2] = [libc::SYS_mmap, libc::SYS_mprotect];

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;

/// x32 calls come under the architecture of x86-64, with this bit in their number. So does -1, by which whoever traces
/// us has a call left out.
const X32: u32 = 0x4000_0000;

const NUMBER: u32 = 0;
const ARCH: u32 = 4;
/// The low halves of the first argument and of the third.
const PROCESS: u32 = 16;
const PROTECTION: u32 = 32;

const KILL: libc::sock_filter = give(libc::SECCOMP_RET_KILL_PROCESS);
const DENY: libc::sock_filter = give(libc::SECCOMP_RET_ERRNO | libc::EPERM as u32);
const ALLOW: libc::sock_filter = give(libc::SECCOMP_RET_ALLOW);

pub(super) fn restrict(job: Job) -> Result<(), SysError> {
    let mut program = program(job);
    let length = u16::try_from(program.len()).unwrap_or(u16::MAX);
    let filter = libc::sock_fprog {
        len: length,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: `filter` and the instructions that it points to live across the call, and its length is theirs. The
    // kernel checks the program.
    #[expect(unsafe_code, reason = "seccomp has no safe wrapper")]
    let answer = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0_u32,
            std::ptr::from_ref(&filter),
        )
    };
    if answer == 0 {
        return Ok(());
    }
    let errno = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL);
    Err(SysError::new("seccomp(SECCOMP_SET_MODE_FILTER)", errno))
}

fn program(job: Job) -> Vec<libc::sock_filter> {
    let mut program = vec![
        load(ARCH),
        jump_if_equal(ARCHITECTURE, 1, 0),
        KILL,
        load(NUMBER),
        jump_if_at_least(X32, 0, 1),
        DENY,
    ];
    let modes: &[c_long] = if job == Job::Modes { MODES } else { &[] };
    // Each call has its own way out: jumps reach 255 instructions.
    for call in [CALLS, OLD_CALLS, modes].concat() {
        program.extend([jump_if_equal(number(call), 0, 1), ALLOW]);
    }
    for call in MAPPING {
        program.extend([
            jump_if_equal(number(call), 0, 4),
            load(PROTECTION),
            jump_if_any_bit(libc::PROT_EXEC as u32, 0, 1),
            DENY,
            ALLOW,
        ]);
    }
    // A program that aborts sends itself a signal, and would go on trying.
    program.extend([
        jump_if_equal(number(libc::SYS_tgkill), 0, 4),
        load(PROCESS),
        jump_if_equal(std::process::id(), 0, 1),
        ALLOW,
        DENY,
    ]);
    program.push(DENY);
    program
}

/// Numbers of calls are small and positive.
fn number(call: c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

const fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    #[expect(clippy::cast_possible_truncation, reason = "codes are 16 bits wide")]
    let code = code as u16;
    libc::sock_filter { code, jt, jf, k }
}

const fn load(offset: u32) -> libc::sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
}

const fn jump_if_equal(value: u32, then: u8, otherwise: u8) -> libc::sock_filter {
    instruction(
        libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
        value,
        then,
        otherwise,
    )
}

const fn jump_if_at_least(value: u32, then: u8, otherwise: u8) -> libc::sock_filter {
    instruction(
        libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K,
        value,
        then,
        otherwise,
    )
}

const fn jump_if_any_bit(value: u32, then: u8, otherwise: u8) -> libc::sock_filter {
    instruction(
        libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K,
        value,
        then,
        otherwise,
    )
}

const fn give(answer: u32) -> libc::sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, answer, 0, 0)
}
