//! What liftgate knows about ELF files and about glibc's `ld.so.cache`.
//!
//! Six subjects, all pure: nothing here opens a path.
//!
//! - [`facts`] reads class, machine, SONAME, NEEDED and interpreter of a library or program through a
//!   `Read + Seek` the caller opened, a few kilobytes at a time.
//! - [`versions`] are those of glibc that a library needs, or has; [`facts`] reads them on its way.
//! - [`note`] reads the content of a note, found by the name of its section, in the same way.
//! - [`fatbin`] finds the CUDA code of a file, and [`stream`] its facts, while the file passes by once: the files of an
//!   image.
//! - [`ldcache`] parses, merges and writes `/etc/ld.so.cache`, so that a container finds the injected driver
//!   libraries without running the `ldconfig` of an untrusted image.

#![forbid(unsafe_code)]

pub mod facts;
pub mod fatbin;
pub mod ldcache;
pub mod note;
pub mod stream;
pub mod versions;
