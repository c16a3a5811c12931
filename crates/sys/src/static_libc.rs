//! Functions of the C library that a static program of ours has itself, because of what theirs bring along.
//!
//! A linker takes a member of `libc.a` only for a name that nobody else has. What these names pull in is a fifth
//! of a megabyte that never runs, in a program that is read into memory at every container start:
//!
//! | name | who calls it | what the C library's brings |
//! |---|---|---|
//! | `__assert_fail` | the C library, when it finds itself broken | `printf` for wide characters, translated messages |
//! | `__dcgettext` | the C library, for the words of an error | catalogues of messages |
//! | `fprintf` | the statistics of `malloc`, which nobody asks for | streams of text |
//! | `pthread_getattr_np` | std, to tell a stack overflow from another fault | `sscanf` and every way to read a floating-point number |
//!
//! What is still there of `printf`, character sets and the loader of shared objects comes by `strerror_r`, whose
//! words are wanted.

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::io::Write as _;

/// Ends the program: a promise of the C library to itself was broken.
// SAFETY: the name and the signature are those of the C library, which calls it and never expects it to return;
// it does not.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the name is the C library's")]
extern "C" fn __assert_fail(
    _assertion: *const c_char,
    _file: *const c_char,
    _line: c_uint,
    _function: *const c_char,
) -> ! {
    std::io::stderr()
        .write_all(b"an assertion of the C library failed\n")
        .ok();
    std::process::abort()
}

/// Says that it does not know: std then takes a stack overflow for any other fault, which ends the program too.
// SAFETY: the name and the signature are those of the C library. The attributes are left as they were, which a
// caller may expect of a call that failed.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the name is the C library's")]
extern "C" fn pthread_getattr_np(_thread: libc::pthread_t, _attributes: *mut c_void) -> c_int {
    libc::ENOSYS
}

/// The message itself: this program speaks English.
// SAFETY: the name and the signature are those of the C library. What comes back lives as long as what was given,
// as with a catalogue that has no translation.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the name is the C library's")]
extern "C" fn __dcgettext(
    _domain: *const c_char,
    message: *const c_char,
    _category: c_int,
) -> *const c_char {
    message
}

/// Says that it has failed: nobody calls what calls it.
// SAFETY: the name is the C library's. Its further arguments are in registers or on the caller's stack, which the
// caller cleans, on every machine that we build for: who does not look at them does no harm.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "the name is the C library's")]
extern "C" fn fprintf(_stream: *mut c_void, _format: *const c_char) -> c_int {
    -1
}
